/* SPDX-License-Identifier: ISC */
#ifndef PROBE_HTTP_SERVER_H
#define PROBE_HTTP_SERVER_H

#include "model/service_info.h"
#include "probe/http_msg.h"

/*
 * What a Server (or User-Agent) header says: product, version, what else it
 * names, its system, CPE. "Apache/2.4.57 (Debian) PHP/8.2.7", "Icecast 2.4.4",
 * "kamailio (5.6.3 (x86_64/linux))", "Linux/5.4 UPnP/1.0 MiniUPnPd/2.2".
 */
void http_server(struct service_info *, struct span value);
/* Whether it stands in front of others, so that an application behind it is
 * another product. */
bool http_server_fronts(const char *product);
/* The CPE of a known product with the info's version. */
void http_server_cpe(struct service_info *, const char *vendor_product);

#endif

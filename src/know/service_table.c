/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "know/service.h"

const struct service services[] = {
	{ .name = "ssh",
	    .port = 22,
	    .port_hi = 22,
	    .proto = 6,
	    .flags = SERVICE_ENCRYPTED,
	    .what = "remote shell, file copy and tunnels",
	    .source = "RFC 4253" },
	{ .name = NULL },
};

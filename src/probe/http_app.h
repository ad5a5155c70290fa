/* SPDX-License-Identifier: ISC */
#ifndef PROBE_HTTP_APP_H
#define PROBE_HTTP_APP_H

#include <stdbool.h>

#include "model/service_info.h"
#include "probe/http_msg.h"

/* What an answer of HTTP is of: a table of marks, and of where each product
 * tells its version to anybody. */
struct http_answer {
	const struct http_msg *msg;
	struct span body; /* without chunks */
	struct span title;
	const char *asked; /* path */
};

/* What the answer shows is put into info. */
void http_app(struct service_info *, const struct http_answer *);
/* Where to ask next; NULL: nowhere. *next is the place in the list, 0 at
 * first. */
const char *http_app_next(
    const struct service_info *, const struct http_answer *, unsigned *next);
/* Pages that a product comes with, and lists of files. */
void http_app_pages(struct service_info *, const struct http_answer *);

#endif

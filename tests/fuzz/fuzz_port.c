/* SPDX-License-Identifier: ISC */
/*
 * "[ADDR:]PORT[/PROTO]" as typed: no input harms; what is taken is a port, and
 * its text is taken again as the same.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "model/conflict.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
again(const struct conflict_query *q)
{
	struct conflict_query two;
	struct buf b = { 0 };
	char *cause = NULL;

	if (q->port == 0 || (q->proto != SOCK_TCP && q->proto != SOCK_UDP))
		abort();
	conflict_query_text(q, &b);
	if (!text_is_clean(b.data, b.len))
		abort();
	/* An interface's name may be any bytes: shown, it is another text. */
	if (text_is_clean(q->iface, strlen(q->iface)) &&
	    strpbrk(q->iface, ":/%]") == NULL &&
	    (conflict_query_parse(b.data, 0, NULL, &two, &cause) != 0 ||
		memcmp(q, &two, sizeof(two)) != 0))
		abort();
	free(cause);
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size), *cause = NULL;
	struct conflict_query q;

	if (conflict_query_parse(text, 0, NULL, &q, &cause) == 0)
		again(&q);
	else if (cause == NULL || !text_is_clean(cause, strlen(cause)))
		abort();
	free(cause);
	free(text);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * Lines of list --expect, held against a small machine: every socket and
 * every line comes out once at most, and all text is clean.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/expect.h"
#include "../unit/fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check(struct expect *x, struct fixture *fx)
{
	struct row *row[FIXTURE_ROWS];
	struct view v = { .ctx = fx->ctx, .row = row, .n = FIXTURE_ROWS };
	struct expect_result r;
	struct compare_side now;
	struct buf b = { 0 };
	unsigned bit;
	size_t i;

	fx->ctx.table = table_new();
	v.ctx.table = fx->ctx.table;
	for (i = 0; i < FIXTURE_ROWS; i++)
		row[i] = &fx->row[i];
	compare_side_init(&now, &v);
	expect_run(x, &now, &r);
	if (r.n > now.n + x->n)
		abort();
	for (i = 0; i < r.n; i++) {
		if ((r.line[i].kind == EXPECT_CHANGED) !=
		    (r.line[i].fields != 0))
			abort();
		for (bit = 0; r.line[i].entry != NULL && bit < 8; bit++)
			if ((r.line[i].fields & 1U << bit) != 0)
				expect_field_put(bit, r.line[i].entry, &b);
	}
	buf_done(&b);
	expect_result_done(&r);
	compare_side_done(&now);
	table_free(fx->ctx.table);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fixture fx;
	struct expect x;
	char *copy = malloc(size + 1), *cause = NULL;
	size_t i;

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	if (expect_parse(&x, copy, size, &cause) == 0) {
		fixture_init(&fx);
		check(&x, &fx);
		fixture_done(&fx);
	} else if (!text_is_clean(cause, strlen(cause)))
		abort();
	for (i = 0; i < x.n; i++)
		if (!text_is_clean(x.entry[i].text, strlen(x.entry[i].text)) ||
		    strchr(x.entry[i].text, '\n') != NULL)
			abort();
	free(cause);
	expect_done(&x);
	free(copy);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * The filter language: no input harms; what parses is found again from its
 * text, finds the same rows, and nothing in a state it calls impossible.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/fixture.h"
#include "base/buf.h"
#include "model/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct fixture *fx;

static uint32_t
rows_of(const struct filter *f)
{
	uint32_t possible = filter_states_possible(f), ret = 0;
	int i;

	for (i = 0; i < FIXTURE_ROWS; i++) {
		if (!filter_eval(f, &fx->row[i], &fx->ctx))
			continue;
		ret |= UINT32_C(1) << i;
		if ((possible & SOCK_STATE_BIT(fx->row[i].rec.state)) == 0)
			abort();
	}
	return ret;
}

static struct filter *
again(const char *text)
{
	struct filter *f = NULL;
	struct filter_error err;

	if (strlen(text) > FILTER_MAX)
		return NULL;
	if (filter_parse(text, &f, &err) != 0) {
		/* Parentheses were added at the very limit. */
		if (strstr(err.message, "nested") == NULL)
			abort();
		filter_error_done(&err);
	}
	return f;
}

static void
round_trip(const struct filter *f)
{
	struct buf one = { 0 }, two = { 0 };
	struct filter *g, *c = filter_clone(f);
	uint32_t rows = rows_of(f);

	filter_to_text(f, &one);
	g = again(one.data);
	if (rows_of(c) != rows)
		abort();
	if (g != NULL) {
		filter_to_text(g, &two);
		if (rows_of(g) != rows || strcmp(one.data, two.data) != 0 ||
		    filter_needs(g) != filter_needs(f) ||
		    filter_volatile(g) != filter_volatile(f))
			abort();
	}
	filter_free(c);
	filter_free(g);
	buf_done(&one);
	buf_done(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct filter_error err;
	struct filter *f = NULL;
	char *text;

	if (fx == NULL) {
		fx = xcalloc(1, sizeof(*fx));
		fixture_init(fx);
	}
	if (size > FILTER_MAX + 16)
		return 0;
	text = xstrndup((const char *)data, size);
	if (filter_parse(text, &f, &err) == 0) {
		if (f != NULL)
			round_trip(f);
		filter_free(f);
	} else {
		if (err.message == NULL || strchr(err.message, '\n') != NULL ||
		    err.offset + err.len > strlen(text))
			abort();
		filter_error_done(&err);
	}
	free(text);
	return 0;
}

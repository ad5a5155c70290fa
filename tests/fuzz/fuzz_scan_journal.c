/* SPDX-License-Identifier: ISC */
/*
 * A journal that anybody may have written: no input harms; what is left can be
 * asked for, and is the same however the bytes were cut.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "model/scan_journal.h"
#include "model/scan_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static struct scan_journal *
read_by(const uint8_t *data, size_t size, size_t step, int *r)
{
	struct scan_journal *j = scan_journal_new("file");
	char *cause = NULL;
	size_t at, n;

	*r = 0;
	for (at = 0; at < size && *r == 0; at += n) {
		n = size - at < step ? size - at : step;
		*r = scan_journal_feed(
		    j, (const char *)data + at, n, NULL, NULL, &cause);
	}
	if (*r != 0)
		must(cause != NULL && text_is_clean(cause, strlen(cause)));
	free(cause);
	return j;
}

/* The request for what is left; its text in *b. */
static void
ask(const struct scan_journal *j, struct buf *b)
{
	struct scan_spec spec;
	char *cause = NULL;

	if (scan_journal_spec(j, &spec, &cause) != 0) {
		must(cause != NULL);
		free(cause);
		return;
	}
	must(spec.parent == 0 && !spec.no_sandbox);
	scan_request_put(b, &spec);
	scan_spec_done(&spec);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scan_journal *one, *two;
	struct buf a = { 0 }, b = { 0 };
	int ra, rb;

	one = read_by(data, size, size, &ra);
	two = read_by(data, size, 1 + size / 7, &rb);
	must(ra == rb);
	must(scan_journal_whole(one) == scan_journal_whole(two));
	must(scan_journal_whole(one) <= size);
	ask(one, &a);
	ask(two, &b);
	must(a.len == b.len &&
	     (a.len == 0 || memcmp(a.data, b.data, a.len) == 0));
	must(text_is_clean(
	    scan_journal_command(one), strlen(scan_journal_command(one))));
	buf_done(&a);
	buf_done(&b);
	scan_journal_free(one);
	scan_journal_free(two);
	return 0;
}

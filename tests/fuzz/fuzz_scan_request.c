/* SPDX-License-Identifier: ISC */
/* What a worker is asked: several lines, as they come through its pipe. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/scan_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What was taken can be asked for again. */
static void
check(const struct scan_spec *s)
{
	struct buf b = { 0 };

	if ((s->family != 0 && s->family != 4 && s->family != 6) ||
	    s->timing > 5 || s->max_retries < -1 || s->seed > SCAN_NUMBER_MAX ||
	    (s->nshards > 0 && s->shard >= s->nshards))
		abort();
	scan_request_put(&b, s);
	if (b.len == 0 || b.data[b.len - 1] != '\n')
		abort();
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data, *end = line + size, *nl;
	struct scan_spec s;
	enum scan_op op;
	char *cause = NULL;
	bool whole;

	scan_spec_init(&s);
	while (line < end) {
		nl = memchr(line, '\n', (size_t)(end - line));
		if (nl == NULL)
			nl = end;
		if (scan_request_parse(line, (size_t)(nl - line), &s, &op,
			&whole, &cause) != 0) {
			free(cause);
			break;
		}
		check(&s);
		line = nl + 1;
	}
	scan_spec_done(&s);
	return 0;
}

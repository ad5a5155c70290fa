/* SPDX-License-Identifier: ISC */
/*
 * Frames from the lab's wire. What is said of one fits into it, and its line
 * is plain ASCII where that is asked for.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "lab/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lab_segment s = { .from = LAB_SERVER };
	struct buf line = { 0 };
	size_t i;

	segment_parse(&s, data, size);
	if (s.kind > LAB_OTHER || s.from != LAB_SERVER || s.fate != LAB_PASSED)
		abort();
	if (s.kind == LAB_OTHER)
		return 0;
	if (s.len > size || (s.family != 4 && s.family != 6) ||
	    (s.scale > 14 && s.scale != LAB_NO_SCALE))
		abort();
	lab_segment_put(&line, &s, size % 2 == 0, true);
	for (i = 0; i < line.len; i++)
		if (line.data[i] < ' ' || line.data[i] > '~')
			abort();
	buf_done(&line);
	return 0;
}

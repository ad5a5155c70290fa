/* SPDX-License-Identifier: ISC */
/* What says that it is nmap's XML: whatever it is, events are in range and
 * clean, can be written and read back, and are the same however it is cut. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "model/nmap_xml.h"
#include "model/scan_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
on_event(void *arg, const struct scan_event *e)
{
	struct scan_event *back = malloc(sizeof(*back));
	struct buf *all = arg, line = { 0 };
	char *cause = NULL;

	scan_event_put(&line, e);
	if (back == NULL || line.len > SCAN_LINE_MAX ||
	    scan_event_parse(line.data, line.len - 1, back, &cause) != 0 ||
	    back->type != e->type)
		abort();
	buf_put(all, line.data, line.len);
	buf_done(&line);
	free(back);
}

static void
run(struct buf *all, const uint8_t *data, size_t size, size_t piece)
{
	static const struct nmap_xml_asked asked = {
		.hosts = 1, .services = true, .tell = SCAN_TELL_ALL
	};
	struct nmap_xml *x = nmap_xml_new(&asked, on_event, all);
	char *cause = NULL;
	size_t k;
	int r = 0;

	for (; r == 0 && size > 0; data += k, size -= k) {
		k = size < piece ? size : piece;
		r = nmap_xml_feed(x, data, k, &cause);
	}
	if ((r != 0) != (cause != NULL))
		abort();
	(void)nmap_xml_end(x, true);
	free(cause);
	nmap_xml_free(x);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = { 0 }, pieces = { 0 };

	run(&whole, data, size, size + 1);
	run(&pieces, data, size, size == 0 ? 1 : 1U + data[0]);
	if (whole.len != pieces.len ||
	    (whole.len > 0 && memcmp(whole.data, pieces.data, whole.len) != 0))
		abort();
	buf_done(&whole);
	buf_done(&pieces);
	return 0;
}

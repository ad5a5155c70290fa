/* SPDX-License-Identifier: ISC */
/*
 * -p as typed, and a file of frequencies behind a NUL: no input harms; what is
 * taken is written, read again and the same, and each port is listed once.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "know/top_port.h"
#include "model/scan_ports.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
check(const struct scan_ports *ports)
{
	static struct scan_ports again, listed;
	struct scan_port *list;
	uint32_t n, common, i;
	struct buf b = { 0 };
	char *cause;

	scan_ports_put(ports, &b);
	memset(&again, 0, sizeof(again));
	memset(&listed, 0, sizeof(listed));
	must(b.len > 0 &&
	     scan_ports_parse(&again, b.data, SCAN_PROTO_TCP, &cause) == 0 &&
	     memcmp(ports, &again, sizeof(again)) == 0);
	buf_done(&b);
	list = scan_ports_list(ports, &n, &common);
	must(n == scan_ports_count(ports) && common <= n);
	for (i = 0; i < n; i++) {
		must(portset_add(
		    list[i].proto == SOCK_TCP ? &listed.tcp : &listed.udp,
		    list[i].port));
		must((top_port_rank(list[i].proto, list[i].port) !=
			 UINT32_MAX) == (i < common));
	}
	must(memcmp(ports, &listed, sizeof(listed)) == 0);
	free(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scan_ports ports;
	char *text = xstrndup((const char *)data, size), *cause = NULL;
	size_t len = strlen(text);

	if (len + 1 < size)
		top_port_load((const char *)data + len + 1, size - len - 1);
	memset(&ports, 0, sizeof(ports));
	if (scan_ports_parse(&ports, text, 1 + (unsigned)(size % 3), &cause) ==
	    0) {
		check(&ports);
	} else {
		must(cause != NULL && text_is_clean(cause, strlen(cause)));
		must(scan_ports_count(&ports) == 0);
		free(cause);
	}
	free(text);
	return 0;
}

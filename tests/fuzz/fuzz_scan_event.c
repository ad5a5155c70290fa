/* SPDX-License-Identifier: ISC */
/* Lines of a worker that is not to be believed: what is taken is in range,
 * clean, and comes back when it is written. */
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "know/state.h"
#include "model/scan_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_clean(const char *s)
{
	if (!text_is_clean(s, strlen(s)))
		abort();
}

static void
check(const struct scan_event *e)
{
	switch (e->type) {
	case SCAN_EV_PORT:
		check_clean(e->port.service);
		if ((e->port.proto != SOCK_TCP && e->port.proto != SOCK_UDP) ||
		    scan_state_name(e->port.state) == NULL ||
		    scan_reason_name(e->port.reason) == NULL)
			abort();
		break;
	case SCAN_EV_TARGET:
		check_clean(e->target.name);
		check_clean(e->target.error);
		break;
	case SCAN_EV_NOTE:
		check_clean(e->note.text);
		break;
	case SCAN_EV_FACT:
		check_clean(e->fact.name);
		check_clean(e->fact.value);
		break;
	case SCAN_EV_SERVICE:
		check_clean(e->service.info.name);
		check_clean(e->service.info.extra);
		check_clean(e->service.info.evidence);
		if (e->service.info.conf > 10 ||
		    e->service.info.method > SERVICE_BY_NMAP)
			abort();
		break;
	case SCAN_EV_OS:
		check_clean(e->os.name);
		check_clean(e->os.other[2]);
		check_clean(e->os.seen);
		if (e->os.conf > 100 || e->os.basis > OS_BY_NMAP ||
		    e->os.distance < -1)
			abort();
		break;
	case SCAN_EV_NTYPES:
		abort();
	default:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scan_event e, back;
	struct buf b = { 0 };
	char *cause = NULL;
	int r;

	r = scan_event_parse((const char *)data, size, &e, &cause);
	if (r != 0) {
		if ((cause == NULL) != (r == -ENOMSG))
			abort();
		free(cause);
		return 0;
	}
	check(&e);
	scan_event_put(&b, &e);
	if (b.len > SCAN_LINE_MAX ||
	    scan_event_parse(b.data, b.len - 1, &back, &cause) != 0 ||
	    back.type != e.type || back.seq != e.seq)
		abort();
	buf_done(&b);
	return 0;
}

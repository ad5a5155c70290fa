/* SPDX-License-Identifier: ISC */
/* The plan of a knock: its ports as they are typed. Sends nothing. */
#include "config.h"

#include "model/knock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/state.h"

#define PORT_TEXT_MAX 8

const char *
knock_seen_name(enum knock_seen seen)
{
	static const char *const names[] = { [KNOCK_UNKNOWN] = "-",
		[KNOCK_OPEN] = "open",
		[KNOCK_CLOSED] = "closed",
		[KNOCK_FILTERED] = "filtered" };

	return (size_t)seen < nitems(names) ? names[seen] : "-";
}

void
knock_done(struct knock *k)
{
	free(k->host);
	free(k->addr);
	free(k->port);
	memset(k, 0, sizeof(*k));
}

static bool
parse(const char *s, uint8_t *proto, uint64_t *port)
{
	size_t len = strcspn(s, "/:");
	char digits[PORT_TEXT_MAX];

	if (len >= sizeof(digits))
		return false;
	memcpy(digits, s, len);
	digits[len] = '\0';
	if (s[len] != '\0') {
		if (strcmp(s + len + 1, "udp") == 0)
			*proto = SOCK_UDP;
		else if (strcmp(s + len + 1, "tcp") == 0)
			*proto = SOCK_TCP;
		else
			return false;
	}
	return num_u64(digits, 1, UINT16_MAX, port);
}

int
knock_port_parse(
    const char *s, uint8_t proto, struct knock_port *ret, char **cause)
{
	uint64_t port;
	char *clean;

	if (!parse(s, &proto, &port)) {
		clean = text_clean(s, strlen(s));
		xasprintf(cause,
		    "%s: not a port to knock at; expected 1 to 65535, or as "
		    "in 7000/udp",
		    clean);
		free(clean);
		return -EINVAL;
	}
	*ret = (struct knock_port){ .port = (uint16_t)port, .proto = proto };
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* Words of a scan: states, reasons, addresses; what is asked for. */
#include "config.h"

#include "model/scan.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"

static const char *const states[SCAN_NSTATES] = {
	[SCAN_OPEN] = "open",
	[SCAN_CLOSED] = "closed",
	[SCAN_FILTERED] = "filtered",
	[SCAN_UNFILTERED] = "unfiltered",
	[SCAN_OPEN_FILTERED] = "open|filtered",
	[SCAN_CLOSED_FILTERED] = "closed|filtered",
};

static const char *const reasons[REASON_NREASONS] = {
	[REASON_NONE] = "none",
	[REASON_SYN_ACK] = "syn-ack",
	[REASON_RESET] = "reset",
	[REASON_CONN_REFUSED] = "conn-refused",
	[REASON_NO_RESPONSE] = "no-response",
	[REASON_UDP_RESPONSE] = "udp-response",
	[REASON_ECHO_REPLY] = "echo-reply",
	[REASON_ARP_RESPONSE] = "arp-response",
	[REASON_ND_RESPONSE] = "nd-response",
	[REASON_LOCALHOST] = "localhost-response",
	[REASON_USER_SET] = "user-set",
	[REASON_NET_UNREACH] = "net-unreach",
	[REASON_HOST_UNREACH] = "host-unreach",
	[REASON_PROTO_UNREACH] = "proto-unreach",
	[REASON_PORT_UNREACH] = "port-unreach",
	[REASON_ADMIN_PROHIBITED] = "admin-prohibited",
	[REASON_HOST_PROHIBITED] = "host-prohibited",
	[REASON_NET_PROHIBITED] = "net-prohibited",
	[REASON_TIME_EXCEEDED] = "time-exceeded",
	[REASON_PARAM_PROBLEM] = "param-problem",
	[REASON_HOST_TIMEOUT] = "host-timeout",
};

static bool
word_find(const char *const *words, unsigned n, const char *s, unsigned *ret)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (strcmp(words[i], s) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

const char *
scan_state_name(enum scan_state s)
{
	return (unsigned)s < SCAN_NSTATES ? states[s] : NULL;
}

bool
scan_state_find(const char *s, enum scan_state *ret)
{
	unsigned i;

	if (!word_find(states, SCAN_NSTATES, s, &i))
		return false;
	*ret = (enum scan_state)i;
	return true;
}

const char *
scan_reason_name(enum scan_reason r)
{
	return (unsigned)r < REASON_NREASONS ? reasons[r] : NULL;
}

bool
scan_reason_find(const char *s, enum scan_reason *ret)
{
	unsigned i;

	if (!word_find(reasons, REASON_NREASONS, s, &i))
		return false;
	*ret = (enum scan_reason)i;
	return true;
}

const char *
scan_how_name(enum scan_how how)
{
	switch (how) {
	case SCAN_CONNECT:
		return "connect";
	case SCAN_SYN:
		return "syn";
	case SCAN_UDP:
		return "udp";
	case SCAN_PING:
		return "ping";
	case SCAN_LIST:
		return "list";
	case SCAN_PROBE:
		return "probe";
	case SCAN_OS:
		return "os";
	case SCAN_NMAP:
		return "nmap";
	}
	return NULL;
}

/* -- addresses ------------------------------------------------------------ */

bool
scan_addr_eq(const struct scan_addr *a, const struct scan_addr *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

bool
scan_addr_is_link_local(const struct scan_addr *a)
{
	return a->family == 6 && a->addr[0] == 0xfe &&
	       (a->addr[1] & 0xc0) == 0x80;
}

uint64_t
scan_hash_seed(void)
{
	return (uint64_t)arc4random() << 32 | arc4random();
}

uint64_t
scan_addr_hash(const struct scan_addr *a, uint64_t seed)
{
	return hash_bytes(a->addr, sizeof(a->addr),
	    seed ^ ((uint64_t)a->family << 32 | a->scope));
}

char *
scan_addr_text(char *text, const struct scan_addr *a)
{
	char *p = text;

	if (a->family == 4)
		p = text_ipv4(p, a->addr);
	else if (a->family == 6)
		p = text_ipv6(p, a->addr);
	if (a->family == 6 && a->scope != 0) {
		*p++ = '%';
		p = text_u64(p, a->scope);
	}
	*p = '\0';
	return text;
}

bool
scan_addr_parse(struct scan_addr *ret, const char *s)
{
	struct scan_addr a = { .family = 4 };
	char host[SCAN_ADDR_TEXT];
	uint64_t scope;
	size_t n;

	if (inet_pton(AF_INET, s, a.addr) == 1) {
		*ret = a;
		return true;
	}
	n = strcspn(s, "%");
	if (n >= sizeof(host))
		return false;
	memcpy(host, s, n);
	host[n] = '\0';
	a.family = 6;
	if (inet_pton(AF_INET6, host, a.addr) != 1)
		return false;
	if (s[n] == '%') {
		if (!num_u64(s + n + 1, 1, UINT32_MAX, &scope))
			return false;
		a.scope = (uint32_t)scope;
	}
	*ret = a;
	return true;
}

/* -- what is asked for ---------------------------------------------------- */

void
scan_spec_init(struct scan_spec *s)
{
	*s = (struct scan_spec){
		.timing = 3, .max_retries = -1, .intensity = -1
	};
}

void
scan_spec_done(struct scan_spec *s)
{
	size_t i;

	buf_done(&s->targets);
	buf_done(&s->exclude);
	buf_done(&s->ports);
	buf_done(&s->scripts);
	buf_done(&s->script_args);
	for (i = 0; i < s->ndone; i++)
		free(s->done[i].ports);
	free(s->done);
	scan_spec_init(s);
}

void
scan_spec_copy(struct scan_spec *to, const struct scan_spec *from)
{
	size_t i;

	*to = *from;
	buf_init(&to->targets);
	buf_init(&to->exclude);
	buf_init(&to->ports);
	buf_init(&to->scripts);
	buf_init(&to->script_args);
	buf_put(&to->targets, from->targets.data, from->targets.len);
	buf_put(&to->exclude, from->exclude.data, from->exclude.len);
	buf_put(&to->ports, from->ports.data, from->ports.len);
	buf_put(&to->scripts, from->scripts.data, from->scripts.len);
	buf_put(
	    &to->script_args, from->script_args.data, from->script_args.len);
	to->done = NULL;
	to->ndone = to->cap_done = 0;
	for (i = 0; i < from->ndone; i++)
		scan_spec_add_done(to, from->done[i].pos, from->done[i].ports);
}

void
scan_spec_add_done(struct scan_spec *s, uint64_t pos, const char *ports)
{
	s->done =
	    array_grow(s->done, &s->cap_done, s->ndone + 1, sizeof(*s->done));
	s->done[s->ndone++] = (struct scan_done){ .pos = pos,
		.ports = ports == NULL ? NULL : xstrdup(ports) };
}

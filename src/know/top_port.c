/* SPDX-License-Identifier: ISC */
/*
 * Which ports are met open most often. Our own lists: compiled from what
 * IANA's registry assigns, what vendors' products listen on as they are
 * installed, and what administrators are wont to run where. An order is a
 * judgement; who has measured frequencies may hand over a file of them.
 */
#include "config.h"

#include "know/top_port.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/num.h"
#include "base/xmalloc.h"
#include "know/state.h"

#define FILE_MAX_BYTES (4 * 1024 * 1024)
#define LINE_MAX_BYTES 512
#define LIST_MIN       100 /* of a file: fewer are no list of common ports */

/* clang-format off */
static const uint16_t tcp[] = {
#include "know/top_port_tcp.inc"
};
static const uint16_t udp[] = {
#include "know/top_port_udp.inc"
};
/* clang-format on */

/* Both are written once, before any thread but the first runs. */
static struct {
	const uint16_t *port;
	uint32_t n;
	uint16_t *loaded;
	uint16_t rank[65536]; /* + 1; 0: none */
} lists[2] = {
	{ .port = tcp, .n = nitems(tcp) },
	{ .port = udp, .n = nitems(udp) },
};
static pthread_once_t rank_once = PTHREAD_ONCE_INIT;

static void
rank_list(size_t which)
{
	uint32_t i;

	memset(lists[which].rank, 0, sizeof(lists[which].rank));
	for (i = 0; i < lists[which].n; i++)
		lists[which].rank[lists[which].port[i]] = (uint16_t)(i + 1);
}

static void
rank_both(void)
{
	rank_list(0);
	rank_list(1);
}

static size_t
list_of(unsigned proto)
{
	return proto == SOCK_UDP;
}

uint16_t
top_port(unsigned proto, uint32_t n)
{
	return n < top_ports(proto) ? lists[list_of(proto)].port[n] : 0;
}

uint32_t
top_ports(unsigned proto)
{
	return lists[list_of(proto)].n;
}

uint32_t
top_port_rank(unsigned proto, uint16_t port)
{
	uint16_t rank;

	pthread_once(&rank_once, rank_both);
	rank = lists[list_of(proto)].rank[port];
	return rank > 0 ? rank - 1u : UINT32_MAX;
}

/* -- a file ---------------------------------------------------------------- */

struct found {
	double often;
	uint16_t port;
};
struct load {
	struct found *v[2];
	size_t n[2], cap[2];
};

static char *
next_word(char **p)
{
	char *word = *p + strspn(*p, " \t\r"), *end;

	end = word + strcspn(word, " \t\r");
	*p = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return word;
}

/* "http 80/tcp 0.48"; anything else is passed over. */
static void
load_line(struct load *l, char *line)
{
	char *number, *proto;
	struct found f;
	uint64_t port;
	size_t which;

	line[strcspn(line, "#")] = '\0';
	(void)next_word(&line);
	number = next_word(&line);
	if ((proto = strchr(number, '/')) == NULL)
		return;
	*proto++ = '\0';
	which = strcmp(proto, "udp") == 0;
	if ((which == 0 && strcmp(proto, "tcp") != 0) ||
	    !num_u64(number, 1, UINT16_MAX, &port) ||
	    !num_double(next_word(&line), 0, 1, &f.often) || f.often <= 0)
		return;
	f.port = (uint16_t)port;
	l->v[which] =
	    array_grow(l->v[which], &l->cap[which], l->n[which] + 1, sizeof(f));
	l->v[which][l->n[which]++] = f;
}

static int
cmp_found(const void *va, const void *vb)
{
	const struct found *a = va, *b = vb;

	if (a->often != b->often)
		return a->often < b->often ? 1 : -1;
	return (a->port > b->port) - (a->port < b->port);
}

/* Each port once, where it is most frequent. */
static void
use_found(size_t which, struct found *v, size_t n)
{
	uint16_t *list = xcalloc(n + 1, sizeof(*list));
	bool *seen = xcalloc(65536, sizeof(*seen));
	uint32_t count = 0;
	size_t i;

	qsort(v, n, sizeof(*v), cmp_found);
	for (i = 0; i < n; i++) {
		if (seen[v[i].port])
			continue;
		seen[v[i].port] = true;
		list[count++] = v[i].port;
	}
	free(seen);
	if (count < LIST_MIN) {
		free(list);
		return;
	}
	free(lists[which].loaded);
	lists[which].loaded = list;
	lists[which].port = list;
	lists[which].n = count;
	rank_list(which);
}

void
top_port_load(const char *text, size_t len)
{
	const char *p = text, *end, *stop;
	char line[LINE_MAX_BYTES + 1];
	struct load l = { 0 };
	size_t i;

	pthread_once(&rank_once, rank_both);
	stop = text + (len < FILE_MAX_BYTES ? len : FILE_MAX_BYTES);
	for (; p < stop; p = end + 1) {
		end = memchr(p, '\n', (size_t)(stop - p));
		if (end == NULL)
			end = stop;
		if (end - p > LINE_MAX_BYTES)
			continue;
		memcpy(line, p, (size_t)(end - p));
		line[end - p] = '\0';
		load_line(&l, line);
	}
	for (i = 0; i < nitems(lists); i++) {
		if (l.n[i] > 0)
			use_found(i, l.v[i], l.n[i]);
		free(l.v[i]);
	}
}

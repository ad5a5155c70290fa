/* SPDX-License-Identifier: ISC */
/* Counts of rows, as ss -s words them. */
#include "config.h"

#include "model/summary.h"

#include <stdbool.h>
#include <string.h>

#include "base/json.h"

static void
count(struct summary_count *c, unsigned family)
{
	if (family == 4)
		c->v4++;
	else
		c->v6++;
}

static void
add_tcp(struct summary *s, const struct sock_rec *rec)
{
	bool closed = false;

	s->tcp++;
	switch ((enum sock_state)rec->state) {
	case SOCK_ESTABLISHED:
	case SOCK_CLOSE_WAIT:
		s->tcp_estab++;
		break;
	case SOCK_TIME_WAIT:
		s->tcp_timewait++;
		closed = true;
		break;
	case SOCK_CLOSED:
	case SOCK_BOUND:
		closed = true;
		break;
	case SOCK_FIN_WAIT_1:
	case SOCK_FIN_WAIT_2:
	case SOCK_CLOSING:
	case SOCK_LAST_ACK:
		if ((rec->known & KNOWN_INODE) != 0 && rec->inode == 0)
			s->tcp_orphaned++;
		break;
	case SOCK_LISTEN:
		s->listeners++;
		break;
	default:
		break;
	}
	if (closed)
		s->tcp_closed++;
	else
		count(&s->tcp_transport, rec->family);
}

void
summary_of(struct summary *s, struct row *const *row, size_t n)
{
	const struct row *r;
	size_t i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < n; i++) {
		r = row[i];
		if ((r->flags & ROW_GONE) != 0)
			continue;
		s->total++;
		s->by_state[r->rec.state]++;
		if (r->rec.inode != 0 && r->owners.proc == NULL)
			s->no_owner++;
		if (r->rec.proto == SOCK_TCP) {
			add_tcp(s, &r->rec);
			continue;
		}
		count(&s->udp_transport, r->rec.family);
		if (r->rec.state == SOCK_UNCONNECTED)
			s->listeners++;
	}
}

static void
json_count(struct json *j, const char *key, const struct summary_count *c)
{
	jw_key(j, key);
	jw_object(j);
	jw_ku64(j, "total", (uint64_t)c->v4 + c->v6);
	jw_ku64(j, "ipv4", c->v4);
	jw_ku64(j, "ipv6", c->v6);
	jw_object_end(j);
}

void
summary_json(struct json *j, const struct summary *s)
{
	int i;

	jw_key(j, "summary");
	jw_object(j);
	jw_ku64(j, "total", s->total);
	jw_key(j, "tcp");
	jw_object(j);
	jw_ku64(j, "total", s->tcp);
	jw_ku64(j, "estab", s->tcp_estab);
	jw_ku64(j, "closed", s->tcp_closed);
	jw_ku64(j, "orphaned", s->tcp_orphaned);
	jw_ku64(j, "timewait", s->tcp_timewait);
	jw_object_end(j);
	jw_key(j, "transport");
	jw_object(j);
	json_count(j, "udp", &s->udp_transport);
	json_count(j, "tcp", &s->tcp_transport);
	jw_object_end(j);
	jw_key(j, "states");
	jw_object(j);
	for (i = 1; i < SOCK_NSTATES; i++)
		if (s->by_state[i] > 0)
			jw_ku64(j, sock_state_name(i), s->by_state[i]);
	jw_object_end(j);
	jw_object_end(j);
}

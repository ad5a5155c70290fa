/* SPDX-License-Identifier: ISC */
/*
 * --from FILE: readings out of a file, one after the other; the last one
 * stays. What the file is and how it is parsed: replay_*.c.
 */
#include "config.h"

#include "collect/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/xmalloc.h"
#include "collect/replay.h"

#define STEP_MAX_S      86400
#define STEP_UNKNOWN_NS UINT64_C(1000000000)

struct src_replay {
	struct source base;
	struct replay_file file;
	struct names *names;
	struct replay_reading *now; /* NULL: none read yet */
	json_t *ahead;              /* what starts the next reading */
	bool end, bad_told;
	uint64_t mono_ns; /* of the reading given last */
	struct timespec wall;
};

static struct src_replay *
self(struct source *src)
{
	return (struct src_replay *)(void *)src;
}

static int
replay_open(struct source **ret, const char *arg, char **cause)
{
	struct src_replay *s = xcalloc(1, sizeof(*s));
	int r;

	s->base.ops = &source_replay;
	r = replay_file_open(&s->file, arg, cause);
	if (r != 0) {
		free(s);
		return r;
	}
	s->names = names_new();
	*ret = &s->base;
	return 0;
}

static void
reading_free(struct replay_reading *rd)
{
	if (rd == NULL)
		return;
	replay_reading_done(rd);
	free(rd);
}

static void
replay_close(struct source *src)
{
	struct src_replay *s = self(src);

	if (s == NULL)
		return;
	json_decref(s->ahead);
	reading_free(s->now);
	names_free(s->names);
	replay_file_close(&s->file);
	free(s);
}

/* False: the same socket again, so another reading has begun. */
static bool
add_sock(struct replay_reading *rd, const json_t *o,
    const struct replay_reading *before)
{
	struct replay_sock sock;
	uint64_t key;

	if (!replay_sock_parse(o, rd, before, &sock)) {
		rd->skipped++;
		return true;
	}
	key = hash_mix(sock.rec.cookie ^ hash_mix(sock.rec.netns));
	if (hash_find(&rd->by_key, key) != HASH_NONE) {
		replay_sock_done(&sock);
		return false;
	}
	rd->sock = array_grow(rd->sock, &rd->cap, rd->n + 1, sizeof(*rd->sock));
	rd->sock[rd->n] = sock;
	hash_add(&rd->by_key, key, (uint32_t)rd->n++);
	return true;
}

static void
add_document(struct replay_reading *rd, const json_t *o,
    const struct replay_reading *before)
{
	const json_t *list = json_object_get(o, "sockets");
	size_t i, n = json_array_size(list);

	replay_head_parse(o, rd);
	for (i = 0; i < n; i++)
		/* One twice in a list is one too many. */
		if (!add_sock(rd, json_array_get(list, i), before))
			rd->skipped++;
}

/*
 * One value of the file: a head (with or without its sockets in it) or a
 * socket. False: it belongs to the next reading. Sockets without any head
 * (--jsonl) are readings too: a socket seen again begins the next one.
 */
static bool
add_value(struct replay_reading *rd, const json_t *o,
    const struct replay_reading *before, bool *any)
{
	if (json_object_get(o, "schema") != NULL) {
		if (*any)
			return false;
		add_document(rd, o, before);
	} else if (json_object_get(o, "proto") == NULL) {
		rd->skipped++;
		return true;
	} else if (!add_sock(rd, o, before)) {
		if (!rd->has_head)
			return false;
		rd->skipped++;
	}
	*any = true;
	return true;
}

static int
check_schema(const struct src_replay *s, const json_t *o, char **cause)
{
	const json_t *v = json_object_get(o, "schema");

	if (v == NULL || (json_is_number(v) && json_number_value(v) == 1.0))
		return 0;
	xasprintf(cause, "%s: written by a newer version (schema is not 1)",
	    s->file.path);
	return -EPROTONOSUPPORT;
}

/* Reads on to the end of a reading. 1: one was there, 0: the end. */
static int
next_reading(struct src_replay *s, char **cause)
{
	struct replay_reading *rd = xcalloc(1, sizeof(*rd));
	bool any = false;
	json_t *o;
	int r;

	replay_reading_init(rd, s->names);
	for (;;) {
		o = s->ahead;
		s->ahead = NULL;
		r = o != NULL ? 1 : replay_file_next(&s->file, &o, cause);
		if (r <= 0)
			break;
		r = check_schema(s, o, cause);
		if (r != 0) {
			json_decref(o);
			break;
		}
		if (!add_value(rd, o, s->now, &any)) {
			s->ahead = o;
			break;
		}
		json_decref(o);
	}
	if (r < 0 || (!any && s->now != NULL)) {
		reading_free(rd);
		return r < 0 ? r : 0;
	}
	if (s->ahead == NULL)
		s->end = true;
	reading_free(s->now);
	s->now = rd;
	return 1;
}

static bool
netns_wanted(
    const struct src_replay *s, const struct request *req, uint32_t netns)
{
	const char *name;
	uint64_t id;

	if (req->netns == NULL || strcmp(req->netns, "all") == 0)
		return true;
	if (num_u64(req->netns, 0, UINT32_MAX, &id) && id == netns)
		return true;
	name = names_get(s->names, NAME_NETNS, 0, netns);
	return name != NULL && strcmp(name, req->netns) == 0;
}

static bool
sock_wanted(const struct src_replay *s, const struct request *req,
    const struct sock_rec *r)
{
	return (r->proto == SOCK_UDP ? req->udp : req->tcp) &&
	       (r->family == 6 ? req->v6 : req->v4) &&
	       (r->state == SOCK_STATE_UNKNOWN ||
		   (req->states & SOCK_STATE_BIT(r->state)) != 0) &&
	       netns_wanted(s, req, r->netns);
}

static void
hand_over(struct src_replay *s, const struct request *req,
    const struct sink *sink, struct snap *snap)
{
	struct replay_reading *rd = s->now;
	struct owners owners;
	uint32_t netns = 0;
	size_t i;

	for (i = 0; i < rd->n; i++) {
		struct replay_sock *sock = &rd->sock[i];

		snap->total++;
		if (i == 0 || sock->rec.netns != netns) {
			netns = sock->rec.netns;
			snap->netns_seen++;
		}
		if (!sock_wanted(s, req, &sock->rec))
			continue;
		sink->sock(sink->arg, &sock->rec, sock->ext);
		if (sink->owners != NULL && sock->owners.n > 0) {
			owners_copy(&owners, &sock->owners);
			sink->owners(sink->arg, &owners);
		}
		if (sink->age != NULL && sock->age_ds > 0)
			sink->age(sink->arg, sock->age_ds);
	}
	for (i = 0; i < rd->nnames; i++)
		snap_add_name(snap, (enum name_kind)rd->name[i].kind,
		    rd->name[i].netns, rd->name[i].id, rd->name[i].text);
}

static void
tell_head(struct src_replay *s, struct snap *snap)
{
	const struct replay_reading *rd = s->now;
	size_t i;

	if (rd->host != NULL) {
		free(snap->host);
		snap->host = xstrdup(rd->host);
	}
	if (rd->privileged)
		snap->flags |= SNAP_PRIVILEGED;
	snap->hidden_owners = rd->hidden_owners;
	for (i = 0; i < rd->nwarnings; i++)
		snap_warn(snap, "%s", rd->warning[i]);
	if (rd->skipped > 0)
		snap_warn(snap, "%zu entries of the recording are no sockets",
		    rd->skipped);
	if (rd->count != UINT64_MAX && rd->n < rd->count)
		snap_warn(snap,
		    "this reading was cut short: %zu of %llu sockets", rd->n,
		    (unsigned long long)rd->count);
	/* What is not listed may have been there. */
	if (rd->skipped > 0 || s->file.bad > 0 ||
	    (rd->count != UINT64_MAX && rd->n < rd->count))
		snap->flags |= SNAP_HOLES;
	if (s->file.bad > 0)
		snap_warn(snap,
		    "%llu lines of the recording are not JSON, the first is "
		    "line %llu",
		    (unsigned long long)s->file.bad,
		    (unsigned long long)s->file.bad_line);
}

/* 0: not told, or back in time, or over a gap. */
static uint64_t
recorded_step(const struct timespec *from, const struct timespec *to)
{
	int64_t sec;

	if (from->tv_sec == 0 || to->tv_sec < from->tv_sec ||
	    to->tv_sec - from->tv_sec > STEP_MAX_S)
		return 0;
	sec = to->tv_sec - from->tv_sec;
	if (sec == 0 && to->tv_nsec <= from->tv_nsec)
		return 0;
	return (uint64_t)(sec * 1000000000 + to->tv_nsec - from->tv_nsec);
}

/*
 * Time goes on between readings as it did when they were recorded, so that
 * rates are those of then; where that is not told, a second.
 */
static void
tell_time(struct src_replay *s, struct snap *snap, bool fresh)
{
	const struct timespec *wall = &s->now->wall;
	uint64_t step;

	if (s->mono_ns == 0)
		s->mono_ns = clock_mono_ns();
	else if (fresh) {
		step = recorded_step(&s->wall, wall);
		s->mono_ns += step != 0 ? step : STEP_UNKNOWN_NS;
	}
	if (fresh)
		s->wall = *wall;
	snap->mono_ns = s->mono_ns;
	if (s->wall.tv_sec != 0)
		snap->wall = s->wall;
}

static int
replay_read(struct source *src, const struct request *req,
    const struct sink *sink, struct snap *snap, char **cause)
{
	struct src_replay *s = self(src);
	bool fresh = false;
	int r;

	snap->source = SOURCE_FILE;
	if (s->file.kind == REPLAY_DIAG) {
		snap->flags |= SNAP_END;
		snap->netns_seen = 1;
		replay_diag_read(s->file.data, s->file.len, req, sink, snap);
		return 0;
	}
	if (!s->end) {
		r = next_reading(s, cause);
		if (r < 0)
			return r;
		fresh = r > 0;
	}
	hand_over(s, req, sink, snap);
	tell_head(s, snap);
	tell_time(s, snap, fresh);
	if (s->end)
		snap->flags |= SNAP_END;
	return 0;
}

const struct source_ops source_replay = {
	.name = "file",
	.kind = SOURCE_FILE,
	.open = replay_open,
	.read = replay_read,
	.close = replay_close,
};

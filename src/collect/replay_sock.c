/* SPDX-License-Identifier: ISC */
/*
 * One socket of a recording, from the keys that row_json() writes
 * (model/rowjson.h) back to a record. Nothing in it is believed: numbers have
 * limits, text is cleaned, what is missing stays unknown.
 */
#include "config.h"

#include "collect/replay.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define OWNERS_MAX   65536
#define WARNINGS_MAX 64
#define TWO_TO_64    18446744073709551616.0

char *
replay_text(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	size_t n;

	if (!json_is_string(v))
		return NULL;
	n = json_string_length(v);
	return text_clean(
	    json_string_value(v), n < REPLAY_TEXT_MAX ? n : REPLAY_TEXT_MAX);
}

bool
replay_u64(const json_t *o, const char *key, uint64_t max, uint64_t *ret)
{
	const json_t *v = json_object_get(o, key);
	double d;

	if (json_is_integer(v) && json_integer_value(v) >= 0) {
		*ret = (uint64_t)json_integer_value(v);
		return *ret <= max;
	}
	/* What is above 2^63 comes as a real. */
	if (json_is_real(v)) {
		d = json_real_value(v);
		if (d >= 0 && d <= TWO_TO_64) {
			*ret = d < TWO_TO_64 ? (uint64_t)d : UINT64_MAX;
			return *ret <= max;
		}
	}
	return false;
}

bool
replay_u32(const json_t *o, const char *key, uint32_t *ret)
{
	uint64_t v;

	if (!replay_u64(o, key, UINT32_MAX, &v))
		return false;
	*ret = (uint32_t)v;
	return true;
}

static bool
get_word(const json_t *o, const char *key, const char *word)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL && strcmp(s, word) == 0;
}

static bool
get_true(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

/* Names */

/* Takes the text. Each name is told once, until it changes. */
static void
add_name(struct replay_reading *rd, enum name_kind kind, uint32_t netns,
    uint64_t id, char *text)
{
	const char *known;

	if (text == NULL)
		return;
	known = names_get(rd->known, kind, netns, id);
	if (known != NULL && strcmp(known, text) == 0) {
		free(text);
		return;
	}
	names_set(rd->known, kind, netns, id, text);
	rd->name = array_grow(
	    rd->name, &rd->names_cap, rd->nnames + 1, sizeof(*rd->name));
	rd->name[rd->nnames++] = (struct name){
		.id = id, .netns = netns, .kind = kind, .text = text
	};
}

/* Owners */

static uint64_t
proc_hash(pid_t pid, uint64_t start)
{
	return hash_mix((uint64_t)pid ^ hash_mix(start));
}

static uint64_t
proc_key(const void *arg, uint32_t i)
{
	const struct replay_reading *rd = arg;

	return proc_hash(rd->proc[i]->pid, rd->proc[i]->start);
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
proc_same(const struct proc *a, const struct proc *b)
{
	return a->pid == b->pid && a->start == b->start && a->uid == b->uid &&
	       a->ppid == b->ppid && a->start_wall == b->start_wall &&
	       same(a->comm, b->comm) && same(a->cmdline, b->cmdline) &&
	       same(a->user, b->user) && same(a->exe, b->exe) &&
	       same(a->cwd, b->cwd) && same(a->cgroup, b->cgroup) &&
	       same(a->unit, b->unit) && same(a->container, b->container) &&
	       same(a->note, b->note);
}

static struct proc *
proc_lookup(const struct replay_reading *rd, const struct proc *p)
{
	uint32_t i;

	if (rd == NULL)
		return NULL;
	i = hash_find(&rd->by_pid, proc_hash(p->pid, p->start));
	if (i == HASH_NONE || !proc_same(rd->proc[i], p))
		return NULL;
	return rd->proc[i];
}

/* The one process all sockets of it share; takes the reference given and
 * returns another. */
static struct proc *
proc_share(struct replay_reading *rd, const struct replay_reading *before,
    struct proc *p)
{
	struct proc *known = proc_lookup(rd, p);

	if (known != NULL) {
		proc_unref(p);
		return proc_ref(known);
	}
	known = proc_lookup(before, p);
	if (known != NULL) {
		proc_unref(p);
		p = proc_ref(known);
	}
	if (hash_find(&rd->by_pid, proc_hash(p->pid, p->start)) == HASH_NONE) {
		rd->proc = array_grow(rd->proc, &rd->procs_cap, rd->nprocs + 1,
		    sizeof(*rd->proc));
		rd->proc[rd->nprocs] = proc_ref(p);
		hash_add(&rd->by_pid, proc_hash(p->pid, p->start),
		    (uint32_t)rd->nprocs++);
	}
	return p;
}

/* The first owner's cgroup, unit and container stand beside the list. */
static struct proc *
owner_parse(const json_t *o, const json_t *sock, bool first)
{
	struct timespec start;
	const char *s;
	struct proc *p;
	uint64_t v, pid;

	if (!replay_u64(o, "pid", INT32_MAX, &pid) || pid == 0)
		return NULL;
	p = proc_new((pid_t)pid, 0);
	(void)replay_u64(o, "start", UINT64_MAX, &p->start);
	if (replay_u64(o, "ppid", INT32_MAX, &v))
		p->ppid = (pid_t)v;
	p->uid = UINT32_MAX;
	(void)replay_u32(o, "uid", &p->uid);
	s = json_string_value(json_object_get(o, "start_time"));
	if (s != NULL && clock_parse_rfc3339(s, &start) && start.tv_sec > 0)
		p->start_wall = (uint64_t)start.tv_sec;
	if (json_is_string(json_object_get(o, "process"))) {
		free(p->comm);
		p->comm = replay_text(o, "process");
	}
	p->cmdline = replay_text(o, "cmdline");
	p->user = replay_text(o, "user");
	p->exe = replay_text(o, "exe");
	p->cwd = replay_text(o, "cwd");
	p->note = replay_text(o, "note");
	if (json_object_get(o, "cgroup") != NULL || !first)
		sock = o;
	p->cgroup = replay_text(sock, "cgroup");
	p->unit = replay_text(sock, "unit");
	p->container = replay_text(sock, "container");
	p->detail =
	    PROC_COMM | (p->cmdline != NULL ? PROC_CMDLINE : 0u) |
	    (p->exe != NULL || p->cwd != NULL ? PROC_PATHS : 0u) |
	    (p->cgroup != NULL || p->unit != NULL || p->container != NULL
		    ? PROC_CGROUP
		    : 0u);
	return p;
}

static void
owners_parse(const json_t *sock, struct replay_reading *rd,
    const struct replay_reading *before, struct owners *ret)
{
	const json_t *list = json_object_get(sock, "owners");
	size_t i, n = json_array_size(list);
	struct owner *all;
	struct proc *p;
	uint64_t fd;
	uint32_t k = 0;

	if (n == 0)
		return;
	if (n > OWNERS_MAX)
		n = OWNERS_MAX;
	all = xcalloc(n, sizeof(*all));
	for (i = 0; i < n; i++) {
		const json_t *o = json_array_get(list, i);

		p = owner_parse(o, sock, k == 0);
		if (p == NULL)
			continue;
		all[k].fd = replay_u64(o, "fd", INT32_MAX, &fd) ? (int)fd : -1;
		all[k++].proc = proc_share(rd, before, p);
	}
	if (k > 0) {
		ret->proc = proc_ref(all[0].proc);
		ret->fd = all[0].fd;
		ret->n = k;
	}
	if (k > 1) {
		ret->all = all;
		return;
	}
	if (k == 1)
		proc_unref(all[0].proc);
	free(all);
}

/* The socket */

static bool
endpoint_parse(
    const json_t *sock, const char *key, uint8_t family, struct endpoint *ret)
{
	const json_t *o = json_object_get(sock, key);
	const char *addr = json_string_value(json_object_get(o, "addr"));
	uint64_t port;

	if (addr == NULL ||
	    inet_pton(family == 6 ? AF_INET6 : AF_INET, addr, ret->addr) != 1)
		return false;
	if (json_object_get(o, "port") == NULL)
		return true;
	if (!replay_u64(o, "port", UINT16_MAX, &port))
		return false;
	ret->port = (uint16_t)port;
	return true;
}

static void
timer_parse(const json_t *sock, struct sock_rec *r)
{
	const json_t *o = json_object_get(sock, "timer");
	uint64_t v;
	unsigned t;

	for (t = TIMER_RETRANSMIT; t <= TIMER_PERSIST; t++)
		if (get_word(o, "name", sock_timer_name(t)))
			r->timer = (uint8_t)t;
	if (replay_u32(o, "expires_ms", &r->timer_ms))
		r->known |= KNOWN_TIMER;
	if (replay_u64(o, "retrans", UINT8_MAX, &v))
		r->retrans = (uint8_t)v;
}

static void
queues_parse(const json_t *sock, struct sock_rec *r)
{
	bool recvq = replay_u32(sock, "recvq", &r->recvq);

	if (replay_u32(sock, "sendq", &r->sendq))
		r->known |= KNOWN_QUEUES;
	else if (recvq && r->state == SOCK_LISTEN) {
		r->known |= KNOWN_QUEUES;
		r->flags |= SOCKF_NO_LIMIT;
	}
}

static void
numbers_parse(const json_t *sock, struct sock_rec *r)
{
	uint64_t v;

	queues_parse(sock, r);
	if (replay_u32(sock, "uid", &r->uid))
		r->known |= KNOWN_UID;
	if (replay_u32(sock, "inode", &r->inode))
		r->known |= KNOWN_INODE;
	if (get_true(sock, "orphan")) {
		r->known |= KNOWN_INODE;
		r->flags |= SOCKF_ORPHAN;
	}
	if (replay_u32(sock, "mark", &r->mark))
		r->known |= KNOWN_MARK;
	if (replay_u32(sock, "ifindex", &r->ifindex))
		r->known |= KNOWN_IFACE;
	if (replay_u64(sock, "cgroup_id", UINT64_MAX, &v)) {
		r->cgroup = v;
		r->known |= KNOWN_CGROUP;
	}
	if (json_is_boolean(json_object_get(sock, "v6only"))) {
		r->known |= KNOWN_V6ONLY;
		if (get_true(sock, "v6only"))
			r->flags |= SOCKF_V6ONLY;
	}
	if (get_word(sock, "shut", "rd") || get_word(sock, "shut", "rdwr"))
		r->flags |= SOCKF_SHUT_RD;
	if (get_word(sock, "shut", "wr") || get_word(sock, "shut", "rdwr"))
		r->flags |= SOCKF_SHUT_WR;
}

/* An older recording, or another program's: the tuple must do. */
static void
cookie_parse(const json_t *sock, struct sock_rec *r)
{
	if (get_true(sock, "synth_key"))
		r->flags |= SOCKF_SYNTH_KEY;
	if (replay_u64(sock, "cookie", UINT64_MAX, &r->cookie))
		return;
	r->flags |= SOCKF_SYNTH_KEY;
	r->cookie = hash_bytes(r->local.addr, sizeof(r->local.addr),
	    hash_bytes(r->peer.addr, sizeof(r->peer.addr),
		(uint64_t)r->local.port << 48 | (uint64_t)r->peer.port << 32 |
		    r->inode));
	r->cookie = hash_mix(r->cookie + r->proto) >> 1; /* fits JSON */
}

static void
names_parse(
    const json_t *sock, struct replay_reading *rd, const struct sock_rec *r)
{
	const json_t *local = json_object_get(sock, "local");

	add_name(rd, NAME_NETNS, 0, r->netns, replay_text(sock, "netns_name"));
	if ((r->known & KNOWN_UID) != 0)
		add_name(rd, NAME_USER, 0, r->uid, replay_text(sock, "user"));
	if (r->ifindex != 0)
		add_name(rd, NAME_IFACE, r->netns, r->ifindex,
		    replay_text(local, "iface"));
	if (r->cgroup != 0)
		add_name(rd, NAME_CGROUP, 0, r->cgroup,
		    replay_text(sock, "socket_cgroup"));
}

bool
replay_sock_parse(const json_t *sock, struct replay_reading *rd,
    const struct replay_reading *before, struct replay_sock *ret)
{
	const char *state = json_string_value(json_object_get(sock, "state"));
	struct sock_rec *r = &ret->rec;
	uint64_t v;

	memset(ret, 0, sizeof(*ret));
	if (!json_is_object(sock))
		return false;
	if (get_word(sock, "proto", "tcp"))
		r->proto = SOCK_TCP;
	else if (get_word(sock, "proto", "udp"))
		r->proto = SOCK_UDP;
	else
		return false;
	if (!replay_u64(sock, "family", 6, &v) || (v != 4 && v != 6))
		return false;
	r->family = (uint8_t)v;
	if (!endpoint_parse(sock, "local", r->family, &r->local))
		return false;
	/* A listener has none. */
	if (!endpoint_parse(sock, "peer", r->family, &r->peer))
		memset(&r->peer, 0, sizeof(r->peer));
	if (state != NULL)
		r->state = (uint8_t)sock_state_parse(state);
	(void)replay_u32(sock, "netns", &r->netns);
	numbers_parse(sock, r);
	cookie_parse(sock, r);
	timer_parse(sock, r);
	replay_ext_parse(sock, ret);
	owners_parse(sock, rd, before, &ret->owners);
	names_parse(sock, rd, r);
	if (replay_u64(sock, "age_ms", UINT64_MAX, &v))
		ret->age_ds =
		    v / 100 < UINT32_MAX ? (uint32_t)(v / 100) : UINT32_MAX;
	return true;
}

void
replay_sock_done(struct replay_sock *s)
{
	owners_done(&s->owners);
	free(s->ext);
}

/* A reading */

static uint64_t
sock_hash(const void *arg, uint32_t i)
{
	const struct replay_reading *rd = arg;

	return hash_mix(
	    rd->sock[i].rec.cookie ^ hash_mix(rd->sock[i].rec.netns));
}

void
replay_reading_init(struct replay_reading *rd, struct names *known)
{
	*rd = (struct replay_reading){ .count = UINT64_MAX, .known = known };
	hash_init(&rd->by_key, sock_hash, rd);
	hash_init(&rd->by_pid, proc_key, rd);
}

void
replay_reading_done(struct replay_reading *rd)
{
	size_t i;

	for (i = 0; i < rd->n; i++)
		replay_sock_done(&rd->sock[i]);
	for (i = 0; i < rd->nprocs; i++)
		proc_unref(rd->proc[i]);
	for (i = 0; i < rd->nnames; i++)
		free(rd->name[i].text);
	for (i = 0; i < rd->nwarnings; i++)
		free(rd->warning[i]);
	free(rd->sock);
	free(rd->proc);
	free(rd->name);
	free(rd->warning);
	free(rd->host);
	hash_done(&rd->by_key);
	hash_done(&rd->by_pid);
}

void
replay_head_parse(const json_t *o, struct replay_reading *rd)
{
	const json_t *list = json_object_get(o, "warnings");
	const char *time = json_string_value(json_object_get(o, "time"));
	size_t i, n = json_array_size(list);

	rd->has_head = true;
	rd->host = replay_text(o, "host");
	if (time == NULL || !clock_parse_rfc3339(time, &rd->wall))
		rd->wall = (struct timespec){ 0 };
	rd->privileged = get_true(o, "privileged");
	(void)replay_u32(o, "hidden_owners", &rd->hidden_owners);
	(void)replay_u64(o, "count", UINT32_MAX, &rd->count);
	if (n > WARNINGS_MAX)
		n = WARNINGS_MAX;
	rd->warning = xcalloc(n + 1, sizeof(*rd->warning));
	for (i = 0; i < n; i++) {
		const json_t *w = json_array_get(list, i);

		if (!json_is_string(w))
			continue;
		rd->warning[rd->nwarnings++] = text_clean(json_string_value(w),
		    json_string_length(w) < REPLAY_TEXT_MAX
			? json_string_length(w)
			: REPLAY_TEXT_MAX);
	}
}

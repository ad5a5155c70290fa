/* SPDX-License-Identifier: ISC */
/*
 * Rows as JSON. What is written here is read back by src_replay: whatever
 * tells one row from another must have a key.
 */
#include "config.h"

#include "model/rowjson.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "know/exposure.h"
#include "know/service.h"
#include "model/column_get.h"
#include "model/tcpinfo.h"

#define NS_PER_MS UINT64_C(1000000)

/* INET_DIAG_VEGASINFO, .._DCTCPINFO, .._BBRINFO of linux/inet_diag.h */
enum {
	CC_VEGAS = 3,
	CC_DCTCP = 9,
	CC_BBR = 16
};

static void
put_text(struct json *j, const char *key, const char *s)
{
	if (s != NULL)
		jw_kstring(j, key, s);
}

static void
put_addr(struct json *j, const struct endpoint *ep, unsigned family)
{
	char text[TEXT_IP_MAX];

	jw_key(j, "addr");
	jw_stringn(
	    j, text, (size_t)(endpoint_addr_text(text, ep, family) - text));
}

static void
put_end(struct json *j, const char *key, const struct row *r,
    const struct endpoint *ep, const struct view_ctx *ctx)
{
	struct value v;

	jw_key(j, key);
	jw_object(j);
	put_addr(j, ep, r->rec.family);
	jw_ku64(j, "port", ep->port);
	if (ep->port != 0)
		put_text(j, "service", service_name(ep->port, r->rec.proto));
	if (ep == &r->rec.local && col_iface_get(r, ctx, &v))
		jw_kstring(j, "iface", v.s);
	jw_object_end(j);
}

static void
put_ids(struct json *j, const struct row *r, const struct view_ctx *ctx)
{
	const struct sock_rec *rec = &r->rec;
	const struct proc *p = r->owners.proc;
	const char *user;

	if ((rec->known & KNOWN_UID) != 0) {
		jw_ku64(j, "uid", rec->uid);
		user = names_get(ctx->table->names, NAME_USER, 0, rec->uid);
		if (user == NULL && p != NULL && p->uid == rec->uid)
			user = p->user;
		put_text(j, "user", user);
	}
	if ((rec->known & KNOWN_INODE) != 0)
		jw_ku64(j, "inode", rec->inode);
	if ((rec->flags & SOCKF_ORPHAN) != 0)
		jw_kbool(j, "orphan", true);
	jw_ku64(j, "cookie", rec->cookie);
	if ((rec->flags & SOCKF_SYNTH_KEY) != 0)
		jw_kbool(j, "synth_key", true);
	if ((rec->known & KNOWN_MARK) != 0)
		jw_ku64(j, "mark", rec->mark);
}

static void
put_flags(struct json *j, const struct row *r, const struct view_ctx *ctx)
{
	const struct sock_rec *rec = &r->rec;
	struct value v;

	if ((rec->known & KNOWN_IFACE) != 0)
		jw_ku64(j, "ifindex", rec->ifindex);
	if (col_v6only_get(r, ctx, &v))
		jw_kbool(j, "v6only", v.u != 0);
	if (col_shutdown_get(r, ctx, &v))
		jw_kstring(j, "shut", v.s);
	if (col_exposed_get(r, ctx, &v))
		jw_kstring(j, "exposed", exposure_name((enum exposure)v.u));
	if (col_recvq_get(r, ctx, &v))
		jw_ku64(j, "recvq", v.u);
	if (col_sendq_get(r, ctx, &v))
		jw_ku64(j, "sendq", v.u);
}

static void
put_group(struct json *j, const struct proc *p)
{
	put_text(j, "cgroup", p->cgroup);
	put_text(j, "unit", p->unit);
	put_text(j, "container", p->container);
}

static void
put_start_time(struct json *j, const struct proc *p)
{
	char text[CLOCK_RFC3339_MAX];
	struct timespec ts = { 0 };

	if (p->start_wall == 0)
		return;
	ts.tv_sec = (time_t)p->start_wall;
	clock_rfc3339(ts, text);
	jw_kstring(j, "start_time", text);
}

static void
put_owner(struct json *j, const struct owner *o, bool first)
{
	const struct proc *p = o->proc;

	jw_object(j);
	jw_ku64(j, "pid", (uint64_t)p->pid);
	if (o->fd >= 0)
		jw_ku64(j, "fd", (uint64_t)o->fd);
	jw_ku64(j, "start", p->start);
	put_start_time(j, p);
	jw_ku64(j, "ppid", (uint64_t)p->ppid);
	jw_kstring(j, "process", p->comm);
	put_text(j, "cmdline", p->cmdline);
	if (p->uid != UINT32_MAX)
		jw_ku64(j, "uid", p->uid);
	put_text(j, "user", p->user);
	put_text(j, "exe", p->exe);
	put_text(j, "cwd", p->cwd);
	put_text(j, "note", p->note);
	if (!first)
		put_group(j, p);
	jw_object_end(j);
}

static void
put_owners(struct json *j, const struct owners *owners)
{
	struct owner o;
	uint32_t i;

	if (owners->proc == NULL)
		return;
	jw_key(j, "owners");
	jw_array(j);
	for (i = 0; i < owners->n; i++) {
		o = owners_at(owners, i);
		put_owner(j, &o, i == 0);
	}
	jw_array_end(j);
	put_group(j, owners->proc);
}

/* That no timer runs is known, too; a datagram socket never has one. */
static void
put_timer(struct json *j, const struct sock_rec *rec)
{
	if ((rec->known & KNOWN_TIMER) == 0 || rec->proto != SOCK_TCP)
		return;
	jw_key(j, "timer");
	jw_object(j);
	jw_kstring(j, "name", sock_timer_name((enum sock_timer)rec->timer));
	jw_ku64(j, "expires_ms", rec->timer_ms);
	jw_ku64(j, "retrans", rec->retrans);
	jw_object_end(j);
}

static uint32_t
word32(const struct sock_ext *ext, size_t off)
{
	uint32_t v = 0;

	if (off + sizeof(v) <= ext->cc_info_len &&
	    off + sizeof(v) <= sizeof(ext->cc_info))
		memcpy(&v, ext->cc_info + off, sizeof(v));
	return v;
}

static uint16_t
word16(const struct sock_ext *ext, size_t off)
{
	uint16_t v = 0;

	if (off + sizeof(v) <= ext->cc_info_len &&
	    off + sizeof(v) <= sizeof(ext->cc_info))
		memcpy(&v, ext->cc_info + off, sizeof(v));
	return v;
}

/* Structs tcpvegas_info, tcp_dctcp_info, tcp_bbr_info of linux/inet_diag.h */
static void
put_cc_info(struct json *j, const struct sock_ext *ext)
{
	if (ext->cc_info_len == 0)
		return;
	switch (ext->cc_info_kind) {
	case CC_VEGAS:
		jw_key(j, "vegas");
		jw_object(j);
		jw_kbool(j, "enabled", word32(ext, 0) != 0);
		jw_ku64(j, "rttcnt", word32(ext, 4));
		jw_ku64(j, "rtt_us", word32(ext, 8));
		jw_ku64(j, "minrtt_us", word32(ext, 12));
		break;
	case CC_DCTCP:
		jw_key(j, "dctcp");
		jw_object(j);
		jw_kbool(j, "enabled", word16(ext, 0) != 0);
		jw_ku64(j, "ce_state", word16(ext, 2));
		jw_ku64(j, "alpha", word32(ext, 4));
		jw_ku64(j, "ab_ecn", word32(ext, 8));
		jw_ku64(j, "ab_tot", word32(ext, 12));
		break;
	case CC_BBR:
		jw_key(j, "bbr");
		jw_object(j);
		jw_ku64(j, "bw_Bps",
		    (uint64_t)word32(ext, 4) << 32 | word32(ext, 0));
		jw_ku64(j, "min_rtt_us", word32(ext, 8));
		jw_ku64(j, "pacing_gain", word32(ext, 12));
		jw_ku64(j, "cwnd_gain", word32(ext, 16));
		break;
	default:
		return;
	}
	jw_object_end(j);
}

/* What the kernel says for "none" in a field that is a number. */
static bool
is_none(enum tcpinfo_id id, uint64_t v)
{
	switch (id) {
	case TCPI_MIN_RTT:
		return v == 0 || v == UINT32_MAX;
	case TCPI_SND_SSTHRESH:
		return v == 0 || v >= INT32_MAX;
	case TCPI_PACING_RATE:
	case TCPI_MAX_PACING_RATE:
		return v == UINT64_MAX;
	case TCPI_RTO:
	case TCPI_ATO:
	case TCPI_RTT:
	case TCPI_RTTVAR:
	case TCPI_RCV_RTT:
	case TCPI_SND_MSS:
	case TCPI_RCV_MSS:
	case TCPI_ADVMSS:
	case TCPI_PMTU:
	case TCPI_RCV_SSTHRESH:
		return v == 0; /* not measured, not agreed upon */
	default:
		return false;
	}
}

/* A listener has no traffic: its zeros say nothing, and two fields hold its
 * queue, which recvq and sendq tell. */
static bool
is_listeners(enum tcpinfo_id id, uint64_t v)
{
	return v != 0 && id != TCPI_UNACKED && id != TCPI_SACKED;
}

static void
put_tcp_info(struct json *j, const struct row *r)
{
	uint64_t v;
	int i;

	for (i = 0; i < TCPI_NFIELDS; i++) {
		enum tcpinfo_id id = (enum tcpinfo_id)i;

		if (tcpinfo_get(r->ext, id, &v) && !is_none(id, v) &&
		    (r->rec.state != SOCK_LISTEN || is_listeners(id, v)))
			jw_ku64(j, tcpinfo_fields[id].name, v);
	}
}

/* What tcp_info has as well is written once, from there. */
static void
put_tcp(struct json *j, const struct row *r)
{
	const struct sock_rec *rec = &r->rec;
	const struct sock_ext *ext = r->ext;
	bool info = ext != NULL && ext->tcp_info_len > 0;
	bool cc = ext != NULL && ext->cc[0] != '\0';

	if (!info && !cc && (rec->known & (KNOWN_TCP | KNOWN_BYTES)) == 0 &&
	    (r->flags & ROW_RATES) == 0)
		return;
	jw_key(j, "tcp");
	jw_object(j);
	if (!info && (rec->known & KNOWN_TCP) != 0) {
		if (rec->rtt_us != 0) {
			jw_ku64(j, "rtt_us", rec->rtt_us);
			jw_ku64(j, "rttvar_us", rec->rttvar_us);
		}
		jw_ku64(j, "cwnd", rec->cwnd);
		if (rec->mss != 0)
			jw_ku64(j, "mss", rec->mss);
		jw_ku64(j, "retrans", rec->retrans_total);
	}
	if ((rec->known & KNOWN_BYTES) != 0) {
		jw_ku64(j, "bytes_sent", rec->bytes_sent);
		if (!info)
			jw_ku64(j, "bytes_received", rec->bytes_received);
	}
	if ((r->flags & ROW_RATES) != 0) {
		jw_kdouble(j, "rx_bps", (double)r->rx_bps);
		jw_kdouble(j, "tx_bps", (double)r->tx_bps);
	}
	if (cc)
		jw_kstring(j, "cc", ext->cc);
	if (ext != NULL)
		put_cc_info(j, ext);
	if (info)
		put_tcp_info(j, r);
	jw_object_end(j);
}

static void
put_ext(struct json *j, const struct sock_ext *ext)
{
	static const char *const names[SKMEM_N] = { "rmem", "rcvbuf", "tmem",
		"sndbuf", "fwd", "wmem", "optmem", "backlog", "drops" };
	unsigned i;

	if (ext == NULL)
		return;
	if (ext->skmem_n > 0) {
		jw_key(j, "skmem");
		jw_object(j);
		for (i = 0; i < ext->skmem_n && i < SKMEM_N; i++)
			jw_ku64(j, names[i], ext->skmem[i]);
		jw_object_end(j);
	}
	if (ext->has_ulp)
		jw_kstring(j, "ulp", ext->ulp);
	if (ext->has_tos)
		jw_ku64(j, "tos", ext->tos);
	if (ext->has_tclass)
		jw_ku64(j, "tclass", ext->tclass);
	if (ext->has_class_id)
		jw_ku64(j, "class_id", ext->class_id);
}

static void
put_times(struct json *j, const struct row *r, const struct view_ctx *ctx)
{
	struct value v;

	if ((r->flags & ROW_BORN) != 0)
		jw_ku64(j, "age_ms", row_age_ns(ctx->table, r) / NS_PER_MS);
	if (r->history != NULL && col_state_age_get(r, ctx, &v))
		jw_ku64(j, "state_age_ms", v.u / NS_PER_MS);
}

void
row_json_members(
    struct json *j, const struct row *r, const struct view_ctx *ctx)
{
	const struct sock_rec *rec = &r->rec;
	struct value v;

	if (rec->netns != 0)
		jw_ku64(j, "netns", rec->netns);
	if (col_netns_get(r, ctx, &v))
		jw_kstring(j, "netns_name", v.s);
	jw_kstring(j, "proto", sock_proto_name(rec->proto));
	jw_ku64(j, "family", rec->family);
	if (rec->state != SOCK_STATE_UNKNOWN)
		jw_kstring(
		    j, "state", sock_state_name((enum sock_state)rec->state));
	put_end(j, "local", r, &rec->local, ctx);
	if (row_has_peer(r))
		put_end(j, "peer", r, &rec->peer, ctx);
	put_flags(j, r, ctx);
	put_ids(j, r, ctx);
	put_owners(j, &r->owners);
	if ((rec->known & KNOWN_CGROUP) != 0)
		jw_ku64(j, "cgroup_id", rec->cgroup);
	if (col_skcgroup_get(r, ctx, &v))
		jw_kstring(j, "socket_cgroup", v.s);
	put_timer(j, rec);
	put_tcp(j, r);
	put_ext(j, r->ext);
	put_times(j, r, ctx);
}

void
row_json(struct json *j, const struct row *r, const struct view_ctx *ctx)
{
	jw_object(j);
	row_json_members(j, r, ctx);
	jw_object_end(j);
}

void
snap_json_about(struct json *j, const struct snap *snap)
{
	char time[CLOCK_RFC3339_MAX];
	size_t i;

	jw_ku64(j, "schema", 1);
	put_text(j, "host", snap->host);
	clock_rfc3339(snap->wall, time);
	jw_kstring(j, "time", time);
	jw_kstring(j, "source", snap_source_name(snap->source));
	jw_kbool(j, "privileged", (snap->flags & SNAP_PRIVILEGED) != 0);
	jw_ku64(j, "hidden_owners", snap->hidden_owners);
	jw_key(j, "warnings");
	jw_array(j);
	for (i = 0; i < snap->nwarnings; i++)
		jw_string(j, snap->warning[i]);
	jw_array_end(j);
}

void
snap_json_head(struct json *j, const struct snap *snap)
{
	snap_json_about(j, snap);
	jw_key(j, "sockets");
}

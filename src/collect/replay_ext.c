/* SPDX-License-Identifier: ISC */
/*
 * The deeper part of a recorded socket: TCP's own numbers, its congestion
 * control's, socket memory. replay_sock.c reads the rest.
 */
#include "config.h"

#include "collect/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/tcpinfo.h"

/* INET_DIAG_VEGASINFO, INET_DIAG_DCTCPINFO, INET_DIAG_BBRINFO */
enum {
	CC_VEGAS = 3,
	CC_DCTCP = 9,
	CC_BBR = 16
};

static struct sock_ext *
need_ext(struct replay_sock *s)
{
	if (s->ext == NULL)
		s->ext = xcalloc(1, sizeof(*s->ext));
	return s->ext;
}

static void
ext_name(const json_t *o, const char *key, struct replay_sock *s, bool ulp)
{
	const char *v = json_string_value(json_object_get(o, key));
	size_t n;

	if (v == NULL)
		return;
	n = strlen(v);
	if (n >= sizeof(s->ext->cc) || !text_is_clean(v, n))
		return;
	memcpy(ulp ? need_ext(s)->ulp : need_ext(s)->cc, v, n + 1);
	if (ulp)
		s->ext->has_ulp = true;
}

/*
 * Some keys stand for tcp_info's fields and for the record's alike; only
 * where the first field of all is told was there a tcp_info. Those left out
 * had the kernel's value for "none".
 */
static void
info_parse(const json_t *o, struct replay_sock *s)
{
	static const struct {
		enum tcpinfo_id id;
		uint64_t none;
	} nones[] = { { TCPI_MIN_RTT, UINT32_MAX },
		{ TCPI_SND_SSTHRESH, INT32_MAX },
		{ TCPI_PACING_RATE, UINT64_MAX },
		{ TCPI_MAX_PACING_RATE, UINT64_MAX } };
	uint64_t v;
	size_t i;
	int id;

	if (!json_is_integer(
		json_object_get(o, tcpinfo_fields[TCPI_CA_STATE].name)))
		return;
	for (id = 0; id < TCPI_NFIELDS; id++)
		if (replay_u64(o, tcpinfo_fields[id].name, UINT64_MAX, &v))
			tcpinfo_set(need_ext(s), (enum tcpinfo_id)id, v);
	for (i = 0; i < nitems(nones); i++)
		if (json_object_get(o, tcpinfo_fields[nones[i].id].name) ==
			NULL &&
		    tcpinfo_get(s->ext, nones[i].id, &v))
			tcpinfo_set(s->ext, nones[i].id, nones[i].none);
}

static const struct cc_field {
	const char *algo, *key;
	uint8_t kind, off, size; /* size: of the whole struct */
} cc_fields[] = {
	/* linux/inet_diag.h: struct tcpvegas_info, tcp_dctcp_info,
	 * tcp_bbr_info; keys as row_json() writes them */
	{ "vegas", "enabled", CC_VEGAS, 0, 16 },
	{ "vegas", "rttcnt", CC_VEGAS, 4, 16 },
	{ "vegas", "rtt_us", CC_VEGAS, 8, 16 },
	{ "vegas", "minrtt_us", CC_VEGAS, 12, 16 },
	{ "dctcp", "alpha", CC_DCTCP, 4, 16 },
	{ "dctcp", "ab_ecn", CC_DCTCP, 8, 16 },
	{ "dctcp", "ab_tot", CC_DCTCP, 12, 16 },
	{ "bbr", "min_rtt_us", CC_BBR, 8, 20 },
	{ "bbr", "pacing_gain", CC_BBR, 12, 20 },
	{ "bbr", "cwnd_gain", CC_BBR, 16, 20 },
};

static void
cc_word(struct replay_sock *s, size_t off, uint32_t v)
{
	memcpy(s->ext->cc_info + off, &v, sizeof(v));
}

/* Two fields of 16 bits and one of 64 stand in no table. */
static void
cc_rest(const json_t *tcp, struct replay_sock *s)
{
	const json_t *dctcp = json_object_get(tcp, "dctcp");
	uint16_t half[2] = { 0, 0 };
	uint64_t v;

	if (s->ext->cc_info_kind == CC_DCTCP) {
		half[0] = json_is_true(json_object_get(dctcp, "enabled"));
		if (replay_u64(dctcp, "ce_state", UINT16_MAX, &v))
			half[1] = (uint16_t)v;
		memcpy(s->ext->cc_info, half, sizeof(half));
	} else if (s->ext->cc_info_kind == CC_BBR &&
		   replay_u64(
		       json_object_get(tcp, "bbr"), "bw_Bps", UINT64_MAX, &v)) {
		cc_word(s, 0, (uint32_t)v);
		cc_word(s, 4, (uint32_t)(v >> 32));
	}
}

static void
cc_parse(const json_t *tcp, struct replay_sock *s)
{
	const json_t *o, *v;
	uint32_t word;
	size_t i;

	for (i = 0; i < nitems(cc_fields); i++) {
		const struct cc_field *f = &cc_fields[i];

		o = json_object_get(tcp, f->algo);
		if (!json_is_object(o))
			continue;
		need_ext(s)->cc_info_kind = f->kind;
		s->ext->cc_info_len = f->size;
		v = json_object_get(o, f->key);
		if (replay_u32(o, f->key, &word))
			cc_word(s, f->off, word);
		else if (json_is_boolean(v))
			cc_word(s, f->off, json_is_true(v) ? 1 : 0);
	}
	if (s->ext != NULL && s->ext->cc_info_len > 0)
		cc_rest(tcp, s);
}

static void
tcp_parse(const json_t *sock, struct replay_sock *s)
{
	const json_t *o = json_object_get(sock, "tcp");
	struct sock_rec *r = &s->rec;
	bool known;
	uint64_t v;

	if (!json_is_object(o))
		return;
	info_parse(o, s);
	ext_name(o, "cc", s, false);
	cc_parse(o, s);
	/* Without a connection the kernel fills in what is no measurement. */
	if (r->state == SOCK_LISTEN || r->state == SOCK_BOUND)
		return;
	known = replay_u32(o, "rtt_us", &r->rtt_us);
	known |= replay_u32(o, "rttvar_us", &r->rttvar_us);
	known |= replay_u32(o, "cwnd", &r->cwnd);
	known |= replay_u32(o, "retrans", &r->retrans_total);
	if (replay_u64(o, "mss", UINT16_MAX, &v)) {
		r->mss = (uint16_t)v;
		known = true;
	}
	if (known)
		r->known |= KNOWN_TCP;
	if (replay_u64(o, "bytes_sent", UINT64_MAX, &r->bytes_sent) &&
	    replay_u64(o, "bytes_received", UINT64_MAX, &r->bytes_received))
		r->known |= KNOWN_BYTES;
}

static void
plain_parse(const json_t *sock, struct replay_sock *s)
{
	static const char *const names[SKMEM_N] = { "rmem", "rcvbuf", "tmem",
		"sndbuf", "fwd", "wmem", "optmem", "backlog", "drops" };
	const json_t *mem = json_object_get(sock, "skmem");
	uint32_t v;
	uint8_t i;

	for (i = 0; i < SKMEM_N; i++)
		if (replay_u32(mem, names[i], &v)) {
			need_ext(s)->skmem[i] = v;
			s->ext->skmem_n = (uint8_t)(i + 1);
		}
	if (replay_u32(sock, "tos", &v) && v <= UINT8_MAX) {
		need_ext(s)->tos = (uint8_t)v;
		s->ext->has_tos = true;
	}
	if (replay_u32(sock, "tclass", &v) && v <= UINT8_MAX) {
		need_ext(s)->tclass = (uint8_t)v;
		s->ext->has_tclass = true;
	}
	if (replay_u32(sock, "class_id", &v)) {
		need_ext(s)->class_id = v;
		s->ext->has_class_id = true;
	}
	ext_name(sock, "ulp", s, true);
}

void
replay_ext_parse(const json_t *sock, struct replay_sock *s)
{
	tcp_parse(sock, s);
	plain_parse(sock, s);
}

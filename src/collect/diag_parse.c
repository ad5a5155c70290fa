/* SPDX-License-Identifier: ISC */
/*
 * Turns netlink's answers into socket records. Every length in them is
 * checked; what a newer kernel adds is skipped, what an older one does not
 * tell stays unknown. Nothing is allocated and nothing is copied but the
 * record itself: this runs once a socket and reading.
 */
#include "config.h"

#include "collect/diag_parse.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/text.h"
#include "model/need.h"

/* The kernel's numbers (linux/inet_diag.h), here so that nothing depends on
 * how old the headers are that this is built with. */
enum {
	MSG_GETSOCK = 18, /* TCPDIAG_GETSOCK */
	MSG_BY_FAMILY = 20
};
enum {
	ATTR_INFO = 2,
	ATTR_VEGASINFO = 3,
	ATTR_CONG = 4,
	ATTR_TOS = 5,
	ATTR_TCLASS = 6,
	ATTR_SKMEMINFO = 7,
	ATTR_SHUTDOWN = 8,
	ATTR_DCTCPINFO = 9,
	ATTR_PROTOCOL = 10,
	ATTR_SKV6ONLY = 11,
	ATTR_MARK = 15,
	ATTR_BBRINFO = 16,
	ATTR_CLASS_ID = 17,
	ATTR_ULP_INFO = 19,
	ATTR_CGROUP_ID = 21,
	ATTR_MAX = 21
};
enum {
	ULP_INFO_NAME = 1
};

/* struct inet_diag_msg: byte offsets. */
enum {
	OFF_FAMILY = 0,
	OFF_STATE = 1,
	OFF_TIMER = 2,
	OFF_RETRANS = 3,
	OFF_SPORT = 4,
	OFF_DPORT = 6,
	OFF_SRC = 8,
	OFF_DST = 24,
	OFF_IF = 40,
	OFF_COOKIE = 44,
	OFF_EXPIRES = 52,
	OFF_RQUEUE = 56,
	OFF_WQUEUE = 60,
	OFF_UID = 64,
	OFF_INODE = 68,
	DIAG_MSG_LEN = 72
};

/* struct tcp_info: byte offsets; it only ever grows at its end. */
enum {
	TCPI_OFF_SND_MSS = 16,
	TCPI_OFF_RTT = 68,
	TCPI_OFF_RTTVAR = 72,
	TCPI_OFF_SND_CWND = 80,
	TCPI_OFF_TOTAL_RETRANS = 100,
	TCPI_OFF_BYTES_ACKED = 120,
	TCPI_OFF_BYTES_RECEIVED = 128,
	TCPI_OFF_BYTES_SENT = 200,
	TCPI_OFF_BYTES_RETRANS = 208
};

struct parse {
	const struct diag_want *want;
	struct sock_rec *rec;
	struct sock_ext *ext; /* NULL: not wanted */
};

static uint16_t
get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t
get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t
get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint16_t
get_port(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/*
 * bytes_sent is what the application handed over and what left at least once:
 * the kernel's bytes_sent counts retransmissions too, and its bytes_acked
 * counts the SYN and lags by a round trip. Kernels before 4.18 have only the
 * latter.
 */
static void
put_info(struct parse *ps, const uint8_t *p, size_t n)
{
	struct sock_rec *r = ps->rec;
	struct sock_ext *e = ps->ext;
	uint64_t sent, again;

	if (e != NULL) {
		e->tcp_info_len =
		    (uint16_t)(n < sizeof(e->tcp_info) ? n
						       : sizeof(e->tcp_info));
		memcpy(e->tcp_info, p, e->tcp_info_len);
	}
	if ((ps->want->need & NEED_TCPINFO) == 0 || r->state == SOCK_LISTEN ||
	    r->state == SOCK_BOUND || n < TCPI_OFF_TOTAL_RETRANS + 4)
		return;
	r->known |= KNOWN_TCP;
	r->mss = (uint16_t)get32(p + TCPI_OFF_SND_MSS);
	r->rtt_us = get32(p + TCPI_OFF_RTT);
	r->rttvar_us = get32(p + TCPI_OFF_RTTVAR);
	r->cwnd = get32(p + TCPI_OFF_SND_CWND);
	r->retrans_total = get32(p + TCPI_OFF_TOTAL_RETRANS);
	if (n < TCPI_OFF_BYTES_RECEIVED + 8)
		return;
	r->known |= KNOWN_BYTES;
	r->bytes_sent = get64(p + TCPI_OFF_BYTES_ACKED);
	r->bytes_received = get64(p + TCPI_OFF_BYTES_RECEIVED);
	if (n < TCPI_OFF_BYTES_RETRANS + 8)
		return;
	sent = get64(p + TCPI_OFF_BYTES_SENT);
	again = get64(p + TCPI_OFF_BYTES_RETRANS);
	r->bytes_sent = sent >= again ? sent - again : 0;
}

/* A name of the kernel's; whatever a module calls itself is foreign text. */
static void
put_name(char *dst, size_t size, const uint8_t *p, size_t n)
{
	n = strnlen((const char *)p, n);
	if (n >= size || !text_is_clean(p, n))
		return;
	memcpy(dst, p, n);
	dst[n] = '\0';
}

static void
put_cong(struct parse *ps, const uint8_t *p, size_t n)
{
	if (ps->ext != NULL)
		put_name(ps->ext->cc, sizeof(ps->ext->cc), p, n);
}

static void
put_cc_info(struct parse *ps, uint8_t kind, const uint8_t *p, size_t n)
{
	struct sock_ext *e = ps->ext;

	if (e == NULL)
		return;
	e->cc_info_kind = kind;
	e->cc_info_len =
	    (uint8_t)(n < sizeof(e->cc_info) ? n : sizeof(e->cc_info));
	memcpy(e->cc_info, p, e->cc_info_len);
}

static void
put_vegas(struct parse *ps, const uint8_t *p, size_t n)
{
	put_cc_info(ps, ATTR_VEGASINFO, p, n);
}

static void
put_dctcp(struct parse *ps, const uint8_t *p, size_t n)
{
	put_cc_info(ps, ATTR_DCTCPINFO, p, n);
}

static void
put_bbr(struct parse *ps, const uint8_t *p, size_t n)
{
	put_cc_info(ps, ATTR_BBRINFO, p, n);
}

static void
put_tos(struct parse *ps, const uint8_t *p, size_t n)
{
	(void)n;
	if (ps->ext != NULL) {
		ps->ext->has_tos = true;
		ps->ext->tos = p[0];
	}
}

static void
put_tclass(struct parse *ps, const uint8_t *p, size_t n)
{
	(void)n;
	if (ps->ext != NULL) {
		ps->ext->has_tclass = true;
		ps->ext->tclass = p[0];
	}
}

static void
put_skmem(struct parse *ps, const uint8_t *p, size_t n)
{
	struct sock_ext *e = ps->ext;

	if (e == NULL)
		return;
	n /= sizeof(uint32_t);
	e->skmem_n = (uint8_t)(n < SKMEM_N ? n : SKMEM_N);
	memcpy(e->skmem, p, e->skmem_n * sizeof(uint32_t));
}

static void
put_shutdown(struct parse *ps, const uint8_t *p, size_t n)
{
	(void)n;
	if ((p[0] & 1) != 0)
		ps->rec->flags |= SOCKF_SHUT_RD;
	if ((p[0] & 2) != 0)
		ps->rec->flags |= SOCKF_SHUT_WR;
}

static void
put_protocol(struct parse *ps, const uint8_t *p, size_t n)
{
	(void)n;
	ps->rec->proto = p[0];
}

static void
put_v6only(struct parse *ps, const uint8_t *p, size_t n)
{
	(void)n;
	ps->rec->known |= KNOWN_V6ONLY;
	if (p[0] != 0)
		ps->rec->flags |= SOCKF_V6ONLY;
}

static void
put_mark(struct parse *ps, const uint8_t *p, size_t n)
{
	(void)n;
	ps->rec->known |= KNOWN_MARK;
	ps->rec->mark = get32(p);
}

static void
put_class_id(struct parse *ps, const uint8_t *p, size_t n)
{
	(void)n;
	if (ps->ext != NULL) {
		ps->ext->has_class_id = true;
		ps->ext->class_id = get32(p);
	}
}

static void
put_cgroup(struct parse *ps, const uint8_t *p, size_t n)
{
	(void)n;
	ps->rec->known |= KNOWN_CGROUP;
	ps->rec->cgroup = get64(p);
}

/* Nested: the name is one of its attributes. */
static void
put_ulp(struct parse *ps, const uint8_t *p, size_t n)
{
	size_t len;

	if (ps->ext == NULL)
		return;
	while (n >= NLA_HDRLEN) {
		len = get16(p);
		if (len < NLA_HDRLEN || len > n)
			return;
		if ((get16(p + 2) & NLA_TYPE_MASK) == ULP_INFO_NAME) {
			ps->ext->has_ulp = true;
			put_name(ps->ext->ulp, sizeof(ps->ext->ulp),
			    p + NLA_HDRLEN, len - NLA_HDRLEN);
		}
		len = NLA_ALIGN(len);
		if (len > n)
			return;
		p += len;
		n -= len;
	}
}

static const struct diag_attr {
	size_t min; /* shorter: skipped */
	void (*put)(struct parse *, const uint8_t *, size_t);
} diag_attrs[ATTR_MAX + 1] = {
	[ATTR_INFO] = { .min = 1, .put = put_info },
	[ATTR_VEGASINFO] = { .min = 1, .put = put_vegas },
	[ATTR_CONG] = { .min = 1, .put = put_cong },
	[ATTR_TOS] = { .min = 1, .put = put_tos },
	[ATTR_TCLASS] = { .min = 1, .put = put_tclass },
	[ATTR_SKMEMINFO] = { .min = 4, .put = put_skmem },
	[ATTR_SHUTDOWN] = { .min = 1, .put = put_shutdown },
	[ATTR_DCTCPINFO] = { .min = 1, .put = put_dctcp },
	[ATTR_PROTOCOL] = { .min = 1, .put = put_protocol },
	[ATTR_SKV6ONLY] = { .min = 1, .put = put_v6only },
	[ATTR_MARK] = { .min = 4, .put = put_mark },
	[ATTR_BBRINFO] = { .min = 1, .put = put_bbr },
	[ATTR_CLASS_ID] = { .min = 4, .put = put_class_id },
	[ATTR_ULP_INFO] = { .min = NLA_HDRLEN, .put = put_ulp },
	[ATTR_CGROUP_ID] = { .min = 8, .put = put_cgroup },
};

static void
parse_attrs(struct parse *ps, const uint8_t *p, size_t n)
{
	size_t len;
	unsigned type;

	while (n >= NLA_HDRLEN) {
		len = get16(p);
		type = get16(p + 2) & NLA_TYPE_MASK;
		if (len < NLA_HDRLEN || len > n)
			return;
		if (type < nitems(diag_attrs) && diag_attrs[type].put != NULL &&
		    len - NLA_HDRLEN >= diag_attrs[type].min)
			diag_attrs[type].put(
			    ps, p + NLA_HDRLEN, len - NLA_HDRLEN);
		len = NLA_ALIGN(len);
		if (len > n)
			return;
		p += len;
		n -= len;
	}
}

/* The kernel's state numbers; "closed" is listed only where the socket is
 * bound, or is a UDP socket without a peer. */
static uint8_t
sock_state_of(uint8_t proto, uint8_t state)
{
	static const uint8_t tcp[] = {
		[1] = SOCK_ESTABLISHED,
		[2] = SOCK_SYN_SENT,
		[3] = SOCK_SYN_RECEIVED,
		[4] = SOCK_FIN_WAIT_1,
		[5] = SOCK_FIN_WAIT_2,
		[6] = SOCK_TIME_WAIT,
		[7] = SOCK_BOUND,
		[8] = SOCK_CLOSE_WAIT,
		[9] = SOCK_LAST_ACK,
		[10] = SOCK_LISTEN,
		[11] = SOCK_CLOSING,
		[12] = SOCK_SYN_RECEIVED, /* request not yet a socket */
		[13] = SOCK_BOUND,
	};

	if (proto == SOCK_UDP)
		return state == 1 ? SOCK_CONNECTED : SOCK_UNCONNECTED;
	return state < nitems(tcp) ? tcp[state] : SOCK_STATE_UNKNOWN;
}

/* UDP's state is left as it was; TCP's is always "closed". What the kernel
 * fills with 0 (uid, inode, queues) is no knowledge, nor are the figures of a
 * socket that never was connected. */
static void
put_destroyed(struct sock_rec *rec, uint8_t state)
{
	rec->state = rec->proto == SOCK_UDP ? sock_state_of(SOCK_UDP, state)
					    : (uint8_t)SOCK_CLOSED;
	rec->flags &= (uint16_t)~SOCKF_ORPHAN;
	rec->known &=
	    (uint16_t) ~(KNOWN_UID | KNOWN_INODE | KNOWN_QUEUES | KNOWN_TIMER);
	rec->uid = rec->inode = rec->recvq = rec->sendq = rec->timer_ms = 0;
	rec->timer = rec->retrans = 0;
	if (rec->peer.port == 0)
		rec->known &= (uint16_t) ~(KNOWN_TCP | KNOWN_BYTES);
}

bool
diag_parse_sock(const void *payload, size_t len, const struct diag_want *want,
    struct sock_rec *rec, struct sock_ext *ext)
{
	struct parse ps = { .want = want, .rec = rec, .ext = ext };
	const uint8_t *p = payload;
	size_t addr;

	memset(rec, 0, sizeof(*rec));
	if (ext != NULL)
		memset(ext, 0, sizeof(*ext));
	if (len < DIAG_MSG_LEN)
		return false;
	if (p[OFF_FAMILY] == AF_INET) {
		rec->family = 4;
		addr = 4;
	} else if (p[OFF_FAMILY] == AF_INET6) {
		rec->family = 6;
		addr = 16;
	} else
		return false;
	rec->proto = want->proto;
	rec->netns = want->netns;
	rec->state = want->destroyed ? (uint8_t)SOCK_CLOSED
				     : sock_state_of(rec->proto, p[OFF_STATE]);
	rec->timer = p[OFF_TIMER];
	rec->retrans = p[OFF_RETRANS];
	rec->local.port = get_port(p + OFF_SPORT);
	rec->peer.port = get_port(p + OFF_DPORT);
	memcpy(rec->local.addr, p + OFF_SRC, addr);
	memcpy(rec->peer.addr, p + OFF_DST, addr);
	rec->ifindex = get32(p + OFF_IF);
	rec->cookie =
	    get32(p + OFF_COOKIE) | (uint64_t)get32(p + OFF_COOKIE + 4) << 32;
	rec->recvq = get32(p + OFF_RQUEUE);
	rec->sendq = get32(p + OFF_WQUEUE);
	rec->uid = get32(p + OFF_UID);
	rec->inode = get32(p + OFF_INODE);
	rec->known = KNOWN_QUEUES | KNOWN_IFACE | KNOWN_INODE;
	/* Nobody's socket (TIME-WAIT, SYN-RECEIVED, orphans) is said to be
	 * root's: that is no knowledge. Kernels that keep the uid tell it. */
	if (rec->inode == 0)
		rec->flags |= SOCKF_ORPHAN;
	if (rec->inode != 0 || rec->uid != 0)
		rec->known |= KNOWN_UID;
	/* Runs down by itself: only for those who look at it. */
	if ((want->need & NEED_TIMER) != 0) {
		rec->timer_ms = get32(p + OFF_EXPIRES);
		rec->known |= KNOWN_TIMER;
	}
	parse_attrs(&ps, p + DIAG_MSG_LEN, len - DIAG_MSG_LEN);
	if (want->destroyed)
		put_destroyed(rec, p[OFF_STATE]);
	return true;
}

static void
walk_sock(struct diag_walk *w, const uint8_t *payload, size_t len)
{
	struct sock_ext *ext = (w->want.need & NEED_EXT) != 0 ? &w->ext : NULL;

	if (!diag_parse_sock(payload, len, &w->want, &w->rec, ext)) {
		w->dropped++;
		return;
	}
	w->socks++;
	w->sock(w->arg, &w->rec, ext);
}

/* An error, or the end with the error that ended it. */
static void
walk_status(struct diag_walk *w, const uint8_t *payload, size_t len)
{
	int error = 0;

	if (len >= sizeof(error))
		memcpy(&error, payload, sizeof(error));
	if (error < 0 && error >= -4095 && w->error == 0)
		w->error = error;
	w->done = true;
}

void
diag_walk(struct diag_walk *w, const void *buf, size_t len)
{
	const uint8_t *p = buf;
	struct nlmsghdr h;
	size_t n;

	while (len >= NLMSG_HDRLEN) {
		memcpy(&h, p, sizeof(h));
		if (h.nlmsg_len < NLMSG_HDRLEN || h.nlmsg_len > len) {
			w->dropped++;
			return;
		}
		n = h.nlmsg_len - NLMSG_HDRLEN;
		if ((w->seq != 0 && h.nlmsg_seq != w->seq) ||
		    (w->portid != 0 && h.nlmsg_pid != w->portid))
			w->dropped++;
		else {
			if ((h.nlmsg_flags & NLM_F_DUMP_INTR) != 0)
				w->interrupted = true;
			if (h.nlmsg_type == MSG_GETSOCK ||
			    h.nlmsg_type == MSG_BY_FAMILY)
				walk_sock(w, p + NLMSG_HDRLEN, n);
			else if (h.nlmsg_type == NLMSG_DONE ||
				 h.nlmsg_type == NLMSG_ERROR)
				walk_status(w, p + NLMSG_HDRLEN, n);
			else if (h.nlmsg_type == NLMSG_OVERRUN) {
				w->error = -ENOBUFS;
				w->done = true;
			} else if (h.nlmsg_type != NLMSG_NOOP)
				w->dropped++;
		}
		n = NLMSG_ALIGN(h.nlmsg_len);
		if (n >= len)
			return;
		p += n;
		len -= n;
	}
	if (len > 0)
		w->dropped++;
}

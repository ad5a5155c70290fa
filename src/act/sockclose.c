/* SPDX-License-Identifier: ISC */
/* Closing sockets: by SOCK_DESTROY, and by shutdown(2). See sockclose.h. */
#include "config.h"

#include "act/sockclose.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/xmalloc.h"

#define NO_COOKIE UINT64_MAX /* INET_DIAG_NOCOOKIE, both halves */
/* Of sockets that share a port (SO_REUSEPORT) the kernel picks one by a hash
 * of the peer's port: all of these are tried, each with the one cookie. */
#define SHARED_TRIES 4096

_Static_assert(SOCKCLOSE_REQUEST ==
		   sizeof(struct nlmsghdr) + sizeof(struct inet_diag_req_v2),
    "the request's size");

int
sockclose_request(
    uint8_t buf[SOCKCLOSE_REQUEST], const struct sock_rec *rec, uint32_t seq)
{
	struct nlmsghdr h = { .nlmsg_len = SOCKCLOSE_REQUEST,
		.nlmsg_type = SOCK_DESTROY,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		.nlmsg_seq = seq };
	struct inet_diag_req_v2 q = { .sdiag_protocol = rec->proto,
		.idiag_states = ~0u };
	size_t n = rec->family == 6 ? 16 : 4;

	if (rec->cookie == 0 || rec->cookie == NO_COOKIE ||
	    (rec->flags & SOCKF_SYNTH_KEY) != 0)
		return -EINVAL;
	if ((rec->family != 4 && rec->family != 6) ||
	    (rec->proto != SOCK_TCP && rec->proto != SOCK_UDP))
		return -EINVAL;
	q.sdiag_family = rec->family == 6 ? AF_INET6 : AF_INET;
	q.id.idiag_sport = htons(rec->local.port);
	q.id.idiag_dport = htons(rec->peer.port);
	memcpy(q.id.idiag_src, rec->local.addr, n);
	memcpy(q.id.idiag_dst, rec->peer.addr, n);
	if ((rec->known & KNOWN_IFACE) != 0)
		q.id.idiag_if = rec->ifindex;
	q.id.idiag_cookie[0] = (uint32_t)rec->cookie;
	q.id.idiag_cookie[1] = (uint32_t)(rec->cookie >> 32);
	memcpy(buf, &h, sizeof(h));
	memcpy(buf + sizeof(h), &q, sizeof(q));
	return 0;
}

int
sockclose_answer(const void *p, size_t len, uint32_t seq)
{
	struct nlmsghdr h;
	struct nlmsgerr e;

	if (len < sizeof(h) + sizeof(e.error))
		return -EBADMSG;
	memcpy(&h, p, sizeof(h));
	if (h.nlmsg_type != NLMSG_ERROR || h.nlmsg_seq != seq ||
	    h.nlmsg_len < sizeof(h) + sizeof(e.error))
		return -EBADMSG;
	memcpy(&e.error, (const char *)p + sizeof(h), sizeof(e.error));
	return e.error <= 0 ? e.error : -EBADMSG;
}

static int
ask(int netlink, const struct sock_rec *rec, uint32_t seq)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK }, from = { 0 };
	socklen_t len = sizeof(from);
	uint8_t buf[SOCKCLOSE_REQUEST], answer[512];
	ssize_t n;
	int r = sockclose_request(buf, rec, seq);

	if (r != 0)
		return r;
	n = sendto(netlink, buf, sizeof(buf), 0, (struct sockaddr *)&kernel,
	    sizeof(kernel));
	if (n < 0)
		return -errno;
	do
		n = recvfrom(netlink, answer, sizeof(answer), 0,
		    (struct sockaddr *)&from, &len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return from.nl_pid == 0 ? sockclose_answer(answer, (size_t)n, seq)
				: -EBADMSG;
}

/* One that may share its address with others. */
static bool
may_share(const struct sock_rec *rec)
{
	return rec->peer.port == 0 &&
	       (rec->state == SOCK_LISTEN || rec->state == SOCK_UNCONNECTED);
}

int
sockclose_rst(int netlink, const struct sock_rec *rec)
{
	struct sock_rec other = *rec;
	uint32_t seq = 1;
	int r = ask(netlink, rec, seq);

	if (r != -ENOENT || !may_share(rec))
		return r;
	while (r == -ENOENT && seq++ < SHARED_TRIES) {
		other.peer.port = (uint16_t)seq;
		r = ask(netlink, &other, seq);
	}
	return r;
}

static int
how_to_shut(const struct sock_rec *rec)
{
	switch (rec->state) {
	case SOCK_LISTEN:
	case SOCK_SYN_SENT:
	case SOCK_CLOSE_WAIT:
		return SHUT_RDWR;
	default:
		return SHUT_WR;
	}
}

int
sockclose_fin(int pidfd, int fd, const struct sock_rec *rec)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);
	int copy, r = 0;

	copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (copy < 0)
		return errno == EBADF ? -ENOTSOCK : -errno;
	if (getsockopt(copy, SOL_SOCKET, SO_COOKIE, &cookie, &len) < 0 ||
	    cookie != rec->cookie)
		r = -ENOTSOCK;
	else if (shutdown(copy, how_to_shut(rec)) < 0)
		r = -errno;
	(void)close(copy);
	return r;
}

/* -- in words --------------------------------------------------------------- */

struct sentence {
	int error;
	enum act_state state;
	const char *text;
};

static const struct sentence rst_sentences[] = {
	{ 0, ACT_DONE, "closed" },
	{ ENOENT, ACT_GONE,
	    "it was closed already: nothing was hit (its cookie is gone)" },
	{ EPERM, ACT_REFUSED,
	    "not permitted: closing sockets needs root, or CAP_NET_ADMIN in "
	    "the socket's network namespace" },
	{ EOPNOTSUPP, ACT_REFUSED,
	    "this kernel cannot close another program's socket "
	    "(CONFIG_INET_DIAG_DESTROY is off): end it gracefully (FIN) or "
	    "signal its process" },
	{ EINVAL, ACT_REFUSED,
	    "the kernel told no cookie for it: without one another socket "
	    "might be hit" },
	{ ETIMEDOUT, ACT_FAILED, "the kernel did not answer" },
	{ EAGAIN, ACT_FAILED, "the kernel did not answer" },
	{ EBADMSG, ACT_FAILED, "the kernel's answer made no sense" },
};

static const struct sentence fin_sentences[] = {
	{ 0, ACT_DONE, "its sending side is shut: a FIN is on its way" },
	{ ENOTSOCK, ACT_GONE,
	    "its process closed it meanwhile: nothing was touched" },
	{ ESRCH, ACT_GONE, "its process had ended already" },
	{ ENOTCONN, ACT_GONE, "it is not connected any more" },
	{ EPERM, ACT_REFUSED,
	    "not permitted to reach into the process: it must be your own and "
	    "dumpable and kernel.yama.ptrace_scope 0, or it needs "
	    "CAP_SYS_PTRACE (root; under Yama's scope 3 not even that)" },
	{ ENOSYS, ACT_REFUSED,
	    "this kernel cannot copy a descriptor (pidfd_getfd, Linux 5.6): "
	    "close it at once (RST) instead" },
	{ EBADMSG, ACT_FAILED, "the helper ended without an answer" },
};

/* Where there is more to say than "closed". */
static const char *
closed_text(enum act_how how, const struct sock_rec *rec)
{
	if (rec->proto == SOCK_UDP)
		return "the program was given ECONNABORTED; a port bound by "
		       "number stays bound until it closes the socket";
	switch (rec->state) {
	case SOCK_LISTEN:
		return "it no longer listens; the port is held (BOUND) until "
		       "its process closes it or ends";
	case SOCK_CLOSE_WAIT:
		return how == ACT_FIN ? "its FIN is sent: LAST-ACK" : NULL;
	case SOCK_SYN_SENT:
		return "its connect() was broken off";
	default:
		return NULL;
	}
}

char *
sockclose_outcome(enum act_how how, const struct sock_rec *rec, int error,
    enum act_state *ret)
{
	const struct sentence *s =
	    how == ACT_RST ? rst_sentences : fin_sentences;
	size_t i, n = how == ACT_RST
			  ? sizeof(rst_sentences) / sizeof(*rst_sentences)
			  : sizeof(fin_sentences) / sizeof(*fin_sentences);
	const char *more = error == 0 ? closed_text(how, rec) : NULL;
	char *text;

	if (error == -EOPNOTSUPP && rec->state == SOCK_TIME_WAIT) {
		*ret = ACT_REFUSED;
		return xstrdup("this kernel does not cut TIME-WAIT short: it "
			       "ends by itself within a minute");
	}
	for (i = 0; i < n; i++)
		if (s[i].error == -error) {
			*ret = s[i].state;
			return xstrdup(more != NULL ? more : s[i].text);
		}
	*ret = ACT_FAILED;
	xasprintf(&text, "failed: %s", strerror(-error));
	return text;
}

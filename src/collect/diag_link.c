/* SPDX-License-Identifier: ISC */
/*
 * sock_diag through libnl's socket. Messages are neither built nor walked by
 * libnl: its parser copies each.
 */
#include "config.h"

#include "collect/diag_link.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/xmalloc.h"

#define ANSWER_SECONDS 5 /* the kernel answers at once, or never */

static int
link_send(void *arg, const void *p, size_t n)
{
	ssize_t done;

	done = send(nl_socket_get_fd(arg), p, n, 0);
	if (done < 0)
		return -errno;
	return (size_t)done == n ? 0 : -EIO;
}

static ssize_t
link_recv(void *arg, void *p, size_t n, bool *cut, uint32_t *sender)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = p, .iov_len = n };
	struct msghdr m = { .msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1 };
	ssize_t got;

	got = recvmsg(nl_socket_get_fd(arg), &m, 0);
	if (got < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	*cut = (m.msg_flags & MSG_TRUNC) != 0;
	*sender = from.nl_pid;
	return got;
}

static int
link_open(void *arg, struct diag_io *ret, uint32_t *portid, char **cause)
{
	struct timeval tv = { .tv_sec = ANSWER_SECONDS };
	struct nl_sock *nl;
	int r;

	(void)arg;
	nl = nl_socket_alloc();
	if (nl == NULL) {
		xasprintf(cause, "netlink: no memory");
		return -ENOMEM;
	}
	errno = 0;
	r = nl_connect(nl, NETLINK_SOCK_DIAG);
	if (r < 0) {
		/* libnl has few numbers of its own: the kernel's says more. */
		xasprintf(cause, "netlink: %s%s",
		    errno > 0 ? strerror(errno) : nl_geterror(r),
		    errno == EMFILE ? " (raise ulimit -n)" : "");
		r = errno > 0 ? -errno : -EPROTONOSUPPORT;
		nl_socket_free(nl);
		return r;
	}
	(void)setsockopt(nl_socket_get_fd(nl), SOL_SOCKET, SO_RCVTIMEO, &tv,
	    sizeof(tv)); /* a safeguard only */
	*ret = (struct diag_io){ link_send, link_recv, nl };
	*portid = nl_socket_get_local_port(nl);
	return 0;
}

static void
link_close(struct diag_io *io)
{
	nl_socket_free(io->arg);
	io->arg = NULL;
}

const struct diag_link diag_link_netlink = {
	.open = link_open,
	.close = link_close,
};

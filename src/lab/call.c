/* SPDX-License-Identifier: ISC */
/*
 * A step's calls in the words of a programmer's manual.
 */
#include "config.h"

#include "lab/call.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"

const char *
actor_name(enum actor a)
{
	static const char *const names[BY_NACTORS] = { "client", "server",
		"worker" };

	return names[a];
}

enum lab_host
actor_host(enum actor a)
{
	return a == BY_CLIENT ? LAB_CLIENT : LAB_SERVER;
}

enum form {
	FORM_NEW, /* name(address) */
	FORM_FD,  /* name(fd N) */
	FORM_LISTEN,
	FORM_BYTES,
	FORM_TO
};
static const struct {
	const char *name, *tail;
	enum form form;
	enum {
		GIVES_ZERO,
		GIVES_FD,
		GIVES_BYTES
	} gives;
} forms[DO_CALLS] = {
	[DO_BIND] = { "bind", "", FORM_NEW, GIVES_FD },
	[DO_LISTEN] = { "listen", "", FORM_LISTEN, GIVES_FD },
	[DO_CONNECT] = { "connect", "", FORM_NEW, GIVES_FD },
	[DO_CONNECTED] = { "connect() ends", "", FORM_FD, GIVES_ZERO },
	[DO_ACCEPT] = { "accept", "", FORM_FD, GIVES_FD },
	[DO_SEND] = { "send", "", FORM_BYTES, GIVES_BYTES },
	[DO_RECV] = { "recv", "", FORM_FD, GIVES_BYTES },
	[DO_SHUTDOWN] = { "shutdown", ", SHUT_WR", FORM_FD, GIVES_ZERO },
	[DO_CLOSE] = { "close", "", FORM_FD, GIVES_ZERO },
	[DO_ABORT] = { "close", ", SO_LINGER 0", FORM_FD, GIVES_ZERO },
	[DO_UDP_BIND] = { "UDP bind", "", FORM_NEW, GIVES_FD },
	[DO_UDP_CONNECT] = { "UDP connect", "", FORM_NEW, GIVES_FD },
	[DO_UDP_SEND] = { "sendto", "", FORM_TO, GIVES_BYTES },
};

static const struct {
	unsigned bit;
	const char *name;
} opts[] = {
	{ OPT_REUSEADDR, "SO_REUSEADDR" },
	{ OPT_REUSEPORT, "SO_REUSEPORT" },
	{ OPT_V6ONLY, "IPV6_V6ONLY" },
	{ OPT_SMALL, "small SO_RCVBUF" },
	{ OPT_LINGER2, "TCP_LINGER2" },
};

static const struct {
	int error;
	const char *name;
} errors[] = {
	{ EADDRINUSE, "EADDRINUSE" },
	{ EADDRNOTAVAIL, "EADDRNOTAVAIL" },
	{ EAGAIN, "EAGAIN" },
	{ ECONNREFUSED, "ECONNREFUSED" },
	{ ECONNRESET, "ECONNRESET" },
	{ EINPROGRESS, "EINPROGRESS" },
	{ EPIPE, "EPIPE" },
	{ ETIMEDOUT, "ETIMEDOUT" },
};

void
call_text(struct buf *out, const struct lab_do *d, const int fd[LAB_SLOTS])
{
	const char *name = forms[d->op].name;
	bool made = fd[d->s] >= 0;
	size_t i;

	switch (forms[d->op].form) {
	case FORM_NEW:
		buf_printf(out, "%s(%s:%u", name, place_text(d->at), d->port);
		if (d->from_port != 0)
			buf_printf(out, ", from port %s%u",
			    d->opt & OPT_ONE_PORT ? "range " : "",
			    d->from_port);
		break;
	case FORM_LISTEN:
		if (made)
			buf_printf(out, "listen(fd %d", fd[d->s]);
		else
			buf_printf(
			    out, "listen(%s:%u", place_text(d->at), d->port);
		buf_printf(out, ", backlog %d", d->value);
		break;
	case FORM_BYTES:
		buf_printf(out, "%s(fd %d, %d bytes", name, fd[d->s], d->value);
		break;
	case FORM_TO:
		buf_printf(out, "%s(%s:%u, %d bytes", name, place_text(d->at),
		    d->port, d->value);
		break;
	case FORM_FD:
		buf_printf(out,
		    d->op == DO_CONNECTED ? "%s (fd %d" : "%s(fd %d", name,
		    fd[d->s]);
		break;
	}
	buf_printf(out, "%s)", forms[d->op].tail);
	for (i = 0; i < nitems(opts); i++)
		if (d->opt & opts[i].bit)
			buf_printf(out, " %s", opts[i].name);
}

void
call_result(struct buf *out, const struct lab_do *d, int error, int value)
{
	size_t i;

	if (error != 0) {
		for (i = 0; i < nitems(errors); i++)
			if (errors[i].error == error)
				buf_printf(out, "%s: ", errors[i].name);
		buf_puts(out, strerror(error));
	} else if (d->op == DO_RECV && value == 0)
		buf_puts(out, "0: the end");
	else if (d->op == DO_CONNECT)
		buf_printf(out, "begun, fd %d", value);
	else if (forms[d->op].gives == GIVES_FD)
		buf_printf(out, "fd %d", value);
	else if (forms[d->op].gives == GIVES_BYTES)
		buf_printf(out, "%d bytes", value);
	else
		buf_puts(out, "0");
}

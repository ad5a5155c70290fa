/* SPDX-License-Identifier: ISC */
/*
 * ONC RPC: each program is asked for its version 0, which none has, so that it
 * says which ones it has; others say that it is not theirs. Of the port mapper
 * the list of programs, of NFS 4.1 who it says it is, of mountd, for checks, who
 * may have what.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "probe/talk_bin.h"

enum {
	CALL = 0,
	REPLY = 1,
	ACCEPTED = 0,
	SUCCESS = 0,
	PROG_UNAVAIL = 1,
	PROG_MISMATCH = 2,
	PORTMAPPER = 100000,
	NFS = 100003,
	MOUNT = 100005,
	PORTMAPPER_DUMP = 4,
	MOUNT_EXPORT = 5,
	NFS_COMPOUND = 1,
	EXCHANGE_ID = 42,
	LAST = 0x80000000, /* of a record's fragments */
	XID = 0x5d000000
};

/* RFC 5531 and IANA's list of RPC programs; the first ones are asked for
 * everywhere. */
static const struct rpc_program {
	uint32_t number;
	const char *service, *ports;
} programs[] = {
	{ PORTMAPPER, "rpcbind", "111" },
	{ NFS, "nfs", "2049,20049" },
	{ MOUNT, "mountd", "635,4046,20048" },
	{ 100021, "nlockmgr", "4045,32768,32803" },
	{ 100024, "status", "662" },
	{ 100011, "rquotad", "875" },
	{ 100227, "nfs_acl", NULL },
	{ 100004, "ypserv", NULL },
	{ 100007, "ypbind", NULL },
	{ 100009, "yppasswdd", NULL },
	{ 100001, "rstatd", NULL },
	{ 100002, "rusersd", NULL },
	{ 100008, "walld", NULL },
	{ 100012, "sprayd", NULL },
	{ 100068, "cmsd", NULL },
	{ 100083, "ttdbserverd", NULL },
	{ 100232, "sadmind", NULL },
	{ 390113, "nsrexec", NULL },
	{ 391002, "fam", NULL },
	{ 1431655765, "wdbrpc", "17185" },
};

enum stage {
	WHICH,
	WHAT
};
struct rpc {
	size_t at; /* TCP: where the record that is awaited begins */
	size_t first, tried;
	const struct rpc_program *program;
	uint32_t low, high;
	enum stage stage;
	bool speaks; /* it said something of RPC */
};

static const struct rpc_program *
program_of(uint32_t number)
{
	size_t i;

	for (i = 0; i < nitems(programs); i++)
		if (programs[i].number == number)
			return &programs[i];
	return NULL;
}

/* -- calls ------------------------------------------------------------------ */

static void
put32(struct buf *b, uint32_t v)
{
	buf_putc(b, (char)(v >> 24));
	buf_putc(b, (char)(v >> 16));
	buf_putc(b, (char)(v >> 8));
	buf_putc(b, (char)v);
}

static uint32_t
xid(const struct talk *t)
{
	const struct rpc *r = t->state;

	return XID | (r->program->number & 0xffffff) | (uint32_t)r->stage << 24;
}

/* args: XDR, may be empty. */
static void
call(struct talk *t, uint32_t version, uint32_t procedure,
    const struct buf *args)
{
	const struct rpc *r = t->state;
	struct buf b = { 0 };
	int i;

	put32(&b, xid(t));
	put32(&b, CALL);
	put32(&b, 2);
	put32(&b, r->program->number);
	put32(&b, version);
	put32(&b, procedure);
	for (i = 0; i < 4; i++)
		put32(&b, 0); /* nobody: no credentials, no verifier */
	if (args->len > 0)
		buf_put(&b, args->data, args->len);
	if (!t->udp)
		put32(&t->out, LAST | (uint32_t)b.len);
	talk_send(t, b.data, b.len);
	buf_done(&b);
}

static void
ask_versions(struct talk *t)
{
	static const struct buf none;

	call(t, 0, 0, &none);
}

static void
rpc_begin(struct talk *t)
{
	struct rpc *r = t->state;

	while (r->first < nitems(programs) &&
	       !talk_ports_have(programs[r->first].ports, t->port))
		r->first++;
	if (r->first == nitems(programs))
		r->first = 0;
	r->program = &programs[r->first];
	ask_versions(t);
}

/* -- what a program has ------------------------------------------------------ */

/* A name once, with its versions: "nfs 3-4, mountd 1-3". */
static void
add_program(char *text, size_t size, const char *name, unsigned low,
    unsigned high, const char *proto, unsigned port)
{
	size_t n = strlen(text);

	if (low == high)
		snprintf(text + n, size - n, "%s%s %u %s/%u", n > 0 ? ", " : "",
		    name, low, proto, port);
	else
		snprintf(text + n, size - n, "%s%s %u-%u %s/%u",
		    n > 0 ? ", " : "", name, low, high, proto, port);
}

/* { yes, program, version, protocol, port } .. no. Lines of one program and one
 * port come together. */
static void
learn_programs(struct talk *t, struct talk_cursor c)
{
	const struct rpc_program *p;
	uint32_t number, version, proto, port;
	uint32_t was[3] = { 0 }, low = 0, high = 0;
	char text[600] = "", name[16] = "";
	bool more;

	do {
		more = cursor_be32(&c) == 1;
		number = more ? cursor_be32(&c) : 0;
		version = more ? cursor_be32(&c) : 0;
		proto = more ? cursor_be32(&c) : 0;
		port = more ? cursor_be32(&c) : 0;
		more = more && !c.bad;
		if (more && was[0] == number && was[1] == proto &&
		    was[2] == port) {
			low = version < low ? version : low;
			high = version > high ? version : high;
			continue;
		}
		if (name[0] != '\0')
			add_program(text, sizeof(text), name, low, high,
			    was[1] == 6 ? "tcp" : "udp", was[2]);
		p = program_of(number);
		snprintf(name, sizeof(name), "%s", p != NULL ? p->service : "");
		if (p == NULL && more)
			snprintf(name, sizeof(name), "%u", number);
		/* Sockets of files have port 0. */
		if (proto != 6 && proto != 17)
			name[0] = '\0';
		was[0] = number;
		was[1] = proto;
		was[2] = port;
		low = high = version;
	} while (more && strlen(text) + 64 < sizeof(text));
	if (text[0] != '\0')
		service_fact(t->info, "rpc.programs", text, strlen(text));
}

/* A text of XDR: its length, itself, to a multiple of four. */
static const uint8_t *
take_text(struct talk_cursor *c, size_t *n)
{
	uint32_t len = cursor_be32(c);
	const uint8_t *p;

	if (len > 1024)
		c->bad = true;
	p = cursor_take(c, c->bad ? 0 : len);
	cursor_skip(c, c->bad ? 0 : (4 - len % 4) % 4);
	*n = len;
	return c->bad ? NULL : p;
}

/* { yes, path, { yes, group } .. no } .. no; no group: everybody. */
static void
learn_exports(struct talk *t, struct talk_cursor c)
{
	struct buf b = { 0 };
	const uint8_t *p;
	bool any;
	size_t n;

	while (cursor_be32(&c) == 1 && b.len < 400) {
		if ((p = take_text(&c, &n)) == NULL)
			break;
		buf_puts(&b, b.len > 0 ? " | " : "");
		buf_put(&b, p, n);
		any = false;
		while (
		    cursor_be32(&c) == 1 && (p = take_text(&c, &n)) != NULL) {
			buf_putc(&b, ' ');
			buf_put(&b, p, n);
			any = true;
		}
		if (!any && !c.bad)
			buf_puts(&b, " *");
	}
	if (b.len > 0)
		service_fact(t->info, "rpc.exports", b.data, b.len);
	buf_done(&b);
}

/* The hello of a client (RFC 8881 18.35): nothing is asked to be protected, no
 * session is made, and what the server remembers of it is soon over. */
static void
put_hello(struct buf *b)
{
	static const char owner[] = "sockdeck";

	put32(b, 0); /* no tag */
	put32(b, 1); /* minor version */
	put32(b, 1); /* of operations */
	put32(b, EXCHANGE_ID);
	buf_put(b, owner, 8); /* a verifier */
	put32(b, 8);
	buf_put(b, owner, 8);
	put32(b, 0); /* flags */
	put32(b, 0); /* protection */
	put32(b, 0); /* of names of our own */
}

/* "Linux 6.1.0-28-amd64 #1 SMP .." of kernel.org. */
static void
on_implementation(struct talk *t, const uint8_t *p, size_t n)
{
	struct service_info *i = t->info;

	service_fact(i, "nfs.implementation", p, n);
	if (n < 6 || memcmp(p, "Linux ", 6) != 0)
		return;
	service_setf(i->product, sizeof(i->product), "Linux nfsd");
	service_setf(i->os, sizeof(i->os), "Linux");
}

/* Who it is: a name for all its addresses, one for its files, and perhaps one
 * for itself. */
static void
learn_hello(struct talk *t, struct talk_cursor c)
{
	static const char ganesha[] = "NFS-Ganesha";
	struct service_info *i = t->info;
	const uint8_t *p;
	size_t n;

	cursor_skip(&c, 4);
	(void)take_text(&c, &n);
	if (cursor_be32(&c) != 1 || cursor_be32(&c) != EXCHANGE_ID ||
	    cursor_be32(&c) != 0)
		return;
	cursor_skip(&c, 8 + 4 + 4);
	if (cursor_be32(&c) != 0)
		return;
	cursor_skip(&c, 8);
	if ((p = take_text(&c, &n)) != NULL)
		service_set(i->host, sizeof(i->host), p, n);
	if ((p = take_text(&c, &n)) != NULL &&
	    bytes_find(p, n, ganesha, sizeof(ganesha) - 1) != NULL)
		service_setf(i->product, sizeof(i->product), "%s", ganesha);
	if (cursor_be32(&c) != 1 || take_text(&c, &n) == NULL ||
	    (p = take_text(&c, &n)) == NULL)
		return;
	on_implementation(t, p, n);
}

static const struct detail {
	uint32_t number;
	uint32_t version; /* that it is asked in, if it has it */
	uint32_t procedure;
	bool checks;               /* only for these */
	void (*put)(struct buf *); /* what it is asked with; or NULL */
	void (*learn)(struct talk *, struct talk_cursor);
} details[] = {
	{ PORTMAPPER, 2, PORTMAPPER_DUMP, false, NULL, learn_programs },
	{ NFS, 4, NFS_COMPOUND, false, put_hello, learn_hello },
	{ MOUNT, 3, MOUNT_EXPORT, true, NULL, learn_exports },
	{ MOUNT, 1, MOUNT_EXPORT, true, NULL, learn_exports },
};

/* What more a program is asked; NULL: nothing. */
static const struct detail *
detail_of(const struct talk *t)
{
	const struct rpc *r = t->state;
	size_t i;

	for (i = 0; i < nitems(details); i++)
		if (details[i].number == r->program->number &&
		    details[i].version >= r->low &&
		    details[i].version <= r->high &&
		    (!details[i].checks || t->checks))
			return &details[i];
	return NULL;
}

/* -- answers ---------------------------------------------------------------- */

static enum talk_verdict
finish(struct talk *t)
{
	const struct rpc *r = t->state;
	struct service_info *i = t->info;

	if (!r->speaks)
		return TALK_NOT;
	if (r->high > 0 && r->high < 100 && r->low <= r->high) {
		service_factf(
		    i, "rpc.versions", "%u-%u", (unsigned)r->low, r->high);
		service_setf(i->extra, sizeof(i->extra),
		    r->low == r->high ? "version %u" : "versions %u-%u", r->low,
		    r->high);
	}
	if (r->program == NULL)
		service_setf(i->name, sizeof(i->name), "rpc");
	else
		service_setf(
		    i->name, sizeof(i->name), "%s", r->program->service);
	/* Its later versions are those of TI-RPC, which it came with. */
	if (r->program != NULL && r->program->number == PORTMAPPER)
		service_setf(i->product, sizeof(i->product), "%s",
		    r->high > 2 ? "rpcbind" : "portmap");
	return TALK_DONE;
}

/* It has this program. */
static enum talk_verdict
found(struct talk *t)
{
	struct rpc *r = t->state;
	const struct detail *d = detail_of(t);
	struct buf args = { 0 };

	if (d == NULL)
		return finish(t);
	r->stage = WHAT;
	if (d->put != NULL)
		d->put(&args);
	call(t, d->version, d->procedure, &args);
	buf_done(&args);
	return TALK_MORE;
}

/* It has another one. */
static enum talk_verdict
next(struct talk *t)
{
	struct rpc *r = t->state;

	if (++r->tried == nitems(programs) || t->eof) {
		r->program = NULL;
		return finish(t);
	}
	r->program = &programs[(r->first + r->tried) % nitems(programs)];
	ask_versions(t);
	return TALK_MORE;
}

static enum talk_verdict
reply(struct talk *t, struct talk_cursor c)
{
	struct rpc *r = t->state;
	uint32_t id = cursor_be32(&c), type = cursor_be32(&c), status;
	const struct detail *d;

	if (c.bad || id != xid(t) || type != REPLY)
		return TALK_NOT;
	/* Refused for want of credentials: but it has it. */
	if (cursor_be32(&c) != ACCEPTED) {
		r->speaks = !c.bad;
		return c.bad ? TALK_NOT : finish(t);
	}
	cursor_skip(&c, 4);
	cursor_skip(&c, cursor_be32(&c));
	status = cursor_be32(&c);
	if (c.bad || status > 5)
		return TALK_NOT;
	r->speaks = true;
	if (r->stage == WHAT) {
		d = detail_of(t);
		if (status == SUCCESS && d != NULL)
			d->learn(t, c);
		return finish(t);
	}
	service_evidence(t->info, t->in + t->nin - t->cut, t->cut);
	if (status == PROG_UNAVAIL)
		return next(t);
	if (status == PROG_MISMATCH) {
		r->low = cursor_be32(&c);
		r->high = cursor_be32(&c);
	}
	return found(t);
}

static enum talk_verdict
rpc_input(struct talk *t)
{
	struct rpc *r = t->state;
	enum talk_verdict v;
	struct talk_cursor c;
	uint32_t mark;

	if (t->udp) {
		cursor_init(&c, t->in + t->nin - t->cut, t->cut);
		v = t->timeout ? TALK_NOT : reply(t, c);
		/* An answer that comes twice. */
		if (v == TALK_NOT && r->speaks && !t->timeout)
			return TALK_MORE;
		return v == TALK_NOT ? finish(t) : v;
	}
	cursor_init(&c, t->in + r->at, t->nin - r->at);
	mark = cursor_be32(&c);
	/* Nothing of ours is long enough for a second fragment. */
	if (!c.bad && ((mark & LAST) == 0 || (mark & ~LAST) > 12000))
		return finish(t);
	if (c.bad || cursor_left(&c) < (mark & ~LAST)) {
		v = talk_need(t);
		return v == TALK_NOT ? finish(t) : v;
	}
	c.end = c.p + (mark & ~LAST);
	r->at += 4 + (mark & ~LAST);
	v = reply(t, c);
	return v == TALK_NOT ? finish(t) : v;
}

const struct talk_ops talk_rpc = {
	.name = "rpc",
	.service = "rpcbind",
	.flags = TALK_TCP | TALK_UDP,
	.ports = "111,635,662,875,2049,4045,4046,17185,20048,20049,32768-32803",
	.rarity = 3,
	.wait_ms = 1000,
	.state = sizeof(struct rpc),
	.begin = rpc_begin,
	.input = rpc_input,
	.source = "RFC 5531, 1833, 1813",
};

/* SPDX-License-Identifier: ISC */
/*
 * Filters as inet_diag bytecode: a chain of conditions, each of which goes on
 * behind itself when it holds and jumps forward when it does not. A block of
 * code is left at its end when it is true and 4 bytes behind its end when it
 * is false; the whole is accepted when the kernel arrives exactly at its end.
 * So "or" fits a jump of 4 bytes between two blocks, and a "not" is a jump of
 * 4 bytes behind one.
 *
 * NOT is pushed down to the terms, so that a term the kernel cannot judge
 * means "may match" wherever it stands.
 */
#include "config.h"

#include "collect/diag_filter.h"

#include <linux/inet_diag.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"

/* The kernel's limit is that of a jump: 64 KiB. */
#define CODE_MAX 60000

/* Not in the oldest headers. */
enum {
	BC_S_EQ = 11,
	BC_D_EQ = 12,
	BC_CGROUP_COND = 13
};

enum verdict {
	ALWAYS, /* true, or nobody knows: no code */
	NEVER,  /* no code */
	CODE    /* the block that was appended decides */
};

struct compile {
	const struct diag_filter_opts *opts;
	struct buf *code;
};

struct op {
	uint8_t code, yes;
	uint16_t no;
};

/* A condition with its argument; false: over its end. */
static void
emit(struct buf *b, uint8_t code, const void *arg, size_t len)
{
	struct op op = { .code = code };

	op.yes = (uint8_t)(sizeof(op) + len);
	op.no = (uint16_t)(op.yes + 4);
	buf_put(b, &op, sizeof(op));
	if (len > 0)
		buf_put(b, arg, len);
}

static void
emit_jump(struct buf *b, size_t distance)
{
	struct op op = { .code = INET_DIAG_BC_JMP, .yes = sizeof(op) };

	op.no = (uint16_t)distance;
	buf_put(b, &op, sizeof(op));
}

static void
emit_port(struct buf *b, uint8_t code, uint16_t port)
{
	struct op arg = { .no = port };

	emit(b, code, &arg, sizeof(arg));
}

static void
cut(struct buf *b, size_t len)
{
	b->len = len;
}

/* What left the block at from when false now goes on behind the rest. */
static void
relocate(struct buf *b, size_t from, size_t end)
{
	size_t by = b->len - end;
	struct op op;

	while (from < end) {
		memcpy(&op, b->data + from, sizeof(op));
		if (from + op.no == end + 4) {
			op.no = (uint16_t)(op.no + by);
			memcpy(b->data + from, &op, sizeof(op));
		}
		from += op.yes;
	}
}

/* Makes the block from `from` on mean the opposite. */
static void
negate(struct buf *b)
{
	emit_jump(b, 8);
}

/* -- terms ---------------------------------------------------------------- */

/* Codes for one end of a socket. */
struct end_codes {
	uint8_t eq, ge, le, cond;
};

static const struct end_codes end_codes[] = {
	[SIDE_LOCAL] = { .eq = BC_S_EQ,
	    .ge = INET_DIAG_BC_S_GE,
	    .le = INET_DIAG_BC_S_LE,
	    .cond = INET_DIAG_BC_S_COND },
	[SIDE_PEER] = { .eq = BC_D_EQ,
	    .ge = INET_DIAG_BC_D_GE,
	    .le = INET_DIAG_BC_D_LE,
	    .cond = INET_DIAG_BC_D_COND },
};

/* Ports that a comparison means: lo > hi is none. */
static void
port_range(const struct filter *f, int32_t *lo, int32_t *hi)
{
	*lo = 0;
	*hi = UINT16_MAX;
	switch (f->op) {
	case OP_LT:
		*hi = (int32_t)f->port - 1;
		break;
	case OP_LE:
		*hi = f->port;
		break;
	case OP_GT:
		*lo = (int32_t)f->port + 1;
		break;
	case OP_GE:
		*lo = f->port;
		break;
	default:
		*lo = f->port;
		*hi = f->port_hi;
		break;
	}
}

static enum verdict
port_end(struct buf *b, const struct end_codes *c, int32_t lo, int32_t hi)
{
	size_t from = b->len, end;

	if (lo > hi)
		return NEVER;
	if (lo <= 0 && hi >= UINT16_MAX)
		return ALWAYS;
	if (lo == hi) {
		emit_port(b, c->eq, (uint16_t)lo);
		return CODE;
	}
	if (lo > 0)
		emit_port(b, c->ge, (uint16_t)lo);
	end = b->len;
	if (hi < UINT16_MAX)
		emit_port(b, c->le, (uint16_t)hi);
	relocate(b, from, end);
	return CODE;
}

/* Joins what two blocks say by "or"; mid is where the jump between them is
 * (put there before the second was appended). */
static enum verdict
join_or(
    struct buf *b, size_t from, size_t mid, enum verdict lhs, enum verdict rhs)
{
	struct op jump;

	if (lhs == ALWAYS || rhs == ALWAYS) {
		cut(b, from);
		return ALWAYS;
	}
	if (lhs == NEVER)
		return rhs;
	if (rhs == NEVER) {
		cut(b, mid);
		return CODE;
	}
	memcpy(&jump, b->data + mid, sizeof(jump));
	jump.no = (uint16_t)(b->len - mid);
	memcpy(b->data + mid, &jump, sizeof(jump));
	return CODE;
}

static enum verdict
port_term(struct compile *c, const struct filter *f)
{
	struct buf *b = c->code;
	size_t from = b->len, mid;
	enum verdict lhs;
	int32_t lo, hi;

	port_range(f, &lo, &hi);
	if (f->side != SIDE_EITHER)
		return port_end(b, &end_codes[f->side], lo, hi);
	/* No port is no port, unless it is asked for. */
	if (lo == 0 && f->port_hi != 0)
		lo = 1;
	lhs = port_end(b, &end_codes[SIDE_LOCAL], lo, hi);
	mid = b->len;
	if (lhs == CODE)
		emit_jump(b, 0);
	return join_or(
	    b, from, mid, lhs, port_end(b, &end_codes[SIDE_PEER], lo, hi));
}

static enum verdict
host_end(struct buf *b, const struct filter *f, const struct end_codes *c)
{
	struct {
		uint8_t family, prefix, pad[2];
		int32_t port;
		uint8_t addr[16];
	} cond = { .prefix = f->net.prefix, .port = f->net.port };
	size_t addr = 0;

	if (f->net.family == 0 && f->net.port < 0)
		return ALWAYS;
	if (f->net.family == 4) {
		cond.family = AF_INET;
		addr = 4;
	} else if (f->net.family == 6) {
		cond.family = AF_INET6;
		addr = 16;
	} else
		cond.prefix = 0;
	memcpy(cond.addr, f->net.addr, addr);
	emit(b, c->cond, &cond, 8 + addr);
	return CODE;
}

static enum verdict
host_term(struct compile *c, const struct filter *f)
{
	struct buf *b = c->code;
	size_t from = b->len, mid;
	enum verdict lhs;

	if (f->side != SIDE_EITHER)
		return host_end(b, f, &end_codes[f->side]);
	lhs = host_end(b, f, &end_codes[SIDE_LOCAL]);
	mid = b->len;
	if (lhs == CODE)
		emit_jump(b, 0);
	return join_or(
	    b, from, mid, lhs, host_end(b, f, &end_codes[SIDE_PEER]));
}

/* Each of these says false if the kernel cannot judge it. */

static bool
iface_code(struct compile *c, const struct filter *f)
{
	uint32_t index = f->ifindex;

	if (index == 0 && strcmp(f->text, "0") != 0) {
		if (c->opts->ifindex != NULL)
			index = c->opts->ifindex(c->opts->arg, f->text);
		if (index == 0)
			return false;
	}
	emit(c->code, INET_DIAG_BC_DEV_COND, &index, sizeof(index));
	return true;
}

static bool
mark_code(struct compile *c, const struct filter *f)
{
	const uint32_t cond[2] = { f->mark, f->mask };

	if ((c->opts->skip & DIAG_SKIP_MARK) != 0)
		return false;
	emit(c->code, INET_DIAG_BC_MARK_COND, cond, sizeof(cond));
	return true;
}

static bool
cgroup_code(struct compile *c, const struct filter *f)
{
	uint64_t id = f->cgroup;

	if ((c->opts->skip & DIAG_SKIP_CGROUP) != 0)
		return false;
	if (id == 0 && c->opts->cgroup != NULL)
		id = c->opts->cgroup(c->opts->arg, f->text);
	if (id == 0)
		return false;
	emit(c->code, BC_CGROUP_COND, &id, sizeof(id));
	return true;
}

/* The kernel knows which ports it chose itself; as in ss, a row must pass
 * this and lie in the range of such ports. */
static bool
autobound_code(struct compile *c, const struct filter *f)
{
	(void)f;
	emit(c->code, INET_DIAG_BC_AUTO, NULL, 0);
	return true;
}

static bool (*const simple_terms[])(struct compile *, const struct filter *) = {
	[FILTER_IFACE] = iface_code,
	[FILTER_MARK] = mark_code,
	[FILTER_CGROUP] = cgroup_code,
	[FILTER_AUTOBOUND] = autobound_code,
	[FILTER_WORD] = NULL,
};

static enum verdict
term(struct compile *c, const struct filter *f, bool not )
{
	enum verdict v;

	if (f->op == OP_NE)
		not = !not ;
	if (f->kind == FILTER_TRUE)
		v = ALWAYS;
	else if (f->kind == FILTER_PORT)
		v = port_term(c, f);
	else if (f->kind == FILTER_HOST)
		v = host_term(c, f);
	else if (simple_terms[f->kind] != NULL && simple_terms[f->kind](c, f))
		v = CODE;
	else
		return ALWAYS; /* may match; its opposite, too */
	if (!not )
		return v;
	if (v == CODE)
		negate(c->code);
	return v == ALWAYS ? NEVER : v == NEVER ? ALWAYS : CODE;
}

/* -- and, or, not --------------------------------------------------------- */

static enum verdict compile(struct compile *, const struct filter *, bool);

static enum verdict
compile_and(struct compile *c, const struct filter *f, bool not )
{
	struct buf *b = c->code;
	size_t from = b->len, end;
	enum verdict lhs, rhs;

	lhs = compile(c, f->lhs, not );
	if (lhs == NEVER)
		return NEVER;
	end = b->len;
	rhs = compile(c, f->rhs, not );
	if (rhs == NEVER) {
		cut(b, from);
		return NEVER;
	}
	if (lhs == ALWAYS)
		return rhs;
	relocate(b, from, end);
	return CODE;
}

static enum verdict
compile_or(struct compile *c, const struct filter *f, bool not )
{
	struct buf *b = c->code;
	size_t from = b->len, mid;
	enum verdict lhs;

	lhs = compile(c, f->lhs, not );
	if (lhs == ALWAYS)
		return ALWAYS;
	mid = b->len;
	if (lhs == CODE)
		emit_jump(b, 0);
	return join_or(b, from, mid, lhs, compile(c, f->rhs, not ));
}

static enum verdict
compile(struct compile *c, const struct filter *f, bool not )
{
	if (c->code->len > CODE_MAX)
		return ALWAYS; /* the whole is given up */
	switch (f->kind) {
	case FILTER_NOT:
		return compile(c, f->lhs, !not );
	case FILTER_AND:
		return not ? compile_or(c, f, not ) : compile_and(c, f, not );
	case FILTER_OR:
		return not ? compile_and(c, f, not ) : compile_or(c, f, not );
	default:
		return term(c, f, not );
	}
}

bool
diag_filter_compile(const struct filter *f, const struct diag_filter_opts *opts,
    struct buf *code)
{
	struct compile c = { .opts = opts, .code = code };
	enum verdict v;

	buf_reset(code);
	if (f == NULL || (opts->skip & DIAG_SKIP_ALL) != 0)
		return false;
	v = compile(&c, f, false);
	if (v == NEVER)
		emit_jump(code, 8);
	if (v == ALWAYS || code->len > CODE_MAX)
		buf_reset(code);
	return code->len > 0;
}

void
diag_filter_ports(struct buf *code, uint16_t local, uint16_t peer)
{
	size_t end;

	buf_reset(code);
	emit_port(code, BC_S_EQ, local);
	end = code->len;
	emit_port(code, BC_D_EQ, peer);
	relocate(code, 0, end);
}

/* SPDX-License-Identifier: ISC */
/*
 * A filter back as text that parses to the same tree. Written with as few
 * parentheses as the precedence allows, so that what a parse accepted is not
 * nested deeper when it is read again.
 */
#include "config.h"

#include "model/filter.h"

#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "model/column_get.h"
#include "model/filter_parse.h"

static const char *const op_text[] = { [OP_EQ] = "=",
	[OP_NE] = "!=",
	[OP_LT] = "<",
	[OP_LE] = "<=",
	[OP_GT] = ">",
	[OP_GE] = ">=",
	[OP_MATCH] = "~",
	[OP_NOMATCH] = "!~" };

static void
put_quoted(const char *s, struct buf *b)
{
	buf_putc(b, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *s);
	}
	buf_putc(b, '"');
}

static bool
all_digits(const char *s)
{
	return s[strspn(s, "0123456789")] == '\0';
}

/* A value as it is where nothing in it means something else. name: digits
 * would be taken for a number of what it names. */
static void
put_value(const char *s, bool name, struct buf *b)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./@%+-";

	if (*s != '\0' && s[strspn(s, plain)] == '\0' &&
	    (!name || !all_digits(s)))
		buf_puts(b, s);
	else
		put_quoted(s, b);
}

static void
put_states(uint32_t mask, struct buf *b)
{
	const char *verb = "state ", *gap = "";
	const struct filter_state *s;

	if (mask == 0 || mask == SOCK_STATES_ALL) {
		buf_puts(b, mask == 0 ? "exclude all" : "state all");
		return;
	}
	if (__builtin_popcount(mask) > SOCK_NSTATES / 2) {
		mask = SOCK_STATES_ALL & ~mask;
		verb = "exclude ";
	}
	for (s = filter_state_table; s->name != NULL; s++) {
		if (!s->canonical || (mask & s->mask) != s->mask)
			continue;
		mask &= ~s->mask;
		buf_puts(b, gap);
		buf_puts(b, verb);
		buf_puts(b, s->name);
		gap = " ";
	}
}

static void
put_host(const struct filter *f, struct buf *b)
{
	char text[TEXT_IP_MAX];
	struct endpoint ep = { 0 };
	unsigned full = f->net.family == 6 ? 128 : 32;
	char *end;

	buf_puts(b, f->side == SIDE_PEER ? "dst" : "src");
	buf_puts(b, op_text[f->op]);
	if (f->net.family == 0) {
		buf_putc(b, '*');
	} else {
		memcpy(ep.addr, f->net.addr, sizeof(ep.addr));
		end = endpoint_addr_text(text, &ep, f->net.family);
		if (f->net.family == 6)
			buf_putc(b, '[');
		buf_put(b, text, (size_t)(end - text));
		if (f->net.prefix != full) {
			buf_putc(b, '/');
			column_put_u64(b, f->net.prefix);
		}
		if (f->net.family == 6)
			buf_putc(b, ']');
	}
	if (f->net.port >= 0) {
		buf_putc(b, ':');
		column_put_u64(b, (uint64_t)f->net.port);
	}
}

static void
put_port(const struct filter *f, struct buf *b)
{
	static const char *const names[] = { [SIDE_LOCAL] = "sport",
		[SIDE_PEER] = "dport",
		[SIDE_EITHER] = "port" };

	buf_puts(b, names[f->side]);
	buf_puts(b, op_text[f->op]);
	column_put_u64(b, f->port);
	if (f->port_hi != f->port) {
		buf_putc(b, '-');
		column_put_u64(b, f->port_hi);
	}
}

static void
put_term(const struct filter *f, struct buf *b)
{
	switch (f->kind) {
	case FILTER_STATES:
		put_states(f->states, b);
		break;
	case FILTER_HOST:
		put_host(f, b);
		break;
	case FILTER_PORT:
		put_port(f, b);
		break;
	case FILTER_IFACE:
		buf_puts(b, "dev");
		buf_puts(b, op_text[f->op]);
		put_value(
		    f->text, f->ifindex == 0 && strcmp(f->text, "0") != 0, b);
		break;
	case FILTER_CGROUP:
		buf_puts(b, "cgroup");
		buf_puts(b, op_text[f->op]);
		put_value(f->text, false, b);
		break;
	case FILTER_MARK:
		buf_printf(
		    b, "fwmark%s0x%x/0x%x", op_text[f->op], f->mark, f->mask);
		break;
	case FILTER_AUTOBOUND:
		buf_puts(b, "autobound");
		break;
	case FILTER_COLUMN:
		buf_puts(b, f->col->name);
		buf_puts(b, op_text[f->op]);
		put_value(f->text, f->col->type == VAL_TEXT, b);
		break;
	case FILTER_WORD:
		put_quoted(f->text, b);
		break;
	default:
		buf_puts(b, "state all");
		break;
	}
}

static void put_expr(const struct filter *, struct buf *);

static void
put_nested(const struct filter *f, bool parens, struct buf *b)
{
	if (parens)
		buf_putc(b, '(');
	put_expr(f, b);
	if (parens)
		buf_putc(b, ')');
}

static void
put_expr(const struct filter *f, struct buf *b)
{
	enum filter_kind kind = f->kind;

	if (kind == FILTER_NOT) {
		buf_puts(b, "not ");
		put_nested(f->lhs,
		    f->lhs->kind == FILTER_AND || f->lhs->kind == FILTER_OR, b);
		return;
	}
	if (kind != FILTER_AND && kind != FILTER_OR) {
		put_term(f, b);
		return;
	}
	/* The chain; an operand of the same kind on the left was in
	 * parentheses, and so was an "or" within an "and". */
	for (; f->kind == kind; f = f->rhs) {
		put_nested(f->lhs,
		    f->lhs->kind == kind || f->lhs->kind == FILTER_OR, b);
		buf_puts(b, kind == FILTER_AND ? " and " : " or ");
	}
	put_nested(f, f->kind == FILTER_OR, b);
}

void
filter_to_text(const struct filter *f, struct buf *b)
{
	if (f != NULL)
		put_expr(f, b);
}

/* SPDX-License-Identifier: ISC */
/*
 * Columns: what the kernel says of a socket itself. Accessors read and never
 * allocate; what is not known has no value.
 */
#include "config.h"

#include "model/column_get.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "know/exposure.h"
#include "know/service.h"

#define NS_PER_MS UINT64_C(1000000)

bool
row_listens(const struct row *r)
{
	return r->rec.state == SOCK_LISTEN || r->rec.state == SOCK_UNCONNECTED;
}

bool
row_has_peer(const struct row *r)
{
	return r->rec.peer.port != 0 || !endpoint_is_any(&r->rec.peer);
}

static bool
value_uint(struct value *v, uint64_t u)
{
	v->type = VAL_UINT;
	v->u = u;
	return true;
}

static bool
value_text(struct value *v, const char *s)
{
	if (s == NULL)
		return false;
	v->type = VAL_TEXT;
	v->s = s;
	return true;
}

static bool
value_end(struct value *v, const struct endpoint *ep, uint8_t family)
{
	v->type = VAL_ADDR;
	v->ep = ep;
	v->family = family;
	return true;
}

bool
col_proto_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return value_text(v, sock_proto_name(r->rec.proto));
}

bool
col_proto_parse(const char *s, struct value *v)
{
	static const uint8_t protos[] = { SOCK_TCP, SOCK_UDP };
	size_t i;

	for (i = 0; i < nitems(protos); i++)
		if (strcasecmp(s, sock_proto_name(protos[i])) == 0)
			return value_text(v, sock_proto_name(protos[i]));
	return false;
}

bool
col_family_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return value_uint(v, r->rec.family);
}

void
col_family_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	(void)ctx;
	buf_putc(b, 'v');
	buf_putc(b, r->rec.family == 6 ? '6' : '4');
}

bool
col_family_parse(const char *s, struct value *v)
{
	static const char *const names[] = { "4", "v4", "ipv4", "inet" };
	static const char *const names6[] = { "6", "v6", "ipv6", "inet6" };
	size_t i;

	for (i = 0; i < nitems(names); i++) {
		if (strcasecmp(s, names[i]) == 0)
			return value_uint(v, 4);
		if (strcasecmp(s, names6[i]) == 0)
			return value_uint(v, 6);
	}
	return false;
}

bool
col_state_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	v->type = VAL_STATE;
	v->u = r->rec.state;
	return true;
}

bool
col_local_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return value_end(v, &r->rec.local, r->rec.family);
}

void
col_local_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	const char *name = NULL;

	column_put_endpoint(r, false, true, ctx, b);
	if (ctx->names_beside && !ctx->numeric_ports && row_listens(r))
		name = service_name(r->rec.local.port, r->rec.proto);
	if (name != NULL) {
		buf_putc(b, ' ');
		buf_puts(b, name);
	}
}

void
col_laddr_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	column_put_endpoint(r, false, false, ctx, b);
}

bool
col_peer_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return row_has_peer(r) && value_end(v, &r->rec.peer, r->rec.family);
}

void
col_peer_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	if (row_has_peer(r))
		column_put_endpoint(r, true, true, ctx, b);
	else
		buf_putc(b, '-');
}

void
col_paddr_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	if (row_has_peer(r))
		column_put_endpoint(r, true, false, ctx, b);
	else
		buf_putc(b, '-');
}

bool
col_lport_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return r->rec.local.port != 0 && value_uint(v, r->rec.local.port);
}

bool
col_pport_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return r->rec.peer.port != 0 && value_uint(v, r->rec.peer.port);
}

/* Of the two ports the one with a name; of two names the lower number, which
 * is the server's nearly always. */
bool
col_service_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	uint16_t lport = r->rec.local.port, pport = r->rec.peer.port;
	const char *name = NULL, *peer = NULL;

	(void)ctx;
	if (lport != 0)
		name = service_name(lport, r->rec.proto);
	if (pport != 0 && (name == NULL || pport < lport))
		peer = service_name(pport, r->rec.proto);
	return value_text(v, peer != NULL ? peer : name);
}

bool
col_fd_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return r->owners.proc != NULL && r->owners.fd >= 0 &&
	       value_uint(v, (uint64_t)r->owners.fd);
}

bool
col_uid_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return (r->rec.known & KNOWN_UID) != 0 && value_uint(v, r->rec.uid);
}

bool
col_inode_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return (r->rec.known & KNOWN_INODE) != 0 && r->rec.inode != 0 &&
	       value_uint(v, r->rec.inode);
}

/* A key made up from the tuple is ours, not the kernel's: not shown. */
bool
col_cookie_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return (r->rec.flags & SOCKF_SYNTH_KEY) == 0 &&
	       value_uint(v, r->rec.cookie);
}

bool
col_mark_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return (r->rec.known & KNOWN_MARK) != 0 && value_uint(v, r->rec.mark);
}

void
col_mark_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	static const char digits[] = "0123456789abcdef";
	char text[8];
	uint32_t mark = r->rec.mark;
	int i = sizeof(text);

	(void)ctx;
	if ((r->rec.known & KNOWN_MARK) == 0) {
		buf_putc(b, '-');
		return;
	}
	do {
		text[--i] = digits[mark & 15];
		mark >>= 4;
	} while (mark != 0);
	buf_put(b, "0x", 2);
	buf_put(b, text + i, sizeof(text) - (size_t)i);
}

bool
col_nsid_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return r->rec.netns != 0 && value_uint(v, r->rec.netns);
}

bool
col_netns_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	return r->rec.netns != 0 &&
	       value_text(v,
		   names_get(ctx->table->names, NAME_NETNS, 0, r->rec.netns));
}

void
col_netns_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	struct value v;

	if (col_netns_get(r, ctx, &v))
		buf_puts(b, v.s);
	else if (r->rec.netns != 0)
		column_put_u64(b, r->rec.netns);
	else
		buf_putc(b, '-');
}

bool
col_iface_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	return (r->rec.known & KNOWN_IFACE) != 0 && r->rec.ifindex != 0 &&
	       value_text(v, names_get(ctx->table->names, NAME_IFACE,
				 r->rec.netns, r->rec.ifindex));
}

void
col_iface_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	struct value v;

	if (col_iface_get(r, ctx, &v))
		buf_puts(b, v.s);
	else if ((r->rec.known & KNOWN_IFACE) != 0 && r->rec.ifindex != 0)
		column_put_u64(b, r->rec.ifindex);
	else
		buf_putc(b, '-');
}

bool
col_skcgroup_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	return (r->rec.known & KNOWN_CGROUP) != 0 && r->rec.cgroup != 0 &&
	       value_text(v,
		   names_get(ctx->table->names, NAME_CGROUP, 0, r->rec.cgroup));
}

bool
col_recvq_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return (r->rec.known & KNOWN_QUEUES) != 0 &&
	       value_uint(v, r->rec.recvq);
}

bool
col_sendq_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return (r->rec.known & KNOWN_QUEUES) != 0 &&
	       (r->rec.flags & SOCKF_NO_LIMIT) == 0 &&
	       value_uint(v, r->rec.sendq);
}

bool
col_backlog_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	return r->rec.state == SOCK_LISTEN && col_recvq_get(r, ctx, v);
}

void
col_backlog_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	struct value v;

	if (!col_backlog_get(r, ctx, &v)) {
		buf_putc(b, '-');
		return;
	}
	column_put_u64(b, r->rec.recvq);
	buf_putc(b, '/');
	if (col_sendq_get(r, ctx, &v))
		column_put_u64(b, v.u);
	else
		buf_putc(b, '-');
}

bool
col_timer_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return (r->rec.known & KNOWN_TIMER) != 0 && r->rec.timer != TIMER_OFF &&
	       value_text(v, sock_timer_name(r->rec.timer));
}

bool
col_timer_parse(const char *s, struct value *v)
{
	unsigned t;

	for (t = TIMER_RETRANSMIT; t <= TIMER_PERSIST; t++)
		if (strcasecmp(s, sock_timer_name(t)) == 0)
			return value_text(v, sock_timer_name(t));
	/* ss's words */
	if (strcasecmp(s, "on") == 0)
		return value_text(v, sock_timer_name(TIMER_RETRANSMIT));
	if (strcasecmp(s, "timewait") == 0)
		return value_text(v, sock_timer_name(TIMER_TIME_WAIT));
	return false;
}

bool
col_timer_left_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	if (!col_timer_get(r, ctx, v))
		return false;
	v->type = VAL_DURATION;
	v->u = r->rec.timer_ms * NS_PER_MS;
	return true;
}

bool
col_age_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	v->type = VAL_DURATION;
	v->u = row_age_ns(ctx->table, r);
	return (r->flags & ROW_BORN) != 0 || v->u != 0;
}

/* An age whose beginning was not seen is "at least". */
void
col_age_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	struct value v;

	if (!col_age_get(r, ctx, &v)) {
		buf_putc(b, '-');
		return;
	}
	if ((r->flags & ROW_BORN) == 0)
		buf_putc(b, '>');
	value_put(&v, ctx, r, b);
}

bool
col_state_age_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	v->type = VAL_DURATION;
	v->u = row_state_age_ns(ctx->table, r);
	return r->history != NULL || (r->flags & ROW_BORN) != 0 || v->u != 0;
}

/* Only what others can begin to talk to is exposed. */
bool
col_exposed_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return row_listens(r) &&
	       value_uint(v, exposure_of(r->rec.local.addr, r->rec.family));
}

void
col_exposed_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	struct value v;

	if (col_exposed_get(r, ctx, &v))
		buf_puts(b, exposure_name((enum exposure)v.u));
	else
		buf_putc(b, '-');
}

bool
col_exposed_parse(const char *s, struct value *v)
{
	unsigned e;

	for (e = EXPOSURE_LOOPBACK; e <= EXPOSURE_ALL; e++)
		if (strcasecmp(s, exposure_name(e)) == 0)
			return value_uint(v, e);
	return false;
}

bool
col_v6only_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	if (r->rec.family != 6 || (r->rec.known & KNOWN_V6ONLY) == 0)
		return false;
	v->type = VAL_BOOL;
	v->u = (r->rec.flags & SOCKF_V6ONLY) != 0;
	return true;
}

/* The deck knows its own; elsewhere the worker's name tells. */
bool
col_scan_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	v->type = VAL_BOOL;
	v->u = (r->flags & ROW_SCAN) != 0 ||
	       (r->owners.proc != NULL &&
		   strcmp(r->owners.proc->comm, "sockdeck-scan") == 0);
	return true;
}

bool
col_answers_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	v->type = VAL_TEXT;
	v->s = heard_get(&ctx->table->heard, sock_key(&r->rec));
	return v->s != NULL;
}

static const char *const shutdown_names[] = { NULL, "rd", "wr", "rdwr" };

bool
col_shutdown_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	unsigned how = 0;

	(void)ctx;
	if ((r->rec.flags & SOCKF_SHUT_RD) != 0)
		how |= 1;
	if ((r->rec.flags & SOCKF_SHUT_WR) != 0)
		how |= 2;
	return value_text(v, shutdown_names[how]);
}

bool
col_shutdown_parse(const char *s, struct value *v)
{
	size_t i;

	for (i = 1; i < nitems(shutdown_names); i++)
		if (strcasecmp(s, shutdown_names[i]) == 0)
			return value_text(v, shutdown_names[i]);
	return false;
}

bool
col_pair_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	const struct row *other;

	if (!row_has_peer(r))
		return false;
	other = table_pair(ctx->table, r);
	return other != NULL && other->owners.proc != NULL &&
	       value_text(v, other->owners.proc->comm);
}

void
col_pair_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	const struct row *other = NULL;

	if (row_has_peer(r))
		other = table_pair(ctx->table, r);
	if (other == NULL || other->owners.proc == NULL) {
		buf_putc(b, '-');
		return;
	}
	buf_puts(b, other->owners.proc->comm);
	buf_putc(b, '[');
	column_put_u64(b, (uint64_t)other->owners.proc->pid);
	buf_putc(b, ']');
}

bool
col_listener_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	const struct row *other;

	if (r->rec.state == SOCK_LISTEN || !row_has_peer(r))
		return false;
	other = table_listener(ctx->table, r);
	return other != NULL &&
	       value_end(v, &other->rec.local, other->rec.family);
}

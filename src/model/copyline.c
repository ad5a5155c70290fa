/* SPDX-License-Identifier: ISC */
/*
 * A row as one line of text to paste somewhere else: an address, a command
 * for ss(8) or kill(1), JSON. Knows nothing of clipboards.
 */
#include "config.h"

#include "model/copyline.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "model/names.h"
#include "model/rowjson.h"

/* Characters that mean nothing to a shell, wherever they stand. */
static bool
shell_safe(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("@%+=:,./-_", c) != NULL);
}

void
copy_shell_word(struct buf *out, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len && shell_safe(s[i]); i++)
		;
	if (len > 0 && i == len) {
		buf_put(out, s, len);
		return;
	}
	buf_putc(out, '\'');
	for (i = 0; i < len; i++) {
		if (s[i] == '\'')
			buf_puts(out, "'\\''");
		else
			buf_putc(out, s[i]);
	}
	buf_putc(out, '\'');
}

static void
put_endpoint(struct buf *out, const struct endpoint *ep, unsigned family)
{
	char addr[TEXT_IP_MAX], *end;
	size_t len;

	end = endpoint_addr_text(addr, ep, family);
	len = (size_t)(end - addr);
	if (family == 6)
		buf_putc(out, '[');
	buf_put(out, addr, len);
	if (family == 6)
		buf_putc(out, ']');
	buf_printf(out, ":%u", ep->port);
}

static bool
has_peer(const struct sock_rec *rec)
{
	return rec->peer.port != 0 || !endpoint_is_any(&rec->peer);
}

static bool
put_local(const struct row *r, const struct view_ctx *ctx, struct buf *out)
{
	(void)ctx;
	put_endpoint(out, &r->rec.local, r->rec.family);
	return true;
}

static bool
put_peer(const struct row *r, const struct view_ctx *ctx, struct buf *out)
{
	(void)ctx;
	if (!has_peer(&r->rec))
		return false;
	put_endpoint(out, &r->rec.peer, r->rec.family);
	return true;
}

static bool
put_tuple(const struct row *r, const struct view_ctx *ctx, struct buf *out)
{
	buf_printf(out, "%s ", sock_proto_name(r->rec.proto));
	put_local(r, ctx, out);
	if (has_peer(&r->rec)) {
		buf_puts(out, " -> ");
		put_peer(r, ctx, out);
	}
	return true;
}

/* Each holder once: a process may hold a socket by several descriptors. */
static bool
put_pids(const struct row *r, struct buf *out)
{
	struct owner o;
	pid_t last = 0;
	uint32_t i;

	for (i = 0; i < r->owners.n; i++) {
		o = owners_at(&r->owners, i);
		if (o.proc == NULL || o.proc->pid <= 0 || o.proc->pid == last)
			continue;
		buf_printf(out, "%s%d", last == 0 ? "" : " ", (int)o.proc->pid);
		last = o.proc->pid;
	}
	return last != 0;
}

static bool
put_pid(const struct row *r, const struct view_ctx *ctx, struct buf *out)
{
	(void)ctx;
	return put_pids(r, out);
}

static bool
put_kill(const struct row *r, const struct view_ctx *ctx, struct buf *out)
{
	struct buf pids = { 0 };
	bool any;

	(void)ctx;
	any = put_pids(r, &pids);
	if (any)
		buf_printf(out, "kill %s", pids.data);
	buf_done(&pids);
	return any;
}

/* The kernel keeps the arguments, the reading joined them by blanks: so each
 * blank-separated word is quoted by itself. */
static bool
put_cmdline(const struct row *r, const struct view_ctx *ctx, struct buf *out)
{
	const struct proc *proc = r->owners.proc;
	const char *s, *end;

	(void)ctx;
	if (proc == NULL || proc->cmdline == NULL || *proc->cmdline == '\0')
		return false;
	for (s = proc->cmdline; *s != '\0'; s = end) {
		end = s + strcspn(s, " ");
		if (end > s)
			copy_shell_word(out, s, (size_t)(end - s));
		for (; *end == ' '; end++)
			buf_putc(out, ' ');
	}
	return true;
}

/* How to get to another namespace, by its name as the names table has it. */
static void
put_netns(const struct row *r, const struct view_ctx *ctx, struct buf *pre,
    struct buf *opt)
{
	const char *name;

	name = names_get(ctx->table->names, NAME_NETNS, 0, r->rec.netns);
	if (name == NULL || strcmp(name, "default") == 0)
		return;
	if (strncmp(name, "pid ", 4) == 0) {
		buf_puts(pre, "nsenter -n -t ");
		copy_shell_word(pre, name + 4, strlen(name + 4));
		buf_putc(pre, ' ');
		return;
	}
	buf_puts(opt, " -N ");
	copy_shell_word(opt, name, strlen(name));
}

/* A command that shows this very socket. An any-address says nothing that the
 * port does not: it is left out. */
static bool
put_ss(const struct row *r, const struct view_ctx *ctx, struct buf *out)
{
	struct buf pre = { 0 }, opt = { 0 };

	put_netns(r, ctx, &pre, &opt);
	if (pre.len > 0)
		buf_puts(out, pre.data);
	buf_printf(out, "ss -%can%up", r->rec.proto == SOCK_UDP ? 'u' : 't',
	    r->rec.family);
	if (opt.len > 0)
		buf_puts(out, opt.data);
	buf_puts(out, " '");
	if (endpoint_is_any(&r->rec.local))
		buf_printf(out, "sport = :%u", r->rec.local.port);
	else {
		buf_puts(out, "src ");
		put_endpoint(out, &r->rec.local, r->rec.family);
	}
	if (has_peer(&r->rec)) {
		buf_puts(out, " and dst ");
		put_endpoint(out, &r->rec.peer, r->rec.family);
	}
	buf_putc(out, '\'');
	buf_done(&pre);
	buf_done(&opt);
	return true;
}

static bool
put_json(const struct row *r, const struct view_ctx *ctx, struct buf *out)
{
	struct json json;

	jw_init(&json, out);
	row_json(&json, r, ctx);
	return true;
}

const struct copy_form copy_forms[] = {
	{ .name = "local", .title = "Local address", .put = put_local },
	{ .name = "peer", .title = "Peer address", .put = put_peer },
	{ .name = "tuple", .title = "Both addresses", .put = put_tuple },
	{ .name = "pid", .title = "Process id", .put = put_pid },
	{ .name = "cmdline", .title = "Command line", .put = put_cmdline },
	{ .name = "ss", .title = "Command that shows it (ss)", .put = put_ss },
	{ .name = "kill",
	    .title = "Command that ends it (kill)",
	    .put = put_kill },
	{ .name = "json", .title = "Everything as JSON", .put = put_json },
	{ .name = NULL },
};

const struct copy_form *
copy_form_find(const char *name)
{
	const struct copy_form *form;

	for (form = copy_forms; form->name != NULL; form++)
		if (strcmp(form->name, name) == 0)
			return form;
	return NULL;
}

/* SPDX-License-Identifier: ISC */
/*
 * Columns: what is known of the process that holds a socket. A row's first
 * holder answers; filters ask each (COL_OWNER).
 */
#include "config.h"

#include "model/column_get.h"

#include <time.h>

#include "base/clock.h"

/* More holders than this are counted, not listed. */
#define PIDS_SHOWN 16

static bool
proc_text(const char *s, struct value *v)
{
	if (s == NULL)
		return false;
	v->type = VAL_TEXT;
	v->s = s;
	return true;
}

bool
col_pid_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	if (r->owners.proc == NULL)
		return false;
	v->type = VAL_UINT;
	v->u = (uint64_t)r->owners.proc->pid;
	return true;
}

bool
col_ppid_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	if (r->owners.proc == NULL)
		return false;
	v->type = VAL_UINT;
	v->u = (uint64_t)r->owners.proc->ppid;
	return true;
}

void
col_pids_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	uint32_t i, shown = 0;
	pid_t last = 0;

	(void)ctx;
	if (r->owners.proc == NULL) {
		buf_putc(b, '-');
		return;
	}
	for (i = 0; i < r->owners.n; i++) {
		struct owner o = owners_at(&r->owners, i);

		/* Ordered by pid: one process with two descriptors. */
		if (o.proc->pid == last)
			continue;
		last = o.proc->pid;
		if (shown == PIDS_SHOWN) {
			buf_puts(b, ",..");
			break;
		}
		if (shown++ > 0)
			buf_putc(b, ',');
		column_put_u64(b, (uint64_t)last);
	}
}

bool
col_holders_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	v->type = VAL_UINT;
	v->u = r->owners.n;
	return r->owners.proc != NULL;
}

/* The owner's user; the kernel's uid of the socket where no owner is known. */
bool
col_user_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	const struct proc *p = r->owners.proc;

	if (p != NULL && p->user != NULL)
		return proc_text(p->user, v);
	if (p != NULL)
		return proc_text(
		    names_get(ctx->table->names, NAME_USER, 0, p->uid), v);
	if ((r->rec.known & KNOWN_UID) == 0)
		return false;
	return proc_text(
	    names_get(ctx->table->names, NAME_USER, 0, r->rec.uid), v);
}

void
col_user_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	struct value v;

	if (col_user_get(r, ctx, &v))
		buf_puts(b, v.s);
	else if (r->owners.proc != NULL)
		column_put_u64(b, r->owners.proc->uid);
	else if ((r->rec.known & KNOWN_UID) != 0)
		column_put_u64(b, r->rec.uid);
	else
		buf_putc(b, '-');
}

bool
col_process_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return r->owners.proc != NULL && proc_text(r->owners.proc->comm, v);
}

bool
col_cmdline_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return r->owners.proc != NULL && proc_text(r->owners.proc->cmdline, v);
}

bool
col_exe_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return r->owners.proc != NULL && proc_text(r->owners.proc->exe, v);
}

bool
col_cwd_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return r->owners.proc != NULL && proc_text(r->owners.proc->cwd, v);
}

bool
col_unit_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return r->owners.proc != NULL && proc_text(r->owners.proc->unit, v);
}

bool
col_container_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return r->owners.proc != NULL &&
	       proc_text(r->owners.proc->container, v);
}

bool
col_cgroup_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return r->owners.proc != NULL && proc_text(r->owners.proc->cgroup, v);
}

bool
col_note_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return r->owners.proc != NULL && proc_text(r->owners.proc->note, v);
}

bool
col_start_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	if (r->owners.proc == NULL || r->owners.proc->start_wall == 0)
		return false;
	v->type = VAL_UINT;
	v->u = r->owners.proc->start_wall;
	return true;
}

/* "2026-11-21T02:50:55Z": whole seconds, all that the kernel tells. */
void
col_start_put(const struct row *r, const struct view_ctx *ctx, struct buf *b)
{
	char text[CLOCK_RFC3339_MAX];
	struct timespec ts = { 0 };
	struct value v;
	size_t n = sizeof("2026-11-21T02:50:55") - 1;

	if (!col_start_get(r, ctx, &v)) {
		buf_putc(b, '-');
		return;
	}
	ts.tv_sec = (time_t)v.u;
	clock_rfc3339(ts, text);
	buf_put(b, text, n);
	buf_putc(b, 'Z');
}

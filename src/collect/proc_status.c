/* SPDX-License-Identifier: ISC */
/* What bounds a process: /proc/PID/status, proc_pid_status(5). */
#include "config.h"

#include "collect/proc_status.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/procfs.h"

#define STATUS_MAX 8192
#define STAT_MAX   4096

/* The name comes first and may hold anything but a newline as such: what looks
 * like a line of its own is one. */
static bool
field(const char *text, const char *name, unsigned base, uint64_t *ret)
{
	const char *at = strstr(text, name);
	char value[32];
	size_t n;

	if (at == NULL)
		return false;
	at += strlen(name);
	n = strcspn(at, "\n");
	if (n == 0 || n >= sizeof(value))
		return false;
	memcpy(value, at, n);
	value[n] = '\0';
	return base == 16 ? num_hex_u64(value, UINT64_MAX, ret)
			  : num_u64(value, 0, UINT8_MAX, ret);
}

bool
proc_status_parse(const char *text, struct audit_process *ret)
{
	uint64_t caps, privs, seccomp;

	*ret = (struct audit_process){ 0 };
	if (!field(text, "\nCapEff:\t", 16, &caps) ||
	    !field(text, "\nNoNewPrivs:\t", 10, &privs) ||
	    !field(text, "\nSeccomp:\t", 10, &seccomp) || seccomp > 2)
		return false;
	ret->known = true;
	ret->caps = caps;
	ret->no_new_privs = privs != 0;
	ret->seccomp = (uint8_t)seccomp;
	return true;
}

/* After status was read: so it was of this process. */
static bool
is_still(int dir, uint64_t start)
{
	struct procfs_stat st;
	char text[STAT_MAX];
	ssize_t n = procfs_read_at(dir, "stat", text, sizeof(text));

	return n > 0 && procfs_parse_stat(text, (size_t)n, &st) &&
	       st.start == start;
}

void
proc_status_read(const struct proc *p, struct audit_process *ret)
{
	char path[32], text[STATUS_MAX + 1];
	ssize_t n;
	int dir;

	*ret = (struct audit_process){ 0 };
	(void)snprintf(path, sizeof(path), "/proc/%ld", (long)p->pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		return;
	n = procfs_read_at(dir, "status", text, STATUS_MAX);
	if (n > 0) {
		text[n] = '\0';
		(void)proc_status_parse(text, ret);
	}
	if (!is_still(dir, p->start))
		ret->known = false;
	(void)close(dir);
}

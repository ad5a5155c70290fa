/* SPDX-License-Identifier: ISC */
/*
 * Parsers of what /proc tells of one process. They never trust it: names and
 * command lines are the process's own to choose (a name of ") S 1 (" once hid
 * processes from tools like this one).
 */
#include "config.h"

#include "base/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define KTHREAD_FLAG 0x00200000 /* PF_KTHREAD, field 9 of stat */

/* Decimal digits at *p; advances. False: none, or more than max. */
static bool
take_u64(const char **p, const char *end, uint64_t max, uint64_t *ret)
{
	const char *s = *p;
	uint64_t v = 0;

	if (s == end || *s < '0' || *s > '9')
		return false;
	for (; s < end && *s >= '0' && *s <= '9'; s++) {
		if (v > (max - (uint64_t)(*s - '0')) / 10)
			return false;
		v = v * 10 + (uint64_t)(*s - '0');
	}
	*p = s;
	*ret = v;
	return true;
}

/* The n-th blank-separated field from p on (0: the one p stands at). */
static const char *
skip_fields(const char *p, const char *end, int n)
{
	while (n-- > 0) {
		p = memchr(p, ' ', (size_t)(end - p));
		if (p == NULL)
			return end;
		p++;
	}
	return p;
}

bool
procfs_parse_stat(const char *s, size_t len, struct procfs_stat *ret)
{
	const char *end = s + len, *p = s, *open, *close;
	uint64_t pid, ppid, flags, start;

	if (!take_u64(&p, end, INT_MAX, &pid) || pid == 0)
		return false;
	if (end - p < 2 || p[0] != ' ' || p[1] != '(')
		return false;
	open = p + 1;
	/* The last one: the name itself may hold any number of them. */
	close = memrchr(open, ')', (size_t)(end - open));
	if (close == NULL || end - close < 4 || close[1] != ' ')
		return false;
	p = skip_fields(close + 2, end, 1); /* field 4, after the state */
	if (!take_u64(&p, end, INT_MAX, &ppid))
		return false;
	p = skip_fields(close + 2, end, 6); /* 9 */
	if (!take_u64(&p, end, UINT64_MAX, &flags))
		return false;
	p = skip_fields(close + 2, end, 19); /* 22 */
	if (!take_u64(&p, end, UINT64_MAX, &start))
		return false;
	ret->pid = (pid_t)pid;
	ret->ppid = (pid_t)ppid;
	ret->start = start;
	ret->kthread = (flags & KTHREAD_FLAG) != 0;
	ret->comm_len = (size_t)(close - open - 1);
	if (ret->comm_len > sizeof(ret->comm))
		ret->comm_len = sizeof(ret->comm);
	memcpy(ret->comm, open + 1, ret->comm_len);
	return true;
}

bool
procfs_parse_socket(const char *s, size_t len, uint32_t *ret)
{
	const char *p = s + 8, *end = s + len;
	uint64_t v;

	if (len < 10 || memcmp(s, "socket:[", 8) != 0)
		return false;
	if (!take_u64(&p, end, UINT32_MAX, &v))
		return false;
	if (end - p != 1 || *p != ']' || v == 0)
		return false;
	*ret = (uint32_t)v;
	return true;
}

long
procfs_parse_number(const char *s)
{
	long v = 0;

	if (*s == '\0')
		return -1;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || v > (INT_MAX - 9) / 10)
			return -1;
		v = v * 10 + (*s - '0');
	}
	return v;
}

/* "12:cpu,cpuacct:/path" -> the three parts; false: not such a line. */
static bool
cgroup_line(const char *s, size_t len, const char **ctl, size_t *nctl,
    const char **path, size_t *npath)
{
	const char *a, *b;

	a = memchr(s, ':', len);
	if (a == NULL)
		return false;
	a++;
	b = memchr(a, ':', len - (size_t)(a - s));
	if (b == NULL)
		return false;
	*ctl = a;
	*nctl = (size_t)(b - a);
	*path = b + 1;
	*npath = len - (size_t)(b + 1 - s);
	return *npath > 0 && **path == '/';
}

char *
procfs_cgroup_path(const char *s, size_t len)
{
	const char *end = s + len, *nl, *ctl, *path, *best = NULL;
	size_t nctl, npath, nbest = 0;
	int rank, best_rank = -1;

	for (; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (nl == NULL)
			nl = end;
		if (!cgroup_line(
			s, (size_t)(nl - s), &ctl, &nctl, &path, &npath))
			continue;
		/* The root says nothing: any longer path is better. */
		if (npath == 1)
			rank = 0;
		else if (nctl == 0)
			rank = 3;
		else if (nctl == 12 && memcmp(ctl, "name=systemd", 12) == 0)
			rank = 2;
		else
			rank = 1;
		if (rank > best_rank || (rank == best_rank && npath > nbest)) {
			best_rank = rank;
			best = path;
			nbest = npath;
		}
	}
	return best == NULL ? NULL : text_clean(best, nbest);
}

/* Splits at the NULs; a process that wrote over its arguments
 * (setproctitle) has one, maybe followed by a row of NULs. */
static void
cmdline_split(char *raw, size_t len, char ***argv, int *argc)
{
	char *p = raw, *end = raw + len, **v = NULL;
	size_t n = 0, cap = 0;

	raw[len] = '\0';
	while (p < end) {
		v = array_grow(v, &cap, n + 1, sizeof(*v));
		v[n++] = p;
		p += strlen(p) + 1;
	}
	*argv = v;
	*argc = (int)n;
}

char *
procfs_cmdline_text(char *raw, size_t len, char ***argv, int *argc)
{
	bool cut = len >= PROCFS_CMDLINE_MAX;
	struct buf b = { 0 };
	char *text;
	int i;

	if (cut)
		len = PROCFS_CMDLINE_MAX;
	while (len > 0 && raw[len - 1] == '\0')
		len--;
	*argv = NULL;
	*argc = 0;
	if (len == 0)
		return NULL;
	cmdline_split(raw, len, argv, argc);
	for (i = 0; i < *argc; i++) {
		if (i > 0)
			buf_putc(&b, ' ');
		buf_puts(&b, (*argv)[i]);
	}
	text = text_clean(b.data, b.len);
	buf_done(&b);
	if (cut) {
		buf_puts(&b, text);
		buf_puts(&b, "…");
		free(text);
		text = buf_steal(&b);
	}
	return text;
}

static int
hidepid_value(const char *s, const char *end)
{
	static const struct {
		const char *word;
		int value;
	} words[] = { { "hidepid=1", 1 }, { "hidepid=noaccess", 1 },
		{ "hidepid=2", 2 }, { "hidepid=invisible", 2 },
		{ "hidepid=4", 4 }, { "hidepid=ptraceable", 4 } };
	size_t i, n;

	for (i = 0; i < nitems(words); i++) {
		n = strlen(words[i].word);
		if ((size_t)(end - s) < n || memcmp(s, words[i].word, n) != 0)
			continue;
		if (s + n == end || s[n] == ',' || s[n] == ' ')
			return words[i].value;
	}
	return 0;
}

/* One line of mountinfo: "ID PARENT MAJ:MIN ROOT POINT OPTIONS.. - TYPE
 * SOURCE SUPEROPTIONS". -1: another mount. */
static int
hidepid_line(const char *s, const char *end, const char *on)
{
	const char *p, *q;
	int v;

	p = skip_fields(s, end, 4);
	q = memchr(p, ' ', (size_t)(end - p));
	if (q == NULL || (size_t)(q - p) != strlen(on) ||
	    memcmp(p, on, strlen(on)) != 0)
		return -1;
	p = memmem(q, (size_t)(end - q), " - ", 3);
	if (p == NULL || end - p < 8 || memcmp(p + 3, "proc ", 5) != 0)
		return -1;
	for (p = skip_fields(p + 3, end, 2); p < end; p++) {
		v = hidepid_value(p, end);
		if (v != 0)
			return v;
		p = memchr(p, ',', (size_t)(end - p));
		if (p == NULL)
			break;
	}
	return 0;
}

int
procfs_hidepid(const char *mountinfo, size_t len, const char *on)
{
	const char *s = mountinfo, *end = s + len, *nl;
	int v, ret = 0;

	for (; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (nl == NULL)
			nl = end;
		v = hidepid_line(s, nl, on);
		if (v >= 0)
			ret = v; /* the last one mounted is on top */
	}
	return ret;
}

ssize_t
procfs_read_at(int dirfd, const char *path, void *buf, size_t size)
{
	size_t n = 0;
	ssize_t got;
	int fd, r = 0;

	fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	while (n < size) {
		got = read(fd, (char *)buf + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			r = -errno;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	close(fd);
	return r < 0 ? r : (ssize_t)n;
}

int
procfs_slurp_at(
    int dirfd, const char *path, size_t max, char **ret, size_t *len)
{
	struct buf b = { 0 };
	ssize_t got;
	int fd, r = 0;

	fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	while (b.len < max) {
		/* Files of seq_file(9) give a page at a time anyway. */
		char *p = buf_reserve(&b, 65536);

		got = read(fd, p, max - b.len < 65536 ? max - b.len : 65536);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			r = -errno;
		if (got <= 0)
			break;
		b.len += (size_t)got;
	}
	close(fd);
	if (r < 0) {
		buf_done(&b);
		return r;
	}
	*len = b.len;
	buf_putc(&b, '\0');
	*ret = buf_steal(&b);
	return 0;
}

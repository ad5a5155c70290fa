/* SPDX-License-Identifier: ISC */
/* Journals of scans on the disk: begun, gone on with, merged. */
#include "config.h"

#include "app/scan_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "model/scan_wire.h"

#define READ_BYTES 65536

struct scan_file {
	char *path, *clean;       /* clean: for sentences */
	int fd;                   /* -1: it is not there yet */
	struct scan_journal *was; /* what was in it */
	struct buf out;
	int error; /* -errno of a write */
};

static int
failed(char **cause, const char *clean, const char *what, int error)
{
	xasprintf(cause, "%s%s: %s", what, clean, strerror(error));
	return -error;
}

/* All of a file, or its first `upto` bytes, into a reader. 0; -errno or
 * -EBADMSG, and a sentence. */
typedef int (*take_bytes)(void *, const char *, size_t, char **cause);

static int
read_file(int fd, const char *clean, uint64_t upto, take_bytes take, void *arg,
    char **cause)
{
	char *b = xmalloc(READ_BYTES);
	uint64_t at = 0;
	ssize_t n = 0;
	int r = 0;

	while (r == 0 && at < upto) {
		n = pread(fd, b,
		    upto - at < READ_BYTES ? (size_t)(upto - at) : READ_BYTES,
		    (off_t)at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		at += (uint64_t)n;
		r = take(arg, b, (size_t)n, cause);
	}
	if (r == 0 && n == -1)
		r = failed(cause, clean, "cannot read ", errno);
	free(b);
	return r;
}

/* Files, not pipes: they are read twice, and cut. */
static int
check_regular(int fd, const char *clean, char **cause)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return failed(cause, clean, "", errno);
	if (S_ISREG(st.st_mode))
		return 0;
	xasprintf(cause, "%s: a journal is a file", clean);
	return -EINVAL;
}

/* -- --resume -------------------------------------------------------------- */

static int
take_hold(struct scan_file *f, int flags, char **cause)
{
	f->fd = open(f->path,
	    flags | O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0666);
	if (f->fd == -1)
		return failed(cause, f->clean, "", errno);
	if (flock(f->fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK)
			return failed(cause, f->clean, "", errno);
		xasprintf(cause,
		    "%s: another scan is writing to it, or another "
		    "output of this one",
		    f->clean);
		return -EBUSY;
	}
	return check_regular(f->fd, f->clean, cause);
}

static int
take_was(void *arg, const char *data, size_t len, char **cause)
{
	return scan_journal_feed(arg, data, len, NULL, NULL, cause);
}

/* One command line begins a scan and goes on with it; another scan's journal
 * is not written to. */
static int
go_on(struct scan_file *f, const struct args *a, bool built,
    struct scan_plan *p, char **cause)
{
	struct scan_spec left;
	const char *other;
	int status;

	if (scan_journal_spec(f->was, &left, cause) != 0)
		return STATUS_FAILED;
	other = built ? scan_journal_differs(f->was, &p->spec) : NULL;
	if (other != NULL) {
		xasprintf(cause,
		    "%s: the scan in it has other %s; without a target it "
		    "goes on as it was",
		    f->clean, other);
		scan_spec_done(&left);
		return STATUS_USAGE;
	}
	status = scan_plan_resume(p, a, &left, cause);
	scan_spec_done(&left);
	return status;
}

int
scan_file_open(const char *path, const struct args *a, bool built,
    struct scan_plan *p, struct scan_file **ret, char **cause)
{
	struct scan_file *f = xcalloc(1, sizeof(*f));
	int r, status = STATUS_OK;

	f->path = xstrdup(path);
	f->clean = text_clean(path, strlen(path));
	f->was = scan_journal_new(path);
	r = take_hold(f, 0, cause);
	if (r == 0)
		r = read_file(
		    f->fd, f->clean, UINT64_MAX, take_was, f->was, cause);
	else if (r == -ENOENT) {
		free(*cause); /* it is begun, then */
		*cause = NULL;
		r = 0;
	}
	if (r != 0)
		status = STATUS_FAILED;
	else if (!scan_journal_is_new(f->was))
		status = go_on(f, a, built, p, cause);
	else if (!built) {
		xasprintf(cause,
		    "%s: there is no scan in it yet: a TARGET begins one",
		    f->clean);
		status = STATUS_USAGE;
	}
	if (status == STATUS_OK)
		*ret = f;
	else
		scan_file_free(f);
	return status;
}

void
scan_file_free(struct scan_file *f)
{
	if (f == NULL)
		return;
	if (f->fd != -1)
		(void)close(f->fd); /* every write was looked at */
	scan_journal_free(f->was);
	buf_done(&f->out);
	free(f->path);
	free(f->clean);
	free(f);
}

bool
scan_file_is_over(const struct scan_file *f)
{
	return scan_journal_is_over(f->was);
}

bool
scan_file_is_new(const struct scan_file *f)
{
	return scan_journal_is_new(f->was);
}

int
scan_file_begin(
    struct scan_file *f, const struct journal_asked *asked, char **cause)
{
	struct stat st;
	int r;

	if (f->fd == -1) {
		if ((r = take_hold(f, O_CREAT, cause)) != 0)
			return r;
		if (fstat(f->fd, &st) == 0 && st.st_size > 0) {
			xasprintf(cause,
			    "%s: another scan has begun it just "
			    "now",
			    f->clean);
			return -EEXIST;
		}
	}
	/* What a kill cut short would stand in the middle. */
	if (ftruncate(f->fd, (off_t)scan_journal_whole(f->was)) == -1)
		return failed(cause, f->clean, "cannot write ", errno);
	if (scan_file_is_new(f))
		scan_journal_put(&f->out, asked);
	if ((r = scan_file_flush(f)) != 0)
		return failed(cause, f->clean, "cannot write ", -r);
	return 0;
}

struct replay {
	struct scan_journal *j;
	scan_take tell;
	void *arg;
};

static int
take_replay(void *arg, const char *data, size_t len, char **cause)
{
	struct replay *p = arg;

	return scan_journal_feed(p->j, data, len, p->tell, p->arg, cause);
}

int
scan_file_replay(struct scan_file *f, scan_take tell, void *arg, char **cause)
{
	struct replay p = { .tell = tell, .arg = arg };
	int r;

	if (f->fd == -1)
		return 0;
	p.j = scan_journal_new(f->path);
	r = read_file(f->fd, f->clean, scan_journal_whole(f->was), take_replay,
	    &p, cause);
	scan_journal_free(p.j);
	return r;
}

void
scan_file_event(struct scan_file *f, const struct scan_event *ev)
{
	if (f->error == 0)
		scan_event_put(&f->out, ev);
}

int
scan_file_flush(struct scan_file *f)
{
	size_t at = 0;
	ssize_t n;

	while (at < f->out.len && f->error == 0) {
		n = write(f->fd, f->out.data + at, f->out.len - at);
		if (n >= 0)
			at += (size_t)n;
		else if (errno != EINTR) {
			f->error = -errno;
			buf_reset(&f->out);
			return f->error;
		}
	}
	buf_reset(&f->out);
	return 0;
}

int64_t
scan_file_began(const struct scan_file *f)
{
	return scan_journal_began(f->was);
}

bool
scan_file_no_dns(const struct scan_file *f)
{
	return scan_journal_no_dns(f->was);
}

/* -- --merge --------------------------------------------------------------- */

static int
take_merge(void *arg, const char *data, size_t len, char **cause)
{
	return scan_merge_feed(arg, data, len, cause);
}

static int
merge_one(struct scan_merge *m, const char *path, int64_t *oldest, char **cause)
{
	char *clean = text_clean(path, strlen(path));
	struct stat st;
	int fd, r;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	r = fd == -1 ? failed(cause, clean, "", errno)
		     : check_regular(fd, clean, cause);
	if (r == 0) {
		scan_merge_file(m, path);
		r = read_file(fd, clean, UINT64_MAX, take_merge, m, cause);
	}
	if (r == 0)
		r = scan_merge_file_end(m, cause);
	if (r == 0 && fstat(fd, &st) == 0 && st.st_mtime < *oldest)
		*oldest = st.st_mtime;
	if (fd != -1)
		(void)close(fd); /* only read */
	free(clean);
	return r;
}

int
scan_files_merge(const struct args *a, struct scan_merge **ret,
    int64_t *began_s, char **cause)
{
	struct scan_merge *m = scan_merge_new();
	int64_t oldest = INT64_MAX;
	size_t i;
	int r;

	r = merge_one(m, a->scan.merge, &oldest, cause);
	for (i = 0; i < a->nwords && r == 0; i++)
		r = merge_one(m, a->word[i], &oldest, cause);
	if (r == 0)
		r = scan_merge_end(m, cause);
	if (r == 0) {
		*ret = m;
		*began_s = scan_merge_began(m);
		if (*began_s == 0)
			*began_s = oldest;
		return STATUS_OK;
	}
	scan_merge_free(m);
	return STATUS_FAILED;
}

/* SPDX-License-Identifier: ISC */
/*
 * --record: appends each reading as whole lines. The file is never reached
 * through a link, nor with more rights than whoever called sudo has; a
 * reading that could not be written whole is taken back.
 */
#include "config.h"

#include "collect/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/rights.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/rowjson.h"

#define FLUSH_AT ((size_t)1 << 16)

struct recorder {
	int fd;
	char *path; /* clean */
	struct buf buf;
	uint64_t readings;
	off_t start;  /* of the reading being written; -1: not a plain file */
	bool written; /* something since the last reading began */
};

/*
 * An old file is written over if it is a plain one of the user's, under one
 * name only: with a second name it could be any file.
 */
static int
open_old(int dirfd, const char *name, uid_t user)
{
	struct stat st;
	int fd, r = 0;

	fd = openat(dirfd, name,
	    O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (S_ISREG(st.st_mode)) {
		if (st.st_nlink != 1 || st.st_uid != user)
			r = -EEXIST;
		else if (ftruncate(fd, 0) < 0)
			r = -errno;
	} else if (!S_ISCHR(st.st_mode) && !S_ISFIFO(st.st_mode))
		r = -EEXIST;
	else if (fcntl(fd, F_SETFL, 0) < 0)
		r = -errno;
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

static int
open_beneath(int dirfd, const char *name)
{
	struct rights rights;
	uid_t user;
	int fd;

	rights_of_caller(&rights, dirfd);
	/* setfsuid(2) with no user's number only tells the present one. */
	user = (uid_t)setfsuid((uid_t)-1);
	fd = openat(dirfd, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = errno == EEXIST ? open_old(dirfd, name, user) : -errno;
	rights_restore(&rights);
	return fd;
}

static int
open_file(const char *path)
{
	const char *slash = strrchr(path, '/'), *name;
	char *dir;
	int dirfd, fd;

	name = slash == NULL ? path : slash + 1;
	if (*name == '\0')
		return -EISDIR;
	dir = slash == NULL ? xstrdup(".")
			    : xstrndup(path, (size_t)(slash - path) + 1);
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = dirfd < 0 ? -errno : open_beneath(dirfd, name);
	if (dirfd >= 0)
		close(dirfd);
	free(dir);
	return fd;
}

static void
tell(const struct recorder *r, int e, char **cause)
{
	if (e == -ELOOP)
		xasprintf(cause, "%s: is a symbolic link", r->path);
	else if (e == -EEXIST)
		xasprintf(cause, "%s: exists and is not a plain file of yours",
		    r->path);
	else
		xasprintf(cause, "%s: %s", r->path, strerror(-e));
}

static void
recorder_free(struct recorder *r)
{
	buf_done(&r->buf);
	free(r->path);
	free(r);
}

int
recorder_open(struct recorder **ret, const char *path, char **cause)
{
	struct recorder *r = xcalloc(1, sizeof(*r));
	int fd;

	r->path = text_clean(path, strlen(path));
	fd = open_file(path);
	if (fd < 0) {
		tell(r, fd, cause);
		recorder_free(r);
		return fd;
	}
	r->fd = fd;
	*ret = r;
	return 0;
}

static int
flush(struct recorder *r)
{
	const char *p = r->buf.data;
	size_t left = r->buf.len;
	ssize_t n;

	while (left > 0) {
		n = write(r->fd, p, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r->written = true;
		p += n;
		left -= (size_t)n;
	}
	buf_reset(&r->buf);
	return 0;
}

static void
put_head(struct recorder *r, const struct snap *head, size_t rows)
{
	struct json j;

	jw_init(&j, &r->buf);
	jw_object(&j);
	jw_ku64(&j, "reading", ++r->readings);
	jw_ku64(&j, "count", rows);
	snap_json_head(&j, head);
	jw_array(&j);
	jw_array_end(&j);
	jw_object_end(&j);
	buf_putc(&r->buf, '\n');
}

/* A head and its rows: one line each. */
static int
put_reading(
    struct recorder *r, const struct snap *head, const struct view_ctx *ctx)
{
	const struct table *t = ctx->table;
	size_t i, rows = 0;
	struct json j;
	int e;

	for (i = 0; i < t->n; i++)
		rows += (t->row[i]->flags & ROW_GONE) == 0;
	put_head(r, head, rows);
	for (i = 0; i < t->n; i++) {
		if ((t->row[i]->flags & ROW_GONE) != 0)
			continue;
		jw_init(&j, &r->buf);
		row_json(&j, t->row[i], ctx);
		buf_putc(&r->buf, '\n');
		e = r->buf.len < FLUSH_AT ? 0 : flush(r);
		if (e < 0)
			return e;
	}
	return flush(r);
}

int
recorder_write(struct recorder *r, const struct snap *head,
    const struct view_ctx *ctx, char **cause)
{
	int e;

	r->start = lseek(r->fd, 0, SEEK_CUR);
	r->written = false;
	buf_reset(&r->buf);
	e = put_reading(r, head, ctx);
	if (e == 0)
		return 0;
	tell(r, e, cause);
	buf_reset(&r->buf);
	/* Half a reading is none. */
	if (r->written && r->start >= 0 && ftruncate(r->fd, r->start) == 0)
		(void)lseek(r->fd, r->start, SEEK_SET);
	return e;
}

int
recorder_close(struct recorder *r, char **cause)
{
	int e;

	if (r == NULL)
		return 0;
	/* Network file systems tell of a full disk only here. */
	e = close(r->fd) < 0 ? -errno : 0;
	if (e < 0)
		tell(r, e, cause);
	recorder_free(r);
	return e;
}

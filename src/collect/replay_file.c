/* SPDX-License-Identifier: ISC */
/*
 * The bytes of a file to read back: what kind it is, its lines, the JSON
 * values in it. Bounded in every direction; a pipe will do.
 */
#include "config.h"

#include "collect/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/xmalloc.h"

#define CHUNK     ((size_t)1 << 18)
#define NLMSG_MIN 16

/* More bytes behind what is there, up to max of them: 1, 0 at the end or the
 * limit, -errno. */
static int
fill(struct replay_file *f, size_t max)
{
	size_t room;
	ssize_t n;

	if (f->eof || f->len - f->pos >= max)
		return 0;
	if (f->pos > 0) {
		memmove(f->data, f->data + f->pos, f->len - f->pos);
		f->len -= f->pos;
		f->pos = 0;
	}
	if (f->cap - f->len < CHUNK) {
		f->cap = f->len + f->len / 2 + CHUNK;
		f->data = xrealloc(f->data, f->cap);
	}
	room = f->cap - f->len;
	do {
		n = read(f->fd, f->data + f->len, room);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		f->eof = true;
	f->len += (size_t)n;
	return n > 0;
}

static int
fail(const struct replay_file *f, int e, const char *why, char **cause)
{
	xasprintf(cause, "%s: %s", f->path, why);
	return e;
}

/* Everything there is. */
static int
fill_all(struct replay_file *f, char **cause)
{
	int r;

	while ((r = fill(f, REPLAY_FILE_MAX)) > 0)
		continue;
	if (r < 0)
		return fail(f, r, strerror(-r), cause);
	if (!f->eof)
		return fail(f, -EFBIG, "too big to be read whole", cause);
	return 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
looks_like_netlink(const char *p, size_t n)
{
	uint32_t len;
	uint16_t type;

	if (n < NLMSG_MIN)
		return false;
	memcpy(&len, p, sizeof(len));
	memcpy(&type, p + 4, sizeof(type));
	/* NLMSG_ERROR, NLMSG_DONE, TCPDIAG_GETSOCK, SOCK_DIAG_BY_FAMILY */
	return len >= NLMSG_MIN && len < (1u << 20) &&
	       (type == 2 || type == 3 || type == 18 || type == 20);
}

/* Numbers above 2^63 are rare; then all of that value come as reals. */
static json_t *
load(const char *s, size_t n, size_t flags, json_error_t *e)
{
	json_t *v = json_loadb(s, n, flags, e);

	if (v == NULL && json_error_code(e) == json_error_numeric_overflow)
		v = json_loadb(s, n, flags | JSON_DECODE_INT_AS_REAL, e);
	return v;
}

/* The end of the first line, if it is within bounds. */
static int
first_line(struct replay_file *f, const char **end)
{
	size_t at = 0;
	const char *nl;
	int r;

	for (;;) {
		nl = memchr(f->data + f->pos + at, '\n', f->len - f->pos - at);
		if (nl != NULL || f->eof) {
			*end = nl != NULL ? nl : f->data + f->len;
			return 1;
		}
		at = f->len - f->pos;
		r = fill(f, REPLAY_LINE_MAX);
		if (r < 0 || (r == 0 && !f->eof))
			return r;
	}
}

/* One value a line, or a document spread over many? */
static int
json_kind(struct replay_file *f, char **cause)
{
	const char *end = NULL;
	json_error_t e;
	json_t *v = NULL;
	int r;

	r = first_line(f, &end);
	if (r < 0)
		return fail(f, r, strerror(-r), cause);
	if (r > 0)
		v = load(f->data + f->pos, (size_t)(end - (f->data + f->pos)),
		    0, &e);
	if (v != NULL) {
		json_decref(v);
		f->kind = REPLAY_LINES;
		return 0;
	}
	f->kind = REPLAY_DOCS;
	return fill_all(f, cause);
}

static int
detect(struct replay_file *f, char **cause)
{
	int r;

	while ((r = fill(f, NLMSG_MIN)) > 0)
		continue;
	if (r < 0)
		return fail(f, r, strerror(-r), cause);
	if (f->len == 0)
		return fail(f, -ENODATA, "empty", cause);
	if (looks_like_netlink(f->data, f->len)) {
		f->kind = REPLAY_DIAG;
		return fill_all(f, cause);
	}
	while (f->pos < f->len && is_blank(f->data[f->pos]))
		f->pos++;
	if (f->pos < f->len && f->data[f->pos] == '{')
		return json_kind(f, cause);
	return fail(f, -EINVAL,
	    "neither a recording nor a dump that ss -D wrote", cause);
}

int
replay_file_open(struct replay_file *f, const char *path, char **cause)
{
	struct stat st;
	int r;

	*f = (struct replay_file){ .fd = -1 };
	f->path = text_clean(path, strlen(path));
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (f->fd < 0)
		r = fail(f, -errno, strerror(errno), cause);
	else if (fstat(f->fd, &st) == 0 && S_ISDIR(st.st_mode))
		r = fail(f, -EISDIR, strerror(EISDIR), cause);
	else
		r = detect(f, cause);
	if (r != 0)
		replay_file_close(f);
	return r;
}

void
replay_file_close(struct replay_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f->data);
	*f = (struct replay_file){ .fd = -1 };
}

/* A line, valid until the next call; 1, 0 at the end, -errno. One that is too
 * long comes as nothing. */
static int
next_line(struct replay_file *f, const char **line, size_t *len)
{
	bool too_long = false;
	const char *nl;
	size_t at;
	int r;

	for (at = 0;;) {
		nl = memchr(f->data + f->pos + at, '\n', f->len - f->pos - at);
		if (nl != NULL || f->eof)
			break;
		at = f->len - f->pos;
		r = fill(f, REPLAY_LINE_MAX);
		if (r < 0)
			return r;
		if (r == 0 && !f->eof) {
			too_long = true;
			f->pos = f->len;
			at = 0;
		}
	}
	if (f->pos == f->len)
		return 0;
	*line = f->data + f->pos;
	*len = nl != NULL ? (size_t)(nl - *line) : f->len - f->pos;
	f->pos += *len + (nl != NULL);
	f->line++;
	if (too_long)
		*len = 0;
	return too_long ? 2 : 1;
}

static bool
all_blank(const char *s, size_t n)
{
	while (n > 0 && is_blank(s[n - 1]))
		n--;
	return n == 0;
}

static int
next_of_lines(struct replay_file *f, json_t **ret, char **cause)
{
	const char *line;
	json_error_t e;
	size_t len;
	int r;

	while ((r = next_line(f, &line, &len)) > 0) {
		if (r == 1 && all_blank(line, len))
			continue;
		*ret = r == 1 ? load(line, len, 0, &e) : NULL;
		if (*ret != NULL)
			return 1;
		/* Most likely the last one, torn when its writer died. */
		if (f->bad++ == 0)
			f->bad_line = f->line;
	}
	return r < 0 ? fail(f, r, strerror(-r), cause) : 0;
}

static int
next_of_docs(struct replay_file *f, json_t **ret, char **cause)
{
	json_error_t e;
	char *why;
	int r;

	while (f->pos < f->len && is_blank(f->data[f->pos]))
		f->pos++;
	if (f->pos == f->len)
		return 0;
	*ret =
	    load(f->data + f->pos, f->len - f->pos, JSON_DISABLE_EOF_CHECK, &e);
	if (*ret != NULL) {
		f->pos += (size_t)e.position;
		return 1;
	}
	why = text_clean(e.text, strnlen(e.text, sizeof(e.text)));
	xasprintf(cause, "%s: line %d: %s", f->path, e.line, why);
	r = -EINVAL;
	free(why);
	return r;
}

int
replay_file_next(struct replay_file *f, json_t **ret, char **cause)
{
	return f->kind == REPLAY_LINES ? next_of_lines(f, ret, cause)
				       : next_of_docs(f, ret, cause);
}

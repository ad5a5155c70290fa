/* SPDX-License-Identifier: ISC */
/*
 * Config files on disk. Reading: a plain file of bounded size, and as root
 * only one that root or the invoking user owns. Writing: only when asked,
 * never through a symbolic link, whole or not at all.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/conffile.h"
#include "app/newfile.h"
#include "app/secure.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"

/* Who called sudo, or -1. */
static uid_t
sudo_uid(void)
{
	const char *s = getenv("SUDO_UID");
	uint64_t u;

	if (geteuid() != 0 || s == NULL || !num_u64(s, 1, UINT32_MAX - 1, &u))
		return (uid_t)-1;
	return (uid_t)u;
}

static gid_t
sudo_gid(void)
{
	const char *s = getenv("SUDO_GID");
	uint64_t u;

	if (s == NULL || !num_u64(s, 0, UINT32_MAX - 1, &u))
		return (gid_t)-1;
	return (gid_t)u;
}

char *
config_path(const char *file)
{
	const char *dir = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path;

	if (file != NULL)
		return xstrdup(file);
	/* A relative one would be a file of the current directory. */
	if (secure_raised())
		return NULL;
	if (dir != NULL && dir[0] == '/')
		xasprintf(&path, "%s/sockdeck/config", dir);
	else if (home != NULL && home[0] == '/')
		xasprintf(&path, "%s/.config/sockdeck/config", home);
	else
		return NULL;
	return path;
}

/* The text of a file, at most one byte more than is allowed. */
static int
read_file(const char *path, bool trusted, struct buf *ret)
{
	struct stat st;
	ssize_t n;
	int fd, r = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return -errno;
	if (fstat(fd, &st) != 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = -EINVAL;
	else if (!trusted && geteuid() == 0 && st.st_uid != 0 &&
		 st.st_uid != sudo_uid())
		r = -EPERM;
	while (r == 0 && ret->len <= CONFIG_MAX_BYTES) {
		n = read(fd, buf_reserve(ret, 16384), 16384);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = -errno;
		if (n <= 0)
			break;
		ret->len += (size_t)n;
	}
	(void)close(fd); /* only read */
	return r;
}

static const char *
reason(int r)
{
	if (r == -EINVAL)
		return "not a plain file";
	if (r == -EPERM)
		return "it belongs to somebody else";
	return strerror(-r);
}

static void
add_error(char ***errors, size_t *n, char *sentence)
{
	*errors = xreallocarray(*errors, *n + 1, sizeof(**errors));
	(*errors)[(*n)++] = sentence;
}

/* Adds what a file says; wrong lines go to the errors. 0 or -errno. */
static int
load_one(struct config *cfg, const char *path, bool trusted, char ***errors,
    size_t *nerrors)
{
	struct buf b = { 0 };
	char **e = NULL, *sentence;
	size_t i, n;
	int r = read_file(path, trusted, &b);

	if (r == 0) {
		n = config_parse(cfg, b.len > 0 ? b.data : "", b.len, &e);
		for (i = 0; i < n; i++) {
			xasprintf(&sentence, "%s: %s", path, e[i]);
			add_error(errors, nerrors, sentence);
			free(e[i]);
		}
		free(e);
	}
	buf_done(&b);
	return r;
}

int
config_load(struct config *cfg, const char *file, char ***errors, char **cause)
{
	static const char system_file[] = SYSCONFDIR "/sockdeck.conf";
	const char *paths[2] = { system_file, NULL };
	char *own, *sentence;
	bool readonly = false;
	size_t n = 0, i;
	int r;

	*errors = NULL;
	if (file != NULL) {
		r = load_one(cfg, file, true, errors, &n);
		if (r != 0) {
			xasprintf(cause, "--config %s: %s", file, reason(r));
			return r;
		}
		return (int)n;
	}
	own = config_path(NULL);
	paths[1] = own;
	for (i = 0; i < 2; i++) {
		if (paths[i] == NULL)
			continue;
		r = load_one(cfg, paths[i], i == 0, errors, &n);
		if (r != 0 && r != -ENOENT && r != -ENOTDIR) {
			xasprintf(&sentence, "%s: %s", paths[i], reason(r));
			add_error(errors, &n, sentence);
		}
		/* What the machine's owner locks stays locked. */
		if (i == 0)
			readonly = cfg->opt.readonly;
	}
	if (readonly)
		cfg->opt.readonly = true;
	free(own);
	return (int)n;
}

/* Makes the directories above a file, mode 0700. */
static int
make_dirs(const char *path)
{
	char *dir = xstrdup(path), *slash;
	int r = 0;

	for (slash = strchr(dir + 1, '/'); slash != NULL && r == 0;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(dir, 0700) != 0 && errno != EEXIST)
			r = access(dir, F_OK) == 0 ? 0 : -errno;
		*slash = '/';
	}
	free(dir);
	return r;
}

/* Files in the home of whoever called sudo are made as that user: only this
 * thread changes, and only in how files are reached. */
static bool
become_caller(void)
{
	const char *home = getenv("HOME");
	uid_t uid = sudo_uid();
	struct stat st;

	if (uid == (uid_t)-1 || home == NULL || stat(home, &st) != 0 ||
	    st.st_uid != uid)
		return false;
	if (sudo_gid() != (gid_t)-1)
		(void)setfsgid(sudo_gid());
	(void)setfsuid(uid);
	return true;
}

int
config_save(const char *path, const struct config *cfg, char **cause)
{
	struct buf b = { 0 };
	struct stat st;
	bool became;
	int r;

	/* A link would be replaced by a file, which is not what whoever made
	 * it wants. */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		xasprintf(
		    cause, "%s: not a plain file, so it is not replaced", path);
		return -ELOOP;
	}
	became = become_caller();
	r = make_dirs(path);
	if (became) {
		(void)setfsuid(geteuid());
		(void)setfsgid(getegid());
	}
	if (r != 0) {
		xasprintf(cause, "%s: %s", path, strerror(-r));
		return r;
	}
	config_put(cfg, &b);
	r = newfile_write(path, b.data, b.len, true, cause);
	buf_done(&b);
	return r;
}

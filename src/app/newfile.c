/* SPDX-License-Identifier: ISC */
/*
 * Writing files where others may write too: the directory is opened once and
 * everything happens beneath that descriptor, so that nobody can slip a link
 * in between. Must not know what is written.
 */
#include "config.h"

#include "app/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rights.h"
#include "base/xmalloc.h"

#define TMP_TRIES 16

static int
write_all(int fd, const char *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
tmp_open(int dirfd, const char *name, char **tmp)
{
	int fd, i;

	for (i = 0; i < TMP_TRIES; i++) {
		xasprintf(tmp, ".%.200s.%ld-%d.tmp", name, (long)getpid(), i);
		fd = openat(dirfd, *tmp,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0)
			return fd;
		free(*tmp);
		*tmp = NULL;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/* Without RENAME_NOREPLACE (old file systems) a link does the same. */
static int
name_new(int dirfd, const char *tmp, const char *name)
{
	if (renameat2(dirfd, tmp, dirfd, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (linkat(dirfd, tmp, dirfd, name, 0) < 0)
		return -errno;
	(void)unlinkat(dirfd, tmp, 0);
	return 0;
}

static int
write_beneath(
    int dirfd, const char *name, const void *data, size_t len, bool replace)
{
	struct stat st;
	char *tmp;
	int fd, r;

	/* Seen early, a name that is taken costs no writing. */
	if (!replace && fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	fd = tmp_open(dirfd, name, &tmp);
	if (fd < 0)
		return fd;
	r = write_all(fd, data, len);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && replace && renameat(dirfd, tmp, dirfd, name) < 0)
		r = -errno;
	else if (r == 0 && !replace)
		r = name_new(dirfd, tmp, name);
	if (r < 0)
		(void)unlinkat(dirfd, tmp, 0);
	else
		(void)fsync(dirfd); /* the name, too; data is safe already */
	free(tmp);
	return r;
}

int
newfile_write(
    const char *path, const void *data, size_t len, bool replace, char **cause)
{
	const char *slash = strrchr(path, '/'), *name;
	struct rights rights;
	char *dir;
	int dirfd, r;

	name = slash == NULL ? path : slash + 1;
	if (slash == NULL)
		dir = xstrdup(".");
	else
		dir =
		    xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
	r = 0;
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		r = -errno;
	else if (*name == '\0')
		r = -EISDIR;
	else {
		rights_of_caller(&rights, dirfd);
		r = write_beneath(dirfd, name, data, len, replace);
		rights_restore(&rights);
	}
	if (dirfd >= 0)
		close(dirfd);
	free(dir);
	if (r < 0)
		xasprintf(cause, "%s: %s", path,
		    r == -EEXIST ? "there is such a file already; give "
				   "another name"
				 : strerror(-r));
	return r;
}

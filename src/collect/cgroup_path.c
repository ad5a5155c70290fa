/* SPDX-License-Identifier: ISC */
/*
 * Paths of cgroups by number: a file handle of the number is opened, which
 * only root may; others walk the tree, where the inode number is the same.
 */
#include "config.h"

#include "collect/cgroup_path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/procfs.h"

#define MOUNTINFO_MAX  (4 * 1024 * 1024)
#define CGROUP2_MAGIC  0x63677270
#define KERNFS_HANDLE  0xfe /* FILEID_KERNFS: the number itself */
#define WALK_MAX       50000
#define WALK_DEPTH_MAX 32

struct cgroup_names {
	uint64_t *id;
	size_t n, cap;
	size_t told; /* those before were looked up */
	struct hash by_id;
	uint64_t last;
};

static uint64_t
cgroup_key(const void *arg, uint32_t i)
{
	const struct cgroup_names *cn = arg;

	return cn->id[i];
}

struct cgroup_names *
cgroup_names_new(void)
{
	struct cgroup_names *cn = xcalloc(1, sizeof(*cn));

	hash_init(&cn->by_id, cgroup_key, cn);
	return cn;
}

void
cgroup_names_free(struct cgroup_names *cn)
{
	if (cn == NULL)
		return;
	hash_done(&cn->by_id);
	free(cn->id);
	free(cn);
}

void
cgroup_names_want(struct cgroup_names *cn, uint64_t id)
{
	if (id == cn->last)
		return;
	cn->last = id;
	if (hash_find(&cn->by_id, id) != HASH_NONE)
		return;
	cn->id = array_grow(cn->id, &cn->cap, cn->n + 1, sizeof(*cn->id));
	cn->id[cn->n] = id;
	hash_add(&cn->by_id, id, (uint32_t)cn->n++);
}

/* -- the mount ------------------------------------------------------------ */

/* mountinfo writes blanks and the like as \040. */
static char *
unescape(const char *s, size_t n)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] == '\\' && n - i > 3 && s[i + 1] >= '0' &&
		    s[i + 1] <= '3' && s[i + 2] >= '0' && s[i + 2] <= '7' &&
		    s[i + 3] >= '0' && s[i + 3] <= '7') {
			buf_putc(&b,
			    (char)((s[i + 1] - '0') << 6 |
				   (s[i + 2] - '0') << 3 | (s[i + 3] - '0')));
			i += 3;
		} else
			buf_putc(&b, s[i]);
	}
	return buf_steal(&b);
}

/* "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw" */
char *
cgroup_mount_parse(const char *mountinfo)
{
	const char *line, *next, *p, *sep;
	size_t len;
	int i;

	for (line = mountinfo; *line != '\0'; line = next) {
		len = strcspn(line, "\n");
		next = line[len] == '\n' ? line + len + 1 : line + len;
		sep = memmem(line, len, " - cgroup2 ", 11);
		if (sep == NULL)
			continue;
		for (i = 0, p = line; i < 4 && p < sep; i++) {
			p += strcspn(p, " \n");
			if (*p == ' ')
				p++;
		}
		len = strcspn(p, " \n");
		if (p < sep && len > 0)
			return unescape(p, len);
	}
	return NULL;
}

static char *
cgroup_mount(void)
{
	char *text, *mount;
	size_t len;

	if (procfs_slurp_at(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX,
		&text, &len) < 0)
		return NULL;
	mount = cgroup_mount_parse(text);
	free(text);
	return mount;
}

static uint64_t
cgroup_id_at(const char *path)
{
	struct statfs fs;
	struct stat st;

	if (statfs(path, &fs) < 0 || (uint32_t)fs.f_type != CGROUP2_MAGIC ||
	    stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return st.st_ino;
}

uint64_t
cgroup_id_of_path(const char *path)
{
	char *mount = cgroup_mount(), *full;
	uint64_t id = 0;
	size_t len;

	if (mount == NULL)
		return 0;
	len = strlen(mount);
	if (strncmp(path, mount, len) == 0 &&
	    (path[len] == '/' || path[len] == '\0'))
		id = cgroup_id_at(path);
	if (id == 0) {
		xasprintf(&full, "%s/%s", mount, path);
		id = cgroup_id_at(full);
		free(full);
	}
	free(mount);
	return id;
}

/* -- looking up ----------------------------------------------------------- */

static void
tell(struct snap *snap, uint64_t id, const char *path)
{
	char *text = text_clean(path, strlen(path));

	snap_add_name(snap, NAME_CGROUP, 0, id, text);
	free(text);
}

/* -EPERM: not with our rights. */
static int
tell_by_handle(struct snap *snap, int mount_fd, const char *mount, uint64_t id)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} fh = { .h = { .handle_bytes = sizeof(id),
		     .handle_type = KERNFS_HANDLE } };
	char link[64], path[PATH_MAX];
	struct buf b = { 0 };
	size_t len = strlen(mount);
	ssize_t n;
	int fd;

	memcpy(fh.h.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(mount_fd, &fh.h, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	buf_printf(&b, "/proc/self/fd/%d", fd);
	strlcpy(link, b.data, sizeof(link));
	buf_done(&b);
	n = readlink(link, path, sizeof(path) - 1);
	close(fd);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	if (strcmp(mount, "/") == 0)
		len = 0;
	if (strncmp(path, mount, len) != 0)
		return -ENOENT;
	tell(snap, id, path[len] == '\0' ? "/" : path + len);
	return 0;
}

struct walk {
	struct cgroup_names *names;
	struct snap *snap;
	struct buf path; /* below the mount */
	size_t missing;  /* still to be found */
	unsigned seen;
};

static void
walk_dir(struct walk *w, int dir_fd, unsigned depth)
{
	size_t len = w->path.len;
	struct dirent *e;
	struct stat st;
	uint32_t i;
	DIR *d;
	int fd;

	if (fstat(dir_fd, &st) == 0) {
		i = hash_find(&w->names->by_id, st.st_ino);
		if (i != HASH_NONE && i >= w->names->told) {
			tell(w->snap, st.st_ino, len > 0 ? w->path.data : "/");
			w->missing--;
		}
	}
	d = depth < WALK_DEPTH_MAX ? fdopendir(dir_fd) : NULL;
	if (d == NULL) {
		close(dir_fd);
		return;
	}
	while (
	    w->missing > 0 && w->seen < WALK_MAX && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || e->d_type != DT_DIR)
			continue;
		fd = openat(dirfd(d), e->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			continue;
		w->seen++;
		buf_putc(&w->path, '/');
		buf_puts(&w->path, e->d_name);
		walk_dir(w, fd, depth + 1);
		w->path.len = len;
		if (w->path.data != NULL)
			w->path.data[len] = '\0';
	}
	closedir(d);
}

/* A cgroup that is not found (removed, or outside our view) stays a number:
 * it is not looked for again. */
void
cgroup_names_tell(struct cgroup_names *cn, struct snap *snap)
{
	struct walk w = { .names = cn, .snap = snap };
	char *mount;
	bool denied = false;
	size_t i;
	int fd, r;

	if (cn->told == cn->n)
		return;
	mount = cgroup_mount();
	fd = mount == NULL ? -1
			   : open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (i = cn->told; fd >= 0 && i < cn->n && !denied; i++) {
		r = tell_by_handle(snap, fd, mount, cn->id[i]);
		denied = r == -EPERM || r == -EOPNOTSUPP || r == -ENOSYS;
	}
	if (denied) {
		w.missing = cn->n - cn->told;
		walk_dir(&w, fd, 0);
		buf_done(&w.path);
	} else if (fd >= 0)
		close(fd);
	cn->told = cn->n;
	free(mount);
}

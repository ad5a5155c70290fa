/* SPDX-License-Identifier: ISC */
/* Finding the door to a network namespace. Nobody goes through it here. */
#include "config.h"

#include "act/netns_fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/array.h"
#include "base/procfs.h"

#define PATH_LEN 512

/* Where namespaces have names: ip-netns(8), Docker, CNI (the same place). */
static const char *const name_dirs[] = { "/run/netns", "/run/docker/netns" };

/* An open descriptor, if it is that namespace; else -1. */
static int
open_if(const char *path, uint32_t netns)
{
	struct statfs fs;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_ino == netns &&
	    fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC)
		return fd;
	(void)close(fd);
	return -1;
}

static int
of_process(long pid, uint32_t netns)
{
	char path[PATH_LEN];

	(void)snprintf(path, sizeof(path), "/proc/%ld/ns/net", pid);
	return open_if(path, netns);
}

static int
in_dir(const char *dir, uint32_t netns)
{
	char path[PATH_LEN];
	struct dirent *e;
	DIR *d = opendir(dir);
	int fd = -1;

	if (d == NULL)
		return -1;
	while (fd == -1 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", dir, e->d_name) >=
			(int)sizeof(path))
			continue;
		fd = open_if(path, netns);
	}
	(void)closedir(d);
	return fd;
}

static int
of_any_process(uint32_t netns)
{
	struct dirent *e;
	DIR *d = opendir("/proc");
	long pid;
	int fd = -1;

	if (d == NULL)
		return -1;
	while (fd == -1 && (e = readdir(d)) != NULL) {
		pid = procfs_parse_number(e->d_name);
		if (pid > 0)
			fd = of_process(pid, netns);
	}
	(void)closedir(d);
	return fd;
}

int
netns_fd_open(uint32_t netns, pid_t holder, int *ret)
{
	struct stat st;
	size_t i;
	int fd = -1;

	if (stat("/proc/self/ns/net", &st) == 0 && st.st_ino == netns) {
		*ret = -1;
		return 0;
	}
	if (holder > 0)
		fd = of_process((long)holder, netns);
	for (i = 0; i < nitems(name_dirs) && fd == -1; i++)
		fd = in_dir(name_dirs[i], netns);
	if (fd == -1)
		fd = of_any_process(netns);
	if (fd == -1)
		return -ENOENT;
	*ret = fd;
	return 0;
}

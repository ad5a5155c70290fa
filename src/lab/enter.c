/* SPDX-License-Identifier: ISC */
/*
 * The way into namespaces of our own, and what to do where it is barred.
 */
#include "config.h"

#include "lab/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/xmalloc.h"

/* What bars it, by the value a system's switch has then. */
static const struct {
	const char *path, *name;
	char barred;
	const char *remedy;
} switches[] = {
	{ "/proc/sys/kernel/unprivileged_userns_clone",
	    "kernel.unprivileged_userns_clone is 0", '0',
	    "sysctl kernel.unprivileged_userns_clone=1" },
	{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
	    "kernel.apparmor_restrict_unprivileged_userns is 1", '1',
	    "sysctl kernel.apparmor_restrict_unprivileged_userns=0" },
	{ "/proc/sys/user/max_user_namespaces", "user.max_user_namespaces is 0",
	    '0', "sysctl user.max_user_namespaces=1000" },
	{ "/proc/sys/user/max_net_namespaces", "user.max_net_namespaces is 0",
	    '0', "sysctl user.max_net_namespaces=1000" },
};

static bool
is_barred(const char *path, char barred)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[2] = "";
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text));
	close(fd);
	return n > 0 && text[0] == barred && (n < 2 || text[1] == '\n');
}

static void
explain(int error, char **cause)
{
	size_t i;

	for (i = 0; i < nitems(switches); i++) {
		if (!is_barred(switches[i].path, switches[i].barred))
			continue;
		xasprintf(cause,
		    "the lab needs a user and a network namespace of its own, "
		    "and this system does not permit them (%s): as root, %s; "
		    "or run sockdeck lab as root",
		    switches[i].name, switches[i].remedy);
		return;
	}
	xasprintf(cause,
	    "the lab needs a user and a network namespace of its own: %s; "
	    "in a container, start that with --privileged or "
	    "--cap-add SYS_ADMIN,NET_ADMIN,NET_RAW, or run sockdeck lab "
	    "outside of it",
	    strerror(error));
}

static int
put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		r = -errno;
	close(fd);
	return r;
}

/* We stay who we are: inside, our own ids are the only ones there are. */
static int
map_ids(uid_t uid, gid_t gid)
{
	struct buf text = { 0 };
	int r;

	/* With file capabilities /proc/self would be root's. What they gave is
	 * worth nothing outside of the namespace any more. */
	(void)prctl(PR_SET_DUMPABLE, 1);
	(void)put_file("/proc/self/setgroups", "deny"); /* since Linux 3.19 */
	buf_printf(&text, "%u %u 1\n", uid, uid);
	r = put_file("/proc/self/uid_map", text.data);
	buf_reset(&text);
	buf_printf(&text, "%u %u 1\n", gid, gid);
	if (r == 0)
		r = put_file("/proc/self/gid_map", text.data);
	buf_done(&text);
	return r;
}

int
enter_room(char **cause)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int r;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
		r = map_ids(uid, gid);
	else {
		r = -errno;
		if (uid == 0 && unshare(CLONE_NEWNET) == 0)
			return 0;
	}
	if (r < 0)
		explain(-r, cause);
	return r;
}

/* SPDX-License-Identifier: ISC */
/*
 * What privilege is used for, and how it is given up. Nothing here reads what
 * others wrote, but for two numbers that sudo set and the names of this
 * machine's own users.
 */
#include "config.h"

#include "scan/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/securebits.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/num.h"
#include "base/xmalloc.h"
#include "scan/links.h"

#define NOBODY    65534
#define FEW_FDS   32 /* with fewer, raw sockets would leave none to work with */
#define CONNTRACK "/proc/sys/net/netfilter/nf_conntrack_"
#define ID_MAX    (UINT32_MAX - 1)
#define SECUREBITS                                                        \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED | \
	    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* -- opening --------------------------------------------------------------- */

struct sock_kind {
	enum priv_sock what;
	int family, type, protocol;
};
static const struct sock_kind kinds[] = {
	{ PRIV_RAW4, AF_INET, SOCK_RAW, IPPROTO_RAW },
	{ PRIV_RAW6, AF_INET6, SOCK_RAW, IPPROTO_RAW },
	{ PRIV_PACKET, AF_PACKET, SOCK_DGRAM, 0 },
	{ PRIV_PING4, AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
	{ PRIV_PING6, AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 },
};

static rlim_t
raise_fds(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) < 0)
		return 0;
	if (lim.rlim_cur < lim.rlim_max) {
		lim.rlim_cur = lim.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &lim) < 0)
			(void)getrlimit(RLIMIT_NOFILE, &lim);
	}
	return lim.rlim_cur;
}

static bool
any_capability(void)
{
	cap_t now = cap_get_proc(), none = cap_init();
	bool any = now == NULL || none == NULL || cap_compare(now, none) != 0;

	(void)cap_free(now);
	(void)cap_free(none);
	return any;
}

void
priv_open(struct priv *p)
{
	rlim_t fds = raise_fds();
	size_t i;
	int fd;

	*p = (struct priv){ .conntrack_count = -1, .conntrack_max = -1 };
	p->was_root = getuid() == 0 || geteuid() == 0 || any_capability();
	for (i = 0; i < PRIV_NSOCKS; i++)
		p->fd[i] = -1;
	p->few_fds = fds < FEW_FDS;
	if (p->few_fds)
		return;
	for (i = 0; i < nitems(kinds); i++) {
		fd = socket(kinds[i].family,
		    kinds[i].type | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    kinds[i].protocol);
		if (fd < 0)
			continue;
		p->have |= kinds[i].what;
		p->fd[__builtin_ctz(kinds[i].what)] = fd;
	}
	p->conntrack_count = open(CONNTRACK "count", O_RDONLY | O_CLOEXEC);
	p->conntrack_max = open(CONNTRACK "max", O_RDONLY | O_CLOEXEC);
}

void
priv_close(struct priv *p)
{
	size_t i;

	for (i = 0; i < PRIV_NSOCKS; i++)
		if (p->fd[i] != -1)
			(void)close(p->fd[i]);
	if (p->conntrack_count != -1)
		(void)close(p->conntrack_count);
	if (p->conntrack_max != -1)
		(void)close(p->conntrack_max);
	links_free(p->links);
	/* What it was started with still matters. */
	*p = (struct priv){ .conntrack_count = -1,
		.conntrack_max = -1,
		.was_root = p->was_root,
		.still_root = p->still_root };
	for (i = 0; i < PRIV_NSOCKS; i++)
		p->fd[i] = -1;
}

/* -- giving up ------------------------------------------------------------- */

static int
failed(char **cause, const char *what, int error)
{
	xasprintf(cause, "privileges cannot be given up: %s: %s", what,
	    strerror(error));
	return -error;
}

/* /etc/passwd itself: what getpwnam(3) would load must not run as root. */
static bool
find_user(const char *name, uid_t *uid, gid_t *gid)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *pw;
	bool found = false;

	while (f != NULL && !found && (pw = fgetpwent(f)) != NULL)
		if (strcmp(pw->pw_name, name) == 0 && pw->pw_uid != 0) {
			*uid = pw->pw_uid;
			*gid = pw->pw_gid;
			found = true;
		}
	if (f != NULL)
		(void)fclose(f);
	return found;
}

/* Set by sudo itself whatever the caller's environment says. */
static bool
find_caller(uid_t *uid, gid_t *gid)
{
	const char *u = getenv("SUDO_UID"), *g = getenv("SUDO_GID");
	uint64_t un, gn;

	if (u == NULL || g == NULL || !num_u64(u, 1, ID_MAX, &un) ||
	    !num_u64(g, 1, ID_MAX, &gn))
		return false;
	*uid = (uid_t)un;
	*gid = (gid_t)gn;
	return true;
}

static int
choose_user(uid_t *uid, gid_t *gid, char **cause)
{
	/* Set-user-ID is no way to run it; then it is the user's, whose
	 * environment says nothing. */
	*uid = getuid();
	*gid = getgid();
	if (*uid != 0)
		return 0;
	*uid = *gid = NOBODY;
	if (WORKER_USER[0] != '\0') {
		if (find_user(WORKER_USER, uid, gid))
			return 0;
		xasprintf(cause,
		    "no user %s in /etc/passwd, which scans are to run as",
		    WORKER_USER);
		return -ENOENT;
	}
	if (!find_caller(uid, gid))
		(void)find_user("nobody", uid, gid);
	return 0;
}

/* A user namespace may map nobody else, or forbid setgroups(2). */
static bool
in_user_namespace(void)
{
	char text[64] = "";
	int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	unsigned long long first, outside, count;

	if (fd >= 0)
		(void)close(fd);
	return n > 0 &&
	       (sscanf(text, "%llu %llu %llu", &first, &outside, &count) != 3 ||
		   first != 0 || outside != 0 || count != UINT32_MAX);
}

static bool
permitted(cap_value_t cap)
{
	cap_flag_value_t is = CAP_SET;
	cap_t now = cap_get_proc();

	if (now != NULL)
		(void)cap_get_flag(now, cap, CAP_PERMITTED, &is);
	(void)cap_free(now);
	return is == CAP_SET;
}

/*
 * What was refused is a failure, unless it could not be otherwise: a container
 * may have uid 0 without the capability, and then nothing is kept that the
 * caller had not; a user namespace may map no other user.
 */
static bool
is_kept(struct priv *p, int error, cap_value_t cap, bool inner)
{
	if (error == EPERM && !permitted(cap)) {
		*(cap == CAP_SETUID ? &p->no_setuid : &p->no_setgid) = true;
		return true;
	}
	return inner && error == (cap == CAP_SETUID ? EINVAL : EPERM);
}

static int
leave_root(struct priv *p, char **cause)
{
	bool inner = in_user_namespace();
	uid_t uid;
	gid_t gid;
	int r;

	if ((r = choose_user(&uid, &gid, cause)) < 0)
		return r;
	if (setgroups(0, NULL) < 0 && !is_kept(p, errno, CAP_SETGID, inner))
		return failed(cause, "setgroups", errno);
	if (setresgid(gid, gid, gid) < 0 && !(inner && errno == EINVAL) &&
	    !is_kept(p, errno, CAP_SETGID, false))
		return failed(cause, "setresgid", errno);
	if (setresuid(uid, uid, uid) < 0) {
		if (!is_kept(p, errno, CAP_SETUID, inner))
			return failed(cause, "setresuid", errno);
		p->still_root = true;
	}
	return 0;
}

/* As far as CAP_SETPCAP allows, which a worker with file capabilities has
 * not; no_new_privs makes what is left of no use. */
static void
drop_bounding(void)
{
	int cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	(void)prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static int
drop_caps(char **cause)
{
	cap_t none = cap_init();
	int r;

	if (none == NULL)
		return failed(cause, "cap_init", errno);
	r = cap_set_proc(none) < 0 ? failed(cause, "capset", errno) : 0;
	(void)cap_free(none);
	return r;
}

int
priv_drop(struct priv *p, char **cause)
{
	int r = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return failed(cause, "no_new_privs", errno);
	if (p->was_root)
		drop_bounding();
	if (getuid() == 0 || geteuid() == 0)
		r = leave_root(p, cause);
	if (r == 0)
		r = drop_caps(cause);
	return r;
}

/* -- and it is gone -------------------------------------------------------- */

static int
still(char **cause, const char *what)
{
	xasprintf(cause, "privileges were not given up: %s", what);
	return -EPERM;
}

static bool
can_raise(cap_value_t cap)
{
	cap_t want = cap_init();
	bool can;

	if (want == NULL)
		return true;
	can = cap_set_flag(want, CAP_PERMITTED, 1, &cap, CAP_SET) < 0 ||
	      cap_set_flag(want, CAP_EFFECTIVE, 1, &cap, CAP_SET) < 0 ||
	      cap_set_proc(want) == 0;
	(void)cap_free(want);
	return can;
}

static bool
any_ambient(void)
{
	int cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) > 0)
			return true;
	return false;
}

int
priv_verify(const struct priv *p, char **cause)
{
	int fd;

	if (any_capability())
		return still(cause, "a capability is left");
	if (any_ambient())
		return still(cause, "an ambient capability is left");
	if (can_raise(CAP_NET_RAW) || can_raise(CAP_SETUID))
		return still(cause, "a capability can be had back");
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		(void)close(fd);
		return still(cause, "a packet socket can be opened");
	}
	if (p->still_root)
		return 0;
	if (getuid() == 0 || geteuid() == 0 || setresuid(0, 0, 0) == 0 ||
	    setuid(0) == 0)
		return still(cause, "uid 0 can be had back");
	if (p->was_root && setgroups(0, NULL) == 0)
		return still(cause, "groups can be changed");
	return 0;
}

bool
priv_end_with(uint32_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 &&
	       (uint32_t)getppid() == parent;
}

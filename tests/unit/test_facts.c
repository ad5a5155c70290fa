/* SPDX-License-Identifier: ISC */
/*
 * What is found out about a process: from a /proc and unit directories that
 * this test writes. No systemd and no container runtime is needed.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "act/facts.h"
#include "act/session.h"
#include "base/array.h"
#include "base/xmalloc.h"
#include "model/act_plan.h"
#include "model/unitfile.h"

#define START 4242

static char root[] = "/tmp/sockdeck-facts-XXXXXX";

static void
put_bytes(const char *path, const char *text, size_t len)
{
	char full[512], *p;
	int fd;

	assert_true(snprintf(full, sizeof(full), "%s/%s", root, path) <
		    (int)sizeof(full));
	for (p = full + strlen(root) + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		assert_true(mkdir(full, 0700) == 0 || errno == EEXIST);
		*p = '/';
	}
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
}

static void
put_text(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text));
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
fresh(void **state)
{
	(void)state;
	memcpy(root + strlen(root) - 6, "XXXXXX", 6);
	return mkdtemp(root) == NULL ? -1 : 0;
}

static int
gone(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A process of the made /proc; args: NUL after each word. */
static void
put_proc(pid_t pid, const char *comm, pid_t ppid, const char *cgroup,
    const char *args, size_t nargs)
{
	char path[64], text[512];

	(void)snprintf(path, sizeof(path), "proc/%d/stat", (int)pid);
	(void)snprintf(text, sizeof(text),
	    "%d (%s) S %d %d %d 0 -1 4194304 1 0 0 0 1 1 0 0 20 0 1 0 %d "
	    "1000 100 18446744073709551615\n",
	    (int)pid, comm, (int)ppid, (int)pid, (int)pid, START);
	put_text(path, text);
	(void)snprintf(path, sizeof(path), "proc/%d/cgroup", (int)pid);
	(void)snprintf(text, sizeof(text), "0::%s\n", cgroup);
	put_text(path, text);
	(void)snprintf(path, sizeof(path), "proc/%d/cmdline", (int)pid);
	put_bytes(path, args, nargs);
}

/* The facts about one process that listens on this port. */
static struct act_facts *
facts_of(pid_t pid, uint16_t port, bool managed)
{
	struct act *a = act_new(ACT_SIGNAL);
	struct act_target *t = act_add(a);
	struct table *table = table_new();
	struct facts_job *j;
	struct act_facts *f;

	a->signal = 15;
	a->incomplete = true;
	t->pid = pid;
	t->start = START;
	t->name = xstrdup("old");
	t->title = xstrdup("old (1), user root");
	t->port = xcalloc(1, sizeof(*t->port));
	t->nports = 1;
	t->port[0].local.port = port;
	t->port[0].proto = SOCK_TCP;
	t->port[0].family = 4;
	t->port[0].managed = managed;
	j = facts_job_new(a, root);
	facts_job_run(j);
	facts_job_apply(j, a, table);
	facts_job_free(j);
	assert_false(a->incomplete);
	f = t->facts;
	/* What it is called now, should it have become another program. */
	assert_string_equal(t->title + strlen(t->name), " (1), user root");
	assert_int_equal(f == NULL, strcmp(t->name, "old") == 0);
	t->facts = NULL;
	act_free(a);
	table_free(table);
	return f;
}

/* Directories in systemd's order, templates, drop-ins in theirs. */
static void
units(void **state)
{
	struct act_facts *f;

	(void)state;
	put_proc(1, "systemd", 0, "/init.scope", "", 0);
	put_proc(812, "nginx", 1, "/system.slice/nginx.service", "nginx", 6);
	put_text("usr/lib/systemd/system/nginx.service",
	    "[Unit]\nRestart=always\n[Service]\n# Restart=always\n"
	    "Restart=no\n");
	f = facts_of(812, 80, false);
	assert_string_equal(f->unit, "nginx.service");
	assert_string_equal(f->restart, "no");
	assert_true(f->main);
	assert_null(f->socket_unit);
	act_facts_free(f);
	/* /etc before /usr */
	put_text("etc/systemd/system/nginx.service",
	    "[Service]\nExecStart=/x \\\n  Restart=never\nRestart = \\\n"
	    "; between\n on-failure  \n");
	f = facts_of(812, 80, false);
	assert_string_equal(f->restart, "on-failure");
	act_facts_free(f);
	/* A drop-in of the type, one of the unit: by name, not by place. */
	put_text("etc/systemd/system/service.d/20-all.conf",
	    "[Service]\nRestart=on-abort\n");
	put_text("run/systemd/system/nginx.service.d/10-one.conf",
	    "[Service]\nRestart=always\n");
	f = facts_of(812, 80, false);
	assert_string_equal(f->restart, "on-abort");
	act_facts_free(f);
	/* The same name nearer to the unit hides the other. */
	put_text("usr/lib/systemd/system/nginx.service.d/20-all.conf",
	    "[Service]\nRestart=\n");
	f = facts_of(812, 80, false);
	assert_string_equal(f->restart, "no");
	act_facts_free(f);
	/* An instance of a template; a worker; a dashed prefix. */
	put_proc(900, "app", 812,
	    "/system.slice/system-my\\x2dapp.slice/"
	    "my-app@1.service",
	    "app", 4);
	put_text("usr/lib/systemd/system/my-app@.service",
	    "[Service]\nRestart=always\n");
	f = facts_of(900, 80, false);
	assert_string_equal(f->unit, "my-app@1.service");
	assert_string_equal(f->restart, "on-abort");
	assert_false(f->main);
	assert_string_equal(f->parent_comm, "nginx");
	act_facts_free(f);
	put_text("etc/systemd/system/my-.service.d/30-x.conf",
	    "[Service]\nRestart=on-watchdog\n");
	f = facts_of(900, 80, false);
	assert_string_equal(f->restart, "on-watchdog");
	act_facts_free(f);
	/* No unit file, no statement. */
	put_proc(901, "x", 1, "/system.slice/other.service", "x", 2);
	f = facts_of(901, 80, false);
	assert_null(f->restart);
	act_facts_free(f);
	/* Another process by now: nothing is said of it. */
	put_proc(902, "x", 1, "/", "x", 2);
	put_text("proc/902/stat", "902 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 "
				  "0 1 0 4243 0 0\n");
	assert_null(facts_of(902, 80, false));
}

static void
socket_units(void **state)
{
	struct act_facts *f;

	(void)state;
	put_proc(1, "systemd", 0, "/init.scope", "", 0);
	put_proc(500, "sshd", 1, "/system.slice/ssh.service", "sshd", 5);
	put_text("usr/lib/systemd/system/ssh.socket",
	    "[Socket]\nListenStream=22\nAccept=no\n");
	put_text("usr/lib/systemd/system/ssh.service", "[Service]\n");
	/* There, but not in use. */
	f = facts_of(500, 22, false);
	assert_null(f->socket_unit);
	act_facts_free(f);
	f = facts_of(500, 22, true);
	assert_string_equal(f->socket_unit, "ssh.socket");
	act_facts_free(f);
	put_text("etc/systemd/system/sockets.target.wants/ssh.socket", "");
	f = facts_of(500, 22, false);
	assert_string_equal(f->socket_unit, "ssh.socket");
	act_facts_free(f);
	f = facts_of(500, 2222, true);
	assert_null(f->socket_unit);
	act_facts_free(f);
	/* Process 1 itself, before the service runs. */
	f = facts_of(1, 22, true);
	assert_true(f->init);
	assert_string_equal(f->socket_unit, "ssh.socket");
	act_facts_free(f);
	/* A service of another name. */
	put_text("etc/systemd/system/www.socket",
	    "[Socket]\nListenStream=0.0.0.0:8080\nService=app.service\n");
	put_proc(501, "app", 1, "/system.slice/app.service", "app", 4);
	f = facts_of(501, 8080, true);
	assert_string_equal(f->socket_unit, "www.socket");
	act_facts_free(f);
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
containers(void **state)
{
	static const char proxy[] =
	    "/usr/bin/docker-proxy\0-proto\0tcp\0-host-ip\0"
	    "0.0.0.0\0"
	    "-host-port\0"
	    "8080\0-container-ip\0"
	    "172.17.0.2\0"
	    "-container-port\0"
	    "80";
	static const char conmon[] = "/usr/bin/conmon\0--api-version\0"
				     "1\0-c\0" ID "\0-n\0web";
	static const char shim[] =
	    "/usr/bin/containerd-shim-runc-v2\0-namespace\0moby\0-id\0" ID;
	struct act_facts *f;

	(void)state;
	put_proc(600, "docker-proxy", 1, "/system.slice/docker.service", proxy,
	    sizeof(proxy));
	f = facts_of(600, 8080, false);
	assert_string_equal(f->forwards, "172.17.0.2:80");
	assert_null(f->container);
	act_facts_free(f);
	/* Whose address it is, is known by the container's own namespace. */
	put_proc(
	    700, "nginx", 699, "/system.slice/docker-" ID ".scope", "nginx", 6);
	put_text("proc/700/net/fib_trie",
	    "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 172.17.0.2\n"
	    "        /32 host LOCAL\n     |-- 172.17.255.255\n"
	    "        /32 link BROADCAST\n");
	put_text("proc/700/status", "Name:\tnginx\nNSpid:\t700\t1\n");
	f = facts_of(600, 8080, false);
	assert_string_equal(f->container, "docker:0123456789ab");
	act_facts_free(f);
	f = facts_of(700, 80, false);
	assert_string_equal(f->container, "docker:0123456789ab");
	assert_true(f->container_init);
	assert_null(f->forwards);
	act_facts_free(f);
	/* An address that only is on the way to one is none of its own. */
	put_text("proc/700/net/fib_trie",
	    "     |-- 172.17.0.2\n        /32 link UNICAST\n"
	    "     |-- 172.17.0.3\n        /32 host LOCAL\n");
	f = facts_of(600, 8080, false);
	assert_null(f->container);
	act_facts_free(f);
	put_proc(601, "conmon", 1, "/machine.slice", conmon, sizeof(conmon));
	f = facts_of(601, 8080, false);
	assert_string_equal(f->container, "podman:0123456789ab");
	assert_non_null(f->forwards);
	act_facts_free(f);
	put_proc(602, "containerd-shim", 1, "/", shim, sizeof(shim));
	f = facts_of(602, 8080, false);
	assert_string_equal(f->container, "docker:0123456789ab");
	act_facts_free(f);
}

static void
supervisors(void **state)
{
	struct act_facts *f;

	(void)state;
	put_proc(300, "runsv", 1, "/", "runsv\0web", 10);
	put_proc(301, "httpd", 300, "/", "httpd", 6);
	f = facts_of(301, 80, false);
	assert_string_equal(f->supervisor, "runit");
	assert_string_equal(f->supervisor_stop, "sv down web");
	act_facts_free(f);
	/* A name that a shell would take for more is quoted. */
	put_proc(300, "s6-supervise", 1, "/", "s6-supervise\0a;b", 17);
	f = facts_of(301, 80, false);
	assert_string_equal(f->supervisor, "s6");
	assert_string_equal(f->supervisor_stop, "s6-svc -d .../'a;b'");
	act_facts_free(f);
	put_proc(300, "supervisord", 1, "/", "python3\0supervisord", 20);
	f = facts_of(301, 80, false);
	assert_string_equal(f->supervisor_stop, "supervisorctl stop NAME");
	act_facts_free(f);
	put_proc(300, "bash", 1, "/", "bash", 5);
	f = facts_of(301, 80, false);
	assert_null(f->supervisor);
	act_facts_free(f);
}

/* The parent is this program's own guard, if it calls itself so. */
static void
guards(void **state)
{
	static const struct {
		const char *comm;
		bool guard;
	} parents[] = { { SESSION_GUARD_COMM, true }, { "bash", false },
		{ "sockdeck", false }, { "sockdeck-guards", false } };
	struct session s;
	pid_t outer, inner;
	int proc, status;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(parents); i++) {
		outer = fork();
		if (outer == 0) {
			(void)prctl(PR_SET_NAME, parents[i].comm);
			inner = fork();
			if (inner == 0) {
				(void)prctl(PR_SET_NAME, "sockdeck");
				proc = open("/proc", O_PATH | O_CLOEXEC);
				session_read(&s, proc);
				_exit(s.guard !=
				      (parents[i].guard ? getppid() : 0));
			}
			(void)waitpid(inner, &status, 0);
			_exit(status != 0);
		}
		assert_int_equal(waitpid(outer, &status, 0), outer);
		if (status != 0)
			fail_msg("%s", parents[i].comm);
	}
}

static void
sessions(void **state)
{
	static const char *const bad[] = { "", " ", "1.2.3.4", "1.2.3.4 5",
		"1.2.3.4 5 6.7.8.9", "1.2.3.4 x 6.7.8.9 22",
		"1.2.3.4 5 6.7.8.9 70000", "1.2.3.4 5 6.7.8.9 22 1",
		"host 5 6.7.8.9 22", "1.2.3.4 0 6.7.8.9 22" };
	struct session s = { .ssh = true };
	struct sock_rec r = { .proto = SOCK_TCP, .family = 4 };
	struct endpoint a, b;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(bad); i++)
		assert_false(session_parse_ssh(bad[i], &a, &b));
	assert_true(
	    session_parse_ssh("10.0.0.9 50312 10.0.0.5 22", &s.peer, &s.local));
	assert_int_equal(s.peer.port, 50312);
	r.local = s.local;
	r.peer = s.peer;
	assert_true(session_is_ssh(&s, &r));
	/* The same on an IPv6 socket. */
	r.family = 6;
	for (i = 0; i < 2; i++) {
		struct endpoint *ep = i == 0 ? &r.local : &r.peer;

		memmove(ep->addr + 12, ep->addr, 4);
		memset(ep->addr, 0, 10);
		ep->addr[10] = ep->addr[11] = 0xff;
	}
	assert_true(session_is_ssh(&s, &r));
	r.peer.port++;
	assert_false(session_is_ssh(&s, &r));
	assert_true(session_parse_ssh("fe80::1%eth0 1 2001:db8::1 22", &a, &b));
	assert_int_equal(session_parse_mux("/tmp/tmux-0/default,812,0"), 812);
	assert_int_equal(session_parse_mux("812.pts-0.host"), 812);
	assert_int_equal(session_parse_mux("/tmp/tmux-0/default"), 0);
	assert_int_equal(session_parse_mux("/tmp,1,0"), 0);
	assert_int_equal(session_parse_mux("x.pts-0"), 0);
	assert_int_equal(session_parse_mux(",-1,"), 0);
}

static void
listens(void **state)
{
	struct endpoint any = { .port = 80 },
			one = { .addr = { 10, 0, 0, 1 }, .port = 80 };
	struct endpoint six = { .addr = { [15] = 1 }, .port = 80 };

	(void)state;
	assert_true(unitfile_listens("80", &any, 4));
	assert_true(unitfile_listens("80", &one, 4));
	assert_true(unitfile_listens("10.0.0.1:80", &one, 4));
	assert_true(unitfile_listens("0.0.0.0:80", &any, 4));
	assert_true(unitfile_listens("[::1]:80", &six, 6));
	assert_true(unitfile_listens("[::]:80", &any, 6));
	assert_false(unitfile_listens("81", &any, 4));
	assert_false(unitfile_listens("10.0.0.2:80", &one, 4));
	assert_false(unitfile_listens("[::1]:80", &one, 4));
	assert_false(unitfile_listens("/run/x.sock", &any, 4));
	assert_false(unitfile_listens("vsock:2:80", &any, 4));
	assert_false(unitfile_listens("", &any, 4));
	assert_false(unitfile_listens(":", &any, 4));
	assert_false(unitfile_listens("]:80", &any, 6));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(units, fresh, gone),
		cmocka_unit_test_setup_teardown(socket_units, fresh, gone),
		cmocka_unit_test_setup_teardown(containers, fresh, gone),
		cmocka_unit_test_setup_teardown(supervisors, fresh, gone),
		cmocka_unit_test(guards),
		cmocka_unit_test(sessions),
		cmocka_unit_test(listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

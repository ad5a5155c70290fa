/* SPDX-License-Identifier: ISC */
/* Holders of sockets, and what a cgroup path says of unit and container. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "model/proc.h"

#define ID1  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define POD  "pod2f9c2d8e_1c3f_4a5b_8d7e_0a1b2c3d4e5f"
#define PODD "pod2f9c2d8e-1c3f-4a5b-8d7e-0a1b2c3d4e5f"
#define USER "/user.slice/user-1000.slice/user@1000.service"
#define KUBE "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" POD

/* clang-format off */
static const struct {
	const char *path, *unit, *container;
} paths[] = {
	/* nothing to tell */
	{ "", NULL, NULL },
	{ "/", NULL, NULL },
	{ "//", NULL, NULL },
	{ "/../..", NULL, NULL },
	{ "/user.slice", NULL, NULL },
	{ "/system.slice", NULL, NULL },
	{ "/.service", NULL, NULL },
	{ "/docker", NULL, NULL },
	{ "/docker/", NULL, NULL },
	{ "/docker/short", NULL, NULL },
	{ "/lxc", NULL, NULL },
	{ "/lxc.payload.", NULL, NULL },
	{ "/sys/fs", NULL, NULL },
	/* units */
	{ "/init.scope", "init.scope", NULL },
	{ "/system.slice/ssh.service", "ssh.service", NULL },
	{ "/system.slice/sshd.service", "sshd.service", NULL },
	{ "/system.slice/system-getty.slice/getty@tty1.service",
	    "getty@tty1.service", NULL },
	{ "/system.slice/system-postgresql.slice/postgresql@15-main.service",
	    "postgresql@15-main.service", NULL },
	{ "/system.slice/system-openvpn\\x2dclient.slice/"
	  "openvpn-client@home.service", "openvpn-client@home.service", NULL },
	{ "/system.slice/dbus.socket", "dbus.socket", NULL },
	{ "/system.slice/var-lib-machines.mount", "var-lib-machines.mount",
	    NULL },
	{ "/a.slice/a-b.slice/a-b-c.slice/deep.service", "deep.service",
	    NULL },
	{ "/system.slice/run-r6fa14.scope", "run-r6fa14.scope", NULL },
	{ "/system.slice/containerd.service", "containerd.service", NULL },
	{ "/system.slice/docker.service", "docker.service", NULL },
	{ "/system.slice/snap.lxd.daemon.service", "snap.lxd.daemon.service",
	    NULL },
	{ "/system.slice/foo\\x2dbar.service", "foo-bar.service", NULL },
	{ "/system.slice/bad\\x2.service", "bad\\x2.service", NULL },
	{ "/system.slice/bad\\xzz.service", "bad\\xzz.service", NULL },
	{ "/system.slice/esc\\x1b[m.service", "esc\\x1b[m.service", NULL },
	{ "/system.slice/systemd-udevd.service/udev", "systemd-udevd.service",
	    NULL },
	{ "/system.slice/app.service/workers/pool.scope", "app.service",
	    NULL },
	/* sessions and user managers */
	{ "/user.slice/user-1000.slice/session-3.scope", "session-3.scope",
	    NULL },
	{ "/user.slice/user-0.slice/session-c2.scope", "session-c2.scope",
	    NULL },
	{ USER, "user@1000.service", NULL },
	{ USER "/init.scope", "init.scope", NULL },
	{ USER "/app.slice/foo.service", "foo.service", NULL },
	{ USER "/app.slice/app-gnome-firefox-4711.scope",
	    "app-gnome-firefox-4711.scope", NULL },
	{ USER "/app.slice/app-org.gnome.Terminal.slice/"
	  "vte-spawn-7c2e.scope", "vte-spawn-7c2e.scope", NULL },
	{ USER "/session.slice/pipewire.service", "pipewire.service", NULL },
	{ USER "/app.slice/app-flatpak-org.mozilla.firefox-9.scope/sub.service",
	    "app-flatpak-org.mozilla.firefox-9.scope", NULL },
	/* docker */
	{ "/docker/" ID1, NULL, "docker:0123456789ab" },
	{ "/system.slice/docker-" ID1 ".scope", "docker-" ID1 ".scope",
	    "docker:0123456789ab" },
	{ "/system.slice/docker-" ID1 ".scope/init.scope",
	    "docker-" ID1 ".scope", "docker:0123456789ab" },
	{ "/system.slice/docker-" ID1 ".scope/system.slice/nginx.service",
	    "docker-" ID1 ".scope", "docker:0123456789ab" },
	{ USER "/app.slice/docker-" ID1 ".scope", "docker-" ID1 ".scope",
	    "docker:0123456789ab" },
	{ "/docker/" ID1 "/docker/" ID2, NULL, "docker:9f86d081884c" },
	{ "/docker/" ID1 "/system.slice/cron.service", "cron.service",
	    "docker:0123456789ab" },
	{ "/actions_job/" ID1, NULL, "docker:0123456789ab" },
	{ "/system.slice:docker/" ID1, NULL, "docker:0123456789ab" },
	{ "/system.slice/docker-notanid.scope", "docker-notanid.scope", NULL },
	{ "/docker/buildkit/x1y2", NULL, NULL },
	/* podman */
	{ "/machine.slice/libpod-" ID2 ".scope", "libpod-" ID2 ".scope",
	    "podman:9f86d081884c" },
	{ "/machine.slice/libpod-" ID2 ".scope/container",
	    "libpod-" ID2 ".scope", "podman:9f86d081884c" },
	{ "/libpod_parent/libpod-" ID2, NULL, "podman:9f86d081884c" },
	{ USER "/user.slice/libpod-" ID2 ".scope", "libpod-" ID2 ".scope",
	    "podman:9f86d081884c" },
	{ "/system.slice/web.service/libpod-payload-" ID2, "web.service",
	    "podman:9f86d081884c" },
	{ "/machine.slice/libpod-conmon-" ID2 ".scope",
	    "libpod-conmon-" ID2 ".scope", NULL },
	/* kubernetes */
	{ KUBE ".slice/cri-containerd-" ID1 ".scope",
	    "cri-containerd-" ID1 ".scope", "containerd:0123456789ab" },
	{ KUBE ".slice/crio-" ID1 ".scope", "crio-" ID1 ".scope",
	    "cri-o:0123456789ab" },
	{ KUBE ".slice/docker-" ID1 ".scope", "docker-" ID1 ".scope",
	    "docker:0123456789ab" },
	{ KUBE ".slice/" ID1, NULL, "kubepods:0123456789ab" },
	{ KUBE ".slice", NULL, NULL },
	{ "/kubepods/burstable/" PODD "/" ID1, NULL, "kubepods:0123456789ab" },
	{ "/kubepods/besteffort/" PODD "/" ID2, NULL, "kubepods:9f86d081884c" },
	{ "/kubepods/" PODD "/" ID2, NULL, "kubepods:9f86d081884c" },
	{ "/kubepods/burstable/" PODD, NULL, NULL },
	{ "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-" POD
	  ".slice/cri-containerd-" ID2 ".scope",
	    "cri-containerd-" ID2 ".scope", "containerd:9f86d081884c" },
	{ "/docker/" ID1 "/kubepods/besteffort/" PODD "/" ID2, NULL,
	    "kubepods:9f86d081884c" }, /* kind */
	{ "/k8s.io/" ID1, NULL, "containerd:0123456789ab" },
	{ "/default/" ID1, NULL, "containerd:0123456789ab" },
	{ "/system.slice/nerdctl-" ID1 ".scope", "nerdctl-" ID1 ".scope",
	    "containerd:0123456789ab" },
	/* lxc, lxd */
	{ "/lxc/web", NULL, "lxc:web" },
	{ "/lxc/web/system.slice/nginx.service", "nginx.service", "lxc:web" },
	{ "/lxc.payload.db1", NULL, "lxc:db1" },
	{ "/lxc.payload.db1/init.scope", "init.scope", "lxc:db1" },
	{ "/lxc.payload/web3", NULL, NULL },
	{ "/lxc.monitor.db1", NULL, NULL },
	{ "/lxd/c1", NULL, "lxd:c1" },
	/* machines */
	{ "/machine.slice/systemd-nspawn@deb12.service",
	    "systemd-nspawn@deb12.service", "nspawn:deb12" },
	{ "/machine.slice/systemd-nspawn@deb12.service/payload/system.slice/"
	  "x.service", "systemd-nspawn@deb12.service", "nspawn:deb12" },
	{ "/machine.slice/systemd-nspawn@a\\x2db.service",
	    "systemd-nspawn@a-b.service", "nspawn:a-b" },
	{ "/machine.slice/machine-fedora.scope", "machine-fedora.scope",
	    "nspawn:fedora" },
	{ "/machine.slice/machine-qemu\\x2d3\\x2dwin11.scope",
	    "machine-qemu-3-win11.scope", "qemu:3-win11" },
	{ "/machine.slice/machine-qemu\\x2d3\\x2dwin11.scope/libvirt/emulator",
	    "machine-qemu-3-win11.scope", "qemu:3-win11" },
	{ "/machine.slice/machine-lxc\\x2d7\\x2dbox.scope",
	    "machine-lxc-7-box.scope", "lxc:7-box" },
	/* others */
	{ "/garden/01234567-89ab-cdef-0123-456789abcdef", NULL,
	    "garden:01234567-89a" },
	{ "/ecs/" ID1, NULL, "ecs:0123456789ab" },
};
/* clang-format on */

static void
cgroup_paths(void **state)
{
	char *unit, *container;
	size_t i;

	(void)state;
	assert_true(nitems(paths) > 60);
	for (i = 0; i < nitems(paths); i++) {
		proc_cgroup_parse(paths[i].path, &unit, &container);
		if ((unit == NULL) != (paths[i].unit == NULL) ||
		    (unit != NULL && strcmp(unit, paths[i].unit) != 0))
			fail_msg("%s: unit '%s', not '%s'", paths[i].path,
			    unit == NULL ? "-" : unit,
			    paths[i].unit == NULL ? "-" : paths[i].unit);
		if ((container == NULL) != (paths[i].container == NULL) ||
		    (container != NULL &&
			strcmp(container, paths[i].container) != 0))
			fail_msg("%s: container '%s', not '%s'", paths[i].path,
			    container == NULL ? "-" : container,
			    paths[i].container == NULL ? "-"
						       : paths[i].container);
		free(unit);
		free(container);
	}
}

/* From a line of words. */
static void
note_is(const char *comm, const char *line, const char *want)
{
	char *argv[16], *copy = xstrdup(line), *rest = copy, *note;
	int argc = 0;

	while (argc < (int)nitems(argv) &&
	       (argv[argc] = strsep(&rest, " ")) != NULL)
		argc++;
	note = proc_docker_proxy_note(comm, argv, argc);
	if (want == NULL)
		assert_null(note);
	else {
		assert_non_null(note);
		assert_string_equal(note, want);
	}
	free(note);
	free(copy);
}

static void
docker_proxy(void **state)
{
	(void)state;
	note_is("docker-proxy",
	    "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080"
	    " -container-ip 172.17.0.2 -container-port 80",
	    "docker-proxy for 172.17.0.2:80");
	note_is("docker-proxy",
	    "docker-proxy --container-ip=fd00::2 --container-port=443",
	    "docker-proxy for [fd00::2]:443");
	note_is("docker-proxy", "x -container-ip \x1b[2J -container-port 1",
	    "docker-proxy for \\x1b[2J:1");
	note_is("docker-proxy",
	    "docker-proxy -container-ip 172.17.0.2 -container-port", NULL);
	note_is("docker-proxy", "", NULL);
	note_is(
	    "nginx", "nginx -container-ip 1.2.3.4 -container-port 80", NULL);
}

static void
holders(void **state)
{
	struct proc *p = proc_new(10, 100), *q = proc_new(11, 101);
	struct owners one = { .proc = proc_ref(p), .fd = 3, .n = 1 };
	struct owners two = { .proc = proc_ref(p), .fd = 3, .n = 2 }, copy;

	(void)state;
	two.all = xcalloc(2, sizeof(*two.all));
	two.all[0] = (struct owner){ proc_ref(p), 3 };
	two.all[1] = (struct owner){ proc_ref(q), 5 };
	assert_string_equal(p->comm, "?");
	assert_int_equal(atomic_load(&p->refs), 4);

	owners_copy(&copy, &two);
	assert_true(owners_eq(&copy, &two));
	assert_int_equal(atomic_load(&p->refs), 6);
	assert_int_equal(atomic_load(&q->refs), 3);
	assert_int_equal(owners_at(&copy, 1).proc->pid, 11);
	assert_int_equal(owners_at(&copy, 1).fd, 5);
	copy.all[1].fd = 6;
	assert_false(owners_eq(&copy, &two));
	assert_false(owners_eq(&one, &two));
	assert_int_equal(owners_procs(&two), 2);
	assert_int_equal(owners_procs(&one), 1);
	proc_unref(copy.all[1].proc); /* the same one, twice */
	copy.all[1].proc = proc_ref(p);
	assert_int_equal(owners_procs(&copy), 1);
	owners_done(&copy);
	assert_int_equal(owners_procs(&copy), 0);
	assert_int_equal(copy.n, 0);
	assert_null(copy.proc);

	owners_copy(&copy, &one);
	assert_true(owners_eq(&copy, &one));
	assert_int_equal(owners_at(&copy, 0).proc->pid, 10);
	owners_done(&copy);
	owners_done(&one);
	owners_done(&two);
	owners_done(&two);
	assert_int_equal(atomic_load(&p->refs), 1);
	proc_unref(p);
	proc_unref(q);
	proc_unref(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cgroup_paths),
		cmocka_unit_test(docker_proxy),
		cmocka_unit_test(holders),
	};

	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/*
 * Files to read back: recordings, documents, raw dumps, rubbish. Every text
 * that comes out is clean; it always ends.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "collect/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define READINGS_MAX 64

static void
clean(const char *s)
{
	if (s != NULL && !text_is_clean(s, strlen(s)))
		abort();
}

static void
got_sock(void *arg, const struct sock_rec *rec, const struct sock_ext *ext)
{
	(void)arg;
	if (rec->family != 4 && rec->family != 6)
		abort();
	if (rec->state >= SOCK_NSTATES)
		abort();
	if (ext == NULL)
		return;
	if (ext->tcp_info_len > SOCK_TCP_INFO_MAX || ext->skmem_n > SKMEM_N ||
	    ext->cc_info_len > sizeof(ext->cc_info))
		abort();
	clean(ext->cc);
	clean(ext->ulp);
}

static void
got_owners(void *arg, struct owners *who)
{
	uint32_t i;

	(void)arg;
	for (i = 0; i < who->n; i++) {
		const struct proc *p = owners_at(who, i).proc;

		if (p->pid <= 0)
			abort();
		clean(p->comm);
		clean(p->cmdline);
		clean(p->user);
		clean(p->exe);
		clean(p->cwd);
		clean(p->cgroup);
		clean(p->unit);
		clean(p->container);
		clean(p->note);
	}
	owners_done(who);
}

static void
check_snap(const struct snap *snap)
{
	size_t i;

	clean(snap->host);
	for (i = 0; i < snap->nwarnings; i++)
		clean(snap->warning[i]);
	for (i = 0; i < snap->nnames; i++)
		clean(snap->name[i].text);
}

static void
read_all(struct source *src)
{
	const struct request req = { .need = ~0u,
		.tcp = true,
		.udp = true,
		.v4 = true,
		.v6 = true,
		.states = SOCK_STATES_ALL };
	const struct sink sink = { .sock = got_sock, .owners = got_owners };
	char *cause = NULL;
	struct snap *snap;
	bool end = false;
	int i, r;

	for (i = 0; i < READINGS_MAX && !end; i++) {
		snap = snap_new();
		r = source_replay.read(src, &req, &sink, snap, &cause);
		check_snap(snap);
		end = r != 0 || (snap->flags & SNAP_END) != 0;
		snap_free(snap);
	}
	clean(cause);
	free(cause);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source *src = NULL;
	char path[64], *cause = NULL;
	int fd;

	fd = memfd_create("replay", MFD_CLOEXEC);
	if (fd < 0)
		return 0;
	if (write(fd, data, size) == (ssize_t)size) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (source_replay.open(&src, path, &cause) == 0)
			read_all(src);
		source_replay.close(src);
		clean(cause);
		free(cause);
	}
	close(fd);
	return 0;
}

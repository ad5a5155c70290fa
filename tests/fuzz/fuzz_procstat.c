/* SPDX-License-Identifier: ISC */
/*
 * What one process's files in /proc may hold: stat, a descriptor's link, the
 * command line, mountinfo. Whatever is taken is within its limits and clean.
 */
#include "config.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/procfs.h"
#include "model/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
as_cmdline(const char *s, size_t n)
{
	char *raw = xmalloc(n + 1), **argv, *text, *note;
	int argc, i;

	memcpy(raw, s, n);
	text = procfs_cmdline_text(raw, n, &argv, &argc);
	if (text != NULL && !text_is_clean(text, strlen(text)))
		abort();
	for (i = 0; i < argc; i++)
		if (argv[i] < raw || argv[i] > raw + n)
			abort();
	note = proc_docker_proxy_note("docker-proxy", argv, argc);
	if (note != NULL && !text_is_clean(note, strlen(note)))
		abort();
	free(note);
	free(text);
	free(argv);
	free(raw);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	struct procfs_stat st;
	uint32_t inode;
	char *copy;
	long n;

	if (procfs_parse_stat(s, size, &st) &&
	    (st.pid <= 0 || st.ppid < 0 || st.comm_len > sizeof(st.comm)))
		abort();
	if (procfs_parse_socket(s, size, &inode) && inode == 0)
		abort();
	(void)procfs_hidepid(s, size, "/proc");
	copy = xmalloc(size + 1);
	memcpy(copy, s, size);
	copy[size] = '\0';
	n = procfs_parse_number(copy);
	if (n < -1 || n > INT_MAX)
		abort();
	free(copy);
	as_cmdline(s, size);
	return 0;
}

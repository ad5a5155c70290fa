/* SPDX-License-Identifier: ISC */
/* net.ipv4.tcp_*: /proc/sys/net shows those of the reader's namespace. */
#include "config.h"

#include "collect/tcp_limits_read.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/num.h"
#include "collect/procfs.h"

#define SETTING_MAX 64

static bool
read_one(const char *name, uint32_t *ret)
{
	char path[SETTING_MAX], text[SETTING_MAX];
	uint64_t v;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	n = procfs_read_at(AT_FDCWD, path, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (!num_u64(text, 0, UINT32_MAX, &v))
		return false;
	*ret = (uint32_t)v;
	return true;
}

void
tcp_limits_read(struct tcp_limits *l, uint32_t netns)
{
	static const struct {
		const char *name;
		size_t off;
	} settings[] = {
		{ "tcp_retries2", offsetof(struct tcp_limits, retries2) },
		{ "tcp_syn_retries", offsetof(struct tcp_limits, syn_retries) },
		{ "tcp_synack_retries",
		    offsetof(struct tcp_limits, synack_retries) },
		{ "tcp_syn_linear_timeouts",
		    offsetof(struct tcp_limits, syn_linear) },
		{ "tcp_orphan_retries",
		    offsetof(struct tcp_limits, orphan_retries) },
		{ "tcp_fin_timeout",
		    offsetof(struct tcp_limits, fin_timeout_s) },
		{ "tcp_keepalive_probes",
		    offsetof(struct tcp_limits, keepalive_probes) },
	};
	size_t i;

	*l = tcp_limits_default;
	/* Before Linux 6.5 there was no such thing. */
	l->syn_linear = 0;
	for (i = 0; i < nitems(settings); i++)
		if (read_one(settings[i].name,
			(uint32_t *)(void *)((char *)l + settings[i].off)))
			l->netns = netns;
}

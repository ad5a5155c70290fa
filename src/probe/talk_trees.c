/* SPDX-License-Identifier: ISC */
/* Servers of files and their versions: rsync, git, Subversion. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "probe/line.h"

/* -- rsync ---------------------------------------------------------------- */

#define RSYNC_GREETING "@RSYNCD: "

/* The list of modules: "name\tcomment" a line, and the end. */
static enum talk_verdict
rsync_modules(struct talk *t, size_t at)
{
	char names[512] = "";
	const char *s;
	size_t n, k, len;

	while (talk_line(t, at, &s, &n, &at)) {
		if (line_starts(s, n, "@RSYNCD: EXIT") ||
		    line_starts(s, n, "@ERROR")) {
			if (names[0] != '\0')
				service_factf(
				    t->info, "rsync.modules", "%s", names);
			return TALK_DONE;
		}
		for (k = 0; k < n && s[k] != '\t' && s[k] != ' ';)
			k++;
		/* Words of the day have no tab behind the first. */
		if (memchr(s, '\t', n) == NULL || k == 0)
			continue;
		len = strlen(names);
		service_setf(names + len, sizeof(names) - len, "%s%.*s",
		    len > 0 ? " " : "", (int)(k < 64 ? k : 64), s);
	}
	return t->eof || t->timeout ? TALK_DONE : TALK_MORE;
}

static enum talk_verdict
rsync_input(struct talk *t)
{
	const size_t k = sizeof(RSYNC_GREETING) - 1;
	const char *s;
	size_t n, at, i;

	n = t->nin < k ? t->nin : k;
	if (memcmp(t->in, RSYNC_GREETING, n) != 0)
		return TALK_NOT;
	if (!talk_line(t, 0, &s, &n, &at))
		return t->eof || t->timeout ? TALK_NOT : TALK_MORE;
	if (n <= k || s[k] < '0' || s[k] > '9')
		return TALK_NOT;
	if (t->step == 0) {
		t->step = 1;
		for (i = k; i < n && s[i] != ' ';)
			i++;
		service_setf(
		    t->info->product, sizeof(t->info->product), "rsync");
		service_setf(t->info->extra, sizeof(t->info->extra),
		    "protocol version %.*s", (int)(i - k < 16 ? i - k : 16),
		    s + k);
		line_cpe(t->info, "samba:rsync");
		line_evidence(t, 0, at);
		if (!t->checks)
			return TALK_DONE;
		/* Its own digests have to be known only for a login. */
		talk_sendf(t, "@RSYNCD: 30.0\n\n");
	}
	return rsync_modules(t, at);
}

const struct talk_ops talk_rsync = {
	.name = "rsync",
	.service = "rsync",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "873,8730",
	.tls_ports = "874",
	.rarity = 4,
	.input = rsync_input,
	.source = "rsync's csprotocol.txt",
};

/* -- git ------------------------------------------------------------------ */

/* A pkt-line: four digits of its length, these included. */
static void
git_begin(struct talk *t)
{
	static const char path[] = "git-upload-pack /sockdeck";
	char line[300];
	int n;

	n = snprintf(
	    line, sizeof(line), "%s%chost=%.200s%c", path, 0, t->host, 0);
	talk_sendf(t, "%04x", (unsigned)n + 4);
	talk_send(t, line, (size_t)n);
}

static int
hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum talk_verdict
git_input(struct talk *t)
{
	size_t len = 0, i, n;

	for (i = 0; i < 4 && i < t->nin; i++) {
		if (hex(t->in[i]) < 0)
			return TALK_NOT;
		len = len * 16 + (size_t)hex(t->in[i]);
	}
	if (t->nin >= 4 && (len < 8 || len > 4096))
		return TALK_NOT;
	if (t->nin < 4 || t->nin < len)
		return t->eof || t->timeout ? TALK_NOT : TALK_MORE;
	n = len - 4;
	if (n > 4 && memcmp(t->in + 4, "ERR ", 4) == 0)
		service_fact(t->info, "git.error", t->in + 8, n - 4);
	else {
		for (i = 0; i < 40 && i < n && hex(t->in[4 + i]) >= 0;)
			i++;
		if (i < 40)
			return TALK_NOT;
		service_factf(t->info, "auth", "none");
	}
	service_setf(t->info->product, sizeof(t->info->product), "git daemon");
	line_cpe(t->info, "git-scm:git");
	line_evidence(t, 0, len);
	return TALK_DONE;
}

const struct talk_ops talk_git = {
	.name = "git",
	.service = "git",
	.flags = TALK_TCP,
	.ports = "9418",
	.rarity = 5,
	.begin = git_begin,
	.input = git_input,
	.source = "gitprotocol-pack(5)",
};

/* -- Subversion ----------------------------------------------------------- */

static enum talk_verdict
svn_input(struct talk *t)
{
	static const char *const starts[] = { "( success ( 1 2 ",
		"( success ( 2 2 " };
	const char *s = (const char *)t->in, *end;
	size_t i, n;

	for (i = 0; i < nitems(starts); i++) {
		n = strlen(starts[i]);
		n = t->nin < n ? t->nin : n;
		if (memcmp(s, starts[i], n) == 0)
			break;
	}
	if (i == nitems(starts))
		return TALK_NOT;
	/* Its last bracket is the end. */
	end = t->nin > 20 ? memchr(s + 18, ')', t->nin - 18) : NULL;
	if (end == NULL || !line_has(s, t->nin, "edit-pipeline"))
		return t->eof || t->timeout || t->nin > 2048 ? TALK_NOT
							     : TALK_MORE;
	service_setf(
	    t->info->product, sizeof(t->info->product), "Subversion svnserve");
	line_cpe(t->info, "apache:subversion");
	service_fact(t->info, "svn.capabilities", s, t->nin);
	line_evidence(t, 0, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_svn = {
	.name = "svn",
	.service = "svn",
	.flags = TALK_TCP | TALK_GREETED,
	.ports = "3690",
	.rarity = 5,
	.input = svn_input,
	.source = "Subversion's ra_svn/protocol",
};

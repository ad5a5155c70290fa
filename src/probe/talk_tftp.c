/* SPDX-License-Identifier: ISC */
/* TFTP: a file is asked for that is not there. That it is not is said from a
 * port of its own, in the server's own words. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"
#include "probe/talk_bin.h"

enum {
	DATA = 3,
	ERROR = 5
};
#define NAME "sockdeck.none"

enum step {
	FILE_NONE,
	MODE_NONE, /* once more, in a mode that there is not */
	ENOUGH
};

static void
tftp_begin(struct talk *t)
{
	static const char request[] = "\0\1" NAME "\0octet";
	static const char odd[] = "\0\1" NAME "\0sockdeck";

	if (t->step == FILE_NONE)
		talk_send(t, request, sizeof(request));
	else
		talk_send(t, odd, sizeof(odd));
}

static const struct line_form errors[] = {
	{ .form = "file * not found for *",
	    .product = "dnsmasq tftpd",
	    .cpe = "thekelleys:dnsmasq" },
	{ .form = "Only absolute filenames allowed", .product = "tftpd-hpa" },
	{ .form = "Unknown mode", .product = "tftpd-hpa" },
	{ .form = "cannot access *: *",
	    .product = "dnsmasq tftpd",
	    .cpe = "thekelleys:dnsmasq" },
};

/* An error: its number, its words, a NUL. Or, unlikely, the file. */
static bool
is_answer(struct talk *t, const uint8_t *p, size_t n)
{
	const uint8_t *nul;
	size_t len;

	if (n < 4 || p[0] != 0)
		return false;
	if (p[1] == DATA)
		return n <= 516 && p[2] == 0 && p[3] == 1;
	if (p[1] != ERROR || p[2] != 0 || p[3] > 8)
		return false;
	nul = memchr(p + 4, '\0', n - 4);
	/* Some forget the NUL, some send more. */
	len = nul != NULL ? (size_t)(nul - p) - 4 : n - 4;
	if (!line_is_text(p + 4, len))
		return false;
	service_factf(t->info, "tftp.error", "%u", p[3]);
	service_set(t->info->extra, sizeof(t->info->extra), p + 4, len);
	(void)line_find(
	    t->info, errors, nitems(errors), (const char *)p + 4, len);
	return true;
}

/* Who hears of an error sends no more (RFC 1350 7). */
static void
say_enough(struct talk *t)
{
	static const char error[] = "\0\5\0\0thank you";

	talk_send(t, error, sizeof(error));
}

/* The same words as before: it did not look at the mode. */
static void
learn_manner(struct talk *t, const uint8_t *p)
{
	struct service_info *i = t->info;
	char said[sizeof(i->extra)];

	bool same;

	(void)strlcpy(said, i->extra, sizeof(said));
	if (!is_answer(t, p, t->cut))
		return;
	same = strcmp(i->extra, said) == 0;
	(void)strlcpy(i->extra, said, sizeof(i->extra));
	if (same && i->product[0] == '\0')
		service_setf(i->product, sizeof(i->product), "atftpd");
}

static enum talk_verdict
tftp_input(struct talk *t)
{
	const uint8_t *p = t->in + t->nin - t->cut;

	/* What it was told to stop is over. */
	if (t->step == ENOUGH)
		return TALK_DONE;
	if (t->step == MODE_NONE) {
		if (!t->timeout && t->cut > 0)
			learn_manner(t, p);
		return TALK_DONE;
	}
	if (t->timeout || t->cut == 0 || !is_answer(t, p, t->cut))
		return TALK_NOT;
	service_evidence(t->info, p, t->cut);
	if (p[1] == DATA) {
		t->step = ENOUGH;
		say_enough(t);
		return TALK_MORE;
	}
	/* These words are those of many. */
	if (t->info->product[0] != '\0' ||
	    strcmp(t->info->extra, "File not found") != 0)
		return TALK_DONE;
	t->step = MODE_NONE;
	return TALK_AGAIN;
}

const struct talk_ops talk_tftp = {
	.name = "tftp",
	.service = "tftp",
	.flags = TALK_UDP | TALK_MOVES,
	.ports = "69,6969",
	.rarity = 3,
	.wait_ms = 1000,
	.begin = tftp_begin,
	.input = tftp_input,
	.source = "RFC 1350 5, 7",
};

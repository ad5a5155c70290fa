/* SPDX-License-Identifier: ISC */
/*
 * NTP: the time, as a client asks for it; what the daemon says of itself, as
 * ntpq(8) asks for it (mode 6); and, for checks, whether it lists who else asked
 * (mode 7), of which nothing but its first answer is read.
 */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"
#include "probe/talk_bin.h"

enum step {
	TIME,
	VARIABLES,
	INTERLEAVE,
	INTERLEAVED,
	MONLIST,
	MONLIST_OLD
};
enum {
	PACKET = 48,
	CLIENT = 4 << 3 | 3,  /* version 4, mode 3 */
	CONTROL = 2 << 3 | 6, /* version 2, mode 6 */
	PRIVATE = 2 << 3 | 7, /* version 2, mode 7 */
	READVAR = 2,
	XNTPD = 3,
	MON_GETLIST_1 = 42,
	MON_GETLIST = 20
};

/* What we say our time is; it comes back. */
static const uint8_t stamp[8] = { 0x5d, 's', 'o', 'c', 'k', 0xd1, 0xec, 0x6b };
static const uint8_t second[8] = { 0x5d, 'd', 'e', 'c', 'k', 0xd1, 0xec, 0x6c };

struct ntp {
	char reference[24];
	uint8_t stratum;
	uint8_t received[8]; /* when our first question came, by its clock */
};

static void
ask(struct talk *t)
{
	uint8_t p[PACKET] = { 0 };

	switch ((enum step)t->step) {
	case TIME:
		p[0] = CLIENT;
		p[2] = 6; /* poll: 64 s */
		memcpy(p + 40, stamp, sizeof(stamp));
		talk_send(t, p, PACKET);
		return;
	case INTERLEAVE:
	case INTERLEAVED:
		p[0] = CLIENT;
		p[2] = 6;
		memcpy(p + 24, ((struct ntp *)t->state)->received, 8);
		memcpy(p + 32, stamp, sizeof(stamp));
		memcpy(p + 40, second, sizeof(second));
		talk_send(t, p, PACKET);
		return;
	case VARIABLES:
		p[0] = CONTROL;
		p[1] = READVAR;
		p[3] = 1; /* sequence */
		talk_send(t, p, 12);
		return;
	case MONLIST:
	case MONLIST_OLD:
		p[0] = PRIVATE;
		p[2] = XNTPD;
		p[3] = t->step == MONLIST ? MON_GETLIST_1 : MON_GETLIST;
		talk_send(t, p, PACKET);
		return;
	}
}

static void
ntp_begin(struct talk *t)
{
	ask(t);
}

/* -- the time --------------------------------------------------------------- */

/* Of stratum 1 four letters, further on an address; of 0 why it says no. */
static void
learn_reference(struct talk *t, const uint8_t *p)
{
	struct ntp *n = t->state;
	size_t len = 0;

	while (len < 4 && p[len] > ' ' && p[len] < 0x7f)
		len++;
	if (n->stratum > 1)
		service_setf(n->reference, sizeof(n->reference), "%u.%u.%u.%u",
		    p[0], p[1], p[2], p[3]);
	else
		service_set(n->reference, sizeof(n->reference), p, len);
	if (n->reference[0] != '\0')
		service_factf(t->info, "ntp.reference", "%s", n->reference);
	/* What the reference implementation and its heirs say at first. */
	if (n->stratum == 0 && strcmp(n->reference, "INIT") == 0)
		service_setf(
		    t->info->product, sizeof(t->info->product), "ntpd");
}

static bool
learn_time(struct talk *t, const uint8_t *p, size_t n)
{
	struct ntp *ntp = t->state;

	/* With a key's digest behind it, perhaps. */
	if (n < PACKET || n > PACKET + 24 || (p[0] & 7) != 4 ||
	    (p[0] >> 3 & 7) < 1 || (p[0] >> 3 & 7) > 4 || p[1] > 16 ||
	    memcmp(p + 24, stamp, sizeof(stamp)) != 0)
		return false;
	ntp->stratum = p[1];
	memcpy(ntp->received, p + 32, sizeof(ntp->received));
	/* OpenNTPD computes with a double: its fractions end in ones. */
	if ((p[38] & 7) == 7 && p[39] == 0xff && (p[46] & 7) == 7 &&
	    p[47] == 0xff) {
		service_setf(
		    t->info->product, sizeof(t->info->product), "OpenNTPD");
		line_cpe(t->info, "openbsd:openntpd");
	}
	service_factf(t->info, "ntp.stratum", "%u", p[1]);
	learn_reference(t, p + 12);
	service_setf(t->info->extra, sizeof(t->info->extra),
	    "NTPv%u, stratum %u%s", p[0] >> 3 & 7u, p[1],
	    p[0] >> 6 == 3 ? ", not synchronised" : "");
	service_evidence(t->info, p, n);
	return true;
}

/* -- what it says of itself ------------------------------------------------- */

static const struct line_form versions[] = {
	{ .form = "ntpd ntpsec-%v*",
	    .product = "NTPsec ntpd",
	    .cpe = "ntpsec:ntpsec" },
	{ .form = "ntpd %v@*", .product = "ntpd", .cpe = "ntp:ntp" },
	{ .form = "ntpd %v *", .product = "ntpd", .cpe = "ntp:ntp" },
	{ .form = "ntpd %v", .product = "ntpd", .cpe = "ntp:ntp" },
	{ .form = "xntpd %v*", .product = "xntpd", .cpe = "ntp:ntp" },
};

static void
on_version(struct talk *t, const char *s, size_t n)
{
	service_fact(t->info, "ntp.version", s, n);
	(void)line_find(t->info, versions, nitems(versions), s, n);
}

static void
on_system(struct talk *t, const char *s, size_t n)
{
	service_set(t->info->os, sizeof(t->info->os), s, n);
}

static void
on_processor(struct talk *t, const char *s, size_t n)
{
	service_fact(t->info, "ntp.processor", s, n);
}

static const struct {
	const char *name;
	void (*on)(struct talk *, const char *, size_t);
} variables[] = {
	{ "version=", on_version },
	{ "system=", on_system },
	{ "processor=", on_processor },
};

/* version="ntpd 4.2.8p15@..", processor="x86_64", .. */
static void
learn_variables(struct talk *t, const char *s, size_t n)
{
	const char *at, *end;
	size_t i, k;

	for (i = 0; i < nitems(variables); i++) {
		k = strlen(variables[i].name);
		at = (const char *)bytes_find(
		    (const uint8_t *)s, n, variables[i].name, k);
		if (at == NULL)
			continue;
		at += k;
		at += at < s + n && *at == '"';
		for (end = at; end < s + n && *end != '"' && *end != ','; end++)
			continue;
		variables[i].on(t, at, (size_t)(end - at));
	}
}

/* Response, this command, this sequence; the data from byte 12 on. */
static bool
learn_control(struct talk *t, const uint8_t *p, size_t n)
{
	size_t len;

	if (n < 12 || (p[0] & 7) != 6 || (p[1] & 0x80) == 0 ||
	    (p[1] & 0x1f) != READVAR || p[2] != 0 || p[3] != 1)
		return false;
	len = (size_t)p[10] << 8 | p[11];
	if (len > n - 12)
		return false;
	if ((p[1] & 0x40) != 0)
		return true; /* an error: it answers, but tells nothing */
	service_factf(t->info, "ntp.mode6", "yes");
	learn_variables(t, (const char *)p + 12, len);
	return true;
}

/*
 * The manner of interleaved mode, which chrony alone has for clients: who says
 * twice when the last question came gets back when, by its own words, it got the
 * last answer, instead of when it asked.
 */
static bool
learn_manner(struct talk *t, const uint8_t *p, size_t n)
{
	struct ntp *ntp = t->state;

	if (n < PACKET || (p[0] & 7) != 4 ||
	    memcmp(p + 32, ntp->received, 8) == 0)
		return false;
	memcpy(ntp->received, p + 32, sizeof(ntp->received));
	if (t->step == INTERLEAVED && memcmp(p + 24, stamp, 8) == 0) {
		service_setf(
		    t->info->product, sizeof(t->info->product), "chrony");
		line_cpe(t->info, "chrony_project:chrony");
		return true;
	}
	return memcmp(p + 24, second, sizeof(second)) == 0;
}

/* A response, of this request, with entries in it. */
static bool
learn_monlist(struct talk *t, const uint8_t *p, size_t n)
{
	if (n < 8 || (p[0] & 0x87) != 0x87 || p[2] != XNTPD ||
	    (p[3] != MON_GETLIST_1 && p[3] != MON_GETLIST))
		return false;
	if (p[4] >> 4 == 0 && ((p[4] & 15) << 8 | p[5]) > 0)
		service_factf(t->info, "ntp.monlist", "yes");
	return true;
}

/* -- the course of it ------------------------------------------------------- */

static bool (*const learners[])(struct talk *, const uint8_t *, size_t) = {
	[TIME] = learn_time,
	[VARIABLES] = learn_control,
	[INTERLEAVE] = learn_manner,
	[INTERLEAVED] = learn_manner,
	[MONLIST] = learn_monlist,
	[MONLIST_OLD] = learn_monlist,
};

static enum talk_verdict
next(struct talk *t)
{
	do
		t->step++;
	while ((t->step == INTERLEAVE || t->step == INTERLEAVED) &&
	       t->info->product[0] != '\0');
	if (t->step > MONLIST_OLD || (t->step >= MONLIST && !t->checks) ||
	    service_fact_get(t->info, "ntp.monlist") != NULL)
		return TALK_DONE;
	ask(t);
	return TALK_MORE;
}

static enum talk_verdict
ntp_input(struct talk *t)
{
	bool answered = !t->timeout && t->cut > 0 &&
			learners[t->step](t, t->in + t->nin - t->cut, t->cut);
	if (!answered && t->step == TIME)
		return TALK_NOT;
	/* An answer that comes twice, or the list's next part. */
	if (!answered && !t->timeout)
		return TALK_MORE;
	return next(t);
}

const struct talk_ops talk_ntp = {
	.name = "ntp",
	.service = "ntp",
	.flags = TALK_UDP,
	.ports = "123",
	.rarity = 2,
	.wait_ms = 400,
	.state = sizeof(struct ntp),
	.begin = ntp_begin,
	.input = ntp_input,
	.source = "RFC 5905 7.3, RFC 9327; ntpd: ntp_request.h",
};

/* SPDX-License-Identifier: ISC */
/*
 * SMB, over TCP or over a NetBIOS session. The first connection asks as one
 * does who can everything; the next ones what is the newest dialect, whether
 * messages must be signed, what the server calls itself (in the challenge for a
 * login that is never sent), and whether SMB 1 is still spoken.
 */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/talk_bin.h"

enum step {
	MULTI,
	NEWEST,
	SETUP,
	OLD,
	OLD_SETUP,
	DIALECT
};

#define NBT        4 /* bytes of a session's header */
#define SMB2_HEAD  64
#define SMB1_HEAD  32
#define SMB1_WORDS (SMB1_HEAD + 1)
#define MORE       0xc0000016 /* STATUS_MORE_PROCESSING_REQUIRED */

struct smb {
	size_t at;    /* where the message that is awaited begins */
	bool session; /* the NetBIOS session stands */
	bool samba;
	unsigned dialect;  /* which of the list is asked for alone */
	char dialects[64]; /* that were agreed to */
	char signing[16];
};

static const struct {
	uint16_t code;
	const char *name;
} dialects[] = {
	{ 0x0202, "2.02" },
	{ 0x0210, "2.1" },
	{ 0x0300, "3.0" },
	{ 0x0302, "3.0.2" },
	{ 0x0311, "3.1.1" },
};

/* -- questions ---------------------------------------------------------------- */

static void
put16(struct buf *b, unsigned v)
{
	buf_putc(b, (char)v);
	buf_putc(b, (char)(v >> 8));
}

/* 64 bytes: command, what follows is message `id`. */
static void
put_smb2(struct buf *b, unsigned command, unsigned id)
{
	put16(b, 0x53fe);
	put16(b, 0x424d);
	put16(b, SMB2_HEAD);
	put16(b, 1);
	buf_pad(b, '\0', 4);
	put16(b, command);
	put16(b, 31);
	buf_pad(b, '\0', 8);
	put16(b, id);
	buf_pad(b, '\0', SMB2_HEAD - 26);
}

static void
put_smb1(struct buf *b, unsigned command)
{
	buf_put(b, "\xffSMB", 4);
	buf_putc(b, (char)command);
	buf_pad(b, '\0', 4);
	buf_putc(b, 0x18);
	/* Long names, extended security, NT's states; text of bytes. */
	put16(b, 0x4801);
	buf_pad(b, '\0', 12);
	put16(b, 0xffff);
	put16(b, 0x2026);
	buf_pad(b, '\0', 4);
}

static void
send_framed(struct talk *t, const struct buf *b)
{
	const uint8_t head[NBT] = { 0, 0, (uint8_t)(b->len >> 8),
		(uint8_t)b->len };

	talk_send(t, head, NBT);
	talk_send(t, b->data, b->len);
}

/* Dialects [first, last]; the newest wants to know how to hash. */
static void
put_negotiate(struct buf *b, size_t first, size_t last)
{
	static const uint8_t hashes[48] = { 1, 0, 38, 0, 0, 0, 0, 0, 1, 0, 32,
		0, 1, 0, 0x5a, 0x21, 0x77, 0x09 };
	static const uint8_t ciphers[14] = { 2, 0, 6, 0, 0, 0, 0, 0, 2, 0, 2, 0,
		1, 0 };
	bool contexts = dialects[last].code == 0x0311;
	size_t i, n = last - first + 1, at = SMB2_HEAD + 36 + 2 * n;

	put_smb2(b, 0, 0);
	put16(b, 36);
	put16(b, (unsigned)n);
	put16(b, 1);
	put16(b, 0);
	put16(b, 0x7f);
	put16(b, 0);
	buf_puts(b, "sockdeck sockdec");
	at = (at + 7) / 8 * 8;
	put16(b, contexts ? (unsigned)at : 0);
	put16(b, 0);
	put16(b, contexts ? 2 : 0);
	put16(b, 0);
	for (i = first; i <= last; i++)
		put16(b, dialects[i].code);
	if (!contexts)
		return;
	buf_pad(b, '\0', at - b->len);
	buf_put(b, hashes, sizeof(hashes));
	buf_put(b, ciphers, sizeof(ciphers));
}

/* SPNEGO: the mechanism is NTLM, and this is its first message. */
static void
put_spnego(struct buf *b)
{
	static const uint8_t head[] = { 0x60, 0x48, 0x06, 0x06, 0x2b, 0x06,
		0x01, 0x05, 0x05, 0x02, 0xa0, 0x3e, 0x30, 0x3c, 0xa0, 0x0e,
		0x30, 0x0c, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82,
		0x37, 0x02, 0x02, 0x0a, 0xa2, 0x2a, 0x04, 0x28 };

	buf_put(b, head, sizeof(head));
	buf_put(b, ntlm_negotiate, sizeof(ntlm_negotiate));
}

static void
put_setup(struct buf *b)
{
	struct buf token = { 0 };

	put_spnego(&token);
	put_smb2(b, 1, 1);
	put16(b, 25);
	put16(b, 0x0100); /* no flags; signing is possible */
	buf_pad(b, '\0', 8);
	put16(b, SMB2_HEAD + 24);
	put16(b, (unsigned)token.len);
	buf_pad(b, '\0', 8);
	buf_put(b, token.data, token.len);
	buf_done(&token);
}

static void
put_old_setup(struct buf *b)
{
	static const char names[] = "Unix\0sockdeck\0";
	struct buf token = { 0 };

	put_spnego(&token);
	put_smb1(b, 0x73);
	buf_putc(b, 12);
	put16(b, 0xff);
	put16(b, 0);
	put16(b, 0x4000);
	put16(b, 1);
	put16(b, 1);
	buf_pad(b, '\0', 4);
	put16(b, (unsigned)token.len);
	buf_pad(b, '\0', 4);
	put16(b, 0x0050);
	put16(b, 0x8000);
	put16(b, (unsigned)(token.len + sizeof(names)));
	buf_put(b, token.data, token.len);
	buf_put(b, names, sizeof(names));
	buf_done(&token);
}

static void
put_old_negotiate(struct buf *b, bool multi)
{
	static const char names[] = "\2NT LM 0.12\0\2SMB 2.002\0\2SMB 2.???";
	unsigned n = multi ? sizeof(names) : 12;

	put_smb1(b, 0x72);
	buf_putc(b, 0);
	put16(b, n);
	buf_put(b, names, n);
}

static void
ask(struct talk *t)
{
	const struct smb *s = t->state;
	struct buf b = { 0 };

	switch ((enum step)t->step) {
	case MULTI:
	case OLD:
		put_old_negotiate(&b, t->step == MULTI);
		break;
	case NEWEST:
		put_negotiate(&b, 0, nitems(dialects) - 1);
		break;
	case SETUP:
		put_setup(&b);
		break;
	case OLD_SETUP:
		put_old_setup(&b);
		break;
	case DIALECT:
		put_negotiate(&b, s->dialect, s->dialect);
		break;
	}
	send_framed(t, &b);
	buf_done(&b);
}

static void
smb_begin(struct talk *t)
{
	struct smb *s = t->state;

	s->at = 0;
	s->session = true;
	ask(t);
}

/* -- what is learnt ------------------------------------------------------------ */

static void
add_dialect(struct smb *s, const char *name)
{
	size_t n = strlen(s->dialects);

	service_setf(s->dialects + n, sizeof(s->dialects) - n, "%s%s",
	    n > 0 ? " " : "", name);
}

static bool
learn_newest(struct talk *t, struct talk_cursor c)
{
	struct smb *s = t->state;
	unsigned mode, dialect;
	const uint8_t *guid;
	size_t i;

	cursor_skip(&c, SMB2_HEAD + 2);
	mode = cursor_le16(&c);
	dialect = cursor_le16(&c);
	cursor_skip(&c, 2);
	guid = cursor_take(&c, 16);
	if (guid == NULL)
		return false;
	for (i = 0; i < nitems(dialects); i++)
		if (dialects[i].code == dialect) {
			service_factf(
			    t->info, "smb.newest", "%s", dialects[i].name);
			if (!t->checks)
				add_dialect(s, dialects[i].name);
		}
	service_setf(s->signing, sizeof(s->signing), "%s",
	    (mode & 2) != 0 ? "required" : "off");
	service_fact(t->info, "smb.signing", s->signing, strlen(s->signing));
	/* Samba makes it of its name. */
	for (i = 16; i > 0 && guid[i - 1] == 0; i--)
		continue;
	s->samba = i > 0 && i <= 15;
	while (i > 0 && guid[i - 1] >= 0x20 && guid[i - 1] < 0x7f)
		i--;
	s->samba = s->samba && i == 0;
	return true;
}

static void
learn_setup(struct talk *t, const uint8_t *p, size_t n)
{
	struct smb *s = t->state;
	const char *version;

	if (!ntlm_challenge(t->info, p, n))
		return;
	version = service_fact_get(t->info, "ntlm.version");
	if (version != NULL && strcmp(version, "6.1.0") == 0)
		s->samba = true;
	else if (t->info->os[0] != '\0')
		service_setf(t->info->product, sizeof(t->info->product),
		    "Microsoft Windows SMB");
}

/* Behind the blob: what it runs on, and its own name and version. */
static void
learn_old_setup(struct talk *t, struct talk_cursor c)
{
	const uint8_t *nul;
	unsigned blob;
	char os[48], lan[80];

	cursor_skip(&c, SMB1_HEAD);
	if (cursor_u8(&c) != 4)
		return;
	cursor_skip(&c, 6);
	blob = cursor_le16(&c);
	cursor_skip(&c, 2 + (size_t)blob);
	nul = memchr(c.p, '\0', cursor_left(&c));
	if (c.bad || nul == NULL)
		return;
	service_set(os, sizeof(os), c.p, (size_t)(nul - c.p));
	cursor_skip(&c, (size_t)(nul - c.p) + 1);
	nul = memchr(c.p, '\0', cursor_left(&c));
	if (nul == NULL)
		return;
	service_set(lan, sizeof(lan), c.p, (size_t)(nul - c.p));
	if (strncmp(lan, "Samba ", 6) == 0) {
		service_setf(
		    t->info->version, sizeof(t->info->version), "%s", lan + 6);
		((struct smb *)t->state)->samba = true;
	} else if (strncmp(os, "Windows", 7) == 0)
		service_setf(t->info->os, sizeof(t->info->os), "%s", os);
}

static enum talk_verdict
finish(struct talk *t)
{
	struct smb *s = t->state;
	struct service_info *i = t->info;
	char *dash;

	if (s->dialects[0] != '\0')
		service_fact(
		    i, "smb.dialects", s->dialects, strlen(s->dialects));
	if (s->samba) {
		service_setf(i->product, sizeof(i->product), "Samba smbd");
		/* "4.17.12-Debian" */
		dash = strchr(i->version, '-');
		if (dash != NULL) {
			service_setf(
			    i->extra, sizeof(i->extra), "%s", dash + 1);
			*dash = '\0';
		}
		service_setf(i->cpe, sizeof(i->cpe), "cpe:/a:samba:samba%s%s",
		    i->version[0] != '\0' ? ":" : "", i->version);
	}
	return TALK_DONE;
}

/* -- the course of it ---------------------------------------------------------- */

static enum talk_verdict
next_dialect(struct talk *t, bool first)
{
	struct smb *s = t->state;

	if (!t->checks)
		return finish(t);
	s->dialect = first ? 0 : s->dialect + 1;
	if (s->dialect == nitems(dialects))
		return finish(t);
	t->step = DIALECT;
	return TALK_AGAIN;
}

/* No answer, or none of use: what comes after that step. */
static enum talk_verdict
unanswered(struct talk *t)
{
	switch ((enum step)t->step) {
	case MULTI:
		return TALK_NOT;
	case NEWEST:
	case SETUP:
		t->step = OLD;
		return TALK_AGAIN;
	case OLD:
	case OLD_SETUP:
		return next_dialect(t, true);
	case DIALECT:
		return next_dialect(t, false);
	}
	return TALK_NOT;
}

/* SMB 1 was answered in SMB 1. */
static enum talk_verdict
in_old(struct talk *t, struct talk_cursor c)
{
	struct smb *s = t->state;
	struct talk_cursor words = c;

	if (t->step == OLD_SETUP) {
		learn_setup(t, c.p, cursor_left(&c));
		learn_old_setup(t, c);
		return next_dialect(t, true);
	}
	cursor_skip(&words, SMB1_HEAD);
	/* 17 words: NT LM 0.12; 1: none of those. */
	if ((t->step != MULTI && t->step != OLD) || cursor_u8(&words) != 17 ||
	    cursor_le16(&words) != 0)
		return unanswered(t);
	if (s->signing[0] == '\0') {
		service_setf(s->signing, sizeof(s->signing), "%s",
		    (cursor_u8(&words) & 8) != 0 ? "required" : "off");
		service_fact(
		    t->info, "smb.signing", s->signing, strlen(s->signing));
	}
	add_dialect(s, "NT LM 0.12");
	t->step = OLD_SETUP;
	ask(t);
	return TALK_MORE;
}

static enum talk_verdict
in_new(struct talk *t, struct talk_cursor c)
{
	struct smb *s = t->state;
	struct talk_cursor status = c;
	uint32_t code;

	cursor_skip(&status, 8);
	code = cursor_le32(&status);
	switch ((enum step)t->step) {
	case MULTI:
		t->step = NEWEST;
		return TALK_AGAIN;
	case NEWEST:
		if (code != 0 || !learn_newest(t, c))
			return unanswered(t);
		t->step = SETUP;
		ask(t);
		return TALK_MORE;
	case SETUP:
		if (code == MORE)
			learn_setup(t, c.p, cursor_left(&c));
		return unanswered(t);
	case DIALECT:
		if (code == 0)
			add_dialect(s, dialects[s->dialect].name);
		return unanswered(t);
	default:
		return unanswered(t);
	}
}

static enum talk_verdict
message(struct talk *t)
{
	struct smb *s = t->state;
	const uint8_t *p = t->in + s->at;
	struct talk_cursor c;
	size_t left = t->nin - s->at, len;
	bool old;

	if (left >= NBT && (p[0] != 0 || p[1] != 0))
		return unanswered(t);
	if (left < NBT + 4)
		return t->eof || t->timeout ? unanswered(t) : TALK_MORE;
	old = memcmp(p + NBT, "\xffSMB", 4) == 0;
	len = (size_t)p[2] << 8 | p[3];
	if ((!old && memcmp(p + NBT, "\xfeSMB", 4) != 0) ||
	    len < (size_t)(old ? SMB1_WORDS : SMB2_HEAD))
		return unanswered(t);
	if (left < NBT + len)
		return t->eof || t->timeout ? unanswered(t) : TALK_MORE;
	if (t->step == MULTI)
		service_evidence(t->info, p, NBT + len);
	s->at += NBT + len;
	cursor_init(&c, p + NBT, len);
	return old ? in_old(t, c) : in_new(t, c);
}

static enum talk_verdict
smb_input(struct talk *t)
{
	return message(t);
}

const struct talk_ops talk_smb = {
	.name = "smb",
	.service = "microsoft-ds",
	.flags = TALK_TCP,
	.ports = "445",
	.rarity = 3,
	.state = sizeof(struct smb),
	.begin = smb_begin,
	.input = smb_input,
	.source = "[MS-SMB2], [MS-SMB]",
};

/* -- over a NetBIOS session ------------------------------------------------------ */

/* The called name "*SMBSERVER" and ours, each letter as two halves. */
static void
netbios_begin(struct talk *t)
{
	static const uint8_t head[NBT] = { 0x81, 0, 0, 68 };
	static const char called[] = " CKFDENECFDEFFCFGEFFCCACACACACACA";
	static const char calling[] = " FDEPEDELEEEFEDELCACACACACACACACA";
	struct smb *s = t->state;

	s->at = 0;
	s->session = false;
	talk_send(t, head, NBT);
	talk_send(t, called, sizeof(called));
	talk_send(t, calling, sizeof(calling));
}

static enum talk_verdict
netbios_input(struct talk *t)
{
	static const uint8_t yes[NBT] = { 0x82, 0, 0, 0 };
	static const uint8_t no[NBT] = { 0x83, 0, 0, 1 };
	struct smb *s = t->state;

	if (s->session)
		return message(t);
	if (t->nin >= 5 && talk_starts(t, no, NBT)) {
		/* 0x80 .. 0x83, 0x8f: why it will not listen */
		if (t->nin != 5 || (t->in[4] > 0x83 && t->in[4] != 0x8f) ||
		    t->in[4] < 0x80)
			return TALK_NOT;
		service_evidence(t->info, t->in, t->nin);
		return TALK_DONE;
	}
	if (!talk_starts(t, yes, NBT) && !talk_starts(t, no, NBT))
		return TALK_NOT;
	if (t->nin < NBT)
		return t->step != MULTI && t->eof ? unanswered(t)
						  : talk_need(t);
	if (t->nin > NBT)
		return TALK_NOT;
	s->session = true;
	s->at = NBT;
	ask(t);
	return TALK_MORE;
}

const struct talk_ops talk_netbios = {
	.name = "netbios",
	.service = "netbios-ssn",
	.flags = TALK_TCP,
	.ports = "139",
	.rarity = 8,
	.state = sizeof(struct smb),
	.begin = netbios_begin,
	.input = netbios_input,
	.source = "RFC 1002 4.3",
};

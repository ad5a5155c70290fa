/* SPDX-License-Identifier: ISC */
/* Telnet: its options are refused, one by one, until it asks who is there. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"

enum {
	IAC = 255,
	DONT = 254,
	DO = 253,
	WONT = 252,
	WILL = 251,
	SB = 250,
	SE = 240
};
#define OPTIONS_MAX 40 /* known to IANA; 255: extended */
#define REFUSALS    24 /* one that asks for ever is left alone */

/* What stands in the text before the login. */
static const struct line_form banners[] = {
	{ .form = "*Welcome to Microsoft Telnet Service*",
	    .product = "Microsoft Windows telnetd",
	    .os = "Windows" },
	{ .form = "*BusyBox v%v *",
	    .product = "BusyBox telnetd",
	    .os = "Linux",
	    .cpe = "busybox:busybox" },
	{ .form = "*BusyBox on %h*",
	    .product = "BusyBox telnetd",
	    .os = "Linux",
	    .cpe = "busybox:busybox" },
	{ .form = "*User Access Verification*",
	    .product = "Cisco telnetd",
	    .os = "IOS",
	    .device = "router" },
	{ .form = "*MikroTik v%v*",
	    .product = "MikroTik RouterOS telnetd",
	    .os = "RouterOS",
	    .device = "router" },
	{ .form = "*FreeBSD/%h (%h)*", .os = "FreeBSD" },
	{ .form = "*OpenBSD/%h (%h)*", .os = "OpenBSD" },
	{ .form = "*NetBSD/%h (%h)*", .os = "NetBSD" },
	{ .form = "*SunOS %v*", .os = "Solaris" },
	{ .form = "Debian GNU/Linux %x", .os = "Debian GNU/Linux" },
	{ .form = "Ubuntu %x", .os = "Ubuntu" },
	{ .form = "Linux %x", .os = "Linux" },
	{ .form = "Kernel %x", .os = "Linux" },
	{ .form = "*OpenWrt*", .os = "OpenWrt", .device = "router" },
	{ .form = "*DD-WRT*", .os = "DD-WRT", .device = "router" },
	{ .form = "*HP JetDirect*",
	    .product = "HP JetDirect telnetd",
	    .device = "printer" },
	{ .form = "*Huawei*", .product = "Huawei telnetd", .device = "router" },
	{ .form = "*ZyXEL*", .product = "ZyXEL telnetd", .device = "router" },
	{ .form = "*VxWorks login*",
	    .product = "VxWorks telnetd",
	    .os = "VxWorks" },
	{ .form = "*QEMU %v monitor*", .product = "QEMU monitor" },
};
static const char *const prompts[] = {
	"login:", "username:", "password:", "user name:", "user:"
};

/* Servers by what they ask first, each in its own order. */
static const struct {
	const char *options, *product;
} habits[] = {
	{ "WILL 37, WILL 38, DO 24, DO 32, DO 35, DO 39, DO 36",
	    "GNU inetutils telnetd" },
	{ "DO 1, DO 31, WILL 1, WILL 3", "BusyBox telnetd" },
};

struct telnet_talk {
	size_t at;
	unsigned asked; /* options the other end spoke of */
	unsigned refused;
	char text[1024]; /* the rest of it */
	size_t ntext;
	char options[128];
};

/* One command of the protocol; bytes that it has, 0: it is not whole, SIZE_MAX:
 * it is none. */
static size_t
command(struct talk *t, struct telnet_talk *n, const uint8_t *p, size_t left)
{
	static const char *const words[] = { "WILL", "WONT", "DO", "DONT" };
	size_t k;

	if (left < 2)
		return 0;
	if (p[1] == SB) {
		for (k = 2; k + 1 < left; k++)
			if (p[k] == IAC && p[k + 1] == SE)
				return k + 2;
		return left > 256 ? SIZE_MAX : 0;
	}
	if (p[1] < SE)
		return SIZE_MAX;
	if (p[1] < WILL || p[1] == IAC)
		return 2;
	if (left < 3)
		return 0;
	if (p[2] > OPTIONS_MAX && p[2] != IAC && (p[2] < 85 || p[2] > 93) &&
	    p[2] != 200 && p[2] != 201)
		return SIZE_MAX;
	n->asked++;
	k = strlen(n->options);
	service_setf(n->options + k, sizeof(n->options) - k, "%s%s %u",
	    k > 0 ? ", " : "", words[p[1] - WILL], p[2]);
	if ((p[1] == WILL || p[1] == DO) && n->refused < REFUSALS) {
		const uint8_t no[3] = { IAC, p[1] == WILL ? DONT : WONT, p[2] };

		n->refused++;
		talk_send(t, no, sizeof(no));
	}
	return 3;
}

/* False: it is no telnet. */
static bool
read_on(struct talk *t, struct telnet_talk *n)
{
	size_t k;

	while (n->at < t->nin) {
		if (t->in[n->at] == IAC) {
			k = command(t, n, t->in + n->at, t->nin - n->at);
			if (k == SIZE_MAX)
				return false;
			if (k == 0)
				return true;
			n->at += k;
			continue;
		}
		/* It negotiates before it speaks. */
		if (n->asked == 0 && n->at > 2)
			return false;
		if (n->ntext < sizeof(n->text) && t->in[n->at] != '\0')
			n->text[n->ntext++] = (char)t->in[n->at];
		n->at++;
	}
	return true;
}

static bool
asks_who(const struct telnet_talk *n)
{
	size_t len = n->ntext, k, i;

	while (len > 0 && (n->text[len - 1] == ' ' || n->text[len - 1] == '\r'))
		len--;
	for (i = 0; i < nitems(prompts); i++) {
		k = strlen(prompts[i]);
		if (len >= k && line_starts(n->text + len - k, k, prompts[i]))
			return true;
	}
	return false;
}

/* "host login:" */
static void
host_of(struct talk *t, const char *s, size_t n)
{
	static const char prompt[] = " login:";
	size_t k = sizeof(prompt) - 1, len;

	while (n > 0 && s[n - 1] == ' ')
		n--;
	if (n <= k || !line_starts(s + n - k, k, prompt))
		return;
	len = n - k;
	if (memchr(s, ' ', len) == NULL)
		service_set(t->info->host, sizeof(t->info->host), s, len);
}

static void
text_says(struct talk *t, const struct telnet_talk *n)
{
	struct talk lines = {
		.in = (const uint8_t *)n->text, .nin = n->ntext, .eof = true
	};
	const char *s;
	size_t len, at = 0, i;

	while (talk_line(&lines, at, &s, &len, &at)) {
		while (len > 0 && (*s == '\r' || *s == ' ')) {
			s++;
			len--;
		}
		(void)line_find(t->info, banners, nitems(banners), s, len);
		host_of(t, s, len);
	}
	for (i = 0; i < nitems(habits) && t->info->product[0] == '\0'; i++)
		if (line_starts(
			n->options, strlen(n->options), habits[i].options))
			service_setf(t->info->product, sizeof(t->info->product),
			    "%s", habits[i].product);
	if (n->ntext > 0)
		service_fact(t->info, "telnet.text", n->text,
		    n->ntext < 200 ? n->ntext : 200);
	service_factf(t->info, "telnet.options", "%s", n->options);
}

/* Three bytes may be anybody's: another word of it is wanted, or that nothing
 * else comes. */
static bool
is_convincing(const struct telnet_talk *n)
{
	size_t i;

	if (n->asked == 0 || !line_is_text(n->text, n->ntext))
		return false;
	for (i = 0; i < n->ntext && n->asked < 3; i++)
		if ((n->text[i] & 0x80) != 0)
			return false;
	return n->asked >= 2 || n->ntext == 0 || asks_who(n);
}

static enum talk_verdict
telnet_input(struct talk *t)
{
	struct telnet_talk *n = t->state;
	bool over;

	if (t->nin > 0 && t->in[0] != IAC && t->in[0] != '\r' &&
	    t->in[0] != '\n')
		return TALK_NOT;
	if (!read_on(t, n))
		return TALK_NOT;
	over = t->eof || (t->timeout && t->out.len == 0) || asks_who(n) ||
	       n->ntext == sizeof(n->text);
	if (!over)
		return TALK_MORE;
	if (!is_convincing(n))
		return TALK_NOT;
	if (n->asked < 2 && !asks_who(n))
		t->info->conf = 7;
	text_says(t, n);
	line_evidence(t, 0, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_telnet = {
	.name = "telnet",
	.service = "telnet",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "23,2323,2300",
	.tls_ports = "992",
	.rarity = 3,
	.wait_ms = 1500,
	.state = sizeof(struct telnet_talk),
	.input = telnet_input,
	.source = "RFC 854, RFC 855",
};

/* SPDX-License-Identifier: ISC */
/* VNC (RFB): its version, and which ways of proving who one is it offers. It
 * goes no further: nobody's screen is touched. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"

#define VERSION_LEN 12 /* "RFB 003.008\n" */

static const struct {
	uint8_t type;
	const char *name;
	const char *product; /* whose own it is */
} types[] = {
	{ 1, "None", NULL },
	{ 2, "VNC authentication", NULL },
	{ 5, "RA2", "RealVNC" },
	{ 6, "RA2ne", "RealVNC" },
	{ 7, "SSPI", NULL },
	{ 8, "SSPIne", NULL },
	{ 13, "RA2-256", "RealVNC" },
	{ 16, "Tight", NULL },
	{ 17, "Ultra", "UltraVNC" },
	{ 18, "TLS", "Vino" },
	{ 19, "VeNCrypt", NULL },
	{ 20, "SASL", NULL },
	{ 21, "MD5", NULL },
	{ 22, "xvp", NULL },
	{ 23, "Secure Tunnel", NULL },
	{ 24, "Integrated SSH", NULL },
	{ 30, "Apple Diffie-Hellman", "Apple Remote Desktop" },
	{ 31, "Apple 31", "Apple Remote Desktop" },
	{ 32, "Apple 32", "Apple Remote Desktop" },
	{ 33, "Apple 33", "Apple Remote Desktop" },
	{ 35, "Apple 35", "Apple Remote Desktop" },
	{ 36, "Apple 36", "Apple Remote Desktop" },
	{ 113, "Mac OS X MS-Logon II", "UltraVNC" },
	{ 129, "RA2-256", "RealVNC" },
	{ 130, "RA2ne-256", "RealVNC" },
	{ 133, "RA2 four-step", "RealVNC" },
};

/* Versions that one vendor's servers give themselves. */
static const struct {
	const char *version, *product;
} versions[] = {
	{ "003.889", "Apple Remote Desktop" },
	{ "004.000", "RealVNC" },
	{ "004.001", "RealVNC" },
	{ "005.000", "RealVNC" },
	{ "003.004", "UltraVNC" },
	{ "003.006", "UltraVNC" },
	{ "003.014", "UltraVNC" },
	{ "003.016", "UltraVNC" },
};

static bool
is_version(const uint8_t *p, size_t n)
{
	static const char form[] = "RFB ddd.ddd\n";
	size_t i;

	for (i = 0; i < n && i < VERSION_LEN; i++)
		if (form[i] == 'd' ? p[i] < '0' || p[i] > '9'
				   : p[i] != (uint8_t)form[i])
			return false;
	return true;
}

static void
product(struct talk *t, const char *name)
{
	if (t->info->product[0] == '\0')
		service_setf(
		    t->info->product, sizeof(t->info->product), "%s", name);
}

static void
offer(struct talk *t, char *list, size_t size, uint8_t type)
{
	size_t i, k = strlen(list);

	if (type == 1)
		service_factf(t->info, "auth", "none");
	for (i = 0; i < nitems(types); i++)
		if (types[i].type == type) {
			service_setf(list + k, size - k, "%s%s",
			    k > 0 ? ", " : "", types[i].name);
			if (types[i].product != NULL)
				product(t, types[i].product);
			return;
		}
	service_setf(list + k, size - k, "%s%u", k > 0 ? ", " : "", type);
}

static void
reason(struct talk *t, struct talk_cursor *c)
{
	uint32_t n = cursor_be32(c);
	const uint8_t *p = cursor_take(c, n < 200 ? n : 200);

	if (p != NULL && n > 0)
		service_fact(t->info, "vnc.refused", p, n < 200 ? n : 200);
}

/* What is neither 3.7 nor 3.8 is to be taken for 3.3, but for those beyond. */
static bool
speaks_33(const uint8_t *p)
{
	return memcmp(p + 4, "003.007", 7) != 0 &&
	       memcmp(p + 4, "003.008", 7) != 0 &&
	       memcmp(p + 4, "003.889", 7) != 0 &&
	       memcmp(p + 4, "004", 3) != 0 && memcmp(p + 4, "005", 3) != 0;
}

/* Of version 3.3 the server decides: one number of four bytes. Later ones offer
 * a list. None, or 0: it refuses, and says why. */
static enum talk_verdict
security(struct talk *t)
{
	bool over = t->eof || t->timeout;
	struct talk_cursor c;
	char list[200] = "";
	const uint8_t *p;
	uint8_t n, i;

	cursor_init(&c, t->in + VERSION_LEN, t->nin - VERSION_LEN);
	if (speaks_33(t->in)) {
		uint32_t type = cursor_be32(&c);

		if (c.bad)
			return over ? TALK_DONE : TALK_MORE;
		if (type > 255)
			return TALK_DONE;
		if (type == 0)
			reason(t, &c);
		else
			offer(t, list, sizeof(list), (uint8_t)type);
	} else {
		n = cursor_u8(&c);
		p = cursor_take(&c, n);
		if (c.bad)
			return over ? TALK_DONE : TALK_MORE;
		if (n == 0) {
			reason(t, &c);
			if (c.bad && !over)
				return TALK_MORE;
		}
		for (i = 0; i < n; i++)
			offer(t, list, sizeof(list), p[i]);
		/* Its defaults, in its order. */
		if (n == 2 && p[0] == 19 && p[1] == 2)
			product(t, "TigerVNC");
	}
	if (list[0] != '\0')
		service_factf(t->info, "vnc.security", "%s", list);
	if (service_fact_get(t->info, "auth") == NULL && list[0] != '\0')
		service_factf(t->info, "auth", "required");
	line_evidence(t, 0, t->nin);
	return TALK_DONE;
}

static enum talk_verdict
vnc_input(struct talk *t)
{
	unsigned major, minor;
	size_t i;

	if (!is_version(t->in, t->nin))
		return TALK_NOT;
	if (t->nin < VERSION_LEN)
		return t->eof || t->timeout ? TALK_NOT : TALK_MORE;
	if (t->step == 0) {
		t->step = 1;
		major = (unsigned)(t->in[6] - '0');
		minor = (unsigned)(t->in[8] - '0') * 100 +
			(unsigned)(t->in[9] - '0') * 10 +
			(unsigned)(t->in[10] - '0');
		service_setf(t->info->extra, sizeof(t->info->extra),
		    "protocol %u.%u", major, minor);
		for (i = 0; i < nitems(versions); i++)
			if (memcmp(t->in + 4, versions[i].version, 7) == 0)
				product(t, versions[i].product);
		line_evidence(t, 0, VERSION_LEN);
		talk_sendf(t, "RFB 003.00%c\n",
		    speaks_33(t->in)                       ? '3'
		    : memcmp(t->in + 4, "003.007", 7) == 0 ? '7'
							   : '8');
		if (t->nin == VERSION_LEN)
			return t->eof ? TALK_DONE : TALK_MORE;
	}
	if (t->nin == VERSION_LEN)
		return t->eof || t->timeout ? TALK_DONE : TALK_MORE;
	return security(t);
}

const struct talk_ops talk_vnc = {
	.name = "vnc",
	.service = "vnc",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "5900-5910",
	.rarity = 3,
	.wait_ms = 2500,
	.input = vnc_input,
	.source = "RFC 6143, 7.1",
};

/* SPDX-License-Identifier: ISC */
/* X11: a setup without authorization. Who answers it with success lets anybody
 * see the screen and type. */
#include "config.h"

#include <string.h>

#include "probe/talk_bin.h"

enum answer {
	FAILED,
	SUCCESS,
	AUTHENTICATE
};

/* Least byte first, protocol 11.0, no names of authorizations. */
static void
x11_begin(struct talk *t)
{
	talk_send(t, "l\0\v\0\0\0\0\0\0\0\0\0", 12);
}

/* X.Org's number: 1, 2 digits, 2 digits, 3 digits; from 21.1 on the first 1 is
 * no longer said. */
static void
learn_release(struct service_info *info, uint32_t n)
{
	unsigned major = n / 100000 % 100, minor = n / 1000 % 100;

	if (strstr(info->extra, "X.Org") == NULL &&
	    strstr(info->extra, "Xorg") == NULL) {
		service_factf(info, "x11.release", "%u", n);
		return;
	}
	service_setf(info->product, sizeof(info->product), "X.Org server");
	if (n < 10000000)
		service_setf(info->version, sizeof(info->version), "%u.%u.%u",
		    n / 1000000, n / 10000 % 100, n / 100 % 100);
	else if (major >= 21)
		service_setf(info->version, sizeof(info->version), "%u.%u.%u",
		    major, minor, n % 1000);
	else
		service_setf(info->version, sizeof(info->version), "1.%u.%u",
		    major, minor);
	service_setf(info->cpe, sizeof(info->cpe), "cpe:/a:x.org:x_server:%s",
	    info->version);
}

static enum talk_verdict
success(struct talk *t, struct talk_cursor c)
{
	struct service_info *info = t->info;
	const uint8_t *vendor;
	uint32_t release;
	unsigned len;

	release = cursor_le32(&c);
	cursor_skip(&c, 12);
	len = cursor_le16(&c);
	cursor_skip(&c, 14);
	vendor = cursor_take(&c, len);
	if (vendor == NULL)
		return talk_need(t);
	if (len == 0 || len > 200)
		return TALK_NOT;
	service_set(info->extra, sizeof(info->extra), vendor, len);
	learn_release(info, release);
	service_factf(info, "x11.open", "yes");
	service_factf(info, "auth", "none");
	service_evidence(info, t->in, 40 + (size_t)len);
	return TALK_DONE;
}

static enum talk_verdict
x11_input(struct talk *t)
{
	struct talk_cursor c;
	unsigned kind, len;
	size_t more;

	cursor_init(&c, t->in, t->nin);
	kind = cursor_u8(&c);
	len = cursor_u8(&c);
	if (t->nin > 0 && kind > AUTHENTICATE)
		return TALK_NOT;
	if (t->nin < 8)
		return talk_need(t);
	if (kind != AUTHENTICATE && cursor_le16(&c) != 11)
		return TALK_NOT;
	if (kind == AUTHENTICATE)
		cursor_skip(&c, 2);
	if (kind != AUTHENTICATE && cursor_le16(&c) != 0)
		return TALK_NOT;
	if (kind == AUTHENTICATE)
		cursor_skip(&c, 2);
	more = (size_t)cursor_le16(&c) * 4;
	if (kind == SUCCESS)
		return more < 32 ? TALK_NOT : success(t, c);
	/* Failed: the text's length, padded to whole words. */
	if (more == 0 || more > 512 ||
	    (kind == FAILED && (len > more || len + 4 <= more)))
		return TALK_NOT;
	if (t->nin < 8 + more)
		return talk_need(t);
	if (bytes_find(c.p, more, "uthoriz", 7) == NULL &&
	    bytes_find(c.p, more, "rotocol", 7) == NULL &&
	    bytes_find(c.p, more, "lient", 5) == NULL)
		return TALK_NOT;
	service_set(t->info->extra, sizeof(t->info->extra), c.p,
	    kind == FAILED ? len : more);
	service_factf(t->info, "auth", "required");
	service_factf(t->info, "x11.open", "no");
	service_evidence(t->info, t->in, 8 + more);
	return TALK_DONE;
}

const struct talk_ops talk_x11 = {
	.name = "x11",
	.service = "x11",
	.flags = TALK_TCP,
	.ports = "6000-6063",
	.rarity = 5,
	.begin = x11_begin,
	.input = x11_input,
	.source = "X Window System Protocol, appendix B",
};

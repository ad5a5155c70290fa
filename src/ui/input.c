/* SPDX-License-Identifier: ISC */
/*
 * Decoding of what the terminal sends. Every byte sequence is an event or is
 * dropped whole: the rest of an unknown sequence must never act as keys.
 */
#include "config.h"

#include "ui/input.h"

#include <stdint.h>
#include <string.h>

#include "base/array.h"

#define PASTE_END "\033[201~"

void
input_init(struct input *in)
{
	memset(in, 0, sizeof *in);
	buf_init(&in->paste);
}

void
input_done(struct input *in)
{
	buf_done(&in->paste);
}

static void
emit_key(input_cb cb, void *arg, int key)
{
	struct input_event ev = { .type = INPUT_KEY, .key = key };

	cb(arg, &ev);
}

/* "ESC [ n ~" */
static const struct {
	int number, key;
} tilde_keys[] = {
	{ 1, KEYS_HOME },
	{ 2, KEYS_INSERT },
	{ 3, KEYS_DELETE },
	{ 4, KEYS_END },
	{ 5, KEYS_PGUP },
	{ 6, KEYS_PGDN },
	{ 7, KEYS_HOME },
	{ 8, KEYS_END },
	{ 11, KEYS_F1 },
	{ 12, KEYS_F1 + 1 },
	{ 13, KEYS_F1 + 2 },
	{ 14, KEYS_F1 + 3 },
	{ 15, KEYS_F1 + 4 },
	{ 17, KEYS_F1 + 5 },
	{ 18, KEYS_F1 + 6 },
	{ 19, KEYS_F1 + 7 },
	{ 20, KEYS_F1 + 8 },
	{ 21, KEYS_F1 + 9 },
	{ 23, KEYS_F1 + 10 },
	{ 24, KEYS_F1 + 11 },
	{ 25, KEYS_F1 + 12 },
	{ 26, KEYS_F1 + 13 },
	{ 28, KEYS_F1 + 14 },
	{ 29, KEYS_F1 + 15 },
	{ 31, KEYS_F1 + 16 },
	{ 32, KEYS_F1 + 17 },
	{ 33, KEYS_F1 + 18 },
	{ 34, KEYS_F1 + 19 },
};

/* "ESC [ X" and "ESC O X" */
static const struct {
	char final;
	int key;
} final_keys[] = {
	{ 'A', KEYS_UP },
	{ 'B', KEYS_DOWN },
	{ 'C', KEYS_RIGHT },
	{ 'D', KEYS_LEFT },
	{ 'F', KEYS_END },
	{ 'H', KEYS_HOME },
	{ 'M', KEYS_ENTER },
	{ 'P', KEYS_F1 },
	{ 'Q', KEYS_F1 + 1 },
	{ 'R', KEYS_F1 + 2 },
	{ 'S', KEYS_F1 + 3 },
	{ 'Z', KEYS_BACKTAB },
	{ 'j', '*' },
	{ 'k', '+' },
	{ 'l', ',' },
	{ 'm', '-' },
	{ 'n', '.' },
	{ 'o', '/' },
	{ 'p', '0' },
	{ 'q', '1' },
	{ 'r', '2' },
	{ 's', '3' },
	{ 't', '4' },
	{ 'u', '5' },
	{ 'v', '6' },
	{ 'w', '7' },
	{ 'x', '8' },
	{ 'y', '9' },
};

static int
final_key(char c, bool application)
{
	size_t i;

	/* The keypad's letters only after ESC O. */
	if (!application && (c == 'M' || (c >= 'j' && c <= 'y')))
		return -1;
	for (i = 0; i < nitems(final_keys); i++)
		if (final_keys[i].final == c)
			return final_keys[i].key;
	return -1;
}

static int
tilde_key(int number)
{
	size_t i;

	for (i = 0; i < nitems(tilde_keys); i++)
		if (tilde_keys[i].number == number)
			return tilde_keys[i].key;
	return -1;
}

/* Numbers of a CSI, "5;2": how many (at most max). */
static size_t
csi_numbers(const char *s, const char *end, int *n, size_t max)
{
	size_t count = 0;
	int v = 0;

	for (; s < end && count < max; s++) {
		if (*s >= '0' && *s <= '9') {
			if (v < 100000)
				v = v * 10 + (*s - '0');
		} else if (*s == ';' || *s == ':') {
			n[count++] = v;
			v = 0;
		}
	}
	if (count < max)
		n[count++] = v;
	return count;
}

/* "ESC [ < b ; x ; y M": presses only, releases end in m. */
static void
mouse(const char *s, const char *end, input_cb cb, void *arg)
{
	static const enum mouse_button wheel[] = { MOUSE_WHEEL_UP,
		MOUSE_WHEEL_DOWN };
	struct input_event ev = { .type = INPUT_MOUSE };
	int n[3], b;

	if (*end != 'M' || csi_numbers(s + 1, end, n, 3) != 3)
		return;
	b = n[0] & ~(4 | 8 | 16); /* shift, alt, control */
	if (b == 64 || b == 65)
		ev.button = wheel[b - 64];
	else if (b <= 2)
		ev.button = (enum mouse_button)(MOUSE_LEFT + b);
	else
		return;
	ev.x = n[1] - 1;
	ev.y = n[2] - 1;
	if (ev.x >= 0 && ev.y >= 0)
		cb(arg, &ev);
}

/* A whole "ESC [ .. final"; s after the bracket, end at the final. */
static void
csi(struct input *in, const char *s, const char *end, input_cb cb, void *arg)
{
	int n[4] = { 0 }, key = -1;
	size_t count;

	if (*s == '<') {
		mouse(s, end, cb, arg);
		return;
	}
	if (s < end && (*s < '0' || *s > '9') && *s != ';' && *s != '[')
		return; /* an answer of the terminal's, not a key */
	count = csi_numbers(s, end, n, nitems(n));
	if (*end == '~') {
		if (n[0] == 200) {
			in->pasting = true;
			buf_reset(&in->paste);
			return;
		}
		key = tilde_key(n[0]);
	} else if (*s == '[' && *end >= 'A' && *end <= 'E') {
		key = KEYS_F1 + (*end - 'A'); /* linux console */
	} else
		key = final_key(*end, false);
	if (key == -1)
		return;
	/* 1 + (shift 1, alt 2, control 4); shifted F keys count from 13. */
	if (count >= 2 && n[1] > 1) {
		if ((n[1] - 1) & 2)
			key |= KEYS_ALT;
		else if (((n[1] - 1) & 1) && key >= KEYS_F1 &&
			 key <= KEYS_F1 + 7)
			key += 12;
	}
	emit_key(cb, arg, key);
}

/* Bytes of the UTF-8 character that c begins; 0: it begins none. */
static size_t
utf8_length(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	if (c >= 0xf0 && c <= 0xf4)
		return 4;
	return 0;
}

static int
utf8_decode(const char *s, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t v = (unsigned char)s[0];
	size_t i;

	if (n == 1)
		return (int)v;
	v &= 0x7fu >> n;
	for (i = 1; i < n; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return -1;
		v = v << 6 | ((unsigned char)s[i] & 0x3f);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return -1;
	return (int)v;
}

static int
plain_key(int c)
{
	if (c == '\n')
		return KEYS_ENTER;
	if (c == 8)
		return KEYS_BACKSPACE;
	return c;
}

/*
 * Takes one event from the front of the sequence. Returns bytes used; 0: more
 * are needed.
 */
static size_t
take(struct input *in, input_cb cb, void *arg)
{
	const char *s = in->seq;
	size_t n = in->n, i, len;
	int c;

	if (s[0] != '\033') {
		if ((len = utf8_length((unsigned char)s[0])) == 0)
			return 1;
		if (n < len)
			return 0;
		if ((c = utf8_decode(s, len)) < 0)
			return 1;
		emit_key(cb, arg, plain_key(c));
		return len;
	}
	if (n < 2)
		return 0;
	if (s[1] == '[') {
		for (i = 2; i < n; i++) {
			if (i == 2 && s[i] == '[')
				continue; /* linux console: ESC [ [ A */
			if (s[i] >= 0x40 && s[i] <= 0x7e) {
				csi(in, s + 2, s + i, cb, arg);
				return i + 1;
			}
			if (s[i] < 0x20 || s[i] > 0x7e)
				return i; /* broken off */
		}
		return 0;
	}
	if (s[1] == 'O') {
		if (n < 3)
			return 0;
		if (s[2] < ' ' || s[2] > '~')
			return 2; /* broken off by what comes next */
		if ((c = final_key(s[2], true)) != -1)
			emit_key(cb, arg, c);
		return 3;
	}
	if (s[1] == '\033') {
		emit_key(cb, arg, KEYS_ESC);
		return 1;
	}
	if ((len = utf8_length((unsigned char)s[1])) == 0)
		return 2;
	if (n < 1 + len)
		return 0;
	if ((c = utf8_decode(s + 1, len)) < 0)
		return 2;
	emit_key(cb, arg, KEYS_ALT | plain_key(c));
	return 1 + len;
}

static void
drop(struct input *in, size_t n)
{
	in->n -= n;
	memmove(in->seq, in->seq + n, in->n);
}

static void
paste_byte(struct input *in, char c, input_cb cb, void *arg)
{
	struct input_event ev = { .type = INPUT_PASTE };
	size_t end = sizeof PASTE_END - 1;

	/* The last bytes are kept even when full: the end must be seen. */
	if (in->paste.len >= INPUT_PASTE_MAX + end) {
		memmove(in->paste.data + INPUT_PASTE_MAX,
		    in->paste.data + INPUT_PASTE_MAX + 1, end - 1);
		in->paste.len--;
	}
	buf_putc(&in->paste, c);
	if (in->paste.len < end ||
	    memcmp(in->paste.data + in->paste.len - end, PASTE_END, end) != 0)
		return;
	in->pasting = false;
	ev.text = in->paste.data;
	ev.len = in->paste.len - end;
	cb(arg, &ev);
	buf_reset(&in->paste);
}

void
input_feed(struct input *in, const char *s, size_t len, input_cb cb, void *arg)
{
	size_t i, used;

	for (i = 0; i < len; i++) {
		if (in->pasting) {
			paste_byte(in, s[i], cb, arg);
			continue;
		}
		if (in->n == sizeof in->seq) /* no key is this long */
			in->n = 0;
		in->seq[in->n++] = s[i];
		while (in->n > 0 && (used = take(in, cb, arg)) > 0)
			drop(in, used);
	}
}

/* What began with "ESC [" is no key typed by hand: it waits for its end, so
 * that the rest of it never acts as keys, however late it comes. */
bool
input_waiting(const struct input *in)
{
	return in->n == 1 || (in->n > 1 && in->seq[1] != '[');
}

void
input_timeout(struct input *in, input_cb cb, void *arg)
{
	if (!input_waiting(in))
		return;
	/* A lone Esc; anything longer was broken off on its way. */
	if (in->n == 1 && in->seq[0] == '\033')
		emit_key(cb, arg, KEYS_ESC);
	else if (in->n == 2 && in->seq[0] == '\033')
		emit_key(cb, arg, KEYS_ALT | (unsigned char)in->seq[1]);
	in->n = 0;
}

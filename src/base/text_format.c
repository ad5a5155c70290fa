/* SPDX-License-Identifier: ISC */
/*
 * Numbers and addresses as text, by hand: they are formatted for each row of
 * tables with a hundred thousand of them, where snprintf(3) and inet_ntop(3)
 * cost three times as much. And comparing of words.
 */
#include "config.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

#include "base/array.h"

#define NS_PER_US    UINT64_C(1000)
#define NS_PER_MS    UINT64_C(1000000)
#define NS_PER_S     UINT64_C(1000000000)
#define NS_PER_MIN   (60 * NS_PER_S)
#define NS_PER_HOUR  (60 * NS_PER_MIN)
#define NS_PER_DAY   (24 * NS_PER_HOUR)
#define DISTANCE_MAX 64

static const char digit_pairs[] = "00010203040506070809"
				  "10111213141516171819"
				  "20212223242526272829"
				  "30313233343536373839"
				  "40414243444546474849"
				  "50515253545556575859"
				  "60616263646566676869"
				  "70717273747576777879"
				  "80818283848586878889"
				  "90919293949596979899";

char *
text_u64(char *p, uint64_t n)
{
	char tmp[TEXT_U64_MAX], *s = tmp + sizeof(tmp);
	size_t len;

	while (n >= 100) {
		s -= 2;
		memcpy(s, digit_pairs + n % 100 * 2, 2);
		n /= 100;
	}
	if (n >= 10) {
		s -= 2;
		memcpy(s, digit_pairs + n * 2, 2);
	} else
		*--s = (char)('0' + n);
	len = (size_t)(tmp + sizeof(tmp) - s);
	memcpy(p, s, len);
	return p + len;
}

static char *
put_octet(char *p, unsigned n)
{
	if (n >= 100) {
		*p++ = (char)('0' + n / 100);
		n %= 100;
		memcpy(p, digit_pairs + (size_t)n * 2, 2);
		return p + 2;
	}
	if (n >= 10) {
		memcpy(p, digit_pairs + (size_t)n * 2, 2);
		return p + 2;
	}
	*p++ = (char)('0' + n);
	return p;
}

char *
text_ipv4(char *p, const uint8_t addr[4])
{
	int i;

	for (i = 0; i < 4; i++) {
		if (i > 0)
			*p++ = '.';
		p = put_octet(p, addr[i]);
	}
	return p;
}

static char *
put_group(char *p, unsigned g)
{
	static const char hex[] = "0123456789abcdef";

	if (g >= 0x1000)
		*p++ = hex[g >> 12];
	if (g >= 0x100)
		*p++ = hex[g >> 8 & 15];
	if (g >= 0x10)
		*p++ = hex[g >> 4 & 15];
	*p++ = hex[g & 15];
	return p;
}

/* The first of the longest runs of two or more zero groups; 8 if none. */
static int
zero_run(const uint8_t addr[16], int *ret_len)
{
	int best = 8, best_len = 1, i, n;

	for (i = 0; i<8; i += n> 0 ? n : 1) {
		for (n = 0; i + n < 8; n++)
			if ((addr[(i + n) * 2] | addr[(i + n) * 2 + 1]) != 0)
				break;
		if (n > best_len) {
			best = i;
			best_len = n;
		}
	}
	*ret_len = best_len;
	return best;
}

char *
text_ipv6(char *p, const uint8_t addr[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	int run, len, i;

	if (memcmp(addr, mapped, sizeof(mapped)) == 0) {
		memcpy(p, "::ffff:", 7);
		return text_ipv4(p + 7, addr + 12);
	}
	run = zero_run(addr, &len);
	for (i = 0; i < 8; i++) {
		if (i == run) {
			*p++ = ':';
			*p++ = ':';
			i += len - 1;
			continue;
		}
		if (i > 0 && i != run + len)
			*p++ = ':';
		p = put_group(p, (unsigned)addr[i * 2] << 8 | addr[i * 2 + 1]);
	}
	return p;
}

/* The characters are made by hand, so that no locale's comma gets in. */
static char *
format_units(char *buf, double d)
{
	static const char units[] = " KMGTPEZY";
	char *p = buf;
	size_t i = 0;
	unsigned tenths;

	if (!isfinite(d) || d < 0) {
		memcpy(buf, "-", 2);
		return buf;
	}
	while (d >= 1000 && i < sizeof(units) - 2) {
		d /= 1000;
		i++;
	}
	if (d > 999)
		d = 999;
	tenths = (unsigned)(d * 10 + 1e-9);
	p = text_u64(p, tenths / 10);
	/* "1.2K" and "0.4", but "7": a count of bytes has no tenths. */
	if (tenths < 100 && (i > 0 || (tenths > 0 && tenths < 10))) {
		*p++ = '.';
		*p++ = (char)('0' + tenths % 10);
	}
	if (i > 0)
		*p++ = units[i];
	*p = '\0';
	return buf;
}

char *
text_bytes(char *buf, double bytes)
{
	return format_units(buf, bytes);
}

char *
text_rate(char *buf, double bytes_per_s)
{
	return format_units(buf, bytes_per_s);
}

char *
text_duration(char *buf, uint64_t ns)
{
	static const struct {
		uint64_t below, unit, minor; /* minor 0: none is shown */
		const char *name;
	} steps[] = {
		{ NS_PER_MS, NS_PER_US, 0, "us" },
		{ 10 * NS_PER_MS, NS_PER_MS, NS_PER_MS / 10, "ms" },
		{ NS_PER_S, NS_PER_MS, 0, "ms" },
		{ 10 * NS_PER_S, NS_PER_S, NS_PER_S / 10, "s" },
		{ NS_PER_MIN, NS_PER_S, 0, "s" },
		{ NS_PER_HOUR, NS_PER_MIN, NS_PER_S, "m" },
		{ NS_PER_DAY, NS_PER_HOUR, NS_PER_MIN, "h" },
		{ 100 * NS_PER_DAY, NS_PER_DAY, NS_PER_HOUR, "d" },
		{ 1000 * NS_PER_DAY, NS_PER_DAY, 0, "d" },
		{ UINT64_MAX, 365 * NS_PER_DAY + NS_PER_DAY / 4, 0, "y" },
	};
	uint64_t major, minor;
	size_t i = 0;
	char *p = buf;

	if (ns < NS_PER_US) {
		memcpy(buf, ns > 0 ? "<1us" : "0s", ns > 0 ? 5 : 3);
		return buf;
	}
	while (ns >= steps[i].below && i < nitems(steps) - 1)
		i++;
	major = ns / steps[i].unit;
	p = text_u64(p, major);
	if (steps[i].minor == 0 || steps[i].unit < NS_PER_MIN) {
		if (steps[i].minor > 0) {
			*p++ = '.';
			minor = ns % steps[i].unit / steps[i].minor;
			*p++ = (char)('0' + minor);
		}
		strcpy(p, steps[i].name);
		return buf;
	}
	minor = ns % steps[i].unit / steps[i].minor;
	*p++ = steps[i].name[0];
	memcpy(p, digit_pairs + minor * 2, 2);
	p[2] = '\0';
	return buf;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
text_contains(const char *hay, const char *needle)
{
	const char *h, *n;

	if (*needle == '\0')
		return true;
	for (; *hay != '\0'; hay++) {
		if (lower(*hay) != *needle)
			continue;
		for (h = hay + 1, n = needle + 1; *n != '\0'; h++, n++)
			if (lower(*h) != *n)
				break;
		if (*n == '\0')
			return true;
	}
	return false;
}

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/*
 * With adjacent transpositions (optimal string alignment), letter case not
 * counted. Longer than DISTANCE_MAX: as different as can be.
 */
unsigned
text_distance(const char *a, const char *b)
{
	unsigned rows[3][DISTANCE_MAX + 1], *prev2 = rows[0], *prev = rows[1],
					    *cur = rows[2], *swap;
	size_t na = strlen(a), nb = strlen(b), i, j;

	if (na > DISTANCE_MAX || nb > DISTANCE_MAX)
		return na > nb ? (unsigned)na : (unsigned)nb;
	for (j = 0; j <= nb; j++)
		prev[j] = (unsigned)j;
	memset(prev2, 0, sizeof(rows[0]));
	for (i = 1; i <= na; i++) {
		cur[0] = (unsigned)i;
		for (j = 1; j <= nb; j++) {
			bool same = lower(a[i - 1]) == lower(b[j - 1]);

			cur[j] = min3(
			    prev[j] + 1, cur[j - 1] + 1, prev[j - 1] + !same);
			if (i > 1 && j > 1 &&
			    lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]) &&
			    prev2[j - 2] + 1 < cur[j])
				cur[j] = prev2[j - 2] + 1;
		}
		swap = prev2;
		prev2 = prev;
		prev = cur;
		cur = swap;
	}
	return prev[nb];
}

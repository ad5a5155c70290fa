/* SPDX-License-Identifier: ISC */
/*
 * Numbers from users and files, parsed whole and within limits. Nothing here
 * depends on the locale: strtod(3) would take "1,5" for one and a half under
 * some and stop at the point under others.
 */
#include "config.h"

#include "base/num.h"

#include <locale.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"

#define NS_PER_S 1000000000.0

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;
	unsigned d;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (!is_digit(*s))
			return false;
		d = (unsigned)(*s - '0');
		if (n > (UINT64_MAX - d) / 10)
			return false;
		n = n * 10 + d;
	}
	if (n < min || n > max)
		return false;
	*ret = n;
	return true;
}

bool
num_hex_u64(const char *s, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;
	unsigned d;
	char c;

	if (s[0] == '0' && lower(s[1]) == 'x')
		s += 2;
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		c = lower(*s);
		if (is_digit(c))
			d = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			d = (unsigned)(c - 'a') + 10;
		else
			return false;
		if (n > UINT64_MAX >> 4)
			return false;
		n = n << 4 | d;
	}
	if (n > max)
		return false;
	*ret = n;
	return true;
}

/* strtod(3) of exactly these characters, whatever the locale's point is. */
static double
to_double(const char *s, size_t n)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	char *copy = xstrndup(s, n);
	double d = strtod_l(copy, NULL, c);

	free(copy);
	freelocale(c);
	return d;
}

/*
 * Reads digits with an optional point and exponent from *p and moves it; no
 * sign, no "inf", no "nan", no hexadecimal. An exponent needs its digits, so
 * that "2e" leaves the e to the caller.
 */
static bool
scan_double(const char **p, double *ret)
{
	const char *s = *p, *e;
	bool any = false, point = false;

	for (; is_digit(*s) || (*s == '.' && !point); s++) {
		any = any || *s != '.';
		point = point || *s == '.';
	}
	if (!any)
		return false;
	if (lower(*s) == 'e') {
		e = s + 1;
		e += *e == '-' || *e == '+';
		if (is_digit(*e)) {
			while (is_digit(*e))
				e++;
			s = e;
		}
	}
	*ret = to_double(*p, (size_t)(s - *p));
	*p = s;
	return true;
}

bool
num_double(const char *s, double min, double max, double *ret)
{
	bool neg = min < 0 && *s == '-';
	double d;

	s += neg;
	if (!scan_double(&s, &d) || *s != '\0')
		return false;
	if (neg)
		d = -d;
	if (!(d >= min && d <= max))
		return false;
	*ret = d;
	return true;
}

bool
num_duration(const char *s, uint64_t *ret)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {
		{ "", NS_PER_S },
		{ "ns", 1 },
		{ "us", 1e3 },
		{ "ms", 1e6 },
		{ "s", NS_PER_S },
		{ "m", 60 * NS_PER_S },
		{ "min", 60 * NS_PER_S },
		{ "h", 3600 * NS_PER_S },
		{ "d", 86400 * NS_PER_S },
	};
	double d;
	size_t i;

	if (!scan_double(&s, &d))
		return false;
	for (i = 0; i < nitems(units); i++)
		if (strcmp(s, units[i].name) == 0)
			break;
	if (i == nitems(units))
		return false;
	d = d * units[i].ns + 0.5;
	if (!(d < 18446744073709551616.0))
		return false;
	*ret = (uint64_t)d;
	return true;
}

bool
num_size(const char *s, double *ret)
{
	static const char prefixes[] = "kmgtpe";
	static const char *const tails[] = { "", "b", "/s", "b/s", "bps" };
	const char *p;
	char tail[4] = "";
	double d, step = 1000;
	size_t i;
	int n = 0;

	if (!scan_double(&s, &d))
		return false;
	if (*s != '\0' && (p = strchr(prefixes, lower(*s))) != NULL) {
		n = (int)(p - prefixes) + 1;
		s++;
		if (lower(*s) == 'i') {
			step = 1024;
			s++;
		}
	}
	while (n-- > 0)
		d *= step;
	if (strlen(s) >= sizeof(tail) || !(d <= 1e300))
		return false;
	for (i = 0; s[i] != '\0'; i++)
		tail[i] = lower(s[i]);
	for (i = 0; i < nitems(tails); i++)
		if (strcmp(tail, tails[i]) == 0)
			break;
	if (i == nitems(tails))
		return false;
	*ret = d;
	return true;
}

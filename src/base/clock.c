/* SPDX-License-Identifier: ISC */
/* The clocks, and their standing still for tests. */
#include "config.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_S UINT64_C(1000000000)

static bool frozen;
static uint64_t frozen_mono;
static struct timespec frozen_wall;

static uint64_t
read_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t
clock_mono_ns(void)
{
	return frozen ? frozen_mono : read_ns(CLOCK_MONOTONIC);
}

uint64_t
clock_boot_ns(void)
{
	return frozen ? frozen_mono : read_ns(CLOCK_BOOTTIME);
}

struct timespec
clock_wall(void)
{
	struct timespec ts;

	if (frozen)
		return frozen_wall;
	clock_gettime(CLOCK_REALTIME, &ts);
	return ts;
}

void
clock_freeze(uint64_t mono_ns, struct timespec wall)
{
	frozen = true;
	frozen_mono = mono_ns;
	frozen_wall = wall;
}

void
clock_rfc3339(struct timespec ts, char *ret)
{
	struct tm tm;

	/* Four digits are all that RFC 3339 has for a year. */
	if (gmtime_r(&ts.tv_sec, &tm) == NULL || tm.tm_year < -1900 ||
	    tm.tm_year > 9999 - 1900) {
		ts.tv_sec = 0;
		ts.tv_nsec = 0;
		gmtime_r(&ts.tv_sec, &tm);
	}
	/* The remainders change nothing; they tell the compiler the width. */
	snprintf(ret, CLOCK_RFC3339_MAX, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	    (unsigned)(tm.tm_year + 1900) % 10000,
	    (unsigned)(tm.tm_mon + 1) % 100, (unsigned)tm.tm_mday % 100,
	    (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
	    (unsigned)tm.tm_sec % 100,
	    (unsigned)((uint64_t)ts.tv_nsec / 1000000 % 1000));
}

/* n digits of s as a number. */
static int
digits(const char *s, int n)
{
	int v = 0;

	while (n-- > 0)
		v = v * 10 + (*s++ - '0');
	return v;
}

bool
clock_parse_rfc3339(const char *s, struct timespec *ret)
{
	static const char form[] = "0000-00-00T00:00:00.000Z";
	struct tm tm = { 0 }, back;
	time_t t;
	size_t i;

	for (i = 0; form[i] != '\0'; i++)
		if (form[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	if (s[i] != '\0')
		return false;
	tm.tm_year = digits(s, 4) - 1900;
	tm.tm_mon = digits(s + 5, 2) - 1;
	tm.tm_mday = digits(s + 8, 2);
	tm.tm_hour = digits(s + 11, 2);
	tm.tm_min = digits(s + 14, 2);
	tm.tm_sec = digits(s + 17, 2);
	back = tm;
	t = timegm(&back);
	/* timegm() carries what is out of range: then it differs. */
	if (back.tm_mon != tm.tm_mon || back.tm_mday != tm.tm_mday ||
	    back.tm_hour != tm.tm_hour || back.tm_min != tm.tm_min ||
	    back.tm_sec != tm.tm_sec)
		return false;
	ret->tv_sec = t;
	ret->tv_nsec = digits(s + 20, 3) * 1000000L;
	return true;
}

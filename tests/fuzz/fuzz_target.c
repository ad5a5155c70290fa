/* SPDX-License-Identifier: ISC */
/*
 * Targets as typed: no input harms; what is taken is yielded in order, each
 * address once, as many as were counted, and none that is excluded. Lines
 * that begin with "!" are excludes.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "model/target.h"

#define WALK_MAX 5000

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
check_cause(char *cause)
{
	must(cause != NULL && text_is_clean(cause, strlen(cause)));
	free(cause);
}

static int
order(const struct scan_addr *a, const struct scan_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	return memcmp(a->addr, b->addr, sizeof(a->addr));
}

/* Whatever a name is called, it gets some address. */
static void
resolve(struct target_set *t)
{
	struct scan_addr a = { .family = 4, .addr = { 10, 0, 0, 1 } };
	struct target_name *n;
	char *cause;
	size_t i, len;

	for (i = 0; (n = target_name_at(t, i)) != NULL; i++) {
		len = strlen(n->name);
		must(len > 0 && text_is_clean(n->name, len));
		a.family = len % 2 == 0 ? 4 : 6;
		a.addr[3] = (uint8_t)n->name[0];
		if (target_resolved(t, n, &a, &cause) != 0)
			check_cause(cause);
	}
}

/* One exclude alone, as the set of its addresses; NULL: it was refused as
 * targets are (too large, link-local). */
static struct target_set *
alone(const char *word)
{
	struct target_set *t = target_new(0);
	char *cause;

	if (target_add(t, word, &cause) == 0 && target_name_at(t, 0) == NULL &&
	    target_seal(t, &cause) == 0)
		return t;
	if (target_name_at(t, 0) == NULL)
		free(cause);
	target_free(t);
	return NULL;
}

static void
check_excluded(const struct target_set *t, const char *word)
{
	struct target_set *out = alone(word);
	struct scan_addr a;
	uint64_t i;

	if (out == NULL)
		return;
	for (i = 0; i < target_count(out) && i < WALK_MAX; i++) {
		target_at(out, i, &a);
		must(!target_has(t, &a));
	}
	for (i = 0; i < target_count(t) && i < WALK_MAX; i++) {
		target_at(t, i, &a);
		must(!target_has(out, &a));
	}
	target_free(out);
}

static void
check_walk(const struct target_set *t)
{
	uint64_t n = target_count(t), i;
	struct scan_addr last = { 0 }, a;

	must(n <= TARGET_HOSTS_MAX);
	for (i = 0; i < n && i < WALK_MAX; i++) {
		target_at(t, i, &a);
		must(target_has(t, &a));
		must(i == 0 || order(&last, &a) < 0);
		last = a;
	}
	if (n > WALK_MAX) {
		target_at(t, n - 1, &a);
		must(target_has(t, &a) && order(&last, &a) < 0);
		target_at(t, n / 2, &last);
		must(target_has(t, &last) && order(&last, &a) < 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size), *rest = text, *line;
	struct target_set *t = target_new(size > 0 && *data == '6' ? 6 : 0);
	char *excluded[16], *cause;
	size_t n = 0, i;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (*line == '!' && n < 16 &&
		    target_exclude(t, line + 1, &cause) == 0)
			excluded[n++] = line + 1;
		else if (*line == '!' && n < 16)
			check_cause(cause);
		else if (target_add_text(t, line, strlen(line), NULL, &cause) !=
			 0)
			check_cause(cause);
	}
	resolve(t);
	(void)target_estimate(t);
	if (target_seal(t, &cause) != 0) {
		check_cause(cause);
	} else {
		check_walk(t);
		for (i = 0; i < n; i++)
			check_excluded(t, excluded[i]);
		(void)target_digest(t);
	}
	target_free(t);
	free(text);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * The settings as a table, and setting one by its name and text. The config
 * file's grammar around them is config_text.c; no files are touched here.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/filter.h"
#include "model/option.h"
#include "model/view.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

static const char *const colour_words[] = { "auto", "always", "never", NULL };
static const char *const theme_words[] = { "default", "light", "mono",
	"high-contrast", NULL };
static const char *const group_words[] = { "flat", "process", "port", "remote",
	"unit", "tree", NULL };

static int
check_columns(const char *text, char **cause)
{
	struct column_set set;

	if (*text == '\0')
		return 0;
	column_set_default(&set, COL_DECK);
	return column_set_parse(&set, text, cause);
}

static int
check_sort(const char *text, char **cause)
{
	struct view view;
	int r;

	if (*text == '\0')
		return 0;
	view_init(&view, NULL);
	r = view_sort_parse(&view, text, cause);
	view_done(&view);
	return r;
}

static int
check_filter(const char *text, char **cause)
{
	struct filter_error e = { 0 };
	struct filter *f = NULL;
	int r;

	r = filter_parse(text, &f, &e);
	if (r != 0) {
		xasprintf(
		    cause, "%s (at character %zu)", e.message, e.offset + 1);
		filter_error_done(&e);
	}
	filter_free(f);
	return r;
}

#define AT(m) .off = offsetof(struct options, m)

/* clang-format off */
const struct option_def option_defs[] = {
	{ .name = "interval", .type = OPT_DURATION, AT(interval_ns),
	  .min = 100 * NS_PER_MS, .max = 86400 * NS_PER_S, .def = "2s",
	  .help = "time between two readings; more when a reading is dear" },
	{ .name = "columns", .type = OPT_TEXT, AT(columns), .def = "",
	  .check = check_columns,
	  .help = "the deck's columns, in order, or changes to the usual "
	      "ones: +rtt,-user" },
	{ .name = "sort", .type = OPT_TEXT, AT(sort), .def = "state,lport",
	  .check = check_sort,
	  .help = "the deck's order: columns, a minus turns one round" },
	{ .name = "filter", .type = OPT_TEXT, AT(filter), .def = "",
	  .check = check_filter,
	  .help = "the deck's filter at start" },
	{ .name = "group", .type = OPT_CHOICE, AT(group), .def = "flat",
	  .choices = group_words,
	  .help = "how the deck groups its rows at start" },
	{ .name = "numeric", .type = OPT_BOOL, AT(numeric), .def = "no",
	  .help = "show port numbers without service names" },
	{ .name = "resolve", .type = OPT_BOOL, AT(resolve), .def = "no",
	  .help = "show host names; they are asked for in the background" },
	{ .name = "theme", .type = OPT_CHOICE, AT(theme), .def = "default",
	  .choices = theme_words,
	  .help = "the deck's colours" },
	{ .name = "colour", .type = OPT_CHOICE, AT(colour), .def = "auto",
	  .choices = colour_words,
	  .help = "whether there is colour; auto obeys NO_COLOR" },
	{ .name = "mouse", .type = OPT_BOOL, AT(mouse), .def = "yes",
	  .help = "the deck takes the mouse; the terminal's own copying "
	      "then needs Shift" },
	{ .name = "highlight", .type = OPT_BOOL, AT(highlight), .def = "yes",
	  .help = "mark new and gone rows for a while" },
	{ .name = "highlight-time", .type = OPT_DURATION, AT(highlight_ns),
	  .min = 100 * NS_PER_MS, .max = 3600 * NS_PER_S, .def = "3s",
	  .help = "how long new and gone rows stay marked" },
	{ .name = "closed-max", .type = OPT_NUMBER, AT(closed_max),
	  .min = 0, .max = 1000000, .def = "1000",
	  .help = "how many closed sockets are remembered" },
	{ .name = "alert-bell", .type = OPT_BOOL, AT(alert_bell), .def = "no",
	  .help = "the deck rings the terminal's bell when an alert fires" },
	{ .name = "alert-limit", .type = OPT_NUMBER, AT(alert_limit),
	  .min = 1, .max = 10000, .def = "20",
	  .help = "alerts of one rule in a minute; the rest is counted" },
	{ .name = "readonly", .type = OPT_BOOL, AT(readonly), .def = "no",
	  .help = "nothing that changes the machine is offered" },
	{ .name = NULL }
};
/* clang-format on */

static const struct option_def *
option_find(const char *name)
{
	const struct option_def *d;

	for (d = option_defs; d->name != NULL; d++)
		if (strcmp(d->name, name) == 0)
			return d;
	return NULL;
}

static const struct option_def *
option_nearest(const char *name)
{
	const struct option_def *d, *best = NULL;
	unsigned dist, least = 4;

	for (d = option_defs; d->name != NULL; d++) {
		dist = text_distance(name, d->name);
		if (dist < least && dist * 2 <= strlen(d->name)) {
			least = dist;
			best = d;
		}
	}
	return best;
}

static bool
bool_parse(const char *s, bool *ret)
{
	static const char *const yes[] = { "yes", "on", "true", "1" };
	static const char *const no[] = { "no", "off", "false", "0" };
	size_t i;

	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcmp(s, yes[i]) == 0 || strcmp(s, no[i]) == 0) {
			*ret = strcmp(s, yes[i]) == 0;
			return true;
		}
	}
	return false;
}

static void
duration_put(uint64_t ns, struct buf *b)
{
	if (ns % NS_PER_S == 0)
		buf_printf(b, "%" PRIu64 "s", ns / NS_PER_S);
	else
		buf_printf(b, "%" PRIu64 "ms", ns / NS_PER_MS);
}

static int
not_a(char **cause, const struct option_def *d, const char *value,
    const char *what)
{
	char *clean = text_clean(value, strlen(value));

	xasprintf(cause, "%s: \"%s\" is not %s", d->name, clean, what);
	free(clean);
	return -EINVAL;
}

static int
set_number(
    const struct option_def *d, uint64_t *at, const char *value, char **cause)
{
	struct buf b = { 0 };
	uint64_t u;
	int r = 0;

	if (d->type == OPT_NUMBER) {
		if (num_u64(value, d->min, d->max, at))
			return 0;
		buf_printf(&b, "a number from %" PRIu64 " to %" PRIu64, d->min,
		    d->max);
	} else {
		/* Whole milliseconds, so that what is written is what is
		 * read. */
		if (num_duration(value, &u) && u <= d->max) {
			u = (u + NS_PER_MS / 2) / NS_PER_MS * NS_PER_MS;
			if (u >= d->min && u <= d->max) {
				*at = u;
				return 0;
			}
		}
		buf_puts(&b, "a time from ");
		duration_put(d->min, &b);
		buf_puts(&b, " to ");
		duration_put(d->max, &b);
	}
	r = not_a(cause, d, value, b.data);
	buf_done(&b);
	return r;
}

static int
set_choice(const struct option_def *d, int *at, const char *value, char **cause)
{
	struct buf b = { 0 };
	int i, r;

	for (i = 0; d->choices[i] != NULL; i++)
		if (strcmp(value, d->choices[i]) == 0) {
			*at = i;
			return 0;
		}
	buf_puts(&b, "one of");
	for (i = 0; d->choices[i] != NULL; i++)
		buf_printf(&b, "%s %s", i > 0 ? "," : "", d->choices[i]);
	r = not_a(cause, d, value, b.data);
	buf_done(&b);
	return r;
}

static int
set_text(const struct option_def *d, char **at, const char *value, char **cause)
{
	char *why = NULL;
	int r;

	/* What a file cannot hold on one line cannot be a setting. */
	if (!text_is_clean(value, strlen(value)) ||
	    strlen(value) >= CONFIG_MAX_LINE / 2)
		return not_a(cause, d, "..", "printable or too long");
	r = d->check == NULL ? 0 : d->check(value, &why);
	if (r != 0) {
		xasprintf(cause, "%s: %s", d->name, why);
		free(why);
		return r;
	}
	free(*at);
	*at = xstrdup(value);
	return 0;
}

int
option_set(struct options *o, const char *name, const char *value, char **cause)
{
	const struct option_def *d = option_find(name), *near;
	char *at, *clean;

	if (d == NULL) {
		near = option_nearest(name);
		clean = text_clean(name, strlen(name));
		if (near != NULL)
			xasprintf(cause,
			    "unknown setting \"%s\"; did you "
			    "mean %s?",
			    clean, near->name);
		else
			xasprintf(cause, "unknown setting \"%s\"", clean);
		free(clean);
		return -ENOENT;
	}
	at = (char *)o + d->off;
	switch (d->type) {
	case OPT_BOOL:
		return bool_parse(value, (bool *)at)
			   ? 0
			   : not_a(cause, d, value, "yes or no");
	case OPT_NUMBER:
	case OPT_DURATION:
		return set_number(d, (uint64_t *)(void *)at, value, cause);
	case OPT_CHOICE:
		return set_choice(d, (int *)(void *)at, value, cause);
	case OPT_TEXT:
		return set_text(d, (char **)(void *)at, value, cause);
	}
	return -EINVAL;
}

void
option_get_text(
    const struct options *o, const struct option_def *d, struct buf *b)
{
	const char *at = (const char *)o + d->off;

	switch (d->type) {
	case OPT_BOOL:
		buf_puts(b, *(const bool *)at ? "yes" : "no");
		break;
	case OPT_NUMBER:
		buf_printf(b, "%" PRIu64, *(const uint64_t *)(const void *)at);
		break;
	case OPT_DURATION:
		duration_put(*(const uint64_t *)(const void *)at, b);
		break;
	case OPT_CHOICE:
		buf_puts(b, d->choices[*(const int *)(const void *)at]);
		break;
	case OPT_TEXT:
		buf_puts(b, *(char *const *)(const void *)at);
		break;
	}
}

void
options_init(struct options *o)
{
	const struct option_def *d;
	char *cause = NULL;

	memset(o, 0, sizeof(*o));
	for (d = option_defs; d->name != NULL; d++)
		if (option_set(o, d->name, d->def, &cause) != 0)
			abort(); /* the table above is wrong */
}

void
options_done(struct options *o)
{
	const struct option_def *d;
	char **at;

	for (d = option_defs; d->name != NULL; d++) {
		if (d->type != OPT_TEXT)
			continue;
		at = (char **)(void *)((char *)o + d->off);
		free(*at);
		*at = NULL;
	}
}

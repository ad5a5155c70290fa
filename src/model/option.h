/* SPDX-License-Identifier: ISC */
#ifndef MODEL_OPTION_H
#define MODEL_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The settings: one table from which the config file's parser, the setup
 * screen, `:set`, the manual and the sample config derive.
 */
enum option_type {
	OPT_BOOL,
	OPT_NUMBER,
	OPT_DURATION, /* ns */
	OPT_CHOICE,
	OPT_TEXT /* checked by .check */
};

struct options {
	uint64_t interval_ns;
	bool readonly;
	bool numeric; /* ports */
	bool resolve; /* host names */
	bool mouse;
	bool highlight; /* new and gone rows */
	uint64_t highlight_ns;
	int colour; /* enum: auto always never */
	int theme;  /* index into theme names */
	int group;  /* enum group_mode */
	uint64_t closed_max;
	bool alert_bell;
	uint64_t alert_limit; /* of one rule a minute */
	char *columns;        /* "" : default */
	char *sort;
	char *filter; /* at start */
};

struct option_def {
	const char *name;
	enum option_type type;
	size_t off; /* in struct options */
	uint64_t min, max;
	const char *const *choices;
	const char *def; /* as text */
	const char *help;
	/* OPT_TEXT: 0, or -EINVAL and a sentence */
	int (*check)(const char *, char **cause);
};

extern const struct option_def option_defs[]; /* name == NULL ends it */

void options_init(struct options *); /* defaults */
void options_done(struct options *);
int option_set(
    struct options *, const char *name, const char *value, char **cause);
void option_get_text(
    const struct options *, const struct option_def *, struct buf *);

/* A filter by name, a key binding: what the file may hold beside options. */
struct named_filter {
	char *name, *text;
};
struct key_setting {
	char *key, *command; /* command "" : unbind */
};
struct config {
	struct options opt;
	struct named_filter *filter;
	size_t nfilters;
	struct named_filter *alert; /* rules */
	size_t nalerts;
	struct key_setting *key;
	size_t nkeys;
};
#define CONFIG_MAX_BYTES (1u << 20)
#define CONFIG_MAX_LINE  4096

void config_init(struct config *);
void config_done(struct config *);
/*
 * Parses the text of a config file into cfg, line by line; wrong lines are
 * reported (one sentence each, "line 12: ..") and skipped, the rest holds.
 * Returns the number of errors; *errors is a malloc'd array of malloc'd
 * sentences.
 */
size_t config_parse(
    struct config *, const char *text, size_t len, char ***errors);
/* The whole file as it would be written by the setup screen. */
void config_put(const struct config *, struct buf *);

#endif

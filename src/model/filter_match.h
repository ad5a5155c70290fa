/* SPDX-License-Identifier: ISC */
#ifndef MODEL_FILTER_MATCH_H
#define MODEL_FILTER_MATCH_H

#include <stdbool.h>

#include "model/filter.h"

/*
 * Text matching of one filter term: a substring or a regular expression, and
 * what was found out about processes seen before. It changes while it is
 * used: one thread only.
 */
struct filter_regex;

/* For a bare word. */
struct filter_regex *filter_match_word(const char *word);
/*
 * For `~`: NULL and a malloc'd reason if the pattern is not one; *offset is
 * where in the pattern.
 */
struct filter_regex *filter_match_pattern(
    const char *pattern, char **cause, size_t *offset);
struct filter_regex *filter_match_clone(const struct filter_regex *);
void filter_match_free(struct filter_regex *);

/* Whether `~ pattern` means a regular expression. */
bool filter_is_regex(const char *pattern);

/* FILTER_WORD */
bool filter_match_row(
    struct filter_regex *, const struct row *, const struct view_ctx *);
/* FILTER_COLUMN with ~, one holder at a time. */
bool filter_match_cell(struct filter_regex *, const struct column *,
    const struct row *, const struct view_ctx *);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef APP_DECK_SCAN_LINE_H
#define APP_DECK_SCAN_LINE_H

#include "cli/args.h"

/*
 * A line as it is typed after `sockdeck scan`, read by the command line's own
 * parser. Quotes hold words together, as in a shell; nothing is expanded.
 */
struct scan_typed {
	struct args args; /* its texts are the words' */
	char *words;
	char **argv;
	int argc;
};
/* 0, or -EINVAL and a sentence: wrong, or of no use in the deck. Always to
 * be done. */
int scan_typed_parse(struct scan_typed *, const char *line, char **cause);
void scan_typed_done(struct scan_typed *);

/* The options a line may have: "-p", "--open"; NULL at the end. Made anew at
 * each call from a table: for a person's key. takes: NULL, or the name of its
 * value. The caller frees. */
char *scan_typed_option(size_t i, const char **takes, const char **help);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * `lab`: which lesson, and whether it is read from the screen, run through,
 * or only listed.
 */
#include "config.h"

#include "app/lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/deck.h"
#include "app/deck_lab.h"
#include "app/lab_reader.h"
#include "app/lab_run.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "lab/enter.h"
#include "lab/lab.h"

#define NEAR 3 /* letters that may be wrong for a "did you mean" */

static const char *
nearest(const char *word)
{
	size_t len = strlen(word);
	/* A word with every letter wrong is not near. */
	unsigned best = len <= NEAR ? (unsigned)len : NEAR + 1, d;
	const char *found = NULL;
	size_t i;

	for (i = 0; i < lab_nlessons; i++) {
		d = text_distance(word, lab_lessons[i]->name);
		if (d < best) {
			best = d;
			found = lab_lessons[i]->name;
		}
	}
	return found;
}

/* By name or number, from 1 on. */
static int
find_lesson(const char *word, size_t *ret, char **cause)
{
	const char *near;
	char *clean;
	uint64_t n;
	size_t i;

	for (i = 0; i < lab_nlessons; i++)
		if (strcmp(lab_lessons[i]->name, word) == 0) {
			*ret = i;
			return 0;
		}
	if (num_u64(word, 1, lab_nlessons, &n)) {
		*ret = (size_t)n - 1;
		return 0;
	}
	near = nearest(word);
	clean = text_clean(word, strlen(word));
	if (near != NULL)
		xasprintf(cause, "lab: %s: no such lesson; did you mean %s?",
		    clean, near);
	else
		xasprintf(cause,
		    "lab: %s: no such lesson; sockdeck lab --list names them",
		    clean);
	free(clean);
	return -EINVAL;
}

static int
check(const struct args *a, size_t *first, char **cause)
{
	if (a->nwords > 1) {
		char *clean = text_clean(a->word[1], strlen(a->word[1]));

		xasprintf(cause, "lab: %s: one LESSON at a time", clean);
		free(clean);
		return -EINVAL;
	}
	if ((a->lab_pause || a->format == OUT_JSON) && !a->lab_run &&
	    !a->lab_list) {
		xasprintf(cause, "lab: %s is for --run",
		    a->lab_pause ? "--pause" : "--json");
		return -EINVAL;
	}
	return a->nwords == 1 ? find_lesson(a->word[0], first, cause) : 0;
}

static int
list_lessons(const struct args *a)
{
	int r = out_lab_list(stdout, a, lab_lessons);

	if (r == 0 && fflush(stdout) != 0)
		r = -errno;
	if (r == 0)
		return STATUS_OK;
	out_error("cannot write standard output: %s", strerror(-r));
	return STATUS_FAILED;
}

static int
run(struct args *a, size_t first)
{
	char *cause = NULL;
	struct lab *lab;
	int status;

	if (lab_start(&lab, &lab_reader, &cause) < 0) {
		out_error("%s", cause);
		free(cause);
		return STATUS_FAILED;
	}
	status =
	    lab_run(a, lab, first, a->nwords == 1 ? first + 1 : lab_nlessons);
	lab_stop(lab);
	return status;
}

static int
look(struct args *a, struct config *cfg, size_t first)
{
	deck_lab_options(&cfg->opt);
	return deck_main(a, cfg, &first);
}

int
lab_main(struct args *a, struct config *cfg)
{
	bool terminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
	char *cause = NULL;
	size_t first = 0;
	int status;

	if (check(a, &first, &cause) < 0)
		status = STATUS_USAGE;
	else if (a->lab_list)
		return list_lessons(a);
	else if (!a->lab_run && !terminal) {
		xasprintf(&cause, "lab: needs a terminal on standard input "
				  "and output; sockdeck lab --run goes "
				  "through a lesson without one");
		status = STATUS_USAGE;
	} else if (enter_room(&cause) < 0)
		status = STATUS_REFUSED;
	else
		return a->lab_run ? run(a, first) : look(a, cfg, first);
	out_error("%s", cause);
	free(cause);
	return status;
}

/* SPDX-License-Identifier: ISC */
/*
 * Commands of the classroom.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/num.h"
#include "base/xmalloc.h"
#include "ui/lab.h"
#include "ui/ui.h"

static void
again(struct ui *ui)
{
	ui_lab_begin(ui, ui->lab->lesson);
}

static const struct {
	const char *word;
	void (*run)(struct ui *);
} words[] = {
	{ "next", ui_lab_next },
	{ "again", again },
	{ "lessons", ui_lab_menu },
	{ "timers", ui_lab_timers },
};

static int
lab_exec(struct ui *ui, const struct cmd *cmd, const struct cmd_args *args,
    char **cause)
{
	uint64_t n;
	size_t i;

	(void)cmd;
	if (ui->lab == NULL) {
		xasprintf(cause, "lab: only in the classroom; leave the deck "
				 "and type sockdeck lab");
		return -ENOENT;
	}
	if (args->argc == 0) {
		pane_lab_open(ui);
		return 0;
	}
	for (i = 0; i < nitems(words); i++)
		if (strcmp(words[i].word, args->argv[0]) == 0) {
			words[i].run(ui);
			return 0;
		}
	if (num_u64(args->argv[0], 1, ui->lab->nlessons, &n)) {
		ui_lab_begin(ui, (size_t)n - 1);
		return 0;
	}
	xasprintf(cause,
	    "lab %s: expected next, again, lessons, timers or a number from 1 "
	    "to %zu",
	    args->argv[0], ui->lab->nlessons);
	return -EINVAL;
}

/* clang-format off */
const struct cmd cmd_lab[] = {
	{ "lab", "[next|again|lessons|timers|NUMBER]", "In sockdeck lab: the lesson's pane; the next step; the lesson anew; another; the column of timers", 0, 1, 0, lab_exec },
	{ .name = NULL }
};
/* clang-format on */

/* SPDX-License-Identifier: ISC */
/* The command line's view of the deck, as the keys would have made it. */
#include "config.h"

#include "app/deck_view.h"

#include <stddef.h>

#include "base/array.h"

void
deck_view(struct ui *ui, const struct args *a)
{
	static const struct {
		size_t off;
		unsigned bit;
	} flags[] = {
		{ offsetof(struct args, tcp), TOGGLE_TCP },
		{ offsetof(struct args, udp), TOGGLE_UDP },
		{ offsetof(struct args, v4), TOGGLE_IPV4 },
		{ offsetof(struct args, v6), TOGGLE_IPV6 },
		{ offsetof(struct args, listening), TOGGLE_LISTENING },
	};
	size_t i;

	for (i = 0; i < nitems(flags); i++)
		if (*(const bool *)((const char *)a + flags[i].off))
			ui->toggle_bits |= flags[i].bit;
	ui->extended = a->extended;
	ui->timers = a->timers;
	ui->netns = a->netns;
	if (a->lsof.len > 0 || a->lsof_states.len > 0)
		ui->base = a->view;
	if (a->filter_text != NULL && !ui_filter_set(ui, a->filter_text))
		ui_error(ui, "filter: %s", ui->filter_err.message);
	ui->near_command = a->near_command;
	ui_toggles_apply(ui);
	ui_options_changed(ui);
}

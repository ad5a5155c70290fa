/* SPDX-License-Identifier: ISC */
#ifndef UI_ALERTS_H
#define UI_ALERTS_H

#include "model/alert.h"
#include "ui/ui.h"

/* What the config's rules raised: said once in the status line, kept here for
 * the pane that lists it (pane_alerts.c). */
#define UI_ALERTS_MAX 1000
struct ui_alert {
	const char *rule; /* the config's */
	uint64_t mono_ns;
	struct row row;  /* as it was then: record and owners; NULL rule of a */
	uint64_t others; /* not 0: no row, so many more were not told */
};
struct ui_alerts {
	struct alerts *rules;
	struct ui_alert *line; /* oldest first */
	size_t n, cap;
	uint64_t total;
	uint32_t next; /* rows of `closed` from this seq on are new */
	bool owners;   /* the reading on its way looked for them */
};

/* NULL: the config has no rules. */
struct ui_alerts *ui_alerts_new(const struct config *);
void ui_alerts_free(struct ui_alerts *);
/* A reading was merged. */
void ui_alerts_merged(struct ui *);

#endif

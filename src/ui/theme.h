/* SPDX-License-Identifier: ISC */
#ifndef UI_THEME_H
#define UI_THEME_H

#include <stdbool.h>

/* What a thing looks like; roles, never colours, are named elsewhere. */
enum theme_role {
	ROLE_TEXT,
	ROLE_DIM,
	ROLE_TITLE,
	ROLE_HEADING,
	ROLE_SORTED,
	ROLE_SELECTED,
	ROLE_SELECTED_DULL, /* pane without focus */
	ROLE_TAGGED,
	ROLE_NEW,
	ROLE_GONE,
	ROLE_CHANGED,
	ROLE_LISTEN,
	ROLE_ESTABLISHED,
	ROLE_CLOSING,
	ROLE_WAITING,
	ROLE_WARNING,
	ROLE_ERROR,
	ROLE_GOOD,
	ROLE_KEY,
	ROLE_KEYTEXT,
	ROLE_PROMPT,
	ROLE_MATCH,
	ROLE_BORDER,
	ROLE_GRAPH,
	ROLE_NROLES
};
extern const char *const theme_names[]; /* default light mono high-contrast;
					 * NULL ends: options.theme indexes */
/* Sets up pairs for this terminal's colours (256, 16, 8, none). */
void theme_use(int theme, bool colour);
unsigned theme_attr(enum theme_role); /* a curses attr_t with its pair */

#endif

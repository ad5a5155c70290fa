/* SPDX-License-Identifier: ISC */
/*
 * What each role looks like in each theme, with 256 colours, with 8 or 16,
 * and with none. Colour only repeats what position, letter or attribute says
 * already: the mono theme loses nothing.
 */
#include "config.h"

#include "ui/theme.h"

#include <curses.h>

const char *const theme_names[] = { "default", "light", "mono", "high-contrast",
	NULL };

/* -1: the terminal's own. */
struct style {
	short fg256, bg256, fg8, bg8;
	attr_t attr; /* with colours */
	attr_t mono; /* without */
};

/* clang-format off */
static const struct style dark[ROLE_NROLES] = {
	[ROLE_TEXT] = { -1, -1, -1, -1, 0, 0 },
	[ROLE_DIM] = { 244, -1, -1, -1, 0, 0 },
	[ROLE_TITLE] = { 252, 238, COLOR_BLACK, COLOR_CYAN, 0, A_REVERSE },
	[ROLE_HEADING] = { 117, -1, COLOR_CYAN, -1, A_BOLD, A_BOLD },
	[ROLE_SORTED] = { 231, 24, COLOR_WHITE, COLOR_BLUE, A_BOLD, A_REVERSE | A_BOLD | A_UNDERLINE },
	[ROLE_SELECTED] = { 231, 25, COLOR_WHITE, COLOR_BLUE, A_BOLD, A_REVERSE },
	[ROLE_SELECTED_DULL] = { 252, 239, COLOR_BLACK, COLOR_WHITE, 0, A_UNDERLINE },
	[ROLE_TAGGED] = { 221, -1, COLOR_YELLOW, -1, A_BOLD, A_BOLD },
	[ROLE_NEW] = { 84, -1, COLOR_GREEN, -1, A_BOLD, A_BOLD },
	[ROLE_GONE] = { 203, -1, COLOR_RED, -1, 0, A_DIM },
	[ROLE_CHANGED] = { 228, -1, COLOR_YELLOW, -1, 0, A_BOLD },
	[ROLE_LISTEN] = { 81, -1, COLOR_CYAN, -1, 0, 0 },
	[ROLE_ESTABLISHED] = { 114, -1, COLOR_GREEN, -1, 0, 0 },
	[ROLE_CLOSING] = { 215, -1, COLOR_YELLOW, -1, 0, 0 },
	[ROLE_WAITING] = { 246, -1, COLOR_MAGENTA, -1, 0, 0 },
	[ROLE_WARNING] = { 221, -1, COLOR_YELLOW, -1, A_BOLD, A_BOLD },
	[ROLE_ERROR] = { 231, 160, COLOR_WHITE, COLOR_RED, A_BOLD, A_REVERSE | A_BOLD },
	[ROLE_GOOD] = { 114, -1, COLOR_GREEN, -1, A_BOLD, A_BOLD },
	[ROLE_KEY] = { 252, -1, -1, -1, A_BOLD, A_BOLD },
	[ROLE_KEYTEXT] = { 231, 24, COLOR_BLACK, COLOR_CYAN, 0, A_REVERSE },
	[ROLE_PROMPT] = { 231, -1, COLOR_WHITE, -1, A_BOLD, A_BOLD },
	[ROLE_MATCH] = { 16, 221, COLOR_BLACK, COLOR_YELLOW, 0, A_REVERSE | A_BOLD },
	[ROLE_BORDER] = { 240, -1, COLOR_BLUE, -1, 0, 0 },
	[ROLE_GRAPH] = { 74, -1, COLOR_CYAN, -1, 0, 0 },
};

static const struct style light[ROLE_NROLES] = {
	[ROLE_TEXT] = { -1, -1, -1, -1, 0, 0 },
	[ROLE_DIM] = { 243, -1, -1, -1, 0, 0 },
	[ROLE_TITLE] = { 235, 252, COLOR_BLACK, COLOR_CYAN, 0, A_REVERSE },
	[ROLE_HEADING] = { 25, -1, COLOR_BLUE, -1, A_BOLD, A_BOLD },
	[ROLE_SORTED] = { 231, 31, COLOR_WHITE, COLOR_BLUE, A_BOLD, A_REVERSE | A_BOLD | A_UNDERLINE },
	[ROLE_SELECTED] = { 231, 25, COLOR_WHITE, COLOR_BLUE, A_BOLD, A_REVERSE },
	[ROLE_SELECTED_DULL] = { 235, 250, COLOR_BLACK, COLOR_CYAN, 0, A_UNDERLINE },
	[ROLE_TAGGED] = { 130, -1, COLOR_MAGENTA, -1, A_BOLD, A_BOLD },
	[ROLE_NEW] = { 28, -1, COLOR_GREEN, -1, A_BOLD, A_BOLD },
	[ROLE_GONE] = { 160, -1, COLOR_RED, -1, 0, A_DIM },
	[ROLE_CHANGED] = { 130, -1, COLOR_MAGENTA, -1, 0, A_BOLD },
	[ROLE_LISTEN] = { 25, -1, COLOR_BLUE, -1, 0, 0 },
	[ROLE_ESTABLISHED] = { 28, -1, COLOR_GREEN, -1, 0, 0 },
	[ROLE_CLOSING] = { 130, -1, COLOR_MAGENTA, -1, 0, 0 },
	[ROLE_WAITING] = { 243, -1, COLOR_CYAN, -1, 0, 0 },
	[ROLE_WARNING] = { 130, -1, COLOR_RED, -1, A_BOLD, A_BOLD },
	[ROLE_ERROR] = { 231, 160, COLOR_WHITE, COLOR_RED, A_BOLD, A_REVERSE | A_BOLD },
	[ROLE_GOOD] = { 28, -1, COLOR_GREEN, -1, A_BOLD, A_BOLD },
	[ROLE_KEY] = { 235, -1, -1, -1, A_BOLD, A_BOLD },
	[ROLE_KEYTEXT] = { 231, 31, COLOR_WHITE, COLOR_BLUE, 0, A_REVERSE },
	[ROLE_PROMPT] = { 16, -1, -1, -1, A_BOLD, A_BOLD },
	[ROLE_MATCH] = { 16, 221, COLOR_BLACK, COLOR_YELLOW, 0, A_REVERSE | A_BOLD },
	[ROLE_BORDER] = { 249, -1, COLOR_BLUE, -1, 0, 0 },
	[ROLE_GRAPH] = { 31, -1, COLOR_BLUE, -1, 0, 0 },
};

static const struct style contrast[ROLE_NROLES] = {
	[ROLE_TEXT] = { 231, 16, COLOR_WHITE, COLOR_BLACK, A_BOLD, 0 },
	[ROLE_DIM] = { 252, 16, COLOR_WHITE, COLOR_BLACK, 0, 0 },
	[ROLE_TITLE] = { 16, 231, COLOR_BLACK, COLOR_WHITE, 0, A_REVERSE },
	[ROLE_HEADING] = { 51, 16, COLOR_CYAN, COLOR_BLACK, A_BOLD, A_BOLD },
	[ROLE_SORTED] = { 16, 226, COLOR_BLACK, COLOR_YELLOW, 0, A_REVERSE | A_BOLD | A_UNDERLINE },
	[ROLE_SELECTED] = { 16, 226, COLOR_BLACK, COLOR_YELLOW, 0, A_REVERSE },
	[ROLE_SELECTED_DULL] = { 16, 250, COLOR_BLACK, COLOR_WHITE, 0, A_UNDERLINE },
	[ROLE_TAGGED] = { 226, 16, COLOR_YELLOW, COLOR_BLACK, A_BOLD, A_BOLD },
	[ROLE_NEW] = { 46, 16, COLOR_GREEN, COLOR_BLACK, A_BOLD, A_BOLD },
	[ROLE_GONE] = { 231, 160, COLOR_WHITE, COLOR_RED, A_BOLD, A_DIM },
	[ROLE_CHANGED] = { 226, 16, COLOR_YELLOW, COLOR_BLACK, A_BOLD, A_BOLD },
	[ROLE_LISTEN] = { 51, 16, COLOR_CYAN, COLOR_BLACK, A_BOLD, 0 },
	[ROLE_ESTABLISHED] = { 46, 16, COLOR_GREEN, COLOR_BLACK, A_BOLD, 0 },
	[ROLE_CLOSING] = { 226, 16, COLOR_YELLOW, COLOR_BLACK, A_BOLD, 0 },
	[ROLE_WAITING] = { 252, 16, COLOR_WHITE, COLOR_BLACK, 0, 0 },
	[ROLE_WARNING] = { 226, 16, COLOR_YELLOW, COLOR_BLACK, A_BOLD, A_BOLD },
	[ROLE_ERROR] = { 231, 160, COLOR_WHITE, COLOR_RED, A_BOLD, A_REVERSE | A_BOLD },
	[ROLE_GOOD] = { 46, 16, COLOR_GREEN, COLOR_BLACK, A_BOLD, A_BOLD },
	[ROLE_KEY] = { 231, 16, COLOR_WHITE, COLOR_BLACK, A_BOLD, A_BOLD },
	[ROLE_KEYTEXT] = { 16, 51, COLOR_BLACK, COLOR_CYAN, 0, A_REVERSE },
	[ROLE_PROMPT] = { 231, 16, COLOR_WHITE, COLOR_BLACK, A_BOLD, A_BOLD },
	[ROLE_MATCH] = { 16, 226, COLOR_BLACK, COLOR_YELLOW, 0, A_REVERSE | A_BOLD },
	[ROLE_BORDER] = { 250, 16, COLOR_WHITE, COLOR_BLACK, 0, 0 },
	[ROLE_GRAPH] = { 51, 16, COLOR_CYAN, COLOR_BLACK, A_BOLD, 0 },
};
/* clang-format on */

/* By index into theme_names; mono has no colours in any. */
static const struct style *const themes[] = { dark, light, NULL, contrast };

/* As curses' own pairs, there is one set of these a screen. */
static attr_t attrs[ROLE_NROLES];

static bool
colours_start(void)
{
	if (!has_colors())
		return false;
	if (start_color() != OK)
		return false;
	(void)use_default_colors();
	return COLORS >= 8 && COLOR_PAIRS > ROLE_NROLES;
}

void
theme_use(int theme, bool colour)
{
	const struct style *styles = themes[theme], *s;
	bool many;
	int i;

	colour = colour && styles != NULL && colours_start();
	if (styles == NULL)
		styles = dark;
	many = colour && COLORS >= 256;
	for (i = 0; i < ROLE_NROLES; i++) {
		s = &styles[i];
		if (!colour) {
			attrs[i] = s->mono;
			continue;
		}
		if (init_pair((short)(i + 1), many ? s->fg256 : s->fg8,
			many ? s->bg256 : s->bg8) != OK)
			attrs[i] = s->mono;
		else
			attrs[i] = s->attr | COLOR_PAIR((unsigned)i + 1);
	}
}

unsigned
theme_attr(enum theme_role role)
{
	return (unsigned)attrs[role];
}

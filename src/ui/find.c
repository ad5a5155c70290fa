/* SPDX-License-Identifier: ISC */
/*
 * Find: from line to line that contains a text, hiding none.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/ui.h"

static bool
line_contains(struct ui *ui, size_t i, const char *needle)
{
	const struct group_head *head = ui_line_head(ui, i);
	const struct row *row = ui_line_row(ui, i);
	size_t c;

	if (head != NULL && text_contains(head->label, needle))
		return true;
	if (row == NULL)
		return false;
	for (c = 0; c < ui->columns.n; c++) {
		buf_reset(&ui->scratch);
		column_put(
		    ui->columns.col[c], row, &ui->view.ctx, &ui->scratch);
		if (ui->scratch.len > 0 &&
		    text_contains(ui->scratch.data, needle))
			return true;
	}
	return false;
}

int
ui_find_next(struct ui *ui, int dir, bool from_here)
{
	size_t n = ui_lines(ui), i, k;
	char *needle, *p;
	int r = -ENOENT;

	if (ui->find == NULL || *ui->find == '\0' || n == 0)
		return -ENOENT;
	needle = xstrdup(ui->find);
	for (p = needle; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	i = ui->at;
	for (k = 0; k <= n; k++) {
		if (k > 0 || from_here)
			if (line_contains(ui, i, needle)) {
				ui_select_line(ui, i);
				r = 0;
				break;
			}
		i = (i + (dir > 0 ? 1 : n - 1)) % n;
	}
	free(needle);
	return r;
}

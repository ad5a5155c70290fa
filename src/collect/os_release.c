/* SPDX-License-Identifier: ISC */
/* Which distribution this machine runs. */
#include "config.h"

#include "collect/os_release.h"

#include <fcntl.h>
#include <string.h>

#include "base/procfs.h"
#include "base/text.h"

#define FILE_MAX 8192

char *
os_release_parse(const char *text, size_t len)
{
	const char *end = text + len, *line, *nl;
	size_t n;

	for (line = text; line < end; line = nl + 1) {
		nl = memchr(line, '\n', (size_t)(end - line));
		if (nl == NULL)
			nl = end;
		n = (size_t)(nl - line);
		if (n <= 5 || memcmp(line, "NAME=", 5) != 0)
			continue;
		line += 5;
		n -= 5;
		if (n >= 2 && (line[0] == '"' || line[0] == '\'') &&
		    line[n - 1] == line[0]) {
			line++;
			n -= 2;
		}
		return n > 0 ? text_clean(line, n) : NULL;
	}
	return NULL;
}

char *
os_release_name(void)
{
	char text[FILE_MAX];
	ssize_t n =
	    procfs_read_at(AT_FDCWD, "/etc/os-release", text, sizeof(text));

	return n > 0 ? os_release_parse(text, (size_t)n) : NULL;
}

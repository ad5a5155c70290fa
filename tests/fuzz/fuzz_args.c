/* SPDX-License-Identifier: ISC */
/* Any command line: one argument a line. Either it is understood, or there
 * is a clean sentence about it. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/args.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *argv[34], *text, *p, *nl, *cause, *line, *save;
	struct args a;
	int argc = 0, r;

	if (len > 8192)
		return 0;
	text = xstrndup((const char *)data, len);
	argv[argc++] = text + strlen(text);
	for (p = text; argc < 33 && *p != '\0'; p = nl + 1) {
		nl = p + strcspn(p, "\n");
		argv[argc++] = p;
		if (*nl == '\0')
			break;
		*nl = '\0';
	}
	argv[argc] = NULL;
	r = args_parse(&a, argc, argv, NULL, &cause);
	if (r != STATUS_OK && r != STATUS_USAGE)
		abort();
	if ((r == STATUS_USAGE) != (cause != NULL))
		abort();
	for (line = cause == NULL ? NULL : strtok_r(cause, "\n", &save);
	     line != NULL; line = strtok_r(NULL, "\n", &save))
		if (!text_is_clean(line, strlen(line)))
			abort();
	free(cause);
	args_done(&a);
	free(text);
	return 0;
}

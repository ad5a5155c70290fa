/* SPDX-License-Identifier: ISC */
/* Unit files, and what the environment says of the session. */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "act/session.h"
#include "base/xmalloc.h"
#include "model/unitfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
take(void *arg, const char *section, const char *name, const char *value)
{
	struct endpoint ep = { .port = 80 };
	size_t *n = arg;

	assert(*section != '\0');
	assert(*name == '\0' || strchr(" \t\r", *name) == NULL);
	assert(*value == '\0' || strchr(" \t\r", *value) == NULL);
	assert(strchr(name, '=') == NULL);
	*n += strlen(section) + strlen(name) + strlen(value);
	(void)unitfile_listens(value, &ep, 4);
	(void)unitfile_listens(value, &ep, 6);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct endpoint a, b;
	char *text = xstrndup((const char *)data, size);
	size_t n = 0;
	pid_t pid;

	unitfile_parse((const char *)data, size, take, &n);
	if (session_parse_ssh(text, &a, &b))
		assert(a.port != 0 && b.port != 0);
	pid = session_parse_mux(text);
	assert(pid == 0 || pid >= 2);
	free(text);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* /proc/PID/cgroup, and what unit and container its path stands for. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/procfs.h"
#include "model/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
as_path(const char *path)
{
	char *unit, *container;

	proc_cgroup_parse(path, &unit, &container);
	if (unit != NULL && !text_is_clean(unit, strlen(unit)))
		abort();
	if (container != NULL &&
	    (!text_is_clean(container, strlen(container)) ||
		strchr(container, ':') == NULL))
		abort();
	free(unit);
	free(container);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *path, *copy;

	path = procfs_cgroup_path((const char *)data, size);
	if (path != NULL) {
		if (!text_is_clean(path, strlen(path)))
			abort();
		as_path(path);
	}
	free(path);
	copy = xstrndup((const char *)data, size);
	as_path(copy);
	free(copy);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* /etc/services may hold anything; port names stay plain words. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "know/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_name(const char *name)
{
	if (name != NULL && !text_is_clean(name, strlen(name))) {
		fprintf(stderr, "port name '%s'\n", name);
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned port;
	uint16_t got;

	service_load((const char *)data, len);
	for (port = 0; port <= UINT16_MAX; port += 1 + port / 64) {
		check_name(service_name((uint16_t)port, 6));
		check_name(service_name((uint16_t)port, 17));
	}
	/* what is compiled in cannot be renamed */
	if (strcmp(service_name(22, 6), "ssh") != 0 ||
	    !service_port("ssh", 6, &got) || got != 22) {
		fprintf(stderr, "22 is no longer ssh\n");
		abort();
	}
	check_name(service_nearest("htpp"));
	return 0;
}

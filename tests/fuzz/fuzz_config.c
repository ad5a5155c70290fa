/* SPDX-License-Identifier: ISC */
/* A config file of any content: bounded, and what is written is read back
 * the same. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/option.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static size_t
parse(struct config *c, const char *text, size_t len)
{
	char **errors;
	size_t n, i;

	n = config_parse(c, text, len, &errors);
	for (i = 0; i < n; i++)
		free(errors[i]);
	free(errors);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf one = { 0 }, two = { 0 };
	struct config c, d;

	config_init(&c);
	(void)parse(&c, (const char *)data, len); /* wrong lines are skipped */
	config_put(&c, &one);
	config_init(&d);
	if (parse(&d, one.data, one.len) != 0)
		abort();
	config_put(&d, &two);
	if (one.len != two.len || memcmp(one.data, two.data, one.len) != 0)
		abort();
	if (c.opt.interval_ns < 100000000 || c.opt.theme < 0 ||
	    c.opt.theme > 3 || c.opt.colour < 0 || c.opt.colour > 2)
		abort();
	config_done(&c);
	config_done(&d);
	buf_done(&one);
	buf_done(&two);
	return 0;
}

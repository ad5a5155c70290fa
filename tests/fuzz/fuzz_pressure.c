/* SPDX-License-Identifier: ISC */
/* /proc's tables of numbers, and the kernel's lists of ports. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "collect/pressure_text.h"
#include "know/pressure.h"
#include "model/portset.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct portset set;
	const char *text = (const char *)data;
	const struct pressure_counter_fact *f;
	uint64_t v = 1, n[3];
	uint16_t lo = 1, hi = 1;
	unsigned c;

	for (c = 0; c < PRESSURE_NCOUNTERS; c++) {
		f = pressure_counter_fact(c);
		(void)pressure_text_netstat(text, size, f->group, f->name, &v);
		(void)pressure_text_stat(text, size, f->name, true, &v);
	}
	(void)pressure_text_sockstat(text, size, "TCP", "tw", &v);
	(void)pressure_text_nofile(text, size, &v);
	if (v == UINT64_MAX) /* stands for "not known" */
		abort();
	if (pressure_text_numbers(text, size, n, 3) > 3)
		abort();
	(void)portset_parse(&set, text, size);
	if (portset_parse_range(text, size, &lo, &hi) && (lo == 0 || hi < lo))
		abort();
	return 0;
}

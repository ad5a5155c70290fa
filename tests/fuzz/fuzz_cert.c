/* SPDX-License-Identifier: ISC */
/* Certificates of strangers: what OpenSSL takes for one, ours is to read. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "probe/tls_cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned char *p = data;
	struct service_info info;
	const char *name, *value;
	X509 *x;
	size_t i;

	if (size > 16384)
		return 0;
	x = d2i_X509(NULL, &p, (long)size);
	if (x == NULL)
		return 0;
	service_init(&info);
	tls_cert_facts(x, &info);
	for (i = 0; service_fact_at(&info, i, &name, &value); i++)
		if (!text_is_clean(value, strlen(value)))
			abort();
	X509_free(x);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * What nft -j and iptables-save print, hostile: no input harms or takes long,
 * and every text that comes of it is clean. The first byte: which of the two.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "collect/nat.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
clean(const char *s)
{
	if (s != NULL && !text_is_clean(s, strlen(s)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conflict_facts f = { 0 };
	struct endpoint own = { .addr = { 10, 0, 0, 1 } };
	struct conflict_ns *ns;
	char *cause = NULL;
	struct nat nat;
	size_t i;

	if (size == 0)
		return 0;
	if (conflict_query_parse(data[0] & 2 ? "10.0.0.1:8080" : "8080",
		data[0] & 4 ? SOCK_UDP : 0, NULL, &f.query, &cause) != 0)
		abort();
	ns = conflict_add_ns(&f, 1, "default", false);
	conflict_add_addr(ns, &own, 4, 2, "eth0");
	nat_init(&nat, &f.query, ns);
	if (data[0] & 1)
		(void)nat_parse_nft(&nat, (const char *)data + 1, size - 1);
	else
		nat_parse_iptables(&nat, 4, (const char *)data + 1, size - 1);
	nat_walk(&nat, ns);
	for (i = 0; i < ns->nredirects; i++) {
		clean(ns->redirect[i].to);
		clean(ns->redirect[i].rule);
		clean(ns->redirect[i].remove);
	}
	nat_done(&nat);
	conflict_facts_done(&f);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* free: one port a line, or a JSON document. */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/out.h"
#include "know/state.h"
#include "model/freeport.h"

static void
put_json(struct buf *b, const struct free_answer *a)
{
	struct json j;
	size_t i;

	jw_init(&j, b);
	jw_object(&j);
	jw_ku64(&j, "schema", 1);
	if (a->netns != NULL)
		jw_kstring(&j, "netns_name", a->netns);
	jw_kstring(&j, "proto", sock_proto_name(a->how->ask.proto));
	jw_ku64(&j, "wanted", a->wanted);
	jw_key(&j, "ports");
	jw_array(&j);
	for (i = 0; i < a->n; i++)
		jw_u64(&j, a->port[i]);
	jw_array_end(&j);
	jw_key(&j, "passed_over");
	jw_object(&j);
	for (i = 0; i < FREEPORT_NPASSED; i++)
		jw_ku64(&j, freeport_passed_names[i], a->how->passed[i]);
	jw_object_end(&j);
	jw_object_end(&j);
	buf_putc(b, '\n');
}

int
out_free(FILE *f, const struct args *args, const struct free_answer *a)
{
	struct buf b = { 0 };
	size_t i;

	if (args->format == OUT_JSON)
		put_json(&b, a);
	else
		for (i = 0; i < a->n; i++)
			buf_printf(&b, "%u\n", a->port[i]);
	return out_put(f, &b, args->format == OUT_JSON);
}

void
out_free_too_few(const struct free_answer *a)
{
	const struct freeport_ask *ask = &a->how->ask;
	struct buf b = { 0 }, range = { 0 };

	freeport_put_passed(a->how, &b);
	buf_printf(&range, "%u", ask->lo);
	if (ask->hi != ask->lo)
		buf_printf(&range, "-%u", ask->hi);
	out_error("free: %zu of %zu found in %s/%s%s%s", a->n, a->wanted,
	    range.data, sock_proto_name(ask->proto), b.len > 0 ? ": " : "",
	    b.len > 0 ? b.data : "");
	buf_done(&range);
	buf_done(&b);
}

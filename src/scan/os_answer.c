/* SPDX-License-Identifier: ISC */
/* From a packet, which is gone after the callback, to what is kept of it. */
#include "config.h"

#include "scan/os_answer.h"

#include <string.h>

void
os_answer_take(struct os_answer *a, const struct packet *k, uint64_t at_us)
{
	const struct packet_head *h = &k->head;
	uint32_t sent_seq = a->sent_seq;

	*a = (struct os_answer){
		.came = true,
		.df = h->df,
		.ttl = h->ttl,
		.tos = h->tos,
		.flags = h->flags,
		.code = h->code,
		.nopt = h->nopt < OS_OPTIONS_MAX ? h->nopt : OS_OPTIONS_MAX,
		.id = h->id,
		.window = h->window,
		.seq = h->seq,
		.ack = h->ack,
		.sent_seq = sent_seq,
		.at_us = at_us,
	};
	if (a->nopt > 0)
		memcpy(a->opt, h->opt, a->nopt);
}

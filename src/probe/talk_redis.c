/* SPDX-License-Identifier: ISC */
/* Redis and those who speak as it does: INFO, or its refusal. */
#include "config.h"

#include "base/array.h"
#include "probe/line.h"

static const struct line_form infos[] = {
	{ .form = "redis_version:%v",
	    .product = "Redis key-value store",
	    .cpe = "redis:redis" },
	{ .form = "valkey_version:%v",
	    .product = "Valkey",
	    .cpe = "lfprojects:valkey" },
	{ .form = "dragonfly_version:df-v%v", .product = "Dragonfly" },
	{ .form = "kvrocks_version:%v", .product = "Apache Kvrocks" },
	{ .form = "garnet_version:%v", .product = "Garnet" },
	{ .form = "os:%o" },
	{ .form = "redis_mode:%x" },
	{ .form = "server_mode:%x" },
};
/* Refusals that nothing else sends. */
static const struct line_form errors[] = {
	{ .form = "-NOAUTH *", .fact = "auth", .value = "required" },
	{ .form = "-NOPERM *", .fact = "auth", .value = "required" },
	{ .form = "-DENIED *protected mode*",
	    .fact = "auth",
	    .value = "required" },
	{ .form = "-ERR operation not permitted*",
	    .fact = "auth",
	    .value = "required" },
	{ .form = "-LOADING *" },
	{ .form = "-MASTERDOWN *" },
	{ .form = "-ERR unknown command 'INFO'*" },
	{ .form = "-ERR unknown command `INFO`*" },
};

static void
redis_begin(struct talk *t)
{
	static const char info[] = "*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n";

	talk_send(t, info, sizeof(info) - 1);
}

static enum talk_verdict
refusal(struct talk *t, const char *s, size_t n)
{
	if (line_find(t->info, errors, nitems(errors), s, n) == NULL)
		return TALK_NOT;
	service_setf(t->info->product, sizeof(t->info->product), "%s",
	    "Redis key-value store");
	line_evidence(t, 0, n);
	return TALK_DONE;
}

static enum talk_verdict
redis_input(struct talk *t)
{
	const char *s;
	size_t n, at, i, want = 0;
	unsigned known = 0;

	if (t->nin > 0 && t->in[0] != '$' && t->in[0] != '-')
		return TALK_NOT;
	if (!talk_line(t, 0, &s, &n, &at))
		return t->nin > 512 || t->eof || t->timeout ? TALK_NOT
							    : TALK_MORE;
	if (s[0] == '-')
		return refusal(t, s, n);
	for (i = 1; i < n && s[i] >= '0' && s[i] <= '9' && want < 100000; i++)
		want = want * 10 + (size_t)(s[i] - '0');
	if (i < 2 || i != n)
		return TALK_NOT;
	if (t->nin < at + want && !t->eof && !t->timeout)
		return TALK_MORE;
	while (talk_line(t, at, &s, &n, &at))
		if (line_find(t->info, infos, nitems(infos), s, n) != NULL)
			known++;
	if (t->info->product[0] == '\0' || known < 2)
		return TALK_NOT;
	service_factf(t->info, "auth", "none");
	line_evidence(t, 0, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_redis = {
	.name = "redis",
	.service = "redis",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "6379,6380,26379,16379",
	.rarity = 3,
	.begin = redis_begin,
	.input = redis_input,
	.source = "redis.io, protocol specification",
};

/* SPDX-License-Identifier: ISC */
/*
 * Answers from anywhere to the questions after a system: the first byte is the
 * family, then a byte that says which test, one that says how long, a packet.
 * What is made of them is bounded, and a guess is in order.
 */
#include "config.h"

#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>

#include "model/os_guess.h"
#include "scan/os_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check(const struct os_seen *seen)
{
	struct os_match m[OS_MATCHES_MAX];
	struct os_values v;
	struct buf b = { 0 };
	size_t i, n;

	os_values_of(&v, seen);
	for (i = 0; i < OSF_N; i++)
		if (strnlen(v.word[i], OS_VALUE_MAX) == OS_VALUE_MAX)
			abort();
	n = os_guess(&v, m);
	if (n > OS_MATCHES_MAX)
		abort();
	for (i = 0; i < n; i++)
		if (m[i].conf < OS_CONF_MIN || m[i].conf > 100 ||
		    (i > 0 && m[i].conf > m[i - 1].conf))
			abort();
	if (os_distance(seen) < -1 || os_distance(seen) > 256)
		abort();
	os_seen_put(&b, seen);
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct os_seen seen = { 0 };
	struct packet k;
	uint64_t at = 0;
	unsigned test;
	size_t len;

	if (size == 0)
		return 0;
	seen.family = data[0] % 2 == 0 ? 4 : 6;
	seen.local = (data[0] & 2) != 0;
	for (data++, size--; size >= 2; data += len, size -= len) {
		test = data[0] % OS_NTESTS;
		len = data[1];
		at += 1000 * (data[0] / OS_NTESTS + 1U);
		data += 2;
		size -= 2;
		if (len > size)
			len = size;
		packet_parse(&k,
		    seen.family == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6, data,
		    len);
		if (k.kind == PACKET_TCP || k.kind == PACKET_ECHO_REPLY)
			os_answer_take(&seen.answer[test], &k, at);
	}
	check(&seen);
	return 0;
}

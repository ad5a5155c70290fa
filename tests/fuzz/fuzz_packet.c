/* SPDX-License-Identifier: ISC */
/*
 * Packets from anywhere. The first byte says how the bytes are to be taken; what
 * is said of a packet must be whole, and nothing beyond its end is read.
 */
#include "config.h"

#include <net/ethernet.h>
#include <stdlib.h>

#include "scan/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t types[] = { ETHERTYPE_IP, ETHERTYPE_IPV6,
		ETHERTYPE_ARP, 0 };
	struct packet k;

	if (size == 0)
		return 0;
	packet_parse(&k, types[data[0] % 4], data + 1, size - 1);
	if (k.kind > PACKET_NEIGHBOUR)
		abort();
	if (k.kind == PACKET_OTHER)
		return 0;
	if (k.head.src.family != 4 && k.head.src.family != 6)
		abort();
	if (k.kind == PACKET_ERROR &&
	    (k.reason == REASON_NONE || k.reason >= REASON_NREASONS ||
		k.quote.dst.family != k.head.src.family))
		abort();
	if (k.kind == PACKET_NEIGHBOUR && k.head.ttl != 255)
		abort();
	return 0;
}

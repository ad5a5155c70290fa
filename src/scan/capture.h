/* SPDX-License-Identifier: ISC */
#ifndef SCAN_CAPTURE_H
#define SCAN_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Packets that come in, by a packet socket (packet(7)) that priv_open() opened:
 * of all links, each once, before any firewall of ours. A filter in the kernel
 * lets pass only what may be an answer; what passes lies in a ring that is
 * shared with the kernel, so that a burst is not lost and costs no system call
 * a packet. Nothing here takes a privilege.
 */
struct capture;
struct capture_frame {
	uint16_t ethertype;
	uint32_t ifindex;
	bool loopback;
	const uint8_t *data; /* from the network layer on; until the callback
			      * returns */
	size_t len;          /* captured: may be less than the packet's */
	uint64_t at_ns;      /* clock_mono_ns() when it came */
};
typedef void (*capture_take)(void *arg, const struct capture_frame *);

/* TCP to nports ports from port on, ICMP echo replies and errors, ARP replies,
 * neighbour advertisements. The descriptor stays the caller's. NULL and a
 * sentence. */
struct capture *capture_new(
    int fd, uint16_t port, uint16_t nports, char **cause);
void capture_free(struct capture *);
/* What is there, up to a bound that leaves the loop its turn; how many. */
uint32_t capture_read(struct capture *, capture_take, void *arg);
/* Packets that found no room since this was last asked. */
uint32_t capture_lost(struct capture *);

#endif

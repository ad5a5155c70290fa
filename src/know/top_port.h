/* SPDX-License-Identifier: ISC */
#ifndef KNOW_TOP_PORT_H
#define KNOW_TOP_PORT_H

#include <stddef.h>
#include <stdint.h>

/*
 * The ports that are most often open, most common first: 1000 of TCP, 1000
 * of UDP. An installed nmap-services (its third field is a measured
 * frequency) may be read in their place.
 */
#define TOP_PORTS 1000
/* The n-th (from 0), or 0: no more. */
uint16_t top_port(unsigned proto, uint32_t n);
uint32_t top_ports(unsigned proto); /* how many there are */
/* The rank of a port, from 0; UINT32_MAX: not among them. */
uint32_t top_port_rank(unsigned proto, uint16_t port);
/* Text of a file in the form of nmap-services: "name port/proto frequency".
 * Untrusted, bounded; read once more it replaces what was loaded. A protocol
 * of which it has fewer than 100 ports keeps its list. Before any thread
 * starts. */
void top_port_load(const char *text, size_t len);

#endif

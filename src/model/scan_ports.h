/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SCAN_PORTS_H
#define MODEL_SCAN_PORTS_H

#include "base/buf.h"
#include "know/state.h"
#include "model/portset.h"

/*
 * -p: which ports. "22,80,1000-2000", "-" (all), "-100", "60000-",
 * "T:80,U:53", "ssh,http*" (names of the service table, * and ? match),
 * "[1-1024]" (those in the range that the service table knows).
 */
struct scan_ports {
	struct portset tcp, udp;
};
/* That of a protocol (enum sock_proto). */
static inline struct portset *
scan_ports_set(struct scan_ports *p, unsigned proto)
{
	return proto == SOCK_UDP ? &p->udp : &p->tcp;
}
static inline bool
scan_ports_has(const struct scan_ports *p, unsigned proto, uint16_t port)
{
	return portset_has(proto == SOCK_UDP ? &p->udp : &p->tcp, port);
}

/* Adds. protos: 1 TCP, 2 UDP, 3 both: what a part without T: or U: means.
 * 0, or -EINVAL and a sentence. */
enum scan_protos {
	SCAN_PROTO_TCP = 1 << 0,
	SCAN_PROTO_UDP = 1 << 1
};
int scan_ports_parse(
    struct scan_ports *, const char *text, unsigned protos, char **cause);
/* The n most common ports (know/top_port.h), for --top-ports, -F, no -p. */
void scan_ports_top(struct scan_ports *, unsigned protos, uint32_t n);
/* "T:1-9,22,U:53": what scan_ports_parse() reads, numbers only. */
void scan_ports_put(const struct scan_ports *, struct buf *);
uint32_t scan_ports_count(const struct scan_ports *);

/* A port to be probed. */
struct scan_port {
	uint16_t port;
	uint8_t proto; /* enum sock_proto */
};
/* All, in the order of how common they are, then by number; *ncommon: those
 * that are common come first and are so many. The caller frees. */
struct scan_port *scan_ports_list(
    const struct scan_ports *, uint32_t *n, uint32_t *ncommon);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MODEL_TCPINFO_H
#define MODEL_TCPINFO_H

#include <stdbool.h>
#include <stdint.h>

#include "model/sock.h"

/*
 * The fields of the kernel's struct tcp_info by name. The struct only ever
 * grows at its end, so a field is known when the length that this kernel
 * filled reaches past it; offsets stand in a table, so nothing depends on the
 * headers this was built with.
 */
enum tcpinfo_id {
	TCPI_CA_STATE,
	TCPI_RETRANSMITS,
	TCPI_PROBES,
	TCPI_BACKOFF,
	TCPI_OPTIONS,
	TCPI_SND_WSCALE,
	TCPI_RCV_WSCALE,
	TCPI_APP_LIMITED,
	TCPI_FASTOPEN_FAIL,
	TCPI_RTO,
	TCPI_ATO,
	TCPI_SND_MSS,
	TCPI_RCV_MSS,
	TCPI_UNACKED,
	TCPI_SACKED,
	TCPI_LOST,
	TCPI_RETRANS,
	TCPI_FACKETS,
	TCPI_LAST_DATA_SENT,
	TCPI_LAST_ACK_SENT,
	TCPI_LAST_DATA_RECV,
	TCPI_LAST_ACK_RECV,
	TCPI_PMTU,
	TCPI_RCV_SSTHRESH,
	TCPI_RTT,
	TCPI_RTTVAR,
	TCPI_SND_SSTHRESH,
	TCPI_SND_CWND,
	TCPI_ADVMSS,
	TCPI_REORDERING,
	TCPI_RCV_RTT,
	TCPI_RCV_SPACE,
	TCPI_TOTAL_RETRANS,
	TCPI_PACING_RATE,
	TCPI_MAX_PACING_RATE,
	TCPI_BYTES_ACKED,
	TCPI_BYTES_RECEIVED,
	TCPI_SEGS_OUT,
	TCPI_SEGS_IN,
	TCPI_NOTSENT,
	TCPI_MIN_RTT,
	TCPI_DATA_SEGS_IN,
	TCPI_DATA_SEGS_OUT,
	TCPI_DELIVERY_RATE,
	TCPI_BUSY_TIME,
	TCPI_RWND_LIMITED,
	TCPI_SNDBUF_LIMITED,
	TCPI_DELIVERED,
	TCPI_DELIVERED_CE,
	TCPI_BYTES_SENT,
	TCPI_BYTES_RETRANS,
	TCPI_DSACK_DUPS,
	TCPI_REORD_SEEN,
	TCPI_RCV_OOOPACK,
	TCPI_SND_WND,
	TCPI_RCV_WND,
	TCPI_REHASH,
	TCPI_TOTAL_RTO,
	TCPI_TOTAL_RTO_RECOVERIES,
	TCPI_TOTAL_RTO_TIME,
	TCPI_RECEIVED_CE,
	TCPI_DELIVERED_E1_BYTES,
	TCPI_DELIVERED_E0_BYTES,
	TCPI_DELIVERED_CE_BYTES,
	TCPI_RECEIVED_E1_BYTES,
	TCPI_RECEIVED_E0_BYTES,
	TCPI_RECEIVED_CE_BYTES,
	TCPI_ACCECN_FAIL_MODE,
	TCPI_ACCECN_OPT_SEEN,
	TCPI_NFIELDS
};

/* tcpi_options, linux/tcp.h */
enum tcpinfo_option {
	TCPI_HAS_TIMESTAMPS = 1 << 0,
	TCPI_HAS_SACK = 1 << 1,
	TCPI_HAS_WSCALE = 1 << 2,
	TCPI_HAS_ECN = 1 << 3,
	TCPI_HAS_ECN_SEEN = 1 << 4,
	TCPI_HAS_SYN_DATA = 1 << 5,
	TCPI_HAS_USEC_TS = 1 << 6
};

struct tcpinfo_field {
	/* Key in JSON; the unit is its ending. What struct sock_rec has, too,
	 * has the same key. */
	const char *name;
	uint16_t off;
	uint8_t size;        /* bytes: 1, 2, 4, 8 */
	uint8_t shift, bits; /* of a bit field; bits 0: the whole */
};

extern const struct tcpinfo_field tcpinfo_fields[TCPI_NFIELDS];

/* False: this kernel did not tell. ext may be NULL. */
bool tcpinfo_get(const struct sock_ext *, enum tcpinfo_id, uint64_t *ret);
/* The value, or 0 where 0 means the same as not known. */
uint64_t tcpinfo_or0(const struct sock_ext *, enum tcpinfo_id);
/* Writes a field and lets the length reach it: for readers of recordings. */
void tcpinfo_set(struct sock_ext *, enum tcpinfo_id, uint64_t);

#endif

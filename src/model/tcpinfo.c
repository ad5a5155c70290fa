/* SPDX-License-Identifier: ISC */
/*
 * struct tcp_info, field by field. Knows where the kernel puts what; says
 * nothing about what it means (describe_tcp.c does).
 */
#include "config.h"

#include "model/tcpinfo.h"

#include <string.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define SHIFT_LOW4   4
#define SHIFT_HIGH4  0
#define SHIFT_BIT0   7
#define SHIFT_BITS12 5
#else
#define SHIFT_LOW4   0
#define SHIFT_HIGH4  4
#define SHIFT_BIT0   0
#define SHIFT_BITS12 1
#endif

/* clang-format off */
const struct tcpinfo_field tcpinfo_fields[TCPI_NFIELDS] = {
	[TCPI_CA_STATE] = { "ca_state", 1, 1 },
	[TCPI_RETRANSMITS] = { "retransmits", 2, 1 },
	[TCPI_PROBES] = { "probes", 3, 1 },
	[TCPI_BACKOFF] = { "backoff", 4, 1 },
	[TCPI_OPTIONS] = { "options", 5, 1 },
	[TCPI_SND_WSCALE] = { "snd_wscale", 6, 1, SHIFT_LOW4, 4 },
	[TCPI_RCV_WSCALE] = { "rcv_wscale", 6, 1, SHIFT_HIGH4, 4 },
	[TCPI_APP_LIMITED] = { "app_limited", 7, 1, SHIFT_BIT0, 1 },
	[TCPI_FASTOPEN_FAIL] = { "fastopen_fail", 7, 1, SHIFT_BITS12, 2 },
	[TCPI_RTO] = { "rto_us", 8, 4 },
	[TCPI_ATO] = { "ato_us", 12, 4 },
	[TCPI_SND_MSS] = { "mss", 16, 4 },
	[TCPI_RCV_MSS] = { "rcv_mss", 20, 4 },
	[TCPI_UNACKED] = { "unacked", 24, 4 },
	[TCPI_SACKED] = { "sacked", 28, 4 },
	[TCPI_LOST] = { "lost", 32, 4 },
	[TCPI_RETRANS] = { "retrans_now", 36, 4 },
	[TCPI_FACKETS] = { "fackets", 40, 4 },
	[TCPI_LAST_DATA_SENT] = { "last_data_sent_ms", 44, 4 },
	[TCPI_LAST_ACK_SENT] = { "last_ack_sent_ms", 48, 4 },
	[TCPI_LAST_DATA_RECV] = { "last_data_recv_ms", 52, 4 },
	[TCPI_LAST_ACK_RECV] = { "last_ack_recv_ms", 56, 4 },
	[TCPI_PMTU] = { "pmtu", 60, 4 },
	[TCPI_RCV_SSTHRESH] = { "rcv_ssthresh", 64, 4 },
	[TCPI_RTT] = { "rtt_us", 68, 4 },
	[TCPI_RTTVAR] = { "rttvar_us", 72, 4 },
	[TCPI_SND_SSTHRESH] = { "snd_ssthresh", 76, 4 },
	[TCPI_SND_CWND] = { "cwnd", 80, 4 },
	[TCPI_ADVMSS] = { "advmss", 84, 4 },
	[TCPI_REORDERING] = { "reordering", 88, 4 },
	[TCPI_RCV_RTT] = { "rcv_rtt_us", 92, 4 },
	[TCPI_RCV_SPACE] = { "rcv_space", 96, 4 },
	[TCPI_TOTAL_RETRANS] = { "retrans", 100, 4 },
	[TCPI_PACING_RATE] = { "pacing_rate_Bps", 104, 8 },
	[TCPI_MAX_PACING_RATE] = { "max_pacing_rate_Bps", 112, 8 },
	[TCPI_BYTES_ACKED] = { "bytes_acked", 120, 8 },
	[TCPI_BYTES_RECEIVED] = { "bytes_received", 128, 8 },
	[TCPI_SEGS_OUT] = { "segs_out", 136, 4 },
	[TCPI_SEGS_IN] = { "segs_in", 140, 4 },
	[TCPI_NOTSENT] = { "notsent_bytes", 144, 4 },
	[TCPI_MIN_RTT] = { "min_rtt_us", 148, 4 },
	[TCPI_DATA_SEGS_IN] = { "data_segs_in", 152, 4 },
	[TCPI_DATA_SEGS_OUT] = { "data_segs_out", 156, 4 },
	[TCPI_DELIVERY_RATE] = { "delivery_rate_Bps", 160, 8 },
	[TCPI_BUSY_TIME] = { "busy_us", 168, 8 },
	[TCPI_RWND_LIMITED] = { "rwnd_limited_us", 176, 8 },
	[TCPI_SNDBUF_LIMITED] = { "sndbuf_limited_us", 184, 8 },
	[TCPI_DELIVERED] = { "delivered", 192, 4 },
	[TCPI_DELIVERED_CE] = { "delivered_ce", 196, 4 },
	[TCPI_BYTES_SENT] = { "tcpi_bytes_sent", 200, 8 },
	[TCPI_BYTES_RETRANS] = { "bytes_retrans", 208, 8 },
	[TCPI_DSACK_DUPS] = { "dsack_dups", 216, 4 },
	[TCPI_REORD_SEEN] = { "reord_seen", 220, 4 },
	[TCPI_RCV_OOOPACK] = { "rcv_ooopack", 224, 4 },
	[TCPI_SND_WND] = { "snd_wnd", 228, 4 },
	[TCPI_RCV_WND] = { "rcv_wnd", 232, 4 },
	[TCPI_REHASH] = { "rehash", 236, 4 },
	[TCPI_TOTAL_RTO] = { "total_rto", 240, 2 },
	[TCPI_TOTAL_RTO_RECOVERIES] = { "total_rto_recoveries", 242, 2 },
	[TCPI_TOTAL_RTO_TIME] = { "total_rto_time_ms", 244, 4 },
	[TCPI_RECEIVED_CE] = { "received_ce", 248, 4 },
	[TCPI_DELIVERED_E1_BYTES] = { "delivered_e1_bytes", 252, 4 },
	[TCPI_DELIVERED_E0_BYTES] = { "delivered_e0_bytes", 256, 4 },
	[TCPI_DELIVERED_CE_BYTES] = { "delivered_ce_bytes", 260, 4 },
	[TCPI_RECEIVED_E1_BYTES] = { "received_e1_bytes", 264, 4 },
	[TCPI_RECEIVED_E0_BYTES] = { "received_e0_bytes", 268, 4 },
	[TCPI_RECEIVED_CE_BYTES] = { "received_ce_bytes", 272, 4 },
	[TCPI_ACCECN_FAIL_MODE] = { "accecn_fail_mode", 276, 2 },
	[TCPI_ACCECN_OPT_SEEN] = { "accecn_opt_seen", 278, 2 },
};
/* clang-format on */

static uint64_t
load(const uint8_t *p, unsigned size)
{
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	switch (size) {
	case 8:
		memcpy(&u64, p, sizeof(u64));
		return u64;
	case 4:
		memcpy(&u32, p, sizeof(u32));
		return u32;
	case 2:
		memcpy(&u16, p, sizeof(u16));
		return u16;
	default:
		return *p;
	}
}

bool
tcpinfo_get(const struct sock_ext *ext, enum tcpinfo_id id, uint64_t *ret)
{
	const struct tcpinfo_field *f = &tcpinfo_fields[id];
	uint64_t v;

	if (ext == NULL || ext->tcp_info_len > SOCK_TCP_INFO_MAX ||
	    f->off + f->size > ext->tcp_info_len)
		return false;
	v = load(ext->tcp_info + f->off, f->size);
	if (f->bits != 0)
		v = (v >> f->shift) & ((1u << f->bits) - 1);
	*ret = v;
	return true;
}

uint64_t
tcpinfo_or0(const struct sock_ext *ext, enum tcpinfo_id id)
{
	uint64_t v = 0;

	(void)tcpinfo_get(ext, id, &v);
	return v;
}

void
tcpinfo_set(struct sock_ext *ext, enum tcpinfo_id id, uint64_t v)
{
	const struct tcpinfo_field *f = &tcpinfo_fields[id];
	uint8_t *p = ext->tcp_info + f->off;
	uint32_t u32 = (uint32_t)v;
	uint16_t u16 = (uint16_t)v;
	unsigned mask;

	switch (f->size) {
	case 8:
		memcpy(p, &v, sizeof(v));
		break;
	case 4:
		memcpy(p, &u32, sizeof(u32));
		break;
	case 2:
		memcpy(p, &u16, sizeof(u16));
		break;
	default:
		if (f->bits == 0) {
			*p = (uint8_t)v;
			break;
		}
		mask = ((1u << f->bits) - 1) << f->shift;
		*p = (uint8_t)((*p & ~mask) | ((v << f->shift) & mask));
		break;
	}
	if (ext->tcp_info_len < f->off + f->size)
		ext->tcp_info_len = (uint16_t)(f->off + f->size);
}

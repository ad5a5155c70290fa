/* SPDX-License-Identifier: ISC */
/*
 * Columns: TCP's own numbers and socket memory. A listener has no round
 * trips: what means nothing for a state has no value.
 */
#include "config.h"

#include "model/column_get.h"
#include "model/tcpinfo.h"

#define NS_PER_US     UINT64_C(1000)
#define SSTHRESH_NONE 0x7fffffffu /* slow start has not ended yet */

static bool
tcp_known(const struct row *r)
{
	return (r->rec.known & KNOWN_TCP) != 0 && r->rec.state != SOCK_LISTEN;
}

static bool
value_set(struct value *v, enum value_type type, uint64_t u)
{
	v->type = type;
	v->u = u;
	return true;
}

static bool
rate_set(const struct row *r, struct value *v, float bps)
{
	v->type = VAL_RATE;
	v->d = (double)bps;
	return (r->flags & ROW_RATES) != 0;
}

/* A field of tcp_info in which 0 means "nothing yet". */
static bool
ext_set(const struct row *r, struct value *v, enum value_type type,
    enum tcpinfo_id id, uint64_t unit)
{
	v->type = type;
	v->u = tcpinfo_or0(r->ext, id) * unit;
	return r->rec.state != SOCK_LISTEN && v->u != 0;
}

static bool
ext_count(const struct row *r, struct value *v, enum tcpinfo_id id)
{
	v->type = VAL_UINT;
	return r->rec.state != SOCK_LISTEN && tcpinfo_get(r->ext, id, &v->u);
}

static bool
mem_set(const struct row *r, struct value *v, unsigned which)
{
	return r->ext != NULL && which < r->ext->skmem_n &&
	       value_set(v, VAL_BYTES, r->ext->skmem[which]);
}

bool
col_rx_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return rate_set(r, v, r->rx_bps);
}

bool
col_tx_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return rate_set(r, v, r->tx_bps);
}

bool
col_rtt_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return tcp_known(r) && r->rec.rtt_us != 0 &&
	       value_set(v, VAL_DURATION, r->rec.rtt_us * NS_PER_US);
}

bool
col_rttvar_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return tcp_known(r) && r->rec.rtt_us != 0 &&
	       value_set(v, VAL_DURATION, r->rec.rttvar_us * NS_PER_US);
}

bool
col_cwnd_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return tcp_known(r) && value_set(v, VAL_UINT, r->rec.cwnd);
}

bool
col_mss_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return tcp_known(r) && r->rec.mss != 0 &&
	       value_set(v, VAL_UINT, r->rec.mss);
}

bool
col_retrans_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return tcp_known(r) && value_set(v, VAL_UINT, r->rec.retrans_total);
}

bool
col_sent_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return (r->rec.known & KNOWN_BYTES) != 0 &&
	       r->rec.state != SOCK_LISTEN &&
	       value_set(v, VAL_BYTES, r->rec.bytes_sent);
}

bool
col_received_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return (r->rec.known & KNOWN_BYTES) != 0 &&
	       r->rec.state != SOCK_LISTEN &&
	       value_set(v, VAL_BYTES, r->rec.bytes_received);
}

bool
col_cc_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	if (r->ext == NULL || r->ext->cc[0] == '\0')
		return false;
	v->type = VAL_TEXT;
	v->s = r->ext->cc;
	return true;
}

bool
col_ulp_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	if (r->ext == NULL || !r->ext->has_ulp)
		return false;
	v->type = VAL_TEXT;
	v->s = r->ext->ulp;
	return true;
}

bool
col_rto_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return ext_set(r, v, VAL_DURATION, TCPI_RTO, NS_PER_US);
}

bool
col_minrtt_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return tcpinfo_or0(r->ext, TCPI_MIN_RTT) != UINT32_MAX &&
	       ext_set(r, v, VAL_DURATION, TCPI_MIN_RTT, NS_PER_US);
}

bool
col_pmtu_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return ext_set(r, v, VAL_UINT, TCPI_PMTU, 1);
}

bool
col_ssthresh_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return ext_set(r, v, VAL_UINT, TCPI_SND_SSTHRESH, 1) &&
	       v->u < SSTHRESH_NONE;
}

bool
col_unacked_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return ext_count(r, v, TCPI_UNACKED);
}

bool
col_lost_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return ext_count(r, v, TCPI_LOST);
}

bool
col_notsent_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return ext_count(r, v, TCPI_NOTSENT) && value_set(v, VAL_BYTES, v->u);
}

bool
col_delivery_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	if (!ext_set(r, v, VAL_UINT, TCPI_DELIVERY_RATE, 1))
		return false;
	v->type = VAL_RATE;
	v->d = (double)v->u;
	return true;
}

bool
col_pacing_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	if (!ext_set(r, v, VAL_UINT, TCPI_PACING_RATE, 1) || v->u == UINT64_MAX)
		return false;
	v->type = VAL_RATE;
	v->d = (double)v->u;
	return true;
}

bool
col_rmem_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return mem_set(r, v, SKMEM_RMEM);
}

bool
col_rcvbuf_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return mem_set(r, v, SKMEM_RCVBUF);
}

bool
col_tmem_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return mem_set(r, v, SKMEM_TMEM);
}

bool
col_sndbuf_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return mem_set(r, v, SKMEM_SNDBUF);
}

bool
col_fwdmem_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return mem_set(r, v, SKMEM_FWD);
}

bool
col_wmem_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return mem_set(r, v, SKMEM_WMEM);
}

bool
col_optmem_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return mem_set(r, v, SKMEM_OPTMEM);
}

bool
col_skbacklog_get(
    const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return mem_set(r, v, SKMEM_BACKLOG);
}

bool
col_drops_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	return mem_set(r, v, SKMEM_DROPS) && value_set(v, VAL_UINT, v->u);
}

bool
col_tos_get(const struct row *r, const struct view_ctx *ctx, struct value *v)
{
	(void)ctx;
	if (r->ext == NULL || (!r->ext->has_tos && !r->ext->has_tclass))
		return false;
	return value_set(v, VAL_UINT,
	    r->ext->has_tclass && !r->ext->has_tos ? r->ext->tclass
						   : r->ext->tos);
}

/* SPDX-License-Identifier: ISC */
#ifndef MODEL_COLUMN_GET_H
#define MODEL_COLUMN_GET_H

#include "model/column.h"

/*
 * The accessors behind the column table (column_table.c); nobody else needs
 * them by name. column_sock.c: what the kernel says of the socket;
 * column_proc.c: what is known of its owner; column_tcp.c: TCP and memory.
 */
typedef bool column_get_fn(
    const struct row *, const struct view_ctx *, struct value *);
typedef void column_put_fn(
    const struct row *, const struct view_ctx *, struct buf *);
typedef bool column_parse_fn(const char *, struct value *);

column_get_fn col_proto_get, col_family_get, col_state_get, col_local_get,
    col_peer_get, col_lport_get, col_pport_get, col_service_get, col_fd_get,
    col_uid_get, col_inode_get, col_cookie_get, col_mark_get, col_netns_get,
    col_nsid_get, col_iface_get, col_recvq_get, col_sendq_get, col_backlog_get,
    col_timer_get, col_timer_left_get, col_age_get, col_state_age_get,
    col_exposed_get, col_v6only_get, col_scan_get, col_answers_get,
    col_shutdown_get, col_skcgroup_get, col_pair_get, col_listener_get;
column_put_fn col_family_put, col_local_put, col_peer_put, col_laddr_put,
    col_paddr_put, col_mark_put, col_netns_put, col_iface_put, col_backlog_put,
    col_exposed_put, col_age_put, col_pair_put;
column_parse_fn col_proto_parse, col_family_parse, col_exposed_parse,
    col_timer_parse, col_shutdown_parse;

column_get_fn col_pid_get, col_ppid_get, col_user_get, col_process_get,
    col_cmdline_get, col_exe_get, col_cwd_get, col_unit_get, col_container_get,
    col_cgroup_get, col_start_get, col_holders_get, col_note_get;
column_put_fn col_pids_put, col_user_put, col_start_put;

column_get_fn col_rx_get, col_tx_get, col_rtt_get, col_rttvar_get, col_cwnd_get,
    col_mss_get, col_retrans_get, col_sent_get, col_received_get, col_cc_get,
    col_ulp_get, col_rto_get, col_minrtt_get, col_pmtu_get, col_ssthresh_get,
    col_unacked_get, col_lost_get, col_notsent_get, col_delivery_get,
    col_pacing_get, col_rmem_get, col_rcvbuf_get, col_tmem_get, col_sndbuf_get,
    col_fwdmem_get, col_wmem_get, col_optmem_get, col_skbacklog_get,
    col_drops_get, col_tos_get;

/* A socket others connect or send to: LISTEN, or UDP without a peer. */
bool row_listens(const struct row *);
/* It has an address at the other end. */
bool row_has_peer(const struct row *);
void column_put_u64(struct buf *, uint64_t);

#endif

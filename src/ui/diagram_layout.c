/* SPDX-License-Identifier: ISC */
/*
 * Where the states and the lines between them stand: a large drawing and one
 * of few lines for each protocol. tests/unit/test_diagram looks whether
 * anything overlaps, every step is there and every arrow meets its box.
 */
#include "config.h"

#include "base/array.h"
#include "ui/diagram.h"

/* clang-format off */
#define COL_A 0
#define COL_B 29
#define COL_C 58
#define BOX_W 20
#define BOX_H 3

static const struct diagram_box tcp_box[] = {
	{ SOCK_BOUND, 0, COL_A, BOX_W, BOX_H },
	{ SOCK_CLOSED, 0, COL_B, BOX_W, BOX_H },
	{ SOCK_LISTEN, 4, COL_A, BOX_W, BOX_H },
	{ SOCK_SYN_SENT, 4, COL_C, BOX_W, BOX_H },
	{ SOCK_SYN_RECEIVED, 8, COL_A, BOX_W, BOX_H },
	{ SOCK_ESTABLISHED, 11, COL_B, BOX_W, BOX_H },
	{ SOCK_FIN_WAIT_1, 16, COL_A, BOX_W, BOX_H },
	{ SOCK_CLOSE_WAIT, 16, COL_C, BOX_W, BOX_H },
	{ SOCK_FIN_WAIT_2, 20, COL_A, BOX_W, BOX_H },
	{ SOCK_CLOSING, 20, COL_B, BOX_W, BOX_H },
	{ SOCK_LAST_ACK, 20, COL_C, BOX_W, BOX_H },
	{ SOCK_TIME_WAIT, 24, COL_B, BOX_W, BOX_H },
	{ FLOW_END, 25, 66, 4, 1 },
	{ .w = 0 }
};

static const struct diagram_line tcp_line[] = {
	{ FLOW_BIND, '>', '<', 2, { { 1, 28 }, { 1, 20 } }, 0, 21, NULL },
	{ FLOW_CONNECT, '<', 'v', 3, { { 1, 49 }, { 1, 68 }, { 3, 68 } }, 0, 50, NULL },
	{ FLOW_CONNECT_BOUND, '^', 0, 2, { { 3, 18 }, { 3, 68 } }, 3, 33, NULL },
	{ FLOW_LISTEN, '^', 'v', 1, { { 3, 9 } }, 3, 0, NULL },
	{ FLOW_ACCEPT_SYN, '^', 'v', 1, { { 7, 9 } }, 7, 11, NULL },
	{ FLOW_CROSSED_SYN, '>', '<', 4, { { 5, 57 }, { 5, 25 }, { 9, 25 }, { 9, 20 } }, 5, 28, NULL },
	{ FLOW_ACCEPTED, '^', '>', 3, { { 11, 9 }, { 12, 9 }, { 12, 28 } }, 12, 13, NULL },
	{ FLOW_CONNECTED, '^', '<', 3, { { 7, 68 }, { 12, 68 }, { 12, 49 } }, 12, 51, NULL },
	{ FLOW_CLOSE, '^', 'v', 3, { { 14, 33 }, { 14, 9 }, { 15, 9 } }, 14, 12, NULL },
	{ FLOW_PEER_CLOSED, '^', 'v', 3, { { 14, 44 }, { 14, 68 }, { 15, 68 } }, 14, 50, NULL },
	{ FLOW_CLOSE_ACKED, '^', 'v', 1, { { 19, 9 } }, 19, 11, NULL },
	{ FLOW_CROSSED_FIN, '<', 'v', 3, { { 17, 20 }, { 17, 38 }, { 19, 38 } }, 17, 23, NULL },
	{ FLOW_PEER_CLOSED_TOO, '^', '>', 3, { { 23, 9 }, { 25, 9 }, { 25, 28 } }, 25, 13, NULL },
	{ FLOW_CROSSED_ACKED, '^', 'v', 1, { { 23, 38 } }, 23, 40, NULL },
	{ FLOW_WAITED, '<', '>', 2, { { 25, 49 }, { 25, 64 } }, 25, 54, NULL },
	{ FLOW_CLOSE_TOO, '^', 'v', 1, { { 19, 68 } }, 19, 50, NULL },
	{ FLOW_LAST_ACKED, '^', 'v', 2, { { 23, 68 }, { 24, 68 } }, 23, 55, NULL },
};

const struct diagram_layout diagram_tcp = {
	27, 78, tcp_box, tcp_line, nitems(tcp_line), false
};

/* Name, blank, four characters of a count, two brackets. */
static const struct diagram_box tcp_small_box[] = {
	{ SOCK_CLOSED, 0, 0, 13, 1 },
	{ SOCK_BOUND, 0, 22, 12, 1 },
	{ SOCK_LISTEN, 0, 45, 13, 1 },
	{ SOCK_SYN_SENT, 2, 0, 15, 1 },
	{ SOCK_SYN_RECEIVED, 2, 45, 19, 1 },
	{ SOCK_ESTABLISHED, 3, 30, 18, 1 },
	{ SOCK_FIN_WAIT_1, 4, 0, 17, 1 },
	{ SOCK_CLOSE_WAIT, 4, 61, 17, 1 },
	{ SOCK_CLOSING, 5, 34, 14, 1 },
	{ SOCK_FIN_WAIT_2, 6, 0, 17, 1 },
	{ SOCK_LAST_ACK, 6, 61, 15, 1 },
	{ SOCK_TIME_WAIT, 7, 32, 16, 1 },
	{ FLOW_END, 8, 66, 4, 1 },
	{ .w = 0 }
};

static const struct diagram_line tcp_small_line[] = {
	{ FLOW_BIND, '<', '>', 2, { { 0, 13 }, { 0, 21 } }, 0, 14, NULL },
	{ FLOW_LISTEN, '<', '>', 2, { { 0, 34 }, { 0, 44 } }, 0, 35, NULL },
	{ FLOW_CONNECT, '^', 'v', 1, { { 1, 6 } }, 0, -1, NULL },
	{ FLOW_CONNECT_BOUND, '^', 0, 2, { { 1, 27 }, { 1, 6 } }, 1, 9, "connect(): SYN" },
	{ FLOW_ACCEPT_SYN, '^', 'v', 1, { { 1, 51 } }, 1, 53, NULL },
	{ FLOW_CROSSED_SYN, '<', '>', 2, { { 2, 15 }, { 2, 44 } }, 2, 17, NULL },
	{ FLOW_CONNECTED, '^', '>', 2, { { 3, 6 }, { 3, 29 } }, 3, 10, NULL },
	{ FLOW_ACCEPTED, '^', '<', 2, { { 3, 62 }, { 3, 48 } }, 3, 49, NULL },
	{ FLOW_CLOSE, '^', '<', 2, { { 4, 34 }, { 4, 17 } }, 4, 20, "close(): FIN" },
	{ FLOW_PEER_CLOSED, '^', '>', 2, { { 4, 43 }, { 4, 60 } }, 4, 46, NULL },
	{ FLOW_CLOSE_ACKED, '^', 'v', 1, { { 5, 4 } }, 5, 6, "ACK" },
	{ FLOW_CROSSED_FIN, '^', '>', 2, { { 5, 14 }, { 5, 33 } }, 5, 18, NULL },
	{ FLOW_CROSSED_ACKED, '^', 'v', 1, { { 6, 40 } }, 6, 42, NULL },
	{ FLOW_PEER_CLOSED_TOO, '^', '>', 2, { { 7, 8 }, { 7, 31 } }, 7, 12, NULL },
	{ FLOW_CLOSE_TOO, '^', 'v', 1, { { 5, 68 } }, 5, 55, "close(): FIN" },
	{ FLOW_LAST_ACKED, '^', 'v', 1, { { 7, 68 } }, 7, 55, NULL },
	{ FLOW_WAITED, '^', '>', 2, { { 8, 40 }, { 8, 64 } }, 8, 50, NULL },
};

const struct diagram_layout diagram_tcp_compact = {
	9, 78, tcp_small_box, tcp_small_line, nitems(tcp_small_line), true
};

static const struct diagram_box udp_box[] = {
	{ SOCK_UNCONNECTED, 0, 0, 20, 4 },
	{ SOCK_CONNECTED, 0, 58, 20, 4 },
	{ .w = 0 }
};

static const struct diagram_line udp_line[] = {
	{ FLOW_UDP_CONNECT, '<', '>', 2, { { 1, 20 }, { 1, 57 } }, 1, 28, NULL },
	{ FLOW_UDP_DISCONNECT, '>', '<', 2, { { 2, 57 }, { 2, 20 } }, 2, 24, NULL },
};

const struct diagram_layout diagram_udp = {
	4, 78, udp_box, udp_line, nitems(udp_line), false
};

static const struct diagram_box udp_small_box[] = {
	{ SOCK_UNCONNECTED, 0, 0, 18, 1 },
	{ SOCK_CONNECTED, 0, 62, 16, 1 },
	{ .w = 0 }
};

static const struct diagram_line udp_small_line[] = {
	{ FLOW_UDP_CONNECT, '<', '>', 2, { { 0, 18 }, { 0, 61 } }, 0, 27, NULL },
	{ FLOW_UDP_DISCONNECT, '^', '^', 2, { { 1, 70 }, { 1, 8 } }, 1, 24, NULL },
};

const struct diagram_layout diagram_udp_compact = {
	2, 78, udp_small_box, udp_small_line, nitems(udp_small_line), true
};
/* clang-format on */

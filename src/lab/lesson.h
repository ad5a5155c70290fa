/* SPDX-License-Identifier: ISC */
#ifndef LAB_LESSON_H
#define LAB_LESSON_H

#include <errno.h>

#include "base/array.h"
#include "lab/call.h"

/* Short names for the tables of lessons; see HACKING.md, "a lesson". */
#define ACTS(...)                      \
	.act = (const struct lab_do[]) \
	{                              \
		__VA_ARGS__,           \
		{                      \
			.op = DO_END   \
		}                      \
	}
#define NO_ACTS                        \
	.act = (const struct lab_do[]) \
	{                              \
		{                      \
			.op = DO_END   \
		}                      \
	}
#define ON_CLIENT(st, count)                                         \
	{                                                            \
		.host = LAB_CLIENT, .state = SOCK_##st, .n = (count) \
	}
#define ON_SERVER(st, count)                                         \
	{                                                            \
		.host = LAB_SERVER, .state = SOCK_##st, .n = (count) \
	}
/* At most so many; see lab_count.fades. */
#define FADING(on, st, count)                                                 \
	{                                                                     \
		.host = (on), .state = SOCK_##st, .n = (count), .fades = true \
	}

#define HOLD(who, ...) .hold = { [who] = (__VA_ARGS__) }
#define HOLD_BOTH(...) \
	.hold = { [LAB_CLIENT] = (__VA_ARGS__), [LAB_SERVER] = (__VA_ARGS__) }
#define LOSE(who, ...) .lose = { [who] = (__VA_ARGS__) }
#define K(kind)        LAB_KIND(LAB_##kind)

/* The server listens at 192.0.2.2:80 (socket 0), the client's socket 1 is
 * connected to it, and the server's end is its socket 1. */
#define A_CONNECTION             \
	{ .op = DO_LISTEN,       \
		.by = BY_SERVER, \
		.s = 0,          \
		.at = AT_SERVER, \
		.port = 80,      \
		.value = 16 },   \
	    A_FURTHER_CONNECTION
#define A_FURTHER_CONNECTION                                      \
	{ .op = DO_CONNECT,                                       \
		.by = BY_CLIENT,                                  \
		.s = 1,                                           \
		.at = AT_SERVER,                                  \
		.port = 80 },                                     \
	    { .op = DO_CONNECTED, .by = BY_CLIENT, .s = 1 },      \
	{                                                         \
		.op = DO_ACCEPT, .by = BY_SERVER, .s = 0, .s2 = 1 \
	}

extern const struct lab_lesson lesson_handshake, lesson_close, lesson_crossing,
    lesson_both_open, lesson_reset, lesson_backlog, lesson_time_wait,
    lesson_leak, lesson_loss, lesson_window, lesson_addresses, lesson_sharing,
    lesson_udp;

#endif

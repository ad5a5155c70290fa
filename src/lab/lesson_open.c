/* SPDX-License-Identifier: ISC */
/*
 * Lessons: how connections begin.
 */
#include "config.h"

#include "lab/lesson.h"

/* clang-format off */
static const struct lab_step handshake[] = {
	{
		.title = "The server listens",
		.say = "The server makes a socket, binds it to 192.0.2.2 port 80 and calls listen().",
		.watch = "One socket, LISTEN. Its peer is -: none, for it waits for anybody. RECVQ and SENDQ of a listener are the connections waiting to be accepted, and how many may wait.",
		.ask = "Did anything go over the wire for that?",
		ACTS({ .op = DO_LISTEN, .by = BY_SERVER, .s = 0, .at = AT_SERVER, .port = 80, .value = 16 }),
		.expect = { ON_SERVER(LISTEN, 1) },
		.after = "Nothing did. That a port is open is known to the server's own kernel alone, until somebody asks.",
	},
	{
		.title = "The client asks: SYN",
		.say = "The client calls connect(). Its kernel sends a SYN, and the wire holds that in its hand.",
		.watch = "The client's socket: SYN-SENT, with a port that its kernel chose from the ephemeral range.",
		.ask = "What does the server know by now?",
		ACTS({ .op = DO_WIRE, HOLD(LAB_CLIENT, K(SYN)) },
		     { .op = DO_CONNECT, .by = BY_CLIENT, .s = 1, .at = AT_SERVER, .port = 80 }),
		.expect = { ON_CLIENT(SYN_SENT, 1), ON_SERVER(LISTEN, 1) },
		.held = 1,
		.after = "Nothing: the SYN has not arrived. The client waits and sends it again, every second at first. Many sockets in SYN-SENT mean that nobody answers: a wrong address, or a firewall that drops. The SYN tells the client's first sequence number; it is counted as 0 here.",
	},
	{
		.title = "The SYN arrives",
		.say = "The wire lets the SYN go, and holds the server's answer.",
		.watch = "A second socket at the server: SYN-RECEIVED. No process owns it.",
		.ask = "Who has agreed to what?",
		ACTS({ .op = DO_LET_GO, HOLD(LAB_SERVER, K(SYN_ACK)) }),
		.expect = { ON_CLIENT(SYN_SENT, 1), ON_SERVER(LISTEN, 1), ON_SERVER(SYN_RECEIVED, 1) },
		.held = 1,
		.after = "The server's kernel has answered with SYN,ACK: its own first sequence number, and ack 1: \"your SYN arrived, go on with number 1\". The program knows nothing of it. A flood of SYNs fills the server with such half-open connections (RFC 4987).",
	},
	{
		.title = "The answer arrives: SYN,ACK",
		.say = "The wire lets the SYN,ACK go, and holds the client's ACK.",
		.watch = "The two ends differ now.",
		.ask = "Which end takes the connection for established?",
		ACTS({ .op = DO_LET_GO, HOLD(LAB_CLIENT, K(ACK)) },
		     { .op = DO_CONNECTED, .by = BY_CLIENT, .s = 1 }),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(LISTEN, 1), ON_SERVER(SYN_RECEIVED, 1) },
		.held = 1,
		.after = "The client: its SYN is acknowledged, connect() has returned, it might send data at once. The server still waits for the ACK of its own SYN, and sends the SYN,ACK again meanwhile. For that moment the two ends are in different states, and both are right.",
	},
	{
		.title = "The third segment: ACK",
		.say = "The wire lets the ACK go.",
		.watch = "The server's end, and RECVQ of its listener.",
		.ask = "The connection is established: which process holds it?",
		ACTS({ .op = DO_LET_GO }),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 1) },
		.after = "At the server none yet: three segments were exchanged by the two kernels alone. The connection waits in the listener's accept queue: RECVQ is 1.",
	},
	{
		.title = "accept()",
		.say = "The server's program calls accept().",
		.watch = "The owner of the server's established socket; RECVQ of the listener.",
		.ask = "How many sockets has the server now, and on how many ports?",
		ACTS({ .op = DO_ACCEPT, .by = BY_SERVER, .s = 0, .s2 = 1 }),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 1) },
		.after = "Two, on one port: accept() made a new descriptor for the connection, and the listener goes on listening. What tells connections of one port apart is the whole pair: both addresses and both ports.",
	},
	{
		.title = "Data",
		.say = "The client sends 20 bytes, the server reads them.",
		.watch = "The numbers in the segments.",
		.ask = "Why does the first byte of data have number 1, and not 0?",
		ACTS({ .op = DO_SEND, .by = BY_CLIENT, .s = 1, .value = 20 },
		     { .op = DO_RECV, .by = BY_SERVER, .s = 1, .value = 20 }),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 1) },
		.after = "The SYN has number 0: it takes one number of its own, so that it can be acknowledged like data. ack 21 says: up to 20 all is here, 21 is expected next.",
	},
};

const struct lab_lesson lesson_handshake = {
	.name = "handshake",
	.title = "The three-way handshake",
	.about = "LISTEN, SYN-SENT, SYN-RECEIVED, ESTABLISHED: with each segment held in the hand",
	.source = "RFC 9293 sections 3.3.2 and 3.5",
	.step = handshake,
	.nsteps = nitems(handshake),
};

static const struct lab_step both_open[] = {
	{
		.title = "One end calls",
		.say = "The client calls connect() from port 5000 to port 6000 of the server. The wire holds the SYN.",
		.watch = "SYN-SENT, and nobody in LISTEN.",
		.ask = "What would the server answer if the SYN arrived now?",
		ACTS({ .op = DO_WIRE, HOLD_BOTH(K(SYN)) },
		     { .op = DO_CONNECT, .by = BY_CLIENT, .s = 1, .from = AT_CLIENT, .from_port = 5000, .at = AT_SERVER, .port = 6000 }),
		.expect = { ON_CLIENT(SYN_SENT, 1) },
		.held = 1,
		.after = "RST: no socket there has port 6000.",
	},
	{
		.title = "The other end calls, too",
		.say = "Before the SYN arrives, the server connects from port 6000 to port 5000 of the client.",
		.watch = "Two sockets in SYN-SENT, with the same pair of addresses and ports.",
		.ask = "Which of them is the server?",
		ACTS({ .op = DO_CONNECT, .by = BY_SERVER, .s = 1, .from = AT_SERVER, .from_port = 6000, .at = AT_CLIENT, .port = 5000 }),
		.expect = { ON_CLIENT(SYN_SENT, 1), ON_SERVER(SYN_SENT, 1) },
		.held = 2,
		.after = "Neither. To TCP the two ends of a connection are alike; client and server are only who calls and who waits.",
	},
	{
		.title = "The SYNs cross",
		.say = "Both SYNs arrive; the answers are held.",
		.watch = "Both states.",
		.ask = "A SYN came where a SYN,ACK was expected. Is that an error?",
		ACTS({ .op = DO_LET_GO, HOLD_BOTH(K(SYN_ACK)) }),
		.expect = { ON_CLIENT(SYN_RECEIVED, 1), ON_SERVER(SYN_RECEIVED, 1) },
		.held = 2,
		.after = "No: from SYN-SENT a SYN leads to SYN-RECEIVED, at both ends. Each has sent SYN,ACK to acknowledge the other's SYN. Here the sockets in SYN-RECEIVED have owners: they are those that called connect().",
	},
	{
		.title = "One connection",
		.say = "The answers arrive.",
		.watch = "Both states; count the connections.",
		.ask = "Two calls of connect(): how many connections?",
		ACTS({ .op = DO_LET_GO },
		     { .op = DO_CONNECTED, .by = BY_CLIENT, .s = 1 },
		     { .op = DO_CONNECTED, .by = BY_SERVER, .s = 1 }),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(ESTABLISHED, 1) },
		.after = "One: a connection is its pair of addresses and ports, and there is one such pair. Simultaneous open is rare, but programs that open a way through two NATs at once rely on it (RFC 5128).",
	},
};

const struct lab_lesson lesson_both_open = {
	.name = "both-open",
	.title = "Simultaneous open",
	.about = "both ends call connect(): SYN-RECEIVED without a listener",
	.source = "RFC 9293 section 3.5, figure 7",
	.step = both_open,
	.nsteps = nitems(both_open),
};

#define CLIENT_CONNECTS(n)                                                 \
	{ .op = DO_CONNECT, .by = BY_CLIENT, .s = (n), .at = AT_SERVER,    \
	    .port = 80 }
#define CLIENT_CONNECTED(n)                                                \
	{ .op = DO_CONNECTED, .by = BY_CLIENT, .s = (n) }
#define SERVER_ACCEPTS(n)                                                  \
	{ .op = DO_ACCEPT, .by = BY_SERVER, .s = 0, .s2 = (n) }

static const struct lab_step backlog[] = {
	{
		.title = "A short queue",
		.say = "The server listens with a backlog of 1.",
		.watch = "SENDQ of the listener: the limit of its accept queue.",
		.ask = "How many connections can wait to be accepted?",
		ACTS({ .op = DO_LISTEN, .by = BY_SERVER, .s = 0, .at = AT_SERVER, .port = 80, .value = 1 }),
		.expect = { ON_SERVER(LISTEN, 1) },
		.after = "Two: Linux takes one more than the backlog says. (What listen() asks for is cut to net.core.somaxconn.)",
	},
	{
		.title = "The queue fills",
		.say = "Two clients connect. The server's program is busy and does not call accept().",
		.watch = "RECVQ of the listener; the owners of the server's established sockets.",
		.ask = "Can the clients tell that nobody has accepted them?",
		ACTS(CLIENT_CONNECTS(1), CLIENT_CONNECTED(1), CLIENT_CONNECTS(2), CLIENT_CONNECTED(2)),
		.expect = { ON_CLIENT(ESTABLISHED, 2), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 2) },
		.after = "No: the kernels have shaken hands, connect() has returned. RECVQ is 2, above its limit: the queue is full.",
	},
	{
		.title = "One too many",
		.say = "A third client connects.",
		.watch = "The third client's state, and its SYN going over the wire again and again.",
		.ask = "The SYN arrives. Why no answer, and no RST either?",
		ACTS(CLIENT_CONNECTS(3)),
		.expect = { ON_CLIENT(ESTABLISHED, 2), ON_CLIENT(SYN_SENT, 1), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 2) },
		.after = "The server's kernel drops the SYN and counts it (ListenOverflows and ListenDrops in nstat). The client sends it again: by then there may be room. A RST would end the attempt for good. To the client it looks like a firewall, or a slow network.",
	},
	{
		.title = "Room again",
		.say = "The server accepts one connection. The third client's next SYN finds room; it may take a second.",
		.watch = "SYN-SENT becomes ESTABLISHED.",
		.ask = "Who had to do something so that the third client got in?",
		ACTS(SERVER_ACCEPTS(1), CLIENT_CONNECTED(3)),
		.expect = { ON_CLIENT(ESTABLISHED, 3), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 3) },
		.after = "The server's program, by accept(); and the client's kernel, by trying again. A larger backlog only helps against short peaks: who accepts too slowly fills any queue.",
	},
	{
		.title = "The last ACK finds it full",
		.say = "The server accepts one more: room for one. A fourth client gets as far as its ACK, which the wire holds; a fifth takes the place; then the ACK is let go.",
		.watch = "One socket stays in SYN-RECEIVED at the server.",
		.ask = "What does the fourth client believe?",
		ACTS(SERVER_ACCEPTS(2),
		     { .op = DO_WIRE, HOLD(LAB_CLIENT, K(ACK)) },
		     CLIENT_CONNECTS(4), CLIENT_CONNECTED(4),
		     { .op = DO_WIRE },
		     CLIENT_CONNECTS(5), CLIENT_CONNECTED(5),
		     { .op = DO_LET_GO }),
		.expect = { ON_CLIENT(ESTABLISHED, 5), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 4), ON_SERVER(SYN_RECEIVED, 1) },
		.after = "That it is connected. The server has dropped its ACK, since the queue is full, and goes on sending SYN,ACK. (With net.ipv4.tcp_abort_on_overflow it would send RST instead.)",
	},
	{
		.title = "Data carries an ACK, too",
		.say = "The server accepts one. The fourth client sends 20 bytes.",
		.watch = "SYN-RECEIVED becomes ESTABLISHED.",
		.ask = "The ACK was dropped. How does the server learn that its SYN arrived?",
		ACTS(SERVER_ACCEPTS(3),
		     { .op = DO_SEND, .by = BY_CLIENT, .s = 4, .value = 20 }),
		.expect = { ON_CLIENT(ESTABLISHED, 5), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 5) },
		.after = "Each segment after the SYN carries an acknowledgment; any of them will do. Nothing was lost for good: what is not acknowledged is sent again.",
	},
};

const struct lab_lesson lesson_backlog = {
	.name = "backlog",
	.title = "The accept queue overflows",
	.about = "what a client sees when a server does not call accept()",
	.source = "listen(2); RFC 9293 section 3.10.7.4",
	.step = backlog,
	.nsteps = nitems(backlog),
};
/* clang-format on */

/* SPDX-License-Identifier: ISC */
/*
 * Lessons: addresses and ports, sharing, datagrams, the window, loss.
 */
#include "config.h"

#include "lab/lesson.h"

#define LISTENS(slot, where, ...)                                             \
	{                                                                     \
		.op = DO_LISTEN, .by = BY_SERVER, .s = (slot), .at = (where), \
		.port = 80, .value = 16, __VA_ARGS__                          \
	}
#define SERVER_CLOSES(slot)                                  \
	{                                                    \
		.op = DO_CLOSE, .by = BY_SERVER, .s = (slot) \
	}

/* clang-format off */
static const struct lab_step addresses[] = {
	{
		.title = "Bound, and no more",
		.say = "The server binds a socket to 192.0.2.2 port 80, but does not call listen().",
		.watch = "BOUND: a state of Linux that RFC 9293 does not know.",
		.ask = "Is the port open? Is it free?",
		ACTS({ .op = DO_BIND, .by = BY_SERVER, .s = 0, .at = AT_SERVER, .port = 80 }),
		.expect = { FADING(LAB_SERVER, BOUND, 1) },
		.after = "Neither. A SYN would be refused, and nobody else gets the port. ss, netstat and lsof -i do not show such sockets unless asked in a special way: a port that is taken by nobody. (Linux tells of them since 6.8; before, none is shown here either.)",
	},
	{
		.title = "listen()",
		.say = "The server calls listen() on it.",
		.watch = "The same socket, LISTEN.",
		.ask = "The host has a second address, 192.0.2.3. Is port 80 free there?",
		ACTS({ .op = DO_LISTEN, .by = BY_SERVER, .s = 0, .value = 16 }),
		.expect = { ON_SERVER(LISTEN, 1) },
		.after = "Yes: a port belongs to an address.",
	},
	{
		.title = "The second address",
		.say = "The server listens at 192.0.2.3 port 80, with another socket.",
		.watch = "Two listeners on port 80.",
		.ask = "And 0.0.0.0, all addresses: free or not?",
		ACTS(LISTENS(1, AT_SERVER2)),
		.expect = { ON_SERVER(LISTEN, 2) },
		.after = "Not any more: it would take in the two that are taken.",
	},
	{
		.title = "All addresses, too late",
		.say = "The server tries to listen at 0.0.0.0 port 80.",
		.watch = "The result of bind().",
		.ask = "Which of the two sockets is in the way?",
		ACTS(LISTENS(2, AT_ANY, .error = EADDRINUSE)),
		.expect = { ON_SERVER(LISTEN, 2) },
		.after = "Either. sockdeck why 80 names both.",
	},
	{
		.title = "All addresses, first",
		.say = "Both are closed. Now 0.0.0.0 comes first, and 192.0.2.2 is tried after it.",
		.watch = "The result of the second bind().",
		.ask = "Does the order matter?",
		ACTS(SERVER_CLOSES(0), SERVER_CLOSES(1), LISTENS(0, AT_ANY), LISTENS(1, AT_SERVER, .error = EADDRINUSE)),
		.expect = { ON_SERVER(LISTEN, 1) },
		.after = "No: who is first has it. 0.0.0.0 is every IPv4 address of the host, those it will get later included: also the ones that face the Internet.",
	},
	{
		.title = "IPv6 beside it",
		.say = "The server tries [::] port 80: first as it is, then with IPV6_V6ONLY.",
		.watch = "The two results.",
		.ask = "IPv4 and IPv6 are two protocols. Why is there a conflict at all?",
		ACTS(LISTENS(1, AT_ANY6, .error = EADDRINUSE), LISTENS(1, AT_ANY6, .opt = OPT_V6ONLY)),
		.expect = { ON_SERVER(LISTEN, 2) },
		.after = "Because [::] takes IPv4 as well, unless IPV6_V6ONLY says otherwise (RFC 3493 section 5.3; the default is net.ipv6.bindv6only).",
	},
	{
		.title = "One socket for both",
		.say = "Both are closed; [::] port 80 without IPV6_V6ONLY. A client connects by IPv4.",
		.watch = "The addresses of the server's established socket.",
		.ask = "The socket is an IPv6 one. What is the address of its peer?",
		ACTS(SERVER_CLOSES(0), SERVER_CLOSES(1), LISTENS(0, AT_ANY6), A_FURTHER_CONNECTION),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 1) },
		.after = "::ffff:192.0.2.1, an IPv4-mapped address (RFC 4291 section 2.5.5.2): IPv4 on the wire, IPv6 for the program. So a listener on [::] alone may serve IPv4, too.",
	},
};

const struct lab_lesson lesson_addresses = {
	.name = "addresses",
	.title = "Addresses and ports: who is in whose way",
	.about = "BOUND, one address against all, IPv4 against IPv6",
	.source = "RFC 9293 section 3.9.1.1; RFC 3493 section 5.3; ip(7), ipv6(7)",
	.step = addresses,
	.nsteps = nitems(addresses),
	.ipv6 = true,
};

#define CONNECTS(n)                                                        \
	{ .op = DO_CONNECT, .by = BY_CLIENT, .s = (n), .at = AT_SERVER,    \
	    .port = 80 }, { .op = DO_CONNECTED, .by = BY_CLIENT, .s = (n) }

static const struct lab_step sharing[] = {
	{
		.title = "A listener that shares",
		.say = "The server sets SO_REUSEPORT and listens on port 80.",
		.watch = "One listener.",
		.ask = "A second process wants the same port. What must it do?",
		ACTS(LISTENS(0, AT_ANY, .opt = OPT_REUSEPORT)),
		.expect = { ON_SERVER(LISTEN, 1) },
		.after = "Ask for it in the same way, and be of the same user.",
	},
	{
		.title = "A second process",
		.say = "A worker, another process on the server's host, binds the same port: without SO_REUSEPORT, then with it.",
		.watch = "The two results; then two listeners with two owners.",
		.ask = "Why must all of them have set the option?",
		ACTS({ .op = DO_LISTEN, .by = BY_WORKER, .s = 0, .at = AT_ANY, .port = 80, .value = 16, .error = EADDRINUSE },
		     { .op = DO_LISTEN, .by = BY_WORKER, .s = 0, .at = AT_ANY, .port = 80, .value = 16, .opt = OPT_REUSEPORT }),
		.expect = { ON_SERVER(LISTEN, 2) },
		.after = "Else anybody could take a share of another program's connections. For the same reason the user must be the same (socket(7)).",
	},
	{
		.title = "Connections are shared out",
		.say = "Eight clients connect. Nobody calls accept() yet.",
		.watch = "RECVQ of the two listeners.",
		.ask = "Who decides which listener gets a connection?",
		ACTS(CONNECTS(1), CONNECTS(2), CONNECTS(3), CONNECTS(4), CONNECTS(5), CONNECTS(6), CONNECTS(7), CONNECTS(8)),
		.expect = { ON_CLIENT(ESTABLISHED, 8), ON_SERVER(LISTEN, 2), ON_SERVER(ESTABLISHED, 8) },
		.after = "The kernel, by a hash of addresses and ports: about half each over many, but not in turn. Each listener has an accept queue of its own.",
	},
	{
		.title = "One process less",
		.say = "The worker closes its listener, without having accepted what waits there.",
		.watch = "Connections disappear, on both sides.",
		.ask = "They were established. Are they handed to the other listener?",
		ACTS({ .op = DO_CLOSE, .by = BY_WORKER, .s = 0 }),
		.expect = { FADING(LAB_CLIENT, ESTABLISHED, 8), ON_SERVER(LISTEN, 1), FADING(LAB_SERVER, ESTABLISHED, 8) },
		.after = "No: the kernel resets what was in the queue (unless net.ipv4.tcp_migrate_req is 1). Who restarts workers one after the other must first drain their queues.",
	},
};

const struct lab_lesson lesson_sharing = {
	.name = "sharing",
	.title = "SO_REUSEPORT: one port, several processes",
	.about = "two listeners on one port, and what happens to their queues",
	.source = "socket(7), SO_REUSEPORT; Linux Documentation/networking/ip-sysctl.rst",
	.step = sharing,
	.nsteps = nitems(sharing),
};

static const struct lab_step udp[] = {
	{
		.title = "A UDP server",
		.say = "The server binds a UDP socket to port 53.",
		.watch = "UNCONNECTED. A UDP socket never listens.",
		.ask = "Why is there no LISTEN?",
		ACTS({ .op = DO_UDP_BIND, .by = BY_SERVER, .s = 0, .at = AT_SERVER, .port = 53 }),
		.expect = { ON_SERVER(UNCONNECTED, 1) },
		.after = "There are no connections to wait for: RFC 768 knows no states at all. \"Open\" for UDP means that a socket is bound.",
	},
	{
		.title = "A datagram",
		.say = "A client sends 12 bytes to port 53.",
		.watch = "RECVQ of the server's socket; the wire.",
		.ask = "How many segments did a TCP client need before its first byte of data?",
		ACTS({ .op = DO_UDP_SEND, .by = BY_CLIENT, .s = 1, .at = AT_SERVER, .port = 53, .value = 12 }),
		.expect = { ON_CLIENT(UNCONNECTED, 1), ON_SERVER(UNCONNECTED, 1) },
		.after = "Three. Here the first thing on the wire is the datagram. It waits in the server's receive queue; RECVQ counts memory there, so it is more than 12.",
	},
	{
		.title = "The server reads",
		.say = "The server calls recv().",
		.watch = "RECVQ.",
		.ask = "Does the client learn that its datagram was read?",
		ACTS({ .op = DO_RECV, .by = BY_SERVER, .s = 0, .value = 12 }),
		.expect = { ON_CLIENT(UNCONNECTED, 1), ON_SERVER(UNCONNECTED, 1) },
		.after = "No. If it must know, the program has to answer, as DNS does.",
	},
	{
		.title = "A connected UDP socket",
		.say = "A second client socket calls connect() to port 53.",
		.watch = "CONNECTED, and a peer. The wire.",
		.ask = "What was sent?",
		ACTS({ .op = DO_UDP_CONNECT, .by = BY_CLIENT, .s = 2, .at = AT_SERVER, .port = 53 }),
		.expect = { ON_CLIENT(UNCONNECTED, 1), ON_CLIENT(CONNECTED, 1), ON_SERVER(UNCONNECTED, 1) },
		.after = "Nothing. connect() of a UDP socket only fixes the peer: send() needs no address, datagrams of others are not taken, and errors are told.",
	},
	{
		.title = "Nobody there",
		.say = "A third client socket connects to port 54, sends 5 bytes, and reads.",
		.watch = "What comes back.",
		.ask = "A UDP scan: how does it tell an open port from a closed one?",
		ACTS({ .op = DO_UDP_CONNECT, .by = BY_CLIENT, .s = 3, .at = AT_SERVER, .port = 54 },
		     { .op = DO_SEND, .by = BY_CLIENT, .s = 3, .value = 5 },
		     { .op = DO_RECV, .by = BY_CLIENT, .s = 3, .value = 5, .error = ECONNREFUSED },
		     { .op = DO_CLOSE, .by = BY_CLIENT, .s = 3 }),
		.expect = { ON_CLIENT(UNCONNECTED, 1), ON_CLIENT(CONNECTED, 1), ON_SERVER(UNCONNECTED, 1) },
		.after = "Closed: ICMP port unreachable, which the connected socket gets as ECONNREFUSED. Open: silence, unless the program answers. A firewall: silence, too. Hence \"open|filtered\".",
	},
	{
		.title = "Lost",
		.say = "The connected socket sends 12 bytes, and the wire loses them.",
		.watch = "send()'s result; every state.",
		.ask = "Who notices?",
		ACTS({ .op = DO_WIRE, LOSE(LAB_CLIENT, K(DATAGRAM)) },
		     { .op = DO_SEND, .by = BY_CLIENT, .s = 2, .value = 12 }),
		.expect = { ON_CLIENT(UNCONNECTED, 1), ON_CLIENT(CONNECTED, 1), ON_SERVER(UNCONNECTED, 1) },
		.after = "Nobody. send() returned 12: the datagram was handed over. What is lost is not sent again, unless the program does it.",
	},
};

const struct lab_lesson lesson_udp = {
	.name = "udp",
	.title = "UDP: no connection, no states",
	.about = "UNCONNECTED and CONNECTED, refusal by ICMP, loss without notice",
	.source = "RFC 768; RFC 1122 section 4.1.3.3; udp(7)",
	.step = udp,
	.nsteps = nitems(udp),
};

static const struct lab_step window[] = {
	{
		.title = "A small buffer",
		.say = "The server has a small receive buffer (SO_RCVBUF); a client connects.",
		.watch = "win in the server's segments: how much it has room for.",
		.ask = "What if the client sends more than that?",
		ACTS(LISTENS(0, AT_SERVER, .opt = OPT_SMALL), A_FURTHER_CONNECTION),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 1) },
		.after = "It may not: the window is what the receiver permits, and the sender's kernel keeps to it.",
	},
	{
		.title = "The reader sleeps",
		.say = "The client sends 12,000 bytes. The server's program does not read.",
		.watch = "RECVQ at the server, SENDQ at the client; win falls to 0. Key o shows the timer persist.",
		.ask = "send() returned 12,000. Where are these bytes?",
		ACTS({ .op = DO_SEND, .by = BY_CLIENT, .s = 1, .value = 12000 }),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 1) },
		.after = "Some in the server's receive queue, the rest in the client's send queue: together RECVQ and SENDQ make 12,000. The client asks from time to time whether the window is open again (RFC 9293 section 3.8.6.1). A SENDQ that does not shrink often means that the other program does not read.",
	},
	{
		.title = "The reader wakes up",
		.say = "The server reads all of it.",
		.watch = "win opens; both queues empty.",
		.ask = "Who told the client to go on?",
		ACTS({ .op = DO_RECV, .by = BY_SERVER, .s = 1, .value = 12000 }),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 1) },
		.after = "The server's kernel: as its program read, it sent ACKs with a larger window. That is flow control: a slow reader slows the writer down, without any word between the two programs.",
	},
};

const struct lab_lesson lesson_window = {
	.name = "window",
	.title = "The window: a reader that does not read",
	.about = "RECVQ, SENDQ, a window of 0 and who opens it again",
	.source = "RFC 9293 sections 3.8.6 and 3.8.6.1",
	.step = window,
	.nsteps = nitems(window),
};

static const struct lab_step loss[] = {
	{
		.title = "A connection",
		.say = "A client and a server are connected.",
		.watch = "Both ends ESTABLISHED, nothing in SENDQ.",
		.ask = "IP may lose any packet. What does TCP make of that?",
		ACTS(A_CONNECTION),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 1) },
		.after = "A delay: what is not acknowledged is sent again.",
	},
	{
		.title = "Data is lost",
		.say = "The wire loses the client's data from now on. The client sends 100 bytes.",
		.watch = "SENDQ at the client. Key o shows the timer. On the wire the same segment comes again and again.",
		.ask = "How does the time between two copies change?",
		ACTS({ .op = DO_WIRE, LOSE(LAB_CLIENT, K(DATA)) },
		     { .op = DO_SEND, .by = BY_CLIENT, .s = 1, .value = 100 }),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 1) },
		.after = "It doubles (RFC 6298 section 5.5), so that a network that is overloaded gets less and less of it. Neither program knows of the loss, and both states stay ESTABLISHED: a broken path is not seen in the state, but in SENDQ, in the timer and in RETRANS. Only after net.ipv4.tcp_retries2 attempts, a quarter of an hour, ETIMEDOUT is told.",
	},
	{
		.title = "The wire is whole again",
		.say = "The wire loses nothing any more. The server reads; it gets the bytes with the next copy, which may be a while if you waited long.",
		.watch = "SENDQ empties.",
		.ask = "Must the client's program do anything?",
		ACTS({ .op = DO_WIRE },
		     { .op = DO_RECV, .by = BY_SERVER, .s = 1, .value = 100 }),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 1) },
		.after = "No. A connection survives a cable that was unplugged for minutes; what you see is a pause.",
	},
	{
		.title = "The ACK is lost",
		.say = "Now the wire loses the server's ACKs. The client sends 50 bytes, the server reads them.",
		.watch = "SENDQ at the client, although the server has all of it.",
		.ask = "The client sends the same bytes again. Does the server's program get them twice?",
		ACTS({ .op = DO_WIRE, LOSE(LAB_SERVER, K(ACK)) },
		     { .op = DO_SEND, .by = BY_CLIENT, .s = 1, .value = 50 },
		     { .op = DO_RECV, .by = BY_SERVER, .s = 1, .value = 50 }),
		.expect = { ON_CLIENT(ESTABLISHED, 1), ON_SERVER(LISTEN, 1), ON_SERVER(ESTABLISHED, 1) },
		.after = "No: the sequence numbers say that they are old. The kernel drops them and sends its ACK once more. To the sender a lost ACK and lost data look the same.",
	},
	{
		.title = "All is acknowledged",
		.say = "The wire is whole again, and the client closes its direction.",
		.watch = "The FIN can only be acknowledged after all data was.",
		.ask = "What does FIN-WAIT-2 tell of the 50 bytes?",
		ACTS({ .op = DO_WIRE },
		     { .op = DO_SHUTDOWN, .by = BY_CLIENT, .s = 1 },
		     { .op = DO_RECV, .by = BY_SERVER, .s = 1, .value = 0 }),
		.expect = { ON_CLIENT(FIN_WAIT_2, 1), ON_SERVER(LISTEN, 1), ON_SERVER(CLOSE_WAIT, 1) },
		.after = "That the server's kernel has them. Not that its program has read them: that only the program itself can say.",
	},
};

const struct lab_lesson lesson_loss = {
	.name = "loss",
	.title = "Loss: sent again until it is acknowledged",
	.about = "lost data, lost ACKs, SENDQ and the retransmission timer",
	.source = "RFC 9293 section 3.8.1; RFC 6298",
	.step = loss,
	.nsteps = nitems(loss),
};
/* clang-format on */

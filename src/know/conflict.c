/* SPDX-License-Identifier: ISC */
/*
 * The rules by which Linux gives out ports, one entry a reason. What is said
 * of a rule was read in the kernel (net/ipv4/inet_connection_sock.c,
 * net/ipv4/udp.c) and is tried in tests/netns/why.py.
 */
#include "config.h"

#include "know/conflict.h"

#include <stddef.h>

static const struct conflict_fact facts[CONFLICT_NKINDS] = {
	[CONFLICT_LISTENER] = {
		.name = "listener",
		.because = "A port at an address has one listener: where one "
		    "socket listens, no other can be bound, whatever options "
		    "it sets, unless both set SO_REUSEPORT.",
		.remedy = "Stop the program, or give one of the two another "
		    "port.",
		.source = "socket(7), SO_REUSEADDR and SO_REUSEPORT",
	},
	[CONFLICT_LISTENER_ANY] = {
		.name = "listener-wildcard",
		.because = "It listens at every address of this machine, so "
		    "the one asked for is taken as well.",
		.remedy = "Let it listen at one address only (most servers "
		    "have a setting for it), or stop it.",
		.source = "ip(7), INADDR_ANY; socket(7), SO_REUSEADDR",
	},
	[CONFLICT_LISTENER_ADDR] = {
		.name = "listener-address",
		.because = "It listens at one address only, but whoever wants "
		    "every address wants that one, too. Addresses that it "
		    "does not hold can be bound one by one.",
		.remedy = "Bind another address of this machine, or stop the "
		    "program.",
		.source = "ip(7), INADDR_ANY; socket(7), SO_REUSEADDR",
	},
	[CONFLICT_DUAL_STACK] = {
		.name = "dual-stack",
		.because = "An IPv6 socket at [::] takes IPv4 connections as "
		    "well, unless it set IPV6_V6ONLY: it holds the port in "
		    "both families, though a table shows it as IPv6 alone.",
		.remedy = "Let that program set IPV6_V6ONLY or listen at "
		    "IPv6 only, or stop it.",
		.source = "ipv6(7), IPV6_V6ONLY; RFC 3493 section 5.3",
	},
	[CONFLICT_SYSTEMD_SOCKET] = {
		.name = "systemd-socket",
		.because = "systemd itself (process 1) listens for a service "
		    "that it starts when somebody connects. Stopping the "
		    "service leaves the port held; the socket unit must be "
		    "stopped.",
		.remedy = "systemctl stop NAME.socket, and disable it if it "
		    "shall not come back at the next start.",
		.source = "systemd.socket(5)",
	},
	[CONFLICT_DOCKER_PROXY] = {
		.name = "docker-proxy",
		.because = "A forwarder (docker-proxy, conmon, rootlessport) "
		    "holds the port for a container that publishes it. "
		    "Killing it takes the port from the container and leaves "
		    "firewall rules behind.",
		.remedy = "Stop the container, or publish another port "
		    "(docker run -p).",
		.source = "Docker documentation, port publishing",
	},
	[CONFLICT_BOUND] = {
		.name = "bound",
		.because = "A TCP socket that is bound but does not listen "
		    "and is not connected holds its port all the same. ss, "
		    "netstat, lsof -i and /proc/net show no such sockets.",
		.remedy = "Stop the program, or wait until it listens or "
		    "closes.",
		.source = "bind(2); Linux 6.8, inet_diag bound-inactive",
	},
	[CONFLICT_UDP] = {
		.name = "udp",
		.because = "A UDP port at an address belongs to the socket "
		    "that bound it; UDP has no listening and no TIME-WAIT, it "
		    "is free the moment that socket is closed.",
		.remedy = "Stop the program, or use another port.",
		.source = "udp(7); RFC 768",
	},
	[CONFLICT_UDP_CONNECTED] = {
		.name = "udp-connected",
		.because = "A UDP socket with a peer still holds its own port "
		    "at its own address.",
		.remedy = "Wait until that program closes it, or use another "
		    "port.",
		.source = "udp(7)",
	},
	[CONFLICT_EPHEMERAL] = {
		.name = "ephemeral-client",
		.because = "The port lies in the range from which the kernel "
		    "gives every outgoing connection its own port, and a "
		    "client got just this one. SO_REUSEADDR does not help: "
		    "the client did not set it.",
		.remedy = "Wait until the client closes, and keep the port "
		    "out of the range for the future "
		    "(net.ipv4.ip_local_reserved_ports).",
		.source = "ip(7), ip_local_port_range; RFC 6335 section 6",
	},
	[CONFLICT_CONNECTION] = {
		.name = "connection",
		.because = "Nobody listens, but a connection with this local "
		    "port is still open. It keeps the port from being bound, "
		    "unless both sockets set SO_REUSEADDR.",
		.remedy = "Set SO_REUSEADDR before bind(2), or end that "
		    "connection.",
		.source = "socket(7), SO_REUSEADDR",
	},
	[CONFLICT_ACCEPTED] = {
		.name = "accepted",
		.because = "Connections that the listener accepted have its "
		    "port. They outlive it, and then keep the port from who "
		    "does not set SO_REUSEADDR.",
		.remedy = "They end with their program; a server that is "
		    "started anew should set SO_REUSEADDR.",
		.source = "accept(2); socket(7), SO_REUSEADDR",
	},
	[CONFLICT_CLOSING] = {
		.name = "closing",
		.because = "The connection is being closed, and the kernel "
		    "waits for the peer's last word. Often no process holds "
		    "the socket any more (an orphan): there is nobody to be "
		    "killed.",
		.remedy = "Wait (net.ipv4.tcp_fin_timeout, "
		    "tcp_orphan_retries), set SO_REUSEADDR, or close the "
		    "socket with sockdeck close.",
		.source = "RFC 9293 section 3.6; tcp(7), tcp_fin_timeout",
	},
	[CONFLICT_TIME_WAIT] = {
		.name = "time-wait",
		.because = "This end closed first, and for 60 seconds the "
		    "kernel keeps the address pair, so that late segments of "
		    "the old connection are not taken for those of a new one. "
		    "No process holds the port: there is nobody to be killed.",
		.remedy = "Set SO_REUSEADDR before bind(2), as servers do, "
		    "or wait.",
		.source = "RFC 9293 section 3.6.1; socket(7), SO_REUSEADDR",
	},
	[CONFLICT_UNSEEN] = {
		.name = "unseen",
		.because = "The kernel says that the port is in use, but no "
		    "socket that explains it could be seen.",
		.remedy = "Look again as root; before Linux 6.8 bound "
		    "sockets that do not listen are not shown to anybody.",
		.source = "bind(2), EADDRINUSE",
	},
	[CONFLICT_PRIVILEGED] = {
		.name = "privileged",
		.because = "Ports below net.ipv4.ip_unprivileged_port_start "
		    "(1024 unless changed) are for programs with "
		    "CAP_NET_BIND_SERVICE in the user namespace that owns "
		    "this network namespace. The kernel asks that before it "
		    "looks whether the port is free.",
		.remedy = "Run the program as root, give it the capability "
		    "(setcap, or AmbientCapabilities= in its unit), let "
		    "systemd pass the socket, or lower the limit.",
		.source = "bind(2), EACCES; capabilities(7); ip(7)",
	},
	[CONFLICT_NOT_LOCAL] = {
		.name = "not-local",
		.because = "A socket can only be bound to an address of this "
		    "machine (of this network namespace). Behind NAT the "
		    "public address is the router's.",
		.remedy = "Bind one of the addresses named here or the "
		    "wildcard; IP_FREEBIND or net.ipv4.ip_nonlocal_bind allow "
		    "an address that comes later.",
		.source = "bind(2), EADDRNOTAVAIL; ip(7), IP_FREEBIND",
	},
	[CONFLICT_NO_FAMILY] = {
		.name = "no-family",
		.because = "The kernel has no sockets of this family: it was "
		    "started with ipv6.disable=1, or built without.",
		.remedy = "Bind an address of the other family.",
		.source = "socket(2), EAFNOSUPPORT",
	},
	[CONFLICT_NO_DEVICE] = {
		.name = "no-device",
		.because = "A link-local address means nothing without its "
		    "interface, and a socket can only be tied to an interface "
		    "that is there.",
		.remedy = "Name the interface: [fe80::1%eth0]:8080.",
		.source = "ipv6(7); RFC 4007 section 11",
	},
	[CONFLICT_POLICY] = {
		.name = "policy",
		.because = "Something that is neither the port's number nor "
		    "another socket forbids it: a security module (SELinux, "
		    "AppArmor, Landlock), seccomp, or a BPF program of the "
		    "cgroup.",
		.remedy = "Look into the audit log (ausearch -m avc), and at "
		    "SocketBindDeny= and RestrictAddressFamilies= of the "
		    "unit.",
		.source = "bind(2); systemd.resource-control(5)",
	},
	[CONFLICT_OTHER_ERROR] = {
		.name = "error",
		.because = "The attempt itself failed.",
		.remedy = NULL,
		.source = "bind(2), socket(2)",
	},
	[CONFLICT_REDIRECT] = {
		.name = "redirect",
		.because = "A NAT rule of the firewall gives packets for this "
		    "port another destination before any socket is looked "
		    "for: a server bound here starts without an error and "
		    "gets none of them.",
		.remedy = "Remove the rule, or bind the port it leads to.",
		.source = "nft(8), NAT statements; iptables-extensions(8)",
	},
	[CONFLICT_REUSEADDR] = {
		.name = "reuseaddr-helps",
		.because = "SO_REUSEADDR, set before bind(2), lets a TCP "
		    "socket be bound where nobody listens and every socket "
		    "that has the port had set it, too. It was tried just "
		    "now, with listen(2).",
		.remedy = NULL,
		.source = "socket(7), SO_REUSEADDR",
	},
	[CONFLICT_REUSEADDR_NOT] = {
		.name = "reuseaddr-no-help",
		.because = "SO_REUSEADDR does not help here (it was tried): "
		    "a listener is in the way, or a socket whose program had "
		    "not set it before its own bind(2).",
		.remedy = NULL,
		.source = "socket(7), SO_REUSEADDR",
	},
	[CONFLICT_REUSEPORT] = {
		.name = "reuseport",
		.because = "Sockets that all set SO_REUSEPORT before bind(2) "
		    "share a port; the kernel spreads connections and "
		    "datagrams over them. It was not tried here: it would "
		    "take some of them from the holder.",
		.remedy = NULL,
		.source = "socket(7), SO_REUSEPORT",
	},
	[CONFLICT_REUSEPORT_UID] = {
		.name = "reuseport-user",
		.because = "Sockets with SO_REUSEPORT share a port only among "
		    "those of the same effective user, so that nobody can "
		    "steal another's connections.",
		.remedy = "Run both programs as the same user.",
		.source = "socket(7), SO_REUSEPORT",
	},
	[CONFLICT_UDP_SHARE] = {
		.name = "reuseaddr-shares",
		.because = "UDP sockets that all set SO_REUSEADDR may have the "
		    "same port: each gets the multicast, a datagram for one "
		    "host goes to the socket that was bound last. It was not "
		    "tried here: it would take datagrams from the holder.",
		.remedy = NULL,
		.source = "socket(7), SO_REUSEADDR; ip(7), multicast",
	},
	[CONFLICT_OTHER_ADDRESS] = {
		.name = "other-address",
		.because = "The same port at another address of this machine "
		    "is another port: it is not in the way.",
		.remedy = NULL,
		.source = "bind(2); RFC 9293 section 3.3.1",
	},
	[CONFLICT_V6ONLY] = {
		.name = "v6only",
		.because = "It set IPV6_V6ONLY: [::] is IPv6 alone here, and "
		    "IPv4 is not held by it.",
		.remedy = NULL,
		.source = "ipv6(7), IPV6_V6ONLY",
	},
	[CONFLICT_OTHER_DEVICE] = {
		.name = "other-device",
		.because = "It is tied to another network interface "
		    "(SO_BINDTODEVICE): the same port can be bound by a "
		    "socket tied to a different one.",
		.remedy = NULL,
		.source = "socket(7), SO_BINDTODEVICE",
	},
	[CONFLICT_OTHER_NETNS] = {
		.name = "other-namespace",
		.because = "Each network namespace has all ports for itself: "
		    "what is held there is free here.",
		.remedy = NULL,
		.source = "network_namespaces(7)",
	},
	[CONFLICT_OTHER_PROTO] = {
		.name = "other-protocol",
		.because = "TCP and UDP ports are apart: the same number in "
		    "the other protocol is another port.",
		.remedy = NULL,
		.source = "RFC 6335 section 6",
	},
	[CONFLICT_EPHEMERAL_RANGE] = {
		.name = "ephemeral-range",
		.because = "The port lies in the range from which the kernel "
		    "gives outgoing connections their own port: a client may "
		    "have it at the moment a server wants it.",
		.remedy = "Use a port outside of the range, or reserve this "
		    "one.",
		.source = "ip(7), ip_local_port_range; RFC 6335 section 6",
	},
	[CONFLICT_RESERVED] = {
		.name = "reserved",
		.because = "The port is reserved: the kernel gives it to no "
		    "client by itself. Who asks for it by number gets it, so "
		    "this keeps nobody from binding it.",
		.remedy = NULL,
		.source = "kernel documentation, ip-sysctl: "
		    "ip_local_reserved_ports",
	},
	[CONFLICT_RACE] = {
		.name = "changed",
		.because = "By the rules this socket should have been in the "
		    "way, but binding worked: it was closed in between, or "
		    "the kernel knows better.",
		.remedy = NULL,
		.source = "bind(2)",
	},
	[CONFLICT_CLIENT] = {
		.name = "client",
		.because = "It is connected to this port from another one: it "
		    "holds nothing here, and killing it frees nothing (lsof "
		    "-ti :PORT names it all the same).",
		.remedy = NULL,
		.source = "RFC 9293 section 3.3.1",
	},
};

const struct conflict_fact *
conflict_fact(enum conflict_kind kind)
{
	return &facts[kind < CONFLICT_NKINDS ? kind : CONFLICT_OTHER_ERROR];
}

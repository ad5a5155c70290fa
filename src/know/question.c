/* SPDX-License-Identifier: ISC */
/*
 * The questions with which lessons on ports end, in their order. A test runs
 * every command.
 */
#include "config.h"

#include "know/question.h"

#include <stddef.h>

/* clang-format off */
const struct question questions[] = {
	{ .ask =
		"Some ports are reserved for specific services. Can they not be "
		"used for anything else?",
	    .answer =
		"They can. IANA assigns numbers so that two services do not "
		"choose the same one; nothing enforces it. Any program may bind "
		"to any port that is free, and a service may run on any other, "
		"if its clients are told.\n"
		"Two things do hold. On Linux a program needs a privilege for "
		"the ports below 1024, or wherever "
		"net.ipv4.ip_unprivileged_port_start is. And the kernel does "
		"not hand out by itself what is in "
		"net.ipv4.ip_local_reserved_ports.",
	    .run =
		"sockdeck explain 3307\n"
		"sockdeck explain services unofficial",
	    .see = "well-known port, privileged port, reserved port, IANA",
	    .source = "RFC 6335 section 6; ip(7)" },
	{ .ask = "How can I check which port numbers are free to use?",
	    .answer =
		"By trying: a port is free if it can be bound. A list of what "
		"listens is not enough, since a port may be bound without "
		"listening, held by a client, or left in TIME-WAIT.\n"
		"sockdeck free tries and prints numbers that can be bound now; "
		"sockdeck why PORT tells of one port whether it can, and if not "
		"why. What is free now may be taken a moment later: a program "
		"that needs any port should bind to port 0.",
	    .run =
		"sockdeck free\n"
		"sockdeck why 8000\n"
		"sockdeck free -n 3 8000-8999",
	    .see = "port conflict, port 0, ephemeral port, BOUND",
	    .source = "bind(2); ip(7)" },
	{ .ask =
		"How can I find which process is running on a specific port?",
	    .answer =
		"Ask for the port, and look at the sockets that listen on it: "
		"their owner is the server. Sockets whose peer has the port "
		"belong to clients of some other server. Without root you see "
		"the owners of your own sockets only.",
	    .run =
		"sockdeck explain 22\n"
		"sockdeck list -l port:22",
	    .see = "owner, client, listening",
	    .source = "proc(5); lsof(8)" },
	{ .ask = "How can I find which port is used by a given service?",
	    .answer =
		"By name: sockdeck explain NAME tells the ports that are "
		"assigned to it, or usual. That is what it should use. What it "
		"does use, the table tells: look for its process or unit among "
		"the sockets that listen.",
	    .run =
		"sockdeck explain ssh\n"
		"sockdeck explain services mail\n"
		"sockdeck list -l --columns process,unit,local",
	    .see = "service name, IANA, systemd unit",
	    .source = "RFC 6335; services(5)" },
	{ .ask = "What is the purpose of ports in networking?",
	    .answer =
		"An IP address leads a packet to a machine. The port leads it "
		"to the right socket there, and so to the right program. With "
		"the port of the sender beside it, one machine can hold "
		"thousands of conversations at once, and each answer finds its "
		"way back.",
	    .run =
		"sockdeck explain port\n"
		"sockdeck explain multiplexing",
	    .see = "port, socket, multiplexing, demultiplexing",
	    .source = "RFC 9293 section 2.2; RFC 768" },
	{ .ask = "How many ports are there in total, and how do they work?",
	    .answer =
		"A port is a number of 16 bits: 0 to 65535, 65536 in all, and 0 "
		"is not used on the wire. TCP and UDP count separately, and so "
		"does every address and every network namespace.\n"
		"0-1023 are well-known (System Ports), 1024-49151 registered "
		"(User Ports), 49152-65535 dynamic. A server binds to the "
		"number its clients know; a client gets one from the ephemeral "
		"range. They bound how many servers fit on an address, not how "
		"many connections: those are named by both ends.",
	    .run =
		"sockdeck explain 443\n"
		"sockdeck explain \"ephemeral port\"",
	    .see =
		"port, well-known port, registered port, dynamic port, socket "
		"pair",
	    .source = "RFC 6335 section 6; RFC 9293 section 3.1" },
	{ .ask = "What is the difference between TCP and UDP ports?",
	    .answer =
		"The numbers are alike, but each protocol has its own: 53/tcp "
		"and 53/udp may belong to two programs. What differs is the "
		"protocol. TCP makes connections and delivers bytes in order, "
		"again if need be; its servers listen. UDP sends single "
		"datagrams and promises nothing; its servers have a bound "
		"socket and no state.\n"
		"Neither is the secure one: both are in the clear unless TLS, "
		"QUIC or the like is used.",
	    .run =
		"sockdeck list -tul\n"
		"sockdeck explain tcp udp",
	    .see = "TCP, UDP, listening, UNCONNECTED",
	    .source = "RFC 9293; RFC 768" },
	{ .ask = "How can I view the open ports of a server?",
	    .answer =
		"On the server: list what listens, in TCP and UDP, and see how "
		"far each can be reached. From outside: scan it, since only "
		"that shows what a firewall lets through.",
	    .run =
		"sockdeck list -tuln\n"
		"sockdeck list -l exposed",
	    .see = "open, exposed, port scan, firewall",
	    .source = "ss(8); nmap's Reference Guide" },
	{ .ask = "What is nmap and how is it used?",
	    .answer =
		"A port scanner: it sends packets to the ports of a machine and "
		"tells which answer (open), refuse (closed) or stay silent "
		"(filtered). nmap TARGET tries the 1000 TCP ports that are most "
		"often open, -p- all from 1 on, -sU UDP, -sV asks what answers. "
		"Scan only what is yours, or what you were asked to.\n"
		"On the machine itself the kernel's own table is quicker and "
		"complete; a scan from elsewhere tells what others reach.",
	    .run =
		"sockdeck explain \"port scan\"\n"
		"sockdeck explain \"syn scan\"",
	    .see =
		"port scan, SYN scan, UDP scan, version detection, filtered",
	    .source = "nmap's Reference Guide" },
	{ .ask =
		"How can I find the process associated with a specific port?",
	    .answer =
		"lsof -i :PORT and sockdeck list -i :PORT show every socket "
		"with that port at either end, clients too. Take the ones that "
		"listen before you stop anything, and stop the unit or the "
		"container if there is one, since it would start the process "
		"again.",
	    .run =
		"sockdeck list -l --columns local,pid,user,process,unit\n"
		"sockdeck list -i :22",
	    .see = "owner, process, systemd unit, docker-proxy, lsof",
	    .source = "lsof(8); proc(5)" },
	{ .ask =
		"What is a firewall, and why is it important with regard to "
		"ports?",
	    .answer =
		"Rules on which packets may pass, by addresses, ports, "
		"direction and conversation. It decides who can reach a program "
		"that listens: this network, one machine, nobody. So a service "
		"that some need is not offered to all, and one that was started "
		"by mistake is not reached at all.\n"
		"It does not close the port (the program still listens) and "
		"does not make a program safe that it lets others reach. Stop "
		"what nobody needs, bind the rest to the narrowest address, and "
		"let the firewall be the second line.",
	    .run =
		"sockdeck list -l exposed\n"
		"sockdeck explain firewall",
	    .see = "firewall, exposed, filtered, port knocking",
	    .source = "RFC 2979; nft(8)" },
	{ .ask = NULL }
};
/* clang-format on */

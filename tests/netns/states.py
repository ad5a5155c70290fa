#!/usr/bin/env python3
"""Makes a TCP socket in every state there is, and UDP ones, on loopback.

Prints "ready" once all are in place and holds them until standard input
ends. Needs a network namespace of its own (lo is brought up here).
"""
import fcntl
import os
import select
import socket
import struct
import sys

TCP_DEFER_ACCEPT = 9
TCP_INFO = 11
STATES = dict(established=1, syn_sent=2, fin_wait_1=4, fin_wait_2=5,
              close_wait=8, closing=11)
keep = []


def lo_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, 0x8914, struct.pack('16sh22x', b'lo', 1 | 64))


def tcp(family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_STREAM)
    keep.append(s)
    return s


def listener(addr='127.0.0.1', family=socket.AF_INET, backlog=16, v6only=None):
    s = tcp(family)
    if v6only is not None:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    s.bind((addr, 0))
    s.listen(backlog)
    return s


def pair(addr='127.0.0.1', family=socket.AF_INET, small=False, to=None):
    server = listener(addr, family)
    if small:  # inherited: a window that fills at once
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
    client = tcp(family)
    client.connect((to, server.getsockname()[1]) if to
                   else server.getsockname())
    peer, _ = server.accept()
    keep.append(peer)
    return client, peer, server


def wait_state(sock, name):
    """Until the kernel says so: the other end answers by softirq."""
    poll = select.poll()
    poll.register(sock, 0)
    for _ in range(1000):
        if sock.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 104)[0] == \
                STATES[name]:
            return
        poll.poll(10)
    sys.exit('states.py: a socket never got to ' + name)


def fill(sock):
    """Until the peer's window and our buffer are full."""
    sock.setblocking(False)
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    while poll.poll(200):
        try:
            sock.send(b'x' * 65536)
        except BlockingIOError:
            pass


def main():
    lo_up()
    # LISTEN: IPv4, dual stack, IPv6 only
    listener('0.0.0.0')
    listener('::', socket.AF_INET6, v6only=0)
    listener('::1', socket.AF_INET6, v6only=1)
    # ESTABLISHED: IPv4, IPv6, IPv4 on an IPv6 listener
    pair()
    pair('::1', socket.AF_INET6)
    dual = listener('::', socket.AF_INET6, v6only=0)
    mapped = tcp()
    mapped.connect(('127.0.0.1', dual.getsockname()[1]))
    keep.append(dual.accept()[0])
    mapped.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # A connection that is still to be accepted: the queue's length is told
    queued = listener()
    tcp().connect(queued.getsockname())
    # FIN-WAIT-2 and CLOSE-WAIT
    client, peer, _ = pair()
    client.shutdown(socket.SHUT_WR)
    wait_state(client, 'fin_wait_2')
    wait_state(peer, 'close_wait')
    # TIME-WAIT
    client, peer, _ = pair()
    client.close()
    peer.recv(1)
    peer.close()
    # FIN-WAIT-1: the end stands behind data that nobody reads
    client, peer, _ = pair(small=True)
    fill(client)
    client.shutdown(socket.SHUT_WR)
    wait_state(client, 'fin_wait_1')
    # CLOSING: and the other end does the same
    client, peer, _ = pair(small=True)
    fill(client)
    client.shutdown(socket.SHUT_WR)
    peer.shutdown(socket.SHUT_WR)
    wait_state(client, 'closing')
    # LAST-ACK: the peer ended first, our end stands behind data; an orphan
    client, peer, _ = pair(small=True)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
    fill(peer)
    client.shutdown(socket.SHUT_WR)
    wait_state(peer, 'close_wait')
    wait_state(client, 'fin_wait_2')
    peer.close()
    # SYN-SENT: the listener's queue is full, so it does not answer
    full = listener(backlog=0)
    tcp().connect(full.getsockname())
    syn = tcp()
    syn.setblocking(False)
    syn.connect_ex(full.getsockname())
    wait_state(syn, 'syn_sent')
    # SYN-RECEIVED: it waits for data before it takes the connection
    defer = listener()
    defer.setsockopt(socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, 60)
    tcp().connect(defer.getsockname())
    # BOUND
    for family, addr in ((socket.AF_INET, '127.0.0.1'),
                         (socket.AF_INET6, '::1')):
        tcp(family).bind((addr, 0))
    # UDP
    for family, addr in ((socket.AF_INET, '127.0.0.1'),
                         (socket.AF_INET6, '::1'), (socket.AF_INET6, '::')):
        s = socket.socket(family, socket.SOCK_DGRAM)
        s.bind((addr, 0))
        keep.append(s)
        if addr == '::':
            continue
        c = socket.socket(family, socket.SOCK_DGRAM)
        c.connect(s.getsockname())
        c.send(b'12345')
        keep.append(c)
    # Bound to an interface; marked, where we may
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    keep.append(s)
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'lo')
        s.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 0x1f)
    except PermissionError:
        pass
    s.bind(('127.0.0.1', 0))
    print('ready', flush=True)
    sys.stdin.read()
    os._exit(0)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""SYN scans and host discovery with privilege, over a veth pair: what is there
is known, and where nmap is installed it is asked the same. FORGED=1000000 is
the flood at full length."""
import collections
import json
import os
import random
import socket
import struct
import sys

import scanlab
from scanlab import HOST
from scanrun import events_of, fail, nmap, run_tests, same


def scan(*args, status=(0, 1)):
    """(hosts, ports, notes) of a scan: {addr: event}, {(addr, port): event},
    [text]. Each port is told once."""
    hosts, ports, notes = {}, {}, []
    for e in events_of(*args, status=status):
        if e['ev'] == 'host':
            hosts[e['addr']] = e
        elif e['ev'] == 'port':
            key = e['addr'], e['port']
            if key in ports:
                fail('told twice:', key)
            ports[key] = e
        elif e['ev'] == 'note':
            notes.append(e['text'])
    return hosts, ports, notes


def found(ports, addr):
    return {p: (e['state'], e['reason'])
            for (a, p), e in ports.items() if a == addr}


def states(lab):
    """Open, closed, dropped, rejected with ICMP, rejected with RST."""
    ports = [22, 80, 81, 88, 443, 5000, 5001, 9000, 9009, 10000, 10999, 11000,
             11001, 31337, 65535]
    text = scanlab.ports_text(ports)
    truth = scanlab.truth_tcp('fw')
    # Or a second scan of the same host within a second would hear none.
    lab.target.sysctl('net.ipv4.icmp_ratelimit', 0)
    lab.target.sysctl('net.ipv6.icmp.ratelimit', 0)
    for family, addr in HOST.items():
        args = ['-6'] if family == 6 else []
        hosts, told, _ = scan('-sS', '-p', text, addr, *args)
        ours = found(told, addr)
        why = {'open': 'syn-ack', 'closed': 'reset',
               'filtered': 'no-response'}
        want = {p: (truth(p), why[truth(p)]) for p in ports}
        for p in 11000, 11001:
            want[p] = 'filtered', 'admin-prohibited'
        same('a firewalled host, IPv%d' % family, ours, want)
        for p in ports:
            ttl = told[addr, p].get('ttl')
            if (ttl == 64) != (want[p][1] != 'no-response'):
                fail('port', p, 'has a ttl of', ttl)
        theirs = nmap('-sS', addr, text)
        if theirs is not None:
            same("nmap's word, IPv%d" % family, ours, theirs)


def counted(lab, rule, work):
    """How many packets match a rule where the target's come in."""
    lab.target.nft('table inet count {\n counter hits { }\n chain in {\n'
                   'type filter hook prerouting priority -300\n'
                   '%s counter name hits\n}\n}\n' % rule)
    work()
    out = lab.target.run('nft', '-j', 'list', 'counters')
    lab.target.run('nft', 'delete', 'table', 'inet', 'count')
    for item in json.loads(out)['nftables']:
        if 'counter' in item:
            return item['counter']['packets']
    fail('no counter')


def silence(lab):
    """Filtered is said after three unanswered probes, and not after many."""
    n = counted(lab, 'tcp dport 5000',
                lambda: scan('-sS', '-p', '22,5000', HOST[4]))
    if not 3 <= n <= 6:
        fail(n, 'packets to a silent port')


def all_ports(lab):
    """Every port of both families, none missed, none too many."""
    for family, addr in HOST.items():
        args = ['-6'] if family == 6 else []
        sent = []

        def work():
            _, told, notes = scan('-sS', '-p-', addr, *args)
            sent.append(found(told, addr))
        n = counted(lab, 'tcp flags & (syn | ack | rst) == syn', work)
        truth = scanlab.truth_tcp('none')
        if len(sent[0]) != 65535:
            fail(len(sent[0]), 'ports were told')
        wrong = {p: s for p, (s, _) in sent[0].items() if s != truth(p)}
        if wrong:
            fail('IPv%d: these are not so: %s' % (family, wrong))
        # A machine that is busy with other tests repeats some.
        if n > 1.15 * 65535:
            fail(n, 'packets were sent')


def forged_syn_ack(count):
    """Sends SYN-ACKs that answer nothing, from the target's namespace: to
    every port that may be ours, in the name of closed ports."""
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    rnd = random.Random(1)
    print('ready', flush=True)
    while True:
        for _ in range(count):
            sport = rnd.randrange(1, 65536)
            head = struct.pack('>HHIIBBHHH', sport, rnd.randrange(33000, 60016),
                               rnd.getrandbits(32), rnd.getrandbits(32),
                               5 << 4, 0x12, 1024, 0, 0)
            try:
                s.sendto(head, ('10.66.0.1', 0))
            except OSError:
                pass
        print('done', flush=True)
        if not sys.stdin.readline():
            return


def forged(lab):
    """What nobody was asked for is nobody's open port, also in a flood."""
    count = int(os.environ.get('FORGED', '20000'))
    flood = scanlab.Process([sys.executable, __file__, 'flood', str(count)],
                            lab.target.inside)
    truth = scanlab.truth_tcp('none')
    while True:
        _, told, _ = scan('-sS', '-p', '1-20000', HOST[4])
        wrong = {p: s for p, (s, _) in found(told, HOST[4]).items()
                 if s != truth(p)}
        if wrong or len(told) != 20000:
            fail('in a flood of forged answers:', wrong, len(told))
        # At least one scan fell into it from beginning to end.
        if flood.p.stdout in select_now(flood.p.stdout):
            break
    flood.end()


def select_now(f):
    import select
    return select.select([f], [], [], 0)[0]


def neighbours(lab):
    """ARP and ND: who is there has a hardware address; who does not answer is
    sent nothing else."""
    ours = json.loads(lab.client.run('ip', '-j', 'link', 'show', 'v-cli'))
    ours = ours[0]['address']
    there, silent = '10.66.4.77', '10.66.5.77'
    told = {}

    def work():
        told.update(scan('-sS', '-p', '22,23', there, silent)[0])
    # Whatever else would reach the silent one goes to every host of the link.
    n = counted(lab, 'ip daddr %s' % silent, work)
    if n:
        fail(n, 'packets to a neighbour that answers no ARP')
    e = told.get(there)
    if e is None or not e['up'] or e['reason'] != 'arp-response':
        fail('a neighbour:', e)
    mac = e.get('mac', '').lower()
    if len(mac) != 17 or mac == ours:
        fail('its hardware address:', mac)
    if told.get(silent, {}).get('up'):
        fail('a silent neighbour is up:', told[silent])
    hosts, _, _ = scan('-6', '-sn', 'fd66::5', 'fd66::abcd')
    e = hosts.get('fd66::5')
    if e is None or not e['up'] or e['reason'] != 'nd-response' or \
            e.get('mac', '').lower() != mac:
        fail('an IPv6 neighbour:', e)
    if hosts.get('fd66::abcd', {}).get('up'):
        fail('a silent IPv6 neighbour is up')


def many(lab):
    """More neighbours than the kernel's table of them holds (gc_thresh3):
    each port of each has its answer, and the scan fills no table. That
    is one for all namespaces, so the kernel's own RSTs, which would fill it, and
    other tests' neighbours with it, do not leave."""
    lab.target.ip('route add local 10.66.16.0/21 dev lo\n')
    lab.client.nft('table inet calm {\n chain out {\n'
                   'type filter hook output priority 0\n'
                   'meta l4proto tcp tcp flags & rst == rst drop\n}\n}\n')
    hosts, told, notes = scan('-sS', '-p', '22,24', '10.66.16.0/21')
    lab.client.run('nft', 'delete', 'table', 'inet', 'calm')
    got = collections.Counter((p, e['state'], e['reason'])
                              for (_, p), e in told.items())
    if got != {(22, 'open', 'syn-ack'): 2048, (24, 'closed', 'reset'): 2048}:
        fail('2,048 neighbours:', dict(got), notes)
    there = len(json.loads(lab.client.run('ip', '-j', 'neigh') or '[]'))
    if there > 256:
        fail('the kernel was made to know', there, 'neighbours')


def behind(lab):
    """Beyond a router: by echo; where that is dropped by SYN or ACK."""
    for addr, silent in (('10.67.0.9', '10.67.1.9'), ('fd67::9', None)):
        args = ['-sn'] + (['-6'] if ':' in addr else [])
        hosts, _, _ = scan(*args, *[a for a in (addr, silent) if a])
        e = hosts.get(addr, {})
        if not e.get('up') or e['reason'] not in ('echo-reply', 'reset',
                                                  'syn-ack'):
            fail('a host behind a router:', e)
        if silent and hosts.get(silent, {}).get('up'):
            fail('a silent host is up:', hosts[silent])
        for dropped, want in (
                ('tcp flags & (syn | ack) != 0', 'echo-reply'),
                ('meta l4proto { icmp, icmpv6 } icmpx type echo-request',
                 ('reset', 'syn-ack'))):
            if 'icmpx' in dropped:
                dropped = ('icmpv6 type echo-request' if ':' in addr else
                           'icmp type echo-request')
            lab.target.nft('table inet wall {\n chain in {\n'
                           'type filter hook prerouting priority -200\n'
                           '%s drop\n}\n}\n' % dropped)
            hosts, _, _ = scan(*args, addr)
            lab.target.run('nft', 'delete', 'table', 'inet', 'wall')
            e = hosts.get(addr, {})
            if not e.get('up') or e['reason'] not in want:
                fail(addr, 'where', dropped, 'is dropped:', e)
    # Neither echo nor SYN: an ACK gets through a filter without memory.
    lab.target.nft('table inet wall {\n chain in {\n'
                   'type filter hook prerouting priority -200\n'
                   'icmp type echo-request drop\n'
                   'tcp flags & (syn | ack) == syn drop\n}\n}\n')
    hosts, _, _ = scan('-sn', '10.67.0.9')
    lab.target.run('nft', 'delete', 'table', 'inet', 'wall')
    if hosts.get('10.67.0.9', {}).get('reason') != 'reset':
        fail('by ACK alone:', hosts)


def here(lab):
    """Over lo: this machine's addresses, whatever link has them."""
    listener = socket.create_server(('::', 7777), family=socket.AF_INET6,
                                    dualstack_ipv6=True)
    with open('/proc/net/if_inet6') as f:
        for line in f:
            w = line.split()
            if w[5] == 'v-cli' and w[3] == '20':
                local = ':'.join(w[0][i:i + 4] for i in range(0, 32, 4))
    local = socket.inet_ntop(socket.AF_INET6,
                             socket.inet_pton(socket.AF_INET6, local))
    for addr in ('127.0.0.1', '127.0.0.77', '10.66.0.1', '::1', 'fd66::1',
                 local + '%v-cli'):
        args = ['-6'] if ':' in addr else []
        _, told, _ = scan('-sS', '-p', '7770-7780', addr, *args)
        got = {p: (e['state'], e['reason']) for (_, p), e in told.items()}
        want = {p: ('open', 'syn-ack') if p == 7777 else ('closed', 'reset')
                for p in range(7770, 7781)}
        same('our own address ' + addr, got, want)
    listener.close()
    # The link's broadcast address is nobody's.
    out = scan('-sn', '10.66.255.254/31', status=(0, 1))
    if '10.66.255.255' in out[0] or '10.66.255.254' not in out[0]:
        fail('the broadcast address was asked:', out)
    # A neighbour by its link-local address.
    out = json.loads(lab.target.run('ip', '-j', '-6', 'addr', 'show', 'dev',
                                    'v-tgt', 'scope', 'link'))
    far = [a['local'] for i in out for a in i.get('addr_info', []) if a][0]
    hosts, told, _ = scan('-6', '-sS', '-p', '21,24', far + '%v-cli')
    got = {p: e['state'] for (_, p), e in told.items()}
    if got != {21: 'open', 24: 'closed'}:
        fail('a link-local neighbour:', hosts, got)


def unsent(lab):
    """What this machine's firewall keeps is no answer of the other's."""
    lab.client.nft('table inet gate {\n chain out {\n'
                   'type filter hook output priority 0\n'
                   'tcp dport 5000-5009 drop\n}\n}\n')
    _, told, notes = scan('-sS', '-p', '21-25,5000-5009', HOST[4],
                          status=(0, 1, 3, 4))
    lab.client.run('nft', 'delete', 'table', 'inet', 'gate')
    got = found(told, HOST[4])
    if set(got) != set(range(21, 26)):
        fail('ports that could not be asked for are told:', got)
    if not notes:
        fail('nothing is said of ports that could not be asked for')


def main():
    if len(sys.argv) > 1 and sys.argv[1] == 'flood':
        forged_syn_ack(int(sys.argv[2]))
        return
    scanlab.enter('nft')
    scanlab.neighbours_alone()
    run_tests([('fw', [states, silence]),
               ('none', [all_ports, forged, neighbours, many, behind, here,
                         unsent])])


if __name__ == '__main__':
    main()

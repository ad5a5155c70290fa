#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""UDP scans over a veth pair: what is there is known, and where nmap is
installed it is asked the same. UDP_CLOSED=200 is the target that limits its
ICMP errors at full length (200 s)."""
import json
import os
import socket
import subprocess
import sys
import threading

import scanlab
from scanlab import HOST
from scanrun import SOCKDECK, events_of, fail, nmap, run_tests, same

OPEN = 'open', 'udp-response'
CLOSED = 'closed', 'port-unreach'
SILENT = 'open|filtered', 'no-response'
GATE = '''
table inet gate {
    chain in {
        type filter hook prerouting priority -200
        %s
    }
}
'''


def scan(*args, **how):
    """Events of a scan by their kind."""
    events = {'port': [], 'host': [], 'note': [], 'progress': []}
    for e in events_of(*args, **how):
        events.setdefault(e['ev'], []).append(e)
    return events


def found(events, addr):
    got = {}
    for e in events['port']:
        if e['addr'] == addr:
            if e['port'] in got:
                fail('told twice:', e)
            got[e['port']] = e['state'], e['reason']
    return got


def limit(lab, ms):
    """Of its ICMP errors: one in so long, six at once."""
    lab.target.sysctl('net.ipv4.icmp_ratelimit', ms)
    lab.target.sysctl('net.ipv6.icmp.ratelimit', ms)
    lab.target.sysctl('net.ipv4.icmp_msgs_per_sec', 100000)


def states(lab):
    """Open, closed, dropped, rejected as closed, rejected as prohibited."""
    limit(lab, 0)
    lab.target.nft(GATE % 'udp dport 22000-22002 counter')
    lab.target.run('nft', 'insert', 'rule', 'inet', 'lab', 'in', 'udp',
                   'dport', '22000-22002', 'reject', 'with', 'icmpx',
                   'admin-prohibited')
    want = {p: OPEN for p in (53, 123, 161)}
    want.update((p, CLOSED) for p in list(range(20000, 20010)) +
                [21000, 21001])
    want.update((p, ('filtered', 'admin-prohibited'))
                for p in range(22000, 22003))
    want.update((p, SILENT) for p in (500, 514, 30000, 30001, 65535))
    text = scanlab.ports_text(want)
    for family, addr in HOST.items():
        args = ['-6'] if family == 6 else []
        events = scan('-sU', '-p', text, addr, *args)
        ours = found(events, addr)
        same('a firewalled host, IPv%d' % family, ours, want)
        for e in events['port']:
            if (e.get('ttl') == 64) != (e['reason'] != 'no-response'):
                fail('the ttl of', e)
    theirs = nmap('-sU', addr, text)
    if theirs is not None:
        same("nmap's word", ours, theirs)


def firewall(lab):
    """No error ever comes: no crawling, and not more than a few packets."""
    lab.target.nft('table inet count {\n counter hits { }\n chain in {\n'
                   'type filter hook prerouting priority -300\n'
                   'udp dport 40000 counter name hits\n}\n}\n')
    events = scan('-sU', '-p', '40000-40099', HOST[4])
    out = json.loads(lab.target.run('nft', '-j', 'list', 'counters'))
    lab.target.run('nft', 'delete', 'table', 'inet', 'count')
    n = [i['counter']['packets'] for i in out['nftables'] if 'counter' in i]
    same('what is dropped', found(events, HOST[4]),
         {p: SILENT for p in range(40000, 40100)})
    if not 3 <= n[0] <= 8:
        fail(n[0], 'packets to a silent port')


def limited(lab):
    """Linux's own limit. Closed is closed, silent is silent, and services are
    not kept waiting for either."""
    count = int(os.environ.get('UDP_CLOSED', '6'))
    limit(lab, 1000)
    lab.target.nft(GATE % 'udp dport 30000-30003 drop')
    closed = range(31000, 31000 + count)
    want = {p: OPEN for p in (53, 137, 5353)}
    want.update((p, SILENT) for p in range(30000, 30004))
    want.update((p, CLOSED) for p in closed)
    # Two addresses of one machine: what one of them says takes from the other.
    events = scan('-sU', '-p', scanlab.ports_text(want), HOST[4], '10.66.0.3')
    lab.target.run('nft', 'delete', 'table', 'inet', 'gate')
    for addr in HOST[4], '10.66.0.3':
        check_limited(found(events, addr), want)
    order = [e['state'] for e in events['port']]
    if 'closed' not in order[order.index('open'):] or \
            'open' in order[-count // 3:]:
        fail('services had to wait:', order)
    if not any("target's own rate" in e['phase'] for e in events['progress']):
        fail('what is waited for is not told:', events['progress'][-3:])


def hasty(lab):
    """-T5 repeats less, but what is repeated at the target's pace is no
    haste: closed stays closed. --max-retries is the user's word."""
    limit(lab, 500)
    want = {p: CLOSED for p in range(31000, 31016)}
    text = scanlab.ports_text(want)
    got = found(scan('-sU', '-Pn', '-T5', '-p', text, HOST[4]), HOST[4])
    same('hasty', got, want)
    got = found(scan('-sU', '-Pn', '--max-retries', '0', '-p', text, HOST[4]),
                HOST[4])
    if len(got) != len(want) or SILENT not in got.values():
        fail('--max-retries 0 was not heeded:', got)


def check_limited(got, want):
    closed = [p for p in want if want[p] == CLOSED]
    right = sum(got.get(p) == CLOSED for p in closed)
    print('%d of %d closed ports are called so' % (right, len(closed)))
    if right * 100 < len(closed) * 99:
        fail('closed ports:', {p: got.get(p) for p in closed
                               if got.get(p) != CLOSED})
    same('the others', {p: s for p, s in got.items() if p not in closed},
         {p: s for p, s in want.items() if p not in closed})


def unreachable(lab):
    """A router's word is no host's: it is told who said so."""
    limit(lab, 0)
    lab.target.sysctl('net.ipv4.ip_forward', 1)
    lab.target.ip('route del blackhole 10.67.1.0/24\n'
                  'route add unreachable 10.67.1.0/24\n')
    events = scan('-sU', '-Pn', '-p', '53,9999', '10.67.1.5')
    same('behind a router', found(events, '10.67.1.5'),
         {p: ('filtered', 'host-unreach') for p in (53, 9999)})
    for e in events['port']:
        if e.get('from') != HOST[4]:
            fail('who said so is not told:', e)


def echo(s):
    while True:
        text, peer = s.recvfrom(2000)
        s.sendto(text, peer)


def here(lab):
    """This machine's own addresses hold nothing back; and the scanner's own
    sockets are no services."""
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(('::', 7777))
    threading.Thread(target=echo, args=(s,), daemon=True).start()
    for addr in '127.0.0.1', '10.66.0.1', '::1', 'fd66::1':
        args = ['-6'] if ':' in addr else []
        events = scan('-sU', '-p', '7700-7800', addr, *args)
        want = {p: CLOSED for p in range(7700, 7801)}
        want[7777] = OPEN
        same('our own address ' + addr, found(events, addr), want)
    # Its sockets get ports of these: each is asked for, too.
    lab.client.sysctl('net.ipv4.ip_local_port_range', '50000 50060')
    events = scan('-sU', '-p', '50000-50060', '127.0.0.1')
    lab.client.sysctl('net.ipv4.ip_local_port_range', '32768 60999')
    same('ports that are the scanner\'s', found(events, '127.0.0.1'),
         {p: CLOSED for p in range(50000, 50061)})


def unsent(lab):
    """What this machine's firewall keeps has no verdict."""
    limit(lab, 0)
    lab.client.nft('table inet gate {\n chain out {\n'
                   'type filter hook output priority 0\n'
                   'udp dport 6000-6009 drop\n}\n}\n')
    events = scan('-sU', '-p', '53,6000-6010', HOST[4], status=(0, 1, 3, 4))
    lab.client.run('nft', 'delete', 'table', 'inet', 'gate')
    same('what was sent', found(events, HOST[4]), {53: OPEN, 6010: CLOSED})
    if not events['note']:
        fail('nothing is said of ports that could not be asked for')


def liar():
    """Answers from another port, from another address, and as TFTP does."""
    bound = {}
    for addr, port in (HOST[4], 4000), (HOST[4], 4001), ('10.66.0.3', 4000), \
            (HOST[4], 69), (HOST[4], 0):
        bound[addr, port] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound[addr, port].bind((addr, port))
    import select
    print('ready', flush=True)
    while True:
        for s in select.select([sys.stdin] + list(bound.values()), [], [])[0]:
            if s is sys.stdin:
                return
            _, peer = s.recvfrom(2000)
            if s is bound[HOST[4], 4000]:
                bound[HOST[4], 4001].sendto(b'not me', peer)
                bound['10.66.0.3', 4000].sendto(b'nor me', peer)
            elif s is bound[HOST[4], 69]:
                bound[HOST[4], 0].sendto(b'\0\5\0\1not found\0', peer)


def answers(lab):
    """Only the address and port that were asked can answer; TFTP talks on
    from a new port."""
    other = scanlab.Process([sys.executable, __file__, 'liar'],
                            lab.target.inside)
    events = scan('-sU', '-p', '69,4000', HOST[4])
    other.end()
    same('who answers', found(events, HOST[4]), {69: OPEN, 4000: SILENT})


def ping(lab):
    """Without privilege, where net.ipv4.ping_group_range lets us: by echo."""
    nobody = ['env', 'HOME=/', 'setpriv', '--reuid=65534', '--regid=65534',
              '--clear-groups']
    if subprocess.run(nobody + ['test', '-x', SOCKDECK],
                      stderr=subprocess.DEVNULL).returncode != 0:
        print('not root, or no setpriv here: not tried')
        return
    lab.client.sysctl('net.ipv4.ping_group_range', '65534 65534')
    lab.target.nft(GATE % 'meta l4proto tcp drop')
    there = {4: ['10.67.0.9', HOST[4]], 6: ['fd67::9', HOST[6]]}
    for family, addrs in there.items():
        args = ['-6'] if family == 6 else []
        silent = 'fd66::abcd' if family == 6 else '10.66.5.9'
        events = scan('-sn', *args, *addrs, silent, before=nobody)
        got = {e['addr']: e['reason'] for e in events['host'] if e['up']}
        if got != {a: 'echo-reply' for a in addrs}:
            fail('by echo:', got)
        for e in events['host']:
            if e['up'] and (e.get('ttl') != 64 or not e.get('rtt_us')):
                fail('ttl and round trip of', e)
    lab.target.run('nft', 'delete', 'table', 'inet', 'gate')


def main():
    if sys.argv[1:] == ['liar']:
        liar()
        return
    scanlab.enter('nft')
    run_tests([('fw', [states, firewall]),
               ('none', [limited, hasty, unreachable, here, unsent, answers,
                         ping])])


if __name__ == '__main__':
    main()

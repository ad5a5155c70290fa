#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`sockdeck scan` finds what is there, over each link of the lab: no open port
is missed, none is invented, filtered is only what is dropped and was asked at
least three times.

SCAN_FULL=1: all ports, SCAN_ROUNDS (10) times."""
import json
import os

import scanlab
from scanlab import HOST, Lab, TCP, UDP, ports_text
from scanrun import FULL, fail, scan

scanlab.enter('nft')

ROUNDS = int(os.environ.get('SCAN_ROUNDS', '10' if FULL else '1'))
# Of each kind of the firewall's, and much that is merely closed.
SMALL = sorted(set(TCP) | set(range(1, 1501)) | set(range(9000, 9010)) |
               set(range(10900, 11020)))
# Not all four of technique and family unless SCAN_FULL.
BRIEF = 'rtt20', 'lossy', 'slow', 'fw20'
ALL = range(1, 65536)
LOST_AT_LEAST = 3


def one_host():
    for profile in 'none', 'rtt20', 'lossy', 'slow', 'fw', 'fw20':
        with Lab(profile) as lab:
            state = scanlab.truth_tcp(profile)
            ports = ALL if FULL else SMALL
            want = {p: state(p) for p in ports}
            for how in '-sT', '-sS':
                for family in 4, 6:
                    if not FULL and profile in BRIEF and \
                            (how, family) not in (('-sT', 4), ('-sS', 6)):
                        continue
                    for _ in range(ROUNDS):
                        told = scan([how, '-Pn', '-p', ports_text(ports)] +
                                    (['-6'] if family == 6 else []) +
                                    [HOST[family]])
                        told.whole().must_be(want, addr=HOST[family])
                    print(profile, how, 'IPv%d' % family,
                          'packets', told.of('end')[0].get('sent'),
                          'in', told.of('end')[0]['t_us'], 'us')
            if lab.link:
                full = [w['overrun'] for w in lab.wire_counters().values()]
                if any(full):
                    print('   (the wire had no room for', full, 'frames)')


def silence_is_asked_again():
    """Each packet to a port that drops is counted."""
    rules = ('table inet count { chain in { type filter hook input priority '
             '-10\n' + ''.join('tcp dport %d counter drop\n' % p
                               for p in range(7000, 7010)) + '}\n}\n')
    with Lab('none') as lab:
        for how in '-sT', '-sS':
            lab.target.nft(rules)
            scan([how, '-Pn', '-p', '6990-7009', HOST[4]]).whole().must_be(
                {p: 'filtered' if p >= 7000 else 'closed'
                 for p in range(6990, 7010)})
            seen = [e['counter']['packets'] for o in json.loads(
                lab.target.run('nft', '-j', 'list', 'table', 'inet',
                               'count'))['nftables'] if 'rule' in o
                    for e in o['rule']['expr'] if 'counter' in e]
            if len(seen) != 10 or min(seen) < LOST_AT_LEAST:
                fail(how, 'probes to ports that drop:', seen)
            print(how, 'probes to ports that drop:', seen)
            lab.target.nft('delete table inet count')


def many_hosts():
    """Silent hosts beside others, routed and on the link."""
    with Lab('none'):
        for how in '-sT', '-sS':
            told = scan([how, '-p', '21,22,24', '10.67.0.0/29',
                         '10.67.1.0/29', '10.66.4.8/30',
                         '10.66.5.8/30']).whole()
            up = {'10.67.0.%d' % i for i in range(8)} | \
                {'10.66.4.%d' % i for i in range(8, 12)}
            found = {e['addr'] for e in told.of('host')
                     if e.get('up', True)}
            if found != up:
                fail(how, 'up:', sorted(found ^ up), 'differ')
            for addr in up:
                told.must_be({21: 'open', 22: 'open', 24: 'closed'},
                             addr=addr)
            others = {k[0] for k in told.port} - up
            if others:
                fail(how, 'ports of silent hosts:', others)
        told = scan(['-sn', '10.67.0.0/29', '10.67.1.0/29']).whole()
        found = {e['addr'] for e in told.of('host') if e.get('up', True)}
        if found != {'10.67.0.%d' % i for i in range(8)}:
            fail('-sn, up:', sorted(found))
        told = scan(['-6', '-sn', 'fd67::/125', 'fd66::8/125']).whole()
        found = {e['addr'] for e in told.of('host') if e.get('up', True)}
        if found != {'fd67::' + ('%x' % i if i else '') for i in range(8)} | \
                {'fd66::8', 'fd66::9'}:
            fail('-sn -6, up:', sorted(found))


def udp():
    with Lab('none') as lab:
        # As fast as it likes: how its limit is met is scan_limits.py's.
        lab.target.sysctl('net.ipv4.icmp_ratelimit', 0)
        lab.target.sysctl('net.ipv6.icmp.ratelimit', 0)
        for family in 4, 6:
            ports = UDP + list(range(40000, 40020))
            told = scan(['-sU', '-Pn', '-p', 'U:' + ports_text(ports)] +
                        (['-6'] if family == 6 else []) + [HOST[family]])
            told.whole().must_be(
                {p: 'open' if p in UDP else 'closed' for p in ports}, 'udp')


scanlab.neighbours_alone()
one_host()
silence_is_asked_again()
many_hosts()
udp()

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What a scanner must not overstep, and what it must not mistake for an
answer: descriptors, ports of its own, --max-rate, addresses nobody means,
errors of sending. failures.md N7, N9, N10, N11, N16.

SCAN_FULL=1: more of each."""
import json
import threading
import time

import scanlab
from scanlab import HOST, Lab, TCP, ports_text, sysctl
from scanrun import FULL, Scan, can_syn, fail, scan

scanlab.enter('nft')

HOW = ['-sT'] + (['-sS'] if can_syn() else [])


def few_descriptors():
    """N7: over 20 ms, so that one is not done before the next begins."""
    with Lab('rtt20'):
        ports = list(range(1, 101)) + [65535]
        want = {p: 'open' if p in TCP else 'closed' for p in ports}
        for how, nofile in ('-sT', 16), ('-sT', 64), (HOW[-1], 64):
            for family in 4, 6:
                scan([how, '-Pn', '-p', ports_text(ports)] +
                     (['-6'] if family == 6 else []) + [HOST[family]],
                     nofile).whole().must_be(want)


def meets_itself():
    """N9: with 1,000 ports to connect from, and those are scanned."""
    sysctl('net.ipv4.ip_local_port_range', '20000 20999')
    for addr in ['127.0.0.1', '::1'] * (20 if FULL else 4):
        six = ['-6'] if ':' in addr else []
        scan(['-sT', '-Pn', '-p', '20000-20999'] + six +
             [addr]).whole().must_be(
                 {p: 'closed' for p in range(20000, 21000)})
    sysctl('net.ipv4.ip_local_port_range', '32768 60999')


def busiest(samples):
    """Packets a second, over any span of a second or more."""
    most, j = 0, 0
    for at, n in samples:
        while j + 1 < len(samples) and at - samples[j + 1][0] >= 1:
            j += 1
        span = at - samples[j][0]
        if span >= 1:
            most = max(most, (n - samples[j][1]) / span)
    return most


def max_rate():
    """N10: packets that the firewall counts, against the clock."""
    with Lab('none') as lab:
        lab.target.nft('table inet count { counter probes { }; chain in { type '
                       'filter hook input priority -10\n tcp dport '
                       '40000-65000 counter name probes\n }\n}\n')

        def counted():
            return json.loads(lab.target.run(
                'nft', '-j', 'list', 'counter', 'inet', 'count', 'probes'))[
                    'nftables'][1]['counter']['packets']
        for how in HOW:
            for most in (500, 5000, 20000) if FULL else (1000,):
                ports = min(25000, 2 * most + most // 2)
                samples, over = [], threading.Event()

                def sample():
                    while not over.wait(0.01):
                        n = lab.traffic()[0]
                        samples.append((time.monotonic(), n))
                t = threading.Thread(target=sample)
                before = counted()
                t.start()
                told = scan([how, '-Pn', '--max-rate', str(most), '-p',
                             '40000-%d' % (39999 + ports), HOST[4]]).whole()
                over.set()
                t.join()
                n, rate = counted() - before, busiest(samples)
                print('%s --max-rate %d: %d packets, %.0f in the busiest '
                      'second' % (how, most, n, rate))
                if len(told.port) != ports or n < ports:
                    fail(how, len(told.port), 'ports,', n, 'packets')
                if rate > 1.05 * most:
                    fail(how, '--max-rate', most, 'but', rate)


SPECIAL = {
    4: ['0.0.0.0', '0.0.0.1', '0.1.2.3', '0.255.255.255', '224.0.0.1',
        '224.0.0.251', '225.1.2.3', '232.1.1.1', '239.255.255.250',
        '239.255.255.255', '240.0.0.1', '241.2.3.4', '250.0.0.0',
        '255.0.0.1', '255.255.255.254', '255.255.255.255',
        # Of the link's own network.
        '10.66.255.255'],
    6: ['ff00::1', 'ff01::1', 'ff02::1', 'ff02::2', 'ff02::fb', 'ff02::1:2',
        'ff03::1', 'ff04::1', 'ff05::2', 'ff08::1', 'ff0e::1', 'ff15::1234',
        'ff3e::8000:1', 'ffff::1', 'ff12:3:4::5']}


def special():
    """N11: 32 of them; frames are counted where they would arrive."""
    def table(family, addrs):
        return ('table netdev lab%d { chain in { type filter hook ingress '
                'device v-tgt priority 0\n%s daddr { %s } counter\n }\n}\n' %
                (family, 'ip' if family == 4 else 'ip6', addrs))

    with Lab('none') as lab:
        # ND and MLD are the kernel's own, so TCP alone is counted there.
        lab.target.nft(table(4, ', '.join(SPECIAL[4] + ['10.66.0.9'])) +
                       table(6, 'ff00::/8').replace(
                           'counter', 'meta l4proto tcp counter'))

        def arrived():
            return [e['counter']['packets'] for o in json.loads(
                lab.target.run('nft', '-j', 'list', 'ruleset'))['nftables']
                    if 'rule' in o for e in o['rule']['expr']
                    if 'counter' in e]
        for how in HOW:
            for ping in ['-Pn'], []:
                for family in 4, 6:
                    s = Scan([how, '-p', '22'] + ping +
                             (['-6'] if family == 6 else []) +
                             SPECIAL[family])
                    told = s.end()
                    if told.port:
                        fail(how, 'told of', list(told.port))
        if arrived() != [0, 0]:
            fail('packets to special addresses:', arrived())
        # The counters count, and --force means it.
        scan(['-sT', '-Pn', '-p', '22', '10.66.0.9']).whole()
        if arrived()[0] == 0:
            fail('nothing was counted')
        if can_syn():
            before = arrived()[0]
            scan(['-sS', '-Pn', '-p', '22', '--max-retries', '0', '--force',
                  '240.0.0.1'])
            if arrived()[0] == before:
                fail('--force sent nothing to 240.0.0.1')


def not_sent():
    """N16: a firewall of our own, and no route, are no verdicts."""
    with Lab('none') as lab:
        # 1100-1109 leave unharmed.
        ports = '1090-1109'
        lab.client.nft('table inet mine { chain out { type filter hook '
                       'output priority 0\n tcp dport 1090-1099 drop\n }\n}\n')
        if can_syn():
            told = scan(['-sS', '-Pn', '-p', ports, HOST[4]])
            told.must_be({p: 'closed' for p in range(1100, 1110)})
            if not told.of('note'):
                fail('nothing was said of packets that could not be sent')
        lab.client.nft('delete table inet mine')
        lab.client.ip('route del default\n')
        for how in HOW:
            for addr, six in ('198.51.100.9', []), ('2001:db8::9', ['-6']):
                told = scan([how, '-Pn', '-p', ports] + six + [addr])
                if told.port:
                    fail(how, addr, 'has no route, but', told.port)


few_descriptors()
meets_itself()
max_rate()
special()
not_sent()

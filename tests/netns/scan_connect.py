#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Connect scans: what ICMP errors make of a port, addresses of a link's own
scope, neighbours that are not there, and that nothing is left behind."""
import json
import subprocess

import scanlab
from scanlab import HOST, Lab, TCP, ports_text
from scanrun import fail, scan

scanlab.enter('nft', 'ss')

# What a firewall may answer, as nft says it: what is to be told.
REJECTS = {
    4: {'icmp type net-unreachable': 'net-unreach',
        'icmp type host-unreachable': 'host-unreach',
        'icmp type port-unreachable': 'port-unreach',
        'icmp type host-prohibited': 'host-prohibited',
        'icmp type admin-prohibited': 'admin-prohibited',
        'tcp reset': 'conn-refused'},
    6: {'icmpv6 type no-route': 'net-unreach',
        'icmpv6 type addr-unreachable': 'host-unreach',
        'icmpv6 type port-unreachable': 'port-unreach',
        'icmpv6 type admin-prohibited': 'admin-prohibited',
        'tcp reset': 'conn-refused'}}


def rejected():
    """Each kind of answer by its own word; those of ICMP mean filtered."""
    with Lab('none') as lab:
        for family, kinds in REJECTS.items():
            rules = ['table inet %s { chain in { type filter hook input '
                     'priority 0' % ('v%d' % family)]
            for i, kind in enumerate(kinds):
                rules.append('meta nfproto ipv%d tcp dport %d reject with %s'
                             % (family, 2000 + i, kind))
            lab.target.nft('\n'.join(rules) + '\n}\n}\n')
            told = scan((['-6'] if family == 6 else []) +
                        ['-sT', '-Pn', '-p', '22,2000-%d' %
                         (1999 + len(kinds)), HOST[family]]).whole()
            got = {e['port']: (e['state'], e['reason'])
                   for e in told.of('port')}
            want = {2000 + i: ('closed' if why == 'conn-refused' else
                               'filtered', why)
                    for i, why in enumerate(kinds.values())}
            want[22] = 'open', 'syn-ack'
            if got != want:
                fail('IPv%d rejects:' % family, got, 'right:', want)


def link_local():
    """fe80:: means something on its link alone."""
    with Lab('none') as lab:
        for line in lab.target.run('ip', '-6', 'addr', 'show', 'dev',
                                   'v-tgt').splitlines():
            if 'fe80' in line:
                addr = line.split()[1].split('/')[0]
        told = scan(['-6', '-sT', '-p', '1-1000', addr + '%v-cli']).whole()
        want = {p: 'open' if p in TCP else 'closed' for p in range(1, 1001)}
        told.must_be(want)


def nothing_left():
    """Whatever was open is reset: no TIME-WAIT, no other socket remains."""
    with Lab('none'):
        scan(['-sT', '-Pn', '-p', ports_text(TCP), HOST[4],
              HOST[6]]).whole().must_be({p: 'open' for p in TCP},
                                        addr=HOST[4])
        left = scanlab.must(['ss', '-Htan', 'dst 10.66.0.2 or dst [fd66::2]'])
        if left:
            fail('sockets are left:', left)


def nobody_there():
    """Neighbours that do not answer: the kernel's own word for it is no
    verdict, and its table of neighbours is not filled with them."""
    with Lab('none'):
        told = scan(['-sT', '-Pn', '--max-retries', '1', '-p', '22,80',
                     '10.66.77.0/24']).whole()
        for e in told.of('port'):
            if (e['state'], e['reason']) != ('filtered', 'no-response'):
                fail('of nobody:', e)
        if len(told.of('port')) != 512:
            fail(len(told.of('port')), 'ports were told, of 512')
        out = subprocess.run(['ip', '-j', 'neigh'], capture_output=True,
                             text=True, check=True)
        if len(json.loads(out.stdout)) > 600:
            fail('neighbours:', len(json.loads(out.stdout)))


rejected()
link_local()
nothing_left()
nobody_there()

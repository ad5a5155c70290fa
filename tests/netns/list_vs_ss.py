#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The tutorials' commands list what ss, netstat and lsof list."""
import subprocess
import sys

import netlib

COMMANDS = [            # ours, ss's
    ('-tan', '-tan'), ('-at', '-tan'), ('-tul', '-tuln'),
    ('-plunt', '-tuln'), ('-ta4', '-tan4'), ('-ta6', '-tan6'),
    ('-u', '-uan'), ('-ul', '-uln'), ('-tuna', '-tuna'), ('', '-tuna'),
    ('-tunap', '-tuna'), ('-tl', '-tln'), ('-teoim', '-tan'),
    ('-Pn -i4', '-tuna4'), ('-Pn -i6', '-tuna6'),
    ('-PiTCP -sTCP:LISTEN', '-tln'), ('-iUDP', '-uan'),
    ('-iTCP', '-tan'), ('-sTCP:ESTABLISHED,CLOSE_WAIT -iTCP',
                        '-tn state established state close-wait'),
]


def lsof_ports(args):
    """{(proto, local port)} of lsof: it lists what a process holds."""
    out = subprocess.run(['lsof', '-nP', '-F', 'Pn'] + args,
                         capture_output=True, text=True)
    found, proto = set(), None
    for line in out.stdout.splitlines():
        if line.startswith('P'):
            proto = line[1:].lower()
        elif line.startswith('n') and proto in ('tcp', 'udp'):
            found.add((proto, line[1:].split('->')[0].rpartition(':')[2]))
    return found


def main():
    netlib.enter()
    netlib.zoo()
    bad = 0
    for ours, theirs in COMMANDS:
        bad += netlib.same('list %s = ss %s' % (ours, theirs),
                           netlib.our_rows(ours.split()),
                           netlib.ss_rows(theirs.split()))
        # The same on paper: one line a socket.
        text = netlib.run(['list', '-H'] + ours.split())
        lines = text.stdout.splitlines()
        rows = [x for x in lines if ' BOUND ' not in x]
        want = len(netlib.ss_rows(theirs.split()))
        if len(rows) != want or text.returncode != 0:
            print('list -H %s: %d lines, not %d, status %d: %s' %
                  (ours, len(rows), want, text.returncode, text.stderr))
            bad += 1
    bad += netlib.same('list -i :80',
                       netlib.our_rows(['-i', ':80']),
                       netlib.ss_rows(['-tuna', 'sport = :80 or dport = :80']))
    if subprocess.run(['sh', '-c', 'command -v lsof'],
                      stdout=subprocess.DEVNULL).returncode == 0:
        for args in (['-iTCP', '-sTCP:LISTEN'], ['-i4'], ['-iUDP']):
            held = {(p, str(local[1])) for p, _, local, _ in
                    netlib.our_rows(args)}
            missing = lsof_ports(args) - held
            if missing:
                print('lsof', args, 'has these too:', missing)
                bad += 1
    none = netlib.run(['list', 'sport = :1'])
    if none.returncode != 1:
        print('nothing matched: status', none.returncode)
        bad += 1
    sys.exit(1 if bad else 0)


main()

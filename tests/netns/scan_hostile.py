#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Targets that want to cost much, or to lie: `sockdeck scan` neither grows nor
hangs nor believes them. failures.md N1, N2, N15.

SCAN_FULL=1: a million forged answers."""
import scanlab
from scanlab import HOST, Lab, Process, TCP, ports_text
from scanrun import FULL, Scan, can_syn, fail, scan, wait_for

scanlab.enter()

TARPITS = range(20000, 20100)
ENDLESS = range(21000, 21064)
GROWTH_KB = 2048
READ_MOST = 64 * 1024


def peak_of(args, want):
    """The worker's, once it has told all it found."""
    s = Scan(args)
    worker = [0]

    def look(ev):
        if ev['ev'] != 'hello':
            worker[0] = max(worker[0], scanlab.peak_kb(
                scanlab.worker_of(s.p.pid) or 0))
        return False
    s.until(look)
    s.end().whole().must_be(want)
    if worker[0] == 0:
        fail(args, 'its memory was not seen')
    return worker[0]


def costly():
    """100 tarpits and 64 greetings without end, beside as many that close."""
    with Lab('none', kinds=['-s', ports_text(TARPITS),
                            '-e', ports_text(ENDLESS)],
             tcp=range(22000, 22164)) as lab:
        plain = peak_of(['-sT', '-Pn', '-p', '22000-22163', HOST[4]],
                        {p: 'open' for p in range(22000, 22164)})
        hostile = list(TARPITS) + list(ENDLESS)
        grown = peak_of(['-sT', '-Pn', '-p', ports_text(hostile), HOST[4]],
                        {p: 'open' for p in hostile}) - plain
        told = lab.host.counters()
        print('tarpits: %d connections, endless: %d, %d bytes each; the '
              'worker grew by %d KiB' % (told['silent'], told['endless'],
                                         told['flooded'] // len(ENDLESS),
                                         grown))
        if told['silent'] != len(TARPITS) or \
                told['endless'] != len(ENDLESS):
            fail('connections', told, 'not one a port')
        if told['flooded'] > READ_MOST * len(ENDLESS):
            fail('bytes taken from endless servers:', told)
        if grown > GROWTH_KB:
            fail('the worker grew by', grown, 'KiB')


def forged():
    """SYN-ACKs from every port, their numbers guessed, while it scans."""
    if not can_syn():
        return
    count = 1000000 if FULL else 100000
    with Lab('rtt20') as lab:
        liar = Process([scanlab.BUILD + '/tests/scanlab/forge', 'v-tgt',
                        HOST[4], '10.66.0.1', str(count)], lab.target.inside)
        try:
            ports = list(range(1, 20001))
            # Slow enough for the liar to be at it all the while.
            told = scan(['-sS', '-Pn', '-p', ports_text(ports),
                         '--max-rate', '15000', HOST[4]]).whole()
            told.must_be({p: 'open' if p in TCP else 'closed'
                          for p in ports})
            sent = liar.counters()['sent']
            print('forged SYN-ACKs: %d by the end, none believed' % sent)
            if sent == 0:
                fail('the liar saw no SYN')
            wait_for('all of them', lambda: liar.counters()['sent'] >= count)
        finally:
            liar.end()


costly()
forged()

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`sockdeck scan` beside nmap -T4 and a bare-socket floor, in one run, over
the links of tests/netns/scanlab.py.

    bench_scan.py [PART..]

PART: loopback none rtt20 lossy slow fw (all ports of one host), top, net (1,024
addresses), udp, memory, rate; all of them without one.

    SCAN_RUNS=10       how often ours and the floor run
    SCAN_NMAP_RUNS=3   how often nmap does; once where it takes seconds
    SCAN_NMAP_LOSSY=1  nmap over the lossy link, too: 6 to 15 minutes each;
                       else a recorded figure stands in for it

Each port found open is compared with what listens. Times are medians. A target
that is missed is marked "MISSED", a figure of the lab's own limits "lab full".
"""
import contextlib
import json
import os
import pty
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'netns'))
import scanlab                                          # noqa: E402

BUILD = scanlab.BUILD
DECK = os.path.abspath(os.environ.get('SOCKDECK', BUILD + '/sockdeck'))
RUNS = int(os.environ.get('SCAN_RUNS', '10'))
NMAP_RUNS = int(os.environ.get('SCAN_NMAP_RUNS', '3'))
NMAP_LOSSY = os.environ.get('SCAN_NMAP_LOSSY') == '1'
PORTS = 65535
# On another machine of two cores, nmap 7.93 -T4, medians of 3.
LOSSY_RECORDED = {'-sT': 876, '-sS': 364}
# Most our time may be of nmap's, by profile: connect, SYN.
TARGET = {'loopback': (0.8, 0.7), 'none': (0.8, 0.7),
          'rtt20': (1 / 4, 1 / 5), 'lossy': (1 / 100, 1 / 100),
          'slow': (1.0, 0.85), 'fw': (1 / 8, 1 / 15)}
# What a network that is known asks for.
FLOOR_CONNECT = {'loopback': [], 'none': [], 'rtt20': ['-c', '4500'],
                 'lossy': ['-c', '4500', '-w', '250'], 'slow': [],
                 'fw': ['-c', '4500', '-w', '100']}
FLOOR_SYN = {'loopback': [], 'none': [], 'rtt20': ['-r', '100000'],
             'lossy': ['-r', '100000'], 'slow': ['-r', '10000'],
             'fw': ['-w', '50']}
MISSED = []


class Run:
    """What a command did: seconds, CPU seconds, its peak memory in MB (of
    the worker, if it has one), packets it sent, text."""


def watch_memory(r, pid, over):
    """Of the worker, if there is one below."""
    worker = None
    while not over.wait(0.005 if worker is None else 0.05):
        worker = worker or scanlab.worker_of(pid)
        r.mb = max(0 if worker and not r.worker else r.mb,
                   scanlab.peak_kb(worker or pid) / 1024)
        r.worker = worker


def measure(lab, argv, link='v-cli', each_line=None):
    r = Run()
    r.mb, r.worker = 0, None
    before = lab.traffic(link)[0]
    r.began = time.monotonic()
    p = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True)
    over = threading.Event()
    threads = [threading.Thread(target=watch_memory, args=(r, p.pid, over))]
    err = []
    threads.append(threading.Thread(
        target=lambda: err.append(p.stderr.read())))
    for t in threads:
        t.start()
    lines = []
    for line in p.stdout:
        if each_line:
            each_line(line, time.monotonic() - r.began)
        lines.append(line)
    _, status, use = os.wait4(p.pid, 0)
    r.seconds = time.monotonic() - r.began
    over.set()
    for t in threads:
        t.join()
    p.returncode = os.waitstatus_to_exitcode(status)
    r.status = p.returncode
    r.cpu = use.ru_utime + use.ru_stime
    r.out = ''.join(lines)
    r.err = err[0]
    r.sent = lab.traffic(link)[0] - before
    if r.status != 0:
        print('  %s: status %d: %s' % (' '.join(argv), r.status,
                                      r.err.strip()[-300:]))
        MISSED.append('%s: status %d' % (' '.join(argv), r.status))
    return r


def xml_open(path):
    """{(address, protocol, port)} that are open."""
    found = set()
    for host in ET.parse(path).iter('host'):
        addr = next(a.get('addr') for a in host.iter('address')
                    if a.get('addrtype') != 'mac')
        for port in host.iter('port'):
            if port.find('state').get('state') == 'open':
                found.add((addr, port.get('protocol'),
                           int(port.get('portid'))))
    return found


def scan(lab, program, args, link='v-cli'):
    """A run of ours or of nmap with what it found open, told as XML."""
    with tempfile.TemporaryDirectory() as tmp:
        path = tmp + '/out.xml'
        r = measure(lab, program + ['-n', '-oX', path] + args, link)
        try:
            r.open = xml_open(path)
        except (OSError, ET.ParseError, AttributeError) as e:
            print('  no result of', program[0], args, e)
            r.open = set()
    return r


OURS = [DECK, 'scan']
NMAP = ['nmap', '-T4']


def med(runs, what='seconds'):
    return statistics.median(getattr(r, what) for r in runs)


def spread(runs):
    s = [r.seconds for r in runs]
    return '%.2f s (%.2f-%.2f)' % (med(runs), min(s), max(s))


def verdict(what, value, most, form='%.2f'):
    """value must not be above most."""
    ok = value <= most
    if not ok:
        MISSED.append('%s: %s, not %s' % (what, form % value, form % most))
    return (form + ' (<= ' + form + ')%s') % (value, most,
                                             '' if ok else ' MISSED')


def compare_open(runs, want):
    missed = [len(want - r.open) for r in runs]
    false = [len(r.open - want) for r in runs]
    return missed, false


def lab_full(lab, before):
    """Frames the wire had no room for: its fault and nobody else's."""
    if not lab.link:
        return ''
    now = lab.wire_counters()
    n = sum(now[k]['overrun'] - before[k]['overrun'] for k in now)
    return ', lab full: %d frames' % n if n else ''


def all_ports_of(lab, profile, how, addr, link):
    state = scanlab.truth_tcp('none' if profile == 'loopback' else profile)
    want = {(addr, 'tcp', p) for p in scanlab.TCP if state(p) == 'open'}
    floor_argv = [BUILD + '/tests/bench/floor_connect'] + \
        FLOOR_CONNECT[profile] + [addr]
    if how == '-sS':
        floor_argv = [BUILD + '/tests/bench/floor_syn'] + \
            FLOOR_SYN[profile] + ['127.0.0.1' if profile == 'loopback'
                                  else '10.66.0.1', addr]
    args = [how, '-Pn', '-p-', addr]
    ours, floor, nmap = [], [], []
    counters = lab.wire_counters()
    nmap_runs = NMAP_RUNS if profile in ('loopback', 'none') else 1
    if profile == 'lossy' and not NMAP_LOSSY:
        nmap_runs = 0
    for i in range(max(RUNS, nmap_runs)):
        if i < RUNS:
            floor.append(measure(lab, floor_argv, link))
            ours.append(scan(lab, OURS, args, link))
        if i < nmap_runs:
            nmap.append(scan(lab, NMAP, args, link))
    what = '%s %s' % (profile, how)
    theirs = med(nmap) if nmap else LOSSY_RECORDED[how]
    most = TARGET[profile][how == '-sS']
    print('%-13s ours   %s, %.2f s CPU, %.1f MB, %.2f packets a port%s' % (
        what, spread(ours), med(ours, 'cpu'), max(r.mb for r in ours),
        med(ours, 'sent') / PORTS, lab_full(lab, counters)))
    missed, false = compare_open(ours, want)
    print('%-13s        missed %s, false %s' % (
        '', ' '.join(map(str, missed)), ' '.join(map(str, false))))
    if any(missed) or any(false):
        MISSED.append('%s: open ports missed %s, false %s' %
                      (what, sum(missed), sum(false)))
    print('%-13s nmap   %s%s' % (
        '', '%s, %.2f s CPU, %.1f MB, %.2f packets a port' % (
            spread(nmap), med(nmap, 'cpu'), max(r.mb for r in nmap),
            med(nmap, 'sent') / PORTS) if nmap else
        '%d s (recorded elsewhere; SCAN_NMAP_LOSSY=1 runs it)' % theirs,
        ''))
    if nmap:
        print('%-13s        missed %s, false %s' % (
            '', *(' '.join(map(str, x)) for x in compare_open(nmap, want))))
    print('%-13s floor  %s, %.2f s CPU' % ('', spread(floor),
                                           med(floor, 'cpu')))
    print('%-13s of nmap %s, %.1f times as fast' % (
        '', verdict(what + ' time of nmap\'s', med(ours) / theirs, most,
                    '%.3f'), theirs / med(ours)))
    if profile in ('loopback', 'none'):
        print('%-13s of the floor %s, CPU %s' % (
            '', verdict(what + ' time of the floor\'s',
                        med(ours) / med(floor), 1.5),
            verdict(what + ' CPU of the floor\'s',
                    med(ours, 'cpu') / med(floor, 'cpu'), 1.5)))
    if profile == 'lossy':
        print('%-13s packets a port %s' % (
            '', verdict(what + ' packets a port',
                        med(ours, 'sent') / PORTS, 1.15)))
    print('%-13s peak MB %s' % ('', verdict(what + ' MB', max(
        r.mb for r in ours), 20, '%.1f')), flush=True)


def all_ports(profile):
    with scanlab.Lab('none' if profile == 'loopback' else profile) as lab:
        here = None
        addr, link = scanlab.HOST[4], 'v-cli'
        if profile == 'loopback':
            here = lab.start(here=True)
            addr, link = '127.0.0.1', 'lo'
        for how in '-sT', '-sS':
            all_ports_of(lab, profile, how, addr, link)
        if here:
            here.end()


def top():
    """The 1000 most common ports, and how soon the first one is shown."""
    for profile in 'none', 'rtt20', 'lossy', 'fw':
        with scanlab.Lab(profile) as lab:
            for how in '-sT', '-sS':
                args = [how, '-Pn', '--top-ports', '1000', scanlab.HOST[4]]
                ours, nmap = [], []
                for i in range(5):
                    ours.append(scan(lab, OURS, args))
                    if i < NMAP_RUNS:
                        nmap.append(scan(lab, NMAP, args))
                what = 'top-1000 %s %s' % (profile, how)
                print('%-22s ours %s, nmap %s: %s' % (
                    what, spread(ours), spread(nmap),
                    verdict(what, med(ours) / med(nmap), 1.0)), flush=True)
    with scanlab.Lab('none'):
        for form in ['--jsonl'], []:
            for ports in '-p-', None:
                first_shown(form, ports)


def first_shown(form, ports):
    """JSON Lines in a pipe; text on a terminal (in a pipe a host is told when
    it is done)."""
    argv = OURS + form + ['-n', '-sT', '-Pn'] + ([ports] if ports else []) + \
        [scanlab.HOST[4]]
    first = []
    for _ in range(5):
        began = time.monotonic()
        with shown_by(argv, pipe=bool(form)) as chunks:
            seen = b''
            for chunk in chunks:
                seen = (seen + chunk)[-65536:]
                if re.search(rb'"state":"open"|tcp +open ', seen):
                    first.append((time.monotonic() - began) * 1000)
                    break
            for _ in chunks:
                pass
    what = 'first open port, %s, %s' % (
        ports or 'top-1000', form[0] if form else 'text on a terminal')
    if len(first) < 5:
        print(what, 'was shown', len(first), 'times of 5')
        MISSED.append(what)
        return
    print('%s: %s ms' % (what, verdict(what, statistics.median(first), 100,
                                       '%.0f')), flush=True)


@contextlib.contextmanager
def shown_by(argv, pipe):
    """What it writes, as it comes, to a pipe or a terminal."""
    ours, theirs = os.pipe() if pipe else pty.openpty()
    p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=theirs,
                         stderr=subprocess.DEVNULL if pipe else theirs,
                         env=dict(os.environ, TERM='xterm-256color'))
    os.close(theirs)

    def chunks():
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:     # a terminal that nobody has open any more
                return
            if not data:
                return
            yield data
    yield chunks()
    os.close(ours)
    p.wait()


def net():
    """1,024 addresses, half of them silent, 20 ports."""
    ports = scanlab.TCP[:10] + [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    want = {('10.67.%d.%d' % (a, b), 'tcp', p) for a in (0, 2)
            for b in range(256) for p in ports if p in scanlab.TCP}
    args = ['-p', scanlab.ports_text(ports), '10.67.0.0/22']
    with scanlab.Lab('none') as lab:
        for how, most in ('-sS', 0.5), ('-sT', 1.0):
            ours, nmap = [], []
            for i in range(5):
                ours.append(scan(lab, OURS, [how] + args))
                if i < 2:
                    nmap.append(scan(lab, NMAP, [how] + args))
            missed, false = compare_open(ours, want)
            what = '1,024 addresses %s' % how
            print('%s: ours %s, %.1f MB, %d packets, missed %s, false %s; '
                  'nmap %s, %d packets, missed %s: %s' % (
                      what, spread(ours), max(r.mb for r in ours),
                      med(ours, 'sent'), ' '.join(map(str, missed)),
                      ' '.join(map(str, false)), spread(nmap),
                      med(nmap, 'sent'),
                      ' '.join(map(str, compare_open(nmap, want)[0])),
                      verdict(what, med(ours) / med(nmap), most)), flush=True)
            if any(missed) or any(false):
                MISSED.append('%s: open ports missed %d, false %d' % (
                    what, sum(missed), sum(false)))


def udp():
    """100 common ports of a host that sends one ICMP error a second."""
    with scanlab.Lab('none') as lab:
        found = {}

        def each_line(line, at):
            ev = json.loads(line)
            if ev.get('ev') == 'port' and ev['state'] == 'open':
                found[ev['port']] = at
        r = measure(lab, OURS + ['--jsonl', '-n', '-sU', '-Pn', '-F',
                                 scanlab.HOST[4]], each_line=each_line)
        known = {json.loads(x)['port'] for x in r.out.splitlines()
                 if '"ev":"port"' in x}
        want = set(scanlab.UDP) & known
        late = max([found.get(p, 1e9) for p in want] or [1e9])
        print('UDP, 100 common ports: %d of %d services, the last after %s '
              's; all settled after %.1f s, %d packets' % (
                  len(want & set(found)), len(want),
                  verdict('UDP services', late, 5, '%.2f'), r.seconds,
                  r.sent), flush=True)
        n = scan(lab, NMAP, ['-sU', '-Pn', '-F', scanlab.HOST[4]])
        print('    nmap: %d services, all settled after %.1f s, %d packets' %
              (len(n.open), n.seconds, n.sent), flush=True)


def memory():
    """256 against 262,144 targets: more of them are under way at once, up to
    a limit; beyond it nothing grows."""
    mb = []
    with scanlab.Lab('none') as lab:
        for net in '127.0.0.0/24', '127.0.0.0/14':
            r = measure(lab, OURS + ['-n', '-sT', '-Pn', '-p', '9', '--yes',
                                     '-oG', '/dev/null', net], 'lo')
            mb.append(r.mb)
            print('%s: %.1f MB, %.2f s, %.2f s CPU' % (net, r.mb, r.seconds,
                                                       r.cpu), flush=True)
    print('262,144 targets take more than 256: %s MB' %
          verdict('memory of many targets', mb[1] - mb[0], 2))


def rate():
    """Packets in the busiest second against --max-rate."""
    with scanlab.Lab('none') as lab:
        for how in '-sT', '-sS':
            for most in 500, 5000, 20000:
                samples, over = [], threading.Event()

                def sample():
                    while not over.wait(0.02):
                        samples.append((time.monotonic(),
                                        lab.traffic()[0]))
                t = threading.Thread(target=sample)
                t.start()
                measure(lab, OURS + ['-n', how, '-Pn', '--max-rate',
                                     str(most), '-p', '40000-%d' % min(
                                         65000, 40000 + 3 * most),
                                     scanlab.HOST[4]])
                over.set()
                t.join()
                busiest, j = 0, 0
                for i, (at, n) in enumerate(samples):
                    while at - samples[j][0] > 1.0:
                        j += 1
                    k = max(j - 1, 0)
                    span = max(at - samples[k][0], 1.0)
                    busiest = max(busiest, (n - samples[k][1]) / span)
                what = '--max-rate %d %s' % (most, how)
                print('%s: %.0f packets in the busiest second: %s' % (
                    what, busiest, verdict(what, busiest / most, 1.05)),
                      flush=True)


PARTS = {'top': top, 'net': net, 'udp': udp, 'memory': memory, 'rate': rate}


def main():
    parts = sys.argv[1:] or list(TARGET) + list(PARTS)
    for part in parts:
        if part not in TARGET and part not in PARTS:
            print('parts:', *TARGET, *PARTS)
            sys.exit(2)
    scanlab.enter('nmap', 'nft')
    for part in parts:
        print('-- ' + part)
        if part in TARGET:
            all_ports(part)
        else:
            PARTS[part]()
    print('-- targets missed: %d' % len(MISSED))
    for line in MISSED:
        print('   ' + line)


if __name__ == '__main__':
    main()

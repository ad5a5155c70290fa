#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Which system a host runs (the worker's "tech":"os"), asked of this kernel
over a veth pair and over a link with delay and loss: it is Linux, whatever an
administrator set; silence is nobody, and less that is known is less sure."""
import os
import shutil
import subprocess
import sys
import tempfile

import scanlab
from scanlab import HOST
from scanrun import SOCKDECK, events_of, fail, run_tests

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../worker'))
import workerlib                                            # noqa: E402
from workerlib import Worker, status_of                     # noqa: E402

OPEN, CLOSED = 22, 81


def ask(*asks, **spec):
    """Events os by address; each host is told once."""
    w = Worker(dict(spec, op='scan', tech='os'))
    for a in asks:
        w.say(dict(a, op='ask'))
    w.say({'op': 'go'})
    w.p.stdin.close()
    told = {}
    end = None
    while True:
        e = w.event()
        if e is None:
            break
        if e['ev'] == 'os':
            if e['addr'] in told:
                fail('told twice:', e)
            told[e['addr']] = e
        end = e
    if end['ev'] != 'end' or end['error'] != 0 or w.p.wait() != 0:
        fail('it did not end well:', end)
    if set(told) != {a['addr'] for a in asks}:
        fail('not all were told:', sorted(told))
    return told


def one(addr, **more):
    return ask(dict({'addr': addr, 'open': OPEN, 'closed': CLOSED},
                    **more))[addr]


def is_linux(e, conf, distance=1):
    if e.get('family') != 'Linux' or e['conf'] < conf:
        fail('not Linux:', e)
    if e.get('distance') != distance:
        fail('distance:', e)
    if e['basis'] not in ('measured', 'literature') or not e.get('cpe'):
        fail('what it rests on:', e)


def tests_of(e):
    return {t.split(':')[0] for t in e['seen'].split('; ')}


def both_families(lab):
    del lab
    told = ask(*[{'addr': a, 'open': OPEN, 'closed': CLOSED}
                 for a in HOST.values()])
    for addr in HOST.values():
        is_linux(told[addr], 90)
        if len(tests_of(told[addr])) != 9:
            fail('not all tests were answered:', told[addr])
        if told[addr]['ttl'] != 64 or told[addr]['open'] != OPEN or \
                told[addr]['closed'] != CLOSED:
            fail('what was used:', told[addr])


def here(lab):
    own = lab.start(here=True)
    told = ask(*[{'addr': a, 'open': OPEN, 'closed': CLOSED}
                 for a in ('127.0.0.1', '::1', '10.66.0.1')])
    for e in told.values():
        is_linux(e, 85, distance=0)
    own.end()


def as_it_was_set(lab):
    """None of this makes it another system, but each makes it less sure."""
    sure = one(HOST[4])['conf']
    for name, value, was in (('net.ipv4.ip_default_ttl', 60, 64),
                             ('net.ipv4.tcp_timestamps', 0, 1),
                             ('net.ipv4.tcp_sack', 0, 1),
                             ('net.ipv4.tcp_window_scaling', 0, 1),
                             ('net.ipv4.tcp_ecn', 0, 2),
                             ('net.ipv4.icmp_echo_ignore_all', 1, 0),
                             ('net.ipv4.tcp_rmem', '4096 20000 60000',
                              '4096 131072 6291456')):
        lab.target.sysctl(name, value)
        e = one(HOST[4])
        ttl = name.endswith('ttl')
        is_linux(e, 60, distance=5 if ttl else 1)
        if e['conf'] > sure:
            fail('surer with', name, e)
        lab.target.sysctl(name, was)


def less_is_less_sure(lab):
    """Without a port, with one that is not open, without any answer."""
    del lab
    sure = one(HOST[4])
    silent = '10.67.1.1'
    told = ask({'addr': '10.66.0.3', 'closed': CLOSED},
               {'addr': '10.66.0.4', 'open': OPEN},
               {'addr': '10.66.0.5', 'open': CLOSED, 'closed': OPEN},
               {'addr': '10.66.0.6'},
               {'addr': silent, 'open': OPEN, 'closed': CLOSED})
    if tests_of(told['10.66.0.3']) != {'closed', 'echo'}:
        fail('without an open port:', told['10.66.0.3'])
    if 'closed' not in tests_of(told['10.66.0.4']):
        fail('it finds a closed port itself:', told['10.66.0.4'])
    if tests_of(told['10.66.0.5']) != {'echo'}:
        fail('ports the wrong way round:', told['10.66.0.5'])
    if tests_of(told['10.66.0.6']) != {'closed', 'echo'}:
        fail('without a port:', told['10.66.0.6'])
    for addr in '10.66.0.3', '10.66.0.5', '10.66.0.6':
        if 'name' in told[addr] and told[addr]['conf'] >= sure['conf'] / 2:
            fail('so little is no guess:', told[addr])
    e = told[silent]
    if 'name' in e or e['conf'] != 0 or 'seen' in e or 'distance' in e:
        fail('silence is nobody:', e)


def told_by(events):
    hosts = {e['addr']: e for e in events if e['ev'] == 'os'}
    return hosts, [e for e in events if e['ev'] in ('os', 'host_end')]


def by_command(lab):
    """scan -O: by the ports that it found, before a host is over; in the
    other forms, too."""
    del lab
    hosts, order = told_by(events_of(
        '-O', '-p', '22,81', '10.66.0.2-4', '10.67.1.1', '-Pn',
        '--max-retries', '1'))
    for n in 2, 3, 4:
        is_linux(hosts['10.66.0.%d' % n], 90)
        if hosts['10.66.0.%d' % n]['open'] != 22:
            fail('by another port:', hosts)
    if 'name' in hosts['10.67.1.1']:
        fail('silence:', hosts['10.67.1.1'])
    if len(order) != 8:
        fail('each host once:', order)
    for i, e in enumerate(order):
        if e['ev'] == 'host_end' and not any(
                o['ev'] == 'os' and o['addr'] == e['addr']
                for o in order[:i]):
            fail('over before its system was told:', order)
    hosts, _ = told_by(events_of('-O', '--osscan-limit', '-p', '22',
                                 '10.66.0.2'))
    if hosts:
        fail('no closed port is known:', hosts)
    hosts, _ = told_by(events_of('-O', '--osscan-limit', '-F', '10.66.0.2'))
    is_linux(hosts['10.66.0.2'], 90)
    text = scanlab.must([SOCKDECK, 'scan', '-n', '-O', '-p', '22,81',
                         '10.66.0.2'])
    for line in ('OS details: Linux ', 'OS CPE: cpe:/o:linux',
                 'Network Distance: 1 hop '):
        if '\n' + line not in text:
            fail(line, 'is missing:', text)


def without_right(lab):
    """It is left out with a warning; the rest is done."""
    del lab
    if shutil.which('setpriv') is None:
        return
    events = events_of('-O', '-p', '22,81', '10.66.0.2', status=(0,),
                       before=['setpriv', '--bounding-set', '-all',
                               '--inh-caps', '-all'])
    notes = [e['text'] for e in events if e['ev'] == 'note']
    if not any('-O' in n and 'CAP_NET_RAW' in n for n in notes):
        fail('nothing was said:', notes)
    if any(e['ev'] == 'os' for e in events) or \
            not any(e['ev'] == 'port' and e['port'] == 22 for e in events):
        fail('the rest:', events)


def resumed(lab):
    """Cut off at any line, a scan goes on: each host has its system, those
    that had it before, too."""
    del lab
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, 'journal')
        args = [SOCKDECK, 'scan', '-n', '--resume', path]
        scanlab.must(args + ['-O', '-p', '22,81', '10.66.0.2-5'])
        with open(path) as f:
            lines = f.readlines()
        cuts = [i for i, line in enumerate(lines)
                if '"ev":"os"' in line or '"ev":"port"' in line or
                '"ev":"host_end"' in line]
        for cut in cuts[1::4]:
            with open(path, 'w') as f:
                f.writelines(lines[:cut])
            text = scanlab.must(args)
            if text.count('Scan report for ') != 4 or \
                    text.count('\nOS details: Linux ') != 4:
                fail('cut off at line', cut, lines[cut], text)


def loss(lab):
    del lab
    e = one(HOST[4])
    is_linux(e, 85)


def stop(lab):
    del lab
    w = Worker({'op': 'scan', 'tech': 'os'})
    w.until('start')
    w.say({'op': 'ask', 'addr': '10.67.1.1', 'open': OPEN})
    w.say({'op': 'stop'})
    if w.until('end')['error'] != 3:
        fail('stopped:', w.seen)
    for bad in ({'op': 'scan', 'tech': 'os,syn', 'targets': '10.66.0.2'},
                {'op': 'scan', 'tech': 'os', 'targets': '10.66.0.2'}):
        w = Worker(bad)
        if w.until('end')['error'] != 2:
            fail('not refused:', bad, w.seen)


def no_right(lab):
    """What is missing is said in a sentence."""
    del lab
    if shutil.which('setpriv') is None:
        return
    p = subprocess.run(['setpriv', '--bounding-set', '-all', '--inh-caps',
                        '-all', workerlib.WORKER], text=True,
                       input='{"op":"scan","tech":"os"}\n',
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if p.returncode != 4 or 'CAP_NET_RAW' not in p.stdout:
        fail('without a right:', p.returncode, p.stdout)
    if ',os' in p.stdout.splitlines()[0]:
        fail('it says that it can:', p.stdout)


if __name__ == '__main__':
    scanlab.enter(*scanlab.TOOLS)
    run_tests([('none', [both_families, here, as_it_was_set,
                         less_is_less_sure, stop, no_right, by_command,
                         without_right, resumed]),
               ('lossy', [loss])])

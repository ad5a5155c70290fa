#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The worker's protocol: what it is asked, what it answers, how it ends."""
import json
import os
import select
import signal
import socket
import subprocess
import tempfile

from workerlib import (BUILD, PATIENCE, WORKER, Worker, expect, finish,
                       listener, scan, slow)


def order():
    """hello, target, start, host, its ports, host_end, end."""
    s, port = listener()
    t, other = listener()
    w, last, status = scan(targets='127.0.0.1 127.0.0.2', tech='connect',
                           ports='T:1-50,%d,%d' % (port, other), tell='all',
                           seed=7)
    kinds = [ev['ev'] for ev in w.seen]
    expect('hello, then start', kinds[:2] == ['hello', 'start'], kinds[:3])
    start = w.of('start')[0]
    expect('what will be done', (start['hosts'], start['ports'],
                                 start['probes'], start['seed'],
                                 start['tech']) ==
           (2, 52, 104, 7, 'connect'), start)
    state = {}
    for ev in w.seen:
        if ev['ev'] == 'host':
            expect('each host once', ev['addr'] not in state, ev)
            state[ev['addr']] = set()
        elif ev['ev'] == 'port':
            expect('a port within its host', ev['addr'] in state, ev)
            expect('each port once',
                   ev['port'] not in state[ev['addr']], ev)
            state[ev['addr']].add(ev['port'])
        elif ev['ev'] == 'host_end':
            expect('all its ports were told',
                   len(state[ev['addr']]) == 52 == ev['tcp'], ev)
    for ev in w.of('port'):
        is_open = ev['addr'] == '127.0.0.1' and ev['port'] in (port, other)
        expect('its state', ev['state'] == ('open' if is_open else 'closed'),
               ev)
    expect('all is done', (last['error'], status) == (0, 0), last)
    expect('time goes on', all(a['t_us'] <= b['t_us'] for a, b in
                               zip(w.seen, w.seen[1:])))
    s.close()
    t.close()


def only_what_is_seen():
    s, port = listener()
    w, _, _ = scan(targets='127.0.0.1', ports='T:1-50,%d' % port,
                   tech='connect')
    expect('closed ports are not told',
           [ev['port'] for ev in w.of('port')] == [port], w.of('port'))
    s.close()


def long_request():
    """Lists of many lines; what was done is left out."""
    w = Worker()
    w.say({'op': 'scan', 'more': True, 'tech': 'connect', 'tell': 'all',
           'no_ping': True, 'seed': 3, 'targets': '127.0.0.1'},
          {'op': 'more', 'targets': '127.0.0.2'},
          {'op': 'more', 'targets': '127.0.0.3', 'exclude': '127.0.0.1'},
          {'op': 'more', 'exclude': '127.0.0.3'},
          {'op': 'more', 'ports': 'T:10-12'}, {'op': 'more', 'ports': '20'},
          {'op': 'more', 'done': '0=T:11'}, {'op': 'go'})
    _, status = w.end()
    expect('four ports less one of one host', sorted(
        (ev['addr'], ev['port']) for ev in w.of('port')) ==
           [('127.0.0.2', 10), ('127.0.0.2', 12), ('127.0.0.2', 20)],
           w.of('port'))
    expect('done', status == 0)


def by_file():
    """Standard input and output may be files; epoll takes neither."""
    with tempfile.TemporaryDirectory() as d:
        request, out = os.path.join(d, 'request'), os.path.join(d, 'out')
        # Without a newline at its end.
        with open(request, 'w') as f:
            f.write('{"op":"scan","targets":"127.0.0.1","ports":"T:1-300",'
                    '"tech":"connect","tell":"all"}')
        with open(request) as i, open(out, 'w') as o:
            status = subprocess.run([WORKER], stdin=i, stdout=o,
                                    timeout=PATIENCE).returncode
        with open(out) as f:
            lines = [json.loads(line) for line in f]
        expect('a file: all is there', status == 0 and
               [ev['seq'] for ev in lines] == list(range(len(lines))) and
               sum(ev['ev'] == 'port' for ev in lines) == 300 and
               lines[-1]['ev'] == 'end', status, lines[-1:])
        last = [ev for ev in lines if ev['ev'] == 'progress'][-1]
        expect('the end sums up', lines[-1]['sent'] == last['sent'] and
               # A port that was slow and was asked twice answers twice.
               lines[-1]['received'] == last['answers'] >= 300 and
               lines[-1]['hosts'] == lines[-1]['hosts_up'] == 1, lines[-2:])
        # What follows a request is heeded.
        with open(request, 'w') as f:
            f.write(json.dumps(slow()) + '\n{"op":"stop"}\n')
        with open(request) as i:
            p = subprocess.run([WORKER], stdin=i, stdout=subprocess.PIPE,
                               timeout=PATIENCE)
        expect('a file with a stop', p.returncode == 3, p)
    p = subprocess.run([WORKER], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, timeout=PATIENCE)
    expect('/dev/null asks for nothing', p.returncode == 2, p)


def end_of_input():
    """Only means that no more is asked."""
    w = Worker({'op': 'scan', 'targets': '127.0.0.1', 'ports': 'T:1-100',
                'tech': 'connect', 'max_rate': 1000})
    w.p.stdin.close()
    w.p.stdin = None
    last, status = w.end()
    expect('it goes on to its end', (last['error'], status) == (0, 0), last)


def stop():
    w = Worker(slow())
    w.until('progress')
    w.say({'op': 'stop'})
    last, status = w.end()
    expect('stopped', (last['error'], last['cause'], status) ==
           (3, 'stopped', 3), last, status)


def stop_at_once():
    """Before it has begun."""
    w = Worker(slow())
    w.say({'op': 'stop'})
    last, status = w.end()
    expect('stopped', (last['error'], status) == (3, 3), last, status)


def signals():
    """Are a wish to stop, too: what was found is still told."""
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        w = Worker(slow())
        w.until('progress')
        w.p.send_signal(sig)
        last, status = w.end()
        expect('stopped by a signal', (last['error'], status) == (3, 3),
               sig, last, status)


def pause():
    w = Worker(slow(max_rate=500))
    w.until('progress')
    w.say({'op': 'pause'})
    first = w.until('progress', paused=True)
    second = w.until('progress', paused=True)
    expect('nothing is sent meanwhile', first['sent'] == second['sent'],
           first, second)
    w.say({'op': 'resume'})
    third = w.until('progress')
    while third.get('paused'):
        third = w.until('progress')
    while third['sent'] == second['sent']:
        third = w.until('progress')
    w.say({'op': 'stop'})
    w.end()


def reader_gone():
    """EPIPE ends it, also where it writes little."""
    w = Worker(slow())
    w.until('progress')
    w.p.stdout.close()
    status = w.p.wait(PATIENCE)
    expect('it is over', status == 1, status, w.p.stderr.read())
    w.p.stdin.close()
    w.p.stderr.close()
    # A socket tells it by hanging up; nothing is computed until then.
    ours, theirs = socket.socketpair()
    w = Worker(slow(), stdout=theirs.fileno())
    theirs.close()
    w.p.stdout = ours.makefile('rb', buffering=0)
    w.until('progress')
    w.p.stdout.close()
    ours.close()
    status = w.p.wait(PATIENCE)
    expect('it is over: socket', status == 1, status, w.p.stderr.read())
    w.p.stdin.close()
    w.p.stderr.close()


def reader_slow():
    """Nothing is dropped: it waits."""
    for kw in ({}, {'socket': True}):
        if kw:
            ours, theirs = socket.socketpair()
            w = Worker(stdout=theirs.fileno())
            theirs.close()
            w.p.stdout = ours.makefile('rb', buffering=0)
        else:
            w = Worker()
        w.say({'op': 'scan', 'targets': '127.0.0.1 127.0.0.2',
               'ports': 'T:1-20000', 'tech': 'connect', 'tell': 'all',
               'timing': 5})
        # Until nothing more comes: it waits for us.
        size = -1
        poll = select.poll()
        poll.register(w.p.stdout.fileno(), select.POLLIN)
        while True:
            expect('it writes', poll.poll(PATIENCE * 1000))
            now = cpu_of(w.p.pid)
            if now == size:
                break
            size = now
            select.select([], [], [], 0.3)
        last, status = w.end()
        expect('all ports were told', len({
            (ev['addr'], ev['port']) for ev in w.of('port')}) == 40000 ==
               len(w.of('port')), len(w.of('port')))
        expect('to the end', (last['error'], status) == (0, 0), last)


def cpu_of(pid):
    with open('/proc/%d/stat' % pid) as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return int(fields[11]) + int(fields[12])


BAD_REQUESTS = (
    (b'', 'no request on standard input'),
    (b'\n', 'no request on standard input'),
    (b'scan\n', 'not a line of the protocol: scan'),
    (b'\x1b[2J\n', 'not a line of the protocol: \\x1b[2J'),
    (b'{"op":"stop"}\n', 'the first line is no scan'),
    (b'{"op":"go"}\n', 'the first line is no scan'),
    (b'{"op":"dance"}\n', 'unknown "op": dance'),
    (b'{"op":"scan","v":2}\n', '"v": this worker speaks version 1'),
    (b'{"op":"scan"}\n', '"targets" names nothing to be scanned'),
    (b'{"op":"scan","targets":"127.0.0.1","rate":9}\n',
     'unknown field: rate'),
    (b'{"op":"scan","targets":"127.0.0.1/33"}\n', None),
    (b'{"op":"scan","targets":"127.0.0.1","ports":"T:99999"}\n', None),
    (b'{"op":"scan","targets":"127.0.0.1","ports":"U:1","tech":"connect"}\n',
     '"ports" has none of the protocol that is scanned'),
    (b'{"op":"scan","targets":"127.0.0.1","tech":"connect,syn"}\n',
     '"tech": connect or syn, not both'),
    (b'{"op":"scan","targets":"127.0.0.1","tech":"connect,ping"}\n',
     '"tech": ping and list stand alone'),
    (b'{"op":"scan","more":true}\n',
     'the request ended before {"op":"go"}'),
    (b'{"op":"scan","more":true}\n{"op":"scan"}\n',
     'a scan is under way already'),
    (b'{"op":"scan","targets":"' + b'1' * 5000 + b'"}\n',
     'a line of more than 4096 bytes'),
    (b'x' * 100000, 'a line of more than 4096 bytes'),
    (b'{"op":"scan","targets":"\xff"}\n', None),
    (b'{"op":"scan","targets":"127.0.0.1","targets":"127.0.0.2"}\n', None),
)


def bad_requests():
    for text, cause in BAD_REQUESTS:
        w = Worker()
        try:
            w.say(text)
            w.p.stdin.close()
        except BrokenPipeError:
            pass
        w.p.stdin = None
        last, status = w.end()
        expect('refused: %r' % text[:60],
               (last['error'], status) == (2, 2) and last['cause'] != '' and
               (cause is None or last['cause'] == cause), last)
        expect('nothing was begun', not w.of('start'), w.seen)
    # And while it scans.
    for text, cause in ((b'nonsense\n', 'not a line of the protocol: '
                         'nonsense'),
                        (b'{"op":"scan","targets":"127.0.0.1"}\n',
                         'a scan is under way already'),
                        (b'{"op":"more","targets":"127.0.0.1"}\n',
                         'a scan is under way already')):
        w = Worker(slow())
        w.until('progress')
        w.say(text)
        last, status = w.end()
        expect('a bad line ends it: %r' % text,
               (last['error'], last.get('cause'), status) == (2, cause, 2),
               last)


def nothing_left():
    """What nobody means is excluded; it can be forced (not here)."""
    special = ('224.0.0.1 224.0.0.251 239.255.255.250 232.1.1.1 233.0.0.1 '
               '0.0.0.0 0.0.0.1 0.1.2.3 0.255.255.255 240.0.0.0 240.0.0.1 '
               '250.1.2.3 254.255.255.255 255.0.0.1 255.255.255.254 '
               '255.255.255.255 ff00:: ff01::1 ff02::1 ff02::2 ff02::fb '
               'ff05::2 ff0e::1 ffff::1 ff02::1:ff00:1 :: 224.0.0.0/4 '
               '240.0.0.0/4 0.0.0.0/8 ff02::/96').split()
    expect('thirty ranges', len(special) == 30)
    for targets in special + [' '.join(special)]:
        w, last, status = scan(targets=targets, ports='T:1')
        expect('excluded: ' + targets, (last['error'], status) == (1, 1) and
               'no address is left' in last['cause'] and not w.of('start'),
               last)
    w, last, _ = scan(targets='127.0.0.1 224.0.0.1 255.255.255.255',
                      ports='T:1', tech='connect')
    expect('and the rest is scanned', w.of('start')[0]['hosts'] == 1,
           w.of('start'))


def list_only():
    w, last, status = scan(targets='192.0.2.0/29', exclude='192.0.2.3',
                           tech='list', in_order=True)
    expect('the targets, in their order',
           [ev['addr'] for ev in w.of('host')] ==
           ['192.0.2.%d' % i for i in (0, 1, 2, 4, 5, 6, 7)], w.of('host'))
    expect('done', (last['error'], last['sent'], status) == (0, 0, 0), last)


def same_plan():
    """Runs that may be put together have the same plan."""
    def plan(**kw):
        request = dict({'targets': '192.0.2.0/28', 'tech': 'list',
                        'seed': 1}, **kw)
        return scan(**request)[0].of('start')[0]['plan']
    base = plan()
    expect('the same again', plan() == base)
    expect('spelt otherwise',
           plan(targets='192.0.2.8/29 192.0.2.0-7') == base)
    expect('other addresses', plan(targets='192.0.2.0/27') != base)
    expect('excludes count', plan(exclude='192.0.2.1') != base)
    expect('another order', plan(in_order=True) != base)


def arguments():
    for args, status, what in ((['--version'], 0, 'sockdeck-scan '),
                               (['--help'], 0, 'usage: '),
                               (['localhost'], 2, ''),
                               (['--help', 'x'], 2, '')):
        p = subprocess.run([WORKER] + args, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           text=True, timeout=PATIENCE)
        expect('arguments %r' % args, p.returncode == status and
               p.stdout.startswith(what) and
               (status == 0) == (p.stderr == ''), p)


def as_the_manual_types_it():
    page = os.path.join(os.environ.get('SRCDIR', '.'), 'man',
                        'sockdeck-scan.8')
    with open(page) as f:
        typed = [line.replace('\\e', '\\').replace('\\(aq', "'")
                 .replace('\\(dq', '"').rstrip('\n').lstrip('$ ')
                 for line in f if line.startswith('$ printf')]
    expect('the manual has examples', typed)
    for line in typed:
        p = subprocess.run(['sh', '-c', line], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=PATIENCE,
                           env=dict(os.environ, PATH=BUILD + ':' +
                                    os.environ['PATH']))
        expect('typed: ' + line, p.returncode == 0 and
               b'"ev":"end"' in p.stdout and b'"error":0' in p.stdout, p)


finish(order, only_what_is_seen, long_request, by_file, end_of_input, stop,
       stop_at_once, signals, pause, reader_gone, reader_slow, bad_requests,
       nothing_left, list_only, same_plan, arguments,
       as_the_manual_types_it)

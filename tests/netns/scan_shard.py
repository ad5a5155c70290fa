#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""One scan by many machines, and scans that are cut off: GNU parallel runs the
parts in namespaces, which it takes for machines; what was sent is counted by
nft where it arrives. KILLS=50 kills as often (N14)."""
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import netlib
from netlib import SOCKDECK, fail, skip, wait_for

MACHINES = ('a', 'b', 'c')
TARGETS = '10.1.0.0/28'
EXCLUDED = ('10.1.0.5', '10.1.0.8', '10.1.0.9')
EXCLUDE = '10.1.0.5,10.1.0.8/31'
HOSTS = ['10.1.0.%d' % i for i in range(16)
         if '10.1.0.%d' % i not in EXCLUDED]
PORTS = range(100, 300)
OPEN = {('10.1.0.1', 101), ('10.1.0.1', 299), ('10.1.0.12', 150),
        ('10.1.0.15', 222)}
REJECTED = 177
KILLS = int(os.environ.get('KILLS', '4'))
DIR = tempfile.mkdtemp(prefix='sockdeck-shard-')
BEGAN = int(time.time())
HOLD = []       # a process in each namespace, by which it is entered


def run(*args, **opt):
    if 'input' not in opt:
        opt['stdin'] = subprocess.DEVNULL
    p = subprocess.run(args, capture_output=True, text=True, **opt)
    if p.returncode != 0:
        fail(*args, 'status', p.returncode, p.stdout, p.stderr)
    return p.stdout


def enter_command(pid):
    return ['nsenter', '-t', str(pid), '-n']


def machine(i, name):
    """A namespace of its own, on the switch br0."""
    p = subprocess.Popen(['unshare', '-n', 'sh', '-c', 'echo; exec cat'],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    p.stdout.readline()         # it is there now
    HOLD.append(p)
    run('ip', 'link', 'add', 'v' + name, 'type', 'veth', 'peer', 'name',
        'eth0', 'netns', str(p.pid))
    run('ip', 'link', 'set', 'v' + name, 'master', 'br0', 'up')
    for cmd in (['addr', 'add', '10.1.0.%d/24' % (250 + i), 'dev', 'eth0'],
                ['link', 'set', 'lo', 'up'], ['link', 'set', 'eth0', 'up']):
        run(*enter_command(p.pid), 'ip', *cmd)
    # All namespaces share the kernel's table of neighbours, and whoever sweeps
    # a network meanwhile may fill it.
    run(*enter_command(p.pid), 'ip', '-b', '-', input=''.join(
        'neigh replace 10.1.0.%d lladdr %s dev eth0\n' % (h, link('br0'))
        for h in range(16)))
    run('ip', 'neigh', 'replace', '10.1.0.%d' % (250 + i), 'lladdr',
        link('eth0', enter_command(p.pid)), 'dev', 'br0')
    return p.pid


def link(name, enter=()):
    """Its address."""
    return json.loads(run(*enter, 'ip', '-j', 'link', 'show', name)
                      )[0]['address']


def network():
    for cmd in ('link add br0 address 02:00:00:00:00:01 type bridge',
                'link set br0 up',
                'addr add 10.1.0.200/24 dev br0',
                'route add local 10.1.0.0/28 dev lo'):
        run('ip', *cmd.split())
    # Whose probe went where, and how often; what comes to those excluded.
    rules = '''
table ip count {
    set probes {
        type ipv4_addr . ipv4_addr . inet_service
        counter
    }
    chain in {
        type filter hook input priority 0
        iifname br0 tcp flags & (syn | ack) == syn \
            ip saddr . ip daddr . tcp dport @probes
        iifname br0 tcp flags & (syn | ack) == syn \
            ip saddr . ip daddr . tcp dport != @probes counter drop
        iifname br0 tcp dport %d reject with icmp type admin-prohibited
    }
    chain raw {
        type filter hook prerouting priority -300
        iifname br0 ip daddr { %s } counter
    }
}
''' % (REJECTED, ', '.join(EXCLUDED))
    with open('/proc/sys/net/ipv4/icmp_ratelimit', 'w') as f:
        f.write('0')
    nft(rules)
    nft(counters())
    for addr, port in OPEN:
        s = netlib.keep(socket.socket())
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((addr, port))
        s.listen(64)
    return {name: machine(i, name) for i, name in enumerate(MACHINES)}


def nft(text):
    p = subprocess.run(['nft', '-f', '-'], input=text, text=True,
                       capture_output=True)
    if p.returncode != 0:
        skip('nft: ' + p.stderr[:300])


def counters():
    """Every probe that there may be: a set that grows as packets come would
    miss some."""
    return 'flush set ip count probes\nadd element ip count probes { %s }\n' % \
        ', '.join('10.1.0.%d . %s . %d' % (250 + i, h, p)
                  for i in range(len(MACHINES)) for h in HOSTS for p in PORTS)


def hits(chain):
    out = json.loads(run('nft', '-j', 'list', 'chain', 'ip', 'count', chain))
    return sum(x['counter']['packets'] for o in out['nftables']
               for x in o.get('rule', {}).get('expr', []) if 'counter' in x)


def probes():
    """{(from, to, port): times}, and they are forgotten."""
    out = json.loads(run('nft', '-j', 'list', 'set', 'ip', 'count', 'probes'))
    got = {}
    for o in out['nftables']:
        for e in o.get('set', {}).get('elem', []):
            e = e['elem']
            src, dst, port = e['val']['concat']
            if e['counter']['packets'] > 0:
                got[(src, dst, port)] = e['counter']['packets']
    nft(counters())
    if hits('in') != 0:
        fail(hits('in'), 'probes that nobody asked for')
    return got


def results(doc):
    """{(addr, port): (state, reason)} of --json's document."""
    got = {}
    for h in json.loads(doc)['hosts']:
        for p in h['ports']:
            key = h['addr'], p['port']
            if key in got:
                fail('twice in one document:', key)
            got[key] = p['state'], p['reason']
    return got


def wanted():
    want = {}
    for h in HOSTS:
        for p in PORTS:
            want[(h, p)] = ('closed', 'reset')
        want[(h, REJECTED)] = ('filtered', 'admin-prohibited')
    for key in OPEN:
        want[key] = ('open', 'syn-ack')
    return want


def same(what, got, want):
    if got == want:
        return
    for key in sorted(set(got) | set(want)):
        if got.get(key) != want.get(key):
            print('   ', key, 'is', got.get(key), 'should be', want.get(key))
    fail(what, 'is not the same')


def each_once(what, got, sources):
    """Every probe came from one machine, and all had a share."""
    to = {}
    for src, dst, port in got:
        if (dst, port) in to:
            fail(what, dst, port, 'was asked by two:', to[(dst, port)], src)
        to[(dst, port)] = src
    missing = {(h, p) for h in HOSTS for p in PORTS} - set(to)
    if missing or len(to) != len(HOSTS) * len(PORTS):
        fail(what, len(to), 'probes, missing', sorted(missing)[:9])
    if len(set(to.values())) != sources:
        fail(what, 'only', set(to.values()), 'sent anything')


SCAN = [SOCKDECK, 'scan', '-n', '-Pn', '-sS', '--exclude', EXCLUDE, '-p',
        '%d-%d' % (PORTS[0], PORTS[-1]), TARGETS]


def write_script(name, text):
    path = os.path.join(DIR, name)
    with open(path, 'w') as f:
        f.write(text)
    os.chmod(path, 0o755)
    return path


def test_parallel(pids):
    """What README and the manual show, with namespaces for machines."""
    if shutil.which('parallel') is None:
        print('no GNU parallel here: its part is left out')
        return
    ssh = write_script('ssh', '#!/bin/sh\n# ssh HOST COMMAND\ncase $1 in\n' +
                       ''.join('%s) pid=%d ;;\n' % (n, pids[n])
                               for n in MACHINES) +
                       '*) exit 255 ;;\nesac\nshift\n'
                       '[ "$1" != -- ] || shift\n'
                       # As sshd does. Without one parallel's far end runs
                       # nothing, and parallel's status is 0.
                       'SHELL=/bin/sh; export SHELL\n'
                       'exec nsenter -t "$pid" -n sh -c "$*"\n')
    command = ' '.join(SCAN[:2]) + ' --shard {}/3 --seed 7 ' + \
        ' '.join(SCAN[2:]) + ' --jsonl'
    # Nothing of what whoever tests has set for it.
    env = {k: v for k, v in os.environ.items()
           if k != 'SHELL' and not k.startswith('PARALLEL')}
    env.update(HOME=DIR, PARALLEL_HOME=DIR)
    run('parallel', '--will-cite', '-j1', '--sshlogin',
        ','.join('%s %s' % (ssh, n) for n in MACHINES), '--results',
        DIR + '/part{}', command, ':::', '0', '1', '2', env=env)
    parts = ['%s/part%d' % (DIR, i) for i in range(3)]
    for path in parts:
        if b'"ev":"end"' not in b''.join(whole_lines(path)[-1:]):
            fail(path, 'is no whole part:', head(path), head(path + '.err'))
    each_once('parallel', probes(), 3)
    same('--merge of parallel', results(
        run(SOCKDECK, 'scan', '--json', '--merge', *parts)), wanted())
    xml = run(SOCKDECK, 'scan', '-oX', '-', '--merge', *parts)
    start = int(re.search(r'<nmaprun[^>]* start="(\d+)"', xml).group(1))
    if not BEGAN - 1 <= start <= time.time() + 1:
        fail('a merged scan began at', start, 'and not after', BEGAN)
    p = subprocess.run([SOCKDECK, 'scan', '--merge', parts[2], parts[0]],
                       capture_output=True, text=True)
    if p.returncode != 4 or 'missing of the 3 shards: 1' not in p.stderr:
        fail('two parts of three:', p.returncode, p.stderr)


def test_slurm(pids):
    """The job script, as Slurm would start it; then one task again."""
    script = os.path.join(os.environ.get('SRCDIR', '.'),
                          'contrib/slurm-scan.sh')
    script = os.path.abspath(script)
    for part in (3, 4, 5, 4):
        env = dict(os.environ, SLURM_ARRAY_TASK_ID=str(part),
                   SLURM_ARRAY_TASK_MIN='3', SLURM_ARRAY_TASK_COUNT='3',
                   SLURM_ARRAY_JOB_ID='4242', SOCKDECK=SOCKDECK)
        run(*enter_command(pids[MACHINES[part - 3]]), 'bash', script,
            *SCAN[2:], cwd=DIR, env=env)
    each_once('slurm', probes(), 3)
    parts = ['%s/scan-4242/part-%d' % (DIR, i) for i in (3, 4, 5)]
    same('--merge of slurm', results(
        run(SOCKDECK, 'scan', '--json', '--merge', *parts)), wanted())


def whole_lines(path):
    try:
        with open(path, 'rb') as f:
            data = f.read()
    except FileNotFoundError:
        return []
    return data[:data.rfind(b'\n') + 1].splitlines()


def head(path):
    try:
        with open(path) as f:
            return f.read(600)
    except FileNotFoundError:
        return 'not there'


def check_journal(path):
    """Each line is one, no port is told twice. How many ports."""
    told = set()
    for line in whole_lines(path):
        e = json.loads(line)
        if e.get('ev') != 'port':
            continue
        key = e['addr'], e['port']
        if key in told:
            fail(path, 'tells twice of', key)
        told.add(key)
    return len(told)


def children(pid):
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid)) as f:
            return [int(x) for x in f.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def size(path):
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def kill_once(pids, path, rng, again):
    """Starts it, or goes on, and kills it when the journal has grown to some
    size that chance chose: by what it tells, not by time."""
    args = SCAN[:2] + ['-n', '--resume', path] if again else \
        SCAN + ['--resume', path]
    grow = rng.randrange(0, 200000)
    until = size(path) + grow
    p = subprocess.Popen(enter_command(pids['a']) + args +
                         ['--max-rate', '3000'], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                         text=True)
    while size(path) < until and p.poll() is None:
        os.sched_yield()
    worker = children(p.pid)
    if rng.randrange(3) == 0 and worker:
        os.kill(worker[0], signal.SIGKILL)
        status = 4
    else:
        p.kill()
        status = -signal.SIGKILL
    said = p.stderr.read()
    p.wait()
    if p.returncode == 4 and 'goes on with it' not in said:
        fail('the worker was killed:', said)
    if p.returncode not in (0, status):
        fail('killed:', p.returncode, 'not', status)
    # The worker ends with its parent.
    for w in worker:
        wait_for('the end of the worker', lambda: not running(w))
    return p.returncode == 0


def running(pid):
    try:
        with open('/proc/%d/stat' % pid) as f:
            return f.read().rsplit(')')[-1].split()[0] not in 'ZX'
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_kill(pids, kills):
    rng = random.Random(int(os.environ.get('SEED', '0')) or
                        random.randrange(1 << 30))
    seed = rng.randrange(1 << 30)
    print('SEED=%d' % seed)
    rng.seed(seed)
    done, rounds = 0, 0
    while done < kills:
        path = os.path.join(DIR, 'journal%d' % rounds)
        again = False
        lost = 0
        while done < kills and not kill_once(pids, path, rng, again):
            done += 1
            lost += 1
            check_journal(path)
            lines = whole_lines(path)
            again = any(b'"op":' in x for x in lines)
        # To its end, and once more: then nothing is left to do.
        args = SCAN[:2] + ['-n', '--json', '--resume', path] if again else \
            SCAN + ['--json', '--resume', path]
        same('resumed', results(run(*enter_command(pids['a']), *args)),
             wanted())
        if check_journal(path) != len(HOSTS) * len(PORTS):
            fail('not every port is in', path)
        got = probes()
        each_once('resumed', got, 1)
        more = sum(got.values()) - len(got)
        print(lost, 'kills,', more, 'of', len(got), 'probes sent again')
        if more > (lost + 1) * len(got) / 100:
            fail(more, 'of', len(got), 'probes were sent again after', lost,
                 'kills')
        same('resumed when all was done',
             results(run(*enter_command(pids['a']), SOCKDECK, 'scan', '-n',
                         '--json', '--resume', path)), wanted())
        if probes():
            fail('what was done was scanned again')
        rounds += 1


def test_interrupt(pids):
    """^C is no end: it goes on, and another scan may not write to it."""
    path = os.path.join(DIR, 'interrupted')
    p = subprocess.Popen(enter_command(pids['b']) + SCAN +
                         ['--max-rate', '2000', '--resume', path],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, text=True)
    while size(path) < 20000 and p.poll() is None:
        os.sched_yield()
    q = subprocess.run(SCAN[:2] + ['--resume', path], capture_output=True,
                       text=True)
    if q.returncode != 4 or 'another scan is writing' not in q.stderr:
        fail('two at one journal:', q.returncode, q.stderr)
    p.send_signal(signal.SIGINT)
    said = p.stderr.read()
    if p.wait() != 130 or 'scan --resume %s goes on' % path not in said:
        fail('interrupted:', p.returncode, said)
    q = subprocess.run(SCAN[:2] + ['-p', '1-9', '--resume', path, TARGETS],
                       capture_output=True, text=True)
    if q.returncode != 2 or 'other excludes' not in q.stderr:
        fail('another scan in one journal:', q.returncode, q.stderr)
    same('interrupted', results(
        run(*enter_command(pids['b']), *SCAN, '--json', '--resume', path)),
        wanted())
    each_once('interrupted', probes(), 1)


def cut_off(pids, path, args):
    """Killed when the journal has told of a few ports."""
    p = subprocess.Popen(enter_command(pids['c']) + args +
                         ['--resume', path, '--max-rate', '1000'],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while size(path) < 5000 and p.poll() is None:
        os.sched_yield()
    p.kill()
    p.wait()


def test_names(pids):
    """A name is looked up once, whatever becomes of it; an exclude that means
    another host by now ends the scan (N12, N13)."""
    args = [SOCKDECK, 'scan', '-n', '-Pn', '-sS', '-p', '100-299',
            '--exclude', 'secret', 'web', '10.1.0.2/31']
    again = [SOCKDECK, 'scan', '-n', '--resume']
    path = os.path.join(DIR, 'names')
    mine = os.path.join(DIR, 'hosts')

    def hosts(text):
        with open(mine, 'w') as f:
            f.write(text)

    hosts('10.1.0.1 web\n10.1.0.2 secret\n')
    if subprocess.run(['mount', '--bind', mine, '/etc/hosts']).returncode != 0:
        print('no bind mount: names are left out')
        return
    cut_off(pids, path, args)
    hosts('10.1.0.12 web\n10.1.0.2 secret\n')
    copy = path + '2'
    shutil.copy(path, copy)
    got = results(run(*enter_command(pids['c']), *again, path, '--json'))
    if {a for a, p in got} != {'10.1.0.1', '10.1.0.3'} or len(got) != 400:
        fail('a name with another address:', {a for a, p in got}, len(got))
    if {d for s, d, p in probes()} != {'10.1.0.1', '10.1.0.3'}:
        fail('a name with another address: the wrong hosts were asked')
    # What was found of it is said of the name it had.
    doc = json.loads(run(*again, path, '--json'))
    names = {h['addr']: h.get('name') for h in doc['hosts']}
    if names != {'10.1.0.1': 'web', '10.1.0.3': None}:
        fail('names:', names)
    hosts('10.1.0.1 web\n10.1.0.3 secret\n')
    p = subprocess.run(enter_command(pids['c']) + again + [copy],
                       capture_output=True, text=True)
    if p.returncode != 4 or 'it cannot go on' not in p.stderr:
        fail('another exclude:', p.returncode, p.stdout, p.stderr)
    if probes():
        fail('another exclude: something was sent')


def main():
    netlib.enter()
    if shutil.which('nft') is None:
        skip('nft is not there')
    pids = network()
    try:
        probes()
        same('one machine', results(
            run(*enter_command(pids['a']), *SCAN, '--json')), wanted())
        each_once('one machine', probes(), 1)
        test_parallel(pids)
        test_slurm(pids)
        test_interrupt(pids)
        test_names(pids)
        test_kill(pids, KILLS)
        if hits('raw') != 0:
            fail(hits('raw'), 'packets to addresses that are excluded')
    finally:
        for p in HOLD:
            p.stdin.close()
            p.wait()
        shutil.rmtree(DIR)
    print('shards and journals: all probes once, nothing lost')


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`scan` of real sockets in a namespace of its own, beside nmap: the same open
ports by every way and form, documents that nmap's readers take, and one
sentence about what is wrong."""
import concurrent.futures
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.environ.get('SRCDIR', '.'), 'tests/netns'))
from netlib import SOCKDECK, enter, skip        # noqa: E402

for tool in ('nmap', 'ndiff', 'xmllint', 'nft'):
    if shutil.which(tool) is None:
        skip('no %s here' % tool)
enter()

DTD = '/usr/share/nmap/nmap.dtd'
TMP = tempfile.mkdtemp(prefix='sockdeck-test.')
ENV = {k: v for k, v in os.environ.items()
       if k not in ('NO_COLOR', 'XDG_CONFIG_HOME', 'HOME')}
TCP4 = (22, 80, 443, 1433, 8080, 31999)
TCP6 = (22, 2222)
UDP4 = (53, 161)
BAD = []
HELD = []


def expect(what, ok, *seen):
    if not ok:
        BAD.append(what)
        print('FAILED:', what, *[repr(x)[:1500] for x in seen], flush=True)


def scan(*args, **kw):
    kw.setdefault('stdin', subprocess.DEVNULL)
    return subprocess.run([SOCKDECK, 'scan', *args], capture_output=True,
                          env=dict(ENV, LC_ALL='C.UTF-8'), **kw)


def nmap(*args):
    return subprocess.run(['nmap', '-n', '-oX', '-', *args],
                          capture_output=True, check=True).stdout


def listeners():
    for family, addr, ports in ((socket.AF_INET, '10.0.0.1', TCP4),
                                (socket.AF_INET6, '2001:db8::1', TCP6)):
        for port in ports:
            s = socket.socket(family)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((addr, port))
            s.listen(64)
            HELD.append(s)
    for port in UDP4:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(('10.0.0.1', port))
        HELD.append(s)
    # A neighbour that is not there.
    for cmd in ('link add v0 type veth peer name v1', 'link set v1 up',
                'addr add 10.7.0.1/24 dev v0', 'link set v0 up',
                'neigh add 10.7.0.8 lladdr 02:00:00:00:00:08 dev v0'):
        subprocess.run(['ip', *cmd.split()], check=True)


def firewall():
    rules = ('table inet t { chain in { type filter hook input priority 0\n'
             'tcp dport 25 drop\ntcp dport 26 reject with icmp type '
             'admin-prohibited\n}\n}\n')
    subprocess.run(['nft', '-f', '-'], input=rules.encode(), check=True)


def ports_of(document):
    """(address, port, protocol): state, of an XML document."""
    ports = {}
    for host in ET.fromstring(document).iter('host'):
        addr = host.find('address').get('addr')
        for p in host.iter('port'):
            ports[addr, p.get('protocol'), int(p.get('portid'))] = \
                p.find('state').get('state')
    return ports


def opened(document):
    return sorted(k for k, v in ports_of(document).items() if v == 'open')


def valid(what, document):
    path = os.path.join(TMP, 'doc.xml')
    with open(path, 'wb') as f:
        f.write(document)
    out = subprocess.run(['xmllint', '--noout', '--dtdvalid', DTD, path],
                         capture_output=True)
    expect('valid XML of %s' % what, out.returncode == 0, out.stderr)


def beside_nmap():
    """The same words to both, the same open ports from both."""
    for words in ('-sT -p- 10.0.0.1', '-sS -p- 10.0.0.1', '-F 10.0.0.1',
                  '-sS 10.0.0.1 10.0.0.2', '-p 20-30,80,31999 10.0.0.1-2',
                  '-p [1-1024] 10.0.0.1/31', '-p ssh,http* 10.0.0.1',
                  '--top-ports 50 -r 10.0.0.1', '-6 -p 1-3000 2001:db8::1',
                  '-sT -6 -F 2001:db8::1', '-p 22,80 --exclude 10.0.0.2 '
                  '10.0.0.1-2', '-Pn -p 22 --max-retries 1 10.0.0.1',
                  '-sU -p 53,54,161 10.0.0.1',
                  '-sTU -p T:22,U:54 10.0.0.1'):
        ours = scan('-n', '-oX', '-', *words.split())
        expect('status of %s' % words, ours.returncode == 0 and
               not ours.stderr, ours)
        if ours.returncode:
            continue
        valid(words, ours.stdout)
        theirs = nmap(*words.split())
        expect('open ports of %s' % words, opened(ours.stdout) ==
               opened(theirs) and (opened(theirs) or '-sU' in words),
               opened(ours.stdout), opened(theirs))
    # States, too, where a rule drops and another refuses.
    firewall()
    words = ('-p', '22-27', '10.0.0.1')
    ours, theirs = scan('-oX', '-', '-n', *words).stdout, nmap(*words)
    expect('states', ports_of(ours) == ports_of(theirs), ports_of(ours),
           ports_of(theirs))
    subprocess.run(['nft', 'delete', 'table', 'inet', 't'], check=True)
    names = []
    for name, document in (('ours.xml', ours), ('theirs.xml', theirs)):
        names.append(os.path.join(TMP, name))
        with open(names[-1], 'wb') as f:
            f.write(document)
    out = subprocess.run(['ndiff', *names], capture_output=True, text=True)
    # The names of ports are each table's own.
    sides = [sorted(tuple(x[1:].split()[:2]) for x in out.stdout.splitlines()
                    if x[:1] == sign and 'scan initiated' not in x)
             for sign in '+-']
    expect('ndiff finds no difference', out.returncode in (0, 1) and
           sides[0] == sides[1], out)


def forms():
    """The same ports in every form, each once."""
    words = ('-n', '-p', '1-1000', '10.0.0.1')
    want = [22, 80, 443]
    text = scan(*words).stdout.decode()
    rows = [x.split() for x in text.splitlines() if '/tcp ' in x]
    expect('rows', [int(r[0].split('/')[0]) for r in rows
                    if r[1] == 'open'] == want, text)
    expect('what is not shown', 'Not shown: 997 closed tcp ports' in text,
           text)
    grep = scan('-oG', '-', *words).stdout.decode()
    expect('grepable', '22/open/tcp//ssh///' in grep and
           'Ignored State: closed (997)' in grep, grep)
    doc = json.loads(scan('--json', *words).stdout)
    host = doc['hosts'][0]
    expect('--json: every port once', [p['port'] for p in host['ports']] ==
           list(range(1, 1001)) and host['counts']['open'] == 3, doc)
    events = [json.loads(x) for x in
              scan('--jsonl', *words).stdout.splitlines()]
    ports = [e['port'] for e in events if e['ev'] == 'port']
    expect('--jsonl: every port once', sorted(ports) ==
           list(range(1, 1001)) and events[-1]['ev'] == 'end', len(ports))
    few = scan('-n', '-p', '22,23', '10.0.0.1').stdout.decode()
    expect('few ports: closed ones too', '23/tcp closed' in few, few)
    only = scan('-n', '-p', '22,23', '--open', '10.0.0.1').stdout.decode()
    expect('--open', '23/tcp' not in only and '22/tcp open' in only, only)
    out = scan('-n', '-p', '22', '--reason', '-v', '10.0.0.1').stdout
    expect('--reason, -v', b'syn-ack' in out and
           b'Discovered open port 22/tcp on 10.0.0.1' in out, out)


def hosts():
    """Which hosts are there, what is said of one that is silent."""
    out = scan('-sn', '-n', '10.0.0.1-2', '10.7.0.9')
    expect('-sn', out.stdout.count(b'Host is up') == 2 and
           b'3 addresses (2 hosts up)' in out.stdout, out)
    out = scan('-sL', '-n', '10.0.0.0/30')
    expect('-sL', out.stdout.split()[-7:-3] == [
        b'10.0.0.0', b'10.0.0.1', b'10.0.0.2', b'10.0.0.3'], out)
    out = scan('-n', '-p', '22', '10.7.0.9')
    expect('a silent host', out.returncode == 0 and b'-Pn' in out.stdout and
           b'(0 hosts up)' in out.stdout, out)
    out = scan('-n', '-p', '22', '10.7.0.9', '10.0.0.1')
    expect('a silent one of two', b'(1 host up)' in out.stdout, out)
    out = scan('-n', '-Pn', '-p', '22', '--max-retries', '1', '10.7.0.8')
    expect('-Pn', b'22/tcp filtered' in out.stdout, out)
    out = scan('-n', '-Pn', '-p', '22', '--max-retries', '1', '10.7.0.9')
    expect('what the kernel does not send', b'22/tcp filtered' in out.stdout
           or b'Without a verdict: 1 of 1 port.' in out.stdout, out)
    out = scan('-p', '22', 'localhost')
    expect('a name', b'Scan report for localhost (127.0.0.1)' in out.stdout,
           out)
    listed = os.path.join(TMP, 'list')
    with open(listed, 'w') as f:
        f.write('10.0.0.1 # one\n\n10.0.0.2\n')
    for args, kw in ((['-iL', listed], {}),
                     (['-iL', '-'], dict(stdin=open(listed)))):
        out = scan('-n', '-p', '22', *args, **kw)
        expect('-iL %s' % args[1], b'2 addresses (2 hosts up)' in out.stdout,
               out)
    with open(listed, 'w') as f:
        f.write('10.0.0.2')
    out = scan('-n', '-p', '22', '--excludefile', listed, '10.0.0.1-2')
    expect('--excludefile', b'1 address (1 host up)' in out.stdout, out)
    out = scan('-n', '-p', '22', '224.0.0.1')
    expect('nobody means multicast', out.returncode != 0 and
           b'22/tcp' not in out.stdout, out)
    out = scan('-n', '-p', '22', '224.0.0.1', '10.0.0.1')
    expect('what is left out is counted', out.returncode == 0 and
           b'1 address is left out: multicast' in out.stderr, out)


def options():
    """Each is taken, and the result is right."""
    base = os.path.join(TMP, 'base')
    for words in ('-T polite', '-T3', '-T4', '-T5',
                  '--min-rate 1000', '--max-rate 5000', '-r', '-R', '-4',
                  '--max-parallelism 10', '--max-retries 3',
                  '--host-timeout 1m', '--seed 1', '--sandbox auto',
                  '--sandbox off', '--force', '-y', '--stats-every 10s',
                  '--colour never', '-oA %s' % base, '-vv', '-v -v', '-v3',
                  '--exclude-ports 23', '--debug %s.log' % base):
        out = scan('-p', '22,23', '-n' if '-R' not in words else '-v',
                   *words.split(), '10.0.0.1')
        expect('status of %s' % words, out.returncode == 0 and
               b'22/tcp open' in out.stdout, out)
    for ending in ('nmap', 'xml', 'gnmap'):
        expect('-oA .%s' % ending, os.path.getsize(base + '.' + ending))
    parts = []
    for i in range(3):
        out = scan('--jsonl', '-n', '-p', '1-300', '--seed', '5', '--shard',
                   '%d/3' % i, '10.0.0.1-2')
        parts += [(e['addr'], e['port']) for e in
                  map(json.loads, out.stdout.splitlines())
                  if e['ev'] == 'port']
    expect('shards: each once', sorted(parts) == sorted(
        (a, p) for a in ('10.0.0.1', '10.0.0.2') for p in range(1, 301)),
        len(parts))
    orders = [[e['port'] for e in map(json.loads, scan(
        '--jsonl', '-n', '-p', '1-200', '--seed', '5', '--max-rate', '20000',
        '10.0.0.1').stdout.splitlines()) if e['ev'] == 'port']
        for _ in range(2)]
    expect('a seed, an order', sorted(orders[0]) == sorted(orders[1]))


def pending(pid):
    """A signal that its process has not taken yet."""
    with open('/proc/%d/status' % pid) as f:
        return any(int(x.split()[1], 16) for x in f
                   if x.startswith(('SigPnd', 'ShdPnd')))


def interrupts():
    """What was found until then, and that it is a part."""
    p = subprocess.Popen([SOCKDECK, 'scan', '-n', '-v', '--max-rate', '20',
                          '10.0.0.1'], env=ENV, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    seen = b''
    while b'Discovered' not in seen:
        line = p.stdout.readline()
        if not line:
            break
        seen += line
    p.send_signal(signal.SIGINT)
    out, err = p.communicate()
    expect('SIGINT', p.returncode == 130 and b'Interrupted' in out and
           b'Not finished' in out and b'/tcp' in out, p.returncode, out, err)
    # SIGTERM twice, as timeout(1) sends it, is one. The worker is held, so
    # that both come before the end.
    p = subprocess.Popen([SOCKDECK, 'scan', '-n', '-oX', '-', '--max-rate',
                          '20', '10.0.0.1'], env=ENV, stdout=subprocess.PIPE,
                         stdin=subprocess.DEVNULL)
    seen = p.stdout.readline()
    with open('/proc/%d/task/%d/children' % (p.pid, p.pid)) as f:
        workers = [int(x) for x in f.read().split()]
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    for _ in range(2):
        p.send_signal(signal.SIGTERM)
        while pending(p.pid):
            pass
    for worker in workers:
        os.kill(worker, signal.SIGCONT)
    out = seen + p.communicate()[0]
    expect('SIGTERM twice', workers and p.returncode == 130 and
           out.endswith(b'</nmaprun>\n'), p.returncode, out)


def journals():
    """What SIGKILL leaves is gone on with; parts are put together."""
    path = os.path.join(TMP, 'journal')
    words = ('-n', '-p', '1-2000', '10.0.0.1', '--resume', path)
    p = subprocess.Popen([SOCKDECK, 'scan', *words, '--jsonl', '--max-rate',
                          '1000'], env=ENV, stdout=subprocess.PIPE,
                         stdin=subprocess.DEVNULL)
    early = []
    while len(early) < 1200:            # more than a second's
        early.append(json.loads(p.stdout.readline()))
    p.kill()
    p.communicate()
    with open(path, 'ab') as f:
        f.write(b'{"ev":"por')
    again = scan(*words, '--jsonl')
    later = [json.loads(x) for x in again.stdout.splitlines()]
    first = [e['port'] for e in early if e['ev'] == 'port']
    second = [e['port'] for e in later if e['ev'] == 'port']
    expect('every port once', sorted(second) == list(range(1, 2001)) and
           set(first) <= set(second), again.stderr, len(second))
    expect('few of them again', later[-1]['sent'] < 1500, later[-1])
    over = scan('--resume', path)
    expect('nothing is left', over.returncode == 0 and
           b'Not shown: 1996 closed' in over.stdout, over)
    lines = os.path.join(TMP, 'lines')
    with open(lines, 'wb') as f:
        p = subprocess.Popen([SOCKDECK, 'scan', '-n', '-p', '1-2000',
                              '10.0.0.1', '--jsonl', '--max-rate', '1000'],
                             env=ENV, stdout=f, stdin=subprocess.DEVNULL)
    while os.path.getsize(lines) < 100000:
        expect('it scans', p.poll() is None, p.returncode)
    p.kill()
    p.wait()
    half = os.path.getsize(lines)
    out = scan('--resume', lines, '-oX', '-')
    expect('a file of --jsonl', out.returncode == 0 and
           [p for _, _, p in opened(out.stdout)] ==
           [22, 80, 443, 1433] and os.path.getsize(lines) > half, out)
    other = scan('--resume', path, '-p', '1-3', '10.0.0.1')
    expect('another scan', other.returncode == 2 and
           other.stderr.count(b'\n') == 1, other)
    with open(path, 'w') as f:
        f.write('precious')
    for args in ((), ('10.0.0.1',)):
        out = scan('--resume', path, *args)
        with open(path) as f:
            expect('not a journal', out.returncode == 4 and
                   f.read() == 'precious', out)
    new = os.path.join(TMP, 'new')
    out = scan('--resume', new)
    expect('nothing to begin with', out.returncode == 2 and
           not os.path.exists(new), out)
    parts = []
    for i in range(3):
        parts.append(os.path.join(TMP, 'part%d' % i))
        with open(parts[-1], 'wb') as f:
            f.write(scan('--jsonl', '-n', '-p', '1-1000', '--seed', '3',
                         '--shard', '%d/3' % i, '10.0.0.1-2').stdout)
    out = scan('--merge', *parts, '-oX', '-')
    expect('--merge', out.returncode == 0 and opened(out.stdout) == [
        ('10.0.0.1', 'tcp', p) for p in (22, 80, 443)], out)
    valid('--merge', out.stdout)
    doc = json.loads(scan('--merge', *parts, '--json').stdout)
    expect('--merge --json', [len(h['ports']) for h in doc['hosts']] ==
           [1000, 1000] and doc['end']['status'] == 'done', doc)
    out = scan('--merge', parts[0], parts[2])
    expect('a part is missing', out.returncode == 4 and
           b'shards: 1' in out.stderr and b'Failed' in out.stdout, out)
    for args in ((parts[0], parts[0]), (__file__,)):
        out = scan('--merge', *args)
        expect('--merge %s' % (args,), out.returncode == 4 and
               out.stderr.count(b'\n') == 1 and not out.stdout, out)


def this_machine():
    """What listens, beside what answers."""
    rules = ('table inet s {\nchain in { type filter hook input priority 0\n'
             'tcp dport 8080 drop\n}\nchain out { type nat hook output '
             'priority -100\ntcp dport 9000 dnat ip to 10.0.0.1:22\n}\n}\n')
    subprocess.run(['nft', '-f', '-'], input=rules.encode(), check=True)
    doc = json.loads(scan('--self', '--json', '-4', '-sSU', '-p',
                          'T:80,8080,9000,U:53').stdout)
    said = {(x['port'], x['proto']): x for x in doc['self']}
    for key, verdict in (((80, 'tcp'), 'reachable'),
                         ((8080, 'tcp'), 'filtered'),
                         ((9000, 'tcp'), 'foreign'),
                         ((53, 'udp'), 'silent')):
        expect('--self %s' % (key,), said.get(key, {}).get('verdict') ==
               verdict, said)
    doc = json.loads(scan('--self', '--json', '-4', '-sS', '--exclude-ports',
                          '1-79,81-65535').stdout)
    expect('--self --exclude-ports', doc['scan']['ports'] == {'tcp': '80'} and
           80 in [x['port'] for x in doc['self']], doc['scan'], doc['self'])
    expect('its owner', said[80, 'tcp']['owner']['pid'] == os.getpid(), said)
    text = scan('--self', '-4', '-p', '22,80,8080,9000').stdout.decode()
    for words in ('Listening, but filtered (1)\n  8080/tcp  ',
                  'Listening and reachable (2)\n  22/tcp    ',
                  'Reachable, and no socket here listens (1)'):
        expect('--self as text', words in text, text)
    subprocess.run(['nft', 'delete', 'table', 'inet', 's'], check=True)


def wrong():
    """A sentence, and status 2."""
    lines = '''-p|22,|10.0.0.1
-p|70000|10.0.0.1
-p|9-1|10.0.0.1
-p|nosuchservice|10.0.0.1
-p|U:53|10.0.0.1
-sU|-p|T:80|10.0.0.1
-p||10.0.0.1
-p|X:3|10.0.0.1
--exclude-ports|zz|10.0.0.1
-p|22|--exclude-ports|22|10.0.0.1
10.0.0.256
10.0.0.1/33
10.0.0.9-1
10.0.0.
10..0.1
2001:db8::1::2
2001:db8::1/129
-6|10.0.0.1
-4|2001:db8::1
a b
host_name!
http://10.0.0.1/
10.0.0.1:80
-1.2.3.4
--exclude|10.0.0.300|10.0.0.1
--exclude||10.0.0.1
-sX|10.0.0.1
-sC|10.0.0.1
-O|-sL|10.0.0.1
--osscan-guess|10.0.0.1
-A|-sn|10.0.0.1
--script|vuln,|10.0.0.1
-T7|10.0.0.1
--max-rate|-1|10.0.0.1
--max-retries|x|10.0.0.1
--host-timeout|0|10.0.0.1
--top-ports|0|10.0.0.1
--seed|-1|10.0.0.1
--shard|4/3|--seed|1|10.0.0.1
-oX|-sT|10.0.0.1
-oX|same|-oN|same|10.0.0.1
-oG|same|--resume|same|10.0.0.1
--resume|-|10.0.0.1
-iL|/dev/null
--nosuch|10.0.0.1
-sS|-sT|10.0.0.1
-sn|-p|22|10.0.0.1
-d|10.0.0.1
--log-errors|10.0.0.1
-oM|same|10.0.0.1
-v11|10.0.0.1
--interval|1|10.0.0.1
--jsonl|--open|10.0.0.1
--merge|/dev/null|-T4
--merge|/dev/null|-6'''
    for line in lines.split('\n'):
        out = scan(*line.split('|'))
        expect('wrong: %s' % line, out.returncode == 2 and not out.stdout and
               out.stderr.count(b'\n') == 1 and
               out.stderr.startswith(b'sockdeck: ') and
               len(out.stderr) < 300, out)
    for args, words in ((('-p', ''), b'-p "": '),
                        (('--top-ports', '65536'), b'1 to 65535'),
                        (('224.0.0.1',), b'without force')):
        out = scan('-n', *args, '10.0.0.1' if args[0][0] == '-' else '-r')
        expect('wrong: %s' % (args,), words in out.stderr, out)
    expect('no file of a refused option', not os.path.exists('same') and
           not os.path.exists('-'))
    out = scan('-n', '-Pn', '-p', '22', '203.0.113.9')
    expect('-Pn without a route', b'Nothing could be sent' in out.stdout and
           b'-Pn' not in out.stdout, out)
    for args in (('-Pn', '-p', '22'), ('-p', '22'), ('-sn',)):
        out = scan('-n', *args, '203.0.113.9')
        expect('no route', out.returncode == 4 and
               b'Nothing could be sent' in out.stdout and
               b'-Pn' not in out.stdout and
               b'Network is unreachable' in out.stderr, out)
    out = scan('-n', '-p', '22', '203.0.113.9', '10.0.0.1')
    expect('no route to one of two', out.returncode == 0, out)
    same, link, base = (os.path.join(TMP, x) for x in ('same', 'link', 'ba'))
    os.symlink(same, link)
    os.symlink(same, base + '.gnmap')
    for args in (('-oX', same, '-oN', link), ('-oX', same, '-oG',
                 TMP + '/./same'), ('-oA', base, '--resume', same)):
        out = scan('-n', '-p', '22', *args, '10.0.0.1')
        expect('two outputs in %s' % (args,), out.returncode == 4 and
               b'another output of this one' in out.stderr and
               not out.stdout.count(b'22/tcp'), out)
    with open(same, 'w') as f:
        out = subprocess.run([SOCKDECK, 'scan', '-n', '-p', '22', '-oX', same,
                              '10.0.0.1'], env=ENV, stdout=f,
                             stderr=subprocess.PIPE)
    expect('and standard output', out.returncode == 4 and out.stderr, out)
    out = scan('-n', '-p', '22', '-oX', '/dev/null', '-oG',
               '/dev/../dev/null', '10.0.0.1')
    expect('nowhere by two names', out.returncode == 0, out)
    out = scan('--readonly', '10.0.0.1')
    expect('--readonly', out.returncode == 3, out)
    out = scan('-n', 'nosuch.invalid')
    expect('a name that is none', out.returncode in (2, 4) and
           b'nosuch.invalid' in out.stderr, out)
    out = scan('-n', '-p', '22', 'nosuch.invalid', '10.0.0.1')
    expect('one name that is none', out.returncode == 4 and
           b'22/tcp open' in out.stdout, out)


def main():
    try:
        listeners()
        # These wait, most of the time, and are not in each other's way.
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for part in [pool.submit(f) for f in
                         (beside_nmap, hosts, interrupts)]:
                part.result()
        forms()
        options()
        journals()
        this_machine()
        wrong()
    finally:
        shutil.rmtree(TMP)
    sys.exit(1 if BAD else 0)


main()

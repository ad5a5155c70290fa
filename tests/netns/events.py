#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""list --events beside ss -E: connections that no reading sees are all
listed, nobody is made their owner, and what is known of them is right."""
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ.get('SRCDIR', '.'), 'tests/netns'))
import netlib  # noqa: E402

netlib.enter()
SHORT = 500


class Stream:
    """A program's lines as they come."""

    def __init__(self, *argv):
        self.proc = subprocess.Popen(argv, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE)
        self.text = b''

    def read(self):
        while select.select([self.proc.stdout], [], [], 0.02)[0]:
            data = os.read(self.proc.stdout.fileno(), 1 << 16)
            if not data:
                break
            self.text += data
        return self.text.decode()

    def end(self, sig):
        self.proc.send_signal(sig)
        out, err = self.proc.communicate()
        return self.text.decode() + out.decode(), err.decode()


def listen(port, family=socket.AF_INET, addr='10.0.0.1'):
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((addr, port))
    s.listen(64)
    return s


def short(server):
    """A connection of some hundred microseconds; the client's port."""
    c = socket.socket(server.family)
    c.connect(server.getsockname())
    a, _ = server.accept()
    port = c.getsockname()[1]
    c.send(b'x' * 100)
    a.recv(100)
    c.close()
    a.close()
    return port


def events(text):
    return [json.loads(line) for line in text.splitlines()]


def key(ev):
    return (ev['proto'], ev['local']['addr'], ev['local']['port'],
            ev.get('peer', {}).get('addr'), ev.get('peer', {}).get('port'))


def all_listed(v4, v6):
    # A reading a day: what is listed, no reading saw.
    s = Stream(netlib.SOCKDECK, 'list', '--events', '--jsonl',
               '--interval', '1d')
    ss = Stream('stdbuf', '-oL', 'ss', '-E', '-a', '-n', '-t', '-u', '-H', '-O')

    def awake():
        # Until both listen, closings are for nobody.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
            u.connect(('10.0.0.2', 9))
        return '"closed"' in s.read() and ':9' in ss.read()
    netlib.wait_for('both streams', awake)
    ports = [short(v4) for _ in range(SHORT)]
    ports6 = [short(v6) for _ in range(SHORT // 10)]

    def told(text):
        return (text.count(':%d' % v4.getsockname()[1]) +
                text.count(':%d' % v6.getsockname()[1]))
    want = 2 * (len(ports) + len(ports6))
    netlib.wait_for('all events', lambda: s.read().count('"proto":"tcp"')
                    >= want and told(ss.read()) >= want)
    text, err = s.end(signal.SIGINT)
    if s.proc.returncode != 130:
        netlib.fail('status', s.proc.returncode, err)
    theirs, _ = ss.end(signal.SIGTERM)
    evs = [e for e in events(text) if e['proto'] == 'tcp']
    ours = {key(e) for e in evs}
    if len(ours) != len(evs) or len(evs) != want:
        netlib.fail('%d events, %d different, expected %d' %
                    (len(evs), len(ours), want))
    for addr, server, clients in (('10.0.0.1', v4, ports),
                                  ('2001:db8::1', v6, ports6)):
        port = server.getsockname()[1]
        for c in clients:
            for k in (('tcp', addr, port, addr, c), ('tcp', addr, c, addr,
                                                     port)):
                if k not in ours:
                    netlib.fail('not listed:', k)
    # ss's own list of the same: its state, two queues, local, peer.
    line = re.compile(r'^tcp\s+\S+\s+\d+\s+\d+\s+\[?([^\]\s]+)\]?:(\d+)\s+'
                      r'\[?([^\]\s]+)\]?:(\d+)', re.M)
    peers = {('tcp', m[0], int(m[1]), m[2], int(m[3]))
             for m in line.findall(theirs)}
    if peers != ours:
        netlib.fail('ss -E lists others:', sorted(peers ^ ours)[:4])
    for e in evs:
        if e['ev'] != 'closed' or not e['told'] or e['seen']:
            netlib.fail('not closed unseen:', e)
        for k in ('uid', 'user', 'inode', 'owners', 'recvq'):
            if k in e:
                netlib.fail('made up:', k, e)
        sent, got = e['tcp']['bytes_sent'], e['tcp']['bytes_received']
        mine = e['local']['port'] in (18000, 18006)
        # The kernel counts the other end's FIN as a byte received.
        if (sent, got) not in (((0, 100), (0, 101)) if mine else
                               ((100, 0), (100, 1))):
            netlib.fail('bytes', e)
        by = e.get('accepted_by', {})
        if mine != (by.get('pid') == os.getpid()):
            netlib.fail('accepted by', by, e)
    if 'root' in re.sub(r'"(cwd|exe|cmdline)":"[^"]*"', '', text):
        netlib.fail('root is named')


def joined(v4):
    """What a reading saw is told with its owner, and once."""
    s = Stream(netlib.SOCKDECK, 'list', '--events', '--jsonl',
               '--interval', '0.1', 'port:18000')
    c = []

    def seen():
        if not c:
            c.append(socket.create_connection(v4.getsockname()))
            c.append(v4.accept()[0])
        return s.read().count('"opened"') >= 2
    # A connection made before the first reading is no news.
    netlib.wait_for('the first reading', lambda: short(v4) and
                    '"closed"' in s.read())
    netlib.wait_for('opened', seen)
    ports = {c[0].getsockname()[1]}
    c[0].close()
    c[1].close()

    def mine(kind):
        return [e for e in events(s.read()) if e['ev'] == kind and
                ports & {e['local']['port'], e['peer']['port']}]
    netlib.wait_for('closed', lambda: len(mine('closed')) == 2)
    for e in mine('closed'):
        if not (e['told'] and e['seen'] and e['was'] == 'ESTABLISHED' and
                e['owners'][0]['pid'] == os.getpid()):
            netlib.fail('not joined', e)
    # TIME-WAIT is no second event, nor is what readings find gone.
    n = len(events(s.read()))
    netlib.wait_for('ten more', lambda: [short(v4)] and
                    len(events(s.read())) > n + 20)
    if len(mine('closed')) != 2 or len(mine('opened')) != 2:
        netlib.fail('told again', mine('closed'))
    s.end(signal.SIGINT)


def forms(v4):
    """Text, and --limit."""
    s = Stream(netlib.SOCKDECK, 'list', '--events', '--limit', '3', '-n',
               '--interval', '1d')
    # The titles come with the first reading: no reading sees what follows.
    netlib.wait_for('titles', lambda: 'EVENT' in s.read())
    netlib.wait_for('three lines', lambda: (s.proc.poll() is None and
                    short(v4)) is None or s.proc.poll() is not None)
    text = s.read()
    if s.proc.wait() != 0 or len(text.splitlines()) != 4:
        netlib.fail('limit', s.proc.returncode, text)
    if not re.search(r'closed tcp +CLOSED +10\.0\.0\.1:18000 .* - +- +'
                     r'between two readings, rx 10[01] tx 0, via python3',
                     text):
        netlib.fail('text', text)


v4 = listen(18000)
v6 = listen(18006, socket.AF_INET6, '2001:db8::1')
all_listed(v4, v6)
joined(v4)
forms(v4)

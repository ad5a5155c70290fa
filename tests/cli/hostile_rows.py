#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""1,000 rows of hostile text (failures.md E11, E16): every output has as many
rows as there are sockets, is read by others' readers, says the same in each
form, and is the same again after it was read back."""
import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile

SOCKDECK = os.environ.get('SOCKDECK', 'sockdeck')
ROWS = 1000
PIECES = ['\n', '\r', '\t', '\x1b[31m', '\x7f', '\x9b', '\u202e',
          '\u2028', '\ufeff', '"', "'", ',', ';', '=', '+', '-', '@', '\\',
          '\\x1b', '\\u{1}', '{', '}', '%s', ' ', '  ', 'a', 'Z', '0',
          '\u65e5', '\u00e9', 'e\u0301\u0301\u0301\u0301\u0301', '\U0001f600',
          '\U000e0041', '\uffff', '<', '&']


def run(*args):
    out = subprocess.run([SOCKDECK, 'list', *args], capture_output=True,
                         stdin=subprocess.DEVNULL,
                         env=dict(os.environ, LC_ALL='C.UTF-8'))
    if out.returncode != 0:
        fail(args, 'status', out.returncode, out.stderr)
    return out.stdout.decode('utf-8')


def fail(*what):
    print('FAILED:', *what)
    sys.exit(1)


def recording(path, rnd):
    def text():
        return ''.join(rnd.choice(PIECES) for _ in range(rnd.randrange(1, 12)))
    with open(path, 'w') as f:
        f.write(json.dumps({'schema': 1, 'reading': 1, 'host': text(),
                            'time': '2026-11-21T02:50:55.000Z',
                            'source': 'netlink', 'privileged': True,
                            'hidden_owners': 0, 'warnings': []}) + '\n')
        for i in range(ROWS):
            owner = {'pid': 100 + i, 'fd': 3, 'start': 5}
            for k in ('process', 'cmdline', 'user', 'unit', 'exe', 'cwd'):
                owner[k] = text()
            f.write(json.dumps({
                'netns': 1, 'netns_name': text(), 'proto': 'tcp',
                'family': 4, 'state': 'LISTEN', 'user': text(), 'uid': 5,
                'local': {'addr': '127.0.0.1', 'port': 1000 + i,
                          'iface': text()},
                'peer': {'addr': '0.0.0.0', 'port': 0}, 'recvq': 0,
                'sendq': 5, 'inode': 1 + i, 'cookie': 1 + i,
                'owners': [owner]}) + '\n')


def main():
    seed = int(os.environ.get('SEED', random.randrange(1 << 31)))
    print('SEED=%d' % seed)
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, 'rows.jsonl')
        recording(path, random.Random(seed))
        frm = ('--from', path)
        want = list(range(1000, 1000 + ROWS))

        text = run(*frm, '-H', '-n', '--sort', 'lport', '--columns',
                   'lport,process,cmdline,user')
        if [int(x.split()[0]) for x in text.splitlines()] != want:
            fail('text:', len(text.splitlines()), 'lines')
        doc = json.loads(run(*frm, '--json', '--sort', 'lport'))
        if [s['local']['port'] for s in doc['sockets']] != want:
            fail('json:', len(doc['sockets']), 'rows')
        lines = run(*frm, '--jsonl', '--sort', 'lport').split('\n')
        if [json.loads(x) for x in lines if x] != doc['sockets']:
            fail('jsonl is not json')
        columns = 'lport,process,cmdline,user,exe,cwd,iface'
        table = list(csv.DictReader(io.StringIO(
            run(*frm, '--csv', '--sort', 'lport', '--columns', columns),
            newline='')))
        if [int(r['lport']) for r in table] != want:
            fail('csv:', len(table), 'rows')
        for r, s in zip(table, doc['sockets']):
            owner = s['owners'][0]
            for k in ('process', 'cmdline', 'exe', 'cwd'):
                cell = r[k]
                if cell != '-' and cell[:1] in ('=', '+', '-', '@'):
                    fail('a formula in', k, repr(cell))
                if cell[:1] == "'" and owner[k][:1] in ('=', '+', '-', '@'):
                    cell = cell[1:]
                if cell != owner[k]:
                    fail(k, 'is', repr(r[k]), 'and', repr(owner[k]))
        again = os.path.join(tmp, 'again.json')
        with open(again, 'w', encoding='utf-8') as f:
            f.write(json.dumps(doc, ensure_ascii=False))
        back = json.loads(run('--from', again, '--json', '--sort', 'lport'))
        if back['sockets'] != doc['sockets']:
            for a, b in zip(back['sockets'], doc['sockets']):
                if a != b:
                    fail('read back', a, 'was', b)
            fail('read back', len(back['sockets']), 'rows')
    print(ROWS, 'rows in 4 forms, the same in each and when read back')


main()

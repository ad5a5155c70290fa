#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Process names, arguments and interface names that would steer a terminal,
forge a row or break a reader: in no output is a raw control left, every
socket has its one row, JSON and CSV stay readable."""
import csv
import io
import json
import subprocess
import sys

import netlib

NAMES = [
    b'\x1b[31mred', b'\x1b]0;title\x07', b'A\nroot 1', b'A\rroot', b'\x7f\x08x',
    b'\xc2\x9b31m', b'\x9b31m', b'\xe2\x80\xaeevil', b'\xe2\x81\xa6iso',
    b'\xe2\x80\x8bzero', b'\xef\xbb\xbfbom', b'\xff\xfe\xfd', b'\xc3(', b'(((',
    b')) (', b'x) Z 1 1 1 (y', b'%s%n%s%n', b'=cmd()', b'+1+1', b'-1', b'@sum',
    b'a,b"c', b"'; rm -rf", b'\xe2\x80\xa8line', b'e\xcc\x81\xcc\x81\xcc\x81'
    b'\xcc\x81\xcc\x81', b'  lead', b'\t\ttab', b'\\x1b', b'\xf3\xa0\x81\x81',
    b'<b>&amp;', b'{"a":1}', b'#!/bin/sh',
]
CODE = r'''
import ctypes, socket, sys
name = bytes.fromhex(sys.argv[1])
ctypes.CDLL(None).prctl(15, ctypes.c_char_p(name), 0, 0, 0)
s = socket.socket()
if sys.argv[3]:
    s.setsockopt(socket.SOL_SOCKET, 25, bytes.fromhex(sys.argv[3]))
s.bind(("127.0.0.1", int(sys.argv[2])))
s.listen()
print("ready", flush=True)
sys.stdin.read()
'''
IFNAME = b'\x1b[7m\xc2\x9bx'
COLUMNS = 'proto,state,local,peer,pid,user,process,cmdline,exe,cwd,unit,iface'


def start(port, name):
    child = subprocess.Popen(
        [name + b' argv0', '-c', CODE, name.hex(), str(port),
         IFNAME.hex() if port % 2 else '', b'arg ' + name],
        executable=sys.executable, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE)
    if child.stdout.readline() != b'ready\n':
        netlib.fail('no child for', name)
    return child


def raw_controls(data, allowed):
    """What of this must not be there."""
    try:
        text = data.decode('utf-8')
    except UnicodeDecodeError as e:
        return ['invalid UTF-8: %s' % e]
    found = []
    for c in text:
        o = ord(c)
        if (o < 32 and c not in allowed) or 0x7f <= o <= 0x9f or \
                o == 0x61c or 0x200b <= o <= 0x200f or \
                0x2028 <= o <= 0x202e or 0x2060 <= o <= 0x2069 or \
                o == 0xfeff or 0xfff9 <= o <= 0xfffb or \
                0xe0000 <= o <= 0xe007f:
            found.append('U+%04X' % o)
    return found


def ask(what, args, allowed='\n'):
    out = subprocess.run([netlib.SOCKDECK, 'list'] + args,
                         stdin=subprocess.DEVNULL, capture_output=True)
    for stream in (out.stdout, out.stderr):
        bad = raw_controls(stream, allowed)
        if bad:
            netlib.fail(what, 'has raw', sorted(set(bad)))
    if out.returncode != 0:
        netlib.fail(what, 'status', out.returncode, out.stderr)
    return out.stdout.decode()


def main():
    netlib.enter()
    for cmd in (['ip', 'link', 'set', 'lo', 'down'],
                ['ip', 'link', 'set', 'lo', 'name', IFNAME],
                ['ip', 'link', 'set', IFNAME, 'up']):
        if subprocess.run(cmd).returncode != 0:
            netlib.skip('the loopback interface cannot be renamed')
    children = [start(2000 + i, n) for i, n in enumerate(NAMES)]
    want = {2000 + i for i in range(len(NAMES))}

    text = ask('text', ['-tlnH', '--columns', COLUMNS])
    got = [int(x.split()[2].rpartition(':')[2]) for x in text.splitlines()]
    if sorted(got) != sorted(want):
        netlib.fail('text rows', sorted(got))
    ask('text', ['-tlneoim'])
    ask('colour', ['-tln'])

    doc = json.loads(ask('json', ['--json', '-tl']))
    if {s['local']['port'] for s in doc['sockets']} != want:
        netlib.fail('json rows')
    lines = ask('jsonl', ['--jsonl', '-tl']).splitlines()
    if {json.loads(x)['local']['port'] for x in lines} != want:
        netlib.fail('jsonl rows')

    columns = [x.split()[0] for x in subprocess.run(
        [netlib.SOCKDECK, '--list-columns'], capture_output=True,
        text=True).stdout.splitlines()]
    table = list(csv.reader(io.StringIO(ask(
        'csv', ['--csv', '-tl', '--columns', ','.join(columns)], '\r\n'),
        newline='')))
    if table[0] != columns or len(table) != len(NAMES) + 1:
        netlib.fail('csv has', len(table) - 1, 'rows', table[:2])
    names = {}
    for row in table[1:]:
        if len(row) != len(columns):
            netlib.fail('csv row of', len(row), 'cells', row)
        for name, cell in zip(columns, row):
            if cell[:1] in ('=', '+', '-', '@'):
                netlib.fail('csv formula in', name, repr(cell))
        names[int(row[columns.index('lport')])] = \
            row[columns.index('process')]
    # What looks like a formula is still all there behind its guard.
    for i, n in enumerate(NAMES):
        if n[:1] in b'=+-@' and names[2000 + i] != "'" + n.decode():
            netlib.fail('csv name', n, names[2000 + i])
    # What is typed is foreign text too when it is said back.
    for args in (['\x1b[31m = ='], ['--\x1b]0;x\x07'], ['-\x9b'],
                 ['--columns', '\x1b'], ['--sort', '\u202e'],
                 ['-N', '\x1b[31m'], ['--from', '/no/\x1b[31m'],
                 ['-i', ':\x1b'], ['-sTCP:\x1b']):
        out = subprocess.run([netlib.SOCKDECK, 'list'] + args,
                             stdin=subprocess.DEVNULL, capture_output=True)
        bad = raw_controls(out.stderr + out.stdout, '\n')
        if bad or out.returncode in (0, 1) or out.returncode < 0:
            netlib.fail('arguments', args, bad, out.returncode)
    for c in children:
        c.stdin.close()
        c.wait()
    print(len(NAMES), 'names in 4 outputs and messages: 0 raw controls')


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`explain` of what is so here: who has a port, how many are in a state, what
the kernel keeps ports for. And every command that a question is answered
with, run as the reader would."""
import json
import os
import socket
import subprocess

import netlib
from netlib import fail, keep, listener, run

PORT = 18080
SYS = '/proc/sys/net/ipv4/'


def explain(*words, status=0):
    out = run(['explain', '--json'] + list(words))
    if out.returncode != status or out.stderr:
        fail('explain', words, out.returncode, out.stderr)
    return json.loads(out.stdout)['answers']


def lines(answer, label, section='now'):
    return [x['text'] for x in answer['lines'] if x['label'] == label and
            section in x.get('section', '').lower()]


def one(word, label, *parts, section='now'):
    (answer,) = explain(word)
    got = lines(answer, label, section)
    if len(got) != 1 or not all(p in got[0] for p in parts):
        fail(word, label, got, 'wanted', parts)


def none(word, label):
    (answer,) = explain(word)
    if lines(answer, label):
        fail(word, label, lines(answer, label))


def uses():
    me = 'python3 (%d' % os.getpid()
    one(str(PORT), 'Sockets', 'none')
    server = listener('10.0.0.1', PORT)
    one(str(PORT), 'Listens', 'tcp 10.0.0.1:%d: ' % PORT, me, 'private')
    none(str(PORT), 'Connections')
    none('%d/udp' % PORT, 'Listens')
    one('%d/udp' % PORT, 'Sockets', 'none')
    for n in (1, 2):
        client = keep(socket.create_connection(('10.0.0.1', PORT)))
        accepted = keep(server.accept()[0])
        one(str(PORT), 'Connections', '%d: ' % n, me)
        one(str(PORT), 'Clients', '%d: ' % n, me)
    one('%d-%d/tcp' % (PORT - 5, PORT + 5), 'Connections', '2: ', me)
    one('close-wait', 'Here', '0')
    client.shutdown(socket.SHUT_WR)
    netlib.wait_for('the FIN', lambda: not accepted.recv(1))
    one('CLOSE_WAIT', 'Here', '1: ', me)
    one('finwait2', 'Here', '1: ', me)
    held = keep(socket.socket())
    held.bind(('127.0.0.1', PORT + 1))
    one(str(PORT + 1), 'Bound only', '127.0.0.1:%d' % (PORT + 1), me)
    udp = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    udp.bind(('127.0.0.1', PORT))
    one('%d/udp' % PORT, 'Receives', 'udp 127.0.0.1:%d' % PORT, me)


def namespaces():
    """The same port, in another namespace: it is named."""
    holder = subprocess.Popen(
        ['unshare', '-n', 'python3', '-c',
         'import socket, sys\n'
         's = socket.socket()\n'
         's.bind(("127.0.0.1", 18090))\n'
         's.listen()\n'
         'print("ready", flush=True)\n'
         'sys.stdin.read()'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    one('18090', 'Sockets', 'none')
    (answer,) = explain('18090', '-N', str(holder.pid))
    got = lines(answer, 'Listens')
    if len(got) != 1 or 'in namespace ' not in got[0]:
        fail('another namespace', answer)
    holder.communicate()


def limits():
    def sysctl(name, value):
        with open(SYS + name, 'w') as f:
            f.write(value)

    sysctl('ip_local_port_range', '20000 29999')
    sysctl('ip_local_reserved_ports', '25000-25009')
    sysctl('ip_unprivileged_port_start', '600')
    here = dict(section='on this machine')
    one('500', 'To bind', 'needs CAP_NET_BIND_SERVICE: below 600', **here)
    one('700', 'To bind', 'no privilege', **here)
    one('25000', 'Ephemeral', 'within 20000-29999', **here)
    one('30000', 'Ephemeral', 'outside', **here)
    one('25005', 'Reserved', 'not given', **here)
    one('25005-25014', 'Reserved', '5 of them', **here)


def questions():
    """All of them succeed where there is a server on 22."""
    listener('127.0.0.1', 22)
    listener('10.0.0.1', 443)
    bin_dir = os.path.dirname(os.path.abspath(netlib.SOCKDECK))
    env = dict(os.environ, PATH=bin_dir + ':' + os.environ['PATH'])
    n = 0
    for answer in explain('questions'):
        if not answer['run'] or not answer['source']:
            fail(answer['title'], 'has no command')
        for command in answer['run']:
            out = subprocess.run(command, shell=True, capture_output=True,
                                 env=env, text=True)
            if out.returncode != 0 or not out.stdout:
                fail(command, out.returncode, out.stdout, out.stderr)
            n += 1
    if n < 11:
        fail('only', n, 'commands')


def main():
    netlib.enter()
    uses()
    namespaces()
    limits()
    questions()


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What src/scan/payload_*.inc asks, asked of real servers: of those that are
installed here, each in a namespace, each must be found open."""
import os
import shutil
import subprocess
import sys
import tempfile

import scanlab
from scan_udp import OPEN, found, scan
from scanlab import HOST, Lab
from scanrun import fail

# A program: its arguments, the ports to be found open, files it wants. "%" is
# a directory of its own.
SERVERS = {
    'dnsmasq': (['-k', '--conf-file=/dev/null', '--user=root', '--group=root',
                 '--no-resolv', '--no-hosts', '--pid-file=%/pid', '--port=5300',
                 '--dhcp-range=10.66.200.1,10.66.200.9', '--enable-tftp',
                 '--dhcp-leasefile=%/leases', '--tftp-root=%',
                 '--tftp-no-fail'], [67, 69, 5300], {}),
    'openssl': (['s_server', '-dtls', '-listen', '-accept', '4433', '-cert',
                 '%/cert', '-key', '%/key'], [4433], {}),
    'chronyd': (['-d', '-x', '-u', 'root', '-f', '%/conf'], [123],
                {'conf': 'allow all\nlocal stratum 8\ncmdport 0\n'
                         'pidfile %/pid\nbindcmdaddress /\n'}),
    'snmpd': (['-f', '-Lo', '-C', '-c', '%/conf', '-p', '%/pid'], [161],
              {'conf': 'agentAddress udp:161\nrocommunity public\n'}),
    'rpcbind': (['-f', '-w'], [111], {}),
    'memcached': (['-u', 'root', '-U', '11211', '-p', '11211'], [11211], {}),
    'named': (['-f', '-c', '%/conf'], [53],
              {'conf': 'options { directory "%"; recursion no; '
                       'pid-file none; listen-on port 53 { any; }; };\n'
                       'controls { };\n'}),
    'in.tftpd': (['-L', '-u', 'root', '-a', '0.0.0.0:6969', '%'], [6969], {}),
    'turnserver': (['-n', '-a', '-u', 'a:b', '-r', 'x', '--no-tls', '--no-cli',
                    '--pidfile', '%/pid', '--log-file', '%/log'], [3478], {}),
    'kamailio': (['-DD', '-E', '-l', 'udp:10.66.0.2:5060', '-Y', '%', '-P',
                  '%/pid'], [5060], {}),
    'xl2tpd': (['-D', '-c', '%/conf', '-p', '%/pid', '-C', '%/control'],
               [1701], {'conf': '[global]\n[lns default]\n'
                                'ip range=10.9.0.2-10.9.0.3\n'
                                'local ip=10.9.0.1\n'}),
    'coap-server-notls': (['-A', '10.66.0.2'], [5683], {}),
}


def bound(lab, port):
    out = lab.target.run('ss', '-Huln', 'sport', '=', ':%d' % port)
    return out.strip() != ''


def start(lab, name, home):
    """Its process, or None: it does not run here (no rights in a user
    namespace, another version's options)."""
    args, ports, files = SERVERS[name]
    for file, text in files.items():
        with open(os.path.join(home, file), 'w') as f:
            f.write(text.replace('%', home))
    if name == 'openssl':
        scanlab.must(['openssl', 'req', '-x509', '-newkey', 'rsa:2048',
                      '-nodes', '-subj', '/CN=x', '-keyout', home + '/key',
                      '-out', home + '/cert', '-days', '9'])
    with open(home + '/output', 'w') as log:
        p = subprocess.Popen(lab.target.inside + [name] +
                             [a.replace('%', home) for a in args],
                             stdin=subprocess.PIPE, stdout=log, stderr=log)
    while not all(bound(lab, port) for port in ports):
        if p.poll() is not None:
            with open(home + '/output') as log:
                print(name, 'does not run here:', log.read().strip()[-200:])
            return None
        os.sched_yield()
    return p


def main():
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    scanlab.enter('ss')
    there = [n for n in SERVERS if shutil.which(n) is not None and
             (not sys.argv[1:] or n in sys.argv[1:])]
    tried = 0
    with Lab('none', tcp=[], udp=[]) as lab:
        lab.target.sysctl('net.ipv4.icmp_ratelimit', 0)
        for name in there:
            with tempfile.TemporaryDirectory() as home:
                p = start(lab, name, home)
                if p is None:
                    continue
                ports = SERVERS[name][1]
                got = found(scan('-sU', '-p', scanlab.ports_text(ports),
                                 HOST[4]), HOST[4])
                p.terminate()
                p.communicate()
                wrong = {q: got.get(q) for q in ports if got.get(q) != OPEN}
                if wrong:
                    fail(name, wrong)
                print('ok:', name, *ports)
                tried += 1
    if tried == 0:
        scanlab.skip('none of these runs here: ' + ' '.join(SERVERS))


if __name__ == '__main__':
    main()

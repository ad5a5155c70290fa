#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`free`: every port it names can be bound, none that it must not name is
named, and all that are free are found."""
import json
import os
import socket
import subprocess

import netlib
from netlib import fail, keep, listener, run

SYS = '/proc/sys/net/ipv4/'


def sysctl(name, value):
    with open(SYS + name, 'w') as f:
        f.write(value)


def ports(args, status=0, err=''):
    out = run(['free'] + args)
    if out.returncode != status:
        fail('free', args, 'status', out.returncode, out.stderr)
    if err not in out.stderr or (status == 0 and out.stderr):
        fail('free', args, 'says', repr(out.stderr))
    got = [int(line) for line in out.stdout.splitlines()]
    if len(got) != len(set(got)):
        fail('free', args, 'hands out a port twice', got)
    return got


def bindable(port, kind=socket.SOCK_STREAM):
    """Both families at once, as a server would."""
    with socket.socket(socket.AF_INET6, kind) as s:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            s.bind(('::', port))
            if kind == socket.SOCK_STREAM:
                s.listen(1)
        except OSError:
            return False
    return True


def same(args, want, **kw):
    got = ports(args, **kw)
    if got != want:
        fail('free', args, 'gives', got, 'wanted', want)


def holders():
    """All kinds of holders: each of these ports is taken."""
    listener('127.0.0.1', 20000)
    listener('10.0.0.1', 20001)
    listener('::', 20002, socket.AF_INET6, v6only=1)
    listener('2001:db8::1', 20003, socket.AF_INET6)
    s = keep(socket.socket())           # BOUND: no tool shows it
    s.bind(('10.0.0.2', 20004))
    server = listener('10.0.0.1', 20005)
    c, a = netlib.connection(server, ('10.0.0.1', 20005),
                             ('10.0.0.2', 20006))
    a.close()
    c.close()           # one of the two is in TIME-WAIT now
    c, a = netlib.connection(server, ('10.0.0.1', 20005),
                             ('10.0.0.2', 20007))
    c.close()
    a.close()
    netlib.wait_for('TIME-WAIT', lambda: 'TIME-WAIT' in netlib.states_of(
        20007))
    for addr, port in (('127.0.0.1', 20010), ('0.0.0.0', 20011)):
        u = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        u.bind((addr, port))


def complete():
    """In a range with every kind of holder it finds what a bind finds."""
    every = ['--any', '-n', '100', '19990-20089']
    want = [p for p in range(19990, 20090) if bindable(p)]
    if not 85 < len(want) < 94:
        fail('the holders do not hold', want)
    same(every, want, status=1, err='in use')
    udp = [p for p in range(19990, 20090)
           if bindable(p, socket.SOCK_DGRAM)]
    if len(udp) != 98:
        fail('UDP', udp)
    same(['--any', '-n', '100', '19990-20089/udp'], udp, status=1,
         err='2 in use')
    # One family alone.
    if 20003 not in ports(['-4', '--any', '-n', '100', '19990-20089'],
                          status=1):
        fail('-4: an IPv6 address is in the way')
    if 20000 not in ports(['-6', '--any', '-n', '100', '19990-20089'],
                          status=1):
        fail('-6: an IPv4 address is in the way')


def avoids():
    sysctl('ip_local_port_range', '30000\t30009')
    sysctl('ip_local_reserved_ports', '29998,30020-30022')
    asked = ['-n', '100', '29990-30029']
    got = ports(asked, status=1, err='10 in the ephemeral range')
    want = [p for p in range(29990, 30030) if p != 29998 and
            not 30000 <= p <= 30009 and not 30020 <= p <= 30022]
    if got != want:
        fail('avoids', got)
    if 30005 not in ports(['--ephemeral'] + asked, status=1):
        fail('--ephemeral')
    if len(ports(['--any'] + asked, status=1)) != 40:
        fail('--any')
    # Named services, unless asked; one port by its number is asked for.
    if 8080 in ports(['-n', '9', '8076-8084'], status=1):
        fail('8080 is registered')
    if 8080 not in ports(['--registered', '-n', '9', '8076-8084']):
        fail('--registered')
    same(['8080'], [8080])
    same(['30005'], [30005])
    same(['20000'], [], status=1, err='1 in use')
    sysctl('ip_local_reserved_ports', '')


def order():
    first = ports(['-n', '5', '21100-21199'])
    if first != [21100, 21101, 21102, 21103, 21104]:
        fail('a range is not from its lowest', first)
    if ports(['-n', '9', '--seed', '1']) != ports(['-n', '9', '--seed', '1']):
        fail('the same seed gives other ports')
    starts = {tuple(ports(['-n', '1'])) for _ in range(8)}
    if len(starts) < 3:
        fail('without a seed it always starts at', starts)
    many = ports(['-n', '2000'])
    if len(many) != 2000 or not all(bindable(p) for p in many):
        fail('2000 of them cannot be bound')


def privileged():
    """Who may not bind below 1024 does not get such a port. The script may,
    in its own namespace; its child, without capabilities, may not."""
    if 900 not in ports(['--any', '900-910']):
        fail('root gets no privileged port')
    out = subprocess.run(
        ['setpriv', '--bounding-set=-net_bind_service', '--inh-caps=-all',
         netlib.SOCKDECK, 'free', '--any', '-n', '20', '1015-1030'],
        capture_output=True, text=True)
    if out.stdout.split() != [str(p) for p in range(1024, 1031)] or \
            '9 not permitted' not in out.stderr or out.returncode != 1:
        fail('without the capability', out.stdout, out.stderr)


def usage():
    for args in (['0'], ['9-8'], ['a'], ['80', '90'], ['-n', '0'], ['-n'],
                 ['--seed', 'x'], ['80/sctp'], ['-N', 'all'], ['-N', '1,2'], ['-t'],
                 ['--csv'], ['-n', '65536']):
        out = run(['free'] + args)
        if out.returncode != 2 or not out.stderr or out.stdout:
            fail('free', args, out.returncode, out.stderr)


def document():
    out = run(['free', '--json', '-n', '3', '22200-22202/udp'])
    d = json.loads(out.stdout)
    if d['ports'] != [22200, 22201, 22202] or d['proto'] != 'udp' or \
            d['wanted'] != 3 or d['passed_over']['in_use'] != 0:
        fail('--json', out.stdout)


def namespaces():
    """-N: another namespace's ports, and its own settings."""
    holder = subprocess.Popen(
        ['unshare', '-n', 'sh', '-c', 'ip link set lo up; '
         'echo "23000\t23004" >/proc/sys/net/ipv4/ip_local_port_range; '
         'echo ready; read end'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    pid = str(holder.pid)
    listener('127.0.0.1', 23010)
    if ports(['-N', pid, '--any', '23010']) != [23010]:
        fail('-N looks at our own namespace')
    got = ports(['-N', pid, '-n', '20', '23000-23009'], status=1,
                err='5 in the ephemeral range')
    if got != [23005, 23006, 23007, 23008, 23009]:
        fail('-N: settings', got)
    same(['23010'], [], status=1, err='1 in use')
    holder.communicate(b'\n')


def main():
    netlib.enter()
    holders()
    complete()
    avoids()
    order()
    privileged()
    usage()
    document()
    namespaces()
    print('free: all as bind(2) says', os.path.basename(__file__))


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What a worker may do once it has begun: send packets, and nothing else."""
import ctypes
import json
import os
import platform
import pwd
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

from workerlib import (PATIENCE, SOCKDECK, WORKER, Worker, expect, finish,
                       gone, listener, sandbox, slow, status_of)

ROOT = os.geteuid() == 0
SANDBOX = sandbox()
NONE = SANDBOX.startswith('none')
SETS = ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb')


def uid_map():
    with open('/proc/self/uid_map') as f:
        return f.read().split()


def caps_are_there():
    with open('/proc/self/status') as f:
        for line in f:
            if line.startswith('CapEff'):
                return int(line.split()[1], 16) >> 13 & 1    # CAP_NET_RAW
    return False


def check(st, uid, bounding):
    """The lines of /proc/PID/status that tell."""
    for name in SETS:
        if name == 'CapBnd' and not bounding:
            continue
        expect(name + ' is empty', int(st[name], 16) == 0, st[name])
    expect('no_new_privs', st['NoNewPrivs'] == '1', st['NoNewPrivs'])
    expect('seccomp filters', st['Seccomp'] == '2' or NONE, st['Seccomp'])
    expect('one thread', st['Threads'] == '1' or NONE, st['Threads'])
    if uid is None:
        return
    expect('its user', set(st['Uid'].split()) == {str(uid)}, st['Uid'])
    if uid != 0:
        expect('not in group 0', '0' not in st['Gid'].split() +
               st['Groups'].split(), st['Gid'], st['Groups'])
    expect('no other groups', st['Groups'].split() == [], st['Groups'])


def begun(env=None, **request):
    """A worker that scans, its status."""
    w = Worker(slow(**request), env=env)
    w.until('progress')
    return w, status_of(w.p.pid)


def stop(w):
    w.say({'op': 'stop'})
    last, status = w.end()
    expect('stopped', status == 3, last)


def as_it_is_started():
    """As root: nobody, no capability in any set, no groups. Else: we."""
    env = {k: v for k, v in os.environ.items() if not k.startswith('SUDO_')}
    w, st = begun(env)
    inner = uid_map()[2] != '4294967295'
    if ROOT and not inner:
        check(st, pwd.getpwnam('nobody').pw_uid, True)
    elif ROOT:
        check(st, None, True)
    else:
        check(st, None, False)
        expect('we', set(st['Uid'].split()) == {str(os.getuid())}, st['Uid'])
    stop(w)


def syn_too():
    """The technique with the fewest calls of all."""
    if not ROOT or not caps_are_there():
        print('(not as root: no SYN scan)')
        return
    w, st = begun(tech='syn')
    check(st, None, True)
    stop(w)


def caller_of_sudo():
    """Started by sudo it becomes who called it, but never root again."""
    if not ROOT or uid_map()[2] != '4294967295':
        print('(not root)')
        return
    for uid, gid, want in (('12345', '12346', '12345'), ('0', '0', None),
                           ('-1', '5', None), ('12345', '', None),
                           ('4294967295', '1', None), ('1x', '1', None)):
        env = dict(os.environ, SUDO_UID=uid, SUDO_GID=gid)
        w, st = begun(env)
        uids = set(st['Uid'].split())
        if want is not None:
            expect('the caller', uids == {want} and
                   set(st['Gid'].split()) == {gid}, st['Uid'], st['Gid'])
        else:
            expect('nobody for SUDO_UID=' + uid,
                   uids == {str(pwd.getpwnam('nobody').pw_uid)}, st['Uid'])
        check(st, int(uids.pop()), True)
        stop(w)


def user_namespace():
    """No other user is mapped: it says so, and has no capability."""
    probe = subprocess.run(['unshare', '-rn', 'true'],
                           stderr=subprocess.DEVNULL)
    if probe.returncode != 0:
        print('(no user namespaces here)')
        return
    script = ('ip link set lo up && exec "$0"')
    p = subprocess.Popen(['unshare', '-rn', 'sh', '-c', script, WORKER],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    w = Worker.__new__(Worker)
    w.p, w.buf, w.seen = p, b'', []
    w.say(slow(tech='syn'))
    hello = w.until('hello')
    expect('it says so', NONE or 'no other user is mapped' in
           hello['sandbox'], hello)
    expect('raw sockets were opened', 'syn' in hello['tech'].split(','),
           hello)
    w.until('progress')
    st = status_of(p.pid)
    check(st, None, True)
    stop(w)


def container():
    """uid 0 without the capabilities to change user or groups: what it cannot
    give up it keeps and says so; of capabilities it keeps none."""
    if not ROOT or uid_map()[2] != '4294967295' or \
            shutil.which('setpriv') is None:
        print('(not root)')
        return
    for missing, uid, groups, said in (
            (('setgid',), None, '0 7', 'it keeps its groups'),
            (('setuid',), 0, '', 'it stays uid 0, without capabilities'),
            (('setuid', 'setgid'), 0, '0 7', 'keeps its groups'),
            (('setuid', 'setgid', 'setpcap'), 0, '0 7', 'stays uid 0')):
        less = ','.join('-' + name for name in missing)
        p = subprocess.Popen(
            ['setpriv', '--groups', '0,7', '--inh-caps', less,
             '--bounding-set', less, WORKER],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        w = Worker.__new__(Worker)
        w.p, w.buf, w.seen = p, b'', []
        w.say(slow(tech='syn'))
        hello = w.until('hello')
        expect('without %s it says so' % less, NONE or said in
               hello['sandbox'], hello)
        w.until('progress')
        st = status_of(p.pid)
        for name in SETS:
            expect(less + ': ' + name, int(st[name], 16) == 0 or
                   (name == 'CapBnd' and 'setpcap' in missing), st[name])
        expect(less + ': no_new_privs', st['NoNewPrivs'] == '1', st)
        expect(less + ': its user', (set(st['Uid'].split()) == {'0'}) ==
               (uid == 0), st['Uid'])
        expect(less + ': its groups', st['Groups'].split() == groups.split(),
               st['Groups'])
        stop(w)


def file_rights():
    """setcap cap_net_raw+ep: a SYN scan for who is not root, and the worker
    has nothing left either. So it is if somebody makes it set-user-ID; what
    the environment says of sudo is the caller's own word then."""
    if not ROOT or shutil.which('setcap') is None or \
            shutil.which('setpriv') is None:
        print('(not as root: no file capability)')
        return
    for give in (['setcap', 'cap_net_raw+ep'], ['chmod', '4755']):
        with_rights_of_file(give)


def with_rights_of_file(give):
    with tempfile.TemporaryDirectory() as d:
        os.chmod(d, 0o755)
        path = os.path.join(d, 'sockdeck-scan')
        shutil.copy(WORKER, path)
        os.chmod(path, 0o755)
        p = subprocess.run(give + [path], stderr=subprocess.DEVNULL)
        if p.returncode != 0 or os.statvfs(d).f_flag & os.ST_NOSUID:
            print('(not here: %s)' % ' '.join(give))
            return
        p = subprocess.Popen(['setpriv', '--reuid', '12345', '--regid',
                              '12345', '--clear-groups', path],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE,
                             env=dict(os.environ, SUDO_UID='54321',
                                      SUDO_GID='54321'))
        w = Worker.__new__(Worker)
        w.p, w.buf, w.seen = p, b'', []
        w.say(slow(tech='syn'))
        hello = w.until('hello')
        expect('it can', 'syn' in hello['tech'].split(','), hello)
        w.until('progress')
        check(status_of(p.pid), 12345, False)
        stop(w)


def not_permitted():
    """Without the right, a SYN scan says what it takes; status 4."""
    cmd = [WORKER]
    if ROOT:
        if shutil.which('setpriv') is None:
            print('(no setpriv)')
            return
        cmd = ['setpriv', '--reuid', '12345', '--regid', '12345',
               '--clear-groups', WORKER]
    p = subprocess.run(cmd, input=json.dumps(slow(tech='syn')).encode(),
                       stdout=subprocess.PIPE, timeout=PATIENCE)
    last = json.loads(p.stdout.splitlines()[-1])
    expect('refused', p.returncode == 4 == last['error'] and
           'CAP_NET_RAW' in last['cause'], p)


def no_seccomp(errno):
    """Filters that make loading another one fail, in a child before exec."""
    nr = {'x86_64': (317, 157), 'aarch64': (277, 167)}[platform.machine()]
    libc = ctypes.CDLL(None, use_errno=True)

    class Prog(ctypes.Structure):
        _fields_ = [('len', ctypes.c_ushort), ('code', ctypes.c_char_p)]

    def op(code, jt, jf, k):
        return struct.pack('HBBI', code, jt, jf, k)
    load, jeq, ret = 0x20, 0x15, 0x06
    allow, refuse = 0x7fff0000, 0x00050000 | errno
    code = b''.join((op(load, 0, 0, 0), op(jeq, 4, 0, nr[0]),
                     op(jeq, 0, 2, nr[1]),
                     op(load, 0, 0, 16), op(jeq, 1, 0, 22),
                     op(ret, 0, 0, allow), op(ret, 0, 0, refuse)))
    prog = Prog(len(code) // 8, code)

    def before_exec():
        if not ROOT:
            libc.prctl(38, 1, 0, 0, 0)
        if libc.prctl(22, 2, ctypes.byref(prog)) != 0:
            os._exit(99)
    return before_exec


def without_seccomp():
    """As root no scan; else it scans and says so; --sandbox=off scans."""
    if NONE or platform.machine() not in ('x86_64', 'aarch64'):
        print('(no sandbox to be missed: %s)' % SANDBOX)
        return
    for errno in (38, 22, 1):        # ENOSYS, EINVAL, EPERM
        w = Worker(slow(max_rate=0, ports='T:1-20'),
                   preexec_fn=no_seccomp(errno))
        last, status = w.end()
        if ROOT:
            expect('no scan', (last['error'], status) == (4, 4) and
                   'no sandbox' in last['cause'] and
                   not w.of('host') and last['sent'] == 0, last)
        else:
            expect('it says so', status == 0 and
                   any('no sandbox' in ev['text'] and ev['warning']
                       for ev in w.of('note')), w.of('note'))
        expect('hello tells', w.of('hello')[0]['sandbox'].startswith('none')
               or errno != 38, w.of('hello'))
    for tech in ('probe', 'os') if ROOT else ():
        w = Worker({'op': 'scan', 'tech': tech}, preexec_fn=no_seccomp(38))
        last, status = w.end()
        expect('no other work', (last['error'], status) == (4, 4) and
               'no sandbox' in last['cause'], tech, last)
    w = Worker(slow(max_rate=0, ports='T:1-20', sandbox='off'),
               preexec_fn=no_seccomp(38))
    last, status = w.end()
    expect('off is off', status == 0 and any(
        'without a sandbox' in ev['text'] for ev in w.of('note')), last)


def parent_killed():
    """kill -9 of its parent, and it is gone."""
    asking = ('import os, subprocess, sys, json\n'
              'p = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE)\n'
              'r = json.loads(sys.argv[2])\n'
              'r["parent"] = os.getpid()\n'
              'p.stdin.write(json.dumps(r).encode() + b"\\n")\n'
              'p.stdin.flush()\n'
              'p.wait()\n')
    p = subprocess.Popen([sys.executable, '-c', asking, WORKER,
                          json.dumps(slow())], stdout=subprocess.PIPE)
    w = Worker.__new__(Worker)
    w.p, w.buf, w.seen = p, b'', []
    w.until('progress')
    with open('/proc/%d/task/%d/children' % (p.pid, p.pid)) as f:
        pid = int(f.read().split()[0])
    # Its pipe stays open here: only the signal can tell it.
    p.kill()
    p.wait()
    took = gone(pid)
    expect('gone with its parent', took is not None)
    print('worker gone %.0f ms after its parent' % ((took or 0) * 1000))
    p.stdout.close()
    # Of another's child it is no worker.
    w = Worker(slow(parent=1))
    last, status = w.end()
    expect('not its parent', status == 1 and 'parent' in last['cause'], last)


def command_killed():
    """The same for the command line, by whose job the worker was started."""
    p = subprocess.Popen([SOCKDECK, 'scan', '--max-rate', '5', '-Pn', '-p',
                          '1-5000', '--jsonl', '127.0.0.1'],
                         stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                         stderr=subprocess.PIPE)
    w = Worker.__new__(Worker)
    w.p, w.buf, w.seen = p, b'', []
    w.until('start')
    with open('/proc/%d/task/%d/children' % (p.pid, p.pid)) as f:
        pids = [int(pid) for pid in f.read().split()]
    expect('one worker', len(pids) == 1, pids)
    p.kill()
    p.wait()
    for pid in pids:
        expect('gone', gone(pid) is not None)
    p.stdout.close()
    p.stderr.close()


def few_descriptors():
    """16 of them, and every port is right."""
    s, port = listener()
    for limit in (16, 64):
        w = Worker({'op': 'scan', 'targets': '127.0.0.1',
                    'ports': 'T:1-100,%d' % port, 'tech': 'connect',
                    'tell': 'all'},
                   preexec_fn=lambda n=limit: resource.setrlimit(
                       resource.RLIMIT_NOFILE, (n, n)))
        last, status = w.end()
        got = {ev['port']: ev['state'] for ev in w.of('port')}
        want = {p: 'closed' for p in range(1, 101)}
        want[port] = 'open'
        expect('101 ports with %d descriptors' % limit, got == want and
               status == 0, last, {p: st for p, st in got.items()
                                   if want.get(p) != st})
    s.close()


def closed_descriptors():
    """What stands in for closed ones is no socket."""
    for closed in ((2,), (0,), (0, 2)):
        def close(fds=closed):
            for fd in fds:
                os.close(fd)
        p = subprocess.run([WORKER], input=json.dumps(
            slow(ports='T:1-9', max_rate=0)).encode(),
                           stdout=subprocess.PIPE, preexec_fn=close,
                           timeout=PATIENCE)
        last = json.loads(p.stdout.splitlines()[-1])
        want = 2 if 0 in closed else 0
        expect('closed %r' % (closed,), p.returncode == want ==
               last['error'], p)


def nobodys_environment():
    """No variable names the worker, or makes it load anything."""
    with tempfile.TemporaryDirectory() as d:
        marker = os.path.join(d, 'marker')
        fake = os.path.join(d, 'sockdeck-scan')
        with open(fake, 'w') as f:
            f.write('#!/bin/sh\n: >%s\n' % marker)
        os.chmod(fake, 0o755)
        for name in ('PATH', 'SOCKDECK_SCAN', 'SOCKDECK_WORKER',
                     'SOCKDECK_HELPER', 'SCAN_HELPER', 'MTR_PACKET',
                     'LIBEXECDIR', 'PWD', 'HOME', 'XDG_DATA_DIRS'):
            for value in (d, fake):
                env = dict(os.environ, **{name: value})
                if name == 'PATH':
                    env['PATH'] = d + ':' + os.environ['PATH']
                p = subprocess.run([SOCKDECK, 'scan', '-p', '1-5',
                                    '--jsonl', '127.0.0.1'], env=env,
                                   stdin=subprocess.DEVNULL, cwd=d,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, timeout=PATIENCE)
                expect('%s has no effect' % name,
                       b'"ev":"end"' in p.stdout and
                       not os.path.exists(marker), p)


def no_core():
    """Killed by a signal that would leave one, it leaves none."""
    if NONE:
        print('(no sandbox: %s)' % SANDBOX)
        return
    w, _ = begun()
    with open('/proc/%d/limits' % w.p.pid) as f:
        limits = {line[:25].strip(): line[26:].split()[:2] for line in f}
    expect('no core', limits['Max core file size'] == ['0', '0'], limits)
    expect('no processes', limits['Max processes'] == ['0', '0'], limits)
    expect('not to be traced', os.stat('/proc/%d/mem' % w.p.pid).st_uid == 0)
    w.p.send_signal(signal.SIGABRT)     # no shell ignores it
    w.p.wait(PATIENCE)
    for pipe in (w.p.stdin, w.p.stdout, w.p.stderr):
        pipe.close()


print('sandbox:', SANDBOX)
finish(as_it_is_started, syn_too, caller_of_sudo, user_namespace,
       container, file_rights, not_permitted, without_seccomp, parent_killed,
       command_killed, few_descriptors, closed_descriptors,
       nobodys_environment, no_core)

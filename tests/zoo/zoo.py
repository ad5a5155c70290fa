#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The zoo: real servers as Debian and npm ship them, started here, and what
sockdeck says that they are.

Usage: zoo.py [--ci] [--nmap] [--list | --packages | --npm] [NAME..]

Each server of servers.py whose package is there runs in the foreground, in
namespaces of its own (network, mounts, processes): what it writes goes into
memory and it dies with this program. Each is asked on its own port and on a
foreign one that the packet filter redirects to it. Name, product and version
are compared with what the package manager says is installed.

  --ci        only those of the list that contrib/check runs
  --nmap      nmap -sV is asked about the same ports in the same run
  --packages  what the list needs, a package a line ('a|b': either)
  --npm       what it needs of npm's packages and is not there; nothing where
              there is no Node.js

Ends with 'N passed, N failed, N skipped' (endpoints); status 1 if fewer than
95 % have the right name, fewer than 85 % of those that show it the right
product, or more than one server in ten that is there did not start (as another
user than root many do not: they want to become somebody else); 77 if nothing
could be started."""
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
import servers                                              # noqa: E402

BUILD = os.environ.get('BUILDDIR', '.')
SOCKDECK = os.path.join(BUILD, 'sockdeck')
# Sockdeck's own alone: nmap's file may be there or not.
PROBES = os.path.join(HERE, '../../data/sockdeck-probes')
RUN = '/run/zoo'        # the namespace's own /run
PATH = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/games'
CACHE = '/var/cache/sockdeck-zoo'
MODULES = CACHE + '/npm/node_modules'
FOREIGN = 21111         # added to a port, or taken from a high one
PATIENCE = 60           # seconds until a server listens; only a broken one
                        # takes so long
NAMED, PRODUCT = 95, 85  # percent


# -- namespaces ---------------------------------------------------------------

def many(down, running):
    """What a package does on this machine is not ours; if it is more than one
    in ten, the zoo itself is broken."""
    return 10 * len(down) > sum(1 for r in running if not r.absent)


def skip(why):
    print('skipped:', why)
    print('0 passed, 0 failed, %d skipped' % len(servers.ALL))
    sys.exit(77)


def enter():
    """Starts the program anew where nothing of the machine can be reached."""
    if 'SOCKDECK_ZOO' in os.environ:
        return
    how = ['unshare', '-nmpiu', '--fork', '--kill-child', '--mount-proc']
    if os.geteuid() != 0:
        how.insert(1, '-r')
    for tool in ('unshare', 'ip', 'nft', 'mount', 'dpkg-query', 'setpriv',
                 'openssl'):
        if which(tool) is None:
            skip(tool + ' is not there')
    overlay = ('mount -t tmpfs t /run && mkdir /run/u /run/w && mount -t '
               'overlay -o lowerdir=/etc,upperdir=/run/u,workdir=/run/w o /etc')
    if subprocess.run(how + ['sh', '-c', overlay], stdin=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).returncode != 0:
        skip('namespaces with overlays are not permitted')
    os.environ['SOCKDECK_ZOO'] = 'root' if os.geteuid() == 0 else 'user'
    os.execvp('unshare', how + [sys.executable] + sys.argv)


def furnish():
    """Whatever is written from here on is gone at the end."""
    def sh(command):
        subprocess.run(command, shell=True, check=True)
    sh('mount --make-rprivate / && mount -t tmpfs -o mode=755 run /run')
    for d in ('usr', 'etc', 'var', 'tmp', 'root', 'home', 'srv', 'opt'):
        if os.path.isdir('/' + d):
            os.makedirs('/run/.over/%s/u' % d)
            os.makedirs('/run/.over/%s/w' % d)
            os.chmod('/run/.over/%s/u' % d, os.stat('/' + d).st_mode)
            sh('mount -t overlay -o lowerdir=/%s,upperdir=/run/.over/%s/u,'
               'workdir=/run/.over/%s/w over /%s' % (d, d, d, d))
    os.makedirs(RUN)
    os.makedirs('/run/lock', exist_ok=True)
    # Not on lo: who answers from the first address of an interface (mDNS)
    # would answer from another one than was asked.
    sh('hostname zoo && ip link set lo up multicast on && '
       'ip link add zoo0 type veth peer name zoo1 && ip link set zoo0 up && '
       'ip link set zoo1 up && ip addr add 10.97.0.1/24 dev zoo0')
    for path, text in (('/etc/hosts', '127.0.0.1 localhost zoo.example zoo\n'
                        '::1 localhost\n'),
                       ('/etc/resolv.conf', 'nameserver 127.0.0.1\n'
                        'options timeout:1 attempts:1\n')):
        # Bound over the old one: in a container that is a mount of its own,
        # and only root may write to it.
        new = RUN + path.replace('/', '.')
        with open(new, 'w') as f:
            f.write(text)
        if os.path.exists(path):
            sh('mount --bind %s %s' % (new, path))
    sh('openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=zoo.example '
       '-keyout %s/key.pem -out %s/cert.pem 2>/dev/null && chmod 644 %s/*.pem'
       % (RUN, RUN, RUN))
    sh('nft add table ip zoo && nft "add chain ip zoo out '
       '{ type nat hook output priority -100; }"')


def which(program):
    return shutil.which(program, path=PATH)


def node():
    """Debian's Node.js, or the one of whoever runs the zoo."""
    return which('node') or shutil.which('node')


# -- a server -----------------------------------------------------------------

def unpacked(package):
    """The file of a package that contrib/zoo could not install beside others,
    or None; only root can lay it over /usr."""
    if os.environ.get('SOCKDECK_ZOO') == 'user':
        return None
    found = sorted(glob.glob('%s/%s_*.deb' % (CACHE, package)))
    return found[-1] if found else None


def installed(package):
    """The version the package manager tells, or None."""
    got = subprocess.run(['dpkg-query', '-W', '-f', '${Status}|${Version}',
                          package], stdout=subprocess.PIPE, text=True,
                         stderr=subprocess.DEVNULL)
    status, _, version = got.stdout.partition('|')
    if got.returncode == 0 and status.endswith(' installed'):
        return version
    deb = unpacked(package)
    if deb is None:
        return None
    return subprocess.run(['dpkg-deb', '-f', deb, 'Version'], text=True,
                          stdout=subprocess.PIPE).stdout.strip()


LAY = '''set -e
mkdir %(to)s
for deb; do
    dpkg-deb -x "$deb" %(to)s
done
cd %(to)s
for d in bin sbin lib; do
    if [ -d $d ]; then
        mkdir -p usr/$d
        cp -a $d/. usr/$d/
        rm -r $d
    fi
done
for d in usr etc var; do
    if [ -d $d ]; then
        cp -an $d/. /$d/
    fi
done
'''


def lay_unpacked(chosen):
    """What could not be installed is laid over /usr, /etc and /var."""
    debs = []
    for package in {a for s in chosen for p in s.packages
                    for a in p.split('|')}:
        status = subprocess.run(['dpkg-query', '-W', '-f', '${Status}', package],
                                stdout=subprocess.PIPE, text=True,
                                stderr=subprocess.DEVNULL).stdout
        if not status.endswith(' installed') and unpacked(package):
            debs.append(unpacked(package))
    if debs:
        subprocess.run(['sh', '-c', LAY % {'to': RUN + '/unpacked'}, 'sh'] + debs,
                       check=True)


def first(packages):
    """The version of that of several ("a|b") which is installed."""
    for package in packages.split('|'):
        version = installed(package)
        if version is not None:
            return version
    return None


def module(wanted):
    """The version of NAME@VERSION if that is what npm installed, or None."""
    name, _, version = wanted.rpartition('@')
    try:
        with open(os.path.join(MODULES, name, 'package.json')) as f:
            got = json.load(f)['version']
    except (OSError, ValueError, KeyError):
        return None
    return got if got == version else None


def sockets(proto):
    """Local ports that are listened on, from the kernel."""
    ports = set()
    for name in (proto, proto + '6'):
        with open('/proc/net/' + name) as f:
            next(f)
            for line in f:
                words = line.split()
                if proto == 'udp' or words[3] == '0A':
                    ports.add(int(words[1].rsplit(':', 1)[1], 16))
    return ports


class Running:
    """One that was started, and whether it listens."""

    def __init__(self, server):
        self.server = server
        self.dir = os.path.join(RUN, server.name)
        self.error = ''
        self.p = None
        self.after = server.after
        found = [first(p) for p in server.packages]
        needs = list(zip(server.packages, found))
        if server.npm:
            needs += [(server.npm, module(server.npm)), ('node', node())]
        self.absent = ', '.join(p for p, v in needs if v is None)
        self.version = needs[0][1] if needs else None

    def fill(self, text):
        for mark, meaning in (('@dir@', self.dir), ('@zoo@', HERE),
                              ('@port@', str(self.server.endpoints[0].port)),
                              ('@node@', node() or ''), ('@npm@', MODULES)):
            text = text.replace(mark, meaning)
        return text

    def start(self):
        s = self.server
        if s.root and os.environ['SOCKDECK_ZOO'] != 'root':
            self.error = 'it would not answer'
            return
        os.makedirs(self.dir)
        for path, text in s.files.items():
            path = os.path.join(self.dir, self.fill(path))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w') as f:
                f.write(self.fill(text))
            if text.startswith('#!'):
                os.chmod(path, 0o755)
        if s.user:
            subprocess.run(['chown', '-R', s.user, self.dir], check=True)
        self.log = open(os.path.join(self.dir, 'log'), 'ab')
        self.env = dict(os.environ, TMPDIR=self.dir, HOME=self.dir, PATH=PATH,
                        LC_ALL='C.UTF-8', NODE_PATH=MODULES)
        self.env.update({k: self.fill(v) for k, v in s.env.items()})
        if not self.shell('before', s.before):
            return
        argv = shlex.split(self.fill(s.run))
        if s.user:
            argv = ['setpriv', '--reuid=' + s.user, '--init-groups',
                    '--regid=' + s.group] + argv
        self.p = subprocess.Popen(argv, cwd=self.dir, env=self.env, stdout=self.log,
                                  stderr=self.log, stdin=subprocess.PIPE
                                  if s.stdin else subprocess.DEVNULL)

    def shell(self, when, commands):
        for command in commands:
            done = subprocess.run(['sh', '-ec', self.fill(command)],
                                  cwd=self.dir, env=self.env, stdout=self.log,
                                  stderr=self.log, stdin=subprocess.DEVNULL)
            if done.returncode != 0:
                self.error = '%s: %s' % (when, command)
                return False
        return True

    def listens(self, tcp, udp):
        """True, or False: not yet; with error: never."""
        if self.error:
            return True
        waited = [e for e in self.server.endpoints
                  if e.port not in (udp if e.proto == 'udp' else tcp)]
        if self.p.poll() is not None and not self.server.forks:
            self.error = 'it ended, status %d' % self.p.returncode
            return True
        if waited or (self.server.ready and not
                      re.search(self.server.ready, self.said(1 << 20))):
            return False
        after, self.after = self.after, ()
        self.shell('after', after)
        return True

    def said(self, most=600):
        if not os.path.isdir(self.dir):
            return ''
        with open(os.path.join(self.dir, 'log'), errors='replace') as f:
            return f.read()[-most:]


def start_all(chosen):
    """All at once, but no more than a few beginnings at a time."""
    running = [Running(s) for s in chosen]
    todo = [r for r in running if not r.absent]
    gate = threading.Semaphore(3)

    def begin(r):
        with gate:
            try:
                r.start()
            except (OSError, subprocess.CalledProcessError) as e:
                r.error = str(e)
    threads = [threading.Thread(target=begin, args=(r,)) for r in todo]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    end = time.monotonic() + PATIENCE
    waiting = todo
    while waiting and time.monotonic() < end:
        tcp, udp = sockets('tcp'), sockets('udp')
        waiting = [r for r in waiting if not r.listens(tcp, udp)]
        select_a_moment()
    for r in waiting:
        tcp, udp = sockets('tcp'), sockets('udp')
        r.error = 'does not listen on ' + ', '.join(
            '%s/%d' % (e.proto, e.port) for e in r.server.endpoints
            if e.port not in (udp if e.proto == 'udp' else tcp))
    # One may listen first and find out later that it cannot.
    for r in todo:
        if not r.error:
            r.listens(sockets('tcp'), sockets('udp'))
    return running


def select_a_moment():
    """The kernel's tables are asked again soon, but not all the time."""
    threading.Event().wait(0.05)


# -- asking -------------------------------------------------------------------

def foreign(port):
    return port + FOREIGN if port < 40000 else port - FOREIGN


def redirect(endpoints):
    rules = ''.join('add rule ip zoo out ip daddr 127.0.0.1 %s dport %d '
                    'redirect to :%d\n' % (e.proto, foreign(e.port), e.port)
                    for e in endpoints)
    subprocess.run(['nft', '-f', '-'], input=rules, text=True, check=True)


def options(asks):
    """What sockdeck and nmap are asked alike."""
    ports = {p: ','.join(str(n) for q, n in asks if p == q)
             for p in ('tcp', 'udp')}
    return ['-n', '-Pn', '-sV'] + \
        [o for o, p in (('-sS', 'tcp'), ('-sU', 'udp')) if ports[p]] + \
        ['-p', ','.join('%s:%s' % (p[0].upper(), ports[p])
                        for p in ('tcp', 'udp') if ports[p]), '127.0.0.1']


def ask(asks):
    """({(proto, port): service}, seconds) of a scan; what it only guesses by
    the number is left out."""
    began = time.monotonic()
    done = subprocess.run([SOCKDECK, 'scan', '--json', '--probes', PROBES] +
                          options(asks), stdout=subprocess.PIPE, text=True)
    took = time.monotonic() - began
    if done.returncode != 0:
        print('the scan ended with', done.returncode)
        sys.exit(1)
    got = {}
    for port in json.loads(done.stdout)['hosts'][0].get('ports', []):
        s = port.get('service', {})
        if s.get('method') not in ('probed', 'matched'):
            s = {k: s[k] for k in ('how', 'evidence', 'took_ms') if k in s}
        got[(port['proto'], port['port'])] = s
    return got, took


def nmap(asks):
    """The same of nmap -sV; what it only guesses by the number is left out."""
    argv = ['nmap', '-oX', '-'] + options(asks)
    began = time.monotonic()
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True)
    took = time.monotonic() - began
    got = {}
    for port in xml.etree.ElementTree.fromstring(done.stdout).iter('port'):
        key = (port.get('protocol'), int(port.get('portid')))
        s = port.find('service')
        if s is None or s.get('method') != 'probed':
            continue
        got[key] = {'name': s.get('name', ''), 'product': s.get('product', ''),
                    'version': s.get('version', ''),
                    'tls': s.get('tunnel') == 'ssl'}
    return got, took


# -- judging ------------------------------------------------------------------

def version_right(want, got):
    """What a server tells: the version of its package, or its beginning; then
    the distribution's suffixes and the like."""
    got = re.sub(r'^\d:', '', got)     # Debian's epoch
    return any(got == one or (got.startswith(one) and
                              not got[len(one)].isdigit())
               for one in want.split('|'))


class Verdict:
    """One endpoint as somebody named it."""

    def __init__(self, endpoint, version, got):
        got = got or {}
        self.e = endpoint
        self.said = got
        name = got.get('name', '')
        self.name = name in endpoint.service.split('|')
        self.product = bool(re.search(endpoint.product.lstrip('~'),
                                      got.get('product', ''), re.I)) and \
            bool(got.get('product'))
        self.want = endpoint.version_of(version)
        self.version = None
        if self.want is not None:
            self.version = version_right(self.want, got.get('version', ''))

    def complaint(self):
        """What is wrong, in words; '': nothing."""
        wrong = []
        if not self.name:
            wrong.append('service')
        if not self.product and (self.said.get('product') or
                                 not self.e.product.startswith('~')):
            wrong.append('product')
        if self.version is False:
            wrong.append('version')
        return ' '.join(wrong)


def percent(part, whole):
    return 100 * part / whole if whole else 0.0


def sums(title, verdicts):
    """A line of percentages: (names, products of those that show one)."""
    versions = [v for v in verdicts if v.version is not None]
    shown = [v for v in verdicts
             if v.said.get('product') or not v.e.product.startswith('~')]
    n = len(verdicts)
    named = percent(sum(v.name for v in verdicts), n)
    right = sum(v.product for v in verdicts)
    product = percent(right, len(shown))
    version = percent(sum(v.version for v in versions), len(versions))
    print('%-20s %4d  service %5.1f %%  product %5.1f %% of all, %5.1f %% of %d '
          'that show it  version %5.1f %% of %d that tell it' % (
              title, n, named, percent(right, n), product, len(shown), version,
              len(versions)))
    return named, product


def show(name, where, v, took=None):
    said = v.said
    text = '/'.join(x for x in (said.get('name', ''), 'tls' if said.get('tls')
                                else '') if x) or '-'
    return '%-16s %-10s %-2s%-2s%-2s %4s  %-22s %s' % (
        name, where, 'ok' if v.name else '--',
        'ok' if v.product else '--',
        '  ' if v.version is None else 'ok' if v.version else '--',
        '' if took is None else '%.1f' % (took / 1000), text,
        ' '.join(x for x in (said.get('product', ''),
                             said.get('version', '')) if x))


def wrong_line(name, where, v):
    want = '%s, %s, %s' % (v.e.service, v.e.product, v.want)
    keys = ('name', 'product', 'version', 'extra', 'how', 'evidence')
    return '%s %s: wrong: %s; should be %s; said %s' % (
        name, where, v.complaint(), want,
        ', '.join('%s=%r' % (k, v.said[k]) for k in keys if v.said.get(k))
        or 'nothing')


def main():
    args = sys.argv[1:]
    opts = {a for a in args if a.startswith('--')}
    names = [a for a in args if not a.startswith('--') and a]
    chosen = [s for s in servers.ALL
              if (s.name in names if names else '--ci' not in opts or s.ci)]
    if '--list' in opts:
        for s in chosen:
            print(s.name, ' '.join('%s/%d' % (e.proto, e.port)
                                   for e in s.endpoints))
        return 0
    if '--packages' in opts:
        for package in sorted({p for s in chosen for p in s.packages}):
            print(package)
        return 0
    if '--npm' in opts:
        needs = {s.npm for s in chosen if s.npm} if node() else ()
        for package in sorted(n for n in needs if module(n) is None):
            print(package)
        return 0
    enter()
    furnish()
    lay_unpacked(chosen)
    began = time.monotonic()
    running = start_all(chosen)
    print('%d servers in %.0f s' % (
        sum(1 for r in running if r.p), time.monotonic() - began))
    up = []
    for r in running:
        if r.absent:
            r.absent += ' is not installed'
        elif r.error and os.environ['SOCKDECK_ZOO'] != 'root':
            r.absent = 'not without root: ' + r.error
            r.error = ''
        if r.absent:
            print('SKIP: %s: %s' % (r.server.name, r.absent))
        elif r.error:
            print('SKIP: %s did not start: %s' % (r.server.name, r.error))
            print('      ' + r.said().replace('\n', '\n      '))
        else:
            up += [(r, e) for e in r.server.endpoints]
    sys.stdout.flush()
    if not up:
        skip('no server of the list is installed')
    redirect([e for _, e in up])
    own = [(e.proto, e.port) for _, e in up]
    got, took = ask(own)
    away, _ = ask([(p, foreign(n)) for p, n in own])
    theirs, theirs_took = nmap(own) if '--nmap' in opts else ({}, 0)
    here, there, other = [], [], []
    passed = misnamed = 0
    lines = []
    for r, e in up:
        pair = []
        for answers, port, where in ((got, e.port, here),
                                     (away, foreign(e.port), there)):
            said = answers.get((e.proto, port), {})
            v = Verdict(e, r.version, said)
            where.append(v)
            label = '%s/%d' % (e.proto, port)
            print(show(r.server.name, label, v, said.get('took_ms')))
            if v.complaint():
                lines.append(wrong_line(r.server.name, label, v))
            pair.append(v.name)
        if '--nmap' in opts:
            v = Verdict(e, r.version, theirs.get((e.proto, e.port)))
            v.name = v.name or v.said.get('name') in e.aliases()
            other.append(v)
            print(show('  nmap', '%s/%d' % (e.proto, e.port), v))
        passed += all(pair)
        misnamed += not all(pair)
    for line in lines:
        print('wrong:', line)
    sums('on their own ports', here)
    sums('on foreign ports', there)
    if other:
        sums('nmap -sV, own ports', other)
        print('seconds for the whole zoo: sockdeck %.1f, nmap %.1f' % (
            took, theirs_took))
    named, product = sums('all', here + there)
    down = [r for r in running if r.error]
    bad = named < NAMED or product < PRODUCT or many(down, running)
    if named < NAMED or product < PRODUCT:
        print('FAIL: not %d %% of the names and %d %% of the products are right'
              % (NAMED, PRODUCT))
    elif misnamed:
        print('within what is allowed: %d of %d endpoints are not named right'
              % (misnamed, len(up)))
    failed = misnamed + len(down) if bad else 0
    skipped = [r for r in running if r.absent] + ([] if bad else down)
    print('%d passed, %d failed, %d skipped' % (
        passed, failed, len(skipped)))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())

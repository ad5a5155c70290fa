# SPDX-License-Identifier: ISC
"""What an entry of servers.py says."""
import re

FULL = 'full'       # the version of the package, without the distribution's
INETD = 'python3 @zoo@/inetd.py @port@ '
TLS = '/run/zoo/cert.pem'
KEY = '/run/zoo/key.pem'

# Where nmap has a name of its own for a protocol that IANA calls otherwise; it
# is not held against it.
NMAP_CALLS = {
    'ident': 'auth', 'netbios-ssn': 'microsoft-ds', 'microsoft-ds':
    'netbios-ssn', 'kerberos': 'kerberos-sec', 'x11': 'X11', 'sunrpc': 'rpcbind',
    'postgresql': 'postgresql', 'irc': 'ircd', 'xmpp-client': 'jabber',
    'iscsi': 'iscsi-target', 'socks5': 'tor-socks', 'socks': 'socks5',
    'mumble': 'murmur', 'beanstalk': 'beanstalkd', 'mqtt': 'mosquitto',
    'vnc': 'vnc', 'stun': 'turn', 'isakmp': 'ike', 'oracle-tns': 'oracle-tns',
}


class Endpoint:
    """Where a server listens, and what should be said of it there."""

    def __init__(self, where, service, product, version=None):
        """where: 'tcp/22'. service: IANA's name; 'a|b' where it has two.
        product: a pattern; '~' before it: the server does not tell it.
        version: FULL, a number of components of it, the text itself (the
        protocol's or a library's), or None: the server does not tell it."""
        self.proto, port = where.split('/')
        self.port = int(port)
        self.service, self.product, self.version = service, product, version

    def version_of(self, package):
        """What is to be said if the package is of this version; None: nothing
        is to be known."""
        if self.version is None or isinstance(self.version, str) and \
                self.version != FULL:
            return self.version
        if package is None:
            return None
        text = upstream(package)
        if self.version == FULL:
            return text
        return '.'.join(text.split('.')[:self.version])

    def aliases(self):
        """nmap's names."""
        names = set(self.service.split('|'))
        for one in list(names):
            if one in NMAP_CALLS:
                names.add(NMAP_CALLS[one])
        return names


def upstream(version):
    """1:2.3.19.1+dfsg1-2.1+deb12u1 -> 2.3.19.1"""
    version = version.split(':', 1)[-1]
    if '-' in version:
        version = version.rsplit('-', 1)[0]
    return re.sub(r'[+~](dfsg|ds|repack|really|deb|debian|git|nmu|b\d).*', '',
                  version)


class Server:
    """How one is started in the foreground.

    packages: Debian's; the first one tells the version.
    npm: instead, 'NAME@VERSION' of npm's, which is never one of contrib/check's.
    run: its command line; @dir@ is its own directory, @port@ its first port,
    @zoo@ the directory of the zoo, @node@ Node.js, @npm@ where npm's packages
    are (require() finds them); /run/zoo/cert.pem and key.pem are there.
    files: {path below @dir@: text}; a text that begins with #! can be run.
    before: shell lines that must succeed first; after: once it listens.
    user: whom it runs as (the files are theirs), if it does not see to that.
    ready: a pattern that its output has when it is, if listening is not enough.
    forks: what was started ends, the server goes on.
    root: without it, it starts and then cannot answer.
    ci: one of those that contrib/check runs: installed within seconds."""

    def __init__(self, name, packages, run, endpoints, files=None, before=(), after=(),
                 user=None, group=None, ready=None, forks=False, stdin=False,
                 env=None, root=False, ci=False, emulator=False, npm=None):
        self.name, self.packages, self.npm = name, packages.split(), npm
        self.run, self.endpoints = run, [Endpoint(*e) for e in endpoints]
        self.files, self.before, self.after = files or {}, before, after
        self.user, self.group = user, group or user
        self.ready, self.forks, self.stdin = ready, forks, stdin
        self.env, self.root, self.ci = env or {}, root, ci
        self.emulator = emulator

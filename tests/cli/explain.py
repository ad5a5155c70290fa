#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`explain`: statuses, streams, widths, words of any kind."""
import json
import os
import subprocess
import sys

SOCKDECK = os.environ.get('SOCKDECK', 'sockdeck')
SRC = os.environ.get('SRCDIR', '.')
REC = os.path.join(SRC, 'tests/golden/web1.jsonl')
ENV = {k: v for k, v in os.environ.items()
       if k not in ('TCPDIAG_FILE', 'NO_COLOR', 'XDG_CONFIG_HOME', 'HOME')}
BAD = []


def run(*args, env=None, **kw):
    kw.setdefault('stdin', subprocess.DEVNULL)
    kw.setdefault('stdout', subprocess.PIPE)
    return subprocess.run([SOCKDECK, 'explain', *args],
                          stderr=subprocess.PIPE,
                          env=dict(ENV, **(env or {})), **kw)


def expect(what, ok, *seen):
    if not ok:
        BAD.append(what)
        print('FAILED:', what, *seen)


def statuses():
    for args, status, err in (
            ([], 0, b''), (['port'], 0, b''), (['80'], 0, b''),
            (['services'], 0, b''), (['questions'], 0, b''),
            (['questions', '3', '4'], 0, b''), (['myths'], 0, b''),
            (['soket'], 1, b'did you mean socket?'),
            (['port', 'soket'], 1, b'did you mean socket?'),
            (['services', 'nosuchthing'], 1, b'none fits'),
            ([''], 1, b'an empty word; expected'),
            (['65536'], 2, b'65536: not a port'),
            (['80/sctp'], 2, b'tcp or udp'),
            (['9-8'], 2, b'ends before'),
            (['questions', '0'], 2, b'from 1 to 11'),
            (['questions', 'x'], 2, b'from 1 to 11'),
            (['-l', 'port'], 2, b'no option -l'),
            (['--csv'], 2, b'no option --csv'),
            (['80', '--from', '/nonexistent'], 4, b'/nonexistent')):
        out = run(*args)
        expect('status of %s' % args, out.returncode == status and
               (err in out.stderr if err else not out.stderr),
               out.returncode, out.stderr)
        one = out.stderr.count(b'\n') <= 1
        expect('one sentence for %s' % args, one, out.stderr)
    out = run('port', 'soket')
    expect('what is known is told', b'Common error' in out.stdout, out)
    # Nothing of this machine is wanted: nothing is read.
    out = run('port', '--from', '/nonexistent')
    expect('a term needs no reading', out.returncode == 0, out)
    with open('/dev/full', 'wb') as full:
        for args in (['80'], ['services'], ['questions'], ['--json', '80'],
                     []):
            out = run(*args, stdout=full)
            expect('/dev/full %s' % args, out.returncode == 4 and
                   b'No space' in out.stderr, out)


def foreign():
    """Words that are no words."""
    for word in ('\x1b[31mport', 'a' * 100000, '', ' ', '-', '\xff',
                 '日本', '%s%n', '../..', "'; reboot", '443 ' * 500):
        out = run('--', word)
        expect('odd word %r' % word[:20], out.returncode in (0, 1, 2) and
               b'\x1b' not in out.stderr + out.stdout and
               len(out.stderr) < 500000, out.returncode, out.stderr[:200])
    out = run('日本', env={'LC_ALL': 'C'})
    expect('messages in C', out.stderr.isascii(), out.stderr)


def widths():
    """At most 79 columns on a pipe, but for commands to be typed."""
    words = [w for a in json.loads(run('--json', 'myths').stdout)['answers']
             for w in [a['name']]]
    expect('many have a common error', len(words) > 60, len(words))
    for args in ([], words, ['questions'], ['services'], ['myths'],
                 ['443', '22', 'time-wait', '1-65535']):
        out = run('--from', REC, *args).stdout.decode()
        wide = [x for x in out.splitlines() if len(x) > 79 and
                'sockdeck ' not in x]
        expect('width of %s' % args[:3], out and not wide, wide[:3])
        expect('no blanks at the end', not [
            x for x in out.splitlines() if x != x.rstrip()])
    out = run('--from', REC, '443', env={'LC_ALL': 'C'}).stdout
    expect('ASCII', out.isascii(), out)
    for args in (['53/udp'], ['port'], ['services', '53'], []):
        utf8 = run('--from', REC, *args).stdout
        out = run('--from', REC, *args, env={'LC_ALL': 'C'}).stdout
        expect('lines in C %s' % args, out.isascii() and
               out.count(b'\n') in (utf8.count(b'\n'),
                                    utf8.count(b'\n') + 1), out)
        doc = run('--json', '--from', REC, *args, env={'LC_ALL': 'C'}).stdout
        expect('JSON in C %s' % args, doc.isascii() and json.loads(doc) ==
               json.loads(run('--json', '--from', REC, *args).stdout), doc)
    for args, want in ((['--colour=always'], True), ([], False)):
        out = run(*args, 'port').stdout
        expect('colour %s' % args, (b'\033[' in out) == want, out)


def services():
    text = run('services', '--from', REC).stdout.decode()
    doc = json.loads(run('--json', 'services', '--from', REC).stdout)
    expect('as many in both', len(doc['services']) > 500 and sum(
        not x.startswith(' ') for x in text.splitlines()) ==
        len(doc['services']))
    by = {(s['port'], p): s for s in doc['services'] for p in s['proto']
          if not s['unofficial']}
    for port, proto, name in ((22, 'tcp', 'ssh'), (53, 'udp', 'domain'),
                              (143, 'tcp', 'imap'), (443, 'udp', 'https')):
        expect(name, by[port, proto]['name'] == name, by[port, proto])
    expect('filters', [s['name'] for s in json.loads(
        run('--json', 'services', '143', 'tcp').stdout)['services']] ==
        ['imap'])


def main():
    statuses()
    foreign()
    widths()
    services()
    sys.exit(1 if BAD else 0)


main()

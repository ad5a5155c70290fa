#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Every kind of expression of ss's manual and of its test suite selects
what ss selects."""
import sys

import netlib

EXPRESSIONS = """
state established
state syn-sent
state fin-wait-2
state time-wait
state close-wait
state closed
state closing
state last-ack
state listening
state all
state connected
state synchronized
state bucket
state big
state established state listening
state connected exclude time-wait
exclude listening
exclude established
exclude listening exclude time-wait
exclude connected
state established dport = :22
state established ( dport = :22 or sport = :22 )
state established ( dport = :ssh or sport = :ssh )
state fin-wait-2 ( sport = :http or dport = :http ) dst 10.0.0/24
dport = 22
dport 22
( dport = 22 )
src = 0.0.0.0
src 0.0.0.0
src 0.0.0.0 sport = 22
src 0.0.0.0 and sport = 22
src 10.0.0.1 and sport = 22 and dport = 50312
src 10.0.0.1 and sport = 22 and ( dport = 50312 )
src 10.0.0.1 and ( sport = 22 and dport = 50312 )
( src 10.0.0.1 and sport = 22 ) and dport = 50312
( src 0.0.0.0 or src 10.0.0.1 ) and dst 10.0.0.2
sport = :22
sport :22
sport eq :22
sport == :22
sport != :22
sport ne :22
sport neq :22
sport > :1024
sport gt :1024
sport < :1024
sport lt :1024
sport >= :443
sport ge :443
sport geq :443
sport <= :443
sport le :443
sport leq :443
dport > 1024
dport >= 1024 and dport <= 50000
sport = :ssh
sport = :http or sport = :https
sport = :80 | sport = :443
sport = :80 || sport = :443
sport = :80 & dport = :40001
sport = :80 && dport = :40001
sport = :80 dport = :40001
! sport = :80
not sport = :80
! ( sport = :80 or dport = :80 )
not ( sport = :80 and dport = :40001 )
not ! sport = :80
( sport = :80 or sport = :22 ) and dport = :50312
src 10.0.0.1
src = 10.0.0.1
src 10.0.0.1:80
src 10.0.0.0/24
src 10.0.0.0/8
src 10/8
src 10.0.0.1:http
src *:22
dst 10.0.0.2
dst 10.0.0.2:*
dst 127.0.0.1
dst 127.0.0.0/8
src 127.0.0.1
src [2001:db8::1]
src [2001:db8::1]:8080
src [2001:db8::/32]
src 2001:db8::/32
dst [2001:db8::1]
dst [::1]
src [::]
src inet:10.0.0.1
src inet6:[2001:db8::1]
dst inet:10.0.0.2
src 127.0.0.1:443
dst [::ffff:127.0.0.1]
src 0.0.0.0/0
dst 10.0.0.1 and not dport = :80
src 10.0.0.1 or src 10.0.0.2
dev = lo
dev != lo
fwmark = 0x1
fwmark = 0/0xff
fwmark != 1
autobound
not autobound
autobound and sport ge :1024
""".strip().splitlines()
NAMED = """
dst db.example
src db.example:9999
src = db.example or dst db.example
""".strip().splitlines()


def main():
    netlib.enter()
    netlib.zoo()
    bad = 0
    if netlib.hosts('127.0.0.1 localhost\n10.0.0.2 db.example\n'):
        EXPRESSIONS.extend(NAMED)
    for text in EXPRESSIONS:
        bad += netlib.same(text, netlib.our_rows(['-tuna', text]),
                           netlib.ss_rows(['-tuna'] + text.split()))
        # The same as words, as ss takes them.
        if netlib.our_rows(['-tuna'] + text.split()) != netlib.our_rows(
                ['-tuna', text]):
            print('as words it differs:', text)
            bad += 1
    print(len(EXPRESSIONS), 'expressions,', bad, 'not the same')
    sys.exit(1 if bad else 0)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A scan that was suspended tells nothing wrong afterwards. failures.md N18."""
import os
import signal

import scanlab
from scanlab import HOST, Lab, TCP, ports_text
from scanrun import Scan, can_syn

scanlab.enter('nft')

HOW = ['-sT'] + (['-sS'] if can_syn() else [])
PORTS = sorted(set(range(1, 3001)) | set(TCP))


def suspended():
    """N18: for longer than anything of it waits for an answer; that is
    measured in round trips of another's packets on the same link."""
    with Lab('rtt20') as lab:
        want = {p: 'open' if p in TCP else 'closed' for p in PORTS}
        for how in HOW:
            s = Scan([how, '-Pn', '-p', ports_text(PORTS), '--max-rate',
                      '3000', HOST[4]])
            s.until(lambda ev: ev['ev'] == 'port')
            worker = s.worker()
            os.kill(worker, signal.SIGSTOP)
            for _ in range(100):
                lab.round_trip()
            os.kill(worker, signal.SIGCONT)
            s.end().whole().must_be(want)


suspended()

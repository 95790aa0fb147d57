"""Processor time of whole families of processes, from /proc.

On a machine that others use too, throughput says how much of it one was given. Processor time for
one booking, of everybody who has a part in it, says what it costs.
"""

import os
import resource
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")


def spent(families: Iterable[int]) -> float:
    """Seconds spent so far by these processes and all their descendants, by those of this process
    that have ended, and by this process."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    mine = own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
    children: dict[int, list[int]] = defaultdict(list)
    ticks: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended while we looked
        pid = int(folder.name)
        children[int(after_name[1])].append(pid)
        ticks[pid] = sum(int(part) for part in after_name[11:15])
    return mine + sum(_family(pid, children, ticks) for pid in families) * TICK


def _family(pid: int, children: dict[int, list[int]], ticks: dict[int, int]) -> int:
    return ticks.get(pid, 0) + sum(_family(child, children, ticks) for child in children[pid])

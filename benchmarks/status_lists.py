"""Rebuilding and reading a status list of 2^20 entries, 1 % of them set, in processor time.

Rebuilt from the numbered changes as they would come from the database: set, pack, compress, sign.
The baseline is zlib alone on the same bytes, at the level the standard recommends; another line
holds the time against the 200 ms that were set as its limit. `python -m benchmarks.status_lists`.
"""

import random
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

from benchmarks.report import Line, table
from passport.rules.tokens import es256
from passport.rules.tokens.status_list import Status, StatusList, read_list

SIZE, SET, LIMIT_MS = 2**20, 0.01, 200
URI = "https://rh8.example.nhs.uk/passport/status-lists/1"
NOW = datetime(2026, 11, 2, 19, 30, tzinfo=UTC)


def measure(rounds: int = 9) -> list[Line]:
    """Rebuild, compress alone and read in turn, so often."""
    chance, key = random.Random(20), es256.new_key()
    places = chance.sample(range(SIZE), int(SIZE * SET))
    changes = [(idx, chance.choices(list(Status)[1:3], (3, 1))[0]) for idx in places]

    def rebuild() -> str:
        made = StatusList(size=SIZE)
        for idx, value in changes:
            made.set(idx, value)
        return made.token(key, uri=URI, now=NOW)

    text, signer = rebuild(), es256.public(key)
    packed = read_list(text, uri=URI, key=signer, now=NOW).packed
    ours = _milliseconds(rebuild, rounds)
    alone = _milliseconds(lambda: zlib.compress(packed, 9), rounds)
    reading = _milliseconds(lambda: read_list(text, uri=URI, key=signer, now=NOW), rounds)
    what = f"Status list of {SIZE:,} entries of 2 bits, 1 % set"
    shown = f"{ours:.0f} ms CPU, {len(text) / 1000:.1f} kB signed"
    return [
        Line(f"{what}: rebuilt", shown, f"{LIMIT_MS} ms", ours / LIMIT_MS, 1, at_most=True),
        Line(f"{what}: rebuilt", shown, f"zlib -9 alone {alone:.0f} ms", ours / alone),
        Line(f"{what}: read and checked", f"{reading:.1f} ms CPU", f"rebuilt {ours:.0f} ms",
             reading / ours),
    ]  # fmt: skip


def _milliseconds(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return median(taken) * 1_000


if __name__ == "__main__":
    print(table(measure()))

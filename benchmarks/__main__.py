"""Run the benchmarks and print one table; `--write` also puts it into docs/performance.md.

The document holds one whole run: what is tiny or only a part is written elsewhere or not at all.
"""

import argparse
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import booking, cluster, passports, posting, report, searching
from benchmarks.cluster import Cluster
from benchmarks.report import Line

Say = Callable[[str], None]


def _booking(server: Cluster, smoke: bool, say: Say) -> list[Line]:
    return booking.measure(server, booking.SMOKE if smoke else booking.FULL, say)


def _posting(server: Cluster, smoke: bool, say: Say) -> list[Line]:
    return posting.measure(server, 100 if smoke else 10_000, 1 if smoke else 5, say)


def _searching(server: Cluster, smoke: bool, say: Say) -> list[Line]:
    return searching.measure(server, searching.SMOKE if smoke else searching.FULL, say)


PARTS: Mapping[str, Callable[[Cluster, bool, Say], list[Line]]] = {
    "booking": _booking,
    "posting": _posting,
    "searching": _searching,
}
"""What needs a database."""
ALONE: Mapping[str, Callable[[bool, Say], list[Line]]] = {
    "passports": lambda smoke, say: passports.measure(
        passports.SMOKE if smoke else passports.FULL, say
    ),
}
"""What needs none."""
EVERY = (*PARTS, *ALONE)
EXAMPLES = f"""one part alone: python -m benchmarks --only passports
parts: {", ".join(EVERY)}; all but {", ".join(ALONE)} need PostgreSQL"""


def main() -> None:
    """Measure what was asked for."""
    options = _asked()
    began, load = time.monotonic(), os.getloadavg()[0]

    def say(text: str) -> None:
        print(f"[{time.monotonic() - began:4.0f} s] {text}", flush=True)

    lines, server_version = _measured(options.only or EVERY, options.smoke, say)
    where = report.where(server_version, load)
    found = report.table(lines)
    print(f"\n{where}\n\n{found}")
    if options.write:
        report.write(f"{where}\n\n{found}", options.write)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--smoke", action="store_true", help="tiny data: only whether it runs")
    add("--only", choices=EVERY, action="append", help="one part; may be repeated")
    add(
        "--write", nargs="?", type=Path, const=report.DOCUMENT, metavar="DOCUMENT",
        help="write docs/performance.md, or another document with its marks",
    )  # fmt: skip
    options = parser.parse_args()
    whole = not options.smoke and not options.only
    if options.write == report.DOCUMENT and not whole:
        parser.error(f"{report.DOCUMENT.name} holds a whole run: name another document")
    return options


def _measured(
    wanted: Sequence[str], smoke: bool, say: Say
) -> tuple[list[Line], str | None]:
    """The lines of these parts, and the version of the database where one was needed."""
    lines, server_version = list[Line](), None
    if not set(wanted) <= set(ALONE):
        with cluster.started(small=smoke) as server:
            server_version = server.version()
            for part in (one for one in wanted if one in PARTS):
                lines += PARTS[part](server, smoke, say)
    for part in (one for one in wanted if one in ALONE):
        lines += ALONE[part](smoke, say)
    return lines, server_version


if __name__ == "__main__":
    main()

"""Run the benchmarks and print one table. `--write` also puts it into docs/performance.md."""

import argparse
import os
import time

from benchmarks import booking, cluster, report
from benchmarks.report import Line

PARTS = ("booking",)


def main() -> None:
    """Measure what was asked for."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("--smoke", action="store_true", help="tiny data: only whether it runs")
    asked.add_argument("--write", action="store_true", help="write docs/performance.md")
    asked.add_argument("--only", choices=PARTS, action="append", help="one part; may be repeated")
    options = asked.parse_args()
    parts = options.only or PARTS
    began, load = time.monotonic(), os.getloadavg()[0]

    def say(text: str) -> None:
        print(f"[{time.monotonic() - began:4.0f} s] {text}", flush=True)

    lines: list[Line] = []
    with cluster.started(small=options.smoke) as server:
        if "booking" in parts:
            lines += booking.measure(server, booking.SMOKE if options.smoke else booking.FULL, say)
        where = report.where(server.version(), load)
    found = report.table(lines)
    print(f"\n{where}\n\n{found}")
    if options.write:
        report.write(f"{where}\n\n{found}")


if __name__ == "__main__":
    main()

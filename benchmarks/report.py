"""One table of ratios, on the terminal and in docs/performance.md."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN = "<!-- measured: begin (written by `make bench`) -->"
END = "<!-- measured: end -->"


@dataclass(frozen=True)
class Line:
    """One comparison. A `ratio` of at least `goal` is reached; `at_most` turns that round."""

    what: str
    ours: str
    baseline: str
    ratio: float
    goal: float | None = None
    """None = none was set."""
    stretch: float | None = None
    at_most: bool = False

    @property
    def verdict(self) -> str:
        """Reached or not, said plainly."""
        if self.goal is None:
            return ""
        if self.at_most:
            return "reached" if self.ratio <= self.goal else "NOT reached"
        if self.stretch is not None and self.ratio >= self.stretch:
            return "stretch reached"
        return "reached" if self.ratio >= self.goal else "NOT reached"

    @property
    def goals(self) -> str:
        """What was aimed at."""
        if self.goal is None:
            return ""
        sign = "≤" if self.at_most else "≥"
        stretch = f", stretch {self.stretch:g}" if self.stretch is not None else ""
        return f"{sign} {self.goal:g}{stretch}"

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        shown = f"{self.ratio:.2f}" if self.ratio < 10 else f"{self.ratio:,.0f}"
        return self.what, self.ours, self.baseline, shown, self.goals, self.verdict


HEADINGS = ("what", "measured", "against", "ratio", "goal", "")


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def table(lines: Sequence[Line]) -> str:
    """As Markdown, in even columns."""
    rows = [HEADINGS, *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]

    def drawn(row: Sequence[str]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([drawn(rows[0]), rule, *(drawn(row) for row in rows[1:])])


def where(server_version: str | None, load_before: float) -> str:
    """Machine, versions and date of a run."""
    packages = ("Flask", "SQLAlchemy", "psycopg", "gunicorn", "cryptography", "sd-jwt")
    server = f"PostgreSQL {server_version}, " if server_version else ""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    when = datetime.now(UTC)  # noqa: TID251  the date of the measurement
    return (
        f"Measured on {when:%d %B %Y}: {_processor()}, {os.cpu_count()} processors, Python "
        f"{platform.python_version()}, {server}{versions}. Load of the "
        f"machine before and after: {load_before:.1f} and {os.getloadavg()[0]:.1f}."
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else platform.machine()


def write(text: str, document: Path) -> None:
    """Put the results between their marks in the document."""
    held = document.read_text()
    if BEGIN not in held or END not in held:
        raise ValueError(f"{document} has no marks to write between")
    before, _, rest = held.partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")

"""A round of looks at a register: who is asked about, the looking, and what came of it.

The looking is done between transactions, so that a slow service holds nothing; what was seen is
taken some people at a time. A dry run does all of it and takes all of it back.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import BinaryIO, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from passport.actions.registers import register_checks
from passport.actions.registers.register_checks import Taken
from passport.actors import Actor
from passport.db import Database
from passport.imports.register_files import RegisterFile
from passport.london import london_day
from passport.model.register_words import watch_policy
from passport.rules.people.register_answers import (
    Answer,
    Asked,
    Effect,
    Look,
    Match,
    Register,
    Trouble,
    effect_of,
    match,
)

T = TypeVar("T")
TAKEN_TOGETHER = 50
ASKED_TOGETHER = 200
"""People of one organisation that a service is asked about in one round."""


Guests = Callable[[Database, Register, "Round"], int]
"""Looks up those whom the organisation does not employ and lets work there; returns how many were
found. A dry run changes nothing."""


@dataclass(frozen=True, slots=True)
class Round:
    """Whose people, on which register, who asks and when."""

    organisation_id: UUID
    body: str
    by: Actor
    now: datetime
    dry_run: bool = False
    file: tuple[str, str] | None = None
    """Name and digest of the file, where it is one."""
    believed: bool = False
    """Somebody looked: also a round in which most would lose their standing is taken."""
    guests: Guests | None = None
    """Of the upper floor, where there is one."""


@dataclass
class RoundReport:
    """What a round came to."""

    asked: int = 0
    taken: list[Taken] = field(default_factory=list)
    others: int = 0
    """Rows of a file that are about people nobody asked about."""
    held: bool = False
    guests: int = 0
    """People of others who work here, found beside the own."""

    @property
    def troubled(self) -> bool:
        """Whether the register gave no usable answer to somebody: the rest is for later."""
        return any(one.outcome in list(Trouble) for one in self.taken)

    @property
    def counts(self) -> Mapping[str, int]:
        """People by outcome."""
        outcomes = Counter(one.outcome for one in self.taken)
        extra = {
            "asked": self.asked, "others": self.others, "held": int(self.held),
            "guests": self.guests,
        }  # fmt: skip
        return {**outcomes, **{name: count for name, count in extra.items() if count}}


def take_file(
    database: Database, file: RegisterFile, round_: Round, *, everybody: bool = True
) -> RoundReport:
    """Take what a register file says of the organisation's own people."""
    report = _round(database, file, round_, due=not everybody)
    report.others = file.others
    return _with_guests(report, database, file, round_)


def take_service(
    database: Database, service: Register, round_: Round, *, everybody: bool = False
) -> RoundReport:
    """Ask a service about the organisation's people who are due."""
    report = _round(database, service, round_, due=not everybody)
    return _with_guests(report, database, service, round_)


def _with_guests(
    report: RoundReport, database: Database, register: Register, round_: Round
) -> RoundReport:
    if round_.guests is not None and not report.held:
        report.guests = round_.guests(database, register, round_)
    return report


def _round(database: Database, register: Register, round_: Round, *, due: bool) -> RoundReport:
    before = register_checks.due_before(round_.now) if due else None
    with database.reading() as session:
        asked = register_checks.asked_of(
            session, organisation_id=round_.organisation_id, body=round_.body, by=round_.by,
            looked_before=before, limit=ASKED_TOGETHER if due else None,
        )  # fmt: skip
    report = RoundReport(asked=len(asked))
    looks = list(register.look(asked))
    if not looks and due:
        return report
    report.held = not round_.believed and incredible(looks, round_.now)
    with _deeds(database, round_.dry_run) as attempt:
        run_id = attempt(lambda session: _open(session, register, round_))
        believed = [] if report.held else looks
        for start in range(0, len(believed), TAKEN_TOGETHER):
            some = believed[start : start + TAKEN_TOGETHER]
            report.taken += attempt(partial(_take, run_id=run_id, looks=some, round_=round_))
        attempt(lambda session: _close(session, run_id, report, register, round_))
    return report


def incredible(looks: Sequence[Look], now: datetime) -> bool:
    """Whether so many would lose their standing at once that somebody has to look first."""
    policy = watch_policy(london_day(now))
    lost = sum(_is_lost(one, answer) for one, answer in looks if isinstance(answer, Answer))
    enough = lost >= policy.held_least
    return enough and lost * 100 > len(looks) * policy.held_share_percent


def _is_lost(one: Asked, answer: Answer) -> bool:
    return effect_of(answer.status) is Effect.BARRED or match(one, answer) is Match.OTHER


def _open(session: Session, register: Register, round_: Round) -> UUID:
    return register_checks.open_run(
        session, organisation_id=round_.organisation_id, body=round_.body, source=register.source,
        by=round_.by, now=round_.now, file=round_.file,
    )  # fmt: skip


def _take(
    session: Session, *, run_id: UUID, looks: Sequence[Look], round_: Round
) -> list[Taken]:
    return register_checks.take_looks(
        session, run_id=run_id, looks=looks, by=round_.by, now=round_.now
    )


def _close(
    session: Session, run_id: UUID, report: RoundReport, register: Register, round_: Round
) -> None:
    report.others = getattr(register, "others", 0)
    register_checks.close_run(
        session, run_id=run_id, counts=report.counts, by=round_.by, now=round_.now
    )


class _Undone(Exception):
    """Ends a dry run."""


@contextmanager
def _deeds(
    database: Database, dry_run: bool
) -> Iterator[Callable[[Callable[[Session], T]], T]]:
    """Each deed in its own transaction, or all in one that is taken back."""
    if not dry_run:
        yield database.attempt
        return
    with suppress(_Undone), database.transaction() as session:
        yield lambda deed: deed(session)
        raise _Undone


def digest_of(source: BinaryIO) -> str:
    """SHA-256 of a file, by which the same one is known again."""
    source.seek(0)
    found = hashlib.sha256()
    while chunk := source.read(1024 * 1024):
        found.update(chunk)
    source.seek(0)
    return found.hexdigest()

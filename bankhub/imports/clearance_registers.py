"""A host's own look at a register for everybody with a clearance there, by the same file or
service that it looks its own people up in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_checks
from passport.actions.registers import register_checks
from passport.db import Database
from passport.imports.register_rounds import TAKEN_TOGETHER, Round, incredible
from passport.rules.people.register_answers import Answer, Look, Register, Trouble


@dataclass(frozen=True, slots=True)
class ClearedHere:
    """`passport.imports.register_rounds.Guests` by the clearances of this floor. `now` is the
    trade's clock, by which clearances are decided."""

    now: Callable[[], datetime]

    def __call__(self, database: Database, register: Register, round_: Round) -> int:
        """Look up everybody with an open clearance at the organisation; how many were found. A
        service is asked about those who are due alone."""
        moment = self.now()
        due = None if round_.file else register_checks.due_before(moment)
        with database.reading() as session:
            asked = clearance_checks.asked_here(
                session, organisation_id=round_.organisation_id, body=round_.body,
                looked_before=due, by=round_.by, now=moment,
            )  # fmt: skip
        looks = [(one, _as_at(answer, round_, moment)) for one, answer in register.look(asked)]
        if not looks or (not round_.believed and incredible(looks, round_.now)):
            return 0
        for start in range(0, 0 if round_.dry_run else len(looks), TAKEN_TOGETHER):
            some = looks[start : start + TAKEN_TOGETHER]
            deed = partial(_take, looks=some, register=register, round_=round_, now=moment)
            database.attempt(deed)
        return len(looks)


def _as_at(answer: Answer | Trouble, round_: Round, moment: datetime) -> Answer | Trouble:
    """How long ago a register said so is told by the wall's clock; the trade's may be moved."""
    if isinstance(answer, Trouble) or answer.as_at is None:
        return answer
    return replace(answer, as_at=moment - (round_.now - answer.as_at))


def _take(
    session: Session, *, looks: list[Look], register: Register, round_: Round, now: datetime
) -> int:
    return clearance_checks.take_looks(
        session, organisation_id=round_.organisation_id, source=register.source, looks=looks,
        by=round_.by, now=now,
    )  # fmt: skip

"""Taking in what registers say of the organisation's own people.

Whoever looks (a file, a service) does so outside any transaction; what was seen is taken here,
some people at a time. Every look is kept, also one that gave nothing: that nobody answered has to
be seen by somebody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.people.disputes import dispute_number
from passport.actions.people.evidence import add_facts
from passport.actions.permission import demand
from passport.actions.registers import watching
from passport.actions.telling import tell_officers
from passport.actions.tenancy import within
from passport.actors import Actor, Via
from passport.errors import Refused
from passport.events import part, record
from passport.london import london_day
from passport.model.facts import Fact, FactKind, FactValue
from passport.model.people import Person
from passport.model.register_checks import RegisterCheck, RegisterRun
from passport.model.register_words import Status, watch_policy
from passport.rules.people import register_answers as answers
from passport.rules.people.evidence import REGISTERS
from passport.rules.people.register_answers import Answer, Asked, Look, Match, Trouble
from passport.rules.permissions import Deed

DISPUTED, OLDER = "disputed", "older"
"""Further reasons why a look is not taken as this person's, beside those of the rules."""
SERIOUS = frozenset({Match.OTHER.value, Match.UNSURE.value, DISPUTED, "unknown"})
"""Looks that an officer has to go after."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one look came to."""

    asked: Asked
    status: Status
    outcome: str
    """`same`, `changed`, or why it was not taken."""
    said: str = ""
    news: bool = False
    """An officer has to go after it, and was not told before."""


def asked_of(
    session: Session,
    *,
    organisation_id: UUID,
    body: str,
    by: Actor,
    looked_before: datetime | None = None,
    limit: int | None = None,
) -> list[Asked]:
    """The organisation's people who are on record with a number of this register; with
    `looked_before` those whose number was not looked at since, the longest ago first."""
    demand(by, Deed.CHECK_REGISTER)
    within(by, organisation_id)
    return numbers_of(
        session, organisation_id=organisation_id, body=body, looked_before=looked_before,
        limit=limit,
    )  # fmt: skip


def numbers_of(
    session: Session,
    *,
    organisation_id: UUID,
    body: str,
    looked_before: datetime | None = None,
    limit: int | None = None,
) -> list[Asked]:
    """The same for whoever is allowed to know already."""
    last = _last_looks(organisation_id, body)
    found = session.execute(
        sa.select(Person, Fact.value["number"].as_string(), last.c.answered_at)
        .join(Fact, Fact.person_id == Person.id)
        .outerjoin(last, last.c.person_id == Person.id)
        .where(
            Person.organisation_id == organisation_id,
            Person.left_at.is_(None),
            Fact.kind == FactKind.REGISTRATION,
            Fact.lookup.startswith(f"{body}:", autoescape=True),
            Fact.superseded_by_id.is_(None),
            Fact.checked_by_id.is_not(None),
        )
        .order_by(sa.nulls_first(last.c.tried_at), Person.id)
    ).all()
    asked: dict[tuple[UUID, str], Asked] = {}
    for person, number, at in found:
        if looked_before is None or at is None or at < looked_before:
            asked.setdefault((person.id, number), _asked(person, body, number))
    return list(asked.values())[:limit]


def _asked(person: Person, body: str, number: str) -> Asked:
    return Asked(
        person.id, body, number, person.given_name, person.family_name, person.date_of_birth
    )


def _last_looks(organisation_id: UUID, body: str) -> sa.Subquery:
    """When each person's number was last tried, and when the register last answered."""
    answered = sa.case((_ANSWERED, RegisterCheck.at))
    return (
        sa.select(
            RegisterCheck.person_id,
            sa.func.max(RegisterCheck.at).label("tried_at"),
            sa.type_coerce(sa.func.max(answered), RegisterCheck.at.type).label("answered_at"),
        )
        .where(RegisterCheck.organisation_id == organisation_id, RegisterCheck.body == body)
        .group_by(RegisterCheck.person_id)
        .subquery()
    )


_ANSWERED = sa.or_(
    RegisterCheck.because.is_(None), RegisterCheck.because.not_in([one.value for one in Trouble])
)


def organisations_with(session: Session, *, bodies: Sequence[str]) -> list[tuple[UUID, str]]:
    """Every organisation that has people on one of these registers, with the register."""
    found: list[tuple[UUID, str]] = []
    for body in bodies:
        rows = session.scalars(
            sa.select(Person.organisation_id)
            .join(Fact, Fact.person_id == Person.id)
            .where(
                Fact.kind == FactKind.REGISTRATION,
                Fact.lookup.startswith(f"{body}:", autoescape=True),
                Fact.superseded_by_id.is_(None),
                Person.left_at.is_(None),
            )
            .distinct()
        )
        found += [(organisation_id, body) for organisation_id in sorted(rows, key=str)]
    return found


def held_lately(
    session: Session, *, organisation_id: UUID, body: str, now: datetime
) -> bool:
    """Whether the last round was held, and that not long ago: somebody has to look first."""
    last = session.scalars(
        sa.select(RegisterRun)
        .where(RegisterRun.organisation_id == organisation_id, RegisterRun.body == body)
        .order_by(RegisterRun.at.desc(), RegisterRun.id.desc())
    ).first()
    return bool(last and last.counts.get("held") and last.at > due_before(now))


def open_run(
    session: Session,
    *,
    organisation_id: UUID,
    body: str,
    source: str,
    by: Actor,
    now: datetime,
    file: tuple[str, str] | None = None,
) -> UUID:
    """Begin a round of looks; `file` is a file's name and digest."""
    demand(by, Deed.CHECK_REGISTER)
    within(by, organisation_id)
    name, digest = file or (None, None)
    run = RegisterRun(
        organisation_id=organisation_id, body=body, source=source, at=now, file_name=name,
        file_digest=digest,
    )  # fmt: skip
    session.add(run)
    session.flush()
    record(
        session, "registers.looked", subject_id=run.id, organisation_id=organisation_id, by=by,
        now=now, body=body, source=source,
    )  # fmt: skip
    return run.id


def close_run(
    session: Session, *, run_id: UUID, counts: Mapping[str, int], by: Actor, now: datetime
) -> None:
    """Put down what a round came to. One that was held is told to the officers."""
    run = session.get_one(RegisterRun, run_id)
    within(by, run.organisation_id)
    run.counts = dict(counts)
    held = tell_officers(session, "registers_held", run.organisation_id) if run.counts.get(
        "held") else []  # fmt: skip
    record(
        session, "registers.taken", subject_id=run.id, organisation_id=run.organisation_id, by=by,
        now=now, tell=held, counts=run.counts,
    )  # fmt: skip


def take_looks(
    session: Session, *, run_id: UUID, looks: Iterable[Look], by: Actor, now: datetime
) -> list[Taken]:
    """Put on record what a register said of some people; what changed is told to whom it
    concerns."""
    demand(by, Deed.CHECK_REGISTER)
    run = session.get_one(RegisterRun, run_id)
    within(by, run.organisation_id)
    taken = [_take_one(session, run, one, answer, by, now) for one, answer in looks]
    news = [one for one in taken if one.news]
    told = tell_officers(session, "registers_mismatch", run.organisation_id) if news else []
    record(
        session, "registers.looks_taken", subject_id=run.id,
        organisation_id=run.organisation_id, by=by, now=now, tell=told, people=len(taken),
    )  # fmt: skip
    return taken


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is made of an answer: `because` is why it is not taken, None where it is."""

    status: Status
    because: str | None = None
    changed: bool = False
    kept: Answer | None = None
    """What of it may be kept: nothing of what is about somebody else."""


def _take_one(
    session: Session, run: RegisterRun, one: Asked, answer: Answer | Trouble, by: Actor,
    now: datetime,
) -> Taken:  # fmt: skip
    """A look that this officer may not take, being the person, is noted and no more."""
    if isinstance(answer, Trouble):
        return _note(session, run, one, _Seen(Status.UNKNOWN, answer.value), now)
    refused = _why_not(session, one, answer, min(answer.as_at or now, now))
    if refused is not None:
        return _note(session, run, one, refused, now)
    try:
        with part(session):
            seen = _take(session, run, one, answer, by, now)
    except Refused as problem:
        seen = _Seen(Status.UNKNOWN, problem.reasons[0].code)
    return _note(session, run, one, seen, now)


def _why_not(session: Session, one: Asked, answer: Answer, at: datetime) -> _Seen | None:
    """What can be said of an answer without putting anything on record."""
    before = _standing(session, one)
    if before is not None and before.source in REGISTERS and before.checked_at > at:
        return _Seen(answer.status, OLDER, kept=answer)
    found = answer.status is not Status.NOT_FOUND and answers.match(one, answer)
    if found is Match.UNSURE:
        return _Seen(answer.status, Match.UNSURE.value)
    if found is Match.SAME and answer.status is Status.UNKNOWN:
        return _Seen(answer.status, "unknown", kept=answer)
    return None


def _take(
    session: Session, run: RegisterRun, one: Asked, answer: Answer, by: Actor, now: datetime
) -> _Seen:
    at = min(answer.as_at or now, now)
    before = _standing(session, one)
    known = before.value if before else {}
    if answer.status is not Status.NOT_FOUND and answers.match(one, answer) is Match.OTHER:
        person = session.get_one(Person, one.person_id)
        dispute_number(session, person=person, body=one.body, number=one.number, by=by, now=now)
        _state(session, run, one, answers.not_this_persons(one, known), known, at, by, now)
        return _Seen(Status.NOT_FOUND, Match.OTHER.value)
    stated = answers.fact_of(one, answer, known)
    if stated is None:
        raise ValueError(f"{answer.status} is no fact")
    changed = _state(session, run, one, stated, known, at, by, now)
    if changed is None:
        return _Seen(answer.status, DISPUTED)
    return _Seen(answer.status, changed=changed, kept=answer)


def _state(
    session: Session, run: RegisterRun, one: Asked, fact: FactValue, known: Mapping[str, Any],
    at: datetime, by: Actor, now: datetime,
) -> bool | None:  # fmt: skip
    """Put the fact on record and see to what follows; whether the standing changed, None where
    the number is somebody else's on our own records."""
    evidence = add_facts(
        session, person_id=one.person_id, entries=[fact], source=run.source, by=by, now=now,
        checked_at=at,
    )  # fmt: skip
    if evidence.reasons:
        return None
    session.flush()
    return watching.on_look(session, asked=one, before=known, by=by, now=now)


def _standing(session: Session, one: Asked) -> Fact | None:
    """The live fact about this number, the latest where there are several."""
    return session.scalars(
        sa.select(Fact)
        .where(
            Fact.person_id == one.person_id,
            Fact.kind == FactKind.REGISTRATION,
            Fact.lookup == answers.lookup_of(one),
            Fact.superseded_by_id.is_(None),
        )
        .order_by(Fact.checked_at.desc())
    ).first()


def _note(
    session: Session, run: RegisterRun, one: Asked, seen: _Seen, now: datetime
) -> Taken:
    """Keep the look."""
    last = session.scalars(
        sa.select(RegisterCheck.because)
        .where(RegisterCheck.person_id == one.person_id, RegisterCheck.body == one.body)
        .order_by(RegisterCheck.at.desc())
    ).first()
    session.add(
        RegisterCheck(
            run_id=run.id, organisation_id=run.organisation_id, person_id=one.person_id,
            body=one.body, number=one.number, at=now, status=seen.status.value,
            found=_found(seen.kept), because=seen.because,
        )
    )  # fmt: skip
    session.flush()
    outcome = seen.because or ("changed" if seen.changed else "same")
    said = seen.kept.said if seen.kept else ""
    news = seen.because in SERIOUS and seen.because != last
    return Taken(one, seen.status, outcome, said, news)


def _found(answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {}
    found = {
        "said": answer.said,
        "expires_on": answer.expires_on.isoformat() if answer.expires_on else None,
        "register_part": answer.register_part,
        "restrictions": [dict(each) for each in answer.restrictions],
    }
    return {name: value for name, value in found.items() if value}


def due_before(now: datetime) -> datetime:
    """Numbers last looked at before this moment are due."""
    return now - timedelta(hours=watch_policy(london_day(now)).recheck_hours)


def acting_in(by: Actor, organisation_id: UUID) -> Actor:
    """A job or the operator acts in one organisation after another."""
    if by.via in (Via.JOB, Via.OPERATOR):
        return replace(by, organisation_id=organisation_id)
    return by

"""The host's own look at a professional register for somebody it does not employ.

The number comes from the passport, never from a form. An officer puts down what the register says,
or a register file and a service answer for everybody with an open clearance at once.
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearances
from bankhub.actions.clearances.clearance_evidence import Judge
from bankhub.actions.clearances.clearance_records import looked_up
from bankhub.actions.permission import demand
from bankhub.model.clearances import Clearance, HostRegisterCheck
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.permission import demand as demand_below
from passport.actions.tenancy import own_organisation, within
from passport.actors import Actor
from passport.errors import Cure, Invalid, NotFound, Reason, Refused
from passport.events import record
from passport.model.people import Person
from passport.model.register_words import Status
from passport.rules.people.register_answers import Answer, Asked, Look, Match, match
from passport.rules.permissions import Deed as PassportDeed

BY_HAND = "by_hand"
CHECKED = "register.checked"
_YEARS_AHEAD = 10


def check_register(
    session: Session,
    *,
    clearance_id: UUID,
    status: Status,
    valid_until: date | None = None,
    number: str | None = None,
    by: Actor,
    now: datetime,
) -> Clearance:
    """Put down what the register says of the number on the passport, and decide again; `number` is
    the one that was looked up. Raises `Refused` where the passport shows none, or another by now,
    and for one's own registration."""
    demand(by, Deed.CLEAR)
    row = clearances.locked(session, clearance_id)
    if row.host_id != own_organisation(by):
        raise NotFound
    clearances.refuse_own(session, row.person_id, by)
    _refuse_wrong(valid_until, now)
    person, judge = session.get_one(Person, row.person_id), Judge(session, now)
    found = judge.number(clearances.asked_of(judge, row), person)
    if found is None:
        words = "The passport shows no number that qualifies for the role."
        act = Cure("Ask them to collect their registration into their passport")
        raise Refused([Reason("no_number", {}, act, text=words)])
    if number is not None and number != found[1]:
        words = "Their passport shows another number by now."
        raise Refused([Reason("number_changed", {}, Cure("Look the new number up"), text=words)])
    check = HostRegisterCheck(
        host_id=row.host_id, person_id=row.person_id, body=found[0], number=found[1], at=now,
        status=status.value, source=BY_HAND, valid_until=valid_until, by_id=by.account_id,
    )  # fmt: skip
    _keep(session, check, by, now)
    _decide(session, [check], by, now)
    return row


def asked_here(
    session: Session,
    *,
    organisation_id: UUID,
    body: str,
    looked_before: datetime | None = None,
    by: Actor,
    now: datetime,
) -> list[Asked]:
    """Whose numbers a host looks up on a register: everybody with an open clearance there; with
    `looked_before` those whose number was not looked up since."""
    demand_below(by, PassportDeed.CHECK_REGISTER)
    within(by, organisation_id)
    rows = session.execute(
        sa.select(Clearance, Person)
        .join(Person, Person.id == Clearance.person_id)
        .where(Clearance.host_id == organisation_id, clearances.OPEN)
        .order_by(Person.id, Clearance.id)
    )
    judge, asked = Judge(session, now), dict[tuple[UUID, str], Asked]()
    for row, person in rows:
        found = judge.number(clearances.asked_of(judge, row), person)
        number = found[1] if found and found[0] == body else _last_number(session, row, body)
        if number and not _looked_since(session, row, number, looked_before):
            asked[person.id, number] = Asked(
                person.id, body, number, person.given_name, person.family_name,
                person.date_of_birth,
            )  # fmt: skip
    return list(asked.values())


def take_looks(
    session: Session,
    *,
    organisation_id: UUID,
    source: str,
    looks: Iterable[Look],
    by: Actor,
    now: datetime,
) -> int:
    """Put down what a register file or service said of some of them, and decide again; how many
    were taken. No answer, and one that is older than the last look, changes nothing."""
    demand_below(by, PassportDeed.CHECK_REGISTER)
    within(by, organisation_id)
    taken = [
        check
        for one, answer in looks
        if isinstance(answer, Answer)
        and (check := _from_answer(session, organisation_id, source, one, answer, now))
    ]
    for check in taken:
        _keep(session, check, by, now)
    _decide(session, taken, by, now)
    return len(taken)


def hosts(session: Session) -> list[UUID]:
    """Every organisation with an open clearance."""
    found = session.scalars(sa.select(Clearance.host_id).where(clearances.OPEN).distinct())
    return sorted(found, key=str)


def _looked_since(
    session: Session, row: Clearance, number: str, moment: datetime | None
) -> bool:
    if moment is None:
        return False
    found = sa.select(HostRegisterCheck.id).where(
        looked_up(row.host_id, row.holder_id),
        HostRegisterCheck.number == number,
        HostRegisterCheck.at >= moment,
    )
    return session.scalar(found.limit(1)) is not None


def _last_number(session: Session, row: Clearance, body: str) -> str | None:
    """A registration that is held back shows no number any more: the last one that was looked up
    is looked up again."""
    return session.scalar(
        sa.select(HostRegisterCheck.number)
        .where(looked_up(row.host_id, row.holder_id), HostRegisterCheck.body == body)
        .order_by(HostRegisterCheck.at.desc())
        .limit(1)
    )


def _from_answer(
    session: Session, host_id: UUID, source: str, one: Asked, answer: Answer, now: datetime
) -> HostRegisterCheck | None:
    """A number that the register gives to somebody else is not theirs."""
    at = min(answer.as_at or now, now)
    last = session.scalar(
        sa.select(sa.func.max(HostRegisterCheck.at)).where(
            HostRegisterCheck.host_id == host_id,
            HostRegisterCheck.person_id == one.person_id,
            HostRegisterCheck.number == one.number,
        )
    )
    if answer.status is Status.UNKNOWN or (last is not None and last > at):
        return None
    status = answer.status
    if status is not Status.NOT_FOUND:
        whose = match(one, answer)
        if whose is Match.UNSURE:
            return None
        status = Status.NOT_FOUND if whose is Match.OTHER else status
    return HostRegisterCheck(
        host_id=host_id, person_id=one.person_id, body=one.body, number=one.number, at=at,
        status=status.value, source=source, valid_until=answer.expires_on,
    )  # fmt: skip


def _keep(session: Session, check: HostRegisterCheck, by: Actor, now: datetime) -> None:
    session.add(check)
    session.flush()
    record(
        session, CHECKED, subject_id=check.id, organisation_id=check.host_id, by=by, now=now,
        person=check.person_id, status=check.status, source=check.source,
    )  # fmt: skip


def _decide(
    session: Session, checks: Iterable[HostRegisterCheck], by: Actor, now: datetime
) -> None:
    for check in checks:
        holder_id = sa.select(Person.holder_id).where(Person.id == check.person_id)
        which = sa.and_(
            Clearance.host_id == check.host_id,
            Clearance.holder_id == holder_id.scalar_subquery(),
        )
        clearances.decide_where(session, which, because=CHECKED, by=by, now=now)


def _refuse_wrong(valid_until: date | None, now: datetime) -> None:
    today = london_day(now)
    if valid_until is not None and not today.year - 1 <= valid_until.year <= (
        today.year + _YEARS_AHEAD
    ):
        words = f"Give a day of last year at the earliest, and within {_YEARS_AHEAD} years."
        raise Invalid("register_check", fields={"valid_until": [words]})

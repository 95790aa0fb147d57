"""What pages and programs read of clearances: the host's list, one checklist, and where the
signed-in person can work.

A look of the host at somebody is written down for them to read
(`passport.actions.people.looks`), so the host's reads run in writing transactions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from bankhub.actions.clearances.clearance_evidence import Judge
from bankhub.actions.clearances.clearance_records import looked_up
from bankhub.actions.clearances.clearance_supervision import possible
from bankhub.actions.clearances.clearances import OPEN, asked_of
from bankhub.actions.permission import demand
from bankhub.model.agreement_terms import Instrument
from bankhub.model.agreements import Agreement, AgreementVersion
from bankhub.model.clearance_values import (
    AskedClearance,
    Item,
    Place,
    bookable_until,
    item_of,
)
from bankhub.model.clearances import (
    Clearance,
    ClearanceBypass,
    ClearanceState,
    ClearanceSupervision,
    HostRegisterCheck,
)
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.workers import BankPost
from bankhub.rules.permissions import Deed, reads_the_register
from bankhub.rules.shift_times import london_day
from passport.actions.people.looks import look_at
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import NotFound
from passport.model.organisations import Organisation
from passport.model.people import Person

LOOK_LIST, LOOK_ONE = "clearance list: name and outcome", "clearance: each item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One clearance as a list shows it."""

    id: UUID
    person_id: UUID
    name: str
    home: Place
    host: Place
    staff_group: StaffGroup
    role: str
    grade: Grade
    instrument: Instrument
    agreement: str
    """Reference and version, e.g. `WSA-7 v3`."""
    agreement_id: UUID
    state: ClearanceState
    until_on: date | None
    """Last day of a shift that may be booked."""
    items: tuple[Item, ...]
    decided_at: datetime
    decided_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """One clearance with everything that is open on it, as host, home or the person reads it."""

    clearance: Listed
    shown_at: datetime
    registration: tuple[str, str] | None
    """Register and number to look up, from the passport as it is now; None where there is none or
    the agreement does not share it. For the host alone."""
    register_checks: Sequence[HostRegisterCheck]
    """For who looks up, decides or audits."""
    bypasses: Sequence[ClearanceBypass]
    supervisions: Sequence[ClearanceSupervision]
    """For who decides on them at the host, as is what the register says: nobody else reads that a
    registration is restricted."""
    supervisable_until: date | None
    """Two people may let them work supervised until then at the latest; None = nothing to decide.
    """
    mine: bool
    """Read by the host that decides: home and person read only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereIMayWork:
    """A host whose shifts an agreement opens to the signed-in person, in one role and grade."""

    host: Place
    home: Place
    role: str
    grade: Grade
    staff_group: StaffGroup
    agreements: tuple[str, ...]
    clearance_id: UUID | None
    """None = they have not shown their passport there yet."""
    state: ClearanceState
    until_on: date | None
    items: tuple[Item, ...]
    """What the host decided; before the first showing, what it would come to today."""


def listed(
    session: Session, *, by: Actor, now: datetime, state: ClearanceState | None = None
) -> Sequence[Listed]:
    """The open clearances at the actor's organisation as host, by name; the look is logged for
    each person."""
    demand(by, Deed.READ_CLEARANCES)
    wanted = OPEN if state is None else Clearance.state == state
    found = _read(session, sa.and_(Clearance.host_id == own_organisation(by), wanted))
    for one in found:
        look_at(
            session, person_id=one.person_id, what=LOOK_LIST, basis=one.agreement, by=by, now=now
        )
    return found


def away(session: Session, *, by: Actor) -> Sequence[Listed]:
    """Where the actor's own people are cleared, or not, elsewhere."""
    demand(by, Deed.READ_CLEARANCES)
    return _read(session, sa.and_(Clearance.home_id == own_organisation(by), OPEN))


def one(session: Session, *, clearance_id: UUID, by: Actor, now: datetime) -> Checklist:
    """One clearance for its host or home. A look by the host is logged: to be called in a writing
    transaction. Raises `NotFound`."""
    demand(by, Deed.READ_CLEARANCES)
    row = session.get(Clearance, clearance_id)
    here = own_organisation(by)
    if row is None or here not in (row.host_id, row.home_id):
        raise NotFound
    mine = here == row.host_id
    register = mine and reads_the_register(by)
    found = _checklist(session, row, now if mine else None, register=register)
    basis = found.clearance.agreement
    look_at(session, person_id=row.person_id, what=LOOK_ONE, basis=basis, by=by, now=now)
    return found


def own_one(session: Session, *, clearance_id: UUID, by: Actor) -> Checklist:
    """One clearance of the signed-in person."""
    demand(by, Deed.FIND_SHIFTS)
    row = session.get(Clearance, clearance_id)
    if row is None or by.person_id is None or row.holder_id != by.person_id:
        raise NotFound
    return _checklist(session, row, None)


def own(session: Session, *, by: Actor, now: datetime) -> Sequence[WhereIMayWork]:
    """Everywhere an agreement lets the signed-in person work, cleared or what is missing."""
    demand(by, Deed.FIND_SHIFTS)
    if by.person_id is None:
        raise NotFound
    judge = Judge(session, now)
    open_ones = {
        (row.host_id, row.person_id, row.role, row.grade): row
        for row in session.scalars(
            sa.select(Clearance).where(Clearance.holder_id == by.person_id, OPEN)
        )
    }
    found = [
        _where(judge, asked, person, open_ones.pop(key, None))
        for asked, person, key in _possible(session, judge, by.person_id, now)
    ]
    for row in open_ones.values():
        found.append(_kept(judge, asked_of(judge, row), row))
    return sorted(found, key=_by_host)


def _by_host(one: WhereIMayWork) -> tuple[str, str, str]:
    return one.host.name, one.role, one.grade.value


def _possible(
    session: Session, judge: Judge, holder_id: UUID, now: datetime
) -> Iterator[tuple[AskedClearance, Person, tuple[UUID, UUID, str, Grade]]]:
    """Each work of the person's posts at each host that an agreement opens to it."""
    today = london_day(now)
    rows = session.execute(
        sa.select(BankPost, Person)
        .join(Person, Person.id == BankPost.person_id)
        .where(
            Person.holder_id == holder_id,
            Person.left_at.is_(None),
            BankPost.organisation_id == Person.organisation_id,
            BankPost.starts_on <= today,
            sa.or_(BankPost.ends_on.is_(None), BankPost.ends_on >= today),
        )
        .order_by(BankPost.starts_on, BankPost.id)
    ).all()
    mine, seen = {person.organisation_id for _, person in rows}, set[tuple[Any, ...]]()
    for post, person in rows:
        work = [(post.role, post.grade), *((r, Grade(g)) for r, g in post.entitlements)]
        for host_id in judge.hosts_of(person.organisation_id):
            for role, grade in work:
                key = (host_id, person.id, role, grade)
                if host_id in mine or key in seen:
                    continue
                seen.add(key)
                asked = judge.work_at(person.organisation_id, host_id, role, grade)
                if asked is not None:
                    yield asked, person, key


def _where(
    judge: Judge, asked: AskedClearance, person: Person, row: Clearance | None
) -> WhereIMayWork:
    if row is not None:
        return _kept(judge, asked, row)
    decision, _ = judge.judge(asked, person)
    return WhereIMayWork(
        host=asked.host, home=asked.home, role=asked.role, grade=asked.grade,
        staff_group=asked.staff_group, agreements=_named(judge, asked), clearance_id=None,
        state=ClearanceState.NOT_CLEARED, until_on=None, items=decision.items,
    )  # fmt: skip


def _kept(judge: Judge, asked: AskedClearance, row: Clearance) -> WhereIMayWork:
    items = tuple(item_of(each) for each in row.items)
    return WhereIMayWork(
        host=asked.host, home=asked.home, role=row.role, grade=row.grade,
        staff_group=row.staff_group, agreements=_named(judge, asked), clearance_id=row.id,
        state=row.state, until_on=bookable_until(row.until_on, items), items=items,
    )  # fmt: skip


def _named(judge: Judge, asked: AskedClearance) -> tuple[str, ...]:
    return tuple(each.named for each in judge.permitting(asked))


def _read(session: Session, which: sa.ColumnElement[bool]) -> list[Listed]:
    home, host = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        sa.select(Clearance, Person, home, host, Agreement, AgreementVersion.number)
        .join(Person, Person.id == Clearance.person_id)
        .join(home, home.id == Clearance.home_id)
        .join(host, host.id == Clearance.host_id)
        .join(AgreementVersion, AgreementVersion.id == Clearance.version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .where(which)
        .order_by(Person.family_name, Person.given_name, Clearance.id)
    )
    return [_listed(*row) for row in rows]


def _listed(
    row: Clearance, person: Person, home: Organisation, host: Organisation,
    agreement: Agreement, number: int,
) -> Listed:  # fmt: skip
    items = tuple(item_of(each) for each in row.items)
    return Listed(
        id=row.id, person_id=person.id, name=f"{person.given_name} {person.family_name}".strip(),
        home=Place(home.id, home.ods_code, home.name),
        host=Place(host.id, host.ods_code, host.name),
        staff_group=row.staff_group, role=row.role, grade=row.grade, instrument=row.instrument,
        agreement=f"{agreement.reference} v{number}", agreement_id=agreement.id, state=row.state,
        until_on=bookable_until(row.until_on, items), items=items, decided_at=row.decided_at,
        decided_because=row.decided_because,
    )  # fmt: skip


def _checklist(
    session: Session, row: Clearance, now: datetime | None, *, register: bool = False
) -> Checklist:
    """`now` for the host alone, which reads the passport; `register` for those of it who read
    what registers say."""
    (about,) = _read(session, Clearance.id == row.id)
    host_now = now if row.state is not ClearanceState.ENDED else None
    return Checklist(
        clearance=about,
        shown_at=row.shown_at,
        registration=_number(session, row, host_now) if host_now else None,
        register_checks=_checks(session, row) if register else (),
        bypasses=_bypasses(session, row),
        supervisions=_supervisions(session, row) if register else (),
        supervisable_until=possible(session, row, host_now) if host_now and register else None,
        mine=now is not None,
    )


def _number(session: Session, row: Clearance, now: datetime) -> tuple[str, str] | None:
    judge = Judge(session, now)
    return judge.number(asked_of(judge, row), session.get_one(Person, row.person_id))


def _checks(session: Session, row: Clearance) -> Sequence[HostRegisterCheck]:
    return session.scalars(
        sa.select(HostRegisterCheck)
        .where(looked_up(row.host_id, row.holder_id))
        .order_by(HostRegisterCheck.at.desc(), HostRegisterCheck.id)
    ).all()


def _bypasses(session: Session, row: Clearance) -> Sequence[ClearanceBypass]:
    return session.scalars(
        sa.select(ClearanceBypass)
        .where(ClearanceBypass.clearance_id == row.id)
        .order_by(ClearanceBypass.asked_at.desc(), ClearanceBypass.id)
    ).all()


def _supervisions(session: Session, row: Clearance) -> Sequence[ClearanceSupervision]:
    return session.scalars(
        sa.select(ClearanceSupervision)
        .where(ClearanceSupervision.clearance_id == row.id)
        .order_by(ClearanceSupervision.asked_at.desc(), ClearanceSupervision.id)
    ).all()

"""What a change of anything that a clearance rests on means for it: it is decided again.

Doors note whom a change concerns, and those clearances are decided once, just before the
transaction commits, so that nothing that was lost is left standing; a bypass of what its issuer
changed ends there too. The nightly job does the same for days that passed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event as sa_event
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_bypasses, clearances
from bankhub.actions.clearances.clearance_evidence import Judge
from bankhub.actions.clearances.clearances import EndReason
from bankhub.actions.permission import demand
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.policies import PolicyKind
from bankhub.model.vocabulary import StaffGroup
from bankhub.rules.clearances.clearance_case import item_about
from bankhub.rules.permissions import Deed
from passport.actors import Actor
from passport.events import Event
from passport.model.credentials import Credential
from passport.model.people import Person
from passport.rules.issuing.issue_claims import says_the_same

CREDENTIAL_EVENTS = (
    "credential.accepted", "credential.suspended", "credential.reinstated", "credential.revoked",
    "credential.superseded", "credential.renewed",
)  # fmt: skip
"""What changes a passport as a host may read it."""
_CHANGED = ("credential.suspended", "credential.revoked", "credential.superseded")
"""What its issuer takes back of it, or puts something else in the place of."""
_ASKED = frozenset({PolicyKind.CLEARANCE.value, PolicyKind.REQUIREMENTS.value})
PAGE = 500
"""People asked about together: a file may add facts of thousands."""
_PENDING = "clearances"
_NIGHTLY = "day.passed"


@dataclass(frozen=True, slots=True)
class _Noted:
    """What the clearances of somebody are decided again for."""

    because: str
    by: Actor
    now: datetime
    changed: dict[str, str] = field(default_factory=dict)
    """Items that their issuer changed, with the type of credential they rest on."""


def on_credential(session: Session, entry: Event, by: Actor, now: datetime) -> None:
    """A credential was accepted, held back, let go, ended or replaced."""
    noted = _note(session, UUID(entry.detail["person"]), entry.kind, by, now)
    if entry.kind in _CHANGED:
        found = session.get_one(Credential, entry.subject_id)
        item = item_about(found.type, found.claims)
        if item and not _is_said_again(session, found):
            noted.changed[item] = found.type


def _is_said_again(session: Session, old: Credential) -> bool:
    """Whether a fresh copy stands in its place, or one for a new phone."""
    session.flush()
    newer = session.scalars(sa.select(Credential.claims).where(Credential.supersedes_id == old.id))
    return any(says_the_same(old.claims, one) for one in newer)


def on_fact(session: Session, entry: Event, by: Actor, now: datetime) -> None:
    """A fact was added: training at the host, or a right to work where it is the employer."""
    _note(session, entry.subject_id, entry.kind, by, now)


def on_restriction(
    session: Session, *, person_id: UUID, because: str, by: Actor, now: datetime
) -> None:
    """The home organisation holds somebody back, or lets them go again."""
    _note(session, person_id, because, by, now)


def on_policy(session: Session, entry: Event, by: Actor, now: datetime) -> None:
    """A host asks for something else of partners' people from now on."""
    if entry.detail["policy"] not in _ASKED or entry.organisation_id is None:
        return
    group = entry.detail["staff_group"]
    which = Clearance.host_id == entry.organisation_id
    if group is not None:
        which = sa.and_(which, Clearance.staff_group == StaffGroup(group))
    clearances.decide_where(session, which, because=entry.kind, by=by, now=now)


def on_left(session: Session, entry: Event, by: Actor, now: datetime) -> None:
    """Somebody left: what they were cleared for as that organisation's is over."""
    ids = session.scalars(
        sa.select(Clearance.id)
        .where(Clearance.person_id == entry.subject_id, clearances.OPEN)
        .order_by(Clearance.id)
    ).all()
    for clearance_id in ids:
        row = clearances.locked(session, clearance_id)
        clearances.close(session, row, EndReason.LEFT_HOME, by, now)
    _note(session, entry.subject_id, entry.kind, by, now)


def on_linked(session: Session, entry: Event, by: Actor, now: datetime) -> None:
    """Two records are one human, or are parted again: clearances follow the record they are of,
    and what the host itself has on record counts, or no longer does."""
    people = [UUID(one) for one in entry.detail["people"]]
    session.flush()
    for person in session.scalars(sa.select(Person).where(Person.id.in_(people))).all():
        session.execute(
            sa.update(Clearance)
            .where(Clearance.person_id == person.id)
            .values(holder_id=UUID(entry.detail["holder"]))
            .execution_options(synchronize_session="fetch")
        )
    for person_id in (entry.subject_id, *people):
        _note(session, person_id, entry.kind, by, now)


def keep(session: Session, *, after: UUID | None, by: Actor, now: datetime) -> UUID | None:
    """Decide the next round of open clearances again, for the days that passed, and close those
    whose agreements are wound down; where to go on, None at the end."""
    demand(by, Deed.KEEP_CLEARANCES)
    more = Clearance.id > after if after else sa.true()
    ids = session.scalars(
        sa.select(Clearance.id)
        .where(clearances.OPEN, more)
        .order_by(Clearance.id)
        .limit(clearances.AT_ONCE)
    ).all()
    if not ids:
        return None
    clearances.redecide(session, clearance_ids=ids, because=_NIGHTLY, by=by, now=now)
    _close_wound_down(session, ids, by, now)
    return ids[-1]


def _close_wound_down(
    session: Session, ids: Collection[UUID], by: Actor, now: datetime
) -> None:
    judge = Judge(session, now)
    not_cleared = Clearance.state == ClearanceState.NOT_CLEARED
    for row in session.scalars(
        sa.select(Clearance).where(Clearance.id.in_(ids), not_cleared).order_by(Clearance.id)
    ).all():
        if judge.wound_down(clearances.asked_of(judge, row)):
            locked = clearances.locked(session, row.id)
            clearances.close(session, locked, EndReason.WOUND_DOWN, by, now)


def _note(session: Session, person_id: UUID, because: str, by: Actor, now: datetime) -> _Noted:
    pending: dict[UUID, _Noted] | None = session.info.get(_PENDING)
    if pending is None:
        pending = session.info[_PENDING] = {}
        sa_event.listen(session, "before_commit", _settle)
    before = pending.get(person_id)
    pending[person_id] = _Noted(because, by, now, before.changed if before else {})
    return pending[person_id]


def _settle(session: Session) -> None:
    """Runs before every commit; a savepoint's end is not one yet."""
    pending = session.info.get(_PENDING)
    if not pending or session.in_nested_transaction():
        return
    while noted := dict(pending):
        pending.clear()
        session.flush()
        for holder_id, people in sorted(_concerned(session, noted).items()):
            for person_id in people:
                _let_bypasses_fall(session, person_id, noted[person_id])
            last = noted[people[-1]]
            clearances.redecide(
                session, holder_id=holder_id, because=last.because, by=last.by, now=last.now
            )


def _let_bypasses_fall(session: Session, person_id: UUID, noted: _Noted) -> None:
    if noted.changed:
        clearance_bypasses.fall(
            session, person_id=person_id, changed=noted.changed, by=noted.by, now=noted.now
        )


def _concerned(session: Session, people: Iterable[UUID]) -> Mapping[UUID, list[UUID]]:
    """Those of the people whose human has an open clearance, by their holder."""
    some = (
        sa.select(Clearance.id).where(Clearance.holder_id == Person.holder_id, clearances.OPEN)
    ).exists()
    wanted, by_holder = list(people), defaultdict[UUID, list[UUID]](list)
    for start in range(0, len(wanted), PAGE):
        page = wanted[start : start + PAGE]
        rows = session.execute(
            sa.select(Person.id, Person.holder_id).where(Person.id.in_(page), some)
        )
        for person_id, holder_id in rows:
            by_holder[holder_id].append(person_id)
    return by_holder

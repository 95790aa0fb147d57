"""Clearances at a host: a passport that was shown opens one, and every change decides it again.

`show` opens; doors (`clearance_doors`) and the nightly job decide again. The host keeps the
decision and what each item came to, never what the passport said. Each deed locks the worker
first, then the clearance, so that a booking and a decision follow each other.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances.clearance_evidence import Judge
from bankhub.actions.clearances.clearance_notices import ahead, is_supervised, letters
from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.agreement_terms import Instrument
from bankhub.model.agreements import AgreementParty
from bankhub.model.clearance_values import AskedClearance, Decision, item_json
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.vocabulary import Grade
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.permissions import Deed
from passport.actions.access import humans
from passport.actions.tenancy import own_organisation
from passport.actors import Actor, Via
from passport.errors import Cure, Invalid, NotFound, Reason, Refused
from passport.events import record
from passport.model.people import Person
from passport.model.presentations import VerdictRecord

AT_ONCE = 200
"""Clearances decided in one round."""
OPEN = Clearance.state != ClearanceState.ENDED
SHOWN = "shown"


class EndReason(StrEnum):
    """Why a clearance is closed."""

    NO_LONGER_NEEDED = "no_longer_needed"
    OWN_WISH = "own_wish"
    HOST_DECIDED = "host_decided"
    LEFT_HOME = "left_home"
    WOUND_DOWN = "wound_down"


def show(
    session: Session,
    *,
    person_id: UUID,
    role: str,
    grade: Grade,
    instrument: Instrument | None = None,
    verdict_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Clearance:
    """Somebody of a partner showed their passport here: open their clearance in that role and
    grade, or decide the open one again.

    `verdict_id` is the check as it is on record (`clearance_desk.showing`); only the operator goes
    without. Raises `Refused` where no agreement in force covers them, and for one's own.
    """
    demand(by, Deed.CLEAR)
    host_id = own_organisation(by)
    person = session.get(Person, person_id)
    if person is None or person.organisation_id == host_id or person.left_at is not None:
        raise NotFound
    refuse_own(session, person_id, by)
    _refuse_unshown(session, person, verdict_id, by)
    judge = Judge(session, now)
    asked, agreement = _asked(judge, person, host_id, role, grade, instrument)
    _lock_holders(session, [person.holder_id])
    row = _standing(session, asked, person)
    if row is None:
        return _open(session, judge, asked, agreement, person, verdict_id, by, now)
    row.shown_at, row.verdict_id, row.instrument = now, verdict_id, asked.instrument
    record(
        session, "clearance.shown", subject_id=row.id, organisation_id=host_id, by=by, now=now,
        verdict=verdict_id, person=person.id,
    )  # fmt: skip
    _decide(session, judge, row, SHOWN, by, now)
    return row


def redecide(
    session: Session,
    *,
    person_id: UUID | None = None,
    holder_id: UUID | None = None,
    clearance_ids: Collection[UUID] = (),
    because: str,
    by: Actor,
    now: datetime,
) -> int:
    """Decide open clearances again, of a home record, of a human, or those named; how many
    changed. Part of another deed, which has asked for permission."""
    which = sa.or_(
        Clearance.id.in_(list(clearance_ids)),
        Clearance.person_id == person_id if person_id else sa.false(),
        Clearance.holder_id == holder_id if holder_id else sa.false(),
    )
    return decide_where(session, which, because=because, by=by, now=now)


def redecide_pairs(
    session: Session, *, agreement_id: UUID, because: str, by: Actor, now: datetime
) -> int:
    """Decide again every open clearance between the parties of an agreement that changed."""
    parties = sa.select(AgreementParty.organisation_id).where(
        AgreementParty.agreement_id == agreement_id
    )
    which = sa.and_(Clearance.host_id.in_(parties), Clearance.home_id.in_(parties))
    return decide_where(session, which, because=because, by=by, now=now)


def decide_where(
    session: Session,
    which: sa.ColumnElement[bool],
    *,
    because: str,
    by: Actor,
    now: datetime,
) -> int:
    """Decide again the open clearances that fit a condition; how many changed. Part of another
    deed."""
    session.flush()
    changed, after = 0, None
    while True:
        more = Clearance.id > after if after else sa.true()
        page = (
            sa.select(Clearance.id, Clearance.holder_id)
            .where(which, OPEN, more)
            .order_by(Clearance.id)
            .limit(AT_ONCE)
        )
        found = session.execute(page).all()
        if found:
            changed += _decide_page(session, found, because, by, now)
        if len(found) < AT_ONCE:
            return changed
        after = found[-1].id


def end(
    session: Session, *, clearance_id: UUID, because: EndReason, by: Actor, now: datetime
) -> Clearance:
    """Close a clearance at the actor's organisation. Bookings ahead are blocked, not cancelled;
    all three are told."""
    demand(by, Deed.CLEAR)
    row = locked(session, clearance_id)
    if row.host_id != own_organisation(by):
        raise NotFound
    return close(session, row, because, by, now)


def end_own(session: Session, *, clearance_id: UUID, by: Actor, now: datetime) -> Clearance:
    """The person closes a clearance of their own."""
    demand(by, Deed.FIND_SHIFTS)
    row = locked(session, clearance_id)
    if by.person_id is None or row.holder_id != by.person_id:
        raise NotFound
    return close(session, row, EndReason.OWN_WISH, by, now)


def locked(session: Session, clearance_id: UUID) -> Clearance:
    """An open clearance under the worker's lock and its own. Raises `NotFound`; whose it is, the
    caller asks."""
    holder_id = session.scalar(
        sa.select(Clearance.holder_id).where(Clearance.id == clearance_id, OPEN)
    )
    if holder_id is None:
        raise NotFound
    _lock_holders(session, [holder_id])
    row = session.scalar(
        sa.select(Clearance)
        .where(Clearance.id == clearance_id, OPEN)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


def close(
    session: Session, row: Clearance, because: EndReason, by: Actor, now: datetime
) -> Clearance:
    """End a locked clearance. Part of another deed."""
    concerned = ahead(session, row, now)
    row.state, row.until_on = ClearanceState.ENDED, None
    row.ended_at, row.ended_because = now, because.value
    told = letters(session, row, concerned)
    record(
        session, "clearance.ended", subject_id=row.id, organisation_id=row.host_id, by=by, now=now,
        tell=told, person=row.person_id, because=because.value,
        bookings=[one.booking_id for one in concerned],
    )  # fmt: skip
    return row


def refuse_own(session: Session, person_id: UUID, by: Actor) -> None:
    """Raise `Refused` (`own_clearance`) where the record is the actor's own."""
    if humans.is_record_of(session, by, session.get_one(Person, person_id)):
        raise Refused([Reason("own_clearance", text="Nobody decides on their own clearance.")])


def asked_of(judge: Judge, row: Clearance) -> AskedClearance:
    """What a clearance on record is about."""
    return AskedClearance(
        home=judge.place(row.home_id),
        host=judge.place(row.host_id),
        staff_group=row.staff_group,
        role=row.role,
        grade=row.grade,
        instrument=row.instrument,
    )


def _refuse_unshown(
    session: Session, person: Person, verdict_id: UUID | None, by: Actor
) -> None:
    """A check of somebody else's passport, another organisation's or one that was not believed
    opens nothing."""
    if verdict_id is None:
        if by.via is not Via.OPERATOR:
            raise Invalid("clearance_entry", fields={"verdict_id": ["Show the passport first."]})
        return
    kept = session.get(VerdictRecord, verdict_id)
    if kept is None or kept.organisation_id != own_organisation(by):
        raise NotFound
    if kept.person_id != person.id:
        raise NotFound
    if kept.outcome == "red":
        words = "What was shown was not believed."
        act = Cure("Ask them to show their passport again")
        raise Refused([Reason("not_shown", {}, act, text=words)])


def _asked(
    judge: Judge,
    person: Person,
    host_id: UUID,
    role: str,
    grade: Grade,
    instrument: Instrument | None,
) -> tuple[AskedClearance, InForce]:
    if role not in reference.roles():
        raise Invalid("clearance_entry", fields={"role": ["There is no such role."]})
    which = (instrument,) if instrument else ()
    asked = judge.work_at(person.organisation_id, host_id, role, grade, *which)
    if asked is not None:
        return asked, judge.permitting(asked)[0]
    words = "No agreement in force lets them do this work here."
    raise Refused([Reason("not_covered", {"role": role, "grade": grade.value}, text=words)])


def _standing(session: Session, asked: AskedClearance, person: Person) -> Clearance | None:
    """The open one, locked."""
    return session.scalar(
        sa.select(Clearance)
        .where(
            Clearance.host_id == asked.host.id, Clearance.person_id == person.id,
            Clearance.role == asked.role, Clearance.grade == asked.grade, OPEN,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )  # fmt: skip


def _open(
    session: Session,
    judge: Judge,
    asked: AskedClearance,
    agreement: InForce,
    person: Person,
    verdict_id: UUID | None,
    by: Actor,
    now: datetime,
) -> Clearance:
    row = Clearance(
        host_id=asked.host.id, home_id=asked.home.id, person_id=person.id,
        holder_id=person.holder_id, version_id=agreement.version_id, staff_group=asked.staff_group,
        role=asked.role, grade=asked.grade, instrument=asked.instrument,
        state=ClearanceState.NOT_CLEARED, items=[], shown_at=now, verdict_id=verdict_id,
        made_at=now, made_by_id=by.account_id, decided_at=now, decided_because=SHOWN,
    )  # fmt: skip
    decision, under = judge.judge(asked, person, row)
    _put(row, decision, under, SHOWN, now)
    session.add(row)
    session.flush()
    record(
        session, "clearance.opened", subject_id=row.id, organisation_id=row.host_id, by=by, now=now,
        person=person.id, home=row.home_id, role=row.role, grade=row.grade, state=row.state,
        until_on=row.until_on, version=row.version_id, verdict=verdict_id,
    )  # fmt: skip
    return row


def _decide_page(
    session: Session, found: Sequence[Any], because: str, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    _lock_holders(session, [one.holder_id for one in found])
    rows = session.scalars(
        sa.select(Clearance)
        .where(Clearance.id.in_([one.id for one in found]), OPEN)
        .order_by(Clearance.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    judge = Judge(session, now)
    return sum(_decide(session, judge, row, because, by, now) for row in rows)


def _decide(
    session: Session, judge: Judge, row: Clearance, because: str, by: Actor, now: datetime
) -> bool:
    """Decide one again, under its lock; whether anything about it changed."""
    person = session.get_one(Person, row.person_id)
    decision, under = judge.judge(asked_of(judge, row), person, row)
    before, supervised = (row.state, row.until_on), is_supervised(row.items)
    kept = [item_json(one) for one in decision.items]
    version_id = under.version_id if under else row.version_id
    if (*before, row.items, row.version_id) == (
        decision.state, decision.until_on, kept, version_id,
    ):  # fmt: skip
        return False
    _put(row, decision, under, because, now)
    bookings = ahead(session, row, now)
    lost = [
        one for one in bookings
        if one.blocked(row.state, row.until_on) and not one.blocked(*before)
    ]  # fmt: skip
    otherwise = supervised is not is_supervised(row.items) and bool(row.until_on)
    flipped = row.state is not before[0] or otherwise
    told = letters(session, row, bookings if flipped else lost) if flipped or lost else ()
    session.flush()
    record(
        session, "clearance.decided", subject_id=row.id, organisation_id=row.host_id, by=by,
        now=now, tell=told, person=row.person_id, home=row.home_id, because=because,
        state=[before[0], row.state], until_on=row.until_on, version=row.version_id,
        missing=[one.code for one in decision.missing()],
        blocked=[one.booking_id for one in lost],
    )  # fmt: skip
    return True


def _put(
    row: Clearance, decision: Decision, under: InForce | None, because: str, now: datetime
) -> None:
    row.state, row.until_on = decision.state, decision.until_on
    row.items = [item_json(one) for one in decision.items]
    row.decided_at, row.decided_because = now, because
    if decision.state is ClearanceState.CLEARED and row.cleared_at is None:
        row.cleared_at = now
    if under is not None:
        row.version_id = under.version_id


def _lock_holders(session: Session, holder_ids: Collection[UUID]) -> None:
    """As for a booking: the worker first, in one order for all."""
    session.execute(
        sa.select(Person.id)
        .where(Person.id.in_(set(holder_ids)))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    ).all()

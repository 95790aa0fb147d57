"""May somebody whose registration is restricted work here supervised? One person of the host who
read the restriction at the register asks, another grants; reasons are codes, and nobody writes
down why a regulator restricts somebody. Never for a suspension or a removal."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearances
from bankhub.actions.clearances.clearance_evidence import Judge
from bankhub.actions.permission import demand
from bankhub.model.clearance_values import HostCheck
from bankhub.model.clearances import Clearance, ClearanceSupervision, SupervisionGround
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.access import humans
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import Cure, Invalid, NotFound, Reason, Refused
from passport.events import record
from passport.model.accounts import Account
from passport.model.people import Person

NEEDED = (
    SupervisionGround.RESTRICTION_READ,
    SupervisionGround.FITS_ROLE,
    SupervisionGround.SUPERVISION_ARRANGED,
)
"""Without these nobody works supervised."""
LOOK_UP = "Look the number up on the register again"


def ask(
    session: Session,
    *,
    clearance_id: UUID,
    grounds: Collection[SupervisionGround],
    until_on: date,
    by: Actor,
    now: datetime,
) -> ClearanceSupervision:
    """Ask that they may work supervised until a day, the review of the restriction at the latest.
    Raises `Invalid` for missing grounds or a wrong day, `Refused` where the register says nothing
    that can be worked within, and where it is asked for already."""
    demand(by, Deed.ASK_SUPERVISED)
    row = _own(session, clearance_id, by)
    look, most = _restricted(session, row, now)
    _refuse_wrong(grounds, until_on, most, london_day(now))
    _refuse_twice(session, row, look, now)
    made = ClearanceSupervision(
        clearance_id=row.id, organisation_id=row.host_id, body=look.body, number=look.number,
        status=look.status, grounds=[one.value for one in SupervisionGround if one in grounds],
        asked_at=now, asked_by_id=by.account_id, asked_by_name=_name(session, by),
        until_on=until_on,
    )  # fmt: skip
    session.add(made)
    _record(session, "asked", made, by, now)
    return made


def grant(
    session: Session, *, supervision_id: UUID, by: Actor, now: datetime
) -> ClearanceSupervision:
    """A second person grants it, and the clearance is decided again. Raises `Refused` to who asked
    for it, to the person concerned, and where the register says something else by now."""
    demand(by, Deed.GRANT_SUPERVISED)
    found, row = _waiting(session, supervision_id, by)
    if by.account_id is None or humans.is_same(session, by, found.asked_by_id):
        words = "Somebody else than who asked has to grant it."
        raise Refused([Reason("needs_second_person", text=words)])
    look, most = _restricted(session, row, now)
    same = (look.body, look.number, look.status) == (found.body, found.number, found.status)
    if not same or not london_day(now) <= found.until_on <= most:
        words = "The register or the day has changed since it was asked for."
        raise Refused([Reason("supervision_over", {}, Cure("Ask for it anew"), text=words)])
    found.granted_at, found.granted_by_id = now, by.account_id
    found.granted_by_name = _name(session, by)
    _record(session, "granted", found, by, now)
    _decide(session, row, "supervision.granted", by, now)
    return found


def refuse(
    session: Session, *, supervision_id: UUID, by: Actor, now: datetime
) -> ClearanceSupervision:
    """A second person refuses it."""
    demand(by, Deed.GRANT_SUPERVISED)
    found, _ = _waiting(session, supervision_id, by)
    found.refused_at = now
    _record(session, "refused", found, by, now)
    return found


def end(
    session: Session, *, supervision_id: UUID, by: Actor, now: datetime
) -> ClearanceSupervision:
    """Take it back before its day, asked or granted, and decide again."""
    demand(by, Deed.ASK_SUPERVISED)
    found, row = _found(session, supervision_id, by)
    if found.refused_at or found.ended_at:
        raise Refused([Reason("supervision_over", text="It has ended already.")])
    found.ended_at = now
    _record(session, "ended", found, by, now)
    _decide(session, row, "supervision.ended", by, now)
    return found


def possible(session: Session, row: Clearance, now: datetime) -> date | None:
    """The last day until which two people may let them work supervised, as things stand; None
    where there is nothing to decide. Part of a read that has asked for permission."""
    judge = Judge(session, now)
    person = session.get_one(Person, row.person_id)
    found = judge.to_supervise(clearances.asked_of(judge, row), person, row)
    return found[1] if found else None


def _restricted(session: Session, row: Clearance, now: datetime) -> tuple[HostCheck, date]:
    judge = Judge(session, now)
    person = session.get_one(Person, row.person_id)
    found = judge.to_supervise(clearances.asked_of(judge, row), person, row)
    if found is None:
        words = "There is no restriction on the register that they could work within here."
        raise Refused([Reason("not_restricted", {}, Cure(LOOK_UP), text=words)])
    return found


def _refuse_wrong(
    grounds: Collection[SupervisionGround], until_on: date, most: date, today: date
) -> None:
    wrong: dict[str, list[str]] = {}
    if not set(NEEDED) <= set(grounds):
        wrong["grounds"] = ["Read the restriction, see that it fits the role, and arrange who "
                            "supervises: without these nobody works supervised."]  # fmt: skip
    if not today <= until_on <= most:
        wrong["until_on"] = [
            f"Choose a day from today, at the latest {most:%-d %B %Y}, and no later than the "
            "restriction is reviewed."
        ]
    if wrong:
        raise Invalid("supervision_entry", "It cannot be asked for like this.", wrong)


def _refuse_twice(session: Session, row: Clearance, look: HostCheck, now: datetime) -> None:
    waiting = sa.select(ClearanceSupervision.id).where(
        ClearanceSupervision.clearance_id == row.id,
        ClearanceSupervision.number == look.number,
        ClearanceSupervision.status == look.status,
        ClearanceSupervision.granted_at.is_(None),
        ClearanceSupervision.refused_at.is_(None),
        ClearanceSupervision.ended_at.is_(None),
        ClearanceSupervision.until_on >= london_day(now),
    )
    if session.scalar(waiting.limit(1)) is not None:
        words = "This has been asked for already, and waits for a second person."
        raise Refused([Reason("supervision_asked", text=words)])


def _own(session: Session, clearance_id: UUID, by: Actor) -> Clearance:
    row = clearances.locked(session, clearance_id)
    if row.host_id != own_organisation(by):
        raise NotFound
    clearances.refuse_own(session, row.person_id, by)
    return row


def _found(
    session: Session, supervision_id: UUID, by: Actor
) -> tuple[ClearanceSupervision, Clearance]:
    found = session.get(ClearanceSupervision, supervision_id)
    if found is None or found.organisation_id != own_organisation(by):
        raise NotFound
    row = _own(session, found.clearance_id, by)
    session.refresh(found)
    return found, row


def _waiting(
    session: Session, supervision_id: UUID, by: Actor
) -> tuple[ClearanceSupervision, Clearance]:
    found, row = _found(session, supervision_id, by)
    if found.granted_at or found.refused_at or found.ended_at:
        raise Refused([Reason("supervision_decided", text="It has been decided already.")])
    return found, row


def _name(session: Session, by: Actor) -> str:
    name = session.scalar(sa.select(Account.display_name).where(Account.id == by.account_id))
    return name or ""


def _record(
    session: Session, verb: str, found: ClearanceSupervision, by: Actor, now: datetime
) -> None:
    session.flush()
    record(
        session, f"supervision.{verb}", subject_id=found.id,
        organisation_id=found.organisation_id, by=by, now=now, clearance=found.clearance_id,
        until_on=found.until_on, grounds=found.grounds,
    )  # fmt: skip


def _decide(
    session: Session, row: Clearance, because: str, by: Actor, now: datetime
) -> None:
    clearances.redecide(session, clearance_ids=[row.id], because=because, by=by, now=now)

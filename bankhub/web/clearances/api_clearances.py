"""Clearances by program: a passport's check opens one, the register and two people bear on it, and
the person reads where they may work."""

from typing import Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from bankhub.actions.clearances import (
    clearance_bypasses,
    clearance_checks,
    clearance_desk,
    clearance_views,
    clearances,
)
from bankhub.actions.clearances.clearances import EndReason
from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearance_values import Doer, ItemState, Timing
from bankhub.model.clearances import ClearanceState
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.web.clearances.api_supervision import SupervisionShape
from bankhub.web.shapes import chosen, moment, words
from passport.actions.signing.signing import Where
from passport.model.register_words import Status
from passport.sealing import vault_of
from passport.web.access import current_actor, signed_in
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import lent, now, real_now

resource = Resource("api_clearances", "Who of other organisations may work here")

MOST_TEXT = 8000


class ClearancePlaceShape(Answer):
    """An organisation."""

    id = fields.UUID()
    ods = fields.String()
    name = fields.String()


class ItemShape(Answer):
    """One thing that is asked for; never a value that a passport showed."""

    code = fields.String()
    title = fields.String()
    state = chosen(ItemState)
    timing = chosen(Timing)
    until_on = fields.Date(allow_none=True)
    why = fields.String()
    act = fields.String()
    by = chosen(Doer)
    clause = fields.String()


class ClearanceShape(Answer):
    """One clearance; `until_on` is the last day of a shift that may be booked."""

    id = fields.UUID()
    name = fields.String()
    home = fields.Nested(ClearancePlaceShape)
    host = fields.Nested(ClearancePlaceShape)
    staff_group = chosen(StaffGroup)
    role = fields.String()
    grade = chosen(Grade)
    instrument = chosen(Instrument)
    agreement = fields.String()
    state = chosen(ClearanceState)
    until_on = fields.Date(allow_none=True)
    items = fields.List(fields.Nested(ItemShape))
    decided_at = moment()
    decided_because = fields.String()


class ClearanceList(Answer):
    """Clearances by name."""

    clearances = fields.List(fields.Nested(ClearanceShape))


class RegisterCheckShape(Answer):
    """One look of the host at a register."""

    at = moment()
    body = fields.String()
    number = fields.String()
    status = fields.String()
    source = fields.String()
    valid_until = fields.Date(allow_none=True)


class BypassShape(Answer):
    """An item that was asked to be set aside."""

    id = fields.UUID()
    item = fields.String()
    because = fields.String()
    until_on = fields.Date()
    asked_at = moment()
    granted_at = moment(allow_none=True)
    refused_at = moment(allow_none=True)
    ended_at = moment(allow_none=True)
    ended_because = fields.String()


class ChecklistShape(Answer):
    """One clearance with everything that bears on it."""

    clearance = fields.Nested(ClearanceShape)
    shown_at = moment()
    register_checks = fields.List(fields.Nested(RegisterCheckShape))
    bypasses = fields.List(fields.Nested(BypassShape))
    supervisions = fields.List(fields.Nested(SupervisionShape))
    supervisable_until = fields.Date(allow_none=True)
    mine = fields.Boolean()


class WhichQuery(Strict):
    """Which clearances; without a state those that are open."""

    state = chosen(ClearanceState, load_default=None, allow_none=True)


@resource.read("/clearances", query=WhichQuery, answer=ClearanceList, logged=True)
def list_clearances(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """Who of other organisations may work here, or may not. Each person reads that it was read."""
    found = clearance_views.listed(session, by=current_actor(), now=now(), **values)
    return {"clearances": found}


@resource.read("/clearances/away", answer=ClearanceList)
def list_away(session: Session) -> dict[str, Any]:
    """Where the organisation's own people are cleared, or not, elsewhere."""
    return {"clearances": clearance_views.away(session, by=current_actor())}


@resource.read("/clearances/<uuid:clearance_id>", answer=ChecklistShape, logged=True)
def read_clearance(session: Session, clearance_id: UUID) -> Any:
    """One clearance with what is open on it, and whose act clears it."""
    return _one(session, clearance_id)


class ScanShape(Strict):
    """The text of the code on somebody's phone, or of a printed one."""

    text = fields.String(required=True, validate=validate.Length(1, MOST_TEXT))
    checker = words(load_default="", most=120)


class FindingOfScanShape(Answer):
    """One thing that speaks against a plain yes."""

    outcome = fields.String()
    code = fields.String()
    detail = fields.String()
    act = fields.String()


class WorkShape(Answer):
    """As what an agreement in force covers them here."""

    role = fields.String()
    grade = chosen(Grade)
    staff_group = chosen(StaffGroup)
    agreements = fields.List(fields.String())
    instruments = fields.List(chosen(Instrument))
    clearance_id = fields.UUID(allow_none=True)


class ShownAtDeskShape(Answer):
    """Whose passport it was; compare the person with the photo before clearing them."""

    verdict_id = fields.UUID()
    outcome = fields.String()
    name = fields.String(allow_none=True)
    home = fields.String(attribute="home.ods_code", allow_none=True, dump_default=None)
    own = fields.Boolean()
    reasons = fields.List(fields.Nested(FindingOfScanShape))
    works = fields.List(fields.Nested(WorkShape))
    may_clear = fields.Boolean()


@resource.deed("/clearances/scan", body=ScanShape, answer=ShownAtDeskShape, status=200, shown=True)
def scan(session: Session, values: dict[str, Any]) -> Any:
    """The verdict on a code shown at the desk, once, on record.

    For the purpose of working here; a code opens nothing a second time.
    """
    found = signed_in()
    return clearance_desk.scan(
        session,
        text=values["text"],
        checker=values["checker"] or found.display_name or found.email,
        vault=vault_of(lent().config),
        where=Where.of(lent().config),
        by=found.actor,
        now=now(),
        real=real_now(),
    )


class ClearShape(Strict):
    """The check that was made, and as what to clear."""

    verdict_id = fields.UUID(required=True)
    role = words(required=True, most=64)
    grade = chosen(Grade, required=True)
    instrument = chosen(Instrument, load_default=None, allow_none=True)


@resource.deed("/clearances", body=ClearShape, answer=ChecklistShape)
def clear(session: Session, values: dict[str, Any]) -> Any:
    """It is them: decide, and open their clearance; an open one is decided again."""
    made = clearance_desk.clear(
        session, by=current_actor(), now=now(), real=real_now(), **values
    )
    return _one(session, made.id)


class RegisterShape(Strict):
    """What the register says of the number on their passport; `number` is the one looked up."""

    status = chosen(Status, required=True)
    valid_until = fields.Date(load_default=None, allow_none=True)
    number = words(load_default=None, allow_none=True, most=32)


@resource.deed(
    "/clearances/<uuid:clearance_id>/register-checks", body=RegisterShape, answer=ChecklistShape
)
def check_register(session: Session, values: dict[str, Any], clearance_id: UUID) -> Any:
    """Put down the organisation's own look at the register, and decide again."""
    clearance_checks.check_register(
        session, clearance_id=clearance_id, by=current_actor(), now=now(), **values
    )
    return _one(session, clearance_id)


class AskBypassShape(Strict):
    """An item to be set aside until a day, and why."""

    item = words(required=True, most=64)
    because = words(required=True)
    until_on = fields.Date(required=True)


@resource.deed(
    "/clearances/<uuid:clearance_id>/bypasses", body=AskBypassShape, answer=BypassShape
)
def ask_bypass(session: Session, values: dict[str, Any], clearance_id: UUID) -> Any:
    """Ask for an item to be set aside for a time."""
    return clearance_bypasses.ask_bypass(
        session, clearance_id=clearance_id, by=current_actor(), now=now(), **values
    )


@resource.deed("/bypasses/<uuid:bypass_id>/grant", answer=BypassShape, status=200)
def grant_bypass(session: Session, bypass_id: UUID) -> Any:
    """A second person grants it."""
    return clearance_bypasses.grant_bypass(
        session, bypass_id=bypass_id, by=current_actor(), now=now()
    )


@resource.deed("/bypasses/<uuid:bypass_id>/refuse", answer=BypassShape, status=200)
def refuse_bypass(session: Session, bypass_id: UUID) -> Any:
    """A second person refuses it."""
    return clearance_bypasses.refuse_bypass(
        session, bypass_id=bypass_id, by=current_actor(), now=now()
    )


@resource.deed("/bypasses/<uuid:bypass_id>/end", answer=BypassShape, status=200)
def end_bypass(session: Session, bypass_id: UUID) -> Any:
    """Take it back before its day."""
    return clearance_bypasses.end_bypass(
        session, bypass_id=bypass_id, by=current_actor(), now=now()
    )


class EndShape(Strict):
    """Why it ends."""

    because = chosen(EndReason, required=True)


@resource.deed(
    "/clearances/<uuid:clearance_id>/end", body=EndShape, answer=ChecklistShape, status=200
)
def end(session: Session, values: dict[str, Any], clearance_id: UUID) -> Any:
    """Close it. Bookings ahead are blocked, not cancelled."""
    clearances.end(session, clearance_id=clearance_id, by=current_actor(), now=now(), **values)
    return _one(session, clearance_id)


class WhereShape(Answer):
    """One organisation that an agreement opens to the person, in one role and grade."""

    host = fields.Nested(ClearancePlaceShape)
    home = fields.Nested(ClearancePlaceShape)
    role = fields.String()
    grade = chosen(Grade)
    staff_group = chosen(StaffGroup)
    agreements = fields.List(fields.String())
    clearance_id = fields.UUID(allow_none=True)
    state = chosen(ClearanceState)
    until_on = fields.Date(allow_none=True)
    items = fields.List(fields.Nested(ItemShape))


class WhereList(Answer):
    """Where the signed-in person can work."""

    places = fields.List(fields.Nested(WhereShape))


@resource.read("/me/clearances", answer=WhereList)
def where_i_may_work(session: Session) -> dict[str, Any]:
    """Everywhere an agreement lets the person work: cleared, or what is missing."""
    return {"places": clearance_views.own(session, by=current_actor(), now=now())}


@resource.deed("/me/clearances/<uuid:clearance_id>/end", answer=WhereList, status=200)
def end_own(session: Session, clearance_id: UUID) -> dict[str, Any]:
    """The person does not want to work there any more."""
    clearances.end_own(session, clearance_id=clearance_id, by=current_actor(), now=now())
    return {"places": clearance_views.own(session, by=current_actor(), now=now())}


def _one(session: Session, clearance_id: UUID) -> Any:
    return clearance_views.one(
        session, clearance_id=clearance_id, by=current_actor(), now=now()
    )

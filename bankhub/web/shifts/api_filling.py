"""The API of filling a gap: who could work it, whom to ring, and booking who agreed."""

from typing import Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from bankhub.actions.booking import bookings
from bankhub.actions.booking.bookings import Override
from bankhub.actions.finding import candidates
from bankhub.actions.finding.one_candidate import one_candidate
from bankhub.actions.partners import partner_people
from bankhub.model.vocabulary import Grade, Tier
from bankhub.web.shapes import BookedShape, chosen, moment, words
from passport.web.access import current_actor
from passport.web.api_base import Answer, ReasonShape, Resource, Strict
from passport.web.lent import now

resource = Resource("filling", "Who could work a shift, and booking them")


class CandidatesQuery(Strict):
    """Those who may be booked, or of them partners' people alone; with `unavailable` those of the
    own bank who may not, and why."""

    unavailable = fields.Boolean(load_default=False)
    partners = fields.Boolean(load_default=False)
    limit = fields.Integer(
        load_default=20, validate=validate.Range(1, candidates.MOST_SHOWN)
    )
    after = fields.String(load_default=None, validate=validate.Length(1, 400))


class AttemptShape(Answer):
    """A call that is on record."""

    at = moment()
    answer = chosen(candidates.Answer)
    by_name = fields.String()


class CandidateShape(Answer):
    """Somebody, with what the bank office may know of them."""

    person_id = fields.UUID(required=True)
    bank_post_id = fields.UUID()
    name = fields.String(allow_none=True)
    organisation_id = fields.UUID()
    organisation_name = fields.String()
    tier = chosen(Tier)
    grade = chosen(Grade)
    exact = fields.Boolean()
    worked_here = fields.Boolean()
    week_minutes = fields.Integer()
    last_shift_at = moment(allow_none=True)
    phone = fields.String(allow_none=True)
    reasons = fields.List(fields.Nested(ReasonShape))
    applied = fields.Boolean()
    looked = fields.Boolean()
    attempts = fields.List(fields.Nested(AttemptShape))


class CandidateList(Answer):
    """A page of people by rank, and the cursor of the next."""

    people = fields.List(fields.Nested(CandidateShape))
    after = fields.String(allow_none=True)


@resource.read("/shifts/<uuid:shift_id>/candidates", query=CandidatesQuery, answer=CandidateList)
def list_candidates(session: Session, values: dict[str, Any], shift_id: UUID) -> Any:
    """Who could work the shift, best first."""
    return candidates.candidates(
        session, shift_id=shift_id, by=current_actor(), now=now(), **values
    )


class CandidateLookShape(Answer):
    """Who it is, as far as the agreement gives it."""

    person_id = fields.UUID()
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    organisation_name = fields.String()


@resource.deed(
    "/shifts/<uuid:shift_id>/candidates/<uuid:person_id>/look", answer=CandidateLookShape,
    shown=True,
)  # fmt: skip
def look(session: Session, shift_id: UUID, person_id: UUID) -> Any:
    """Read who a partner's person is; the person reads that it was looked at."""
    asked: dict[str, Any] = {"person_id": person_id, "by": current_actor(), "now": now()}
    one_candidate(session, shift_id=shift_id, **asked)
    partner_people.look(session, **asked)
    return one_candidate(session, shift_id=shift_id, **asked)


class ContactRequest(Strict):
    """Who was rung, and what they said."""

    person_id = fields.UUID(required=True)
    answer = chosen(candidates.Answer, required=True)


class ContactShape(Answer):
    """The call as it is on record."""

    id = fields.UUID()
    person_id = fields.UUID()
    at = moment()
    answer = chosen(candidates.Answer)


@resource.deed("/shifts/<uuid:shift_id>/contacts", body=ContactRequest, answer=ContactShape)
def record_contact(session: Session, values: dict[str, Any], shift_id: UUID) -> Any:
    """Put on record that somebody of the own bank was rung."""
    made = candidates.record_contact(
        session, shift_id=shift_id, by=current_actor(), now=now(), **values
    )
    answer = candidates.Answer(made.answer)
    return {"id": made.id, "person_id": made.person_id, "at": made.at, "answer": answer}


class OverrideRequest(Strict):
    """A soft reason that is lifted, why, and when compensatory rest is taken instead."""

    code = words(required=True)
    because = words(required=True)
    compensatory_rest = words(load_default="")


class AssignmentRequest(Strict):
    """Who is booked, how they agreed, and what a manager lifts for it."""

    person_id = fields.UUID(required=True)
    agreed_how = words(required=True)
    overrides = fields.List(
        fields.Nested(OverrideRequest), load_default=list, validate=validate.Length(max=20)
    )


@resource.deed("/shifts/<uuid:shift_id>/assignments", body=AssignmentRequest, answer=BookedShape)
def assign(session: Session, values: dict[str, Any], shift_id: UUID) -> Any:
    """Book somebody who agreed to it; refused with every reason the office may read."""
    return bookings.assign(
        session,
        shift_id=shift_id,
        person_id=values["person_id"],
        agreed_how=values["agreed_how"],
        overrides=[Override(**one) for one in values["overrides"]],
        by=current_actor(),
        now=now(),
    )

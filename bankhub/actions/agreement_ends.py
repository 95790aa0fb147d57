"""Suspending a party, giving notice, ending an agreement."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.model.agreements import Agreement, AgreementParty
from passport.actors import Actor


def suspend_party(
    session: Session,
    *,
    agreement_id: UUID,
    organisation_id: UUID,
    because: str,
    by: Actor,
    now: datetime,
) -> AgreementParty:
    """Nothing starts under the agreement at or from this party until it is lifted. The lead may
    suspend any party, a party itself."""
    raise NotImplementedError


def lift_suspension(
    session: Session, *, agreement_id: UUID, organisation_id: UUID, by: Actor, now: datetime
) -> AgreementParty:
    """Take a suspension back: whoever could have suspended."""
    raise NotImplementedError


def give_notice(
    session: Session,
    *,
    agreement_id: UUID,
    leaves_on: date | None = None,
    by: Actor,
    now: datetime,
) -> AgreementParty:
    """The actor's organisation leaves after the notice that the terms ask for, or on a later day.
    Where fewer than two parties would be left the agreement ends then."""
    raise NotImplementedError


def terminate(
    session: Session,
    *,
    agreement_id: UUID,
    because: str,
    for_safety: bool,
    ends_on: date | None = None,
    by: Actor,
    now: datetime,
) -> Agreement:
    """End the whole agreement: for safety at once, and bookings ahead are not honoured; else on
    the day given, today at the earliest, with the wind-down of the terms."""
    raise NotImplementedError

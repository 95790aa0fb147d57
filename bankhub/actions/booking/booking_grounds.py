"""What a partner's booking rests on at its host: a clearance, and the agreement behind that."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.booking.check_ins import clearance_of
from bankhub.actions.permission import demand
from bankhub.model.agreements import Agreement, AgreementVersion
from bankhub.model.bookings import Booking
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import Tier
from bankhub.rules.permissions import Deed
from passport.actors import Actor


@dataclass(frozen=True, slots=True)
class Grounds:
    """Where to read on, from a booking."""

    clearance_id: UUID
    agreement_id: UUID
    agreement: str
    """Reference and version, e.g. `WSA-7 v3`."""


def grounds_of(
    session: Session, *, booking: Booking | None, shift: Shift, by: Actor
) -> Grounds | None:
    """What the booking of the actor's shift rests on; None for the host's own people."""
    demand(by, Deed.READ_SHIFTS)
    ours = booking is not None and booking.organisation_id == by.organisation_id
    if booking is None or not ours or booking.tier is not Tier.PARTNER:
        return None
    found = clearance_of(session, booking, shift)
    if found is None:
        return None
    version = session.get_one(AgreementVersion, found.version_id)
    agreement = session.get_one(Agreement, version.agreement_id)
    return Grounds(found.id, agreement.id, f"{agreement.reference} v{version.number}")

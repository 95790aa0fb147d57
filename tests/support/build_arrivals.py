"""What a trust of `two_trusts` has at its wards' doors: somebody of the hospice who comes this
afternoon and was inducted by half, one who came this morning, and what is owed for yesterday."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from bankhub.model.agreement_terms import RechargeBasis
from bankhub.model.clearances import CheckIn, Clearance, InductionSignature
from bankhub.model.recharges import RechargeLine
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import BookingState, Tier
from bankhub.model.workers import BankPost
from passport.model.people import Person
from tests.support import build
from tests.support.build_people import NOW, numbers

HOURS = {BookingState.CONFIRMED: 0.5, BookingState.CHECKED_IN: -4, BookingState.WORKED: -30}
"""When each of their bookings starts, from `NOW`."""


def arrivals_at(
    session: Session, ward: Unit, cleared: Clearance, name: str
) -> dict[str, list[Any]]:
    """By the name that addresses use: bookings of somebody who is cleared there."""
    person = session.get_one(Person, cleared.person_id)
    post = build.a_post(session, person)
    found: dict[str, list[Any]] = {"shift_id": [], "booking_id": []}
    for state, hours in HOURS.items():
        shift = build.a_shift(
            session, ward, starts_at=NOW + timedelta(hours=hours), hours=3,
            reference=f"{name}-{next(numbers)}", notes=f"Note of {name}",
        )  # fmt: skip
        booking = build.a_booking(session, shift, person, post, state=state, tier=Tier.PARTNER)
        found["shift_id"].append(shift)
        found["booking_id"].append(booking)
    _papers(session, ward, cleared, found["booking_id"], post, name)
    return found


def _papers(
    session: Session,
    ward: Unit,
    cleared: Clearance,
    bookings: list[Any],
    post: BankPost,
    name: str,
) -> None:
    here = ward.organisation_id
    rows = (
        CheckIn(
            booking_id=bookings[1].id, organisation_id=here, at=NOW - timedelta(hours=4),
            by_worker=False, outcome="amber",
            due=[{"code": "induction.ward", "title": f"Induction of {name}", "act": "Sign it",
                  "by": "both"}],
        ),
        InductionSignature(
            host_id=here, person_id=cleared.person_id, holder_id=cleared.holder_id,
            item="induction.ward", site_id=ward.site_id, unit_id=ward.id, checklist="1",
            in_charge_at=NOW - timedelta(hours=1), in_charge_name=f"Sister {name}",
        ),
        RechargeLine(
            booking_id=bookings[2].id, host_id=here, home_id=post.organisation_id,
            version_id=cleared.version_id, basis=RechargeBasis.ACTUAL_COST,
            staff_group=cleared.staff_group, grade=cleared.grade, minutes=180,
            rate_source=f"Rate of {name}", at=bookings[2].ends_at, made_at=NOW,
        ),
    )  # fmt: skip
    session.add_all(rows)
    build.an_event(session, here)
    session.flush()

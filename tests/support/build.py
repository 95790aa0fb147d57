"""Builders: one row each, with defaults that make an ordinary ward, nurse and shift.

    from tests.support import build

    with database.transaction() as session:
        trust = build.an_organisation(session)
        ward = build.a_unit(session, build.a_site(session, trust))
        nurse, post = build.a_nurse(session, trust)
        shift = build.a_shift(session, ward)

Each takes the session of a `database.transaction()` and returns the row, flushed. Recorded tables
need an event in the transaction, so each builder records one. What a test does not say is
invented and valid: at `NOW`, `a_nurse` may work `a_shift` of the same organisation.
"""

from tests.support.build_people import (
    NOW,
    NURSE_TRAINING,
    a_fact,
    a_nurse,
    a_nurses_papers,
    a_person,
    a_post,
    a_site,
    a_unit,
    an_account,
    an_actor,
    an_event,
    an_organisation,
    as_worker,
    numbers,
    rebuild,
)
from tests.support.build_work import (
    a_booking,
    a_coverage,
    a_restriction,
    a_shift,
    an_opening,
    busy_hours,
)

__all__ = [
    "NOW",
    "NURSE_TRAINING",
    "a_booking",
    "a_coverage",
    "a_fact",
    "a_nurse",
    "a_nurses_papers",
    "a_person",
    "a_post",
    "a_restriction",
    "a_shift",
    "a_site",
    "a_unit",
    "an_account",
    "an_actor",
    "an_event",
    "an_opening",
    "an_organisation",
    "as_worker",
    "busy_hours",
    "numbers",
    "rebuild",
]

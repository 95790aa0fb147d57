"""Whose people a bank office may look at and ring: its own, and a partner's without a name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.candidates import Answer, candidates, record_contact
from bankhub.model.bookings import ContactAttempt
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import Grade, Tier
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Forbidden, NotFound
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW

YESTERDAY = NOW - timedelta(days=1)


@dataclass
class Two:
    """Two trusts, each with a nurse; the shift is of the first."""

    session: Session
    here: Organisation
    there: Organisation
    unit: Unit
    shift: Shift
    nurse: Person
    stranger: Person


@pytest.fixture
def two(database: Database) -> Iterator[Two]:
    with database.transaction() as session:
        here = build.an_organisation(session)
        there = build.an_organisation(session, name="Elsewhere NHS Trust")
        unit = build.a_unit(session, build.a_site(session, here))
        nurse, _ = build.a_nurse(session, here)
        stranger, _ = build.a_nurse(
            session, there, given_name="Zebedee", may_call=True, mobile="07700 900999"
        )
        build.rebuild(session)
        shift = build.a_shift(session, unit)
        yield Two(session, here, there, unit, shift, nurse, stranger)


WHO: dict[str, tuple[Callable[[Two], Actor], type[Exception]]] = {
    "a coordinator of another trust": (lambda two: build.an_actor(two.there), NotFound),
    "a coordinator of nowhere": (lambda two: build.an_actor(None), NotFound),
    "a ward requester": (
        lambda two: build.an_actor(two.here, AccessRole.WARD_REQUESTER),
        Forbidden,
    ),
    "a worker": (lambda two: build.as_worker(two.nurse), Forbidden),
    "a system analyst": (
        lambda two: build.an_actor(two.here, AccessRole.SYSTEM_ANALYST),
        Forbidden,
    ),
}


@pytest.mark.parametrize("case", WHO)
def test_nobody_else_sees_candidates_or_records_calls(two: Two, case: str) -> None:
    actor, error = WHO[case]
    by = actor(two)
    with pytest.raises(error):
        candidates(two.session, shift_id=two.shift.id, by=by, now=NOW)
    with pytest.raises(error):
        call(two, two.nurse.id, by=by)


def call(two: Two, person_id: UUID, *, by: Actor, shift_id: UUID | None = None) -> None:
    record_contact(
        two.session,
        shift_id=shift_id or two.shift.id,
        person_id=person_id,
        answer=Answer.DECLINED,
        by=by,
        now=NOW,
    )


UNKNOWN: dict[str, Callable[[Two], tuple[UUID, UUID]]] = {
    "a shift that is not": lambda two: (uuid4(), two.nurse.id),
    "a person that is not": lambda two: (two.shift.id, uuid4()),
    "another trust's person": lambda two: (two.shift.id, two.stranger.id),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_a_call_to_somebody_unknown_here_is_not_recorded(two: Two, case: str) -> None:
    shift_id, person_id = UNKNOWN[case](two)
    with pytest.raises(NotFound):
        call(two, person_id, by=build.an_actor(two.here), shift_id=shift_id)
    assert two.session.scalar(sa.select(sa.func.count()).select_from(ContactAttempt)) == 0


def partner_shift(two: Two) -> Shift:
    return build.a_shift(two.session, two.unit, openings={Tier.PARTNER: YESTERDAY})


def test_a_partners_people_come_last_without_name_or_number(two: Two) -> None:
    build.a_coverage(two.session, host=two.here, partner=two.there)
    shift = partner_shift(two)
    page = candidates(two.session, shift_id=shift.id, by=build.an_actor(two.here), now=NOW)
    own, other = page.people
    assert (own.name, own.tier) == ("Ada Okafor", Tier.OWN_BANK)
    assert (other.tier, other.organisation_name) == (Tier.PARTNER, "Elsewhere NHS Trust")
    assert (other.name, other.phone, other.reasons) == (None, None, ())
    assert "Zebedee" not in repr(page)
    assert "900999" not in repr(page)


def test_without_an_agreement_there_are_no_partners_people(two: Two) -> None:
    build.a_coverage(two.session, host=two.here, partner=two.there, grade=Grade.BAND_6)
    build.a_coverage(two.session, host=two.there, partner=two.here)
    shift = partner_shift(two)
    page = candidates(two.session, shift_id=shift.id, by=build.an_actor(two.here), now=NOW)
    assert [one.organisation_id for one in page.people] == [two.here.id]


def test_a_partners_people_who_cannot_are_not_listed(two: Two) -> None:
    build.a_coverage(two.session, host=two.here, partner=two.there)
    shift = partner_shift(two)
    build.busy_hours(two.session, two.stranger, shift.starts_at)
    by = build.an_actor(two.here)
    for unavailable in (False, True):
        page = candidates(
            two.session, shift_id=shift.id, by=by, now=NOW, unavailable=unavailable
        )
        assert two.stranger.id not in [one.person_id for one in page.people]


def test_the_same_human_at_both_trusts_is_found_by_each_under_its_own_record(two: Two) -> None:
    record, _ = build.a_nurse(two.session, two.here, holder=two.stranger, given_name="Zeb")
    build.rebuild(two.session)
    by = build.an_actor(two.here)
    page = candidates(two.session, shift_id=two.shift.id, by=by, now=NOW)
    assert {one.person_id for one in page.people} == {two.nurse.id, record.id}

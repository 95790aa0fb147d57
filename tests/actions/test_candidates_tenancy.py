"""Whose people a bank office may look at and ring: its own, and a partner's as agreements say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.candidates import Answer, Candidate, candidates, record_contact
from bankhub.actions.finding.one_candidate import one_candidate
from bankhub.actions.partners import partner_people
from bankhub.model.bookings import ContactAttempt
from bankhub.model.clearances import ClearanceState
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import Grade, Tier
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.shift_times import london_day
from passport.actions.people.looks import own_looks
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Forbidden, NotFound
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build, sharing
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


def cleared(two: Two, **fields: Any) -> InForce:
    """An agreement between the two under which the stranger is cleared here."""
    wsa = sharing.an_agreement(two.session, two.here, two.there, **fields)
    sharing.a_clearance(two.session, wsa, two.stranger, two.here)
    return wsa


def other_of(two: Two, by: Actor, shift: Shift, now: datetime = NOW) -> Candidate:
    page = candidates(two.session, shift_id=shift.id, by=by, now=now)
    (found,) = [one for one in page.people if one.tier is Tier.PARTNER]
    return found


def test_a_partners_people_come_last_without_name_or_number(two: Two) -> None:
    cleared(two)
    shift = partner_shift(two)
    page = candidates(two.session, shift_id=shift.id, by=build.an_actor(two.here), now=NOW)
    own, other = page.people
    assert (own.name, own.tier) == ("Ada Okafor", Tier.OWN_BANK)
    assert (other.tier, other.organisation_name) == (Tier.PARTNER, "Elsewhere NHS Trust")
    assert (other.name, other.phone, other.reasons) == (None, None, ())
    assert "Zebedee" not in repr(page)
    assert "900999" not in repr(page)


def test_only_those_whom_the_host_has_cleared(two: Two) -> None:
    wsa = sharing.an_agreement(two.session, two.here, two.there)
    shift = partner_shift(two)
    by = build.an_actor(two.here)
    for state, until_on in (
        (None, None),
        (ClearanceState.NOT_CLEARED, None),
        (ClearanceState.CLEARED, london_day(shift.starts_at) - timedelta(days=1)),
        (ClearanceState.ENDED, None),
    ):
        if state is not None:
            row = sharing.a_clearance(
                two.session, wsa, two.stranger, two.here, state=state, until_on=until_on
            )
        page = candidates(two.session, shift_id=shift.id, by=by, now=NOW)
        assert [one.person_id for one in page.people] == [two.nurse.id]
        if state is not None:
            row.state = ClearanceState.ENDED
            two.session.flush()


GIVES: dict[str, tuple[list[str], str | None, str | None]] = {
    "identity and contact": (["identity", "contact"], "Zebedee Okafor", "07700 900999"),
    "identity alone": (["identity"], "Zebedee Okafor", None),
    "neither": (["training"], None, None),
}


@pytest.mark.parametrize("case", GIVES)
def test_a_look_shows_what_the_agreement_gives_and_the_person_reads_of_it(
    two: Two, case: str
) -> None:
    categories, name, phone = GIVES[case]
    wsa = cleared(two, data_categories=categories)
    shift, by = partner_shift(two), build.an_actor(two.here)
    partner_people.look(two.session, person_id=two.stranger.id, by=by, now=NOW)
    other = other_of(two, by, shift)
    assert (other.name, other.phone) == (name, phone)
    (seen,) = own_looks(two.session, by=build.as_worker(two.stranger))
    assert (seen.what, seen.basis) == ("candidate", wsa.named)
    assert other_of(two, by, shift, NOW + timedelta(days=1)).name is None
    colleague = build.an_actor(two.here)
    assert other_of(two, replace(colleague, account_id=uuid4()), shift).name is None


def test_nobody_is_looked_at_who_showed_nothing_here(two: Two) -> None:
    sharing.an_agreement(two.session, two.here, two.there)
    for by in (build.an_actor(two.here), build.an_actor(None)):
        with pytest.raises(NotFound):
            partner_people.look(two.session, person_id=two.stranger.id, by=by, now=NOW)
    ward = build.an_actor(two.here, AccessRole.WARD_REQUESTER)
    with pytest.raises(Forbidden):
        partner_people.look(two.session, person_id=two.stranger.id, by=ward, now=NOW)


def test_one_of_a_partner_is_read_before_booking_as_the_list_shows_them(two: Two) -> None:
    cleared(two)
    by = build.an_actor(two.here)
    asked: dict[str, Any] = {"person_id": two.stranger.id, "by": by, "now": NOW}
    with pytest.raises(NotFound):
        one_candidate(two.session, shift_id=two.shift.id, **asked)
    shift = partner_shift(two)
    one = one_candidate(two.session, shift_id=shift.id, **asked)
    assert (one.name, one.phone, one.grade) == (None, None, Grade.BAND_5)
    partner_people.look(two.session, **asked)
    assert one_candidate(two.session, shift_id=shift.id, **asked).name == "Zebedee Okafor"
    build.busy_hours(two.session, two.stranger, shift.starts_at - timedelta(hours=9), hours=8)
    (reason,) = one_candidate(two.session, shift_id=shift.id, **asked).reasons
    assert (reason.code, reason.cure) == ("not_available", None)


def test_a_call_to_a_partners_person_is_recorded_once_they_are_cleared_here(two: Two) -> None:
    cleared(two)
    shift, by = partner_shift(two), build.an_actor(two.here)
    call(two, two.stranger.id, by=by, shift_id=shift.id)
    (attempt,) = other_of(two, by, shift).attempts
    assert attempt.answer is Answer.DECLINED


def test_without_an_agreement_there_are_no_partners_people(two: Two) -> None:
    cleared(two, scope=[{"staff_group": "nursing_midwifery", "grades": ["band_6"]}])
    build.a_coverage(two.session, host=two.there, partner=two.here)
    shift = partner_shift(two)
    page = candidates(two.session, shift_id=shift.id, by=build.an_actor(two.here), now=NOW)
    assert [one.organisation_id for one in page.people] == [two.here.id]


def test_a_partners_people_who_cannot_are_not_listed(two: Two) -> None:
    cleared(two)
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

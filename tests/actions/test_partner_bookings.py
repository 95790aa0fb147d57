"""Booking across trusts: by agreement and clearance, with everybody's hours, and never beyond."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from bankhub.actions.booking import bookings
from bankhub.actions.booking.bookings import Booked, Override
from bankhub.actions.finding.search import find_shifts
from bankhub.actions.shifts import shift_changes
from bankhub.model.bookings import Booking
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.hours import Hours
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState, HoursKind, Tier
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import NotFound, Refused
from tests.support import build, sharing
from tests.support.build import NOW

EARLIER = NOW - timedelta(hours=1)


class Shared:
    """A nurse at home, cleared at a host under an agreement, and a ward of each."""

    def __init__(self, database: Database, **terms: Any) -> None:
        self.database = database
        with database.transaction() as session:
            self.home = build.an_organisation(session, name="Home NHS Trust")
            self.host = build.an_organisation(session, name="Host NHS Trust")
            self.wards = {
                one.id: build.a_unit(session, build.a_site(session, one))
                for one in (self.home, self.host)
            }
            self.nurse, self.post = build.a_nurse(
                session, self.home, given_name="Zebedee", mobile="07700 900999"
            )
            self.wsa = sharing.an_agreement(session, self.home, self.host, **terms)
            self.clearance = sharing.a_clearance(session, self.wsa, self.nurse, self.host)
        self.worker = build.as_worker(self.nurse)
        self.coordinator = build.an_actor(self.host)

    def shift(self, where: Any = None, **fields: Any) -> Shift:
        fields.setdefault("openings", {Tier.PARTNER: EARLIER})
        with self.database.transaction() as session:
            return build.a_shift(session, self.wards[(where or self.host).id], **fields)

    def book(self, shift: Shift, by: Actor | None = None) -> Booked:
        with self.database.transaction() as session:
            return bookings.book(session, shift_id=shift.id, by=by or self.worker, now=NOW)

    def assign(
        self, shift: Shift, *overrides: Override, by: Actor | None = None, person: Any = None
    ) -> Booked:
        with self.database.transaction() as session:
            return bookings.assign(
                session,
                shift_id=shift.id,
                person_id=(person or self.nurse).id,
                agreed_how="phone",
                overrides=overrides,
                by=by or self.coordinator,
                now=NOW,
            )

    def now_cleared(self, **fields: Any) -> None:
        with self.database.transaction() as session:
            build.an_event(session, self.host.id)
            row = session.get_one(Clearance, self.clearance.id)
            for name, value in fields.items():
                setattr(row, name, value)

    def party_suspended(self) -> None:
        with self.database.transaction() as session:
            build.an_event(session, self.host.id)
            sharing.standing(session, self.wsa, self.home).suspended_at = NOW
            sharing.changed(session, self.wsa)

    def kept(self, booked: Booked) -> Booking:
        with self.database.reading() as session:
            return session.get_one(Booking, booked.booking_id)


@pytest.fixture
def shared(database: Database) -> Shared:
    return Shared(database)


def test_booked_at_the_host_through_the_home_post(shared: Shared) -> None:
    shift = shared.shift()
    booked = shared.book(shift)
    assert (booked.state, booked.tier) == (BookingState.CONFIRMED, Tier.PARTNER)
    row = shared.kept(booked)
    assert (row.organisation_id, row.person_id) == (shared.host.id, shared.nurse.id)
    assert (row.bank_post_id, row.grade) == (shared.post.id, shift.grade)
    with shared.database.reading() as session:
        busy = session.scalars(sa.select(Hours).where(Hours.booking_id == row.id)).one()
    assert (busy.holder_id, busy.minutes) == (shared.nurse.holder_id, 12 * 60)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "not cleared": ({"state": ClearanceState.NOT_CLEARED, "until_on": None}, "not_cleared"),
    "ends before": ({"until_on": NOW.date()}, "clearance_ends"),
    "another role": ({"role": "rn_child"}, "not_cleared"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_not_without_the_hosts_clearance(shared: Shared, case: str) -> None:
    change, code = REFUSED[case]
    shared.now_cleared(**change)
    for deed in (shared.book, shared.assign):
        with pytest.raises(Refused) as refused:
            deed(shared.shift())
        assert [reason.code for reason in refused.value.reasons] == [code]


HIDDEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the partner tier is closed": ({}, {"openings": {}}),
    "the partner tier opens later": ({}, {"openings": {Tier.PARTNER: NOW + timedelta(hours=1)}}),
    "another grade": ({"scope": [{"staff_group": "hca", "grades": ["band_5"]}]}, {}),
    "a role left out": ({"excluded_roles": ["rn_adult"]}, {}),
    "a skill left out": ({"excluded_skills": ["iv_therapy"]}, {"skills": ["iv_therapy"]}),
    "too early before its start": ({"release_lead_hours": 72}, {}),
    "after the last day": ({"ends_on": "2026-09-10"}, {}),
    "a site left out": ({"parties": "other site"}, {}),
    "only the other way": ({"parties": "one way"}, {}),
}


@pytest.mark.parametrize("case", HIDDEN)
def test_what_the_agreement_does_not_open_is_not_there(database: Database, case: str) -> None:
    terms, fields = HIDDEN[case]
    shared = Shared(database)
    with database.transaction() as session:
        sharing.standing(session, shared.wsa, shared.home).suspended_at = NOW
        sharing.changed(session, shared.wsa)
        ways = {
            "other site": [sharing.party(shared.home), sharing.party(shared.host, "both", "GONE")],
            "one way": [sharing.party(shared.home, "host"), sharing.party(shared.host, "home")],
        }
        parties = ways.get(str(terms.get("parties")), [shared.home, shared.host])
        said = {name: value for name, value in terms.items() if name != "parties"}
        sharing.an_agreement(session, *parties, **said)
    shift = shared.shift(**fields)
    for deed in (shared.book, shared.assign):
        with pytest.raises(NotFound):
            deed(shift)
    taken = shared.shift(**fields)
    with database.transaction() as session:
        nurse, post = build.a_nurse(session, shared.host)
        build.a_booking(session, session.get_one(Shift, taken.id), nurse, post)
    with pytest.raises(NotFound):
        shared.book(taken)


def test_a_taken_shift_is_said_to_be_taken_to_whom_the_agreement_shows_it(shared: Shared) -> None:
    shift = shared.shift()
    shared.book(shift)
    with shared.database.transaction() as session:
        other, _ = build.a_nurse(session, shared.home)
        build.rebuild(session)
    with pytest.raises(Refused) as refused:
        shared.book(shift, build.as_worker(other))
    assert refused.value.reasons[0].code == "taken"


def test_a_third_trust_outside_the_agreement_has_nothing(shared: Shared) -> None:
    with shared.database.transaction() as session:
        third = build.an_organisation(session)
        stranger, _ = build.a_nurse(session, third)
    shift = shared.shift()
    with pytest.raises(NotFound):
        shared.book(shift, build.as_worker(stranger))
    with pytest.raises(NotFound):
        shared.assign(shift, person=stranger)
    with pytest.raises(NotFound):
        shared.assign(shift, by=build.an_actor(third))


def test_the_own_bank_goes_first_for_whoever_has_a_post_there_too(shared: Shared) -> None:
    with shared.database.transaction() as session:
        _, own = build.a_nurse(session, shared.host, holder=shared.nurse)
    booked = shared.book(shared.shift())
    row = shared.kept(booked)
    assert (row.tier, row.bank_post_id) == (Tier.OWN_BANK, own.id)


def test_do_not_book_at_the_host_holds_through_the_partner_too(shared: Shared) -> None:
    shift = shared.shift()
    with shared.database.transaction() as session:
        _, own = build.a_nurse(session, shared.host, holder=shared.nurse, role="hca_band_2")
        build.a_restriction(session, own, shift.unit_id)
    for deed, code in ((shared.book, "do_not_book"), (shared.assign, "not_eligible")):
        with pytest.raises(Refused) as refused:
            deed(shift)
        assert [reason.code for reason in refused.value.reasons] == [code]


ACROSS: dict[str, tuple[str, str]] = {
    "worked at home, then at the host": ("home", "host"),
    "worked at the host, then at home": ("host", "home"),
}
GAPS: dict[str, tuple[timedelta, str | None]] = {
    "at the same time": (timedelta(hours=-4), "overlap"),
    "ten hours after": (timedelta(hours=10), "daily_rest"),
    "eleven hours after": (timedelta(hours=11), None),
}


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("way", ACROSS)
def test_rest_holds_across_trusts_in_both_directions(shared: Shared, way: str, gap: str) -> None:
    first, second = (getattr(shared, name) for name in ACROSS[way])
    after, code = GAPS[gap]
    one = shared.shift(first, hours=8)
    shared.book(one)
    other = shared.shift(second, starts_at=one.ends_at + after, hours=8)
    if code is None:
        assert shared.book(other).state is BookingState.CONFIRMED
        return
    with pytest.raises(Refused) as refused:
        shared.book(other)
    (reason,) = [reason for reason in refused.value.reasons if reason.code == code]
    said = f"{reason.text} {dict(reason.evidence)}"
    assert not [w for w in ("Home", "Host", "Ward", str(first.id)) if w in said]


@pytest.mark.parametrize("way", ACROSS)
def test_the_weekly_average_holds_across_trusts(shared: Shared, way: str) -> None:
    first, second = (getattr(shared, name) for name in ACROSS[way])
    start = NOW + timedelta(days=7, hours=-3)
    with shared.database.transaction() as session:
        for week in range(-16, 1):
            for day in range(4):
                build.busy_hours(
                    session, shared.nurse, start + timedelta(weeks=week, days=day), hours=12
                )
    shift = shared.shift(second, starts_at=start + timedelta(days=5), hours=8)
    with pytest.raises(Refused) as refused:
        shared.book(shift)
    assert "average_hours" in {reason.code for reason in refused.value.reasons}
    assert first.id != second.id


def test_the_host_books_whom_it_cleared_and_lifts_nothing_of_theirs(shared: Shared) -> None:
    booked = shared.assign(shared.shift())
    assert shared.kept(booked).agreed_how == "phone"
    shift = shared.shift(starts_at=NOW + timedelta(days=12))
    with shared.database.transaction() as session:
        build.busy_hours(session, shared.nurse, shift.starts_at - timedelta(hours=18), hours=8)
    manager = build.an_actor(
        shared.host, AccessRole.BANK_MANAGER, AccessRole.ROTA_COORDINATOR, stepped_up=True
    )
    lift = Override("daily_rest", "Only this once.", "Thursday")
    with pytest.raises(Refused) as refused:
        shared.assign(shift, lift, by=manager)
    told = [(r.code, dict(r.evidence)) for r in refused.value.reasons]
    assert told == [("not_available", {})]


def test_nobody_is_booked_by_a_host_that_did_not_clear_them(shared: Shared) -> None:
    shared.now_cleared(state=ClearanceState.ENDED)
    with shared.database.transaction() as session:
        other, _ = build.a_nurse(session, shared.home)
    for person in (shared.nurse, other):
        with pytest.raises(NotFound):
            shared.assign(shared.shift(), person=person)


def test_an_application_is_asked_again_when_the_ward_accepts(shared: Shared) -> None:
    shift = shared.shift(instant_book=False)
    applied = shared.book(shift)
    assert applied.state is BookingState.APPLIED
    shared.now_cleared(state=ClearanceState.NOT_CLEARED, until_on=None)
    with shared.database.transaction() as session, pytest.raises(Refused):
        bookings.accept(session, booking_id=applied.booking_id, by=shared.coordinator, now=NOW)
    shared.now_cleared(state=ClearanceState.CLEARED, until_on=NOW.date() + timedelta(days=90))
    with shared.database.transaction() as session:
        booked = bookings.accept(
            session, booking_id=applied.booking_id, by=shared.coordinator, now=NOW
        )
    assert shared.kept(booked).tier is Tier.PARTNER


def test_a_shift_moves_with_its_partners_person_only_as_far_as_the_agreement(
    database: Database,
) -> None:
    shared = Shared(database, ends_on="2026-09-18")
    shift = shared.shift()
    booked = shared.book(shift)
    move(shared, shift.id, timedelta(hours=1))
    assert shared.kept(booked).starts_at == shift.starts_at + timedelta(hours=1)
    with pytest.raises(Refused) as refused:
        move(shared, shift.id, timedelta(days=2))
    assert [reason.code for reason in refused.value.reasons] == ["not_covered"]


def move(shared: Shared, shift_id: UUID, by: timedelta) -> None:
    with shared.database.transaction() as session:
        row = session.get_one(Shift, shift_id)
        shift_changes.amend(
            session,
            shift_id=shift_id,
            changes={"starts_at": row.starts_at + by, "ends_at": row.ends_at + by},
            by=shared.coordinator,
            now=NOW,
        )


def test_the_list_and_booking_agree(shared: Shared) -> None:
    shift = shared.shift()
    with shared.database.reading() as session:
        (one,) = find_shifts(session, by=shared.worker, now=NOW).shifts
    assert (one.shift.id, one.bookable, one.tier) == (shift.id, True, Tier.PARTNER)
    shared.book(shift)
    with shared.database.reading() as session:
        assert find_shifts(session, by=shared.worker, now=NOW).shifts == ()


def test_leave_at_home_is_leave_everywhere(shared: Shared) -> None:
    shift = shared.shift()
    with shared.database.transaction() as session:
        build.busy_hours(
            session, shared.nurse, shift.starts_at - timedelta(hours=2), hours=24,
            kind=HoursKind.LEAVE,
        )  # fmt: skip
    with pytest.raises(Refused) as refused:
        shared.book(shift)
    assert "on_leave" in {reason.code for reason in refused.value.reasons}

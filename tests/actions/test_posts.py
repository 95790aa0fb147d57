"""Bank posts, what they may be booked as, restrictions, and what ends with a leaver."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bankhub.actions.people import posts, restrictions
from bankhub.model.bookings import Booking
from bankhub.model.hours import Hours
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState, Grade, ShiftState, StaffGroup
from bankhub.model.workers import BankPost, BookableAs
from passport.actions.changes import Change
from passport.actions.people import people
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.events import Event, Notice
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW

NURSE: posts.PostFields = {
    "staff_group": StaffGroup.NURSING_MIDWIFERY,
    "role": "rn_adult",
    "grade": Grade.BAND_6,
    "entitlements": [["rn_adult", "band_5"]],
    "starts_on": date(2026, 1, 1),
}
Ada = tuple[Organisation, Person]


def manager(organisation: Organisation) -> Actor:
    return build.an_actor(organisation, AccessRole.BANK_MANAGER)


@pytest.fixture
def ada(database: Database) -> Ada:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        person = build.a_person(session, trust)
        build.a_nurses_papers(session, person)
        return trust, person


def make(
    database: Database, ada: Ada, fields: posts.PostFields = NURSE, number: str = "20000001"
) -> BankPost:
    trust, person = ada
    with database.transaction() as session:
        return posts.make_post(
            session,
            person_id=person.id,
            assignment_number=number,
            fields=fields,
            by=manager(trust),
            now=NOW,
        )


def booked_as(database: Database, person: Person) -> set[tuple[str, str]]:
    with database.reading() as session:
        rows = session.execute(
            sa.select(BookableAs.role, BookableAs.grade).where(
                BookableAs.person_id == person.id, BookableAs.valid_until.is_not(None)
            )
        )
        return {(role, grade.value) for role, grade in rows}


def test_a_post_is_made_and_may_be_booked_at_its_grade_and_its_entitlements(
    database: Database, ada: Ada
) -> None:
    post = make(database, ada)
    assert (post.grade, post.terms, post.ends_on) == (Grade.BAND_6, "", None)
    assert booked_as(database, ada[1]) == {("rn_adult", "band_6"), ("rn_adult", "band_5")}


def test_a_correction_reaches_what_it_may_be_booked_as(database: Database, ada: Ada) -> None:
    post = make(database, ada)
    fields: posts.PostFields = {"entitlements": []}
    with database.transaction() as session:
        change = posts.correct_post(
            session, post_id=post.id, fields=fields, by=manager(ada[0]), now=NOW
        )
    with database.transaction() as session:
        again = posts.correct_post(
            session, post_id=post.id, fields=fields, by=manager(ada[0]), now=NOW
        )
    assert (change, again) == (Change.CHANGED, Change.UNCHANGED)
    assert booked_as(database, ada[1]) == {("rn_adult", "band_6")}


WRONG: dict[str, tuple[posts.PostFields, str]] = {
    "a role that is none": ({**NURSE, "role": "wizard"}, "role"),
    "a role of another staff group": ({**NURSE, "staff_group": StaffGroup.HCA}, "staff_group"),
    "a nurse at a medical grade": ({**NURSE, "grade": Grade.CONSULTANT}, "role"),
    "an entitlement to a role that is none": (
        {**NURSE, "entitlements": [["wizard", "band_5"]]}, "entitlements",
    ),
    "an entitlement to a grade that is none": (
        {**NURSE, "entitlements": [["rn_adult", "band_55"]]}, "entitlements",
    ),
    "terms that are none": ({**NURSE, "terms": "mine"}, "terms"),
    "an end before the start": ({**NURSE, "ends_on": date(2025, 12, 31)}, "ends_on"),
    "no grade": ({k: v for k, v in NURSE.items() if k != "grade"}, "grade"),  # type: ignore[dict-item]
}  # fmt: skip


@pytest.mark.parametrize(("fields", "field"), WRONG.values(), ids=WRONG.keys())
def test_a_post_cannot_be(
    sqlite_database: Database, fields: posts.PostFields, field: str
) -> None:
    with sqlite_database.transaction() as session:
        trust = build.an_organisation(session)
        ada = trust, build.a_person(session, trust)
    with pytest.raises(Invalid) as problem:
        make(sqlite_database, ada, fields)
    assert list(problem.value.fields) == [field]


def test_an_assignment_number_is_one_posts_alone(database: Database, ada: Ada) -> None:
    make(database, ada)
    with pytest.raises(Refused, match="assignment_taken"):
        make(database, ada)


def test_another_organisations_posts_and_people_are_unknown(database: Database, ada: Ada) -> None:
    post = make(database, ada)
    with database.transaction() as session:
        elsewhere = build.an_organisation(session)
        foreign_unit = build.a_unit(session, build.a_site(session, elsewhere))
    for post_id in (post.id, uuid4()):
        with pytest.raises(NotFound), database.transaction() as session:
            posts.end_post(
                session, post_id=post_id, ends_on=NOW.date(), by=manager(elsewhere), now=NOW
            )
    with pytest.raises(NotFound), database.reading() as session:
        posts.posts_of(session, person_id=ada[1].id, by=manager(elsewhere))
    with pytest.raises(NotFound):
        make(database, (elsewhere, ada[1]))
    with pytest.raises(NotFound):
        restrict(database, ada, post, foreign_unit.id)


def test_who_leaves_has_no_post_from_that_day_and_nobody_may_give_one(
    database: Database, ada: Ada
) -> None:
    post = make(database, ada)
    trust, person = ada
    with database.transaction() as session:
        people.let_go(session, person_id=person.id, by=manager(trust), now=NOW)
    with database.reading() as session:
        ended = session.get_one(BankPost, post.id)
        kinds = set(session.scalars(sa.select(Event.kind)))
    assert ended.ends_on == NOW.date()
    assert {"person.left", "post.changed"} <= kinds
    assert booked_as(database, person) == set()
    with pytest.raises(Refused, match="has_left"):
        make(database, ada, number="20000002")


def restrict(database: Database, ada: Ada, post: BankPost, scope_id: object) -> None:
    with database.transaction() as session:
        restrictions.restrict(
            session,
            post_id=post.id,
            scope_id=scope_id,  # type: ignore[arg-type]
            review_on=NOW.date() + timedelta(days=30),
            by=manager(ada[0]),
            now=NOW,
        )


def test_a_restriction_holds_until_it_is_lifted(database: Database, ada: Ada) -> None:
    post = make(database, ada)
    trust = ada[0]
    restrict(database, ada, post, trust.id)
    with database.reading() as session:
        (held,) = restrictions.restrictions(session, by=manager(trust), now=NOW)
    with database.transaction() as session:
        restrictions.lift(
            session,
            person_id=post.person_id,
            restriction_id=held.id,
            by=manager(trust),
            now=NOW,
        )
    with database.reading() as session:
        assert restrictions.restrictions(session, by=manager(trust), now=NOW) == []
    with pytest.raises(NotFound), database.transaction() as session:
        restrictions.lift(
            session,
            person_id=post.person_id,
            restriction_id=held.id,
            by=manager(trust),
            now=NOW,
        )


def test_a_restriction_without_a_review_to_come_is_refused(database: Database, ada: Ada) -> None:
    post = make(database, ada)
    with pytest.raises(Invalid), database.transaction() as session:
        restrictions.restrict(
            session,
            post_id=post.id,
            scope_id=ada[0].id,
            review_on=NOW.date(),
            by=manager(ada[0]),
            now=NOW,
        )


def test_a_coordinator_may_not_restrict_nor_edit_posts(database: Database, ada: Ada) -> None:
    post = make(database, ada)
    coordinator = build.an_actor(ada[0], AccessRole.ROTA_COORDINATOR)
    with pytest.raises(Forbidden), database.transaction() as session:
        posts.end_post(session, post_id=post.id, ends_on=NOW.date(), by=coordinator, now=NOW)
    with pytest.raises(Forbidden), database.reading() as session:
        restrictions.restrictions(session, by=coordinator, now=NOW)


def test_what_a_leaver_had_booked_is_undone_and_the_places_open_again(
    database: Database, ada: Ada
) -> None:
    post = make(database, ada)
    trust, person = ada
    with database.transaction() as session:
        ward = build.a_unit(session, build.a_site(session, trust))
        held = {
            name: build.a_booking(
                session,
                build.a_shift(session, ward, starts_at=NOW + ahead),
                person,
                post,
                state=state,
            )
            for name, ahead, state in (
                ("running", timedelta(hours=-1), BookingState.CONFIRMED),
                ("ahead", timedelta(days=2), BookingState.CONFIRMED),
                ("applied", timedelta(days=4), BookingState.APPLIED),
            )
        }
    with database.transaction() as session:
        people.let_go(session, person_id=person.id, by=manager(trust), now=NOW)
    with database.reading() as session:
        states = {
            name: session.get_one(Booking, booking.id).state for name, booking in held.items()
        }
        place = session.get_one(Shift, held["ahead"].shift_id)
        hours = session.scalars(sa.select(Hours.booking_id)).all()
        told = session.scalars(sa.select(Notice.template)).all()
    assert states == {
        "running": BookingState.CONFIRMED,
        "ahead": BookingState.CANCELLED_WORKER,
        "applied": BookingState.CANCELLED_WORKER,
    }
    assert place.state is ShiftState.OPEN
    assert hours == [held["running"].id]
    assert told == ["booking_cancelled"]

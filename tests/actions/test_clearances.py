"""A passport shown at a partner opens a clearance; what is lost at home is lost here at once."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_checks, clearances
from bankhub.actions.clearances.clearances import EndReason
from bankhub.actions.people import restrictions
from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearance_values import ItemState, item_of
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.vocabulary import BookingState, Grade, Tier
from passport.actions.signing import credential_life
from passport.actors import AccessRole
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.events import Event, Notice
from passport.model.credential_types import Revocation, Suspension
from passport.model.register_words import Status
from tests.support import build, clearing
from tests.support.build_people import NOW
from tests.support.clearing import World, a_world, cleared, officer, show

CLEARED, NOT_CLEARED, ENDED = ClearanceState


@pytest.fixture
def world(database: Database) -> World:
    with database.transaction() as session:
        return a_world(session)


@pytest.fixture
def open_one(database: Database, world: World) -> Clearance:
    with database.transaction() as session:
        return cleared(session, world)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


def now_at(database: Database, row: Clearance) -> Clearance:
    """The clearance as it stands, after whatever was committed."""
    with database.reading() as session:
        return session.get_one(Clearance, row.id)


def missing(row: Clearance) -> set[str]:
    return {one.code for one in map(item_of, row.items) if one.state is ItemState.MISSING}


def test_shown_it_lacks_only_the_hosts_own_look_at_the_register(
    session: Session, world: World
) -> None:
    row = show(session, world)

    assert (row.state, row.until_on) == (NOT_CLEARED, None)
    assert missing(row) == {"registration"}
    assert (row.host_id, row.home_id) == (world.host.id, world.home.id)
    assert (row.version_id, row.instrument) == (
        world.agreement.version_id, Instrument.BANK_ASSIGNMENT,
    )  # fmt: skip
    (opened,) = clearing.events(session, "clearance.opened")
    assert opened.organisation_id == world.host.id


def test_looked_up_it_is_cleared_until_the_first_end_with_the_induction_due(
    open_one: Clearance,
) -> None:
    assert (open_one.state, open_one.until_on) == (CLEARED, clearing.CLEARED_UNTIL)
    states = {one.code: one.state for one in map(item_of, open_one.items)}
    assert states.pop("induction.ward") is ItemState.DUE
    assert set(states.values()) == {ItemState.MET}


def test_nothing_that_was_shown_is_kept(session: Session, world: World) -> None:
    row = cleared(session, world)
    kept_words = str(row.items) + str([one.detail for one in session.query(Event)])
    for secret in (clearing.NUMBER, clearing.TRAINED.isoformat(), "2025-05-01"):
        assert secret not in kept_words


def test_shown_again_it_is_the_same_one(session: Session, world: World) -> None:
    first = cleared(session, world)
    later = NOW + timedelta(days=10)
    again = show(session, world, now=later)
    assert again.id == first.id
    assert (again.shown_at, again.state) == (later, CLEARED)
    assert len(clearing.events(session, "clearance.shown")) == 1


Change = Callable[[Session, World], dict[str, Any]]


NOT_OPENED: dict[str, tuple[Change, type[Exception]]] = {
    "no check": (lambda s, w: {"verdict_id": None}, Invalid),
    "a check that was red": (
        lambda s, w: {"verdict_id": clearing.verdict(s, w.host, w.nurse, "red").id}, Refused,
    ),
    "a check of another organisation's": (
        lambda s, w: {"verdict_id": clearing.verdict(s, w.third, w.nurse).id}, NotFound,
    ),
    "a check of somebody else": (
        lambda s, w: {
            "verdict_id": clearing.verdict(s, w.host, build.a_person(s, w.home)).id
        },
        NotFound,
    ),
    "a third trust": (
        lambda s, w: {
            "by": officer(w.third), "verdict_id": clearing.verdict(s, w.third, w.nurse).id,
        },
        Refused,
    ),
    "their own trust": (
        lambda s, w: {
            "by": officer(w.home), "verdict_id": clearing.verdict(s, w.home, w.nurse).id,
        },
        NotFound,
    ),
    "a grade that is not covered": (lambda s, w: {"grade": Grade.BAND_6}, Refused),
    "a staff group that is not covered": (
        lambda s, w: {"role": "hca", "grade": Grade.BAND_2}, Refused,
    ),
    "no such role": (lambda s, w: {"role": "wizard"}, Invalid),
    "an instrument the agreement lacks": (
        lambda s, w: {"instrument": Instrument.SECONDMENT}, Refused,
    ),
    "the agreement over, though winding down": (
        lambda s, w: {"now": NOW.replace(year=2028, month=1, day=2)}, Refused,
    ),
    "a coordinator": (lambda s, w: {"by": build.an_actor(w.host)}, Forbidden),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_OPENED)
def test_what_opens_no_clearance(session: Session, world: World, case: str) -> None:
    change, error = NOT_OPENED[case]
    with pytest.raises(error):
        show(session, world, **change(session, world))
    assert session.query(Clearance).count() == 0


def test_somebody_who_left_is_not_cleared(session: Session, world: World) -> None:
    found = session.get_one(type(world.nurse), world.nurse.id)
    found.left_at = NOW
    with pytest.raises(NotFound):
        show(session, world)


def suspend(session: Session, world: World, kind: str) -> None:
    credential_life.suspend(
        session, credential_id=world.of(kind), reason=Suspension.NOT_CURRENTLY_AVAILABLE,
        by=officer(world.home), now=NOW,
    )  # fmt: skip


def reinstate(session: Session, world: World, kind: str) -> None:
    credential_life.reinstate(
        session, credential_id=world.of(kind), reason=Suspension.NOT_CURRENTLY_AVAILABLE,
        by=officer(world.home), now=NOW,
    )  # fmt: skip


def revoke(session: Session, world: World, kind: str) -> None:
    credential_life.revoke(
        session, credential_id=world.of(kind), reason=Revocation.NO_LONGER_VALID,
        by=officer(world.home), now=NOW,
    )  # fmt: skip


def restrict(session: Session, world: World, kind: str) -> None:
    restrictions.restrict(
        session, post_id=world.post.id, scope_id=world.home.id,
        review_on=date(2026, 10, 1), by=officer(world.home, AccessRole.BANK_MANAGER), now=NOW,
    )  # fmt: skip


LOST: dict[str, tuple[Callable[[Session, World, str], None], str, str]] = {
    "registration suspended": (suspend, "professional_registration", "registration"),
    "employment suspended": (suspend, "employment_assignment", "employment"),
    "right to work revoked": (revoke, "right_to_work_outcome", "right_to_work"),
    "DBS outcome revoked": (revoke, "dbs_outcome", "dbs"),
    "held back at home": (restrict, "", "availability"),
}


@pytest.mark.parametrize("case", LOST)
def test_what_is_lost_at_home_is_lost_at_the_host_at_once(
    database: Database, world: World, open_one: Clearance, case: str
) -> None:
    deed, kind, code = LOST[case]

    with database.transaction() as session:
        deed(session, world, kind)

    row = now_at(database, open_one)
    assert (row.state, row.until_on) == (NOT_CLEARED, None)
    assert code in missing(row)


def test_what_comes_back_clears_again(
    database: Database, world: World, open_one: Clearance
) -> None:
    with database.transaction() as session:
        suspend(session, world, "professional_registration")
    with database.transaction() as session:
        reinstate(session, world, "professional_registration")
    row = now_at(database, open_one)
    assert (row.state, row.until_on) == (CLEARED, clearing.CLEARED_UNTIL)


def test_when_it_was_first_cleared_stays(database: Database, world: World) -> None:
    """The figures of the system count from the first showing until then."""
    with database.transaction() as session:
        row = show(session, world)
        assert row.cleared_at is None
    first, later = NOW + timedelta(days=2), NOW + timedelta(days=9)
    by = officer(world.host)
    last = later + timedelta(days=1)
    looked_up = ((Status.REGISTERED, first), (Status.LAPSED, later), (Status.REGISTERED, last))
    for status, at in looked_up:
        with database.transaction() as session:
            clearance_checks.check_register(
                session, clearance_id=row.id, status=status, by=by, now=at
            )
    row = now_at(database, row)
    assert (row.state, row.made_at, row.cleared_at) == (CLEARED, NOW, first)


def test_a_restriction_that_is_lifted_clears_again(
    database: Database, world: World, open_one: Clearance
) -> None:
    with database.transaction() as session:
        restrict(session, world, "")
    with database.transaction() as session:
        by = officer(world.home, AccessRole.BANK_MANAGER)
        (found,) = restrictions.restrictions(session, by=by, now=NOW)
        restrictions.lift(
            session, person_id=world.nurse.id, restriction_id=found.id, by=by, now=NOW
        )
    assert now_at(database, open_one).state is CLEARED


def test_a_deed_that_is_taken_back_loses_nothing(
    database: Database, world: World, open_one: Clearance
) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        suspend(session, world, "identity")
        raise ZeroDivisionError
    assert now_at(database, open_one).state is CLEARED


def test_all_three_are_told_with_the_bookings_and_none_is_told_why(
    database: Database, world: World, open_one: Clearance
) -> None:
    with database.transaction() as session:
        home, host = (
            clearing.an_officer(session, one) for one in (world.home, world.host)
        )
        office = clearing.an_officer(
            session, world.host, AccessRole.ROTA_COORDINATOR, AccessRole.HR_OFFICER
        )
        clearing.an_officer(session, world.third)
        booking = clearing.a_booking(session, world)
        clearing.a_booking(session, world, days=-1, state=BookingState.CHECKED_IN)
        session.execute(sa.delete(Notice))
    with database.transaction() as session:
        suspend(session, world, "professional_registration")

    with database.reading() as session:
        found = [one for one in session.query(Notice) if one.template.startswith("clearance")]
        (decided,) = [
            one for one in clearing.events(session, "clearance.decided")
            if one.detail["because"] == "credential.suspended"
        ]  # fmt: skip
    told = sorted((one.template, str(one.to_person_id or one.to_account_id)) for one in found)
    assert told == sorted(
        [
            ("clearance_changed", str(world.nurse.id)),
            ("clearance_changed_home", str(home.account_id)),
            ("clearance_changed_host", str(host.account_id)),
            ("clearance_changed_host", str(office.account_id)),
        ]
    )
    for one in found:
        assert one.context["cleared"] is False
        assert len(one.context["bookings"]) == 1
        assert "registration" not in str(one.context)
    assert decided.detail["blocked"] == [str(booking.id)]


def test_a_booking_stands_and_is_not_cancelled(
    database: Database, world: World, open_one: Clearance
) -> None:
    with database.transaction() as session:
        booking = clearing.a_booking(session, world)
    with database.transaction() as session:
        suspend(session, world, "professional_registration")
    with database.reading() as session:
        assert session.get_one(type(booking), booking.id).state is BookingState.CONFIRMED


def test_the_host_ends_it_and_all_are_told(session: Session, world: World) -> None:
    clearing.an_officer(session, world.home)
    row = cleared(session, world)
    clearing.a_booking(session, world)
    session.execute(sa.delete(Notice))

    clearances.end(
        session, clearance_id=row.id, because=EndReason.HOST_DECIDED, by=officer(world.host),
        now=NOW,
    )  # fmt: skip

    assert (row.state, row.until_on, row.ended_at) == (ENDED, None, NOW)
    told = {one.template for one in session.query(Notice)}
    assert told >= {"clearance_changed", "clearance_changed_home"}
    with pytest.raises(NotFound):
        clearances.end(
            session, clearance_id=row.id, because=EndReason.HOST_DECIDED, by=officer(world.host),
            now=NOW,
        )  # fmt: skip
    assert show(session, world).id != row.id


@pytest.mark.parametrize("who", ["home", "third"])
def test_nobody_else_ends_it(session: Session, world: World, who: str) -> None:
    row = cleared(session, world)
    with pytest.raises(NotFound):
        clearances.end(
            session, clearance_id=row.id, because=EndReason.HOST_DECIDED,
            by=officer(getattr(world, who)), now=NOW,
        )  # fmt: skip


def test_the_person_ends_their_own_and_no_other(session: Session, world: World) -> None:
    row = cleared(session, world)
    other = build.a_person(session, world.home)
    with pytest.raises(NotFound):
        clearances.end_own(session, clearance_id=row.id, by=build.as_worker(other), now=NOW)
    clearances.end_own(session, clearance_id=row.id, by=build.as_worker(world.nurse), now=NOW)
    assert (row.state, row.ended_because) == (ENDED, EndReason.OWN_WISH)


def test_a_booking_through_another_home_is_none_of_this_clearances(
    database: Database, world: World, open_one: Clearance
) -> None:
    """One human with records at two organisations, both of which share with the host."""
    with database.transaction() as session:
        clearing.sharing.an_agreement(session, world.third, world.host)
        other, post = build.a_nurse(session, world.third, holder=world.nurse)
        shift = build.a_shift(session, world.ward, starts_at=NOW + timedelta(days=4))
        build.a_booking(session, shift, other, post, tier=Tier.PARTNER)
        hers = clearing.a_booking(session, world)
    with database.transaction() as session:
        suspend(session, world, "professional_registration")
    with database.reading() as session:
        decided = clearing.events(session, "clearance.decided")[-1]
    assert decided.detail["blocked"] == [str(hers.id)]

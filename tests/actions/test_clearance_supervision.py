"""Supervised work on a restricted registration: two people decide, the ward reads one word."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.booking import arrivals, check_ins
from bankhub.actions.clearances import (
    clearance_checks,
    clearance_doors,
    clearance_views,
    clearances,
)
from bankhub.actions.clearances import clearance_supervision as supervision
from bankhub.actions.clearances.clearances import EndReason
from bankhub.model.clearance_values import ItemState, item_of
from bankhub.model.clearances import Clearance, ClearanceState, ClearanceSupervision
from bankhub.model.clearances import SupervisionGround as G
from passport.actors import AccessRole, Actor, job
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.events import Notice
from passport.model.credentials import Credential
from passport.model.register_words import Status
from tests.support import build, clearing
from tests.support.build_people import NOW
from tests.support.clearing import World, a_world, an_officer, officer, show

CLEARED, NOT_CLEARED = ClearanceState.CLEARED, ClearanceState.NOT_CLEARED
UNTIL = date(2026, 12, 1)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def row(session: Session, world: World) -> Clearance:
    return look(session, show(session, world), Status.CONDITIONS)


def look(session: Session, row: Clearance, status: Status, **change: Any) -> Clearance:
    by = build.an_actor(row.host_id, AccessRole.HR_OFFICER)
    said = {"by": by, "now": NOW, **change}
    return clearance_checks.check_register(session, clearance_id=row.id, status=status, **said)


def asked(session: Session, row: Clearance, **change: Any) -> ClearanceSupervision:
    said: dict[str, Any] = {
        "grounds": supervision.NEEDED, "until_on": UNTIL, "now": NOW, **change,
    }  # fmt: skip
    said.setdefault("by", build.an_actor(row.host_id, AccessRole.HR_OFFICER))
    return supervision.ask(session, clearance_id=row.id, **said)


def second(row: Clearance, **change: Any) -> Actor:
    by = build.an_actor(row.host_id, AccessRole.BANK_MANAGER, stepped_up=True, **change)
    return by if by.account_id else replace(by, account_id=uuid4())


def granted(session: Session, row: Clearance) -> ClearanceSupervision:
    made = asked(session, row)
    return supervision.grant(session, supervision_id=made.id, by=second(row), now=NOW)


def codes(row: Clearance, state: ItemState) -> set[str]:
    return {one.code for one in map(item_of, row.items) if one.state is state}


def test_two_people_let_somebody_work_supervised(session: Session, row: Clearance) -> None:
    assert (row.state, codes(row, ItemState.MISSING)) == (NOT_CLEARED, {"registration"})
    made = asked(session, row)
    assert row.state is NOT_CLEARED
    supervision.grant(session, supervision_id=made.id, by=second(row), now=NOW)
    assert (row.state, row.until_on, row.decided_because) == (
        CLEARED, UNTIL, "supervision.granted",
    )  # fmt: skip
    assert codes(row, ItemState.DUE) == {"supervision", "induction.ward"}
    assert "condition" not in str(row.items)
    for event in ("supervision.asked", "supervision.granted"):
        (told,) = clearing.events(session, event)
        assert clearing.NUMBER not in str(told.detail)
        assert "condition" not in str(told.detail)


def test_the_two_are_named(session: Session, row: Clearance) -> None:
    one, two = build.an_account(session), build.an_account(session)
    one.display_name, two.display_name = "Dev Kaur", "Ines Roth"
    first = build.an_actor(row.host_id, AccessRole.HR_OFFICER, account=one)
    made = asked(session, row, by=first)
    supervision.grant(session, supervision_id=made.id, by=second(row, account=two), now=NOW)
    assert (made.asked_by_name, made.granted_by_name) == ("Dev Kaur", "Ines Roth")


@pytest.mark.parametrize(
    "status",
    [Status.REGISTERED, Status.SUSPENDED, Status.INTERIM_SUSPENDED, Status.STRUCK_OFF,
     Status.LAPSED, Status.PROVISIONAL, Status.NOT_FOUND, Status.UNKNOWN],
)  # fmt: skip
def test_nothing_else_is_worked_within(
    session: Session, world: World, status: Status
) -> None:
    row = look(session, show(session, world), status)
    with pytest.raises(Refused):
        asked(session, row)


def test_before_a_look_there_is_nothing_to_decide(session: Session, world: World) -> None:
    with pytest.raises(Refused):
        asked(session, show(session, world))


WRONG: dict[str, dict[str, Any]] = {
    "no grounds": {"grounds": []},
    "not read": {"grounds": [G.FITS_ROLE, G.SUPERVISION_ARRANGED, G.HOME_ASKED]},
    "nobody supervises": {"grounds": [G.RESTRICTION_READ, G.FITS_ROLE]},
    "does not fit": {"grounds": [G.RESTRICTION_READ, G.SUPERVISION_ARRANGED]},
    "yesterday": {"until_on": (NOW - timedelta(days=1)).date()},
    "too long": {"until_on": (NOW + timedelta(days=184)).date()},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_asked_for(session: Session, row: Clearance, case: str) -> None:
    with pytest.raises(Invalid):
        asked(session, row, **WRONG[case])
    assert session.query(ClearanceSupervision).count() == 0


def test_the_longest_is_to_the_review_that_the_passport_carries(
    session: Session, world: World, row: Clearance
) -> None:
    review = date(2026, 10, 20)
    said = session.get_one(Credential, world.of("professional_registration"))
    terms = {"type": "CONDITIONS", "start": "2026-08-01", "review_date": review.isoformat()}
    said.claims = {**said.claims, "registration_status": "CONDITIONS", "restrictions": [terms]}
    build.an_event(session, world.home.id)
    session.flush()
    with pytest.raises(Invalid):
        asked(session, row, until_on=review + timedelta(days=1))
    made = asked(session, row, until_on=review)
    supervision.grant(session, supervision_id=made.id, by=second(row), now=NOW)
    assert (row.state, row.until_on) == (CLEARED, review)


def test_who_asked_does_not_grant_and_nobody_decides_for_themselves(
    session: Session, world: World, row: Clearance
) -> None:
    account = build.an_account(session)
    first = build.an_actor(
        row.host_id, AccessRole.HR_OFFICER, account=account, stepped_up=True
    )
    made = asked(session, row, by=first)
    with pytest.raises(Refused):
        supervision.grant(session, supervision_id=made.id, by=first, now=NOW)
    with pytest.raises(Refused):
        supervision.grant(
            session, supervision_id=made.id, by=second(row, person=world.nurse), now=NOW
        )
    with pytest.raises(Refused):
        asked(session, row, by=officer(world.host, person=world.nurse))
    assert row.state is NOT_CLEARED


def test_what_nobody_decided_in_time_is_asked_for_again(session: Session, row: Clearance) -> None:
    asked(session, row, until_on=NOW.date())
    with pytest.raises(Refused):
        asked(session, row)
    later = NOW + timedelta(days=1)
    look(session, row, Status.CONDITIONS, now=later)
    asked(session, row, now=later)


@pytest.mark.parametrize("who", ["home", "third"])
def test_it_is_the_hosts_alone(
    session: Session, world: World, row: Clearance, who: str
) -> None:
    by = officer(getattr(world, who))
    with pytest.raises(NotFound):
        asked(session, row, by=by)
    made = asked(session, row)
    for deed in (supervision.grant, supervision.refuse, supervision.end):
        with pytest.raises(NotFound):
            deed(session, supervision_id=made.id, by=by, now=NOW)


@pytest.mark.parametrize(
    "role", [AccessRole.ROTA_COORDINATOR, AccessRole.VERIFIER, AccessRole.EXECUTIVE_ON_CALL]
)
def test_others_of_the_host_neither_ask_nor_grant(
    session: Session, row: Clearance, role: AccessRole
) -> None:
    by = build.an_actor(row.host_id, role, stepped_up=True)
    made = asked(session, row)
    with pytest.raises(Forbidden):
        asked(session, row, by=by)
    with pytest.raises(Forbidden):
        supervision.grant(session, supervision_id=made.id, by=by, now=NOW)


def test_the_second_person_confirms_it_is_them(session: Session, row: Clearance) -> None:
    made = asked(session, row)
    by = build.an_actor(row.host_id, AccessRole.BANK_MANAGER)
    with pytest.raises(Forbidden):
        supervision.grant(session, supervision_id=made.id, by=by, now=NOW)


def test_once_asked_once_decided(session: Session, row: Clearance) -> None:
    made = asked(session, row)
    with pytest.raises(Refused):
        asked(session, row)
    supervision.refuse(session, supervision_id=made.id, by=second(row), now=NOW)
    for deed in (supervision.grant, supervision.refuse, supervision.end):
        with pytest.raises(Refused):
            deed(session, supervision_id=made.id, by=second(row), now=NOW)
    assert row.state is NOT_CLEARED
    assert granted(session, row).granted_at == NOW


def test_what_changed_at_the_register_meanwhile_is_not_granted(
    session: Session, row: Clearance
) -> None:
    made = asked(session, row)
    later = NOW + timedelta(hours=1)
    look(session, row, Status.INTERIM_CONDITIONS, now=later)
    with pytest.raises(Refused):
        supervision.grant(session, supervision_id=made.id, by=second(row), now=later)
    look(session, row, Status.CONDITIONS, now=later + timedelta(hours=1))
    after = NOW + timedelta(days=200)
    with pytest.raises(Refused):
        supervision.grant(session, supervision_id=made.id, by=second(row), now=after)


@pytest.mark.parametrize(
    "status", [Status.SUSPENDED, Status.INTERIM_CONDITIONS, Status.UNDERTAKINGS]
)
def test_another_standing_ends_it_at_once(
    session: Session, row: Clearance, status: Status
) -> None:
    granted(session, row)
    look(session, row, status, now=NOW + timedelta(hours=1))
    assert (row.state, codes(row, ItemState.MISSING)) == (NOT_CLEARED, {"registration"})


def test_when_the_restriction_is_lifted_nobody_supervises_and_all_are_told(
    session: Session, row: Clearance
) -> None:
    granted(session, row)
    session.execute(sa.delete(Notice))
    look(session, row, Status.REGISTERED, now=NOW + timedelta(hours=1))
    assert (row.state, row.until_on) == (CLEARED, clearing.CLEARED_UNTIL)
    assert codes(row, ItemState.DUE) == {"induction.ward"}
    (letter,) = session.query(Notice).filter_by(template="clearance_changed")
    assert (letter.context["cleared"], letter.context["supervised"]) == (True, False)


def test_taken_back_it_bars_again(session: Session, row: Clearance) -> None:
    made = granted(session, row)
    supervision.end(session, supervision_id=made.id, by=second(row), now=NOW)
    assert row.state is NOT_CLEARED
    with pytest.raises(Refused):
        supervision.end(session, supervision_id=made.id, by=second(row), now=NOW)


def test_it_ends_with_its_day(session: Session, row: Clearance) -> None:
    made = asked(session, row, until_on=(NOW + timedelta(days=5)).date())
    supervision.grant(session, supervision_id=made.id, by=second(row), now=NOW)
    for days, state in ((5, CLEARED), (6, NOT_CLEARED)):
        clearance_doors.keep(session, after=None, by=job(), now=NOW + timedelta(days=days))
        assert row.state is state


def test_an_ended_clearance_takes_it_along(
    session: Session, world: World, row: Clearance
) -> None:
    made = granted(session, row)
    clearances.end(
        session, clearance_id=row.id, because=EndReason.HOST_DECIDED, by=officer(world.host),
        now=NOW,
    )  # fmt: skip
    with pytest.raises(NotFound):
        supervision.end(session, supervision_id=made.id, by=second(row), now=NOW)
    again = show(session, world)
    assert (again.id != row.id, again.state) == (True, NOT_CLEARED)


def test_letters_say_supervised_and_nothing_of_why(
    session: Session, world: World, row: Clearance
) -> None:
    an_officer(session, world.home)
    an_officer(session, world.host)
    session.execute(sa.delete(Notice))
    granted(session, row)
    found = session.query(Notice).all()
    assert {one.template for one in found} >= {
        "clearance_changed", "clearance_changed_home", "clearance_changed_host",
    }  # fmt: skip
    for one in found:
        assert one.context["supervised"] is True
        assert "condition" not in str(one.context)


def test_the_ward_reads_supervised_only_and_checks_in_amber(
    session: Session, world: World, row: Clearance
) -> None:
    granted(session, row)
    booking = clearing.a_booking(session, world)
    ward = build.an_actor(world.host, AccessRole.WARD_REQUESTER)
    soon = booking.starts_at - timedelta(minutes=5)
    (coming,) = arrivals.arrivals(session, by=ward, now=soon)
    assert "Supervised only" in [one.title for one in coming.due]
    assert not coming.blocked
    found = check_ins.check_in(session, booking_id=booking.id, by=ward, now=soon)
    assert found.outcome == "amber"
    assert "supervision" in [one["code"] for one in found.due]
    assert "condition" not in str(found.due)


READERS = {
    AccessRole.HR_OFFICER: True, AccessRole.BANK_MANAGER: True, AccessRole.AUDITOR: True,
    AccessRole.VERIFIER: True, AccessRole.ROTA_COORDINATOR: False,
    AccessRole.EXECUTIVE_ON_CALL: False,
}  # fmt: skip


@pytest.mark.parametrize("role", READERS)
def test_the_rota_reads_nothing_of_the_restriction(
    session: Session, row: Clearance, role: AccessRole
) -> None:
    before = build.an_actor(row.host_id, role)
    found = clearance_views.one(session, clearance_id=row.id, by=before, now=NOW)
    assert (found.supervisable_until is not None) is READERS[role]
    granted(session, row)
    by = build.an_actor(row.host_id, role)
    found = clearance_views.one(session, clearance_id=row.id, by=by, now=NOW)
    assert bool(found.register_checks) is READERS[role]
    assert bool(found.supervisions) is READERS[role]


def test_home_and_the_person_read_supervised_only(
    session: Session, world: World, row: Clearance
) -> None:
    granted(session, row)
    home = clearance_views.one(session, clearance_id=row.id, by=officer(world.home), now=NOW)
    own = clearance_views.own_one(session, clearance_id=row.id, by=build.as_worker(world.nurse))
    for found in (home, own):
        assert "Supervised only" in [one.title for one in found.clearance.items]
        assert (list(found.supervisions), list(found.register_checks)) == ([], [])


def test_leave_at_one_host_is_none_at_another(
    session: Session, world: World, row: Clearance
) -> None:
    granted(session, row)
    clearing.sharing.an_agreement(session, world.home, world.third)
    there = show(
        session, world, by=officer(world.third),
        verdict_id=clearing.verdict(session, world.third, world.nurse).id,
    )  # fmt: skip
    look(session, there, Status.CONDITIONS)
    assert there.state is NOT_CLEARED

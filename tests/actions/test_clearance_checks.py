"""The host's own look at a register, and items that two people set aside."""

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_bypasses as bypasses
from bankhub.actions.clearances import clearance_checks, clearances
from bankhub.imports.clearance_registers import ClearedHere
from bankhub.model.clearance_values import ItemState, item_of
from bankhub.model.clearances import Clearance, ClearanceState, HostRegisterCheck
from passport.actions.registers.register_checks import acting_in
from passport.actions.signing import credential_life
from passport.actors import AccessRole, job, operator
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.imports.register_files import open_register_file
from passport.imports.register_rounds import Round, take_file, take_service
from passport.model.credential_types import Revocation
from passport.model.credentials import Credential
from passport.model.organisations import Organisation
from passport.model.register_words import Status
from tests.support import build, clearing
from tests.support.build_people import NOW
from tests.support.clearing import World, a_world, cleared, officer, show
from tests.support.registers import ENTRY, a_register_service, nmc_file

CLEARED, NOT_CLEARED = ClearanceState.CLEARED, ClearanceState.NOT_CLEARED
SOON = date(2026, 9, 20)


@pytest.fixture
def world(database: Database) -> World:
    with database.transaction() as session:
        return a_world(session)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


def state_of(database: Database, row: Clearance) -> ClearanceState:
    with database.reading() as session:
        return session.get_one(Clearance, row.id).state


def missing(row: Clearance) -> set[str]:
    return {one.code for one in map(item_of, row.items) if one.state is ItemState.MISSING}


def check(session: Session, row: Clearance, status: Status, **change: Any) -> Clearance:
    by = build.an_actor(row.host_id, AccessRole.HR_OFFICER)
    said = {"by": by, "now": NOW, **change}
    return clearance_checks.check_register(session, clearance_id=row.id, status=status, **said)


STATUSES = {
    Status.REGISTERED: True, Status.REGISTERED_WITH_LICENCE: True, Status.CAUTION: True,
    Status.WARNING: True, Status.LAPSED: False, Status.SUSPENDED: False,
    Status.CONDITIONS: False, Status.NOT_FOUND: False, Status.REGISTERED_NO_LICENCE: False,
    Status.UNKNOWN: False,
}  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
def test_what_the_register_says_decides(session: Session, world: World, status: Status) -> None:
    row = check(session, show(session, world), status)
    assert (row.state is CLEARED) is STATUSES[status]
    (kept,) = session.query(HostRegisterCheck)
    assert (kept.body, kept.number, kept.source) == ("NMC", clearing.NUMBER, "by_hand")
    (told,) = clearing.events(session, "register.checked")
    assert clearing.NUMBER not in str(told.detail)


def test_an_end_that_the_register_gives_bounds_it(session: Session, world: World) -> None:
    row = check(session, show(session, world), Status.REGISTERED, valid_until=date(2026, 12, 1))
    assert row.until_on == date(2026, 12, 1)


@pytest.mark.parametrize("until", [date(2024, 1, 1), date(2100, 1, 1)])
def test_a_day_that_cannot_be(session: Session, world: World, until: date) -> None:
    with pytest.raises(Invalid):
        check(session, show(session, world), Status.REGISTERED, valid_until=until)


def test_without_a_number_there_is_nothing_to_look_up(session: Session, world: World) -> None:
    row = show(session, world)
    credential_life.revoke(
        session, credential_id=world.of("professional_registration"),
        reason=Revocation.NO_LONGER_VALID, by=officer(world.home), now=NOW,
    )  # fmt: skip
    with pytest.raises(Refused):
        check(session, row, Status.REGISTERED)


def test_only_the_hosts_officers_look_up_and_nobody_for_themselves(
    session: Session, world: World
) -> None:
    row = show(session, world)
    for by in (officer(world.home), officer(world.third)):
        with pytest.raises(NotFound):
            check(session, row, Status.REGISTERED, by=by)
    with pytest.raises(Forbidden):
        check(session, row, Status.REGISTERED, by=build.an_actor(world.host))
    with pytest.raises(Refused):
        check(session, row, Status.REGISTERED, by=officer(world.host, person=world.nurse))


def test_a_look_at_one_host_is_none_at_another(session: Session, world: World) -> None:
    cleared(session, world)
    clearing.sharing.an_agreement(session, world.home, world.third)
    there = show(
        session, world, by=officer(world.third),
        verdict_id=clearing.verdict(session, world.third, world.nurse).id,
    )  # fmt: skip
    assert missing(there) == {"registration"}


def a_round(
    database: Database,
    place: Organisation,
    *rows: dict[str, str],
    at: datetime = NOW,
    as_at: datetime | None = None,
    **more: Any,
) -> int:
    file = open_register_file(io.BytesIO(nmc_file(*rows)), "NMC", as_at=as_at or at)
    said: dict[str, Any] = {"file": ("nmc.csv", "0"), "guests": ClearedHere(lambda: at), **more}
    return take_file(database, file, Round(place.id, "NMC", operator(place.id), at, **said)).guests


LAPSED = {"Status": "Lapsed"}


def test_the_hosts_own_register_file_clears_blocks_and_clears_again(
    database: Database, world: World
) -> None:
    with database.transaction() as session:
        row = show(session, world)

    assert a_round(database, world.host, {}) == 1
    assert state_of(database, row) is CLEARED

    assert a_round(database, world.host, LAPSED, at=NOW + timedelta(hours=1)) == 1
    assert state_of(database, row) is NOT_CLEARED

    assert a_round(database, world.host, {}, at=NOW + timedelta(hours=2)) == 1
    assert state_of(database, row) is CLEARED


def test_the_homes_register_file_blocks_at_the_host_and_reinstates(
    database: Database, world: World
) -> None:
    with database.transaction() as session:
        row = cleared(session, world)
    assert state_of(database, row) is CLEARED
    a_round(database, world.home, LAPSED, guests=None)
    with database.reading() as session:
        assert missing(session.get_one(Clearance, row.id)) == {"registration"}
    a_round(database, world.home, {}, at=NOW + timedelta(hours=1), guests=None)
    assert state_of(database, row) is CLEARED


NOTHING: dict[str, dict[str, Any]] = {
    "a dry run": {"dry_run": True},
    "an older file": {"as_at": NOW - timedelta(days=1)},
}


@pytest.mark.parametrize("case", NOTHING)
def test_a_file_that_changes_nothing(database: Database, world: World, case: str) -> None:
    with database.transaction() as session:
        row = cleared(session, world)
    assert a_round(database, world.host, LAPSED, **NOTHING[case]) == 1
    assert state_of(database, row) is CLEARED


def test_a_row_of_somebody_else_with_the_number_is_not_theirs(
    database: Database, world: World
) -> None:
    with database.transaction() as session:
        row = cleared(session, world)
    other = {"Surname": "Smith", "Forenames": "Bo", "Date of Birth": "01/01/1970"}
    a_round(database, world.host, other, at=NOW + timedelta(hours=1))
    assert state_of(database, row) is NOT_CLEARED


def test_a_third_trusts_file_is_about_nobody_here(database: Database, world: World) -> None:
    with database.transaction() as session:
        row = cleared(session, world)
    assert a_round(database, world.third, LAPSED) == 0
    assert state_of(database, row) is CLEARED


def test_a_file_with_a_moved_clock_counts_from_when_it_was_made(
    database: Database, world: World
) -> None:
    """The demo's clock is a week ahead of the wall's: a file of today is one of today."""
    ahead = NOW + timedelta(days=7)
    with database.transaction() as session:
        row = show(session, world, now=ahead)
        check(session, row, Status.REGISTERED, now=ahead)
    later = NOW + timedelta(hours=1)
    a_round(database, world.host, LAPSED, at=later, guests=ClearedHere(
        lambda: ahead + timedelta(hours=1)
    ))  # fmt: skip
    assert state_of(database, row) is NOT_CLEARED


def test_the_register_service_is_asked_about_those_who_are_due(
    database: Database, world: World
) -> None:
    with database.transaction() as session:
        row = show(session, world)
        assert clearance_checks.hosts(session) == [world.host.id]
    by = acting_in(job(), world.host.id)
    at = NOW
    with a_register_service() as served:

        def asked() -> int:
            round_ = Round(world.host.id, "NMC", by, at, guests=ClearedHere(lambda: at))
            return take_service(database, served.client(), round_).guests

        assert asked() == 1
        assert state_of(database, row) is CLEARED
        assert asked() == 0  # looked up today
        at = NOW + timedelta(days=2)
        served.entries["01A2345N"] = {**ENTRY, "status": "lapsed"}
        assert asked() == 1
        assert state_of(database, row) is NOT_CLEARED


def lacking(session: Session, world: World) -> Clearance:
    """Everything but one award."""
    row = cleared(session, world)
    award = next(one for one in world.held if one.claims.get("subject_code") == "IPC")
    credential_life.revoke(
        session, credential_id=award.id, reason=Revocation.PROVIDED_IN_ERROR,
        by=officer(world.home), now=NOW,
    )  # fmt: skip
    clearances.redecide(
        session, clearance_ids=[row.id], because="credential.revoked", by=operator(), now=NOW
    )
    assert missing(row) == {"training.IPC"}
    return row


def test_what_was_read_of_another_number_is_not_put_down_for_the_new_one(
    session: Session, world: World
) -> None:
    """The page showed a number; home replaced the registration before the officer pressed."""
    row = show(session, world)
    said = session.get_one(Credential, world.of("professional_registration"))
    said.claims = {**said.claims, "number": "99B9999E"}
    session.flush()
    with pytest.raises(Refused) as refused:
        check(session, row, Status.REGISTERED, number=clearing.NUMBER)
    assert refused.value.code == "number_changed"
    assert session.query(HostRegisterCheck).count() == 0
    assert check(session, row, Status.REGISTERED, number="99B9999E").state is CLEARED


def ask(session: Session, row: Clearance, by: Any, **change: Any) -> Any:
    said: dict[str, Any] = {
        "item": "training.IPC", "because": "Booked for Friday; supervised until then.",
        "until_on": SOON, "now": NOW, **change,
    }  # fmt: skip
    return bypasses.ask_bypass(session, clearance_id=row.id, by=by, **said)


def test_two_people_set_an_item_aside_until_a_day(session: Session, world: World) -> None:
    row = lacking(session, world)
    first, second = (clearing.an_officer(session, world.host) for _ in range(2))

    asked = ask(session, row, first)
    assert row.state is NOT_CLEARED
    assert bypasses.waiting(session, by=second, now=NOW) == [asked]
    bypasses.grant_bypass(session, bypass_id=asked.id, by=second, now=NOW)

    assert (row.state, row.until_on) == (CLEARED, SOON)
    assert bypasses.waiting(session, by=second, now=NOW) == []
    later = NOW + timedelta(days=14)
    clearances.redecide(
        session, clearance_ids=[row.id], because="day.passed", by=operator(), now=later
    )
    assert row.state is NOT_CLEARED


def test_one_person_alone_sets_nothing_aside(session: Session, world: World) -> None:
    row = lacking(session, world)
    first = clearing.an_officer(session, world.host)
    asked = ask(session, row, first)
    with pytest.raises(Refused) as problem:
        bypasses.grant_bypass(session, bypass_id=asked.id, by=first, now=NOW)
    assert problem.value.code == "needs_second_person"
    nobody = officer(world.host)
    with pytest.raises(Refused):
        bypasses.grant_bypass(session, bypass_id=asked.id, by=nobody, now=NOW)
    assert row.state is NOT_CLEARED


def test_the_person_concerned_neither_asks_nor_grants(session: Session, world: World) -> None:
    row = lacking(session, world)
    own = clearing.an_officer(session, world.host, person=world.nurse)
    with pytest.raises(Refused):
        ask(session, row, own)
    asked = ask(session, row, clearing.an_officer(session, world.host))
    with pytest.raises(Refused):
        bypasses.grant_bypass(session, bypass_id=asked.id, by=own, now=NOW)


NEVER = ("agreement", "employment", "identity", "registration", "right_to_work", "barred_list")
WRONG_ASKS: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    **{item: ({"item": item}, Refused) for item in NEVER},
    "an item that is met": ({"item": "training.FIRE"}, Refused),
    "an item that is due at arrival": ({"item": "induction.ward"}, Refused),
    "no such item": ({"item": "wizardry"}, Refused),
    "no reason": ({"because": "  "}, Invalid),
    "a novel": ({"because": "x" * 501}, Invalid),
    "a day that passed": ({"until_on": date(2026, 9, 6)}, Invalid),
    "for too long": ({"until_on": date(2026, 10, 6)}, Invalid),
}


@pytest.mark.parametrize("case", WRONG_ASKS)
def test_what_cannot_be_asked_for(session: Session, world: World, case: str) -> None:
    change, error = WRONG_ASKS[case]
    row = lacking(session, world)
    with pytest.raises(error):
        ask(session, row, clearing.an_officer(session, world.host), **change)


def test_the_longest_bypass(session: Session, world: World) -> None:
    row = lacking(session, world)
    asked = ask(session, row, clearing.an_officer(session, world.host), until_on=date(2026, 10, 5))
    assert asked.until_on == date(2026, 10, 5)


def test_asked_for_once(session: Session, world: World) -> None:
    row = lacking(session, world)
    by = clearing.an_officer(session, world.host)
    ask(session, row, by)
    with pytest.raises(Refused):
        ask(session, row, by)


def test_what_was_refused_ended_or_is_over_is_not_granted(session: Session, world: World) -> None:
    row = lacking(session, world)
    first, second = (clearing.an_officer(session, world.host) for _ in range(2))
    refused = ask(session, row, first)
    bypasses.refuse_bypass(session, bypass_id=refused.id, by=second, now=NOW)
    over = ask(session, row, first)
    with pytest.raises(Refused):
        bypasses.grant_bypass(session, bypass_id=refused.id, by=second, now=NOW)
    with pytest.raises(Refused):
        bypasses.grant_bypass(
            session, bypass_id=over.id, by=second, now=NOW + timedelta(days=14)
        )
    bypasses.grant_bypass(session, bypass_id=over.id, by=second, now=NOW)
    assert row.state is CLEARED
    bypasses.end_bypass(session, bypass_id=over.id, by=first, now=NOW)
    assert row.state is NOT_CLEARED
    with pytest.raises(Refused):
        bypasses.end_bypass(session, bypass_id=over.id, by=first, now=NOW)


def test_bypasses_are_the_hosts_alone(session: Session, world: World) -> None:
    row = lacking(session, world)
    asked = ask(session, row, clearing.an_officer(session, world.host))
    for place in (world.home, world.third):
        by = clearing.an_officer(session, place)
        with pytest.raises(NotFound):
            ask(session, row, by)
        for deed in (bypasses.grant_bypass, bypasses.refuse_bypass, bypasses.end_bypass):
            with pytest.raises(NotFound):
                deed(session, bypass_id=asked.id, by=by, now=NOW)
        assert bypasses.waiting(session, by=by, now=NOW) == []
    coordinator = build.an_actor(world.host)
    with pytest.raises(Forbidden):
        ask(session, row, coordinator)
    unproven = clearing.an_officer(
        session, world.host, AccessRole.EXECUTIVE_ON_CALL, stepped_up=False
    )
    with pytest.raises(Forbidden):
        bypasses.grant_bypass(session, bypass_id=asked.id, by=unproven, now=NOW)
    with pytest.raises(NotFound):
        bypasses.grant_bypass(
            session, bypass_id=UUID(int=1), by=clearing.an_officer(session, world.host), now=NOW
        )

"""Somebody whom two partners employ has a clearance as each one's, and is one human at the host."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_checks, clearance_views
from bankhub.model.clearance_values import ItemState, item_of
from bankhub.model.clearances import Clearance, ClearanceState
from passport.actors import operator
from passport.db import Database
from passport.model.people import Person
from passport.model.register_words import Status
from passport.rules.people.register_answers import Answer, Look
from tests.support import build, clearing, sharing
from tests.support.build_people import NOW
from tests.support.clearing import World, a_world, cleared, give, officer, show, verdict

CLEARED, NOT_CLEARED = ClearanceState.CLEARED, ClearanceState.NOT_CLEARED


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def also_elsewhere(session: Session, world: World, *, linked: bool = True) -> Clearance:
    """The same nurse, cleared as somebody of another partner too."""
    practice = build.an_organisation(session, name="Practice")
    sharing.an_agreement(session, practice, world.host)
    record, _ = build.a_nurse(
        session, practice, papers=False, holder=world.nurse if linked else None
    )
    give(session, practice, record)
    row = show(
        session, world, person_id=record.id, verdict_id=verdict(session, world.host, record).id
    )
    return look(session, world, row, Status.REGISTERED)


def look(session: Session, world: World, row: Clearance, status: Status) -> Clearance:
    return clearance_checks.check_register(
        session, clearance_id=row.id, status=status, by=officer(world.host), now=NOW
    )


def missing(row: Clearance) -> set[str]:
    return {one.code for one in map(item_of, row.items) if one.state is ItemState.MISSING}


def test_what_the_register_says_of_a_number_holds_for_both(
    session: Session, world: World
) -> None:
    """The host knows that the number is suspended, whichever passport showed it."""
    row, other = cleared(session, world), also_elsewhere(session, world)
    assert (row.state, other.state) == (CLEARED, CLEARED)
    look(session, world, row, Status.SUSPENDED)
    session.refresh(other)
    assert (row.state, other.state) == (NOT_CLEARED, NOT_CLEARED)
    assert missing(other) == {"registration"}


def test_a_look_at_the_one_is_a_look_at_the_other(session: Session, world: World) -> None:
    row = show(session, world)
    also_elsewhere(session, world)
    session.refresh(row)
    assert row.state is CLEARED


def test_a_file_says_it_of_both(session: Session, world: World) -> None:
    cleared(session, world)
    other = also_elsewhere(session, world)
    by = operator(world.host.id)
    asked = clearance_checks.asked_here(
        session, organisation_id=world.host.id, body="NMC", by=by, now=NOW
    )
    mine = next(one for one in asked if one.person_id == world.nurse.id)
    answer = Answer(
        status=Status.STRUCK_OFF, given_names=mine.given_name, family_name=mine.family_name
    )
    looks: list[Look] = [(mine, answer)]
    assert clearance_checks.take_looks(
        session, organisation_id=world.host.id, source="register_file", looks=looks, by=by, now=NOW
    )
    session.refresh(other)
    assert other.state is NOT_CLEARED


def test_a_record_that_nobody_confirmed_is_somebody_elses(
    session: Session, world: World
) -> None:
    """Whoever claims a number that is not theirs bars nobody."""
    row, other = cleared(session, world), also_elsewhere(session, world, linked=False)
    look(session, world, other, Status.NOT_FOUND)
    session.refresh(row)
    assert (row.state, other.state) == (CLEARED, NOT_CLEARED)


def test_one_office_reads_the_look_at_either(session: Session, world: World) -> None:
    row, other = cleared(session, world), also_elsewhere(session, world)
    found = clearance_views.one(session, clearance_id=other.id, by=officer(world.host), now=NOW)
    assert {one.person_id for one in found.register_checks} == {row.person_id, other.person_id}
    assert session.get_one(Person, other.person_id).holder_id == world.nurse.holder_id
    assert clearing.events(session, "register.checked")

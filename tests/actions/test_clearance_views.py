"""Who reads which clearance: its host, its home, the person; and each look is written down."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_bypasses, clearance_views, clearances
from bankhub.actions.clearances.clearances import EndReason
from bankhub.model.clearance_values import ItemState
from bankhub.model.clearances import ClearanceState
from bankhub.model.vocabulary import Grade
from passport.actions.people import looks
from passport.actors import AccessRole
from passport.db import Database
from passport.errors import Forbidden, NotFound
from tests.support import build, clearing, sharing
from tests.support.build_people import NOW
from tests.support.clearing import World, a_world, cleared, officer, show

R = AccessRole


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def listed(session: Session, by: Any, **more: Any) -> list[Any]:
    return list(clearance_views.listed(session, by=by, now=NOW, **more))


def test_the_host_lists_whom_it_cleared_and_nobody_else_does(
    session: Session, world: World
) -> None:
    row = cleared(session, world)

    (found,) = listed(session, officer(world.host))

    assert (found.id, found.name, found.home.ods) == (
        row.id, "Ada Okafor", world.home.ods_code,
    )  # fmt: skip
    assert (found.agreement, found.until_on) == (world.agreement.named, clearing.CLEARED_UNTIL)
    assert listed(session, officer(world.home)) == []
    assert listed(session, officer(world.third)) == []
    assert clearance_views.away(session, by=officer(world.host)) == []
    assert [one.id for one in clearance_views.away(session, by=officer(world.home))] == [row.id]


def test_by_state_and_without_what_has_ended(session: Session, world: World) -> None:
    row, by = show(session, world), officer(world.host)
    assert listed(session, by, state=ClearanceState.CLEARED) == []
    assert [one.id for one in listed(session, by, state=ClearanceState.NOT_CLEARED)] == [row.id]
    clearances.end(
        session, clearance_id=row.id, because=EndReason.NO_LONGER_NEEDED, by=by, now=NOW
    )
    assert listed(session, by) == []
    assert [one.id for one in listed(session, by, state=ClearanceState.ENDED)] == [row.id]


def test_a_look_of_the_host_is_read_by_the_person_and_one_of_home_is_none(
    session: Session, world: World
) -> None:
    row, worker = cleared(session, world), build.as_worker(world.nurse)
    session.flush()
    clearance_views.one(session, clearance_id=row.id, by=officer(world.home), now=NOW)
    assert looks.own_looks(session, by=worker) == []

    listed(session, officer(world.host))
    clearance_views.one(session, clearance_id=row.id, by=officer(world.host), now=NOW)

    found = looks.own_looks(session, by=worker)
    assert {(one.ods, one.what) for one in found} == {
        (world.host.ods_code, clearance_views.LOOK_LIST),
        (world.host.ods_code, clearance_views.LOOK_ONE),
    }
    assert {one.basis for one in found} == {world.agreement.named}


def test_host_home_and_person_read_the_same_items(session: Session, world: World) -> None:
    row = cleared(session, world)
    at_host = clearance_views.one(session, clearance_id=row.id, by=officer(world.host), now=NOW)
    at_home = clearance_views.one(session, clearance_id=row.id, by=officer(world.home), now=NOW)
    own = clearance_views.own_one(session, clearance_id=row.id, by=build.as_worker(world.nurse))

    assert at_host.clearance == at_home.clearance == own.clearance
    assert at_host.registration == ("NMC", clearing.NUMBER)
    assert len(at_host.register_checks) == 1
    assert at_host.mine
    for other in (at_home, own):
        assert (other.registration, list(other.register_checks), other.mine) == (None, [], False)


def test_the_number_is_shown_only_where_the_agreement_shares_it(session: Session) -> None:
    world = a_world(session, data_categories=["identity", "assignment", "training"])
    row = show(session, world)
    found = clearance_views.one(session, clearance_id=row.id, by=officer(world.host), now=NOW)
    assert found.registration is None


def test_nobody_else_reads_one(session: Session, world: World) -> None:
    row = cleared(session, world)
    with pytest.raises(NotFound):
        clearance_views.one(session, clearance_id=row.id, by=officer(world.third), now=NOW)
    stranger = build.as_worker(build.a_person(session, world.home))
    with pytest.raises(NotFound):
        clearance_views.own_one(session, clearance_id=row.id, by=stranger)
    assert clearance_views.own(session, by=stranger, now=NOW) == []
    for deed in (clearance_views.listed, clearance_views.own):
        with pytest.raises(Forbidden):
            deed(session, by=officer(world.host, R.BUDGET_HOLDER), now=NOW)


def own(session: Session, world: World) -> list[Any]:
    return list(clearance_views.own(session, by=build.as_worker(world.nurse), now=NOW))


def test_where_i_can_work_before_anything_was_shown(session: Session, world: World) -> None:
    (found,) = own(session, world)
    assert (found.host.id, found.role, found.grade) == (world.host.id, "rn_adult", Grade.BAND_5)
    assert (found.clearance_id, found.state) == (None, ClearanceState.NOT_CLEARED)
    assert found.agreements == (world.agreement.named,)
    open_ones = [one.code for one in found.items if one.state is ItemState.MISSING]
    assert open_ones == ["registration", "passport_shown"]


def test_where_i_can_work_once_cleared(session: Session, world: World) -> None:
    row = cleared(session, world)
    (found,) = own(session, world)
    assert (found.clearance_id, found.state, found.until_on) == (
        row.id, ClearanceState.CLEARED, clearing.CLEARED_UNTIL,
    )  # fmt: skip


def test_work_that_is_not_covered_and_hosts_of_ones_own_are_left_out(
    session: Session, world: World
) -> None:
    sharing.an_agreement(
        session, world.home, world.third,
        scope=[{"staff_group": "nursing_midwifery", "grades": ["band_6"]}],
    )  # fmt: skip
    assert [one.host.id for one in own(session, world)] == [world.host.id]
    there = build.a_person(session, world.host, holder=world.nurse)
    build.a_post(session, there)
    assert own(session, world) == []


def test_what_an_agreement_no_longer_opens_stands_with_why(
    session: Session, world: World
) -> None:
    row = cleared(session, world)
    sharing.standing(session, world.agreement, world.host).suspended_at = NOW
    build.an_event(session, world.host.id)
    session.flush()
    clearances.redecide_pairs(
        session, agreement_id=world.agreement.agreement_id, because="agreement.party_suspended",
        by=officer(world.host), now=NOW,
    )  # fmt: skip
    (found,) = own(session, world)
    assert (found.clearance_id, found.state, found.agreements) == (
        row.id, ClearanceState.NOT_CLEARED, (),
    )  # fmt: skip
    assert [one.code for one in found.items] == ["agreement"]


def test_the_day_shown_is_the_last_that_may_be_booked(session: Session) -> None:
    """Wind-down honours what was booked; nothing new is booked in it."""
    world = a_world(session, ends_on="2026-12-31")
    row = cleared(session, world)
    assert row.until_on == date(2027, 1, 28)
    (found,) = listed(session, officer(world.host))
    assert found.until_on == date(2026, 12, 31)


def test_bypasses_stand_on_the_checklist(session: Session, world: World) -> None:
    row = cleared(session, world)
    award = next(one for one in world.held if one.claims.get("subject_code") == "IPC")
    session.delete(award)
    clearances.redecide(
        session, clearance_ids=[row.id], because="test", by=officer(world.host), now=NOW
    )
    asked = clearance_bypasses.ask_bypass(
        session, clearance_id=row.id, item="training.IPC", because="Supervised.",
        until_on=date(2026, 9, 20), by=clearing.an_officer(session, world.host), now=NOW,
    )  # fmt: skip
    found = clearance_views.one(session, clearance_id=row.id, by=officer(world.host), now=NOW)
    assert [one.id for one in found.bypasses] == [asked.id]

"""What an agreement, a policy, a leaver, a link and a day that passed mean for a clearance."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_doors, clearance_views, clearances
from bankhub.actions.clearances.clearances import EndReason
from bankhub.actions.settings import policies
from bankhub.model.clearance_values import ItemState, item_of
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.policies import PolicyKind
from bankhub.model.reference import national_policies
from bankhub.model.vocabulary import StaffGroup
from passport.actions.people import linking, people
from passport.actions.people.evidence import add_facts
from passport.actions.signing import credential_life
from passport.actors import AccessRole, job, operator
from passport.db import Database
from passport.errors import Forbidden
from passport.model.facts import FactKind, FactValue
from passport.model.people import Person
from tests.support import build, clearing, issuing, sharing
from tests.support.build_people import NOW
from tests.support.clearing import World, a_world, cleared, officer

CLEARED, NOT_CLEARED, ENDED = ClearanceState
TODAY = NOW.date()


@pytest.fixture
def world(database: Database) -> World:
    with database.transaction() as session:
        return a_world(session)


@pytest.fixture
def open_one(database: Database, world: World) -> Clearance:
    with database.transaction() as session:
        return cleared(session, world)


def now_at(database: Database, row: Clearance) -> Clearance:
    """The clearance as it stands, after whatever was committed."""
    with database.reading() as session:
        return session.get_one(Clearance, row.id)


def missing(row: Clearance) -> set[str]:
    return {one.code for one in map(item_of, row.items) if one.state is ItemState.MISSING}


def test_what_ends_earlier_blocks_what_lies_behind_and_tells(
    database: Database, world: World, open_one: Clearance
) -> None:
    """Still cleared, but not on the day of the second booking."""
    with database.transaction() as session:
        clearing.a_booking(session, world, days=3)
        later = clearing.a_booking(session, world, days=20)
    soon = (NOW + timedelta(days=10)).date()
    with database.transaction() as session:
        sharing.standing(session, world.agreement, world.home).leaves_on = soon
        build.an_event(session, world.home.id)
        version = session.get_one(sharing.AgreementVersion, world.agreement.version_id)
        version.terms = {**version.terms, "wind_down_days": 2}
        session.flush()
        clearances.redecide_pairs(
            session, agreement_id=world.agreement.agreement_id, because="agreement.notice",
            by=operator(world.home.id), now=NOW,
        )  # fmt: skip
    row = now_at(database, open_one)
    assert (row.state, row.until_on) == (CLEARED, soon + timedelta(days=2))
    with database.reading() as session:
        last = clearing.events(session, "clearance.decided")[-1]
    assert last.detail["blocked"] == [str(later.id)]


def test_a_suspended_party_blocks_at_once_and_lifting_it_clears(
    database: Database, world: World, open_one: Clearance
) -> None:
    def suspended(at: Any) -> Clearance:
        with database.transaction() as session:
            sharing.standing(session, world.agreement, world.home).suspended_at = at
            build.an_event(session, world.home.id)
            session.flush()
            clearances.redecide_pairs(
                session, agreement_id=world.agreement.agreement_id,
                because="agreement.party_suspended", by=operator(world.home.id), now=NOW,
            )  # fmt: skip
        return now_at(database, open_one)

    found = suspended(NOW)
    assert (found.state, missing(found)) == (NOT_CLEARED, {"agreement"})
    assert [one["code"] for one in found.items] == ["agreement"]
    assert suspended(None).state is CLEARED


def test_another_agreement_between_the_two_takes_over(
    database: Database, world: World, open_one: Clearance
) -> None:
    with database.transaction() as session:
        other = sharing.an_agreement(session, world.home, world.host, ends_on="2026-12-31")
        agreement = session.get_one(sharing.Agreement, world.agreement.agreement_id)
        agreement.ends_on, agreement.for_safety = date(2026, 9, 6), True
        session.flush()
        clearances.redecide_pairs(
            session, agreement_id=agreement.id, because="agreement.terminated",
            by=operator(world.home.id), now=NOW,
        )  # fmt: skip
    row = now_at(database, open_one)
    assert (row.state, row.version_id) == (CLEARED, other.version_id)


def adopt(
    session: Session,
    world: World,
    group: StaffGroup | None,
    from_on: date = TODAY,
    **values: Any,
) -> None:
    national = dict(national_policies(PolicyKind.CLEARANCE)[0].values)
    policies.adopt(
        session, kind=PolicyKind.CLEARANCE, staff_group=group, from_on=from_on,
        values={**national, **values}, source="Board 12",
        by=officer(world.host, AccessRole.BANK_MANAGER, stepped_up=True), now=NOW,
    )  # fmt: skip


def test_a_stricter_policy_of_the_host_decides_again(
    database: Database, world: World, open_one: Clearance
) -> None:
    asks = {"rn_adult": {"competences": ["IV"]}}
    with database.transaction() as session:
        adopt(session, world, StaffGroup.HCA, roles=asks)
    assert now_at(database, open_one).state is CLEARED
    with database.transaction() as session:
        adopt(session, world, StaffGroup.NURSING_MIDWIFERY, roles=asks)
    assert missing(now_at(database, open_one)) == {"competence.IV"}


def test_a_policy_for_later_bounds_today_and_the_bookings_behind_are_told(
    database: Database, world: World, open_one: Clearance
) -> None:
    with database.transaction() as session:
        clearing.a_booking(session, world, days=3)
        behind = clearing.a_booking(session, world, days=30)
    day = (NOW + timedelta(days=20)).date()
    with database.transaction() as session:
        adopt(
            session, world, StaffGroup.NURSING_MIDWIFERY, day,
            roles={"rn_adult": {"competences": ["IV"]}},
        )  # fmt: skip
    row = now_at(database, open_one)
    assert (row.state, row.until_on) == (CLEARED, day - timedelta(days=1))
    with database.reading() as session:
        last = clearing.events(session, "clearance.decided")[-1]
    assert last.detail["blocked"] == [str(behind.id)]
    with database.transaction() as session:
        later = NOW + timedelta(days=20)
        clearance_doors.keep(session, after=None, by=job(), now=later)
    row = now_at(database, open_one)
    assert (row.state, missing(row)) == (NOT_CLEARED, {"competence.IV"})


def test_another_hosts_policy_changes_nothing_here(
    database: Database, world: World, open_one: Clearance
) -> None:
    with database.transaction() as session:
        adopt(session, replace(world, host=world.third), None, roles={
            "rn_adult": {"competences": ["IV"]}
        })  # fmt: skip
    assert now_at(database, open_one).state is CLEARED


def test_whoever_leaves_home_is_cleared_nowhere(
    database: Database, world: World, open_one: Clearance
) -> None:
    with database.transaction() as session:
        people.let_go(session, person_id=world.nurse.id, by=officer(world.home), now=NOW)
    row = now_at(database, open_one)
    assert (row.state, row.ended_because) == (ENDED, EndReason.LEFT_HOME)


def test_a_second_post_needs_the_hosts_own_check_of_the_right_to_work(
    database: Database,
) -> None:
    with database.transaction() as session:
        world = a_world(session, employed_by="second_post")
        row = cleared(session, world)
        assert missing(row) == {"right_to_work"}
        here = clearing.same_human(session, world, world.host)
    right = FactValue(FactKind.RIGHT_TO_WORK, {"route": "unlimited"})
    with database.transaction() as session:
        add_facts(
            session, person_id=here.id, entries=[right], source="by_hand",
            by=officer(world.host), now=NOW,
        )  # fmt: skip
    assert missing(now_at(database, row)) == {"right_to_work"}  # nobody said it is her
    worker = build.as_worker(world.nurse)
    with database.transaction() as session:
        (link,) = linking.look_for_links(session, by=worker, now=NOW)
        linking.confirm(session, link_id=link.link_id, by=worker, now=NOW)
    assert now_at(database, row).state is CLEARED
    with database.transaction() as session:
        linking.undo(session, link_id=link.link_id, by=worker, now=NOW)
    assert missing(now_at(database, row)) == {"right_to_work"}


def test_linked_to_another_record_the_clearance_follows_its_human(
    database: Database, world: World, open_one: Clearance
) -> None:
    with database.transaction() as session:
        first = clearing.same_human(session, world, world.third)
    with database.transaction() as session:
        by = build.as_worker(first)
        (link,) = linking.look_for_links(session, by=by, now=NOW)
        linking.confirm(session, link_id=link.link_id, by=by, now=NOW)
    assert now_at(database, open_one).holder_id == first.id
    with database.transaction() as session:
        linking.undo(session, link_id=link.link_id, by=by, now=NOW)
    assert now_at(database, open_one).holder_id == world.nurse.id


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2026, 10, 9), "registration"), (date(2027, 6, 2), "training.IPC")],
)
def test_days_that_pass_are_noticed_at_night(
    database: Database, world: World, open_one: Clearance, day: date, code: str
) -> None:
    later = NOW.replace(year=day.year, month=day.month, day=day.day)
    after, rounds = None, 0
    while True:
        with database.transaction() as session:
            after = clearance_doors.keep(session, after=after, by=job(), now=later)
        rounds += 1
        if after is None:
            break
    assert code in missing(now_at(database, open_one))
    assert rounds == 2


def test_a_changed_name_changes_no_clearance(
    database: Database, world: World, open_one: Clearance
) -> None:
    """The record and the identity on the passport take the new name; whom it is of does not."""
    hr = officer(world.home, AccessRole.HR_OFFICER, stepped_up=True)
    with database.transaction() as session:
        fields: people.PersonFields = {"family_name": "Stone"}
        people.correct_person(session, person_id=world.nurse.id, fields=fields, by=hr, now=NOW)
        nurse = session.get_one(Person, world.nurse.id)
        said = issuing.claims_of(nurse, ods=world.home.ods_code)["identity"]
        assert said["legal_family_name"] == "Stone"
        credential_life.renew(
            session, credential_id=world.of("identity"), claims=said, by=hr, now=NOW
        )
    row = now_at(database, open_one)
    assert (row.state, row.until_on) == (CLEARED, clearing.CLEARED_UNTIL)
    with database.transaction() as session:
        (listed,) = clearance_views.listed(session, by=officer(world.host), now=NOW)
        assert listed.name.endswith("Stone")


def test_a_night_without_change_records_nothing(
    database: Database, world: World, open_one: Clearance
) -> None:
    with database.transaction() as session:
        clearance_doors.keep(session, after=None, by=job(), now=NOW + timedelta(days=1))
        assert len(clearing.events(session, "clearance.decided")) == 1
    with pytest.raises(Forbidden), database.transaction() as session:
        clearance_doors.keep(session, after=None, by=officer(world.host), now=NOW)


@pytest.mark.parametrize(
    ("day", "state"),
    [(date(2028, 1, 28), NOT_CLEARED), (date(2028, 1, 29), ENDED)],
)
def test_once_the_agreement_is_wound_down_it_is_closed(
    database: Database, world: World, open_one: Clearance, day: date, state: ClearanceState
) -> None:
    """The last day of wind-down: the papers ended long before, and the row stays open."""
    later = NOW.replace(year=day.year, month=day.month, day=day.day)
    with database.transaction() as session:
        clearance_doors.keep(session, after=None, by=job(), now=later)
    row = now_at(database, open_one)
    assert row.state is state
    assert row.ended_because == (EndReason.WOUND_DOWN if state is ENDED else "")


def test_a_suspended_partys_people_are_not_closed(
    database: Database, world: World, open_one: Clearance
) -> None:
    with database.transaction() as session:
        sharing.standing(session, world.agreement, world.home).suspended_at = NOW
        build.an_event(session, world.home.id)
    with database.transaction() as session:
        clearance_doors.keep(session, after=None, by=job(), now=NOW)
    assert now_at(database, open_one).state is NOT_CLEARED

"""Tasks after a deployment that are past their day: who is reminded of which, and until when."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.deployments import deployment_reminders
from bankhub.model.deployments import Deployment, DeploymentState
from passport.actors import AccessRole, job
from passport.db import Database
from passport.events import Notice
from passport.model.accounts import Account, RoleGrant
from passport.model.organisations import Organisation
from tests.actions.test_agreement_ends import a_manager
from tests.support.build import NOW
from tests.support.build_deployments import Sharing, a_pair, at, taken_to, tick_all
from tests.support.build_people import kept

S = DeploymentState


def returned(session: Session, pair: Sharing) -> tuple[Deployment, datetime]:
    """What came back, and the day after its last."""
    found = taken_to(session, pair, S.RETURNED)
    assert found.ends_on is not None
    return found, at(found.ends_on) + timedelta(days=1)


def officers(session: Session, *where: Organisation) -> list[Account]:
    return [a_manager(session, one, AccessRole.HR_OFFICER) for one in where]


def letters(session: Session, now: datetime) -> dict[object, Notice]:
    """Those written by a round at that moment, by whom they are to. A second round writes none."""
    before = set(session.scalars(sa.select(Notice.id)))
    count = deployment_reminders.remind(session, by=job(), now=now)
    assert deployment_reminders.remind(session, by=job(), now=now) == 0
    new = [one for one in session.scalars(sa.select(Notice)) if one.id not in before]
    assert len(new) == count
    return {one.to_account_id: one for one in new}


def partners(letter: Notice, part: str) -> set[str]:
    return {one["partner"] for one in letter.context[part]["tasks"]}


def titles(letter: Notice, part: str) -> set[str]:
    return {one["title"] for one in letter.context[part]["tasks"]}


def test_an_overdue_task_reminds_its_owner_and_home_each_day_until_it_is_done(
    database: Database,
) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        home, host = officers(session, pair.home, pair.host)
        found, after = returned(session, pair)
        assert letters(session, after) == {}  # due that very day
        for days in (1, 2):
            told = letters(session, after + timedelta(days=days))
            assert set(told) == {home.id, host.id}
            assert {one.template for one in told.values()} == {"deployment_overdue"}
            assert partners(told[host.id], "own") == {pair.home.name}
            assert partners(told[home.id], "partners") == {pair.host.name}
            assert partners(told[host.id], "partners") == partners(told[home.id], "own") == set()
            assert pair.nurse.family_name not in str([one.context for one in told.values()])
        tick_all(session, pair, found, "return", now=after + timedelta(days=2))
        assert letters(session, after + timedelta(days=3)) == {}


def test_the_manager_hears_too_and_nobody_elsewhere(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        host = a_manager(session, pair.host)
        a_manager(session, pair.home)
        found, after = returned(session, pair)
        assert set(letters(session, after + timedelta(days=1))) == {host.id}
        assert found.state is S.RETURNED


def test_homes_own_task_is_for_home_alone(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        home, host = officers(session, pair.home, pair.host)
        _, after = returned(session, pair)
        told = letters(session, after + timedelta(days=70))
        homes = {"Competence gained put on record", "Last recharge settled"}
        assert titles(told[home.id], "own") == homes
        assert titles(told[home.id], "partners") == titles(told[host.id], "own")
        assert not titles(told[host.id], "own") & homes


def test_of_many_some_are_named_and_all_are_counted(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        (host,) = officers(session, pair.host)
        _, after = returned(session, pair)
        most, deployment_reminders.MOST_NAMED = deployment_reminders.MOST_NAMED, 2
        try:
            told = letters(session, after + timedelta(days=1))
        finally:
            deployment_reminders.MOST_NAMED = most
        own = told[host.id].context["own"]
        assert (len(own["tasks"]), own["count"] > 2) == (2, True)


def test_who_holds_both_offices_has_one_letter(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        (home,) = officers(session, pair.home)
        grant = RoleGrant(
            account_id=home.id, organisation_id=pair.home.id, role=AccessRole.BANK_MANAGER,
            granted_at=NOW,
        )  # fmt: skip
        kept(session, grant, pair.home.id)
        _, after = returned(session, pair)
        assert set(letters(session, after + timedelta(days=70))) == {home.id}

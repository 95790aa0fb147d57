"""Ends and warnings: what closes at midnight, a class closed in one act, letters each once; and
the worker's round over a real service."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.worker.jobs import Jobs
from bankhub.worker.registers import RegisterJobs
from passport.actions.registers import ends_soon, register_classes, watching
from passport.actors import AccessRole as R
from passport.actors import job, operator
from passport.config import Config
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound
from passport.events import Notice
from passport.model.facts import Fact, FactKind
from passport.model.people import Person
from passport.model.register_words import Status
from tests.support import build
from tests.support.registers import TOKEN, a_register_service, nmc_file
from tests.support.watched import NOW, PIN, Trust, a_trust, hr_of

TODAY = NOW.date()
EMERGENCY = {"Status": "Temporary registration", "Expiry Date": ""}


@pytest.fixture
def trust(database: Database) -> Trust:
    return a_trust(database)


def jobs(trust: Trust, url: str = "", at: datetime = NOW) -> RegisterJobs:
    config = Config(database_url="", secret_key="5" * 64, master_key="a7" * 32,
                    register_url=url, register_token=TOKEN)  # fmt: skip
    return RegisterJobs(Jobs.over(trust.database, config, lambda: at, lambda: at))


def end(trust: Trust, on: date, **more: Any) -> int:
    said = {"body": "NMC", "status": Status.TEMPORARY_EMERGENCY, "organisation_id": None,
            "by": operator(), "now": NOW, **more}  # fmt: skip
    return trust.database.attempt(
        lambda session: register_classes.end_class(session, on=on, **said)
    )


def test_the_worker_asks_about_everybody_who_is_due_and_then_about_nobody(trust: Trust) -> None:
    with a_register_service() as served:
        assert jobs(trust, served.url).check_registers() == 1
        assert jobs(trust, served.url).check_registers() == 0
        assert jobs(trust, served.url, NOW + timedelta(days=1)).check_registers() == 1
        assert len(served.asked) == 2
    assert jobs(trust).check_registers() == 0, "no service is set"


def test_a_round_that_was_held_is_not_asked_again_at_the_next_tick(trust: Trust) -> None:
    with trust.database.transaction() as session:
        for number in range(2000, 2025):
            one = build.a_person(session, trust.world.organisation, family_name=f"Bell{number}")
            build.a_fact(session, one, FactKind.REGISTRATION, {**PIN, "number": f"01A{number}N"},
                         lookup=f"NMC:01A{number}N")  # fmt: skip
    with a_register_service({}) as served:
        jobs(trust, served.url).check_registers()
        asked = len(served.asked)
        jobs(trust, served.url).check_registers()
        assert len(served.asked) == asked == 26
    assert trust.letters() == ["registers_held"]
    assert trust.status() == ("registered", "held")


def test_a_registration_that_nobody_renewed_ends_at_midnight(trust: Trust) -> None:
    trust.file(nmc_file({"Expiry Date": TODAY.isoformat()}))
    assert jobs(trust).close_registrations() == 0
    assert trust.status() == ("registered", "held")
    tomorrow = jobs(trust, at=NOW + timedelta(days=1))
    assert tomorrow.close_registrations() == 1
    assert tomorrow.close_registrations() == 0
    assert trust.status() == ("registered", "suspended")
    assert "registration_changed_home" in trust.letters()
    trust.file(nmc_file({}), as_at=NOW + timedelta(days=1), hours=24)
    assert trust.status() == ("registered", "held"), "the register let it go"


def test_a_class_that_is_closed_ends_for_everybody_in_one_act(trust: Trust) -> None:
    trust.file(nmc_file(EMERGENCY))
    assert trust.credential().claims["registration_status"] == "TEMPORARY_EMERGENCY"
    with trust.database.reading() as session:
        found = register_classes.in_class(
            session, body="NMC", status=Status.TEMPORARY_EMERGENCY, organisation_id=None,
            by=operator(),
        )  # fmt: skip
        assert [person.id for person, _, _ in found] == [trust.nurse]
    assert end(trust, TODAY - timedelta(days=1)) == 1
    assert trust.status() == ("lapsed", "suspended")
    assert end(trust, TODAY - timedelta(days=1)) == 0


def test_a_class_that_closes_later_holds_until_then(trust: Trust) -> None:
    trust.file(nmc_file(EMERGENCY))
    checked = trust.credential().claims["checked_at"]
    on = TODAY + timedelta(days=30)
    assert end(trust, on, now=NOW + timedelta(hours=1)) == 1
    assert trust.status() == ("registered", "held")
    claims = trust.credential().claims
    assert (claims["expiry_date"], claims["checked_at"]) == (on.isoformat(), checked)
    assert jobs(trust, at=NOW + timedelta(days=31)).close_registrations() == 1


def test_a_class_of_others_is_not_touched(trust: Trust) -> None:
    trust.file(nmc_file({}))
    assert end(trust, TODAY - timedelta(days=1)) == 0
    assert end(trust, TODAY - timedelta(days=1), body="GMC") == 0
    assert trust.status() == ("registered", "held")


def test_what_is_no_class_or_no_register_is_refused(trust: Trust) -> None:
    for wrong in ({"status": Status.LAPSED}, {"status": Status.UNKNOWN}, {"body": "XYZ"}):
        with pytest.raises(Invalid, match="class_end"):
            end(trust, TODAY, **wrong)


def test_only_the_operator_ends_a_class_everywhere(trust: Trust) -> None:
    officer = build.an_actor(trust.world.organisation, R.HR_OFFICER)
    with pytest.raises(Invalid, match="class_end"):
        end(trust, TODAY, by=officer)
    with trust.database.transaction() as session:
        other = build.an_organisation(session).id
    with pytest.raises(NotFound):
        end(trust, TODAY, by=officer, organisation_id=other)
    with pytest.raises(Forbidden):
        end(trust, TODAY, by=build.an_actor(trust.world.organisation, R.WARD_REQUESTER),
            organisation_id=trust.world.id)  # fmt: skip
    trust.file(nmc_file(EMERGENCY))
    assert end(trust, TODAY - timedelta(days=1), by=officer, organisation_id=trust.world.id) == 1


def test_an_officer_of_the_class_does_not_end_it_for_themselves_alone(trust: Trust) -> None:
    trust.file(nmc_file(EMERGENCY))
    with trust.database.reading() as session:
        nurse = session.get_one(Person, trust.nurse)
        officer = build.an_actor(trust.world.organisation, R.HR_OFFICER, person=nurse)
    assert end(trust, TODAY - timedelta(days=1), by=officer, organisation_id=trust.world.id) == 1
    assert trust.status() == ("lapsed", "suspended"), "bad news is nobody's own to stop"


def test_warnings_are_written_90_30_and_7_days_before_each_once(trust: Trust) -> None:
    trust.file(nmc_file({"Expiry Date": (TODAY + timedelta(days=100)).isoformat()}))
    told = {}
    for day in (0, 10, 11, 50, 70, 71, 93, 94, 100, 101):
        told[day] = jobs(trust, at=NOW + timedelta(days=day)).warn_of_ends()
    assert {day for day, letters in told.items() if letters} == {10, 70, 93}
    with trust.database.reading() as session:
        letters = session.scalars(sa.select(Notice).where(Notice.template == "ends_soon")).all()
        assert {one.to_person_id for one in letters} == {trust.nurse}
        assert "regulator" in letters[0].context["act"]
        officers = session.scalars(
            sa.select(Notice).where(Notice.template == "ends_soon_home")
        ).all()
        assert {one.to_account_id for one in officers} == {trust.hr}
        assert all(one.context == {} for one in officers)


def test_what_is_first_seen_late_is_warned_of_once(trust: Trust) -> None:
    trust.file(nmc_file({"Expiry Date": (TODAY + timedelta(days=20)).isoformat()}))
    jobs(trust).warn_of_ends()
    with trust.database.reading() as session:
        found = session.scalars(sa.select(Notice).where(Notice.template == "ends_soon")).all()
    assert len(found) == 1


def test_dbs_and_right_to_work_are_warned_of_and_whoever_left_is_not(trust: Trust) -> None:
    soon = TODAY + timedelta(days=5)
    with trust.database.transaction() as session:
        one = build.a_person(session, trust.world.organisation, family_name="Bright")
        left = build.a_person(session, trust.world.organisation, family_name="Gone", left_at=NOW)
        for person in (one, left):
            for kind, value in (
                (FactKind.DBS, {"level": "enhanced", "workforce": "adult"}),
                (FactKind.RIGHT_TO_WORK, {"route": "limited"}),
            ):
                build.a_fact(session, person, kind, value, valid_until=soon)
        one_id = one.id
    jobs(trust).warn_of_ends()
    with trust.database.reading() as session:
        told = session.scalars(sa.select(Notice).where(Notice.template == "ends_soon")).all()
        assert [notice.to_person_id for notice in told] == [one_id, one_id]
        listed = ends_soon.ending(session, by=operator(trust.world.id), now=NOW)
        assert {(one.person_id, one.kind) for one in listed} == {
            (one_id, FactKind.DBS), (one_id, FactKind.RIGHT_TO_WORK),
        }  # fmt: skip


def test_a_person_without_credentials_is_told_themselves(trust: Trust) -> None:
    with trust.database.transaction() as session:
        other = build.an_organisation(session)
        one = build.a_person(session, other, family_name="Bright", given_name="Ben")
        fact = build.a_fact(session, one, FactKind.REGISTRATION, PIN, lookup="NMC:01A2345N")
        hr_of(session, other.id)
        watching.tell_change(
            session, fact=session.get_one(Fact, fact.id), status=Status.LAPSED, holder_told=False,
            by=job(), now=NOW,
        )  # fmt: skip
    assert trust.letters() == ["registration_changed", "registration_changed_home"]

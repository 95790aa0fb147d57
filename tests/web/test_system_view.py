"""The system view on its page and on the API: figures without people, small counts hidden."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.agreements import system_view
from bankhub.model.agreement_terms import Instrument
from bankhub.model.agreements import Agreement, AgreementVersion
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.deployments import Deployment, DeploymentState
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreements import system_view as rules
from passport.actors import AccessRole as R
from passport.model.organisations import (
    MembershipKind,
    Organisation,
    OrganisationKind,
    OrganisationMembership,
)
from tests.support import agreed, build
from tests.support.build_people import kept
from tests.support.desk import NOW, Desk, Staff, a_desk
from tests.support.filled import three_weeks

PAGE, API = "/system", "/api/v1/system-view"


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    desk = a_desk(sqlite_url)
    three_weeks(desk)
    return desk


@pytest.fixture
def analyst(desk: Desk) -> Staff:
    """Of the system's board: the trust is its member."""
    return desk.person(R.SYSTEM_ANALYST)


def read(staff: Staff, **asked: Any) -> dict[str, Any]:
    answer = staff.get(API, query_string=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


class Shared:
    """People of a home organisation taken on at the desk's trust."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

        def make(session: Any) -> None:
            self.home = build.an_organisation(session, name="Elsewhere NHS Trust")
            agreement = Agreement(
                reference="WSA-1", title="Sharing", lead_id=desk.trust.id, made_at=NOW
            )
            kept(session, agreement, desk.trust.id)
            self.version = AgreementVersion(
                agreement_id=agreement.id, number=1, terms={}, made_at=NOW
            )
            kept(session, self.version, desk.trust.id)

        desk.do(make)

    def cleared(
        self,
        *subjects: str,
        host: Organisation | None = None,
        days: int = 1,
        took: float | None = None,
    ) -> None:
        """`took`: days from the first showing until cleared; None = never yet."""
        where = host or self.desk.trust

        def make(session: Any) -> None:
            made = NOW - timedelta(days=days)
            person = build.a_person(session, self.home)
            kept(session, Clearance(
                host_id=where.id, home_id=self.home.id, person_id=person.id,
                holder_id=person.holder_id, version_id=self.version.id,
                staff_group=StaffGroup.NURSING_MIDWIFERY, role="rn_adult", grade=Grade.BAND_5,
                instrument=Instrument.BANK_ASSIGNMENT, state=ClearanceState.CLEARED,
                items=[{"code": f"training.{one}", "state": "met"} for one in subjects],
                shown_at=made, made_at=made, decided_at=NOW, decided_because="shown",
                cleared_at=None if took is None else made + timedelta(days=took),
            ), where.id)  # fmt: skip

        self.desk.do(make)

    def deployed(self, days: float) -> None:
        def make(session: Any) -> None:
            person = build.a_person(session, self.home)
            kept(session, Deployment(
                person_id=person.id, holder_id=person.holder_id, home_id=self.home.id,
                host_id=self.desk.trust.id, version_id=self.version.id,
                instrument=Instrument.LICENCE_TO_ATTEND, role="rn_adult", grade=Grade.BAND_5,
                staff_group=StaffGroup.NURSING_MIDWIFERY, duties="Ward nurse",
                starts_on=NOW.date(), state=DeploymentState.CHECKED,
                proposed_at=NOW - timedelta(days=days + 1), checked_at=NOW - timedelta(days=1),
            ), self.desk.trust.id)  # fmt: skip

        self.desk.do(make)


def test_shared_shifts_hours_and_fill_gained(desk: Desk) -> None:
    found = read(desk.person(R.BANK_MANAGER))
    total = found["total"]
    assert total["by_partners"]["shifts"] == 6
    assert total["gained_share"] == pytest.approx(6 / total["requested"]["shifts"])
    (line,) = found["lines"]
    assert line["name"] == "Rivermead NHS Trust"
    page = desk.person(R.BANK_MANAGER).get(PAGE).text
    assert "Shifts filled by partners" in page
    assert f"{100 * total['gained_share']:.1f}%" in page


@pytest.mark.parametrize("by", ["trust", "staff_group", "week"])
def test_an_analyst_sees_no_small_count(desk: Desk, analyst: Staff, by: str) -> None:
    """Partners filled two shifts a week."""
    exact = read(desk.person(R.BANK_MANAGER), by=by)
    assert any(0 < line["by_partners"]["shifts"] < 5 for line in exact["lines"]) == (by == "week")
    found = read(analyst, by=by)
    assert found["suppressed_under"] == 5
    shown = [
        line[name]["shifts"]
        for line in (*found["lines"], found["total"])
        for name in ("requested", "by_partners")
        if line[name]
    ]
    assert not [count for count in shown if 0 < count < 5]
    hidden = [line for line in found["lines"] if line["by_partners"] is None]
    assert all(line["gained_share"] is None for line in hidden)


def test_the_totals_are_the_same_whichever_way_they_are_grouped(
    desk: Desk, analyst: Staff
) -> None:
    """Partners filled two shifts a week: what one grouping hides for that no other shows."""
    totals = [read(analyst, by=by)["total"] for by in ("trust", "staff_group", "week")]
    assert totals[0] == totals[1] == totals[2]


def test_training_avoided_by_subject_and_hidden_under_five(desk: Desk, analyst: Staff) -> None:
    shared = Shared(desk)
    for number in range(5):
        shared.cleared("FIRE", *(["MH"] if number else []))
    found = {one["subject"]: one for one in read(analyst)["training_avoided"]}
    assert found["FIRE"] == {"subject": "FIRE", "people": 5, "minutes": 150}
    assert found["MH"] == {"subject": "MH", "people": None, "minutes": None}
    assert read(analyst)["training_minutes_avoided"] == 150
    page = analyst.get(PAGE).text
    assert "at least 2 h 30 min" in page
    assert read(desk.person(R.AUDITOR))["training_minutes_avoided"] == 150 + 4 * 120


def test_another_hosts_people_and_other_weeks_are_not_counted(desk: Desk) -> None:
    shared = Shared(desk)
    other = desk.do(lambda session: build.an_organisation(session, name="Third NHS Trust"))
    shared.cleared("FIRE", host=other)
    shared.cleared("FIRE", days=400)
    assert read(desk.person(R.BANK_MANAGER))["training_avoided"] == []


def test_days_from_proposal_to_cleared(desk: Desk, analyst: Staff) -> None:
    shared = Shared(desk)
    for days in (1, 2, 9, 4):
        shared.deployed(days)
    assert read(analyst)["people_cleared"] is None
    assert "too few people" in analyst.get(PAGE).text
    assert read(desk.person(R.BANK_MANAGER))["median_days_to_cleared"] == 3.0
    shared.deployed(30)
    found = read(analyst)
    assert (found["people_cleared"], found["median_days_to_cleared"]) == (5, 4.0)


def test_days_to_cleared_count_single_shifts_from_the_first_showing(desk: Desk) -> None:
    shared = Shared(desk)
    manager = desk.person(R.BANK_MANAGER)
    for took in (1.0, 3.0):
        shared.cleared("FIRE", days=5, took=took)
    shared.cleared("FIRE", days=5)  # never cleared
    shared.cleared("FIRE", days=400, took=200)  # in other weeks
    found = read(manager)
    assert (found["people_cleared"], found["median_days_to_cleared"]) == (2, 2.0)
    shared.deployed(9)
    found = read(manager)
    assert (found["people_cleared"], found["median_days_to_cleared"]) == (3, 3.0)


def test_a_clearance_for_a_deployment_counts_once(desk: Desk) -> None:
    shared = Shared(desk)
    shared.cleared("FIRE", days=5, took=1)
    shared.deployed(9)

    def join(session: Any) -> None:
        deployment = session.scalars(sa.select(Deployment)).one()
        deployment.clearance_id = session.scalars(sa.select(Clearance.id)).one()
        build.an_event(session, desk.trust.id)

    desk.do(join)
    found = read(desk.person(R.BANK_MANAGER))
    assert (found["people_cleared"], found["median_days_to_cleared"]) == (1, 9.0)


def test_nobody_is_named(desk: Desk, analyst: Staff) -> None:
    shared = Shared(desk)
    for _ in range(6):
        shared.cleared("FIRE")
        shared.deployed(3)
    names = desk.do(
        lambda session: {
            text
            for clearance in session.scalars(sa.select(Clearance))
            for text in (str(clearance.person_id), str(clearance.holder_id), str(clearance.id))
        }
    )
    for said in (analyst.get(PAGE).text, analyst.get(API).text):
        assert not [name for name in names if name in said]


@pytest.mark.parametrize(
    "asked", ["from=1999-99-99", "by=grade", "by=trust&then=week", "to=0001-01-01"]
)
def test_what_cannot_be_asked_is_said(analyst: Staff, asked: str) -> None:
    answer = analyst.get(f"{PAGE}?{asked}")
    assert answer.status_code == 422
    assert "There is a problem" in answer.text


@pytest.mark.parametrize("asked", ["first=0001-01-01", "last=0001-01-01", "by=grade", "x=1"])
def test_what_the_api_cannot_be_asked_is_said(analyst: Staff, asked: str) -> None:
    assert analyst.get(f"{API}?{asked}").status_code == 422


@pytest.mark.parametrize("role", [R.WORKER, R.ROTA_COORDINATOR, R.HR_OFFICER, R.VERIFIER])
def test_the_view_is_for_those_who_run_or_audit_the_system(desk: Desk, role: R) -> None:
    staff = desk.person(role)
    assert staff.get(PAGE).status_code == 403
    assert staff.get(API).status_code == 403


def test_mutant_that_hides_nothing_shows_an_analyst_four_people(
    desk: Desk, analyst: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = Shared(desk)
    for _ in range(4):
        shared.cleared("FIRE")
    assert read(analyst)["training_avoided"][0]["people"] is None
    straight = rules.training_avoided
    monkeypatch.setattr(
        system_view, "training_avoided", lambda found, lengths, _: straight(found, lengths, None)
    )
    assert read(analyst)["training_avoided"][0]["people"] == 4


def test_mutant_that_counts_every_host_is_seen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = desk.do(lambda session: build.an_organisation(session, name="Third NHS Trust"))
    Shared(desk).cleared("FIRE", host=other)
    straight = system_view._clearances
    monkeypatch.setattr(
        system_view,
        "_clearances",
        lambda session, hosts, span: straight(session, [*hosts, other.id], span),
    )
    assert read(desk.person(R.BANK_MANAGER))["training_avoided"] != []


def test_the_boards_analyst_sees_the_agreements_of_its_members(desk: Desk) -> None:
    def make(session: Any) -> Organisation:
        board = build.an_organisation(session, name="North ICB", kind=OrganisationKind.ICB)
        member = OrganisationMembership(
            member_id=desk.trust.id, group_id=board.id, kind=MembershipKind.ICS
        )
        kept(session, member, board.id)
        agreed.in_force(
            session, desk.trust, build.an_organisation(session, name="Third NHS Trust")
        )
        outside = [build.an_organisation(session) for _ in range(2)]
        agreed.in_force(session, *outside, title="Far away")
        return board

    analyst = desk.person(R.SYSTEM_ANALYST, at=desk.do(make))
    (found,) = read(analyst)["agreements"]
    assert (found["title"], len(found["parties"])) == ("Collaborative bank", 2)
    page = analyst.get(PAGE).text
    assert "Third NHS Trust" in page
    assert "Far away" not in page
    desk.move(days=400)
    assert read(analyst)["agreements"] == []

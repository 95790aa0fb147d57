"""Deployments on pages: proposed by home, agreed on the phone, checked and accepted, worked, and
brought back, with what each of the three sees on the way."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bankhub.actions.deployments import deployment_turns
from bankhub.actions.notices import Letter
from bankhub.model.agreement_terms import Instrument
from bankhub.model.deployments import Deployment, DeploymentState, DeploymentTask
from bankhub.worker.mail import texts, written
from passport.actors import AccessRole as R
from passport.actors import job
from passport.config import Config
from passport.model.accounts import Account
from passport.model.facts import Fact
from tests.support import build, sharing
from tests.support.access_web import actions_on, hidden_fields
from tests.support.desk import Desk, Staff, a_desk

S = DeploymentState


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def three(desk: Desk) -> SimpleNamespace:
    """A nurse of the trust, the officers of both sides, and a host under an agreement."""
    nurse = desk.person(R.WORKER, name="Ama Osei")

    def make(session: Any) -> SimpleNamespace:
        host = build.an_organisation(session, ods_code="RT5", name="Thornbury NHS Trust")
        build.a_site(session, host, name="Thornbury Hospital")
        person, _ = build.a_nurse(session, desk.trust, given_name="Ama", family_name="Osei")
        session.get_one(Account, nurse.actor.account_id).person_id = person.id
        wsa = sharing.an_agreement(
            session, desk.trust, host, instruments=[one.value for one in Instrument]
        )
        return SimpleNamespace(host=host, person=person, wsa=wsa)

    found: SimpleNamespace = desk.do(make)
    found.nurse = nurse
    found.home = desk.person(R.HR_OFFICER)
    found.officer = desk.person(R.HR_OFFICER, name="Tomasz Bell", at=found.host)
    return found


def wish(desk: Desk, three: SimpleNamespace, **change: str) -> dict[str, str]:
    """What the form of a proposal says: a secondment from next week for a month."""
    today = desk.now.date()
    return {
        "host_id": str(three.host.id), "instrument": "secondment", "role": "rn_adult",
        "grade": "band_5", "duties": "Nurse on the acute medical unit.",
        "supervision": "The ward manager", "starts_on": str(today + timedelta(days=7)),
        "ends_on": str(today + timedelta(days=37)), **change,
    }  # fmt: skip


def proposed(desk: Desk, three: SimpleNamespace) -> str:
    """The number of a deployment that was proposed on the page."""
    answer = three.home.fill(f"/deployments/new/{three.person.id}", **wish(desk, three))
    assert answer.status_code == 303, answer.text
    return str(answer.location).rpartition("/")[2]


def press(who: Staff, action: str, **fields: Any) -> Any:
    """Send a form whose button may not be drawn."""
    page = who.get("/account").text
    return who.post(action, {**hidden_fields(page, actions_on(page)[0]), **fields})


def clear(desk: Desk, three: SimpleNamespace) -> None:
    def make(session: Any) -> None:
        found = sharing.a_clearance(session, three.wsa, three.person, three.host)
        deployment_turns.on_clearance(
            session, SimpleNamespace(subject_id=found.id), job(), desk.now  # type: ignore[arg-type]
        )

    desk.do(make)


def day(desk: Desk, **parts: float) -> None:
    """The clock goes on and the daily job runs."""
    now = desk.move(**parts)
    desk.do(lambda session: deployment_turns.keep(session, by=job(), now=now))


def state(desk: Desk) -> DeploymentState:
    found: DeploymentState = desk.do(lambda s: s.scalars(sa.select(Deployment.state)).one())
    return found


def accept(who: Staff, page: str) -> None:
    answer = who.fill(page, page.replace("/paper", "/accept"))
    assert answer.status_code == 303, answer.text


def tick_all(who: Staff, page: str) -> None:
    while codes := re.findall(r'name="code" value="(\w+)"', who.get(page).text):
        answer = who.fill(page, f"{page}/tick", code=codes[0])
        assert answer.status_code == 303, answer.text


def to_active(desk: Desk, three: SimpleNamespace) -> str:
    number = proposed(desk, three)
    own, office = f"/my/deployments/{number}", f"/deployments/{number}"
    three.nurse.fill(own, f"{own}/agree")
    three.home.fill(office, f"{office}/authorise")
    clear(desk, three)
    accept(three.nurse, f"{own}/paper")
    accept(three.home, f"{office}/paper")
    accept(three.officer, f"{office}/paper")
    tick_all(three.home, office)
    tick_all(three.officer, office)
    day(desk, days=7)
    assert state(desk) is S.ACTIVE
    return number


def test_the_whole_way_on_pages(desk: Desk, three: SimpleNamespace) -> None:
    number = proposed(desk, three)
    own, office = f"/my/deployments/{number}", f"/deployments/{number}"
    hidden = three.officer.get(office).text
    assert "Osei" not in hidden
    assert "Somebody of Rivermead NHS Trust" in hidden
    assert "Deployment to Thornbury NHS Trust" in three.nurse.get("/my/").text
    assert "Do you want this?" in three.nurse.get(own).text
    three.nurse.fill(own, f"{own}/agree")
    assert "Ama Osei" in three.officer.get(office).text
    assert "the proposal that you work there" in three.nurse.get("/my-passport").text
    three.home.fill(office, f"{office}/authorise")
    assert "clearance does not stand" in three.home.get(office).text
    assert "clearance desk" in three.officer.get(office).text
    clear(desk, three)
    assert state(desk) is S.CHECKED
    paper = three.nurse.get(f"{own}/paper").text
    assert "SECONDMENT AGREEMENT" in paper
    assert "Nurse on the acute medical unit." in paper
    accept(three.nurse, f"{own}/paper")
    accept(three.home, f"{office}/paper")
    assert "Waits for the host" in three.officer.get(f"{office}/paper").text
    accept(three.officer, f"{office}/paper")
    assert state(desk) is S.LICENSED
    tick_all(three.home, office)
    tick_all(three.officer, office)
    day(desk, days=7)
    assert state(desk) is S.ACTIVE
    assert "Active" in three.nurse.get("/my/deployments").text


def test_the_way_back_on_pages(desk: Desk, three: SimpleNamespace) -> None:
    number = to_active(desk, three)
    office = f"/deployments/{number}"
    day(desk, days=31)
    assert state(desk) is S.RETURNED
    answer = three.officer.fill(f"{office}/feedback", competences=["renal", "critical_care"])
    assert answer.status_code == 303, answer.text
    page = three.home.get(f"{office}/competence").text
    assert "Renal and dialysis" in page
    three.home.fill(f"{office}/competence", take=["renal"])
    facts = desk.do(
        lambda s: s.scalars(sa.select(Fact).where(Fact.source == "deployment")).all()
    )
    assert [one.value for one in facts] == [{"code": "renal"}]
    tick_all(three.officer, office)
    tick_all(three.home, office)
    day(desk, days=30)
    assert state(desk) is S.CLOSED
    assert "Closed" in three.home.get("/deployments?which=closed").text
    left = desk.do(
        lambda s: s.scalars(
            sa.select(DeploymentTask.code).where(DeploymentTask.done_at.is_(None))
        ).all()
    )
    assert left == []


MISTAKES = {
    "no duties": ({"duties": " "}, "Say what the person will do there."),
    "no last day": ({"ends_on": ""}, "Secondment: needs a last day."),
    "yesterday": ({"starts_on": "2026-09-06"}, "Choose today or a day to come."),
    "no day at all": ({"starts_on": "soon"}, "Enter a date."),
    "ends before it begins": ({"ends_on": "2026-09-08"}, "The last day is before the first."),
    "too long": ({"ends_on": "2029-09-08"}, "24 months at most."),
    "a role they do not hold": ({"role": "hca", "grade": "band_2"}, "do not hold this role"),
    "a returner who has a post": ({"sponsored": "yes"}, "They hold a post here"),
    "no host": ({"host_id": ""}, "Choose where."),
    "no instrument": ({"instrument": "handshake"}, "Choose one of the list."),
    "a patient's number": ({"duties": "For NHS 943 476 5919"}, "identifies a patient"),
}


@pytest.mark.parametrize(("change", "said"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_named_and_nothing_is_lost(
    desk: Desk, three: SimpleNamespace, change: dict[str, str], said: str
) -> None:
    answer = three.home.fill(
        f"/deployments/new/{three.person.id}", **wish(desk, three, **change)
    )
    assert answer.status_code in (409, 422)
    assert said in answer.text
    assert "The ward manager" in answer.text


def test_a_grade_outside_the_agreement_is_refused(desk: Desk, three: SimpleNamespace) -> None:
    answer = three.home.fill(
        f"/deployments/new/{three.person.id}", **wish(desk, three, grade="band_7")
    )
    assert answer.status_code == 409
    assert "does not cover this work" in answer.text


def test_ending_early(desk: Desk, three: SimpleNamespace) -> None:
    number = to_active(desk, three)
    own, office = f"/my/deployments/{number}", f"/deployments/{number}"
    bad = three.home.fill(f"{office}/end", because="staffing", when="on", ends_on="")
    assert bad.status_code == 422
    assert "Enter a date." in bad.text
    assert three.home.fill(f"{office}/end", because="gossip", when="now").status_code == 422
    later = str(desk.now.date() + timedelta(days=3))
    three.home.fill(f"{office}/end", because="staffing", when="on", ends_on=later)
    assert state(desk) is S.ENDING
    three.nurse.fill(f"{own}/end", when="now")
    assert state(desk) is S.TERMINATED_EARLY
    assert "own wish" in three.officer.get(office).text


def test_going_on_longer_on_pages(desk: Desk, three: SimpleNamespace) -> None:
    number = to_active(desk, three)
    own, office = f"/my/deployments/{number}", f"/deployments/{number}"
    last = desk.now.date() + timedelta(days=60)
    for wrong, said in (("", "Enter a date."), (str(desk.now.date()), "Choose a day after"),
                        ("2031-01-01", "24 months at most")):  # fmt: skip
        answer = three.officer.fill(f"{office}/extend", ends_on=wrong)
        assert answer.status_code == 422
        assert said in answer.text
    assert three.officer.fill(f"{office}/extend", ends_on=str(last)).status_code == 303
    assert "is proposed already" in three.home.get(f"{office}/extend").text
    assert "Do you want to stay until" in three.nurse.get(own).text
    assert "Waits for you" in three.nurse.get("/my/deployments").text
    three.nurse.fill(own, f"{own}/extension/agree")
    three.home.fill(office, f"{office}/extension/authorise")
    page = three.nurse.get(f"{own}/paper").text
    assert "EXTENSION OF: SECONDMENT AGREEMENT" in page
    assert "The paper it began with" in page
    for who, paper in ((three.nurse, f"{own}/paper"), (three.home, f"{office}/paper"),
                       (three.officer, f"{office}/paper")):  # fmt: skip
        answer = who.fill(paper, paper.replace("/paper", "/extension/accept"))
        assert answer.status_code == 303, answer.text
    ends_on = desk.do(lambda s: s.scalars(sa.select(Deployment.ends_on)).one())
    assert ends_on == last
    assert "Accepted by all three" in three.officer.get(office).text
    day(desk, days=40)
    assert state(desk) is S.ACTIVE


def test_the_last_day_stays_where_one_says_no(desk: Desk, three: SimpleNamespace) -> None:
    number = to_active(desk, three)
    own, office = f"/my/deployments/{number}", f"/deployments/{number}"
    later = str(desk.now.date() + timedelta(days=60))
    assert press(three.nurse, f"{office}/extend", ends_on=later).status_code == 403
    three.home.fill(f"{office}/extend", ends_on=later)
    assert press(three.officer, f"{office}/extension/authorise").status_code == 409
    three.nurse.fill(own, f"{own}/extension/decline")
    assert "Refused" in three.home.get(office).text
    three.home.fill(f"{office}/extend", ends_on=later)
    three.officer.fill(office, f"{office}/extension/refuse")
    assert press(three.nurse, f"{own}/extension/agree").status_code == 409
    three.nurse.fill(f"{own}/end", when="now")
    assert "Only what has begun" in three.home.get(f"{office}/extend").text


def test_hold_and_go_on(desk: Desk, three: SimpleNamespace) -> None:
    number = to_active(desk, three)
    own, office = f"/my/deployments/{number}", f"/deployments/{number}"
    three.officer.fill(office, f"{office}/hold")
    assert "Held by the host" not in three.home.get("/deployments").text
    assert "held by the host" in three.home.get(office).text
    assert press(three.home, f"{office}/lift").status_code == 409
    assert press(three.nurse, f"{own}/lift").status_code == 409
    three.officer.fill(office, f"{office}/lift")
    assert state(desk) is S.ACTIVE


def test_a_nurse_who_does_not_want_it(desk: Desk, three: SimpleNamespace) -> None:
    number = proposed(desk, three)
    own = f"/my/deployments/{number}"
    three.nurse.fill(own, f"{own}/decline")
    assert state(desk) is S.REFUSED
    assert press(three.nurse, f"{own}/agree").status_code == 409


def test_others_find_nothing(desk: Desk, three: SimpleNamespace) -> None:
    number = proposed(desk, three)
    third = desk.do(lambda session: build.an_organisation(session, name="Third Trust"))
    stranger = desk.person(R.HR_OFFICER, R.BANK_MANAGER, R.WORKER, at=third)
    for path in (f"/deployments/{number}", f"/deployments/{number}/paper",
                 f"/my/deployments/{number}", f"/deployments/new/{three.person.id}"):  # fmt: skip
        assert stranger.get(path).status_code == 404, path
    assert press(stranger, f"/deployments/{number}/refuse").status_code == 404
    assert "Nobody is deployed" in stranger.get("/deployments").text
    coordinator = desk.person(R.ROTA_COORDINATOR)
    assert coordinator.get(f"/deployments/{number}").status_code == 200
    assert press(coordinator, f"/deployments/{number}/end", ends_on="x").status_code == 403


def test_choosing_whom_to_propose(desk: Desk, three: SimpleNamespace) -> None:
    assert f"/deployments/new/{three.person.id}" in three.home.get(
        f"/people/{three.person.id}"
    ).text
    assert "Ama Osei" in three.home.get("/deployments/new?name=ose").text
    assert "Nobody matches" in three.home.get("/deployments/new?name=zz").text
    assert "Osei" not in three.officer.get("/deployments/new?name=ose").text
    clear(desk, three)
    assert "Ama Osei" in three.officer.get("/deployments/new").text
    page = three.officer.get(f"/deployments/new/{three.person.id}").text
    assert "Thornbury NHS Trust" in page


@pytest.mark.parametrize(("part", "other"), [("own", "partners"), ("partners", "own")])
def test_the_letter_about_overdue_tasks_names_them_and_nobody(part: str, other: str) -> None:
    config = Config(database_url="", secret_key="5" * 64, master_key="a7" * 32)
    task = {"title": "Smartcard profile ended", "partner": "Quill", "due_on": "2026-09-08"}
    named = [{**task, "deployment": f"D{n}"} for n in (0, 1)]
    context = {part: {"count": 3, "tasks": named}, other: {"count": 0, "tasks": []}}
    letter = written(
        Letter(uuid4(), "ada@example.org", "deployment_overdue", context), config, texts()
    )
    text = letter.get_content()
    assert letter["Subject"] == "3 overdue tasks after deployments"
    assert ("your organisation's to do" in text, "the partner's to do" in text) == (
        part == "own", part == "partners"
    )  # fmt: skip
    assert "- Smartcard profile ended (Quill), due Tue 8 Sep" in text
    assert "deployments/D1" in text
    assert "and 1 more" in text
    assert "{{" not in text


@pytest.mark.parametrize("template", ["deployment_yours", "deployment_office"])
def test_letters_are_written(template: str) -> None:
    config = Config(database_url="", secret_key="5" * 64, master_key="a7" * 32)
    context = {"host": "Thorn", "partner": "Quill", "deployment": "D0", "said": "It has begun."}
    text = written(
        Letter(uuid4(), "ada@example.org", template, context), config, texts()
    ).get_content()
    assert "It has begun." in text
    assert "deployments/D0" in text
    assert "{{" not in text

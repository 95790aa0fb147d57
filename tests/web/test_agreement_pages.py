"""Agreements on pages, from a draft to signatures by two trusts, and what ends them."""

import json
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.agreements import agreement_records, agreement_views
from bankhub.model.agreements import Agreement, AgreementVersion, ReviewArea, VersionState
from bankhub.rules.agreements.agreement_states import AREA_ROLES
from passport.actors import AccessRole as R
from passport.db import new_id
from passport.model.organisations import Organisation
from tests.support import agreed, build, issuing
from tests.support.access import VAULT
from tests.support.access_web import hidden_fields
from tests.support.agreed import NEW, fields, only
from tests.support.agreeing import PEOPLE
from tests.support.desk import NOW, Desk, Staff, a_desk


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def other(desk: Desk) -> Organisation:
    return agreed.a_neighbour(desk)


@pytest.fixture
def manager(desk: Desk) -> Staff:
    """Of a small trust: one person with the roles of every area."""
    return desk.person(R.BANK_MANAGER, *AREA_ROLES.values())


@pytest.fixture
def theirs(desk: Desk, other: Organisation) -> Staff:
    """The other trust's manager."""
    return desk.person(R.BANK_MANAGER, name="Tomasz Bell", at=other)


def made(desk: Desk, *parties: Organisation, **terms: Any) -> agreed.Agreed:
    found: agreed.Agreed = desk.do(lambda session: agreed.in_force(session, *parties, **terms))
    return found


def test_without_an_agreement_the_list_says_what_that_means(manager: Staff) -> None:
    page = manager.get("/agreements").text
    assert "nobody else sees your shifts or staff" in page
    assert "nobody else sees your shifts" in manager.get("/agreements/who-sees-whom").text


def test_a_draft_from_a_template_is_seen_by_its_lead_alone(
    desk: Desk, other: Organisation, manager: Staff, theirs: Staff
) -> None:
    assert "Trust and care home" in manager.get("/agreements/new").text
    page = manager.get(NEW).text
    assert 'value="RX9"' in page
    assert 'value="2026-10-05"' in page
    done = manager.fill(NEW, **fields(desk, other))
    assert done.status_code == 303, done.text[:2000]
    draft = only(desk, Agreement)
    where = f"/agreements/{draft.id}"
    assert "Only your organisation sees a draft" in manager.get(where).text
    assert theirs.get(where).status_code == 404
    assert draft.reference not in theirs.get("/agreements").text


class Way:
    """An agreement on its way, as the pages lead."""

    def __init__(self, desk: Desk, other: Organisation) -> None:
        self.desk = desk
        self.made: agreed.Agreed = desk.do(
            lambda session: agreed.drafted(session, desk.trust, other)
        )
        self.page = f"/agreements/{self.made.agreement_id}"
        self.version = f"{self.page}/versions/{self.made.version_id}"

    def step(self, who: Staff, name: str) -> Any:
        return who.fill(self.page, f"{self.version}/{name}")

    def state(self) -> VersionState:
        found: VersionState = only(self.desk, AgreementVersion).state
        return found


@pytest.fixture
def way(desk: Desk, other: Organisation) -> Way:
    return Way(desk, other)


def test_two_trusts_sign_and_then_see_each_others_shifts(
    desk: Desk, other: Organisation, manager: Staff, theirs: Staff, way: Way
) -> None:
    wall = datetime.now(UTC)  # noqa: TID251  keys live by the real clock
    for trust in (desk.trust, other):
        desk.do(partial(issuing.keys_for, trust=trust, vault=VAULT, now=wall))
    assert way.step(manager, "to-review").status_code == 303
    assert theirs.get(way.page).status_code == 200
    early = way.step(manager, "send-out")
    assert early.status_code == 409
    assert "Staff side has not signed the draft off." in early.text
    for area, name in zip(ReviewArea, PEOPLE, strict=True):
        done = manager.fill(
            f"{way.version}/review", area=area.value, name=name, job_title="Head",
            answer="signed_off",
        )  # fmt: skip
        assert done.status_code == 303, done.text[:800]
    assert way.step(manager, "send-out").status_code == 303
    assert "waits for your organisation" in theirs.get("/agreements").text
    signature = {"name": "Ada Moss", "job_title": "Director", "authority": "SFI 7.2"}
    for place, who in enumerate((manager, theirs)):
        text = who.get(f"{way.version}/sign").text
        assert only(desk, AgreementVersion).text_hash in text
        assert who.fill(f"{way.version}/sign", **signature, agreed="yes").status_code == 303
        assert way.state() is (VersionState.SIGNED if place else VersionState.OUT_FOR_SIGNATURE)
    assert "In force" in theirs.get(way.page).text
    for who in (manager, theirs):
        matrix = who.get("/agreements/who-sees-whom").text
        assert "Staff of Rivermead NHS Trust" in matrix
        assert "bands 5 and 6" in matrix
    file = theirs.get(f"{way.version}/file")
    assert len(json.loads(file.text)["signatures"]) == 2
    printed = theirs.get(f"{way.version}/document").text
    assert "Ada Moss, Director" in printed
    assert json.loads(file.text)["text_sha256"] in printed


def test_a_third_trust_sees_nothing_and_is_not_there(
    desk: Desk, other: Organisation, manager: Staff
) -> None:
    held = made(desk, desk.trust, other)
    third = desk.do(
        lambda session: build.an_organisation(session, ods_code="RZZ", name="Farley NHS Trust")
    )
    stranger = desk.person(R.BANK_MANAGER, at=third)
    where = f"/agreements/{held.agreement_id}"
    for path in ("", "/vary", "/accession", "/suspend", "/notice", "/terminate",
                 f"/versions/{held.version_id}/document", f"/versions/{held.version_id}/file",
                 f"/versions/{held.version_id}/sign", f"/versions/{held.version_id}/edit",
                 f"/versions/{held.version_id}/review"):  # fmt: skip
        assert stranger.get(where + path).status_code == 404, path
    for path in ("/agreements", "/agreements/who-sees-whom"):
        text = stranger.get(path).text
        assert "Rivermead" not in text
        assert "Thornbury" not in text
    asked = manager.get("/agreements/who-sees-whom?ods=rzz").text
    assert "Farley NHS Trust" in asked
    assert "Its staff see nothing of yours." in asked
    assert "Its staff see these shifts of yours." in manager.get(
        "/agreements/who-sees-whom?ods=RT5"
    ).text
    assert "is on record" in manager.get("/agreements/who-sees-whom?ods=<b>").text


REFUSED_SIGNATURES: dict[str, tuple[dict[str, str], str]] = {
    "not said": ({"agreed": ""}, "Say that you have read the text"),
    "no name": ({"name": " "}, "Enter your name."),
    "no job title": ({"job_title": ""}, "Enter your job title."),
    "no authority": ({"authority": ""}, "what lets you bind"),
    "a long one": ({"authority": "x" * 200}, "120 characters"),
}


@pytest.mark.parametrize(("change", "said"), REFUSED_SIGNATURES.values(), ids=REFUSED_SIGNATURES)
def test_a_signature_with_something_missing_signs_nothing(
    desk: Desk, manager: Staff, way: Way, change: dict[str, str], said: str
) -> None:
    desk.do(lambda session: agreed.sent_out(session, way.made, desk.trust))
    typed = {"name": "Ada", "job_title": "CEO", "authority": "SFI", "agreed": "yes", **change}
    refused = manager.fill(f"{way.version}/sign", **typed)
    assert refused.status_code == 422
    assert said in refused.text


def test_without_a_key_the_reason_is_said(desk: Desk, manager: Staff, way: Way) -> None:
    desk.do(lambda session: agreed.sent_out(session, way.made, desk.trust))
    typed = {"name": "Ada", "job_title": "CEO", "authority": "SFI", "agreed": "yes"}
    refused = manager.fill(f"{way.version}/sign", **typed)
    assert refused.status_code == 409
    assert "There is a problem" in refused.text
    assert 'value="SFI"' in refused.text


def test_a_change_asks_everybody_to_look_again(
    desk: Desk, other: Organisation, manager: Staff, way: Way
) -> None:
    desk.do(lambda session: agreed.reviewed(session, way.made, desk.trust))
    assert manager.get(way.page).text.count("Signed off</strong>") == 5
    done = manager.fill(f"{way.version}/edit", **fields(desk, other, notice_days="30"))
    assert done.status_code == 303, done.text[:2000]
    assert way.state() is VersionState.DRAFT
    assert "Signed off</strong>" not in manager.get(way.page).text


def test_an_agreement_in_force_is_varied_and_the_old_version_holds(
    desk: Desk, other: Organisation, manager: Staff, theirs: Staff
) -> None:
    held = made(desk, desk.trust, other)
    where = f"/agreements/{held.agreement_id}"
    unsaid = manager.fill(f"{where}/vary", **fields(desk, other, notice_days="30"))
    assert unsaid.status_code == 422
    assert 'href="#change_note"' in unsaid.text
    done = manager.fill(
        f"{where}/vary", **fields(desk, other, notice_days="30"), change_note="Shorter notice"
    )
    assert done.status_code == 303, done.text[:2000]
    assert "Shorter notice" in manager.get(where).text
    assert "Shorter notice" not in theirs.get(where).text
    assert "90 days" in theirs.get(where).text
    assert theirs.get(f"{where}/vary").status_code == 404


def test_another_organisation_joins_by_deed(
    desk: Desk, other: Organisation, manager: Staff
) -> None:
    held = made(desk, desk.trust, other)
    home = desk.do(lambda session: build.an_organisation(session, ods_code="VM1", name="Oak House"))
    where = f"/agreements/{held.agreement_id}"
    for wrong, field in (({"party.ods": ""}, "party.ods"), ({"party.ods": "ZZZ"}, "party.ods"),
                         ({"party.role": "nobody"}, "party.role"),
                         ({"party.sites": "NOWHERE"}, "party.sites"),
                         ({"contacts[2].name": "Cleo"}, "contacts[2].phone")):  # fmt: skip
        typed = {"party.ods": home.ods_code, "party.role": "host", **wrong}
        refused = manager.fill(f"{where}/accession", **typed)
        assert refused.status_code == 422, wrong
        assert f'href="#{field}"' in refused.text, wrong
    contacts = {
        f"contacts[{number}].{name}": said
        for number in range(4)
        for name, said in (("name", "Office"), ("phone", "01632 960200"))
    }
    done = manager.fill(
        f"{where}/accession", **{"party.ods": "vm1", "party.role": "host", **contacts}
    )
    assert done.status_code == 303, done.text[:2000]
    draft = desk.do(lambda session: agreed.newest(session, held.agreement_id))
    assert "Deed of accession" in manager.get(f"{where}/versions/{draft}/document").text


@pytest.mark.parametrize(("days", "said"), [
    (0, "no shift that runs beyond midnight of the last day is booked or begun"),
    (28, "bookings confirmed before the end are honoured for 28 days after it"),
])  # fmt: skip
def test_what_becomes_of_bookings_is_said_wherever_it_ends(
    desk: Desk, other: Organisation, manager: Staff, days: int, said: str
) -> None:
    held = made(desk, desk.trust, other, wind_down_days=days)
    for page in ("", "/notice", "/terminate"):
        text = manager.get(f"/agreements/{held.agreement_id}{page}").text
        assert said.lower() in text.lower(), page


def test_notice_is_given(desk: Desk, other: Organisation, manager: Staff, theirs: Staff) -> None:
    held = made(desk, desk.trust, other)
    where = f"/agreements/{held.agreement_id}"
    early = theirs.fill(f"{where}/notice", leaves_on="2026-09-20")
    assert re.search(r"The terms ask for notice: \w{3} \d+ \w+ 2026 at the earliest", early.text)
    assert early.status_code in (409, 422)
    assert "There is a problem" in early.text
    assert theirs.fill(f"{where}/notice", leaves_on="").status_code == 303
    page = manager.get(where).text
    assert "Notice given" in page
    assert "Leaves" in page
    assert "Withdraw the notice" not in page
    assert "Give notice" not in theirs.get(where).text
    other_tab = hidden_fields(theirs.get(where).text, f"{where}/notice/withdraw")
    assert theirs.fill(where, f"{where}/notice/withdraw").status_code == 303
    page = manager.get(where).text
    assert "Leaves" not in page
    assert "In force" in page
    assert "Give notice" in theirs.get(where).text
    nothing = theirs.post(f"{where}/notice/withdraw", other_tab)
    assert nothing.status_code == 409
    assert "has given no notice" in nothing.text


@pytest.mark.parametrize("how", ["day", "safety"])
def test_an_agreement_is_ended(
    desk: Desk, other: Organisation, manager: Staff, how: str
) -> None:
    held = made(desk, desk.trust, other)
    where = f"/agreements/{held.agreement_id}"
    for wrong in ({"how": "never", "because": "x"}, {"how": how}):
        assert manager.fill(f"{where}/terminate", **wrong).status_code == 422
    done = manager.fill(f"{where}/terminate", how=how, because="Care quality")
    assert done.status_code == 303, done.text[:2000]
    assert only(desk, Agreement).for_safety is (how == "safety")
    if how == "day":
        assert "Notice given" in manager.get(where).text
        desk.move(days=90)
    desk.move(days=1)
    assert "Terminated" in manager.get(where).text
    assert "nobody else sees your shifts" in manager.get("/agreements/who-sees-whom").text


READERS = (R.ROTA_COORDINATOR, R.HR_OFFICER, R.BUDGET_HOLDER, R.EXECUTIVE_ON_CALL, R.AUDITOR)


@pytest.mark.parametrize("role", READERS)
def test_readers_read_and_find_no_button_they_may_not_press(
    desk: Desk, other: Organisation, role: R
) -> None:
    held = made(desk, desk.trust, other)
    reader = desk.person(role)
    page = reader.get(f"/agreements/{held.agreement_id}")
    assert page.status_code == 200
    assert ("Vary the terms" in page.text) is False
    assert ("Give notice" in page.text) is (role is R.EXECUTIVE_ON_CALL)
    assert "Draft an agreement" not in reader.get("/agreements").text


@pytest.mark.parametrize("role", [R.WORKER, R.WARD_REQUESTER, R.VERIFIER, R.SYSTEM_ANALYST])
def test_others_do_not_read_agreements(desk: Desk, other: Organisation, role: R) -> None:
    held = made(desk, desk.trust, other)
    who = desk.person(role)
    for path in ("", "/who-sees-whom", f"/{held.agreement_id}", "/new"):
        assert who.get(f"/agreements{path}").status_code == 403, path


def test_an_unknown_agreement_is_not_there(desk: Desk, other: Organisation, manager: Staff) -> None:
    held = made(desk, desk.trust, other)
    assert manager.get(f"/agreements/{new_id()}").status_code == 404
    odd = f"/agreements/{held.agreement_id}/versions/{new_id()}/document"
    assert manager.get(odd).status_code == 404


def test_signing_and_ending_want_the_second_factor_again(
    desk: Desk, other: Organisation, manager: Staff
) -> None:
    held = made(desk, desk.trust, other)
    where = f"/agreements/{held.agreement_id}"
    desk.do(lambda session: session.execute(
        sa.text("update sign_in set stepped_up_at = :at"), {"at": NOW - timedelta(days=1)}
    ))  # fmt: skip
    for path in ("/suspend", "/notice", "/terminate", f"/versions/{held.version_id}/sign"):
        answer = manager.get(where + path)
        assert answer.status_code == 303, path
        assert "confirm" in answer.headers["Location"]


def test_mutant_without_the_parties_filter_a_stranger_reads_it(
    desk: Desk, other: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = made(desk, desk.trust, other)
    third = desk.do(lambda session: build.an_organisation(session, name="Farley NHS Trust"))
    stranger = desk.person(R.BANK_MANAGER, at=third)
    where = f"/agreements/{held.agreement_id}"
    assert stranger.get(where).status_code == 404
    for module in (agreement_records, agreement_views):
        monkeypatch.setattr(module, "visible_to", lambda *_: True)
    assert stranger.get(where).status_code == 200

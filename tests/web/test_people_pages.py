"""The personnel office on its pages: found, added, corrected, proven, gone; nothing typed lost."""

import re
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.model.workers import BankPost, BookingRestriction
from passport.actors import AccessRole as R
from passport.model.accounts import Account, RoleGrant
from passport.model.facts import Fact, FactKind
from passport.model.people import Person
from tests.support import build
from tests.support.desk import Desk, Staff, a_desk
from tests.support.personnel import ADA, POST, a_nurse, ada, rows


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def officer(desk: Desk) -> Staff:
    return desk.person(R.HR_OFFICER)


def test_somebody_is_put_on_record_and_given_a_post(desk: Desk, officer: Staff) -> None:
    page = ada(officer)
    given = officer.fill(f"{page}/posts/new", **POST)
    assert given.location == page
    [post] = rows(desk, BankPost)
    assert (post.assignment_number, post.grade) == ("20000001", "band_6")
    assert post.entitlements == [["rn_adult", "band_5"]]
    shown = officer.get(page).text
    for words in ("ada@example.org", "+447700900123", "20000001", "Registered nurse", "band 5"):
        assert words in shown


WRONG_PEOPLE = {
    "a name is missing": ({"family_name": ""}, "Family name is missing."),
    "a day that never was": ({"date_of_birth-day": "31", "date_of_birth-month": "2"}, "real date"),
    "no date of birth": (
        {f"date_of_birth-{part}": "" for part in ("day", "month", "year")}, "date of birth",
    ),
    "born tomorrow": ({"date_of_birth-year": "2030"}, "Date of birth"),
    "an address that is none": ({"email": "ada at example"}, "not an e-mail address"),
    "a number that is none": ({"mobile": "ring me"}, "not a telephone number"),
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "said"), WRONG_PEOPLE.values(), ids=WRONG_PEOPLE.keys())
def test_what_cannot_be_is_said_and_what_was_typed_is_kept(
    desk: Desk, officer: Staff, wrong: dict[str, str], said: str
) -> None:
    answer = officer.fill("/people/new", **{**ADA, **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Ada"' in answer.text
    assert rows(desk, Person) == []


@pytest.mark.parametrize("born", [("", "", ""), ("31", "2", "1990")], ids=["none", "no such day"])
def test_a_wrong_date_hides_no_other_mistake(
    desk: Desk, officer: Staff, born: tuple[str, str, str]
) -> None:
    parts = zip(("day", "month", "year"), born, strict=True)
    days = {f"date_of_birth-{part}": typed for part, typed in parts}
    page = ada(officer)
    for path in ("/people/new", f"{page}/correct"):
        wrong = officer.fill(path, **{**ADA, **days, "family_name": "", "email": "ada at home"})
        assert wrong.status_code == 422
        for field in ("date_of_birth", "family_name", "email"):
            assert f'href="#{field}"' in wrong.text, (path, field)


def test_a_likely_twin_is_shown_and_only_added_when_said_to_be_two(
    desk: Desk, officer: Staff
) -> None:
    first = ada(officer)
    twin = officer.fill("/people/new", **ADA)
    assert twin.status_code == 409
    assert f'href="{first}"' in twin.text
    assert 'value="Okafor"' in twin.text
    assert len(rows(desk, Person)) == 1
    ada(officer, another_human="yes")
    assert len(rows(desk, Person)) == 2


def test_a_record_is_corrected(desk: Desk, officer: Staff) -> None:
    page = ada(officer)
    assert 'value="Okafor"' in officer.get(f"{page}/correct").text
    officer.fill(f"{page}/correct", **{**ADA, "family_name": "Bright", "mobile": ""})
    [person] = rows(desk, Person)
    assert (person.family_name, person.mobile) == ("Bright", None)
    refused = officer.fill(f"{page}/correct", **{**ADA, "family_name": "", "given_name": "Ida"})
    assert (refused.status_code, 'value="Ida"' in refused.text) == (422, True)


FOUND = {
    "by the beginning of a family name": ("okaf", True),
    "by a given name": ("ada", True),
    "by both": ("ada okafor", True),
    "by assignment number": ("20000", True),
    "not by the middle of a name": ("kafor", False),
    "not by a sign that stands for anything": ("%", False),
}


@pytest.mark.parametrize(("search", "found"), FOUND.values(), ids=FOUND.keys())
def test_people_are_found(desk: Desk, officer: Staff, search: str, found: bool) -> None:
    a_nurse(desk, assignment_number="20000001")
    page = officer.get("/people", query_string={"search": search})
    assert ("Okafor, Ada" in page.text) is found


def test_the_list_goes_on_and_leaves_nobody_out(desk: Desk, officer: Staff) -> None:
    def many(session: Any) -> None:
        for number in range(53):
            build.a_person(session, desk.trust, family_name=f"Name{number:02}")

    desk.do(many)
    first = officer.get("/people").text
    [more] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = officer.get(more).text
    assert "Name49" in first
    assert "Name50" not in first
    assert all(f"Name{number}" in second for number in (50, 51, 52))
    assert 'rel="next"' not in second


WRONG_POSTS = {
    "no role": ({"role": ""}, "Choose a role."),
    "no grade": ({"grade": "band_77"}, "Choose a grade."),
    "no number": ({"assignment_number": ""}, "Enter the assignment number."),
    "a grade of another kind": ({"grade": "consultant"}, "is not a grade of the role"),
    "an end before the start": ({"ends_on": "2026-08-01"}, "Last day"),
    "half a pair": ({"also_role_2": "rn_adult"}, "both a role and a grade"),
}


@pytest.mark.parametrize(("wrong", "said"), WRONG_POSTS.values(), ids=WRONG_POSTS.keys())
def test_a_post_that_cannot_be_is_said_and_kept(
    desk: Desk, officer: Staff, wrong: dict[str, str], said: str
) -> None:
    page = ada(officer)
    answer = officer.fill(f"{page}/posts/new", **{**POST, "pay_point": "P7", **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="P7"' in answer.text
    assert rows(desk, BankPost) == []


def test_a_post_is_corrected_and_ended(desk: Desk, officer: Staff) -> None:
    page = ada(officer)
    officer.fill(f"{page}/posts/new", **POST)
    [post] = rows(desk, BankPost)
    where = f"{page}/posts/{post.id}"
    changed = {**POST, "grade": "band_7", "assignment_number": "OTHER"}
    assert officer.fill(where, **changed).status_code == 303
    assert officer.fill(f"{where}/end", ends_on="").status_code == 422
    assert officer.fill(f"{where}/end", ends_on="2026-12-31").status_code == 303
    [post] = rows(desk, BankPost)
    assert (post.grade, post.assignment_number) == ("band_7", "20000001")
    assert post.ends_on == date(2026, 12, 31)


FACTS: dict[str, tuple[str, dict[str, str], str]] = {
    "registration": (
        "registration",
        {"body": "NMC", "number": "01a2345n", "status": "registered", "valid_until": "2027-03-31"},
        "NMC 01A2345N: registered",
    ),
    "training by subject and level": (
        "training", {"subject": "IPC:2", "awarded_on": "2026-06-01"}, "level 2",
    ),
    "a skill": ("skill", {"code": "cannulation"}, "Cannulation"),
    "DBS": ("dbs", {"level": "enhanced", "workforce": "both"}, "Enhanced, adults and children"),
    "right to work with a cap and vacations": (
        "right_to_work",
        {"route": "student", "weekly_cap_hours": "20", "vacations": "2026-12-14 to 2027-01-08"},
        "Student visa, at most 20 hours a week, 1 vacations",
    ),
    "opt-out": ("opt_out", {"valid_from": "2026-01-01"}, "more than 48 hours"),
    "Performers List": ("performers_list", {"number": "G123"}, "G123"),
    "indemnity": ("indemnity", {"scheme": "MDU", "valid_until": "2027-01-01"}, "MDU"),
    "main job": ("main_job", {"contracted_hours": "37.5"}, "37.5 hours a week"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "typed", "says"), FACTS.values(), ids=FACTS.keys())
def test_a_fact_of_each_kind_goes_on_record(
    desk: Desk, officer: Staff, kind: str, typed: dict[str, str], says: str
) -> None:
    page = ada(officer)
    done = officer.fill(f"{page}/facts/{kind}", **typed)
    assert done.status_code == 303, done.text
    [fact] = rows(desk, Fact)
    assert (fact.source, fact.checked_by_id) == ("by_hand", desk.trust.id)
    shown = officer.get(page).text
    assert says in shown
    assert "Entered by hand, Mon 7 Sep 2026" in shown


def test_every_kind_of_fact_has_its_form() -> None:
    assert {kind for kind, _, _ in FACTS.values()} == set(FactKind)


WRONG_FACTS = {
    "a number of another form": (
        "registration", {"body": "NMC", "number": "12", "status": "registered"}, "01A2345N",
    ),
    "training without its day": ("training", {"subject": "IPC:2"}, "day it was awarded"),
    "training not yet awarded": (
        "training", {"subject": "IPC:2", "awarded_on": "2027-01-01"}, "has not come",
    ),
    "hours that are none": ("main_job", {"contracted_hours": "400"}, "for example 37.5"),
    "a vacation backwards": (
        "right_to_work", {"route": "student", "vacations": "2027-01-08 to 2026-12-14"}, "before",
    ),
    "a vacation without its end": (
        "right_to_work", {"route": "student", "vacations": "2027-01-08"}, "FROM to TO",
    ),
    "what is not on the list": ("skill", {"code": "juggling"}, "Choose one of the list."),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "typed", "said"), WRONG_FACTS.values(), ids=WRONG_FACTS.keys())
def test_a_fact_that_cannot_be_is_said(
    desk: Desk, officer: Staff, kind: str, typed: dict[str, str], said: str
) -> None:
    page = ada(officer)
    answer = officer.fill(f"{page}/facts/{kind}", **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert rows(desk, Fact) == []


def test_only_a_look_at_the_register_clears_a_suspension(desk: Desk, officer: Staff) -> None:
    page = ada(officer)
    entry = {"body": "NMC", "number": "01A2345N"}
    officer.fill(f"{page}/facts/registration", **entry, status="suspended")
    officer.fill(f"{page}/facts/registration", **entry, status="registered")
    assert "suspended" in officer.get(page).text
    officer.fill(f"{page}/facts/registration", **entry, status="registered", register="yes")
    shown = officer.get(page).text
    assert "suspended" not in shown
    assert "Regulator’s register" in shown


def test_an_opt_out_is_taken_back(desk: Desk, officer: Staff) -> None:
    page = ada(officer)
    officer.fill(f"{page}/facts/opt_out", valid_from="2026-01-01")
    [fact] = rows(desk, Fact)
    where = f"{page}/facts/{fact.id}/end"
    assert "more than 48 hours" in officer.get(where).text
    assert officer.fill(where, ends_on="no day").status_code == 422
    officer.fill(where, ends_on="2026-12-31")
    assert "until Thu 31 Dec 2026" in officer.get(page).text


def test_a_number_that_is_anothers_is_flagged_until_somebody_looked(
    desk: Desk, officer: Staff
) -> None:
    pages = [ada(officer), ada(officer, given_name="Ida")]
    entry = {"body": "NMC", "number": "01A2345N", "status": "registered"}
    for page in pages:
        officer.fill(f"{page}/facts/registration", **entry)
    shown = officer.get(pages[1]).text
    assert "NMC:01A2345N is disputed" in shown
    assert "NMC 01A2345N: registered" not in shown
    assert officer.get("/people").text.count("Registration disputed") == 2
    assert officer.fill(pages[1], f"{pages[1]}/settle").location == pages[1]
    assert "is disputed" not in officer.get(pages[1]).text


def test_somebody_leaves_and_comes_back(desk: Desk, officer: Staff) -> None:
    page = a_nurse(desk)
    assert "Has Ada Okafor left?" in officer.get(f"{page}/leave").text
    assert officer.fill(f"{page}/leave").location == page
    assert "Left on Mon 7 Sep 2026" in officer.get(page).text
    assert "Okafor" not in officer.get("/people").text
    assert "Okafor" in officer.get("/people?left=yes").text
    [post] = rows(desk, BankPost)
    assert post.ends_on == date(2026, 9, 7)
    officer.fill(page, f"{page}/return")
    assert "Okafor" in officer.get("/people").text


def test_a_manager_restricts_and_lifts_and_hr_does_not_see_it(
    desk: Desk, officer: Staff
) -> None:
    page = a_nurse(desk)
    [post] = rows(desk, BankPost)
    manager = desk.person(R.BANK_MANAGER)
    where = f"{page}/posts/{post.id}/restrict"
    assert manager.fill(where, review_on="2026-01-01").status_code == 422
    manager.fill(where, review_on="2026-12-01", scope=str(desk.wards[0].id))
    [row] = rows(desk, BookingRestriction)
    assert "Not to be booked at Ward 7" in manager.get(page).text
    assert "Not to be booked" not in officer.get(page).text
    assert officer.get(where).status_code == 403
    manager.fill(page, f"{page}/restrictions/{row.id}/lift")
    assert "Not to be booked" not in manager.get(page).text


def test_somebody_who_signs_in_under_another_address_counts_as_invited(
    desk: Desk, officer: Staff
) -> None:
    nurse = desk.person(R.WORKER)

    def make(session: Any) -> Person:
        person, _post = build.a_nurse(session, desk.trust, email="grace@work.example")
        session.get_one(Account, nurse.actor.account_id).person_id = person.id
        return person

    person = desk.do(make)
    shown = officer.get(f"/people/{person.id}").text
    assert (f"/people/{person.id}/invite" in shown, "Not invited" in shown) == (False, False)
    assert "Not invited" not in officer.get("/people").text


def test_what_a_leaver_had_booked_is_said_to_be_undone(desk: Desk, officer: Staff) -> None:
    asked = officer.get(f"{a_nurse(desk)}/leave").text
    assert "What they had booked" in asked
    assert "not cancelled" not in asked


def test_one_is_invited_and_then_many(desk: Desk, officer: Staff) -> None:
    pages = [ada(officer), ada(officer, given_name="Ida", email="ida@example.org")]
    ada(officer, given_name="Una", email="")
    officer.fill(pages[0], f"{pages[0]}/invite")
    listed = officer.get("/people/invitations").text
    assert ("ida@example.org" in listed, "ada@example.org" in listed) == (True, False)
    assert officer.fill("/people/invitations").status_code == 422
    ida = pages[1].rpartition("/")[2]
    assert officer.fill("/people/invitations", person=[ida]).status_code == 303
    assert len([g for g in rows(desk, RoleGrant) if g.role is R.WORKER]) == 2


def test_links_for_letters_are_exported_after_a_fresh_second_factor(
    desk: Desk, officer: Staff
) -> None:
    page = ada(officer)
    officer.fill(page, f"{page}/invite")
    listed = officer.get("/people/invitations/letters").text
    [account] = re.findall(r'name="account"[^>]*value="([^"]+)"', listed)
    sent = officer.fill("/people/invitations/letters", account=[account])
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert "ada@example.org" in sent.text
    assert "/letter/" in sent.text
    stale = desk.person(R.HR_OFFICER)
    desk.do(stale_step_up)
    assert "/account/confirm" in stale.get("/people/invitations/letters").location


def stale_step_up(session: Any) -> None:
    session.execute(sa.text("UPDATE sign_in SET stepped_up_at = NULL"))


def test_a_coordinator_reads_and_changes_nothing(desk: Desk) -> None:
    page = a_nurse(desk)
    reader = desk.person(R.ROTA_COORDINATOR)
    shown = reader.get(page).text
    assert "Okafor" in shown
    assert f"{page}/correct" not in shown
    for path in (f"{page}/correct", f"{page}/leave", f"{page}/facts/dbs", "/people/new",
                 "/people/import", "/people/invitations"):  # fmt: skip
        assert reader.get(path).status_code == 403, path


def test_another_organisations_people_are_unknown(desk: Desk, officer: Staff) -> None:
    def theirs(session: Any) -> Person:
        return build.a_person(session, build.an_organisation(session, name="Theirs"))

    person = desk.do(theirs)
    assert "Okafor" not in officer.get("/people").text
    for path in ("", "/correct", "/leave", "/facts/dbs", "/posts/new"):
        assert officer.get(f"/people/{person.id}{path}").status_code == 404

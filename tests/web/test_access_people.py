"""Entering by a mailed link, one's own account, and the people-and-roles pages, as forms."""

import json
import re

import pytest

from passport.actions.access import roles
from passport.actors import AccessRole as R
from passport.actors import operator
from passport.db import Database
from passport.model.organisations import MembershipKind, OrganisationKind, OrganisationMembership
from tests.support import access, build
from tests.support.access import OTHER_PASSWORD, PASSWORD
from tests.support.access_web import Site, Visitor, a_site
from tests.support.build_people import kept
from tests.web.test_sign_in import enrol

MANAGER = "manager@rivermead.example.org"
NURSE = "nurse@rivermead.example.org"


@pytest.fixture
def site(sqlite_database: Database) -> Site:
    home = access.trust(sqlite_database)
    access.enter(sqlite_database, home, MANAGER, R.BANK_MANAGER)
    return a_site(sqlite_database)


@pytest.fixture
def manager(site: Site) -> Visitor:
    visitor = site.visitor()
    visitor.sign_in(MANAGER)
    enrol(visitor)
    return visitor


def mailed(site: Site, template: str) -> str:
    return [c["token"] for t, c in access.notices(site.database) if t == template][-1]


def invite(manager: Visitor, email: str = NURSE, role: R = R.WORKER) -> str:
    """Invite on the page; returns the member page's address."""
    sent = manager.fill("/people-and-roles/invite", email=email, role=role.value)
    assert sent.status_code == 303, sent.text
    return sent.location


def enter(site: Site, template: str = "invitation", password: str = PASSWORD):
    visitor = site.visitor()
    path = f"/invitation/{mailed(site, template)}"
    return visitor, visitor.fill(path, display_name="Ada Okafor", new_password=password)


def test_from_invitation_to_the_first_page(site: Site, manager: Visitor) -> None:
    member = invite(manager)
    visitor, entered = enter(site)
    assert (entered.status_code, entered.location) == (303, "/account")
    assert "Ada Okafor" in visitor.get("/account").text
    assert "Bank worker" in manager.get(member).text


def test_a_weak_password_is_said_on_the_form_and_the_name_is_kept(site: Site, manager) -> None:
    invite(manager)
    _, refused = enter(site, password="password1234")
    assert refused.status_code == 422
    assert "lists that attackers try first" in refused.text
    assert 'value="Ada Okafor"' in refused.text


def test_opening_a_link_changes_nothing_and_dead_links_look_alike(site: Site, manager) -> None:
    invite(manager)
    visitor, path = site.visitor(), f"/invitation/{mailed(site, 'invitation')}"
    for _ in range(3):
        assert visitor.get(path).status_code == 200
    enter(site)
    used, unknown = visitor.get(path), visitor.get("/invitation/unknown")
    assert (used.status_code, unknown.status_code) == (404, 404)
    assert used.data == unknown.data


@pytest.mark.asvs("6.4.3")
def test_forgotten_and_reset_on_the_pages(site: Site, manager: Visitor) -> None:
    invite(manager)
    enter(site)
    visitor = site.visitor()
    answers = [visitor.fill("/forgotten", email=email) for email in (NURSE, "no@example.org")]
    texts = [a.text.replace(NURSE, "").replace("no@example.org", "") for a in answers]
    assert texts[0] == texts[1]
    path = f"/reset/{mailed(site, 'reset')}"
    done = visitor.fill(path, new_password=OTHER_PASSWORD)
    assert done.location == "/sign-in"
    assert visitor.sign_in(NURSE).status_code == 422
    assert visitor.sign_in(NURSE, OTHER_PASSWORD).status_code == 303
    assert visitor.get(path).status_code == 404


def test_a_letters_link_only_has_the_real_one_mailed(site: Site, manager: Visitor) -> None:
    member = invite(manager)
    letter = manager.fill(member, f"{member}/letter")
    assert letter.headers["Content-Disposition"].startswith("attachment")
    _, line = letter.text.split()
    path = line.partition(",")[2].removeprefix("http://localhost")
    visitor = site.visitor()
    assert "new_password" not in visitor.get(path).text
    assert visitor.fill(path).status_code == 200
    enter(site, "invitation_again")
    assert visitor.get(path).status_code == 404


def test_roles_are_given_and_ended_and_a_leaver_is_out_at_once(site: Site, manager) -> None:
    member = invite(manager)
    nurse, _ = enter(site)
    manager.fill(member, f"{member}/roles", role="auditor")
    page = manager.get(member).text
    assert "Auditor" in page
    assert nurse.get("/account").location == "/account/second-factor"
    ending = re.findall(rf'action="({member}/roles/[^"]+/end)"', page)
    assert len(ending) == 2
    manager.fill(member, ending[1])
    assert nurse.get("/account").status_code == 200
    manager.fill(member, f"{member}/leave")
    assert nurse.get("/account").location.startswith("/sign-in")
    assert manager.get(member).status_code == 404


def test_the_same_invitation_sent_twice_is_one(site: Site, manager: Visitor) -> None:
    page = manager.get("/people-and-roles/invite").text
    fields = dict(re.findall(r'name="(csrf_token|idempotency_key)" value="([^"]+)"', page))
    sent = {**fields, "email": NURSE, "role": "worker"}
    first, second = (manager.post("/people-and-roles/invite", sent) for _ in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert second.headers["Idempotent-Replay"] == "true"
    assert len(access.events(site.database, "account.invited")) == 2  # the manager's own, and this
    other = manager.post("/people-and-roles/invite", {**sent, "email": "else@example.org"})
    assert other.status_code == 422


def test_hr_may_not_make_managers_even_by_hand(site: Site, manager: Visitor) -> None:
    invite(manager, "hr@rivermead.example.org", R.HR_OFFICER)
    hr, _ = enter(site)
    enrol(hr)
    page = hr.get("/people-and-roles/invite").text
    assert 'value="worker"' in page
    assert "bank_manager" not in page
    refused = hr.fill("/people-and-roles/invite", email="x@example.org", role="bank_manager")
    assert refused.status_code == 403
    assert access.events(site.database, "role.granted")[-1].detail["role"] == "hr_officer"


NOT_A_ROLE = {"unknown": "emperor", "empty": "", "odd": "Worker "}


@pytest.mark.parametrize("role", NOT_A_ROLE.values(), ids=NOT_A_ROLE.keys())
def test_what_is_no_role_is_said_on_the_form(manager: Visitor, role: str) -> None:
    answer = manager.fill("/people-and-roles/invite", email=NURSE, role=role)
    assert answer.status_code == 422
    assert "Choose one of the list." in answer.text


@pytest.mark.asvs("8.4.1")
@pytest.mark.asvs("8.2.2")
def test_another_organisations_member_looks_like_an_unknown_one(site: Site, manager) -> None:
    theirs = access.trust(site.database, "Theirs")
    account = access.enter(site.database, theirs, "x@example.org", R.WORKER)
    unknown = "01939e3c-0000-7000-8000-000000000000"
    answers = {}
    for one in (str(account), unknown, "not-an-id"):
        page = manager.get(f"/people-and-roles/{one}")
        answers[one] = (page.status_code, re.sub(r"[0-9a-f]{43,}|01[0-9a-f-]{34}", "", page.text))
    assert answers[str(account)] == answers[unknown] == answers["not-an-id"]
    assert answers[unknown][0] == 404


def test_a_practice_names_a_second_person_of_its_network(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        pcn = build.an_organisation(session, name="Harbour PCN", kind=OrganisationKind.PCN)
        surgery = build.an_organisation(session, kind=OrganisationKind.GP_PRACTICE, name="Quay")
        member = OrganisationMembership(
            member_id=surgery.id, group_id=pcn.id, kind=MembershipKind.PCN
        )
        kept(session, member, surgery.id)
    access.enter(sqlite_database, pcn, "office@example.org", R.BANK_MANAGER)
    access.enter(sqlite_database, surgery, MANAGER, R.BANK_MANAGER)
    site = a_site(sqlite_database)
    manager, office = site.visitor(), site.visitor()
    for visitor, email in ((manager, MANAGER), (office, "office@example.org")):
        visitor.sign_in(email)
        enrol(visitor)
    terms = {"role": "bank_manager", "from_on": "2026-11-22", "until_on": "2027-03-31"}
    wrong = manager.fill("/people-and-roles/delegate", email="no@example.org", **terms)
    assert wrong.status_code == 409
    assert 'value="no@example.org"' in wrong.text
    manager.fill("/people-and-roles/delegate", email="office@example.org", **terms)
    page = office.get("/account").text
    assert "Quay" in page
    office.fill("/account", "/account/organisation", organisation=str(surgery.id))
    assert json.loads(office.get("/api/v1/me").text)["acting_for"]["delegated"] is True
    manager.fill("/people-and-roles", *re.findall(
        r'action="(/people-and-roles/delegations/[^"]+/end)"', manager.get("/people-and-roles").text
    ))  # fmt: skip
    assert office.get("/people-and-roles").location.startswith("/account/organisation")


def test_a_token_is_made_shown_once_works_and_is_revoked(site: Site, manager: Visitor) -> None:
    made = manager.fill("/account/tokens", name="board", scopes=["people.read"], days="30")
    token = re.search(r"bankhub_[\w-]+", made.text)[0]
    assert token not in manager.get("/account").text

    def me():
        client = site.app.test_client()
        return client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})

    assert me().json["scopes"] == ["people.read"]
    [revoke] = re.findall(r'action="(/account/tokens/[^"]+/revoke)"', manager.get("/account").text)
    manager.fill("/account", revoke)
    assert me().status_code == 401


def test_a_token_is_offered_what_its_owner_may_do_and_no_more(
    site: Site, manager: Visitor
) -> None:
    invite(manager)
    nurse, _ = enter(site)
    offered = {
        name: set(re.findall(r'name="scopes"[^>]*value="(.+?)"', one.get("/account/tokens").text))
        for name, one in (("manager", manager), ("nurse", nurse))
    }
    assert {"people.read", "passports.verify", "verdicts.read"} <= offered["manager"]
    assert offered["nurse"] == {"account.own"}
    assert not offered["manager"] & {"passports.issue", "subjects.export"}
    beyond = nurse.fill("/account/tokens", name="board", scopes=["people.read"], days="30")
    assert "Choose at least one thing it may do." in beyond.text


@pytest.mark.asvs("7.5.2")
def test_one_sees_ones_sessions_and_ends_another(site: Site, manager: Visitor) -> None:
    invite(manager)
    here, _ = enter(site)
    there = site.visitor()
    there.sign_in(NURSE)
    page = here.get("/account").text
    [end] = re.findall(r'action="(/account/sessions/[^"]+/end)"', page)
    assert here.fill("/account", end).location == "/account"
    assert there.get("/account").status_code == 303
    here.fill("/account", "/account/sessions/end")
    assert here.get("/account").status_code == 303


def test_the_demo_offers_its_people_by_one_click_and_says_what_is_waived(sqlite_database) -> None:
    with sqlite_database.transaction() as session:
        home = build.an_organisation(session)
        account = build.an_account(session, demo=True, display_name="Mo Demo")
        roles.grant_to(session, account, R.BANK_MANAGER, by=operator(home.id), now=access.NOW)
    for demo, offered in ((True, True), (False, False)):
        visitor = a_site(sqlite_database, demo=demo).visitor()
        page = visitor.get("/sign-in").text
        assert ("Mo Demo" in page) is offered
        assert ("second factor is waived" in page) is offered
    visitor = a_site(sqlite_database, demo=True).visitor()
    entered = visitor.fill("/sign-in", "/sign-in/demo", account=str(account.id))
    assert entered.location == "/account"
    assert visitor.get("/people-and-roles").status_code == 200
    assert visitor.get("/account/tokens").status_code == 200


def test_outside_the_demo_the_one_click_is_not_found(site: Site) -> None:
    with site.database.transaction() as session:
        account = build.an_account(session, demo=True)
    visitor = site.visitor()
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/sign-in").text)[1]
    sent = {"csrf_token": token, "account": str(account.id)}
    assert visitor.post("/sign-in/demo", sent).status_code == 404

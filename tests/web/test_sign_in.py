"""Signing in on the pages, without any JavaScript: password, authenticator app, step-up, out."""

import re

import pytest

from passport.actors import AccessRole as R
from passport.db import Database
from tests.support import access
from tests.support.access import OTHER_PASSWORD, PASSWORD, App
from tests.support.access_web import Site, a_site, actions_on, hidden_fields

EMAIL = "manager@rivermead.example.org"
WORKER = "nurse@rivermead.example.org"


@pytest.fixture
def site(sqlite_database: Database) -> Site:
    home = access.trust(sqlite_database)
    access.enter(sqlite_database, home, EMAIL, R.BANK_MANAGER)
    access.enter(sqlite_database, home, WORKER, R.WORKER)
    return a_site(sqlite_database)


def enrol(visitor) -> App:
    """Set up an authenticator app on the pages."""
    page = visitor.fill("/account/second-factor", "/account/second-factor/app")
    secret = re.search(r'<code class="reference">([A-Z2-7]+)</code>', page.text)[1]
    [confirm] = [
        one for one in actions_on(page.text) if one.startswith("/account/second-factor/app/")
    ]
    app = App(secret, confirm.rpartition("/")[2])
    fields = hidden_fields(page.text, confirm)
    done = visitor.post(confirm, {**fields, "code": app.code(visitor.site.clock.now)})
    app.codes = tuple(re.findall(r'<code class="reference">([0-9A-Z-]{29})</code>', done.text))
    return app


def test_a_worker_signs_in_with_a_password_and_is_in(site: Site) -> None:
    visitor = site.visitor()
    entered = visitor.sign_in(WORKER)
    assert (entered.status_code, entered.location) == (303, "/account")
    assert WORKER in visitor.get("/account").text


@pytest.mark.asvs("6.3.3")
def test_a_manager_without_a_factor_reaches_nothing_but_enrolment(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(EMAIL)
    for path in ("/account", "/people-and-roles", "/account/tokens", "/account/password"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.location) == (303, "/account/second-factor"), path
    app = enrol(visitor)
    assert len(app.codes) == 10
    assert visitor.get("/people-and-roles").status_code == 200


def test_from_then_on_the_second_factor_is_asked_for_and_leads_back(site: Site) -> None:
    first = site.visitor()
    first.sign_in(EMAIL)
    app = enrol(first)
    visitor = site.visitor()
    visitor.sign_in(EMAIL)
    sent = visitor.get("/people-and-roles?search=x")
    assert sent.location.startswith("/sign-in/second-factor?next=/people-and-roles")
    assert visitor.fill(sent.location, code="000000").status_code == 422
    site.clock.move(seconds=30)
    done = visitor.fill(sent.location, code=app.code(site.clock.now))
    assert (done.status_code, done.location) == (303, "/people-and-roles?search=x")
    assert visitor.get(done.location).status_code == 200


def test_a_recovery_code_opens_the_door_once(site: Site) -> None:
    first = site.visitor()
    first.sign_in(EMAIL)
    app = enrol(first)
    for status in (303, 422):
        visitor = site.visitor()
        visitor.sign_in(EMAIL)
        done = visitor.fill("/sign-in/second-factor", code=app.codes[0].lower())
        assert done.status_code == status


@pytest.mark.asvs("6.3.1")
def test_a_wrong_password_says_the_same_as_an_unknown_address(site: Site) -> None:
    said = []
    for email in (WORKER, "nobody@rivermead.example.org"):
        answer = site.visitor().sign_in(email, "wrong wrong wrong")
        assert answer.status_code == 422
        text = re.sub(r'value="[^"]*"', "", answer.text)
        said.append(text.replace(email, ""))
    assert said[0] == said[1]


@pytest.mark.asvs("6.3.1")
def test_too_many_tries_are_answered_429_with_when_to_come_back(site: Site) -> None:
    visitor = site.visitor()
    statuses = [visitor.sign_in(WORKER, "wrong wrong").status_code for _ in range(7)]
    assert statuses == [422] * 6 + [429]
    last = visitor.sign_in(WORKER)
    assert 0 < int(last.headers["Retry-After"]) <= 61
    site.clock.move(minutes=1)
    assert visitor.sign_in(WORKER).status_code == 303


@pytest.mark.asvs("15.3.4")
def test_a_forged_forwarding_header_does_not_make_another_visitor(site: Site) -> None:
    statuses = []
    for n in range(7):
        visitor = site.visitor()
        page = visitor.get("/sign-in", headers={"X-Forwarded-For": f"203.0.113.{n}"})
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        answer = visitor.post(
            "/sign-in",
            {"email": WORKER, "password": "wrong wrong", "csrf_token": token},
            headers={"X-Forwarded-For": f"203.0.113.{n}"},
        )
        statuses.append(answer.status_code)
    assert statuses[-1] == 429


def test_behind_a_proxy_the_visitor_is_the_one_the_proxy_saw(sqlite_database: Database) -> None:
    """Whatever a visitor writes before it, the last address was put there by our own proxy."""
    access.enter(sqlite_database, access.trust(sqlite_database), WORKER, R.WORKER)
    site = a_site(sqlite_database, trusted_proxies=1)

    def try_from(n: int, address: str) -> int:
        visitor = site.visitor()
        headers = {"X-Forwarded-For": f"203.0.113.{n}, {address}"}
        page = visitor.get("/sign-in", headers=headers)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        fields = {"email": WORKER, "password": "wrong wrong", "csrf_token": token}
        return visitor.post("/sign-in", fields, headers=headers).status_code

    assert [try_from(n, "198.51.100.9") for n in range(7)][-1] == 429
    assert try_from(7, "198.51.100.10") == 422


@pytest.mark.asvs("7.2.4")
def test_the_session_before_the_second_factor_is_dead_after_it(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(EMAIL)
    before = visitor.cookies["bankhub"]
    enrol(visitor)
    assert visitor.cookies["bankhub"] != before
    thief = site.visitor()
    thief.client.set_cookie("bankhub", before, domain="localhost")
    assert thief.get("/account").location.startswith("/sign-in")


@pytest.mark.asvs("7.2.4")
def test_a_session_planted_before_signing_in_is_not_taken_over(site: Site) -> None:
    visitor = site.visitor()
    visitor.client.set_cookie("bankhub", "planted", domain="localhost")
    visitor.sign_in(WORKER)
    assert visitor.cookies["bankhub"] != "planted"


@pytest.mark.asvs("7.5.1")
def test_a_fresh_factor_is_asked_for_before_the_form_and_leads_back_to_it(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(EMAIL)
    app = enrol(visitor)
    site.clock.move(minutes=6)
    sent = visitor.get("/account/tokens")
    assert sent.location == "/account/confirm?next=/account/tokens"
    site.clock.move(seconds=30)
    back = visitor.fill(sent.location, code=app.code(site.clock.now))
    assert back.location == "/account/tokens"
    assert visitor.get("/account/tokens").status_code == 200


def test_a_deed_that_wants_a_fresh_factor_leads_to_it(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(EMAIL)
    enrol(visitor)
    site.clock.move(minutes=6)
    answer = visitor.fill("/account", "/account/sessions/end")
    assert answer.location.startswith("/account/confirm")


def test_a_worker_without_a_factor_confirms_with_the_password(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(WORKER)
    site.clock.move(minutes=6)
    wrong = visitor.fill("/account/confirm?next=/account/tokens", password="wrong wrong")
    assert wrong.status_code == 422
    right = visitor.fill("/account/confirm?next=/account/tokens", password=PASSWORD)
    assert right.location == "/account/tokens"


@pytest.mark.asvs("7.4.1")
def test_signing_out_ends_the_session_on_the_server_too(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(WORKER)
    kept = visitor.cookies["bankhub"]
    out = visitor.fill("/account", "/sign-out")
    assert out.location == "/sign-in"
    assert "bankhub" not in visitor.cookies
    visitor.client.set_cookie("bankhub", kept, domain="localhost")
    assert visitor.get("/account").status_code == 303


@pytest.mark.asvs("7.4.4")
def test_every_page_behind_the_sign_in_offers_the_way_out(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(EMAIL)
    assert "/sign-out" in actions_on(visitor.get("/account/second-factor").text)
    enrol(visitor)
    for path in ("/account", "/account/tokens", "/people-and-roles", "/people-and-roles/invite"):
        assert "/sign-out" in actions_on(visitor.get(path).text), path


NEXTS = {
    "a page of ours": ("/account/password", "/account/password"),
    "another site": ("https://evil.example/", "/account"),
    "another site without a scheme": ("//evil.example/", "/account"),
    "a backslash that browsers read as a slash": ("/\\evil.example", "/account"),
    "a script": ("javascript:alert(1)", "/account"),
    "a line break": ("/account\r\nSet-Cookie: x=1", "/account"),
    "nothing": ("", "/account"),
}


@pytest.mark.asvs("3.7.2")
@pytest.mark.asvs("15.3.2")
@pytest.mark.parametrize(("asked", "led"), NEXTS.values(), ids=NEXTS.keys())
def test_the_sign_in_leads_nowhere_but_here(site: Site, asked: str, led: str) -> None:
    assert site.visitor().sign_in(WORKER, next=asked).location == led


@pytest.mark.asvs("6.2.6")
@pytest.mark.asvs("6.2.7")
def test_password_fields_hide_what_is_typed_and_let_managers_fill_them(site: Site) -> None:
    text = site.visitor().get("/sign-in").text
    field = re.search(r'<input[^>]*name="password"[^>]*>', text)[0]
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
    assert "onpaste" not in text


def test_a_typed_password_is_never_sent_back(site: Site) -> None:
    answer = site.visitor().sign_in(WORKER, OTHER_PASSWORD)
    assert OTHER_PASSWORD not in answer.text
    assert WORKER in answer.text


OUT_OF_DATE = {"csrf_token": "of another session"}


def sent_from(path: str) -> dict[str, str]:
    return {"Referer": f"http://localhost{path}"}


@pytest.mark.parametrize("sent", ["/account/password", "/account/sessions/end"])
def test_a_deed_too_late_leads_back_to_its_page_and_says_that_it_was_not_done(
    site: Site, sent: str
) -> None:
    visitor = site.visitor()
    visitor.sign_in(WORKER)
    site.clock.move(minutes=31)
    answer = visitor.post(sent, headers=sent_from(sent))
    page = "/account/password" if sent == "/account/password" else "/account"
    assert answer.location == f"/sign-in?next={page}"
    assert "it was not done" in visitor.get(answer.location).text


def test_a_page_asked_for_too_late_is_no_deed(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(WORKER)
    site.clock.move(minutes=31)
    assert "it was not done" not in visitor.get(visitor.get("/account").location).text


def test_an_address_that_only_takes_forms_names_its_page(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(WORKER)
    answer = visitor.get("/account/sessions/end")
    assert answer.status_code == 405
    assert '<a href="/account">' in answer.text


def test_a_form_of_an_old_session_says_so_and_names_its_page(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(WORKER)
    answer = visitor.post(
        "/account/password", OUT_OF_DATE, headers=sent_from("/account/password")
    )
    assert answer.status_code == 403
    assert "Not sent: this page was out of date" in answer.text
    assert '<a href="/account/password">' in answer.text
    assert "Ask the bank office" not in answer.text


def test_idle_and_old_sessions_are_sent_to_sign_in_and_back(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(WORKER)
    for _ in range(3):
        site.clock.move(minutes=29)
        assert visitor.get("/account").status_code == 200
    site.clock.move(minutes=30)
    assert visitor.get("/account/password").location == "/sign-in?next=/account/password"
    own = site.visitor()
    own.sign_in(WORKER, own_device="yes")
    site.clock.move(days=29)
    assert own.get("/account").status_code == 200
    site.clock.move(days=1)
    assert own.get("/account").status_code == 303

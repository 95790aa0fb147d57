"""Who gets in front of every view: closed by default, no forged requests, cookies, headers."""

import re
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from passport.actions.access import tokens
from passport.actors import AccessRole as R
from passport.actors import operator
from passport.asset_files import asset_folder
from passport.db import Database
from passport.web import forgery
from passport.web.access import Open
from tests.support import access
from tests.support.access_web import Site, Visitor, a_site
from tests.web.route_table import RIGHTS, Anyone

WORKER = "nurse@rivermead.example.org"


@pytest.fixture
def site(sqlite_database: Database) -> Site:
    access.enter(sqlite_database, access.trust(sqlite_database), WORKER, R.WORKER)
    return a_site(sqlite_database)


@pytest.fixture
def worker(site: Site) -> Visitor:
    visitor = site.visitor()
    visitor.sign_in(WORKER)
    return visitor


def path_of(rule: Rule) -> str:
    """The rule's address with made-up identifiers."""
    values: dict[str, object] = {name: str(uuid4()) for name in rule.arguments}
    for name, converter in rule._converters.items():
        if isinstance(converter, IntegerConverter):
            values[name] = 1
        if isinstance(converter, AnyConverter):
            values[name] = min(converter.items)
    return rule.build(values, append_unknown=False)[1]


def rules(app: Flask, method: str) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if method in rule.methods]


def open_to(app: Flask, rule: Rule) -> Open | None:
    return getattr(app.view_functions[rule.endpoint], "open_to", None)


def is_for_visitors(rule: Rule) -> bool:
    """Whether the table of rights says so: an own word for each such view."""
    return rule.endpoint == "static" or RIGHTS.get(str(rule.endpoint)) is Anyone.VISITOR


def is_for_programs(app: Flask, rule: Rule) -> bool:
    """Other installations' programs: no cookie is looked at, so there is nothing to forge."""
    return is_for_visitors(rule) and open_to(app, rule) is Open.PROGRAMS


@pytest.mark.asvs("8.2.1")
def test_signed_out_every_page_but_the_listed_ones_leads_to_sign_in(site: Site) -> None:
    for rule in rules(site.app, "GET"):
        answer = site.visitor().get(path_of(rule))
        if is_for_visitors(rule):
            assert answer.status_code in (200, 400, 404, 406), rule
        elif str(rule).startswith("/api/"):
            assert (answer.status_code, answer.json["code"]) == (401, "sign_in_needed"), rule
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        else:
            assert answer.status_code == 303, rule
            assert answer.location.startswith("/sign-in"), rule


def unsafe(app: Flask) -> list[tuple[Rule, str]]:
    return [(rule, method) for method in ("POST", "PUT", "PATCH", "DELETE")
            for rule in rules(app, method)
            if not is_for_programs(app, rule)]  # fmt: skip


@pytest.mark.asvs("3.5.1")
def test_no_unsafe_route_takes_a_form_without_its_token(site: Site, worker: Visitor) -> None:
    walked = unsafe(site.app)
    assert len(walked) > 25
    for rule, method in walked:
        for sent in ({}, {"csrf_token": "guessed"}, {"csrf_token": "\u00e9"}):
            answer = worker.client.open(path_of(rule), method=method, data=sent)
            assert (answer.status_code, code_of(answer)) == (403, "form_out_of_date"), rule


CROSS_SITE = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a sister host": {"Sec-Fetch-Site": "same-site"},
    "an old browser at another site": {"Origin": "https://evil.example"},
    "a page without an origin": {"Origin": "null"},
    "another port of this machine": {"Origin": "http://localhost:9999"},
}


@pytest.mark.asvs("3.5.1")
@pytest.mark.asvs("3.5.2")
@pytest.mark.parametrize("headers", CROSS_SITE.values(), ids=CROSS_SITE.keys())
def test_no_unsafe_route_takes_a_request_made_by(site: Site, headers: dict[str, str]) -> None:
    visitor = site.visitor()
    visitor.sign_in(WORKER)
    page = visitor.get("/account")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    for rule, method in unsafe(site.app):
        answer = visitor.client.open(
            path_of(rule), method=method, data={"csrf_token": token}, headers=headers
        )
        assert (answer.status_code, code_of(answer)) == (403, "other_site"), rule


def code_of(answer) -> str:
    return answer.json["code"] if answer.is_json else answer.text


def test_our_own_page_and_a_typed_address_pass(worker: Visitor) -> None:
    for headers in (
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
    ):
        token = worker.get("/account").text.partition('name="csrf_token" value="')[2][:43]
        answer = worker.post(
            "/account/organisation", {"csrf_token": token, "organisation": ""}, headers=headers
        )
        assert answer.status_code == 404  # past the check: there is no such organisation


@pytest.mark.asvs("3.5.1")
def test_a_visitors_form_carries_a_token_of_its_own(site: Site) -> None:
    one, other = site.visitor(), site.visitor()
    token = one.get("/sign-in").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    other.get("/sign-in")
    fields = {"email": WORKER, "password": access.PASSWORD, "csrf_token": token}
    assert other.post("/sign-in", fields).status_code == 403
    assert one.post("/sign-in", fields).status_code == 303


def test_mutant_with_the_check_off_a_forged_request_passes(site: Site, monkeypatch) -> None:
    """Shows that the walks above look at the control: with it off, they would fail."""
    visitor = site.visitor()
    visitor.sign_in(WORKER)
    monkeypatch.setattr(forgery, "check", lambda _token: None)
    with pytest.raises(AssertionError):
        test_no_unsafe_route_takes_a_form_without_its_token(site, visitor)


@pytest.mark.asvs("3.5.3")
def test_reading_changes_nothing(site: Site, worker: Visitor) -> None:
    """Every GET route, asked by someone signed in, leaves no event."""
    before = len(access.events(site.database))
    for rule in rules(site.app, "GET"):
        worker.get(path_of(rule))
    assert len(access.events(site.database)) == before


@pytest.mark.asvs("3.3.1")
@pytest.mark.asvs("3.3.2")
@pytest.mark.asvs("3.3.3")
@pytest.mark.asvs("3.3.4")
def test_over_https_every_cookie_is_a_host_cookie(sqlite_database: Database) -> None:
    access.enter(sqlite_database, access.trust(sqlite_database), WORKER, R.WORKER)
    site = a_site(sqlite_database, base_url="https://bank.example")
    visitor = site.visitor()
    answers = [
        visitor.get("/sign-in"),
        visitor.sign_in(WORKER),
        visitor.fill("/account", "/sign-out"),
    ]
    cookies = [one for answer in answers for one in answer.headers.getlist("Set-Cookie")]
    assert len(cookies) >= 4
    for cookie in cookies:
        assert cookie.startswith("__Host-bankhub")
        parts = set(cookie.split("; "))
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts
        assert not any(part.startswith("Domain") for part in parts)


def test_on_loopback_the_cookie_is_plain_but_out_of_reach_of_scripts(worker: Visitor) -> None:
    [cookie] = [one for one in worker.client._cookies.values() if one.key == "bankhub"]
    assert (cookie.http_only, cookie.secure, cookie.same_site) == (True, False, "Lax")


HOSTS = {
    "another machine's address": ("http://192.0.2.10:8000", 400),
    "a name that was made to lead here": ("http://rebound.example", 400),
    "a name that starts like ours": ("http://localhost.example", 400),
    "this machine by number": ("http://127.0.0.1:8000", 200),
    "this machine by name": ("http://localhost:8000", 200),
    "this machine in IPv6": ("http://[::1]:8000", 200),
}


@pytest.mark.parametrize(("base_url", "status"), HOSTS.values(), ids=HOSTS.keys())
def test_without_https_it_answers_this_machine_only(site: Site, base_url: str, status: int) -> None:
    assert site.app.test_client().get("/sign-in", base_url=base_url).status_code == status


@pytest.mark.asvs("3.4.3")
@pytest.mark.asvs("3.4.4")
@pytest.mark.asvs("3.4.5")
@pytest.mark.asvs("3.4.6")
def test_every_answer_carries_the_headers(site: Site, worker: Visitor) -> None:
    paths = [
        path_of(rule) for rule in rules(site.app, "GET") if not is_for_programs(site.app, rule)
    ]
    for path in (*paths, "/nowhere", "/static/app.css", "/api/v1/nowhere"):
        answer = worker.get(path)
        policy = answer.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "object-src 'none'", "base-uri 'none'",
                     "frame-ancestors 'none'", "require-trusted-types-for 'script'"):  # fmt: skip
            assert part in policy, path
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "camera=()" in answer.headers["Permissions-Policy"]


@pytest.mark.asvs("3.4.1")
def test_over_https_browsers_are_told_to_stay_there(sqlite_database: Database) -> None:
    site = a_site(sqlite_database, base_url="https://bank.example")
    answer = site.visitor().get("/sign-in")
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


@pytest.mark.asvs("14.3.2")
def test_personal_pages_are_never_kept_and_hashed_files_for_ever(worker: Visitor) -> None:
    for path in ("/account", "/people-and-roles", "/api/v1/me"):
        assert worker.get(path).headers["Cache-Control"] == "no-store", path
    assert "immutable" in worker.get("/static/app.css?v=abc").headers["Cache-Control"]
    assert "immutable" not in worker.get("/static/app.css").headers["Cache-Control"]


def a_token(site: Site, scopes=None) -> str:
    account_id = access.with_password(site.database, WORKER, now=site.clock.now).account_id
    with site.database.transaction() as session:
        place = access.events(site.database, "role.granted")[0].organisation_id
        return tokens.make_for(
            session, account_id=account_id, name="x", scopes=scopes, by=operator(place),
            now=site.clock.now,
        )  # fmt: skip


@pytest.mark.asvs("7.2.1")
def test_a_bearer_token_says_who_and_needs_no_form_token(site: Site) -> None:
    client, token = site.app.test_client(), a_token(site)
    for scheme in ("Bearer", "bearer"):
        answer = client.get("/api/v1/me", headers={"Authorization": f"{scheme} {token}"})
        assert answer.json["email"] == WORKER
        assert answer.json["acting_for"]["roles"] == ["worker"]
    site.clock.move(days=90)
    dead = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (dead.status_code, dead.json["code"]) == (401, "token_not_valid")


def test_a_wrong_bearer_token_is_not_rescued_by_a_cookie(worker: Visitor) -> None:
    for sent in ("Bearer x", "Bearer", "Bearer \u00e9"):
        answer = worker.get("/api/v1/me", headers={"Authorization": sent})
        assert answer.status_code == 401


def test_on_pages_a_token_counts_for_nothing(site: Site) -> None:
    client, token = site.app.test_client(), a_token(site)
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
    for path in ("/account", "/account/second-factor", "/account/tokens"):
        assert client.get(path, headers=headers).location.startswith("/sign-in"), path
    for path in ("/account/second-factor/app", "/account/sessions/end", "/account/tokens"):
        assert client.post(path, headers=headers).location.startswith("/sign-in"), path


def test_the_message_after_a_deed_is_said_once_and_cannot_be_forged(worker: Visitor) -> None:
    worker.fill("/account/password", password=access.PASSWORD, new_password=access.OTHER_PASSWORD)
    said = "Your password is changed."
    kept = worker.cookies["bankhub-said"]
    assert said in worker.get("/account").text
    assert said not in worker.get("/account").text
    worker.client.set_cookie("bankhub-said", "x" + kept, domain="localhost")
    assert said not in worker.get("/account").text


def test_liveness_does_not_ask_the_database(site: Site) -> None:
    site.database.engine.dispose()
    client = site.app.test_client()
    client.set_cookie("bankhub", "x", domain="localhost")
    assert client.get("/healthz").status_code == 200


@pytest.mark.asvs("3.4.3")
def test_no_template_holds_what_the_policy_would_block() -> None:
    """Inline scripts, styles and event handlers; the policy allows none of them."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)
    for path in asset_folder("templates").rglob("*.*"):
        text = path.read_text("utf-8")
        assert path.suffix == ".txt" or not inline.search(text), path


def test_the_token_form_offers_the_usual_days_and_names_every_mistake(worker: Visitor) -> None:
    assert re.search(r'name="days"[^>]*value="90"', worker.get("/account/tokens").text)
    wrong = worker.fill("/account/tokens", name="", days="soon")
    assert wrong.status_code == 422
    for field in ("name", "scopes", "days"):
        assert f'href="#{field}"' in wrong.text

"""The endpoints that wallets call, and an employer's pages, as they go over the wire."""

import html
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from passport.actions.signing import keys
from passport.actors import AccessRole as R
from passport.config import Config
from passport.db import Database
from passport.model.people import Person
from tests.support import access, issuing, showing
from tests.support.access import App
from tests.support.access_web import Clock, Site, Visitor
from tests.support.apps import ground_floor
from tests.support.issuing import BASE, NOW
from tests.support.showing import Fetched, Wallet
from tests.web.test_sign_in import enrol

EMPLOYER = "employer@elsewhere.example.org"
REQUEST_TYPE = "application/oauth-authz-req+jwt"


@dataclass
class Scene:
    """A nurse's wallet, and an employer's site."""

    site: Site
    nurse: Person
    wallet: Wallet
    root: str
    app: App | None = None

    def employer(self) -> Visitor:
        visitor = self.site.visitor()
        visitor.sign_in(EMPLOYER)
        if self.app is None:
            self.app = enrol(visitor)
        else:
            visitor.give_code(self.app)
        return visitor

    def ask(self, employer: Visitor, **fields: str) -> str:
        """Ask on the pages; returns the page that waits."""
        made = employer.fill("/ask/for/bank_shift", **fields)
        assert made.status_code == 303, made.text
        return str(made.location)

    def uri(self, employer: Visitor, page: str) -> str:
        found = re.search(r'href="(openid4vp:[^"]+)"', employer.get(page).text)
        assert found is not None
        return html.unescape(found[1])

    def fetch(self, uri: str, **more: Any) -> TestResponse:
        return self._call(showing.started(uri)["request_uri"], **more)

    def read(self, uri: str, **more: Any) -> Fetched:
        answer = self.fetch(uri, **more)
        assert (answer.status_code, answer.content_type) == (200, REQUEST_TYPE)
        return showing.read_request(answer.text, root=self.root, uri=uri, now=self.site.clock.now)

    def send(self, request: Fetched, form: Any) -> TestResponse:
        return self._call(str(request.claims["response_uri"]), data=form)

    def _call(self, address: str, data: Any = None) -> TestResponse:
        assert address.startswith(f"{BASE}/")
        client, path = self.site.app.test_client(), address.removeprefix(BASE)
        headers = {"Origin": "https://wallet.example.org"}
        if data is None:
            return client.get(path, base_url=BASE, headers=headers)
        return client.post(path, base_url=BASE, headers=headers, data=data)


@pytest.fixture
def scene(sqlite_database: Database) -> Scene:
    with sqlite_database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = issuing.a_holder(session, world)
        row, key = issuing.a_wallet(session, world, nurse)
        texts = issuing.collected(session, world, nurse, row, key)
        issuing.published(session)
        host = issuing.a_trust(session, ods_code="RXX", name="Elsewhere NHS Trust")
        root = keys.root_pem(session)
    access.enter(sqlite_database, host.organisation, EMPLOYER, R.VERIFIER, now=NOW)
    config = Config(
        database_url="", secret_key="11" * 32, master_key="22" * 32, base_url=BASE
    )
    clock = Clock()
    clock.now = NOW
    app = ground_floor(config, database=sqlite_database, now=clock, real_now=clock)
    wallet = Wallet([(text, key) for text in texts.values()], NOW)
    return Scene(Site(app, clock, sqlite_database), nurse, wallet, root)


def test_from_the_purpose_to_the_verdict_on_pages_without_a_script(scene: Scene) -> None:
    employer = scene.employer()
    start = employer.get("/ask").text
    assert "Work a bank shift here" in start
    before = employer.get("/ask/for/bank_shift").text
    assert "Date of birth" in before
    assert "UK GDPR Article 6(1)(e)" in before
    page = scene.ask(employer)
    uri = scene.uri(employer, page)
    assert "data:image/svg+xml" in employer.get(page).text
    assert employer.get(f"{page}/state").json == {"state": "waiting"}
    request = scene.read(uri)
    told = scene.send(request, scene.wallet.form(request))
    assert (told.status_code, told.content_type, told.json) == (200, "application/json", {})
    assert employer.get(f"{page}/state").json == {"state": "answered"}
    after = employer.get(page).text
    assert "Green: everything asked for holds" in after
    assert f"{scene.nurse.given_name} {scene.nurse.family_name}" in after
    assert "01A2345N" in after
    assert "Stockport NHS FT (RWJ) says so" in after
    assert "not shown: Occupational health clearance" in after
    done = employer.fill(page, f"{page}/decision", decision="supervised")
    assert done.status_code == 303
    assert "Admitted under supervision" in employer.get("/ask").text


def test_a_request_is_fetched_twice_and_by_post_with_the_wallets_nonce(scene: Scene) -> None:
    employer = scene.employer()
    uri = scene.uri(employer, scene.ask(employer))
    first, again = scene.read(uri), scene.read(uri)
    assert first.claims == again.claims
    assert "wallet_nonce" not in first.claims
    form = {"wallet_nonce": "qPmxiNFCR3QTm19POc8u", "wallet_metadata": "{}", "more": "ignored"}
    posted = scene.read(uri, data=form)
    assert posted.claims["wallet_nonce"] == "qPmxiNFCR3QTm19POc8u"
    assert "wallet_nonce" not in scene.read(uri, data={}).claims
    assert scene.fetch(uri, data={"wallet_nonce": ["a", "b"]}).status_code == 400
    assert scene.fetch(uri, data={"wallet_nonce": "n" * 600}).status_code == 400


def test_wallets_on_other_sites_may_fetch_and_answer(scene: Scene) -> None:
    employer = scene.employer()
    uri = scene.uri(employer, scene.ask(employer))
    fetched = scene.fetch(uri)
    request = scene.read(uri)
    answered = scene.send(request, scene.wallet.form(request))
    for one in (fetched, answered):
        assert one.headers["Access-Control-Allow-Origin"] == "*"
        assert one.headers["Cache-Control"] == "no-store"
    asked = scene.site.app.test_client().options(
        str(request.claims["response_uri"]).removeprefix(BASE), base_url=BASE
    )
    assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (200, "*")


def test_what_is_refused_is_told_as_the_standard_has_it(scene: Scene) -> None:
    employer = scene.employer()
    uri = scene.uri(employer, scene.ask(employer))
    request = scene.read(uri)
    form = scene.wallet.form(request)
    for bad in (
        {}, {"response": "x"}, {**form, "response": [form["response"]] * 2}, {"vp_token": "{}"},
        {"state": request.claims["state"], "vp_token": json.dumps({"identity": ["x"]})},
    ):  # fmt: skip
        refused = scene.send(request, bad)
        assert (refused.status_code, refused.content_type) == (400, "application/json")
        assert refused.json is not None
        assert refused.json["error"] == "invalid_request"
    assert scene.send(request, form).status_code == 200
    assert scene.send(request, form).status_code == 400
    assert scene.fetch(uri).status_code == 410


@pytest.mark.parametrize("name", ["x", "01990000-0000-7000-8000-000000000000"])
def test_an_unknown_request_is_not_there(scene: Scene, name: str) -> None:
    client = scene.site.app.test_client()
    for answer in (
        client.get(f"/passport/requests/{name}", base_url=BASE),
        client.post(f"/passport/responses/{name}", base_url=BASE, data={"state": "x"}),
    ):
        assert answer.status_code == 404
        assert answer.content_type == "application/json"


def test_a_wallets_no_is_told_in_words(scene: Scene) -> None:
    employer = scene.employer()
    page = scene.ask(employer)
    request = scene.read(scene.uri(employer, page))
    said = {"error": "access_denied", "state": request.claims["state"]}
    assert scene.send(request, said).status_code == 200
    assert "did not want to show this" in employer.get(page).text


def test_an_unanswered_request_runs_out(scene: Scene) -> None:
    employer = scene.employer()
    page = scene.ask(employer)
    scene.site.clock.move(minutes=11)
    assert "The request ran out" in employer.get(page).text


def test_on_one_device_the_wallet_leads_back_into_the_same_browser(scene: Scene) -> None:
    employer, thief = scene.employer(), scene.employer()
    for browser, words in ((employer, "Green"), (thief, "another browser")):
        page = scene.ask(employer, device="this")
        request = scene.read(scene.uri(employer, page))
        told = scene.send(request, scene.wallet.form(request)).json
        assert told is not None
        back = told["redirect_uri"]
        assert back.startswith(f"{BASE}{page}/back?response_code=")
        assert "Go back to it" in employer.get(page).text
        assert scene.nurse.family_name not in employer.get(page).text
        browser.get(back.removeprefix(BASE))
        shown = employer.get(page).text
        assert words in shown
        assert (scene.nurse.family_name in shown) is (browser is employer)
        assert browser.get(back.removeprefix(BASE)).status_code == 404


def test_an_expired_look_shows_only_that_somebody_was_checked(scene: Scene) -> None:
    employer = scene.employer()
    page = scene.ask(employer)
    request = scene.read(scene.uri(employer, page))
    scene.send(request, scene.wallet.form(request))
    scene.site.clock.move(hours=72)
    later = scene.employer()
    shown = later.get(page).text
    assert scene.nurse.family_name not in shown
    assert "What was shown is no longer kept" in shown


def test_asking_by_program(scene: Scene) -> None:
    employer = scene.employer()
    token = _token(employer)
    client = scene.site.app.test_client()
    call = {"base_url": BASE, "headers": {"Authorization": f"Bearer {token}"}}
    outside = {"purpose": "ward_door", "credentials": [{"type": "oh_clearance", "claims": []}]}
    refused = client.post("/api/v1/presentation-requests", json=outside, **call)
    assert refused.json is not None
    assert (refused.status_code, refused.json["code"]) == (409, "outside_purpose")
    body = {"purpose": "ward_door", "response_mode": "direct_post"}
    made = client.post("/api/v1/presentation-requests", json=body, **call).json
    assert made is not None
    assert (made["state"], made["outcome"]) == ("waiting", None)
    request = scene.read(made["uri"])
    assert scene.send(request, scene.wallet.form(request)).status_code == 200
    read = client.get(f"/api/v1/presentation-requests/{made['id']}", **call).json
    assert read is not None
    assert (read["state"], read["outcome"], read["reasons"]) == ("answered", "green", [])
    assert read["name"] == f"{scene.nurse.given_name} {scene.nurse.family_name}"
    assert {one["kind"] for one in read["facts"]} == {
        "identity", "professional_registration", "employment_assignment"
    }  # fmt: skip


def _token(employer: Visitor) -> str:
    made = employer.fill("/account/tokens", name="program", scopes="passports.ask", days="30")
    found = re.search(r"<code[^>]*>([A-Za-z0-9_-]{20,})</code>", made.text)
    assert found is not None, made.text[:3000]
    return found[1]

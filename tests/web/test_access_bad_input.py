"""Whatever is sent to the pages about accounts, the answer is a clear one and never a fault."""

import re
from uuid import uuid4

import pytest

from passport.actors import AccessRole as R
from passport.db import Database
from tests.support import access
from tests.support.access_web import Site, Visitor, a_site
from tests.web.test_sign_in import enrol

MANAGER = "manager@rivermead.example.org"

ODD = {
    "nothing": None,
    "empty": "",
    "a NUL character": "a\x00b@example.org",
    "very long": "x" * 20_000,
    "markup": "<script>alert(1)</script>",
    "right to left and emoji": "\u202egnp.\U0001f9ff",
    "a quote": "' or 1=1 --",
    "a number too large": "9" * 40,
}
FIELDS = (
    "email", "password", "new_password", "code", "display_name", "name", "scopes", "days",
    "role", "from_on", "until_on", "organisation", "account", "next", "idempotency_key",
)  # fmt: skip
ENDS_THE_SESSION = ("/sign-out", "/account/sessions/end")


@pytest.fixture
def site(database: Database) -> Site:
    access.enter(database, access.trust(database), MANAGER, R.BANK_MANAGER)
    return a_site(database)


def signed_in(site: Site) -> Visitor:
    visitor = site.visitor()
    visitor.sign_in(MANAGER)
    enrol(visitor)
    return visitor


def routes(site: Site, method: str) -> list[str]:
    found = []
    for rule in site.app.url_map.iter_rules():
        if method in rule.methods and not str(rule).startswith("/static"):
            path = re.sub(r"<[^>]+>", "{}", str(rule))
            if path not in ENDS_THE_SESSION:
                found.append(path)
    return sorted(set(found))


@pytest.mark.asvs("16.5.1")
def test_no_form_and_no_body_brings_a_page_down(site: Site) -> None:
    visitor = signed_in(site)
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/account").text)[1]
    for path in routes(site, "POST"):
        where = path.format(uuid4(), uuid4())
        for case, odd in ODD.items():
            data = {} if odd is None else dict.fromkeys(FIELDS, odd)
            answer = visitor.post(where, {**data, "csrf_token": token})
            assert answer.status_code < 500, (path, case)
            assert answer.status_code != 403 or "step-up" not in answer.text, (path, case)
            assert "<script>alert" not in answer.text, (path, case)
        for body in (b"", b"[", b"[]", b'"x"', b"{}", b'{"credential": {"rawId": 1}}',
                     b'{"credential": {"rawId": "x", "response": {"clientDataJSON": "!"}}}',
                     b"[" * 30_000):  # fmt: skip
            answer = visitor.client.post(
                where, data=body, content_type="application/json", headers={"X-CSRF-Token": token}
            )
            assert answer.status_code < 500, (path, body[:60])


def test_no_address_brings_a_page_down(site: Site) -> None:
    visitor = signed_in(site)
    odd = ["%00", "%ff", "x" * 3000, "..%2f..%2fetc", "%e2%80%ae", "'"]
    for path in routes(site, "GET"):
        for part in odd:
            query = {"next": "a\x00b", "search": "\x00%_", "role": "\x00", "after": "\x00"}
            answer = visitor.get(path.format(part, part), query_string=query)
            assert answer.status_code < 500, (path, part)


@pytest.mark.asvs("15.3.3")
def test_fields_that_are_not_asked_for_change_nothing(site: Site) -> None:
    visitor = signed_in(site)
    other = access.trust(site.database, "Other")
    visitor.fill(
        "/people-and-roles/invite", email="x.y@example.org", role="worker",
        organisation_id=str(other.id), demo="true",
        verified_at="2026-01-01", person_id=str(uuid4()),
    )  # fmt: skip
    granted = access.events(site.database, "role.granted")[-1]
    assert granted.organisation_id != other.id

"""What the built-in wallet does not take: from an issuer, from an asker, in a token.

The answers of the real server are changed on the way to the phone.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from passport.db import Database
from passport.rules.tokens import es256, jws
from tests.support.phone import Phone
from tests.support.wallet_house import House, a_house

Change = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return a_house(sqlite_database)


@pytest.fixture
def phone(browser: Browser, house: House) -> Iterator[Phone]:
    made = Phone(browser, house, service_workers="block")
    yield made
    made.context.close()
    assert made.said == []


def changed(phone: Phone, address: str, change: Change) -> None:
    """From now on the answers of that address arrive changed."""

    def pass_on(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps(change(answer.json())))

    phone.context.route(address, pass_on)


def set_up(phone: Phone, house: House) -> Page:
    """Up to the offer, on a new phone."""
    page = phone.arrive(house.link(house.offer()), "first")
    page.get_by_role("button", name="Set up on this phone").click()
    return page


OTHER = es256.new_key()
ELSEWHERE = "http://wallets.example.org/token"
ON_THE_WAY: dict[str, tuple[str, Change, str]] = {
    "metadata of another issuer": (
        "**/.well-known/openid-credential-issuer/**",
        lambda said: said | {"credential_issuer": said["credential_issuer"] + "X"},
        "names another issuer",
    ),
    "a sign-in service of somebody else": (
        "**/.well-known/oauth-authorization-server/**",
        lambda said: said | {"issuer": "https://example.org"},
        "names another one",
    ),
    "a token endpoint without encryption": (
        "**/.well-known/oauth-authorization-server/**",
        lambda said: said | {"token_endpoint": ELSEWHERE},
        "an address that is not safe",
    ),
}


@pytest.mark.parametrize("case", ON_THE_WAY)
def test_an_issuer_that_is_not_itself_gets_nothing(phone: Phone, house: House, case: str) -> None:
    address, change, words = ON_THE_WAY[case]
    with house.served():
        changed(phone, address, change)
        page = set_up(phone, house)
        expect(page.locator("#link-error")).to_contain_text(words)
        assert not any("/token" in one for one in house.asked)


TAMPERED: dict[str, tuple[str, Change, str]] = {
    "signed by another key": (
        "**/.well-known/jwt-vc-issuer/**",
        lambda said: said | {"jwks": {"keys": [dict(es256.public(OTHER).jwk)]}},
        "It is not signed by the issuer.",
    ),
    "altered": (
        "**/passport/issuers/RWJ/credential",
        lambda said: {"credentials": [{"credential": bent(one)} for one in texts(said)]},
        "It was not kept.",
    ),
    "with the proof of a holder on it": (
        "**/passport/issuers/RWJ/credential",
        lambda said: {"credentials": [{"credential": one + "e30.e30.AA"} for one in texts(said)]},
        "It was not kept.",
    ),
}


def texts(said: dict[str, Any]) -> list[str]:
    return [one["credential"] for one in said["credentials"]]


def bent(text: str) -> str:
    """With another character in its signature, where it has one of its own."""
    place = text.rindex(".", 0, text.find("~")) + 10 if "." in text else len(text) // 3
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]


@pytest.mark.parametrize("case", TAMPERED)
def test_a_credential_that_does_not_hold_is_not_kept(phone: Phone, house: House, case: str) -> None:
    address, change, words = TAMPERED[case]
    with house.served():
        changed(phone, address, change)
        page = set_up(phone, house)
        page.get_by_role("button", name="Add all").click()
        expect(page.get_by_role("heading", name="Nothing was added")).to_be_visible()
        expect(page.get_by_text(words).first).to_be_visible()
        assert page.locator(".notice--bad").count() >= 5


def test_credentials_of_another_phone_are_not_kept(
    phone: Phone, browser: Browser, house: House
) -> None:
    with house.served():
        answers: list[dict[str, Any]] = []
        other = Phone(browser, house, service_workers="block")

        def kept(said: dict[str, Any]) -> dict[str, Any]:
            answers.append(said)
            return said

        changed(other, "**/issuers/RWJ/credential", kept)
        set_up(other, house).get_by_role("button", name="Add all").click()
        expect(other.page.get_by_role("heading", name="6 added")).to_be_visible()
        other.context.close()
        changed(phone, "**/issuers/RWJ/credential", lambda _said: answers.pop(0))
        page = set_up(phone, house)
        page.get_by_role("button", name="Add all").click()
        expect(page.get_by_role("heading", name="Nothing was added")).to_be_visible()
        assert page.get_by_text("It is not bound to this phone.").count() == 6


def test_a_credential_of_another_kind_than_asked_for_is_not_kept(
    phone: Phone, house: House
) -> None:
    with house.served():
        first: list[str] = []

        def swap(route: Route) -> None:
            asked = json.loads(route.request.post_data or "")
            if "credential_identifier" in asked:
                first.append(asked["credential_identifier"])
                asked["credential_identifier"] = first[0]
            route.continue_(post_data=json.dumps(asked))

        phone.context.route("**/issuers/RWJ/credential", swap)
        page = set_up(phone, house)
        page.get_by_role("button", name="Add all").click()
        expect(page.get_by_text("It is of another kind than was announced.")).to_have_count(4)


def test_a_request_that_is_not_the_askers_own_shows_nothing(phone: Phone, house: House) -> None:
    with house.served():
        set_up(phone, house).get_by_role("button", name="Add all").click()
        expect(phone.page.get_by_role("heading", name="6 added")).to_be_visible()
        link = house.request_link(house.ask("ward_door"))
        wrong = link.replace("x509_hash%253A", "x509_hash%253AA")
        assert wrong != link
        page = phone.arrive(wrong, "present")
        expect(page.locator("#link-error")).to_contain_text("not signed as it should be")
        phone.context.route(
            "**/passport/requests/*",
            lambda route: route.fulfill(body=bent(route.fetch().text())),
        )
        page = phone.arrive(link, "present")
        expect(page.locator("#link-error")).to_contain_text("not signed as it should be")


KEY = es256.new_key()
HOLDER = dict(es256.public(es256.new_key()).jwk)


def encoded(*parts: Any) -> str:
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def digest(disclosure: str) -> str:
    return urlsafe_b64encode(sha256(disclosure.encode()).digest()).decode().rstrip("=")


def token(*disclosures: str, typ: str = "dc+sd-jwt", end: str = "~", **claims: Any) -> str:
    """An SD-JWT whose digests are those of the disclosures, unless told otherwise."""
    said = {"vct": "urn:x", "_sd": [digest(one) for one in disclosures], **claims}
    return "~".join([jws.write(said, KEY, typ=typ), *disclosures]) + end


NAME = encoded("salt", "name", "Ada")
NESTED: Any = "x"
for _ in range(20):
    NESTED = [NESTED]

BAD_TOKENS = {
    "no tilde at the end": token(NAME, end=""),
    "another type": token(NAME, typ="kb+jwt"),
    "another hash": token(NAME, _sd_alg="sha-512"),
    "a disclosure twice": token(NAME, NAME, _sd=[digest(NAME)]),
    "a digest twice": token(_sd=[digest("nothing")] * 2),
    "a disclosure that nothing refers to": token(NAME, _sd=[]),
    "a disclosure of a name that is there": token(NAME, name="Eve"),
    "a disclosure of a reserved name": token(encoded("salt", "_sd", "x")),
    "a disclosure of two parts in an object": token(encoded("salt", "x")),
    "a disclosure of three parts in a list": token(NAME, _sd=[], list=[{"...": digest(NAME)}]),
    "a disclosure that is no list": token(urlsafe_b64encode(b'{"a":1}').decode().rstrip("=")),
    "digests that are no list": token(_sd={"a": 1}),
    "no type of credential": token(NAME, vct=None),
    "twenty lists in each other": token(NAME, deep=NESTED),
}


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[Page]:
    """A page with the modules alone."""
    static = Path(__file__).parents[2] / "static"
    page = browser.new_page()

    def give(route: Route) -> None:
        path = route.request.url.removeprefix("http://localhost/")
        if path == "page":
            route.fulfill(body="<!doctype html>", content_type="text/html")
        else:
            route.fulfill(body=(static / path).read_text(), content_type="text/javascript")

    page.route("http://localhost/**", give)
    page.goto("http://localhost/page")
    yield page
    page.close()


READ = """async (text) => {
  const { read } = await import("/passport/sd_jwt.js");
  const plain = ({ claims }) => [JSON.parse(JSON.stringify(claims)), Object.keys(claims)];
  return read(text).then(plain, (problem) => problem.code ?? String(problem));
}"""


@pytest.mark.parametrize("case", BAD_TOKENS)
def test_a_token_that_is_not_as_the_standard_has_it_is_not_read(reader: Page, case: str) -> None:
    code = reader.evaluate(READ, BAD_TOKENS[case])
    assert isinstance(code, str), code
    assert code.isidentifier(), code  # a refusal of ours, no mishap


def test_a_claim_may_be_called_like_anything(reader: Page) -> None:
    text = token(encoded("s", "__proto__", {"x": 1}), encoded("t", "constructor", "y"))
    assert reader.evaluate(READ, text)[1] == ["__proto__", "constructor"]


def test_what_is_hidden_in_lists_and_in_each_other_is_found(reader: Page) -> None:
    inner = encoded("a", "street", "High St")
    outer = encoded("b", "address", {"_sd": [digest(inner)], "town": "Leeds"})
    element = encoded("c", "UK")
    text = token(
        outer,
        inner,
        element,
        _sd=[digest(outer), digest("nothing")],
        at=[{"...": digest(element)}, {"...": digest("nobody")}],
    )
    assert reader.evaluate(READ, text)[0] == {
        "at": ["UK"], "address": {"town": "Leeds", "street": "High St"},
    }  # fmt: skip

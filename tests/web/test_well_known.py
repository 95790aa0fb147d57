"""What is published: trust list, root, status lists, issuers' keys, types."""

import gzip
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from passport.actions.signing import keys, status_lists
from passport.actions.signing.signing import Where
from passport.actions.trust import own_list
from passport.actors import job, operator
from passport.db import Database
from passport.model.keys import KeyPurpose, SigningKey
from passport.rules.tokens import es256
from passport.rules.tokens.status_list import read_list
from passport.rules.tokens.trust_list import read_trust
from passport.sealing import vault_of
from tests.support import issuing
from tests.support.access_web import START, Site, a_site

BASE = "http://localhost"
WHERE = Where(base=BASE, types_at=BASE)
ORIGIN = {"Origin": "https://wallet.example"}


@pytest.fixture
def site(database: Database) -> Site:
    return a_site(database)


@pytest.fixture
def client(site: Site) -> FlaskClient:
    return site.app.test_client()


@pytest.fixture
def listed(site: Site) -> str:
    """A trust that issues, its trust list and one status list published; the list's path."""
    vault = vault_of(site.app.extensions["lent"].config)
    with site.database.transaction() as session:
        world = issuing.a_trust(session, vault=vault, base=BASE, now=START)
        ((list_id, _),) = status_lists.take_places(
            session, organisation_id=world.id, count=1, now=START
        )
        status_lists.publish(session, vault=vault, base=BASE, by=job(), now=START)
        own_list.publish(session, vault=vault, where=WHERE, by=job(), now=START)
    return f"/passport/status-lists/{list_id.hex}"


def get(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers={**ORIGIN, **sent})


@pytest.mark.parametrize(
    "path",
    ["/passport/trust-list", "/passport/root.pem",
     "/passport/status-lists/00000000000000000000000000000000", "/passport/status-lists/1",
     "/.well-known/jwt-vc-issuer/passport/issuers/RWJ", "/passport/types/unknown/1",
     "/passport/types/identity/2", "/passport/types/identity/2/schema"],
)  # fmt: skip
def test_nothing_is_published_before_it_is_there(client: FlaskClient, path: str) -> None:
    response = get(client, path)
    assert (response.status_code, response.json) == (404, {"error": "not_found"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_trust_list_leads_to_the_root_and_names_where_the_rest_is(
    client: FlaskClient, listed: str
) -> None:
    response = get(client, "/passport/trust-list")
    assert response.content_type == "application/dsp-trustlist+jwt"
    root = get(client, "/passport/root.pem")
    assert root.content_type == "application/pem-certificate-chain"
    trust = read_trust(response.text, root=[root.text], now=START)
    assert (trust.iss, trust.sub) == (BASE, f"{BASE}/passport/trust-list")
    aggregated = get(client, "/passport/status-lists/")
    assert aggregated.json == {"status_lists": [BASE + listed]}
    assert trust.may_fetch(BASE + listed)
    (issuer,) = trust.issuers
    answer = get(client, "/.well-known/jwt-vc-issuer/passport/issuers/RWJ").json
    assert answer
    assert answer["issuer"] == issuer.iss
    assert set(answer) == {"issuer", "jwks"}
    assert [es256.from_jwk(one) for one in answer["jwks"]["keys"]] == [
        one.key for one in issuer.keys
    ]


def test_a_status_list_as_the_standard_has_it(client: FlaskClient, listed: str) -> None:
    response = get(client, listed, Accept="application/statuslist+jwt")
    assert response.status_code == 200
    assert response.content_type == "application/statuslist+jwt"
    trust = read_trust(
        get(client, "/passport/trust-list").text,
        root=[get(client, "/passport/root.pem").text],
        now=START,
    )
    found = read_list(
        response.text, uri=BASE + listed, key=lambda _: trust.status_keys("RWJ"), now=START
    )
    assert found.aggregation_uri == f"{BASE}/passport/status-lists/"
    kept = response.cache_control.max_age
    assert kept is not None
    assert found.ttl is not None
    assert timedelta(seconds=kept) <= found.ttl
    again = get(client, listed, If_None_Match=response.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_it_is_compressed_where_that_is_understood(client: FlaskClient, listed: str) -> None:
    plain = get(client, listed)
    zipped = get(client, listed, Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert zipped.vary.as_set() >= {"accept", "accept-encoding"}


def test_what_a_status_list_does_not_give(client: FlaskClient, listed: str) -> None:
    for accept in ("application/statuslist+cwt", "application/json", "text/html"):
        assert get(client, listed, Accept=accept).status_code == 406
    for accept in ("*/*", "application/*", "application/json, application/statuslist+jwt;q=0.1"):
        assert get(client, listed, Accept=accept).status_code == 200
    assert get(client, f"{listed}?time=1686925000").status_code == 501
    shouted = listed[:-32] + listed[-32:].upper()
    assert get(client, shouted).status_code == 404 or shouted == listed
    assert client.post(listed).status_code == 405


def test_a_preflight_is_answered(client: FlaskClient, listed: str) -> None:
    response = client.options(listed, headers=ORIGIN)
    assert response.status_code == 200
    assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]


def test_a_revoked_key_is_no_issuers_key_any_more(
    site: Site, client: FlaskClient, listed: str
) -> None:
    path = "/.well-known/jwt-vc-issuer/passport/issuers/RWJ"
    assert get(client, path).status_code == 200
    with site.database.transaction() as session:
        one = session.query(SigningKey).filter_by(purpose=KeyPurpose.ISSUER).one()
        keys.revoke(
            session, key_id=one.id, since=START, by=operator(one.organisation_id), now=START
        )
    assert get(client, path).status_code == 404


def test_a_type_and_its_schema(client: FlaskClient) -> None:
    told = get(client, "/passport/types/identity/1")
    assert told.json
    assert told.json["vct"] == f"{BASE}/passport/types/identity/1"
    assert {tuple(one["path"]) for one in told.json["claims"]} >= {("legal_family_name",)}
    schema = get(client, "/passport/types/identity/1/schema")
    assert schema.content_type == "application/schema+json"
    assert schema.json
    assert schema.json["properties"]["vct"] == {"const": told.json["vct"]}

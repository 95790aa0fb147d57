"""The token endpoint of OpenID4VCI 1.0, and tokens that are over: every refusal with its error
code.

What is told here to be refused is let through by the mutants of `test_openid4vci_mutants`.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from passport.actions.access import accounts
from passport.actions.issuing import wallets
from passport.actors import AccessRole, operator
from passport.db import Database
from passport.events import record
from passport.model.accounts import Account, RoleGrant
from passport.model.collecting_policy import COLLECTING_POLICY
from passport.model.credentials import Wallet
from passport.model.people import Person
from tests.support import build, collecting, issuing
from tests.support.collecting import World, said
from tests.support.issuing import NOW


@pytest.fixture
def world(database: Database) -> World:
    return collecting.an_issuer(database)


# the token endpoint


CODE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
WRONG_TOKEN_REQUESTS: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "nothing at all": ({}, (400, "invalid_request")),
    "no grant type": ({"pre-authorized_code": "CODE"}, (400, "invalid_request")),
    "another grant": ({"grant_type": "authorization_code", "code": "CODE"},
                      (400, "unsupported_grant_type")),
    "a password": ({"grant_type": "password"}, (400, "unsupported_grant_type")),
    "no code": ({"grant_type": CODE}, (400, "invalid_request")),
    "an empty code": ({"grant_type": CODE, "pre-authorized_code": ""}, (400, "invalid_request")),
    "an unknown code": ({"grant_type": CODE, "pre-authorized_code": "x" * 43},
                        (400, "invalid_grant")),
    "the code twice": ({"grant_type": CODE, "pre-authorized_code": ["CODE", "CODE"]},
                       (400, "invalid_request")),
    "an unexpected tx_code": ({"grant_type": CODE, "pre-authorized_code": "CODE",
                               "tx_code": "123456"}, (400, "invalid_request")),
    "a client secret": ({"grant_type": CODE, "pre-authorized_code": "CODE", "client_id": "a",
                         "client_secret": "b"}, (400, "invalid_client")),
    "a client assertion": ({"grant_type": CODE, "pre-authorized_code": "CODE",
                            "client_assertion": "b"}, (400, "invalid_client")),
    "details that are no JSON": ({"grant_type": CODE, "pre-authorized_code": "CODE",
                                  "authorization_details": "x"},
                                 (400, "invalid_authorization_details")),
    "no details": ({"grant_type": CODE, "pre-authorized_code": "CODE",
                    "authorization_details": "[]"}, (400, "invalid_authorization_details")),
    "details of another type": ({"grant_type": CODE, "pre-authorized_code": "CODE",
                                 "authorization_details": '[{"type": "payment"}]'},
                                (400, "invalid_authorization_details")),
    "details of what is not on offer": (
        {"grant_type": CODE, "pre-authorized_code": "CODE", "authorization_details":
         '[{"type": "openid_credential", "credential_configuration_id": "qualification"}]'},
        (400, "invalid_authorization_details")),
    "no refresh token": ({"grant_type": "refresh_token"}, (400, "invalid_request")),
    "an invented refresh token": ({"grant_type": "refresh_token", "refresh_token": "a.b.c"},
                                  (400, "invalid_grant")),
    "a refresh token without form": ({"grant_type": "refresh_token", "refresh_token": "é..\ufffd"},
                                     (400, "invalid_grant")),
    "a tx_code for a refresh": ({"grant_type": "refresh_token", "refresh_token": "a",
                                 "tx_code": "1"}, (400, "invalid_request")),
}  # fmt: skip


def test_a_token_request_is_refused_and_the_code_still_works(world: World) -> None:
    offered, wallet = world.offer(), world.wallet()
    found = {}
    for what, (form, _) in WRONG_TOKEN_REQUESTS.items():
        sent = {
            name: [offered.code] * 2 if value == ["CODE", "CODE"] else
            (offered.code if value == "CODE" else value)
            for name, value in form.items()
        }  # fmt: skip
        found[what] = said(wallet.ask_token(sent))
    assert found == {what: expected for what, (_, expected) in WRONG_TOKEN_REQUESTS.items()}
    assert wallet.enter(offered).status_code == 200


def test_a_code_in_the_address_is_refused(world: World) -> None:
    offered, wallet = world.offer(), world.wallet()
    for name in ("pre-authorized_code", "tx_code", "refresh_token", "access_token"):
        answer = wallet.send(
            "POST", f"token?{name}=x",
            data={"grant_type": CODE, "pre-authorized_code": offered.code},
        )  # fmt: skip
        assert said(answer) == (400, "invalid_request")


def test_a_token_request_is_a_form(world: World) -> None:
    offered, wallet = world.offer(), world.wallet()
    body = {"grant_type": CODE, "pre-authorized_code": offered.code}
    assert said(wallet.send("POST", "token", json=body)) == (400, "invalid_request")
    assert wallet.send("GET", "token").status_code == 405


def test_a_client_that_authenticates_is_told_how_it_cannot(world: World) -> None:
    answer = world.wallet().ask_token(
        {"grant_type": CODE, "pre-authorized_code": "x"},
        headers={"Authorization": "Basic YTpi"},
    )
    assert said(answer) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_code_works_once(world: World) -> None:
    offered = world.offer()
    assert world.wallet().enter(offered).status_code == 200
    assert said(world.wallet().enter(offered)) == (400, "invalid_grant")
    assert world.wallet().send(
        "GET", f"offers/{offered.code}"
    ).status_code == 404


@pytest.mark.parametrize(
    ("with_tx_code", "life"),
    [(False, COLLECTING_POLICY.code_here), (True, COLLECTING_POLICY.code_elsewhere)],
)
def test_a_code_ends(world: World, with_tx_code: bool, life: timedelta) -> None:
    early = world.offer(with_tx_code=with_tx_code)
    late = world.offer(with_tx_code=with_tx_code)
    world.now = NOW + life - timedelta(seconds=1)
    assert world.wallet().enter(early).status_code == 200
    world.now = NOW + life
    assert said(world.wallet().enter(late)) == (400, "invalid_grant")
    assert world.wallet().send("GET", f"offers/{late.code}").status_code == 404


def test_a_code_is_of_one_issuer(world: World) -> None:
    offered = world.offer()
    with world.database.transaction() as session:
        issuing.a_trust(session, ods_code="RXX", name="Quay NHS FT")
    assert said(world.wallet(ods="RXX").enter(offered)) == (400, "invalid_grant")
    assert world.wallet(ods="RXX").send("GET", f"offers/{offered.code}").status_code == 404


def test_a_missing_tx_code_is_told_from_a_wrong_one(world: World) -> None:
    offered, wallet = world.offer(with_tx_code=True), world.wallet()
    form = {"grant_type": CODE, "pre-authorized_code": offered.code}
    assert said(wallet.ask_token(form)) == (400, "invalid_request")
    assert said(wallet.ask_token({**form, "tx_code": ""})) == (400, "invalid_request")
    assert said(wallet.enter(offered, tx_code=other(offered.tx_code))) == (400, "invalid_grant")
    assert wallet.enter(offered).status_code == 200


def other(tx_code: str | None) -> str:
    """A code of the same form that is wrong."""
    return f"{(int(tx_code or 0) + 1) % 10**6:06}"


def test_five_wrong_tx_codes_kill_the_code(world: World) -> None:
    offered, wallet = world.offer(with_tx_code=True), world.wallet()
    for _ in range(5):
        assert said(wallet.enter(offered, tx_code=other(offered.tx_code))) == (400, "invalid_grant")
    assert said(wallet.enter(offered)) == (400, "invalid_grant")


def test_wrong_tx_codes_count_over_all_codes_of_a_person(world: World) -> None:
    wallet = world.wallet()
    for _ in range(3):
        offered = world.offer(with_tx_code=True)
        answers = [wallet.enter(offered, tx_code=other(offered.tx_code)) for _ in range(4)]
    assert [one.status_code for one in answers] == [400, 400, 429, 429]
    assert answers[-1].headers["Retry-After"]
    fresh = world.offer(with_tx_code=True)
    assert said(wallet.enter(fresh)) == (429, "slow_down")
    collecting.later(world, minutes=31)
    assert wallet.enter(world.offer(with_tx_code=True)).status_code == 200


def test_an_old_refresh_token_ends_what_the_wallet_may_fetch(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    wallet.collect("identity")
    first = wallet.refresh
    assert wallet.renew().status_code == 200
    assert wallet.renew().status_code == 200
    newest, token = wallet.refresh, wallet.access
    assert said(wallet.renew(first)) == (400, "invalid_grant")
    assert said(wallet.renew(newest)) == (400, "invalid_grant")
    wallet.access = token
    assert said(wallet.collect("identity")) == (401, "invalid_token")


def test_a_wallet_whose_answer_was_lost_asks_again_until_the_newer_token_is_used(
    world: World,
) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    wallet.collect("identity")
    held = wallet.refresh
    for _ in range(3):  # the answer is lost, and lost again
        assert wallet.renew(held).status_code == 200
        lost = wallet.access
    assert wallet.renew(held).status_code == 200
    got, token = wallet.refresh, wallet.access
    assert wallet.collect("identity").status_code == 200
    wallet.access = lost
    assert said(wallet.collect("identity")) == (401, "invalid_token"), "of an answer that was lost"
    assert wallet.renew(got).status_code == 200
    assert said(wallet.renew(held)) == (400, "invalid_grant"), "the newer one was used"
    wallet.access = token
    assert said(wallet.collect("identity")) == (401, "invalid_token")


def test_a_newer_token_that_turns_up_after_all_ends_it(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    held = wallet.refresh
    wallet.renew(held)
    copied = wallet.refresh
    assert wallet.renew(held).status_code == 200
    got = wallet.refresh
    assert said(wallet.renew(copied)) == (400, "invalid_grant")
    assert said(wallet.renew(got)) == (400, "invalid_grant")


def test_a_lost_answer_is_not_made_good_after_a_week(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    held = wallet.refresh
    wallet.renew(held)
    world.now = NOW + COLLECTING_POLICY.answer_lost + timedelta(seconds=1)
    assert said(wallet.renew(held)) == (400, "invalid_grant")


def test_a_refresh_token_is_of_one_issuer_and_one_client(world: World) -> None:
    with world.database.transaction() as session:
        issuing.a_trust(session, ods_code="RXX", name="Quay NHS FT")
    wallet = world.wallet(client_id="a")
    wallet.enter(world.offer())
    assert said(wallet.renew()) == (400, "invalid_grant"), "without the client_id"
    assert said(wallet.renew(client_id="b")) == (400, "invalid_grant")
    there = world.wallet(ods="RXX", refresh=wallet.refresh)
    assert said(there.renew(client_id="a")) == (400, "invalid_grant")
    assert wallet.renew(client_id="a").status_code == 200


def test_a_wallet_that_stayed_away_collects_anew(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    world.now = NOW + COLLECTING_POLICY.refresh_idle + timedelta(seconds=1)
    assert said(wallet.renew()) == (400, "invalid_grant")


# the credential endpoint: who asks


def test_without_a_token_nothing_is_collected(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    body = {"credential_configuration_id": "identity"}
    bare = wallet.send("POST", "credential", json=body)
    assert (bare.status_code, bare.headers["WWW-Authenticate"]) == (401, "Bearer")
    for sent in ("Basic YTpi", "Bearer ", "DPoP x", "x"):
        answer = wallet.send("POST", "credential", json=body, headers={"Authorization": sent})
        assert said(answer) == (401, "invalid_token"), sent
    wrong = wallet.ask(body, token="x" * 43)
    assert said(wrong) == (401, "invalid_token")
    assert wrong.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    in_address = wallet.send("POST", f"credential?access_token={wallet.access}", json=body)
    assert said(in_address) == (400, "invalid_request")
    refresh_as_access = wallet.ask(body, token=wallet.refresh)
    assert said(refresh_as_access) == (401, "invalid_token")


def test_a_token_lives_five_minutes(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    collecting.later(world, minutes=5, seconds=-1)
    assert wallet.collect("identity").status_code == 200
    collecting.later(world, seconds=1)
    assert said(wallet.collect("identity")) == (401, "invalid_token")


def leaves(world: World) -> None:
    with world.database.transaction() as session:
        session.get_one(Person, world.person_id).left_at = world.now
        record(session, "test.left", subject_id=world.person_id, by=operator(), now=world.now)


def has_an_account(world: World) -> Any:
    with world.database.transaction() as session:
        made = Account(email="n@example.org", person_id=world.person_id, created_at=NOW)
        session.add(made)
        session.flush()
        session.add(
            RoleGrant(account_id=made.id, organisation_id=world.organisation_id,
                      role=AccessRole.WORKER, granted_at=NOW)
        )  # fmt: skip
        record(session, "test.account", subject_id=made.id, by=operator(), now=NOW)
    return made.id


def closes_the_account(world: World) -> None:
    account = has_an_account(world)
    with world.database.transaction() as session:
        accounts.leave(session, account_id=account, by=operator(), now=world.now)


def loses_every_role_here(world: World) -> None:
    account = has_an_account(world)
    with world.database.transaction() as session:
        there = build.an_organisation(session, name="Quay NHS FT")
        session.add(
            RoleGrant(account_id=account, organisation_id=there.id, role=AccessRole.WORKER,
                      granted_at=NOW)
        )  # fmt: skip
        accounts.leave(
            session, account_id=account, by=operator(world.organisation_id), now=world.now
        )


def freezes_the_wallet(world: World) -> None:
    with world.database.transaction() as session:
        (one,) = session.query(Wallet).filter_by(frozen_at=None)
        assert wallets.freeze(session, wallet_id=one.id, by=operator(), now=world.now) == 1


@pytest.mark.parametrize(
    "ends", [leaves, closes_the_account, loses_every_role_here, freezes_the_wallet]
)
def test_tokens_die_with_their_reason(world: World, ends: Callable[[World], None]) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    collected = wallet.collect("identity").json
    waiting = world.offer()
    ends(world)
    assert said(wallet.collect("identity")) == (401, "invalid_token")
    told = {"notification_id": collected["notification_id"], "event": "credential_accepted"}
    assert said(wallet.notify(told)) == (401, "invalid_token")
    assert said(wallet.renew()) == (400, "invalid_grant")
    expected = 200 if ends is freezes_the_wallet else 400
    assert world.wallet().enter(waiting).status_code == expected


def test_somebody_with_an_account_collects(world: World) -> None:
    has_an_account(world)
    wallet = world.wallet()
    wallet.enter(world.offer())
    assert wallet.collect("identity").status_code == 200

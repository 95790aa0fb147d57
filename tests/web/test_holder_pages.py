"""My passport: what waits, putting it on a phone, turning down, freezing, and who looked."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from werkzeug.test import TestResponse

from passport.actions.access import sessions
from passport.actions.access.sessions import Proof
from passport.actors import AccessRole, operator
from passport.db import Database
from passport.events import Notice, record
from passport.model.accounts import Account, RoleGrant
from passport.model.credentials import CredentialCopy, CredentialState, Wallet
from passport.model.people import Person
from passport.model.presentations import Channel, VerdictRecord
from tests.support import collecting, issuing
from tests.support.collecting import World
from tests.support.issuing import BASE, NOW


@dataclass
class Holder:
    """A nurse in their browser."""

    world: World
    cookie: str
    csrf: str

    def send(self, method: str, path: str, **form: Any) -> TestResponse:
        client = self.world.app.test_client(use_cookies=False)
        headers = {
            "Accept": "text/html", "Cookie": f"bankhub={self.cookie}", "X-CSRF-Token": self.csrf
        }  # fmt: skip
        at = path if path.startswith("/passports") else f"/my-passport{path}"
        return client.open(at, method=method, base_url=BASE, headers=headers, data=form)


def signed_in(
    world: World, person_id: Any, role: AccessRole = AccessRole.WORKER, *, fresh: bool = True
) -> Holder:
    """A session of whoever that record is of."""
    with world.database.transaction() as session:
        person = session.get_one(Person, person_id)
        account = Account(email=f"{person_id}@example.org", person_id=person_id, created_at=NOW)
        session.add(account)
        session.flush()
        session.add(
            RoleGrant(account_id=account.id, organisation_id=person.organisation_id,
                      role=role, granted_at=NOW)
        )  # fmt: skip
        proof = Proof(second_factor_at=NOW, stepped_up_at=NOW if fresh else None)
        opened = sessions.open_session(
            session, account_id=account.id, organisation_id=person.organisation_id,
            device="Firefox on Linux", own_device=True, now=NOW, proof=proof,
        )  # fmt: skip
        session.flush()
        csrf = sessions.current(session, sessions.hash_of(opened)).csrf
        record(session, "test.account", subject_id=account.id, by=operator(), now=NOW)
    return Holder(world, opened.token, csrf)


@pytest.fixture
def world(sqlite_database: Database) -> World:
    return collecting.an_issuer(sqlite_database)


@pytest.fixture
def holder(world: World) -> Holder:
    return signed_in(world, world.person_id)


def somebody_else(world: World) -> Any:
    with world.database.transaction() as session:
        trust = issuing.World(session.get_one(issuing.Organisation, world.organisation_id))
        return issuing.a_holder(session, trust).id


@pytest.fixture
def stranger(world: World) -> Holder:
    return signed_in(world, somebody_else(world))


def test_everything_that_waits_is_shown_with_what_it_says(holder: Holder) -> None:
    page = holder.send("GET", "").text
    for words in ("Waiting for you", "Registration number", "01A2345N", "Resuscitation"):
        assert words in page
    assert "DOCUMENT_AND_RECORD" not in page


def test_adding_to_this_phone_opens_its_wallet_with_an_offer_no_server_sees(
    holder: Holder, world: World
) -> None:
    assert holder.send("GET", f"/{world.person_id}/add").status_code == 200
    answer = holder.send("POST", f"/{world.person_id}/here")
    assert answer.status_code == 303
    path, _, fragment = answer.headers["Location"].partition("#")
    assert path == "/wallet"
    link = unquote(fragment.removeprefix("offer="))
    assert link.startswith("openid-credential-offer://?credential_offer=")
    assert '"gate"' in unquote(link)
    assert "tx_code" not in link


def test_another_phone_scans_a_code_and_types_one(holder: Holder, world: World) -> None:
    page = holder.send("POST", f"/{world.person_id}/elsewhere").text
    tx_code = re.search(r'<code class="reference">(\d{6})</code>', page)
    assert tx_code
    assert "<svg" in page
    link = re.search(r'href="(openid-credential-offer://[^"]+)"', page)
    assert link
    code = re.search(r"pre-authorized_code%22%3A%22([\w-]+)", link[1])
    assert code
    wallet = world.wallet()
    form = {"grant_type": collecting.PRE_AUTHORIZED, "pre-authorized_code": code[1]}
    assert wallet.ask_token({**form, "tx_code": tx_code[1]}).status_code == 200


@pytest.mark.parametrize("path", ["add", "here", "elsewhere"])
def test_a_phone_is_added_only_by_who_has_just_signed_in(world: World, path: str) -> None:
    stale = signed_in(world, world.person_id, fresh=False)
    method = "GET" if path == "add" else "POST"
    answer = stale.send(method, f"/{world.person_id}/{path}")
    assert answer.status_code == 303
    assert "/account/confirm" in answer.headers["Location"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/{person}/add"), ("POST", "/{person}/here"), ("POST", "/{person}/elsewhere"),
        ("GET", "/credentials/{credential}/reject"), ("POST", "/credentials/{credential}/reject"),
        ("POST", "/wallets/{wallet}/freeze"),
    ],
)  # fmt: skip
def test_what_is_another_persons_is_not_found(
    world: World, stranger: Holder, method: str, path: str
) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    with world.database.reading() as session:
        wallet_id = session.query(Wallet).one().id
    at = path.format(
        person=world.person_id, credential=world.credential("identity").id, wallet=wallet_id
    )
    answer = stranger.send(method, at, reason="incorrect")
    unknown = stranger.send(method, path.format(person="x", credential="x", wallet="x"))
    if path.startswith("/wallets"):
        assert answer.status_code in (403, 404)
    else:
        assert (answer.status_code, unknown.status_code) == (404, 404)
    assert world.credential("identity").state is CredentialState.OFFERED
    assert wallet.collect("identity").status_code == 200


def test_one_is_turned_down_with_a_reason_and_cannot_be_collected(
    holder: Holder, world: World
) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    path = f"/credentials/{world.credential('dbs_outcome').id}/reject"
    assert "Something in it is wrong" in holder.send("GET", path).text
    missing = holder.send("POST", path)
    assert missing.status_code == 422
    assert holder.send("POST", path, reason="incorrect").status_code == 303
    assert world.credential("dbs_outcome").state is CredentialState.REJECTED
    assert wallet.collect("dbs_outcome").json["error"] == "credential_request_denied"
    assert wallet.collect("identity").status_code == 200
    again = holder.send("POST", path, reason="incorrect")
    assert again.status_code == 409
    assert "You turned it down" in holder.send("GET", "").text


def test_a_lost_phone_is_one_freeze_and_one_collection(holder: Holder, world: World) -> None:
    lost = world.wallet()
    lost.enter(world.offer())
    for name in ("identity", "gate"):
        assert lost.collect(name).status_code == 200
    with world.database.reading() as session:
        wallet_id = session.query(Wallet).one().id
    assert holder.send("POST", f"/wallets/{wallet_id}/freeze").status_code == 303
    assert holder.send("POST", f"/wallets/{wallet_id}/freeze").status_code == 404
    with world.database.reading() as session:
        assert {one.status for one in session.query(CredentialCopy)} == {2}
        told = {one.template for one in session.query(Notice)}
    assert {"passport_collected", "wallet_frozen"} <= told
    assert "Frozen" in holder.send("GET", "").text
    found = world.wallet()
    found.enter(world.offer())
    assert found.collect("identity").status_code == 200
    with world.database.reading() as session:
        assert sorted(one.status for one in session.query(CredentialCopy)) == [0, 2, 2]


def test_all_phones_are_frozen_in_one_act(holder: Holder, world: World) -> None:
    for _ in range(2):
        wallet = world.wallet()
        wallet.enter(world.offer())
        wallet.collect("identity")
    assert "freeze all" in holder.send("GET", "").text
    assert holder.send("POST", "/freeze").status_code == 303
    with world.database.reading() as session:
        assert all(one.frozen_at for one in session.query(Wallet))
        assert {one.status for one in session.query(CredentialCopy)} == {2}


def test_the_holder_reads_who_looked_and_nobody_elses_looks(
    holder: Holder, stranger: Holder, world: World
) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    wallet.collect("identity")
    key = collecting.es256.public(wallet.key).kid
    with world.database.transaction() as session:
        for number, fields in enumerate(({"person_id": world.person_id}, {"holder_key": key})):
            made = VerdictRecord(
                organisation_id=world.organisation_id, unit=f"Ward {number}", outcome="amber",
                channel=Channel.GATE, checker="Sam Lee, sister", purpose="gate", offline=True,
                at=NOW + timedelta(minutes=number), received_at=NOW, codes=[], kinds=["identity"],
                decision="admitted", **fields,
            )  # fmt: skip
            session.add(made)
        record(session, "test.looked", subject_id=world.person_id, by=operator(), now=NOW)
    page = holder.send("GET", "").text
    for words in ("Ward 0", "Ward 1", "Sam Lee, sister", "with no network", "you were let in"):
        assert words in page
    assert "Ward" not in stranger.send("GET", "").text


@pytest.mark.parametrize(
    ("role", "fresh", "shown", "frozen"),
    [
        (AccessRole.HR_OFFICER, True, 200, 303),
        (AccessRole.AUDITOR, True, 200, 404),
        (AccessRole.WORKER, True, 403, 403),
    ],
)
def test_hr_freezes_for_whoever_rings_in(
    world: World, role: AccessRole, fresh: bool, shown: int, frozen: int
) -> None:
    officer = signed_in(world, somebody_else(world), role, fresh=fresh)
    wallet = world.wallet()
    wallet.enter(world.offer())
    wallet.collect("identity")
    with world.database.reading() as session:
        wallet_id = session.query(Wallet).one().id
    page = f"/passports/people/{world.person_id}/phones"
    assert officer.send("GET", page).status_code == shown
    assert officer.send("POST", f"{page}/{wallet_id}/freeze").status_code == frozen
    assert wallet.collect("identity").status_code == (401 if frozen == 303 else 200)

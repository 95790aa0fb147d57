"""Asking for a passport, answering, and what comes of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from passport.actions.signing import signing
from passport.actions.verifying import presented_answers, presented_checks, presenting
from passport.actions.verifying.presented_answers import Answered
from passport.actions.verifying.presented_checks import CheckState, Decision
from passport.actors import job, operator
from passport.db import Database
from passport.errors import Invalid, NotFound, Refused
from passport.model.credentials import Credential, CredentialState
from passport.model.presentations import PresentationRequest, VerdictRecord
from passport.model.purposes import purposes_on
from passport.rules.tokens import es256
from passport.rules.tokens.es256 import PrivateKey
from tests.support import build, issuing, showing
from tests.support.issuing import NOW, WHERE
from tests.support.showing import Wallet, vct_of
from tests.support.showing_places import SOON, Place, a_place


@pytest.mark.parametrize("mode", presenting.RESPONSE_MODES)
def test_a_wallet_answers_and_the_verdict_is_green(database: Database, mode: str) -> None:
    with database.transaction() as session:
        place = a_place(session)
        asked = place.ask(response_mode=mode)
        request = place.fetch(asked)
        assert place.look(asked).state is CheckState.WAITING
        assert place.send(asked, place.wallet.form(request)) == Answered()
        check = place.look(asked)
        assert check.state is CheckState.ANSWERED
        assert check.verdict is not None
        assert (check.verdict["outcome"], check.verdict["reasons"]) == ("green", [])
        assert check.verdict["name"] == f"{place.nurse.given_name} {place.nurse.family_name}"
        said = [one["says"] for one in check.verdict["facts"]]
        assert "Registration number: 01A2345N" in said or any("01A2345N" in one for one in said)
        assert "not shown: Occupational health clearance" in check.verdict["not_checked"]
        record = session.scalars(sa.select(VerdictRecord)).one()
        assert (record.outcome, record.channel, record.purpose) == ("green", "online", "bank_shift")
        assert record.person_id == place.nurse.id
        assert record.holder_key == es256.public(place.wallet.held[0][1]).kid


@pytest.mark.parametrize("mode", presenting.RESPONSE_MODES)
def test_the_request_says_what_the_standard_wants(database: Database, mode: str) -> None:
    with database.transaction() as session:
        place = a_place(session)
        asked = place.ask(response_mode=mode)
        first, again = place.fetch(asked), place.fetch(asked, wallet_nonce="their-own")
    claims = dict(first.claims)
    assert dict(again.claims) == {**claims, "wallet_nonce": "their-own"}
    assert claims["response_uri"] == f"{WHERE.base}/passport/responses/{asked.id}"
    assert "redirect_uri" not in claims
    assert showing.started(asked.uri)["request_uri"] == (
        f"{WHERE.base}/passport/requests/{asked.id}"
    )
    told = claims["client_metadata"]
    assert told["vp_formats_supported"] == {
        "dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}
    }
    if mode == "direct_post.jwt":
        (key,) = told["jwks"]["keys"]
        assert (key["alg"], key["use"], key["crv"]) == ("ECDH-ES", "enc", "P-256")
        assert "d" not in key
        assert told["encrypted_response_enc_values_supported"] == ["A128GCM", "A256GCM"]
    else:
        assert "jwks" not in told


def test_nothing_is_the_same_in_two_requests(database: Database) -> None:
    with database.transaction() as session:
        place = a_place(session)
        one, other = (place.fetch(place.ask()).claims for _ in range(2))
    for name in ("nonce", "state", "response_uri"):
        assert one[name] != other[name]
    assert one["client_metadata"]["jwks"] != other["client_metadata"]["jwks"]


@pytest.mark.parametrize("purpose", purposes_on(NOW.date()))
def test_only_what_the_purpose_allows_is_signed(database: Database, purpose: str) -> None:
    allowed = purposes_on(NOW.date())[purpose]
    with database.transaction() as session:
        place = a_place(session)
        query = place.fetch(place.ask(purpose)).query
        outside: list[Mapping[str, Any]] = [
            {"identity": ["gpg45_profile"]},
            {"site_induction": []},
            {"identity": ["legal_family_name"], "competence": ["title"]},
            {"identity": ["legal_family_name", "no_such_claim"]},
            {},
        ]
        for only in outside:
            with pytest.raises(Refused) as refused:
                place.ask(purpose, only=only)
            assert refused.value.code == "outside_purpose"
        assert session.scalar(sa.select(sa.func.count(PresentationRequest.id))) == 1
    for asked in query["credentials"]:
        may = allowed.credential(asked["id"])
        assert may is not None
        assert {one["path"][0] for one in asked["claims"]} == {*may.claims, *may.if_held}


def test_less_than_the_purpose_allows_may_be_asked(database: Database) -> None:
    with database.transaction() as session:
        place = a_place(session)
        only = {"identity": ["legal_family_name"], "dbs_outcome": ["level"]}
        asked = place.ask(only=only)
        request = place.fetch(asked)
        assert [one["id"] for one in request.query["credentials"]] == ["identity", "dbs_outcome"]
        place.send(asked, place.wallet.form(request))
        verdict = place.look(asked).verdict
    assert verdict is not None
    said = {one["says"].partition(":")[0] for one in verdict["facts"]}
    assert "Date of birth" not in said


def test_a_link_is_good_for_as_long_as_its_purpose_says(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        place = a_place(session)
        asked = place.ask(by_link=True)
        hours = timedelta(hours=purposes_on(NOW.date())["bank_shift"].link_hours)
        assert asked.expires_at == NOW + hours > place.ask().expires_at
        late = NOW + hours - timedelta(minutes=1)
        place.fetch(asked, now=late)
        with pytest.raises(Refused, match="over"):
            place.fetch(asked, now=NOW + hours)
        with pytest.raises(Refused) as refused:
            place.ask("ward_door", by_link=True)
        assert refused.value.code == "not_by_link"


def test_an_unknown_purpose_or_mode_is_invalid(database: Database) -> None:
    with database.transaction() as session:
        place = a_place(session)
        for bad in ({"purpose": "curiosity"}, {"response_mode": "fragment"}):
            with pytest.raises(Invalid):
                place.ask(**bad)


def test_what_was_not_asked_for_is_not_kept(database: Database) -> None:
    with database.transaction() as session:
        place = a_place(session)
        asked = place.ask("ward_door")
        request = place.fetch(asked)
        only = [one for one in place.wallet.held if "identity/1" in vct_of(one[0])]
        eager = Wallet(only, NOW, {"more": ["date_of_birth"]})
        place.send(asked, eager.form(request))
        verdict = str(place.look(asked).verdict)
    assert place.nurse.family_name in verdict
    assert place.nurse.date_of_birth.isoformat() not in verdict


def _stranger(place: Place, kind: str) -> tuple[str, PrivateKey]:
    """A colleague's credential of that kind, with the key it is bound to."""
    other = issuing.a_holder(place.session, place.world, given_name="Colleague")
    row, key = issuing.a_wallet(place.session, place.world, other)
    texts = issuing.collected(place.session, place.world, other, row, key)
    issuing.published(place.session)
    return texts[kind], key


def test_a_colleagues_registration_is_refused(database: Database) -> None:
    with database.transaction() as session:
        place = a_place(session)
        own = [one for one in place.wallet.held if "registration" not in vct_of(one[0])]
        mixed = Wallet([*own, _stranger(place, "professional_registration")], NOW)
        asked = place.ask()
        place.send(asked, mixed.form(place.fetch(asked)))
        assert place.codes(asked) == {"different_people"}
        verdict = place.look(asked).verdict
        assert verdict is not None
        assert verdict["outcome"] == "red"


def test_a_key_for_each_credential_is_still_one_person(database: Database) -> None:
    with database.transaction() as session:
        place = a_place(session)
        asked = place.ask()
        held = []
        for kind in issuing.SAID:
            row, key = issuing.a_wallet(session, place.world, place.nurse)
            texts = issuing.collected(session, place.world, place.nurse, row, key)
            held.append((texts[kind], key))
        issuing.published(session)
        place.send(asked, Wallet(held, NOW).form(place.fetch(asked)))
        assert place.codes(asked) == set()


def test_an_ended_credential_is_told_in_red_and_taken(database: Database) -> None:
    with database.transaction() as session:
        place = a_place(session)
        one = session.scalars(sa.select(Credential).filter_by(type="identity")).one()
        one.state = CredentialState.REVOKED
        signing.refresh_statuses(
            session, person_id=place.nurse.id, organisation_id=place.world.id
        )
        issuing.published(session)
        asked = place.ask()
        assert place.send(asked, place.wallet.form(place.fetch(asked))) == Answered()
        assert place.codes(asked) == {"revoked"}


@pytest.mark.parametrize("mode", presenting.RESPONSE_MODES)
@pytest.mark.parametrize("error", ["access_denied", "wallet_unavailable", "made_up"])
def test_a_wallets_no_is_kept_and_ends_the_request(
    database: Database, mode: str, error: str
) -> None:
    with database.transaction() as session:
        place = a_place(session)
        asked = place.ask(response_mode=mode)
        request = place.fetch(asked)
        wrong = place.send(asked, {"error": error, "state": "x"})
        assert (wrong.error, place.look(asked).state) == ("invalid_request", CheckState.WAITING)
        assert place.send(asked, {"error": error, "state": request.claims["state"]}) == Answered()
        check = place.look(asked)
    assert check.state is CheckState.DECLINED
    assert check.failed_because == (error if error != "made_up" else "other_error")
    assert check.verdict is None


def test_values_are_forgotten_when_the_purpose_says(database: Database) -> None:
    with database.transaction() as session:
        place = a_place(session)
        asked = place.ask("ward_door")
        place.send(asked, place.wallet.form(place.fetch(asked)))
        kept = place.look(asked, now=SOON + timedelta(hours=23, minutes=59))
        gone = place.look(asked, now=SOON + timedelta(hours=24))
        assert kept.verdict is not None
        assert gone.verdict is not None
        assert kept.verdict["facts"]
        assert (gone.verdict["facts"], gone.verdict["name"]) == ([], None)
        assert presented_answers.forget(session, by=job(), now=SOON) == 0
        later = SOON + timedelta(hours=25)
        assert presented_answers.forget(session, by=job(), now=later) == 1
        assert presented_answers.forget(session, by=job(), now=later) == 0
        row = session.get_one(PresentationRequest, asked.id)
        assert place.nurse.family_name not in str(row.verdict)
        assert row.verdict is not None
        assert row.verdict["outcome"] == "green"


def test_the_key_of_an_unanswered_request_is_thrown_away(database: Database) -> None:
    with database.transaction() as session:
        place = a_place(session)
        asked = place.ask()
        later = NOW + timedelta(minutes=11)
        assert presented_answers.forget(session, by=job(), now=later) == 1
        assert session.get_one(PresentationRequest, asked.id).sealed_encryption_key is None
        assert place.look(asked, now=later).state is CheckState.EXPIRED


def test_a_decision_is_recorded_once(database: Database) -> None:
    with database.transaction() as session:
        place = a_place(session)
        asked = place.ask()
        decide = _decider(place, asked.id)
        with pytest.raises(Refused):
            decide(Decision.ADMITTED)
        place.send(asked, place.wallet.form(place.fetch(asked)))
        decide(Decision.SUPERVISED)
        with pytest.raises(Refused) as again:
            decide(Decision.ADMITTED)
        assert again.value.code == "decided"
        check = place.look(asked)
    assert (check.decision, check.decided_by) == ("supervised", "Operator")


def _decider(place: Place, request_id: UUID) -> Any:
    return lambda what: presented_checks.decide(
        place.session, request_id=request_id, decision=what, by=place.employer, now=SOON
    )


def test_another_organisation_sees_nothing_of_it(database: Database) -> None:
    with database.transaction() as session:
        place = a_place(session)
        asked = place.ask()
        other = operator(build.an_organisation(session, ods_code="RZZ").id)
        with pytest.raises(NotFound):
            place.look(asked, by=other)
        with pytest.raises(NotFound):
            presented_checks.decide(
                session, request_id=asked.id, decision=Decision.ADMITTED, by=other, now=SOON
            )
        assert presented_checks.past(session, by=other, now=SOON) == []
        assert len(presented_checks.past(session, by=place.employer, now=SOON)) == 1

"""What is signed from a decision on record, and what its status lists say afterwards."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from passport.actions.signing import signing
from passport.actors import operator
from passport.db import Database
from passport.errors import Refused
from passport.events import record
from passport.model.credentials import (
    Credential,
    CredentialCopy,
    CredentialState,
    PersonPhoto,
)
from passport.rules.tokens import es256, gate_token, sd_jwt
from passport.rules.verifying.credential_verdict import credential_verdict
from passport.rules.verifying.gate_verdict import gate_verdict
from passport.rules.verifying.verdict import Outcome
from tests.support import issuing
from tests.support.issuing import NOW


def test_a_collected_credential_is_believed_when_it_is_presented(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = issuing.a_holder(session, world)
        wallet, key = issuing.a_wallet(session, world, nurse)
        texts = issuing.collected(session, world, nurse, wallet, key)
        known = issuing.known(session, world)
    for kind, text in texts.items():
        names = [n for n in ("number", "legal_given_names") if n in _claims(text)]
        shown = sd_jwt.present(
            text, names=names, holder_key=key, audience="x", nonce="n", now=NOW
        )
        verdict = credential_verdict(shown, known, audience="x", nonce="n")
        assert (kind, verdict.outcome, verdict.findings) == (kind, Outcome.GREEN, ())


def _claims(text: str) -> dict[str, object]:
    token = sd_jwt.read(text)
    return dict(sd_jwt.process(token.issuer_claims, token.disclosures, never=frozenset()).claims)


def test_the_gate_token_of_a_wallet_says_who_what_and_whose(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = issuing.a_holder(session, world)
        wallet, key = issuing.a_wallet(session, world, nurse)
        issuing.collected(session, world, nurse, wallet, key)
        cwt = issuing.a_gate(session, world, wallet, key)
        known = issuing.known(session, world)
    verdict = gate_verdict(gate_token.show(cwt, holder_key=key, now=NOW), known)
    assert [one.code for one in verdict.findings] == ["check_photo_id"]
    assert verdict.name == f"{nurse.given_name} {nurse.family_name}"
    assert len(gate_token.show(cwt, holder_key=key, now=NOW)) < 700


def test_a_suspended_registration_suspends_the_gate_token_and_is_taken_back(
    database: Database,
) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = issuing.a_holder(session, world)
        wallet, key = issuing.a_wallet(session, world, nurse)
        issuing.collected(session, world, nurse, wallet, key)
        cwt = issuing.a_gate(session, world, wallet, key)
        issuing.published(session)
        codes = {}
        for minute, state in enumerate((CredentialState.SUSPENDED, CredentialState.HELD), 1):
            now = NOW + timedelta(minutes=minute)
            _put(session, world, state)
            shown = gate_token.show(cwt, holder_key=key, now=now)
            verdict = gate_verdict(shown, issuing.known(session, world, now))
            codes[state] = [one.code for one in verdict.findings]
    assert codes == {
        CredentialState.SUSPENDED: ["suspended", "check_photo_id"],
        CredentialState.HELD: ["check_photo_id"],
    }


def _put(session: Session, world: issuing.World, state: CredentialState) -> None:
    one = session.query(Credential).filter_by(type="professional_registration").one()
    one.state = state
    session.flush()
    signing.refresh_statuses(
        session, person_id=one.person_id, organisation_id=one.organisation_id
    )
    record(session, "test.state", subject_id=one.id, by=operator(world.id), now=NOW)


def test_a_frozen_wallet_is_suspended_whole_and_another_is_not(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = issuing.a_holder(session, world)
        lost, key = issuing.a_wallet(session, world, nurse)
        issuing.collected(session, world, nurse, lost, key)
        issuing.a_gate(session, world, lost, key)
        other, key_2 = issuing.a_wallet(session, world, nurse)
        issuing.collected(session, world, nurse, other, key_2)
        lost.frozen_at = NOW
        session.flush()
        assert signing.refresh_statuses(
            session, person_id=nurse.id, organisation_id=world.id
        ) == len(issuing.claims_of(nurse)) + 1
        by_wallet = {
            wallet.id: {c.status for c in session.query(CredentialCopy).filter_by(
                wallet_id=wallet.id)}
            for wallet in (lost, other)
        }  # fmt: skip
        with pytest.raises(Refused, match="wallet_frozen"):
            issuing.a_gate(session, world, lost, key)
    assert by_wallet == {lost.id: {2}, other.id: {0}}


def test_copies_of_one_batch_have_places_of_their_own_and_the_time_of_the_day(
    database: Database,
) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = issuing.a_holder(session, world)
        wallet, _ = issuing.a_wallet(session, world, nurse)
        one = session.query(Credential).filter_by(type="training_award").one()
        holders = [es256.public(es256.new_key()) for _ in range(10)]
        texts = signing.sign_copies(
            session, one, wallet=wallet, holders=holders, who=issuing.signer(session, world),
            where=issuing.WHERE, now=NOW,
        )  # fmt: skip
        places = [_claims(text)["status"]["status_list"]["idx"] for text in texts]  # type: ignore[index]
        assert len(set(places)) == 10
        assert sorted(places) != places or places[0] + 9 != places[-1]
        assert {_claims(text)["iat"] for text in texts} == {
            int(NOW.replace(hour=0, minute=0).timestamp())
        }


def test_what_was_revoked_is_not_signed_again(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = issuing.a_holder(session, world)
        wallet, key = issuing.a_wallet(session, world, nurse)
        one = session.query(Credential).filter_by(type="training_award").one()
        one.state = CredentialState.REVOKED
        with pytest.raises(Refused, match="not_on_offer"):
            signing.sign_copies(
                session, one, wallet=wallet, holders=[es256.public(key)],
                who=issuing.signer(session, world), where=issuing.WHERE, now=NOW,
            )  # fmt: skip


@pytest.mark.parametrize(("bytes_of_face", "shown"), [(420, True), (640, False)])
def test_a_face_without_room_is_left_out_and_the_code_is_made(
    sqlite_database: Database, bytes_of_face: int, shown: bool
) -> None:
    with sqlite_database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = issuing.a_holder(session, world, family_name="Featherstonehaugh-Cholmondeley")
        wallet, key = issuing.a_wallet(session, world, nurse)
        issuing.collected(session, world, nurse, wallet, key)
        issuing.decided(session, world, nurse, {})
        session.add(_photo(nurse.id, bytes_of_face))
        cwt = issuing.a_gate(session, world, wallet, key)
    token = gate_token.read(gate_token.show(cwt, holder_key=key, now=NOW))
    assert (token.said.facts.face is not None) is shown


def _photo(person_id: UUID, size: int) -> PersonPhoto:
    picture = b"\x10\x00\x00\x9d\x01\x2a" + bytes(size - 26)
    webp = b"RIFF" + (12 + len(picture)).to_bytes(4, "little") + b"WEBPVP8 "
    webp += len(picture).to_bytes(4, "little") + picture
    return PersonPhoto(
        person_id=person_id,
        sealed_face=issuing.VAULT.seal(webp, belongs_to=f"person_photo:{person_id}:face"),
        sealed_photo=b"",
        taken_on=NOW.date(),
    )

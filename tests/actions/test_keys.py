"""Keys: sealed to their row, rotated without a gap, renewed in time, revoked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from passport.actions.signing import keys, signing
from passport.actions.trust import own_list
from passport.actions.verifying import judging
from passport.actors import AccessRole, job, operator
from passport.db import Database
from passport.errors import Forbidden, NotFound, Refused
from passport.events import record
from passport.model.credentials import Credential, CredentialState, Wallet
from passport.model.freshness import freshness_on
from passport.model.keys import KeyPurpose, SigningKey
from passport.rules.tokens import es256, gate_token, sd_jwt
from passport.rules.tokens.es256 import PrivateKey
from passport.rules.tokens.key_states import KeyState, key_state
from passport.rules.tokens.trust_list import read_trust
from passport.rules.verifying.credential_verdict import credential_verdict
from passport.rules.verifying.gate_verdict import gate_verdict
from passport.rules.verifying.verdict import Known
from passport.sealing import CannotUnseal, Vault
from tests.support import build, issuing
from tests.support.issuing import BASE, NOW, VAULT, WHERE

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def key_of(session: Session, world: issuing.World, purpose: KeyPurpose) -> SigningKey:
    return (
        session.query(SigningKey).filter_by(organisation_id=world.id, purpose=purpose)
        .order_by(SigningKey.not_before.desc()).first()
    ) or pytest.fail("no key")  # fmt: skip


def sign(session: Session, world: issuing.World, vault: Vault = VAULT) -> keys.Signer:
    return keys.signer(
        session, KeyPurpose.ISSUER, organisation_id=world.id, vault=vault, now=NOW
    )


def swap(session: Session, world: issuing.World, change: Callable[[SigningKey], None]) -> None:
    change(key_of(session, world, KeyPurpose.ISSUER))
    session.flush()
    record(session, "test.swapped", subject_id=world.id, by=operator(), now=NOW)


def test_a_sealed_key_opens_in_its_own_row_alone(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        other = issuing.a_trust(session, ods_code="RM3", name="Salford")
        assert sign(session, world).ods == "RWJ"
        theirs = key_of(session, other, KeyPurpose.ISSUER)
        asking = key_of(session, world, KeyPurpose.REQUEST)
        own = key_of(session, world, KeyPurpose.ISSUER)
        kept = own.sealed

        def moved(sealed: bytes) -> None:
            swap(session, world, lambda one: setattr(one, "sealed", sealed))
            with pytest.raises(CannotUnseal):
                sign(session, world)

        moved(theirs.sealed)
        moved(asking.sealed)
        for place in (0, 5, 12, 40, len(kept) - 1):
            moved(kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :])
        swap(session, world, lambda one: setattr(one, "sealed", kept))
        assert sign(session, world).kid == own.kid
        with pytest.raises(CannotUnseal):
            sign(session, world, Vault("11" * 32, "33" * 32))
        assert sign(session, world, Vault("11" * 32, "33" * 32, retired=["22" * 32])).ods == "RWJ"


def test_a_private_key_is_nowhere_to_be_read(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        secret = sign(session, world).key.private_numbers().private_value.to_bytes(32, "big")
        for row in session.query(SigningKey):
            assert secret not in row.sealed
            assert "d" not in row.jwk


@dataclass
class Door:
    """A verifier that fetches everything once in `every`, and judges with that alone."""

    every: timedelta
    fetched: datetime | None = None
    bundle: dict[str, Any] = field(default_factory=dict)

    def known(self, session: Session, now: datetime) -> Known:
        if self.fetched is None or now - self.fetched >= self.every:
            self.bundle = judging.offline_bundle(
                session, organisation_id=None, where=WHERE, now=now
            )
            self.fetched = now
        (own,) = self.bundle["trust"]
        return Known(
            trust=read_trust(own["token"], root=es256.from_jwk(own["key"]), now=now),
            policy=freshness_on(now.date()).policy,
            now=now,
            lists={one["uri"]: one["token"] for one in self.bundle["statuses"]},
        )


@dataclass
class Round:
    """Issuing and verifying again and again, by a clock that is moved."""

    world: issuing.World
    wallet_id: UUID
    key: PrivateKey
    doors: tuple[Door, ...]
    shown: list[str] = field(default_factory=list)
    """Credentials of every moment so far."""
    failures: list[str] = field(default_factory=list)

    def turn(self, session: Session, now: datetime) -> None:
        wallet = session.get_one(Wallet, self.wallet_id)
        holder = es256.public(self.key)
        who = issuing.signer(session, self.world, now)
        one = session.query(Credential).filter_by(type="training_award").one()
        self.shown += signing.sign_copies(
            session, one, wallet=wallet, holders=[holder], who=who, where=WHERE, now=now
        )
        cwt = signing.sign_gate(
            session, wallet=wallet, holder=holder, who=who, vault=VAULT, where=WHERE, now=now
        )
        record(session, "test.issued", subject_id=wallet.id, by=operator(), now=now)
        own_list.publish(session, vault=VAULT, where=WHERE, by=job(), now=now)
        issuing.published(session, now)
        gate = gate_token.show(cwt, holder_key=self.key, now=now)
        for door in self.doors:
            known = door.known(session, now)
            verdicts = [gate_verdict(gate, known)] + [
                credential_verdict(self._presented(text, now), known, audience="me", nonce="n")
                for text in (*self.shown[:1], *self.shown[-2:])
            ]
            codes = {one.code for verdict in verdicts for one in verdict.findings}
            if wrong := codes - {"check_photo_id"}:
                self.failures.append(f"{now:%d %H}h every {door.every}: {sorted(wrong)}")

    def _presented(self, text: str, now: datetime) -> str:
        return sd_jwt.present(
            text, names=["subject"], holder_key=self.key, audience="me", nonce="n", now=now
        )


def a_round(session: Session) -> Round:
    world = issuing.a_trust(session)
    nurse = issuing.a_holder(session, world)
    wallet, key = issuing.a_wallet(session, world, nurse)
    for one in session.query(Credential).filter(Credential.type != "professional_registration"):
        one.state, one.accepted_at, one.changed_at = CredentialState.HELD, NOW, NOW
    return Round(world, wallet.id, key, (Door(timedelta()), Door(12 * HOUR), Door(24 * HOUR)))


def rotated(database: Database, *, ahead: timedelta | None) -> tuple[Round, set[str]]:
    """Ten days with a rotation on the second; the round, and the keys that signed."""
    with database.transaction() as session:
        work = a_round(session)
    signed, more = set(), {} if ahead is None else {"ahead": ahead}
    for hours in range(0, 240, 6):
        now = NOW + hours * HOUR
        with database.transaction() as session:
            if hours == 30:
                keys.rotate(
                    session, KeyPurpose.ISSUER, organisation_id=work.world.id, vault=VAULT,
                    base=BASE, by=operator(work.world.id), now=now, **more,
                )  # fmt: skip
                keys.rotate(
                    session, KeyPurpose.TRUST_LIST, organisation_id=None, vault=VAULT, base=BASE,
                    by=operator(), now=now, **more,
                )  # fmt: skip
            work.turn(session, now)
            signed.add(issuing.signer(session, work.world, now).kid)
    return work, signed


def test_issuing_and_verifying_go_on_through_a_rotation(database: Database) -> None:
    work, signed = rotated(database, ahead=None)
    assert len(signed) == 2
    assert work.failures == []


def test_a_key_that_signs_at_once_is_not_known_at_every_door(sqlite_database: Database) -> None:
    """What telling it ahead is for, and that the loop above would see a gap."""
    work, _ = rotated(sqlite_database, ahead=timedelta())
    assert any("unknown_issuer" in one for one in work.failures)


def test_what_nobody_thought_of_is_renewed_in_time(database: Database) -> None:
    with database.transaction() as session:
        issuing.a_trust(session)
        closed = issuing.a_trust(session, ods_code="RM3", name="Salford")
        closed.organisation.closed_on = NOW.date()
        session.flush()

        def renewed(days: int) -> int:
            found = keys.renew_due(
                session, vault=VAULT, base=BASE, by=job(), now=NOW + days * DAY
            )
            return len(found)

        assert [renewed(days) for days in (0, 300, 340, 341)] == [0, 0, 3, 0]
        for days in range(340, 420, 10):
            assert issuing.signer(session, issuing.World(_trust(session)), NOW + days * DAY)
        with pytest.raises(Refused, match="no_key"):
            issuing.signer(session, closed, NOW + 366 * DAY)


def _trust(session: Session) -> Any:
    return session.query(issuing.Organisation).filter_by(ods_code="RWJ").one()


def test_nobody_touches_another_organisations_keys(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        other = issuing.a_trust(session, ods_code="RM3", name="Salford")
        thief = build.an_actor(other.organisation, AccessRole.BANK_MANAGER, stepped_up=True)
        own = key_of(session, world, KeyPurpose.ISSUER)
        more: dict[str, Any] = {"vault": VAULT, "base": BASE, "by": thief, "now": NOW}
        with pytest.raises(NotFound):
            keys.revoke(session, key_id=own.id, since=NOW, by=thief, now=NOW)
        for purpose, whose in (
            (KeyPurpose.ISSUER, world.id), (KeyPurpose.TRUST_LIST, None), (KeyPurpose.ROOT, None),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                keys.rotate(session, purpose, organisation_id=whose, **more)
        with pytest.raises(NotFound):
            keys.ensure_issuer(session, organisation_id=world.id, **more)
        assert {one.organisation_id for one in keys.keys_of(session, by=thief)} == {other.id}


def test_keys_are_changed_with_a_fresh_second_factor_only(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        own = key_of(session, world, KeyPurpose.ISSUER)
        manager = build.an_actor(world.organisation, AccessRole.BANK_MANAGER, stepped_up=False)
        officer = build.an_actor(world.organisation, AccessRole.HR_OFFICER, stepped_up=True)
        for by, why in ((manager, "step_up_needed"), (officer, "forbidden")):
            with pytest.raises(Forbidden, match=why):
                keys.revoke(session, key_id=own.id, since=NOW, by=by, now=NOW)


def test_the_states_of_keys(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        by = operator(world.id)
        keys.rotate(
            session, KeyPurpose.ISSUER, organisation_id=world.id, vault=VAULT, base=BASE, by=by,
            now=NOW,
        )  # fmt: skip
        found = [o for o in keys.keys_of(session, by=by) if o.purpose is KeyPurpose.ISSUER]
        new, old = sorted(found, key=lambda one: one.not_before, reverse=True)

        def states(days: int) -> list[KeyState]:
            return [key_state(one, found, NOW + days * DAY) for one in (old, new)]

        assert states(0) == [KeyState.SIGNS, KeyState.WAITING]
        assert states(4) == [KeyState.RELIEVED, KeyState.SIGNS]
        assert states(366) == [KeyState.ENDED, KeyState.SIGNS]
        keys.revoke(session, key_id=new.id, since=NOW, by=by, now=NOW)
        assert states(4) == [KeyState.SIGNS, KeyState.REVOKED]

"""A key in other hands: what it signed is refused, holders are told, copies to reissue listed."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from passport.actions.signing import keys, signing
from passport.actions.trust import compromise, own_list
from passport.actions.verifying import judging
from passport.actors import AccessRole, Actor, job
from passport.db import Database
from passport.errors import Forbidden, NotFound
from passport.events import Event, Notice, record
from passport.model.credentials import Credential, StatusListRow, Wallet
from passport.model.keys import KeyPurpose, SigningKey
from passport.rules.tokens import es256, gate_token
from passport.rules.tokens.es256 import PrivateKey
from tests.support import build, issuing
from tests.support.issuing import BASE, NOW, VAULT, WHERE

LATER = NOW + timedelta(minutes=20)
"""Before any list is signed anew for its age alone."""


@dataclass
class Stolen:
    """A trust whose nurse holds five credentials and a gate token, all under one key."""

    world: issuing.World
    wallet: Wallet
    key: PrivateKey
    cwt: bytes
    manager: Actor
    marked: SigningKey


def stolen(session: Session) -> Stolen:
    world = issuing.a_trust(session)
    nurse = issuing.a_holder(session, world)
    wallet, key = issuing.a_wallet(session, world, nurse)
    issuing.collected(session, world, nurse, wallet, key)
    cwt = issuing.a_gate(session, world, wallet, key)
    issuing.published(session)
    own_list.publish(session, vault=VAULT, where=WHERE, by=job(), now=NOW)
    manager = build.an_actor(
        world.organisation, AccessRole.BANK_MANAGER, AccessRole.HR_OFFICER, stepped_up=True
    )
    marked = session.query(SigningKey).filter_by(
        purpose=KeyPurpose.ISSUER, organisation_id=world.id
    ).one()  # fmt: skip
    return Stolen(world, wallet, key, cwt, manager, marked)


def replace(session: Session, case: Stolen, by: Actor | None = None) -> None:
    compromise.replace_key(
        session, key_id=case.marked.id, since=case.marked.not_before, vault=VAULT, base=BASE,
        by=by or case.manager, now=LATER,
    )  # fmt: skip
    own_list.publish(session, vault=VAULT, where=WHERE, by=job(), now=LATER)
    issuing.published(session, LATER)


def codes(session: Session, case: Stolen, cwt: bytes) -> list[str]:
    judged = judging.judge_gate(
        session, gate_token.show(cwt, holder_key=case.key, now=LATER), organisation_id=None,
        where=WHERE, now=LATER,
    )  # fmt: skip
    return [one.code for one in judged.verdict.findings]


def reissue(session: Session, case: Stolen, *, only: str = "") -> bytes:
    """As the wallet does when it comes back."""
    who = issuing.signer(session, case.world, LATER)
    holder = es256.public(case.key)
    for one in session.query(Credential).filter(Credential.type.contains(only)):
        signing.sign_copies(
            session, one, wallet=case.wallet, holders=[holder], who=who, where=WHERE, now=LATER
        )
    cwt = signing.sign_gate(
        session, wallet=case.wallet, holder=holder, who=who, vault=VAULT, where=WHERE, now=LATER
    )
    record(session, "test.reissued", subject_id=case.wallet.id, by=case.manager, now=LATER)
    issuing.published(session, LATER)
    return cwt


def test_what_the_key_signed_is_refused_and_what_the_new_one_signs_is_not(
    database: Database,
) -> None:
    with database.transaction() as session:
        case = stolen(session)
        assert codes(session, case, case.cwt) == ["check_photo_id"]
        replace(session, case)
        assert codes(session, case, case.cwt) == ["key_revoked"]
        assert issuing.signer(session, case.world, LATER).kid != case.marked.kid
        assert {row.signed_at for row in session.query(StatusListRow)} == {LATER}
        assert codes(session, case, reissue(session, case)) == ["check_photo_id"]


def test_everything_to_reissue_is_listed_until_it_was_fetched(database: Database) -> None:
    with database.transaction() as session:
        case = stolen(session)
        assert compromise.to_reissue(session, by=case.manager) == []
        replace(session, case)
        found = compromise.to_reissue(session, by=case.manager)
        assert {one.kind for one in found} == {*issuing.SAID, "gate"}
        assert {one.wallet for one in found} == {"Test wallet"}
        reissue(session, case, only="identity")
        left = {one.kind for one in compromise.to_reissue(session, by=case.manager)}
        assert left == set(issuing.SAID) - {"identity"}
        reissue(session, case)
        assert compromise.to_reissue(session, by=case.manager) == []


def test_what_nobody_needs_is_not_listed(database: Database) -> None:
    with database.transaction() as session:
        case = stolen(session)
        replace(session, case)
        other = issuing.a_trust(session, ods_code="RM3", name="Salford")
        outsider = build.an_actor(other.organisation, AccessRole.HR_OFFICER)
        assert compromise.to_reissue(session, by=outsider) == []
        case.wallet.frozen_at = LATER
        session.flush()
        assert compromise.to_reissue(session, by=case.manager) == []


def test_what_was_signed_before_the_moment_stays_good(database: Database) -> None:
    with database.transaction() as session:
        case = stolen(session)
        keys.revoke(
            session, key_id=case.marked.id, since=NOW + timedelta(days=1), by=case.manager, now=NOW
        )
        own_list.publish(session, vault=VAULT, where=WHERE, by=job(), now=NOW)
        assert codes(session, case, case.cwt) == ["check_photo_id"]
        assert compromise.to_reissue(session, by=case.manager) == []


def test_holders_are_told_once(database: Database) -> None:
    with database.transaction() as session:
        case = stolen(session)
        second = issuing.a_wallet(session, case.world, session.query(issuing.Person).one())
        issuing.a_gate(session, case.world, *second)
        replace(session, case)
        (notice,) = session.query(Notice).filter_by(template="key_withdrawn")
        assert notice.to_person_id == case.wallet.person_id
        assert compromise.tell_holders(session, case.marked, by=case.manager, now=LATER) == 0
        told = session.query(Event).filter_by(kind="key.holders_told").first()
        assert told
        assert told.detail["holders"] == 1


def test_it_is_a_managers_deed_with_a_fresh_second_factor(database: Database) -> None:
    with database.transaction() as session:
        case = stolen(session)
        other = issuing.a_trust(session, ods_code="RM3", name="Salford")
        manager = AccessRole.BANK_MANAGER
        with pytest.raises(NotFound):
            replace(session, case, build.an_actor(other.organisation, manager, stepped_up=True))
        with pytest.raises(Forbidden):
            replace(session, case, build.an_actor(case.world.organisation, manager,
                                                  stepped_up=False))  # fmt: skip
        worker = build.an_actor(case.world.organisation, AccessRole.WORKER)
        with pytest.raises(Forbidden):
            compromise.to_reissue(session, by=worker)


def test_a_trust_lists_key_is_replaced_too(database: Database) -> None:
    with database.transaction() as session:
        stolen(session)
        own = session.query(SigningKey).filter_by(purpose=KeyPurpose.TRUST_LIST).one()
        compromise.replace_key(
            session, key_id=own.id, since=NOW, vault=VAULT, base=BASE,
            by=issuing.operator(), now=LATER,
        )  # fmt: skip
        later = LATER + timedelta(hours=13)
        assert own_list.publish(session, vault=VAULT, where=WHERE, by=job(), now=later)

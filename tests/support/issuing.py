"""A trust with keys, a nurse with decided credentials, and what a wallet and a verifier do.

    world = issuing.a_trust(session)
    nurse = issuing.a_holder(session, world)          # five credentials on offer
    wallet, key = issuing.a_wallet(session, world, nurse)
    copies = issuing.collected(session, world, nurse, wallet, key)   # held now, texts by type

The moment is `NOW` throughout; the database's own clock is nowhere asked.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from passport.actions.signing import keys, signing, status_lists
from passport.actions.signing.keys import Signer
from passport.actions.signing.signing import Where
from passport.actors import job, operator
from passport.events import record
from passport.model.credentials import (
    Bundle,
    Credential,
    CredentialState,
    StatusListRow,
    Wallet,
)
from passport.model.freshness import freshness_on
from passport.model.keys import KeyPurpose, SigningKey
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.tokens import addresses, es256
from passport.rules.tokens.es256 import PrivateKey
from passport.rules.tokens.trust_list import Issuer, ListedKey, TrustList
from passport.rules.verifying.verdict import Known
from passport.sealing import Vault
from tests.support import build

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
BASE = "http://127.0.0.1:8000"
VAULT = Vault("11" * 32, "22" * 32)
WHERE = Where(base=BASE, types_at=BASE)
PROVENANCE = {
    "origin": "NHS_EMPLOYER",
    "assurance_policy": "NHS_ECS_IDENTITY_2022_03",
    "assurance_outcome": "CHECK_COMPLETE",
    "provider": "RWJ",
    "verifier": "RWJ",
    "verification_method": "DOCUMENT_AND_RECORD",
    "pedigree": "SOURCED",
    "last_refresh": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
}

SAID: dict[str, dict[str, Any]] = {
    "identity": {
        "check_date": "2026-10-01",
        "check_route": "FACE_TO_FACE",
    },
    "professional_registration": {
        "body": "NMC",
        "number": "01A2345N",
        "registration_status": "REGISTERED",
        "restrictions": [],
        "checked_at": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "source": "REGISTER_API",
    },
    "employment_assignment": {
        "employer_name": "Stockport NHS FT",
        "staff_group": "NURSING_AND_MIDWIFERY_REGISTERED",
        "job_role": "Staff nurse",
        "pay_band": "BAND_5",
        "assignment_status": "ACTIVE",
        "starts_on": "2020-01-06",
    },
    "training_award": {
        "framework": "CSTF",
        "subject_code": "RESUS_ADULT",
        "subject": "Resuscitation",
        "level": "2",
        "award_basis": "TRAINING",
        "awarded_on": "2026-03-02",
    },
    "dbs_outcome": {
        "level": "ENHANCED_BARRED",
        "workforce": "CHILD_AND_ADULT",
        "adults_barred_checked": True,
        "issue_date": "2025-05-01",
        "employer_decision": "CLEARED_FOR_ROLE",
        "decided_on": "2025-05-10",
    },
}
"""An ordinary nurse's five credentials, without what is the person's or the employer's."""


@dataclass(frozen=True)
class World:
    """A trust that issues."""

    organisation: Organisation

    @property
    def id(self) -> UUID:
        return self.organisation.id


def a_trust(
    session: Session,
    *,
    ods_code: str = "RWJ",
    name: str = "Stockport NHS FT",
    vault: Vault = VAULT,
    base: str = BASE,
    now: datetime = NOW,
) -> World:
    """A trust with keys to issue and to ask."""
    trust = build.an_organisation(session, ods_code=ods_code, name=name)
    keys.ensure_issuer(
        session, organisation_id=trust.id, vault=vault, base=base, by=operator(trust.id), now=now
    )
    return World(trust)


def keys_for(
    session: Session, trust: Organisation, vault: Vault, now: datetime = NOW
) -> list[SigningKey]:
    """Keys of a trust that is there already."""
    by = operator(trust.id)
    keys.ensure_issuer(
        session, organisation_id=trust.id, vault=vault, base=BASE, by=by, now=now
    )
    return list(keys.keys_of(session, by=by))


def signer(session: Session, world: World, now: datetime = NOW) -> Signer:
    """The trust's key in force."""
    return keys.signer(session, KeyPurpose.ISSUER, organisation_id=world.id, vault=VAULT, now=now)


def claims_of(person: Person, ods: str = "RWJ") -> dict[str, dict[str, Any]]:
    """What an ordinary nurse's five credentials say."""
    own: dict[str, dict[str, Any]] = {
        "identity": {
            "legal_given_names": person.given_name,
            "legal_family_name": person.family_name,
            "date_of_birth": person.date_of_birth.isoformat(),
            "evidence_checked_by": ods,
        },
        "employment_assignment": {"employer_ods": ods},
        "training_award": {"awarding_organisation": ods},
    }
    return {kind: {**one, **own.get(kind, {}), **PROVENANCE} for kind, one in SAID.items()}


def a_holder(session: Session, world: World, **fields: Any) -> Person:
    """A nurse of the trust with five credentials on offer, in one bundle."""
    person = build.a_person(session, world.organisation, **fields)
    decided(session, world, person, claims_of(person))
    return person


def decided(
    session: Session, world: World, person: Person, claims: dict[str, dict[str, Any]]
) -> list[Credential]:
    """A bundle of credentials decided for a person, as rows."""
    bundle = Bundle(organisation_id=world.id, person_id=person.id, decided_at=NOW)
    session.add(bundle)
    session.flush()
    made = [
        Credential(
            organisation_id=world.id, person_id=person.id, bundle_id=bundle.id, type=kind,
            version=1, claims=one, decided_at=NOW, changed_at=NOW,
        )
        for kind, one in claims.items()
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    record(session, "test.decided", subject_id=bundle.id, by=operator(world.id), now=NOW)
    return made


def a_wallet(session: Session, world: World, person: Person) -> tuple[Wallet, PrivateKey]:
    """A wallet of the person with a key of its own."""
    wallet = Wallet(
        organisation_id=world.id, person_id=person.id, label="Test wallet", enrolled_at=NOW,
        seen_at=NOW,
    )  # fmt: skip
    session.add(wallet)
    session.flush()
    record(session, "test.wallet", subject_id=wallet.id, by=operator(world.id), now=NOW)
    return wallet, es256.new_key()


def collected(
    session: Session, world: World, person: Person, wallet: Wallet, key: PrivateKey
) -> dict[str, str]:
    """Everything on offer to the person, accepted and signed for the key: type → text."""
    who = signer(session, world, NOW)
    texts = {}
    for one in session.query(Credential).filter_by(person_id=person.id):
        (texts[one.type],) = signing.sign_copies(
            session, one, wallet=wallet, holders=[es256.public(key)], who=who, where=WHERE, now=NOW
        )
        one.state, one.accepted_at, one.changed_at = CredentialState.HELD, NOW, NOW
    session.flush()
    return texts


def a_gate(
    session: Session, world: World, wallet: Wallet, key: PrivateKey, now: datetime = NOW
) -> bytes:
    """The wallet's gate token, without a face."""
    return signing.sign_gate(
        session, wallet=wallet, holder=es256.public(key), who=signer(session, world, now),
        vault=VAULT, where=WHERE, now=now,
    )  # fmt: skip


def published(session: Session, now: datetime = NOW) -> dict[str, str]:
    """Every status list, signed where it changed: address → token."""
    while status_lists.publish(session, vault=VAULT, base=BASE, by=job(), now=now):
        pass
    return {
        addresses.status_list(BASE, row.id): row.token or "" for row in session.query(StatusListRow)
    }


def known(
    session: Session, world: World, now: datetime = NOW, lists: dict[str, str] | None = None
) -> Known:
    """What a verifier knows that holds this trust's list and the status lists."""
    who = signer(session, world, now)
    key = es256.public(who.key)
    day = timedelta(days=1)
    listed = ListedKey(kid=who.kid, key=key, not_before=NOW - day, not_after=NOW + 365 * day)
    asserts = frozenset(claims_of(Person(
        organisation_id=world.id, holder_id=world.id, given_name="", family_name="",
        date_of_birth=date(2000, 1, 1), created_at=NOW,
    )))  # fmt: skip
    trust = TrustList(
        iss=BASE,
        sub=addresses.trust_list(BASE),
        iat=NOW,
        exp=NOW + 30 * day,
        version=1,
        vct_base=BASE,
        status_prefixes=(addresses.status_lists(BASE),),
        issuers=(Issuer(world.organisation.ods_code, world.organisation.name, (listed,), asserts),),
    )
    return Known(
        trust=trust,
        policy=freshness_on(now.date()).policy,
        now=now,
        lists=published(session, now) if lists is None else lists,
    )

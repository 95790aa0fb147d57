"""Two trusts that share staff: a nurse of one with a passport on her phone, and the other's
clearance desk.

    pair = two_that_share(session, vault=VAULT, base=BASE, now=NOW)
    text = pair.code(session, NOW)                    # what her phone shows
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.people.passport_jobs import jobs_of
from bankhub.model.workers import BankPost
from bankhub.rules.agreements.agreements_in_force import InForce
from passport.actions.issuing import issuing
from passport.actions.issuing.issue_records import Sources
from passport.actions.people import identity_checks
from passport.actions.people.evidence import add_facts, as_value
from passport.actions.signing import keys, signing, status_lists
from passport.actions.signing.signing import Where
from passport.actions.trust import own_list
from passport.actors import AccessRole, Actor, job, operator
from passport.events import record
from passport.london import london_day
from passport.model.credentials import Credential, CredentialState, Wallet
from passport.model.facts import Fact, FactKind
from passport.model.keys import KeyPurpose
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.tokens import es256, gate_token
from passport.rules.tokens.es256 import PrivateKey
from passport.sealing import Vault
from tests.support import build, sharing

WARRANTIES = (
    "identity", "right_to_work", "registration_and_qualifications", "dbs", "occupational_health",
)  # fmt: skip


@dataclass
class Pair:
    """Home, host, the nurse, and what signs for her."""

    home: Organisation
    host: Organisation
    nurse: Person
    post: BankPost
    agreement: InForce
    vault: Vault
    base: str
    key: PrivateKey = field(default_factory=es256.new_key)
    wallet: Wallet | None = None

    @property
    def where(self) -> Where:
        """The addresses that are signed into passports."""
        return Where(base=self.base, types_at=self.base)

    def officer(self, *roles: AccessRole, **fields: Any) -> Actor:
        """Somebody of the host's desk."""
        return build.an_actor(self.host, *(roles or (AccessRole.HR_OFFICER,)), **fields)

    def code(self, session: Session, now: datetime, **asked: Any) -> str:
        """What the nurse's phone shows at that moment."""
        if self.wallet is None:
            self.wallet = self._wallet(session, now)
        who = keys.signer(
            session, KeyPurpose.ISSUER, organisation_id=self.home.id, vault=self.vault, now=now
        )
        record(session, "test.gate", subject_id=self.wallet.id, by=operator(), now=now)
        cwt = signing.sign_gate(
            session, wallet=self.wallet, holder=es256.public(self.key), who=who, vault=self.vault,
            where=self.where, now=now,
        )  # fmt: skip
        self.publish(session, now)
        return gate_token.show(cwt, holder_key=self.key, now=now, **asked)

    def publish(self, session: Session, now: datetime) -> None:
        """What the worker does: status lists and the trust list."""
        while status_lists.publish(
            session, vault=self.vault, base=self.base, by=job(), now=now
        ):
            pass
        own_list.publish(session, vault=self.vault, where=self.where, by=job(), now=now)

    def _wallet(self, session: Session, now: datetime) -> Wallet:
        made = Wallet(
            organisation_id=self.home.id, person_id=self.nurse.id, label="Phone", enrolled_at=now,
            seen_at=now, gate_key=es256.public(self.key).kid,
        )  # fmt: skip
        session.add(made)
        held = session.scalars(sa.select(Credential).where(Credential.person_id == self.nurse.id))
        for one in held:
            one.state, one.accepted_at, one.changed_at = CredentialState.HELD, now, now
        session.flush()
        record(session, "test.wallet", subject_id=made.id, by=operator(self.home.id), now=now)
        return made


def two_that_share(
    session: Session, *, vault: Vault, base: str, now: datetime, **terms: Any
) -> Pair:
    """Alder and Birch share adult nurses of band 5; Ada of Alder has every paper. Where no address
    is known yet, keys are for later (`make_keys`)."""
    home, host = (
        build.an_organisation(session, ods_code=ods, name=name)
        for ods, name in (("RWJ", "Alder NHS Trust"), ("R0A", "Birch NHS Trust"))
    )
    if base:
        make_keys(session, (home, host), vault=vault, base=base, now=now)
    nurse, post = build.a_nurse(session, home)
    issue_everything(session, nurse, vault=vault, now=now)
    agreement = sharing.an_agreement(
        session,
        home,
        host,
        signed_at=now - timedelta(days=30),
        now=now,
        **{"home_warranties": list(WARRANTIES), **terms},
    )
    return Pair(home, host, nurse, post, agreement, vault, base)


def make_keys(
    session: Session,
    organisations: Iterable[Organisation],
    *,
    vault: Vault,
    base: str,
    now: datetime,
) -> None:
    """Keys to issue, to ask and to sign with."""
    for one in organisations:
        keys.ensure_issuer(
            session, organisation_id=one.id, vault=vault, base=base, by=operator(one.id),
            now=now - timedelta(minutes=1),
        )  # fmt: skip


def issue_everything(session: Session, person: Person, *, vault: Vault, now: datetime) -> None:
    """Decide every credential that the record gives; the register was looked at today."""
    by = operator(person.organisation_id)
    identity_checks.put_on_record(
        session, checks=[(person.id, london_day(now) - timedelta(days=300))], by=by, now=now
    )
    found = session.scalars(
        sa.select(Fact).where(
            Fact.person_id == person.id,
            Fact.kind == FactKind.REGISTRATION,
            Fact.superseded_by_id.is_(None),
        )
    )
    entries = [as_value(fact) for fact in found]
    add_facts(session, person_id=person.id, entries=entries, source="register", by=by, now=now)
    issuing.decide(
        session, person_id=person.id, sources=Sources(vault, jobs_of), by=by, now=now
    )

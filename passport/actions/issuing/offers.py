"""Offering: a person's credentials at one organisation, to be collected with a code.

A code works once and for minutes. Shown as a QR code it needs a transaction code beside it, for
whoever looks over a shoulder photographs the one and not the other. Only the person, freshly
signed in, and the operator at the server make an offer: in anybody else's hands it would put the
passport on another phone.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.access import own
from passport.actions.permission import demand
from passport.actors import Actor, Via
from passport.db import new_id
from passport.errors import Forbidden, NotFound, Reason, Refused
from passport.model.accounts import Account, RoleGrant
from passport.model.collecting import CredentialOffer
from passport.model.collecting_policy import COLLECTING_POLICY
from passport.model.credentials import Credential, CredentialState
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.access.emails import tidy_email
from passport.rules.issuing import openid4vci
from passport.rules.issuing.openid4vci import Held
from passport.rules.permissions import Deed
from passport.rules.tokens import addresses
from passport.sealing import Vault, hash_secret, new_secret

COLLECTABLE = (CredentialState.OFFERED, CredentialState.HELD)


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer as it is handed over. Neither code is kept."""

    issuer: str
    code: str
    tx_code: str | None
    configurations: tuple[str, ...]
    expires_at: datetime

    @property
    def object(self) -> dict[str, Any]:
        """The Credential Offer."""
        return openid4vci.offer(
            self.issuer, self.configurations, self.code, with_tx_code=self.tx_code is not None
        )

    @property
    def link(self) -> str:
        """The link that holds the whole offer."""
        return openid4vci.by_value(self.object)

    @property
    def short_link(self) -> str:
        """The link for a QR code."""
        return openid4vci.by_reference(self.issuer, self.code)


def make(
    session: Session,
    *,
    person_id: UUID,
    types: Collection[str] = (),
    with_tx_code: bool,
    vault: Vault,
    base: str,
    by: Actor,
    now: datetime,
) -> Offered:
    """Offer a person what they may collect: what waits for them and what they hold, or of that
    the given types. Raises `Refused` where there is nothing."""
    person = _own(session, person_id, by)
    if not is_here(session, person):
        raise Refused([Reason("has_left", text="This person has left the organisation.")])
    found = collectable(session, person.id, types)
    if not found:
        raise Refused([Reason("nothing_to_collect", text="There is nothing to collect here.")])
    made, code, tx_code = _offer(person, found, with_tx_code, vault, now)
    session.add(made)
    session.flush()
    configurations = [*openid4vci.configurations_of(found)]
    if not with_tx_code and any(one.type == "identity" for one in found):
        configurations.append(openid4vci.GATE)
    ods = session.get_one(Organisation, person.organisation_id).ods_code
    return Offered(
        issuer=addresses.issuer(base, ods),
        code=code,
        tx_code=tx_code,
        configurations=tuple(configurations),
        expires_at=made.expires_at,
    )


def _offer(
    person: Person, found: Sequence[Held], with_tx_code: bool, vault: Vault, now: datetime
) -> tuple[CredentialOffer, str, str | None]:
    policy, code, identifier = COLLECTING_POLICY, new_secret(), new_id()
    digits = policy.tx_code_digits
    tx_code = f"{secrets.randbelow(10**digits):0{digits}}" if with_tx_code else None
    made = CredentialOffer(
        id=identifier,
        organisation_id=person.organisation_id,
        person_id=person.id,
        credentials=[one.id for one in found],
        code_hash=hash_secret(code),
        tx_code_hash=tx_code_hash(vault, identifier, tx_code) if tx_code else None,
        made_at=now,
        expires_at=now + (policy.code_elsewhere if with_tx_code else policy.code_here),
    )
    return made, code, tx_code


def tx_code_hash(vault: Vault, offer_id: UUID, tx_code: str) -> str:
    """What is kept of a transaction code."""
    return vault.keyed_hash("tx_code", f"{offer_id}:{tx_code}")


def _own(session: Session, person_id: UUID, by: Actor) -> Person:
    demand(by, Deed.USE_OWN_ACCOUNT)
    if by.via is Via.TOKEN:
        raise Forbidden("forbidden", "An API token cannot put a passport on a phone.")
    found = session.get(Person, person_id)
    if found is None or (by.via is not Via.OPERATOR and found.holder_id != by.person_id):
        raise NotFound
    own.demand_fresh(by)
    return found


def read(session: Session, *, ods: str, code: str, base: str, now: datetime) -> dict[str, Any]:
    """The offer that a link leads to. Raises `NotFound` once it is used, dead or over."""
    offer, here = session.execute(
        sa.select(CredentialOffer, Organisation.ods_code)
        .join(Organisation, Organisation.id == CredentialOffer.organisation_id)
        .where(CredentialOffer.code_hash == hash_secret(code))
    ).first() or (None, "")
    if offer is None or here != ods or not is_open(offer, now):
        raise NotFound
    return openid4vci.offer(
        addresses.issuer(base, ods),
        list(openid4vci.configurations_of(held(session, offer.credentials))),
        code,
        with_tx_code=offer.tx_code_hash is not None,
    )


def is_open(offer: CredentialOffer, now: datetime) -> bool:
    """Whether its code may still be exchanged."""
    return offer.used_at is None and offer.dead_at is None and now < offer.expires_at


def collectable(session: Session, person_id: UUID, types: Collection[str] = ()) -> list[Held]:
    """What a person may collect of one organisation, the oldest decision first."""
    wanted = sa.select(Credential.id, Credential.type).where(
        Credential.person_id == person_id, Credential.state.in_(COLLECTABLE)
    )
    if types:
        wanted = wanted.where(Credential.type.in_(types))
    rows = session.execute(wanted.order_by(Credential.decided_at, Credential.id))
    return [Held(str(identifier), kind) for identifier, kind in rows]


def held(session: Session, identifiers: Collection[str]) -> list[Held]:
    """The credentials of an offer or token in their lasting order, in whatever state they are:
    the third of a type stays the third when the second has been withdrawn."""
    rows = session.execute(
        sa.select(Credential.id, Credential.type)
        .where(Credential.id.in_([UUID(one) for one in identifiers]))
        .order_by(Credential.decided_at, Credential.id)
    )
    return [Held(str(identifier), kind) for identifier, kind in rows]


def is_here(session: Session, person: Person) -> bool:
    """Whether the person may collect: not a leaver here, and their account, where they have one,
    is open and has not lost all it was here."""
    if person.left_at is not None:
        return False
    accounts = session.execute(
        sa.select(Account.id, Account.closed_at).where(Account.person_id == person.holder_id)
    ).all()
    if not accounts:
        return True
    standing = [identifier for identifier, closed_at in accounts if closed_at is None]
    ends = session.scalars(
        sa.select(RoleGrant.ended_at).where(
            RoleGrant.account_id.in_(standing),
            RoleGrant.organisation_id == person.organisation_id,
        )
    ).all()
    return bool(standing) and (not ends or None in ends)


def records_of(session: Session, email: str) -> list[tuple[Person, str]]:
    """Every organisation's record of whoever has this e-mail address, with its ODS code; the one
    with the most to collect first. For the operator."""
    address = tidy_email(email)
    holders = sa.select(Account.person_id).where(
        Account.email == address, Account.person_id.is_not(None)
    )
    to_collect = (
        sa.select(sa.func.count())
        .where(Credential.person_id == Person.id, Credential.state.in_(COLLECTABLE))
        .correlate(Person)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Person, Organisation.ods_code)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(sa.or_(Person.holder_id.in_(holders), Person.email == address))
        .order_by(to_collect.desc(), Person.created_at)
    )
    return [(person, ods) for person, ods in rows]

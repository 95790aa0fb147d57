"""A key may be in other hands: it is marked, another takes over, holders are told, and everything
that has to be signed anew is listed.

What was decided stays decided: wallets come for fresh copies by themselves. Until they do, what the
key signed is refused everywhere that knows the new trust list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from passport.actions.permission import demand
from passport.actions.signing import keys, status_lists
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.events import Notice, Tell, record
from passport.model.credentials import (
    Credential,
    CredentialCopy,
    CredentialState,
    Wallet,
)
from passport.model.keys import KeyPurpose, SigningKey
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.permissions import Deed
from passport.sealing import Vault

GATE = "gate"
NOTICE = "key_withdrawn"


@dataclass(frozen=True, slots=True)
class ToReissue:
    """Copies of one kind in one wallet that are refused now."""

    person_id: UUID
    name: str
    wallet: str
    kind: str
    """Credential type, or `gate`."""
    copies: int


def replace_key(
    session: Session,
    *,
    key_id: UUID,
    since: datetime,
    vault: Vault,
    base: str,
    by: Actor,
    now: datetime,
) -> SigningKey:
    """Mark the key, make another, have the status lists signed anew and tell the holders, in one
    deed. The worker publishes it."""
    marked = keys.revoke(session, key_id=key_id, since=since, by=by, now=now)
    follow_up(session, marked, vault=vault, base=base, by=by, now=now)
    tell_holders(session, marked, by=by, now=now)
    return marked


def follow_up(
    session: Session, marked: SigningKey, *, vault: Vault, base: str, by: Actor, now: datetime
) -> None:
    """Another key in the place of the marked one, and the status lists to be signed with it."""
    if marked.organisation_id is None:
        keys.ensure_own(session, vault=vault, base=base, by=by, now=now)
        return
    keys.ensure_issuer(
        session, organisation_id=marked.organisation_id, vault=vault, base=base, by=by, now=now
    )
    if marked.purpose is KeyPurpose.ISSUER:
        status_lists.sign_anew(session, organisation_id=marked.organisation_id, by=by)


def tell_holders(session: Session, marked: SigningKey, *, by: Actor, now: datetime) -> int:
    """A notice to each person whose wallet holds something that the key signed; how many. Nobody
    is told twice of one key."""
    demand(by, Deed.MANAGE_KEYS)
    if marked.purpose is not KeyPurpose.ISSUER or marked.organisation_id is None:
        return 0
    owner = session.get_one(Organisation, marked.organisation_id)
    told = f"{NOTICE}:{marked.kid}:"
    before = set(session.scalars(sa.select(Notice.dedupe).where(Notice.dedupe.startswith(told))))
    holders = session.scalars(
        _refused_copies(marked.organisation_id)
        .where(SigningKey.id == marked.id)
        .with_only_columns(Wallet.person_id)
        .distinct()
    ).all()
    tell = [
        Tell(NOTICE, f"{told}{one}", person_id=one, context={"organisation": owner.name})
        for one in holders
        if f"{told}{one}" not in before
    ]
    record(
        session, "key.holders_told", subject_id=marked.id, organisation_id=owner.id, by=by,
        now=now, kid=marked.kid, holders=len(tell), tell=tell,
    )  # fmt: skip
    return len(tell)


def to_reissue(session: Session, *, by: Actor) -> Sequence[ToReissue]:
    """What wallets hold of the actor's organisation that is refused since a key was marked, and
    was not collected anew."""
    demand(by, Deed.READ_PASSPORTS)
    kind = sa.func.coalesce(Credential.type, GATE)
    name = Person.given_name + " " + Person.family_name
    rows = session.execute(
        _refused_copies(own_organisation(by))
        .join(Person, Person.id == Wallet.person_id)
        .with_only_columns(
            Wallet.person_id, name, Wallet.label, kind, sa.func.count(CredentialCopy.id)
        )
        .group_by(Wallet.person_id, name, Wallet.id, Wallet.label, kind)
        .order_by(name, Wallet.person_id, Wallet.label, kind)
    )
    return [ToReissue(*row) for row in rows]


def _refused_copies(organisation_id: UUID) -> sa.Select[Any]:
    """Copies that a marked key signed in the time in which it is not believed, in wallets that are
    in use, of what is still held, and with no newer copy beside them."""
    anew, by_key = aliased(CredentialCopy), aliased(SigningKey)
    replaced = (
        sa.select(anew.id)
        .join(by_key, by_key.kid == anew.signed_with)
        .where(
            anew.wallet_id == CredentialCopy.wallet_id,
            anew.credential_id == CredentialCopy.credential_id,
            sa.or_(by_key.revoked_from.is_(None), anew.signed_at < by_key.revoked_from),
            anew.signed_at >= CredentialCopy.signed_at,
        )
        .exists()
    )
    return (
        sa.select(CredentialCopy.id)
        .join(SigningKey, SigningKey.kid == CredentialCopy.signed_with)
        .join(Wallet, Wallet.id == CredentialCopy.wallet_id)
        .outerjoin(Credential, Credential.id == CredentialCopy.credential_id)
        .where(
            SigningKey.organisation_id == organisation_id,
            SigningKey.purpose == KeyPurpose.ISSUER,
            CredentialCopy.signed_at >= SigningKey.revoked_from,
            Wallet.frozen_at.is_(None),
            sa.or_(
                CredentialCopy.credential_id.is_(None),
                Credential.state.in_((CredentialState.HELD, CredentialState.SUSPENDED)),
            ),
            ~replaced,
        )
    )

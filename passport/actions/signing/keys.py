"""Keys: made here, sealed, certified under the installation's root, rotated, revoked.

Every moment that a key's life is told in is the first of a UTC day, because credentials of one
batch carry the day and not the second at which they were signed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.tenancy import within
from passport.actors import Actor, Via
from passport.db import new_id
from passport.errors import NotFound, Reason, Refused
from passport.events import record
from passport.model.key_policy import KEY_POLICY
from passport.model.keys import KeyPurpose, SigningKey
from passport.model.organisations import Organisation
from passport.rules.permissions import Deed
from passport.rules.tokens import addresses, es256, x509_chain
from passport.rules.tokens.es256 import PrivateKey, PublicKey
from passport.sealing import Vault

OWN_NAME = "BankHub"
_UNDER_ROOT = {
    KeyPurpose.TRUST_LIST: (x509_chain.TRUST_LIST_SIGNING,),
    KeyPurpose.ISSUER: (),
    KeyPurpose.REQUEST: (),
}


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that may sign now, and how what it signs names it."""

    key: PrivateKey
    kid: str
    x5c: tuple[str, ...]
    certificate: bytes
    """DER of the leaf."""
    ods: str | None
    name: str
    organisation_id: UUID | None

    @property
    def header(self) -> dict[str, Any]:
        """The JOSE header's key parameters."""
        return {"kid": self.kid, "x5c": list(self.x5c)}


def day_of(at: datetime) -> datetime:
    """The first moment of the UTC day."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def signer(
    session: Session,
    purpose: KeyPurpose,
    *,
    organisation_id: UUID | None,
    vault: Vault,
    now: datetime,
) -> Signer:
    """The newest key in force for that purpose. Raises `Refused` (`no_key`) where there is none."""
    found = session.scalars(
        _owned(purpose, organisation_id)
        .where(in_force(purpose, now))
        .order_by(SigningKey.not_before.desc(), SigningKey.made_at.desc())
        .limit(1)
    ).first()
    if found is None:
        raise Refused([Reason("no_key", text="This organisation has no key that may sign now.")])
    owner = session.get(Organisation, organisation_id) if organisation_id else None
    return Signer(
        key=_unsealed(found, vault),
        kid=found.kid,
        x5c=tuple(x509_chain.x5c(found.certificate)),
        certificate=found.certificate,
        ods=owner.ods_code if owner else None,
        name=owner.name if owner else OWN_NAME,
        organisation_id=organisation_id,
    )


def root_pem(session: Session) -> str:
    """The installation's root certificate as PEM. Raises `NotFound` before it is made."""
    found = session.scalars(_owned(KeyPurpose.ROOT, None)).first()
    if found is None:
        raise NotFound
    authority = x509.load_der_x509_certificate(found.certificate)
    return authority.public_bytes(Encoding.PEM).decode()


def ensure_own(session: Session, *, vault: Vault, base: str, by: Actor, now: datetime) -> None:
    """The installation's root and the key of its trust list, made where they are missing."""
    demand(by, Deed.MANAGE_KEYS)
    if session.scalars(_owned(KeyPurpose.ROOT, None)).first() is None:
        _make_root(session, vault, by, now)
    if not _has_good(session, KeyPurpose.TRUST_LIST, None, now):
        _make(session, KeyPurpose.TRUST_LIST, None, vault, base, day_of(now), by, now)


def ensure_issuer(
    session: Session, *, organisation_id: UUID, vault: Vault, base: str, by: Actor, now: datetime
) -> None:
    """An organisation's keys for issuing and for asking, made where they are missing."""
    within(by, organisation_id)
    ensure_own(session, vault=vault, base=base, by=by, now=now)
    for purpose in (KeyPurpose.ISSUER, KeyPurpose.REQUEST):
        if not _has_good(session, purpose, organisation_id, now):
            owner = session.get_one(Organisation, organisation_id)
            _make(session, purpose, owner, vault, base, day_of(now), by, now)


def _has_good(
    session: Session, purpose: KeyPurpose, organisation_id: UUID | None, now: datetime
) -> bool:
    """Whether there is a key that signs now."""
    good = _owned(purpose, organisation_id).where(in_force(purpose, now))
    return session.scalars(good).first() is not None


def rotate(
    session: Session,
    purpose: KeyPurpose,
    *,
    organisation_id: UUID | None,
    vault: Vault,
    base: str,
    by: Actor,
    now: datetime,
    ahead: timedelta = KEY_POLICY.told_ahead,
) -> SigningKey:
    """A new key that is published now and signs once every verifier may know it. Until then the
    old one signs; what it signed stays good."""
    demand(by, Deed.MANAGE_KEYS)
    if purpose is KeyPurpose.ROOT or (organisation_id is None and by.via is not Via.OPERATOR):
        raise NotFound
    if organisation_id is not None:
        within(by, organisation_id)
    return _make_next(session, purpose, organisation_id, vault, base, ahead, by, now)


def renew_due(
    session: Session, *, vault: Vault, base: str, by: Actor, now: datetime
) -> Sequence[SigningKey]:
    """Rotate every key that signs now and soon will not, unless another follows it: what nobody
    thought of in time goes on. A closed organisation's keys run out."""
    demand(by, Deed.PUBLISH)
    purposes = (KeyPurpose.TRUST_LIST, KeyPurpose.ISSUER, KeyPurpose.REQUEST)
    ends = sa.func.max(SigningKey.not_after)
    due = session.execute(
        sa.select(SigningKey.purpose, SigningKey.organisation_id)
        .outerjoin(Organisation, Organisation.id == SigningKey.organisation_id)
        .where(
            SigningKey.purpose.in_(purposes),
            SigningKey.revoked_from.is_(None),
            sa.or_(Organisation.closed_on.is_(None), Organisation.closed_on > now.date()),
        )
        .group_by(SigningKey.purpose, SigningKey.organisation_id)
        .having(ends > now, ends <= now + KEY_POLICY.renewed_before)
    ).all()
    return [
        _make_next(session, purpose, owner, vault, base, KEY_POLICY.told_ahead, by, now)
        for purpose, owner in due
    ]


def revoke(
    session: Session, *, key_id: UUID, since: datetime, by: Actor, now: datetime
) -> SigningKey:
    """Nothing that the key signed from the day of `since` on is believed any more, and it signs
    no more. Whoever holds a stolen key can write any day: be generous."""
    demand(by, Deed.MANAGE_KEYS)
    found = session.get(SigningKey, key_id, with_for_update=True)
    if found is None or found.organisation_id != by.organisation_id or found.revoked_from:
        raise NotFound
    found.revoked_from = day_of(since)
    record(
        session, "key.revoked", subject_id=found.id, by=by, now=now, kid=found.kid,
        since=found.revoked_from,
    )  # fmt: skip
    return found


def keys_of(session: Session, *, by: Actor) -> Sequence[SigningKey]:
    """The keys of the actor's organisation, newest first."""
    demand(by, Deed.READ_KEYS)
    owned = sa.select(SigningKey).where(SigningKey.organisation_id == by.organisation_id)
    return session.scalars(owned.order_by(SigningKey.made_at.desc())).all()


def one_of(session: Session, *, key_id: UUID, by: Actor) -> SigningKey:
    """A key of the actor's organisation. Raises `NotFound` for any other."""
    demand(by, Deed.READ_KEYS)
    found = session.get(SigningKey, key_id)
    if found is None or found.organisation_id != by.organisation_id:
        raise NotFound
    return found


def named(session: Session, kid: str, *, by: Actor) -> SigningKey | None:
    """The key of that name, if it is the actor's organisation's; the installation's own where the
    actor acts in none."""
    demand(by, Deed.READ_KEYS)
    return session.scalars(
        sa.select(SigningKey).where(
            SigningKey.kid == kid, SigningKey.organisation_id == by.organisation_id
        )
    ).first()


def public_key(found: SigningKey) -> PublicKey:
    """The public half."""
    return es256.from_jwk(found.jwk)


def in_force(purpose: KeyPurpose, now: datetime) -> sa.ColumnElement[bool]:
    """The keys that may sign now."""
    return sa.and_(
        SigningKey.purpose == purpose,
        SigningKey.not_before <= now,
        SigningKey.not_after > now,
        SigningKey.revoked_from.is_(None),
    )


def _owned(purpose: KeyPurpose, organisation_id: UUID | None) -> sa.Select[SigningKey]:
    return sa.select(SigningKey).where(
        SigningKey.purpose == purpose, SigningKey.organisation_id == organisation_id
    )


def _make_root(session: Session, vault: Vault, by: Actor, now: datetime) -> None:
    key = es256.new_key()
    life = KEY_POLICY.root_life
    pem = x509_chain.make_root(f"{OWN_NAME} root", key, now=now, days=life.days)
    certificate = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    times = (day_of(now), day_of(now) + life)
    _keep(session, KeyPurpose.ROOT, None, key, certificate, times, vault, by, now)


def _make_next(
    session: Session,
    purpose: KeyPurpose,
    organisation_id: UUID | None,
    vault: Vault,
    base: str,
    ahead: timedelta,
    by: Actor,
    now: datetime,
) -> SigningKey:
    starts = day_of(now + ahead)
    if ahead and starts < now + ahead:
        starts += timedelta(days=1)
    owner = session.get_one(Organisation, organisation_id) if organisation_id else None
    return _make(session, purpose, owner, vault, base, starts, by, now)


def _make(
    session: Session,
    purpose: KeyPurpose,
    owner: Organisation | None,
    vault: Vault,
    base: str,
    starts: datetime,
    by: Actor,
    now: datetime,
) -> SigningKey:
    root = session.scalars(_owned(KeyPurpose.ROOT, None)).one()
    key = es256.new_key()
    ends = starts + KEY_POLICY.signing_life
    name = owner.name if owner else f"{OWN_NAME} trust list"
    certificate = x509_chain.make_leaf(
        name[:64],
        es256.public(key),
        root=root_pem(session),
        root_key=_unsealed(root, vault),
        now=now,
        days=(ends - now + _outlives(purpose)).days,
        ods=owner.ods_code if owner else None,
        uri=addresses.issuer(base, owner.ods_code) if owner else base,
        purposes=_UNDER_ROOT[purpose],
    )
    return _keep(session, purpose, owner, key, certificate, (starts, ends), vault, by, now)


def _outlives(purpose: KeyPurpose) -> timedelta:
    """For how long what a key signed last is still met with."""
    if purpose is KeyPurpose.ISSUER:
        return KEY_POLICY.certificate_outlives
    return KEY_POLICY.trust_list_life


def _keep(
    session: Session,
    purpose: KeyPurpose,
    owner: Organisation | None,
    key: PrivateKey,
    certificate: bytes,
    times: tuple[datetime, datetime],
    vault: Vault,
    by: Actor,
    now: datetime,
) -> SigningKey:
    public = es256.public(key)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    made = SigningKey(
        id=new_id(),
        organisation_id=owner.id if owner else None,
        purpose=purpose,
        kid=public.kid,
        jwk=dict(public.jwk),
        sealed=vault.seal(
            private, belongs_to=_sealed_as(owner.id if owner else None, public.kid, purpose)
        ),
        certificate=certificate,
        not_before=times[0],
        not_after=times[1],
        made_at=now,
    )
    session.add(made)
    session.flush()
    record(
        session, "key.made", subject_id=made.id, organisation_id=made.organisation_id, by=by,
        now=now, kid=made.kid, purpose=purpose.value, not_before=made.not_before,
    )  # fmt: skip
    return made


def _unsealed(found: SigningKey, vault: Vault) -> PrivateKey:
    belongs_to = _sealed_as(found.organisation_id, found.kid, found.purpose)
    loaded = load_der_private_key(vault.unseal(found.sealed, belongs_to=belongs_to), None)
    if not isinstance(loaded, PrivateKey):
        raise TypeError("a sealed key of another kind")
    return loaded


def _sealed_as(owner: UUID | None, kid: str, purpose: KeyPurpose) -> str:
    return f"signing_key:{owner or 'own'}:{kid}:{purpose.value}"

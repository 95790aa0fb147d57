"""The credential endpoint of OpenID4VCI: a wallet with a token and proofs collects copies.

Whoever collects accepts. A refusal is a `WalletError`, and nothing of the request stands then; a
nonce is spent only by a request that is served.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from passport.actions.access import throttles
from passport.actions.issuing import offers
from passport.actions.issuing.collecting_tokens import holder
from passport.actions.issuing.wallets import one_phone
from passport.actions.people import organisations
from passport.actions.signing import credential_life, keys, signing
from passport.actions.signing.keys import Signer
from passport.actions.signing.signing import Where
from passport.db import is_postgresql
from passport.errors import NotFound, Refused
from passport.events import record
from passport.model.collecting import CollectingToken, Collection, CredentialOffer, OneTimeValue
from passport.model.collecting_policy import COLLECTING_POLICY
from passport.model.credentials import Credential, Wallet
from passport.model.keys import KeyPurpose
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.issuing import openid4vci
from passport.rules.issuing.openid4vci import GATE
from passport.rules.issuing.openid4vci_requests import (
    CredentialRequest,
    Proof,
    WalletError,
    plain,
    proofs,
)
from passport.rules.tokens import jws
from passport.rules.tokens.es256 import PublicKey, base64url
from passport.sealing import Vault, hash_secret, new_secret

_NO_TOKEN = WalletError("invalid_token", "The access token is not or no longer valid.", 401)
_DENIED = "credential_request_denied"


@dataclass(frozen=True, slots=True)
class Access:
    """A token that is good now, and whose it is. The person's row is locked."""

    token: CollectingToken
    wallet: Wallet
    person: Person


@dataclass(frozen=True, slots=True)
class Collected:
    """A credential response."""

    credentials: tuple[str, ...]
    notification_id: str | None

    @property
    def object(self) -> dict[str, Any]:
        """As the wallet reads it."""
        said: dict[str, Any] = {"credentials": [{"credential": one} for one in self.credentials]}
        return said | ({"notification_id": self.notification_id} if self.notification_id else {})


def an_issuer(session: Session, *, ods: str, vault: Vault, now: datetime) -> Signer:
    """The organisation of that ODS code, as it issues. Raises `NotFound` where it does not."""
    found = organisations.by_ods(session, ods)
    if found is None or found.ods_code != ods:
        raise NotFound
    try:
        return keys.signer(
            session, KeyPurpose.ISSUER, organisation_id=found.id, vault=vault, now=now
        )
    except Refused:
        raise NotFound from None


def metadata(
    session: Session, *, ods: str, vault: Vault, where: Where, now: datetime, signed: bool
) -> dict[str, Any] | str:
    """The Credential Issuer metadata, or the same as a signed token."""
    who = an_issuer(session, ods=ods, vault=vault, now=now)
    said = openid4vci.issuer_metadata(where.base, where.types_at, ods, who.name)
    if not signed:
        return said
    claims = openid4vci.signed_claims(said, now)
    return jws.write(claims, who.key, typ=openid4vci.SIGNED_METADATA, **who.header)


def new_nonce(vault: Vault, issuer: str, now: datetime) -> str:
    """A `c_nonce`. It proves itself that it is ours and when it ends, so that nothing is stored
    for whoever asks and never comes."""
    ends = int((now + COLLECTING_POLICY.nonce).timestamp())
    head = base64url(ends.to_bytes(5, "big") + secrets.token_bytes(16))
    return f"{head}.{_mac(vault, issuer, head)}"


def _mac(vault: Vault, issuer: str, head: str) -> str:
    return vault.keyed_hash("c_nonce", f"{issuer} {head}")[:32]


def access(session: Session, *, ods: str, token: str, now: datetime) -> Access:
    """Who comes with this access token. Raises `WalletError` (401) unless it is good here and now:
    a leaver's, a closed account's and a frozen wallet's is not."""
    found = session.get(CollectingToken, hash_secret(token))
    if found is None:
        raise _NO_TOKEN
    wallet = session.get_one(Wallet, found.wallet_id)
    person = session.get_one(
        Person, wallet.person_id, with_for_update={"key_share": True}, populate_existing=True
    )
    session.refresh(wallet, with_for_update=True)
    session.refresh(found)
    here = session.get_one(Organisation, wallet.organisation_id).ods_code
    over = found.ended_at is not None or found.expires_at <= now or wallet.frozen_at is not None
    if over or here != ods or not offers.is_here(session, person):
        raise _NO_TOKEN
    return Access(found, wallet, person)


def collect(
    session: Session,
    who: Access,
    asked: CredentialRequest,
    *,
    issuer: str,
    vault: Vault,
    where: Where,
    now: datetime,
) -> Collected:
    """Sign what is asked for, a copy for each proof's key. Raises `WalletError`."""
    wanted = _wanted(session, who, asked)
    held = proofs(asked.proofs, issuer=issuer, client_id=who.token.client_id, now=now)
    if wanted is None and len(held) != 1:
        raise WalletError("invalid_proof", "The gate takes one key.")
    _spend(session, held, vault, issuer, now)
    try:
        throttles.pour(
            session, {f"collect:{who.person.id}": COLLECTING_POLICY.requests_of_person}, now
        )
    except Refused:
        raise WalletError("slow_down", "Too many requests. Try again later.", 429) from None
    one_phone(session, who.wallet, [one.key.kid for one in held], now=now)
    holders = [one.key for one in held]
    try:
        signer = keys.signer(
            session, KeyPurpose.ISSUER, organisation_id=who.wallet.organisation_id, vault=vault,
            now=now,
        )  # fmt: skip
        if wanted is None:
            return _gate(session, who, holders[0], signer, vault, where, now)
        return _copies(session, who, wanted, holders, signer, where, now)
    except Refused as problem:
        said = " ".join(reason.text or reason.code for reason in problem.reasons)
        raise WalletError(_DENIED, plain(said)) from None


def _wanted(session: Session, who: Access, asked: CredentialRequest) -> UUID | None:
    """The credential asked for; None = the gate statement."""
    may = offers.held(session, who.token.credentials)
    gate = any(one.type == "identity" for one in may)
    if asked.identifier is not None:
        if asked.identifier == GATE and gate:
            return None
        if asked.identifier not in {one.id for one in may}:
            raise WalletError("unknown_credential_identifier")
        return UUID(asked.identifier)
    name = asked.configuration or ""
    if not openid4vci.is_known(name):
        raise WalletError("unknown_credential_configuration")
    if name == GATE and gate:
        return None
    found = openid4vci.configurations_of(may).get(name)
    if found is None:
        raise WalletError("insufficient_scope", "The token is not for this credential.", 403)
    return UUID(found.id)


def _spend(
    session: Session, held: Sequence[Proof], vault: Vault, issuer: str, now: datetime
) -> None:
    """Take the nonces of the proofs, each for good. Of two requests with one nonce at the same
    moment the second waits here for the first."""
    for nonce in sorted({one.nonce for one in held}):
        ends = _ends(vault, issuer, nonce)
        if ends is None or ends <= now or not _taken(session, nonce, ends, now):
            raise WalletError("invalid_nonce", "Fetch a new nonce: each works once.")


def _ends(vault: Vault, issuer: str, nonce: str) -> datetime | None:
    """When a nonce of ours ends; None for what is not of ours."""
    head, _, mac = nonce.rpartition(".")
    if not hmac.compare_digest(_mac(vault, issuer, head).encode(), mac.encode()):
        return None
    raw = base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))
    return datetime.fromtimestamp(int.from_bytes(raw[:5], "big"), UTC)


def _taken(session: Session, nonce: str, ends: datetime, now: datetime) -> bool:
    insert = postgresql.insert if is_postgresql(session) else sqlite.insert
    row = {
        "value_hash": hash_secret(nonce), "purpose": "c_nonce", "expires_at": ends, "used_at": now
    }  # fmt: skip
    made = session.execute(
        insert(OneTimeValue).values(row).on_conflict_do_nothing().returning(OneTimeValue.value_hash)
    )
    return made.first() is not None


def _copies(
    session: Session,
    who: Access,
    wanted: UUID,
    holders: Sequence[PublicKey],
    signer: Signer,
    where: Where,
    now: datetime,
) -> Collected:
    by = holder(who.person)
    found = session.get_one(Credential, wanted)
    if found.valid_until is not None and found.valid_until <= now:
        raise WalletError(_DENIED, "This credential has ended.")
    found = credential_life.accept(session, credential_id=wanted, by=by, now=now)
    texts = signing.sign_copies(
        session, found, wallet=who.wallet, holders=holders, who=signer, where=where, now=now
    )
    made = Collection(
        notification_id=new_secret(), wallet_id=who.wallet.id, credential_id=found.id, at=now
    )
    session.add(made)
    _seen(session, who, now, found.id, len(texts))
    return Collected(tuple(texts), made.notification_id)


def _gate(
    session: Session,
    who: Access,
    key: PublicKey,
    signer: Signer,
    vault: Vault,
    where: Where,
    now: datetime,
) -> Collected:
    text = signing.sign_gate(
        session, wallet=who.wallet, holder=key, who=signer, vault=vault, where=where, now=now
    )
    signing.refresh_statuses(
        session, person_id=who.person.id, organisation_id=who.wallet.organisation_id
    )
    _seen(session, who, now, None, 1)
    return Collected((base64url(text),), None)


def _seen(
    session: Session, who: Access, now: datetime, credential_id: UUID | None, copies: int
) -> None:
    who.wallet.seen_at = now
    session.flush()
    record(
        session, "wallet.collected", subject_id=who.wallet.id, by=holder(who.person), now=now,
        credential=credential_id or GATE, copies=copies,
    )  # fmt: skip


def told(session: Session, who: Access, *, notification_id: str, event: str) -> None:
    """What became of a response, as its wallet says. Raises `WalletError`."""
    found = session.get(Collection, notification_id)
    if found is None or found.wallet_id != who.wallet.id:
        raise WalletError("invalid_notification_id")
    found.told = event


def forget_old(session: Session, *, now: datetime) -> int:
    """Remove nonces, tokens and offers that are over; how many. For the worker."""
    tables: Sequence[tuple[Any, datetime]] = (
        (OneTimeValue, now),
        (CollectingToken, now - COLLECTING_POLICY.refresh_idle),
        (CredentialOffer, now - COLLECTING_POLICY.refresh_idle),
    )
    gone = 0
    for table, before in tables:
        result = session.execute(
            sa.delete(table).where(table.expires_at < before).returning(table.expires_at)
        )
        gone += len(result.all())
    return gone

"""Passkeys: registered to an account, and asserted at sign-in, as second factor and for step-up.

Each challenge is answered once, within minutes. The browser must have checked its holder (PIN,
finger, face), so that a passkey alone is two factors.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
import webauthn
from sqlalchemy.orm import Session
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from passport.actions.access import throttles
from passport.errors import Invalid, NotFound, Refused
from passport.model.access_policy import ACCESS_POLICY, Bucket
from passport.model.accounts import Account, FactorKind, SecondFactor, SignIn
from passport.sealing import Vault, as_base64url, from_base64url

LOOPBACK = ("127.0.0.1", "::1", "localhost")
NOT_ACCEPTED = "This passkey was not accepted. Try again, or use another way."


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """What a passkey is bound to: the name of this service's host."""

    id: str
    origin: str
    name: str = "BankHub"

    @classmethod
    def of(cls, base_url: str) -> "RelyingParty":
        """From the address people use. Browsers know no passkeys for bare IP addresses, so on
        loopback it is `localhost`."""
        parts = urlsplit(base_url)
        host = parts.hostname or "localhost"
        if host in LOOPBACK:
            port = f":{parts.port}" if parts.port else ""
            return cls("localhost", f"{parts.scheme}://localhost{port}")
        return cls(host, f"{parts.scheme}://{parts.netloc}")


def registration_options(
    session: Session, *, sign_in: SignIn, account: Account, party: RelyingParty, now: datetime
) -> dict[str, Any]:
    """What the browser needs to make a passkey; the challenge waits in the session."""
    challenge = _new_challenge(sign_in, "register", now)
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=account.id.bytes,
        user_name=account.email,
        user_display_name=account.display_name or account.email,
        challenge=challenge,
        exclude_credentials=_descriptors(session, account.id),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return _as_json(options)


def register(
    session: Session,
    *,
    sign_in: SignIn,
    credential: dict[str, Any],
    name: str,
    party: RelyingParty,
    now: datetime,
) -> SecondFactor:
    """Add the passkey the browser made. Raises `Invalid` where it does not check out."""
    challenge = _take_challenge(sign_in, "register", now)
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise Invalid("passkey_not_accepted", NOT_ACCEPTED) from None
    if _find(session, verified.credential_id) is not None:
        raise Invalid("passkey_known", "This passkey is already in use.")
    made = SecondFactor(
        account_id=sign_in.account_id,
        kind=FactorKind.PASSKEY,
        name="".join(filter(str.isprintable, name)).strip()[:60] or "Passkey",
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        created_at=now,
        confirmed_at=now,
    )
    session.add(made)
    session.flush()
    return made


def assertion_options(
    session: Session, *, sign_in: SignIn, party: RelyingParty, now: datetime
) -> dict[str, Any]:
    """What the browser needs to use one of the account's passkeys."""
    challenge = _new_challenge(sign_in, "assert", now)
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        allow_credentials=_descriptors(session, sign_in.account_id),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_json(options)


def verify_for_session(
    session: Session,
    *,
    sign_in: SignIn,
    credential: dict[str, Any],
    party: RelyingParty,
    now: datetime,
) -> SecondFactor:
    """The account's passkey that answered the session's challenge; else `Invalid`."""
    challenge = _take_challenge(sign_in, "assert", now)
    factor = _verify(session, credential, challenge, party)
    if factor.account_id != sign_in.account_id:
        raise Invalid("passkey_not_accepted", NOT_ACCEPTED)
    return factor


def visitor_options(*, visitor: str, vault: Vault, party: RelyingParty, now: datetime) -> Any:
    """What the browser needs to sign in by passkey alone. Nothing is stored: the challenge is
    bound to the visitor's cookie and the minute, and remembered only once it is answered."""
    challenge = _visitor_challenge(visitor, secrets.token_bytes(16), int(now.timestamp()), vault)
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_json(options)


def verify_for_visitor(
    session: Session,
    *,
    visitor: str,
    credential: dict[str, Any],
    vault: Vault,
    party: RelyingParty,
    now: datetime,
) -> UUID:
    """The account whose passkey answered the visitor's challenge; else `Invalid`."""
    challenge = _answered_challenge(credential)
    nonce, at = challenge[:16], int.from_bytes(challenge[16:24], "big")
    age = now.timestamp() - at
    right = secrets.compare_digest(challenge, _visitor_challenge(visitor, nonce, at, vault))
    if not right or not 0 <= age < ACCESS_POLICY.challenge.total_seconds():
        raise Invalid("passkey_not_accepted", NOT_ACCEPTED)
    once = Bucket(1, ACCESS_POLICY.challenge)
    try:
        throttles.pour(session, {vault.keyed_hash("challenge", challenge.hex()): once}, now)
    except Refused:
        raise Invalid("passkey_not_accepted", NOT_ACCEPTED) from None
    return _verify(session, credential, challenge, party).account_id


def _visitor_challenge(visitor: str, nonce: bytes, at: int, vault: Vault) -> bytes:
    stamp = nonce + at.to_bytes(8, "big")
    return stamp + bytes.fromhex(vault.keyed_hash("passkey", f"{visitor} {stamp.hex()}"))


def _answered_challenge(credential: dict[str, Any]) -> bytes:
    try:
        client_data = json.loads(from_base64url(credential["response"]["clientDataJSON"]))
        challenge = from_base64url(client_data["challenge"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Invalid("passkey_not_accepted", NOT_ACCEPTED) from None
    return challenge


def _verify(
    session: Session, credential: dict[str, Any], challenge: bytes, party: RelyingParty
) -> SecondFactor:
    try:
        factor = _find(session, from_base64url(credential["rawId"]), lock=True)
        if factor is None or factor.public_key is None:
            raise NotFound
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=factor.public_key,
            credential_current_sign_count=factor.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, NotFound):
        raise Invalid("passkey_not_accepted", NOT_ACCEPTED) from None
    factor.sign_count = verified.new_sign_count
    return factor


def _find(session: Session, credential_id: bytes, *, lock: bool = False) -> SecondFactor | None:
    live = sa.select(SecondFactor).where(
        SecondFactor.kind == FactorKind.PASSKEY,
        SecondFactor.credential_id == credential_id,
        SecondFactor.removed_at.is_(None),
    )
    return session.scalar(live.with_for_update() if lock else live)


def _descriptors(session: Session, account_id: UUID) -> list[PublicKeyCredentialDescriptor]:
    known = session.scalars(
        sa.select(SecondFactor.credential_id).where(
            SecondFactor.account_id == account_id,
            SecondFactor.kind == FactorKind.PASSKEY,
            SecondFactor.removed_at.is_(None),
        )
    )
    return [PublicKeyCredentialDescriptor(id=one) for one in known if one]


def _new_challenge(sign_in: SignIn, purpose: str, now: datetime) -> bytes:
    challenge = secrets.token_bytes(32)
    sign_in.challenge = {
        "purpose": purpose,
        "challenge": as_base64url(challenge),
        "until": (now + ACCESS_POLICY.challenge).isoformat(),
    }
    return challenge


def _take_challenge(sign_in: SignIn, purpose: str, now: datetime) -> bytes:
    """The waiting challenge. A right answer uses it up, and the session with it."""
    waiting, sign_in.challenge = sign_in.challenge, None
    if not waiting or waiting["purpose"] != purpose:
        raise Invalid("passkey_not_accepted", NOT_ACCEPTED)
    if datetime.fromisoformat(waiting["until"]) <= now:
        raise Invalid("passkey_too_late", "That took too long. Try again.")
    return from_base64url(waiting["challenge"])


def _as_json(options: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return made

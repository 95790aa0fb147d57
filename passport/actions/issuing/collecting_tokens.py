"""The token endpoint of OpenID4VCI: a code or a refresh token becomes an access token.

A wrong transaction code counts, also where nothing else comes of the request, so refusals are
handed back as values and what was counted is committed. A refresh token is followed by a newer one
at each use, and counts until that one is used: on a ward's network answers get lost. One that
comes back later was copied by somebody, and ends what the wallet may fetch (RFC 9700 4.14.2).
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.access import throttles
from passport.actions.issuing import offers
from passport.actions.telling import tell_person
from passport.actors import Actor, Via
from passport.db import new_id
from passport.errors import Refused
from passport.events import record
from passport.model.collecting import CollectingToken, CredentialOffer
from passport.model.collecting_policy import COLLECTING_POLICY
from passport.model.credentials import Credential, CredentialState, Wallet
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.issuing import openid4vci
from passport.rules.issuing.openid4vci import GATE, OPENID_CREDENTIAL, PRE_AUTHORIZED, Held
from passport.rules.issuing.openid4vci_requests import TokenRequest, WalletError
from passport.sealing import Vault, hash_secret, new_secret

_NO_CODE = WalletError("invalid_grant", "The code is not or no longer valid.")
_NO_REFRESH = WalletError("invalid_grant", "The refresh token is not or no longer valid.")


@dataclass(frozen=True, slots=True)
class Granted:
    """A token response."""

    access_token: str
    refresh_token: str
    details: tuple[dict[str, Any], ...] = field(default=())

    @property
    def object(self) -> dict[str, Any]:
        """As the wallet reads it."""
        said: dict[str, Any] = {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": int(COLLECTING_POLICY.token.total_seconds()),
            "refresh_token": self.refresh_token,
        }
        return said | ({"authorization_details": list(self.details)} if self.details else {})


def grant(
    session: Session, *, ods: str, asked: TokenRequest, label: str, vault: Vault, now: datetime
) -> Granted | WalletError:
    """Exchange a pre-authorized code or a refresh token. What was counted stands either way."""
    if asked.grant == PRE_AUTHORIZED:
        return _by_code(session, ods, asked, label, vault, now)
    return _by_refresh(session, ods, asked, vault, now)


def holder(person: Person) -> Actor:
    """The person whose wallet acts."""
    return Actor(
        account_id=None, organisation_id=person.organisation_id, person_id=person.holder_id,
        via=Via.TOKEN,
    )  # fmt: skip


def _by_code(
    session: Session, ods: str, asked: TokenRequest, label: str, vault: Vault, now: datetime
) -> Granted | WalletError:
    offer = session.scalars(
        sa.select(CredentialOffer)
        .where(CredentialOffer.code_hash == hash_secret(asked.secret))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if offer is None or not offers.is_open(offer, now):
        return _NO_CODE
    if session.get_one(Organisation, offer.organisation_id).ods_code != ods:
        return _NO_CODE
    wrong = _wrong_tx_code(session, offer, asked.tx_code, vault, now)
    if wrong is not None:
        return wrong
    person = session.get_one(Person, offer.person_id)
    held = offers.held(session, offer.credentials)
    if not offers.is_here(session, person):
        return _NO_CODE
    chosen = _chosen(held, asked.configurations)
    if chosen is None:
        return WalletError("invalid_authorization_details", "That is not on offer.")
    offer.used_at = now
    wallet = _enrolled(session, person, label, now)
    return _granted(session, wallet, held, chosen, asked, vault, now)


def _wrong_tx_code(
    session: Session, offer: CredentialOffer, sent: str | None, vault: Vault, now: datetime
) -> WalletError | None:
    """Why the transaction code will not do; a wrong one is counted for the offer, which dies of
    too many, and for the person, over all their offers."""
    if (offer.tx_code_hash is None) != (sent is None):
        said = "needs its tx_code" if sent is None else "has no tx_code"
        return WalletError("invalid_request", f"This code {said}.")
    if offer.tx_code_hash is None or sent is None:
        return None
    bucket = f"tx_code:{offer.person_id}"
    try:
        throttles.pour(session, {bucket: COLLECTING_POLICY.tx_codes_of_person}, now)
    except Refused:
        return WalletError("slow_down", "Too many wrong codes. Try again later.", 429)
    if hmac.compare_digest(offers.tx_code_hash(vault, offer.id, sent), offer.tx_code_hash):
        throttles.give_back(session, [bucket])
        return None
    offer.tries += 1
    if offer.tries >= COLLECTING_POLICY.tx_code_tries:
        offer.dead_at = now
    return WalletError("invalid_grant", "The tx_code is wrong.")


def _chosen(
    held: Sequence[Held], configurations: Sequence[str] | None
) -> dict[str, list[str]] | None:
    """Configuration → identifiers, of those asked for; None where one is not on offer. The name of
    a type alone stands for all of that type, unless its others are asked for one by one."""
    named = openid4vci.configurations_of(held)
    if configurations is None:
        return {}
    found: dict[str, list[str]] = {}
    for one in configurations:
        if one == GATE and any(other.type == "identity" for other in held):
            found[one] = [GATE]
        elif one not in named:
            return None
        else:
            found[one] = [named[one].id]
    for one in found:
        if not any(other.startswith(f"{one}.") for other in found) and one != GATE:
            found[one] = [other.id for other in held if other.type == one] or found[one]
    return found


def _enrolled(session: Session, person: Person, label: str, now: datetime) -> Wallet:
    made = Wallet(
        id=new_id(), organisation_id=person.organisation_id, person_id=person.id, label=label,
        enrolled_at=now, seen_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    name = session.get_one(Organisation, person.organisation_id).name
    told = tell_person(
        "passport_collected", person.id, organisation=name, wallet=label, at=now
    )
    record(
        session, "wallet.enrolled", subject_id=made.id, by=holder(person), now=now, tell=[told],
        person=person.id,
    )  # fmt: skip
    return made


def _granted(
    session: Session,
    wallet: Wallet,
    held: Sequence[Held],
    chosen: dict[str, list[str]],
    asked: TokenRequest,
    vault: Vault,
    now: datetime,
) -> Granted:
    token, refresh = new_secret(), _refresh_token(vault, wallet.id, asked.client_id)
    wanted = {identifier for some in chosen.values() for identifier in some}
    may = [one.id for one in held if not chosen or one.id in wanted]
    if GATE in wanted:
        may += [one.id for one in held if one.type == "identity" and one.id not in may]
    wallet.refresh_hash = hash_secret(refresh)
    made = CollectingToken(
        token_hash=hash_secret(token), wallet_id=wallet.id, credentials=may,
        client_id=asked.client_id, expires_at=now + COLLECTING_POLICY.token,
    )  # fmt: skip
    session.add(made)
    session.flush()
    details = tuple(
        {
            "type": OPENID_CREDENTIAL,
            "credential_configuration_id": configuration,
            "credential_identifiers": identifiers,
        }
        for configuration, identifiers in chosen.items()
    )
    return Granted(token, refresh, details)


def _refresh_token(vault: Vault, wallet_id: UUID, client_id: str | None) -> str:
    """It names its wallet and proves that it was given out for it, so that an old one can be told
    from an invented one."""
    head = f"{wallet_id.hex}.{secrets.token_urlsafe(24)}"
    return f"{head}.{_mac(vault, head, client_id)}"


def _mac(vault: Vault, head: str, client_id: str | None) -> str:
    return vault.keyed_hash("refresh_token", f"{head}.{client_id or ''}")


def _by_refresh(
    session: Session, ods: str, asked: TokenRequest, vault: Vault, now: datetime
) -> Granted | WalletError:
    wallet = _wallet_of(session, asked, vault)
    if wallet is None or wallet.refresh_hash is None or wallet.frozen_at is not None:
        return _NO_REFRESH
    person = session.get_one(Person, wallet.person_id)
    sent = hash_secret(asked.secret)
    if sent != wallet.refresh_hash and not _never_answered(wallet, sent, now):
        end_tokens(session, wallet, now)
        record(
            session, "wallet.cut_off", subject_id=wallet.id, by=holder(person), now=now,
            because="old_refresh_token",
        )  # fmt: skip
        return _NO_REFRESH
    here = session.get_one(Organisation, wallet.organisation_id).ods_code
    too_old = wallet.seen_at < now - COLLECTING_POLICY.refresh_idle
    if here != ods or too_old or not offers.is_here(session, person):
        return _NO_REFRESH
    held = _held_now(session, person)
    chosen = _chosen(held, asked.configurations)
    if chosen is None:
        return WalletError("invalid_authorization_details", "That is not held.")
    if sent == wallet.refresh_before_hash:
        _end_access(session, wallet, now)
    wallet.seen_at, wallet.refresh_before_hash = now, sent
    record(session, "wallet.refreshed", subject_id=wallet.id, by=holder(person), now=now)
    return _granted(session, wallet, held, chosen, asked, vault, now)


def _never_answered(wallet: Wallet, sent: str, now: datetime) -> bool:
    """Whether it asks again with what it used last, because the newer one never arrived."""
    lately = now - COLLECTING_POLICY.answer_lost <= wallet.seen_at
    return sent == wallet.refresh_before_hash and lately


def _wallet_of(session: Session, asked: TokenRequest, vault: Vault) -> Wallet | None:
    """The wallet that a refresh token was made for, locked; None for one that is not of ours."""
    head, _, mac = asked.secret.rpartition(".")
    if not hmac.compare_digest(_mac(vault, head, asked.client_id).encode(), mac.encode()):
        return None
    return session.get(
        Wallet, UUID(hex=head.partition(".")[0]), with_for_update=True, populate_existing=True
    )


def _held_now(session: Session, person: Person) -> list[Held]:
    """What the person has accepted. What is on offer waits for them to take it in one tap."""
    rows = session.execute(
        sa.select(Credential.id, Credential.type)
        .where(
            Credential.person_id == person.id, Credential.state == CredentialState.HELD
        )
        .order_by(Credential.decided_at, Credential.id)
    )
    return [Held(str(identifier), kind) for identifier, kind in rows]


def end_tokens(session: Session, wallet: Wallet, now: datetime) -> None:
    """From now on the wallet fetches nothing. For a deed that records it."""
    wallet.refresh_hash = wallet.refresh_before_hash = None
    _end_access(session, wallet, now)


def _end_access(session: Session, wallet: Wallet, now: datetime) -> None:
    session.execute(
        sa.update(CollectingToken)
        .where(CollectingToken.wallet_id == wallet.id, CollectingToken.ended_at.is_(None))
        .values(ended_at=now)
    )

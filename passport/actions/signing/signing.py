"""Signing: a decision on record becomes a copy bound to a holder's key.

Nothing is asserted here that a `Credential` does not say already. The time of a copy is the first
second of the day, so that copies of one batch cannot be told apart or put together by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.signing import status_lists
from passport.actions.signing.keys import Signer, day_of
from passport.config import Config
from passport.errors import Reason, Refused
from passport.model.credential_types import credential_types
from passport.model.credentials import (
    LIVE,
    CopyFormat,
    Credential,
    CredentialCopy,
    CredentialState,
    PersonPhoto,
    Wallet,
)
from passport.rules.credentials.credential_claims import disclosable, vct
from passport.rules.credentials.gate_summary import gate_facts
from passport.rules.tokens import addresses, gate_token, sd_jwt
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import PublicKey
from passport.rules.tokens.gate_facts import GateFacts
from passport.rules.tokens.numeric_dates import seconds
from passport.rules.tokens.status_list import Status
from passport.sealing import Vault

GATE_DAYS = timedelta(days=gate_token.MOST_DAYS)
DECOYS = 2
"""Further digests among those of the claims, so that their number says little."""


@dataclass(frozen=True, slots=True)
class Where:
    """The addresses that are signed into what an installation issues."""

    base: str
    types_at: str

    @classmethod
    def of(cls, config: Config) -> Self:
        """Those of the settings."""
        return cls(base=config.base_url, types_at=config.types_at)


def sign_copies(
    session: Session,
    credential: Credential,
    *,
    wallet: Wallet,
    holders: Sequence[PublicKey],
    who: Signer,
    where: Where,
    now: datetime,
) -> list[str]:
    """An SD-JWT VC for each of the holder's keys, every one with its own place in a status list.
    Raises `Refused` where the credential may not be collected any more."""
    if credential.state not in (CredentialState.OFFERED, CredentialState.HELD):
        raise Refused([Reason("not_on_offer", text="This credential is no longer on offer.")])
    places = status_lists.take_places(
        session, organisation_id=credential.organisation_id, count=len(holders), now=now
    )
    texts = []
    for holder, (list_id, idx) in zip(holders, places, strict=True):
        session.add(
            CredentialCopy(
                credential_id=credential.id,
                wallet_id=wallet.id,
                format=CopyFormat.SD_JWT,
                holder_key=holder.kid,
                list_id=list_id,
                idx=idx,
                signed_with=who.kid,
                signed_at=now,
                expires_at=credential.valid_until,
            )
        )
        texts.append(_signed(credential, holder, (list_id, idx), who, where, now))
    session.flush()
    return texts


def _signed(
    credential: Credential,
    holder: PublicKey,
    place: status_lists.Place,
    who: Signer,
    where: Where,
    now: datetime,
) -> str:
    kind = credential_types()[credential.type]
    uri, idx = addresses.status_list(where.base, place[0]), place[1]
    claims = {
        "iss": addresses.issuer(where.base, who.ods or ""),
        "vct": vct(where.types_at, kind.name, credential.version),
        "iat": seconds(day_of(now)),
        "status": {"status_list": {"idx": idx, "uri": uri}},
        **credential.claims,
    }
    if credential.valid_until is not None:
        claims["exp"] = seconds(credential.valid_until)
    hidden = [name for name in disclosable(kind) if name in claims]
    return sd_jwt.issue(
        claims, disclosable=hidden, key=who.key, header=who.header, holder=holder, decoys=DECOYS
    )


def sign_gate(
    session: Session,
    *,
    wallet: Wallet,
    holder: PublicKey,
    who: Signer,
    vault: Vault,
    where: Where,
    now: datetime,
) -> bytes:
    """The gate token of a wallet, from what its holder holds of this organisation. It keeps its
    place in a status list as it is renewed: it names its holder, so there is nothing to hide.
    A face that leaves no room for the rest is left out: a code without one is better than none.
    Raises `Refused` where nothing is held that names the person, or the wallet is frozen."""
    if wallet.frozen_at is not None:
        raise Refused([Reason("wallet_frozen", text="This wallet was frozen.")])
    held = session.execute(
        sa.select(Credential.type, Credential.claims)
        .where(
            Credential.person_id == wallet.person_id,
            Credential.organisation_id == wallet.organisation_id,
            Credential.state == CredentialState.HELD,
        )
        .order_by(Credential.decided_at, Credential.id)
    ).all()
    face = face_of(session, wallet.person_id, vault)
    facts = gate_facts([(kind, claims) for kind, claims in held], ods=who.ods or "", face=face)
    if facts is None:
        raise Refused([Reason("no_identity", text="Accept your identity credential first.")])
    copy = _gate_copy(session, wallet, holder, who, now)
    status = (addresses.status_list(where.base, copy.list_id), copy.idx)
    try:
        return _gate_text(facts, holder, status, who, now)
    except BadToken as problem:
        if problem.code == "too_long" and facts.face:
            return _gate_text(replace(facts, face=None), holder, status, who, now)
        raise Refused([Reason(f"gate_{problem.code}", text=problem.detail)]) from None


def _gate_text(
    facts: GateFacts, holder: PublicKey, status: tuple[str, int], who: Signer, now: datetime
) -> bytes:
    return gate_token.issue_gate(
        facts, key=who.key, ods=who.ods or "", holder=holder, status=status, now=now
    )


def _gate_copy(
    session: Session, wallet: Wallet, holder: PublicKey, who: Signer, now: datetime
) -> CredentialCopy:
    found = session.scalars(
        sa.select(CredentialCopy).where(
            CredentialCopy.wallet_id == wallet.id, CredentialCopy.format == CopyFormat.GATE
        )
    ).first()
    if found is None:
        ((list_id, idx),) = status_lists.take_places(
            session, organisation_id=wallet.organisation_id, count=1, now=now
        )
        found = CredentialCopy(
            wallet_id=wallet.id, format=CopyFormat.GATE, holder_key=holder.kid, list_id=list_id,
            idx=idx, signed_with=who.kid, signed_at=now,
        )  # fmt: skip
        session.add(found)
    found.holder_key, found.signed_with = holder.kid, who.kid
    found.signed_at, found.expires_at = now, day_of(now) + GATE_DAYS
    wallet.gate_key = holder.kid
    session.flush()
    return found


def refresh_statuses(session: Session, *, person_id: UUID, organisation_id: UUID) -> int:
    """Say in the status lists what the state of this person's credentials and wallets means for
    every copy; how many changed. To be called after each change of a state.

    A gate token is suspended while identity or registration is, and ended with the identity.
    """
    wallets = {
        wallet.id: wallet
        for wallet in session.scalars(
            sa.select(Wallet).where(
                Wallet.person_id == person_id, Wallet.organisation_id == organisation_id
            )
        )
    }
    credentials = {
        one.id: one
        for one in session.scalars(
            sa.select(Credential).where(
                Credential.person_id == person_id, Credential.organisation_id == organisation_id
            )
        )
    }
    gate = _gate_status(list(credentials.values()))
    wanted: dict[Status, list[CredentialCopy]] = {}
    for copy in session.scalars(
        sa.select(CredentialCopy).where(CredentialCopy.wallet_id.in_(wallets))
    ):
        of_copy = gate if copy.credential_id is None else _status(credentials[copy.credential_id])
        frozen = wallets[copy.wallet_id].frozen_at is not None
        status = Status.SUSPENDED if frozen and of_copy is Status.VALID else of_copy
        wanted.setdefault(status, []).append(copy)
    return sum(
        status_lists.set_status(session, copies, status) for status, copies in wanted.items()
    )


def _status(credential: Credential) -> Status:
    if credential.state is CredentialState.SUSPENDED:
        return Status.SUSPENDED
    return Status.VALID if credential.state in LIVE else Status.INVALID


def _gate_status(credentials: Sequence[Credential]) -> Status:
    shown = [one for one in credentials if one.state in LIVE]
    if not any(one.type == "identity" for one in shown):
        return Status.INVALID
    needed = ("identity", "professional_registration", "employment_assignment")
    held_back = any(
        one.state is CredentialState.SUSPENDED for one in shown if one.type in needed
    )
    return Status.SUSPENDED if held_back else Status.VALID


def face_of(session: Session, person_id: UUID, vault: Vault) -> bytes | None:
    """The small face of a person, where one is on record."""
    found = session.get(PersonPhoto, person_id)
    if found is None:
        return None
    return vault.unseal(found.sealed_face, belongs_to=f"person_photo:{person_id}:face")

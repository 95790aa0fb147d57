"""Asking somebody to show their passport (OpenID4VP 1.0).

A request is made for a purpose, and what the purpose does not allow is refused before anything is
signed. The request object is signed each time a wallet fetches it, so that it may be fetched twice,
and always says the same: with the key that was in force when the request was made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.signing import keys
from passport.actions.signing.keys import Signer
from passport.actions.signing.signing import Where
from passport.actions.tenancy import own_organisation
from passport.actions.verifying import ask_limits, judging
from passport.actions.verifying.ask_limits import AskLimits, Ground
from passport.actors import Actor, Via
from passport.db import new_id
from passport.errors import Invalid, NotFound, Reason, Refused
from passport.events import record
from passport.london import london_day
from passport.model.credential_types import credential_types
from passport.model.keys import KeyPurpose, SigningKey
from passport.model.organisations import Organisation
from passport.model.presentations import PresentationRequest
from passport.model.purposes import AskedCredential, Purpose, purposes_on
from passport.rules.credentials.credential_claims import vct
from passport.rules.permissions import Deed
from passport.rules.tokens import addresses, encrypted_answer, es256, jws
from passport.rules.tokens.numeric_dates import seconds
from passport.rules.verifying import dcql
from passport.sealing import Vault, hash_secret, new_secret

REQUEST_TYP = "oauth-authz-req+jwt"
AUDIENCE = "https://self-issued.me/v2"
"""Of a request whose reader is not known beforehand."""
SCHEME = "openid4vp://"
ENCRYPTED, PLAIN = "direct_post.jwt", "direct_post"
RESPONSE_MODES = (ENCRYPTED, PLAIN)
GOOD_FOR = timedelta(minutes=10)
"""Of a code on a screen in front of them."""
LONGEST_NONCE = 512
"""Of a wallet's own nonce."""

Narrowed = Mapping[str, Sequence[str]]
"""Credential type → claims: less than the purpose allows."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A request as it is handed to a wallet."""

    id: UUID
    uri: str
    """`openid4vp://…`, as a link or QR code."""
    expires_at: datetime


def purposes(*, by: Actor, now: datetime) -> Sequence[Purpose]:
    """What may be asked for today."""
    demand(by, Deed.ASK_TO_PRESENT)
    return tuple(purposes_on(london_day(now)).values())


def purpose_of(code: str, *, by: Actor, now: datetime) -> Purpose:
    """One purpose. Raises `Invalid` for one that is not in force."""
    found = next((one for one in purposes(by=by, now=now) if one.code == code), None)
    if found is None:
        codes = ", ".join(purposes_on(london_day(now)))
        raise Invalid("unknown_purpose", fields={"purpose": [f"must be one of {codes}"]})
    return found


def askers(session: Session, *, by: Actor) -> Sequence[Organisation]:
    """The organisations that have a key to ask with: all for the operator, else the actor's."""
    demand(by, Deed.ASK_TO_PRESENT)
    found = (
        sa.select(Organisation)
        .join(SigningKey, SigningKey.organisation_id == Organisation.id)
        .where(SigningKey.purpose == KeyPurpose.REQUEST)
    )
    if by.via is not Via.OPERATOR:
        found = found.where(Organisation.id == by.organisation_id)
    return session.scalars(found.distinct().order_by(Organisation.ods_code)).all()


def ask(
    session: Session,
    *,
    purpose: str,
    limits: AskLimits | None,
    agreement: str | None = None,
    only: Narrowed | None = None,
    response_mode: str = ENCRYPTED,
    session_hash: str | None = None,
    by_link: bool = False,
    vault: Vault,
    where: Where,
    by: Actor,
    now: datetime,
) -> Invitation:
    """A request for that purpose, good for one answer. `only` asks for less than it allows,
    `agreement` names the one to ask under where it needs one (else the widest), `session_hash`
    wants the answer back in that browser (same device), `by_link` is sent to somebody who answers
    when they can. Raises `Refused` (`outside_purpose`, `not_by_link`, `no_agreement`,
    `outside_agreement`) for more, `no_key` where nobody can sign."""
    _refuse_unknown_mode(response_mode)
    allowed = purpose_of(purpose, by=by, now=now)
    good_for = _link_of(allowed) if by_link else GOOD_FOR
    asker, request_id = own_organisation(by), new_id()
    ground = ask_limits.ground_for(
        session, allowed, limits, named=agreement, organisation_id=asker, now=now
    )
    wanted = _within(allowed, ground, only)
    made = PresentationRequest(
        id=request_id, organisation_id=asker, purpose=allowed.code, basis=allowed.basis,
        asked=dcql.query(_wanted(session, wanted, where, now)), **_under(ground, wanted),
        made_at=now, made_by_id=by.account_id, expires_at=now + good_for, nonce=new_secret(),
        state_hash=hash_secret(state_of(request_id, vault)), response_mode=response_mode,
        session_hash=session_hash,
    )  # fmt: skip
    if response_mode == ENCRYPTED:
        _give_key(made, vault)
    uri = uri_of(session, made, vault=vault, where=where)
    _keep(session, made, by, now)
    return Invitation(made.id, uri, made.expires_at)


def _link_of(purpose: Purpose) -> timedelta:
    if not purpose.link_hours:
        raise Refused([Reason("not_by_link", text=f"{purpose.title} is not asked for by link.")])
    return timedelta(hours=purpose.link_hours)


def _under(ground: Ground | None, wanted: Sequence[AskedCredential]) -> dict[str, Any]:
    if ground is None:
        return {}
    clauses = {one.type: ground.clauses[one.type] for one in wanted}
    return {"agreement": ground.named, "clauses": clauses}


def _within(
    purpose: Purpose, ground: Ground | None, only: Narrowed | None
) -> tuple[AskedCredential, ...]:
    """Both the purpose and the agreement bound what is asked for."""
    if only is None:
        return purpose.credentials if ground is None else ask_limits.permitted(purpose, ground)
    wanted = narrowed(purpose, only)
    if ground is not None:
        ask_limits.demand_within(ground, wanted)
    return wanted


def still_permitted(
    session: Session, made: PresentationRequest, limits: AskLimits | None, now: datetime
) -> Ground | None:
    """The agreement it was asked under, as it stands now. Raises `Refused` where that is not in
    force any more, or does not permit an item any more."""
    if limits is None or not made.agreement:
        return None
    ground = ask_limits.ground_for(
        session,
        purpose_when_made(made),
        limits,
        named=made.agreement,
        organisation_id=made.organisation_id,
        now=now,
    )
    if ground is not None and not made.clauses.keys() <= ground.clauses.keys():
        raise Refused([Reason("outside_agreement", text=f"{made.agreement} was changed.")])
    return ground


def _keep(session: Session, made: PresentationRequest, by: Actor, now: datetime) -> None:
    session.add(made)
    session.flush()
    record(
        session, "presentation.asked", subject_id=made.id, organisation_id=made.organisation_id,
        by=by, now=now, purpose=made.purpose, basis=made.basis, asked=made.asked,
        agreement=made.agreement,
    )  # fmt: skip


def _refuse_unknown_mode(mode: str) -> None:
    if mode not in RESPONSE_MODES:
        said = f"must be one of {', '.join(RESPONSE_MODES)}"
        raise Invalid("unknown_response_mode", fields={"response_mode": [said]})


def _give_key(made: PresentationRequest, vault: Vault) -> None:
    private, public = encrypted_answer.new_key()
    made.sealed_encryption_key = vault.seal(private, belongs_to=key_name(made.id))
    made.encryption_kid = public["kid"]


def narrowed(purpose: Purpose, only: Narrowed) -> tuple[AskedCredential, ...]:
    """Of what the purpose allows just that; all of it has to be shown. Raises `Refused`."""
    found, outside = [], []
    for name, claims in only.items():
        allowed = purpose.credential(name)
        may = {*allowed.claims, *allowed.if_held} if allowed else set()
        outside += [f"{name}.{claim}" for claim in claims if claim not in may]
        if allowed is None:
            outside.append(name)
        else:
            found.append(
                AskedCredential(
                    name,
                    claims=tuple(one for one in allowed.claims if one in claims),
                    if_held=tuple(one for one in allowed.if_held if one in claims),
                    many=allowed.many,
                )
            )
    if outside or not found:
        words = f"{purpose.title} does not allow asking for this."
        raise Refused([Reason("outside_purpose", {"outside": outside}, text=words)])
    return tuple(found)


def uri_of(session: Session, made: PresentationRequest, *, vault: Vault, where: Where) -> str:
    """What a wallet is given to start with."""
    return f"{SCHEME}?" + urlencode(
        {
            "client_id": client_id(signer_of(session, made, vault)),
            "request_uri": addresses.presentation_request(where.base, made.id),
        }
    )


def request_object(
    session: Session,
    *,
    request_id: UUID,
    wallet_nonce: str | None,
    limits: AskLimits | None,
    vault: Vault,
    where: Where,
    now: datetime,
) -> str:
    """The signed request, as often as a wallet asks for it until it is answered or runs out.
    Raises `NotFound` for an unknown request, `Refused` (`over`) for one that is over, or that its
    agreement does not permit any more."""
    made = session.get(PresentationRequest, request_id)
    if made is None:
        raise NotFound
    if is_over(made, now):
        raise Refused([Reason("over", text="This request was answered, or has run out.")])
    if wallet_nonce is not None and not 0 < len(wallet_nonce) <= LONGEST_NONCE:
        raise Invalid("bad_nonce", fields={"wallet_nonce": ["is empty or too long"]})
    still_permitted(session, made, limits, now)
    who = signer_of(session, made, vault)
    claims = _claims(made, who, vault, where)
    if wallet_nonce is not None:
        claims["wallet_nonce"] = wallet_nonce
    return jws.write(claims, who.key, typ=REQUEST_TYP, **who.header)


def is_over(made: PresentationRequest, now: datetime) -> bool:
    """Whether no answer is taken any more."""
    return made.answered_at is not None or made.expires_at <= now


def signer_of(session: Session, made: PresentationRequest, vault: Vault) -> Signer:
    """The organisation's key for requests that was in force when this one was made."""
    return keys.signer(
        session,
        KeyPurpose.REQUEST,
        organisation_id=made.organisation_id,
        vault=vault,
        now=made.made_at,
    )


def client_id(who: Signer) -> str:
    """Who asks, by the hash of their certificate: the audience of every presentation."""
    return f"x509_hash:{es256.base64url(sha256(who.certificate).digest())}"


def state_of(request_id: UUID, vault: Vault) -> str:
    """The request's state: unguessable, and the same each time it is signed."""
    return vault.keyed_hash("presentation_state", str(request_id))


def key_name(request_id: UUID) -> str:
    """What the sealed key of an answer is bound to."""
    return f"presentation_request:{request_id}:encryption"


def _wanted(
    session: Session, asked: Sequence[AskedCredential], where: Where, now: datetime
) -> list[dcql.Wanted]:
    """Each type under every name it has in the installations that are believed here."""
    lists = judging.believed_lists(session, where=where, now=now)
    bases = dict.fromkeys([where.types_at, *(one.trust.vct_base for one in lists)])
    return [
        dcql.Wanted(
            id=one.type,
            vcts=tuple(vct(base, one.type, credential_types()[one.type].version) for base in bases),
            claims=one.claims,
            if_held=one.if_held,
            required=one.required,
            many=one.many,
        )
        for one in asked
    ]


def _claims(
    made: PresentationRequest, who: Signer, vault: Vault, where: Where
) -> dict[str, Any]:
    purpose = purpose_when_made(made)
    return {
        "aud": AUDIENCE,
        "iat": seconds(made.made_at),
        "exp": seconds(made.expires_at),
        "client_id": client_id(who),
        "response_type": "vp_token",
        "response_mode": made.response_mode,
        "response_uri": addresses.presentation_response(where.base, made.id),
        "nonce": made.nonce,
        "state": state_of(made.id, vault),
        "dcql_query": made.asked,
        "client_metadata": _metadata(made, who, vault),
        "verifier_info": [
            {
                "format": f"{where.base}/passport/purpose",
                "data": {
                    "organisation": who.name,
                    "ods_code": who.ods,
                    "purpose": made.purpose,
                    "title": purpose.title,
                    "why": purpose.why,
                    "basis": made.basis,
                    "agreement": made.agreement,
                    "clauses": made.clauses,
                    "kept_hours": purpose.keep_hours,
                },
            }
        ],
    }


def _metadata(made: PresentationRequest, who: Signer, vault: Vault) -> dict[str, Any]:
    accepted = {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}
    told: dict[str, Any] = {
        "client_name": who.name,
        "vp_formats_supported": {dcql.FORMAT: accepted},
    }
    if made.sealed_encryption_key is not None:
        private = vault.unseal(made.sealed_encryption_key, belongs_to=key_name(made.id))
        told["jwks"] = {"keys": [encrypted_answer.public_jwk(private)]}
        told["encrypted_response_enc_values_supported"] = list(encrypted_answer.CONTENT_ALGORITHMS)
    return told


def purpose_when_made(made: PresentationRequest) -> Purpose:
    """The purpose as it stood when the request was made."""
    return purposes_on(london_day(made.made_at))[made.purpose]

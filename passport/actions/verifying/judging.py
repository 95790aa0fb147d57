"""Judging what is shown, by every list that is believed here.

The installation's own trust list and those that an operator brought are tried in that order. An
organisation belongs to the first list that names it: no other installation can speak for it. What
is known of withdrawals is the own status lists and the fetched ones; nothing is fetched while
somebody waits, for that would tell an issuer who is being looked at.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.signing import keys
from passport.actions.signing.signing import Where
from passport.actions.trust import own_list
from passport.actions.verifying.freshness import policy_of
from passport.errors import NotFound
from passport.model.credentials import StatusListRow
from passport.model.freshness import FreshnessPolicy
from passport.model.keys import FetchedStatusList, TrustedList
from passport.rules.credentials.credential_claims import name_of_vct
from passport.rules.tokens import addresses, gate_token, sd_jwt
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.gate_token import GATE
from passport.rules.tokens.numeric_dates import seconds
from passport.rules.tokens.sd_jwt import SdJwt
from passport.rules.tokens.sd_jwt_processing import process
from passport.rules.tokens.status_list import Reference, read_reference
from passport.rules.tokens.trust_list import Issuer, TrustList, read_trust
from passport.rules.verifying.credential_verdict import credential_verdict
from passport.rules.verifying.gate_verdict import gate_verdict
from passport.rules.verifying.verdict import Known, Verdict

KEPT_FOR = timedelta(hours=1)
"""A list that was read is read again after so long: its signer's certificate may have ended."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, and whose token it was on. The rest is None where the token was not believed."""

    verdict: Verdict
    holder_key: str | None = None
    """Thumbprint of the key that the issuer bound it to."""
    issuer_ods: str | None = None
    kind: str | None = None
    """Credential type; None for a gate token, which is of the whole passport."""
    claims: Mapping[str, Any] = field(default_factory=dict)
    """What a credential discloses, with what is always visible; empty for a gate token."""


@dataclass(frozen=True, slots=True)
class BelievedList:
    """A trust list that is believed here, and its text."""

    trust: TrustList
    """Without the organisations that an earlier list names."""
    token: str | None
    """None before the own list is published."""


def judge_gate(
    session: Session,
    text: str,
    *,
    organisation_id: UUID | None,
    audience: str | Collection[str] = GATE,
    challenge: str | None = None,
    seen: Collection[tuple[bytes, int]] = (),
    where: Where,
    now: datetime,
) -> Judged:
    """The verdict on a gate token, for an organisation with its own limits or for nobody."""
    try:
        said = gate_token.read(text).said
    except BadToken:
        said = None
    lists = believed_lists(session, where=where, now=now)
    trust = _of_issuer(lists, said.ods) if said else lists[0].trust
    refers = Reference(said.status.uri, said.status.idx) if said and said.status else None
    verdict = gate_verdict(
        text,
        _known(session, trust, refers, organisation_id, where, now),
        audience=audience if isinstance(audience, str) else frozenset(audience),
        challenge=challenge,
        seen=seen,
    )
    if said is None or not verdict.checked:
        return Judged(verdict)
    return Judged(verdict, said.holder.kid, said.ods)


def judge_credential(
    session: Session,
    text: str,
    *,
    organisation_id: UUID | None,
    audience: str | None,
    nonce: str | None,
    where: Where,
    now: datetime,
) -> Judged:
    """The verdict on an SD-JWT VC, shown to a request (`audience` and `nonce`) or without one."""
    lists = believed_lists(session, where=where, now=now)
    token, trust, refers = _credential(text, lists)
    known = _known(session, trust, refers, organisation_id, where, now)
    verdict = credential_verdict(text, known, audience=audience, nonce=nonce)
    if token is None or not verdict.checked:
        return Judged(verdict)
    claims = process(token.issuer_claims, token.disclosures, never=sd_jwt.NEVER_DISCLOSABLE).claims
    holder, issuer = sd_jwt.holder_of(claims), _signer(token, trust)
    return Judged(
        verdict,
        holder_key=holder.kid if holder else None,
        issuer_ods=issuer.ods if issuer else None,
        kind=name_of_vct(trust.vct_base, claims.get("vct")),
        claims=claims,
    )


def offline_bundle(
    session: Session, *, organisation_id: UUID | None, where: Where, now: datetime
) -> dict[str, Any]:
    """Everything a verifier needs that has no network, as JSON. Moments are seconds since 1970.

    `trust`: the believed lists in the order in which they count (an organisation belongs to the
    first that names it), each with the key (JWK) whose signature was checked up to the root here.
    `statuses`: every status list under their prefixes; an older `iat` or `version` than one seen
    before is a roll-back. `policy`: for how long checks count, in hours.
    """
    lists = believed_lists(session, where=where, now=now)
    return {
        "made_at": seconds(now),
        "trust": [
            {
                "sub": one.trust.sub,
                "token": one.token,
                "key": one.trust.signed_by.jwk,
                "version": one.trust.version,
                "iat": seconds(one.trust.iat),
                "exp": seconds(one.trust.exp),
            }
            for one in lists
            if one.token is not None and one.trust.signed_by is not None
        ],
        "statuses": _every_status_list(session, lists, where),
        "policy": asdict(policy_for(session, organisation_id=organisation_id, now=now)),
    }


def policy_for(
    session: Session, *, organisation_id: UUID | None, now: datetime
) -> FreshnessPolicy:
    """For how long checks count at that organisation."""
    return policy_of(session, organisation_id=organisation_id, now=now)


def believed_lists(session: Session, *, where: Where, now: datetime) -> Sequence[BelievedList]:
    """The own list, then the brought ones by the day they were brought. One that cannot be read
    any more (its signer's certificate or itself ran out) is left out."""
    found = [_own(session, where, now)]
    brought = session.execute(
        sa.select(TrustedList.token, TrustedList.root_pem, TrustedList.sub, TrustedList.version)
        .where(TrustedList.removed_at.is_(None))
        .order_by(TrustedList.added_at, TrustedList.id)
    )
    for row in brought:
        read = _read(row.token, row.root_pem, row.sub, now)
        if read is not None and read.version >= row.version:
            found.append(BelievedList(read, row.token))
    return list(_disjoint(found))


def _disjoint(lists: Iterable[BelievedList]) -> Iterable[BelievedList]:
    named: set[str] = set()
    for one in lists:
        issuers = tuple(issuer for issuer in one.trust.issuers if issuer.ods not in named)
        named |= {issuer.ods for issuer in issuers}
        yield replace(one, trust=replace(one.trust, issuers=issuers))


def _own(session: Session, where: Where, now: datetime) -> BelievedList:
    """As published; as the rows have it where nothing is published or it ran out."""
    published, sub = own_list.newest(session), addresses.trust_list(where.base)
    if published is not None:
        try:
            read = _read(published.token, keys.root_pem(session), sub, now)
        except NotFound:
            read = None
        if read is not None:
            return BelievedList(read, published.token)
    return BelievedList(own_list.contents(session, where=where, now=now), None)


def _read(token: str, root_pem: str, sub: str, now: datetime) -> TrustList | None:
    read = _read_in(token, root_pem, sub, now.replace(minute=0, second=0, microsecond=0))
    return read if read is not None and read.exp > now else None


@lru_cache(maxsize=64)
def _read_in(token: str, root_pem: str, sub: str, hour: datetime) -> TrustList | None:
    try:
        return read_trust(token, root=[root_pem], now=hour, sub=sub, skew=KEPT_FOR)
    except BadToken:
        return None


def _of_issuer(lists: Sequence[BelievedList], ods: str) -> TrustList:
    return next((one.trust for one in lists if one.trust.issuer(ods)), lists[0].trust)


def _credential(
    text: str, lists: Sequence[BelievedList]
) -> tuple[SdJwt | None, TrustList, Reference | None]:
    """The token, the list whose issuer it names, and where its status stands; nothing of it is
    believed yet."""
    trust = lists[0].trust
    try:
        token = sd_jwt.read(text)
        kid = str(token.header.get("kid"))
        named = [one.trust for one in lists if one.trust.by_kid(kid)] or [trust]
        trust = next((one for one in named if _signer(token, one)), named[0])
        status = token.issuer_claims.get("status")
        return token, trust, read_reference(status) if status is not None else None
    except BadToken:
        return None, trust, None


def _signer(token: SdJwt, trust: TrustList) -> Issuer | None:
    """Whose key signed it. Of a name that several keys have each is tried, for anybody may call a
    key as somebody else does."""
    iss = token.issuer_claims.get("iss")
    for one in trust.by_kid(str(token.header.get("kid"))):
        speaks = None in (iss, one.issuer.iss) or iss == one.issuer.iss
        if speaks and one.listed.key.verifies(token.issued.signed, token.issued.signature):
            return one.issuer
    return None


def _known(
    session: Session,
    trust: TrustList,
    refers: Reference | None,
    organisation_id: UUID | None,
    where: Where,
    now: datetime,
) -> Known:
    lists: dict[str, str] = {}
    newest: dict[str, datetime] = {}
    if refers is not None and (found := _status_list(session, trust, refers.uri, where)):
        lists[refers.uri], newest[refers.uri] = found
    policy = policy_for(session, organisation_id=organisation_id, now=now)
    return Known(trust=trust, policy=policy, now=now, lists=lists, newest=newest)


def _status_list(
    session: Session, trust: TrustList, uri: str, where: Where
) -> tuple[str, datetime] | None:
    """The newest list known of that address, if it is one of that trust list's."""
    if not trust.may_fetch(uri):
        return None
    own = addresses.status_lists(where.base)
    if uri.startswith(own):
        try:
            row = session.get(StatusListRow, UUID(hex=uri.removeprefix(own)))
        except ValueError:
            return None
        if row is None or row.token is None or row.signed_at is None:
            return None
        return row.token, row.signed_at.replace(microsecond=0)
    fetched = session.get(FetchedStatusList, uri)
    return (fetched.token, fetched.issued_at) if fetched else None


def _every_status_list(
    session: Session, lists: Sequence[BelievedList], where: Where
) -> list[dict[str, Any]]:
    own = session.execute(
        sa.select(StatusListRow.id, StatusListRow.token, StatusListRow.signed_at)
        .where(StatusListRow.token.is_not(None), StatusListRow.signed_at.is_not(None))
        .order_by(StatusListRow.id)
    )
    found = [(addresses.status_list(where.base, id_), token, at) for id_, token, at in own if at]
    fetched = session.execute(
        sa.select(
            FetchedStatusList.uri, FetchedStatusList.token, FetchedStatusList.issued_at
        ).order_by(FetchedStatusList.uri)
    )
    found += [
        (uri, token, at)
        for uri, token, at in fetched
        if any(one.trust.may_fetch(uri) for one in lists[1:])
    ]
    return [{"uri": uri, "token": token, "iat": seconds(at)} for uri, token, at in found]

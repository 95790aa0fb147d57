"""Other installations' trust lists: brought by an operator with their root, refreshed, given up.

Whoever brings a list has compared its root by another way than the network. A version older than
one seen before is a roll-back, in which a withdrawn key may be good again; so is an older status
list. Both are refused for as long as the row stands, also after the list was given up.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.signing.signing import Where
from passport.actions.trust import own_list
from passport.actors import Actor
from passport.errors import NotFound, Reason, Refused
from passport.events import record
from passport.model.keys import FetchedStatusList, TrustedList
from passport.rules.permissions import Deed
from passport.rules.tokens import addresses, x509_chain
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import PublicKey
from passport.rules.tokens.status_list import Statuses, read_list
from passport.rules.tokens.trust_list import TrustList, read_trust


@dataclass(frozen=True, slots=True)
class Brought:
    """A list that was brought, as it was read."""

    row: TrustedList
    trust: TrustList
    own_already: tuple[str, ...]
    """Organisations that the own list names: there the other list does not count."""


def add(
    session: Session, *, text: str, root_pem: str, where: Where, by: Actor, now: datetime
) -> Brought:
    """Believe this list from now on, or its newer version or other root. Raises `Refused` where
    the root does not stand behind it, it is the own one, or a newer version was seen before."""
    demand(by, Deed.TRUST)
    try:
        trust = read_trust(text, root=[root_pem], now=now)
    except BadToken as problem:
        _refuse(problem)
    if trust.sub == addresses.trust_list(where.base):
        raise Refused([Reason("own_list", text="That is this installation's own list.")])
    row = _row(session, trust.sub)
    if row is None:
        row = TrustedList(
            sub=trust.sub, root_pem=root_pem, token=text, version=trust.version, fetched_at=now,
            added_at=now,
        )  # fmt: skip
        session.add(row)
    _refuse_older(trust, row)
    if row.removed_at is not None:
        row.added_at, row.removed_at = now, None
    row.root_pem, row.token, row.version, row.fetched_at = root_pem, text, trust.version, now
    session.flush()
    record(
        session, "trust.added", subject_id=row.id, by=by, now=now, sub=row.sub,
        version=row.version, root=x509_chain.fingerprint(root_pem),
    )  # fmt: skip
    own = {one.ods for one in own_list.contents(session, where=where, now=now).issuers}
    return Brought(row, trust, tuple(one.ods for one in trust.issuers if one.ods in own))


def renew(session: Session, *, sub: str, text: str, by: Actor, now: datetime) -> TrustList:
    """Take the list as it was fetched now. Raises `Refused` for one that is not believed, or is
    older; what is held then stands."""
    demand(by, Deed.PUBLISH)
    row = _row(session, sub)
    if row is None or row.removed_at is not None:
        raise NotFound
    try:
        trust = read_trust(text, root=[row.root_pem], now=now, sub=sub)
    except BadToken as problem:
        _refuse(problem)
    _refuse_older(trust, row)
    if trust.version > row.version:
        row.token, row.version, row.fetched_at = text, trust.version, now
        session.flush()
        record(
            session, "trust.renewed", subject_id=row.id, by=by, now=now, sub=sub,
            version=trust.version,
        )  # fmt: skip
    return trust


def remove(session: Session, *, sub: str, by: Actor, now: datetime) -> TrustedList:
    """Believe this list no more. Its version is remembered."""
    demand(by, Deed.TRUST)
    row = _row(session, sub)
    if row is None or row.removed_at is not None:
        raise NotFound
    row.removed_at = now
    session.flush()
    record(session, "trust.removed", subject_id=row.id, by=by, now=now, sub=sub)
    return row


def brought(session: Session, *, by: Actor) -> Sequence[TrustedList]:
    """The lists that are believed, the first brought first."""
    demand(by, Deed.READ_KEYS)
    return session.scalars(_believed()).all()


def subs(session: Session, *, by: Actor) -> Sequence[str]:
    """The addresses of the lists that are believed: what to fetch anew."""
    demand(by, Deed.PUBLISH)
    return [row.sub for row in session.scalars(_believed())]


def held_status_lists(session: Session, trust: TrustList, *, by: Actor) -> Sequence[str]:
    """The addresses of what was fetched under that list's prefixes before."""
    demand(by, Deed.PUBLISH)
    known = session.scalars(sa.select(FetchedStatusList.uri).order_by(FetchedStatusList.uri))
    return [uri for uri in known if trust.may_fetch(uri)]


def keep_status_list(
    session: Session, *, trust: TrustList, uri: str, text: str, by: Actor, now: datetime
) -> bool:
    """Take a fetched status list; whether it is newer than the one held. Raises `Refused` for one
    that none of the list's issuers signed, from outside its prefixes, or older than one seen."""
    demand(by, Deed.PUBLISH)
    row = session.get(FetchedStatusList, uri, with_for_update=True)
    try:
        found = _believed_status_list(trust, uri, text, row.issued_at if row else None, now)
        if row is not None and text != row.token and found.iat == row.issued_at:
            raise BadToken("rolled_back", "another list of the same second was seen before")
    except BadToken as problem:
        _refuse(problem)
    if row is None:
        session.add(
            FetchedStatusList(uri=uri, token=text, issued_at=found.iat, fetched_at=now)
        )
        session.flush()
        return True
    newer = text != row.token
    row.token, row.issued_at, row.fetched_at = text, found.iat, now
    session.flush()
    return newer


def _believed_status_list(
    trust: TrustList, uri: str, text: str, at_least: datetime | None, now: datetime
) -> Statuses:
    if not trust.may_fetch(uri):
        raise BadToken("bad_uri", "outside the trust list's prefixes")
    found = read_list(text, uri=uri, key=_signers(trust), now=now, at_least=at_least)
    against = [trust.why_not_status(one.ods, found.signer, found.iat) for one in trust.issuers]
    if None not in against:
        raise BadToken("key_revoked", "signed with a key that is not in force")
    return found


def _signers(trust: TrustList) -> Callable[[Mapping[str, Any]], Iterable[PublicKey]]:
    """The keys a status list's header may mean: those it names, else any."""

    def found(header: Mapping[str, Any]) -> Iterable[PublicKey]:
        named = [one.listed.key for one in trust.by_kid(str(header.get("kid")))]
        return named or [one.key for issuer in trust.issuers for one in issuer.keys]

    return found


def _believed() -> sa.Select[TrustedList]:
    return (
        sa.select(TrustedList)
        .where(TrustedList.removed_at.is_(None))
        .order_by(TrustedList.added_at, TrustedList.id)
    )


def _row(session: Session, sub: str) -> TrustedList | None:
    return session.scalars(
        sa.select(TrustedList).where(TrustedList.sub == sub).with_for_update()
    ).first()


def _refuse_older(trust: TrustList, row: TrustedList) -> None:
    if trust.version < row.version:
        _refuse(BadToken("rolled_back", "a newer version was seen before"))


def _refuse(problem: BadToken) -> NoReturn:
    words = problem.code.replace("_", " ")
    detail = f": {problem.detail}" if problem.detail else ""
    raise Refused([Reason(problem.code, text=f"The list is not believed ({words}{detail}).")])

"""The installation's own trust list: who issues here, with which keys, and what each may say.

It is made from the rows, signed, and kept version by version. A new version is published where
that changed, and now and then to show that the list is alive.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.signing import keys
from passport.actions.signing.signing import Where
from passport.actors import Actor
from passport.model.issuer_rights import issuer_rights_on
from passport.model.key_policy import KEY_POLICY
from passport.model.keys import KeyPurpose, PublishedTrustList, SigningKey
from passport.model.organisations import MembershipKind, Organisation, OrganisationMembership
from passport.rules.permissions import Deed
from passport.rules.tokens import addresses, es256, jws
from passport.rules.tokens.trust_list import MOST_KEYS, Issuer, ListedKey, TrustList
from passport.sealing import Vault

LONDON = ZoneInfo("Europe/London")


def contents(session: Session, *, where: Where, now: datetime, version: int = 1) -> TrustList:
    """What the list says now, from the rows."""
    return TrustList(
        iss=where.base,
        sub=addresses.trust_list(where.base),
        iat=now,
        exp=now + KEY_POLICY.trust_list_life,
        version=version,
        vct_base=where.types_at,
        status_prefixes=(addresses.status_lists(where.base),),
        issuers=_issuers(session, where, now),
    )


def newest(session: Session) -> PublishedTrustList | None:
    """The version that is served."""
    return session.scalars(
        sa.select(PublishedTrustList).order_by(PublishedTrustList.version.desc()).limit(1)
    ).first()


def publish(session: Session, *, vault: Vault, where: Where, by: Actor, now: datetime) -> bool:
    """Sign a new version where the list says something else than the last, or that grew old.
    Nothing is signed before anybody has a key. Safe to run in several processes."""
    demand(by, Deed.PUBLISH)
    if not _locked(session, now):
        return False
    last = newest(session)
    listed = contents(session, where=where, now=now, version=last.version + 1 if last else 1)
    digest = _digest(listed)
    if last and last.digest == digest and last.signed_at > now - KEY_POLICY.trust_list_renewed:
        return False
    who = keys.signer(
        session, KeyPurpose.TRUST_LIST, organisation_id=None, vault=vault, now=now
    )
    token = listed.token(who.key, **who.header)
    session.add(
        PublishedTrustList(version=listed.version, token=token, digest=digest, signed_at=now)
    )
    session.flush()
    return True


def _locked(session: Session, now: datetime) -> bool:
    """Whether there is a key to sign with. One process at a time decides on the next version."""
    force = keys.in_force(KeyPurpose.TRUST_LIST, now)
    found = sa.select(SigningKey.id).where(force).order_by(SigningKey.id).with_for_update()
    return session.scalars(found).first() is not None


def _digest(listed: TrustList) -> str:
    """Of what the list says, without version and times."""
    said = {k: v for k, v in listed.claims.items() if k not in ("iat", "exp", "version")}
    return hashlib.sha256(jws.json_bytes(said)).hexdigest()


def _issuers(session: Session, where: Where, now: datetime) -> tuple[Issuer, ...]:
    today = now.astimezone(LONDON).date()
    listed = _listed_keys(session, now)
    follows = _successors(session, today)
    wanted = set(listed)
    for one in listed:
        following = follows.get(one)
        while following is not None and following not in wanted:
            wanted.add(following)
            following = follows.get(following)
    rights = issuer_rights_on(today)
    owners = session.execute(
        sa.select(Organisation.id, Organisation.ods_code, Organisation.name, Organisation.kind)
        .where(Organisation.id.in_(wanted))
        .order_by(Organisation.ods_code)
    ).all()
    codes = {row.id: row.ods_code for row in owners}
    return tuple(
        Issuer(
            ods=row.ods_code,
            name=_shown(row.name) or row.ods_code,
            keys=tuple(listed.get(row.id, [])[:MOST_KEYS]),
            asserts=rights.of(row.kind),
            successor=codes.get(follows.get(row.id)),
            iss=addresses.issuer(where.base, row.ods_code),
        )
        for row in owners
    )


def _shown(name: str) -> str:
    """A name as a list may say it: 200 characters that can be seen."""
    return "".join(one for one in name if one.isprintable())[:200].strip()


def _listed_keys(session: Session, now: datetime) -> dict[UUID, list[ListedKey]]:
    """The keys of each issuer, the newest first: those to come, and those whose signatures may
    still be met with."""
    rows = session.execute(
        sa.select(
            SigningKey.organisation_id, SigningKey.kid, SigningKey.jwk, SigningKey.not_before,
            SigningKey.not_after, SigningKey.revoked_from,
        )
        .where(
            SigningKey.purpose == KeyPurpose.ISSUER,
            SigningKey.organisation_id.is_not(None),
            SigningKey.not_after > now - KEY_POLICY.certificate_outlives,
        )
        .order_by(SigningKey.not_before.desc(), SigningKey.kid)
    )  # fmt: skip
    found: dict[UUID, list[ListedKey]] = {}
    for row in rows:
        one = ListedKey(
            kid=row.kid,
            key=es256.from_jwk(row.jwk),
            not_before=row.not_before,
            not_after=row.not_after,
            revoked_from=row.revoked_from,
        )
        found.setdefault(row.organisation_id, []).append(one)
    return found


def _successors(session: Session, today: date) -> Mapping[UUID, UUID]:
    """Who took over from whom. Of several (a trust that was split) the first by date and code;
    none where it would lead back to where it began."""
    rows = session.execute(
        sa.select(OrganisationMembership.member_id, OrganisationMembership.group_id)
        .join(Organisation, Organisation.id == OrganisationMembership.group_id)
        .where(
            OrganisationMembership.kind == MembershipKind.SUCCESSOR,
            sa.func.coalesce(OrganisationMembership.from_on, today) <= today,
            sa.func.coalesce(OrganisationMembership.until_on, today) >= today,
        )
        .order_by(OrganisationMembership.from_on, Organisation.ods_code)
    )
    found: dict[UUID, UUID] = {}
    for member, group in rows:
        if member not in found and not _leads_to(found, group, member):
            found[member] = group
    return found


def _leads_to(follows: Mapping[UUID, UUID], start: UUID, end: UUID) -> bool:
    following: UUID | None = start
    while following is not None and following != end:
        following = follows.get(following)
    return following == end

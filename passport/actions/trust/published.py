"""What the installation publishes to everybody: reads, for nobody in particular."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.trust import own_list
from passport.errors import NotFound
from passport.model.credentials import StatusListRow
from passport.model.key_policy import KEY_POLICY
from passport.model.keys import KeyPurpose, SigningKey
from passport.model.organisations import Organisation
from passport.rules.tokens import addresses


def trust_list(session: Session) -> str:
    """The signed trust list. Raises `NotFound` before there is one."""
    found = own_list.newest(session)
    if found is None:
        raise NotFound
    return found.token


def status_list(session: Session, list_id: UUID) -> str:
    """A signed status list. Raises `NotFound` for an unknown one, and before it is signed."""
    token = session.scalar(sa.select(StatusListRow.token).where(StatusListRow.id == list_id))
    if token is None:
        raise NotFound
    return token


def status_lists(session: Session, base: str) -> Sequence[str]:
    """The addresses of every status list that copies may still point to."""
    rows = session.scalars(
        sa.select(StatusListRow.id)
        .where(StatusListRow.token.is_not(None))
        .order_by(StatusListRow.made_at, StatusListRow.id)
    )
    return [addresses.status_list(base, one) for one in rows]


def issuer_keys(session: Session, ods: str, *, now: datetime) -> Sequence[dict[str, Any]]:
    """The keys (JWK) by which an organisation's credentials are believed now. Raises `NotFound`
    where it issues none."""
    rows = session.execute(
        sa.select(SigningKey.jwk, SigningKey.kid)
        .join(Organisation, Organisation.id == SigningKey.organisation_id)
        .where(
            Organisation.ods_code == ods,
            SigningKey.purpose == KeyPurpose.ISSUER,
            SigningKey.revoked_from.is_(None),
            SigningKey.not_after > now - KEY_POLICY.certificate_outlives,
        )
        .order_by(SigningKey.not_before.desc(), SigningKey.kid)
    ).all()
    if not rows:
        raise NotFound
    return [{**row.jwk, "kid": row.kid, "use": "sig", "alg": "ES256"} for row in rows]

"""One-time links: how people enter and how they come back after forgetting a password.

A link is 256 random bits, kept as a keyed hash, used once, and dead after its time. A newer link
of the same purpose kills the older ones.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.errors import NotFound
from passport.model.access_policy import ACCESS_POLICY
from passport.model.accounts import Account, LinkPurpose, OneTimeLink
from passport.sealing import Vault, new_secret

_LIFE = {
    LinkPurpose.INVITE: ACCESS_POLICY.invitation,
    LinkPurpose.HANDED: ACCESS_POLICY.invitation,
    LinkPurpose.RESET: ACCESS_POLICY.reset,
}


@dataclass(frozen=True, slots=True)
class Followed:
    """A link that still holds, and whose it is."""

    account_id: UUID
    email: str
    purpose: LinkPurpose


def make(
    session: Session, account_id: UUID, purpose: LinkPurpose, vault: Vault, now: datetime
) -> str:
    """A new link's token; earlier ones of this purpose stop working."""
    session.execute(
        sa.update(OneTimeLink)
        .where(
            OneTimeLink.account_id == account_id,
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
        )
        .values(used_at=now)
    )
    token = new_secret()
    session.add(
        OneTimeLink(
            token_hash=name_of(token, vault),
            account_id=account_id,
            purpose=purpose,
            created_at=now,
            expires_at=now + _LIFE[purpose],
        )
    )
    return token


def name_of(token: str, vault: Vault) -> str:
    """What a link is known by where its token may not stand."""
    return vault.keyed_hash("link", token)


def look(
    session: Session, token: str, purpose: LinkPurpose, vault: Vault, now: datetime
) -> Followed:
    """Whose link this is, without using it up; `NotFound` where it is unknown, used or expired."""
    _, account = _live(session, token, purpose, vault, now)
    return Followed(account.id, account.email, purpose)


def use(session: Session, token: str, purpose: LinkPurpose, vault: Vault, now: datetime) -> Account:
    """Use the link up and lock its account; `NotFound` where it is unknown, used or expired."""
    link, account = _live(session, token, purpose, vault, now, lock=True)
    link.used_at = now
    return account


def _live(
    session: Session,
    token: str,
    purpose: LinkPurpose,
    vault: Vault,
    now: datetime,
    *,
    lock: bool = False,
) -> tuple[OneTimeLink, Account]:
    statement = (
        sa.select(OneTimeLink, Account)
        .join(Account, Account.id == OneTimeLink.account_id)
        .where(
            OneTimeLink.token_hash == name_of(token, vault),
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
            Account.closed_at.is_(None),
        )
        .execution_options(populate_existing=True)
    )
    found = session.execute(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound("link_not_valid")
    return found[0], found[1]


def forget_expired(session: Session, now: datetime) -> int:
    """Remove links that expired a month ago. Returns how many."""
    old = OneTimeLink.expires_at < now - timedelta(days=30)
    gone = session.execute(sa.delete(OneTimeLink).where(old).returning(OneTimeLink.token_hash))
    return len(gone.all())

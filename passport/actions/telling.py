"""Notices of this floor: to an account about itself, to a person, to an organisation's officers."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actors import AccessRole
from passport.db import new_id
from passport.events import Tell
from passport.model.accounts import Account, RoleGrant


def tell_account(template: str, account_id: UUID, **context: Any) -> Tell:
    """A notice for each deed: it goes out once because the deed's transaction commits once."""
    return Tell(template, f"{template}:{new_id()}", account_id=account_id, context=context)


def tell_person(template: str, person_id: UUID, **context: Any) -> Tell:
    """A notice to a person, at the address of their account or the one on record."""
    return Tell(template, f"{template}:{new_id()}", person_id=person_id, context=context)


def tell_officers(
    session: Session,
    template: str,
    organisation_id: UUID,
    role: AccessRole = AccessRole.HR_OFFICER,
    **context: Any,
) -> list[Tell]:
    """A notice to everybody who has the role in an organisation now."""
    accounts = session.scalars(
        sa.select(Account.id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.organisation_id == organisation_id,
            RoleGrant.role == role,
            RoleGrant.ended_at.is_(None),
            Account.closed_at.is_(None),
        )
        .distinct()
    )
    return [tell_account(template, account_id, **context) for account_id in accounts]

"""Notices of this floor: to an account about itself, to a person, to an organisation's officers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from passport.actors import AccessRole
from passport.db import is_postgresql, new_id
from passport.events import Notice, NoticeState, Tell, notice_values
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


def write_once(session: Session, letters: Sequence[Tell], now: datetime) -> list[Tell]:
    """Add the letters that are not written yet; which those are."""
    insert = (postgresql if is_postgresql(session) else sqlite).insert
    written = []
    for letter in letters:
        row = {"id": new_id(), "state": NoticeState.NEW, "attempts": 0}
        added = session.execute(
            insert(Notice)
            .values({**row, **notice_values(letter, now)})
            .on_conflict_do_nothing(index_elements=["dedupe"])
            .returning(Notice.id)
        ).first()
        if added is not None:
            written.append(letter)
    return written

"""Which human is behind an account: where two people are needed, two accounts of one are not two.

A human is known by the holder record of the account, and by any record that carries the address
with which the account was made.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actors import Actor
from passport.model.accounts import Account
from passport.model.people import Person


def is_same(session: Session, by: Actor, *account_ids: UUID | None) -> bool:
    """Whether the actor is the human behind one of the accounts. None is the server's operator,
    and the same as itself only."""
    if by.account_id in account_ids:
        return True
    mine = _known_by(session, by.account_id) | ({by.person_id} - {None})
    return not mine.isdisjoint(_known_by(session, *account_ids))


def told_from(session: Session, by: Actor, account_id: UUID | None) -> UUID | None:
    """The actor's account, for a rule that tells it from another: that other one where both are
    one human's."""
    return account_id if is_same(session, by, account_id) else by.account_id


def is_record_of(session: Session, by: Actor, person: Person) -> bool:
    """Whether a record is the actor's own, here or at another organisation."""
    if by.person_id is not None and by.person_id == person.holder_id:
        return True
    account = session.get(Account, by.account_id) if by.account_id else None
    return account is not None and account.email == person.email


def _known_by(session: Session, *account_ids: UUID | None) -> frozenset[UUID]:
    known = [one for one in account_ids if one is not None]
    if not known:
        return frozenset()
    rows = session.execute(
        sa.select(Account.person_id, Person.holder_id)
        .outerjoin(Person, Person.email == Account.email)
        .where(Account.id.in_(known))
    )
    return frozenset(one for row in rows for one in row if one is not None)

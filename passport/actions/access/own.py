"""The actor's own account: theirs alone to change, and never by an API token."""

from dataclasses import replace

from sqlalchemy.orm import Session

from passport.actors import Actor, Via
from passport.errors import Forbidden, NotFound
from passport.model.accounts import Account


def account(session: Session, by: Actor, *, lock: bool = False) -> Account:
    """The actor's own account. `Forbidden` for API tokens: a stolen one must not lead to more."""
    if by.via is Via.TOKEN:
        raise Forbidden("forbidden", "An API token cannot change the account it belongs to.")
    found = None
    if by.account_id is not None:
        found = session.get(Account, by.account_id, with_for_update=lock or None)
    if found is None or found.closed_at is not None:
        raise NotFound
    return found


def demand_fresh(by: Actor) -> None:
    """Raise `Forbidden` (`step_up_needed`) unless the second factor was given just now."""
    if not by.stepped_up and by.via is not Via.OPERATOR:
        raise Forbidden("step_up_needed", "Confirm it is you with your second factor first.")


def nowhere(by: Actor) -> Actor:
    """The actor without an organisation: what a person does to their own account, and whether an
    address had one, is not on any organisation's record."""
    return replace(by, organisation_id=None)

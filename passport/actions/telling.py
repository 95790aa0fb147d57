"""Notices to the person behind an account about what was done with it."""

from typing import Any
from uuid import UUID

from passport.db import new_id
from passport.events import Tell


def tell_account(template: str, account_id: UUID, **context: Any) -> Tell:
    """A notice for each deed: it goes out once because the deed's transaction commits once."""
    return Tell(template, f"{template}:{new_id()}", account_id=account_id, context=context)

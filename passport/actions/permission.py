"""The gate in front of every deed."""

from collections.abc import Mapping

from passport.actors import Actor
from passport.errors import Forbidden
from passport.rules import permissions
from passport.rules.permissions import PERMISSIONS, Deed, Permission


def demand_in(table: Mapping[str, Permission], by: Actor, deed: str) -> None:
    """Raise `Forbidden` (`forbidden` or `step_up_needed`) unless `by` may do `deed`."""
    reason = permissions.why_not(by, deed, table)
    if reason is not None:
        raise Forbidden(reason.code, reason.text)


def demand(by: Actor, deed: Deed) -> None:
    """`demand_in` for the ground floor's table."""
    demand_in(PERMISSIONS, by, deed)

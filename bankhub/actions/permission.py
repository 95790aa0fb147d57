"""The gate in front of every deed of the upper floor."""

from bankhub.rules.permissions import PERMISSIONS, Deed
from passport.actions.permission import demand_in
from passport.actors import Actor

SCOPES = tuple(deed.value for deed in Deed)
"""What an API token can be limited to."""


def demand(by: Actor, deed: Deed) -> None:
    """Raise `Forbidden` (`forbidden` or `step_up_needed`) unless `by` may do `deed`."""
    demand_in(PERMISSIONS, by, deed)

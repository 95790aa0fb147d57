"""What is decided once for the whole house: its floors, and which action of this floor answers
which event of the ground floor (the one door that leads up)."""

from collections.abc import Mapping

from bankhub.actions import agreement_succession, holders, posts, standing
from bankhub.model import tables
from passport.db import Database, connect
from passport.events import Door, prepare

FLOORS = ("passport", "bankhub")
TABLE_MODULES = tables.MODULES

DOORS: Mapping[str, Door] = {
    "membership.added": agreement_succession.on_membership,
    "membership.changed": agreement_succession.on_membership,
    "organisation.changed": agreement_succession.on_closing,
    "fact.added": standing.on_fact,
    "person.left": posts.on_left,
    "person.linked": holders.on_linked,
    "person.unlinked": holders.on_unlinked,
    "policy.adopted": standing.on_policy,
}


def open_database(url: str) -> Database:
    """The database at `url`, with the doors between the floors in place."""
    return Database(connect(url), prepare(DOORS))

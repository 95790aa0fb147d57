"""Whose things an actor may touch: the scope of every query."""

from uuid import UUID

from passport.actors import Actor, Via
from passport.errors import NotFound


def own_organisation(by: Actor) -> UUID:
    """The organisation the actor acts in. Raises `NotFound` where it acts in none."""
    if by.organisation_id is None:
        raise NotFound
    return by.organisation_id


def within(by: Actor, organisation_id: UUID) -> UUID:
    """`organisation_id`, if it is the actor's own; the operator may name any.

    Raises `NotFound` otherwise, as for an unknown one.
    """
    if by.via is not Via.OPERATOR and by.organisation_id != organisation_id:
        raise NotFound
    return organisation_id

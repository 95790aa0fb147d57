"""What is decided once for the whole house: its floors, and which action of this floor answers
which event of the ground floor (the one door that leads up)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from bankhub.actions.agreements import agreement_succession
from bankhub.actions.clearances import clearance_doors
from bankhub.actions.deployments import deployment_returns, deployment_turns
from bankhub.actions.finding import standing
from bankhub.actions.people import holders, posts
from bankhub.model import tables
from passport.actors import Actor
from passport.db import Database, connect
from passport.events import Door, Event, prepare

FLOORS = ("passport", "bankhub")
TABLE_MODULES = tables.MODULES


def _each(*doors: Door) -> Door:
    """One door that answers an event with several actions, in this order."""

    def answer(session: Session, event: Event, by: Actor, now: datetime) -> None:
        for door in doors:
            door(session, event, by, now)

    return answer


DOORS: Mapping[str, Door] = {
    "membership.added": agreement_succession.on_membership,
    "membership.changed": agreement_succession.on_membership,
    "organisation.changed": agreement_succession.on_closing,
    "clearance.opened": deployment_turns.on_clearance,
    "clearance.decided": deployment_turns.on_clearance,
    "induction.signed": deployment_returns.on_induction,
    "fact.added": _each(standing.on_fact, clearance_doors.on_fact),
    "person.left": _each(posts.on_left, clearance_doors.on_left, deployment_turns.on_left),
    "person.linked": _each(holders.on_linked, clearance_doors.on_linked),
    "person.unlinked": _each(holders.on_unlinked, clearance_doors.on_linked),
    "policy.adopted": _each(standing.on_policy, clearance_doors.on_policy),
    **dict.fromkeys(clearance_doors.CREDENTIAL_EVENTS, clearance_doors.on_credential),
}


def open_database(
    url: str, *, of_deeds: Callable[[Session], datetime] | None = None
) -> Database:
    """The database at `url`, with the doors between the floors in place.

    Deeds of the ground floor go by the wall clock, what follows up here by the trade's:
    `of_deeds` tells its moment inside a deed; None where both are the same (`clock.of_deeds`).
    """
    if of_deeds is None:
        return Database(connect(url), prepare(DOORS))
    doors = {kind: _by(of_deeds, door) for kind, door in DOORS.items()}
    return Database(connect(url), prepare(doors))


def _by(moment: Callable[[Session], datetime], door: Door) -> Door:
    def answer(session: Session, event: Event, by: Actor, _now: datetime) -> None:
        door(session, event, by, moment(session))

    return answer

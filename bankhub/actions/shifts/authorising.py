"""Authorising several requests at once: each for itself, so that one refusal stops no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.shifts.shift_changes import authorise
from bankhub.model.shifts import Shift
from bankhub.rules.permissions import Deed
from passport.actors import Actor
from passport.errors import Reason, Refused
from passport.events import part

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Authorised:
    """What became of the requests."""

    opened: Sequence[Shift]
    refused: Sequence[tuple[UUID, Sequence[Reason]]]


def authorise_many(
    session: Session, *, shift_ids: Sequence[UUID], by: Actor, now: datetime
) -> Authorised:
    """Allow the spend of each request that the rules let `by` authorise; the rest stay waiting.

    Raises `NotFound` where one is not the organisation's: then none is authorised.
    """
    demand(by, Deed.AUTHORISE_SHIFT)
    opened: list[Shift] = []
    refused: list[tuple[UUID, Sequence[Reason]]] = []
    for shift_id in sorted(set(shift_ids))[:MOST_AT_ONCE]:
        try:
            with part(session):
                opened.append(authorise(session, shift_id=shift_id, by=by, now=now))
        except Refused as problem:
            refused.append((shift_id, problem.reasons))
    return Authorised(opened, refused)

"""Posting a shift: draft → submitted → open (authorised) → filled or withdrawn.

A request for several people becomes single shifts. Authorising writes one `Opening` for each
tier, with the moment at which it opens: from then on nothing has to run for a tier to open.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.shifts.posting import Poster
from bankhub.actions.shifts.shift_drafts import Posted, Preview, ShiftDraft
from bankhub.rules.permissions import Deed
from passport.actors import Actor
from passport.errors import Reason, Refused

__all__ = ["Posted", "Preview", "ShiftDraft", "post", "post_many", "preview"]


def post(
    session: Session, *, draft: ShiftDraft, by: Actor, now: datetime, submit: bool = True
) -> list[Posted]:
    """Post one request; one shift for each person asked for.

    Below the organisation's threshold the request is authorised at once; above it, it waits for
    somebody else. Raises `Refused` with everything that is missing, `NotFound` for another
    organisation's unit.
    """
    posted, refused = post_many(session, drafts=[draft], by=by, now=now, submit=submit)
    if refused:
        raise Refused(refused[0])
    return posted[0]


def preview(session: Session, *, draft: ShiftDraft, by: Actor, now: datetime) -> Preview:
    """What `post` would make of the draft; nothing is written. Raises as `post` does."""
    demand(by, Deed.POST_SHIFT)
    return Poster(session, [draft.unit_id], by, now).preview(draft)


def post_many(
    session: Session,
    *,
    drafts: Sequence[ShiftDraft],
    by: Actor,
    now: datetime,
    submit: bool = True,
) -> tuple[dict[int, list[Posted]], dict[int, list[Reason]]]:
    """Post many requests in a few statements: what was posted and what was refused, by place."""
    demand(by, Deed.POST_SHIFT)
    poster = Poster(session, {draft.unit_id for draft in drafts}, by, now)
    accepted: dict[int, list[Posted]] = {}
    refused: dict[int, list[Reason]] = {}
    for place, draft in enumerate(drafts):
        reasons = poster.take(place, draft, submit=submit)
        if reasons:
            refused[place] = reasons
        else:
            accepted[place] = []
    for place, posted in poster.write():
        accepted[place].append(posted)
    return accepted, refused

""""Do not book": a post may not be booked at a unit, a site or anywhere in the organisation.

Whoever makes it says when it is looked at again. What it says to whom is for the disclosure rule;
why it was made is not kept here.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances.clearance_doors import on_restriction
from bankhub.actions.people.posts import post_of
from bankhub.actions.permission import demand
from bankhub.model.sites import Site, Unit
from bankhub.model.workers import BankPost, BookingRestriction
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import Invalid, NotFound
from passport.events import record


def restrict(
    session: Session,
    *,
    post_id: UUID,
    scope_id: UUID,
    review_on: date,
    by: Actor,
    now: datetime,
    until_at: datetime | None = None,
) -> BookingRestriction:
    """Keep a post from being booked at a unit, a site or the whole of the actor's organisation.

    Live bookings stand: cancelling them is a deed of its own. Raises `NotFound` for another
    organisation's post or place, `Invalid` for a review or an end that has passed.
    """
    demand(by, Deed.RESTRICT)
    post = post_of(session, post_id=post_id, by=by)
    if not _is_here(session, post.organisation_id, scope_id):
        raise NotFound
    _refuse_past(review_on, until_at, now)
    made = BookingRestriction(
        bank_post_id=post.id,
        organisation_id=post.organisation_id,
        scope_id=scope_id,
        from_at=now,
        until_at=until_at,
        review_on=review_on,
        made_by_id=by.account_id,
    )
    session.add(made)
    session.flush()
    _told(session, "restriction.made", made, post.person_id, by, now)
    return made


def _refuse_past(review_on: date, until_at: datetime | None, now: datetime) -> None:
    wrong = {}
    if review_on <= london_day(now):
        wrong["review_on"] = ["must be a day to come"]
    if until_at is not None and until_at <= now:
        wrong["until_at"] = ["has passed"]
    if wrong:
        raise Invalid("restriction_entry", "The restriction cannot be right.", wrong)


def lift(
    session: Session, *, person_id: UUID, restriction_id: UUID, by: Actor, now: datetime
) -> None:
    """End a restriction of the person in the actor's organisation now. Raises `NotFound`."""
    demand(by, Deed.RESTRICT)
    found = session.scalar(
        sa.select(BookingRestriction)
        .join(BankPost, BankPost.id == BookingRestriction.bank_post_id)
        .where(
            BookingRestriction.id == restriction_id,
            BookingRestriction.organisation_id == own_organisation(by),
            BankPost.person_id == person_id,
        )
    )
    if found is None or (found.until_at is not None and found.until_at <= now):
        raise NotFound
    found.until_at = now
    _told(session, "restriction.lifted", found, person_id, by, now)


def restrictions(session: Session, *, by: Actor, now: datetime) -> list[BookingRestriction]:
    """The restrictions of the actor's organisation that hold, the next review first."""
    demand(by, Deed.RESTRICT)
    return list(
        session.scalars(
            sa.select(BookingRestriction)
            .where(
                BookingRestriction.organisation_id == own_organisation(by),
                sa.or_(
                    BookingRestriction.until_at.is_(None), BookingRestriction.until_at > now
                ),
            )
            .order_by(BookingRestriction.review_on)
        )
    )


def _told(
    session: Session, kind: str, restriction: BookingRestriction, person_id: UUID, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    record(
        session,
        kind,
        subject_id=restriction.id,
        organisation_id=restriction.organisation_id,
        by=by,
        now=now,
        post=restriction.bank_post_id,
        scope=restriction.scope_id,
        until_at=restriction.until_at,
        review_on=restriction.review_on,
    )
    on_restriction(session, person_id=person_id, because=kind, by=by, now=now)


def _is_here(session: Session, organisation_id: UUID, scope_id: UUID) -> bool:
    if scope_id == organisation_id:
        return True
    return any(
        session.scalar(
            sa.select(place.id).where(
                place.id == scope_id, place.organisation_id == organisation_id
            )
        )
        for place in (Unit, Site)
    )

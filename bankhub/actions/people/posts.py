"""Bank posts: who belongs to an organisation's bank, as what, and where they may not be booked."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.booking.cancellations import cancel_ahead
from bankhub.actions.finding.standing import note_changed_people
from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.workers import BankPost
from bankhub.rules.eligibility.post_entry import wrong_post
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.changes import Change, set_fields
from passport.actions.people.people import person_of
from passport.actions.tenancy import within
from passport.actors import Actor
from passport.errors import Cure, Invalid, NotFound, Reason, Refused
from passport.events import Event, record
from passport.model.people import Person


class PostFields(TypedDict, total=False):
    """What is stated of a post; what is not stated stays as it is."""

    staff_group: StaffGroup
    role: str
    grade: Grade
    pay_point: str
    entitlements: list[list[str]]
    """Further [role, grade] pairs it may be booked as."""
    terms: str
    starts_on: date
    ends_on: date | None


_BLANK: Mapping[str, Any] = {"pay_point": "", "entitlements": [], "terms": "", "ends_on": None}
LEFT = "Left the organisation."
_NEEDED = ("staff_group", "role", "grade", "starts_on")


def make_post(
    session: Session,
    *,
    person_id: UUID,
    assignment_number: str,
    fields: PostFields,
    by: Actor,
    now: datetime,
) -> BankPost:
    """Make a person of the actor's organisation a member of its bank.

    Raises `Invalid` for what cannot be, `Refused` where the assignment number is taken or the
    person has left.
    """
    demand(by, Deed.EDIT_POSTS)
    person = person_of(session, person_id=person_id, by=by)
    values = {**_BLANK, **fields, "assignment_number": assignment_number}
    missing = {name: ["is missing"] for name in _NEEDED if name not in values}
    if missing:
        raise Invalid("post_entry", "The post is not complete.", missing)
    _refuse_wrong(values)
    if person.left_at is not None:
        raise Refused([_left(person)])
    if post_by_number(session, person.organisation_id, assignment_number) is not None:
        text = f"The assignment number {assignment_number} is taken."
        raise Refused([Reason("assignment_taken", {"number": assignment_number}, text=text)])
    post = BankPost(organisation_id=person.organisation_id, person_id=person.id, **values)
    session.add(post)
    session.flush()
    _told(session, "post.made", post, {name: values[name] for name in _NEEDED}, by, now)
    return post


def correct_post(
    session: Session, *, post_id: UUID, fields: PostFields, by: Actor, now: datetime
) -> Change:
    """Correct what is stated of a post. Raises `Invalid` and `NotFound`."""
    demand(by, Deed.EDIT_POSTS)
    post = post_of(session, post_id=post_id, by=by)
    on_record = {name: getattr(post, name) for name in (*_NEEDED, *_BLANK, "assignment_number")}
    values: dict[str, Any] = dict(fields)
    _refuse_wrong({**on_record, **values})
    changed = set_fields(post, values)
    if not changed:
        return Change.UNCHANGED
    _told(session, "post.changed", post, changed, by, now)
    return Change.CHANGED


def end_post(
    session: Session, *, post_id: UUID, ends_on: date, by: Actor, now: datetime
) -> Change:
    """Say which day is the post's last."""
    return correct_post(session, post_id=post_id, fields={"ends_on": ends_on}, by=by, now=now)


def on_left(session: Session, event: Event, by: Actor, now: datetime) -> None:
    """Somebody left: what they had booked there is undone, so that the places open again, and
    their posts end with the day. Called by `person.left`."""
    cancel_ahead(session, person_id=event.subject_id, because=LEFT, by=by, now=now)
    today = london_day(now)
    open_posts = session.scalars(
        sa.select(BankPost).where(
            BankPost.person_id == event.subject_id,
            sa.or_(BankPost.ends_on.is_(None), BankPost.ends_on > today),
        )
    ).all()
    for post in open_posts:
        changed = set_fields(post, {"ends_on": max(today, post.starts_on)})
        _told(session, "post.changed", post, changed, by, now)
    note_changed_people(session, person_ids=[event.subject_id], now=now)


def post_of(session: Session, *, post_id: UUID, by: Actor) -> BankPost:
    """A post of the actor's organisation's bank (the operator: of any). Raises `NotFound`."""
    found = session.get(BankPost, post_id)
    if found is None:
        raise NotFound
    within(by, found.organisation_id)
    return found


def post_by_number(session: Session, organisation_id: UUID, number: str) -> BankPost | None:
    """The organisation's post with this assignment number."""
    return session.scalar(
        sa.select(BankPost).where(
            BankPost.organisation_id == organisation_id, BankPost.assignment_number == number
        )
    )


def posts_of(session: Session, *, person_id: UUID, by: Actor) -> list[BankPost]:
    """A person's posts with the actor's organisation, the earliest first. Raises `NotFound`."""
    demand(by, Deed.READ_POSTS)
    person = person_of(session, person_id=person_id, by=by)
    return list(
        session.scalars(
            sa.select(BankPost)
            .where(BankPost.person_id == person.id)
            .order_by(BankPost.starts_on, BankPost.id)
        )
    )


def _refuse_wrong(values: Mapping[str, Any]) -> None:
    if wrong := wrong_post(values, reference.roles()):
        raise Invalid("post_entry", "The post cannot be right.", wrong)


def _left(person: Person) -> Reason:
    return Reason(
        "has_left",
        {"left_at": person.left_at.isoformat() if person.left_at else None},
        Cure("If they are back, take them back on record first"),
        text="This person has left the organisation.",
    )


def _told(
    session: Session,
    kind: str,
    post: BankPost,
    changed: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> None:
    record(
        session,
        kind,
        subject_id=post.id,
        organisation_id=post.organisation_id,
        by=by,
        now=now,
        person_id=post.person_id,
        assignment_number=post.assignment_number,
        changed=changed,
    )
    note_changed_people(session, person_ids=[post.person_id], now=now)

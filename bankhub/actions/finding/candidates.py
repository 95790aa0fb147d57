"""Who could work this shift: ranked for the bank office that rings round, and what came of it.

Own bank before fallback grade before partner banks; inside each by `candidate_pool`. The rules are
asked about everybody before they are listed, and the office reads of a reason what `disclosure`
lets it read. A partner's people are those whom the host has cleared. They have no name and no
number here until somebody looks at one, which is written down (`partner_people`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.candidate_walk import Place, Walk, Weighed, read_place
from bankhub.actions.finding.looking import SeenShift, look
from bankhub.actions.finding.one_candidate import OWN
from bankhub.actions.partners.partner_people import NOTHING, given, holder_known_here
from bankhub.actions.permission import demand
from bankhub.model.bookings import Booking, ContactAttempt
from bankhub.model.vocabulary import BookingState, Grade, Tier
from bankhub.model.workers import BankPost
from bankhub.rules.eligibility.disclosure import ShownReason, Viewer, shown_all
from bankhub.rules.permissions import Deed
from passport.actors import Actor
from passport.errors import NotFound
from passport.events import record
from passport.model.accounts import Account
from passport.model.organisations import Organisation
from passport.model.people import Person

MOST_SHOWN = 100
MOST_EXAMINED = 200
"""People the rules are asked about for one page; a page that ends early has a next one."""


class Answer(StrEnum):
    """What came of a call."""

    AGREED = "agreed"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    CALL_BACK = "call_back"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call about this shift that is on record."""

    at: datetime
    answer: Answer
    by_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who could work the shift, or, asked for, who cannot and why."""

    person_id: UUID
    bank_post_id: UUID
    name: str | None
    """None = a partner's person whom the actor did not look at today."""
    organisation_id: UUID
    organisation_name: str
    """Whose bank they belong to."""
    tier: Tier
    grade: Grade
    """At which they would be booked."""
    exact: bool
    """Their post's own role and grade, not an entitlement."""
    worked_here: bool
    """On this unit in the last six months."""
    week_minutes: int
    """Booked here in the week of the shift."""
    last_shift_at: datetime | None
    """Start of their latest shift here."""
    phone: str | None
    """Only of people who allow to be rung about shifts; of a partner's, once looked at and where
    the agreement gives it."""
    reasons: tuple[ShownReason, ...]
    """Why not, and notes on what is not known, as the office may read them."""
    applied: bool
    looked: bool
    """Of the own bank, or looked at by the actor today."""
    attempts: tuple[Attempt, ...]
    """Newest first."""


@dataclass(frozen=True, slots=True)
class CandidatePage:
    """People by rank."""

    people: tuple[Candidate, ...]
    after: str | None
    """Cursor of the next page; None = there is nobody further."""


def candidates(
    session: Session,
    *,
    shift_id: UUID,
    by: Actor,
    now: datetime,
    unavailable: bool = False,
    partners: bool = False,
    limit: int = 20,
    after: str | None = None,
) -> CandidatePage:
    """The next people by rank who may be booked on the shift now.

    With `partners` only partners' people; with `unavailable` instead those of the own bank who may
    not, with what the office may read of why. `NotFound` for another organisation's shift;
    `Invalid` for a made-up cursor.
    """
    seen = _own(session, shift_id, by, Deed.SEE_CANDIDATES)
    walk = Walk(session, seen, now, unavailable=unavailable, partners=partners)
    start = read_place(after) if after else Place(0, None, 0, None)
    limit = min(max(limit, 1), MOST_SHOWN)
    kept: list[Weighed] = []
    ended = None
    everybody = walk.people(start, chunk=limit + 5)
    for examined, (place, weighed) in enumerate(everybody, start=1):
        if weighed.is_barred == unavailable:
            kept.append(weighed)
        if len(kept) >= limit or examined >= MOST_EXAMINED:
            ended = place.text()
            break
    return CandidatePage(tuple(_shown(session, seen, kept, by, now)), ended)


def record_contact(
    session: Session,
    *,
    shift_id: UUID,
    person_id: UUID,
    answer: Answer,
    by: Actor,
    now: datetime,
) -> ContactAttempt:
    """Put on record that somebody of the own bank, or a partner's person who is cleared here, was
    rung about a shift, and what they said."""
    seen = _own(session, shift_id, by, Deed.RECORD_CONTACT)
    holder_known_here(session, person_id, by)
    if session.scalar(sa.select(BankPost.id).where(BankPost.person_id == person_id)) is None:
        raise NotFound
    attempt = ContactAttempt(
        organisation_id=seen.facts.organisation_id,
        shift_id=shift_id,
        person_id=person_id,
        at=now,
        by_id=by.account_id,
        answer=answer.value,
    )
    session.add(attempt)
    record(
        session,
        "candidate.contacted",
        subject_id=shift_id,
        organisation_id=seen.facts.organisation_id,
        by=by,
        now=now,
        person_id=person_id,
        answer=answer.value,
    )
    return attempt


def _own(session: Session, shift_id: UUID, by: Actor, deed: Deed) -> SeenShift:
    demand(by, deed)
    seen = look(session, shift_id)
    if seen.facts.organisation_id != by.organisation_id:
        raise NotFound
    return seen


def _shown(
    session: Session, seen: SeenShift, kept: Sequence[Weighed], by: Actor, now: datetime
) -> Iterator[Candidate]:
    if not kept:
        return
    ids = [weighed.one.person_id for weighed in kept]
    people = {row.id: row for row in session.execute(_names(ids))}
    theirs = [one for one in ids if people[one].organisation_id != by.organisation_id]
    gives = given(session, theirs, by=by, now=now) if theirs else {}
    attempts = _attempts(session, seen.facts.id, ids)
    applied = _applied(session, seen.facts.id)
    for weighed in kept:
        one, who = weighed.one, people[weighed.one.person_id]
        own = who.organisation_id == by.organisation_id
        reads = OWN if own else gives.get(who.id, NOTHING)
        may_call = reads.phone and who.may_call and bool(who.mobile)
        viewer = Viewer.OWN_COORDINATOR if own else Viewer.HOST
        yield Candidate(
            person_id=one.person_id,
            bank_post_id=one.bank_post_id,
            name=f"{who.given_name} {who.family_name}" if reads.name else None,
            organisation_id=who.organisation_id,
            organisation_name=who.organisation_name,
            tier=weighed.stage.tier,
            grade=weighed.stage.grade,
            exact=one.exact,
            worked_here=one.worked_here,
            week_minutes=one.week_minutes,
            last_shift_at=one.last_shift_at,
            phone=who.mobile if may_call else None,
            reasons=tuple(shown_all(weighed.reasons, viewer)),
            applied=one.holder_id in applied,
            looked=own or who.id in gives,
            attempts=tuple(attempts.get(one.person_id, ())),
        )


def _names(person_ids: Iterable[UUID]) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Person.id,
            Person.given_name,
            Person.family_name,
            Person.mobile,
            Person.may_call,
            Person.organisation_id,
            Organisation.name.label("organisation_name"),
        )
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.id.in_(person_ids))
    )


def _attempts(
    session: Session, shift_id: UUID, person_ids: Iterable[UUID]
) -> dict[UUID, list[Attempt]]:
    rows: Any = session.execute(
        sa.select(
            ContactAttempt.person_id,
            ContactAttempt.at,
            ContactAttempt.answer,
            Account.display_name,
            Account.email,
        )
        .outerjoin(Account, Account.id == ContactAttempt.by_id)
        .where(ContactAttempt.shift_id == shift_id, ContactAttempt.person_id.in_(person_ids))
        .order_by(ContactAttempt.at.desc())
    )
    found: dict[UUID, list[Attempt]] = defaultdict(list)
    for person_id, at, answer, name, email in rows:
        found[person_id].append(Attempt(at, Answer(answer), name or email or "operator"))
    return found


def _applied(session: Session, shift_id: UUID) -> set[UUID | None]:
    return set(
        session.scalars(
            sa.select(Booking.holder_id).where(
                Booking.shift_id == shift_id, Booking.state == BookingState.APPLIED
            )
        )
    )

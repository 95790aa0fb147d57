"""Filling the rules' `WorkerFacts` from the database: one worker under a lock, or many at once.

Posts and facts are those of the organisation whose shift it is, or of the home organisation of a
partner's person, with what the host knows of them beside it: clearances, and where they are not to
be booked, although they left its own bank. Busy time is
read over every record of the human, across all organisations. That is the one named exception to
tenancy: only the working-time rules see it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from bankhub.actions.partners.clearance_lookup import clearances_for
from bankhub.model.hours import Hours, RosterKnown
from bankhub.model.values import BusyTime, ClearanceValue, MainJob, PostFacts, WorkerFacts
from bankhub.model.vocabulary import Grade, HoursKind, StaffGroup
from bankhub.model.workers import BankPost, BookingRestriction
from passport.batch import Prepared
from passport.model.facts import Fact, FactKind, FactValue
from passport.model.people import Person

AROUND = timedelta(weeks=28)
"""How far to either side of a shift the ledger is read: more than the longest reference period
of the working-time policy (26 weeks)."""

_OF_POST = 9
"""How many columns of a row of `_posts` are the post's own."""

Rows = Iterable[Sequence[Any]]
Who = sa.ColumnElement[bool]
Read = sa.Select[*tuple[Any, ...]]


_Filed = aliased(Person)
"""The record under which a roster is known: any of the human's, in any organisation."""


_HOLDS = sa.and_(
    BookingRestriction.from_at <= sa.bindparam("now"),
    sa.or_(
        BookingRestriction.until_at.is_(None),
        BookingRestriction.until_at > sa.bindparam("now"),
    ),
)
"""A restriction that holds now."""


def _posts(who: Who, organisation: Who) -> Read:
    """Posts with what bars them and what is known of the human's main job: a row for each of
    those beside each post."""
    known = sa.join(RosterKnown, _Filed, _Filed.id == RosterKnown.person_id)
    bars = sa.and_(BookingRestriction.bank_post_id == BankPost.id, _HOLDS)
    return (
        sa.select(
            Person.holder_id,
            Person.id,
            Person.date_of_birth,
            RosterKnown.known_until,
            RosterKnown.as_at,
            BookingRestriction.scope_id,
            BankPost.id,
            BankPost.organisation_id,
            BankPost.staff_group,
            BankPost.role,
            BankPost.grade,
            BankPost.entitlements,
            BankPost.terms,
            BankPost.starts_on,
            BankPost.ends_on,
            RosterKnown.known_from,
        )
        .join(Person, Person.id == BankPost.person_id)
        .outerjoin(known, _Filed.holder_id == Person.holder_id)
        .outerjoin(BookingRestriction, bars)
        .where(who, organisation, Person.left_at.is_(None))
        .order_by(BankPost.id)
    )


def _facts(who: Who, organisation: Who) -> Read:
    return (
        sa.select(
            Person.holder_id,
            Fact.kind,
            Fact.value,
            Fact.awarded_on,
            Fact.valid_from,
            Fact.valid_until,
            Fact.source,
            Fact.checked_at,
            Fact.checked_by_id,
        )
        .join(Person, Person.id == Fact.person_id)
        .where(
            who,
            sa.or_(organisation, Fact.kind == FactKind.MAIN_JOB),
            Fact.superseded_by_id.is_(None),
        )
    )


def _busy(who: Who) -> Read:
    return (
        sa.select(
            Hours.holder_id,
            Hours.starts_at,
            Hours.ends_at,
            Hours.minutes,
            Hours.kind,
            Hours.booking_id,
            Hours.all_day,
        )
        .where(
            who,
            Hours.ends_at > sa.bindparam("busy_from"),
            Hours.starts_at < sa.bindparam("busy_to"),
        )
        .order_by(Hours.starts_at)
    )


_ONE = Person.holder_id == sa.bindparam("holder_id")
_POST_HERE = BankPost.organisation_id == sa.bindparam("organisation_id")
_RECORD_HERE = Person.organisation_id == sa.bindparam("organisation_id")


def _barred(who: Who) -> Read:
    """Every place a human is not to be booked at, over all their records: whoever leaves a bank
    does not leave this behind."""
    return (
        sa.select(Person.holder_id, BookingRestriction.scope_id)
        .join(BankPost, BankPost.person_id == Person.id)
        .join(BookingRestriction, BookingRestriction.bank_post_id == BankPost.id)
        .where(who, _HOLDS)
    )


BARRED = Prepared(_barred(_ONE))
"""Where one human is not to be booked, read with the clearances of whoever comes from elsewhere."""

LOCK_WORKER = Prepared(
    sa.select(Person.id)
    .where(Person.id == sa.bindparam("holder_id"))
    .with_for_update(key_share=True)
)
"""The lock that every deed spanning a person's hours takes first, before the shift's."""

ONE_WORKER = (
    Prepared(_posts(_ONE, _POST_HERE)),
    Prepared(_facts(_ONE, _RECORD_HERE)),
    Prepared(_busy(Hours.holder_id == sa.bindparam("holder_id"))),
)
"""The three reads that make one worker's facts, in the order `assemble` takes them."""


@dataclass(frozen=True, slots=True)
class LoadedWorker:
    """One human's facts for one organisation, and the record each post is filed under."""

    facts: WorkerFacts
    person_of_post: Mapping[UUID, UUID]

    def at_host(
        self, clearances: Iterable[ClearanceValue], barred: Iterable[UUID] = ()
    ) -> "LoadedWorker":
        """As somebody of a partner, with what the host knows of them: its clearances, and where
        they are not to be booked."""
        facts = replace(
            self.facts, clearances=tuple(clearances), barred_from=frozenset(barred)
        )
        return replace(self, facts=facts)


def one_worker_values(
    *, holder_id: UUID, organisation_id: UUID, starts_at: datetime, now: datetime
) -> dict[str, Any]:
    """Parameters for `ONE_WORKER` around a shift's start."""
    return {
        "holder_id": holder_id,
        "organisation_id": organisation_id,
        "busy_from": starts_at - AROUND,
        "busy_to": starts_at + AROUND,
        "now": now,
    }


def load_workers(
    session: Session,
    *,
    holder_ids: Iterable[UUID],
    organisation_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    host_id: UUID | None = None,
) -> dict[UUID, LoadedWorker]:
    """The facts of many humans for shifts of one organisation between two moments; as people of
    `organisation_id` for shifts of a host, where one is named."""
    wanted = list(dict.fromkeys(holder_ids))
    if not wanted:
        return {}
    who = Person.holder_id.in_(wanted)
    values = {
        "organisation_id": organisation_id,
        "busy_from": starts_at - AROUND,
        "busy_to": ends_at + AROUND,
        "now": now,
    }
    reads = (
        _posts(who, _POST_HERE),
        _facts(who, _RECORD_HERE),
        _busy(Hours.holder_id.in_(wanted)),
    )
    rows = [[tuple(row) for row in session.execute(read, values)] for read in reads]
    loaded = assemble(*rows)
    if host_id is None:
        return loaded
    cleared = clearances_for(session, holder_ids=wanted, host_id=host_id)
    barred: dict[UUID, set[UUID]] = defaultdict(set)
    for holder_id, scope_id in session.execute(_barred(who), {"now": now}):
        barred[holder_id].add(scope_id)
    return {
        holder_id: one.at_host(cleared.get(holder_id, ()), barred.get(holder_id, ()))
        for holder_id, one in loaded.items()
    }


def assemble(posts: Rows, facts: Rows, busy: Rows) -> dict[UUID, LoadedWorker]:
    """`LoadedWorker` by holder, for each holder with at least one post."""
    facts_of: dict[UUID, list[FactValue]] = defaultdict(list)
    for holder, kind, *rest in facts:
        facts_of[holder].append(FactValue(FactKind(kind), *rest))
    busy_of: dict[UUID, list[BusyTime]] = defaultdict(list)
    for holder, starts_at, ends_at, minutes, kind, booking_id, all_day in busy:
        busy_of[holder].append(
            BusyTime(starts_at, ends_at, minutes, HoursKind(kind), booking_id, all_day)
        )
    held_by: dict[UUID, dict[UUID, Sequence[Any]]] = defaultdict(dict)
    people: dict[UUID, dict[UUID, UUID]] = defaultdict(dict)
    barred: dict[UUID, set[UUID]] = defaultdict(set)
    born: dict[UUID, Any] = {}
    known_of: dict[UUID, set[tuple[Any, ...]]] = defaultdict(set)
    for holder, person_id, born_on, known_until, as_at, scope_id, *post in posts:
        held_by[holder][post[0]] = post
        people[holder][post[0]] = person_id
        born[holder] = born_on
        if known_until is not None:
            known_of[holder].add((known_until, as_at, *post[_OF_POST:]))
        if scope_id is not None:
            barred[post[0]].add(scope_id)
    return {
        holder: LoadedWorker(
            WorkerFacts(
                person_id=holder,
                date_of_birth=born[holder],
                posts=tuple(_post(post, barred) for post in held.values()),
                facts=tuple(facts_of[holder]),
                busy=tuple(busy_of[holder]),
                main_job=_main_job(facts_of[holder], known_of[holder]),
            ),
            people[holder],
        )
        for holder, held in held_by.items()
    }


def _post(row: Sequence[Any], barred: Mapping[UUID, set[UUID]]) -> PostFacts:
    of_post = row[:_OF_POST]
    post_id, organisation_id, staff_group, role, grade, entitlements, terms, starts, ends = of_post
    own = (role, Grade(grade))
    return PostFacts(
        id=post_id,
        organisation_id=organisation_id,
        staff_group=StaffGroup(staff_group),
        role=role,
        grade=own[1],
        starts_on=starts,
        ends_on=ends,
        entitlements=frozenset({own, *((r, Grade(g)) for r, g in entitlements)}),
        terms=terms,
        restricted_units=frozenset(barred.get(post_id, ())),
    )


def _main_job(facts: Sequence[FactValue], known: Collection[tuple[Any, ...]]) -> MainJob | None:
    """Where rosters of several records are known nobody can tell which is the main job's: what
    is known is what all of them know."""
    declared = next((fact for fact in facts if fact.kind is FactKind.MAIN_JOB), None)
    if declared is None and not known:
        return None
    hours = declared.value.get("contracted_hours") if declared else None
    until, as_at, *known_from = zip(*known, strict=True) if known else ((), ())
    return MainJob(
        known_until=min(until, default=None),
        as_at=min(as_at, default=None),
        known_from=max(known_from[0]) if known_from else None,
        contracted_minutes_per_week=round(float(hours) * 60) if hours else None,
    )

"""What each post may be booked as, and until when its papers can hold: the rows search probes.

`BookableAs` is derived: it is rebuilt in the transaction that changes a fact, a post or a policy,
and every night. It only narrows; whoever is found by it is asked about by the rules again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event as sa_event
from sqlalchemy.orm import Session

from bankhub.actions.settings.policies import PolicyBook, policy_books
from bankhub.model import reference
from bankhub.model.policies import PolicyKind
from bankhub.model.values import PostFacts
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.work_policy import EligibilityPolicy
from bankhub.model.workers import BankPost, BookableAs
from bankhub.rules.eligibility.held_until import NO_END, held_until
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.events import Event
from passport.model.facts import Fact, FactKind, FactValue
from passport.model.people import Person

PAGE = 500
"""People rebuilt together: what a rebuild holds in memory, whatever the organisation's size."""

_PAPERS = (
    FactKind.REGISTRATION,
    FactKind.TRAINING,
    FactKind.DBS,
    FactKind.RIGHT_TO_WORK,
    FactKind.PERFORMERS_LIST,
    FactKind.INDEMNITY,
)
_PENDING = "standing"

Period = tuple[date, date, EligibilityPolicy]
"""From a day to a day, the policy that holds."""
Row = dict[str, Any]


def rebuild_standing(
    session: Session,
    *,
    now: datetime,
    person_ids: Iterable[UUID] = (),
    post_ids: Iterable[UUID] = (),
    organisation_id: UUID | None = None,
) -> None:
    """Rebuild what these people, these posts' holders, or all of an organisation may be booked as.

    All records of a human are rebuilt together. Locks each worker until the transaction ends:
    for a large organisation call `rebuild_page` in one transaction after another instead.
    """
    people, posts = list(person_ids), list(post_ids)
    for some in _pages(people):
        _rebuild(session, _holders(session, Person.id.in_(some)), now)
    for some in _pages(posts):
        held = sa.select(BankPost.person_id).where(BankPost.id.in_(some))
        _rebuild(session, _holders(session, Person.id.in_(held)), now)
    after = None
    while organisation_id is not None:
        after = rebuild_page(session, organisation_id=organisation_id, after=after, now=now)
        if after is None:
            return


def rebuild_page(
    session: Session, *, organisation_id: UUID, after: UUID | None, now: datetime
) -> UUID | None:
    """Rebuild the next people of an organisation; where to go on, None at the end."""
    holders = (
        sa.select(Person.holder_id)
        .distinct()
        .join(BankPost, BankPost.person_id == Person.id)
        .where(BankPost.organisation_id == organisation_id)
        .order_by(Person.holder_id)
        .limit(PAGE)
    )
    if after is not None:
        holders = holders.where(Person.holder_id > after)
    found = list(session.scalars(holders))
    _rebuild(session, found, now)
    return found[-1] if len(found) == PAGE else None


def note_changed_people(session: Session, *, person_ids: Iterable[UUID], now: datetime) -> None:
    """Have these people rebuilt once, just before the transaction commits.

    For deeds that change many facts or posts of a person one by one.
    """
    pending = session.info.get(_PENDING)
    if pending is None:
        pending = session.info[_PENDING] = {}
        sa_event.listen(session, "before_commit", _settle)
    pending.update(dict.fromkeys(person_ids, now))


def on_fact(session: Session, entry: Event, by: Actor, now: datetime) -> None:
    """The door for facts that were added; each names those it supersedes."""
    note_changed_people(session, person_ids=[entry.subject_id], now=now)


def on_policy(session: Session, entry: Event, by: Actor, now: datetime) -> None:
    """A requirement that was adopted changes until when papers are enough."""
    organisation_id = entry.organisation_id
    if entry.detail["policy"] == PolicyKind.REQUIREMENTS and organisation_id is not None:
        session.flush()
        rebuild_standing(session, organisation_id=organisation_id, now=now)


def _settle(session: Session) -> None:
    """Runs before every commit; a savepoint's end is not one yet."""
    pending = session.info.get(_PENDING)
    if pending and not session.in_nested_transaction():
        people, now = list(pending), max(pending.values())
        pending.clear()
        rebuild_standing(session, person_ids=people, now=now)


def _pages(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]


def _holders(session: Session, records: sa.ColumnElement[bool]) -> list[UUID]:
    return list(session.scalars(sa.select(Person.holder_id).distinct().where(records)))


def _rebuild(session: Session, holders: Sequence[UUID], now: datetime) -> None:
    """Write what differs, under the workers' locks: two who change one person's facts at once
    must not each rebuild without the other's."""
    if not holders:
        return
    session.execute(
        sa.select(Person.id)
        .where(Person.id.in_(holders))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    ).all()
    posts = session.execute(_posts(holders)).all()
    current = [post for post in posts if post.left_at is None]
    facts = _facts(session, holders) if current else {}
    books = policy_books(session, {post.organisation_id for post in current})
    today = london_day(now)
    periods = {one: _Periods(book, today) for one, book in books.items()}
    wanted: dict[UUID, list[Row]] = {post.id: [] for post in posts}
    for post in current:
        papers = facts.get((post.holder_id, post.organisation_id), ())
        wanted[post.id] = list(_rows(post, papers, periods[post.organisation_id]))
    _write(session, wanted)


def _posts(holders: Sequence[UUID]) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            BankPost.id,
            BankPost.organisation_id,
            BankPost.person_id,
            BankPost.staff_group,
            BankPost.role,
            BankPost.grade,
            BankPost.entitlements,
            BankPost.starts_on,
            BankPost.ends_on,
            Person.holder_id,
            Person.left_at,
        )
        .join(Person, Person.id == BankPost.person_id)
        .where(Person.holder_id.in_(holders))
    )


def _facts(
    session: Session, holders: Sequence[UUID]
) -> Mapping[tuple[UUID, UUID], list[FactValue]]:
    """By human and by the organisation whose record it is, as `worker_facts` reads them."""
    found = session.execute(
        sa.select(
            Person.holder_id,
            Person.organisation_id,
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
            Person.holder_id.in_(holders),
            Fact.kind.in_(_PAPERS),
            Fact.superseded_by_id.is_(None),
        )
    )
    facts: dict[tuple[UUID, UUID], list[FactValue]] = defaultdict(list)
    for holder_id, organisation_id, *rest in found:
        facts[holder_id, organisation_id].append(FactValue(*rest))
    return facts


class _Periods:
    """The requirements of one organisation from today on, as they are known to change."""

    def __init__(self, book: PolicyBook, today: date) -> None:
        self.today = today
        self._book = book
        self._known: dict[StaffGroup, list[Period]] = {}

    def of(self, role: str) -> list[Period]:
        """Each period with its policy; an unknown or unpaid role has none."""
        known = reference.roles().get(role)
        if known is None or known.volunteer:
            return []
        group = known.staff_group
        if group not in self._known:
            versions = self._book.versions(PolicyKind.REQUIREMENTS)
            changes = {one.from_on for one in versions if one.from_on > self.today}
            days = [self.today, *sorted(changes), NO_END]
            self._known[group] = [
                (first, until, self._book.eligibility(group, first))
                for first, until in pairwise(days)
            ]
        return self._known[group]


def _rows(post: Any, papers: Sequence[FactValue], periods: _Periods) -> Iterator[Row]:
    own = (post.role, Grade(post.grade))
    facts = PostFacts(
        post.id,
        post.organisation_id,
        post.staff_group,
        post.role,
        own[1],
        post.starts_on,
        post.ends_on,
    )
    for role, grade in {own, *((role, Grade(grade)) for role, grade in post.entitlements)}:
        yield {
            "bank_post_id": post.id,
            "role": role,
            "grade": grade,
            "organisation_id": post.organisation_id,
            "person_id": post.person_id,
            "holder_id": post.holder_id,
            "exact": (role, grade) == own,
            "valid_until": _valid_until(facts, papers, role, periods),
        }


def _valid_until(
    post: PostFacts, papers: Sequence[FactValue], role: str, periods: _Periods
) -> date | None:
    """The latest day under any policy that holds or is known to hold later."""
    bounds = [
        bound if until is NO_END else min(bound, until - timedelta(days=1))
        for first, until, policy in periods.of(role)
        if (bound := held_until(post, papers, role=role, policy=policy, today=first)) is not None
    ]
    return max(bounds, default=None)


def _write(session: Session, wanted: Mapping[UUID, list[Row]]) -> None:
    table = BookableAs.__table__
    columns = [column.name for column in table.columns]
    there: dict[UUID, list[Row]] = defaultdict(list)
    for row in session.execute(
        sa.select(table).where(BookableAs.bank_post_id.in_(list(wanted)))
    ):
        there[row.bank_post_id].append(dict(zip(columns, row, strict=True)))
    changed = [post for post, rows in wanted.items() if _set_of(rows) != _set_of(there[post])]
    if not changed:
        return
    session.execute(sa.delete(BookableAs).where(BookableAs.bank_post_id.in_(changed)))
    fresh = [row for post in changed for row in wanted[post]]
    if fresh:
        session.execute(sa.insert(BookableAs), fresh)


def _set_of(rows: Iterable[Row]) -> set[tuple[Any, ...]]:
    return {tuple(sorted(row.items())) for row in rows}

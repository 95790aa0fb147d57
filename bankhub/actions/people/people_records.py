"""The personnel office's view of people: who is on record, and one person with all that is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.people.import_mappings import PEOPLE, mapping_of
from bankhub.actions.people.posts import post_of, posts_of
from bankhub.actions.permission import demand
from bankhub.model.sites import Site, Unit
from bankhub.model.workers import BankPost, BookingRestriction
from bankhub.rules.permissions import Deed
from passport.actions.people.disputes import disputed_people
from passport.actions.people.evidence import facts_of
from passport.actions.people.people import person_of
from passport.actions.permission import demand as demand_below
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import NotFound
from passport.model.accounts import Account, RoleGrant
from passport.model.facts import Fact
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.permissions import Deed as DeedBelow

PAGE = 50

Place = tuple[str, str, UUID]
"""Where a list of people goes on: family name, given name, id."""


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A person with their posts; `disputed` = a registration number somebody should look at."""

    person: Person
    posts: tuple[BankPost, ...]
    disputed: bool
    account_id: UUID | None
    """The account that holds a role here under the address on record."""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Everything the actor's organisation has on record of one person."""

    person: Person
    posts: tuple[BankPost, ...]
    facts: tuple[Fact, ...]
    disputed: tuple[str, ...]
    """Registration numbers that somebody else is on record with, too."""
    restrictions: Mapping[UUID, Sequence[tuple[BookingRestriction, str]]]
    """By post, for those who may see them: what keeps it from being booked, and where."""
    account_id: UUID | None


def listed_people(
    session: Session,
    *,
    by: Actor,
    deed: DeedBelow = DeedBelow.READ_PEOPLE,
    search: str = "",
    left: bool = False,
    with_email: bool = False,
    after: Place | None = None,
    limit: int = PAGE,
) -> list[ListedPerson]:
    """People of the actor's organisation by name, page by page; `left`: those who have left.

    `deed` is what the list is for. Every word of `search` begins a name or an assignment number.
    """
    demand_below(by, deed)
    demand(by, Deed.READ_POSTS)
    here = own_organisation(by)
    order = (Person.family_name, Person.given_name, Person.id)
    statement = sa.select(Person).where(
        Person.organisation_id == here,
        Person.left_at.is_not(None) if left else Person.left_at.is_(None),
        *(_begins(word, here) for word in search.split()),
    )
    if with_email:
        statement = statement.where(Person.email.is_not(None))
    if after is not None:
        statement = statement.where(sa.tuple_(*order) > sa.tuple_(*after))
    found = session.scalars(statement.order_by(*order).limit(limit)).all()
    return _listed(session, found, by)


def _begins(word: str, here: UUID) -> sa.ColumnElement[bool]:
    begins = word.lower()
    numbered = sa.select(BankPost.person_id).where(
        BankPost.organisation_id == here,
        BankPost.assignment_number.startswith(word.upper(), autoescape=True),
    )
    return sa.or_(
        sa.func.lower(Person.family_name).startswith(begins, autoescape=True),
        sa.func.lower(Person.given_name).startswith(begins, autoescape=True),
        Person.id.in_(numbered),
    )


def _listed(session: Session, people: Sequence[Person], by: Actor) -> list[ListedPerson]:
    posts: dict[UUID, list[BankPost]] = {}
    for post in session.scalars(
        sa.select(BankPost)
        .where(BankPost.person_id.in_([person.id for person in people]))
        .order_by(BankPost.starts_on, BankPost.id)
    ):
        posts.setdefault(post.person_id, []).append(post)
    flagged = {person.id for person, _ in disputed_people(session, by=by)}
    accounts = _accounts(session, people, by)
    return [
        ListedPerson(
            person,
            tuple(posts.get(person.id, ())),
            person.id in flagged,
            accounts.get(person.id),
        )
        for person in people
    ]


def _accounts(session: Session, people: Iterable[Person], by: Actor) -> dict[UUID, UUID]:
    """Person → account with a role in the actor's organisation: theirs, or one under the address
    on record. Accounts that only other organisations let in are not looked at: their existence is
    none of ours."""
    wanted = list(people)
    found = session.execute(
        sa.select(Account.email, Account.person_id, Account.id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            sa.or_(
                Account.email.in_([person.email for person in wanted if person.email]),
                Account.person_id.in_([person.holder_id for person in wanted]),
            ),
            Account.closed_at.is_(None),
            RoleGrant.organisation_id == own_organisation(by),
            RoleGrant.ended_at.is_(None),
        )
    ).all()
    by_address = {email: account_id for email, _, account_id in found}
    by_holder = {holder_id: account_id for _, holder_id, account_id in found}
    known = {
        person.id: by_holder.get(person.holder_id) or by_address.get(person.email or "")
        for person in wanted
    }
    return {person_id: account_id for person_id, account_id in known.items() if account_id}


def record_of(
    session: Session, *, person_id: UUID, by: Actor, now: datetime, with_restrictions: bool
) -> PersonRecord:
    """One person of the actor's organisation. Raises `NotFound` for another's."""
    demand_below(by, DeedBelow.READ_PEOPLE)
    person = person_of(session, person_id=person_id, by=by)
    posts = posts_of(session, person_id=person.id, by=by)
    held = _restrictions(session, posts, by, now) if with_restrictions else {}
    return PersonRecord(
        person=person,
        posts=tuple(posts),
        facts=tuple(facts_of(session, person_id=person.id, by=by)),
        disputed=tuple(n for p, n in disputed_people(session, by=by) if p.id == person.id),
        restrictions=held,
        account_id=_accounts(session, [person], by).get(person.id),
    )


def _restrictions(
    session: Session, posts: Sequence[BankPost], by: Actor, now: datetime
) -> dict[UUID, list[tuple[BookingRestriction, str]]]:
    demand(by, Deed.RESTRICT)
    held: dict[UUID, list[tuple[BookingRestriction, str]]] = {}
    rows = session.execute(
        sa.select(BookingRestriction, sa.func.coalesce(Unit.name, Site.name, Organisation.name))
        .outerjoin(Unit, Unit.id == BookingRestriction.scope_id)
        .outerjoin(Site, Site.id == BookingRestriction.scope_id)
        .outerjoin(Organisation, Organisation.id == BookingRestriction.scope_id)
        .where(
            BookingRestriction.bank_post_id.in_([post.id for post in posts]),
            BookingRestriction.organisation_id == own_organisation(by),
            sa.or_(BookingRestriction.until_at.is_(None), BookingRestriction.until_at > now),
        )
        .order_by(BookingRestriction.review_on)
    )
    for restriction, where in rows:
        held.setdefault(restriction.bank_post_id, []).append((restriction, where))
    return held


def person_to_change(session: Session, *, person_id: UUID | None, by: Actor) -> Person | None:
    """The person whose record a form is about; None for the form of somebody new.

    Raises `Forbidden` for whoever may only read, `NotFound` for another organisation's.
    """
    demand_below(by, DeedBelow.EDIT_PERSON)
    own_organisation(by)
    return person_of(session, person_id=person_id, by=by) if person_id else None


def post_to_change(
    session: Session, *, person_id: UUID, post_id: UUID | None, by: Actor
) -> tuple[Person, BankPost | None]:
    """The person, and the post of theirs, that a form is about; no post for a new one."""
    demand(by, Deed.EDIT_POSTS)
    person = person_of(session, person_id=person_id, by=by)
    post = post_of(session, post_id=post_id, by=by) if post_id else None
    if post is not None and post.person_id != person.id:
        raise NotFound
    return person, post


def fact_to_end(session: Session, *, person_id: UUID, fact_id: UUID, by: Actor) -> Fact:
    """The live fact of that person that a form is about. Raises `NotFound`."""
    demand_below(by, DeedBelow.ADD_FACT)
    found = facts_of(session, person_id=person_id, by=by)
    match = next((fact for fact in found if fact.id == fact_id), None)
    if match is None:
        raise NotFound
    return match


def known_headings(session: Session, *, by: Actor) -> dict[str, str]:
    """Our field → the heading the organisation's personnel files use, for whoever imports them."""
    demand_below(by, DeedBelow.IMPORT_PEOPLE)
    return mapping_of(session, organisation_id=own_organisation(by), kind=PEOPLE, by=by)

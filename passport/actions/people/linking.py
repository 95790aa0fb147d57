"""The same human at two organisations: proposed to the person, confirmed by them, undone by them.

This reads people and registration numbers across organisations, for the signed-in person alone;
no organisation is told of a proposal, a link or another's record, so the events belong to none.
Hours and bookings live upstairs: `person.linked` and `person.unlinked` have them re-filed, and
refused where they clash, in the same transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.access.own import nowhere
from passport.actions.permission import demand
from passport.actors import Actor
from passport.errors import NotFound, Reason, Refused
from passport.events import record
from passport.model.accounts import Account
from passport.model.facts import Fact, FactKind
from passport.model.organisations import Organisation
from passport.model.people import LinkState, Person, PersonLink
from passport.rules.people.same_person import HeldRecord, Proposal, proposals
from passport.rules.permissions import Deed

_ASKABLE = (LinkState.PROPOSED, LinkState.UNDONE)


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A proposal or a link, as the person sees it."""

    link_id: UUID
    organisations: tuple[str, ...]
    """Where the other record, or those linked with it, is held."""
    because: str
    state: LinkState
    agreed: bool = False
    """The person said yes, and the other record's account has still to."""


def has_question(session: Session, *, by: Actor) -> bool:
    """Whether another record may be the signed-in person's and they have not answered yet."""
    if by.person_id is None:
        return False
    known = _links_of(session, by.person_id)
    if any(link.state is LinkState.PROPOSED and link.decided_at is None for link in known):
        return True
    answered = {link.other_id for link in known}
    return any(proposal.other_id not in answered for proposal in _proposals(session, by))


def look_for_links(session: Session, *, by: Actor, now: datetime) -> list[OpenLink]:
    """What to ask the signed-in person; new proposals are put on record.

    A proposal that was refused is not made again.
    """
    demand(by, Deed.USE_OWN_ACCOUNT)
    if by.person_id is None:
        return []
    known = {link.other_id for link in _links_of(session, by.person_id)}
    for proposal in _proposals(session, by):
        if proposal.other_id in known:
            continue
        link = PersonLink(
            holder_id=by.person_id,
            other_id=proposal.other_id,
            because=proposal.because,
            proposed_at=now,
        )
        session.add(link)
        session.flush()
        _told(session, "link.proposed", link, by, now)
    return links(session, by=by)


def links(session: Session, *, by: Actor) -> list[OpenLink]:
    """What the signed-in person was asked and did not refuse, the newest last."""
    if by.person_id is None:
        return []
    return [
        OpenLink(
            link.id,
            _where(session, link),
            link.because,
            link.state,
            agreed=link.state is LinkState.PROPOSED and link.decided_at is not None,
        )
        for link in _links_of(session, by.person_id)
        if link.state is not LinkState.REFUSED
    ]


def confirm(session: Session, *, link_id: UUID, by: Actor, now: datetime) -> LinkState:
    """The person says that the other record is theirs too: both are now one holder's.

    Where only a registration number speaks for it and somebody signs in for the other record
    already, both accounts have to say so: a number can be stolen. Until the other has, the link
    stays `proposed`. Both workers are locked, in the order of their ids. Raises `NotFound` for a
    link that is not theirs, `Refused` where it was answered, no longer holds, or bookings clash.
    """
    link, holder_id = _own_link(session, link_id, by)
    if link.state not in _ASKABLE:
        raise Refused([Reason("link_answered", text="This was already answered.")])
    _lock(session, (holder_id, link.other_id))
    if link.other_id not in {p.other_id for p in _proposals(session, by)}:
        raise Refused([Reason("link_no_longer", text="The two records no longer match.")])
    link.decided_at = now
    if _waits_for_the_other(session, link, holder_id):
        _told(session, "link.agreed", link, by, now)
        return LinkState.PROPOSED
    people = _ids(session, Person, Person.holder_id == link.other_id)
    accounts = _ids(session, Account, Account.person_id == link.other_id)
    link.moved = {"people": [str(p) for p in people], "accounts": [str(a) for a in accounts]}
    link.state = LinkState.CONFIRMED
    _hand_over(session, people, accounts, holder_id)
    session.flush()
    _told(session, "person.linked", link, by, now, people=people, holder=holder_id)
    return link.state


def refuse(session: Session, *, link_id: UUID, by: Actor, now: datetime) -> None:
    """The person says that the other record is not theirs; they are not asked again."""
    link, _ = _own_link(session, link_id, by)
    if link.state not in _ASKABLE:
        raise Refused([Reason("link_answered", text="This was already answered.")])
    link.state, link.decided_at = LinkState.REFUSED, now
    _told(session, "link.refused", link, by, now)


def undo(session: Session, *, link_id: UUID, by: Actor, now: datetime) -> None:
    """Part two linked records again: everything filed under the other goes back to it."""
    link, holder_id = _own_link(session, link_id, by)
    if link.state is not LinkState.CONFIRMED:
        raise Refused([Reason("link_not_standing", text="These records are not linked.")])
    _lock(session, (holder_id, link.other_id))
    people = [UUID(text) for text in link.moved["people"]]
    still = _ids(session, Person, Person.id.in_(people), Person.holder_id == holder_id)
    accounts = [UUID(text) for text in link.moved["accounts"]]
    link.state, link.decided_at = LinkState.UNDONE, now
    _hand_over(session, still, accounts, link.other_id)
    session.flush()
    _told(session, "person.unlinked", link, by, now, people=still, holder=link.other_id)


def _waits_for_the_other(session: Session, link: PersonLink, holder_id: UUID) -> bool:
    if link.because == "email":
        return False
    others = _ids(
        session,
        Account,
        Account.person_id == link.other_id,
        Account.verified_at.is_not(None),
        Account.closed_at.is_(None),
    )
    if not others:
        return False
    mirror = session.scalar(
        sa.select(PersonLink).where(
            PersonLink.holder_id == link.other_id,
            PersonLink.other_id == holder_id,
            PersonLink.state == LinkState.PROPOSED,
            PersonLink.decided_at.is_not(None),
        )
    )
    if mirror is None:
        return True
    session.delete(mirror)  # the same question, asked from the other side: this answer stands
    return False


def holders_of(session: Session, *, link_id: UUID, by: Actor) -> tuple[UUID, UUID]:
    """The two holders an open proposal of the signed-in person would make one."""
    link, holder_id = _own_link(session, link_id, by, lock=False)
    return holder_id, link.other_id


def _proposals(session: Session, by: Actor) -> list[Proposal]:
    mine = _records(session, Person.holder_id == by.person_id)
    email = session.scalar(
        sa.select(Account.email).where(
            Account.id == by.account_id, Account.verified_at.is_not(None)
        )
    )
    numbers = {number for record_ in mine for number in record_.registrations}
    likely = sa.select(Person.holder_id).where(
        Person.date_of_birth.in_({record_.date_of_birth for record_ in mine}),
        sa.or_(
            Person.email == email if email else sa.false(),
            Person.id.in_(
                sa.select(Fact.person_id).where(
                    Fact.kind == FactKind.REGISTRATION,
                    Fact.lookup.in_(numbers),
                    Fact.superseded_by_id.is_(None),
                )
            ),
        ),
        Person.holder_id != by.person_id,
    )
    return proposals(mine, email, _records(session, Person.holder_id.in_(likely)))


def _records(session: Session, which: sa.ColumnElement[bool]) -> list[HeldRecord]:
    people = session.scalars(
        sa.select(Person).where(which).execution_options(populate_existing=True)
    ).all()
    numbers: dict[UUID, set[str]] = {}
    for person_id, number in session.execute(
        sa.select(Fact.person_id, Fact.lookup).where(
            Fact.person_id.in_([person.id for person in people]),
            Fact.kind == FactKind.REGISTRATION,
            Fact.lookup.is_not(None),
            Fact.superseded_by_id.is_(None),
        )
    ):
        numbers.setdefault(person_id, set()).add(str(number))
    return [
        HeldRecord(
            person_id=person.id,
            holder_id=person.holder_id,
            organisation_id=person.organisation_id,
            date_of_birth=person.date_of_birth,
            email=person.email,
            registrations=frozenset(numbers.get(person.id, ())),
        )
        for person in people
    ]


def _links_of(session: Session, holder_id: UUID) -> list[PersonLink]:
    """Links asked of this holder, or of a record that is now theirs."""
    own = sa.select(Person.id).where(Person.holder_id == holder_id)
    return list(
        session.scalars(
            sa.select(PersonLink)
            .where(PersonLink.holder_id.in_(own))
            .order_by(PersonLink.proposed_at, PersonLink.id)
        )
    )


def _own_link(
    session: Session, link_id: UUID, by: Actor, *, lock: bool = True
) -> tuple[PersonLink, UUID]:
    """The link, asked of the signed-in person or of a record now theirs, and their holder."""
    demand(by, Deed.USE_OWN_ACCOUNT)
    statement = (
        sa.select(PersonLink)
        .join(Person, Person.id == PersonLink.holder_id)
        .where(PersonLink.id == link_id, Person.holder_id == by.person_id)
        .execution_options(populate_existing=True)
    )
    found = session.scalar(statement.with_for_update(of=PersonLink) if lock else statement)
    if found is None or by.person_id is None:
        raise NotFound
    return found, by.person_id


def _where(session: Session, link: PersonLink) -> tuple[str, ...]:
    people = (
        Person.id.in_([UUID(text) for text in link.moved["people"]])
        if link.state is LinkState.CONFIRMED
        else Person.holder_id == link.other_id
    )
    return tuple(
        session.scalars(
            sa.select(Organisation.name)
            .join(Person, Person.organisation_id == Organisation.id)
            .where(people)
            .order_by(Organisation.name)
        )
    )


def _lock(session: Session, holders: Iterable[UUID]) -> None:
    """The lock every deed takes that spans a worker's hours, on both, lowest id first."""
    session.execute(
        sa.select(Person.id)
        .where(Person.id.in_(list(holders)))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    )


def _ids(
    session: Session, table: type[Person] | type[Account], *which: sa.ColumnElement[bool]
) -> list[UUID]:
    return list(session.scalars(sa.select(table.id).where(*which)))


def _hand_over(
    session: Session, people: list[UUID], accounts: list[UUID], holder_id: UUID
) -> None:
    session.execute(sa.update(Person).where(Person.id.in_(people)).values(holder_id=holder_id))
    session.execute(
        sa.update(Account).where(Account.id.in_(accounts)).values(person_id=holder_id)
    )


def _told(
    session: Session, kind: str, link: PersonLink, by: Actor, now: datetime, **detail: object
) -> None:
    record(
        session,
        kind,
        subject_id=link.holder_id,
        by=nowhere(by),
        now=now,
        link=link.id,
        other=link.other_id,
        **detail,  # type: ignore[arg-type]
    )

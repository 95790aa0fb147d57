"""The only writer of facts: what is proven about a person, by whom and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.changes import Change
from passport.actions.people.disputes import why_disputed
from passport.actions.people.people import person_of, refuse_erased
from passport.actions.permission import demand
from passport.actors import Actor
from passport.errors import Invalid, NotFound, Reason
from passport.events import record
from passport.model.facts import Fact, FactKind, FactValue
from passport.model.people import Person
from passport.rules.people.evidence import (
    REGISTERS,
    adds_nothing,
    lookup,
    replaces,
    slot,
    wrong_fact,
)
from passport.rules.permissions import Deed

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What came of stating facts: those refused have a reason, the others are on record."""

    change: Change
    reasons: tuple[Reason, ...] = ()


def add_facts(
    session: Session,
    *,
    person_id: UUID,
    entries: Iterable[FactValue],
    source: str,
    by: Actor,
    now: datetime,
    checked_at: datetime | None = None,
) -> Evidence:
    """Put facts that the actor's organisation has checked on record, superseding older ones.

    Who checked the `entries`, and when, is taken from the deed, whatever they say themselves;
    `checked_at` where the check was before now, as that of a register file made yesterday.
    What is on record already changes nothing. A registration number that belongs to somebody
    else is not taken, and both records are flagged (event `registration.disputed`). Raises
    `Invalid` for facts that cannot be right, `NotFound` for another organisation's person.
    """
    demand(by, Deed.CHECK_REGISTER if source in REGISTERS else Deed.ADD_FACT)
    person = person_of(session, person_id=person_id, by=by)
    at = min(checked_at or now, now)
    return _add(session, person, entries, source, person.organisation_id, by, now, at)


def declare(
    session: Session, *, entries: Iterable[FactValue], by: Actor, now: datetime
) -> Evidence:
    """Put what the signed-in person says of themselves on record, checked by nobody."""
    demand(by, Deed.USE_OWN_ACCOUNT)
    person = session.get(Person, by.person_id) if by.person_id else None
    if person is None:
        raise Invalid("no_person", "This account belongs to no person's record.")
    return _add(session, person, entries, "declared", None, by, now)


def end_fact(
    session: Session, *, fact_id: UUID, ends_on: date, by: Actor, now: datetime
) -> Change:
    """Say that a fact on record holds until `ends_on` and no longer, e.g. an opt-out taken back."""
    demand(by, Deed.ADD_FACT)
    old = session.get(Fact, fact_id)
    if old is None or old.superseded_by_id is not None:
        raise NotFound
    person = person_of(session, person_id=old.person_id, by=by)
    stated = FactValue(old.kind, old.value, old.awarded_on, old.valid_from, ends_on)
    return _add(session, person, [stated], "by_hand", person.organisation_id, by, now).change


def _add(
    session: Session,
    person: Person,
    entries: Iterable[FactValue],
    source: str,
    checked_by_id: UUID | None,
    by: Actor,
    now: datetime,
    checked_at: datetime | None = None,
) -> Evidence:
    refuse_erased(person)
    stated = [_value(entry, source, checked_by_id, checked_at or now) for entry in entries]
    today = now.astimezone(LONDON).date()
    wrong = [message for fact in stated for message in wrong_fact(fact, today)]
    if wrong:
        raise Invalid("fact_entry", "; ".join(wrong), {"facts": wrong})
    added, reasons = _take(session, person, stated, by, now)
    if added:
        session.flush()
        record(
            session,
            "fact.added",
            subject_id=person.id,
            organisation_id=person.organisation_id,
            by=by,
            now=now,
            person_id=person.id,
            source=source,
            facts=added,
        )
    return Evidence(Change.CHANGED if added else Change.UNCHANGED, tuple(reasons))


def _take(
    session: Session, person: Person, stated: Iterable[FactValue], by: Actor, now: datetime
) -> tuple[list[dict[str, Any]], list[Reason]]:
    """Add what is news and not disputed; what was added, and why the rest was not."""
    live = _live(session, person.id)
    added: list[dict[str, Any]] = []
    reasons: list[Reason] = []
    for fact in stated:
        rivals = [r for r in live if (r.kind, slot(r.kind, r.value)) == _slot_of(fact)]
        if any(adds_nothing(fact, as_value(rival)) for rival in rivals):
            continue
        if reason := why_disputed(session, person=person, fact=fact, by=by, now=now):
            reasons.append(reason)
            continue
        row = _row(person, fact)
        session.add(row)
        beaten = [rival for rival in rivals if replaces(fact, as_value(rival))]
        for rival in beaten:
            rival.superseded_by_id = row.id
        live = [r for r in live if r not in beaten] + [row]
        added.append({"fact": row.id, "kind": row.kind, "supersedes": [r.id for r in beaten]})
    return added, reasons


def _value(
    entry: FactValue, source: str, checked_by_id: UUID | None, now: datetime
) -> FactValue:
    value = {key: held for key, held in entry.value.items() if held is not None}
    if entry.kind is FactKind.REGISTRATION:
        value["body"], _, value["number"] = (lookup(entry.kind, value) or ":").partition(":")
        value.setdefault("status", "registered")
    return FactValue(
        kind=entry.kind,
        value=value,
        awarded_on=entry.awarded_on,
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
        source=source,
        checked_at=now,
        checked_by_id=checked_by_id,
    )


def _row(person: Person, fact: FactValue) -> Fact:
    if fact.checked_at is None:
        raise ValueError("a fact without the moment of its check")
    return Fact(
        person_id=person.id,
        kind=fact.kind,
        value=dict(fact.value),
        source=fact.source,
        checked_at=fact.checked_at,
        checked_by_id=fact.checked_by_id,
        awarded_on=fact.awarded_on,
        valid_from=fact.valid_from,
        valid_until=fact.valid_until,
        lookup=lookup(fact.kind, fact.value),
    )


def _slot_of(fact: FactValue) -> tuple[FactKind, str]:
    return fact.kind, slot(fact.kind, fact.value)


def facts_of(session: Session, *, person_id: UUID, by: Actor) -> list[Fact]:
    """What is on record of a person of the actor's organisation, or of oneself; newest first."""
    person = session.get(Person, person_id)
    if person is None or person.holder_id != by.person_id:
        demand(by, Deed.READ_PEOPLE)
        person = person_of(session, person_id=person_id, by=by)
    rows = _live(session, person.id)
    return sorted(rows, key=lambda fact: (fact.kind, fact.checked_at), reverse=True)


def _live(session: Session, person_id: UUID) -> Sequence[Fact]:
    return list(
        session.scalars(
            sa.select(Fact)
            .where(Fact.person_id == person_id, Fact.superseded_by_id.is_(None))
            .order_by(Fact.checked_at)
        )
    )


def as_value(fact: Fact) -> FactValue:
    """A fact as rules read it."""
    return FactValue(
        kind=fact.kind,
        value=fact.value,
        awarded_on=fact.awarded_on,
        valid_from=fact.valid_from,
        valid_until=fact.valid_until,
        source=fact.source,
        checked_at=fact.checked_at,
        checked_by_id=fact.checked_by_id,
    )

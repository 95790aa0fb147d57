"""Vacant rows of a roster: new ones become shifts, changed ones amendments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.shifts.amending import Amender, Amendment
from bankhub.actions.shifts.posting import Checked, Poster, Shared
from bankhub.actions.shifts.shift_drafts import MOST_PEOPLE, ShiftDraft
from bankhub.actions.shifts.shift_records import request_of
from bankhub.model import reference
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.rules.shift_times import Span
from bankhub.rules.shifts.roster_entries import (
    CodeTimes,
    RosterEntry,
    changes,
    shift_references,
    stated_break,
    why_not_ask,
    why_not_change,
    working_span,
)
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.db import new_id
from passport.errors import Reason
from passport.events import record


@dataclass(frozen=True, slots=True)
class Asked:
    """What one vacant row comes to."""

    entry: RosterEntry
    checked: Checked
    amended: tuple[tuple[Shift, Amendment], ...]
    relabelled: tuple[Shift, ...]
    """Shifts whose code alone is another."""
    posted: tuple[str, ...]
    """References of the shifts that are not on record yet."""
    request_id: UUID | None

    @property
    def changes_nothing(self) -> bool:
        """Whether all of it is on record just so."""
        return not (self.amended or self.relabelled or self.posted)


class Vacancies:
    """Vacant rows against the shifts on record."""

    def __init__(
        self,
        session: Session,
        entries: Sequence[RosterEntry],
        *,
        codes: Mapping[str, CodeTimes],
        by: Actor,
        now: datetime,
        shared: Shared | None = None,
    ) -> None:
        self.session, self.codes, self.by, self.now = session, codes, by, now
        here = own_organisation(by)
        self.units = units_by_code(session, {entry.unit_code for entry in entries}, here)
        ids = [unit.id for unit in self.units.values()]
        self.poster = poster = Poster(session, ids, by, now, shared)
        self.amender = Amender(
            session,
            policies=poster.policies,
            pay=poster.pay,
            exemptions=poster.exemptions,
            classes=poster.classes,
        )
        self.known = shifts_by_reference(session, _references(entries), here)

    def lock_changed(self, entries: Iterable[RosterEntry]) -> None:
        """Lock the shifts that rows would change, and read them again under the lock."""
        ids: set[UUID] = set()
        for entry in entries:
            on_record = any(one in self.known for one in _named(entry))
            asked = self.ask(entry) if on_record else []
            if isinstance(asked, Asked):
                ids.update(shift.id for shift, _ in asked.amended)
                ids.update(shift.id for shift in asked.relabelled)
        if ids:
            self.session.scalars(
                sa.select(Shift)
                .where(Shift.id.in_(ids), Shift.organisation_id == own_organisation(self.by))
                .order_by(Shift.id)
                .with_for_update()
                .execution_options(populate_existing=True)
            ).all()

    def ask(self, entry: RosterEntry) -> Asked | list[Reason]:
        """What the row comes to, or every reason why it cannot be taken."""
        checked = self._checked(entry)
        if not isinstance(checked, Checked):
            return checked
        named = _named(entry)
        known = [self.known[one] for one in named if one in self.known]
        reasons: list[Reason] = []
        amended, relabelled = [], []
        for shift in known:
            changed = self._changes(entry, shift, checked)
            reasons += why_not_change(shift.state, changed)
            if changed:
                amendment = self.amender.amendment(shift, changed)
                reasons += self.amender.why_not(
                    amendment, agreed_by_id=None, by=self.by, now=self.now
                )
                amended.append((shift, amendment))
            elif "shift_code" in entry.stated and shift.shift_code != entry.shift_code:
                relabelled.append(shift)
        if reasons:
            return list({reason.code: reason for reason in reasons}.values())
        return Asked(
            entry,
            checked,
            tuple(amended),
            tuple(relabelled),
            tuple(one for one in named if one not in self.known),
            _request_id(known, entry),
        )

    def _changes(self, entry: RosterEntry, shift: Shift, checked: Checked) -> dict[str, Any]:
        stated = checked.draft.unpaid_break_minutes is not None
        return changes(entry, request_of(shift), checked.request, break_stated=stated)

    def _checked(self, entry: RosterEntry) -> Checked | list[Reason]:
        reasons = why_not_ask(entry)
        unit = self.units.get(entry.unit_code)
        if unit is None and entry.unit_code:
            text = f"The unit {entry.unit_code} is not known here."
            reasons.append(Reason("unit_not_known", {"unit": entry.unit_code}, text=text))
        role = reference.roles().get(entry.role)
        code = self.codes.get(entry.shift_code.upper())
        group = role.staff_group if role else None
        policy = self.poster.policies.requesting(group, entry.day)
        span = working_span(entry, code, policy)
        if not isinstance(span, Span):
            return reasons + span
        if reasons or unit is None or entry.grade is None or entry.reason is None:
            return reasons
        draft = ShiftDraft(
            unit_id=unit.id,
            role=entry.role,
            grade=entry.grade,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            reason=entry.reason,
            fallback_grade=entry.fallback_grade,
            skills=frozenset(entry.skills),
            unpaid_break_minutes=stated_break(entry, code),
            reason_text=entry.reason_text,
            post_number=entry.post_number,
            review_on=entry.review_on,
            notes=entry.notes,
            shift_code=entry.shift_code,
            details=code.details if code else {},
            people=entry.people,
        )
        return self.poster.check(draft)

    def write(self, asked: Sequence[Asked]) -> int:
        """Amend and post; returns how many shifts were posted."""
        for one in asked:
            for shift in (*one.relabelled, *(shift for shift, _ in one.amended)):
                if "shift_code" in one.entry.stated:
                    shift.shift_code = one.entry.shift_code
            for shift, amendment in one.amended:
                self.amender.write(shift, amendment, by=self.by, now=self.now)
            for shift in one.relabelled:
                shift.version += 1
                record(
                    self.session,
                    "shift.amended",
                    subject_id=shift.id,
                    by=self.by,
                    now=self.now,
                    changed=["shift_code"],
                )
        for place, one in enumerate(asked):
            self.poster.keep(place, one.checked, one.posted, one.request_id)
        return len(self.poster.write())


def _references(entries: Sequence[RosterEntry]) -> list[str]:
    return [one for entry in entries for one in _named(entry)]


def _named(entry: RosterEntry) -> list[str]:
    """The references of the row's shifts; of a row that asks for too many, and is refused for
    it, only as many as there may be."""
    return shift_references(entry.reference, 1, min(entry.people, MOST_PEOPLE))


def _request_id(known: Sequence[Shift], entry: RosterEntry) -> UUID | None:
    shared = next((shift.request_id for shift in known if shift.request_id), None)
    return shared or (new_id() if entry.people > 1 else None)


def units_by_code(session: Session, codes: set[str], organisation_id: UUID) -> dict[str, Unit]:
    """The organisation's units by the roster's code for them, in capitals."""
    found = session.scalars(
        sa.select(Unit).where(
            Unit.organisation_id == organisation_id, sa.func.upper(Unit.code).in_(codes)
        )
    )
    return {unit.code.upper(): unit for unit in found}


def shifts_by_reference(
    session: Session, references: Sequence[str], organisation_id: UUID
) -> dict[str, Shift]:
    """The organisation's shifts by the roster's reference."""
    found = session.scalars(
        sa.select(Shift).where(
            Shift.organisation_id == organisation_id, Shift.roster_reference.in_(references)
        )
    )
    return {shift.roster_reference or "": shift for shift in found}

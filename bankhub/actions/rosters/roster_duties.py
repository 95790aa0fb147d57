"""Rows of a roster that say where a person is: filled duties, leave and sickness.

They become the person's busy time in the Hours ledger. People are found by the assignment number
of their bank post in the importing organisation; who is not on its bank is passed over.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.booking.hours import RosteredTime
from bankhub.actions.settings.policies import PolicyBook
from bankhub.model import reference
from bankhub.model.bookings import Booking
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import LIVE_BOOKING, HoursKind
from bankhub.model.workers import BankPost
from bankhub.rules.shift_times import Span, default_unpaid_break
from bankhub.rules.shifts.roster_entries import (
    CodeTimes,
    RosterEntry,
    RosterStatus,
    absence_span,
    any_length,
    is_all_day,
    last_day_of,
    stated_break,
    working_span,
)
from passport.errors import Reason

_KINDS = {
    RosterStatus.FILLED: HoursKind.DUTY,
    RosterStatus.LEAVE: HoursKind.LEAVE,
    RosterStatus.SICKNESS: HoursKind.SICKNESS,
}
_ESR = re.compile(r"(\d{8})(?:-(\d{1,2}))?")
_MOST_ASSIGNMENTS = 9


class Duties:
    """What some rows say of the people of one bank."""

    def __init__(
        self,
        session: Session,
        entries: Sequence[RosterEntry],
        *,
        organisation_id: UUID,
        codes: Mapping[str, CodeTimes],
        policies: PolicyBook,
    ) -> None:
        self._codes, self._policies = codes, policies
        numbers = {entry.assignment_number for entry in entries}
        self._people = _people(session, numbers, organisation_id)
        filled = [e.reference for e in entries if e.status is RosterStatus.FILLED]
        self._booked = _booked(session, filled, organisation_id)

    def person_of(self, entry: RosterEntry) -> UUID | None:
        """Whose row it is; None = nobody of this bank."""
        return self._people.get(entry.assignment_number)

    def is_booked(self, entry: RosterEntry) -> bool:
        """Whether the duty is a booking made here: it is in the ledger as that already."""
        person = self.person_of(entry)
        return person is not None and self._booked.get(entry.reference) == person

    def time_of(self, entry: RosterEntry, person_id: UUID) -> RosteredTime | list[Reason]:
        """The busy time of the row, or all that is wrong with it."""
        all_day = is_all_day(entry)
        code = self._codes.get(entry.shift_code.upper())
        role = reference.roles().get(entry.role)
        policy = self._policies.requesting(role.staff_group if role else None, entry.day)
        span = absence_span(entry) if all_day else working_span(entry, code, any_length(policy))
        if not isinstance(span, Span):
            return span
        minutes = 0
        if entry.status is RosterStatus.FILLED:
            unpaid = stated_break(entry, code)
            if unpaid is None:
                unpaid = default_unpaid_break(span.starts_at, span.ends_at, policy)
            minutes = span.minutes - unpaid
            if minutes <= 0:
                text = "The unpaid break must be shorter than the shift."
                return [Reason("break_too_long", text=text)]
        return RosteredTime(
            person_id=person_id,
            kind=_KINDS[entry.status],
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            minutes=minutes,
            reference=entry.reference,
            all_day=all_day,
        )

    def periods(self, entries: Iterable[RosterEntry]) -> dict[UUID, tuple[date, date]]:
        """From which to which day the rows tell where each person is."""
        periods: dict[UUID, tuple[date, date]] = {}
        for entry in entries:
            person = self.person_of(entry)
            if person is None:
                continue
            last = max(last_day_of(entry), entry.day)
            first, until = periods.get(person, (entry.day, last))
            periods[person] = (min(first, entry.day), max(until, last))
        return periods


def _people(session: Session, numbers: set[str], organisation_id: UUID) -> dict[str, UUID]:
    """Assignment number → person.

    A person's posts in one ESR employment share its eight digits and end in -2, -3…: the duty of
    the main job is found by the number of the bank post, unless two people share the digits.
    """
    wanted = {number: _same_employment(number) for number in numbers if number}
    asked = set().union(*wanted.values()) if wanted else set()
    rows = session.execute(
        sa.select(BankPost.assignment_number, BankPost.person_id).where(
            BankPost.organisation_id == organisation_id, BankPost.assignment_number.in_(asked)
        )
    )
    exact: dict[str, UUID] = {}
    shared: defaultdict[str, set[UUID]] = defaultdict(set)
    for number, person_id in rows:
        exact[number] = person_id
        if found := _ESR.fullmatch(number):
            shared[found[1]].add(person_id)
    people = {}
    for number in wanted:
        found = _ESR.fullmatch(number)
        alike = shared.get(found[1], set()) if found else set()
        if number in exact:
            people[number] = exact[number]
        elif len(alike) == 1:
            (people[number],) = alike
    return people


def _same_employment(number: str) -> set[str]:
    found = _ESR.fullmatch(number)
    if found is None:
        return {number}
    digits = found[1]
    return {number, digits, *(f"{digits}-{n}" for n in range(2, _MOST_ASSIGNMENTS + 1))}


def _booked(
    session: Session, references: Sequence[str], organisation_id: UUID
) -> dict[str, UUID]:
    """Roster reference → who is booked on its shift here."""
    rows = session.execute(
        sa.select(Shift.roster_reference, Booking.person_id)
        .join(Booking, Booking.shift_id == Shift.id)
        .where(
            Shift.organisation_id == organisation_id,
            Shift.roster_reference.in_(references),
            Booking.state.in_(LIVE_BOOKING),
            Booking.person_id.is_not(None),
        )
    )
    return {named: person_id for named, person_id in rows if named and person_id}

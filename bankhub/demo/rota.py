"""Eight weeks of invented history and six weeks ahead: shifts, how they were filled, by whom.

Written in bulk, by the same rules that hold in service: openings are planned by the cascade,
nobody is in two places, everybody rests eleven hours and works at most three shifts a week.
"""

import random
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.settings.pay import PayBook, pay_book
from bankhub.actions.settings.policies import PolicyBook, policy_book
from bankhub.actions.shifts import references
from bankhub.actions.shifts.openings import exemptions_of, opening_rows
from bankhub.actions.shifts.shift_records import shift_columns
from bankhub.actions.shifts.work_classes import Classes
from bankhub.demo.people import Staff
from bankhub.demo.wards import WEEKS_AHEAD, WEEKS_BACK, Slot, slots_of
from bankhub.model import reference
from bankhub.model.bookings import AgencyFill, Booking
from bankhub.model.hours import Hours
from bankhub.model.shifts import Opening, Shift
from bankhub.model.sites import Unit
from bankhub.model.values import ShiftFacts
from bankhub.model.vocabulary import (
    BookingState,
    Grade,
    HoursKind,
    RequestReason,
    ShiftState,
    Tier,
)
from bankhub.rules.cascade.bank_before_agency import agency_lock_at
from bankhub.rules.shift_times import from_london, london_day, week_of
from passport.actors import Actor
from passport.db import new_id
from passport.events import Event, entry_values, note_recorded

REST = timedelta(hours=11)
SHIFTS_A_WEEK = 3
REASONS = (
    (RequestReason.SICKNESS_SHORT, 30),
    (RequestReason.VACANCY, 30),
    (RequestReason.ANNUAL_LEAVE, 10),
    (RequestReason.ACUITY, 10),
    (RequestReason.EXTRA_CAPACITY, 8),
    (RequestReason.SICKNESS_LONG, 8),
    (RequestReason.STUDY_LEAVE, 4),
)
AGENCIES = ("Harbour Staffing (invented)", "Northgate Locums (invented)")


@dataclass(slots=True)
class Rows:
    """What is written in bulk, by table."""

    shifts: list[dict[str, Any]] = field(default_factory=list)
    openings: list[dict[str, Any]] = field(default_factory=list)
    bookings: list[dict[str, Any]] = field(default_factory=list)
    hours: list[dict[str, Any]] = field(default_factory=list)
    agency: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def write(self, session: Session) -> None:
        """Insert everything, parents first."""
        tables = (
            (Shift, self.shifts),
            (Opening, self.openings),
            (Booking, self.bookings),
            (Hours, self.hours),
            (AgencyFill, self.agency),
            (Event, self.events),
        )
        for table, rows in tables:
            if rows:
                session.execute(sa.insert(table), rows)
        note_recorded(session)


class Pool:
    """The people of one bank, taken in turn so that nobody is overworked."""

    def __init__(self, staff: list[Staff], dice: random.Random) -> None:
        self._queues: dict[tuple[str, Grade], deque[Staff]] = defaultdict(deque)
        for one in dice.sample(staff, len(staff)):
            self._queues[one.role, one.grade].append(one)
        self._free: dict[UUID, datetime] = {}
        self._weeks: dict[tuple[UUID, date], int] = defaultdict(int)

    def take(self, role: str, grade: Grade, starts_at: datetime, ends_at: datetime) -> Staff | None:
        """Somebody who is rested and has room this week."""
        queue, week = self._queues[role, grade], week_of(starts_at)
        for _ in range(len(queue)):
            one = queue[0]
            queue.rotate(-1)
            rested = self._free.get(one.person_id, starts_at) <= starts_at
            if rested and self._weeks[one.person_id, week] < SHIFTS_A_WEEK:
                self._free[one.person_id] = ends_at + REST
                self._weeks[one.person_id, week] += 1
                return one
        return None


class Rota:
    """The rota of one organisation, from its units and its people."""

    def __init__(
        self,
        session: Session,
        *,
        units: list[Unit],
        staff: list[Staff],
        dice: random.Random,
        by: Actor,
        now: datetime,
    ) -> None:
        assert by.organisation_id is not None  # noqa: S101  narrows the type
        self.session, self.units, self.dice, self.by, self.now = session, units, dice, by, now
        self.organisation_id = by.organisation_id
        self.pool = Pool(staff, dice)
        self.policies: PolicyBook = policy_book(session, self.organisation_id)
        self.pay: PayBook = pay_book(session, self.organisation_id, self.policies)
        self.exemptions = exemptions_of(session, self.organisation_id)
        self.rows, self.classes = Rows(), Classes(session)
        self._pence: dict[tuple[Any, ...], int | None] = {}

    def write(self) -> int:
        """Invent and write the whole rota; returns how many shifts."""
        for unit, slot, day in self._wanted():
            self._one(unit, slot, day)
        self.rows.shifts.sort(key=lambda row: row["created_at"])
        numbers = references.take(
            self.session, self.organisation_id, london_day(self.now), len(self.rows.shifts)
        )
        for row, number in zip(self.rows.shifts, numbers, strict=True):
            row["reference"] = number
        self.rows.write(self.session)
        return len(self.rows.shifts)

    def _wanted(self) -> Iterator[tuple[Unit, Slot, date]]:
        monday = week_of(self.now) - timedelta(weeks=WEEKS_BACK)
        for day_number in range(7 * (WEEKS_BACK + WEEKS_AHEAD)):
            day = monday + timedelta(days=day_number)
            for unit in self.units:
                for slot in slots_of(unit.name):
                    if self.dice.random() < slot.chance:
                        yield unit, slot, day

    def _one(self, unit: Unit, slot: Slot, day: date) -> None:
        starts_at = _moment(day, slot.starts)
        ends_at = _moment(day + timedelta(days=slot.ends <= slot.starts), slot.ends)
        authorised_at = self._authorised(starts_at)
        facts = ShiftFacts(
            id=new_id(),
            organisation_id=self.organisation_id,
            site_id=unit.site_id,
            unit_id=unit.id,
            staff_group=reference.roles()[slot.role].staff_group,
            role=slot.role,
            grade=slot.grade,
            starts_at=starts_at,
            ends_at=ends_at,
            unpaid_break_minutes=slot.unpaid_break_minutes,
            fallback_grade=slot.fallback,
            reason=self.dice.choices(*zip(*REASONS, strict=True))[0],
            state=ShiftState.OPEN,
        )
        row = self._shift_row(facts, slot, authorised_at)
        self.rows.shifts.append(row)
        policy = self.policies.cascade(facts.staff_group, day)
        self.rows.openings += opening_rows(
            facts,
            policy=policy,
            exemptions=self.exemptions,
            at=authorised_at,
            made_at=authorised_at,
        )
        self._event("shift.posted", facts, authorised_at, state="open")
        self._fill(facts, row, authorised_at, agency_lock_at(starts_at, policy))

    def _authorised(self, starts_at: datetime) -> datetime:
        """Most are asked for weeks ahead, some on the day; never later than now."""
        hours = self.dice.choices((1200, 700, 300, 120, 40, 8), (30, 22, 20, 12, 9, 7))[0]
        lead = timedelta(hours=hours * self.dice.uniform(0.7, 1.2))
        latest = self.now - timedelta(minutes=self.dice.randint(5, 60 * 24 * 3))
        return min(starts_at - lead, latest)

    def _shift_row(self, facts: ShiftFacts, slot: Slot, authorised_at: datetime) -> dict[str, Any]:
        return {
            **shift_columns(facts, self.classes),
            "reason_text": "",
            "post_number": "P-1042" if facts.reason is RequestReason.VACANCY else "",
            "notes": "",
            "shift_code": slot.code,
            "details": dict(slot.details),
            "instant_book": slot.instant,
            "cost_estimate_pence": self._estimate(facts),
            "created_at": authorised_at,
            "created_by_id": self.by.account_id,
            "submitted_at": authorised_at,
            "authorised_at": authorised_at,
            "authorised_by_id": self.by.account_id,
            "withdrawn_at": None,
            "withdrawn_because": "",
            "need_ended": False,
            "agency_lock_at": None,
        }

    def _estimate(self, facts: ShiftFacts) -> int | None:
        key = (facts.role, facts.grade, facts.starts_at, facts.ends_at)
        if key not in self._pence:
            found = self.pay.estimate(facts)
            self._pence[key] = found.total_pence if found else None
        return self._pence[key]

    def _fill(
        self, facts: ShiftFacts, row: dict[str, Any], authorised_at: datetime, lock: datetime
    ) -> None:
        days_ahead = (facts.starts_at - self.now).days
        chance = 0.8 if days_ahead < 0 else max(0.15, 0.72 - 0.02 * days_ahead)
        lot = self.dice.random()
        if lot < chance:
            staff = self.pool.take(facts.role, facts.grade, facts.starts_at, facts.ends_at)
            if staff is not None:
                self._book(facts, row, staff, authorised_at)
        elif lot < chance + 0.1 and days_ahead < 3 and authorised_at < facts.starts_at - REST:
            self._agency(facts, row, lock)
        elif lot > 0.985 and days_ahead < 0:
            row["state"] = ShiftState.WITHDRAWN
            row["withdrawn_at"] = facts.starts_at - timedelta(hours=self.dice.randint(2, 60))
            row["withdrawn_at"] = max(row["withdrawn_at"], authorised_at)
            row["withdrawn_because"] = "Covered from the ward"

    def _book(
        self, facts: ShiftFacts, row: dict[str, Any], staff: Staff, authorised_at: datetime
    ) -> None:
        latest = min(facts.starts_at - timedelta(hours=1), self.now)
        made_at = authorised_at + (latest - authorised_at) * self.dice.random() ** 2
        booking = self._booking(facts, Tier.OWN_BANK, made_at)
        booking |= {
            "person_id": staff.person_id,
            "holder_id": staff.person_id,
            "bank_post_id": staff.post_id,
            "pay_estimate_pence": row["cost_estimate_pence"],
        }
        self.rows.bookings.append(booking)
        self.rows.hours.append(
            {
                "id": new_id(),
                "person_id": staff.person_id,
                "holder_id": staff.person_id,
                "kind": HoursKind.BOOKING,
                "starts_at": facts.starts_at,
                "ends_at": facts.ends_at,
                "rest_until": facts.ends_at + REST,
                "minutes": facts.minutes,
                "booking_id": booking["id"],
                "source": "booking",
                "as_at": made_at,
            }
        )
        row["state"] = ShiftState.FILLED
        self._event("booking.made", facts, made_at, booking_id=booking["id"])

    def _agency(self, facts: ShiftFacts, row: dict[str, Any], lock: datetime) -> None:
        made_at = max(
            facts.starts_at - timedelta(hours=self.dice.randint(12, 60)), row["authorised_at"]
        )
        made_at = min(made_at, self.now)
        booking = self._booking(facts, Tier.AGENCY_1, made_at)
        booking |= {"person_id": None, "holder_id": None, "bank_post_id": None}
        booking["pay_estimate_pence"] = None
        self.rows.bookings.append(booking)
        self.rows.agency.append(
            {
                "booking_id": booking["id"],
                "organisation_id": self.organisation_id,
                "agency_name": self.dice.choice(AGENCIES),
                "framework": "Framework lot 2 (invented)",
                "rate_pence_per_hour": self.dice.randint(3200, 4800),
                "worker_name": "As supplied by the agency",
                "break_glass_id": None,
            }
        )
        row["state"], row["agency_lock_at"] = ShiftState.FILLED, lock
        self._event("agency.filled", facts, made_at, booking_id=booking["id"])

    def _booking(self, facts: ShiftFacts, tier: Tier, made_at: datetime) -> dict[str, Any]:
        over = facts.ends_at <= self.now
        missed = over and self.dice.random() < 0.01
        worked = BookingState.DID_NOT_ATTEND if missed else BookingState.WORKED
        return {
            "id": new_id(),
            "shift_id": facts.id,
            "organisation_id": self.organisation_id,
            "tier": tier,
            "grade": facts.grade,
            "state": worked if over else BookingState.CONFIRMED,
            "starts_at": facts.starts_at,
            "ends_at": facts.ends_at,
            "made_at": made_at,
            "made_by_id": self.by.account_id,
            "confirmed_at": made_at,
            "ended_at": facts.starts_at if missed else None,
            "overrides": [],
        }

    def _event(self, kind: str, facts: ShiftFacts, at: datetime, **detail: Any) -> None:
        values = entry_values(kind, subject_id=facts.id, by=self.by, now=at, detail=detail)
        self.rows.events.append({"id": new_id(), **values})


def _moment(day: date, at: time) -> datetime:
    """The first of two where the clock shows a time twice; an hour on where it shows none."""
    found = from_london(day, at)
    if isinstance(found, datetime):
        return found
    later = datetime.combine(day, at) + timedelta(hours=1)
    moved = from_london(later.date(), later.time())
    if not isinstance(moved, datetime):
        raise ValueError(f"{day} {at} is not on the clock")
    return moved

"""What a shift is expected to pay: the organisation's rates over the national list."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

import holidays
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import PolicyBook
from bankhub.model import reference
from bankhub.model.pay_policy import RateTable, RateValue, TimeType
from bankhub.model.rates import Rate
from bankhub.model.values import PayEstimate, ShiftFacts
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.pay import pay_estimate
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import Span, london_day
from passport.actors import Actor
from passport.batch import Prepared
from passport.errors import Invalid, NotFound
from passport.events import record

NO_SOURCE = "Say who decided it and where that is written down."


@cache
def public_holidays(year: int) -> frozenset[date]:
    """Public holidays of England in a year, substitute days included."""
    listed: Any = holidays.country_holidays("GB", subdiv="ENG", years=year)
    return frozenset(listed.keys())


@dataclass(frozen=True, slots=True)
class PayBook:
    """What one organisation pays by: its rates and its dated pay policy."""

    rates: RateTable
    policies: PolicyBook
    worked_out: dict[Hashable, PayEstimate | None] = field(default_factory=dict, compare=False)
    """What was estimated already."""

    def estimate(self, shift: ShiftFacts, grade: Grade | None = None) -> PayEstimate | None:
        """Expected gross pay of a shift, booked as `grade`; None where no rate is set."""
        grade = grade or shift.grade
        times = (shift.starts_at, shift.ends_at, shift.unpaid_break_minutes)
        key = (shift.staff_group, grade, times)
        if key not in self.worked_out:
            self.worked_out[key] = self._estimated(shift, grade)
        return self.worked_out[key]

    def _estimated(self, shift: ShiftFacts, grade: Grade) -> PayEstimate | None:
        day = london_day(shift.starts_at)
        return pay_estimate.estimate(
            Span(shift.starts_at, shift.ends_at),
            unpaid_break_minutes=shift.unpaid_break_minutes,
            staff_group=shift.staff_group,
            grade=grade,
            rates=self.rates,
            holidays=public_holidays(day.year) | public_holidays(day.year + 1),
            policy=self.policies.pay(shift.staff_group, day),
        )


OWN_RATES = Prepared(
    sa.select(
        Rate.grade,
        Rate.time_type,
        Rate.pence_per_hour,
        Rate.from_on,
        Rate.until,
        Rate.staff_group,
        Rate.annual_pence,
        Rate.session_pence,
        Rate.source,
    )
    .where(Rate.organisation_id == sa.bindparam("organisation_id"))
    .order_by(Rate.id)
)


def pay_book(session: Session, organisation_id: UUID, policies: PolicyBook) -> PayBook:
    """The pay book of an organisation whose policies are already at hand."""
    own = session.execute(OWN_RATES.statement, {"organisation_id": organisation_id})
    return pay_book_from_rows(own, policies)


def pay_book_from_rows(rows: Iterable[Sequence[Any]], policies: PolicyBook) -> PayBook:
    """A pay book from rows of `OWN_RATES`."""
    return PayBook(_rate_table(tuple(tuple(row) for row in rows)), policies)


@lru_cache(maxsize=1024)
def _rate_table(rows: tuple[tuple[Any, ...], ...]) -> RateTable:
    """The same rows make the same table, so it is made once."""
    own = (_own_rate(row) for row in rows)
    return RateTable((*own, *reference.national_rates()))


def _own_rate(row: Sequence[Any]) -> RateValue:
    grade, time_type, pence, from_on, until, staff_group, annual, session, source = row
    return RateValue(
        grade=Grade(grade),
        time_type=TimeType(time_type),
        pence_per_hour=pence,
        from_on=from_on,
        until=until,
        staff_group=StaffGroup(staff_group) if staff_group else None,
        annual_pence=annual,
        session_pence=session,
        own=True,
        source=source,
    )


def own_rates(session: Session, *, by: Actor) -> Sequence[RateValue]:
    """The rates the actor's organisation has set itself, latest first."""
    demand(by, Deed.READ_POLICY)
    rows = session.execute(OWN_RATES.statement, {"organisation_id": by.organisation_id})
    listed = sorted(map(_own_rate, rows), key=lambda rate: (rate.grade, rate.time_type))
    return sorted(listed, key=lambda rate: rate.from_on, reverse=True)


def set_rate(
    session: Session,
    *,
    staff_group: StaffGroup | None,
    grade: Grade,
    time_type: TimeType,
    pence_per_hour: int,
    from_on: date,
    source: str,
    by: Actor,
    now: datetime,
) -> Rate:
    """Add a rate of the actor's organisation from a day on. Earlier rows stay as they were."""
    demand(by, Deed.EDIT_RATES)
    if by.organisation_id is None:
        raise NotFound
    wrong: dict[str, list[str]] = {}
    if pence_per_hour <= 0:
        wrong["pence_per_hour"] = ["Enter more than nothing."]
    if not source.strip():
        wrong["source"] = [NO_SOURCE]
    if wrong:
        raise Invalid("rate", fields=wrong)
    rate = Rate(
        organisation_id=by.organisation_id,
        staff_group=staff_group,
        grade=grade,
        time_type=time_type,
        pence_per_hour=pence_per_hour,
        from_on=from_on,
        source=source,
        made_at=now,
        made_by_id=by.account_id,
    )
    session.add(rate)
    told = {"grade": grade, "time_type": time_type, "pence": pence_per_hour, "from_on": from_on}
    record(session, "rate.set", subject_id=rate.id, by=by, now=now, rate=told)
    return rate

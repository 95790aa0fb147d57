"""What would one shift pay, before deductions?

An estimate for the card and the confirm screen, not a payroll calculation.

- **Agenda for Change** (NHS terms and conditions handbook, Section 2(a), England). Sundays and
  public holidays count by the clock, London midnight to midnight. Saturdays, and weekdays between
  20:00 and 06:00, earn the lower enhancement. When **more than half** of a shift lies between
  20:00 and 06:00, all of its weekday time does; exactly half is not more than half. The majority
  is taken over the whole shift, breaks included. Enhancements are percentages of plain pay by
  band; where an organisation has set a rate for the enhanced time itself, that rate is used.
- **Doctors**: core from 07:00 to 19:00 on weekdays; nights, weekends and public holidays are
  unsocial. By the clock, no majority.
- **GPs**: a fixed price for a session. Shorter work is paid as one session; longer work by the
  sessions it holds, parts of sessions included.
- Time is what passes, so the night the clocks go back pays an hour more and the night they go
  forward an hour less, at the Sunday rate.
- The unpaid break comes off the middle of the shift, off all time types in proportion, or off the
  cheapest time, as policy says.
- Each line is rounded to the penny, half up; the total is the sum of the lines. The rate and the
  policy are those of the London day on which the shift starts.

Sources: NHS Employers, "Unsocial hours payments" and its FAQs (from 1 April 2020); the divisor
365/7 x 37.5 reproduces the published hourly rates.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

from bankhub.model.pay_policy import (
    BreakPolicy,
    Enhancement,
    PayPolicy,
    PayScheme,
    RateBasis,
    RateTable,
    RateValue,
    TimeType,
)
from bankhub.model.values import PayEstimate, PayLine
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.shift_times import LONDON, Span, london, london_day

_MINUTE = timedelta(minutes=1)
_SATURDAY, _SUNDAY = 5, 6

Stretch = tuple[TimeType, int]
"""Minutes of one time type, in the order in which they pass."""
Stretches = tuple[Stretch, ...]
Quantities = dict[TimeType, Fraction]
"""Exact paid minutes by time type."""


@dataclass(frozen=True, slots=True)
class _Price:
    """Exact pence an hour of one time type."""

    pence_per_hour: Fraction
    rate: RateValue


def estimate(
    span: Span,
    *,
    unpaid_break_minutes: int,
    staff_group: StaffGroup,
    grade: Grade,
    rates: RateTable,
    holidays: frozenset[date],
    policy: PayPolicy,
) -> PayEstimate | None:
    """Expected gross pay of a shift. `holidays` are London days, substitute days included.

    None where a rate the shift needs is not set: the screen then says by whom. Minutes shown on
    lines are whole and add up to the paid time; the pence come from the exact minutes.
    """
    scheme = policy.scheme_of_grade.get(grade, policy.scheme)
    stretches = time_types(span, scheme=scheme, holidays=holidays, policy=policy)
    day = london_day(span.starts_at)
    priced = {
        time_type: _price(time_type, staff_group, grade, rates, day, policy)
        for time_type in {_BASE[scheme]: None} | dict(stretches)
    }
    prices = {time_type: price for time_type, price in priced.items() if price is not None}
    if len(prices) < len(priced):
        return None
    base = prices[_BASE[scheme]]
    if scheme is PayScheme.SESSION:
        worked = max(0, span.minutes - unpaid_break_minutes)
        lines: tuple[PayLine, ...] = (_session_line(worked, base, policy),)
    else:
        quantities = _less_break(stretches, unpaid_break_minutes, prices, policy.unpaid_break)
        lines = tuple(_lines(quantities, prices))
    lines += _holiday_pay(lines, policy)
    return PayEstimate(
        lines=lines,
        total_pence=sum(line.pence for line in lines),
        hourly_pence=_half_up(base.pence_per_hour),
        illustrative=any(price.rate.illustrative for price in prices.values()),
        source=base.rate.source,
    )


def time_types(
    span: Span, *, scheme: PayScheme, holidays: frozenset[date], policy: PayPolicy
) -> Stretches:
    """The shift cut into time types, in order, breaks included."""
    if scheme is PayScheme.SESSION:
        return ((TimeType.SESSION, span.minutes),)
    if scheme is PayScheme.CORE_UNSOCIAL:
        hours = (policy.core_from_hour, policy.core_until_hour)
        return _joined(
            (
                TimeType.CORE
                if start.weekday() < _SATURDAY
                and start.date() not in holidays
                and _within(start, *hours)
                else TimeType.UNSOCIAL,
                minutes,
            )
            for start, minutes in _pieces(span, hours)
        )
    return _section_2(span, holidays, (policy.night_from_hour, policy.night_until_hour))


def _section_2(span: Span, holidays: frozenset[date], night: tuple[int, int]) -> Stretches:
    pieces = list(_pieces(span, night))
    at_night = sum(minutes for start, minutes in pieces if _within(start, *night))
    mostly_night = 2 * at_night > span.minutes

    def kind(start: datetime) -> TimeType:
        if start.weekday() == _SUNDAY or start.date() in holidays:
            return TimeType.SUNDAY_HOLIDAY
        if mostly_night or start.weekday() == _SATURDAY or _within(start, *night):
            return TimeType.SATURDAY_NIGHT
        return TimeType.PLAIN

    return _joined((kind(start), minutes) for start, minutes in pieces)


def _pieces(span: Span, hours: tuple[int, int]) -> Iterator[tuple[datetime, int]]:
    """The span cut at every London midnight and at the given hours: (local start, minutes)."""
    day, last = london_day(span.starts_at), london_day(span.ends_at)
    cuts = {span.starts_at, span.ends_at}
    while day <= last:
        midnight = datetime.combine(day, time())
        for hour in (0, *hours):
            wall = midnight + timedelta(hours=hour)
            cuts.add(wall.replace(tzinfo=LONDON).astimezone(UTC))
        day += timedelta(days=1)
    inside = sorted(cut for cut in cuts if span.starts_at <= cut <= span.ends_at)
    for start, end in pairwise(inside):
        yield london(start), (end - start) // _MINUTE


def _within(start: datetime, from_hour: int, until_hour: int) -> bool:
    """Whether a local time is in a window of hours that may cross midnight."""
    if from_hour <= until_hour:
        return from_hour <= start.hour < until_hour
    return start.hour >= from_hour or start.hour < until_hour


def _joined(pieces: Iterator[Stretch]) -> Stretches:
    """Neighbours of the same time type become one stretch."""
    joined: list[Stretch] = []
    for time_type, minutes in pieces:
        if joined and joined[-1][0] is time_type:
            joined[-1] = (time_type, joined[-1][1] + minutes)
        else:
            joined.append((time_type, minutes))
    return tuple(joined)


_BASE: Mapping[PayScheme, TimeType] = {
    PayScheme.SECTION_2: TimeType.PLAIN,
    PayScheme.CORE_UNSOCIAL: TimeType.CORE,
    PayScheme.SESSION: TimeType.SESSION,
}
"""The time type whose rate is shown on the card, and without which nothing is estimated."""

_ENHANCED: Mapping[TimeType, Callable[[Enhancement], int]] = {
    TimeType.SATURDAY_NIGHT: lambda enhancement: enhancement.saturday_night_percent,
    TimeType.SUNDAY_HOLIDAY: lambda enhancement: enhancement.sunday_holiday_percent,
}


def _price(
    time_type: TimeType,
    staff_group: StaffGroup,
    grade: Grade,
    rates: RateTable,
    day: date,
    policy: PayPolicy,
) -> _Price | None:
    rate = rates.find(staff_group=staff_group, grade=grade, time_type=time_type, day=day)
    if rate is not None:
        return _Price(_hourly(rate, policy), rate)
    plain = rates.find(staff_group=staff_group, grade=grade, time_type=TimeType.PLAIN, day=day)
    enhancement = policy.enhancements.get(grade)
    if plain is None or enhancement is None or time_type not in _ENHANCED:
        return None
    percent = _ENHANCED[time_type](enhancement)
    return _Price(_hourly(plain, policy) * (100 + percent) / 100, plain)


def _hourly(rate: RateValue, policy: PayPolicy) -> Fraction:
    if rate.session_pence is not None:
        return Fraction(rate.session_pence * 60, policy.session_minutes)
    if rate.annual_pence is not None and policy.rate_basis is RateBasis.ANNUAL:
        # salary / (365/7 weeks) / (hours a week): 52 weeks would overstate the hour
        return Fraction(rate.annual_pence * 7 * 60, 365 * policy.full_time_minutes_a_week)
    return Fraction(rate.pence_per_hour)


def _less_break(
    stretches: Stretches, unpaid: int, prices: Mapping[TimeType, _Price], policy: BreakPolicy
) -> Quantities:
    """Paid minutes of each time type."""
    total = sum(minutes for _, minutes in stretches)
    unpaid = min(unpaid, total)
    if policy is BreakPolicy.PRO_RATA:
        share = Fraction(total - unpaid, total or 1)
        return _summed([(kind, minutes * share) for kind, minutes in stretches])
    if policy is BreakPolicy.LOWEST_RATE:
        taken = _summed([(kind, Fraction(minutes)) for kind, minutes in stretches])
        for kind in sorted(taken, key=lambda kind: prices[kind].pence_per_hour):
            off_here = min(unpaid, int(taken[kind]))
            taken[kind] -= off_here
            unpaid -= off_here
        return taken
    break_from = (total - unpaid) // 2
    break_until = break_from + unpaid
    paid: list[tuple[TimeType, Fraction]] = []
    passed = 0
    for kind, minutes in stretches:
        end = passed + minutes
        off = max(0, min(end, break_until) - max(passed, break_from))
        paid.append((kind, Fraction(minutes - off)))
        passed = end
    return _summed(paid)


def _summed(parts: list[tuple[TimeType, Fraction]]) -> Quantities:
    total: Quantities = {}
    for kind, minutes in parts:
        total[kind] = total.get(kind, Fraction(0)) + minutes
    return total


def _lines(quantities: Quantities, prices: Mapping[TimeType, _Price]) -> Iterator[PayLine]:
    """One line for each time type. Shown minutes are whole and keep the exact total."""
    exact = Fraction(0)
    shown = 0
    for kind, minutes in quantities.items():
        exact += minutes
        whole = _half_up(exact) - shown
        shown += whole
        hourly = prices[kind].pence_per_hour
        if minutes:
            yield PayLine(
                time_type=kind,
                minutes=whole,
                rate_pence=_half_up(hourly),
                pence=_half_up(hourly * minutes / 60),
            )


def _session_line(worked: int, price: _Price, policy: PayPolicy) -> PayLine:
    paid = max(worked, policy.session_minutes)
    return PayLine(
        time_type=TimeType.SESSION,
        minutes=worked,
        rate_pence=_half_up(price.pence_per_hour),
        pence=_half_up(price.pence_per_hour * paid / 60),
    )


def _holiday_pay(lines: tuple[PayLine, ...], policy: PayPolicy) -> tuple[PayLine, ...]:
    share = policy.rolled_up_holiday_basis_points
    if not share:
        return ()
    pence = _half_up(Fraction(sum(line.pence for line in lines) * share, 10_000))
    return (PayLine(time_type=TimeType.HOLIDAY_PAY, minutes=0, rate_pence=0, pence=pence),)


def _half_up(exact: Fraction) -> int:
    """To a whole number: once, at the end of a line."""
    amount = Decimal(exact.numerator) / Decimal(exact.denominator)
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))

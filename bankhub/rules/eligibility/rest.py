"""Is the person free, and is there enough rest on either side?

Rule in plain English. Nobody works two things at once, or while recorded as sick. A bank shift on
a day of leave needs a decision; so does one too soon after sickness (the bank's own rule). Each 24
hours must hold 11 hours of rest (Working Time Regulations 1998, reg 10): work with shorter gaps
may not stretch over more than 13 hours, so two sessions of one day are fine and a late followed
by an early is not. Each week must hold 24 hours clear of work, or its fortnight 48, or twice 24
(reg 11). Hospitals may give compensatory rest instead (reg 21), so both can be lifted by a role.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from bankhub.model.values import BusyTime
from bankhub.model.vocabulary import HoursKind
from bankhub.model.work_policy import RestPolicy, SicknessReturnPolicy
from bankhub.rules.eligibility.ledger import WORK_KINDS, Stretch, Trial, between
from bankhub.rules.london_time import (
    at_hour,
    last_london_day,
    minutes_between,
    monday_of,
    utc,
)
from bankhub.rules.reason_codes import Code, because
from bankhub.rules.shift_times import hours_text
from bankhub.rules.wording import said_day, said_moment
from passport.errors import Cure, Reason

_DAY_MINUTES = 24 * 60
_WEEK = timedelta(days=7)


def clashes(trial: Trial) -> Iterator[Reason]:
    """Work, leave and sickness at the same time; one reason for each kind of clash."""
    shift = trial.shift
    same_time = [
        item
        for item in trial.ledger.busy
        if item.starts_at < shift.ends_at and item.ends_at > shift.starts_at
    ]
    working = next((item for item in same_time if item.kind in WORK_KINDS), None)
    if working is not None:
        yield because(
            Code.OVERLAP,
            f"You are already busy from {said_moment(working.starts_at)} "
            f"to {said_moment(working.ends_at)}.",
            _times(working) | {"kind": working.kind.value, "booking_id": _booking(working)},
            Cure("Choose another time, or cancel what you have booked"),
        )
    leave = _first(same_time, HoursKind.LEAVE)
    if leave is not None:
        yield because(
            Code.ON_LEAVE,
            f"You are on leave until {said_day(last_london_day(leave.ends_at))}.",
            _times(leave),
            Cure("If the leave has changed, have it corrected where it was recorded"),
        )
    sick = _first(same_time, HoursKind.SICKNESS)
    if sick is not None:
        yield because(
            Code.OFF_SICK,
            f"You are recorded as sick until {said_day(last_london_day(sick.ends_at))}.",
            _times(sick),
            Cure("When you are well, have your return recorded"),
        )


def too_soon_after_sickness(trial: Trial, policy: SicknessReturnPolicy) -> Iterator[Reason]:
    """The bank's own waiting time after sickness, unless a rostered duty was worked since."""
    ended = [
        utc(item.ends_at)
        for item in trial.ledger.absences
        if item.kind is HoursKind.SICKNESS and item.ends_at <= trial.shift.starts_at
    ]
    if not ended or policy.days_after == 0:
        return
    last_sick_day = last_london_day(max(ended))
    free_from = last_sick_day + timedelta(days=policy.days_after + 1)
    worked_since = policy.cleared_by_worked_duty and any(
        item.kind is HoursKind.DUTY
        and item.starts_at >= max(ended)
        and item.ends_at <= trial.shift.starts_at
        for item in trial.ledger.busy
    )
    if trial.shift.first_day >= free_from or worked_since:
        return
    act = "Wait until then, or work a duty of your main job first"
    yield because(
        Code.SICKNESS_RETURN,
        f"After sickness until {said_day(last_sick_day)} you can work bank shifts again "
        f"from {said_day(free_from)}.",
        {"last_sick_on": last_sick_day.isoformat(), "free_from_on": free_from.isoformat()},
        Cure(act if policy.cleared_by_worked_duty else "Wait until then", free_from.isoformat()),
    )


def short_daily_rest(trial: Trial, rest_minutes: int, code: Code) -> Iterator[Reason]:
    """Work with gaps below the rest may not stretch over more than 24 hours less the rest."""
    stretches, first, last = trial.stretches, trial.at, trial.at
    while first and _gap(stretches, first - 1) < rest_minutes:
        first -= 1
    while last + 1 < len(stretches) and _gap(stretches, last) < rest_minutes:
        last += 1
    gaps = [_gap(stretches, index) for index in range(first, last)]
    starts_at, ends_at = stretches[first].starts_at, stretches[last].ends_at
    span = minutes_between(starts_at, ends_at)
    if not gaps or min(gaps) < 0 or span <= _DAY_MINUTES - rest_minutes:
        return
    yield because(
        code,
        f"From {said_moment(starts_at)} to {said_moment(ends_at)} your longest rest would be "
        f"{hours_text(max(gaps))}; {hours_text(rest_minutes)} are required.",
        {
            "starts_at": starts_at.isoformat(),
            "ends_at": ends_at.isoformat(),
            "rest_minutes": max(gaps),
            "required_minutes": rest_minutes,
        },
        _rest_cure(code),
    )


def short_weekly_rest(trial: Trial, policy: RestPolicy) -> Iterator[Reason]:
    """Each week of the shift has its rest, or one of the fortnights it belongs to makes up."""
    for monday in _weeks(trial):
        longest = max(_rests(trial.stretches, monday, 1))
        if longest >= policy.weekly_rest_minutes or any(
            _made_up(_rests(trial.stretches, first, 2), policy)
            for first in (monday - _WEEK, monday)
        ):
            continue
        yield _no_weekly_rest(Code.WEEKLY_REST, monday, longest, policy.weekly_rest_minutes)


def short_young_weekly_rest(trial: Trial, rest_minutes: int) -> Iterator[Reason]:
    """The longer weekly rest of young workers, for which no fortnight makes up."""
    for monday in _weeks(trial):
        longest = max(_rests(trial.stretches, monday, 1))
        if longest < rest_minutes:
            yield _no_weekly_rest(Code.YOUNG_WEEKLY_REST, monday, longest, rest_minutes)


def _no_weekly_rest(code: Code, monday: date, longest: int, required: int) -> Reason:
    return because(
        code,
        f"In the week from {said_day(monday)} your longest rest would be {hours_text(longest)}; "
        f"{hours_text(required)} are required.",
        {"week_on": monday.isoformat(), "rest_minutes": longest, "required_minutes": required},
        _rest_cure(code),
    )


def _rest_cure(code: Code) -> Cure:
    if code in (Code.YOUNG_DAILY_REST, Code.YOUNG_WEEKLY_REST):
        return Cure("Choose a shift that leaves this rest")
    return Cure(
        "Choose a shift that leaves this rest, or ask the bank office whether it can be "
        "booked with compensatory rest"
    )


def _weeks(trial: Trial) -> list[date]:
    return sorted({monday_of(trial.shift.first_day), monday_of(trial.shift.last_day)})


def _made_up(rests: list[int], policy: RestPolicy) -> bool:
    twice = sum(rest >= policy.weekly_rest_minutes for rest in rests) > 1
    return twice or max(rests) >= policy.fortnightly_rest_minutes


def _rests(stretches: Sequence[Stretch], monday: date, weeks: int) -> list[int]:
    """Minutes of each gap between work inside so many weeks from a Monday; never empty."""
    free_from: datetime = at_hour(monday)
    end = at_hour(monday + weeks * _WEEK)
    rests = []
    for stretch in between(stretches, free_from, end):
        rests.append(minutes_between(free_from, stretch.starts_at))
        free_from = max(free_from, stretch.ends_at)
    return [*rests, minutes_between(free_from, end)]


def _gap(stretches: Sequence[Stretch], index: int) -> int:
    return minutes_between(stretches[index].ends_at, stretches[index + 1].starts_at)


def _first(items: Sequence[BusyTime], kind: HoursKind) -> BusyTime | None:
    return next((item for item in items if item.kind is kind), None)


def _times(item: BusyTime) -> dict[str, str | None]:
    return {"starts_at": utc(item.starts_at).isoformat(), "ends_at": utc(item.ends_at).isoformat()}


def _booking(item: BusyTime) -> str | None:
    return str(item.booking_id) if item.booking_id else None

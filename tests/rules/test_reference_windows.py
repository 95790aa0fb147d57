"""The 48-hour week over every reference period that holds the shift, and the night workers'."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bankhub.model.values import BusyTime, WorkerFacts
from bankhub.model.vocabulary import HoursKind
from bankhub.rules.eligibility.ledger import Ledger, stretch_of, trial_of
from bankhub.rules.eligibility.reference_windows import (
    affected_windows,
    over_average,
    over_night_average,
    window_from,
)
from bankhub.rules.london_time import monday_of
from bankhub.rules.reason_codes import Code
from passport.errors import Level
from tests.rules.work_examples import (
    DAY,
    MARCH,
    MONDAY,
    NIGHT,
    NO_CEILINGS,
    OCTOBER,
    OPEN,
    OPT_OUT,
    WEEK,
    asked,
    away,
    busy,
    codes,
    days_of_work,
    doctor,
    doctors_shift,
    found,
    policy,
    shift,
    worker,
    working_time,
)

SICKNESS = HoursKind.SICKNESS
AVERAGE = working_time().average


def week(monday: date, hours: int) -> list[BusyTime]:
    """So many hours on five days of a week."""
    return [busy(monday + n * DAY, "08:00-18:00", minutes=hours * 12) for n in range(5)]


def weeks(first: date, count: int, hours: int) -> list[BusyTime]:
    """The same hours in each of `count` weeks."""
    return [item for n in range(count) for item in week(first + n * WEEK, hours)]


EIGHT_HOURS = "09:00-17:00"
SATURDAY = MONDAY + 5 * DAY
CASES: list[tuple[str, list[BusyTime], set[str]]] = [
    ("nothing else", [], set()),
    ("exactly 48 hours a week in the 17 weeks behind",
     [*weeks(MONDAY - 16 * WEEK, 16, 48), *week(MONDAY, 40)], set()),
    ("a little more", [*weeks(MONDAY - 16 * WEEK, 16, 48), *week(MONDAY, 41)],
     {"average_hours"}),
    ("60 hours this week are fine after empty weeks", week(MONDAY, 60), set()),
    ("60 hours in each of the 16 weeks ahead are not: later weeks count now",
     weeks(MONDAY + WEEK, 16, 60), {"average_hours"}),
    ("half behind and half ahead", weeks(MONDAY - 8 * WEEK, 17, 60), {"average_hours"}),
    ("the 18th week behind is in no period of the shift",
     [*week(MONDAY - 17 * WEEK, 60), *weeks(MONDAY - 16 * WEEK, 16, 48), *week(MONDAY, 40)],
     set()),
    ("the 18th week ahead is in no period of the shift",
     [*week(MONDAY, 40), *weeks(MONDAY + WEEK, 16, 48), *week(MONDAY + 17 * WEEK, 60)], set()),
]  # fmt: skip


@pytest.mark.parametrize(("work", "expected"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_every_period_of_17_weeks_that_holds_the_shift(
    work: list[BusyTime], expected: set[str]
) -> None:
    reasons = asked(shift(SATURDAY, EIGHT_HOURS), worker(work=work), OPEN)
    assert codes(reasons) & {"average_hours"} == expected


def test_booking_a_later_week_first_does_not_hide_it_from_an_earlier_one() -> None:
    """The trap: 16 full weeks ahead were booked first, one by one, each fine when booked."""
    later = weeks(MONDAY + WEEK, 16, 50)
    assert codes(asked(shift(MONDAY, "08:00-19:00"), worker(work=later), OPEN)) == set()
    now_full = [*later, *week(MONDAY, 10)]
    reasons = asked(shift(SATURDAY, "08:00-14:01"), worker(work=now_full), OPEN)
    reason = found(reasons, "average_hours")
    assert reason.level is Level.HARD
    trial = trial_of(Ledger(now_full), stretch_of(shift(SATURDAY, "08:00-14:01")))
    behind = window_from(trial.tally, MONDAY - 16 * WEEK, 17)
    assert behind.minutes < 17 * 2880, "a look at the weeks behind alone would have said yes"
    assert reason.evidence["window_from_on"] == MONDAY.isoformat()
    assert reason.evidence["average_minutes"] == 48 * 60 + 1


def test_the_answer_names_the_worst_period_and_the_cure() -> None:
    work = [*weeks(MONDAY - 16 * WEEK, 16, 50), *weeks(MONDAY + WEEK, 16, 60)]
    reason = found(asked(shift(SATURDAY, EIGHT_HOURS), worker(work=work), OPEN), "average_hours")
    assert reason.evidence["window_from_on"] == MONDAY.isoformat()
    assert reason.evidence["weeks"] == 17
    assert reason.cure is not None
    assert "opt-out" in reason.cure.act


FULL = [*weeks(MONDAY - 16 * WEEK, 33, 52)]
OPT_OUTS: list[tuple[str, WorkerFacts, set[str]]] = [
    ("without an opt-out 52 hours are too many", worker(work=FULL), {"average_hours"}),
    ("with an opt-out they are not", worker(OPT_OUT, work=FULL), set()),
    ("an opt-out signed on the day counts",
     worker(replace(OPT_OUT, valid_from=SATURDAY), work=FULL), set()),
    ("an opt-out signed for later does not",
     worker(replace(OPT_OUT, valid_from=SATURDAY + DAY), work=FULL), {"average_hours"}),
    ("a withdrawn opt-out does not",
     worker(replace(OPT_OUT, valid_until=SATURDAY - DAY), work=FULL), {"average_hours"}),
]  # fmt: skip


@pytest.mark.parametrize(("who", "expected"), [case[1:] for case in OPT_OUTS],
                         ids=[case[0] for case in OPT_OUTS])  # fmt: skip
def test_the_opt_out_on_the_date_of_the_shift(who: WorkerFacts, expected: set[str]) -> None:
    reasons = asked(shift(SATURDAY, EIGHT_HOURS), who, OPEN)
    assert codes(reasons) & {"average_hours"} == expected


BUSY_17 = weeks(MONDAY - 8 * WEEK, 16, 52)
DOCTORS: list[tuple[str, WorkerFacts, set[str]]] = [
    ("a doctor on the 2016 terms has 17 weeks", doctor(work=BUSY_17), {"average_hours"}),
    ("a doctor in training has 26", doctor(work=BUSY_17, terms="doctor_in_training"), set()),
    ("a doctor in training over 26 full weeks",
     doctor(work=weeks(MONDAY - 25 * WEEK, 26, 52), terms="doctor_in_training"),
     {"average_hours"}),
    ("an opted-out doctor under 56", doctor(OPT_OUT, work=FULL), set()),
    ("an opted-out doctor over 56",
     doctor(OPT_OUT, work=weeks(MONDAY - 16 * WEEK, 33, 58)), {"doctors_average_hours"}),
    ("a consultant who opted out has no limit",
     doctor(OPT_OUT, work=weeks(MONDAY - 16 * WEEK, 33, 58), terms=""), set()),
    ("terms of a post that has ended do not hold", doctor(
        OPT_OUT, work=weeks(MONDAY - 16 * WEEK, 33, 58),
        posts=(replace(doctor().posts[0], ends_on=MONDAY - DAY),
               replace(doctor().posts[0], terms=""))), set()),
]  # fmt: skip


@pytest.mark.parametrize(("who", "expected"), [case[1:] for case in DOCTORS],
                         ids=[case[0] for case in DOCTORS])  # fmt: skip
def test_reference_periods_and_limits_of_doctors(who: WorkerFacts, expected: set[str]) -> None:
    reasons = asked(doctors_shift(SATURDAY, "09:00-13:00"), who)
    assert codes(reasons) & {"average_hours", "doctors_average_hours"} == expected


def test_opted_out_doctors_average_can_be_lifted_the_48_hours_cannot() -> None:
    who = doctor(OPT_OUT, work=weeks(MONDAY - 16 * WEEK, 33, 58))
    reason = found(asked(doctors_shift(SATURDAY, "09:00-13:00"), who), "doctors_average_hours")
    assert reason.level is Level.SOFT
    assert reason.cure is not None


# Leave: 15 weeks of 48 hours, one of leave, one of 40 hours and the shift of 8.
LEAVE_WEEK = MONDAY - WEEK
BEFORE = [*weeks(MONDAY - 16 * WEEK, 15, 48), *week(MONDAY, 40)]
LEAVES: list[tuple[str, list[BusyTime], set[str]]] = [
    ("leave replaced by as many worked days after the period",
     [*BEFORE, away(LEAVE_WEEK, LEAVE_WEEK + 6 * DAY),
      *weeks(MONDAY + WEEK, 2, 60)], {"average_hours"}),
    ("sickness likewise", [*BEFORE, away(LEAVE_WEEK, LEAVE_WEEK + 6 * DAY, SICKNESS),
      *weeks(MONDAY + WEEK, 2, 60)], {"average_hours"}),
    ("leave replaced by light days after it",
     [*BEFORE, away(LEAVE_WEEK, LEAVE_WEEK + 6 * DAY), *weeks(MONDAY + WEEK, 2, 30)], set()),
    ("replacement days that are not on record: the answer is not certain",
     [*BEFORE, away(LEAVE_WEEK, LEAVE_WEEK + 6 * DAY)], {"not_checked"}),
    ("a leave of hours is no day of leave",
     [*BEFORE, busy(LEAVE_WEEK, "09:00-17:00", HoursKind.LEAVE, 0)], set()),
    ("a day of leave that was worked after all is not replaced",
     [*BEFORE, away(LEAVE_WEEK, LEAVE_WEEK), busy(LEAVE_WEEK, "09:00-17:00")], set()),
    ("no leave, nothing to replace", BEFORE, set()),
    ("leave in a light period leaves nothing open", [away(LEAVE_WEEK, LEAVE_WEEK)], set()),
    ("the shift replaces a day of leave in a period before it",
     [*weeks(MONDAY - 18 * WEEK, 16, 51), away(MONDAY - 2 * WEEK, MONDAY - 2 * WEEK)],
     {"average_hours"}),
]  # fmt: skip


@pytest.mark.parametrize(("work", "expected"), [case[1:] for case in LEAVES],
                         ids=[case[0] for case in LEAVES])  # fmt: skip
def test_leave_and_sickness_are_replaced(work: list[BusyTime], expected: set[str]) -> None:
    one = shift(SATURDAY, EIGHT_HOURS)
    policy_without_wait = policy(
        ceilings=NO_CEILINGS,
        nights=OPEN.working_time.nights,
        sickness_return=replace(working_time().sickness_return, days_after=0),
    )
    reasons = asked(one, worker(work=work), policy_without_wait)
    assert codes(reasons) & {"average_hours", "not_checked"} == expected


def test_the_uncertain_average_is_a_note_and_says_which_rule() -> None:
    work = [*BEFORE, away(LEAVE_WEEK, LEAVE_WEEK + 6 * DAY)]
    note = found(asked(shift(SATURDAY, EIGHT_HOURS), worker(work=work), OPEN), "not_checked")
    assert note.level is Level.NOTE
    assert note.evidence["rule"] == "average_after_absence"


def _nights_a_week(nights: int, count: int = 17) -> list[BusyTime]:
    first = MONDAY - (count - 1) * WEEK
    return [
        item for n in range(count) for item in days_of_work(first + n * WEEK, nights, "20:00-08:00")
    ]


NIGHT_CASES: list[tuple[str, list[BusyTime], str, set[str]]] = [
    ("four nights of 12 hours a week are 48", _nights_a_week(4, 16), NIGHT, set()),
    ("five are too many, opt-out or not", _nights_a_week(5), EIGHT_HOURS, {"night_average"}),
    ("five days of 12 hours are no night work",
     [b for n in range(17) for b in days_of_work(MONDAY - n * WEEK, 5, "07:00-19:00")],
     EIGHT_HOURS, set()),
    ("a third of nights makes a night worker",
     [b for n in range(17) for b in [*days_of_work(MONDAY - n * WEEK, 2, "20:00-08:00"),
      *days_of_work(MONDAY - n * WEEK + 3 * DAY, 3, "10:00-22:00")] if b.starts_at.date() < SATURDAY
      and (n or b.starts_at.date() < SATURDAY - DAY)],
     EIGHT_HOURS, {"night_average"}),
    ("a fifth does not",
     [b for n in range(17) for b in [*days_of_work(MONDAY - n * WEEK, 1, "20:00-08:00"),
      *days_of_work(MONDAY - n * WEEK + 2 * DAY, 4, "10:00-22:00")]
      if n or b.starts_at.date() < SATURDAY],
     EIGHT_HOURS, set()),
]  # fmt: skip


@pytest.mark.parametrize(("work", "clocks", "expected"), [case[1:] for case in NIGHT_CASES],
                         ids=[case[0] for case in NIGHT_CASES])  # fmt: skip
def test_night_workers_average_eight_hours_and_cannot_opt_out(
    work: list[BusyTime], clocks: str, expected: set[str]
) -> None:
    reasons = asked(shift(SATURDAY, clocks), worker(OPT_OUT, work=work), OPEN)
    assert codes(reasons) & {"night_average"} == expected


@pytest.mark.parametrize(
    ("day", "minutes"),
    [
        pytest.param(OCTOBER - WEEK, 750, id="an ordinary Saturday night"),
        pytest.param(OCTOBER, 810, id="the October night counts 13.5 hours"),
        pytest.param(MARCH, 690, id="the March night counts 11.5 hours"),
    ],
)
def test_clock_change_nights_count_their_elapsed_hours(day: date, minutes: int) -> None:
    trial = trial_of(Ledger([]), stretch_of(shift(day, NIGHT)))
    assert {w.minutes for w in affected_windows(trial, 17)} == {minutes}
    limit = AVERAGE.limit_minutes_per_week * 17 - minutes
    filled = [busy(monday_of(day), "08:00-18:00", minutes=limit)]
    full = trial_of(Ledger(filled), trial.shift)
    assert not list(over_average(full, AVERAGE, weeks=17, limit=2880, code=Code.AVERAGE_HOURS))
    over = [busy(monday_of(day), "08:00-18:00", minutes=limit + 1)]
    full = trial_of(Ledger(over), trial.shift)
    assert list(over_average(full, AVERAGE, weeks=17, limit=2880, code=Code.AVERAGE_HOURS))


FIRST = date(2026, 8, 3)


@st.composite
def ledgers(draw: st.DrawFn) -> list[BusyTime]:
    """Work and whole days of absence over half a year, each day once."""
    items = draw(st.dictionaries(st.integers(0, 180), st.integers(0, 4), max_size=90))
    return [_item(FIRST + day * DAY, kind) for day, kind in items.items()]


def _item(day: date, kind: int) -> BusyTime:
    if kind == 0:
        return away(day, day)
    if kind == 1:
        return away(day, day, SICKNESS)
    return busy(day, ("04:00-23:00", "06:00-18:00", "09:00-17:00")[kind - 2])


def brute_force(
    work: list[BusyTime], one_day: date, one_minutes: int, weeks_long: int, with_shift: bool
) -> dict[date, int]:
    """(A + B) of every period of whole weeks near the shift, day by day, nothing clever."""
    minutes: dict[date, int] = {}
    absent: set[date] = set()
    for item in work:
        day = (item.starts_at + timedelta(hours=3)).date()
        if item.all_day:
            absent.add(day)
        else:
            minutes[day] = minutes.get(day, 0) + item.minutes
    if with_shift:
        minutes[one_day] = minutes.get(one_day, 0) + one_minutes
    sums = {}
    for back in range(-40, 40):
        monday = monday_of(one_day) + back * WEEK
        days = [monday + n * DAY for n in range(7 * weeks_long)]
        replaced = sum(day in absent and day not in minutes for day in days)
        after = sorted(day for day in minutes if day > days[-1])[:replaced]
        sums[monday] = sum(minutes.get(day, 0) for day in [*days, *after])
    return sums


@given(ledgers(), st.integers(0, 180), st.integers(1, 3))
@example([busy(FIRST + n * DAY, "04:00-23:00") for n in range(7, 60)], 0, 3)
@example([*[busy(FIRST + n * DAY, "04:00-23:00") for n in range(20)], away(FIRST + 20 * DAY,
         FIRST + 20 * DAY)], 22, 3)  # fmt: skip
def test_the_check_equals_a_brute_force_look_at_every_period(
    work: list[BusyTime], offset: int, weeks_long: int
) -> None:
    day = FIRST + offset * DAY
    one = shift(day, "00:30-03:30")
    trial = trial_of(Ledger(work), stretch_of(one))
    without = brute_force(work, day, 180, weeks_long, with_shift=False)
    with_it = brute_force(work, day, 180, weeks_long, with_shift=True)
    held = [
        total
        for monday, total in with_it.items()
        if monday <= day < monday + weeks_long * WEEK
        or (monday + weeks_long * WEEK <= day and total > without[monday])
    ]
    limit = AVERAGE.limit_minutes_per_week
    over = [
        reason
        for reason in over_average(
            trial, AVERAGE, weeks=weeks_long, limit=limit, code=Code.AVERAGE_HOURS
        )
        if reason.code == Code.AVERAGE_HOURS
    ]
    assert bool(over) == (max(held) > limit * weeks_long)
    if over:
        assert over[0].evidence["average_minutes"] == -(-max(held) // weeks_long)


def test_sundays_night_makes_no_night_worker_of_the_period_from_monday() -> None:
    """Its hours after midnight count there; as a night it belongs to the week of its start."""
    days = [b for n in range(1, 4) for b in days_of_work(MONDAY + n * WEEK, 5, "07:00-19:00")]
    trial = trial_of(Ledger(days), stretch_of(shift(MONDAY + 6 * DAY, NIGHT)))
    one_in_sixteen = replace(OPEN.working_time.nights, night_worker_share_percent=6)
    assert trial.tally.minutes(MONDAY + WEEK, 21) > 3 * 2880
    assert list(over_night_average(trial, one_in_sixteen, 3)) == []


@given(ledgers(), st.integers(0, 180))
def test_night_average_never_speaks_below_the_limit(work: list[BusyTime], offset: int) -> None:
    day = FIRST + offset * DAY
    trial = trial_of(Ledger(work), stretch_of(shift(day, "00:30-03:30")))
    for reason in over_night_average(trial, OPEN.working_time.nights, 3):
        start = date.fromisoformat(reason.evidence["window_from_on"])
        assert trial.tally.minutes(start, 21) > 3 * 2880

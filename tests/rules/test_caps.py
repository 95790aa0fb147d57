"""Weekly caps of visas, the bank's own ceilings, and workers under 18."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bankhub.model.values import BusyTime, ShiftFacts
from bankhub.model.vocabulary import HoursKind
from bankhub.model.work_policy import EligibilityPolicy
from passport.model.facts import FactKind, FactValue
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
    fact,
    found,
    policy,
    shift,
    worker,
)

DUTY, DECLARED, SICKNESS = HoursKind.DUTY, HoursKind.DECLARED, HoursKind.SICKNESS
TUE, WED, THU, FRI, SAT, SUN = (MONDAY + n * DAY for n in range(1, 7))


def _student(cap: int | None = 20, vacations: list[list[str]] | None = None) -> FactValue:
    value = {"route": "student", "weekly_cap_hours": cap, "vacations": vacations or []}
    return fact(FactKind.RIGHT_TO_WORK, value)


def _route(route: str, cap: float | None = None) -> FactValue:
    return fact(FactKind.RIGHT_TO_WORK, {"route": route, "weekly_cap_hours": cap})


TWELVE = [busy(MONDAY, "08:00-20:00")]
CAPS: list[tuple[str, FactValue, ShiftFacts, list[BusyTime], set[str]]] = [
    ("exactly 20 hours in a week of term", _student(), shift(WED, "09:00-17:00"), TWELVE, set()),
    ("a minute more", _student(), shift(WED, "09:00-17:01"), TWELVE, {"student_hours"}),
    ("an unpaid break is not work", _student(),
     shift(WED, "09:00-18:00", unpaid_break_minutes=60), TWELVE, set()),
    ("below degree level the record says 10", _student(10), shift(WED, "09:00-17:00"), [
        busy(MONDAY, "09:00-12:00")], {"student_hours"}),
    ("a record without a cap takes the policy's", _student(None), shift(WED, "09:00-17:01"), TWELVE,
     {"student_hours"}),
    ("a cap of nothing allows nothing", _student(0), shift(WED, "09:00-10:00"), [],
     {"student_hours"}),
    ("never averaged: an empty week before does not help", _student(),
     shift(WED, "08:00-20:00"), TWELVE, {"student_hours"}),
    ("the week is Monday to Sunday: Sunday is in it", _student(),
     shift(SUN, "09:00-18:00"), TWELVE, {"student_hours"}),
    ("the week is Monday to Sunday: the next Monday is not", _student(),
     shift(MONDAY + WEEK, "09:00-18:00"), [busy(SAT, "08:00-20:00")], set()),
    ("any seven days are not asked about", _student(),
     shift(MONDAY + WEEK, "08:00-20:00"), [busy(SUN, "07:00-18:00")], set()),
    ("declared work counts", _student(), shift(WED, "09:00-18:00"),
     [busy(MONDAY, "08:00-20:00", DECLARED)], {"student_hours"}),
    ("the main job's roster counts", _student(), shift(WED, "09:00-18:00"),
     [busy(MONDAY, "08:00-20:00", DUTY)], {"student_hours"}),
    ("leave does not count", _student(), shift(WED, "09:00-18:00"), [away(MONDAY, TUE)], set()),
    ("a week of vacation is free", _student(vacations=[["2026-10-05", "2026-10-11"]]),
     shift(WED, "09:00-18:00"), TWELVE, set()),
    ("one day of term makes it a term week", _student(vacations=[["2026-10-05", "2026-10-10"]]),
     shift(WED, "09:00-18:00"), TWELVE, {"student_hours"}),
    ("two vacations that meet cover the week",
     _student(vacations=[["2026-10-01", "2026-10-07"], ["2026-10-08", "2026-10-20"]]),
     shift(WED, "09:00-18:00"), TWELVE, set()),
    ("October: Saturday's night has 4.5 hours before midnight and 9 after, all in one week",
     _student(13), shift(OCTOBER, NIGHT), [], {"student_hours"}),
    ("March: the same night has 11.5 hours", _student(12), shift(MARCH, NIGHT), [], set()),
    ("Sunday's night is divided at midnight", _student(10), shift(SUN, "14:00-10:00"), [], set()),
    ("Sunday's night: too much of it on the Monday", _student(9), shift(SUN, "16:00-10:00"), [],
     {"student_hours"}),
    ("Sunday's night: too much of it on the Sunday", _student(9), shift(SUN, "14:00-08:00"), [],
     {"student_hours"}),
    ("a skilled worker's roster is not supplementary", _route("skilled_worker"),
     shift(WED, "09:00-17:00"), [busy(MONDAY + n * DAY, "09:00-17:00", DUTY) for n in (0, 1, 3)],
     {"not_checked"}),
    ("a skilled worker's bookings and declared work are", _route("skilled_worker"),
     shift(WED, "09:00-17:00"), [busy(MONDAY), busy(FRI, "09:00-10:00", DECLARED)],
     {"supplementary_hours", "not_checked"}),
    ("a skilled worker's own cap on record", _route("skilled_worker", 7.5),
     shift(WED, "09:00-17:00"), [], {"supplementary_hours", "not_checked"}),
    ("a cap of another route", _route("limited", 10), shift(WED, "09:00-20:00"), [],
     {"visa_hours"}),
    ("another route without a cap", _route("limited"), shift(WED), TWELVE, set()),
    ("an unlimited right", _route("unlimited"), shift(WED), TWELVE, set()),
]  # fmt: skip


@pytest.mark.parametrize(("right", "one", "work", "expected"), [case[1:] for case in CAPS],
                         ids=[case[0] for case in CAPS])  # fmt: skip
def test_weekly_caps_of_visas(
    right: FactValue, one: ShiftFacts, work: list[BusyTime], expected: set[str]
) -> None:
    who = worker(right, work=work, without=[FactKind.RIGHT_TO_WORK])
    assert codes(asked(one, who, OPEN)) == expected


def test_a_cap_is_said_once_though_two_records_state_it() -> None:
    who = worker(_student(), _student(), work=TWELVE, without=[FactKind.RIGHT_TO_WORK])
    reason = found(asked(shift(WED, "09:00-18:00"), who), "student_hours")
    assert reason.evidence["worked_minutes"] == 21 * 60
    assert reason.evidence["week_on"] == MONDAY.isoformat()


def _ceiling(**change: Any) -> EligibilityPolicy:
    return policy(ceilings=replace(NO_CEILINGS, **change))


FOUR_LONG = days_of_work(MONDAY, 4)
CEILINGS: list[tuple[str, EligibilityPolicy, ShiftFacts, list[BusyTime], set[str]]] = [
    ("60 hours a week are allowed", _ceiling(minutes_per_week_max=3600), shift(SAT, "08:00-18:00"),
     FOUR_LONG, set()),
    ("a minute more is not", _ceiling(minutes_per_week_max=3600), shift(SAT, "08:00-18:01"),
     FOUR_LONG, {"weekly_ceiling"}),
    ("four long days in a row", _ceiling(long_days_in_a_row_max=4), shift(THU), FOUR_LONG[:3],
     set()),
    ("a fifth long day", _ceiling(long_days_in_a_row_max=4), shift(FRI), FOUR_LONG,
     {"long_days_in_a_row"}),
    ("a long day that joins two runs", _ceiling(long_days_in_a_row_max=4), shift(WED),
     [busy(MONDAY), busy(TUE), busy(THU), busy(FRI)], {"long_days_in_a_row"}),
    ("a short day breaks the run", _ceiling(long_days_in_a_row_max=4), shift(FRI, "09:00-17:00"),
     FOUR_LONG, set()),
    ("a bank without ceilings", OPEN, shift(FRI), FOUR_LONG, set()),
    ("four nights in a row", policy(), shift(THU, NIGHT), days_of_work(MONDAY, 3, NIGHT), set()),
    ("a fifth night in a row", policy(ceilings=NO_CEILINGS), shift(FRI, NIGHT),
     days_of_work(MONDAY, 4, NIGHT), {"nights_in_a_row"}),
    ("a night that begins after midnight belongs to the evening before",
     policy(ceilings=NO_CEILINGS), shift(SAT, "01:00-05:00"), days_of_work(MONDAY, 4, NIGHT),
     {"nights_in_a_row"}),
    ("an evening with two hours of the night is none", policy(ceilings=NO_CEILINGS),
     shift(FRI, "17:00-01:00"), days_of_work(MONDAY, 4, "20:00-06:00"), set()),
    ("October: 23:30 to 02:00 has three and a half hours of the night",
     policy(ceilings=NO_CEILINGS), shift(OCTOBER, "23:30-02:00"),
     days_of_work(OCTOBER - 4 * DAY, 4, NIGHT), {"nights_in_a_row"}),
    ("March: 23:00 to 02:30 has two and a half", policy(ceilings=NO_CEILINGS),
     shift(MARCH, "23:00-02:30"), days_of_work(MARCH - 4 * DAY, 4, NIGHT), set()),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "one", "work", "expected"), [case[1:] for case in CEILINGS],
                         ids=[case[0] for case in CEILINGS])  # fmt: skip
def test_the_banks_own_ceilings(
    rules: EligibilityPolicy, one: ShiftFacts, work: list[BusyTime], expected: set[str]
) -> None:
    assert codes(asked(one, worker(OPT_OUT, work=work), rules)) == expected


YOUNG: list[tuple[str, date, ShiftFacts, list[BusyTime], set[str]]] = [
    ("eight hours by day", date(2009, 1, 1), shift(clocks="09:00-17:00"), [], set()),
    ("more than eight hours", date(2009, 1, 1), shift(clocks="09:00-17:01"), [], {"young_day"}),
    ("eight hours over two stretches and a minute", date(2009, 1, 1),
     shift(clocks="14:00-18:01"), [busy(MONDAY, "09:00-13:00")], {"young_day"}),
    ("exactly 40 hours a week", date(2009, 1, 1), shift(FRI, "09:00-17:00"),
     [busy(MONDAY + n * DAY, "09:00-17:00") for n in range(4)], set()),
    ("more than 40 hours a week", date(2009, 1, 1), shift(FRI, "09:00-17:00"),
     [busy(MONDAY + n * DAY, "08:59-17:00") for n in range(4)], {"young_week"}),
    ("twelve hours of rest", date(2009, 1, 1), shift(TUE, "08:00-12:00"),
     [busy(MONDAY, "14:00-20:00")], set()),
    ("a minute less", date(2009, 1, 1), shift(TUE, "07:59-12:00"), [busy(MONDAY, "14:00-20:00")],
     {"young_daily_rest"}),
    ("until 22:00", date(2009, 1, 1), shift(clocks="14:00-22:00"), [], set()),
    ("a minute after 22:00", date(2009, 1, 1), shift(clocks="15:00-22:01"), [], {"young_night"}),
    ("from 06:00", date(2009, 1, 1), shift(clocks="06:00-14:00"), [], set()),
    ("a minute before 06:00", date(2009, 1, 1), shift(clocks="05:59-12:00"), [], {"young_night"}),
    ("a sixth day leaves one free, not two", date(2009, 1, 1), shift(SAT, "10:00-14:00"),
     [busy(MONDAY + n * DAY, "10:00-14:00") for n in range(5)], {"young_weekly_rest"}),
    ("no opt-out helps", date(2009, 1, 1), shift(clocks="09:00-18:00"), [], {"young_day"}),
    ("on the eighteenth birthday the adult rules hold", date(2008, 10, 5), shift(clocks=NIGHT), [],
     set()),
    ("the day before it they do not", date(2008, 10, 6), shift(clocks=NIGHT), [],
     {"young_night"}),
]  # fmt: skip


@pytest.mark.parametrize(("born", "one", "work", "expected"), [case[1:] for case in YOUNG],
                         ids=[case[0] for case in YOUNG])  # fmt: skip
def test_workers_under_18(
    born: date, one: ShiftFacts, work: list[BusyTime], expected: set[str]
) -> None:
    who = worker(OPT_OUT, work=work, date_of_birth=born)
    assert codes(asked(one, who)) == expected

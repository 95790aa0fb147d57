"""The 2016 terms for doctors in training, limit by limit."""

from datetime import timedelta

import pytest

from bankhub.model.policies import PolicyKind, read_values
from bankhub.model.reference import national_policies
from bankhub.model.values import BusyTime, ShiftFacts
from bankhub.model.vocabulary import StaffGroup
from bankhub.model.work_policy import WorkingTimePolicy
from passport.errors import Level
from tests.rules.work_examples import (
    DAY,
    MARCH,
    MONDAY,
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
)

TUE, WED, THU, FRI, SAT, SUN = (MONDAY + n * DAY for n in range(1, 7))
NEXT = MONDAY + WEEK
NORMAL, LONG, EVENING, NIGHT = "09:00-17:00", "08:00-20:30", "13:00-23:30", "20:00-08:30"

RULES = policy(StaffGroup.MEDICAL_DENTAL, ceilings=NO_CEILINGS, nights=OPEN.working_time.nights)
"""As refreshed in 2019, without ceilings of the bank's own."""

Case = tuple[str, ShiftFacts, list[BusyTime], set[str]]

WINDOWS: list[Case] = [
    ("72 hours in 168", doctors_shift(SAT, NORMAL), [
        *days_of_work(MONDAY, 4, "06:00-19:00"), busy(FRI, "06:00-18:00")], set()),
    ("a minute more", doctors_shift(SAT, "09:00-17:01"), [
        *days_of_work(MONDAY, 4, "06:00-19:00"), busy(FRI, "06:00-18:00")],
     {"doctors_168_hours"}),
    ("the 168 hours are no calendar week", doctors_shift(MONDAY, "08:00-20:00"),
     days_of_work(MONDAY - 6 * DAY, 6, "08:00-19:00"), {"doctors_168_hours"}),
    ("later work counts in them too", doctors_shift(MONDAY, "08:00-20:00"),
     days_of_work(TUE, 6, "08:00-19:00"), {"doctors_168_hours"}),
    ("part of a stretch at the edge counts in part", doctors_shift(SUN, "09:00-13:00"),
     [busy(SUN - WEEK, "09:00-21:00"), *days_of_work(MONDAY, 5, "08:00-20:00")], set()),
    ("168 hours that end with the shift, a half-paid stretch at their start",
     doctors_shift(SUN, "05:00-13:03"),
     [busy(SUN - WEEK, "09:00-21:00", minutes=360), *days_of_work(MONDAY, 5, "08:00-20:00")],
     {"doctors_168_hours"}),
    ("168 hours that start with the shift, a half-paid stretch at their end",
     doctors_shift(SUN - WEEK, "09:00-17:00"),
     [*days_of_work(MONDAY, 5, "08:00-20:30"), busy(SUN, "05:00-13:00", minutes=240)],
     {"doctors_168_hours"}),
    ("an unpaid break is not work", doctors_shift(SAT, NORMAL), [
        *[busy(MONDAY + n * DAY, "06:00-19:00", minutes=750) for n in range(5)]], set()),
]  # fmt: skip

LENGTHS: list[Case] = [
    ("13 hours", doctors_shift(clocks="08:00-21:00"), [], set()),
    ("a minute more", doctors_shift(clocks="08:00-21:01"), [], {"doctors_shift_length"}),
    ("October: 20:00 to 08:30 is 13.5 hours", doctors_shift(OCTOBER, NIGHT), [],
     {"doctors_shift_length"}),
    ("March: 20:00 to 09:30 is 12.5 hours", doctors_shift(MARCH, "20:00-09:30"), [], set()),
]  # fmt: skip

RUNS: list[Case] = [
    ("five long shifts in a row", doctors_shift(FRI, LONG), days_of_work(MONDAY, 4, LONG), set()),
    ("a sixth", doctors_shift(SAT, "08:00-18:30"), days_of_work(MONDAY, 5, "08:00-18:30"),
     {"doctors_long_shifts"}),
    ("exactly ten hours are not long", doctors_shift(SAT, "08:00-18:00"),
     days_of_work(MONDAY, 5, "08:00-18:00"), set()),
    ("a normal day the day after the fifth long shift", doctors_shift(SAT, NORMAL),
     days_of_work(MONDAY, 5, "08:00-18:30"), {"doctors_rest_after_run"}),
    ("47 hours after the fifth", doctors_shift(SUN, "17:30-19:00"),
     days_of_work(MONDAY, 5, "08:00-18:30"), {"doctors_rest_after_run"}),
    ("48 hours after the fifth", doctors_shift(SUN, "18:30-20:00"),
     days_of_work(MONDAY, 5, "08:00-18:30"), set()),
    ("work is already booked the day after what would be the fifth", doctors_shift(FRI, LONG),
     [*days_of_work(MONDAY, 4, "08:00-18:30"), busy(SAT, "10:00-12:00")],
     {"doctors_rest_after_run"}),
    ("four long late evenings in a row", doctors_shift(THU, EVENING),
     days_of_work(MONDAY, 3, EVENING), set()),
    ("a fifth", doctors_shift(FRI, EVENING), days_of_work(MONDAY, 4, EVENING),
     {"doctors_late_evenings"}),
    ("an evening that ends at 23:00 is no late one", doctors_shift(FRI, "12:30-23:00"),
     days_of_work(MONDAY, 4, "12:30-23:00"), set()),
    ("an evening from 16:00 is no late one", doctors_shift(FRI, "16:00-23:30"),
     days_of_work(MONDAY, 4, "16:00-23:30"), set()),
    ("four nights in a row", doctors_shift(THU, NIGHT), days_of_work(MONDAY, 3, NIGHT), set()),
    ("a fifth night", doctors_shift(FRI, NIGHT), days_of_work(MONDAY, 4, NIGHT),
     {"doctors_nights_in_a_row"}),
    ("45 hours after one night", doctors_shift(WED, "06:00-10:00"),
     [busy(MONDAY, "20:00-08:30")], {"doctors_rest_after_nights"}),
    ("46 hours after one night", doctors_shift(THU, "06:30-10:00"),
     [busy(MONDAY, NIGHT)], set()),
    ("a day shift between two nights", doctors_shift(TUE, "20:00-22:00"),
     [busy(MONDAY, NIGHT), busy(WED, NIGHT)], {"doctors_rest_after_nights"}),
    ("work already booked 46 hours after the night", doctors_shift(MONDAY, NIGHT),
     [busy(THU, "06:30-10:00")], set()),
    ("work already booked sooner after the night", doctors_shift(MONDAY, NIGHT),
     [busy(THU, "06:29-10:00")], {"doctors_rest_after_nights"}),
    ("October: the night ends an hour later by elapsed time", doctors_shift(OCTOBER + 2 * DAY,
     "06:29-10:00"), [busy(OCTOBER - DAY, NIGHT)], set()),
    ("seven shifts in a row", doctors_shift(SUN, NORMAL), days_of_work(MONDAY, 6, NORMAL), set()),
    ("an eighth", doctors_shift(NEXT, NORMAL), days_of_work(MONDAY, 7, NORMAL),
     {"doctors_shifts_in_a_row"}),
    ("after seven, a day off is not 48 hours", doctors_shift(NEXT + DAY, NORMAL),
     days_of_work(MONDAY, 7, NORMAL), {"doctors_rest_after_run"}),
    ("after seven, 48 hours later", doctors_shift(NEXT + DAY, "17:00-20:00"),
     days_of_work(MONDAY, 7, NORMAL), set()),
    ("a day that joins two runs to eight", doctors_shift(THU, NORMAL),
     [*days_of_work(MONDAY - DAY, 4, NORMAL), *days_of_work(FRI, 3, NORMAL)],
     {"doctors_shifts_in_a_row"}),
    ("leave is no shift", doctors_shift(NEXT, NORMAL),
     [away(MONDAY, SUN)], set()),
]  # fmt: skip

WEEKENDS: list[Case] = [
    ("two weekends in six weeks", doctors_shift(SAT, NORMAL), [busy(SAT - 3 * WEEK, NORMAL)],
     set()),
    ("a third", doctors_shift(SAT, NORMAL),
     [busy(SAT - 3 * WEEK, NORMAL), busy(SUN - WEEK, NORMAL)], {"doctors_weekends"}),
    ("weekends ahead count", doctors_shift(SAT, NORMAL),
     [busy(SAT + 3 * WEEK, NORMAL), busy(SUN + WEEK, NORMAL)], {"doctors_weekends"}),
    ("the seventh week is another period", doctors_shift(SAT, NORMAL),
     [busy(SAT - 6 * WEEK, NORMAL), busy(SUN - WEEK, NORMAL)], set()),
    ("Friday's night is worked on Saturday", doctors_shift(FRI, NIGHT),
     [busy(SAT - 3 * WEEK, NORMAL), busy(SUN - 2 * WEEK, NORMAL)], {"doctors_weekends"}),
    ("a weekday is not asked about", doctors_shift(FRI, NORMAL),
     [busy(SAT - WEEK, NORMAL), busy(SAT - 2 * WEEK, NORMAL), busy(SAT - 3 * WEEK, NORMAL)],
     set()),
]  # fmt: skip

ALL = [*WINDOWS, *LENGTHS, *RUNS, *WEEKENDS]


@pytest.mark.parametrize(("one", "work", "expected"), [case[1:] for case in WINDOWS],
                         ids=[case[0] for case in WINDOWS])  # fmt: skip
def test_72_hours_in_any_168(one: ShiftFacts, work: list[BusyTime], expected: set[str]) -> None:
    reasons = asked(one, doctor(OPT_OUT, work=work), RULES)
    assert codes(reasons) & {"doctors_168_hours"} == expected


@pytest.mark.parametrize(("one", "work", "expected"), [case[1:] for case in ALL[len(WINDOWS):]],
                         ids=[case[0] for case in ALL[len(WINDOWS):]])  # fmt: skip
def test_length_runs_and_weekends(
    one: ShiftFacts, work: list[BusyTime], expected: set[str]
) -> None:
    reasons = asked(one, doctor(OPT_OUT, work=work), RULES)
    assert {code for code in codes(reasons) if code.startswith("doctors_")} == expected


def test_every_limit_can_be_lifted_by_a_role_since_it_is_a_term_of_a_contract() -> None:
    levels = {
        reason.level
        for _, one, work, _ in ALL
        for reason in asked(one, doctor(OPT_OUT, work=work), RULES)
        if reason.code.startswith("doctors_")
    }
    assert levels == {Level.SOFT}


def test_they_hold_for_no_one_else() -> None:
    reasons = asked(doctors_shift(clocks="08:00-21:30"), doctor(terms=""), RULES)
    assert "doctors_shift_length" not in codes(reasons)


def test_the_terms_as_first_issued_asked_less() -> None:
    first, refreshed = (
        read_values(WorkingTimePolicy, version.values).doctors
        for version in national_policies(PolicyKind.WORKING_TIME)
    )
    one_night_before = doctor(OPT_OUT, work=[busy(MONDAY, NIGHT)])
    one = doctors_shift(WED, NORMAL)
    reasons = asked(one, one_night_before, policy(StaffGroup.MEDICAL_DENTAL, doctors=first))
    assert "doctors_rest_after_nights" not in codes(reasons)
    reasons = asked(one, one_night_before, policy(StaffGroup.MEDICAL_DENTAL, doctors=refreshed))
    rest = found(reasons, "doctors_rest_after_nights")
    assert rest.evidence["rest_minutes"] == 24 * 60 + 30
    assert rest.evidence["required_minutes"] == timedelta(hours=46) // timedelta(minutes=1)

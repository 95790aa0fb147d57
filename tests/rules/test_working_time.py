"""Overlap, rest, absences, and what is not known."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.values import BusyTime, MainJob, ShiftFacts
from bankhub.model.vocabulary import Grade, HoursKind
from bankhub.model.work_policy import EligibilityPolicy, SicknessReturnPolicy
from bankhub.rules.eligibility.ledger import Ledger, minutes_by_day, stretch_of
from tests.rules.work_examples import (
    DAY,
    EARLY,
    LATE,
    LONG_DAY,
    MARCH,
    MONDAY,
    NIGHT,
    NOW,
    OCTOBER,
    OPEN,
    OPT_OUT,
    WEEK,
    asked,
    at,
    away,
    busy,
    codes,
    doctor,
    doctors_post,
    doctors_shift,
    found,
    policy,
    shift,
    worker,
)

DUTY, DECLARED, SICKNESS = HoursKind.DUTY, HoursKind.DECLARED, HoursKind.SICKNESS
TUE, WED, THU, FRI, SAT, SUN = (MONDAY + n * DAY for n in range(1, 7))

CLASHES: list[tuple[str, ShiftFacts, list[BusyTime], set[str]]] = [
    ("nothing else", shift(), [], set()),
    ("a booking at the same time", shift(), [busy(MONDAY)], {"overlap"}),
    ("a rostered duty that ends inside", shift(), [busy(MONDAY, "06:00-08:00", DUTY)],
     {"overlap"}),
    ("declared work that begins inside", shift(), [busy(MONDAY, "19:00-21:00", DECLARED)],
     {"overlap"}),
    ("work around the whole shift", shift(clocks="10:00-12:00"), [busy(MONDAY)], {"overlap"}),
    ("a night that ends as the day begins", shift(clocks="08:00-10:00"), [busy(SUN - WEEK, NIGHT)],
     {"daily_rest"}),
    ("a session that ends as the next begins", shift(clocks="12:40-16:50"),
     [busy(MONDAY, "08:30-12:40")], set()),
    ("a day of leave", shift(), [away(MONDAY, MONDAY)], {"on_leave"}),
    ("leave that ends the day before", shift(), [away(MONDAY - WEEK, MONDAY - DAY)], set()),
    ("a night into a day of leave", shift(clocks=NIGHT), [away(TUE, TUE)], {"on_leave"}),
    ("a day of sickness", shift(), [away(MONDAY, MONDAY, SICKNESS)], {"off_sick"}),
    ("leave, sickness and work at once", shift(),
     [away(MONDAY, MONDAY), away(MONDAY, MONDAY, SICKNESS), busy(MONDAY)],
     {"on_leave", "off_sick", "overlap"}),
    ("the repeated hour is two hours long",
     shift(OCTOBER + DAY, "02:00-06:00"), [busy(OCTOBER + DAY, "00:00-02:00")], set()),
    ("a stretch of no length is nothing", shift(),
     [BusyTime(at(MONDAY, "09:00"), at(MONDAY, "09:00"), 0, DUTY)], set()),
]  # fmt: skip


@pytest.mark.parametrize(("one", "work", "expected"), [case[1:] for case in CLASHES],
                         ids=[case[0] for case in CLASHES])  # fmt: skip
def test_nobody_is_in_two_places(one: ShiftFacts, work: list[BusyTime], expected: set[str]) -> None:
    assert codes(asked(one, worker(work=work))) == expected


def test_an_overlap_tells_the_person_when_and_what_but_never_where() -> None:
    booked = replace(busy(MONDAY), booking_id=UUID(int=7))
    reason = found(asked(shift(), worker(work=[booked])), "overlap")
    assert dict(reason.evidence) == {
        "starts_at": "2026-10-05T06:30:00+00:00",
        "ends_at": "2026-10-05T19:00:00+00:00",
        "kind": "booking",
        "booking_id": str(UUID(int=7)),
    }
    assert "Mon 5 October 2026, 07:30" in reason.text


RESTS: list[tuple[str, ShiftFacts, list[BusyTime], set[str]]] = [
    ("a late, then an early", shift(TUE, EARLY), [busy(MONDAY, LATE)], {"daily_rest"}),
    ("a late before an early already booked", shift(MONDAY, LATE), [busy(TUE, EARLY)],
     {"daily_rest"}),
    ("a duty of the main job counts", shift(TUE, EARLY), [busy(MONDAY, LATE, DUTY)],
     {"daily_rest"}),
    ("declared work counts", shift(TUE, EARLY), [busy(MONDAY, LATE, DECLARED)], {"daily_rest"}),
    ("long day after long day leaves 11.5 hours", shift(TUE), [busy(MONDAY)], set()),
    ("exactly 11 hours are enough", shift(TUE, "07:00-15:00"), [busy(MONDAY, "12:00-20:00")],
     set()),
    ("a minute less is not", shift(TUE, "06:59-15:00"), [busy(MONDAY, "12:00-20:00")],
     {"daily_rest"}),
    ("two sessions of one day are one day's work", shift(MONDAY, "14:00-18:10"),
     [busy(MONDAY, "08:30-12:40")], set()),
    ("sessions that stretch over exactly 13 hours", shift(MONDAY, "17:00-21:00"),
     [busy(MONDAY, "08:00-12:00")], set()),
    ("a third session that stretches the day over 13 hours", shift(MONDAY, "20:00-23:00"),
     [busy(MONDAY, "06:00-10:00"), busy(MONDAY, "12:00-16:00")], {"daily_rest"}),
    ("October: 19:30 to 08:00 is 13.5 hours, and no neighbour, no question",
     shift(OCTOBER, NIGHT), [], set()),
    ("October: a late to 21:30 before an early at 07:30 leaves 11 hours, not 10",
     shift(OCTOBER + DAY, "07:30-15:00"), [busy(OCTOBER, LATE)], set()),
    ("October: night after night leaves 11.5 hours on Sunday",
     shift(OCTOBER + DAY, NIGHT), [busy(OCTOBER, NIGHT)], set()),
    ("March: long day after long day leaves 10.5 hours, not 11.5",
     shift(MARCH + DAY, LONG_DAY), [busy(MARCH, LONG_DAY)], {"daily_rest"}),
    ("March: the same the week before is fine",
     shift(MARCH - 6 * DAY, LONG_DAY), [busy(MARCH - WEEK, LONG_DAY)], set()),
]  # fmt: skip


@pytest.mark.parametrize(("one", "work", "expected"), [case[1:] for case in RESTS],
                         ids=[case[0] for case in RESTS])  # fmt: skip
def test_eleven_hours_of_rest_on_either_side(
    one: ShiftFacts, work: list[BusyTime], expected: set[str]
) -> None:
    assert codes(asked(one, worker(work=work))) == expected


def test_short_rest_says_how_much_is_left_and_how_it_may_be_booked() -> None:
    work = [busy(MONDAY, LATE), busy(WED, "02:00-05:00")]
    reason = found(asked(shift(TUE, "07:00-18:00"), worker(work=work)), "daily_rest")
    assert reason.evidence["rest_minutes"] == 9 * 60 + 30
    assert reason.evidence["required_minutes"] == 660
    assert reason.cure is not None
    assert "compensatory rest" in reason.cure.act


SIX_DAYS = [busy(MONDAY + n * DAY, "09:00-17:00") for n in range(6)]
EVERY_DAY = [busy(MONDAY + n * DAY, "07:00-15:00") for n in range(-7, 14)]
WEEKLY: list[tuple[str, ShiftFacts, list[BusyTime], set[str]]] = [
    ("six days leave the seventh", shift(SUN - WEEK, "09:00-17:00"), SIX_DAYS, set()),
    ("a seventh day, with free fortnights on both sides", shift(SUN, "09:00-17:00"), SIX_DAYS,
     set()),
    ("a seventh day where no week before or after rests", shift(SUN, "09:00-17:00"),
     [b for b in EVERY_DAY if b.starts_at.date() != SUN], {"weekly_rest"}),
    ("a night into Monday is work of Monday", shift(SUN, "09:00-17:00"),
     [busy(MONDAY - DAY, NIGHT), *[b for b in EVERY_DAY
      if b.starts_at.date() not in (MONDAY - DAY, MONDAY, SUN)]], {"weekly_rest"}),
    ("48 hours in the week before make up", shift(SUN, "09:00-17:00"),
     [b for b in EVERY_DAY if b.starts_at.date() not in (SUN, WED - WEEK, THU - WEEK)], set()),
    ("24 hours in the week before do not", shift(SUN, "09:00-17:00"),
     [b for b in EVERY_DAY if b.starts_at.date() not in (SUN, WED - WEEK)], {"weekly_rest"}),
    ("twice 24 hours in the week after make up", shift(SUN, "09:00-17:00"),
     [b for b in EVERY_DAY if b.starts_at.date() not in (SUN, MONDAY + 8 * DAY, MONDAY + 11 * DAY)],
     set()),
]  # fmt: skip


@pytest.mark.parametrize(("one", "work", "expected"), [case[1:] for case in WEEKLY],
                         ids=[case[0] for case in WEEKLY])  # fmt: skip
def test_a_day_a_week_or_two_a_fortnight(
    one: ShiftFacts, work: list[BusyTime], expected: set[str]
) -> None:
    assert codes(asked(one, worker(work=work))) & {"weekly_rest"} == expected


def test_a_night_over_sunday_midnight_is_asked_about_both_weeks() -> None:
    busy_weeks = [busy(MONDAY + n * DAY, "09:00-17:00") for n in range(-7, 27) if n != 6]
    reasons = asked(shift(SUN, "15:00-03:00"), worker(OPT_OUT, work=busy_weeks), OPEN)
    weeks = [r.evidence["week_on"] for r in reasons if r.code == "weekly_rest"]
    assert weeks == [MONDAY.isoformat(), (MONDAY + WEEK).isoformat()]


def _wait(days: int, cleared: bool = True) -> EligibilityPolicy:
    return policy(sickness_return=SicknessReturnPolicy(days, cleared))


SICK = away(MONDAY - 2 * DAY, MONDAY, SICKNESS)
RETURNS: list[tuple[str, EligibilityPolicy, ShiftFacts, list[BusyTime], set[str]]] = [
    ("two days later", _wait(2), shift(WED), [SICK], {"sickness_return"}),
    ("three days later", _wait(2), shift(THU), [SICK], set()),
    ("the day after where the bank has no rule", _wait(0), shift(TUE), [SICK], set()),
    ("never sick", _wait(2), shift(TUE), [], set()),
    ("sick again only later", _wait(2), shift(TUE), [away(FRI, FRI, SICKNESS)], set()),
    ("leave is not sickness", _wait(2), shift(TUE), [away(MONDAY, MONDAY)], set()),
    ("a duty worked since clears it", _wait(2), shift(WED),
     [SICK, busy(TUE, "09:00-17:00", DUTY)], set()),
    ("a duty before the sickness does not", _wait(2), shift(WED),
     [SICK, busy(MONDAY - 4 * DAY, "09:00-17:00", DUTY)], {"sickness_return"}),
    ("a duty after the shift does not", _wait(2), shift(WED),
     [SICK, busy(THU, "09:00-17:00", DUTY)], {"sickness_return"}),
    ("a bank booking does not", _wait(2), shift(WED), [SICK, busy(TUE, "09:00-17:00")],
     {"sickness_return"}),
    ("a duty does not where the bank does not say so", _wait(2, cleared=False), shift(WED),
     [SICK, busy(TUE, "09:00-17:00", DUTY)], {"sickness_return"}),
    ("the last of two sicknesses counts", _wait(2), shift(WED),
     [away(MONDAY - 20 * DAY, MONDAY - 15 * DAY, SICKNESS), SICK], {"sickness_return"}),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "one", "work", "expected"), [case[1:] for case in RETURNS],
                         ids=[case[0] for case in RETURNS])  # fmt: skip
def test_no_bank_shift_too_soon_after_sickness(
    rules: EligibilityPolicy, one: ShiftFacts, work: list[BusyTime], expected: set[str]
) -> None:
    assert codes(asked(one, worker(work=work), rules)) == expected


def test_the_return_rule_says_from_when() -> None:
    cure = found(asked(shift(WED), worker(work=[SICK]), _wait(2)), "sickness_return").cure
    assert cure is not None
    assert cure.at == THU.isoformat()


FRESH = NOW - 3 * DAY
JOBS: list[tuple[str, MainJob | None, ShiftFacts, str | bool | None]] = [
    ("bank only", None, shift(), False),
    ("a roster that reaches over the shift and is fresh", MainJob(TUE, FRESH), shift(), False),
    ("no roster was ever recorded", MainJob(None, None), shift(), None),
    ("a roster without a date", MainJob(TUE, None), shift(), None),
    ("a roster that ends before the shift", MainJob(MONDAY - 3 * DAY, FRESH), shift(),
     "2026-10-03"),
    ("a roster that ends on the day leaves the rest after it open", MainJob(MONDAY, FRESH),
     shift(), "2026-10-06"),
    ("a roster that ends on the day of a shift that ends early", MainJob(MONDAY, FRESH),
     shift(clocks="07:00-12:00"), False),
    ("a roster older than 14 days", MainJob(SUN, NOW - 14 * DAY - timedelta(minutes=1)), shift(),
     "2026-08-18"),
    ("a roster exactly 14 days old", MainJob(SUN, NOW - 14 * DAY), shift(), False),
    ("a roster both old and short: since the earlier of the two",
     MainJob(MONDAY - 60 * DAY, NOW - 20 * DAY), shift(), "2026-08-07"),
    ("a roster that begins after the shift", MainJob(SUN + 30 * DAY, FRESH, TUE), shift(), None),
    ("a roster that begins on the day leaves the rest before it open",
     MainJob(SUN, FRESH, MONDAY), shift(), None),
    ("a roster that begins before the rest before the shift",
     MainJob(SUN, FRESH, MONDAY - DAY), shift(), False),
]  # fmt: skip


@pytest.mark.parametrize(("job", "one", "since"), [case[1:] for case in JOBS],
                         ids=[case[0] for case in JOBS])  # fmt: skip
def test_a_main_job_that_is_not_known_is_never_silently_green(
    job: MainJob | None, one: ShiftFacts, since: str | bool | None
) -> None:
    reasons = asked(one, worker(main_job=job))
    if since is False:
        assert reasons == []
    else:
        reason = found(reasons, "main_job_not_known")
        assert reason.level == "note"
        assert reason.evidence["since_on"] == since


UNCHECKED: list[tuple[str, Any, set[str]]] = [
    ("a doctor on the 2016 terms: on-call", doctor(), {"doctors_on_call"}),
    ("a doctor in training: on-call", doctor(terms="doctor_in_training"), {"doctors_on_call"}),
    ("a registrar whose post does not say", doctor(terms=""), {"doctors_2016"}),
    ("a consultant who also holds a registrar's post", doctor(
        posts=(doctors_post(""), doctors_post("", Grade.CONSULTANT))),
     {"doctors_2016", "consultant_and_sas_contract"}),
    ("a specialty doctor", doctor(posts=(doctors_post("", Grade.SAS),)),
     {"consultant_and_sas_contract"}),
    ("a nurse", worker(), set()),
]  # fmt: skip


@pytest.mark.parametrize(("who", "expected"), [case[1:] for case in UNCHECKED],
                         ids=[case[0] for case in UNCHECKED])  # fmt: skip
def test_what_is_not_implemented_is_said(who: Any, expected: set[str]) -> None:
    reasons = asked(doctors_shift(), who)
    assert {r.evidence["rule"] for r in reasons if r.code == "not_checked"} == expected


LEDGERS: list[tuple[str, list[BusyTime], int]] = [
    ("a duty and the booking it came from count once",
     [busy(MONDAY, kind=DUTY), busy(MONDAY)], 750),
    ("a part of a longer stretch counts once",
     [busy(MONDAY), busy(MONDAY, "09:00-10:00", DECLARED)], 750),
    ("two records from the same start: the longer",
     [busy(MONDAY, "07:30-12:00"), busy(MONDAY)], 750),
    ("an unpaid break stays out", [busy(MONDAY, minutes=690)], 690),
    ("two stretches that overlap cannot be more than their time",
     [busy(MONDAY, "08:00-14:00"), busy(MONDAY, "12:00-18:00")], 600),
    ("two stretches that overlap with breaks add up",
     [busy(MONDAY, "08:00-14:00", minutes=200), busy(MONDAY, "12:00-18:00", minutes=200)], 400),
    ("two that meet add up", [busy(MONDAY, "08:00-12:00"), busy(MONDAY, "12:00-16:00")], 480),
    ("leave is no work", [away(MONDAY, SUN), busy(MONDAY)], 750),
]  # fmt: skip


@pytest.mark.parametrize(("work", "minutes"), [case[1:] for case in LEDGERS],
                         ids=[case[0] for case in LEDGERS])  # fmt: skip
def test_work_reported_twice_counts_once(work: list[BusyTime], minutes: int) -> None:
    assert Ledger(work).tally().minutes(MONDAY, 7) == minutes


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(shift(MONDAY), [(MONDAY, 750)], id="a day"),
        pytest.param(shift(SUN, NIGHT), [(SUN, 270), (SUN + DAY, 480)], id="a night"),
        pytest.param(shift(SUN, "12:00-00:00"), [(SUN, 720)], id="until midnight"),
        pytest.param(
            shift(OCTOBER, NIGHT), [(OCTOBER, 270), (OCTOBER + DAY, 540)], id="the October night"
        ),
        pytest.param(shift(MARCH, NIGHT), [(MARCH, 270), (MARCH + DAY, 420)], id="the March night"),
        pytest.param(
            shift(SUN, NIGHT, unpaid_break_minutes=75),
            [(SUN, 243), (SUN + DAY, 432)],
            id="an unpaid break is spread and the parts add up",
        ),
    ],
)
def test_minutes_are_divided_at_london_midnight(
    one: ShiftFacts, expected: list[tuple[date, int]]
) -> None:
    assert minutes_by_day(stretch_of(one)) == expected

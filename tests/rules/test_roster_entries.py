"""What one row of a roster asks for, and what has changed since it was last here."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.policies import PolicyKind, read_values
from bankhub.model.reference import national_policies
from bankhub.model.request_policy import RequestFacts, RequestPolicy
from bankhub.model.vocabulary import Grade, RequestReason, ShiftState
from bankhub.rules.shift_times import Occurrence, Span
from bankhub.rules.shifts.roster_entries import (
    CodeTimes,
    RosterEntry,
    RosterStatus,
    absence_span,
    any_length,
    changes,
    is_all_day,
    last_day_of,
    shift_references,
    stated_break,
    why_not_ask,
    why_not_change,
    working_span,
)
from tests.rules.work_examples import shift

VERSIONS = {v.staff_group: v for v in national_policies(PolicyKind.REQUESTING)}
POLICY = read_values(RequestPolicy, VERSIONS[None].values)
MONDAY, OCTOBER, MARCH = date(2026, 9, 14), date(2026, 10, 24), date(2027, 3, 27)
FIRST, SECOND = Occurrence
NIGHT = CodeTimes(starts=time(19, 30), ends=time(8), unpaid_break_minutes=60)


def entry(status: RosterStatus = RosterStatus.VACANT, **said: Any) -> RosterEntry:
    known: dict[str, Any] = {"line": 2, "reference": "A1", "day": MONDAY, "status": status}
    return RosterEntry(**{**known, **said})


def elapsed(found: Span | list[Any]) -> int:
    assert isinstance(found, Span)
    return found.minutes


NIGHTS = {
    "an ordinary night": (MONDAY, 750),
    "the October night is 13.5 hours": (OCTOBER, 810),
    "the March night is 11.5 hours": (MARCH, 690),
}


@pytest.mark.parametrize(("day", "minutes"), NIGHTS.values(), ids=NIGHTS.keys())
def test_a_code_and_the_same_times_mean_the_same_night(day: date, minutes: int) -> None:
    by_code = working_span(entry(day=day, shift_code="N"), NIGHT, POLICY)
    by_times = working_span(entry(day=day, starts=time(19, 30), ends=time(8)), None, POLICY)
    assert elapsed(by_code) == elapsed(by_times) == minutes


WRONG_TIMES: Mapping[str, tuple[dict[str, Any], str]] = {
    "neither times nor a code": ({}, "times_missing"),
    "a start without an end": ({"starts": time(7)}, "times_missing"),
    "a code nobody knows": ({"shift_code": "ZZ"}, "shift_code_not_known"),
    "more than the longest shift": ({"starts": time(7), "ends": time(22)}, "too_long"),
    "an end before the start": ({"starts": time(15), "ends": time(7), "last_day": MONDAY},
                                "ends_before_start"),
    "thirty hours": ({"starts": time(7), "ends": time(13),
                      "last_day": MONDAY + timedelta(days=1)}, "full_day"),
    "an end a week later": ({"starts": time(7), "ends": time(15),
                             "last_day": MONDAY + timedelta(days=7)}, "full_day"),
    "a day that ended before it began": ({"starts": time(7), "ends": time(15),
                                          "last_day": MONDAY - timedelta(days=1)},
                                         "ends_before_start"),
    "the hour that does not exist": ({"day": date(2027, 3, 28), "starts": time(1, 30),
                                      "ends": time(8)}, "missing_hour"),
    "the hour that happens twice": ({"day": date(2026, 10, 25), "starts": time(1, 30),
                                     "ends": time(8)}, "repeated_hour"),
}  # fmt: skip


@pytest.mark.parametrize(("said", "code"), WRONG_TIMES.values(), ids=WRONG_TIMES.keys())
def test_times_are_refused_for(said: dict[str, Any], code: str) -> None:
    found = working_span(entry(**said), None, POLICY)
    assert isinstance(found, list)
    assert [reason.code for reason in found] == [code]
    assert all(reason.text for reason in found)


def test_the_pass_of_the_repeated_hour_is_asked_and_then_taken() -> None:
    row = entry(day=date(2026, 10, 25), starts=time(1, 30), ends=time(8))
    first, second = (working_span(replace(row, start_pass=one), None, POLICY) for one in Occurrence)
    assert (elapsed(first), elapsed(second)) == (450, 390)


def test_a_duty_may_be_long_but_never_a_day() -> None:
    long = entry(RosterStatus.FILLED, starts=time(8), ends=time(7))
    assert elapsed(working_span(long, None, any_length(POLICY))) == 23 * 60
    day = entry(RosterStatus.FILLED, starts=time(8), ends=time(8))
    found = working_span(day, None, any_length(POLICY))
    assert isinstance(found, list)
    assert found[0].code == "full_day"


ABSENCES = {
    "one day": ({}, date(2026, 9, 14), True),
    "a week": ({"last_day": date(2026, 9, 20)}, date(2026, 9, 20), True),
    "days with the times of a duty": (
        {"last_day": date(2026, 9, 15), "starts": time(7), "ends": time(15)},
        date(2026, 9, 15), True,
    ),
    "until midnight of the next day": (
        {"last_day": date(2026, 9, 15), "starts": time(0), "ends": time(0)},
        date(2026, 9, 14), True,
    ),
    "from midnight to a minute before": (
        {"starts": time(0), "ends": time(23, 59)}, date(2026, 9, 14), True,
    ),
    "an afternoon": ({"starts": time(13), "ends": time(17)}, date(2026, 9, 14), False),
}  # fmt: skip


@pytest.mark.parametrize(("said", "last", "all_day"), ABSENCES.values(), ids=ABSENCES.keys())
def test_an_absence_lasts(said: dict[str, Any], last: date, all_day: bool) -> None:
    row = entry(RosterStatus.SICKNESS, **said)
    assert (last_day_of(row), is_all_day(row)) == (last, all_day)
    span = absence_span(row)
    assert isinstance(span, Span)
    midnight = datetime.combine(last, time(23), UTC)
    assert (span.starts_at, span.ends_at) == (datetime(2026, 9, 13, 23, tzinfo=UTC), midnight)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 10, 25), 25), (date(2027, 3, 28), 23), (MONDAY, 24)],
    ids=["the October Sunday has 25 hours", "the March Sunday has 23", "a Monday has 24"],
)  # fmt: skip
def test_a_day_of_leave_is_a_london_day(day: date, hours: int) -> None:
    assert elapsed(absence_span(entry(RosterStatus.LEAVE, day=day))) == hours * 60


@pytest.mark.parametrize("last", [date(2026, 9, 13), date(2028, 9, 14)], ids=["back", "two years"])
def test_an_absence_that_cannot_be_is_refused(last: date) -> None:
    assert isinstance(absence_span(entry(RosterStatus.LEAVE, last_day=last)), list)


BREAKS = {
    "the row's own": ({"unpaid_break_minutes": 0}, 0),
    "the code's where the row has no times": ({}, 60),
    "the code's where the times are the code's": ({"starts": time(19, 30), "ends": time(8)}, 60),
    "nobody's where they are not": ({"starts": time(19, 30), "ends": time(7)}, None),
}


@pytest.mark.parametrize(("said", "minutes"), BREAKS.values(), ids=BREAKS.keys())
def test_the_break_is(said: dict[str, Any], minutes: int | None) -> None:
    assert stated_break(entry(**said), NIGHT) == minutes


def test_a_vacant_row_says_all_that_it_lacks() -> None:
    codes = {reason.code for reason in why_not_ask(entry())}
    assert codes == {"unit_missing", "role_missing", "grade_missing", "reason_missing"}


def test_only_a_vacant_row_asks_for_people() -> None:
    assert [entry(one, people=3).asked for one in RosterStatus] == [3, 0, 0, 0, 0, 0]
    assert shift_references("A1", 1, 3) == ["A1", "A1~2", "A1~3"]
    assert shift_references("A1", 3, 2) == []


def test_the_digest_is_of_what_is_said_and_not_of_where() -> None:
    said = entry(stated=frozenset({"notes", "unit"}), notes="x")
    assert said.digest == replace(said, line=99).digest
    others = [
        replace(said, notes="y"),
        replace(said, stated=frozenset({"unit"})),
        replace(said, people=2),
        replace(said, day=OCTOBER),
        replace(said, status=RosterStatus.FILLED),
    ]
    assert len({said.digest, *(other.digest for other in others)}) == 6


def request(**said: Any) -> RequestFacts:
    own = {k: said.pop(k) for k in ("notes", "reason_text", "post_number") if k in said}
    facts = RequestFacts(
        shift=shift(MONDAY, unpaid_break_minutes=said.pop("unpaid", 60), **said),
        requested_by_id=None,
        created_at=datetime(2026, 9, 1, tzinfo=UTC),
        estimate_pence=None,
    )
    return replace(facts, **own)


CHANGES: Mapping[str, tuple[dict[str, Any], dict[str, Any], set[str]]] = {
    "nothing": ({}, {}, set()),
    "another ward of another site": (
        {"unit_id": UUID(int=9), "site_id": UUID(int=8)}, {}, {"unit_id", "site_id"},
    ),
    "a grade and a reason": (
        {"grade": Grade.BAND_6, "reason": RequestReason.ACUITY}, {}, {"grade", "reason"},
    ),
    "notes that the file has a column for": ({"notes": "x"}, {"stated": {"notes"}}, {"notes"}),
    "notes that it has none for": ({"notes": "x"}, {}, set()),
    "a break that it states": ({"unpaid": 30}, {"broken": True}, {"unpaid_break_minutes"}),
    "a break that follows nothing": ({"unpaid": 30}, {}, set()),
    "times, and the break with them": (
        {"clocks": "07:30-14:00", "unpaid": 30}, {}, {"ends_at", "unpaid_break_minutes"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("wanted", "row", "names"), CHANGES.values(), ids=CHANGES.keys())
def test_a_row_changes(wanted: dict[str, Any], row: dict[str, Any], names: set[str]) -> None:
    said = entry(stated=frozenset(row.get("stated", ())))
    found = changes(said, request(), request(**wanted), break_stated=row.get("broken", False))
    assert set(found) == names


@pytest.mark.parametrize(
    ("state", "changed", "code"),
    [
        pytest.param(ShiftState.OPEN, {"starts_at"}, None, id="an open shift may be moved"),
        pytest.param(ShiftState.FILLED, {"notes"}, None, id="a filled one explained"),
        pytest.param(ShiftState.FILLED, {"ends_at"}, "booked_times", id="but not moved"),
        pytest.param(ShiftState.WITHDRAWN, set(), "no_longer_asked", id="withdrawn stays so"),
        pytest.param(ShiftState.REJECTED, set(), "no_longer_asked", id="rejected stays so"),
    ],
)
def test_a_file_may_not_change(state: ShiftState, changed: set[str], code: str | None) -> None:
    found = why_not_change(state, dict.fromkeys(changed))
    assert [reason.code for reason in found] == ([code] if code else [])

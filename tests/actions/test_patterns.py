"""Posting a pattern, copying a week, and the codes of an organisation, on both databases."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from bankhub.actions.shifts import patterns, shift_codes
from bankhub.actions.shifts.shift_codes import CodeFields
from bankhub.actions.shifts.shift_drafts import ShiftWish
from bankhub.model.reference_values import StarterSet
from bankhub.model.shifts import Shift, ShiftCode
from bankhub.model.vocabulary import Grade, RequestReason, ShiftState
from bankhub.rules.shifts.patterns import Pattern, Times
from passport.actors import AccessRole
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound
from tests.support import build
from tests.support.build import NOW
from tests.support.rosters import Trust

NIGHT = Times(starts=time(19, 30), ends=time(8), shift_code="N")
EARLY = Times(starts=time(7), ends=time(15), unpaid_break_minutes=30)


@pytest.fixture
def trust(database: Database) -> Trust:
    return Trust(database)


def wish(trust: Trust, **said: Any) -> ShiftWish:
    known: dict[str, Any] = {
        "unit_id": trust.ward.id,
        "role": "rn_adult",
        "grade": Grade.BAND_5,
        "reason": RequestReason.ACUITY,
    }
    return ShiftWish(**{**known, **said})


def post(trust: Trust, pattern: Pattern, **said: Any) -> list[patterns.Line]:
    with trust.database.transaction() as session:
        return patterns.post_pattern(
            session, wish=wish(trust, **said), pattern=pattern, by=trust.coordinator, now=NOW
        )


def copy(trust: Trust, week: date, **options: Any) -> list[patterns.Line]:
    options.setdefault("by", trust.coordinator)
    with trust.database.transaction() as session:
        return patterns.copy_week(
            session, unit_ids=[trust.ward.id], week=week, now=NOW, **options
        )


def codes(lines: list[patterns.Line]) -> list[list[str]]:
    return [[reason.code for reason in line.reasons] for line in lines]


def test_a_pattern_is_posted_over_october_and_march(trust: Trust) -> None:
    nights = Pattern(first_week=date(2026, 10, 19), weeks=24, every=1, times={5: [NIGHT]})
    lines = post(trust, nights)
    assert len(lines) == 24
    assert not any(line.reasons for line in lines)
    shifts = {shift.starts_at.date(): shift for shift in trust.rows(Shift)}
    lasts = {day: (s.ends_at - s.starts_at) for day, s in shifts.items()}
    assert lasts[date(2026, 10, 24)] == timedelta(hours=13.5)
    assert lasts[date(2027, 3, 27)] == timedelta(hours=11.5)
    assert {shift.shift_code for shift in shifts.values()} == {"N"}


def test_days_that_cannot_be_are_told_and_the_others_posted(trust: Trust) -> None:
    lost = Times(starts=time(1, 30), ends=time(8))
    pattern = Pattern(first_week=date(2027, 3, 22), weeks=2, times={6: [lost], 0: [EARLY]})
    lines = post(trust, pattern, people=2)
    assert codes(lines) == [[], ["missing_hour"], [], []]
    assert [len(line.posted) for line in lines] == [2, 0, 2, 2]
    assert len(trust.rows(Shift)) == 6


def test_the_first_pass_of_the_repeated_hour_is_taken_and_said(trust: Trust) -> None:
    twice = Times(starts=time(1, 30), ends=time(8))
    lines = post(trust, Pattern(first_week=date(2026, 10, 19), weeks=2, times={6: [twice]}))
    assert [line.first_pass_taken for line in lines] == [True, False]
    first = min(shift.starts_at for shift in trust.rows(Shift))
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_what_every_shift_lacks_is_told_for_each(trust: Trust) -> None:
    pattern = Pattern(first_week=date(2026, 9, 14), weeks=2, times={0: [EARLY]})
    lines = post(trust, pattern, reason=RequestReason.VACANCY)
    assert codes(lines) == [["post_number_missing"]] * 2
    assert trust.rows(Shift) == []


def test_a_pattern_that_means_nothing_is_refused_whole(trust: Trust) -> None:
    with pytest.raises(Invalid):
        post(trust, Pattern(first_week=date(2026, 9, 14), weeks=0, times={0: [EARLY]}))


def test_a_pattern_for_another_trusts_ward_is_not_found(trust: Trust) -> None:
    other = Trust(trust.database)
    with pytest.raises(NotFound):
        post(
            trust,
            Pattern(first_week=date(2026, 9, 14), weeks=1, times={0: [EARLY]}),
            unit_id=other.ward.id,
        )


def test_a_practice_posts_its_sessions(trust: Trust) -> None:
    morning = Times(starts=time(8, 30), ends=time(12, 40), unpaid_break_minutes=0)
    details = {"period": "am", "clinical_system": "EMIS Web", "visits": 2}
    pattern = Pattern(first_week=date(2026, 9, 14), weeks=1, times={0: [morning], 2: [morning]})
    lines = post(trust, pattern, role="gp", grade=Grade.GP, details=details)
    assert codes(lines) == [[], []]
    (one, _) = trust.rows(Shift)
    assert one.details == details
    assert one.ends_at - one.starts_at == timedelta(minutes=250)
    with pytest.raises(Invalid):
        post(trust, pattern, role="gp", grade=Grade.GP, details={"clinical_system": 7})


def old_week(trust: Trust, day: datetime, **fields: Any) -> Shift:
    with trust.database.transaction() as session:
        return build.a_shift(session, trust.ward, starts_at=day, hours=8, **fields)


OLD = datetime(2026, 9, 1, 6, tzinfo=UTC)


def test_last_week_comes_again_with_everything_it_said(trust: Trust) -> None:
    old = old_week(trust, OLD, notes="Bring your badge", skills=["cannulation"], shift_code="E")
    lines = copy(trust, date(2026, 8, 31), weeks_later=2)
    assert (codes(lines), [line.copied for line in lines]) == ([[]], [old.reference])
    (new,) = trust.rows(Shift, Shift.starts_at == OLD + timedelta(days=14))
    same = ("unit_id", "role", "grade", "skills", "reason", "notes", "shift_code")
    assert [getattr(new, name) for name in same] == [getattr(old, name) for name in same]
    assert new.state is ShiftState.OPEN


def test_copying_twice_posts_nothing_twice(trust: Trust) -> None:
    old_week(trust, OLD)
    old_week(trust, OLD)
    assert codes(copy(trust, date(2026, 8, 31), weeks_later=2)) == [[], []]
    assert codes(copy(trust, date(2026, 8, 31), weeks_later=2)) == [["already_there"]] * 2
    assert len(trust.rows(Shift)) == 4


def test_without_asking_what_stands_there_a_copy_would_post_twice(
    trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_week(trust, OLD)
    copy(trust, date(2026, 8, 31), weeks_later=2)
    monkeypatch.setattr(patterns, "already_there", lambda wanted, _there: [False] * len(wanted))
    copy(trust, date(2026, 8, 31), weeks_later=2)
    assert len(trust.rows(Shift)) == 3


def test_withdrawn_late_and_other_trusts_shifts_are_not_copied(trust: Trust) -> None:
    old_week(trust, OLD, state=ShiftState.WITHDRAWN)
    old_week(trust, OLD, retrospective=True)
    other = Trust(trust.database)
    old_week(other, OLD)
    assert copy(trust, date(2026, 8, 31), weeks_later=2) == []
    with trust.database.transaction() as session:
        theirs = patterns.copy_week(
            session,
            unit_ids=[other.ward.id],
            week=date(2026, 8, 31),
            weeks_later=2,
            by=trust.coordinator,
            now=NOW,
        )
    assert theirs == []


def test_a_copied_week_may_have_another_reason(trust: Trust) -> None:
    old_week(trust, OLD)
    copy(trust, date(2026, 8, 31), weeks_later=2, reason=RequestReason.ACUITY)
    (new,) = trust.rows(Shift, Shift.starts_at > NOW)
    assert new.reason is RequestReason.ACUITY


@pytest.mark.parametrize("weeks", [0, 53])
def test_a_week_is_copied_to_one_of_the_next_52(trust: Trust, weeks: int) -> None:
    with pytest.raises(Invalid):
        copy(trust, date(2026, 8, 31), weeks_later=weeks)


LONG_DAY: CodeFields = {
    "name": "Long day",
    "starts": time(7, 30),
    "ends": time(20),
    "unpaid_break_minutes": 60,
    "details": {},
}


def put(trust: Trust, code: str = "LD", role: Any = AccessRole.BANK_MANAGER, **said: Any) -> UUID:
    fields: Any = {**LONG_DAY, **said}
    with trust.database.transaction() as session:
        added = shift_codes.add_shift_code(
            session, code=code, fields=fields, by=build.an_actor(trust.trust, role), now=NOW
        )
        return added.id


def test_codes_are_added_changed_kept_and_removed(trust: Trust) -> None:
    code_id, manager = put(trust), build.an_actor(trust.trust, AccessRole.BANK_MANAGER)
    for name in ("Long day", "Day"):
        with trust.database.transaction() as session:
            shift_codes.change_shift_code(
                session, code_id=code_id, fields={**LONG_DAY, "name": name}, by=manager, now=NOW
            )
    with trust.database.transaction() as session:
        assert [row.name for row in shift_codes.shift_codes(session, by=manager)] == ["Day"]
        shift_codes.remove_shift_code(session, code_id=code_id, by=manager, now=NOW)
    assert trust.rows(ShiftCode) == []
    told = [kind for kind in trust.events() if kind.startswith("shift_code.")]
    assert told == ["shift_code.added", "shift_code.changed", "shift_code.removed"]


def test_of_two_codes_of_one_name_the_second_is_refused(trust: Trust) -> None:
    put(trust)
    with pytest.raises(Invalid) as refused:
        put(trust, "ld", name="Day")
    assert refused.value.fields == {"code": [shift_codes.TAKEN]}
    assert [row.name for row in trust.rows(ShiftCode)] == ["Long day"]


WRONG_CODES: dict[str, dict[str, Any]] = {
    "a code of two lines": {"code": "L\nD"},
    "no name": {"name": " "},
    "an end that is its start": {"ends": time(7, 30)},
    "a break as long as the shift": {"unpaid_break_minutes": 750},
    "details nobody knows": {"details": {"colour": "red"}},
    "a part of the day that is none": {"details": {"period": "noon"}},
    "too many visits": {"details": {"visits": 21}},
    "a patient in the system's name": {"details": {"clinical_system": "NHS 943 476 5919"}},
}


@pytest.mark.parametrize("said", WRONG_CODES.values(), ids=WRONG_CODES.keys())
def test_a_code_is_refused_for(sqlite_database: Database, said: dict[str, Any]) -> None:
    trust = Trust(sqlite_database)
    with pytest.raises(Invalid):
        put(trust, **said)
    assert trust.rows(ShiftCode) == []


def test_only_a_manager_sets_codes_and_others_codes_are_not_found(trust: Trust) -> None:
    with pytest.raises(Forbidden):
        put(trust, role=AccessRole.WARD_REQUESTER)
    code_id = put(trust)
    other = build.an_actor(Trust(trust.database).trust, AccessRole.BANK_MANAGER)
    with trust.database.transaction() as session:
        assert shift_codes.shift_codes(session, by=other) == []
        with pytest.raises(NotFound):
            shift_codes.remove_shift_code(session, code_id=code_id, by=other, now=NOW)
        with pytest.raises(NotFound):
            shift_codes.change_shift_code(
                session, code_id=code_id, fields=LONG_DAY, by=other, now=NOW
            )


@pytest.mark.parametrize(
    ("which", "some"), [(StarterSet.TRUST, {"E", "L", "LD", "N", "TW"}),
                        (StarterSet.GP_PRACTICE, {"AM", "PM", "OD"})],
)  # fmt: skip
def test_starter_codes_are_adopted_once_and_own_ones_kept(
    trust: Trust, which: StarterSet, some: set[str]
) -> None:
    put(trust, "D", name="Our day")
    manager = build.an_actor(trust.trust, AccessRole.BANK_MANAGER)
    for again in range(2):
        with trust.database.transaction() as session:
            added = shift_codes.adopt_starter_codes(session, which=which, by=manager, now=NOW)
        assert bool(added) is not bool(again)
    held = {row.code: row for row in trust.rows(ShiftCode)}
    assert some <= held.keys()
    assert held["D"].name == "Our day"
    assert all(row.details == {} or row.details["period"] for row in held.values())

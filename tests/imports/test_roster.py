"""A roster file comes in: what is new, what has changed, what is where somebody is."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from bankhub.actions.rosters import rosters
from bankhub.actions.shifts import shift_changes, shift_codes
from bankhub.model.hours import RosterKnown
from bankhub.model.shifts import Opening
from bankhub.model.vocabulary import Grade, HoursKind, RequestReason, ShiftState
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Forbidden
from passport.events import UnrecordedChange
from tests.support import build
from tests.support.build import NOW
from tests.support.rosters import DUTY, NUMBER, Trust, counts, roster

SUM = (
    "new", "amended", "unchanged", "refused", "passed_over", "not_on_bank",
    "hours_new", "hours_changed",
)  # fmt: skip


@pytest.fixture
def trust(database: Database) -> Trust:
    return Trust(database)


def test_vacant_rows_become_shifts_open_to_the_bank(trust: Trust) -> None:
    report = trust.send(roster({}, {"reference": "A2", "notes": "Bring your badge"}))
    assert counts(report) == {"new": 2, "shifts": 2}
    shift = trust.shifts()["A2"]
    assert (shift.state, shift.grade, shift.notes) == (
        ShiftState.OPEN, Grade.BAND_5, "Bring your badge",
    )  # fmt: skip
    assert shift.starts_at == datetime(2026, 9, 14, 6, 30, tzinfo=UTC)
    assert (shift.unpaid_break_minutes, shift.reason) == (60, RequestReason.SICKNESS_SHORT)
    assert len(trust.rows(Opening, Opening.shift_id == shift.id)) == 7
    assert trust.events()["shift.posted"] == 2


def test_a_request_for_several_people_becomes_single_shifts_of_one_request(trust: Trust) -> None:
    assert counts(trust.send(roster({"people": "3"}))) == {"new": 1, "shifts": 3}
    shifts = trust.shifts()
    assert sorted(shifts) == ["A1", "A1~2", "A1~3"]
    assert len({shift.request_id for shift in shifts.values()}) == 1


BY_DATE = {"start": "", "end": ""}
EVERY_KIND = roster(
    {"people": "2"},
    {"reference": "D1", **DUTY},
    {"reference": "L1", **DUTY, **BY_DATE, "status": "annual leave", "date": "2026-09-16"},
    {"reference": "S1", **DUTY, "status": "sick", "date": "2026-09-17", "end_date": "2026-09-18"},
    {"reference": "X1", **DUTY, "assignment_number": "7"},
    {"reference": "X2", "status": "rest day"},
    {"reference": "X3", "status": "cancelled"},
    {"reference": "X4", "grade": "band_9"},
)


def test_every_row_is_counted_once_and_a_preview_counts_the_same(trust: Trust) -> None:
    looked = trust.look(EVERY_KIND)
    before = trust.events()
    report = trust.send(EVERY_KIND)
    assert counts(report) == {
        "new": 1, "shifts": 2, "hours_new": 3, "not_on_bank": 1, "passed_over": 2, "refused": 1,
    }  # fmt: skip
    assert sum(report.counts[name] for name in SUM) == report.counts["rows"] == 8
    assert (counts(looked), looked.refused) == (counts(report), report.refused)
    assert trust.events() != before


def test_a_preview_changes_nothing(trust: Trust) -> None:
    before = trust.events()
    trust.look(EVERY_KIND)
    assert (trust.events(), trust.shifts(), trust.hours()) == (before, {}, {})


def test_the_same_file_again_does_nothing_and_records_nothing(trust: Trust) -> None:
    trust.send(EVERY_KIND)
    before = trust.events()
    again = trust.send(EVERY_KIND, now=NOW + timedelta(hours=1))
    assert counts(again) == {"unchanged": 4, "not_on_bank": 1, "passed_over": 2, "refused": 1}
    assert trust.events() == before


def test_without_what_was_last_seen_a_repeat_would_compare_and_find_the_same(
    trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust.send(roster({}))
    before = trust.events()
    monkeypatch.setattr(rosters, "last_seen", lambda *_args: {})
    with pytest.raises(Exception, match=r"roster_row|UNIQUE|unique"):
        trust.send(roster({}))
    assert trust.events() == before


def test_a_changed_row_amends_its_shift_and_opens_it_anew(trust: Trust) -> None:
    trust.send(roster({}, {"reference": "A2"}))
    report = trust.send(roster({"end": "19:30", "reason": "acuity"}, {"reference": "A2"}))
    assert counts(report) == {"amended": 1, "unchanged": 1}
    shift = trust.shifts()["A1"]
    assert (shift.ends_at.hour, shift.reason) == (18, RequestReason.ACUITY)
    assert trust.events()["shift.amended"] == 1
    replaced = trust.rows(Opening, Opening.shift_id == shift.id, Opening.replaced_at.is_not(None))
    assert len(replaced) == 7


def test_a_row_that_asks_for_more_people_gets_them(trust: Trust) -> None:
    trust.send(roster({}))
    assert counts(trust.send(roster({"people": "3"}))) == {"amended": 1, "shifts": 2}
    assert sorted(trust.shifts()) == ["A1", "A1~2", "A1~3"]


def test_what_was_amended_by_hand_stays_until_the_row_itself_changes(trust: Trust) -> None:
    trust.send(roster({}))
    shift = trust.shifts()["A1"]
    with trust.database.transaction() as session:
        shift_changes.amend(
            session,
            shift_id=shift.id,
            changes={"notes": "Door code at the desk"},
            by=trust.coordinator,
            now=NOW,
        )
    assert counts(trust.send(roster({}, {"reference": "A2"})))["unchanged"] == 1
    assert trust.shifts()["A1"].notes == "Door code at the desk"
    trust.send(roster({"notes": "Bring your badge"}))
    assert trust.shifts()["A1"].notes == "Bring your badge"


def test_a_column_the_file_does_not_have_leaves_what_is_on_record(trust: Trust) -> None:
    trust.send(roster({"notes": "Bring your badge", "fallback_grade": "band_6"}))
    shorter = roster({"end": "19:30"}, without=("notes", "fallback_grade"))
    assert counts(trust.send(shorter)) == {"amended": 1}
    shift = trust.shifts()["A1"]
    assert (shift.notes, shift.fallback_grade) == ("Bring your badge", Grade.BAND_6)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        pytest.param({"grade": "band_6"}, "no longer be changed", id="the grade stays"),
        pytest.param({"end": "19:00"}, "Somebody is booked", id="times wait for an agreement"),
    ],
)
def test_a_filled_shift_refuses_what_may_not_change(
    trust: Trust, cells: Mapping[str, str], said: str
) -> None:
    trust.send(roster({}))
    _book(trust, "A1")
    report = trust.send(roster(cells))
    assert counts(report) == {"refused": 1}
    assert said in report.refused[2]


def test_a_filled_shift_takes_what_only_explains_it(trust: Trust) -> None:
    trust.send(roster({}))
    _book(trust, "A1")
    assert counts(trust.send(roster({"notes": "Bring your badge"}))) == {"amended": 1}


def _book(trust: Trust, reference: str) -> None:
    with trust.database.transaction() as session:
        shift = session.merge(trust.shifts()[reference])
        shift.state = ShiftState.FILLED
        build.a_booking(session, shift, trust.person, trust.post)


def test_a_withdrawn_shift_is_not_asked_for_again_by_a_changed_row(trust: Trust) -> None:
    trust.send(roster({}))
    with trust.database.transaction() as session:
        shift_changes.withdraw(
            session,
            shift_id=trust.shifts()["A1"].id,
            because="Ward closed",
            need_ended=True,
            by=trust.coordinator,
            now=NOW,
        )
    assert counts(trust.send(roster({}, {"reference": "A2"})))["unchanged"] == 1
    report = trust.send(roster({"end": "19:00"}))
    assert "was withdrawn here. Give the row a new reference" in report.refused[2]


NIGHTS = [
    pytest.param("2026-10-24", 810, 750, id="the October night is 13.5 hours"),
    pytest.param("2027-03-27", 690, 630, id="the March night is 11.5 hours"),
    pytest.param("2026-09-14", 750, 690, id="any other night is 12.5 hours"),
]


@pytest.mark.parametrize(("day", "elapsed", "worked"), NIGHTS)
def test_nights_last_as_long_as_they_do(
    trust: Trust, day: str, elapsed: int, worked: int
) -> None:
    night = {"date": day, "start": "19:30", "end": "08:00"}
    trust.send(roster(night, {**night, **DUTY, "reference": "D1"}))
    shift, duty = trust.shifts()["A1"], trust.hours()["D1"]
    assert (shift.ends_at - shift.starts_at) == timedelta(minutes=elapsed)
    assert (duty.ends_at - duty.starts_at) == timedelta(minutes=elapsed)
    assert duty.minutes == worked


def test_a_shift_code_gives_times_break_and_its_name(trust: Trust) -> None:
    with trust.database.transaction() as session:
        shift_codes.adopt_starter_codes(
            session,
            which=shift_codes.StarterSet.TRUST,
            by=build.an_actor(trust.trust, AccessRole.BANK_MANAGER),
            now=NOW,
        )
    code = {"shift_code": "tw", "start": "", "end": ""}
    report = trust.send(roster(code, {**code, "reference": "A2", "shift_code": "ZZ"}))
    shift = trust.shifts()["A1"]
    assert (shift.starts_at.hour, shift.ends_at.hour, shift.unpaid_break_minutes) == (15, 23, 30)
    assert "The shift code ZZ is not known here" in report.refused[3]


def test_duties_and_absences_are_filed_without_a_place(trust: Trust) -> None:
    trust.send(EVERY_KIND)
    hours = trust.hours()
    assert {name: (row.kind, row.minutes, row.all_day) for name, row in hours.items()} == {
        "D1": (HoursKind.DUTY, 690, False),
        "L1": (HoursKind.LEAVE, 0, True),
        "S1": (HoursKind.SICKNESS, 0, True),
    }
    sick = hours["S1"]
    assert sick.starts_at == datetime(2026, 9, 16, 23, tzinfo=UTC)
    assert sick.ends_at == datetime(2026, 9, 18, 23, tzinfo=UTC)


def test_the_main_job_is_found_by_the_number_of_the_bank_post(trust: Trust) -> None:
    main = f"{NUMBER}-2"
    assert counts(trust.send(roster({"reference": "D1", **DUTY, "assignment_number": main}))) == {
        "hours_new": 1
    }
    with trust.database.transaction() as session:
        build.a_nurse(session, trust.trust, assignment_number=f"{NUMBER}-3")
    other = {"reference": "D2", **DUTY, "assignment_number": main}
    assert counts(trust.send(roster(other))) == {"not_on_bank": 1}


def test_a_duty_that_moves_to_another_person_leaves_the_first(trust: Trust) -> None:
    with trust.database.transaction() as session:
        build.a_nurse(session, trust.trust, assignment_number="7")
    trust.send(roster({"reference": "D1", **DUTY}))
    report = trust.send(roster({"reference": "D1", **DUTY, "assignment_number": "7"}))
    assert counts(report) == {"hours_new": 1, "hours_released": 1}
    assert trust.hours() == {}


def test_a_duty_that_becomes_vacant_is_posted_and_leaves_the_ledger(trust: Trust) -> None:
    trust.send(roster({**DUTY}))
    assert counts(trust.send(roster({}))) == {"new": 1, "shifts": 1, "hours_released": 1}
    assert (trust.hours(), list(trust.shifts())) == ({}, ["A1"])


def test_a_refused_row_leaves_the_duty_it_was(trust: Trust) -> None:
    trust.send(roster({**DUTY}))
    assert counts(trust.send(roster({"grade": "band_9"}))) == {"refused": 1}
    assert list(trust.hours()) == ["A1"]


def test_a_duty_that_is_a_booking_made_here_is_not_filed_twice(trust: Trust) -> None:
    trust.send(roster({}))
    _book(trust, "A1")
    before = len(trust.hours())
    assert counts(trust.send(roster({**DUTY}))) == {"unchanged": 1}
    assert len(trust.hours()) == before


def test_until_when_the_main_jobs_roster_is_known_is_on_record(trust: Trust) -> None:
    later = {"reference": "D2", **DUTY, "date": "2026-09-20"}
    trust.send(roster({"reference": "D1", **DUTY}, later))
    (known,) = trust.rows(RosterKnown)
    assert (known.known_from, known.known_until) == (date(2026, 9, 14), date(2026, 9, 20))
    stated = "# units: WARD7\n# period: 2026-09-14 to 2026-10-11\n"
    trust.send(roster({"reference": "D1", **DUTY}, first=stated), now=NOW + timedelta(days=1))
    (known,) = trust.rows(RosterKnown)
    assert (known.known_until, known.as_at) == (date(2026, 10, 11), NOW + timedelta(days=1))


def test_a_roster_that_leaves_weeks_out_does_not_make_them_known(trust: Trust) -> None:
    trust.send(roster({"reference": "D1", **DUTY}))
    stated = "# units: WARD7\n# period: 2026-11-02 to 2026-11-29\n"
    far = {"reference": "D2", **DUTY, "date": "2026-11-03"}
    trust.send(roster(far, first=stated), now=NOW + timedelta(days=1))
    (known,) = trust.rows(RosterKnown)
    assert (known.known_until, known.as_at) == (date(2026, 9, 14), NOW)
    trust.send(roster({**far, "notes": "x"}, first=stated), now=NOW + timedelta(days=30))
    (known,) = trust.rows(RosterKnown)
    assert (known.known_from, known.known_until) == (date(2026, 11, 2), date(2026, 11, 29))


def test_the_same_file_sent_again_is_no_newer_than_when_it_first_came(trust: Trust) -> None:
    trust.send(roster({**DUTY}))
    trust.send(roster({**DUTY}), now=NOW + timedelta(days=20))
    assert [row.as_at for row in trust.rows(RosterKnown)] == [NOW]


def test_two_trusts_use_the_same_references_units_and_numbers(database: Database) -> None:
    one, two = Trust(database), Trust(database, name="Elsewhere NHS Trust")
    both = roster({}, {"reference": "D1", **DUTY})
    assert counts(one.send(both)) == counts(two.send(both)) == {
        "new": 1, "shifts": 1, "hours_new": 1,
    }  # fmt: skip
    assert one.shifts()["A1"].id != two.shifts()["A1"].id
    changed = roster({"notes": "Ours"}, {"reference": "D1", **DUTY, "end": "19:00"})
    assert counts(one.send(changed)) == {"amended": 1, "hours_changed": 1}
    assert (two.shifts()["A1"].notes, two.shifts()["A1"].version) == ("", 1)
    assert two.hours()["D1"].minutes == 690


def test_who_may_not_post_may_not_send_a_roster(trust: Trust) -> None:
    ward = build.an_actor(trust.trust, AccessRole.WARD_REQUESTER)
    with pytest.raises(Forbidden):
        trust.send(roster({}), by=ward)
    assert trust.shifts() == {}


def test_a_token_for_imports_alone_is_enough(trust: Trust) -> None:
    token = Actor(
        account_id=None,
        organisation_id=trust.trust.id,
        roles=frozenset({AccessRole.BANK_MANAGER}),
        scopes=frozenset({"shifts.import"}),
    )
    trust.send(roster({}), by=token)
    assert counts(trust.send(roster({"end": "19:00"}), by=token)) == {"amended": 1}


def test_a_request_above_the_threshold_waits_and_a_late_one_is_marked(trust: Trust) -> None:
    long = {"start": "19:30", "end": "08:30", "date": "2026-10-24", "unpaid_break": "0"}
    late = {"reference": "A2", "date": "2026-09-01"}
    report = trust.send(roster(long, late))
    assert counts(report) == {"new": 2, "shifts": 2, "retrospective": 1}
    shifts = trust.shifts()
    assert [shifts[name].state for name in ("A1", "A2")] == [ShiftState.SUBMITTED] * 2
    assert shifts["A2"].retrospective


def test_bulk_inserts_are_seen_by_the_guard_of_recorded_tables(
    trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("passport.batch.note_recorded", lambda session: None)
    with pytest.raises(UnrecordedChange, match="shift"):
        trust.send(roster({}))

"""What a roster no longer asks for: told where the file says what it holds, taken back only when
somebody has confirmed it, and never from under a booking."""

from datetime import timedelta
from typing import Any

import pytest

from bankhub.actions.rosters import roster_gaps
from bankhub.actions.shifts import shift_changes
from bankhub.imports.roster import Told
from bankhub.imports.roster_run import Report
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import ShiftState
from passport.db import Database
from tests.support import build
from tests.support.build import NOW
from tests.support.rosters import DUTY, Trust, counts, roster

FIRST = "# units: WARD7\n# period: 2026-09-14 to 2026-09-20\n"
FULL = roster(
    {}, {"reference": "A2"}, {"reference": "D1", **DUTY}, {"reference": "A9", "date": "2026-09-21"}
)
LESS = roster({}, first=FIRST)
"""The same week without A2 and D1; A9 is of the week after."""


@pytest.fixture
def trust(database: Database) -> Trust:
    trust = Trust(database)
    trust.send(FULL)
    return trust


def gone(report: Report) -> tuple[list[str], list[str]]:
    return [shift.roster_reference for shift in report.gone.shifts], list(report.gone.duties)


def test_a_file_that_states_no_period_says_nothing_of_what_it_leaves_out(trust: Trust) -> None:
    report = trust.send(roster({}), withdraw_vanished=True)
    assert (gone(report), report.counts["vanished"]) == (([], []), 0)
    assert {shift.state for shift in trust.shifts().values()} == {ShiftState.OPEN}


def test_what_vanished_is_told_and_stands(trust: Trust) -> None:
    before = trust.events()
    assert gone(trust.look(LESS)) == (["A2"], ["D1"])
    report = trust.send(LESS)
    assert (gone(report), counts(report)) == ((["A2"], ["D1"]), {"unchanged": 1, "vanished": 2})
    assert (trust.events(), trust.shifts()["A2"].state) == (before, ShiftState.OPEN)
    assert gone(trust.send(LESS)) == (["A2"], ["D1"]), "and told again until somebody decides"


def test_what_vanished_is_withdrawn_when_confirmed(trust: Trust) -> None:
    report = trust.send(LESS, withdraw_vanished=True)
    assert (report.counts["withdrawn"], report.counts["hours_taken_back"]) == (1, 1)
    (withdrawn,) = trust.rows(Shift, Shift.state == ShiftState.WITHDRAWN)
    assert (withdrawn.need_ended, withdrawn.withdrawn_because) == (
        False, "No longer in the roster",
    )  # fmt: skip
    assert trust.hours() == {}
    assert trust.events()["shift.withdrawn"] == 1
    assert gone(trust.send(LESS)) == ([], [])


def test_what_comes_back_after_it_was_withdrawn_is_asked_for_anew(trust: Trust) -> None:
    trust.send(LESS, withdraw_vanished=True)
    report = trust.send(FULL)
    assert counts(report) == {"new": 1, "shifts": 1, "unchanged": 2, "hours_new": 1}
    assert trust.shifts()["A2"].state is ShiftState.OPEN


def test_a_booked_shift_is_told_and_never_touched(trust: Trust) -> None:
    _book(trust, "A2")
    report = trust.send(LESS, withdraw_vanished=True)
    assert [(s.roster_reference, s.booked) for s in report.gone.shifts] == [("A2", True)]
    assert (report.counts["vanished_booked"], report.counts["withdrawn"]) == (1, 0)
    assert trust.shifts()["A2"].state is ShiftState.FILLED


def test_a_shift_that_is_booked_meanwhile_is_not_withdrawn(trust: Trust) -> None:
    told = trust.look(LESS).gone
    _book(trust, "A2")
    with trust.database.transaction() as session:
        done = roster_gaps.take_back(
            session, shifts=told.shifts, duties=(), by=trust.coordinator, now=NOW
        )
    assert done == (0, 0)
    assert trust.shifts()["A2"].state is ShiftState.FILLED


def test_without_the_state_under_the_lock_a_booked_shift_would_be_asked_to_go(
    trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = trust.look(LESS).gone
    _book(trust, "A2")
    monkeypatch.setattr(roster_gaps, "OPEN_TO_WITHDRAW", tuple(ShiftState))
    with pytest.raises(Exception, match="wrong_state"), trust.database.transaction() as session:
        roster_gaps.take_back(
            session, shifts=told.shifts, duties=(), by=trust.coordinator, now=NOW
        )


def _book(trust: Trust, reference: str) -> None:
    with trust.database.transaction() as session:
        shift = session.merge(trust.shifts()[reference])
        shift.state = ShiftState.FILLED
        build.a_booking(session, shift, trust.person, trust.post)


def test_what_has_started_stays_in_the_figures(trust: Trust) -> None:
    report = trust.send(LESS, withdraw_vanished=True, now=NOW + timedelta(days=8))
    assert (gone(report), report.counts["withdrawn"]) == (([], []), 0)
    assert trust.shifts()["A2"].state is ShiftState.OPEN


def test_a_row_that_was_refused_has_not_vanished(trust: Trust) -> None:
    refused = roster({}, {"reference": "A2", "grade": "x"}, {"reference": "D1", "date": ""})
    report = trust.send(FIRST.encode() + refused, withdraw_vanished=True)
    assert (counts(report)["refused"], gone(report)) == (2, ([], []))
    assert trust.shifts()["A2"].state is ShiftState.OPEN


COVERS: dict[str, tuple[str, Told, list[str]]] = {
    "told beside the file": (
        "", Told(units=["ward7"], first=NOW.date(), last=NOW.date() + timedelta(days=30)),
        ["A2", "A9"],
    ),
    "told against its first lines": (
        FIRST, Told(last=NOW.date() + timedelta(days=30)), ["A2", "A9"],
    ),
    "another unit": ("# units: WARD8\n# period: 14/09/2026 to 20/09/2026\n", Told(), []),
    "several units, on lines as a spreadsheet saves them": (
        '"# Units covered: WARD8; WARD7",,\n"# From: 14/09/2026",,\n# To: 2026-09-20,,\n', Told(),
        ["A2"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("first", "told", "vanished"), COVERS.values(), ids=COVERS.keys())
def test_units_and_period_are(trust: Trust, first: str, told: Told, vanished: list[str]) -> None:
    assert gone(trust.look(roster({}, first=first), told=told))[0] == vanished


ROWS: dict[str, tuple[dict[str, str], int]] = {
    "a row that asks for fewer people": ({"people": "1"}, 2),
    "a row that was cancelled": ({"people": "3", "status": "cancelled"}, 3),
    "a row that has become somebody's duty": (DUTY, 3),
}


@pytest.mark.parametrize(("cells", "surplus"), ROWS.values(), ids=ROWS.keys())
def test_shifts_too_many_are_told_and_withdrawn_when_confirmed(
    trust: Trust, cells: dict[str, Any], surplus: int
) -> None:
    trust.send(roster({"reference": "B1", "people": "3"}))
    changed = roster({"reference": "B1", **cells})
    assert len(trust.send(changed).gone.shifts) == surplus
    assert trust.send(changed, withdraw_vanished=True).counts["withdrawn"] == surplus
    assert trust.send(changed).counts["vanished"] == 0
    open_now = [name for name, s in trust.shifts().items() if s.state is ShiftState.OPEN]
    assert len([name for name in open_now if name.startswith("B1")]) == 3 - surplus


def test_people_asked_for_again_are_posted_again(trust: Trust) -> None:
    trust.send(roster({"reference": "B1", "people": "3"}))
    trust.send(roster({"reference": "B1"}), withdraw_vanished=True)
    report = trust.send(roster({"reference": "B1", "people": "3"}))
    assert counts(report) == {"amended": 1, "shifts": 2}


def test_a_shift_booked_here_that_the_roster_shows_filled_is_well(trust: Trust) -> None:
    _book(trust, "A2")
    report = trust.send(roster({"reference": "A2", **DUTY}), withdraw_vanished=True)
    assert (gone(report), report.counts["vanished"]) == (([], []), 0)


def test_a_shift_withdrawn_by_hand_is_not_told_again(trust: Trust) -> None:
    with trust.database.transaction() as session:
        shift_changes.withdraw(
            session,
            shift_id=trust.shifts()["A2"].id,
            because="Ward closed",
            need_ended=True,
            by=trust.coordinator,
            now=NOW,
        )
    assert gone(trust.send(LESS)) == ([], ["D1"])


def test_another_trusts_rows_never_vanish(database: Database, trust: Trust) -> None:
    other = Trust(database, name="Elsewhere NHS Trust")
    other.send(roster({"reference": "Z1"}))
    assert gone(other.send(LESS.replace(b"A1", b"Z1"), withdraw_vanished=True)) == ([], [])
    assert trust.shifts()["A2"].state is ShiftState.OPEN
    trust.send(LESS, withdraw_vanished=True)
    assert other.shifts()["Z1"].state is ShiftState.OPEN

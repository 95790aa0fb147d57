"""Roster files as they really arrive, and files meant to do harm: a reason for every row refused,
nothing half-done, and never a traceback."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest

from bankhub.imports.roster import Told, open_roster, refused_csv
from bankhub.imports.roster_run import Report
from bankhub.wiring import open_database
from passport.db import Database
from passport.errors import Invalid
from tests.support.rosters import CELLS, DUTY, Trust, counts, roster

NHS_NUMBER = "943 476 5919"
"""The sample number of the NHS Data Dictionary: no patient's."""


@pytest.fixture
def trust(sqlite_database: Database) -> Trust:
    return Trust(sqlite_database)


ROWS: Mapping[str, tuple[dict[str, str], str]] = {
    "no reference": ({"reference": ""}, "reference: is missing"),
    "a reference with our own mark": ({"reference": "A~2"}, "may not hold ~"),
    "a reference of 81 letters": ({"reference": "x" * 81}, "longer than 80"),
    "a ward nobody knows": ({"unit": "WARD9"}, "The unit WARD9 is not known here"),
    "no ward": ({"unit": ""}, "unit is missing"),
    "no date": ({"date": ""}, "date: is missing"),
    "a date that is none": ({"date": "31/02/2026"}, "there is no day 31/02/2026"),
    "a month that is none": ({"date": "31-Foo-2026"}, "there is no day"),
    "a day number of a spreadsheet": ({"date": "46279"}, "is not a date"),
    "a day of another age": ({"date": "0001-01-01"}, "no day of a roster"),
    "the last day there is": ({"date": "9999-12-31"}, "no day of a roster"),
    "a time that is none": ({"start": "25:00"}, "“25:00” is not a time"),
    "a time in words": ({"start": "noonT"}, "is not a time"),
    "a start and no end": ({"end": ""}, "Start and end are missing"),
    "an end before the start": (
        {"start": "15:00", "end": "07:00", "end_date": "2026-09-14"}, "ends before it starts",
    ),
    "sixteen hours into the night": ({"start": "15:00", "end": "07:00"}, "16 h long"),
    "thirty hours": (
        {"start": "07:00", "end": "13:00", "end_date": "2026-09-15"}, "30 hours long",
    ),
    "two days in one row": (
        {"start": "2026-09-14 07:00", "date": "2026-09-15"}, "another day than date",
    ),
    "the hour that does not exist": (
        {"date": "2027-03-28", "start": "01:30", "end": "09:00"}, "does not exist on 28 March 2027",
    ),
    "the hour that happens twice": (
        {"date": "2026-10-25", "start": "01:30", "end": "09:00"},
        "happens twice on 25 October 2026. Say whether it is the first",
    ),
    "a pass that is none": ({"repeated_hour": "third"}, "is not first or second"),
    "a break longer than the shift": ({"unpaid_break": "760"}, "break must be shorter"),
    "a break in words": ({"unpaid_break": "half an hour"}, "is not a break"),
    "a role nobody knows": ({"role": "wizard"}, "“wizard” is no role known here"),
    "no role": ({"role": ""}, "role is missing"),
    "a grade nobody knows": ({"grade": "Band 11"}, "“Band 11” is none of"),
    "a grade the role does not have": ({"grade": "8a"}, "has no such grade"),
    "its own grade to fall back on": ({"fallback_grade": "5"}, "must be another grade"),
    "a skill nobody knows": ({"skills": "juggling"}, "“juggling” is no skill"),
    "no reason": ({"reason": ""}, "reason is missing"),
    "a reason nobody knows": ({"reason": "because"}, "“because” is none of"),
    "sickness, short or long": ({"reason": "Sickness"}, "sickness is short or long"),
    "a vacancy without its post": ({"reason": "vacancy"}, "needs its post number"),
    "another reason without words": ({"reason": "other"}, "Say in a few words"),
    "enhanced care without a review": ({"reason": "1:1"}, "the day on which it is reviewed"),
    "nobody at all": ({"people": "0"}, "Ask for 1 to 50 people"),
    "more people than a ward holds": ({"people": "51"}, "Ask for 1 to 50 people"),
    "more people than there are": ({"people": "999999999"}, "Ask for 1 to 50 people"),
    "ten figures of people": ({"people": "9999999999"}, "is not a number of people"),
    "fewer than nobody": ({"people": "-1"}, "is not a number of people"),
    "a status nobody knows": ({"status": "maybe"}, "“maybe” is none of vacant"),
    "a patient's number": (
        {"notes": f"Special for {NHS_NUMBER}"}, "This looks like an NHS number",
    ),
    "a patient's number in the reason": (
        {"reason_text": NHS_NUMBER.replace(" ", "-")}, "identifies a patient",
    ),
    "a patient's birthday": ({"notes": "dob 01/02/1950"}, "a date of birth"),
    "notes without end": ({"notes": "x" * 2001}, "longer than 2000"),
    "a formula": ({"notes": "=HYPERLINK(1)"}, "notes holds a formula"),
    "a command": ({"notes": "@SUM(1+1)*cmd|' /C calc'!A0"}, "notes holds a formula"),
    "control characters": ({"notes": "a\x07b"}, "control characters"),
    "text that runs backwards": ({"notes": "a\u202eb"}, "control characters"),
}  # fmt: skip


@pytest.fixture(scope="module")
def all_refused(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Every bad row of the table in one file, between two good ones."""
    path = tmp_path_factory.mktemp("refusals") / "one.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    trust = Trust(open_database(f"sqlite:///{path}"))
    rows = [{"reference": f"R{place}", **cells} for place, (cells, _) in enumerate(ROWS.values())]
    report = trust.send(roster({"reference": "G1"}, *rows, {"reference": "G2"}))
    assert sorted(trust.shifts()) == ["G1", "G2"]
    return report


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_refused_with_its_reason_for(all_refused: Report, name: str) -> None:
    line = 3 + list(ROWS).index(name)
    assert ROWS[name][1] in all_refused.refused[line]


def test_every_bad_row_and_no_good_one_is_refused(all_refused: Report) -> None:
    assert counts(all_refused) == {"new": 2, "shifts": 2, "refused": len(ROWS)}


def test_a_reason_never_repeats_a_patients_number(all_refused: Report) -> None:
    assert not any("943" in because for because in all_refused.refused.values())


def test_a_reference_stands_once_in_a_file(trust: Trust) -> None:
    report = trust.send(roster({}, {"reference": "A2"}, {"end": "19:00"}, {}))
    assert report.refused == {
        4: "repeats the reference of line 2", 5: "repeats the reference of line 2",
    }  # fmt: skip
    assert trust.shifts()["A1"].ends_at.hour == 19


DUTIES: Mapping[str, tuple[dict[str, str], str]] = {
    "thirty hours": ({"end": "13:30", "end_date": "2026-09-15"}, "30 hours long"),
    "a break longer than the duty": ({"unpaid_break": "800"}, "break must be shorter"),
    "leave that ends before it begins": (
        {"status": "leave", "start": "", "end": "", "end_date": "2026-09-01"}, "ends before",
    ),
    "leave of two years": (
        {"status": "leave", "start": "", "end": "", "end_date": "2028-09-14"}, "400 days at most",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "said"), DUTIES.values(), ids=DUTIES.keys())
def test_a_duty_is_refused_for(trust: Trust, cells: dict[str, str], said: str) -> None:
    report = trust.send(roster({**DUTY, **cells}))
    assert counts(report) == {"refused": 1}
    assert said in report.refused[2]


def test_a_duty_of_a_role_no_shift_is_posted_for_is_a_duty_all_the_same(trust: Trust) -> None:
    report = trust.send(roster({**DUTY, "role": "Chaplain", "grade": "x", "reason": "y"}))
    assert counts(report) == {"hours_new": 1}


PLAIN = roster({"notes": "Zoë’s ward"}).decode()
WRITTEN_AS = {
    "UTF-8 with the byte-order mark Excel writes": PLAIN.encode("utf-8-sig"),
    "semicolons and a byte-order mark": PLAIN.replace(",", ";").encode("utf-8-sig"),
    "Windows-1252": PLAIN.encode("cp1252"),
    "UTF-16": PLAIN.encode("utf-16"),
    "tabs": PLAIN.replace(",", "\t").encode(),
    "Windows line ends": PLAIN.replace("\n", "\r\n").encode(),
    "Excel's times": PLAIN.replace("07:30", "07:30:00").encode(),
    "Excel's dates": PLAIN.replace("2026-09-14", "14/09/2026 00:00:00").encode(),
    "start and end with their days": PLAIN.replace(
        "07:30,20:00", "2026-09-14 07:30,14/09/2026 20:00"
    ).encode(),
    "people as a spreadsheet writes them": PLAIN.replace(",,vacant", ",1.0,vacant").encode(),
}


@pytest.mark.parametrize("content", WRITTEN_AS.values(), ids=WRITTEN_AS.keys())
def test_the_same_shift_is_read_from(trust: Trust, content: bytes) -> None:
    assert counts(trust.send(content)) == {"new": 1, "shifts": 1}
    shift = trust.shifts()["A1"]
    assert (shift.notes, shift.starts_at.hour, shift.ends_at.hour) == ("Zoë’s ward", 6, 19)


FILES = {
    "an Excel workbook": (b"PK\x03\x04 and more", "Excel workbook"),
    "an empty file": (b"", "empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not text"),
    "a line of 10 MB": (roster({}) + b"x" * 10_000_000, "longer than"),
    "a quote that never ends": (roster({}) + b'"' + b"x\n" * 60_000, "cannot be read"),
    "a heading twice": (b"reference,reference,date,start,end\n", "appear twice"),
    "no reference": (b"date,start,end\n2026-01-01,07:00,15:00\n", "Columns are missing: reference"),
    "neither times nor a code": (b"reference,date\nA,2026-01-01\n", "shift_code (or start and"),
    "headings alone are no file of times": (b"reference,date,start\n", "shift_code"),
    "a period without units": (roster({}, first="# from: 2026-01-01\n"), "all three, or none"),
    "a period that runs back": (
        roster({}, first="# units: A\n# period: 2026-02-01 to 2026-01-01\n"), "all three, or none",
    ),
    "a period that is none": (roster({}, first="# units: A\n# from: soon\n"), "is not a date"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "said"), FILES.values(), ids=FILES.keys())
def test_a_file_is_refused_whole_for(trust: Trust, content: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        trust.send(content)
    assert said in refused.value.detail
    assert trust.shifts() == {}


def test_a_file_of_headings_alone_comes_to_nothing(trust: Trust) -> None:
    assert counts(trust.send(roster())) == {}


def test_refused_rows_come_back_with_the_files_own_delimiter(trust: Trust) -> None:
    content = roster({"grade": "x"}).replace(b",", b";")
    report = trust.send(content)
    file = open_roster(io.BytesIO(content), "roster.csv", told=Told())
    heading, line = "".join(refused_csv(file, report.refused)).splitlines()
    assert heading.startswith('\ufeff"reference";')
    assert line.startswith('"A1";')


def test_refused_rows_come_back_in_the_files_layout_and_can_be_sent_again(trust: Trust) -> None:
    bad = {"reference": "A2", "grade": "x", "notes": "-1 chair"}
    content = roster({}, bad, {"reference": "A3", "notes": "=1+1"})
    report = trust.send(content)
    file = open_roster(io.BytesIO(content), "roster.csv", told=Told())
    back = "".join(refused_csv(file, report.refused))
    rows = list(csv.DictReader(io.StringIO(back.removeprefix("\ufeff"))))
    assert list(rows[0]) == [*CELLS, "refused_line", "refused_because"]
    assert [(row["reference"], row["refused_line"]) for row in rows] == [("A2", "3"), ("A3", "4")]
    assert [row["notes"] for row in rows] == ["'-1 chair", "'=1+1"]
    mended = back.replace('"x"', '"Band 5"').replace("'=1+1", "one and one")
    again = trust.send(mended.encode())
    assert counts(again) == {"new": 2, "shifts": 2}
    assert trust.shifts()["A2"].notes == "-1 chair"


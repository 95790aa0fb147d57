"""A roster file in the browser: looked at first, taken, refused rows handed back, columns told."""

import csv
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.model.shifts import Shift
from passport.actors import AccessRole as R
from tests.support.access_web import hidden_fields
from tests.support.desk import Desk, Staff, a_desk

HEAD = "reference,unit,date,shift_code,start,end,role,grade,reason,status\n"


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def coordinator(desk: Desk) -> Staff:
    return desk.person(R.ROTA_COORDINATOR)


def rows(desk: Desk, *odd: str) -> str:
    """Two rows that can be taken, and further ones."""
    unit = desk.wards[0].code
    good = [f"R{n},{unit},2026-09-2{n},,07:30,15:30,rn_adult,band_5,acuity,vacant" for n in (1, 2)]
    return HEAD + "\n".join([*good, *odd]) + "\n"


def send(staff: Staff, content: str | bytes, **fields: Any) -> Any:
    data = content.encode() if isinstance(content, str) else content
    token = hidden_fields(staff.get("/office/roster").text, "/office/roster")
    file = (io.BytesIO(data), "september.csv")
    return staff.post("/office/roster", {**token, **fields, "roster": file})


def shifts(desk: Desk) -> list[Shift]:
    return desk.do(lambda session: list(session.scalars(sa.select(Shift))))


def test_the_file_is_looked_at_taken_and_its_refused_rows_come_back(
    desk: Desk, coordinator: Staff
) -> None:
    sent = send(
        coordinator, rows(desk, "R3,NOWHERE,2026-09-23,,07:30,15:30,rn_adult,band_5,acuity,vacant")
    )
    assert sent.status_code == 303, sent.text
    page = coordinator.get(sent.location).text
    assert "Nothing taken yet" in page
    assert "The unit NOWHERE is not known here." in page
    assert shifts(desk) == []
    done = coordinator.fill(sent.location, f"{sent.location}/take")
    assert done.status_code == 303
    for _ in range(3):
        page = coordinator.get(done.location).text
        if "Being taken" not in page:
            break
        coordinator.fill(done.location, f"{sent.location}/take")
    assert "Taken" in page
    assert len(shifts(desk)) == 2
    back = coordinator.get(f"{sent.location}/refused.csv")
    assert back.mimetype == "text/csv"
    assert back.text.count("\ufeff") == 1
    [row] = csv.DictReader(io.StringIO(back.text.lstrip("\ufeff")))
    assert row["reference"] == "R3"
    assert "NOWHERE" in row["refused_because"]


def test_the_same_file_again_changes_nothing(desk: Desk, coordinator: Staff) -> None:
    for _ in range(2):
        sent = send(coordinator, rows(desk))
        page = coordinator.get(sent.location).text
        while "/take" in page:
            coordinator.fill(sent.location, f"{sent.location}/take")
            page = coordinator.get(sent.location).text
    assert len(shifts(desk)) == 2


def test_unknown_headings_are_asked_about_once_and_remembered(
    desk: Desk, coordinator: Staff
) -> None:
    odd = rows(desk).replace("reference,", "Dienst Nr,", 1)
    asked = send(coordinator, odd)
    assert asked.status_code == 422
    assert "Which column is which?" in asked.text
    assert '<option value="Dienst Nr">' in asked.text
    assert "--map" not in asked.text
    assert "Choose the column that holds it." in asked.text
    assert '<option value="unit" selected>' in asked.text, "what was found need not be said"
    told = send(coordinator, odd, column_reference="Dienst Nr")
    assert told.status_code == 303
    assert send(coordinator, odd.replace("R1", "R9")).status_code == 303


def test_columns_nobody_reads_are_told_before_anything_is_taken(
    desk: Desk, coordinator: Staff
) -> None:
    sent = send(coordinator, rows(desk).replace(",role,", ",Dienstart,", 1))
    assert "Columns nobody reads: dienstart." in coordinator.get(sent.location).text


def test_columns_of_a_kept_file_can_be_read_differently(desk: Desk, coordinator: Staff) -> None:
    sent = send(coordinator, rows(desk))
    page = f"{sent.location}/columns"
    assert 'value="reference" selected' in coordinator.get(page).text
    twice = coordinator.fill(page, column_start="start", column_end="start")
    assert twice.status_code == 422
    assert "Mapped twice" in twice.text
    fresh = coordinator.fill(page, column_notes="status")
    assert re.fullmatch(r"/office/roster/[0-9a-f-]{36}", fresh.location)


BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "Choose the roster file."),
    "an Excel workbook": (b"PK\x03\x04" + b"x" * 50, "Excel workbook"),
    "bytes": (bytes(range(256)) * 4, ""),
    "one enormous line": (b"reference,date\n" + b"x" * 400_000, ""),
    "headings only": (HEAD.encode(), ""),
    "a PDF": (b"%PDF-1.7 ...", "PDF"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_is_no_roster_is_refused_in_words(
    desk: Desk, coordinator: Staff, case: str
) -> None:
    content, said = BAD[case]
    answer = send(coordinator, content)
    assert answer.status_code in (303, 422)
    if said:
        assert answer.status_code == 422
        assert said in answer.text
    assert shifts(desk) == []


def test_no_file_at_all_and_odd_days_are_named(desk: Desk, coordinator: Staff) -> None:
    token = hidden_fields(coordinator.get("/office/roster").text, "/office/roster")
    assert coordinator.post("/office/roster", token).status_code == 422
    odd = send(coordinator, rows(desk), units="WARD7", first="soon")
    assert odd.status_code == 422
    assert "Enter a date." in odd.text
    half = send(coordinator, rows(desk), units="WARD7")
    assert half.status_code == 422
    assert "all three" in half.text


def test_formulas_come_back_harmless(desk: Desk, coordinator: Staff) -> None:
    evil = "R3,NOWHERE,2026-09-23,,07:30,15:30,rn_adult,band_5,\"=cmd|' /C calc'!A1\",vacant"
    sent = send(coordinator, rows(desk, evil))
    coordinator.fill(sent.location, f"{sent.location}/take")
    back = coordinator.get(f"{sent.location}/refused.csv").text
    assert '"=' not in back


def test_others_files_are_not_found_and_wards_do_not_import(desk: Desk) -> None:
    assert desk.person(R.WARD_REQUESTER).get("/office/roster").status_code == 403

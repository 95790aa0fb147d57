"""A personnel file in the browser: looked over before it changes anything, bad rows back."""

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.model.workers import BankPost, ImportMapping
from passport.actors import AccessRole as R
from passport.errors import Invalid
from passport.imports import carried
from passport.imports.tables import LARGEST_FILE
from passport.model.people import Person
from tests.support.access_web import hidden_fields
from tests.support.desk import Desk, Staff, a_desk
from tests.support.hr_files import hr_file

START, COLUMNS = "/people/import", "/people/import/columns"
CHECK, TAKE, REFUSED = (f"{START}/{step}" for step in ("check", "take", "refused.csv"))
GOOD = {"assignment_number": "20000002", "family_name": "Bright", "registration_number": "01A2346N"}
BAD = {"assignment_number": "20000003", "date_of_birth": "31/02/1990"}


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def officer(desk: Desk) -> Staff:
    return desk.person(R.HR_OFFICER)


def send(officer: Staff, text: str | bytes) -> Any:
    raw = text.encode() if isinstance(text, str) else text
    return officer.fill(START, CHECK, file=(io.BytesIO(raw), "people.csv"))


def go_on(officer: Staff, page: str, action: str, **fields: str) -> Any:
    """The form of that page sent on, with what it carries."""
    return officer.post(action, {**hidden_fields(page, action), **fields})


def names(desk: Desk) -> list[str]:
    return desk.do(lambda session: sorted(session.scalars(sa.select(Person.family_name))))


def test_nothing_is_changed_before_it_is_confirmed(desk: Desk, officer: Staff) -> None:
    preview = send(officer, hr_file({}, GOOD, BAD))
    assert preview.status_code == 200, preview.text
    assert "Take this file?" in preview.text
    assert "31/02/1990" in preview.text
    assert names(desk) == []
    taken = go_on(officer, preview.text, TAKE)
    assert "The file is taken" in taken.text
    assert names(desk) == ["Bright", "Okafor"]


def test_the_same_file_again_changes_nothing(desk: Desk, officer: Staff) -> None:
    page = send(officer, hr_file({})).text
    for _ in range(2):
        go_on(officer, page, TAKE)
    again = send(officer, hr_file({})).text
    assert len(desk.do(lambda s: list(s.scalars(sa.select(BankPost))))) == 1
    assert re.search(r'Already so</p>\s*<p class="stat__value">1<', again)
    assert f'action="{TAKE}"' not in again


def test_refused_rows_come_back_as_the_same_file_with_line_and_reason(
    desk: Desk, officer: Staff
) -> None:
    formula = {**BAD, "given_name": "'=1+1"}
    page = go_on(officer, send(officer, hr_file({}, formula)).text, TAKE)
    answer = go_on(officer, page.text, REFUSED)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    head, row = answer.text.lstrip("\ufeff").splitlines()
    assert head.startswith('"assignment_number"')
    assert head.endswith('"refused_line";"refused_because"')
    assert '"20000003"' in row
    assert '"3"' in row
    assert ';"=' not in row


def test_columns_of_other_names_are_asked_for_once_and_remembered(
    desk: Desk, officer: Staff
) -> None:
    text = hr_file({}).replace('"family_name"', '"Nachname"').replace('"grade"', '"Level"')
    asked = send(officer, text)
    assert asked.status_code == 422
    assert "Columns are missing: grade, family_name." in asked.text
    said = {"column-nachname": "family_name", "column-level": "grade"}
    preview = go_on(officer, asked.text, CHECK, **said)
    assert "Take this file?" in preview.text, preview.text
    assert desk.do(lambda session: list(session.scalars(sa.select(ImportMapping)))) == []
    go_on(officer, preview.text, TAKE)
    [kept] = desk.do(lambda session: list(session.scalars(sa.select(ImportMapping))))
    assert kept.columns == {"family_name": "nachname", "grade": "level"}
    assert "Take this file?" in send(officer, text).text


def test_two_columns_cannot_be_the_same(desk: Desk, officer: Staff) -> None:
    text = hr_file({}).replace('"family_name"', '"Nachname"')
    said = {"column-nachname": "family_name", "column-mobile": "family_name"}
    answer = go_on(officer, send(officer, text).text, CHECK, **said)
    assert answer.status_code == 422
    assert "Two columns cannot both be: Family name." in answer.text
    assert names(desk) == []


def test_what_the_columns_are_can_be_looked_at_again(desk: Desk, officer: Staff) -> None:
    preview = send(officer, hr_file({}))
    page = go_on(officer, preview.text, COLUMNS).text
    chosen = re.search(r'name="column-dbs_level".*?value="([^"]+)" selected', page, re.DOTALL)
    assert chosen
    assert chosen[1] == "dbs_level"
    assert re.search(r'value="training:ipc:2" selected', page)


WRONG_FILES = {
    "no file": (b"", "Choose a file."),
    "a workbook": (b"PK\x03\x04rest", "Excel workbook"),
    "a PDF": (b"%PDF-1.7", "a PDF"),
    "no text at all": (b"a,b\n\0,1\n", "not text"),
    "a quote that does not end": (b'a,b\n"1,2\n', "cannot be read"),
    "too many rows": (b"a\n" + b"1\n" * 3001, "3,000 at most"),
}


@pytest.mark.parametrize(("raw", "said"), WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_a_file_that_cannot_be_is_refused_whole(
    desk: Desk, officer: Staff, raw: bytes, said: str
) -> None:
    answer = officer.fill(START, CHECK, file=(io.BytesIO(raw), "x.csv" if raw else ""))
    assert answer.status_code == 422
    assert said in answer.text


@pytest.mark.parametrize("text", ["no base64!", "AAAA", "eJwDAAAAAAE"])
def test_what_was_carried_and_lost_is_asked_for_again(
    desk: Desk, officer: Staff, text: str
) -> None:
    answer = officer.fill(START, CHECK, carried=text, name="people.csv")
    assert answer.status_code == 422
    assert "choose it again" in answer.text


def test_a_file_comes_back_as_it_was_and_never_larger_than_a_file_may_be() -> None:
    raw = hr_file({}).encode()
    assert carried.unpacked(carried.packed(io.BytesIO(raw))).read() == raw
    bomb = carried.packed(io.BytesIO(b"0" * LARGEST_FILE))
    assert len(bomb) < carried.MOST_CARRIED
    with pytest.raises(Invalid):
        carried.packed(io.BytesIO(b"0" * (LARGEST_FILE + 1)))

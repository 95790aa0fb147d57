"""An ESR export in the browser: each row has its word before anything is changed."""

import io
from typing import Any

import pytest
import sqlalchemy as sa

from passport.actors import AccessRole as R
from passport.model.facts import Fact, FactKind
from tests.imports.test_esr import OWN, TEAM, own, team
from tests.support import build
from tests.support.access_web import hidden_fields
from tests.support.desk import Desk, Staff, a_desk

START = "/people/training"
CHECK, TAKE, REFUSED = (f"{START}/{step}" for step in ("check", "take", "refused.csv"))


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    desk = a_desk(sqlite_url)

    def staff(session: Any) -> None:
        person = build.a_person(session, desk.trust)
        build.a_post(session, person, assignment_number="20000001")

    desk.do(staff)
    return desk


@pytest.fixture
def officer(desk: Desk) -> Staff:
    return desk.person(R.HR_OFFICER)


def send(officer: Staff, text: str | bytes, person: str = "") -> Any:
    raw = text.encode() if isinstance(text, str) else text
    return officer.fill(START, CHECK, file=(io.BytesIO(raw), "esr.csv"), person=person)


def awards(desk: Desk) -> list[str]:
    return desk.do(
        lambda session: list(
            session.scalars(
                sa.select(Fact.value["subject"].as_string()).where(Fact.kind == FactKind.TRAINING)
            )
        )
    )


def test_each_row_has_its_word_and_nothing_is_changed_before_it_is_confirmed(
    desk: Desk, officer: Staff
) -> None:
    page = send(officer, "\n".join([TEAM, team(), team("99999999", '"Smith, Jane"')]))
    assert page.status_code == 200, page.text
    assert "Take this training?" in page.text
    assert "No post here has the assignment number 99999999" in page.text
    assert awards(desk) == []
    taken = officer.post(TAKE, hidden_fields(page.text, TAKE))
    assert "The training is taken" in taken.text
    assert awards(desk) == ["FIRE"]


def test_a_persons_own_export_needs_the_person(desk: Desk, officer: Staff) -> None:
    text = f"{OWN}\n{own()}"
    asked = send(officer, text)
    assert asked.status_code == 422
    assert "assignment number of the person" in asked.text
    page = send(officer, text, "20000001")
    officer.post(TAKE, hidden_fields(page.text, TAKE))
    assert awards(desk) == ["FIRE"]


def test_refused_rows_come_back_as_a_file(desk: Desk, officer: Staff) -> None:
    page = send(officer, "\n".join([TEAM, team("99999999", '"Smith, Jane"')]))
    answer = officer.post(REFUSED, hidden_fields(page.text, REFUSED))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "refused_because" in answer.text
    assert "No post here" in answer.text


WRONG = {
    "no file": (b"", "Choose a file"),
    "a workbook": (b"PK\x03\x04" + b"0" * 40, "Excel"),
    "another export": (b"Name,Wage\nA,1\n", "no ESR training export"),
}


@pytest.mark.parametrize(("content", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_told(desk: Desk, officer: Staff, content: bytes, said: str) -> None:
    page = send(officer, content) if content else officer.fill(START, CHECK, person="")
    assert page.status_code == 422
    assert said in page.text

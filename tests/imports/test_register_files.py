"""Register files: what each row says, and what makes a file the wrong one."""

import io
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from passport.errors import Invalid
from passport.imports.register_files import open_register_file
from passport.model.register_words import Status
from passport.rules.people.register_answers import Answer, Asked, Trouble
from tests.support.registers import gmc_file, nmc_file

S = Status
AS_AT = datetime(2026, 11, 2, tzinfo=UTC)
NURSE = Asked(uuid4(), "NMC", "01A2345N", "Ada", "Okafor", date(1990, 5, 17))
DOCTOR = Asked(uuid4(), "GMC", "1234567", "Ada", "Okafor", date(1990, 5, 17))


def look(content: bytes, *asked: Asked) -> list[Answer | Trouble]:
    file = open_register_file(io.BytesIO(content), asked[0].body, as_at=AS_AT)
    return [answer for _, answer in file.look(asked)]


def test_a_row_of_the_nmc_is_read() -> None:
    (answer,) = look(nmc_file({}), NURSE)
    assert answer == Answer(
        S.REGISTERED, "Ada Grace", "Okafor", date(1990, 5, 17), register_part="Nurse: adult",
        expires_on=date(2027, 9, 30), as_at=AS_AT,
    )  # fmt: skip


NMC = {
    "a lapse": ({"Status": "Lapsed"}, S.LAPSED),
    "an interim suspension": ({"Status": "Interim suspension order"}, S.INTERIM_SUSPENDED),
    "struck off": ({"Status": "Striking-off order"}, S.STRUCK_OFF),
    "conditions told in their own column": (
        {"Restrictions": "Conditions of practice order"}, S.CONDITIONS,
    ),
    "no conditions of practice is no condition": (
        {"Restrictions": "No conditions of practice"}, S.REGISTERED,
    ),
    "a restriction in unknown words": ({"Restrictions": "See our letter"}, S.UNKNOWN),
    "a status in unknown words": ({"Status": "Fine"}, S.UNKNOWN),
    "a lapse beside old conditions": (
        {"Status": "Lapsed", "Restrictions": "See our letter"}, S.LAPSED,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("said", "status"), NMC.values(), ids=NMC.keys())
def test_the_status_of_the_nmc(said: dict[str, str], status: Status) -> None:
    (answer,) = look(nmc_file(said), NURSE)
    assert isinstance(answer, Answer)
    assert answer.status is status


def test_a_restriction_with_its_first_day_is_carried() -> None:
    said = {"Status": "Conditions of practice order", "Restriction Start Date": "01-Oct-2026"}
    (answer,) = look(nmc_file(said), NURSE)
    assert isinstance(answer, Answer)
    assert answer.restrictions == ({"type": "CONDITIONS", "start": "2026-10-01"},)


GMC = {
    "licensed": ({}, S.REGISTERED_WITH_LICENCE, True),
    "no licence": (
        {"Registration Status": "Registered without a licence"}, S.REGISTERED_NO_LICENCE, False,
    ),
    "conditions flagged": ({"FtP Conditions Exist": "Y"}, S.CONDITIONS, True),
    "undertakings flagged": ({"FtP Undertakings Exist": "Y"}, S.UNDERTAKINGS, True),
    "a warning flagged": ({"FtP Warnings Exist": "Y"}, S.WARNING, True),
    "conditions before a warning": (
        {"FtP Warnings Exist": "Y", "FtP Conditions Exist": "Y"}, S.CONDITIONS, True,
    ),
    "suspended, whatever is flagged": (
        {"Registration Status": "Suspended", "FtP Conditions Exist": "Y"}, S.SUSPENDED, None,
    ),
    "temporary": ({"Temporary Covid Registration": "Yes"}, S.TEMPORARY_EMERGENCY, True),
    "erased": (
        {"Registration Status": "Not Registered - Administratively Erased"}, S.UNKNOWN, None,
    ),
    "administratively removed": (
        {"Registration Status": "Administratively removed"}, S.ADMIN_ERASED, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("said", "status", "right"), GMC.values(), ids=GMC.keys())
def test_the_status_of_the_gmc(
    said: dict[str, str], status: Status, right: bool | None
) -> None:
    (answer,) = look(gmc_file(said), DOCTOR)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.practising_right) == (status, right)


def test_dates_of_the_gmc_are_day_month_year_without_separators() -> None:
    (answer,) = look(gmc_file({}), DOCTOR)
    assert isinstance(answer, Answer)
    assert answer.first_registered_on == date(2011, 8, 1)
    assert answer.annotations == ({"code": "SPECIALIST_REGISTER", "detail": "Cardiology"},)
    assert answer.date_of_birth is None


def test_a_leading_zero_that_a_spreadsheet_took_is_put_back() -> None:
    asked = Asked(uuid4(), "GMC", "0123456", "Ada", "Okafor", date(1990, 5, 17))
    (answer,) = look(gmc_file({"GMC Ref No": "123456"}, {"GMC Ref No": "7654321"},
                              {"GMC Ref No": "7654322"}), asked)  # fmt: skip
    assert isinstance(answer, Answer)


def test_other_peoples_rows_are_passed_over_and_counted() -> None:
    rows = [{"PIN": f"01A{number}N", "Surname": "Bright"} for number in range(1000, 1050)]
    file = open_register_file(io.BytesIO(nmc_file(*rows, {})), "NMC", as_at=AS_AT)
    assert len(list(file.look([NURSE]))) == 1
    assert file.others == 50


def test_a_number_that_is_not_in_the_file_is_not_answered() -> None:
    assert look(nmc_file({"PIN": "01A9999N"}), NURSE) == []


def test_one_number_in_two_rows_that_differ_is_not_understood() -> None:
    assert look(nmc_file({}, {"Status": "Lapsed"}), NURSE) == [Trouble.NOT_UNDERSTOOD]
    assert len(look(nmc_file({}, {}), NURSE)) == 1


def test_a_cell_that_cannot_be_read_is_not_understood() -> None:
    assert look(nmc_file({"Expiry Date": "soon"}), NURSE) == [Trouble.NOT_UNDERSTOOD]


WRONG = {
    "a workbook": (b"PK\x03\x04" + b"0" * 50, "NMC", "Excel"),
    "an empty file": (b"", "NMC", "empty"),
    "only headings": (nmc_file(), "NMC", "no rows"),
    "another register's file": (gmc_file({}), "NMC", "no column pin"),
    "another register's numbers": (
        nmc_file({"PIN": "1234567"}).replace(b"PIN", b"GMC Ref No").replace(
            b"Forenames", b"Given Name").replace(b"Status", b"Registration Status").replace(
            b"1234567", b"01A2345N"), "GMC", "no GMC numbers",
    ),
    "a register whose files nobody can read": (nmc_file({}), "GOC", "cannot be read yet"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "body", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_refused_whole(content: bytes, body: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        open_register_file(io.BytesIO(content), body, as_at=AS_AT)
    assert said in caught.value.detail

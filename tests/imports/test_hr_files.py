"""Personnel files as a whole: columns named once, who may send them, what is handed back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from bankhub.cli import people as command
from passport.actors import AccessRole
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound
from passport.model.facts import FactKind
from passport.model.organisations import Organisation
from tests.support import build
from tests.support.access import enter
from tests.support.hr_files import a_trust, counts, hr_file, live_facts, run


@pytest.fixture
def trust(database: Database) -> Organisation:
    return a_trust(database)


WRONG_FILES = {
    "no column for the role": (hr_file({}, without=("role",)), "role"),
    "none of our columns": ("colour,size\nred,1\n", "assignment_number"),
    "a training that is none": (hr_file({"training:YOGA": "2026-01-01"}), "training:yoga"),
}


@pytest.mark.parametrize(("content", "said"), WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_a_file_is_refused_before_its_first_row_for(
    sqlite_database: Database, content: str, said: str
) -> None:
    with pytest.raises(Invalid) as problem:
        run(sqlite_database, a_trust(sqlite_database), content)
    assert said in problem.value.detail


OWN_WORDS = (
    "Employee;Vorname;Nachname;Geburtstag;Job;Level;Fire\n"
    "20000001;Ada;Okafor;17.05.1990;rn_adult;band_5;2026-06-01\n"
)
TOLD = {
    "assignment_number": "Employee", "given_name": "Vorname", "family_name": "Nachname",
    "date_of_birth": "Geburtstag", "role": "Job", "grade": "Level", "training:FIRE": "Fire",
}  # fmt: skip


def test_columns_are_named_once_and_remembered_for_this_trust_only(
    database: Database, trust: Organisation
) -> None:
    with pytest.raises(Invalid, match="file_columns"):
        run(database, trust, OWN_WORDS)
    assert counts(run(database, trust, OWN_WORDS, told=TOLD)) == (1, 0, 0, 0)
    assert counts(run(database, trust, OWN_WORDS)) == (0, 0, 1, 0)
    assert len(live_facts(database, FactKind.TRAINING)) == 1
    with pytest.raises(Invalid, match="file_columns"):
        run(database, a_trust(database), OWN_WORDS)


def test_a_heading_that_is_not_there_is_not_remembered(
    database: Database, trust: Organisation
) -> None:
    with pytest.raises(Invalid, match="file_mapping"):
        run(database, trust, OWN_WORDS, told={**TOLD, "email": "Elektropost"})
    with pytest.raises(Invalid, match="file_columns"):
        run(database, trust, OWN_WORDS)


def test_only_hr_and_bank_managers_of_the_trust_import_its_people(
    database: Database, trust: Organisation
) -> None:
    ward = build.an_actor(trust, AccessRole.WARD_REQUESTER)
    stranger = build.an_actor(a_trust(database), AccessRole.HR_OFFICER)
    officer = build.an_actor(trust, AccessRole.HR_OFFICER)
    with pytest.raises(Forbidden):
        run(database, trust, hr_file({}), by=ward)
    with pytest.raises(NotFound):
        run(database, trust, hr_file({}), by=stranger)
    assert counts(run(database, trust, hr_file({}), by=officer)) == (1, 0, 0, 0)


@pytest.fixture
def command_line(
    sqlite_url: str, sqlite_database: Database, tmp_path: Path
) -> Callable[..., Result]:
    trust = a_trust(sqlite_database)
    env = {
        "BANKHUB_DATABASE_URL": sqlite_url,
        "BANKHUB_SECRET_KEY": "ab" * 32,
        "BANKHUB_MASTER_KEY": "cd" * 32,
    }

    def invoke(content: str | bytes, *options: str) -> Result:
        path = tmp_path / "people.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        arguments = ["import", str(path), "--trust", trust.ods_code, *options]
        return CliRunner().invoke(command.group, arguments, env=env)

    return invoke


def test_refused_rows_come_back_as_the_same_file_and_can_be_sent_again(
    command_line: Callable[..., Result], tmp_path: Path
) -> None:
    back = tmp_path / "refused.csv"
    bad = {
        "assignment_number": "20000002",
        "registration_number": "02B2345N",
        "family_name": "Bird",
        "mobile": "+44 7700 900 wrong",
    }
    done = command_line(hr_file({}, bad), "--refused-out", str(back), "--json")
    assert (done.exit_code, json.loads(done.stdout)["added"]) == (1, 1)
    text = back.read_text("utf-8-sig")
    assert "'+44 7700 900 wrong" in text  # cannot be calculated
    mended = command_line(text.replace(" wrong", "456"), "--json")
    assert (mended.exit_code, json.loads(mended.stdout)["added"]) == (0, 1), mended.stdout


def test_the_command_says_what_to_do_about_a_wrong_file(
    command_line: Callable[..., Result],
) -> None:
    wrong = command_line("colour,size\nred,1\n")
    assert wrong.exit_code == 2
    assert "--map assignment_number=HEADING" in wrong.stderr
    no_trust = command_line("a,b\n", "--trust", "ZZZ9")
    assert (no_trust.exit_code, "ZZZ9" in no_trust.stderr) == (2, True)


def test_the_command_acts_with_the_rights_of_the_account_it_names(
    command_line: Callable[..., Result], sqlite_database: Database
) -> None:
    with sqlite_database.reading() as session:
        trust = session.scalars(sa.select(Organisation)).one()
    enter(sqlite_database, trust, "ward@example.org", AccessRole.WARD_REQUESTER)
    enter(sqlite_database, trust, "hr@example.org", AccessRole.HR_OFFICER)
    assert command_line(hr_file({}), "--as", "ward@example.org").exit_code == 2
    assert command_line(hr_file({}), "--as", "nobody@example.org").exit_code == 2
    assert command_line(hr_file({}), "--as", "hr@example.org").exit_code == 0

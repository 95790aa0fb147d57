"""`bankhub passport issue`: drawn, waiting for the sample, issued, and safe to run again."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from bankhub.cli.main import main
from passport.actions.issuing import issue_batches
from passport.actions.people import identity_checks
from passport.db import Database
from passport.model.credentials import Bundle, Credential, IssueBatch
from passport.model.facts import FactKind
from tests.support import build, staff
from tests.support.access import MASTER_KEY, SECRET_KEY
from tests.support.issuing import NOW
from tests.support.staff import Hr


class Office:
    """A trust of three nurses and the command over its database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.environment = {
            "BANKHUB_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "BANKHUB_SECRET_KEY": SECRET_KEY,
            "BANKHUB_MASTER_KEY": MASTER_KEY,
        }
        with database.transaction() as session:
            self.hr: Hr = staff.an_office(session, ods_code="RWJ")
            for number in range(3):
                nurse, _ = build.a_nurse(
                    session, self.hr.trust, papers=False, given_name=f"Nurse{number}"
                )
                build.a_nurses_papers(
                    session, nurse, source="register_file", without=[FactKind.RIGHT_TO_WORK]
                )
                identity_checks.put_on_record(
                    session, checks=[(nurse.id, staff.SEEN_ON)], by=self.hr.first, now=NOW
                )

    def run(self, *options: str, code: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw("--json", *options, code=code).stdout)
        return found

    def raw(self, *options: str, code: int = 0) -> Result:
        arguments = ["passport", "issue", "--trust", "RWJ", *options]
        done = CliRunner().invoke(main, arguments, env=self.environment)
        assert done.exit_code == code, done.output
        return done

    def open_sample(self) -> None:
        with self.database.transaction() as session:
            batch = session.query(IssueBatch).one()
            now = datetime.now(UTC)  # noqa: TID251  a command's clock
            for person in batch.sample:
                issue_batches.open_sample(
                    session, batch_id=batch.id, person_id=UUID(person), by=self.hr.second, now=now
                )

    def count(self, table: Any) -> int:
        with self.database.reading() as session:
            found: int = session.query(table).count()
            return found


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_a_batch_is_drawn_waits_is_approved_and_issued_once(office: Office) -> None:
    drawn = office.run(code=1)
    assert (drawn["state"], drawn["people"], drawn["sample"]) == ("waiting", 3, 3)
    assert office.count(Credential) == 0
    assert office.run(code=1)["batch"] == drawn["batch"]
    assert "not opened" in office.raw("--approve", code=2).output
    office.open_sample()
    assert office.run(code=1)["sample_opened"] == 3
    issued = office.run("--approve")
    assert (issued["state"], issued["issued"]) == ("issued", 3)
    assert office.count(Bundle) == 3
    with office.database.reading() as session:
        jobs = session.query(Credential).filter_by(type="employment_assignment").all()
        assert {one.claims["job_role"] for one in jobs} == {"Registered nurse (adult)"}
    assert office.run()["state"] == "nothing"
    assert office.count(Bundle) == 3


def test_it_says_in_words_how_far_it_is(office: Office) -> None:
    said = office.raw("--type", "identity", code=1).output
    assert "0 of 3 of the sample are opened" in said
    office.open_sample()
    assert "Issued 3 bundles" in office.raw("--approve").output


def test_checks_from_before_are_taken_from_a_file(office: Office, tmp_path: Path) -> None:
    with office.database.transaction() as session:
        build.a_person(session, office.hr.trust, given_name="Mo", email="mo@example.org")
    file = tmp_path / "checks.csv"
    file.write_text(
        "email,date_of_birth,checked_on\nmo@example.org,1990-05-17,2019-04-01\n,1990-05-17,x\n"
    )
    arguments = ["passport", "checks", str(file), "--trust", "RWJ", "--json"]
    done = CliRunner().invoke(main, arguments, env=office.environment)
    assert done.exit_code == 1, done.output
    said = json.loads(done.stdout)
    assert (said["taken"], [one["line"] for one in said["refused"]]) == (1, [3])


def test_what_is_no_trust_or_no_type_is_said(office: Office) -> None:
    assert "No such" not in office.raw("--type", "astrology", code=2).stdout
    assert office.count(IssueBatch) == 0

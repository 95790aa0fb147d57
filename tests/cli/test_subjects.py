"""`bankhub subject`: a file is written, an erasure is asked by one and agreed by another."""

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bankhub.cli.main import main
from passport.actors import AccessRole
from passport.db import Database
from passport.model.accounts import RoleGrant
from passport.model.people import Person
from tests.support import build
from tests.support.access import MASTER_KEY, SECRET_KEY
from tests.support.build import NOW
from tests.support.build_people import kept
from tests.support.held import MINE, Known, all_known


@pytest.fixture
def known(database: Database) -> Known:
    found = all_known(database)
    with database.transaction() as session:
        for email, role in (("ig", AccessRole.IG_LEAD), ("hr", AccessRole.HR_OFFICER)):
            account = build.an_account(session, email=f"{email}@cli.example")
            grant = RoleGrant(
                account_id=account.id, organisation_id=found.trust.id, role=role, granted_at=NOW
            )
            kept(session, grant, found.trust.id)
    return found


def run(known: Known, *words: str, code: int = 0) -> Result:
    environment = {
        "BANKHUB_DATABASE_URL": known.database.engine.url.render_as_string(hide_password=False),
        "BANKHUB_SECRET_KEY": SECRET_KEY,
        "BANKHUB_MASTER_KEY": MASTER_KEY,
    }
    where = ("--organisation", known.trust.ods_code)
    done = CliRunner().invoke(main, ["subject", *words, *where], env=environment)
    assert done.exit_code == code, done.output
    return done


def test_a_file_is_written(known: Known, tmp_path: Path) -> None:
    out = tmp_path / "file.zip"
    run(known, "export", "quentin@mail.example", "--out", str(out))
    assert MINE in zipfile.ZipFile(out).read("subject-file.html").decode()
    unknown = run(known, "export", "nobody@mail.example", "--out", str(out), code=2)
    assert "0 people" in unknown.output


def test_one_asks_and_another_agrees(known: Known) -> None:
    person = str(known.one.id)
    lead, officer = ("--as", "ig@cli.example"), ("--as", "hr@cli.example")
    still = run(known, "erase", person, *lead, code=2)
    assert "Record that they left first" in still.output
    known.leave()
    asked = json.loads(run(known, "erase", person, *lead, "--json").stdout)
    run(known, "agree", asked["request"], *lead, code=2)
    told = run(known, "agree", asked["request"], *officer).stdout
    assert "working_time" in told
    with known.database.reading() as session:
        assert session.get_one(Person, known.one.id).given_name == ""

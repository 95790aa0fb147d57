"""`bankhub shifts import`: in words, as JSON, as somebody, and what it hands back."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bankhub.actions.people import import_mappings
from bankhub.cli import shifts as command
from bankhub.model.rosters import RosterImport
from bankhub.model.vocabulary import ShiftState
from bankhub.model.workers import ImportMapping
from passport.actors import AccessRole
from passport.db import Database
from passport.events import Event
from passport.model.accounts import RoleGrant
from tests.support import build
from tests.support.build import NOW
from tests.support.rosters import Trust, roster

DAY = datetime.now(UTC).date() + timedelta(days=300)  # noqa: TID251
"""The command reads the machine's clock; this is ahead of it, but not too far."""
FAR = {"date": DAY.isoformat()}
Invoke = Callable[..., Result]


@pytest.fixture
def trust(database: Database) -> Trust:
    return Trust(database, ods_code="X77")


@pytest.fixture
def invoke(trust: Trust, database_url: str, tmp_path: Path) -> Invoke:
    env = {
        "BANKHUB_DATABASE_URL": database_url,
        "BANKHUB_SECRET_KEY": "ab" * 32,
        "BANKHUB_MASTER_KEY": "cd" * 32,
    }

    def run(content: bytes, *options: str, ods: str = "X77") -> Result:
        path = tmp_path / "roster.csv"
        path.write_bytes(content)
        arguments = ["import", str(path), "--trust", ods, *options]
        return CliRunner().invoke(command.group, arguments, env=env, catch_exceptions=False)

    return run


def test_it_says_what_came_of_the_file(trust: Trust, invoke: Invoke) -> None:
    bad = {**FAR, "reference": "B1", "unit": "WARD9"}
    done = invoke(roster(FAR, bad))
    assert done.exit_code == 1
    assert "Done: 1 new (1 shifts" in done.stdout
    assert "Refused, line 3: The unit WARD9 is not known here." in done.stderr
    again = invoke(roster(FAR))
    assert (again.exit_code, "1 unchanged" in again.stdout) == (0, True)


def test_a_dry_run_changes_nothing(trust: Trust, invoke: Invoke) -> None:
    done = invoke(roster(FAR), "--dry-run", "--map", "notes=notes")
    assert (done.exit_code, "Would be: 1 new" in done.stdout) == (0, True)
    assert (trust.shifts(), trust.rows(RosterImport), trust.rows(ImportMapping)) == ({}, [], [])


def test_json_holds_every_count_and_refusal(invoke: Invoke) -> None:
    done = invoke(roster(FAR, {**FAR, "reference": "B1", "grade": "x"}), "--json")
    told = json.loads(done.stdout)
    assert (told["organisation"], told["rows"], told["new"], told["refused"]) == ("X77", 2, 1, 1)
    assert told["refused_rows"][0]["line"] == 3
    assert told["columns"]["reference"] == "reference"


def test_refused_rows_are_written_beside(invoke: Invoke, tmp_path: Path) -> None:
    back = tmp_path / "refused.csv"
    invoke(roster(FAR, {**FAR, "reference": "B1", "notes": "=1"}), "--refused-out", str(back))
    heading, line = back.read_text("utf-8-sig").splitlines()
    assert heading.endswith('"refused_line","refused_because"')
    assert '"B1"' in line
    assert "\"'=1\"" in line


def test_columns_told_once_are_remembered(trust: Trust, invoke: Invoke) -> None:
    own = roster(FAR).replace(b"reference", b"Kenn Nr", 1)
    assert invoke(own).exit_code == 2
    assert invoke(own, "--map", "reference=Kenn Nr").exit_code == 0
    assert invoke(own).exit_code == 0
    (kept,) = trust.rows(ImportMapping)
    assert (kept.kind, kept.columns) == (import_mappings.ROSTER, {"reference": "Kenn Nr"})
    assert invoke(own, "--map", "reference").exit_code == 2


def test_what_vanished_is_told_and_withdrawn_when_asked(trust: Trust, invoke: Invoke) -> None:
    invoke(roster(FAR, {**FAR, "reference": "A2"}))
    first, last = DAY - timedelta(days=5), DAY + timedelta(days=5)
    cover = ("--units", "ward7", "--from", f"{first}", "--to", f"{last:%d/%m/%Y}")
    told = invoke(roster(FAR), *cover)
    assert f"No longer in the roster: A2 (WARD7, 07:30 on {DAY:%-d %B %Y})" in told.stderr
    assert "--withdraw-vanished" in told.stderr
    assert "1 withdrawn" in invoke(roster(FAR), *cover, "--withdraw-vanished").stdout
    states = sorted(shift.state for shift in trust.shifts().values())
    assert states == [ShiftState.OPEN, ShiftState.WITHDRAWN] or ShiftState.SUBMITTED in states


def test_it_acts_as_the_operator_or_as_an_account_with_its_roles(
    trust: Trust, invoke: Invoke
) -> None:
    with trust.database.transaction() as session:
        accounts = {
            role: build.an_account(session, email=f"{role}@example.org")
            for role in (AccessRole.ROTA_COORDINATOR, AccessRole.WORKER, AccessRole.AUDITOR)
        }
        for role in (AccessRole.ROTA_COORDINATOR, AccessRole.WORKER):
            session.add(
                RoleGrant(
                    account_id=accounts[role].id,
                    organisation_id=trust.trust.id,
                    role=role,
                    granted_at=NOW,
                )
            )
    assert invoke(roster(FAR), "--as", "worker@example.org").exit_code == 2
    no_role = invoke(roster(FAR), "--as", "auditor@example.org")
    assert "has no role at X77" in no_role.stderr
    assert "No account" in invoke(roster(FAR), "--as", "nobody@example.org").stderr
    assert trust.shifts() == {}
    assert invoke(roster(FAR), "--as", "ROTA_coordinator@example.org").exit_code == 0
    assert invoke(roster({**FAR, "reference": "A2"})).exit_code == 0
    posted = trust.rows(Event, Event.kind == "shift.posted")
    coordinator = accounts[AccessRole.ROTA_COORDINATOR].id
    assert {(e.by_account_id, e.via) for e in posted} == {(coordinator, "page"), (None, "operator")}


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        pytest.param(b"PK\x03\x04", (), "Excel workbook", id="a workbook"),
        pytest.param(roster(FAR), ("--units", "A"), "all three, or none", id="half a period"),
        pytest.param(roster(FAR), ("--map", "colour=role"), "no field colour", id="no such field"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(
    invoke: Invoke, content: bytes, options: tuple[str, ...], said: str
) -> None:
    done = invoke(content, *options)
    assert (done.exit_code, said in done.stderr) == (2, True)


def test_an_unknown_trust_is_told(invoke: Invoke) -> None:
    assert "No organisation has the ODS code X99" in invoke(roster(FAR), ods="X99").stderr

"""Generated requests, good and bad: every answer is one that the document tells of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from flask import Flask

from bankhub.web.settings import api_settings
from bankhub.wiring import open_database
from passport.db import Database
from tests.support.callers import an_app
from tests.support.fuzzing import fuzz
from tests.support.trust_keys import Trust
from tests.support.two_trusts import two_trusts
from tests.support.walks import document_of

pytestmark = pytest.mark.slow


@dataclass
class House:
    """The app over two trusts, one of which asks."""

    database: Database
    app: Flask
    trust: Trust


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    file = tmp_path_factory.mktemp("fuzz") / "house.sqlite3"
    copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    trust = two_trusts(database)[0]
    yield House(database, an_app(database), trust)
    database.engine.dispose()


UNITS = "^/api/v1/units$"


def test_mutant_that_breaks_is_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> Any:
        raise KeyError("planted")

    assert not fuzz(house.app, house.trust, only=UNITS, phases=("fuzzing",)).found
    monkeypatch.setattr(api_settings.settings, "units_listed", broken)
    report = fuzz(house.app, house.trust, only=UNITS, phases=("fuzzing",))
    assert "not_a_server_error" in str(report)
    assert "status_code_conformance" in str(report)


def test_mutant_that_answers_another_shape_is_found(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_phones(self: Any, found: Any, **_kwargs: Any) -> Any:
        return {"units": [{"id": unit["id"]} for unit in found["units"]]}

    monkeypatch.setattr(api_settings.UnitList, "dump", without_phones)
    report = fuzz(house.app, house.trust, only=UNITS, phases=("fuzzing",))
    assert "response_schema_conformance" in str(report)


FACES = {
    # before deeds that end agreements: its documents are of those in force
    "information governance": "^/api/v1/information-governance/",
    "figures": "^/api/v1/(fill-rate|system-view)",
    "agreements": "^/api/v1/agreement",
    "settings": "^/api/v1/(me|policies|rates|units|shift-codes.*)$",
    "a worker's own": "^/api/v1/(me/|bookings/)",
    "shifts": "^/api/v1/shifts(/import.*|/{shift_id})?$",
    "deeds on a shift": "^/api/v1/(break-glasses/|shifts/{shift_id}/[b-z])",
    "more deeds on a shift": "^/api/v1/shifts/{shift_id}/a",
    "passports": "^/api/v1/(passports|credentials/)",
    "deployments": "^/api/v1/deployments",
    "clearances": "^/api/v1/(clearances|bypasses/)",
    "arrivals and recharges": "^/api/v1/(arrivals|recharges)$",
    "asking and checking": "^/api/v1/(presentation-requests|verdicts)",
}


@pytest.mark.parametrize("paths", FACES.values(), ids=FACES)
def test_every_answer_is_in_the_document(house: House, paths: str) -> None:
    report = fuzz(house.app, house.trust, only=paths)
    assert not report.found, str(report)
    never = [name for name, answers in report.answers.items() if not answers[200]]
    assert not [name for name in never if name.startswith("GET")]


def test_no_path_is_left_out(house: House) -> None:
    for path in document_of(house.app)["paths"]:
        assert sum(re.search(face, path) is not None for face in FACES.values()) == 1, path

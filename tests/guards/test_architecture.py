"""The one rule: faces ask actions, actions ask rules, rules ask nobody; bankhub asks passport.

Each guard runs over the project and over planted samples that it must flag, or must let pass.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.guards import house
from tests.guards.house import Module

ROOT = Path(__file__).resolve().parents[2]

MODULES = house.read(ROOT, "passport", "bankhub")
OTHERS = house.read(ROOT, "tests", "benchmarks")

TABLES = Module(
    "bankhub.model.shifts",
    "class Shift(Base, kw_only=True):\n    __tablename__ = 'shift'\n"
    "class Night(Shift): ...\nclass Open(StrEnum): ...",
)

GUARDS: dict[str, Callable[[list[Module]], list[str]]] = {
    "rooms import to their left": house.imports_to_the_right,
    "no import rings": house.rings,
    "rules ask nobody": house.rules_that_reach_out,
    "below the faces nobody sees a request": house.web_below_the_faces,
    "faces build no SQL": house.sql_in_faces,
    "actions never commit": house.commits_in_actions,
    "imports stand at the top": house.imports_inside_functions,
    "now is an argument": house.clock_reads,
    "packages hold a docstring only": house.packages_with_code,
    "every module says what it is for": house.without_docstring,
    "files and functions stay short": house.too_long,
    "flask_smorest stays behind one door": lambda modules: house.one_door_to(
        "flask_smorest", "passport.web.api_base", modules
    ),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_the_house_keeps_its_rules(guard: str) -> None:
    assert GUARDS[guard](MODULES) == []


def test_tests_and_benchmarks_stay_short_and_say_what_they_are_for() -> None:
    assert house.too_long(OTHERS) + house.without_docstring(OTHERS) == []


def test_both_floors_were_read() -> None:
    rooms = {(module.floor, module.room) for module in MODULES}
    assert {("passport", "model"), ("bankhub", "rules"), ("bankhub", "app")} <= rooms


def planted(name: str, text: str, *, is_package: bool = False) -> Module:
    return Module(name, text, is_package)


BREACHES = {
    "passport may not import bankhub": (
        house.imports_to_the_right,
        [TABLES, planted("passport.actions.people", "from bankhub.model.shifts import Shift")],
    ),
    "a rule may not import an action": (
        house.imports_to_the_right,
        [planted("bankhub.actions.shifts", ""),
         planted("bankhub.rules.agency", "from bankhub.actions import shifts")],
    ),
    "an action may not import a face": (
        house.imports_to_the_right,
        [planted("bankhub.web.api", ""),
         planted("bankhub.actions.shifts", "import bankhub.web.api")],
    ),
    "a face may not import the app": (
        house.imports_to_the_right,
        [planted("bankhub.app", ""), planted("bankhub.worker", "from bankhub.app import start")],
    ),
    "a model may not import a room to its right downstairs": (
        house.imports_to_the_right,
        [planted("passport.actions.people", ""),
         planted("bankhub.model.workers", "from passport.actions.people import find")],
    ),
    "a foundation may not import a model": (
        house.imports_to_the_right,
        [TABLES, planted("bankhub.config", "from bankhub.model.shifts import Shift")],
    ),
    "two models may not import each other": (
        house.rings,
        [planted("bankhub.model.a", "from bankhub.model import b"),
         planted("bankhub.model.b", "from bankhub.model.a import A")],
    ),
    "a rule may not import SQLAlchemy": (
        house.rules_that_reach_out,
        [planted("bankhub.rules.agency", "from sqlalchemy.orm import Session")],
    ),
    "a rule may not import Flask": (
        house.rules_that_reach_out,
        [planted("passport.rules.trust", "import flask")],
    ),
    "a rule may not import a table": (
        house.rules_that_reach_out,
        [TABLES, planted("bankhub.rules.agency", "from bankhub.model.shifts import Shift")],
    ),
    "a rule may not import a table that inherits from one": (
        house.rules_that_reach_out,
        [TABLES, planted("bankhub.rules.agency", "from bankhub.model.shifts import Night")],
    ),
    "a rule may not import a whole module with tables": (
        house.rules_that_reach_out,
        [TABLES, planted("bankhub.rules.agency", "from bankhub.model import shifts")],
    ),
    "a rule may not import the database": (
        house.rules_that_reach_out,
        [planted("passport.db", ""), planted("bankhub.rules.agency", "import passport.db")],
    ),
    "an action may not see a request": (
        house.web_below_the_faces,
        [planted("bankhub.actions.shifts", "from flask import request")],
    ),
    "a page may not select": (
        house.sql_in_faces,
        [planted("bankhub.web.api", "import sqlalchemy as sa\nrows = sa.select(1)")],
    ),
    "a command may not update": (
        house.sql_in_faces,
        [planted("bankhub.cli.shifts", "from sqlalchemy import update")],
    ),
    "an action may not commit": (
        house.commits_in_actions,
        [planted("bankhub.actions.shifts", "def post(session):\n    session.commit()")],
    ),
    "a function may not import": (
        house.imports_inside_functions,
        [planted("bankhub.web.api", "def late():\n    if True:\n        import json")],
    ),
    "nothing is imported by name at run time": (
        house.imports_inside_functions,
        [planted("bankhub.web.api", "importlib.import_module('bankhub.app')")],
    ),
    "an action may not read the clock": (
        house.clock_reads,
        [planted("bankhub.actions.shifts", "moment = datetime.datetime.now(UTC)")],
    ),
    "a model may not let the database read its clock": (
        house.clock_reads,
        [planted("bankhub.model.shifts", "at = mapped_column(server_default=sa.func.now())")],
    ),
    "a rule may not ask what day it is": (
        house.clock_reads,
        [planted("bankhub.rules.agency", "today = date.today()")],
    ),
    "a package may not hold code": (
        house.packages_with_code,
        [planted("bankhub.rules", '"""Rules."""\nX = 1', is_package=True)],
    ),
    "passport's public names are names, not code": (
        house.packages_with_code,
        [planted("passport", '"""P."""\ndef create(): ...', is_package=True)],
    ),
    "a module needs a docstring": (
        house.without_docstring,
        [planted("bankhub.rules.agency", "X = 1")],
    ),
    "a file of 401 lines is too long": (
        house.too_long,
        [planted("bankhub.rules.agency", "X = 1\n" * 401)],
    ),
    "a function of 41 lines is too long": (
        house.too_long,
        [planted("bankhub.rules.agency", "def f():\n" + "    x = 1\n" * 40)],
    ),
    "flask_smorest has one door": (
        GUARDS["flask_smorest stays behind one door"],
        [planted("bankhub.web.api", "from flask_smorest import Blueprint")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("breach", BREACHES)
def test_a_planted_breach_is_flagged(breach: str) -> None:
    guard, modules = BREACHES[breach]
    assert len(guard(modules)) == 1


ALLOWED = {
    "a face may import another face": (
        house.imports_to_the_right,
        [planted("bankhub.imports.roster", ""),
         planted("bankhub.web.api", "from bankhub.imports import roster")],
    ),
    "an action may import the same room downstairs": (
        house.imports_to_the_right,
        [planted("passport.actions.people", ""),
         planted("bankhub.actions.shifts", "from passport.actions import people")],
    ),
    "a rule may import a value beside a table": (
        house.rules_that_reach_out,
        [TABLES, planted("bankhub.rules.agency", "from bankhub.model.shifts import Open")],
    ),
    "a rule may import Reason": (
        house.rules_that_reach_out,
        [planted("passport.errors", ""),
         planted("bankhub.rules.agency", "from passport.errors import Reason")],
    ),
    "the app reads the clock": (
        house.clock_reads,
        [planted("bankhub.app", "moment = datetime.now(UTC)")],
    ),
    "passport may name what it offers": (
        house.packages_with_code,
        [planted("passport", '"""P."""\nfrom passport.app import create_app', is_package=True)],
    ),
    "a file of 400 lines and a function of 40 are not too long": (
        house.too_long,
        [planted("bankhub.rules.agency", "def f():\n" + "    x = 1\n" * 39 + "X = 1\n" * 360)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("sample", ALLOWED)
def test_what_is_allowed_passes(sample: str) -> None:
    guard, modules = ALLOWED[sample]
    assert guard(modules) == []

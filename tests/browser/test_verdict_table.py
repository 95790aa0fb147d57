"""The browser's verdict engine, in Chromium, against the table that the server's is held to."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page

from passport.asset_files import asset_folder
from tests.support.verdict_table import table

ENGINE = asset_folder("static") / "passport"
ASK = (Path(__file__).parent / "verdict_table.js").read_text("utf-8").partition("\n\n")[2]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def differences(page: Page, folder: Path, *, first: bool = False) -> dict[str, tuple[Any, Any]]:
    """The cases that this engine answers otherwise than the table."""
    with served(folder) as at:
        page.goto(f"{at}/verdict.js")
        answers = page.evaluate(ASK, {"at": at, "table": table(), "first": first})
    return {
        f"{case['kind']}: {case['name']}": (found, case["expect"])
        for case, found in zip(table()["cases"], answers, strict=not first)
        if found != case["expect"]
    }


def test_every_case_comes_to_the_same(page: Page) -> None:
    assert differences(page, ENGINE) == {}


MUTANTS = {
    "one signature is enough": (
        "gate.js", "!(await verifies(said.holder", "false && !(await verifies(said.holder",
    ),
    "the issuer's is not asked": (
        "gate.js", "!(await verifies(key, issued", "false && !(await verifies(key, issued",
    ),
    "a minute is an hour": ("gate.js", "OLDEST = 60 *", "OLDEST = 3600 *"),
    "the challenge is not compared": ("gate.js", "if (given === wanted) return;", "return;"),
    "the audience is not compared": (
        "gate.js", ".includes(said.audience)", ".includes(said.audience) && false",
    ),
    "the seven days do not end": ("gate.js", "now >= said.expiresAt", "now < 0"),
    "a replay is taken": ("verdict.js", "one.second === shown.second", "false"),
    "whose key it is is not asked": ("verdict.js", "issuer.ods === token.said.ods", "true"),
    "a withdrawn key signs on": ("trust_list.js", "at >= listed.revokedFrom", "false"),
    "anybody says anything": ("trust_list.js", "!issuer.asserts.has(type)", "false"),
    "the oldest list is green": ("verdict.js", "age <= policy.status_list_green * HOUR", "true"),
    "amber has no end": ("verdict.js", "age <= policy.status_list_amber * HOUR", "true"),
    "suspended is good": ("verdict.js", "status === VALID", "status !== INVALID"),
    "bits from the other end": ("status_list.js", ">> bit % 8", ">> (8 - bits - (bit % 8))"),
    "a roll-back is taken": ("status_list.js", "iat < atLeast", "false"),
    "a name twice in JSON": ("json_strict.js", "Object.hasOwn(found, name)", "false"),
    "a key twice in CBOR": (
        "cbor.js", "compare(spelling, last) <= 0", "compare(spelling, last) < 0",
    ),
    "a long spelling": ("cbor.js", "number < LEAST[size - 24]", "false"),
    "two bytes and a half": ("base45.js", "number > 65535", "false"),
    "padding bits": ("bytes.js", "held & ((1 << bits) - 1)", "false"),
    "a lapsed registration": ("verdict.js", "!GOOD.includes(status)", "false"),
    "Greenwich for London": ("verdict.js", "Europe/London", "UTC"),
    "hidden characters": ("gate_facts.js", "HIDDEN.test(value)", "false"),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_an_engine_with_a_mistake_differs(name: str, page: Page, tmp_path: Path) -> None:
    file, right, wrong = MUTANTS[name]
    shutil.copytree(ENGINE, tmp_path / "engine")
    mutant = tmp_path / "engine" / file
    text = mutant.read_text("utf-8")
    assert right in text
    mutant.write_text(text.replace(right, wrong), "utf-8")
    assert differences(page, tmp_path / "engine", first=True)

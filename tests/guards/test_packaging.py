"""What a clone and a wheel may hold: nothing third-party, no download address, reasons given."""

import json
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from tests.guards import packages

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock")

PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_nothing_third_party_is_tracked() -> None:
    assert packages.third_party(packages.tracked(ROOT)) == []


def test_a_tracked_third_party_file_is_flagged() -> None:
    planted = ["static/vendor/x/LICENCE.txt", "static/qr.min.js", "static/a.woff2"]
    assert packages.third_party([*planted, "static/bankhub/app.css"]) == planted


@pytest.mark.parametrize(
    "name", [*LOCKS, "package-lock.json", "tests/third_party/package-lock.json"]
)
def test_a_lock_names_no_address(name: str) -> None:
    assert packages.addresses(text_of(name)) == []


@pytest.mark.parametrize(
    "line",
    [
        "flask @ https://example.org/flask.whl",
        "--index-url http://127.0.0.1/simple",
        "--find-links /opt/wheels",
        '  "resolved": "x.tgz",',
    ],
)
def test_an_address_in_a_lock_is_flagged(line: str) -> None:
    assert packages.addresses(f"a==1\n{line}\nb==2") == [line]


@pytest.mark.parametrize("name", LOCKS)
def test_each_pin_has_its_hash(name: str) -> None:
    assert packages.unhashed(text_of(name)) == []


def test_a_pin_without_a_hash_is_flagged() -> None:
    lock = "# made\na==1 \\\n    --hash=sha256:00\nb==2\nc==3 \\\n    --hash=sha256:11"
    assert packages.unhashed(lock) == ["b==2"]


@pytest.mark.parametrize("name", ["package-lock.json", "tests/third_party/package-lock.json"])
def test_each_npm_package_has_its_hash(name: str) -> None:
    listed = json.loads(text_of(name))["packages"]
    fetched = [entry for place, entry in listed.items() if place]
    assert fetched
    assert all(entry["integrity"].startswith("sha512-") for entry in fetched)


def test_the_locks_meet_the_project() -> None:
    extras = PROJECT["optional-dependencies"]
    wanted = PROJECT["dependencies"] + extras["demo"]
    develop = [name for name in extras["dev"] if not name.startswith("bankhub[")]
    assert packages.unfit(wanted, text_of("requirements.lock")) == []
    assert packages.unfit(wanted + develop, text_of("requirements-dev.lock")) == []


def test_a_lock_made_before_a_requirement_is_flagged() -> None:
    lock = "flask==3.0 \\\n    --hash=sha256:00"
    assert packages.unfit(["Flask>=3", "Flask>=3.1", "segno>=1"], lock) == [
        "Flask>=3.1",
        "segno>=1",
    ]


def test_both_locks_pin_the_same_versions() -> None:
    pins = [set(re.findall(r"^\S+==\S+", text_of(name), re.MULTILINE)) for name in LOCKS[:2]]
    assert pins[0] <= pins[1]


def test_each_dependency_has_its_reason() -> None:
    assert packages.without_reason(PYPROJECT) == []


def test_a_dependency_without_a_reason_is_flagged() -> None:
    planted = PYPROJECT.replace('  "Flask>=3.1",', '  "Flask>=3.1", #\n  #', 1)
    assert packages.without_reason(planted) == ["Flask>=3.1"]


def test_the_licence_is_there_in_full_and_named() -> None:
    licence = text_of("LICENSE")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert PROJECT["license"] == "Apache-2.0"


def test_the_front_end_matches_its_templates() -> None:
    """The templates' own table says which version of the front end they were written for."""
    front_end = json.loads(text_of("package.json"))["dependencies"]["nhsuk-frontend"]
    templates = metadata.distribution("nhsuk-frontend-jinja")
    row = f"| {front_end} | {templates.version} |"
    assert row in (templates.read_text("METADATA") or "")


def test_public_data_is_attributed() -> None:
    assert "Open Government Licence v3.0" in re.sub(
        r"\s*>?\s+", " ", text_of("docs/attribution.md")
    )

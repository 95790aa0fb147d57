"""Nothing lies about that nobody calls."""

from pathlib import Path

from tests.guards import house
from tests.guards.house import Module
from tests.guards.unused import uncalled

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"

PLANTED = [
    Module(
        "bankhub.actions.left",
        "def called(): ...\n@route\ndef shown(): ...\ndef filtered(): ...\ndef left_behind(): ...",
    ),
    Module("bankhub.web.right", "from bankhub.actions.left import called\n"),
]


def test_every_function_is_called_by_the_project_itself() -> None:
    assert uncalled(house.read(ROOT, "passport", "bankhub"), TEMPLATES) == []


def test_what_nobody_calls_is_found(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ day|filtered }}")
    assert uncalled(PLANTED, tmp_path) == ["bankhub.actions.left.left_behind is called by nobody"]

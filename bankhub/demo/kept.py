"""What the demo keeps between two starts: its secrets, and where it is served."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path("instance")
_FILE = "demo.json"


def load(folder: Path = FOLDER) -> dict[str, Any]:
    """What was kept; empty where no demo was made in this folder."""
    path = folder / _FILE
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def keep(kept: Mapping[str, Any], folder: Path = FOLDER) -> None:
    """Keep it, readable by nobody else."""
    path = folder / _FILE
    path.touch(mode=0o600)
    path.write_text(json.dumps(dict(kept)))


def environment(kept: Mapping[str, Any]) -> dict[str, str]:
    """The settings of the demo's processes, and of commands run beside it."""
    return {
        "BANKHUB_DEMO": "yes",
        "BANKHUB_DATABASE_URL": str(kept["database_url"]),
        "BANKHUB_SECRET_KEY": str(kept["secret_key"]),
        "BANKHUB_MASTER_KEY": str(kept["master_key"]),
        "BANKHUB_BASE_URL": str(kept["base_url"]),
    }

"""Where templates, static files and migrations lie: beside the packages or inside the wheel.

A checkout keeps the three folders at its top level. The wheel carries them in `passport/_assets`,
on the ground floor, because both floors need them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_FLOOR = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class VendorFile:
    """One third-party file that a page may load, as fetched and checked."""

    sha256: str
    package: str
    """Name and version, e.g. `nhsuk-frontend@10.6.1`."""
    licence: str
    """SPDX identifier."""


def asset_folder(name: Literal["templates", "static", "migrations"]) -> Path:
    """The folder of that name, whichever way the platform was installed."""
    inside = _FLOOR / "_assets" / name
    return inside if inside.is_dir() else _FLOOR.parent / name


def vendor_files(static: Path | None = None) -> Mapping[str, VendorFile]:
    """Third-party files by their path under `static/vendor`; empty where none were fetched.

    An empty answer is no error: pages then load the platform's own style sheet alone and say so.
    """
    manifest = (static or asset_folder("static")) / "vendor" / "manifest.json"
    if not manifest.is_file():
        return {}
    listed = json.loads(manifest.read_text("utf-8"))["files"]
    return {path: VendorFile(**entry) for path, entry in listed.items()}

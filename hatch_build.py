"""Build hook: a wheel carries templates, migrations and the fetched front-end files.

So installing it needs neither npm nor the checkout. `passport.asset_files` finds them there. An
editable install uses the checkout's own folders.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetFolders(BuildHookInterface[Any]):
    """Fetches the front-end files, then adds the three folders to the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Stop the build where the front-end files cannot be had: half a wheel helps nobody."""
        if version == "editable":
            return
        command = [sys.executable, "-m", "bankhub.assets", "--required"]
        subprocess.run(command, cwd=self.root, check=True)  # noqa: S603  fixed command
        for name in ("templates", "static", "migrations"):
            build_data["force_include"][str(Path(self.root, name))] = f"passport/_assets/{name}"

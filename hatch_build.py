"""Build hook: a wheel carries the fetched front-end files, so installing it needs no npm."""

import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEndFiles(BuildHookInterface[Any]):
    """Runs `bankhub.assets` in the source tree before the wheel is filled."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch, or stop the build; an editable install uses the checkout's own folder."""
        if version != "editable":
            command = [sys.executable, "-m", "bankhub.assets", "--required"]
            subprocess.run(command, cwd=self.root, check=True)  # noqa: S603  fixed command

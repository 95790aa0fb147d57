"""Finds the Chromium that the browser tests drive."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import expect

expect.set_options(timeout=30_000)  # as the other waits: 5 s is little on a busy machine

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"

SWITCHES = (
    "--no-sandbox",  # containers and root have no user namespaces; pages come from loopback only
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable(own: str) -> str | None:
    """The named one, else the system's, else Playwright's `own` where it was installed."""
    named = os.environ.get("BANKHUB_TEST_CHROMIUM")
    found = (named, *(shutil.which(name) for name in NAMES), MAC, own)
    return next((path for path in found if path and Path(path).is_file()), None)

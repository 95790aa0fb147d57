"""Fetches the programs of other makes that the tests in this folder run, by the lock file.

    python tests/third_party/install.py [--required]

Where npm or its registry cannot be had, that is a message and no failure, unless required.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STAMP = HERE / "node_modules" / ".from-lock"


def main() -> int:
    """Install unless what is there is of this lock file."""
    sys.path.insert(0, str(ROOT))
    from bankhub.assets import Unavailable, find_npm  # noqa: PLC0415  runs before any set-up

    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == lock:
        return 0
    try:
        npm = find_npm(ROOT)
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run([*npm, "ci", *quiet], cwd=HERE, check=True)
    except (Unavailable, subprocess.CalledProcessError) as why:
        sys.stderr.write(f"programs of other makes: not fetched ({why}); their tests are skipped\n")
        return int("--required" in sys.argv)
    STAMP.write_text(lock)
    return 0


if __name__ == "__main__":
    sys.exit(main())

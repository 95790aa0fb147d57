"""Both histories applied from empty, on SQLite and PostgreSQL, give what the code expects."""

import os
import subprocess
import tempfile
from pathlib import Path

from tests.support import postgres

BANKHUB = Path(".venv/bin/bankhub").resolve()
SECRETS = {"BANKHUB_SECRET_KEY": "0" * 64, "BANKHUB_MASTER_KEY": "0" * 64}


def bankhub(url: str, *arguments: str) -> int:
    """Exit code of a command on that database; what it said is shown."""
    environment = {**os.environ, **SECRETS, "BANKHUB_DATABASE_URL": url}
    print(f"$ bankhub {' '.join(arguments)}  ({url.split(':')[0]})")
    return subprocess.run([BANKHUB, *arguments], env=environment, check=False).returncode


def check(url: str) -> None:
    """Upgrade twice and compare; an empty database must be told apart first."""
    if bankhub(url, "db", "check") != 1:
        raise SystemExit("`db check` must exit 1 on an empty database, or it checks nothing")
    for arguments in (("db", "upgrade"), ("db", "upgrade"), ("db", "check")):
        if code := bankhub(url, *arguments):
            raise SystemExit(f"bankhub {' '.join(arguments)} ended with exit code {code}")


def main() -> None:
    """Both databases, in places that are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        check(f"sqlite:///{folder}/empty.sqlite3")
    postgres.open_run()
    try:
        check(postgres.server().fresh_database())
    finally:
        postgres.close_run()


main()

"""Both histories applied from empty, on SQLite and PostgreSQL, give what the code expects."""

import os
import subprocess
import tempfile
from pathlib import Path

from tests.support import postgres

BANKHUB = Path(".venv/bin/bankhub").resolve()
SECRETS = {"BANKHUB_SECRET_KEY": "0" * 64, "BANKHUB_MASTER_KEY": "0" * 64}


def bankhub(url: str, *arguments: str) -> tuple[int, str]:
    """Exit code and words of a command on that database."""
    environment = {**os.environ, **SECRETS, "BANKHUB_DATABASE_URL": url}
    done = subprocess.run(
        [BANKHUB, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    said = (done.stdout + done.stderr).strip()
    print(f"{url.split(':')[0]}: bankhub {' '.join(arguments)}: {said.splitlines()[:1]}")
    return done.returncode, said


def check(url: str) -> None:
    """Upgrade twice and compare; an empty database must be told apart first."""
    code, said = bankhub(url, "db", "check")
    if code != 1 or "differs from the code" not in said:
        raise SystemExit(
            f"`db check` must tell an empty database apart, or it checks nothing: {said[:500]}"
        )
    for arguments in (("db", "upgrade"), ("db", "upgrade"), ("db", "check")):
        code, said = bankhub(url, *arguments)
        if code != 0:
            raise SystemExit(
                f"bankhub {' '.join(arguments)} ended with exit code {code}: {said[-1500:]}"
            )


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

"""The application server of a service: gunicorn, two processes of eight threads."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen

from tests.support.postgres import free_port

PROCESSES, THREADS = 2, 8


@dataclass(frozen=True)
class Served:
    """A running application server."""

    port: int
    pid: int


@contextmanager
def serving(app: str, database_url: str) -> Iterator["Served"]:
    """Serve `app` over the database until the block ends."""
    port = free_port()
    environment = {
        **os.environ,
        "BANKHUB_DATABASE_URL": database_url,
        "BANKHUB_SECRET_KEY": "5e" * 32,
        "BANKHUB_MASTER_KEY": "a7" * 32,
        "BANKHUB_BASE_URL": f"http://127.0.0.1:{port}",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        f"--bind=127.0.0.1:{port}",
        f"--workers={PROCESSES}",
        f"--threads={THREADS}",
        "--worker-class=gthread",
        "--keep-alive=30",
        "--graceful-timeout=3",
        "--no-control-socket",
        "--log-level=warning",
        app,
    ]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        try:
            _wait(port, process)
            yield Served(port, process.pid)
        except BaseException:
            said.seek(0)
            print(said.read()[-4000:].decode(errors="replace"), file=sys.stderr)
            raise
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the application server did not start")
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except (URLError, OSError):  # not listening, or still importing
            time.sleep(0.1)
    raise RuntimeError("the application server does not answer")

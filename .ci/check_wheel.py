"""The built wheel, installed into an empty environment far from the checkout, runs and serves."""

import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
FOLDERS = ("templates", "static", "migrations")
SECRETS = {"BANKHUB_SECRET_KEY": "0" * 64, "BANKHUB_MASTER_KEY": "0" * 64}


def install(home: Path) -> Path:
    """A new environment with the newest wheel and the locked versions; answers its bin folder."""
    wheel = max((CHECKOUT / "dist").glob("bankhub-*.whl"), key=lambda path: path.stat().st_mtime)
    pins = re.findall(
        r"^(\S+==\S+(?: ;[^\\]*)?)", (CHECKOUT / "requirements.lock").read_text(), re.M
    )
    constraints = home / "constraints.txt"
    constraints.write_text("\n".join(pins))
    venv.create(home / "env", with_pip=True)
    python = home / "env/bin/python"
    pip = (python, "-m", "pip", "install", "--quiet", "--constraint", constraints, wheel)
    subprocess.run(pip, cwd=home, check=True)
    return home / "env/bin"


def contents(folder: Path) -> set[str]:
    """Files below the folder, by their relative path."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def check_folders(programs: Path, home: Path) -> None:
    """Templates, static files and migrations came along, whole, and are found there."""
    code = "from passport.asset_files import asset_folder as f\nfor n in {!r}: print(f(n))"
    asked = subprocess.run(
        [programs / "python", "-c", code.format(FOLDERS)],
        cwd=home, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name, found in zip(FOLDERS, map(Path, asked.stdout.split()), strict=True):
        if not found.is_relative_to(home):
            raise SystemExit(f"{name} is looked for in {found}, outside the installation")
        missing = contents(CHECKOUT / name) - contents(found)
        if missing or not contents(found):
            raise SystemExit(f"{name} in the wheel lacks {sorted(missing) or 'everything'}")
        print(f"{name}: {len(contents(found))} files")
    if "vendor/manifest.json" not in contents(CHECKOUT / "static"):
        raise SystemExit("the wheel was built without the front-end files")


def fetch(address: str) -> int:
    """Status of a GET; 0 while nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def check_serving(programs: Path, home: Path) -> None:
    """`bankhub serve` answers, with its pages and its style sheets."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    environment = {**os.environ, **SECRETS, "PORT": str(port), "BANKHUB_BASE_URL": base}
    for arguments in (("--help",), ("db", "upgrade")):
        subprocess.run([programs / "bankhub", *arguments], cwd=home, env=environment, check=True)
    server = subprocess.Popen([programs / "bankhub", "serve"], cwd=home, env=environment)
    try:
        deadline = time.monotonic() + 30
        while (status := fetch(f"{base}/healthz")) == 0 and time.monotonic() < deadline:
            if server.poll() is not None:
                raise SystemExit(f"bankhub serve ended with exit code {server.returncode}")
            time.sleep(0.2)
        sheet = "/static/vendor/nhsuk-frontend/nhsuk-frontend.min.css"
        seen = {path: fetch(base + path) for path in ("/readyz", "/", sheet, "/static/app.css")}
        print({"/healthz": status, **seen})
        if {status, *seen.values()} != {200}:
            raise SystemExit("not everything was served")
    finally:
        server.terminate()
        server.wait(timeout=30)


def main() -> None:
    """Everything happens in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        programs = install(home)
        check_folders(programs, home)
        check_serving(programs, home)


main()

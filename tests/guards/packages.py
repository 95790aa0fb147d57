"""Reads lock files, project metadata and the list of tracked files for what must not be there."""

import re
import subprocess
import tomllib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FETCHED_FOLDERS = frozenset({"vendor", "node_modules", ".cache", ".venv", "dist", "_assets"})
BUILT = (".min.js", ".min.css", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".whl", ".map", ".tgz")


def tracked(root: Path) -> list[str]:
    """The files that a clone would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
    )
    return [path for path in listed.stdout.split("\0") if path]


def third_party(paths: Iterable[str]) -> list[str]:
    """Tracked files that someone else made: they arrive by lock file instead."""
    return [
        path
        for path in paths
        if FETCHED_FOLDERS & set(PurePosixPath(path).parts) or path.endswith(BUILT)
    ]


def addresses(text: str) -> list[str]:
    """Lines of a lock file that say where to download: that is the installing machine's choice."""
    return re.findall(r".*(?:\w+://|\"resolved\"|--(?:extra-)?index-url|--find-links|-i ).*", text)


def unhashed(lock: str) -> list[str]:
    """Pinned packages of a requirement file that any content would satisfy."""
    entries = re.split(r"\n(?=\S)", lock)
    return [
        entry.splitlines()[0]
        for entry in entries
        if not entry.startswith("#") and "--hash=sha256:" not in entry
    ]


def unfit(requirements: Iterable[str], lock: str) -> list[str]:
    """Requirements that the lock does not meet: it was not made from them."""
    pins = {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE)
    }
    return [
        str(wanted)
        for wanted in map(Requirement, requirements)
        if not wanted.specifier.contains(pins.get(canonicalize_name(wanted.name), "0"))
    ]


def without_reason(pyproject: str) -> list[str]:
    """Dependencies with no word on what they are for."""
    metadata = tomllib.loads(pyproject)
    project = metadata["project"]
    groups = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *metadata["dependency-groups"].values(),
    ]
    lines = pyproject.splitlines()
    return [
        wanted
        for group in groups
        for wanted in group
        if not any(re.match(rf'\s*"{re.escape(wanted)}",\s+#\s*\w+', line) for line in lines)
    ]

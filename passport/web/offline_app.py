"""A page that works with no network: its service worker, and every file it must keep for that.

The worker's script begins with the addresses of the files, which hold their hashes. So it changes
whenever one of them does, and the browser then fetches the new version beside the old one.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from flask import Response, current_app, make_response

from passport.web.templating import asset_url

WORKER = "passport/offline_worker.js"
_IMPORT = re.compile(r"""\b(?:from\s*|import\s*\(?\s*)["'](\.[^"']+)["']""")


@dataclass(frozen=True, slots=True)
class OfflineApp:
    """A page with everything below `static/` that it needs."""

    name: str
    """Begins the name of its cache: several of them live at one address."""
    page: str
    """Its path, and the scope of its worker."""
    scripts: Sequence[str]
    """Its scripts; the modules that these import are found by themselves."""
    files: Sequence[str]
    """Style sheets, icons, and what is loaded in other ways. Missing ones are left out."""
    routes: Sequence[str] = ()
    """Further addresses of ours, whose answers change only with the files."""

    def module_addresses(self) -> list[str]:
        """Where our own modules are: told early, the browser need not find them one behind the
        other. Third-party ones are large, and waited for by nothing that is shown first."""
        static = Path(current_app.static_folder or "")
        return [
            asset_url(path).partition("?")[0]
            for path in modules(static, self.scripts)
            if path not in self.scripts and path.startswith("passport/")
        ]

    def worker(self, html: str) -> Response:
        """The script of the service worker, for the page as it is now."""
        static = Path(current_app.static_folder or "")
        wanted = (*self.files, *modules(static, self.scripts))
        there = [path for path in dict.fromkeys(wanted) if (static / path).is_file()]
        kept = {asset_url(path).partition("?")[0]: asset_url(path) for path in there}
        kept |= {path: path for path in self.routes}
        script = (static / WORKER).read_text("utf-8")
        version = hashlib.sha256(json.dumps([html, script, kept]).encode()).hexdigest()[:16]
        told = {"name": self.name, "version": version, "page": self.page, "files": kept}
        answer = make_response(f"const KEPT = {json.dumps(told)};\n\n{script}")
        answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
        answer.headers["Service-Worker-Allowed"] = self.page
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def modules(static: Path, scripts: Sequence[str]) -> Iterator[str]:
    """The scripts and every module that they import, at once or later, by path below `static`."""
    found = dict.fromkeys(scripts)
    waiting = list(scripts)
    while waiting:
        path = waiting.pop()
        yield path
        file = static / path
        for imported in _IMPORT.findall(file.read_text("utf-8")) if file.is_file() else ():
            reached = _joined(PurePosixPath(path).parent, imported)
            if reached not in found:
                found[reached] = None
                waiting.append(reached)


def _joined(folder: PurePosixPath, relative: str) -> str:
    parts = list(folder.parts)
    for part in relative.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)

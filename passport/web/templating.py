"""What every page is given: escaping, strict names, words for moments and money, and its frame.

Two template environments. Ours raises for a name or attribute that does not exist, so a typing
error is an error and not an empty cell. The NHS.UK form macros need the opposite (they probe for
absent options); they live in an environment of their own and are called through `nhs(...)`.
Both escape whatever the file is called: Flask alone would leave `.jinja` files unescaped.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, url_for
from jinja2 import ChainableUndefined, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from passport.asset_files import vendor_files
from passport.db import new_id
from passport.web.lent import now
from passport.web.words import FILTERS

NHS_STYLE = "vendor/nhsuk-frontend/nhsuk-frontend.min.css"
NHS_SCRIPT = "vendor/nhsuk-frontend/nhsuk-frontend.min.js"

MOST_TABS = 5
MOST_IN_A_ROW = 7


@dataclass(frozen=True, slots=True)
class Link:
    """A place to go, in the navigation, the account menu or the footer."""

    text: str
    url: str
    icon: str = ""
    """A symbol of `static/icons/icons.svg`, e.g. `home`; shown in the navigation only."""
    current: bool = False
    count: int = 0
    """How many things wait there; 0 shows nothing."""
    section: str = ""
    """The heading it stands under where the navigation is long."""
    also: tuple[str, ...] = ()
    """Further addresses whose pages belong to it."""


@dataclass(frozen=True, slots=True)
class Section:
    """Links of a long navigation that stand under one heading."""

    text: str
    links: tuple[Link, ...]

    @property
    def current(self) -> bool:
        """Whether the page belongs to it."""
        return any(link.current for link in self.links)


@dataclass(frozen=True, slots=True)
class Choice:
    """An organisation this account may act for."""

    value: str
    name: str
    code: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What the last deed came to; `tone` is good, info, warn or bad."""

    text: str
    tone: str = "good"
    undo_url: str = ""
    """Where a POST takes the deed back; empty = it cannot be taken back."""


@dataclass(frozen=True, slots=True)
class DemoClock:
    """The demo's clock and the control that moves it."""

    now: datetime
    moved: bool
    url: str
    """POST with `step` set to one of the values of `steps`."""
    steps: tuple[tuple[str, str], ...]
    """(value, words), e.g. `("60", "1 hour on")`."""


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame around a page. Empty parts are not drawn."""

    home_url: str = "/"
    navigation: tuple[Link, ...] = ()
    organisations: tuple[Choice, ...] = ()
    switch_url: str = ""
    """POST with `organisation` set to a choice's value."""
    who: str = ""
    """Whose work and where, the same after signing in anew; empty on the way in."""
    account_name: str = ""
    account_links: tuple[Link, ...] = ()
    sign_out_url: str = ""
    sign_in_url: str = ""
    messages: tuple[Message, ...] = ()
    demo: DemoClock | None = None
    footer: tuple[Link, ...] = ()
    """Help first, so that it stands in the same place on each page (WCAG 3.2.6)."""
    shortcuts: bool = True
    """Whether single keys act in the week grid (WCAG 2.1.4: a person can turn them off)."""

    @property
    def tabs(self) -> bool:
        """Whether the navigation is short enough for the edge of a phone."""
        return 0 < len(self.navigation) <= MOST_TABS

    @property
    def sections(self) -> tuple[Section, ...]:
        """The navigation under headings, in the order of their first links; () = it needs none."""
        if len(self.navigation) <= MOST_IN_A_ROW:
            return ()
        under: dict[str, list[Link]] = {}
        for link in self.navigation:
            under.setdefault(link.section, []).append(link)
        return tuple(Section(text, tuple(links)) for text, links in under.items())

    @property
    def organisation(self) -> Choice | None:
        """The one acted for."""
        return next((choice for choice in self.organisations if choice.current), None)


def marked(links: Sequence[Link], path: str) -> tuple[Link, ...]:
    """The links with the one that leads nearest to `path` marked as current."""

    def nearness(link: Link) -> int:
        wholes = [address.rstrip("/") or "/" for address in (link.url, *link.also)]
        return max(len(whole) if _leads_to(whole, path) else 0 for whole in wholes)

    best = max(map(nearness, links), default=0)
    return tuple(replace(link, current=bool(best) and nearness(link) == best) for link in links)


def _leads_to(whole: str, path: str) -> bool:
    below = whole != "/" and path.startswith(whole + "/")
    return below or (path.rstrip("/") or "/") == whole


def prepare_templates(
    app: Flask,
    *,
    frame: Callable[[], Shell] = Shell,
    csrf_token: Callable[[], str] = str,
) -> None:
    """Give `app`'s templates their rules, filters and globals.

    `frame` answers what stands around the page of the current request, `csrf_token` the token
    that a form must send back. Either can be replaced until the first request, in
    `app.extensions["shell"]` and `app.extensions["csrf_token"]`.
    """
    app.extensions.setdefault("shell", frame)
    app.extensions.setdefault("csrf_token", csrf_token)
    pages = app.jinja_env
    pages.undefined = StrictUndefined
    pages.autoescape = True
    pages.trim_blocks = pages.lstrip_blocks = True
    pages.filters.update(FILTERS)
    pages.globals.update(
        asset_url=asset_url,
        has_asset=has_asset,
        csrf_field=csrf_field,
        idempotency_field=idempotency_field,
        nhs=nhs,
        now=now,
        nhs_style=NHS_STYLE,
        nhs_script=NHS_SCRIPT,
    )

    @app.context_processor
    def surround() -> dict[str, Any]:
        return {"shell": app.extensions["shell"]()}


def csrf_field() -> Markup:
    """The hidden field that proves a form came from our own page."""
    return _hidden("csrf_token", current_app.extensions["csrf_token"]())


def idempotency_field() -> Markup:
    """The hidden field by which a form sent twice acts once; new on each showing of the form."""
    return _hidden("idempotency_key", str(new_id()))


def _hidden(name: str, value: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def asset_url(path: str) -> str:
    """Address of a file under `static/`, with the start of its hash: it may be cached for ever."""
    return url_for("static", filename=path, v=_version(Path(current_app.static_folder or ""), path))


def has_asset(path: str) -> bool:
    """Whether the file is there: third-party files may be missing, and pages then do without."""
    return (Path(current_app.static_folder or "") / path).is_file()


def _version(static: Path, path: str) -> str:
    if path.startswith("vendor/"):
        listed = _vendor(static).get(path.removeprefix("vendor/"))
        return listed[:12] if listed else ""
    file = static / path
    return _digest(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _vendor(static: Path) -> Mapping[str, str]:
    return {path: file.sha256 for path, file in vendor_files(static).items()}


@lru_cache(maxsize=256)
def _digest(file: Path, _changed: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


_nhs_templates = Environment(
    loader=PackageLoader("nhsuk_frontend_jinja"),
    autoescape=True,
    undefined=ChainableUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def nhs(component: str, options: Mapping[str, Any], **call: Any) -> Markup:
    """One NHS.UK component, e.g. `nhs("date-input", {...})`; options that are None are left out."""
    return Markup(_macro(component)(_given(options), **call))  # noqa: S704  escaped inside


def _given(options: Any) -> Any:
    if isinstance(options, Mapping):
        return {name: _given(value) for name, value in options.items() if value is not None}
    return [_given(item) for item in options] if isinstance(options, list) else options


@lru_cache(maxsize=64)
def _macro(component: str) -> Callable[..., str]:
    first, *rest = component.split("-")
    name = first + "".join(word.capitalize() for word in rest)
    template = _nhs_templates.get_template(f"nhsuk/components/{component}/macro.jinja")
    found: Callable[..., str] = getattr(template.module, name)
    return found

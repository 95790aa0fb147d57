"""The parts every page is made of: nothing typed by people becomes markup, nothing is inline, and
nothing claims to be the NHS."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import UndefinedError

from passport.asset_files import asset_folder
from passport.web.templating import Link, Shell, marked, nhs
from tests.web.sample_site import build_site

ATTACK = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}"

PAGES = (
    "/home",
    "/find",
    "/confirm",
    "/form",
    "/today",
    "/week",
    "/fill",
    "/bare",
    *(f"/problem/{status}" for status in (400, 401, 403, 404, 409, 422, 429, 500, 503)),
)


class Markup(HTMLParser):
    """Collects what must not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.ids += [names["id"]] if names.get("id") else []
        if tag in ("style", "img") or (tag == "script" and not names.get("src")):
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name in names if name == "style" or name[:2] == "on"]


def markup_of(app: Flask, path: str) -> Markup:
    parsed = Markup()
    parsed.feed(app.test_client().get(path).text)
    return parsed


@pytest.fixture(scope="module")
def attacked() -> Flask:
    return build_site(ATTACK)


@pytest.fixture(scope="module")
def plain() -> Flask:
    return build_site()


@pytest.mark.parametrize("path", PAGES)
def test_what_people_typed_never_becomes_markup(attacked: Flask, path: str) -> None:
    text = attacked.test_client().get(path).text
    assert "&lt;script&gt;alert(1)" in text, "the attack must be on the page to be a test"
    assert "<script>alert" not in text
    assert "<img" not in text
    assert markup_of(attacked, path).found == []


def test_flasks_own_escaping_would_let_it_through() -> None:
    app = build_site(ATTACK)
    app.jinja_env.autoescape = app.select_jinja_autoescape
    assert "script" in markup_of(app, "/find").found


def test_what_people_typed_is_not_read_as_a_template(attacked: Flask) -> None:
    assert "{{ 7 * 7 }}" in attacked.test_client().get("/form").text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_uses_each_id_once(plain: Flask, path: str) -> None:
    ids = markup_of(plain, path).ids
    assert sorted(ids) == sorted(set(ids))


OFFICIAL = re.compile(
    r"nhs\.uk|NHS England|nhsuk-(header|footer|logo)|nhs-logo|lozenge|frutiger", re.IGNORECASE
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_does_not_pass_for_the_nhs_itself(plain: Flask, path: str) -> None:
    assert OFFICIAL.findall(plain.test_client().get(path).text) == []


def test_the_macros_own_header_would_be_noticed() -> None:
    assert OFFICIAL.search(nhs("header", {}))
    assert OFFICIAL.search(nhs("footer", {}))


def source_files(folder: str, *endings: str) -> list[Path]:
    home = asset_folder(folder)  # type: ignore[arg-type]
    return [
        path
        for path in sorted(home.rglob("*"))
        if path.suffix in endings and "vendor" not in path.relative_to(home).parts
    ]


@pytest.mark.parametrize(
    "path", source_files("templates", ".html", ".jinja"), ids=lambda path: path.name
)
def test_no_template_has_inline_style_or_script_or_unescaped_text(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\|\s*safe\b|autoescape", text)


NAMES = ("www.w3.org", "self-issued.me", ".invalid/")
"""What looks like an address and is a name: nothing is fetched from there."""


@pytest.mark.parametrize(
    "path", source_files("static", ".css", ".js", ".svg"), ids=lambda path: path.name
)
def test_no_own_file_loads_anything_from_elsewhere(path: Path) -> None:
    links = re.findall(r"(?:https?:)?//[^\s\"')]+", path.read_text("utf-8"))
    fetched = [link for link in links if "." in link and not any(n in link for n in NAMES)]
    assert fetched == []
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_a_misspelt_name_is_an_error_and_not_an_empty_place() -> None:
    app = build_site()
    with app.test_request_context("/"):
        page = app.jinja_env.from_string("{{ shell.acount_name }}")
        with pytest.raises(UndefinedError):
            page.render(shell=app.extensions["shell"]())


def test_the_nhs_macros_may_leave_options_out() -> None:
    assert '<input class="nhsuk-input" id="a" name="a" type="text">' in nhs(
        "input", {"name": "a", "label": {"text": "A", "size": None}}
    )


def test_a_page_without_third_party_files_does_without_them(tmp_path: Path) -> None:
    app = build_site()
    for file in source_files("static", ".css", ".js", ".svg", ".png", ".webmanifest"):
        copy = tmp_path / file.relative_to(asset_folder("static"))
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    app.static_folder = str(tmp_path)
    text = app.test_client().get("/form").text
    assert "app.css" in text
    assert "vendor" not in text


def test_an_asset_changes_its_address_when_it_changes(tmp_path: Path) -> None:
    app = build_site()
    app.static_folder = str(tmp_path)
    asset_url = app.jinja_env.globals["asset_url"]
    addresses = []
    with app.test_request_context("/"):
        for text in ("a", "bb"):
            (tmp_path / "x.css").write_text(text)
            addresses.append(asset_url("x.css"))
    assert addresses[0] != addresses[1]
    assert all(re.fullmatch(r"/static/x\.css\?v=[0-9a-f]{12}", one) for one in addresses)


def test_each_showing_of_a_form_has_an_idempotency_key_of_its_own() -> None:
    client = build_site().test_client()
    keys = [
        re.search(r'name="idempotency_key" value="([^"]+)"', client.get("/confirm").text)
        for _ in range(2)
    ]
    assert len({key[1] for key in keys if key}) == 2


def test_not_found_is_the_same_bytes_each_time() -> None:
    client = build_site().test_client()
    client.get("/bare")
    assert client.get("/problem/404").data == client.get("/problem/404").data


LINKS = (
    Link("Home", "/"),
    Link("Shifts", "/shifts"),
    Link("New", "/shifts/new", also=("/drafts", "/shifts/old/again")),
)


@pytest.mark.parametrize(
    ("path", "current"),
    [
        pytest.param("/", "Home", id="home is current at the root only"),
        pytest.param("/shifts", "Shifts", id="a place is current at its address"),
        pytest.param("/shifts/7", "Shifts", id="and below it"),
        pytest.param("/shifts/new", "New", id="the nearest of two wins"),
        pytest.param("/shiftsabc", None, id="an address that only starts alike is elsewhere"),
        pytest.param("/drafts/7", "New", id="a further address belongs to a place"),
        pytest.param("/shifts/old/again", "New", id="and the nearest of them wins"),
        pytest.param("/draftsabc", None, id="but not one that only starts alike"),
        pytest.param("/account", None, id="a page outside the navigation marks nothing"),
    ],
)
def test_the_navigation_marks_where_one_is(path: str, current: str | None) -> None:
    found = [link.text for link in marked(LINKS, path) if link.current]
    assert found == ([current] if current else [])


def long_navigation(count: int) -> tuple[Link, ...]:
    return tuple(Link(f"Way {n}", f"/{n}", section="AB"[n % 2]) for n in range(count))


def test_a_long_navigation_stands_under_headings_in_the_order_of_its_links() -> None:
    shell = Shell(navigation=marked(long_navigation(8), "/3"))
    assert [
        (section.text, section.current, [link.text for link in section.links])
        for section in shell.sections
    ] == [
        ("A", False, ["Way 0", "Way 2", "Way 4", "Way 6"]),
        ("B", True, ["Way 1", "Way 3", "Way 5", "Way 7"]),
    ]


@pytest.mark.parametrize(
    ("count", "tabs", "sections"),
    [
        pytest.param(0, False, 0, id="nothing is no tabs"),
        pytest.param(5, True, 0, id="five are tabs"),
        pytest.param(6, False, 0, id="six are a row"),
        pytest.param(7, False, 0, id="seven too"),
        pytest.param(8, False, 2, id="eight need headings"),
    ],
)
def test_how_many_links_need_what(count: int, tabs: bool, sections: int) -> None:
    shell = Shell(navigation=long_navigation(count))
    assert (shell.tabs, len(shell.sections)) == (tabs, sections)

"""The front-end files are what we may ship, and a changed upstream file stops the script."""

import json
from pathlib import Path

import pytest

from bankhub import assets
from passport.asset_files import vendor_files

FACE = "@font-face{font-family:Frutiger W01;src:url(a.woff)}"
SHEET = (
    ":root{--x:1}" + FACE + FACE + "body{font-family:Frutiger W01,arial,sans-serif}"
    "b{background:url(/assets/images/nhsuk-icon-cross.svg)}\n/*# sourceMappingURL=x.css.map */\n"
)


def test_the_style_sheet_loses_frutiger_and_finds_its_images() -> None:
    assert assets.adapt_style_sheet(SHEET) == (
        ":root{--x:1}body{font-family:arial,sans-serif}"
        "b{background:url(images/nhsuk-icon-cross.svg)}\n"
    )


CHANGED = {
    "a font face less": SHEET.replace(FACE, "", 1),
    "a font face more": SHEET + FACE,
    "another typeface": SHEET + "@font-face{font-family:GDS}",
    "Frutiger under another name": SHEET + "i{font-family:Frutiger LT}",
    "no font stack": SHEET.replace("Frutiger W01,arial,", "arial,"),
    "an image from a foreign server": SHEET + "i{background:url(//example.org/x.png)}",
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_changed_style_sheet_is_refused(change: str) -> None:
    with pytest.raises(assets.UnexpectedContent):
        assets.adapt_style_sheet(CHANGED[change])


@pytest.mark.parametrize(
    "end", ["//# sourceMappingURL=a.js.map", "//# sourceMappingURL=a.js.map\n"]
)
def test_the_script_loses_its_pointer_to_a_map(end: str) -> None:
    assert assets.without_source_map("f();" + end) == "f();"


READER = "let f=(e,t)=>`https://cdn.example/npm/zxing-wasm@9.9.9/dist/${n[1]}/${e}`;"


def test_the_decoder_is_loaded_from_beside_its_script() -> None:
    assert assets.without_foreign_server(READER) == "let f=(e,t)=>`../reader/${e}`;"


@pytest.mark.parametrize("text", ["f()", READER + READER, READER + "fetch('https://x.example')"])
def test_a_decoder_that_asks_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(assets.UnexpectedContent):
        assets.without_foreign_server(text)


def test_no_logo_or_favicon_is_taken() -> None:
    taken = [name for package in assets.PACKAGES for name in package.files]
    marks = ("logo", "favicon", "opengraph", "mask", "180", "192", "512", "manifest")
    assert [name for name in taken if any(mark in name for mark in marks)] == []


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A node_modules folder with just what the allow-list names."""
    for package in assets.PACKAGES:
        home = tmp_path / "node_modules" / package.name
        for source in package.files.values():
            (home / source).parent.mkdir(parents=True, exist_ok=True)
            text = {"css": SHEET, "share.js": READER}
            end = next((end for end in text if source.endswith(end)), "")
            (home / source).write_text(text.get(end, "x"))
        (home / "package.json").write_text(json.dumps({"version": "1.2.3"}))
        (home / "not-on-the-list.js").write_text("x")
    return tmp_path / "node_modules"


def test_only_the_allow_list_is_copied_and_the_manifest_names_each_file(
    modules: Path, tmp_path: Path
) -> None:
    vendor = tmp_path / "static" / "vendor"
    count = assets.copy_packages(modules, vendor, "stamp")
    listed = vendor_files(tmp_path / "static")
    found = {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file()}
    assert found == {*listed, "manifest.json"}
    assert count == len(listed)
    assert {entry.package for entry in listed.values()} == {
        f"{package.name}@1.2.3" for package in assets.PACKAGES
    }


TOUCHED = {
    "a file is missing": lambda file: file.unlink(),
    "a file was edited": lambda file: file.write_text("y"),
}


@pytest.mark.parametrize("how", TOUCHED)
def test_files_are_fresh_until(how: str, modules: Path, tmp_path: Path) -> None:
    vendor = tmp_path / "vendor"
    assets.copy_packages(modules, vendor, "stamp")
    assert assets.is_fresh(vendor, "stamp")
    assert not assets.is_fresh(vendor, "another lock file")
    TOUCHED[how](vendor / "nhsuk-frontend" / "nhsuk-frontend.min.js")
    assert not assets.is_fresh(vendor, "stamp")


def test_without_fetched_files_the_list_is_empty(tmp_path: Path) -> None:
    assert vendor_files(tmp_path) == {}


def test_outside_a_checkout_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(assets.Unavailable, match="no checkout"):
        assets.fetch(tmp_path)


def test_npm_that_cannot_fetch_says_why_and_leaves_the_old_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    npm = bin_folder / "npm"
    npm.write_text(
        '#!/bin/sh\n[ "$1" = --version ] || { echo "npm error code EOFFLINE"; exit 1; }\n'
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}:/usr/bin:/bin")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (tmp_path / name).write_text("{}")
    kept = tmp_path / "static" / "vendor" / "kept"
    kept.parent.mkdir(parents=True)
    kept.write_text("old")
    with pytest.raises(assets.Unavailable, match="EOFFLINE"):
        assets.fetch(tmp_path)
    assert kept.read_text() == "old"

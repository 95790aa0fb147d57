"""The wallet's page and service worker, as the server gives them."""

import json
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from passport.asset_files import asset_folder
from passport.db import Database
from passport.web.passport import wallet_pages
from tests.support.access_web import a_config
from tests.support.apps import ground_floor


def visitor(database: Database, base: str) -> FlaskClient:
    config = a_config(base_url=base)
    return ground_floor(config, database=database).test_client()


@pytest.fixture
def client(sqlite_database: Database) -> FlaskClient:
    return visitor(sqlite_database, "https://bank.example.org")


def kept(script: str) -> dict[str, dict[str, str]]:
    found = re.match(r"const KEPT = (.*);\n", script)
    assert found is not None
    told: dict[str, dict[str, str]] = json.loads(found[1])
    return told


def test_other_issuers_and_the_camera_are_for_this_page_only(client: FlaskClient) -> None:
    page, other = client.get("/wallet"), client.get("/sign-in")
    assert "connect-src 'self' https:;" in page.headers["Content-Security-Policy"]
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    assert "connect-src 'self';" in other.headers["Content-Security-Policy"]
    assert "camera=()" in other.headers["Permissions-Policy"]
    for name in ("script-src 'self';", "require-trusted-types-for 'script'", "default-src 'none'"):
        assert name in page.headers["Content-Security-Policy"]


def test_plain_http_is_reached_on_loopback_only(
    client: FlaskClient, sqlite_database: Database
) -> None:
    assert "http:" not in client.get("/wallet").headers["Content-Security-Policy"]
    here = visitor(sqlite_database, "http://localhost").get("/wallet")
    policy = here.headers["Content-Security-Policy"]
    assert "https: http://localhost:* http://127.0.0.1:*;" in policy


def test_the_page_is_the_same_for_everybody_and_leaves_no_trace(client: FlaskClient) -> None:
    first = client.get("/wallet")
    client.set_cookie("bankhub", "somebody")
    second = client.get("/wallet")
    assert first.data == second.data
    assert "Set-Cookie" not in second.headers
    assert b"<script>" not in first.data
    assert b"style=" not in first.data


def test_the_worker_keeps_every_module_that_the_page_can_reach(client: FlaskClient) -> None:
    answer = client.get("/wallet/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/wallet"
    assert answer.mimetype == "text/javascript"
    told = kept(answer.text)
    scripts = asset_folder("static") / "passport"
    for name in ("wallet", "wallet_present", "scan", "qr_svg", "gate", "status_list", "bytes"):
        assert (scripts / f"{name}.js").is_file()
        assert f"/static/passport/{name}.js" in told["files"]
    for address in told["files"].values():
        assert client.get(address).status_code == 200, address


def test_another_file_to_keep_is_a_new_version(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept(client.get("/wallet/worker.js").text)
    assert kept(client.get("/wallet/worker.js").text) == before
    fewer = replace(wallet_pages.APP, files=wallet_pages.APP.files[1:])
    monkeypatch.setattr(wallet_pages, "APP", fewer)
    assert kept(client.get("/wallet/worker.js").text)["version"] != before["version"]

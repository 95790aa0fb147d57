"""Fetching from other installations: where to, how long, how much."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, redirect

from passport.config import Config
from passport.fetching import Bounds, CannotFetch, Fetcher
from tests.support.live import serving

AMPLE = Bounds(connect=30, answer=30, most_bytes=1_000)
QUICK = Bounds(connect=1, answer=0.5, most_bytes=1_000)
"""Only for what is slow of itself: anything may be, on a busy machine."""


@pytest.fixture(scope="module")
def there() -> Iterator[str]:
    app = Flask(__name__)

    def answer(kind: str) -> Any:
        match kind:
            case "plain":
                return "text"
            case "elsewhere":
                return redirect("/plain")
            case "large":
                return Response((b"x" * 300 for _ in range(4)), mimetype="text/plain")
            case "slow":
                return Response((time.sleep(0.2) or b"x" for _ in range(9)), mimetype="text/plain")  # type: ignore[func-returns-value]
            case "zipped":
                return Response("x", headers={"Content-Encoding": "gzip"})
            case "bytes":
                return Response(b"\xff\xfe")
        return "", 404

    app.add_url_rule("/<kind>", view_func=answer)
    with serving(app) as base:
        yield base


def test_a_text_is_fetched(there: str) -> None:
    with Fetcher(near=True, bounds=Bounds()) as fetcher:
        assert fetcher.text(f"{there}/plain", accept="text/plain") == "text"


@pytest.mark.parametrize(
    ("kind", "why"),
    [("elsewhere", "answered 302"), ("large", "too large"), ("slow", "too slow"),
     ("zipped", "compressed"), ("bytes", "UnicodeDecodeError"), ("nothing", "answered 404")],
)  # fmt: skip
def test_what_is_not_taken(there: str, kind: str, why: str) -> None:
    bounds = QUICK if kind == "slow" else AMPLE
    with Fetcher(near=True, bounds=bounds) as fetcher, pytest.raises(CannotFetch, match=why):
        fetcher.text(f"{there}/{kind}", accept="text/plain")


def test_nobody_answering_is_told_in_time() -> None:
    with Fetcher(near=True, bounds=QUICK) as fetcher, pytest.raises(CannotFetch):
        fetcher.text("http://127.0.0.1:9/x", accept="text/plain")


@pytest.mark.parametrize(
    ("url", "why"),
    [("http://other.example/x", "https only"), ("ftp://other.example/x", "https only"),
     ("file:///etc/passwd", "https only"), ("nothing", "https only"), ("", "https only"),
     ("http://127.0.0.1.example/x", "https only"), ("https://[::1", "InvalidURL"),
     ("https://me:secret@other.example/x", "password")],
)  # fmt: skip
def test_only_https_and_no_passwords(url: str, why: str) -> None:
    fetcher = Fetcher(near=True, look_up=lambda *_: ["127.0.0.1"])
    with fetcher, pytest.raises(CannotFetch, match=why):
        fetcher.text(url, accept="text/plain")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1", "0.0.0.0",  # noqa: S104
     "224.0.0.1",
     "10.0.0.1", "192.168.1.1", "172.16.0.1", "fd00::1", "100.64.0.1", "::ffff:10.0.0.1"],
)  # fmt: skip
def test_no_name_leads_into_this_machine_or_its_network(address: str) -> None:
    for found in ([address], ["93.184.216.34", address]):
        fetcher = Fetcher(look_up=lambda *_, found=found: found)
        with fetcher, pytest.raises(CannotFetch, match="not asked from here"):
            fetcher.text("https://other.example/x", accept="text/plain")


def test_an_inner_network_is_asked_only_where_the_settings_say_so() -> None:
    found = {
        "inner.example": "10.255.255.1",
        "metadata.example": "169.254.169.254",
        "mapped.example": "::ffff:169.254.169.254",
        "self.example": "::ffff:127.0.0.1",
    }
    fetcher = Fetcher(private=True, look_up=lambda host, _: [found[host]], bounds=QUICK)
    with fetcher:
        for host in found:
            with pytest.raises(CannotFetch) as caught:
                fetcher.text(f"https://{host}/x", accept="text/plain")
            refused = "not asked from here" in str(caught.value)
            assert refused is (host != "inner.example"), host


def test_the_settings_decide_whether_this_machine_is_asked(there: str) -> None:
    secrets = {"database_url": "sqlite://", "secret_key": "1" * 64, "master_key": "2" * 64}
    with Fetcher.of(Config(**secrets)) as fetcher:
        assert fetcher.text(f"{there}/plain", accept="text/plain") == "text"
    afar = Fetcher.of(Config(**secrets, base_url="https://bank.example"))
    with afar, pytest.raises(CannotFetch):
        afar.text(f"{there}/plain", accept="text/plain")

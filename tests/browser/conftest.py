"""The small site that shows every part once, served, and browsers that look at it."""

import logging
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from tests.support.looking import Watched
from tests.web.sample_site import build_site


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, build_site(), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def watch(browser: Browser) -> Iterator[Any]:
    watched: list[Watched] = []

    def start(**settings: Any) -> Watched:
        watched.append(Watched(browser.new_context(**settings)))
        return watched[-1]

    yield start
    for one in watched:
        one.context.close()
        assert one.said == []

"""Bad input through every route: a clear answer, nothing half done, never a 500."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
import sqlalchemy as sa

from bankhub.wiring import open_database
from passport.db import Database
from passport.events import Event
from tests.support.callers import Caller, Route, an_app, routes
from tests.support.trust_keys import Trust
from tests.support.two_trusts import two_trusts
from tests.support.walks import PLAUSIBLE, asks, print_of
from tests.web.route_table import CAPABILITIES

LOOKS = ("person_look", "event")
"""Reading about a partner's person is written down."""


class House:
    """The app over a trust, for many requests that must change nothing."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.trust: Trust = two_trusts(database)[0]
        self.app = an_app(database)

    @property
    def insider(self) -> Caller:
        return Caller(self.app, self.trust.keys["insider"])

    def routes(self, *methods: str) -> list[Route]:
        return [
            route for route in routes(self.app)
            if route.method in methods and not set(route.arguments) & CAPABILITIES
        ]  # fmt: skip


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    file = tmp_path_factory.mktemp("hostile") / "house.sqlite3"
    copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    yield House(database)
    database.engine.dispose()


@pytest.mark.asvs("3.5.3")
def test_a_head_request_is_a_get_and_does_no_deed(house: House) -> None:
    """HEAD carries no form token, so a view that took it for a POST would do a forged deed."""
    before, events = print_of(house.database, without=LOOKS), _kinds(house.database)
    for route in house.routes("GET"):
        path = next(asks(route, house.trust, most=1)).path
        get, head = (
            house.insider.send(method, path, data=PLAUSIBLE, headers={"X-CSRF-Token": ""})
            for method in ("GET", "HEAD")
        )
        assert head.status_code == get.status_code, route
        assert head.content_type == get.content_type, route
        assert head.data == b"", route
    assert print_of(house.database, without=LOOKS) == before
    assert _kinds(house.database) - events <= Counter({"person.looked_at": 10**6})


def _kinds(database: Database) -> Counter[str]:
    with database.reading() as session:
        return Counter(session.scalars(sa.select(Event.kind)))

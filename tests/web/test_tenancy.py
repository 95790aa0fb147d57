"""Nobody learns of another organisation's things: every route, method and kind of caller.

The walk goes over the app's own url map. Another organisation's identifiers are answered byte for
byte as identifiers that nothing has, whoever asks and whatever is asked; whoever lacks the right
is told so without a word about the thing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from flask import Flask

from bankhub.actions.booking import hours, own_bookings
from bankhub.actions.shifts import shift_lists, shift_records
from bankhub.model.shifts import Shift
from bankhub.rules import permissions as upper
from bankhub.wiring import open_database
from passport.actors import AccessRole
from passport.db import Database
from passport.rules import permissions as ground
from tests.support.callers import Caller, Route, an_app, routes, seen
from tests.support.trust_keys import Trust
from tests.support.two_trusts import two_trusts
from tests.support.walks import Ask, asks, document_of, print_of
from tests.web.route_table import CAPABILITIES, NOBODYS, UNKNOWN, Anyone, right_of

pytestmark = pytest.mark.slow


@dataclass
class House:
    """The app over two trusts and their system's board."""

    app: Flask
    database: Database
    ours: Trust
    theirs: Trust
    board: Trust
    document: dict[str, Any] = field(default_factory=dict)

    def caller(self, trust: Trust | None, name: str = "insider") -> Caller:
        """Someone of that trust; a visitor without one."""
        return Caller(self.app, trust.keys[name] if trust else None)

    def routes(self) -> list[Route]:
        """Every route with identifiers of things in its address."""
        return [
            route for route in routes(self.app)
            if route.arguments and not set(route.arguments) & CAPABILITIES
        ]  # fmt: skip


@dataclass
class Ground:
    """A database file with the trusts in it, copied for each house."""

    file: Path
    trusts: tuple[Trust, Trust, Trust]

    def house(self, folder: Path) -> Iterator[House]:
        copyfile(self.file, folder / "two.sqlite3")
        database = open_database(f"sqlite:///{folder}/two.sqlite3")
        app = an_app(database)
        yield House(app, database, *self.trusts, document_of(app))
        database.engine.dispose()


@pytest.fixture(scope="module")
def ground_of_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    file = tmp_path_factory.mktemp("ground") / "ground.sqlite3"
    copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    trusts = two_trusts(database)
    database.engine.dispose()
    return Ground(file, trusts)


@pytest.fixture(scope="module")
def house(
    ground_of_house: Ground, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """For walks that change nothing; they check that they did not."""
    yield from ground_of_house.house(tmp_path_factory.mktemp("walk"))


@pytest.fixture
def used_house(ground_of_house: Ground, tmp_path: Path) -> Iterator[House]:
    """For walks that do deeds."""
    yield from ground_of_house.house(tmp_path)


def listed(found: list[str]) -> str:
    return "\n".join(sorted(set(found)))


def unknown(route: Route) -> tuple[tuple[str, str], ...]:
    return tuple((name, UNKNOWN.get(name, NOBODYS)) for name in route.arguments)


def test_every_route_is_in_the_table(house: House) -> None:
    missing = sorted({
        route.endpoint for route in routes(house.app)
        if route.method != "OPTIONS" and right_of(route) is None
    })  # fmt: skip
    assert not missing, f"enter these endpoints and the right each takes in RIGHTS: {missing}"
    names = {name for route in house.routes() for name in route.arguments}
    unnamed = sorted(names - set(house.ours.things))
    assert not unnamed, f"no such thing is built: add to tests.support.two_trusts {unnamed}"


def told_apart(
    house: House,
    caller: Caller,
    owner: Trust,
    *,
    status: int | None,
    most: int = 100,
    only: str = "",
) -> list[str]:
    """Where the caller can tell the owner's things from identifiers that nothing has."""
    found = []
    for route in (route for route in house.routes() if only in str(route)):
        nothing = Ask(route, unknown(route))
        expected = seen(nothing.send(caller, house.document), *nothing.values)
        if status and route.method != "OPTIONS" and expected[0] != status:
            found.append(f"{route}: {expected[0]} for an unknown identifier, not {status}")
        for ask in asks(route, owner, most=most if route.method in ("GET", "POST") else 1):
            got = seen(ask.send(caller, house.document), *ask.values)
            if got != expected:
                found.append(f"{route} {ask.ids}: {got[0]} {got[2][:300]} / {expected[0]}")
                break
    return found


OUTSIDERS = {
    "another trust's insider cannot tell, it is 404": ("theirs", "insider", 404, 100),
    "another trust's bank manager cannot tell": ("theirs", "bank_manager", None, 1),
    "another trust's nurse cannot tell": ("theirs", "colleague", None, 100),
    "the system's analyst cannot tell": ("board", "system_analyst", None, 1),
    "a visitor cannot tell": ("", "", None, 1),
}


@pytest.mark.asvs("8.4.1")
@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize(
    ("where", "name", "status", "most"), OUTSIDERS.values(), ids=OUTSIDERS.keys()
)
def test_from_outside(house: House, where: str, name: str, status: int | None, most: int) -> None:
    before = print_of(house.database)
    caller = house.caller(getattr(house, where) if where else None, name)
    found = told_apart(house, caller, house.ours, status=status, most=most)
    assert not found, listed(found)
    assert print_of(house.database) == before


def mixed(house: House, route: Route) -> Iterator[tuple[Ask, Ask]]:
    """Own identifiers but for one: the other trust's, and beside it one that nothing has."""
    own = {name: house.theirs.things[name][0] for name in route.arguments}
    for name in route.arguments:
        for one in house.ours.things[name]:
            asked = tuple({**own, name: one}.items())
            nothing = tuple({**own, name: dict(unknown(route))[name]}.items())
            yield Ask(route, asked), Ask(route, nothing)


def test_a_foreign_identifier_behind_an_own_one_is_unknown_too(house: House) -> None:
    before = print_of(house.database)
    caller, found, walked = house.caller(house.theirs), [], 0
    for route in (r for r in house.routes() if len(r.arguments) > 1 and r.method != "OPTIONS"):
        for asked, nothing in mixed(house, route):
            walked += 1
            got = seen(asked.send(caller, house.document), *asked.values)
            expected = seen(nothing.send(caller, house.document), *nothing.values)
            if got != expected or got[0] != 404:
                found.append(f"{route} {asked.ids}: {got[0]} / {expected[0]}")
    assert not found, listed(found)
    assert walked > 20
    assert print_of(house.database) == before


SHIFTS_ONE_MAY_SEE = {"work.one_shift", "work.book", "worker.shift", "worker.book"}
"""Open shifts are there to be seen by every nurse of the bank."""


def seen_by_colleague(house: House, only: str = "") -> list[str]:
    """Where a colleague's answer differs for a nurse's things and is not a plain 403."""
    caller, found = house.caller(house.ours, "colleague"), []
    for route in (route for route in house.routes() if only in str(route)):
        if route.endpoint in SHIFTS_ONE_MAY_SEE:
            continue
        nothing = Ask(route, unknown(route))
        expected = seen(nothing.send(caller, house.document), *nothing.values)
        for ask in asks(route, house.ours):
            got = seen(ask.send(caller, house.document), *ask.values)
            if got != expected and got[0] != 403:
                found.append(f"{route} {ask.ids}: {got[0]} {got[2][:200]} / {expected[0]}")
                break
    return found


def test_a_colleague_sees_nothing_of_a_nurses_own(used_house: House) -> None:
    found = seen_by_colleague(used_house)
    assert not found, listed(found)


def roles_with(right: Any) -> frozenset[AccessRole]:
    """Who holds one of the rights."""
    every = right if isinstance(right, tuple) else (right,)
    tables: dict[Any, Any] = {**upper.PERMISSIONS, **ground.PERMISSIONS}
    return frozenset[AccessRole]().union(*(tables[one].roles for one in every))


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("role", AccessRole)
def test_a_role_opens_what_the_table_says_and_nothing_else(
    used_house: House, role: AccessRole
) -> None:
    house, found = used_house, []
    caller = house.caller(house.ours, role.value)
    for route in routes(house.app):
        right = right_of(route)
        if route.method == "OPTIONS" or right is None or isinstance(right, Anyone):
            continue
        for ask in asks(route, house.ours, most=2):
            status = ask.send(caller, house.document).status_code
            if role in roles_with(right) and status == 403:
                found.append(f"{route}: 403 although the role has the right")
            if role not in roles_with(right) and status not in (403, 404):
                found.append(f"{route}: {status} although the role has no right")
    assert not found, listed(found)


WITH_A_SECRET = {"account.end_one_session", "ask.come_back", "phones.freeze"}
"""Beside the identifier they need what only the browser that began has; and a phone that its holder
froze earlier in the walk cannot be frozen again."""


def test_every_route_reaches_the_things_it_names(used_house: House) -> None:
    """Without it the walks above could be happy with addresses that lead nowhere."""
    house, found = used_house, []
    caller = house.caller(house.ours)
    for route in house.routes():
        if route.method not in ("GET", "POST") or route.endpoint in WITH_A_SECRET:
            continue
        answers = (ask.send(caller, house.document) for ask in asks(route, house.ours))
        if all(answer.status_code == 404 for answer in answers):
            found.append(f"{route}: 404 for every thing of one's own")
    assert not found, listed(found)


@pytest.mark.parametrize("name", ["insider", "colleague", "bank_manager", "auditor"])
def test_no_list_holds_anything_of_another_trust(house: House, name: str) -> None:
    caller, walked = house.caller(house.theirs, name), 0
    for route in routes(house.app):
        if route.method != "GET" or set(route.arguments) & CAPABILITIES:
            continue
        for ask in asks(route, house.theirs, most=2):
            answer = ask.send(caller, house.document)
            text = answer.get_data(as_text=True)
            walked += answer.status_code == 200
            assert house.ours.name.lower() not in text.lower(), route
            assert not [one for one in house.ours.ids if one in text], route
    assert walked > 10


@pytest.mark.parametrize("name", ["insider", "bank_manager", "auditor"])
def test_the_canaries_are_where_the_trust_itself_looks(house: House, name: str) -> None:
    """Without it the test above could look for words that no page ever shows."""
    caller = house.caller(house.ours, name)
    pages = [
        ask.send(caller, house.document).get_data(as_text=True)
        for route in routes(house.app)
        if route.method == "GET" and not set(route.arguments) & CAPABILITIES
        for ask in asks(route, house.ours, most=2)
    ]
    assert sum(house.ours.name in page for page in pages) > 10
    assert sum(any(one in page for one in house.ours.ids) for page in pages) > 3


def unscoped(session: Any, shift_id: Any, _by: Any, *, lock: bool = False) -> Shift:
    found = session.get(Shift, shift_id)
    if found is None:
        raise shift_records.NotFound
    return found


def test_mutant_without_the_filter_of_one_action_the_walk_fails(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shift_lists, "own_shift", unscoped)
    caller = house.caller(house.theirs)
    assert told_apart(house, caller, house.ours, status=404, only="GET /api/v1/shifts") != []


def test_mutant_without_the_owners_condition_the_colleagues_walk_fails(
    used_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse = used_house.ours.rows["nurse"].holder_id
    for module in (hours, own_bookings):
        straight = module.demand

        def as_the_nurse(by: Any, deed: Any, straight: Any = straight) -> None:
            straight(by, deed)
            object.__setattr__(by, "person_id", nurse)

        monkeypatch.setattr(module, "demand", as_the_nurse)
    assert seen_by_colleague(used_house, "/my/bookings/")
    assert seen_by_colleague(used_house, "/my/hours/")



"""Guesses, codes and invitations at the same moment, on PostgreSQL: counted and used exactly."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from passport.actions.access import accounts, sign_in
from passport.actors import AccessRole as R
from passport.actors import operator
from passport.db import Database
from passport.errors import Refused
from passport.model.accounts import Account, RoleGrant
from passport.rules.access import throttling
from passport.rules.access.throttling import Poured
from tests.support import access
from tests.support.access import NOW, VAULT, later

EMAIL = "ada.okafor@rivermead.example.org"

pytestmark = pytest.mark.slow


def at_once(count: int, deed: Callable[[int], Any]) -> list[Any]:
    """What `count` threads come to that start together."""
    ready = Barrier(count)

    def start(n: int) -> Any:
        ready.wait()
        return deed(n)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(start, range(count)))


def guesses_let_through(database: Database) -> int:
    def guess(_n: int) -> bool:
        try:
            database.attempt(
                lambda session: sign_in.begin(
                    session, email=EMAIL, address=access.HOME, vault=VAULT, now=NOW
                )
            )
        except Refused:
            return False
        return True

    return sum(at_once(12, guess))


@pytest.mark.asvs("6.3.1")
def test_twelve_guesses_at_once_are_twelve_guesses(postgres_database: Database) -> None:
    assert guesses_let_through(postgres_database) == 6


def test_mutant_without_the_count_all_twelve_pass(postgres_database: Database, monkeypatch) -> None:
    """Shows that the race above looks at the control: with it off, it would fail."""
    free = Poured(True, 0.0, NOW - NOW)
    monkeypatch.setattr(throttling, "pour", lambda *_args: free)
    assert guesses_let_through(postgres_database) == 12


@pytest.mark.asvs("6.5.1")
def test_one_code_in_six_sessions_at_once_works_in_one(postgres_database: Database) -> None:
    database = postgres_database
    access.enter(database, access.trust(database), EMAIL, R.BANK_MANAGER)
    app, _ = access.enrol(database, access.with_password(database, EMAIL))
    moment = later(minutes=1)
    opened = [access.with_password(database, EMAIL, now=moment) for _ in range(6)]
    code = app.code(moment)
    given = at_once(6, lambda n: access.give(database, opened[n], code, moment))
    assert sum(one is not None for one in given) == 1


def test_one_recovery_code_in_six_sessions_at_once_works_in_one(postgres_database) -> None:
    database = postgres_database
    access.enter(database, access.trust(database), EMAIL, R.BANK_MANAGER)
    app, _ = access.enrol(database, access.with_password(database, EMAIL))
    opened = [access.with_password(database, EMAIL) for _ in range(6)]
    given = at_once(6, lambda n: access.give(database, opened[n], app.codes[0]))
    assert sum(one is not None for one in given) == 1


def test_one_address_invited_eight_times_at_once_is_one_account_with_one_role(
    postgres_database: Database,
) -> None:
    home = access.trust(postgres_database)

    def invite(_n: int) -> Any:
        with postgres_database.transaction() as session:
            return accounts.invite(
                session, email=EMAIL, role=R.WORKER, vault=VAULT, by=operator(home.id), now=NOW
            ).account_id

    assert len(set(at_once(8, invite))) == 1
    with postgres_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Account)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(RoleGrant)) == 1

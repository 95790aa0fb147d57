"""One request, many answers at once: one is taken (PostgreSQL, where races show)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from passport.actions.verifying import presented_answers
from passport.db import Database
from passport.model.presentations import VerdictRecord
from tests.support.issuing import VAULT, WHERE
from tests.support.showing_places import SOON, a_place

pytestmark = pytest.mark.postgresql
MANY = 6


def test_of_answers_at_once_one_is_taken(postgres_database: Database) -> None:
    with postgres_database.transaction() as session:
        place = a_place(session)
        asked = place.ask()
        form = place.wallet.form(place.fetch(asked))
    together = Barrier(MANY)

    def send(_number: int) -> str | None:
        together.wait()
        answered = postgres_database.attempt(
            lambda session: presented_answers.take(
                session, request_id=asked.id, sent=form, limits=None, vault=VAULT, where=WHERE,
                now=SOON,
            )
        )
        return answered.error

    with ThreadPoolExecutor(MANY) as pool:
        errors = list(pool.map(send, range(MANY)))
    assert sorted(errors, key=str) == [None, *["invalid_request"] * (MANY - 1)]
    with postgres_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(VerdictRecord.id))) == 1

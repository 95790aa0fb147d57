"""What somebody showed is answered once and not kept for a retry: a key sent again is told so."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from bankhub.rules.permissions import Deed
from passport.db import Database
from passport.model.accounts import IdempotencyKey
from passport.rules.permissions import Deed as DeedBelow
from passport.web import idempotency
from tests.support.sharing_trusts import Sharing, sharing_trusts
from tests.web.test_api_clearances import Program, code_of, program_of

PATHS = ("/verdicts", "/clearances/scan")


@pytest.fixture
def sharing(sqlite_database: Database) -> Iterator[Sharing]:
    with sharing_trusts(sqlite_database) as made:
        yield made


@pytest.fixture
def desk(sharing: Sharing) -> Program:
    return program_of(
        sharing, sharing.officer, sharing.pair.host, Deed.READ_CLEARANCES, Deed.CLEAR,
        DeedBelow.VERIFY,
    )  # fmt: skip


def show(desk: Program, path: str, text: str, key: str) -> TestResponse:
    return desk.sharing.house.app.test_client(use_cookies=False).post(
        f"/api/v1{path}", base_url=desk.sharing.house.base, json={"text": text},
        headers={"Authorization": f"Bearer {desk.token}", "Idempotency-Key": key},
    )  # fmt: skip


def stored(sharing: Sharing) -> str:
    with sharing.house.database.reading() as session:
        return "".join(body or "" for body in session.scalars(sa.select(IdempotencyKey.body)))


@pytest.mark.parametrize("path", PATHS)
def test_what_was_shown_is_not_stored_and_a_second_sending_shows_nothing(
    path: str, sharing: Sharing, desk: Program
) -> None:
    text = code_of(sharing)
    first = show(desk, path, text, "one")
    assert first.status_code < 300
    assert "Okafor" in first.text
    assert "Okafor" not in stored(sharing)
    again = show(desk, path, text, "one")
    assert (again.status_code, again.get_json()["reasons"][0]["code"]) == (409, "answer_not_kept")
    assert "Okafor" not in again.text
    other = show(desk, path, text + " ", "one")
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")


def test_mutant_that_keeps_every_answer_is_found(
    sharing: Sharing, desk: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shows that the search looks where it would stand."""
    monkeypatch.setattr(idempotency, "deed_shown", idempotency.deed)
    show(desk, "/verdicts", code_of(sharing), "one")
    assert "Okafor" in stored(sharing)

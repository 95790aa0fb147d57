"""One key, one effect: twins, other bodies, twins at once, failures that leave nothing."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask, Response, jsonify, request

from passport.actions.access import idempotency as keys
from passport.actions.access import tokens
from passport.actors import AccessRole as R
from passport.actors import operator
from passport.app import build_app
from passport.db import Database
from passport.errors import Invalid, Refused
from passport.model.accounts import IdempotencyKey, Throttle
from passport.web import idempotency
from passport.web.lent import db
from tests.support import access
from tests.support.access import NOW
from tests.support.access_web import Clock, a_config

PATH = "/api/v1/pour"


def with_a_deed(database: Database) -> Flask:
    """The app with one deed that counts how often it was done; told to, it fails."""

    def pour(session) -> Response:
        asked = request.get_json()
        session.add(Throttle(key=asked["row"], level=1, updated_at=NOW))
        session.flush()
        if asked.get("crash"):
            raise RuntimeError("after the effect")
        if asked.get("refuse"):
            raise Invalid("no")
        answer = jsonify(done=asked["row"])
        answer.status_code = 201
        answer.headers["Location"] = f"/rows/{asked['row']}"
        return answer

    app = build_app(a_config(), database=database, now=Clock(), title="Test")
    app.extensions["lent"] = replace(app.extensions["lent"], real_now=Clock())
    app.add_url_rule(PATH, "pour", lambda: idempotency.deed(pour), methods=["POST"])
    return app


class Caller:
    """A program with a token."""

    def __init__(self, database: Database, email: str = "program@example.org") -> None:
        home = access.trust(database)
        account_id = access.enter(database, home, email, R.WORKER)
        self.app = with_a_deed(database)
        with database.transaction() as session:
            self.token = tokens.make_for(
                session, account_id=account_id, name="x", scopes=None,
                by=operator(home.id), now=NOW,
            )  # fmt: skip

    def post(self, row: str, key: str | None = None, **more):
        headers = {"Authorization": f"Bearer {self.token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.app.test_client().post(PATH, json={"row": row, **more}, headers=headers)


def rows(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(sa.select(Throttle.key).where(Throttle.key.like("row%"))))


@pytest.mark.asvs("2.3.3")
def test_the_same_request_again_acts_once_and_answers_the_same(database: Database) -> None:
    caller = Caller(database)
    first, second = caller.post("row", "k1"), caller.post("row", "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert first.headers["Location"] == second.headers["Location"]
    assert "Idempotent-Replay" not in first.headers
    assert second.headers["Idempotent-Replay"] == "true"


def test_another_body_under_the_same_key_is_refused(sqlite_database: Database) -> None:
    caller = Caller(sqlite_database)
    caller.post("row1", "k1")
    answer = caller.post("row2", "k1")
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert rows(sqlite_database) == ["row1"]


def test_a_crash_leaves_neither_effect_nor_key(sqlite_database: Database) -> None:
    caller = Caller(sqlite_database)
    assert caller.post("row", "k1", crash=True).status_code == 500
    assert rows(sqlite_database) == []
    assert caller.post("row", "k1").status_code == 201
    assert rows(sqlite_database) == ["row"]


def test_a_refusal_is_not_kept(sqlite_database: Database) -> None:
    caller = Caller(sqlite_database)
    assert caller.post("row", "k1", refuse=True).status_code == 422
    assert caller.post("row", "k1").status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 256], ids=["empty", "256 characters"])
def test_what_is_no_key_is_refused(sqlite_database: Database, key: str) -> None:
    answer = Caller(sqlite_database).post("row", key)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key")


def test_two_callers_may_use_the_same_key(sqlite_database: Database) -> None:
    one = Caller(sqlite_database)
    other = Caller(sqlite_database, "other@example.org")
    assert one.post("row1", "k").status_code == other.post("row2", "k").status_code == 201


def test_without_a_key_each_request_acts(sqlite_database: Database) -> None:
    caller = Caller(sqlite_database)
    assert [caller.post(f"row{n}").status_code for n in range(2)] == [201, 201]


def twins(caller: Caller, count: int) -> list[int]:
    """Statuses of `count` equal requests sent at the same moment."""
    found: list[int] = []
    ready = threading.Barrier(count)

    def send() -> None:
        ready.wait()
        found.append(caller.post("row", "k1").status_code)

    threads = [threading.Thread(target=send) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.slow
@pytest.mark.asvs("2.3.3")
def test_twins_at_the_same_moment_act_once_and_answer_alike(postgres_database) -> None:
    assert twins(Caller(postgres_database), 12) == [201] * 12
    assert rows(postgres_database) == ["row"]


def test_mutant_without_the_claim_the_second_twin_fails_on_the_effect(
    sqlite_database: Database, monkeypatch
) -> None:
    """Shows that the tests above look at the control: with it off, a twin acts again."""
    caller = Caller(sqlite_database)
    monkeypatch.setattr(idempotency, "deed", lambda work: db().attempt(work))
    assert caller.post("row", "k1").status_code == 201
    assert caller.post("row", "k1").status_code == 500


def test_a_twin_still_at_work_is_told_so(postgres_database: Database) -> None:
    claim = {"scope": "s", "key": "k", "fingerprint": "f", "now": NOW}
    with postgres_database.transaction() as first:
        assert keys.claim(first, **claim) is None
        at_work = pytest.raises(Refused, match="request_in_progress")
        with at_work, postgres_database.transaction() as second:
            second.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
            keys.claim(second, **claim)


def test_a_key_lives_two_days_and_is_then_forgotten(sqlite_database: Database) -> None:
    def claim(now, fingerprint="f"):
        with sqlite_database.transaction() as session:
            earlier = keys.claim(session, scope="s", key="k", fingerprint=fingerprint, now=now)
            if earlier is None:
                answer = keys.Answered(201, "done", {})
                keys.keep(session, scope="s", key="k", answer=answer)
            return earlier

    assert claim(NOW) is None
    assert claim(NOW + keys.LIFE).body == "done"
    assert claim(NOW + keys.LIFE + timedelta(seconds=1), "other") is None
    with sqlite_database.transaction() as session:
        assert keys.forget_old(session, NOW + 3 * keys.LIFE) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) == 0


def test_a_failed_answer_is_never_kept(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session, pytest.raises(ValueError, match="rolls back"):
        keys.keep(session, scope="s", key="k", answer=keys.Answered(500, "", {}))

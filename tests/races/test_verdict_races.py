"""One check sent twice at the same moment: it is on record once and nobody fails."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
import sqlalchemy as sa

from passport.actions.verifying import verdicts
from passport.actors import AccessRole
from passport.db import Database
from passport.model.presentations import VerdictRecord
from tests.support import build

pytestmark = pytest.mark.postgresql
MANY = 8


def kept_at_once(database: Database) -> int:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        account = build.an_account(session)
        by = build.an_actor(trust, AccessRole.VERIFIER, account=account)
    checked = verdicts.Checked(
        id=uuid4(), at=build.NOW, outcome="green", codes=[], kinds=["identity"],
        checker="Vera Novak, matron", offline=True, issuer_ods="RWJ", decision="admitted",
    )  # fmt: skip
    together = Barrier(MANY)

    def send(_number: int) -> None:
        together.wait()
        database.attempt(
            lambda session: verdicts.keep(session, checked=checked, by=by, now=build.NOW)
        )

    with ThreadPoolExecutor(MANY) as pool:
        list(pool.map(send, range(MANY)))
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count(VerdictRecord.id))) or 0


def test_the_same_check_sent_at_once_is_on_record_once(postgres_database: Database) -> None:
    assert kept_at_once(postgres_database) == 1


def test_mutant_without_the_queue_some_fail(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shows that the race above looks at the control: with it off, it would fail."""
    monkeypatch.setattr(verdicts, "_one_at_a_time", lambda *_: None)
    with pytest.raises(sa.exc.IntegrityError):
        for _round in range(20):  # eight threads may happen to come one after the other
            kept_at_once(postgres_database)

"""Two people agree to one erasure at the same moment: it is done once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bankhub.actions.governance import subject_requests
from passport.actors import Actor
from passport.db import Database, new_id
from passport.errors import Refused
from passport.events import Event
from tests.support.build import NOW
from tests.support.held import all_known

pytestmark = pytest.mark.postgresql


def test_an_erasure_is_done_once(postgres_database: Database) -> None:
    known = all_known(postgres_database)
    known.leave()
    with postgres_database.transaction() as session:
        request_id = subject_requests.ask_erasure(
            session, person_id=known.one.id, by=known.ig, now=NOW
        ).id

    def agree(by: Actor) -> str:
        try:
            postgres_database.attempt(
                lambda session: subject_requests.agree_erasure(
                    session, request_id=request_id, by=by, now=NOW
                )
            )
        except Refused as refused:
            return refused.reasons[0].code
        return "done"

    officers = [replace(known.officer, account_id=new_id()) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(agree, officers))
    assert answers == ["done", "not_waiting", "not_waiting", "not_waiting"]
    with postgres_database.reading() as session:
        erased = session.scalars(sa.select(Event.id).where(Event.kind == "person.erased")).all()
    assert len(erased) == 1

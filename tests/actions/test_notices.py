"""Letters: leased, written, sent by a real mail server on this machine, and tried again."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import Message
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from bankhub.actions import notices
from bankhub.actions.booking import bookings, cancellations
from bankhub.actions.finding import standing
from bankhub.model.shifts import Opening
from bankhub.worker.jobs import Jobs
from passport.actors import AccessRole, Actor, job
from passport.config import Config
from passport.db import Database, new_id
from passport.events import Notice, NoticeState
from tests.support import build
from tests.support.build import NOW


class Postbox:
    """Takes mail; refuses an address for good, or fails for a while."""

    def __init__(self) -> None:
        self.letters: list[Message] = []
        self.answer = ""

    async def handle_RCPT(  # noqa: N802  the server's own names
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(envelope.content.decode())
        return "250 OK"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, str]]:
    box = Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


def jobs_of(database: Database, smtp_url: str) -> Jobs:
    config = Config(
        database_url="", secret_key="0" * 64, master_key="1" * 64, smtp_url=smtp_url
    )
    return Jobs.over(database, config, lambda: NOW, lambda: NOW)


def a_booking(database: Database) -> Any:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        unit = build.a_unit(session, build.a_site(session, trust))
        person, _post = build.a_nurse(session, trust, email="ada@example.org")
        shift = build.a_shift(session, unit)
    worker = Actor(
        account_id=new_id(),
        organisation_id=trust.id,
        roles=frozenset({AccessRole.WORKER}),
        person_id=person.holder_id,
    )
    with database.transaction() as session:
        return worker, bookings.book(session, shift_id=shift.id, by=worker, now=NOW)


def states(database: Database) -> list[NoticeState]:
    with database.reading() as session:
        return list(session.scalars(sa.select(Notice.state).order_by(Notice.id)))


def test_a_confirmation_is_sent_once_and_forgotten(
    sqlite_database: Database, postbox: tuple[Postbox, str]
) -> None:
    box, url = postbox
    a_booking(sqlite_database)
    jobs = jobs_of(sqlite_database, url)
    assert (jobs.send(), jobs.send()) == (1, 0)
    (letter,) = box.letters
    assert "Subject: Booked" in str(letter)
    assert "To: ada@example.org" in str(letter)
    assert states(sqlite_database) == [NoticeState.SENT]
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(Notice.context)).all() == [{}]


def test_a_cancellation_is_sent_too(
    sqlite_database: Database, postbox: tuple[Postbox, str]
) -> None:
    box, url = postbox
    worker, booked = a_booking(sqlite_database)
    with sqlite_database.transaction() as session:
        cancellations.cancel_own(
            session, booking_id=booked.booking_id, because="", by=worker, now=NOW
        )
    assert jobs_of(sqlite_database, url).send() == 2
    assert any("Subject: Cancelled" in str(letter) for letter in box.letters)


def test_an_address_refused_for_good_is_given_up(
    sqlite_database: Database, postbox: tuple[Postbox, str]
) -> None:
    box, url = postbox
    box.answer = "550 no such mailbox"
    a_booking(sqlite_database)
    assert jobs_of(sqlite_database, url).send() == 0
    assert states(sqlite_database) == [NoticeState.DEAD]


def test_a_busy_server_is_tried_again_later(
    sqlite_database: Database, postbox: tuple[Postbox, str]
) -> None:
    box, url = postbox
    box.answer = "451 try again"
    a_booking(sqlite_database)
    assert jobs_of(sqlite_database, url).send() == 0
    with sqlite_database.reading() as session:
        notice = session.scalars(sa.select(Notice)).one()
    assert (notice.state, notice.due_at) == (NoticeState.NEW, NOW + notices.WAITS[0])


@pytest.mark.postgresql
def test_two_senders_never_take_the_same_letter(postgres_database: Database) -> None:
    a_booking(postgres_database)
    with postgres_database.transaction() as one, postgres_database.transaction() as other:
        assert len(notices.lease(one, now=NOW)) == 1
        assert notices.lease(other, now=NOW) == []


def test_an_opened_tier_is_announced_once_and_each_person_hears_once_a_day(
    database: Database,
) -> None:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        unit = build.a_unit(session, build.a_site(session, trust))
        person, _post = build.a_nurse(session, trust, email="ada@example.org")
        build.an_account(session, person_id=person.holder_id, verified_at=NOW)
        standing.rebuild_standing(session, organisation_id=trust.id, now=NOW)
        for number in range(3):
            build.a_shift(session, unit, starts_at=NOW + timedelta(days=5 + number))
    jobs = jobs_of(database, "")
    assert jobs.announce() > 0
    assert jobs.announce() == 0
    with database.reading() as session:
        assert session.scalars(sa.select(Notice.template)).all() == ["shifts_open"]
        waiting = sa.select(Opening).where(
            Opening.opens_at <= NOW, Opening.announced_at.is_(None)
        )
        assert session.scalars(waiting).all() == []
    assert job().account_id is None

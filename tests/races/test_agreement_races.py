"""Several parties at the same moment, on PostgreSQL: every signature counts, none counts twice."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from bankhub.actions.agreements import (
    agreement_ends,
    agreement_keeping,
    agreement_signing,
    agreements,
)
from bankhub.model.agreements import (
    Agreement,
    AgreementSignature,
    AgreementState,
    AgreementVersion,
    Coverage,
    VersionState,
)
from passport.actors import job
from passport.db import Database
from passport.errors import Refused
from passport.events import Event, Notice
from passport.model.organisations import Organisation
from tests.support import agreeing
from tests.support.build import NOW
from tests.support.issuing import VAULT

pytestmark = pytest.mark.slow
ROUNDS = 5


def at_once(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """What the deeds come to when they start together; an error is a result."""
    ready = Barrier(len(deeds))

    def start(deed: Callable[[], Any]) -> Any:
        ready.wait()
        try:
            return deed()
        except Refused as problem:
            return problem.code

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(start, deeds))


def signs(database: Database, version_id: UUID, party: Organisation) -> Callable[[], Any]:
    def deed() -> str:
        database.attempt(
            lambda session: agreement_signing.sign(
                session, version_id=version_id, name="Mo Chair", job_title="CEO", authority="SO 7",
                vault=VAULT, signed_at=NOW, by=agreeing.manager(party), now=NOW,
            )
        )  # fmt: skip
        return "signed"

    return deed


def going_out(database: Database, count: int) -> tuple[AgreementVersion, list[Organisation]]:
    with database.transaction() as session:
        parties = [agreeing.a_trust(session, name=f"Trust {one}") for one in range(count)]
        return agreeing.out(session, *parties), parties


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_last_two_that_sign_at_once_bring_it_into_force(
    postgres_database: Database, _round: int
) -> None:
    version, parties = going_out(postgres_database, 4)
    found = at_once([signs(postgres_database, version.id, one) for one in parties])
    assert found == ["signed"] * 4
    with postgres_database.reading() as session:
        fresh = session.get_one(AgreementVersion, version.id)
        assert fresh.state is VersionState.SIGNED
        assert session.get_one(Agreement, version.agreement_id).state is AgreementState.ACTIVE
        completed = sa.select(sa.func.count()).where(Event.kind == "agreement.completed")
        assert session.scalar(completed.where(Event.subject_id == version.agreement_id)) == 1
        rows = sa.select(sa.func.count()).where(Coverage.version_id == version.id)
        assert session.scalar(rows) == 4 * 3


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_party_that_signs_twice_at_once_signs_once(
    postgres_database: Database, _round: int
) -> None:
    version, parties = going_out(postgres_database, 2)
    found = at_once([signs(postgres_database, version.id, parties[0])] * 4)
    assert sorted(found) == ["signed", *["signed_already"] * 3]
    with postgres_database.reading() as session:
        its = sa.select(sa.func.count()).where(AgreementSignature.version_id == version.id)
        assert session.scalar(its) == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_signing_and_giving_up_at_once_is_one_of_the_two(
    postgres_database: Database, _round: int
) -> None:
    version, (lead, other) = going_out(postgres_database, 2)
    signs(postgres_database, version.id, lead)()

    def give_up() -> str:
        postgres_database.attempt(
            lambda session: agreements.abandon(
                session, version_id=version.id, by=agreeing.manager(lead), now=NOW
            )
        )
        return "abandoned"

    found = at_once([signs(postgres_database, version.id, other), give_up])
    assert found in (["signed", "wrong_state"], ["wrong_state", "abandoned"])
    with postgres_database.reading() as session:
        rows = sa.select(sa.func.count()).where(Coverage.version_id == version.id)
        assert session.scalar(rows) == (2 if found[0] == "signed" else 0)


def test_drafts_at_one_moment_have_numbers_of_their_own(postgres_database: Database) -> None:
    with postgres_database.transaction() as session:
        north, south = agreeing.a_trust(session), agreeing.a_trust(session)

    def draft() -> str:
        return postgres_database.attempt(
            lambda session: agreeing.drafted(session, north, south)[0].reference
        )

    found = at_once([draft] * 6)
    assert len(set(found)) == 6


def test_two_that_give_notice_at_once_leave_nobody_with_an_agreement_of_one(
    postgres_database: Database,
) -> None:
    with postgres_database.transaction() as session:
        parties = [agreeing.a_trust(session) for _ in range(3)]
        agreement = agreeing.agreed(session, *parties)

    def leaves(party: Organisation) -> Callable[[], Any]:
        return lambda: postgres_database.attempt(
            lambda session: agreement_ends.give_notice(
                session, agreement_id=agreement.id, by=agreeing.manager(party), now=NOW
            )
        )

    at_once([leaves(one) for one in parties[1:]])
    with postgres_database.reading() as session:
        fresh = session.get_one(Agreement, agreement.id)
        assert fresh.state is AgreementState.NOTICE_GIVEN
        assert agreeing.last_day(session, fresh) == (NOW + timedelta(days=90)).date()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_one_gives_notice_while_the_other_withdraws_its_own(
    postgres_database: Database, _round: int
) -> None:
    """Whoever comes first: the agreement ends by the notice that is left, and says so."""
    with postgres_database.transaction() as session:
        parties = [agreeing.a_trust(session) for _ in range(2)]
        agreement = agreeing.agreed(session, *parties)
        by = [agreeing.manager(one) for one in parties]
        agreement_ends.give_notice(session, agreement_id=agreement.id, by=by[0], now=NOW)

    def does(deed: Callable[..., Any], who: int, **more: Any) -> Callable[[], Any]:
        return lambda: postgres_database.attempt(
            lambda session: deed(session, agreement_id=agreement.id, by=by[who], now=NOW, **more)
        )

    last = (NOW + timedelta(days=120)).date()
    withdraw = does(agreement_ends.withdraw_notice, 0)
    found = at_once([does(agreement_ends.give_notice, 1, leaves_on=last), withdraw, withdraw])
    assert found.count("no_notice") == 1
    with postgres_database.reading() as session:
        fresh = session.get_one(Agreement, agreement.id)
        assert fresh.state is AgreementState.NOTICE_GIVEN
        assert agreeing.last_day(session, fresh) == last
        withdrawn = sa.select(sa.func.count()).where(Event.kind == "agreement.notice_withdrawn")
        assert session.scalar(withdrawn.where(Event.subject_id == agreement.id)) == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_notice_is_withdrawn_or_the_agreement_ends_by_the_clock(
    postgres_database: Database, _round: int
) -> None:
    """Withdrawn on the last day while the worker, a minute past midnight, ends it."""
    with postgres_database.transaction() as session:
        parties = [agreeing.a_trust(session) for _ in range(2)]
        agreement = agreeing.agreed(session, *parties)
        by = agreeing.manager(parties[1])
        agreement_ends.give_notice(session, agreement_id=agreement.id, by=by, now=NOW)

    def withdraw() -> str:
        postgres_database.attempt(
            lambda session: agreement_ends.withdraw_notice(
                session, agreement_id=agreement.id, by=by, now=NOW + timedelta(days=90)
            )
        )
        return "withdrawn"

    def keep() -> int:
        return postgres_database.attempt(
            lambda session: agreement_keeping.keep(
                session, by=job(), now=NOW + timedelta(days=91)
            )
        ).ended

    found = at_once([withdraw, keep])
    assert found in (["withdrawn", 0], ["wrong_state", 1])
    with postgres_database.reading() as session:
        fresh = session.get_one(Agreement, agreement.id)
        active = found[0] == "withdrawn"
        assert (fresh.state is AgreementState.ACTIVE) is active


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_party_suspended_while_coverage_is_derived_anew_is_suspended(
    postgres_database: Database, _round: int
) -> None:
    with postgres_database.transaction() as session:
        lead, other = (agreeing.a_trust(session) for _ in range(2))
        agreement = agreeing.agreed(session, lead, other)

    def suspend() -> None:
        postgres_database.attempt(
            lambda session: agreement_ends.suspend_party(
                session, agreement_id=agreement.id, organisation_id=other.id, because="x",
                by=agreeing.manager(lead), now=NOW,
            )
        )  # fmt: skip

    def derive() -> int:
        return postgres_database.attempt(
            lambda session: agreement_keeping.derive(session, by=job(), now=NOW)
        )

    at_once([suspend, derive, derive, derive])
    with postgres_database.reading() as session:
        rows = sa.select(sa.func.count()).where(Coverage.host_id.in_([lead.id, other.id]))
        assert session.scalar(rows) == 0


def test_workers_that_keep_at_once_warn_and_end_once(postgres_database: Database) -> None:
    with postgres_database.transaction() as session:
        parties = [agreeing.a_trust(session) for _ in range(2)]
        agreement = agreeing.agreed(session, *parties, ends_on="2026-09-20")

    def keep(days: int) -> Callable[[], Any]:
        return lambda: postgres_database.attempt(
            lambda session: agreement_keeping.keep(
                session, by=job(), now=NOW + timedelta(days=days)
            )
        )

    at_once([keep(0)] * 4)
    ended = at_once([keep(14)] * 4)
    assert sorted(one.ended for one in ended) == [0, 0, 0, 1]
    with postgres_database.reading() as session:
        ends = sa.select(sa.func.count()).where(Event.kind == "agreement.ended")
        assert session.scalar(ends.where(Event.subject_id == agreement.id)) == 1
        doubles = sa.select(Notice.dedupe).group_by(Notice.dedupe).having(sa.func.count() > 1)
        assert not session.scalars(doubles).all()

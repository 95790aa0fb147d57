"""What comes at the edges of a deployment: access given to who never came, feedback that is
corrected, ends that cannot be, midnight on the nights when the clocks change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.deployments import deployment_returns, deployment_turns, deployments
from bankhub.model.agreements import Agreement
from bankhub.model.deployments import Deployment, DeploymentState, DeploymentTask
from passport.actions.people import people
from passport.actors import job
from passport.db import Database
from passport.errors import Invalid, Refused
from passport.model.facts import Fact
from tests.support.build import NOW
from tests.support.build_deployments import (
    TODAY,
    a_deployment,
    a_pair,
    a_wish,
    at,
    on_day,
    proposed,
    taken_to,
)

S = DeploymentState


def open_tasks(session: Session, found: Deployment) -> set[str]:
    return set(
        session.scalars(
            sa.select(DeploymentTask.code).where(
                DeploymentTask.deployment_id == found.id, DeploymentTask.done_at.is_(None)
            )
        )
    )


ENDS = {
    "home says no": lambda s, pair, found: deployments.refuse(
        s, deployment_id=found.id, because="staffing", by=pair.home_hr, now=NOW
    ),
    "the person says no": lambda s, pair, found: deployments.decline(
        s, deployment_id=found.id, by=pair.worker, now=NOW
    ),
    "they leave home": lambda s, pair, found: people.let_go(
        s, person_id=pair.nurse.id, by=pair.home_hr, now=NOW
    ),
    "its days pass": lambda s, pair, found: on_day(s, found, at(found.ends_on) + timedelta(days=1)),
}


@pytest.mark.parametrize("how", ENDS.values(), ids=ENDS)
def test_access_that_was_given_to_who_never_came_is_taken_back(
    database: Database, how: Any
) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.LICENSED)
        deployment_returns.tick(
            session, deployment_id=found.id, code="it_access", by=pair.host_hr, now=NOW
        )
        how(session, pair, found)
        session.flush()
        assert found.state is S.TERMINATED_EARLY
        assert found.delete_on is not None
        # nobody worked: there is nothing to say of the work, nor to pay
        assert open_tasks(session, found) == {"access_removed", "data_deleted"}


def test_where_nothing_was_given_it_just_does_not_go_ahead(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.LICENSED)
        deployments.refuse(
            session, deployment_id=found.id, because="staffing", by=pair.home_hr, now=NOW
        )
        assert (found.state, found.closed_at) == (S.REFUSED, NOW)  # from then its years are counted
        assert open_tasks(session, found) == set()


def test_feedback_that_is_given_again_can_still_be_put_on_record(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.RETURNED)
        here: dict[str, Any] = {"deployment_id": found.id, "now": at(found.ends_on)}
        deployment_returns.give_feedback(session, competences=[], by=pair.host_hr, **here)
        assert "competence_recorded" not in open_tasks(session, found)
        deployment_returns.give_feedback(session, competences=["renal"], by=pair.host_hr, **here)
        deployment_returns.record_competence(session, take=["renal"], by=pair.home_hr, **here)
        kept = sa.select(Fact.value).where(Fact.source == "deployment")
        assert session.scalars(kept).all() == [{"code": "renal"}]
        with pytest.raises(Refused, match="recorded_already"):
            deployment_returns.give_feedback(session, competences=[], by=pair.host_hr, **here)


@pytest.mark.parametrize("first", [date(9999, 1, 1), date(9998, 12, 31), date.max])
def test_a_day_at_the_end_of_the_calendar_is_a_wrong_day(database: Database, first: date) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        with pytest.raises(Invalid) as wrong:
            proposed(session, pair, starts_on=first, ends_on=date.max)
        assert "starts_on" in wrong.value.fields


def test_none_is_proposed_past_the_day_to_which_notice_is_given(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        wish = a_wish()
        agreement = session.get_one(Agreement, pair.wsa.agreement_id)
        agreement.ends_on = wish.ends_on - timedelta(days=1) if wish.ends_on else None
        session.flush()
        with pytest.raises(Invalid) as wrong:
            proposed(session, pair)
        assert "ends on" in wrong.value.fields["ends_on"][0]
        assert proposed(session, pair, ends_on=agreement.ends_on).state is S.PROPOSED


NIGHTS = {
    "clocks back, before": (date(2026, 10, 24), datetime(2026, 10, 24, 22, 59, tzinfo=UTC), True),
    "clocks back, after": (date(2026, 10, 24), datetime(2026, 10, 24, 23, 0, tzinfo=UTC), False),
    "day of 25 hours, before": (
        date(2026, 10, 25), datetime(2026, 10, 25, 23, 59, tzinfo=UTC), True,
    ),
    "day of 25 hours, after": (date(2026, 10, 25), datetime(2026, 10, 26, 0, 0, tzinfo=UTC), False),
    "clocks on, before": (date(2027, 3, 27), datetime(2027, 3, 27, 23, 59, tzinfo=UTC), True),
    "clocks on, after": (date(2027, 3, 27), datetime(2027, 3, 28, 0, 0, tzinfo=UTC), False),
    "day of 23 hours, before": (
        date(2027, 3, 28), datetime(2027, 3, 28, 22, 59, tzinfo=UTC), True,
    ),
    "day of 23 hours, after": (date(2027, 3, 28), datetime(2027, 3, 28, 23, 0, tzinfo=UTC), False),
}  # fmt: skip


@pytest.mark.parametrize(("last", "now", "runs"), NIGHTS.values(), ids=NIGHTS)
def test_the_last_day_ends_at_midnight_in_london(
    database: Database, last: date, now: datetime, runs: bool
) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = a_deployment(session, pair.wsa, pair.nurse, pair.host, S.ENDING)
        found.ends_on = last
        deployment_turns.keep(session, by=job(), now=now)
        assert (found.state is S.ENDING) is runs
        assert found.ends_on == last


def test_at_once_means_access_ends_today(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        now = at(found.starts_on)
        deployments.end(
            session, deployment_id=found.id, because="patient_safety", by=pair.host_hr, now=now
        )
        due = dict(
            session.execute(
                sa.select(DeploymentTask.code, DeploymentTask.due_on).where(
                    DeploymentTask.deployment_id == found.id, DeploymentTask.leg == "return"
                )
            ).all()  # type: ignore[arg-type]
        )
        assert due["access_removed"] == due["smartcard_removed"] == found.starts_on
        assert due["feedback"] == found.starts_on + timedelta(days=14)


def test_the_way_back_closes_by_itself(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.LICENSED)
        deployment_returns.tick(
            session, deployment_id=found.id, code="smartcard", by=pair.host_hr, now=NOW
        )
        deployments.decline(session, deployment_id=found.id, by=pair.worker, now=NOW)
        with pytest.raises(Refused, match="not_begun"):
            deployment_returns.give_feedback(
                session, deployment_id=found.id, competences=[], by=pair.host_hr, now=NOW
            )
        deployment_returns.tick(
            session, deployment_id=found.id, code="smartcard_removed", by=pair.host_hr, now=NOW
        )
        assert found.delete_on == TODAY + timedelta(days=30)
        on_day(session, found, at(found.delete_on))
        assert found.state is S.CLOSED

"""A deployment goes on past its last day, on both databases: by whose acts, and what stops it."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.deployments import deployment_extensions, deployment_turns, deployments
from bankhub.model.agreement_terms import Instrument
from bankhub.model.agreements import Agreement, AgreementVersion, VersionState
from bankhub.model.clearances import ClearanceState
from bankhub.model.deployments import (
    DeploymentState,
    ExtensionState,
    LicenceAcceptance,
)
from bankhub.rules.deployments.licence_text import hash_of
from passport.actions.people import people
from passport.actors import AccessRole
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.events import Event, Notice
from tests.support import build, sharing
from tests.support.build import NOW
from tests.support.build_deployments import (
    TODAY,
    a_pair,
    at,
    extending,
    on_day,
    paper_of,
    proposed,
    taken_to,
)

S, X = DeploymentState, ExtensionState


def test_it_goes_on_once_all_three_accepted_the_same_paper(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        first_paper, before = found.licence_hash, found.ends_on
        on_day(session, found, at(before) - timedelta(days=3))
        assert found.state is S.ENDING
        extending(session, pair, found, X.CHECKED)
        one = paper_of(session, found)
        assert hash_of(one.paper) == one.paper_hash
        assert first_paper in one.paper
        assert found.ends_on == before  # the earlier day holds until all three accepted
        here: dict[str, Any] = {
            "deployment_id": found.id, "text_hash": one.paper_hash, "now": at(before),
        }  # fmt: skip
        deployment_extensions.accept_own(session, by=pair.worker, **here)
        deployment_extensions.accept(session, by=pair.host_hr, **here)
        with pytest.raises(Refused, match="accepted_already"):
            deployment_extensions.accept(session, by=pair.host_hr, **here)
        assert found.ends_on == before
        deployment_extensions.accept(session, by=pair.home_hr, **here)
        assert (found.state, found.ends_on) == (S.ACTIVE, one.ends_on)
        assert (one.state, one.closed_at) == (X.ACCEPTED, at(before))
        on_day(session, found, at(before) + timedelta(days=1))
        assert found.state is S.ACTIVE
        on_day(session, found, at(one.ends_on) + timedelta(days=1))
        assert found.state is S.RETURNED
        papers = session.scalars(
            sa.select(LicenceAcceptance.text_hash).where(
                LicenceAcceptance.deployment_id == found.id
            )
        ).all()
        assert sorted(papers) == sorted([first_paper] * 3 + [one.paper_hash] * 3)


def test_it_may_be_extended_again_and_each_paper_names_the_one_before(
    database: Database,
) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        extending(session, pair, found, X.ACCEPTED)
        first = paper_of(session, found).paper_hash
        extending(session, pair, found, X.ACCEPTED)
        second = paper_of(session, found)
        assert first in second.paper
        assert found.ends_on == second.ends_on == TODAY + timedelta(days=160)


@pytest.mark.parametrize("state", [X.PROPOSED, X.AGREED, X.CHECKED])
def test_without_all_three_it_ends_on_its_day(database: Database, state: X) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        extending(session, pair, found, state)
        one, last = paper_of(session, found), found.ends_on
        late: dict[str, Any] = {"deployment_id": found.id, "now": at(last) + timedelta(days=1)}
        with pytest.raises(Refused, match="no_extension"):  # before the daily job has run
            deployment_extensions.decline(session, by=pair.worker, **late)
        on_day(session, found, late["now"])
        assert (found.state, found.ends_on, one.state) == (S.RETURNED, last, X.LAPSED)


def test_each_may_say_no_and_another_day_may_be_proposed(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        last = found.ends_on
        here: dict[str, Any] = {"deployment_id": found.id, "now": at(found.starts_on)}
        for act, by in (
            (deployment_extensions.refuse, pair.home_hr),
            (deployment_extensions.refuse, pair.host_hr),
            (deployment_extensions.decline, pair.worker),
        ):
            extending(session, pair, found, X.AGREED)
            with pytest.raises(Refused, match="extension_open"):
                deployment_extensions.propose(
                    session, ends_on=last + timedelta(days=9), by=pair.host_hr, **here
                )
            act(session, by=by, **here)
            assert paper_of(session, found).state is X.REFUSED
        assert (found.state, found.ends_on) == (S.ACTIVE, last)


def test_an_earlier_end_and_a_leaver_let_it_lapse(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        extending(session, pair, found, X.CHECKED)
        one = paper_of(session, found)
        deployments.end(
            session, deployment_id=found.id, because="staffing", by=pair.host_hr,
            ends_on=found.starts_on + timedelta(days=5), now=at(found.starts_on),
        )  # fmt: skip
        assert one.state is X.LAPSED
        extending(session, pair, found, X.CHECKED)
        assert found.state is S.ENDING
        people.let_go(session, person_id=pair.nurse.id, by=pair.home_hr, now=at(found.starts_on))
        session.flush()
        assert (found.state, paper_of(session, found).state) == (S.TERMINATED_EARLY, X.LAPSED)


def test_it_waits_for_a_clearance_that_reaches_into_the_added_time(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        (clearance,) = [deployment_turns.clearance_of(session, found)]
        assert clearance is not None
        clearance.until_on = found.ends_on
        session.flush()
        extending(session, pair, found, X.AGREED)
        one, now = paper_of(session, found), at(found.starts_on)
        deployment_extensions.authorise(
            session, deployment_id=found.id, by=pair.home_hr, now=now
        )
        assert (one.state, one.paper) == (X.AUTHORISED, "")
        clearance.state = ClearanceState.NOT_CLEARED
        clearance.until_on = found.ends_on + timedelta(days=1)
        session.flush()
        on_day(session, found, now)
        assert one.state is X.AUTHORISED
        clearance.state = ClearanceState.CLEARED
        session.flush()
        on_day(session, found, now)
        assert one.state is X.CHECKED


def test_a_suspended_party_stops_it_until_the_suspension_is_lifted(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        extending(session, pair, found, X.CHECKED)
        party = sharing.standing(session, pair.wsa, pair.home)
        party.suspended_at = NOW
        session.flush()
        now = at(found.starts_on)
        on_day(session, found, now)
        with pytest.raises(Refused, match="no_extension"):
            deployment_extensions.accept_own(
                session, deployment_id=found.id, by=pair.worker, now=now,
                text_hash=paper_of(session, found).paper_hash,
            )  # fmt: skip
        party.suspended_at = None
        on_day(session, found, now)
        assert (found.state, paper_of(session, found).state) == (S.ACTIVE, X.CHECKED)


def test_notice_that_is_given_meanwhile_stops_it(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        extending(session, pair, found, X.AGREED)
        agreement = session.get_one(Agreement, pair.wsa.agreement_id)
        agreement.ends_on = found.ends_on + timedelta(days=10)
        session.flush()
        deployment_extensions.authorise(
            session, deployment_id=found.id, by=pair.home_hr, now=at(found.starts_on)
        )
        one = paper_of(session, found)
        assert one.state is X.AUTHORISED
        here: dict[str, Any] = {"deployment_id": found.id, "now": at(found.starts_on)}
        deployment_extensions.refuse(session, by=pair.home_hr, **here)
        with pytest.raises(Invalid) as wrong:
            deployment_extensions.propose(session, ends_on=one.ends_on, by=pair.home_hr, **here)
        assert "ends on" in wrong.value.fields["ends_on"][0]


def test_what_runs_out_with_its_version_goes_on_under_the_next(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session, ends_on=str(TODAY + timedelta(days=100)))
        found = taken_to(session, pair, S.ACTIVE)
        here: dict[str, Any] = {"deployment_id": found.id, "now": at(found.starts_on)}
        last = TODAY + timedelta(days=200)
        with pytest.raises(Refused, match="no_agreement"):
            deployment_extensions.propose(session, ends_on=last, by=pair.host_hr, **here)
        later = sharing.an_agreement(
            session, pair.home, pair.host, instruments=[one.value for one in Instrument]
        )
        old = session.get_one(AgreementVersion, pair.wsa.version_id)
        new = session.get_one(AgreementVersion, later.version_id)
        new.agreement_id, new.number, old.state = old.agreement_id, 2, VersionState.SUPERSEDED
        session.flush()
        extending(session, pair, found, X.CHECKED, days=100)
        assert found.version_id == old.id
        one = paper_of(session, found)
        assert f"{pair.wsa.reference} v2" in one.paper
        for act, by in (
            (deployment_extensions.accept_own, pair.worker),
            (deployment_extensions.accept, pair.home_hr),
            (deployment_extensions.accept, pair.host_hr),
        ):
            act(session, by=by, text_hash=one.paper_hash, **here)
        assert (found.version_id, found.ends_on) == (new.id, last)
        on_day(session, found, at(TODAY + timedelta(days=199)))
        assert found.state is S.ENDING


def test_who_may_do_what(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        here: dict[str, Any] = {"deployment_id": found.id, "now": at(found.starts_on)}
        last = found.ends_on + timedelta(days=9)
        third = build.an_organisation(session)
        with pytest.raises(NotFound):
            deployment_extensions.propose(
                session, ends_on=last, by=build.an_actor(third, *AccessRole), **here
            )
        with pytest.raises(Forbidden):
            deployment_extensions.propose(session, ends_on=last, by=pair.worker, **here)
        extending(session, pair, found, X.AGREED)
        with pytest.raises(Refused, match="not_your_part"):
            deployment_extensions.authorise(session, by=pair.host_hr, **here)
        other, _ = build.a_nurse(session, pair.home)
        with pytest.raises(NotFound):
            deployment_extensions.decline(session, by=build.as_worker(other), **here)


def test_what_cannot_be_proposed(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        coming = proposed(session, pair, role="rn_adult")
        here: dict[str, Any] = {"by": pair.home_hr, "now": NOW}
        with pytest.raises(Refused, match="not_in_this_state"):
            deployment_extensions.propose(
                session, deployment_id=coming.id, ends_on=date(2027, 1, 1), **here
            )
        deployments.refuse(session, deployment_id=coming.id, because="staffing", **here)
        found = taken_to(session, pair, S.ACTIVE)
        here |= {"deployment_id": found.id, "now": at(found.starts_on)}
        for wrong in (found.ends_on, found.ends_on - timedelta(days=1), date(2029, 1, 1)):
            with pytest.raises(Invalid):
                deployment_extensions.propose(session, ends_on=wrong, **here)


def test_somebody_without_the_post_in_the_added_time_does_not_go_on(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        for post in session.scalars(
            sa.select(deployments.BankPost).where(
                deployments.BankPost.person_id == pair.nurse.id
            )
        ):
            post.ends_on = found.ends_on
        session.flush()
        with pytest.raises(Refused, match="cannot_go_on"):
            deployment_extensions.propose(
                session, deployment_id=found.id, ends_on=found.ends_on + timedelta(days=9),
                by=pair.home_hr, now=at(found.starts_on),
            )  # fmt: skip


def test_another_text_is_not_accepted_and_the_first_paper_is_not_the_second(
    database: Database,
) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        extending(session, pair, found, X.CHECKED)
        for wrong in ("0" * 64, found.licence_hash):
            with pytest.raises(Refused) as refused:
                deployment_extensions.accept_own(
                    session, deployment_id=found.id, text_hash=wrong, by=pair.worker,
                    now=at(found.starts_on),
                )  # fmt: skip
            assert refused.value.code == "another_text"


def test_it_is_on_record_and_the_person_is_asked(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        extending(session, pair, found, X.ACCEPTED)
        session.flush()
        kinds = set(session.scalars(sa.select(Event.kind).where(Event.subject_id == found.id)))
        assert kinds >= {
            f"deployment.extension_{state}"
            for state in ("proposed", "agreed", "authorised", "checked", "accepted")
        }
        told = session.scalars(
            sa.select(Notice).where(Notice.to_person_id == pair.nurse.id).order_by(Notice.id)
        ).all()
        assert [one.context["said"] for one in told if "longer" in one.context["said"]] == [
            "You are asked to stay longer. Read it, and say whether you agree.",
            "Your organisation has authorised that you stay longer.",
            "The paper for staying longer is ready: read and accept it.",
            "All three have accepted: it goes on longer.",
        ]

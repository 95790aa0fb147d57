"""The next version of an agreement: signed again by all, given up, or a deed of accession."""

import pytest
import sqlalchemy as sa

from bankhub.actions.agreements import agreements, who_sees_whom
from bankhub.actions.agreements.agreement_records import versions_of
from bankhub.model.agreements import Coverage, VersionState
from bankhub.rules.agreements.agreement_states import ShownState
from passport.db import Database
from passport.errors import Refused
from tests.actions.test_agreements import coverage, trusts, view
from tests.support import agreeing
from tests.support.build import NOW


def test_the_next_version_binds_when_all_signed_again(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        agreement = agreeing.agreed(session, north, south)
        second = agreeing.varied(session, agreement, north, excluded_roles=["rn_adult"])
        with pytest.raises(Refused, match="version_under_way"):
            agreeing.varied(session, agreement, north)
        agreeing.signed(session, second, north)
        assert view(session, agreement, north).versions[1].in_force
        agreeing.signed(session, second, south)
        first, second = versions_of(session, agreement.id)
        assert (first.state, second.state) == (VersionState.SUPERSEDED, VersionState.SIGNED)
        found = view(session, agreement, north)
        assert [one.in_force for one in found.versions] == [True, False]
        rows = session.scalars(sa.select(Coverage).where(Coverage.until_on >= NOW.date()))
        assert {row.version_id for row in rows} == {second.id}


def test_an_abandoned_variation_leaves_what_was_agreed(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        agreement = agreeing.agreed(session, north, south)
        second = agreeing.varied(session, agreement, north, notice_days=7)
        agreements.abandon(session, version_id=second.id, by=agreeing.manager(north), now=NOW)
        assert view(session, agreement, south).state is ShownState.ACTIVE
        assert coverage(session) == 2
        assert [one.signed for one in view(session, agreement, south).parties] == [True, True]
        third = agreeing.varied(session, agreement, north, notice_days=8)
        assert third.number == 3


def test_a_party_accedes_by_a_deed(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        east = agreeing.a_trust(session, name="East")
        agreement = agreeing.agreed(session, north, south)
        version = agreements.add_party(
            session, agreement_id=agreement.id, by=agreeing.manager(north), now=NOW,
            party={"ods": east.ods_code, "role": "home"}, contacts=agreeing.contacts(east),
        )  # fmt: skip
        agreeing.sent_out(session, version, north)
        assert "Deed of accession" in str(version.text)
        agreeing.signed(session, version, north, south)
        assert coverage(session) == 2
        agreeing.signed(session, version, east)
        assert coverage(session) == 4
        seen = who_sees_whom.matrix(session, by=agreeing.manager(east), now=NOW)
        assert {(one.home, one.host) for one in seen} == {
            ("North", "South"), ("South", "North"), ("East", "North"), ("East", "South"),
        }  # fmt: skip

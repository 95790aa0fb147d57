"""What the own trust list says: rights by kind, successors, keys of every age, names."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from passport.actions.trust import own_list
from passport.actors import operator
from passport.db import Database
from passport.events import record
from passport.model.credential_types import credential_types
from passport.model.issuer_rights import issuer_rights_on
from passport.model.organisations import (
    MembershipKind,
    Organisation,
    OrganisationKind,
    OrganisationMembership,
)
from passport.rules.tokens import es256
from passport.rules.tokens.trust_list import TrustList, read_trust
from tests.support import issuing
from tests.support.issuing import BASE, NOW, WHERE


def listed(session: Session, days: int = 0) -> TrustList:
    """As another machine would read it."""
    made = own_list.contents(session, where=WHERE, now=NOW + timedelta(days=days))
    key = es256.new_key()
    return read_trust(made.token(key), root=es256.public(key), now=made.iat)


def follows(session: Session, member: Organisation, group: Organisation, on: date) -> None:
    row = OrganisationMembership(
        member_id=member.id, group_id=group.id, kind=MembershipKind.SUCCESSOR, from_on=on
    )
    session.add(row)
    session.flush()
    record(session, "test.merged", subject_id=row.id, by=operator(), now=NOW)


@pytest.mark.parametrize("kind", OrganisationKind)
def test_an_organisation_asserts_what_its_kind_may(
    sqlite_database: Database, kind: OrganisationKind
) -> None:
    with sqlite_database.transaction() as session:
        world = issuing.a_trust(session)
        world.organisation.kind = kind
        session.flush()
        (issuer,) = listed(session).issuers
    assert issuer.asserts == issuer_rights_on(NOW.date()).of(kind)
    assert issuer.iss == f"{BASE}/passport/issuers/RWJ"


def test_a_trust_asserts_every_type_and_an_agency_none() -> None:
    rights = issuer_rights_on(NOW.date())
    assert rights.of(OrganisationKind.TRUST) == set(credential_types())
    assert rights.of(OrganisationKind.AGENCY) == set()
    assert "professional_registration" not in rights.of(OrganisationKind.VOLUNTARY)


def test_a_successor_is_named_from_its_day_on_with_or_without_keys(database: Database) -> None:
    with database.transaction() as session:
        old = issuing.a_trust(session)
        new = issuing.build.an_organisation(session, ods_code="R0A", name="Merged")
        follows(session, old.organisation, new, NOW.date() + timedelta(days=3))
        assert [one.ods for one in listed(session).issuers] == ["RWJ"]
        found = listed(session, days=4)
        assert [(one.ods, one.successor, len(one.keys)) for one in found.issuers] == [
            ("R0A", None, 0), ("RWJ", "R0A", 1),
        ]  # fmt: skip


def test_organisations_that_succeed_each_other_do_not_break_the_list(database: Database) -> None:
    with database.transaction() as session:
        one = issuing.a_trust(session).organisation
        two = issuing.a_trust(session, ods_code="R0A", name="Two").organisation
        three = issuing.a_trust(session, ods_code="R0B", name="Three").organisation
        for member, group in ((one, two), (two, three), (three, one), (one, three)):
            follows(session, member, group, date(2020, 1, 1))
        named = {one.ods: one.successor for one in listed(session).issuers}
    assert named in (
        {"RWJ": "R0A", "R0A": "R0B", "R0B": None},
        {"RWJ": "R0A", "R0A": None, "R0B": "RWJ"},
        {"RWJ": "R0B", "R0A": "R0B", "R0B": None},
        {"RWJ": None, "R0A": "R0B", "R0B": "RWJ"},
    )


def test_a_name_that_cannot_be_shown_does_not_break_the_list(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        for name, told in (("Turned \u202e round", "Turned  round"), ("\u200b", "RWJ"),
                           ("x" * 300, "x" * 200)):  # fmt: skip
            world.organisation.name = name
            session.flush()
            assert listed(session).issuers[0].name == told


def test_an_old_key_is_listed_until_nothing_of_it_is_met_with(database: Database) -> None:
    with database.transaction() as session:
        issuing.a_trust(session)
        assert [len(listed(session, days).issuers) for days in (0, 500, 764, 766)] == [1, 1, 1, 0]

"""Sites and units are an organisation's own."""

from datetime import date
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bankhub.actions.settings import sites
from passport.actions.changes import Change
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound
from passport.events import Event
from passport.model.organisations import Organisation
from tests.support import build
from tests.support.build import NOW

TODAY = date(2026, 9, 7)


def manager(organisation: Organisation) -> Actor:
    return build.an_actor(organisation, AccessRole.BANK_MANAGER)


@pytest.fixture
def trusts(database: Database) -> tuple[Organisation, Organisation]:
    with database.transaction() as session:
        return build.an_organisation(session), build.an_organisation(session)


Trusts = tuple[Organisation, Organisation]


def put_site(database: Database, trust: Organisation, by: Actor) -> Change:
    with database.transaction() as session:
        return sites.upsert_site(
            session,
            organisation_id=trust.id,
            code="X0101",
            fields={"name": "General", "postcode": "m139wl"},
            by=by,
            now=NOW,
        )


def put_unit(database: Database, trust: Organisation, **fields: object) -> Change:
    with database.transaction() as session:
        return sites.upsert_unit(
            session,
            organisation_id=trust.id,
            site_code="X0101",
            code="WARD7",
            fields={"name": "Ward 7", **fields},  # type: ignore[typeddict-item]
            by=manager(trust),
            now=NOW,
        )


def test_the_same_site_and_unit_again_change_nothing(database: Database, trusts: Trusts) -> None:
    trust, _ = trusts
    done = [put_site(database, trust, manager(trust)) for _ in range(2)]
    done += [put_unit(database, trust) for _ in range(2)]
    assert done == [Change.ADDED, Change.UNCHANGED] * 2
    with database.reading() as session:
        kinds = list(session.scalars(sa.select(Event.kind).where(~Event.kind.like("test.%"))))
        ((unit, site),) = sites.units(session, by=manager(trust), on=TODAY)
    assert kinds == ["site.added", "unit.added"]
    assert (unit.name, site.postcode) == ("Ward 7", "M13 9WL")


def test_a_unit_is_edited_by_its_own_bank_manager_only(database: Database, trusts: Trusts) -> None:
    trust, other = trusts
    put_site(database, trust, manager(trust))
    put_unit(database, trust)
    with database.reading() as session:
        ((unit, _),) = sites.units(session, by=manager(trust), on=TODAY)
        assert sites.units(session, by=manager(other), on=TODAY) == []
        assert sites.sites(session, by=manager(other), on=TODAY) == []
    with database.transaction() as session:
        edited = sites.edit_unit(
            session, unit_id=unit.id, fields={"phone": "1234"}, by=manager(trust), now=NOW
        )
    assert edited.phone == "1234"
    for unit_id in (unit.id, uuid4()):
        with pytest.raises(NotFound), database.transaction() as session:
            sites.edit_unit(
                session, unit_id=unit_id, fields={"phone": "666"}, by=manager(other), now=NOW
            )
    with pytest.raises(NotFound):
        put_site(database, trust, manager(other))
    ward = build.an_actor(trust, AccessRole.WARD_REQUESTER)
    with pytest.raises(Forbidden):
        put_site(database, trust, ward)


def test_a_closed_unit_is_not_listed_after_its_last_day(
    database: Database, trusts: Trusts
) -> None:
    trust, _ = trusts
    put_site(database, trust, manager(trust))
    put_unit(database, trust, closed_on=TODAY)
    with database.reading() as session:
        assert len(sites.units(session, by=manager(trust), on=TODAY)) == 1
        assert sites.units(session, by=manager(trust), on=date(2026, 9, 8)) == []


def test_a_unit_needs_a_site_of_its_own_organisation(database: Database, trusts: Trusts) -> None:
    trust, other = trusts
    put_site(database, other, manager(other))
    with pytest.raises(Invalid, match="unknown_site"):
        put_unit(database, trust)

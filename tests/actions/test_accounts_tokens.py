"""API tokens, roles and delegations: what is granted, to whom, until when."""

from dataclasses import replace
from datetime import date

import pytest

from passport.actions.access import asking, delegations, roles, tokens
from passport.actors import AccessRole as R
from passport.actors import Via, operator
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.events import record
from passport.model.access_policy import ACCESS_POLICY
from passport.model.organisations import MembershipKind, OrganisationKind, OrganisationMembership
from passport.rules.permissions import PERMISSIONS, Deed, why_not
from passport.sealing import hash_secret
from tests.support import access, build
from tests.support.access import NOW, later
from tests.support.build_people import kept

EMAIL = "ada.okafor@rivermead.example.org"
SCOPES = [deed.value for deed in Deed]


def a_token(database: Database, by, *, scopes=None, name="rota board", days=90) -> str:
    with database.transaction() as session:
        return tokens.make(
            session, name=name, scopes=scopes, known_scopes=SCOPES, by=by, now=NOW, days=days
        )


def asking_with(database: Database, token: str, now=NOW):
    with database.reading() as session:
        return asking.by_token(session, token_hash=hash_secret(token), now=now)


@pytest.fixture
def manager(sqlite_database: Database):
    home = access.trust(sqlite_database)
    return access.manager(sqlite_database, home)[0]


def test_a_token_acts_as_its_owner_until_it_expires(database) -> None:
    by, _ = access.manager(database, access.trust(database))
    token = a_token(database, by)
    actor = asking_with(database, token).actor
    assert (actor.account_id, actor.organisation_id) == (by.account_id, by.organisation_id)
    assert actor.roles == {R.BANK_MANAGER}
    assert actor.via is Via.TOKEN
    assert asking_with(database, token, later(days=89))
    assert asking_with(database, token, later(days=90)) is None
    assert asking_with(database, token + "x") is None


@pytest.mark.asvs("8.3.1")
def test_a_limited_token_does_what_was_named_and_nothing_else(sqlite_database, manager) -> None:
    token = a_token(sqlite_database, manager, scopes=["people.read", "roles.grant"])
    actor = asking_with(sqlite_database, token).actor
    allowed = [deed for deed in Deed if why_not(actor, deed, PERMISSIONS) is None]
    assert allowed == ["roles.grant", "people.read"]


def test_an_unlimited_token_never_does_what_wants_a_fresh_second_factor(
    sqlite_database, manager
) -> None:
    actor = asking_with(sqlite_database, a_token(sqlite_database, manager)).actor
    assert why_not(actor, Deed.READ_PEOPLE, PERMISSIONS) is None
    refused = why_not(actor, Deed.GRANT_ROLE, PERMISSIONS)
    assert refused.code == "step_up_needed"
    assert "make one that names it" in refused.text


def test_a_token_can_do_no_more_than_its_owner_still_may(sqlite_database, manager) -> None:
    access.enter(
        sqlite_database,
        type("Home", (), {"id": manager.organisation_id})(),
        "second@example.org",
        R.BANK_MANAGER,
    )
    token = a_token(sqlite_database, manager)
    with sqlite_database.transaction() as session:
        held = roles.member(session, account_id=manager.account_id, by=manager).roles[0]
        roles.end(
            session,
            account_id=manager.account_id,
            grant_id=held.grant_id,
            by=manager,
            now=NOW,
        )
    assert asking_with(sqlite_database, token).actor.roles == frozenset()


MAKING = {
    "no name": ({"name": " "}, "name"),
    "a name too long": ({"name": "x" * 61}, "name"),
    "nothing it may do": ({"scopes": []}, "scopes"),
    "a deed that does not exist": ({"scopes": ["rule.the.world"]}, "scopes"),
    "no days": ({"days": 0}, "days"),
    "more than a year": ({"days": ACCESS_POLICY.longest_token_days + 1}, "days"),
}


@pytest.mark.parametrize(("wrong", "field"), MAKING.values(), ids=MAKING.keys())
def test_what_a_token_may_not_be(sqlite_database, manager, wrong, field) -> None:
    with pytest.raises(Invalid) as problem:
        a_token(sqlite_database, manager, **wrong)
    assert list(problem.value.fields) == [field]


def test_making_one_wants_a_fresh_proof_and_a_token_cannot_make_another(
    sqlite_database, manager
) -> None:
    with pytest.raises(Forbidden, match="step_up_needed"):
        a_token(sqlite_database, replace(manager, stepped_up=False))
    by_token = asking_with(sqlite_database, a_token(sqlite_database, manager, scopes=SCOPES)).actor
    with pytest.raises(Forbidden, match="forbidden"):
        a_token(sqlite_database, by_token)


def test_revoked_is_dead_and_nobody_else_can_revoke(sqlite_database, manager) -> None:
    token = a_token(sqlite_database, manager)
    with sqlite_database.reading() as session:
        [listed] = tokens.own_tokens(session, by=manager, now=NOW)
    with sqlite_database.transaction() as session:
        stranger = build.an_actor(manager.organisation_id, account=build.an_account(session))
    with pytest.raises(NotFound), sqlite_database.transaction() as session:
        tokens.revoke(session, token_id=listed.id, by=stranger, now=NOW)
    with sqlite_database.transaction() as session:
        tokens.revoke(session, token_id=listed.id, by=manager, now=NOW)
    assert asking_with(sqlite_database, token) is None


def test_the_token_is_in_no_event_and_no_notice(sqlite_database, manager) -> None:
    token = a_token(sqlite_database, manager)
    told = [event.detail for event in access.events(sqlite_database)]
    assert token not in repr(told) + repr(access.notices(sqlite_database))


def test_the_last_bank_manager_cannot_be_ended(sqlite_database, manager) -> None:
    with sqlite_database.reading() as session:
        [held] = roles.member(session, account_id=manager.account_id, by=manager).roles
    with pytest.raises(Refused, match="last_manager"), sqlite_database.transaction() as session:
        roles.end(
            session,
            account_id=manager.account_id,
            grant_id=held.grant_id,
            by=manager,
            now=NOW,
        )


def test_members_come_in_pages_and_can_be_searched(sqlite_database, manager) -> None:
    home = type("Home", (), {"id": manager.organisation_id})()
    with sqlite_database.transaction() as session:
        for name in ("ben", "cy", "dee"):
            account = build.an_account(session, email=f"{name}@example.org")
            roles.grant_to(session, account, R.WORKER, by=operator(home.id), now=NOW)

    def listed(**which) -> list[str]:
        with sqlite_database.reading() as session:
            return [one.email for one in roles.members(session, by=manager, **which)]

    first = listed(limit=2)
    assert first == ["ben@example.org", "cy@example.org"]
    assert listed(after=first[-1])[0] == "dee@example.org"
    assert listed(search=" DEE") == ["dee@example.org"]
    assert listed(role=R.WORKER) == ["ben@example.org", "cy@example.org", "dee@example.org"]
    assert listed(search="%") == []


@pytest.fixture
def network(sqlite_database: Database):
    """A practice in a primary care network, the practice's manager, the network's manager."""
    database = sqlite_database
    with database.transaction() as session:
        pcn = build.an_organisation(session, name="Harbour PCN", kind=OrganisationKind.PCN)
        practice = build.an_organisation(
            session, name="Quay Surgery", kind=OrganisationKind.GP_PRACTICE
        )
        kept(
            session,
            OrganisationMembership(member_id=practice.id, group_id=pcn.id, kind=MembershipKind.PCN),
            practice.id,
        )
    office = access.enter(database, pcn, "office@harbour.example.org", R.BANK_MANAGER)
    manager, _ = access.manager(database, practice, "manager@quay.example.org")
    return practice, pcn, manager, office


def delegate(database: Database, by, *, email="office@harbour.example.org", **fields):
    terms = {
        "role": R.BANK_MANAGER, "from_on": date(2026, 11, 22), "until_on": date(2027, 3, 31),
    }  # fmt: skip
    with database.transaction() as session:
        return delegations.make(session, email=email, by=by, now=NOW, **{**terms, **fields})


def places_of(database: Database, now=NOW):
    opened = access.with_password(database, "office@harbour.example.org", now=now)
    return {place.name: place for place in access.who(database, opened, now=now).places}


def test_a_delegate_acts_for_the_practice_as_themselves_until_the_last_day(
    sqlite_database, network
) -> None:
    practice, _, manager, office = network
    delegate(sqlite_database, manager)
    place = places_of(sqlite_database)["Quay Surgery"]
    assert (place.roles, place.delegated) == ({R.BANK_MANAGER}, True)
    with sqlite_database.reading() as session:
        actor = asking.by_email(
            session, email="office@harbour.example.org", organisation_id=practice.id, now=NOW
        )
    assert (actor.account_id, actor.delegated_by) == (office, practice.id)
    last_moment = later(days=129, hours=10, minutes=59)  # 31 March 2027, 23:59 in summer time
    assert "Quay Surgery" in places_of(sqlite_database, last_moment)
    assert "Quay Surgery" not in places_of(sqlite_database, later(days=129, hours=11))


def test_a_delegation_ends_when_the_organisation_says_so(sqlite_database, network) -> None:
    _, _, manager, _ = network
    made = delegate(sqlite_database, manager)
    with sqlite_database.transaction() as session:
        delegations.end(session, delegation_id=made.id, by=manager, now=NOW)
    assert "Quay Surgery" not in places_of(sqlite_database)
    with pytest.raises(NotFound), sqlite_database.transaction() as session:
        delegations.end(session, delegation_id=made.id, by=manager, now=NOW)


def test_a_delegation_ends_with_the_role_in_the_bank_office(sqlite_database, network) -> None:
    _, pcn, manager, office = network
    delegate(sqlite_database, manager)
    with sqlite_database.transaction() as session:
        by = operator(pcn.id)
        roles.end_all(session, office, pcn.id, by=by, now=NOW)
    assert access.events(sqlite_database, "delegation.ended")


def test_a_delegation_counts_only_while_the_organisation_is_of_the_network(
    sqlite_database, network
) -> None:
    practice, _, manager, _ = network
    delegate(sqlite_database, manager)
    with sqlite_database.transaction() as session:
        member = session.query(OrganisationMembership).filter_by(member_id=practice.id).one()
        member.until_on = date(2026, 12, 31)
        record(session, "test.left", subject_id=practice.id, by=operator(practice.id), now=NOW)
    assert "Quay Surgery" in places_of(sqlite_database, later(days=39))
    assert "Quay Surgery" not in places_of(sqlite_database, later(days=40))


def test_an_unknown_address_and_one_outside_the_network_get_the_same_answer(
    sqlite_database, network
) -> None:
    _, _, manager, _ = network
    other = access.trust(sqlite_database, "Far away")
    access.enter(sqlite_database, other, "far@example.org", R.BANK_MANAGER)
    said = []
    for email in ("far@example.org", "nobody@example.org"):
        with pytest.raises(Refused) as refused:
            delegate(sqlite_database, manager, email=email)
        said.append(refused.value.reasons)
    assert said[0] == said[1]

"""People enter by one-time links, come back after forgetting a password, and leave."""

import json

import pytest
import sqlalchemy as sa

from passport.actions.access import accounts, asking, factors, passwords, roles, tokens
from passport.actors import AccessRole as R
from passport.actors import Actor, operator
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.model.accounts import Account
from passport.sealing import hash_secret
from tests.support import access, build
from tests.support.access import NOW, OTHER_PASSWORD, PASSWORD, VAULT, later

EMAIL = "ada.okafor@rivermead.example.org"


def an_office(organisation_id, *held: R, **fields) -> Actor:
    return build.an_actor(organisation_id, *held, **{"stepped_up": True, **fields})


def invite(database: Database, by: Actor, email: str = EMAIL, role: R = R.WORKER, now=NOW):
    with database.transaction() as session:
        return accounts.invite(session, email=email, role=role, vault=VAULT, by=by, now=now)


def mailed(database: Database, template: str = "invitation") -> str:
    """The token in the latest notice of this kind."""
    return [c["token"] for t, c in access.notices(database) if t == template][-1]


def accept(database: Database, token: str, password: str = PASSWORD, name="Ada Okafor", now=NOW):
    with database.transaction() as session:
        return accounts.accept(
            session, token=token, display_name=name, new_password=password, vault=VAULT, now=now
        )


def test_an_invited_person_enters_by_the_mailed_link_and_nobody_else_sees_it(database) -> None:
    home = access.trust(database)
    invited = invite(database, an_office(home, R.HR_OFFICER))
    assert invited.token is None
    token = mailed(database)
    account = accept(database, token)
    assert account.id == invited.account_id
    assert account.verified_at == NOW
    assert token not in json.dumps([event.detail for event in access.events(database)])
    assert access.with_password(database, EMAIL) is not None


@pytest.mark.asvs("6.4.1")
def test_a_link_works_once_for_its_week_and_only_the_newest_one(sqlite_database) -> None:
    database = sqlite_database
    office = an_office(access.trust(database), R.HR_OFFICER)
    invite(database, office)
    first = mailed(database)
    invite(database, office, now=later(days=1))
    second = mailed(database)
    assert first != second
    for token, moment in [
        (first, later(days=1)), (second, later(days=8)), ("", NOW), ("x" * 43, NOW),
    ]:  # fmt: skip
        with pytest.raises(NotFound):
            accept(database, token, now=moment)
    accept(database, second, now=later(days=7, seconds=86_399))
    with pytest.raises(NotFound):
        accept(database, second, now=later(days=7, seconds=86_399))


def test_a_weak_password_leaves_the_link_usable(sqlite_database) -> None:
    database = sqlite_database
    invite(database, an_office(access.trust(database), R.HR_OFFICER))
    token = mailed(database)
    with pytest.raises(Invalid) as problem:
        accept(database, token, password="password1234")
    assert "new_password" in problem.value.fields
    with pytest.raises(Invalid, match="name_needed"):
        accept(database, token, name=" ")
    accept(database, token)


def test_inviting_someone_known_elsewhere_looks_the_same(sqlite_database) -> None:
    """What the inviting organisation can see: its answer, its list, its events."""
    database = sqlite_database
    access.enter(database, access.trust(database, "Elsewhere"), "known@example.org", R.AUDITOR)
    home = access.trust(database)
    office = an_office(home, R.HR_OFFICER)
    known = invite(database, office, "known@example.org")
    new = invite(database, office, "never-seen@example.org")
    assert known.token is new.token is None
    seen = [event for event in access.events(database) if event.organisation_id == home.id]
    of_each = {
        one.account_id: [(e.kind, e.detail) for e in seen if e.subject_id == one.account_id]
        for one in (known, new)
    }
    assert of_each[known.account_id] == of_each[new.account_id]
    with database.reading() as session:
        listed = roles.members(session, by=office)
    assert [(m.name, [h.role for h in m.roles]) for m in listed] == [("", [R.WORKER])] * 2
    templates = [template for template, _ in access.notices(database)][-2:]
    assert templates == ["role_added", "invitation"]


def test_an_exported_link_cannot_take_an_account(sqlite_database) -> None:
    """Whoever carries the link on the way only makes the real one go to the person."""
    database = sqlite_database
    home = access.trust(database)
    office = an_office(home, R.HR_OFFICER)
    invited = invite(database, office)
    with database.transaction() as session:
        [(email, handed)] = accounts.hand_over(
            session, account_ids=[invited.account_id], vault=VAULT, by=office, now=NOW
        )
    assert email == EMAIL
    with pytest.raises(NotFound):
        accept(database, handed)
    with database.transaction() as session:
        accounts.answer_handed(session, token=handed, vault=VAULT, now=NOW)
    accept(database, mailed(database, "invitation_again"))


WHO_MAY_INVITE = {
    "HR may let workers in": (R.HR_OFFICER, R.WORKER, True, None),
    "HR may not make managers": (R.HR_OFFICER, R.BANK_MANAGER, True, "forbidden"),
    "a manager may make managers": (R.BANK_MANAGER, R.BANK_MANAGER, True, None),
    "a manager needs a fresh second factor for that": (
        R.BANK_MANAGER, R.AUDITOR, False, "step_up_needed",
    ),
    "a coordinator may not let anybody in": (R.ROTA_COORDINATOR, R.WORKER, True, "forbidden"),
    "nor may a worker": (R.WORKER, R.WORKER, True, "forbidden"),
}  # fmt: skip


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize(
    ("by", "role", "fresh", "code"), WHO_MAY_INVITE.values(), ids=WHO_MAY_INVITE.keys()
)
def test_who_may_invite_whom(sqlite_database, by: R, role: R, fresh: bool, code) -> None:
    office = an_office(access.trust(sqlite_database), by, stepped_up=fresh)
    if code is None:
        assert invite(sqlite_database, office, role=role).account_id
        return
    with pytest.raises(Forbidden) as problem:
        invite(sqlite_database, office, role=role)
    assert problem.value.code == code


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@x.org", "a b@x.org", "ada@x", "a@x.org\nBcc: b@x.org", "x" * 300]
)
def test_what_is_no_address_is_refused(sqlite_database, email: str) -> None:
    with pytest.raises(Invalid, match="not_an_email"):
        invite(sqlite_database, operator(access.trust(sqlite_database).id), email)


def ask_reset(database: Database, email: str, now=NOW) -> None:
    with database.transaction() as session:
        passwords.ask_reset(session, email=email, address=access.HOME, vault=VAULT, now=now)


def reset(database: Database, token: str, now=NOW) -> None:
    with database.transaction() as session:
        passwords.reset(session, token=token, new_password=OTHER_PASSWORD, vault=VAULT, now=now)


@pytest.mark.asvs("6.4.3")
def test_a_reset_changes_the_password_ends_sessions_and_keeps_the_second_factor(database) -> None:
    home = access.trust(database)
    access.enter(database, home, EMAIL, R.BANK_MANAGER)
    _, opened = access.enrol(database, access.with_password(database, EMAIL))
    ask_reset(database, f" {EMAIL.upper()} ")
    reset(database, mailed(database, "reset"))
    assert access.if_alive(database, opened) is None
    assert access.with_password(database, EMAIL) is None
    again = access.with_password(database, EMAIL, password=OTHER_PASSWORD)
    assert access.who(database, again).standing == "second_factor_needed"


def test_a_reset_link_lives_an_hour_and_for_an_unknown_address_nothing_goes_out(
    sqlite_database,
) -> None:
    database = sqlite_database
    access.enter(database, access.trust(database), EMAIL, R.WORKER)
    before = len(access.notices(database))
    ask_reset(database, "nobody@example.org")
    assert len(access.notices(database)) == before
    ask_reset(database, EMAIL)
    token = mailed(database, "reset")
    with pytest.raises(NotFound):
        reset(database, token, later(hours=1))
    reset(database, token, later(minutes=59))


def test_links_to_one_address_are_throttled_known_or_not(sqlite_database) -> None:
    for email in (EMAIL, "nobody@example.org"):
        for _ in range(3):
            ask_reset(sqlite_database, email)
        with pytest.raises(Refused, match="too_many_attempts"):
            ask_reset(sqlite_database, email)
        ask_reset(sqlite_database, email, later(minutes=20))


@pytest.mark.asvs("6.2.2")
@pytest.mark.asvs("6.2.3")
@pytest.mark.asvs("7.4.3")
def test_changing_the_password_wants_the_present_one_and_ends_the_other_sessions(
    sqlite_database,
) -> None:
    database = sqlite_database
    access.enter(database, access.trust(database), EMAIL, R.WORKER)
    here, elsewhere = (access.with_password(database, EMAIL) for _ in range(2))
    me = access.who(database, here)

    def change(password: str) -> bool:
        with database.transaction() as session:
            return passwords.change(
                session,
                password=password,
                new_password=OTHER_PASSWORD,
                session_hash=me.session_hash,
                vault=VAULT,
                by=me.actor,
                now=NOW,
            )

    assert not change("wrong wrong wrong")
    assert access.if_alive(database, elsewhere)
    assert change(PASSWORD)
    assert access.if_alive(database, here)
    assert access.if_alive(database, elsewhere) is None
    assert access.notices(database)[-1][0] == "password_changed"


def leave(database: Database, account_id, by: Actor) -> None:
    with database.transaction() as session:
        accounts.leave(session, account_id=account_id, by=by, now=NOW)


@pytest.mark.asvs("7.4.2")
def test_for_a_leaver_every_session_and_token_is_dead_at_once(database) -> None:
    home = access.trust(database)
    account_id = access.enter(database, home, EMAIL, R.WORKER)
    opened = [access.with_password(database, EMAIL) for _ in range(3)]
    with database.transaction() as session:
        token = tokens.make_for(
            session, account_id=account_id, name="ward board", scopes=None,
            by=operator(home.id), now=NOW,
        )  # fmt: skip
    leave(database, account_id, an_office(home, R.HR_OFFICER))
    assert [access.if_alive(database, one) for one in opened] == [None] * 3
    with database.reading() as session:
        assert asking.by_token(session, token_hash=hash_secret(token), now=NOW) is None
        assert session.get_one(Account, account_id).closed_at == NOW
    assert access.with_password(database, EMAIL) is None


def test_leaving_one_organisation_leaves_the_other_be_and_tells_it_nothing(sqlite_database) -> None:
    database = sqlite_database
    first, second = access.trust(database, "First"), access.trust(database, "Second")
    account_id = access.enter(database, first, EMAIL, R.WORKER)
    invite(database, operator(second.id))
    before = {e.id for e in access.events(database) if e.organisation_id == second.id}
    leave(database, account_id, an_office(first, R.HR_OFFICER))
    opened = access.with_password(database, EMAIL)
    assert [place.name for place in access.who(database, opened).places] == ["Second"]
    after = {e.id for e in access.events(database) if e.organisation_id == second.id}
    assert after == before


def test_whoever_returns_after_leaving_enters_anew_with_nothing_of_before(sqlite_database) -> None:
    database = sqlite_database
    home = access.trust(database)
    account_id = access.enter(database, home, EMAIL, R.BANK_MANAGER)
    access.enrol(database, access.with_password(database, EMAIL))
    access.enter(database, home, "other@rivermead.example.org", R.BANK_MANAGER)
    leave(database, account_id, an_office(home, R.HR_OFFICER))
    again = invite(database, operator(home.id), role=R.BANK_MANAGER)
    assert again.account_id == account_id
    assert access.with_password(database, EMAIL) is None
    accept(database, again.token, OTHER_PASSWORD)
    opened = access.with_password(database, EMAIL, password=OTHER_PASSWORD)
    assert access.who(database, opened).standing == "enrolment_needed"


def test_another_organisations_people_are_not_found(sqlite_database) -> None:
    database = sqlite_database
    theirs = access.enter(database, access.trust(database, "Theirs"), EMAIL, R.WORKER)
    ours = an_office(access.trust(database), R.BANK_MANAGER, R.HR_OFFICER)
    deeds = [
        lambda s: accounts.leave(s, account_id=theirs, by=ours, now=NOW),
        lambda s: accounts.end_sessions(s, account_id=theirs, by=ours, now=NOW),
        lambda s: accounts.invite_again(s, account_id=theirs, vault=VAULT, by=ours, now=NOW),
        lambda s: accounts.hand_over(s, account_ids=[theirs], vault=VAULT, by=ours, now=NOW),
        lambda s: roles.grant(s, account_id=theirs, role=R.AUDITOR, by=ours, now=NOW),
        lambda s: roles.member(s, account_id=theirs, by=ours),
    ]
    for deed in deeds:
        with pytest.raises(NotFound), database.transaction() as session:
            deed(session)


def test_accepting_attaches_the_person_the_inviting_organisation_holds(sqlite_database) -> None:
    database = sqlite_database
    home = access.trust(database)
    with database.transaction() as session:
        build.a_person(session, access.trust(database, "Not inviting"), email=EMAIL)
        person = build.a_person(session, home, email=EMAIL)
    access.enter(database, home, EMAIL, R.WORKER)
    opened = access.with_password(database, EMAIL)
    assert access.who(database, opened).actor.person_id == person.holder_id


@pytest.mark.asvs("6.4.4")
def test_only_the_operator_clears_lost_factors(sqlite_database) -> None:
    database = sqlite_database
    home = access.trust(database)
    account_id = access.enter(database, home, EMAIL, R.BANK_MANAGER)
    access.enrol(database, access.with_password(database, EMAIL))
    office = an_office(home, R.BANK_MANAGER, R.HR_OFFICER)
    with pytest.raises(Forbidden), database.transaction() as session:
        factors.clear(session, account_id=account_id, by=office, now=NOW)
    with database.transaction() as session:
        factors.clear(session, account_id=account_id, by=operator(), now=NOW)
    opened = access.with_password(database, EMAIL)
    assert access.who(database, opened).standing == "enrolment_needed"


def test_the_operator_closes_an_account_everywhere(sqlite_database) -> None:
    database = sqlite_database
    first, second = access.trust(database, "First"), access.trust(database, "Second")
    account_id = access.enter(database, first, EMAIL, R.WORKER)
    invite(database, operator(second.id))
    leave(database, account_id, operator())
    with database.reading() as session:
        closed = session.scalar(sa.select(Account.closed_at).where(Account.id == account_id))
    assert closed == NOW

"""Signing in: passwords, throttles, sessions, and where one acts."""

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from passport import hashing
from passport.actions.access import links, sessions, sign_in, throttles
from passport.actors import AccessRole as R
from passport.actors import Actor
from passport.db import Database
from passport.errors import NotFound, Refused
from passport.model.accounts import Account, SignIn
from passport.rules.access.sign_in import Standing
from passport.sealing import hash_secret
from tests.support import access, build
from tests.support.access import NOW, VAULT, later

EMAIL = "ada.okafor@rivermead.example.org"


@pytest.fixture
def home(sqlite_database: Database):
    organisation = access.trust(sqlite_database)
    access.enter(sqlite_database, organisation, EMAIL, R.BANK_MANAGER)
    return organisation


def test_a_manager_enrols_first_and_gives_the_factor_from_then_on(database) -> None:
    home = access.trust(database)
    access.enter(database, home, EMAIL, R.BANK_MANAGER)
    first = access.with_password(database, EMAIL)
    assert access.who(database, first).standing is Standing.ENROLMENT_NEEDED
    app, enrolled = access.enrol(database, first)
    assert access.who(database, enrolled).standing is Standing.COMPLETE
    assert len(app.codes) == 10
    second = access.with_password(database, EMAIL, now=later(minutes=1))
    asking = access.who(database, second, now=later(minutes=1))
    assert asking.standing is Standing.SECOND_FACTOR_NEEDED
    assert not asking.actor.stepped_up
    done = access.give(database, second, app.code(later(minutes=1)), later(minutes=1))
    asking = access.who(database, done, now=later(minutes=1))
    assert asking.standing is Standing.COMPLETE
    assert asking.actor.stepped_up
    assert asking.actor.roles == {R.BANK_MANAGER}
    assert asking.actor.organisation_id == home.id


@pytest.mark.asvs("7.2.4")
def test_every_proof_gives_a_new_session_and_the_old_one_is_dead(sqlite_database, home) -> None:
    first = access.with_password(sqlite_database, EMAIL)
    app, second = access.enrol(sqlite_database, first)
    third = access.give(sqlite_database, second, app.code(later(seconds=30)), later(seconds=30))
    tokens = [one.token for one in (first, second, third)]
    assert len(set(tokens)) == 3
    alive = [access.if_alive(sqlite_database, one) is not None for one in (first, second, third)]
    assert alive == [False, False, True]


def test_mutant_with_a_session_that_is_not_replaced_the_old_one_lives_on(
    sqlite_database, home, monkeypatch
) -> None:
    """Shows that the test above looks at the control: with it off, it would fail."""
    real = sessions.replace

    def keep_the_old(session, old, *, now, proof):
        opened = real(session, old, now=now, proof=proof)
        old.ended_at = None
        return opened

    monkeypatch.setattr(sessions, "replace", keep_the_old)
    monkeypatch.setattr(sessions, "end_all", lambda *_args, **_kw: None)
    with pytest.raises(AssertionError):
        test_every_proof_gives_a_new_session_and_the_old_one_is_dead(sqlite_database, home)


@pytest.mark.asvs("6.3.1")
def test_wrong_passwords_are_throttled_by_account_and_address_but_lock_nobody_out(
    sqlite_database, home
) -> None:
    for _ in range(6):
        assert access.with_password(sqlite_database, EMAIL, password="wrong" * 4) is None
    with pytest.raises(Refused) as refused:
        access.with_password(sqlite_database, EMAIL)
    assert refused.value.reasons[0].evidence["retry_after_seconds"] <= 61
    assert access.with_password(sqlite_database, EMAIL, address="203.0.113.80")
    assert access.with_password(sqlite_database, EMAIL, now=later(minutes=1))


def test_an_account_tried_from_many_addresses_is_throttled(sqlite_database) -> None:
    def tries(now=NOW) -> int:
        count = 0
        with pytest.raises(Refused):
            for n in range(200):
                with sqlite_database.transaction() as session:
                    sign_in.begin(
                        session, email=EMAIL, address=f"203.0.113.{n}", vault=VAULT, now=now
                    )
                count += 1
        return count

    assert tries() == 40
    assert tries(later(minutes=40)) == 10


def test_one_address_trying_many_accounts_is_throttled(sqlite_database) -> None:
    with pytest.raises(Refused):
        for n in range(102):
            with sqlite_database.transaction() as session:
                sign_in.begin(
                    session, email=f"u{n}@example.org", address=access.HOME, vault=VAULT, now=NOW
                )
    assert n == 100


def test_mutant_with_the_throttle_off_guesses_go_on(sqlite_database, home, monkeypatch) -> None:
    """Shows that the throttle tests look at the control: with it off, they would fail."""
    monkeypatch.setattr(throttles, "pour", lambda *_args, **_kw: None)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        test_an_account_tried_from_many_addresses_is_throttled(sqlite_database)


def test_right_passwords_do_not_fill_the_buckets(sqlite_database, home) -> None:
    for _ in range(8):
        assert access.with_password(sqlite_database, EMAIL)


@pytest.mark.slow
@pytest.mark.asvs("6.3.1")
def test_an_unknown_address_takes_as_long_as_a_known_one(sqlite_database, home) -> None:
    """The quickest of many, in turn: a busy machine only adds to what a look itself takes."""
    times: dict[str, list[float]] = {EMAIL: [], "nobody@example.org": []}
    for n in range(25):
        for email, taken in times.items():
            start = time.perf_counter()
            access.with_password(
                sqlite_database, email, password="wrong" * 4, address=f"10.{n}.0.1",
                now=later(hours=n),
            )  # fmt: skip
            taken.append(time.perf_counter() - start)
    known, unknown = (min(taken) for taken in times.values())
    assert abs(known - unknown) < 0.25 * known


def test_an_unknown_address_leaves_the_same_traces_as_a_known_one(sqlite_database, home) -> None:
    for email in (EMAIL, "nobody@example.org"):
        assert access.with_password(sqlite_database, email, password="wrong" * 4) is None
    known, unknown = access.events(sqlite_database, "sign_in.failed")
    assert (known.detail, known.by_account_id) == (unknown.detail, unknown.by_account_id)
    assert "nobody" not in str(unknown.subject_id)


def test_too_many_hashes_at_once_wait_and_then_give_up(monkeypatch) -> None:
    monkeypatch.setattr(hashing, "WAIT_SECONDS", 0.01)
    for _ in range(hashing.AT_ONCE):
        hashing._places.acquire()
    try:
        with pytest.raises(hashing.TooBusy):
            hashing.is_right(None, "x")
    finally:
        for _ in range(hashing.AT_ONCE):
            hashing._places.release()


@pytest.mark.asvs("6.2.8")
def test_a_password_is_checked_exactly_as_typed() -> None:
    made = hashing.hash_password("Kettle orbit mustard ")
    assert hashing.is_right(made, "Kettle orbit mustard ")
    for other in ("kettle orbit mustard ", "Kettle orbit mustard", "Kettle orbit mustard  "):
        assert not hashing.is_right(made, other)
    long = hashing.hash_password("x" * 127 + "y")
    assert not hashing.is_right(long, "x" * 127 + "z")


@pytest.mark.asvs("7.5.2")
def test_a_person_sees_their_sessions_and_ends_one_or_all(sqlite_database, home) -> None:
    here, there = (access.with_password(sqlite_database, EMAIL) for _ in range(2))
    me = access.who(sqlite_database, here)
    with sqlite_database.reading() as session:
        listed = sessions.own_sessions(session, token_hash=me.session_hash, by=me.actor, now=NOW)
    assert sorted(one.current for one in listed) == [False, True]
    [other] = [one for one in listed if not one.current]
    with sqlite_database.transaction() as session:
        sessions.end_own(session, handle=other.handle, by=me.actor, now=NOW)
    assert access.if_alive(sqlite_database, there) is None
    assert access.if_alive(sqlite_database, here)
    with sqlite_database.transaction() as session:
        sessions.end_everywhere(session, by=me.actor, now=NOW)
    assert access.if_alive(sqlite_database, here) is None
    for handle in ("", "%", "_" * 20, other.handle):
        with pytest.raises(NotFound), sqlite_database.transaction() as session:
            sessions.end_own(session, handle=handle, by=me.actor, now=NOW)


def test_a_session_dies_idle_and_by_age_and_use_keeps_it_alive(sqlite_database, home) -> None:
    _, opened = access.enrol(sqlite_database, access.with_password(sqlite_database, EMAIL))
    session_hash = access.who(sqlite_database, opened).session_hash
    half_hour = timedelta(minutes=30)
    assert access.if_alive(sqlite_database, opened, now=NOW + half_hour) is None
    moment = NOW
    while moment < NOW + timedelta(hours=12):
        assert access.if_alive(sqlite_database, opened, now=moment)
        with sqlite_database.transaction() as session:
            sessions.touch(session, session_hash, moment)
        moment += timedelta(minutes=29)
    assert access.if_alive(sqlite_database, opened, now=moment) is None


@pytest.mark.asvs("6.3.2")
def test_one_click_works_for_seeded_accounts_of_a_demo_only(sqlite_database) -> None:
    with sqlite_database.transaction() as session:
        home = build.an_organisation(session)
        seeded = build.an_account(session, demo=True)
        real = build.an_account(session)

    def click(account: Account, demo: bool):
        with sqlite_database.transaction() as session:
            return sign_in.enter_demo(session, account_id=account.id, demo=demo, device="", now=NOW)

    opened = click(seeded, True)
    asking = access.who(sqlite_database, opened, demo=True)
    assert asking.waived
    assert home.id not in [place.organisation_id for place in asking.places]
    for account, demo in ((real, True), (seeded, False)):
        with pytest.raises(NotFound):
            click(account, demo)


def test_a_seeded_account_outside_the_demo_needs_its_second_factor(sqlite_database, home) -> None:
    with sqlite_database.transaction() as session:
        account = session.scalar(sa.select(Account).where(Account.email == EMAIL))
        account.demo = True
        build.an_event(session, home.id)
    opened = access.with_password(sqlite_database, EMAIL)
    assert access.who(sqlite_database, opened, demo=True).standing is Standing.COMPLETE
    outside = access.who(sqlite_database, opened, demo=False)
    assert outside.standing is Standing.ENROLMENT_NEEDED


@pytest.mark.asvs("6.3.4")
def test_a_sign_in_from_a_device_not_seen_before_is_told(sqlite_database, home) -> None:
    def told() -> int:
        return [t for t, _ in access.notices(sqlite_database)].count("new_device")

    with sqlite_database.transaction() as session:
        account = session.scalar(sa.select(Account).where(Account.email == EMAIL))
        for device in ("Firefox on Linux", "Firefox on Linux", "Chrome on Android"):
            sign_in.enter_invited(
                session, account=account, device=device, own_device=False, now=later(minutes=told())
            )
    assert told() == 1


def test_acting_for_another_organisation_wants_a_role_there(sqlite_database, home) -> None:
    database = sqlite_database
    other, strange = access.trust(database, "Other"), access.trust(database, "Strange")
    access.enter(database, other, EMAIL, R.AUDITOR)
    opened = access.with_password(database, EMAIL)
    me = access.who(database, opened)

    def act_for(organisation) -> None:
        with database.transaction() as session:
            sign_in.act_for(
                session, session_hash=me.session_hash, organisation_id=organisation.id, now=NOW
            )

    act_for(other)
    actor: Actor = access.who(database, opened).actor
    assert (actor.organisation_id, actor.roles) == (other.id, {R.AUDITOR})
    with pytest.raises(NotFound):
        act_for(strange)


def test_what_is_dead_for_a_month_is_forgotten_and_what_lives_stays(sqlite_database, home) -> None:
    access.with_password(sqlite_database, EMAIL)
    live = access.with_password(sqlite_database, EMAIL, own_device=True, now=later(days=45))
    with sqlite_database.transaction() as session:
        assert sessions.forget_dead(session, later(days=46)) == 1
        assert links.forget_expired(session, later(days=36)) == 0
        assert links.forget_expired(session, later(days=38)) == 1
        assert throttles.forget_empty(session, later(days=46)) == 0
        assert throttles.forget_empty(session, later(days=48)) == 3
        assert session.scalars(sa.select(SignIn.token_hash)).all() == [hash_secret(live.token)]

"""Second factors of an account: given once each, enrolled, removed, and kept out of sight."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from passport.actions.access import factors, own
from passport.actors import AccessRole as R
from passport.actors import Via
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.model.accounts import Account, RecoveryCode, SecondFactor
from passport.rules.access import totp
from passport.rules.access.sign_in import Standing
from tests.support import access
from tests.support.access import NOW, VAULT, later

EMAIL = "ada.okafor@rivermead.example.org"


@pytest.fixture
def home(sqlite_database: Database):
    organisation = access.trust(sqlite_database)
    access.enter(sqlite_database, organisation, EMAIL, R.BANK_MANAGER)
    return organisation


@pytest.mark.asvs("6.5.1")
def test_a_code_works_once_in_any_session(sqlite_database, home) -> None:
    app, _ = access.enrol(sqlite_database, access.with_password(sqlite_database, EMAIL))
    moment = later(minutes=1)
    one, two = (access.with_password(sqlite_database, EMAIL, now=moment) for _ in range(2))
    code = app.code(moment)
    assert access.give(sqlite_database, one, code, moment)
    assert access.give(sqlite_database, two, code, moment) is None


def test_mutant_without_the_memory_of_used_steps_a_code_works_twice(
    sqlite_database, home, monkeypatch
) -> None:
    """Shows that the test above looks at the control: with it off, it would fail."""
    real = totp.matching_step
    monkeypatch.setattr(totp, "matching_step", lambda s, c, n, _last: real(s, c, n, None))
    with pytest.raises(AssertionError):
        test_a_code_works_once_in_any_session(sqlite_database, home)


@pytest.mark.asvs("6.5.1")
def test_a_recovery_code_works_once_and_is_told(sqlite_database, home) -> None:
    app, opened = access.enrol(sqlite_database, access.with_password(sqlite_database, EMAIL))
    code = app.codes[4].lower().replace("-", " ")
    opened = access.give(sqlite_database, opened, code)
    assert opened is not None
    assert access.notices(sqlite_database)[-1][0] == "recovery_code_used"
    assert access.give(sqlite_database, opened, code) is None
    assert access.give(sqlite_database, opened, app.codes[5])


@pytest.mark.asvs("6.5.2")
def test_secrets_are_not_readable_in_the_database(sqlite_database, home) -> None:
    app, _ = access.enrol(sqlite_database, access.with_password(sqlite_database, EMAIL))
    with sqlite_database.reading() as session:
        sealed = session.scalar(sa.select(SecondFactor.sealed_secret))
        hashes = session.scalars(sa.select(RecoveryCode.code_hash)).all()
        password_hash = session.scalar(sa.select(Account.password_hash))
    assert app.secret.encode() not in sealed
    assert not set(app.codes) & set(hashes)
    assert password_hash.startswith("$argon2id$")


@pytest.mark.asvs("6.6.3")
def test_second_factors_are_throttled_by_account_over_all_sessions(sqlite_database, home) -> None:
    app, _ = access.enrol(sqlite_database, access.with_password(sqlite_database, EMAIL))
    moment = later(minutes=1)
    for _ in range(8):
        opened = access.with_password(sqlite_database, EMAIL, now=moment)
        assert access.give(sqlite_database, opened, "000000", moment) is None
    with pytest.raises(Refused):
        access.give(sqlite_database, opened, app.code(moment), moment)


@pytest.mark.asvs("7.5.1")
def test_changing_factors_wants_a_proof_given_just_now(sqlite_database, home) -> None:
    _, opened = access.enrol(sqlite_database, access.with_password(sqlite_database, EMAIL))
    stale = access.who(sqlite_database, opened, now=later(minutes=5)).actor
    fresh = access.who(sqlite_database, opened, now=later(minutes=4, seconds=59)).actor
    with pytest.raises(Forbidden, match="step_up_needed"), sqlite_database.transaction() as s:
        factors.start_totp(s, vault=VAULT, by=stale, now=NOW)
    with pytest.raises(Forbidden, match="step_up_needed"), sqlite_database.transaction() as s:
        factors.new_recovery_codes(s, vault=VAULT, by=stale, now=NOW)
    with sqlite_database.transaction() as session:
        assert len(factors.new_recovery_codes(session, vault=VAULT, by=fresh, now=NOW)) == 10


def test_a_token_can_never_change_its_owners_account(sqlite_database, home) -> None:
    opened = access.with_password(sqlite_database, EMAIL)
    by = replace(access.who(sqlite_database, opened).actor, via=Via.TOKEN, stepped_up=True)
    with pytest.raises(Forbidden), sqlite_database.transaction() as session:
        factors.start_totp(session, vault=VAULT, by=by, now=NOW)


@pytest.mark.asvs("7.4.3")
def test_a_new_factor_ends_the_other_sessions_and_is_told(sqlite_database, home) -> None:
    elsewhere = access.with_password(sqlite_database, EMAIL)
    access.enrol(sqlite_database, access.with_password(sqlite_database, EMAIL))
    assert access.if_alive(sqlite_database, elsewhere) is None
    assert access.notices(sqlite_database)[-1][0] == "factor_added"


def test_the_last_factor_stays_while_a_role_needs_one(sqlite_database) -> None:
    database = sqlite_database
    home = access.trust(database)
    access.enter(database, home, EMAIL, R.WORKER)
    access.enter(database, home, "boss@example.org", R.BANK_MANAGER)
    for email, may in ((EMAIL, True), ("boss@example.org", False)):
        app, opened = access.enrol(database, access.with_password(database, email))
        me = access.who(database, opened)
        with database.transaction() as session:
            remove = {
                "factor_id": app.factor_id, "session_hash": me.session_hash,
                "by": me.actor, "now": NOW,
            }  # fmt: skip
            if may:
                factors.remove(session, **remove)
                assert factors.codes_left(session, by=me.actor) == 0
            else:
                with pytest.raises(Refused, match="last_factor"):
                    factors.remove(session, **remove)


def test_someone_elses_factor_cannot_be_confirmed_or_removed(sqlite_database, home) -> None:
    app, _ = access.enrol(sqlite_database, access.with_password(sqlite_database, EMAIL))
    access.enter(sqlite_database, home, "eve@example.org", R.WORKER)
    eve = access.who(sqlite_database, access.with_password(sqlite_database, "eve@example.org"))
    own = {"factor_id": app.factor_id, "session_hash": eve.session_hash, "by": eve.actor}
    with pytest.raises(NotFound), sqlite_database.transaction() as session:
        factors.remove(session, now=NOW, **own)
    with pytest.raises(NotFound), sqlite_database.transaction() as session:
        factors.confirm_totp(session, code="000000", vault=VAULT, now=NOW, **own)


def test_a_wrong_first_code_does_not_put_an_app_into_force(sqlite_database, home) -> None:
    opened = access.with_password(sqlite_database, EMAIL)
    me = access.who(sqlite_database, opened)
    with sqlite_database.transaction() as session:
        started = factors.start_totp(session, vault=VAULT, by=me.actor, now=NOW)
    with pytest.raises(Invalid, match="code_wrong"), sqlite_database.transaction() as session:
        factors.confirm_totp(
            session, factor_id=started.factor_id, code="000000",
            session_hash=me.session_hash, vault=VAULT, by=me.actor, now=NOW,
        )  # fmt: skip
    assert access.who(sqlite_database, opened).standing is Standing.ENROLMENT_NEEDED


def test_mutant_with_step_up_off_a_stale_session_changes_factors(
    sqlite_database, home, monkeypatch
) -> None:
    """Shows that the step-up test looks at the control: with it off, it would fail."""
    monkeypatch.setattr(own, "demand_fresh", lambda _by: None)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        test_changing_factors_wants_a_proof_given_just_now(sqlite_database, home)

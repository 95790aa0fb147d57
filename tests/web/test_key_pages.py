"""The key page of a trust's managers: what signs, the next key, one in other hands."""

import pytest

from passport.actors import AccessRole
from passport.db import Database
from passport.model.keys import KeyPurpose, SigningKey
from tests.support import access, issuing
from tests.support.access import VAULT
from tests.support.access_web import Site, Visitor, a_site
from tests.web.test_sign_in import enrol

MANAGER, OFFICER = "manager@rivermead.example.org", "officer@rivermead.example.org"


@pytest.fixture
def site(sqlite_database: Database) -> Site:
    home = access.trust(sqlite_database)
    access.enter(sqlite_database, home, MANAGER, AccessRole.BANK_MANAGER)
    access.enter(sqlite_database, home, OFFICER, AccessRole.HR_OFFICER)
    with sqlite_database.transaction() as session:
        issuing.keys_for(session, home, VAULT)
    return a_site(sqlite_database)


def signed_in(site: Site, email: str = MANAGER) -> Visitor:
    visitor = site.visitor()
    visitor.sign_in(email)
    enrol(visitor)
    return visitor


def own(site: Site, purpose: KeyPurpose = KeyPurpose.ISSUER) -> list[SigningKey]:
    with site.database.reading() as session:
        found = session.query(SigningKey).filter(
            SigningKey.purpose == purpose, SigningKey.organisation_id.is_not(None)
        )
        return found.order_by(SigningKey.made_at).all()


def test_the_keys_and_their_states(site: Site) -> None:
    page = signed_in(site).get("/keys").text
    assert "Signs</strong>" in page
    for purpose in (KeyPurpose.ISSUER, KeyPurpose.REQUEST):
        assert own(site, purpose)[0].kid[:12] in page
    assert "None. The operator adds one" in page


def test_the_next_key_is_made_and_waits(site: Site) -> None:
    visitor = signed_in(site)
    sent = visitor.fill("/keys/rotate", purpose="issuer")
    assert (sent.status_code, sent.location) == (303, "/keys")
    assert "Known to verifiers" in visitor.get("/keys").text
    assert len(own(site)) == 2
    for wrong in ("root", "trust_list", "nothing"):
        assert visitor.fill("/keys/rotate", purpose=wrong).status_code == 422
    assert len(own(site)) == 2


def test_a_key_is_withdrawn_and_another_signs(site: Site) -> None:
    visitor = signed_in(site)
    path = f"/keys/{own(site)[0].id}/replace"
    assert visitor.fill(path, since="").status_code == 422
    sent = visitor.fill(path, since="2026-11-01")
    assert (sent.status_code, sent.location) == (303, "/keys")
    assert "Withdrawn: nothing it signed counts" in visitor.get("/keys").text
    old, new = own(site)
    assert (old.revoked_from is not None, new.revoked_from) == (True, None)
    assert visitor.fill(path, since="2026-11-01").status_code == 404


def test_it_wants_the_second_factor_again(site: Site) -> None:
    visitor = signed_in(site)
    site.clock.move(minutes=10)
    for path in ("/keys/rotate", f"/keys/{own(site)[0].id}/replace"):
        asked = visitor.get(path)
        assert asked.status_code == 303
        assert "/account/confirm" in asked.location or "confirm" in asked.location


def test_an_officer_reads_and_changes_nothing(site: Site) -> None:
    officer = signed_in(site, OFFICER)
    page = officer.get("/keys").text
    assert "Make the next key" not in page
    assert "/replace" not in page
    assert officer.get("/keys/rotate").status_code == 403
    assert officer.get(f"/keys/{own(site)[0].id}/replace").status_code == 403

"""A wallet of another make collects from a running server, by the text of the standard alone."""

import pytest

from passport.app import wall_clock
from passport.db import Database
from passport.model.collecting import Collection
from passport.model.credentials import CredentialState, Wallet
from passport.rules.tokens import es256, sd_jwt
from passport.rules.tokens.x509_chain import check_chain
from tests.support import collecting, issuing, other_makes
from tests.support.live import free_port, serving


@pytest.fixture
def third_party_wallet() -> None:
    other_makes.demand()


@pytest.mark.parametrize("link", ["link", "short_link"])
@pytest.mark.usefixtures("third_party_wallet")
def test_a_wallet_of_another_make_collects(sqlite_database: Database, link: str) -> None:
    port = free_port()
    world = collecting.an_issuer(sqlite_database, f"http://localhost:{port}")
    world.now = wall_clock()  # the wallet has the machine's clock
    offered = world.offer(with_tx_code=True)
    with serving(world.app, port):
        got = other_makes.run("wallet.mjs", getattr(offered, link), offered.tx_code or "")
    assert got["version"] == "V1"
    assert set(got["credentials"]) == set(issuing.SAID)
    assert set(issuing.SAID) <= set(got["known"])
    with sqlite_database.reading() as session:
        root = issuing.keys.root_pem(session)
        told = {one.told for one in session.query(Collection)}
        labels = [one.label for one in session.query(Wallet)]
    for kind, texts in {**got["credentials"], "identity": [got["fresh"][0]]}.items():
        (text,) = texts
        token = sd_jwt.read(text)
        claims = token.issuer_claims
        header = token.issued.header
        check_chain(header["x5c"], [root], world.now)
        assert claims["iss"] == f"{world.base}/passport/issuers/RWJ"
        assert claims["vct"] == f"{world.base}/passport/types/{kind}/1"
        assert es256.from_jwk(claims["cnf"]["jwk"]) == es256.from_jwk(got["publicJwk"])
        assert world.credential(kind).state is CredentialState.HELD
    assert told == {"credential_accepted"}
    assert labels == ["Wallet (node)"]

"""Other installations' lists: brought with a root, renewed, given up; no step back."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from passport.actions.trust import own_list, trust
from passport.actors import AccessRole, job, operator
from passport.db import Database
from passport.errors import Forbidden, NotFound, Refused
from passport.events import Event
from passport.model.keys import FetchedStatusList, TrustedList
from passport.rules.tokens import addresses, es256, x509_chain
from passport.rules.tokens.es256 import PrivateKey
from passport.rules.tokens.status_list import StatusList
from passport.rules.tokens.trust_list import Issuer, ListedKey, TrustList
from tests.support import build, issuing
from tests.support.issuing import BASE, NOW, WHERE

ELSEWHERE = "http://127.0.0.1:8999"
LISTS = f"{ELSEWHERE}/passport/status-lists/"
DAY = timedelta(days=1)


@dataclass
class Elsewhere:
    """Another installation: one issuer, and a root over its list's signer."""

    ods: str = "RXX"
    issuer_key: PrivateKey = field(default_factory=es256.new_key)
    list_key: PrivateKey = field(default_factory=es256.new_key)
    root_key: PrivateKey = field(default_factory=es256.new_key)
    revoked: bool = False
    at: datetime = NOW

    def __post_init__(self) -> None:
        self.root = x509_chain.make_root("Elsewhere", self.root_key, now=self.at)
        self.leaf = x509_chain.make_leaf(
            "List", es256.public(self.list_key), root=self.root, root_key=self.root_key,
            now=self.at, uri=ELSEWHERE, purposes=(x509_chain.TRUST_LIST_SIGNING,),
        )  # fmt: skip

    def listed(self, version: int = 1) -> TrustList:
        key = es256.public(self.issuer_key)
        one = ListedKey(kid=key.kid, key=key, not_before=self.at - DAY, not_after=self.at + 9 * DAY)
        one = replace(one, revoked_from=self.at - DAY if self.revoked else None)
        return TrustList(
            iss=ELSEWHERE, sub=addresses.trust_list(ELSEWHERE), iat=self.at, exp=self.at + 30 * DAY,
            version=version, vct_base=ELSEWHERE, status_prefixes=(LISTS,),
            issuers=(Issuer(self.ods, "The other", (one,), frozenset({"identity"})),),
        )  # fmt: skip

    def text(self, version: int = 1, **changed: object) -> str:
        listed = replace(self.listed(version), **changed)  # type: ignore[arg-type]
        return listed.token(self.list_key, x5c=x509_chain.x5c(self.leaf))

    def status(self, uri: str, *, later: timedelta = timedelta(), **by: PrivateKey) -> str:
        key = by.get("key", self.issuer_key)
        return StatusList(size=1_024).token(
            key, uri=uri, now=self.at + later, kid=es256.public(key).kid
        )


@pytest.fixture
def other() -> Elsewhere:
    return Elsewhere()


def add(session: Session, other: Elsewhere, text: str) -> trust.Brought:
    return trust.add(
        session, text=text, root_pem=other.root, where=WHERE, by=operator(), now=NOW
    )


def test_a_list_is_believed_by_its_root_and_told_in_the_log(
    database: Database, other: Elsewhere
) -> None:
    with database.transaction() as session:
        found = add(session, other, other.text())
        assert (found.row.version, found.own_already) == (1, ())
        (row,) = trust.brought(session, by=operator())
        assert row.sub == addresses.trust_list(ELSEWHERE)
        entry = session.query(Event).filter_by(kind="trust.added").one()
        assert entry.detail["root"] == x509_chain.fingerprint(other.root)


def test_what_is_not_believed_is_refused(database: Database, other: Elsewhere) -> None:
    with database.transaction() as session:
        issuing.a_trust(session)
        with pytest.raises(Refused, match="unknown_root"):
            add(session, other, Elsewhere().text())
        with pytest.raises(Refused, match="expired"):
            add(session, other, other.text(iat=NOW - 2 * DAY, exp=NOW - DAY))
        with pytest.raises(Refused, match="wrong_issuer"):
            add(session, other, other.text(iss="http://127.0.0.1:8998"))
        with pytest.raises(Refused, match="bad_root"):
            trust.add(
                session, text=other.text(), root_pem="nothing", where=WHERE, by=operator(), now=NOW
            )
        with pytest.raises(Refused, match="own_list"):
            add(session, other, other.text(sub=addresses.trust_list(BASE)))
        assert session.query(TrustedList).count() == 0


def test_it_says_which_organisations_it_does_not_speak_for(database: Database) -> None:
    other = Elsewhere(ods="RWJ")
    with database.transaction() as session:
        issuing.a_trust(session)
        assert add(session, other, other.text()).own_already == ("RWJ",)


def test_no_step_back_also_after_it_was_given_up(database: Database, other: Elsewhere) -> None:
    with database.transaction() as session:
        add(session, other, other.text(5))
        sub = addresses.trust_list(ELSEWHERE)
        with pytest.raises(Refused, match="rolled_back"):
            add(session, other, other.text(4))
        with pytest.raises(Refused, match="rolled_back"):
            trust.renew(session, sub=sub, text=other.text(4), by=job(), now=NOW)
        trust.renew(session, sub=sub, text=other.text(6), by=job(), now=NOW)
        trust.remove(session, sub=sub, by=operator(), now=NOW)
        assert trust.brought(session, by=operator()) == []
        with pytest.raises(NotFound):
            trust.renew(session, sub=sub, text=other.text(7), by=job(), now=NOW)
        with pytest.raises(NotFound):
            trust.remove(session, sub=sub, by=operator(), now=NOW)
        with pytest.raises(Refused, match="rolled_back"):
            add(session, other, other.text(5))
        assert add(session, other, other.text(6)).row.removed_at is None


def test_another_list_does_not_take_its_place(database: Database, other: Elsewhere) -> None:
    with database.transaction() as session:
        add(session, other, other.text())
        sub = addresses.trust_list(ELSEWHERE)
        with pytest.raises(Refused, match="wrong_subject"):
            trust.renew(session, sub=sub, text=other.text(2, sub=f"{sub}/b"), by=job(), now=NOW)
        with pytest.raises(Refused, match="unknown_root"):
            trust.renew(session, sub=sub, text=Elsewhere().text(2), by=job(), now=NOW)
        (row,) = trust.brought(session, by=operator())
        assert row.version == 1


def test_only_the_operator_believes_and_only_jobs_renew(
    database: Database, other: Elsewhere
) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        manager = build.an_actor(world.organisation, *AccessRole)
        with pytest.raises(Forbidden):
            trust.add(
                session, text=other.text(), root_pem=other.root, where=WHERE, by=manager, now=NOW
            )
        with pytest.raises(Forbidden):
            trust.remove(session, sub="x", by=manager, now=NOW)
        with pytest.raises(Forbidden):
            trust.renew(session, sub="x", text="", by=manager, now=NOW)
        worker = build.an_actor(world.organisation, AccessRole.WORKER)
        with pytest.raises(Forbidden):
            trust.brought(session, by=worker)


def keep(session: Session, listed: TrustList, uri: str, text: str) -> bool:
    return trust.keep_status_list(
        session, trust=listed, uri=uri, text=text, by=job(), now=NOW + DAY
    )


def test_a_status_list_is_kept_and_never_goes_back(database: Database, other: Elsewhere) -> None:
    uri, listed = f"{LISTS}1", other.listed()
    with database.transaction() as session:
        later = timedelta(hours=1)
        assert keep(session, listed, uri, other.status(uri, later=later))
        with pytest.raises(Refused, match="rolled_back"):
            keep(session, listed, uri, other.status(uri))
        assert session.get_one(FetchedStatusList, uri).issued_at == NOW + later
        with pytest.raises(Refused, match="rolled_back"):  # another one of the same second
            keep(session, listed, uri, other.status(uri, later=later))
        assert keep(session, listed, uri, other.status(uri, later=2 * later))
        assert trust.held_status_lists(session, listed, by=job()) == [uri]


def test_a_status_list_of_somebody_else_is_refused(database: Database, other: Elsewhere) -> None:
    uri, listed = f"{LISTS}1", other.listed()
    with database.transaction() as session:
        with pytest.raises(Refused, match="bad_signature"):
            keep(session, listed, uri, other.status(uri, key=es256.new_key()))
        with pytest.raises(Refused, match="wrong_subject"):
            keep(session, listed, uri, other.status(f"{LISTS}2"))
        for outside in (f"{BASE}/passport/status-lists/1", f"{LISTS}../x", f"{LISTS}%2e%2e/x"):
            with pytest.raises(Refused, match="bad_uri"):
                keep(session, listed, outside, other.status(outside))
        other.revoked = True
        with pytest.raises(Refused, match="key_revoked"):
            keep(session, other.listed(), uri, other.status(uri))
        assert session.query(FetchedStatusList).count() == 0


def test_the_own_list_grows_by_what_changed_and_by_age(database: Database) -> None:
    def publish(session: Session, hours: float) -> int:
        at = NOW + timedelta(hours=hours)
        own_list.publish(session, vault=issuing.VAULT, where=WHERE, by=job(), now=at)
        found = own_list.newest(session)
        return found.version if found else 0

    with database.transaction() as session:
        assert publish(session, 0) == 0
        world = issuing.a_trust(session)
        assert [publish(session, hours) for hours in (0, 1, 11)] == [1, 1, 1]
        assert publish(session, 13) == 2
        world.organisation.name = "Another name"
        session.flush()
        assert [publish(session, hours) for hours in (13, 14)] == [3, 3]
        issuing.a_trust(session, ods_code="RM3", name="Salford")
        assert publish(session, 14) == 4

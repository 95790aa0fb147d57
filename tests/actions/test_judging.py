"""Judging by every list that is believed here: the own one and those that were brought."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from passport.actions.signing import keys
from passport.actions.trust import own_list
from passport.actions.verifying import judging
from passport.actions.verifying.judging import Judged
from passport.actors import job, operator
from passport.db import Database, new_id
from passport.events import record
from passport.model.freshness import freshness_on
from passport.model.keys import FetchedStatusList, KeyPurpose, TrustedList
from passport.rules.tokens import addresses, es256, gate_token, sd_jwt, x509_chain
from passport.rules.tokens.trust_list import Issuer, TrustList, read_trust
from passport.rules.verifying.gate_verdict import gate_verdict
from passport.rules.verifying.verdict import Known, Outcome
from tests.support import issuing
from tests.support.issuing import BASE, NOW, VAULT, WHERE

ELSEWHERE = "http://127.0.0.1:8999"
ROOT_KEY = es256.new_key()
"""Of the other installation."""


def codes(judged: Judged) -> list[str]:
    return [one.code for one in judged.verdict.findings]


def gate(session: Session, text: str) -> Judged:
    return judging.judge_gate(
        session, text, organisation_id=None, where=WHERE, now=NOW
    )


def credential(session: Session, text: str) -> Judged:
    return judging.judge_credential(
        session, text, organisation_id=None, audience="me", nonce="n", where=WHERE, now=NOW
    )


@pytest.fixture
def shown(database: Database) -> tuple[str, str, str]:
    """A gate token, a credential presented to `me`, and the thumbprint of their holder."""
    with database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = issuing.a_holder(session, world)
        wallet, key = issuing.a_wallet(session, world, nurse)
        texts = issuing.collected(session, world, nurse, wallet, key)
        cwt = issuing.a_gate(session, world, wallet, key)
        issuing.published(session)
    presented = sd_jwt.present(
        texts["training_award"], names=["subject"], holder_key=key, audience="me", nonce="n",
        now=NOW,
    )  # fmt: skip
    return gate_token.show(cwt, holder_key=key, now=NOW), presented, es256.public(key).kid


@pytest.mark.parametrize("published", [False, True])
def test_what_was_issued_here_is_believed(
    database: Database, shown: tuple[str, str, str], published: bool
) -> None:
    with database.transaction() as session:
        if published:
            assert own_list.publish(session, vault=VAULT, where=WHERE, by=job(), now=NOW)
        one = gate(session, shown[0])
        assert (codes(one), one.holder_key, one.issuer_ods, one.kind) == (
            ["check_photo_id"], shown[2], "RWJ", None,
        )  # fmt: skip
        other = credential(session, shown[1])
        assert (codes(other), other.holder_key, other.issuer_ods, other.kind) == (
            [], shown[2], "RWJ", "training_award",
        )  # fmt: skip
        assert other.claims["subject"] == "Resuscitation"


def test_what_is_not_believed_names_nobody(
    database: Database, shown: tuple[str, str, str]
) -> None:
    cut = shown[0][:-6] + "000000"
    with database.transaction() as session:
        judged = gate(session, cut)
        assert judged.verdict.outcome is Outcome.RED
        assert (judged.holder_key, judged.issuer_ods, judged.claims) == (None, None, {})
        judged = credential(session, "not a token")
        assert codes(judged) == ["not_a_token"]


def test_without_a_fetched_status_list_nothing_is_confirmed(
    database: Database, shown: tuple[str, str, str]
) -> None:
    with database.transaction() as session:
        session.execute(issuing.StatusListRow.__table__.update().values(token=None))
        assert codes(gate(session, shown[0])) == ["cannot_confirm", "check_photo_id"]


def _signed(listed: TrustList, row: TrustedList) -> str:
    """The list under the root that is kept for it."""
    list_key = es256.new_key()
    leaf = x509_chain.make_leaf(
        "List", es256.public(list_key), root=row.root_pem, root_key=ROOT_KEY, now=NOW,
        uri=listed.iss, purposes=(x509_chain.TRUST_LIST_SIGNING,),
    )  # fmt: skip
    return listed.token(list_key, x5c=x509_chain.x5c(leaf))


def _foreign(session: Session, listed: TrustList) -> None:
    """That list, signed under a root of its own and brought here."""
    root = x509_chain.make_root("Elsewhere", ROOT_KEY, now=NOW)
    row = TrustedList(
        sub=listed.sub, root_pem=root, token="", version=listed.version, fetched_at=NOW,
        added_at=NOW,
    )  # fmt: skip
    row.token = _signed(listed, row)
    session.add(row)
    record(session, "test.brought", subject_id=row.id, by=operator(), now=NOW)
    session.flush()


def _moved_elsewhere(database: Database) -> tuple[TrustList, dict[str, str]]:
    """The list of the world in `shown`, as another installation's, and its status lists; the
    keys are nobody's here any more."""
    with database.transaction() as session:
        listed = own_list.contents(session, where=WHERE, now=NOW)
        lists = issuing.published(session)
        session.execute(keys.SigningKey.__table__.delete())
        record(session, "test.moved", subject_id=new_id(), by=operator(), now=NOW)
    return replace(listed, iss=ELSEWHERE, sub=addresses.trust_list(ELSEWHERE)), lists


def test_another_installations_token_needs_its_list_and_its_status_lists(
    database: Database, shown: tuple[str, str, str]
) -> None:
    listed, lists = _moved_elsewhere(database)
    with database.transaction() as session:
        assert codes(gate(session, shown[0])) == ["unknown_issuer"]
        assert codes(credential(session, shown[1])) == ["unknown_issuer"]
        _foreign(session, listed)
        here = replace(WHERE, base=ELSEWHERE + "/other")
        ask = {"organisation_id": None, "where": here, "now": NOW}
        without = judging.judge_gate(session, shown[0], **ask)  # type: ignore[arg-type]
        assert codes(without) == ["cannot_confirm", "check_photo_id"]
        for uri, token in lists.items():
            session.add(FetchedStatusList(uri=uri, token=token, issued_at=NOW, fetched_at=NOW))
        session.flush()
        judged = judging.judge_gate(session, shown[0], **ask)  # type: ignore[arg-type]
        assert codes(judged) == ["check_photo_id"]
        judged = judging.judge_credential(
            session, shown[1], audience="me", nonce="n", **ask  # type: ignore[arg-type]
        )
        assert codes(judged) == []
        elsewhere = replace(listed, version=2, status_prefixes=(f"{ELSEWHERE}/passport/",))
        row = session.query(TrustedList).one()
        kept, row.token = row.token, _signed(elsewhere, row)
        session.flush()
        judged = judging.judge_gate(session, shown[0], **ask)  # type: ignore[arg-type]
        assert codes(judged) == ["cannot_confirm", "check_photo_id"], "outside its prefixes"
        row.token = kept
        session.flush()
        bundle = judging.offline_bundle(session, **ask)  # type: ignore[arg-type]
        assert [one["sub"] for one in bundle["trust"]] == [listed.sub]
        assert {one["uri"] for one in bundle["statuses"]} >= set(lists)
        later = NOW + timedelta(seconds=1)
        for uri in lists:
            session.get_one(FetchedStatusList, uri).issued_at = later
        session.flush()
        assert "status_rolled_back" in codes(
            judging.judge_gate(session, shown[0], **ask)  # type: ignore[arg-type]
        )


def test_no_other_installation_speaks_for_an_organisation_of_this_one(
    database: Database, shown: tuple[str, str, str]
) -> None:
    """It lists the same organisation with a key of its own."""
    thief = es256.new_key()
    with database.transaction() as session:
        listed = own_list.contents(session, where=WHERE, now=NOW)
        (own,) = listed.issuers
        key = replace(own.keys[0], kid=es256.public(thief).kid, key=es256.public(thief))
        theirs = replace(own, keys=(key,), successor=None)
        _foreign(
            session,
            replace(
                listed, iss=ELSEWHERE, sub=addresses.trust_list(ELSEWHERE), issuers=(theirs,)
            ),
        )
        holder = es256.new_key()
        forged = sd_jwt.issue(
            {"iss": addresses.issuer(BASE, "RWJ"), "vct": f"{BASE}/passport/types/identity/1"},
            disclosable=[], key=thief, header={"kid": es256.public(thief).kid},
            holder=es256.public(holder),
        )  # fmt: skip
        shown_ = sd_jwt.present(
            forged, names=[], holder_key=holder, audience="me", nonce="n", now=NOW
        )
        assert codes(credential(session, shown_)) == ["unknown_issuer"]
        assert codes(credential(session, shown[1])) == []


def test_a_name_of_a_key_that_others_use_too_means_the_key_that_signed(
    database: Database, shown: tuple[str, str, str]
) -> None:
    """An earlier list, and an earlier issuer of the same list, call other keys by that name."""
    signer, others, holder = es256.new_key(), es256.new_key(), es256.new_key()
    name = es256.public(signer).kid
    with database.transaction() as session:
        listed = own_list.contents(session, where=WHERE, now=NOW)
        (own,) = listed.issuers

        def issuer(ods: str, key: es256.PrivateKey) -> Issuer:
            listed_key = replace(own.keys[0], kid=name, key=es256.public(key))
            return replace(own, ods=ods, keys=(listed_key,), iss=None)

        for place, issuers in (
            ("http://127.0.0.1:8998", (issuer("XAA", others),)),
            (ELSEWHERE, (issuer("XBB", others), issuer("XCC", signer))),
        ):
            sub = addresses.trust_list(place)
            _foreign(session, replace(listed, iss=place, sub=sub, issuers=issuers))
        issued = sd_jwt.issue(
            {"vct": f"{BASE}/passport/types/identity/1"}, disclosable=[], key=signer,
            header={"kid": name}, holder=es256.public(holder),
        )  # fmt: skip
        text = sd_jwt.present(
            issued, names=[], holder_key=holder, audience="me", nonce="n", now=NOW
        )
        judged = credential(session, text)
    assert codes(judged) == ["no_status"]
    assert judged.issuer_ods == "XCC"


def test_a_revoked_key_is_refused_once_the_list_says_it(
    database: Database, shown: tuple[str, str, str]
) -> None:
    with database.transaction() as session:
        own_list.publish(session, vault=VAULT, where=WHERE, by=job(), now=NOW)
        who = session.query(keys.SigningKey).filter_by(purpose=KeyPurpose.ISSUER).one()
        owner = operator(who.organisation_id)
        keys.revoke(session, key_id=who.id, since=who.not_before, by=owner, now=NOW)
        assert own_list.publish(session, vault=VAULT, where=WHERE, by=job(), now=NOW)
        assert codes(gate(session, shown[0])) == ["key_revoked"]
        assert "key_revoked" in codes(credential(session, shown[1]))


def test_the_offline_bundle_is_enough_for_a_verdict(
    database: Database, shown: tuple[str, str, str]
) -> None:
    with database.transaction() as session:
        own_list.publish(session, vault=VAULT, where=WHERE, by=job(), now=NOW)
        bundle = judging.offline_bundle(session, organisation_id=None, where=WHERE, now=NOW)
    (own,) = bundle["trust"]
    trust = read_trust(own["token"], root=es256.from_jwk(own["key"]), now=NOW)
    assert (own["version"], trust.sub) == (1, addresses.trust_list(BASE))
    known = Known(
        trust=trust,
        policy=freshness_on(NOW.date()).policy,
        now=NOW,
        lists={one["uri"]: one["token"] for one in bundle["statuses"]},
    )
    verdict = gate_verdict(shown[0], known)
    assert [one.code for one in verdict.findings] == ["check_photo_id"]


def test_a_key_speaks_for_its_own_issuer_alone(database: Database) -> None:
    """The trust's own key under the name of another issuer, by an insider or by mistake."""
    with database.transaction() as session:
        world = issuing.a_trust(session)
        issuing.a_trust(session, ods_code="RM3", name="Salford")
        who, holder = issuing.signer(session, world), es256.new_key()
        for ods, expected in (("RWJ", []), ("RM3", ["wrong_issuer"])):
            text = sd_jwt.issue(
                {"iss": addresses.issuer(BASE, ods), "vct": f"{BASE}/passport/types/identity/1"},
                disclosable=[], key=who.key, header=who.header, holder=es256.public(holder),
            )  # fmt: skip
            answer = sd_jwt.present(
                text, names=[], holder_key=holder, audience="me", nonce="n", now=NOW
            )
            assert [one for one in codes(credential(session, answer)) if one != "no_status"] == (
                expected
            )

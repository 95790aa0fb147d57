"""What a receiving employer is told of a passport, case by case."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from passport.rules.tokens import es256
from passport.rules.tokens.status_list import Status
from passport.rules.verifying.credential_verdict import credential_verdict
from passport.rules.verifying.gate_verdict import gate_verdict
from passport.rules.verifying.verdict import Known, Outcome, Verdict
from tests.support.passports import EVERYTHING, NOW, World, facts, registration

GREEN, AMBER, RED = Outcome
Case = tuple[Callable[[World], Verdict], Outcome, str]


def gate(world: World, said: Any = None, *, known: Any = None, **shown: Any) -> Verdict:
    return gate_verdict(world.gate(said, **shown), known or world.known())


def with_registration(**changes: Any) -> Callable[[World], Verdict]:
    return lambda world: gate(world, facts(registration=registration(**changes)))


def with_key(**changes: Any) -> Callable[[World], Verdict]:
    return lambda world: gate(world, known=world.known(**changes))


def with_list(hours: float) -> Callable[[World], Verdict]:
    return lambda world: gate(world, known=world.known(list_at=NOW - timedelta(hours=hours)))


def after(status: Status) -> Callable[[World], Verdict]:
    def verdict(world: World) -> Verdict:
        world.statuses.set(world.idx, status)
        return gate(world)

    return verdict


def of_a_stranger(world: World) -> Verdict:
    return gate_verdict(World().gate(), world.known())


def not_allowed(kind: str) -> Callable[[World], Verdict]:
    return lambda _: gate(World(asserts=EVERYTHING - {kind}))


def without_lists(world: World) -> Verdict:
    return gate_verdict(
        world.gate(), Known(trust=None, policy=world.known().policy, now=NOW, lists={})
    )


def list_by_another(world: World) -> Verdict:
    known = world.known()
    lists = {uri: world.list_token(key=es256.new_key()) for uri in known.lists}
    return gate_verdict(
        world.gate(), Known(trust=known.trust, policy=known.policy, now=NOW, lists=lists)
    )


def rolled_back(world: World) -> Verdict:
    known = world.known(list_at=NOW - timedelta(hours=2))
    newest = dict.fromkeys(known.lists, NOW - timedelta(hours=1))
    return gate_verdict(
        world.gate(),
        Known(trust=known.trust, policy=known.policy, now=NOW, lists=known.lists, newest=newest),
    )


GATES: dict[str, Case] = {
    "everything holds": (gate, GREEN, ""),
    "no face that was signed": (lambda w: gate(w, facts(face=None)), AMBER, "check_photo_id"),
    "a screenshot after a minute": (
        lambda w: gate(w, now=NOW - timedelta(seconds=61)), RED, "too_old",
    ),
    "a phone whose clock is ahead": (
        lambda w: gate(w, now=NOW + timedelta(minutes=3)), RED, "too_new",
    ),
    "no answer to the challenge": (
        lambda w: gate_verdict(w.gate(), w.known(), challenge="4711"), RED, "challenge_missing",
    ),
    "the answer to another challenge": (
        lambda w: gate_verdict(w.gate(challenge="1234"), w.known(), challenge="4711"), RED,
        "wrong_challenge",
    ),
    "the answer to this challenge": (
        lambda w: gate_verdict(w.gate(challenge="4711"), w.known(), challenge="4711"), GREEN, "",
    ),
    "a phone that is not the holder's": (
        lambda w: gate(w, holder_key=es256.new_key()), RED, "bad_holder_signature",
    ),
    "an issuer nobody knows": (of_a_stranger, RED, "unknown_issuer"),
    "a device that knows nobody": (without_lists, RED, "cannot_confirm"),
    "words that are no token": (lambda w: gate_verdict("hello", w.known()), RED, "not_a_token"),
    "a withdrawn key": (with_key(revoked_from=NOW - timedelta(days=2)), RED, "key_revoked"),
    "a key withdrawn later": (with_key(revoked_from=NOW + timedelta(days=2)), GREEN, ""),
    "a key not in force yet": (with_key(not_before=NOW), RED, "key_not_yet_in_force"),
    "a key no longer in force": (
        with_key(not_after=NOW - timedelta(days=1)), RED, "key_no_longer_in_force",
    ),
    "an issuer not trusted on registrations": (
        not_allowed("professional_registration"), AMBER, "type_not_allowed",
    ),
    "an issuer not trusted on identities": (not_allowed("identity"), AMBER, "type_not_allowed"),
    "withdrawn": (after(Status.INVALID), RED, "revoked"),
    "suspended": (after(Status.SUSPENDED), RED, "suspended"),
    "a status of no meaning": (after(Status.OTHER), RED, "suspended"),
    "withdrawals of 24 hours ago": (with_list(24), GREEN, ""),
    "withdrawals of 25 hours ago": (with_list(25), AMBER, "status_old"),
    "withdrawals of 72 hours ago": (with_list(72), AMBER, "status_old"),
    "withdrawals of 73 hours ago": (with_list(73), RED, "cannot_confirm"),
    "withdrawals that ran out": (with_list(24 * 8), RED, "status_expired"),
    "no list of withdrawals": (
        lambda w: gate(w, known=w.known(list_at=None)), RED, "cannot_confirm",
    ),
    "nowhere a withdrawal is told": (lambda w: gate(w, with_status=False), AMBER, "no_status"),
    "a list by somebody else": (list_by_another, RED, "status_bad_signature"),
    "an older list than was seen": (rolled_back, RED, "status_rolled_back"),
    "a licence to practise": (with_registration(status="registered_with_licence"), GREEN, ""),
    "conditions": (with_registration(status="conditions"), AMBER, "registration_to_ask_about"),
    "a caution": (with_registration(status="caution"), AMBER, "registration_to_ask_about"),
    "lapsed": (with_registration(status="lapsed"), RED, "not_registered"),
    "struck off": (with_registration(status="struck_off"), RED, "not_registered"),
    "interim suspension": (with_registration(status="interim_suspended"), RED, "not_registered"),
    "registered without a licence": (
        with_registration(status="registered_no_licence"), RED, "not_registered",
    ),
    "not known to the register": (with_registration(status="unknown"), RED, "not_registered"),
    "the register looked at yesterday": (
        with_registration(checked_on=NOW.date() - timedelta(days=1)), GREEN, "",
    ),
    "the register looked at two days ago": (
        with_registration(checked_on=NOW.date() - timedelta(days=2)), AMBER,
        "registration_check_old",
    ),
    "a register file of three days ago": (
        with_registration(source="register_file", checked_on=NOW.date() - timedelta(days=3)),
        GREEN, "",
    ),
    "a register file of four days ago": (
        with_registration(source="register_file", checked_on=NOW.date() - timedelta(days=4)),
        AMBER, "registration_check_old",
    ),
    "a personnel file of yesterday": (
        with_registration(source="hr_file", checked_on=NOW.date() - timedelta(days=1)), AMBER,
        "registration_check_old",
    ),
    "a look at the register tomorrow": (
        with_registration(checked_on=NOW.date() + timedelta(days=1)), RED,
        "registration_check_ahead",
    ),
    "nobody who needs a registration": (lambda w: gate(w, facts(registration=None)), GREEN, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", GATES)
def test_a_code_shown_at_a_door(name: str) -> None:
    verdict, outcome, code = GATES[name]
    found = verdict(World())
    codes = [one.code for one in found.findings]
    assert (found.outcome, code in codes or not codes) == (outcome, True), codes
    assert all(one.detail and one.act for one in found.findings)


def test_a_code_is_taken_once() -> None:
    world = World()
    text, known = world.gate(), world.known()
    seen = (es256.public(world.holder).digest, int(NOW.timestamp()))
    assert gate_verdict(text, known).outcome is GREEN
    assert [one.code for one in gate_verdict(text, known, seen=[seen]).findings] == ["seen_before"]


def test_a_fact_the_issuer_may_not_state_is_not_shown() -> None:
    found = gate(World(asserts=EVERYTHING - {"professional_registration"}))
    assert "professional_registration" not in {one.kind for one in found.facts}
    assert "identity" in {one.kind for one in found.facts}
    nameless = gate(World(asserts=EVERYTHING - {"identity"}))
    assert (nameless.name, nameless.face) == (None, None)


def test_what_was_checked_and_what_not_is_said() -> None:
    found = gate(World())
    assert found.name == "Adaeze Okafor"
    assert found.face
    assert "right to work" in found.not_checked
    assert {one.by for one in found.facts} == {"Stockport NHS FT (RWJ)"}


def test_a_suspension_gives_no_reason() -> None:
    [finding] = after(Status.SUSPENDED)(World()).findings
    assert finding.detail == "Not currently available."


AUDIENCE = {"audience": "x509_hash:b", "nonce": "n-1"}


def shown(world: World, *, known: Any = None, **changes: Any) -> Verdict:
    return credential_verdict(world.presented(**changes), known or world.known(), **AUDIENCE)


CREDENTIALS: dict[str, Case] = {
    "shown to this request": (shown, GREEN, ""),
    "kept as a file": (
        lambda w: credential_verdict(w.credential(), w.known()), AMBER, "holder_not_proven",
    ),
    "handed over without its holder": (
        lambda w: credential_verdict(w.credential(), w.known(), **AUDIENCE), RED,
        "key_binding_missing",
    ),
    "made for somebody else": (
        lambda w: credential_verdict(w.presented(audience="x"), w.known(), **AUDIENCE), RED,
        "wrong_audience",
    ),
    "made for another request": (
        lambda w: credential_verdict(w.presented(nonce="n-2"), w.known(), **AUDIENCE), RED,
        "wrong_nonce",
    ),
    "a type nobody knows": (lambda w: shown(w, vct="https://x.example/t"), RED, "unknown_type"),
    "an issuer nobody knows": (lambda w: shown(w, known=World().known()), RED, "unknown_issuer"),
    "an issuer not trusted on it": (
        lambda _: shown(World(asserts=frozenset({"identity"}))), AMBER, "type_not_allowed",
    ),
    "a withdrawn key": (
        lambda w: shown(w, known=w.known(revoked_from=NOW - timedelta(days=2))), RED, "key_revoked",
    ),
    "run out": (lambda w: shown(w, exp=int(NOW.timestamp()) - 1), RED, "expired"),
    "withdrawn": (
        lambda w: (w.statuses.set(w.idx, Status.INVALID), shown(w))[1], RED, "revoked",
    ),
    "no word on withdrawals": (
        lambda w: shown(w, known=w.known(list_at=None)), RED, "cannot_confirm",
    ),
    "a status that points nowhere": (lambda w: shown(w, status={}), RED, "bad_status_reference"),
    "lapsed": (lambda w: shown(w, registration_status="LAPSED"), RED, "not_registered"),
    "restrictions beside a plain standing": (
        lambda w: shown(w, restrictions=[{"type": "CONDITIONS", "start": "2026-01-01"}]), AMBER,
        "registration_to_ask_about",
    ),
    "no day of the check": (lambda w: shown(w, checked_at="soon"), RED, "claim_missing"),
    "a check before all time": (
        lambda w: shown(w, checked_at="0001-01-01T00:00:00+14:00"), RED, "claim_missing",
    ),
    "an old look at the register": (
        lambda w: shown(w, checked_at="2026-11-01T09:00:00+00:00"), AMBER, "registration_check_old",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CREDENTIALS)
def test_a_credential_that_is_shown(name: str) -> None:
    verdict, outcome, code = CREDENTIALS[name]
    found = verdict(World())
    codes = [one.code for one in found.findings]
    assert (found.outcome, code in codes or not codes) == (outcome, True), codes


def test_a_fact_that_is_not_believed_is_not_shown() -> None:
    assert shown(World(asserts=frozenset({"identity"}))).facts == ()
    says = [one.says for one in shown(World()).facts]
    assert "Registration number: 01A2345N" in says

"""The gate token: believed only from the issuer's key and the phone's, here and now."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import segno

from passport.rules.tokens import base45, es256, gate_token
from passport.rules.tokens.bad_token import BadToken
from tests.rules.gate_examples import (
    CLAIMS,
    ISSUER,
    LIST,
    NOW,
    PHONE,
    SECOND,
    STATUS,
    STRANGER,
    TODAY,
    WEEK,
    believe,
    facts,
    forged,
    issue,
    issued,
    show,
    webp,
)

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def test_what_was_issued_and_shown_is_believed() -> None:
    gate = believe(show())
    assert gate == gate_token.Gate(
        ods="RHQ", kid=es256.public(ISSUER).short_kid, facts=facts(), holder=es256.public(PHONE),
        status=gate_token.StatusAt(LIST, 734_512), issued_at=datetime(2026, 11, 20, tzinfo=UTC),
        expires_at=datetime(2026, 11, 27, tzinfo=UTC), shown_at=NOW, audience="dsp:gate",
        challenge=None,
    )  # fmt: skip


def test_a_token_forged_of_right_parts_is_right() -> None:
    """So that each refusal of the other tables is for what its sentence says."""
    assert believe(forged()) == believe(show())


FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "without a status list": (show(issue(status=None)), {}),
    "for one day": (show(issue(days=1)), {}),
    "for one verifier": (show(audience="RX8"), {"audience": "RX8"}),
    "for one of a verifier's names": (show(), {"audience": frozenset({"dsp:gate", "RX8"})}),
    "to a challenge of four digits": (show(challenge="0042"), {"challenge": "0042"}),
    "to a challenge of six": (show(challenge="471100"), {"challenge": "471100"}),
    "with a face": (show(issue(facts(photo_hash=None, face=webp(554, padding=1)))), {}),
    "with the other name of the algorithm": (forged(issued({1: -9}), {1: -9}), {}),
    "with a token id": (forged(issued(claims={7: b"\1" * 16})), {}),
    "with a whole point": (
        forged(issued(claims={8: {1: {
            1: 2, -1: 1, -2: es256.public(PHONE).x, -3: es256.public(PHONE).y,
        }}})), {},
    ),
    "60 seconds old": (forged(claims={6: SECOND - 60}), {}),
    "30 seconds ahead": (forged(claims={6: SECOND + 30}), {}),
    "in its last second": (
        forged(claims={6: TODAY + WEEK - 1}), {"now": NOW.fromtimestamp(TODAY + WEEK - 1, UTC)},
    ),
    "after 2038": (
        forged(issued(claims={6: 2**31, 4: 2**31 + WEEK}), claims={6: 2**31}),
        {"now": NOW.fromtimestamp(2**31, UTC)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_it_is_believed(name: str) -> None:
    text, given = FORMS[name]
    assert believe(text, **given).facts.name == "Amara Okonkwo"


def half(
    message: bytes, key: es256.PrivateKey, *, r: int | None = None, s: int | None = None
) -> bytes:
    good = es256.sign(key, message)
    first, second = int.from_bytes(good[:32], "big"), int.from_bytes(good[32:], "big")
    return (first if r is None else r).to_bytes(32, "big") + (
        (second if s is None else s).to_bytes(32, "big")
    )


SIGNATURES = {
    "none": lambda message, key: b"",
    "of 63 bytes": lambda message, key: es256.sign(key, message)[:-1],
    "of 65 bytes": lambda message, key: es256.sign(key, message) + b"\0",
    "in DER": lambda message, key: key.sign(message, es256._ALGORITHM),
    "r of nought": lambda message, key: half(message, key, r=0),
    "s of nought": lambda message, key: half(message, key, s=0),
    "r of the order": lambda message, key: half(message, key, r=ORDER),
    "s of the order": lambda message, key: half(message, key, s=ORDER),
    "of all ones": lambda message, key: b"\xff" * 64,
    "by a stranger": lambda message, key: es256.sign(STRANGER, message),
    "over the payload only": lambda message, key: es256.sign(key, message[30:]),
    "by the other party": lambda message, key: es256.sign(
        PHONE if key is ISSUER else ISSUER, message
    ),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_wrong_signature_of_either_is_refused(name: str) -> None:
    wrong = SIGNATURES[name]
    by_issuer = forged(issued(signature=lambda message: wrong(message, ISSUER)))
    by_phone = forged(signature=lambda message: wrong(message, PHONE))
    assert refusal(by_issuer) == "bad_signature"
    assert refusal(by_phone) == "bad_holder_signature"


def refusal(text: object, **given: Any) -> str:
    with pytest.raises(BadToken) as refused:
        believe(text, **given)
    return refused.value.code


def later(seconds: float) -> dict[str, Any]:
    return {"now": NOW + timedelta(seconds=seconds)}


REFUSED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "another issuer's key of the same name": (
        forged(issued(key=STRANGER)), "bad_signature", {},
    ),
    "a phone it was not issued to": (forged(key=STRANGER), "bad_holder_signature", {}),
    "a proof the issuer made itself": (forged(key=ISSUER), "bad_holder_signature", {}),
    "the facts of another": (
        forged(issued(signature=lambda _: issued(claims={1: "RX8"}).value[3])),
        "bad_signature", {},
    ),
    "a token for one verifier, at a gate": (show(audience="RX8"), "wrong_audience", {}),
    "a gate's token, where one for this verifier is asked for": (
        show(), "wrong_audience", {"audience": "RX8"},
    ),
    "a verifier whose name begins alike": (
        show(audience="RX8"), "wrong_audience", {"audience": "RX801"},
    ),
    "no answer to a challenge": (show(), "challenge_missing", {"challenge": "4711"}),
    "the answer to the last challenge": (
        show(challenge="0815"), "wrong_challenge", {"challenge": "4711"},
    ),
    "an answer with a nought less": (
        show(challenge="0042"), "wrong_challenge", {"challenge": "00042"},
    ),
    "the answer to another verifier's challenge": (
        show(challenge="4711"), "challenge_not_asked_for", {},
    ),
    "a photograph after a minute": (show(), "too_old", later(61)),
    "a printed copy a day later": (show(), "too_old", later(86_400)),
    "a phone's clock half a minute ahead": (show(), "too_new", later(-31)),
    "the second in which it ends": (
        forged(claims={6: TODAY + WEEK}), "expired", later(TODAY + WEEK - SECOND),
    ),
    "a week later, signed anew": (
        forged(claims={6: SECOND + WEEK}), "expired", later(WEEK),
    ),
    "an issuer whose clock is ahead": (
        forged(issued(claims={6: SECOND + 31})), "issued_in_the_future", {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str) -> None:
    text, code, given = REFUSED[name]
    assert refusal(text, **given) == code


@pytest.mark.parametrize(("seconds", "code"), [(95, "too_old"), (-864_000, "too_new")])
def test_clocks_that_differ_are_told_by_how_much(seconds: int, code: str) -> None:
    """Also by days, where the token would be over or not begun by the verifier's clock."""
    token = gate_token.read(show())
    now = NOW + timedelta(seconds=seconds)
    with pytest.raises(BadToken) as refused:
        token.check(es256.public(ISSUER), now=now)
    assert refused.value.code == code
    assert f"{abs(seconds)} s" in refused.value.detail
    assert token.clock_difference(now) == timedelta(seconds=-seconds)


def test_clocks_are_not_compared_for_a_forgery() -> None:
    assert refusal(forged(key=STRANGER), **later(3_600)) == "bad_holder_signature"


def test_a_replay_is_known_by_the_phone_and_its_second() -> None:
    """Not by a signature: ECDSA gives each message two of them."""
    text = show()
    again = believe(text).seen
    assert again == (es256.public(PHONE).digest, SECOND) == believe(text, **later(40)).seen
    assert again != believe(show(now=NOW + timedelta(seconds=15)), **later(15)).seen

    def mirrored(message: bytes) -> bytes:
        good = es256.sign(PHONE, message)
        return good[:32] + (ORDER - int.from_bytes(good[32:], "big")).to_bytes(32, "big")

    assert believe(forged(signature=mirrored)).seen == again
    assert gate_token.REPLAY > gate_token.OLDEST + gate_token.NEWEST


def test_tokens_of_one_day_cannot_be_told_by_their_second() -> None:
    times = {
        (gate.issued_at, gate.expires_at)
        for gate in (believe(show(issue(now=NOW + timedelta(hours=at)))) for at in (-11, 0, 11))
    }
    assert len(times) == 1


@pytest.mark.parametrize("days", [0, 8])
def test_an_issuer_signs_for_one_to_seven_days(days: int) -> None:
    with pytest.raises(ValueError, match="one to seven days"):
        issue(days=days)


def test_an_issuer_does_not_sign_what_a_code_cannot_hold() -> None:
    with pytest.raises(BadToken, match="too_long"):
        issue(facts(face=webp(600)))


@pytest.mark.parametrize("status", [("ftp://x.example/1", 1), (LIST, -1), (LIST, 2**32)])
def test_an_issuer_does_not_sign_a_status_nobody_can_read(status: tuple[str, int]) -> None:
    with pytest.raises(BadToken, match="bad_status"):
        issue(status=status)


def test_nothing_told_about_a_refusal_is_from_the_token() -> None:
    for text, _, given in REFUSED.values():
        with pytest.raises(BadToken) as refused:
            believe(text, **given)
        assert not {"Amara", "RX8", "4711", "0042"} & set(refused.value.detail.split())


def version(text: str, level: str) -> int:
    code = segno.make(text, error=level, boost_error=False, micro=False)
    assert code.mode == "alphanumeric"
    return int(code.version)


SIZES: dict[str, tuple[str, int, int]] = {
    "no face, all facts": (show(), 14, 16),
    "no face, to a challenge": (show(challenge="471100"), 15, 17),
    "no face and no photo hash, a long name, to a challenge": (
        show(issue(facts(name="Amara Okonkwo-Bright", photo_hash=None)), challenge="471100"),
        14, 16,
    ),
    "a face of 376 bytes": (show(issue(facts(photo_hash=None, face=webp(376)))), 20, 23),
    "a face of 554 bytes": (show(issue(facts(photo_hash=None, face=webp(554)))), 22, 25),
    "a face, to a challenge": (
        show(issue(facts(photo_hash=None, face=webp(554))), challenge="471100"), 22, 26,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SIZES)
def test_the_code_is_no_larger_than(name: str) -> None:
    text, at_l, at_m = SIZES[name]
    assert version(text, "l") <= at_l
    assert version(text, "m") <= at_m


def test_the_largest_token_an_issuer_signs_is_a_code_of_version_25() -> None:
    largest = issue(facts(name="N" * 25, photo_hash=None, face=webp(552)))
    spare = gate_token.MOST_CWT - len(largest)
    largest = issue(facts(name="N" * (25 + spare), photo_hash=None, face=webp(552)))
    assert len(largest) == gate_token.MOST_CWT
    assert version(show(largest), "m") == 25
    assert version(show(largest, challenge="471100"), "l") <= 25
    assert len(base45.decode(show(largest).removeprefix("SP1:"))) == 964


def test_status_and_claims_are_as_written() -> None:
    assert CLAIMS[65535] == {"status_list": {"idx": STATUS[1], "uri": LIST}}
    assert set(CLAIMS) == {1, 4, 6, 8, 65535, -65537}

"""Ways to tamper with the code that a phone shows: each makes another bad one every time."""

import zlib
from collections.abc import Callable
from random import Random
from typing import Any

import cbor2

from passport.rules.tokens import base45, es256
from tests.refusals.sd_jwt_attacks import PRIME, bad_signature
from tests.rules.gate_examples import (
    CLAIMS,
    DROP,
    HEADER,
    ISSUER,
    LIST,
    PHONE,
    PROOF,
    SECOND,
    STRANGER,
    TODAY,
    WEEK,
    facts,
    forged,
    issue,
    issued,
    show,
    sign1,
    written,
)

GOOD = show()
CONTENT = base45.decode(GOOD.removeprefix("SP1:"))
CWT = issue()
FACTS = CLAIMS[-65537]
ODD_TIMES: tuple[Any, ...] = (
    str(SECOND), True, None, float(SECOND), [SECOND], -1, 2**63, b"1", 1e300, {}, DROP,
)  # fmt: skip


def issuer_signature(chance: Random) -> str:
    def wrong(message: bytes) -> bytes:
        return bad_signature(es256.sign(ISSUER, message), chance)

    return forged(issued(signature=wrong))


def phone_signature(chance: Random) -> str:
    def wrong(message: bytes) -> bytes:
        return bad_signature(es256.sign(PHONE, message), chance)

    return forged(signature=wrong)


def other_issuer(chance: Random) -> str:
    return forged(issued(key=chance.choice((STRANGER, PHONE))))


def other_phone(chance: Random) -> str:
    return forged(key=chance.choice((STRANGER, ISSUER)))


def stolen_pass(_chance: Random) -> str:
    """Somebody else's pass, shown by this phone."""
    other = issue(facts(name="Somebody Else"), holder=es256.public(STRANGER))
    return show(other, holder_key=PHONE)


def bits(chance: Random) -> str:
    content = bytearray(CONTENT)
    for place in chance.sample(range(len(content)), chance.randrange(1, 5)):
        content[place] ^= chance.randrange(1, 256)
    return written(bytes(content))


def letter(chance: Random) -> str:
    place = chance.randrange(len(GOOD))
    others = (base45.ALPHABET + "aé€\n").replace(GOOD[place], "")
    return GOOD[:place] + chance.choice(others) + GOOD[place + 1 :]


def cut(chance: Random) -> str:
    start = chance.randrange(len(CONTENT))
    return written(CONTENT[:start] + CONTENT[start + chance.randrange(1, 50) :])


def stretched(chance: Random) -> str:
    return written(CONTENT + chance.randbytes(chance.randrange(1, 40)))


def long_ago(chance: Random) -> str:
    return forged(claims={6: SECOND - 61 - chance.randrange(WEEK)})


def ahead(chance: Random) -> str:
    return forged(claims={6: SECOND + 31 + chance.randrange(WEEK)})


def odd_time_shown(chance: Random) -> str:
    return forged(claims={6: chance.choice(ODD_TIMES)})


def odd_time_issued(chance: Random) -> str:
    return forged(issued(claims={chance.choice((4, 6)): chance.choice(ODD_TIMES)}))


def run_out(chance: Random) -> str:
    days = chance.randrange(1, 3_000)
    begun = TODAY - (7 + days) * 86_400
    return forged(issued(claims={6: begun, 4: begun + WEEK}))


def too_long_a_life(chance: Random) -> str:
    return forged(issued(claims={4: TODAY + WEEK + 1 + chance.randrange(10**8)}))


def no_life(chance: Random) -> str:
    return forged(issued(claims={4: TODAY - chance.randrange(10**6)}))


def issued_tomorrow(chance: Random) -> str:
    begun = SECOND + 31 + chance.randrange(10**6)
    return forged(issued(claims={6: begun, 4: begun + 86_400}))


def other_gate(chance: Random) -> str:
    return forged(claims={3: f"R{chance.randrange(10**6)}"})


def audience(chance: Random) -> str:
    return forged(claims={3: chance.choice((
        "dsp:gates", "dsp:", "DSP:GATE", "", None, 5, ["dsp:gate"], b"dsp:gate", DROP,
        "https://evil.example", True,
    ))})  # fmt: skip


def challenge_unasked(chance: Random) -> str:
    return forged(claims={39: str(chance.randrange(1_000, 10**6)).encode()})


def odd_challenge(chance: Random) -> str:
    return forged(claims={39: chance.choice((b"12a4", b"123", b"1234567", "1234", 1234, b"",
                                             "١٢٣٤".encode(), None))})  # fmt: skip


def algorithm(chance: Random) -> str:
    wrong = {1: chance.choice((-8, -35, -36, -47, 5, 0, None, "ES256", True, DROP, [-7], -257))}
    return forged(header=wrong) if chance.random() < 0.5 else forged(issued(header=wrong))


def header_not_protected(chance: Random) -> str:
    loose: dict[Any, Any] = chance.choice(
        ({1: -7}, {4: b"12345678"}, {16: 294}, {"a": 1}, {33: b"x"})
    )
    if chance.random() < 0.5:
        return forged(unprotected=loose)
    return forged(issued(unprotected=loose))


def algorithm_not_protected(_chance: Random) -> str:
    return forged(header={1: DROP}, unprotected={1: -7})


def more_in_the_header(chance: Random) -> str:
    more: dict[Any, Any] = chance.choice((
        {2: [1]}, {33: b"certificate"}, {35: "https://evil.example"}, {-1: {1: 2}}, {5: b"iv"},
        {"kid": b"x"}, {3: 16},
    ))  # fmt: skip
    return forged(header=more) if chance.random() < 0.5 else forged(issued(header=more))


def type_confusion(chance: Random) -> str:
    wrong: Any = chance.choice((293, 61, "kb+cwt", None, DROP, 294.0, True))
    if chance.random() < 0.5:
        return forged(header={16: wrong})
    return forged(issued(header={16: 294 if wrong == 293 else wrong}))


def key_name(chance: Random) -> str:
    wrong: Any = chance.choice((b"", b"1234567", b"123456789", "12345678", None, 5, [b"12345678"]))
    return forged(issued(header={4: wrong}))


def issuer_part_alone(chance: Random) -> str:
    return written(chance.choice((CWT, issued(), sign1(HEADER, PROOF, PHONE))))


def other_cose(chance: Random) -> str:
    tag = chance.choice((17, 98, 16, 96, 97, 61, 24, 0, 2, 55799))
    if chance.random() < 0.5:
        return written(cbor2.dumps(cbor2.CBORTag(tag, cbor2.loads(CONTENT).value)))
    return written(cbor2.dumps(cbor2.CBORTag(tag, cbor2.loads(CONTENT))))


def no_cose(chance: Random) -> str:
    return written(cbor2.dumps(chance.choice((
        {}, [], b"x", "SP1", 5, None, [b"", {}, b"", b""], True, {1: 2}, cbor2.CBORTag(18, b"x"),
        cbor2.CBORTag(18, [b"", {}, b"", b""]), cbor2.CBORTag(18, [b"", {}, b""]),
    ))))  # fmt: skip


def payload_elsewhere(_chance: Random) -> str:
    return forged(parts=lambda them: [them[0], them[1], None, them[3]])


def parts_moved(chance: Random) -> str:
    order = chance.choice(([0, 1, 3, 2], [2, 1, 0, 3], [1, 0, 2, 3], [0, 1, 2, 3, 3], [0, 1, 2]))
    return forged(parts=lambda them: [them[place] for place in order])


SMALL = cbor2.dumps({3: "dsp:gate", 6: SECOND})
UNCANONICAL = (
    b"\xbf\x03\x68dsp:gate\x06\x1a" + SECOND.to_bytes(4, "big") + b"\xff",
    b"\xa2\x06\x1a" + SECOND.to_bytes(4, "big") + b"\x03\x68dsp:gate",
    b"\xa2\x03\x68dsp:gate\x06\x1b" + SECOND.to_bytes(8, "big"),
    b"\xa2\x18\x03\x68dsp:gate\x06\x1a" + SECOND.to_bytes(4, "big"),
    b"\xa2\x03\x78\x08dsp:gate\x06\x1a" + SECOND.to_bytes(4, "big"),
    b"\xa2\x03\x7f\x68dsp:gate\xff\x06\x1a" + SECOND.to_bytes(4, "big"),
    b"\xb8\x02\x03\x68dsp:gate\x06\x1a" + SECOND.to_bytes(4, "big"),
    b"\xa3\x03\x68dsp:gate\x06\x1a" + SECOND.to_bytes(4, "big") + b"\x06\x01",
    b"\xa2\x03\x68dsp:gate\x06\xc2\x44" + SECOND.to_bytes(4, "big"),
    b"\xa2\x03\x68dsp:gate\x06\xfb\x41\xda" + bytes(6),
    b"\xa2\x03\x68dsp:gate\x06\xf9\x7e\x00",
    b"\xa2\x03\x68dsp:gate\x06\xc1\x1a" + SECOND.to_bytes(4, "big"),
    SMALL + b"\x00",
    SMALL + SMALL,
)
"""The phone's word in every spelling but the right one."""


def another_spelling(chance: Random) -> str:
    return forged(claims=chance.choice(UNCANONICAL))


def hostile_cbor(chance: Random) -> str:
    depth = chance.randrange(9, 400)
    return written(chance.choice((
        b"\x81" * depth + b"\x00", b"\xd2" * depth, b"\xa1\x00" * depth + b"\x00",
        b"\x9b" + b"\xff" * 8, b"\x5b" + b"\xff" * 8, b"\xbb" + b"\xff" * 8, b"\x9f" * depth,
        b"\xd8\x1c\x81\xd8\x1d\x00", b"\xfb\x7f\xf8" + bytes(6), b"\xc2\x58\xff" + bytes(255),
        b"\x62\xff\xff", b"\xf7", b"\xf8\x20", b"\x1c", b"\xff",
    )))  # fmt: skip


def claims_of_no_kind(chance: Random) -> str:
    if chance.random() < 0.5:
        return forged(claims={chance.choice((1, 4, 5, 7, 10, "a", -65537)): 1})
    return forged(issued(claims={chance.choice((2, 3, 5, 9, "a", -65538)): 1}))


def no_claims(chance: Random) -> str:
    return forged(issued(claims={chance.choice((1, 4, 6, 8, -65537)): DROP}))


def issuer_code(chance: Random) -> str:
    return forged(issued(claims={1: chance.choice(
        ("rhq", "RH", "RHQ\n", "R" * 9, 5, None, b"RHQ", ["RHQ"], "", "RHQ ", "ЯHQ")
    )}))  # fmt: skip


def phone_key(chance: Random) -> str:
    key = CLAIMS[8][1]
    wrong: Any = chance.choice((
        {**key, 1: 1}, {**key, -1: 2}, {**key, -4: b"d"}, {**key, 3: -8}, {**key, 4: [1]}, {},
        {**key, -2: key[-2][:-1]}, {**key, -2: key[-2] + b"\0"}, {**key, -2: "x" * 32},
        {**key, -2: PRIME.to_bytes(32, "big")}, {**key, -3: b"y"}, {**key, -3: None}, None, b"key",
        {**key, -3: bytes(32)}, {**key, -2: bytes(31) + b"\x05"}, {**key, 1: True}, {**key, 4: 2},
    ))  # fmt: skip
    confirmation = chance.choice(
        ({1: wrong}, {1: wrong}, {1: key, 3: b"kid"}, {3: b"kid"}, {}, wrong)
    )
    return forged(issued(claims={8: confirmation}))


def status(chance: Random) -> str:
    inner: dict[Any, Any] = {"idx": 5, "uri": LIST}
    wrong: Any = chance.choice((
        {**inner, "idx": -1}, {**inner, "idx": 2**32}, {**inner, "idx": "5"}, {**inner, "idx": 0.5},
        {**inner, "uri": "file:///etc/passwd"}, {**inner, "uri": "https://a b"}, {"idx": 5},
        {**inner, "uri": "https://" + "a" * 200}, {**inner, "more": 1}, {**inner, "uri": 5}, [],
        {**inner, "uri": "javascript:alert(1)"}, {**inner, "uri": "https://a\n"}, None,
    ))  # fmt: skip
    claim = chance.choice(({"status_list": wrong}, {"status_list": wrong, "b": 1}, wrong, {}))
    return forged(issued(claims={65535: claim}))


def said(chance: Random) -> str:
    change: dict[Any, Any] = chance.choice((
        {1: ""}, {1: "a\u202eb"}, {1: "a\nb"}, {1: b"name"}, {1: "x" * 81}, {2: None}, {3: "rhq"},
        {4: [9, "08A1234E", 1, 0]}, {4: [99, "08A1234E", 1, 0, 1]}, {4: [9, "08a", 1, 0, 1]},
        {4: [9, "08A1234E", 99, 0, 1]}, {4: [True, "0", 1, 0, 1]}, {5: [5, 1, 0]}, {5: 1},
        {6: [2, b"\0\1"]}, {6: [1, b"\0"]}, {6: [1, b"\0\1" * 16]}, {6: [1, b"\x40\0"]}, {7: b"x"},
        {8: b"GIF89a"}, {8: b""}, {8: bytes(701)}, {9: 1}, {0: 1}, {"name": "x"},
    ))  # fmt: skip
    return forged(issued(claims={-65537: {**FACTS, **change}}))


def other_code(chance: Random) -> str:
    """What else a camera reads."""
    body = GOOD.removeprefix("SP1:")
    return chance.choice((
        "sp1:" + body, "SP2:" + body, "HC1:" + body, body, " " + GOOD, GOOD + " ", "SP1:" + GOOD,
        "https://evil.example/" + body, "shc:/" + body, "", "SP1:", "SP1", GOOD.lower(),
        "SP1:" + base45.encode(zlib.compress(CONTENT)), "SP1:" + ":::" + body, GOOD[:-1],
        "WIFI:S:x;;", "SP1:" + "0" * 4_000, "SP1:" + "A" * 100_000,
    ))  # fmt: skip


def not_text(chance: Random) -> object:
    return chance.choice((None, GOOD.encode(), 5, [GOOD], {"text": GOOD}, True, b""))


def inner_spliced(chance: Random) -> str:
    """The issuer's part with bytes of another pass."""
    other = cbor2.loads(issue(facts(name=f"Other {chance.random()}"))).value
    mine = list(cbor2.loads(CWT).value)
    place = chance.choice((2, 3))
    mine[place] = other[place]
    return forged(cbor2.CBORTag(18, mine))


ATTACKS: dict[str, Callable[[Random], object]] = {
    make.__name__: make
    for make in (
        issuer_signature, phone_signature, other_issuer, other_phone, stolen_pass, bits, letter,
        cut, stretched, long_ago, ahead, odd_time_shown, odd_time_issued, run_out,
        too_long_a_life, no_life, issued_tomorrow, other_gate,
        audience, challenge_unasked, odd_challenge,
        algorithm, header_not_protected, algorithm_not_protected, more_in_the_header,
        type_confusion, key_name, issuer_part_alone, other_cose, no_cose, payload_elsewhere,
        parts_moved, another_spelling, hostile_cbor, claims_of_no_kind, no_claims, issuer_code,
        phone_key, status, said, other_code, not_text, inner_spliced,
    )
}  # fmt: skip

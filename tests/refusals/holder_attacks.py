"""Ways to tamper with what a holder adds to a credential, and with the text as it goes."""

from collections.abc import Callable
from random import Random
from typing import Any

from passport.rules.tokens.es256 import base64url, public
from tests.refusals.sd_jwt_attacks import (
    BOUND,
    GOOD,
    ISSUED,
    LETTERS,
    ODD_TIMES,
    PRIME,
    bad_signature,
)
from tests.rules.sd_jwt_examples import (
    AUDIENCE,
    FAMILY,
    GIVEN,
    GONE,
    HOLDER,
    ISSUER,
    NONCE,
    OTHER,
    SECONDS,
    bound,
    credential,
    digest,
    signature_of,
    with_claims,
    with_signature,
)

JWK = public(HOLDER).jwk


def other_audience(chance: Random) -> str:
    place = chance.randrange(1, len(AUDIENCE))
    aud = chance.choice((
        AUDIENCE[:place], AUDIENCE + "/x", AUDIENCE.upper(), [AUDIENCE], {"aud": AUDIENCE}, GONE,
        None, "", "*", AUDIENCE + " ", AUDIENCE.replace("ward", "wаrd"), True,
    ))  # fmt: skip
    return bound(GOOD, {"aud": aud})


def other_nonce(chance: Random) -> str:
    place = chance.randrange(1, len(NONCE))
    nonce = chance.choice((
        NONCE[:place], NONCE + "x", NONCE.lower(), [NONCE], GONE, None, "", 0, str(chance.random()),
    ))  # fmt: skip
    return bound(GOOD, {"nonce": nonce})


def old_binding(chance: Random) -> str:
    return bound(GOOD, {"iat": SECONDS - 301 - chance.randrange(10**8)})


def binding_of_tomorrow(chance: Random) -> str:
    return bound(GOOD, {"iat": SECONDS + 61 + chance.randrange(10**8)})


def odd_binding_time(chance: Random) -> str:
    return bound(GOOD, {"iat": chance.choice((*ODD_TIMES, GONE, -1, 0, 1e300))})


def expired_binding(chance: Random) -> str:
    return bound(GOOD, chance.choice((
        {"exp": SECONDS - chance.randrange(10**6)}, {"nbf": SECONDS + 61 + chance.randrange(10**6)},
    )))  # fmt: skip


def bound_to_other_text(chance: Random) -> str:
    over = chance.choice((ISSUED, ISSUED + "~", GOOD + "~", GOOD[:-1], BOUND, "", GOOD.upper()))
    return bound(GOOD, over=over)


def odd_hash(chance: Random) -> str:
    right = digest(GOOD)
    return bound(GOOD, {"sd_hash": chance.choice((
        GONE, None, "", right + "=", right.lower(), [right], right[:-1], digest(GOOD, "sha512"),
    ))})  # fmt: skip


def disclosures_changed(chance: Random) -> str:
    """One added, dropped, swapped or repeated after the holder signed."""
    binding = BOUND.rpartition("~")[2]
    shown = chance.choice(([], [FAMILY], [GIVEN, FAMILY], [FAMILY, GIVEN], [GIVEN, GIVEN], [""]))
    return "~".join((ISSUED, *shown, binding))


def no_binding(chance: Random) -> str:
    return chance.choice((GOOD, GOOD + "~", credential({}, ()), ISSUED + "~" + FAMILY + "~"))


def other_binder(chance: Random) -> str:
    return bound(GOOD, key=chance.choice((OTHER, ISSUER)))


def second_binding(chance: Random) -> str:
    binding = BOUND.rpartition("~")[2]
    return chance.choice((bound(BOUND + "~"), BOUND + "~" + binding, f"{ISSUED}~{binding}~{GIVEN}~",
                          f"{binding}~{GIVEN}~{binding}"))  # fmt: skip


def replayed_binding(chance: Random) -> str:
    """The holder's own, for another verifier or request."""
    change = chance.choice(
        ({"nonce": str(chance.random())}, {"aud": f"x509_hash:{chance.random()}"})
    )
    return GOOD + bound(GOOD, change).removeprefix(GOOD)


def holder_key(chance: Random) -> str:
    x, y = JWK["x"], JWK["y"]
    large = base64url((PRIME + chance.randrange(3)).to_bytes(32, "big"))
    zero = base64url(bytes(32))
    wrong: Any = chance.choice((
        {**JWK, "crv": "P-384"}, {**JWK, "kty": "OKP"}, {**JWK, "d": "AQ"}, {**JWK, "use": "enc"},
        {**JWK, "alg": "ES384"}, {**JWK, "key_ops": ["sign"]}, {**JWK, "y": x}, {**JWK, "x": large},
        {**JWK, "y": large}, {**JWK, "x": zero, "y": zero}, {**JWK, "x": x[:-2]}, {**JWK, "y": 5},
        {**JWK, "x": x + "="}, {"kty": "oct", "k": x}, x + y, None, [JWK], {},
    ))  # fmt: skip
    return with_claims(cnf=chance.choice(({"jwk": wrong}, {"kid": "a"}, "a", None, [], {}))
                       if chance.random() < 0.4 else {"jwk": wrong})  # fmt: skip


def other_holder(_chance: Random) -> str:
    """Issued to another, bound by this one."""
    return bound(credential({"cnf": {"jwk": public(OTHER).jwk}}))


def own_key_of_holder(_chance: Random) -> str:
    return bound(GOOD, header={"jwk": public(OTHER).jwk}, key=OTHER)


def holder_signature(chance: Random) -> str:
    return with_signature(BOUND, bad_signature(signature_of(BOUND), chance))


def cut(chance: Random) -> str:
    start = chance.randrange(len(BOUND))
    return BOUND[:start] + BOUND[start + 1 + chance.randrange(60) :]


def another_letter(chance: Random) -> str:
    place = chance.randrange(len(BOUND))
    others = "ABCxyz019-_.~=+/{ \n\0é".replace(BOUND[place], "")
    return BOUND[:place] + chance.choice(others) + BOUND[place + 1 :]


def one_letter_more(chance: Random) -> str:
    place = chance.randrange(len(BOUND) + 1)
    return BOUND[:place] + chance.choice("ABCxyz019-_.~=+/{ \n\0é") + BOUND[place:]


def another_spelling(chance: Random) -> str:
    """The same bytes, written otherwise."""
    text = chance.choice((ISSUED, BOUND))
    last = LETTERS.index(text[-1])
    others = [text + "=", text + "==", text + "\n", text + "A", text.replace(".", "=.", 1)]
    others += [text[:-1] + LETTERS[last + more] for more in range(1, 16)]
    other = chance.choice(others)
    return other if text == BOUND else bound(f"{other}~{GIVEN}~")


def spliced(chance: Random) -> str:
    """Parts of two good tokens of the same people."""
    other = bound(credential({"iat": SECONDS - 1 - chance.randrange(3000)}, (FAMILY,)))
    mine, theirs = BOUND.split("~"), other.split("~")
    parts = [chance.choice(pair) for pair in zip(mine, theirs, strict=True)]
    mixed = "~".join(parts)
    return other[:-1] if mixed in (BOUND, other) else mixed


def shuffled(chance: Random) -> str:
    parts = BOUND.split(chance.choice("~."))
    mixed = chance.choice("~.").join(chance.sample(parts, len(parts)))
    return mixed if mixed != BOUND else BOUND + "~"


ATTACKS: dict[str, Callable[[Random], object]] = {
    make.__name__: make
    for make in (
        other_audience, other_nonce, old_binding, binding_of_tomorrow, odd_binding_time,
        expired_binding, bound_to_other_text, odd_hash, disclosures_changed, no_binding,
        other_binder, second_binding, replayed_binding, holder_key, other_holder,
        own_key_of_holder, holder_signature, cut, another_letter, one_letter_more,
        another_spelling, spliced, shuffled,
    )
}  # fmt: skip

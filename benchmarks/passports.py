"""Issuing and verifying passports, and how large their codes are.

A verification is held against what no verifier can go below: the same two signatures, checked by
OpenSSL with keys that are loaded already. Processor time of one thread, both sides in turn; the
quickest of the rounds counts, as what slows a round down is other people's work.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from typing import Any

import segno
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from benchmarks import sd_jwt_package, status_lists
from benchmarks.report import Line
from passport.model.credential_types import credential_types
from passport.rules.credentials.credential_claims import disclosable, vct
from passport.rules.tokens import es256, gate_token, sd_jwt
from tests.rules import gate_examples
from tests.support import issuing
from tests.support.passports import BASE, LIST, NOW

AUDIENCE, NONCE = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk", "n-0S6_WzA2Mj" * 2
HIDDEN, SHOWN = 12, 6
"""Claims that can be hidden, and how many of them a holder shows."""
CLAIMS = [f"claim_number_{number}" for number in range(HIDDEN)]
KIND = "professional_registration"
FACE = 554
"""Bytes of a recognisable face: 64 by 80 in colour, WebP of quality 20."""
_ALGORITHM = ec.ECDSA(hashes.SHA256())

Work = Callable[[], object]


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int
    repeats: int
    holders: int
    """More than keys are remembered, so that the next holder's key is always new."""


SMOKE, FULL = Size(rounds=2, repeats=3, holders=3), Size(rounds=60, repeats=50, holders=5_000)


class World:
    """An issuer and its holders."""

    def __init__(self, size: Size) -> None:
        self.key = es256.new_key()
        self.issuer = es256.public(self.key)
        self.size = size
        said = dict.fromkeys(CLAIMS, "what it says")
        self.many = {"vct": vct(BASE, KIND), **self._signed(), **said}
        self.header = {"kid": self.issuer.kid}
        """How the issuer names its key."""

    @cached_property
    def holders(self) -> Sequence[es256.PrivateKey]:
        return [es256.new_key() for _ in range(self.size.holders)]

    def presentations(self) -> list[str]:
        """One of each holder."""
        return [
            sd_jwt.present(
                self.issue(es256.public(holder)), names=CLAIMS[:SHOWN],
                holder_key=holder, audience=AUDIENCE, nonce=NONCE, now=NOW,
            )
            for holder in self.holders
        ]  # fmt: skip

    def codes(self, **facts: Any) -> list[str]:
        """The gate code of each holder."""
        return [self.code(holder, **facts) for holder in self.holders]

    def code(self, holder: es256.PrivateKey, **facts: Any) -> str:
        """A gate code as a nurse of eleven awards shows it."""
        issued = gate_token.issue_gate(
            gate_examples.facts(**facts), key=self.key, ods="RHQ", holder=es256.public(holder),
            status=(LIST, 734_512), now=NOW,
        )  # fmt: skip
        return gate_token.show(issued, holder_key=holder, now=NOW)

    def registration(self) -> tuple[dict[str, Any], list[str]]:
        """The claims of a registration as they are issued, and which may be hidden."""
        said = {**issuing.SAID[KIND], **issuing.PROVENANCE}
        claims = {"vct": vct(BASE, KIND), **self._signed(), **said}
        return claims, [one for one in disclosable(credential_types()[KIND]) if one in claims]

    def _signed(self) -> dict[str, Any]:
        second = int(NOW.timestamp())
        return {
            "iss": f"{BASE}/passport/issuers/RHQ",
            "iat": second - second % 86_400,
            "exp": second + 30 * 86_400,
            "status": {"status_list": {"idx": 734_512, "uri": LIST}},
        }

    def issue(self, holder: es256.PublicKey) -> str:
        """A credential with many claims to hide."""
        return sd_jwt.issue(
            self.many, disclosable=CLAIMS, key=self.key, header=self.header, holder=holder
        )


def measure(size: Size, say: Callable[[str], None]) -> list[Line]:
    """Everything in turn."""
    world = World(size)
    say(f"passports: {size.holders:,} holders, {size.rounds} rounds of {size.repeats}")
    texts, codes = world.presentations(), world.codes()
    lines = _verifying(world, texts, codes) + _issuing(world)
    say("passports: status list of 2^20")
    return [*lines, *status_lists.measure(1 if size is SMOKE else 9), *_sizes(world, codes[0])]


def _verifying(world: World, texts: Sequence[str], codes: Sequence[str]) -> list[Line]:
    def credential(text: str) -> object:
        return sd_jwt.read(text).check(world.issuer, now=NOW, audience=AUDIENCE, nonce=NONCE)

    def gate(code: str) -> object:
        return gate_token.read(code).check(world.issuer, now=NOW)

    text, code, another, next_code = texts[0], codes[0], cycle(texts), cycle(codes)
    took = _quickest(world.size, {
        "limit": _signatures_of(text, world),
        "gate limit": _signatures_of_gate(code, world),
        "credential": lambda: credential(text),
        "credentials": lambda: credential(next(another)),
        "gate": lambda: gate(code),
        "gates": lambda: gate(next(next_code)),
        "package": sd_jwt_package.verifying(text, world.issuer, AUDIENCE, NONCE),
    })  # fmt: skip
    limit, gate_limit = "limit", "gate limit"
    what = f"Verify SD-JWT+KB, {SHOWN} of {HIDDEN} claims shown"
    return [
        _share(what, took, "credential", limit, 0.6),
        _share(f"{what}: each by a new holder", took, "credentials", limit, None),
        _times(what, took, "credential", "package", None),
        _share("Verify the code at a gate", took, "gate", gate_limit, 0.6),
        _share("Verify the code at a gate: each by a new holder", took, "gates", gate_limit, None),
    ]


def _issuing(world: World) -> list[Line]:
    claims, hidden = world.registration()
    holder = es256.public(world.holders[0])

    def package(said: Mapping[str, Any], names: Sequence[str]) -> Work:
        return sd_jwt_package.issuing(said, names, world.key, holder, world.header)

    def registration() -> object:
        return sd_jwt.issue(
            claims, disclosable=hidden, key=world.key, header=world.header, holder=holder
        )

    took = _quickest(world.size, {
        "sign": lambda: world.key.sign(bytes(1_000), _ALGORITHM),
        "many": lambda: world.issue(holder),
        "many by package": package(world.many, CLAIMS),
        "registration": registration,
        "registration by package": package(claims, hidden),
    })  # fmt: skip
    what = f"Issue an SD-JWT, {HIDDEN} claims to hide"
    return [
        _times(what, took, "many", "many by package", 3),
        _times("Issue a registration", took, "registration", "registration by package", None),
        _share(what, took, "many", "sign", None),
    ]


def _sizes(world: World, code: str) -> list[Line]:
    face = world.code(world.holders[0], photo_hash=None, face=gate_examples.webp(FACE))

    def line(what: str, text: str, most: int) -> Line:
        version = segno.make_qr(text, error="m", mode="alphanumeric", boost_error=False).version
        if not isinstance(version, int):
            raise TypeError("a QR code has a numbered version")
        shown = f"version {version}, {len(text)} characters"
        return Line(what, shown, f"version {most}", version / most, 1, at_most=True)

    return [
        line("QR code at level M", code, 16),
        line(f"QR code at level M, with a face of {FACE} bytes", face, 25),
    ]


def _signatures_of(text: str, world: World) -> Work:
    """Only the two signatures of a presentation, their keys loaded and DER made ready."""
    token = sd_jwt.read(text)
    if token.binding is None:
        raise ValueError("not bound")
    holder = es256.public(world.holders[0])
    return _two(
        (world.issuer, token.issued.signed, token.issued.signature),
        (holder, token.binding.signed, token.binding.signature),
    )


def _signatures_of_gate(code: str, world: World) -> Work:
    token = gate_token.read(code)
    issued, shown = token._issued, token._shown
    return _two(
        (world.issuer, issued.message, issued.signature),
        (es256.public(world.holders[0]), shown.message, shown.signature),
    )


def _two(*signed: tuple[es256.PublicKey, bytes, bytes]) -> Work:
    ready = [
        (key.point, message, encode_dss_signature(
            int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")))
        for key, message, raw in signed
    ]  # fmt: skip

    def verify() -> None:
        for point, message, der in ready:
            point.verify(der, message, _ALGORITHM)

    return verify


def _quickest(size: Size, works: Mapping[str, Work]) -> dict[str, float]:
    """Microseconds of each, in the round where it was quickest."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(size.rounds):
        for name, work in works.items():
            began = time.process_time()
            for _ in range(size.repeats):
                work()
            found[name].append((time.process_time() - began) / size.repeats * 1e6)
    return {name: min(taken) for name, taken in found.items()}


def _share(
    what: str, took: Mapping[str, float], ours: str, limit: str, goal: float | None
) -> Line:
    """Ours as a share of a limit that nobody can pass."""
    alone = "two signatures alone" if "limit" in limit else "one signature alone"
    return Line(
        f"{what}: share of the limit", _each(took[ours]), f"OpenSSL, {alone}: {_each(took[limit])}",
        took[limit] / took[ours], goal,
    )  # fmt: skip


def _times(
    what: str, took: Mapping[str, float], ours: str, theirs: str, goal: float | None
) -> Line:
    """How many of ours in the time of one of theirs."""
    return Line(
        what, _each(took[ours]), f"the sd-jwt package: {_each(took[theirs])}",
        took[theirs] / took[ours], goal,
    )  # fmt: skip


def _each(microseconds: float) -> str:
    return f"{microseconds:.0f} µs CPU, {1e6 / microseconds:,.0f}/s"

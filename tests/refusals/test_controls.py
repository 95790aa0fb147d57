"""Each control is seen to matter: taken out, the attacks get through, and the engine tells."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

import pytest

from passport.rules.tokens import (
    cbor_strict,
    es256,
    gate_facts,
    gate_token,
    jws,
    numeric_dates,
    sd_jwt,
    sd_jwt_processing,
    status_list,
    trust_list,
    x509_chain,
)
from passport.rules.tokens.es256 import PublicKey
from passport.rules.tokens.gate_token import GateToken
from passport.rules.tokens.sd_jwt import SdJwt
from passport.rules.tokens.sd_jwt_processing import _Unpacking
from tests.refusals import controls, engine
from tests.refusals.engine import TARGETS, Report

ROUNDS = 120


class Control(NamedTuple):
    """A line of a function, and the tokens that get through without it."""

    target: str
    function: Callable[..., Any]
    line: str
    instead: str = "if False:"


CONTROLS = {
    "a signature that is wrong": Control(
        "SD-JWT", PublicKey.verifies, "except InvalidSignature:\n        return False",
        "except InvalidSignature:\n        return True"),
    "a wrong signature at the gate": Control(
        "gate", PublicKey.verifies, "except InvalidSignature:\n        return False",
        "except InvalidSignature:\n        return True"),
    "another algorithm": Control("SD-JWT", jws._header, 'if header.get("alg") != "ES256":'),
    "another type of token": Control("SD-JWT", jws._header, 'if header.get("typ") != typ:'),
    "something critical": Control(
        "SD-JWT", jws._header, "if any(name in header for name in _REFUSED):"),
    "a key in the header": Control(
        "SD-JWT", jws._header, 'if ({"jwk", "x5c"} & set(header)) - key_headers:'),
    "a kid that is no text": Control(
        "SD-JWT", jws._header, 'if not isinstance(header.get("kid", ""), str):'),
    "a name twice": Control("SD-JWT", jws._once, "if len(found) != len(pairs):"),
    "half a character": Control(
        "SD-JWT", jws.json_value,
        r'if b"\\" in content or content.count(b"{") + content.count(b"[") > DEEPEST:'),
    "NaN": Control("SD-JWT", jws._no_constant, "raise ValueError", "return 0.0"),
    "1e400": Control("SD-JWT", jws._finite, "if not math.isfinite(value):"),
    "something behind the JSON": Control("SD-JWT", jws.json_value, "if end != len(text):"),
    "a second spelling in base64": Control(
        "SD-JWT", es256.from_base64url, "if left_over and text[-1] not in _LAST[left_over]:"),
    "a key that is private or of another kind": Control(
        "SD-JWT", es256.from_jwk,
        'if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" in jwk:'),
    "the audience": Control("SD-JWT", SdJwt.check, 'if binding.get("aud") != audience:'),
    "the nonce": Control("SD-JWT", SdJwt.check, 'if binding.get("nonce") != nonce:'),
    "the shape of claims": Control("SD-JWT", SdJwt.check, "if is_vc and not _well_formed(claims):"),
    "the holder's signature": Control(
        "SD-JWT", SdJwt._binding,
        "if not holder.verifies(self.binding.signed, self.binding.signature):"),
    "what was bound": Control(
        "SD-JWT", SdJwt._binding,
        'if claims.get("sd_hash") != digester(self.issuer_claims)(self.bound_text):'),
    "the key binding being there": Control(
        "SD-JWT", SdJwt._binding, "if self.binding is None:"),
    "the end": Control(
        "SD-JWT", sd_jwt._check_times, "if expires is not None and expires <= moment:"),
    "the beginning": Control(
        "SD-JWT", sd_jwt._check_times, "if starts is not None and starts > ahead:"),
    "issued in the future": Control(
        "SD-JWT", sd_jwt._check_times, "if made is not None and made > ahead:"),
    "the age of a binding": Control(
        "SD-JWT", sd_jwt._bound_at, "if at < (now - OLDEST_BINDING).timestamp():"),
    "times that are no numbers": Control(
        "SD-JWT", sd_jwt._time,
        "if isinstance(value, bool) or not isinstance(value, int | float):"),
    "for whom it was issued": Control(
        "SD-JWT", sd_jwt._check_audience, "if audience is None or audience not in meant:"),
    "a disclosure that nobody signed": Control(
        "SD-JWT", sd_jwt_processing.process, "if len(unpacking.top_level) != len(disclosures):"),
    "a digest that stands twice": Control(
        "SD-JWT", _Unpacking._meet, "if len(self._met) != met:"),
    "a claim that stands twice": Control(
        "SD-JWT", _Unpacking.object, "if disclosure.name in claims:"),
    "a registered claim hidden": Control(
        "SD-JWT", _Unpacking._disclosed, "if top in self._never:"),
    "a part of one hidden": Control(
        "SD-JWT", _Unpacking._meet, "if digests and top in self._never:"),
    "a name that is kept": Control(
        "SD-JWT", sd_jwt_processing._disclosure, "if name in _RESERVED:"),
    "the hash": Control(
        "SD-JWT", sd_jwt_processing.digester, "if found is None:",
        "found = found or hashlib.sha256\n    if False:"),
    "the issuer's signature at the gate": Control(
        "gate", GateToken.check,
        "if not key.verifies(self._issued.message, self._issued.signature):"),
    "the phone's signature": Control(
        "gate", GateToken.check,
        "if not self.said.holder.verifies(self._shown.message, self._shown.signature):"),
    "for which gate": Control(
        "gate", GateToken.check,
        "if self.said.audience not in ({audience} if isinstance(audience, str) else audience):"),
    "a challenge nobody gave": Control(
        "gate", GateToken._check_challenge, "if self.said.challenge == challenge:", "if True:"),
    "a screenshot": Control("gate", GateToken._check_times, "if difference < -OLDEST:"),
    "a clock ahead": Control("gate", GateToken._check_times, "if difference > NEWEST:"),
    "the end of a pass": Control(
        "gate", GateToken._check_times, "if now >= self.said.expires_at:"),
    "a pass of tomorrow": Control(
        "gate", GateToken._check_times, "if now < self.said.issued_at - NEWEST:"),
    "a pass for years": Control(
        "gate", gate_token._said,
        "if not timedelta() < expires_at - issued_at <= timedelta(days=MOST_DAYS):"),
    "claims of no kind": Control(
        "gate", gate_token._said, "if not (claims.keys() <= _CLAIMS and proof.keys() <= _PROOF):"),
    "a header that is not protected": Control(
        "gate", gate_token._signed, "if unprotected != {}:"),
    "another algorithm at the gate": Control(
        "gate", gate_token._signed,
        "if type(found.get(_ALG)) is not int or found[_ALG] not in (_ES256, _ESP256):"),
    "another type at the gate": Control(
        "gate", gate_token._signed, "if type(found.get(_TYP)) is not int or found[_TYP] != typ:"),
    "more in a header": Control("gate", gate_token._signed, "if found.keys() != header:"),
    "a status without form": Control(
        "gate", gate_token._status,
        "if not isinstance(uri, str) or len(uri) > _LONGEST_URI or not _URI.fullmatch(uri):"),
    "facts of no kind": Control(
        "gate", gate_facts.unpack,
        "if not isinstance(packed, dict) or not packed.keys() <= _KNOWN:"),
    "a name that turns the line": Control(
        "gate", gate_facts._text,
        'if category in _NOT_SHOWN or (category == "Cf" and character not in _JOINERS):'),
    "bytes behind the CBOR": Control("gate", cbor_strict.read, "if end != len(content):"),
    "keys out of order": Control("gate", cbor_strict._map, "if spelling <= last:"),
    "a number written long": Control(
        "gate", cbor_strict._argument, "if number < _LEAST[size - 24]:"),
    "another tag": Control("gate", cbor_strict._tag, "if size != SIGN1:"),
    "the issuer of a list": Control(
        "status list", PublicKey.verifies, "except InvalidSignature:\n        return False",
        "except InvalidSignature:\n        return True"),
    "where a list belongs": Control(
        "status list", status_list.read_list, 'if claims.get("sub") != uri:'),
    "a list for somebody": Control("status list", status_list.read_list, 'if "aud" in claims:'),
    "a list rolled back": Control(
        "status list", status_list.read_list, "if at_least is not None and iat < at_least:"),
    "the end of a list": Control(
        "status list", numeric_dates.issued_and_ends, "if ends is not None and ends <= now:"),
    "a list of tomorrow": Control(
        "status list", numeric_dates.issued_and_ends, "if begins > now + skew:"),
    "the size of a list": Control(
        "status list", status_list._inflated, "if len(packed) > MOST_BYTES:\n"
        '        raise BadToken("too_large", "the list inflates beyond the bound")\n'
        "    if not unpacking.eof:"),
    "a list cut short": Control("status list", status_list._inflated, "if not unpacking.eof:"),
    "bytes behind a list": Control(
        "status list", status_list._inflated, "if unpacking.unused_data:"),
    "the width of an entry": Control(
        "status list", status_list._entries, "if type(bits) is not int or bits not in _BITS:"),
    "an odd ttl": Control(
        "status list", status_list._ttl,
        "if isinstance(value, bool) or not isinstance(value, int | float)"
        " or not 0 < value <= longest:"),
    "who signs the trust list": Control(
        "trust list", PublicKey.verifies, "except InvalidSignature:\n        return False",
        "except InvalidSignature:\n        return True"),
    "a trust list rolled back": Control(
        "trust list", trust_list.read_trust, "if found.version < at_least:"),
    "which trust list": Control(
        "trust list", trust_list.read_trust, "if sub is not None and found.sub != sub:"),
    "to whom a certificate is made out": Control(
        "trust list", trust_list.read_trust,
        "if certified is not None and not certified.speaks_for(found.iss):"),
    "what a certificate is for": Control(
        "trust list", x509_chain._check_leaf,
        "if made_for.isdisjoint(purposes) and (needed or not (made_for <= {_ANY_PURPOSE})):"),
    "up to which root": Control(
        "trust list", x509_chain.check_chain, "if anchor is None:",
        "anchor = anchor or anchors[0]\n    if False:"),
    "an organisation twice": Control(
        "trust list", trust_list._issuers, "if len(by_ods) != len(issuers):"),
    "a ring of successors": Control("trust list", trust_list._issuers, "if following in line:",
                                    "if following in line:\n                break\n"
                                    "            if False:"),
    "a prefix without an end": Control(
        "trust list", trust_list._prefix,
        'if not isinstance(value, str) or not value.endswith("/"):'),
    "a trust list for ever": Control("trust list", trust_list._read, "if exp is None:"),
    "an odd version": Control(
        "trust list", trust_list._read,
        "if type(version) is not int or not 0 < version <= MOST_VERSION:"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_stays_believed() -> Iterator[None]:
    engine.forget()
    yield
    engine.forget()


@pytest.mark.parametrize("missing", CONTROLS)
def test_without_a_control_the_engine_finds_what_gets_through(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = CONTROLS[missing]
    controls.out(monkeypatch, control.function, control.line, control.instead)
    target, report, chance = TARGETS[control.target], Report(), Random(missing)
    for _ in range(ROUNDS):
        for name, make in target.attacks.items():
            engine.send(name, target, make(chance), report)
        if not report.holds:
            break
    assert not report.holds


def test_a_control_is_back_after_its_test() -> None:
    assert engine.attack(1, seed=5).holds


def test_a_control_that_is_not_there_cannot_be_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="does not hold this once"):
        controls.out(monkeypatch, jws._once, "if nothing:", "if False:")

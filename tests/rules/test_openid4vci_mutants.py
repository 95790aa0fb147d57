"""Each check of a wallet's request, switched off: what it refuses is then let through.

The source of the rule is changed in memory, so every refusal is seen to hang on its own check.
"""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from passport.model.collecting_policy import COLLECTING_POLICY
from passport.rules.issuing import openid4vci_requests
from passport.rules.issuing.openid4vci import PRE_AUTHORIZED
from passport.rules.issuing.openid4vci_requests import PROOF_TYP, WalletError
from passport.rules.tokens import es256, jws

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
ISS = "https://bank.example/passport/issuers/RWJ"
KEY = es256.new_key()
FORM = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": "c"}
Ask = Callable[[ModuleType], Any]


def mutant(old: str, new: str) -> ModuleType:
    """The rules with one place of their source changed."""
    source = inspect.getsource(openid4vci_requests)
    assert source.count(old) == 1, (source.count(old), old)
    made = ModuleType("mutant")
    # The dataclasses of the copy look their module up by name.
    made.__dict__.update(__name__=openid4vci_requests.__name__)
    exec(source.replace(old, new), made.__dict__)  # noqa: S102  our own source
    return made


def proof(header: dict[str, Any] | None = None, *, key: Any = KEY, typ: str = PROOF_TYP,
          **claims: Any) -> str:  # fmt: skip
    said = {"aud": ISS, "iat": int(NOW.timestamp()), "nonce": "n"} | claims
    head = {"jwk": es256.public(KEY).jwk} if header is None else header
    return jws.write({k: v for k, v in said.items() if v is not None}, key, typ=typ, **head)


def proving(*texts: str, client_id: str | None = None) -> Ask:
    return lambda rules: rules.proofs(texts, issuer=ISS, client_id=client_id, now=NOW)


def at(**parts: float) -> int:
    return int((NOW + timedelta(**parts)).timestamp())


def asking(**more: Any) -> Ask:
    body = {"credential_configuration_id": "identity", "proofs": {"jwt": ["x"]}, **more}
    return lambda rules: rules.credential_request(
        {name: value for name, value in body.items() if value is not None}
    )


def token(form: Any = None, query: tuple[str, ...] = (), *, authenticates: bool = False) -> Ask:
    pairs = list((form or FORM).items()) if not isinstance(form, list) else form
    return lambda rules: rules.token_request(pairs, query, authenticates=authenticates)


def telling(**more: Any) -> Ask:
    body = {"notification_id": "x", "event": "credential_accepted", **more}
    return lambda rules: rules.notification(body)


CASES: list[tuple[str, Ask, str, str]] = [
    # token requests
    ("invalid_request", token(query=("tx_code",)),
     "if any(name in _NEVER_IN_QUERY for name in query):", "if False:"),
    ("invalid_request", token([*FORM.items(), ("pre-authorized_code", "c")]),
     "if name in sent:", "if False:"),
    ("invalid_request", token({"pre-authorized_code": "c"}),
     'grant = sent.get("grant_type")', 'grant = sent.get("grant_type", PRE_AUTHORIZED)'),
    ("unsupported_grant_type", token({**FORM, "grant_type": "password"}),
     "REFRESH: \"refresh_token\"}.get(grant)",
     "REFRESH: \"refresh_token\"}.get(grant, \"pre-authorized_code\")"),
    ("invalid_request",
     token({"grant_type": "refresh_token", "refresh_token": "r", "tx_code": "1"}),
     'if "tx_code" in sent and grant != PRE_AUTHORIZED:', "if False:"),
    ("invalid_client", token(authenticates=True), "if authenticates:", "if False:"),
    ("invalid_client", token({**FORM, "client_secret": "s"}),
     'if "client_secret" in sent or "client_assertion" in sent:', "if False:"),
    ("invalid_request", token({**FORM, "client_id": "x" * 201}),
     'if len(sent.get("client_id", "")) > _LONGEST:', "if False:"),
    ("invalid_authorization_details", token({**FORM, "authorization_details": "[]"}),
     "if not isinstance(value, list) or not value:", "if not isinstance(value, list):"),
    ("invalid_authorization_details",
     token({**FORM, "authorization_details":
            '[{"type": "payment", "credential_configuration_id": "identity"}]'}),
     'if not isinstance(one, dict) or one.get("type") != OPENID_CREDENTIAL:',
     "if not isinstance(one, dict):"),
    # credential requests
    ("invalid_credential_request", asking(credential_identifier="x"),
     "if sum(one is not None for one in named) != 1:", "if False:"),
    ("invalid_credential_request", asking(credential_configuration_id=""),
     "(isinstance(one, str) and one)", "isinstance(one, str)"),
    ("invalid_encryption_parameters", asking(credential_response_encryption={}),
     'if "credential_response_encryption" in body:', "if False:"),
    ("invalid_proof", asking(proofs={"jwt": ["x"], "di_vp": [{}]}),
     "or len(sent) != 1 or", "or"),
    ("invalid_proof", asking(proofs={"jwt": []}),
     "if not isinstance(texts, list) or not texts:", "if not isinstance(texts, list):"),
    ("invalid_proof", asking(proofs={"jwt": ["x"] * (COLLECTING_POLICY.batch_size + 1)}),
     "if len(texts) > COLLECTING_POLICY.batch_size:", "if False:"),
    ("invalid_proof", asking(proofs={"jwt": [7]}),
     "if not all(isinstance(text, str) for text in texts):", "if False:"),
    # proofs
    ("invalid_proof", proving(proof(typ="JWT")), "typ=PROOF_TYP,", 'typ="JWT",'),
    ("invalid_proof", proving(proof({"jwk": es256.public(KEY).jwk, "kid": "1"})),
     'if "kid" in token.header or "jwk" not in token.header:', "if False:"),
    ("invalid_proof", proving(proof({"jwk": es256.public(KEY).jwk, "x5c": ["a"]})),
     'key_headers=frozenset({"jwk"})', 'key_headers=frozenset({"jwk", "x5c"})'),
    ("invalid_proof", proving(proof(key=es256.new_key())), "token.check(key)", "pass"),
    ("invalid_proof", proving(proof(aud="https://other.example")),
     'if claims.get("aud") != issuer:', "if False:"),
    ("invalid_proof", proving(proof(aud=[ISS])),
     'if claims.get("aud") != issuer:', 'if issuer not in claims.get("aud"):'),
    ("invalid_proof", proving(proof(aud=ISS + "/x")),
     'if claims.get("aud") != issuer:', 'if not claims["aud"].startswith(issuer):'),
    ("invalid_proof", proving(proof(iss="x")),
     "(client_id is None or claims[\"iss\"] != client_id)", "False"),
    ("invalid_proof", proving(proof(iss="x"), client_id="y"),
     "(client_id is None or claims[\"iss\"] != client_id)", "client_id is None"),
    ("invalid_proof", proving(proof(iat=at(minutes=6))),
     "skew=COLLECTING_POLICY.proof)", "skew=10 * COLLECTING_POLICY.proof)"),
    ("invalid_proof", proving(proof(iat=at(minutes=-6))),
     "if made < now - COLLECTING_POLICY.proof:", "if False:"),
    ("invalid_proof", proving(proof(nonce=None)),
     "if not isinstance(nonce, str) or not nonce:", "if False:"),
    ("invalid_proof", proving(proof(), proof(iat=at(seconds=1))),
     "if len({proof.key.kid for proof in found}) != len(found):", "if False:"),
    ("invalid_proof", proving(proof(jti="x" * 9000)), "most=MOST_PROOF", "most=10**9"),
    # notifications
    ("invalid_notification_request", telling(event="x"), "if event not in EVENTS:", "if False:"),
    ("invalid_notification_request", telling(notification_id=""),
     "if not isinstance(identifier, str) or not identifier:",
     "if not isinstance(identifier, str):"),
    ("invalid_notification_request", telling(event_description='"'),
     "not re.fullmatch(_PLAIN, description)", "False"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_refusal_hangs_on_its_check(number: int) -> None:
    error, ask, old, new = CASES[number]
    with pytest.raises(WalletError) as refused:
        ask(openid4vci_requests)
    assert refused.value.error == error
    changed = mutant(old, new)
    try:
        ask(changed)
    except Exception as problem:
        let_through = getattr(problem, "error", None) != error
        assert let_through, problem  # noqa: PT017


def test_what_is_right_is_taken() -> None:
    assert token()(openid4vci_requests).secret == "c"
    assert asking()(openid4vci_requests).configuration == "identity"
    (held,) = proving(proof(iss="y"), client_id="y")(openid4vci_requests)
    assert (held.key.kid, held.nonce) == (es256.public(KEY).kid, "n")
    assert telling(event_description="All is well.")(openid4vci_requests)[0] == "x"

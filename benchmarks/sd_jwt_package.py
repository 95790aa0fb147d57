"""The usual library (`sd-jwt` on the package index), doing what ours does: the baseline."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from passport.rules.tokens import es256

with warnings.catch_warnings():  # of what its own dependencies will lose one day
    warnings.simplefilter("ignore")
    from jwcrypto.jwk import JWK
    from sd_jwt.common import SDObj
    from sd_jwt.issuer import SDJWTIssuer
    from sd_jwt.verifier import SDJWTVerifier


def issuing(
    claims: Mapping[str, Any],
    hidden: Sequence[str],
    key: es256.PrivateKey,
    holder: es256.PublicKey,
    header: Mapping[str, str],
) -> Callable[[], object]:
    """Issue those claims again and again, with keys that are loaded already."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    own, bound = JWK.from_pem(pem), JWK(**holder.jwk)
    parameters = {"typ": "dc+sd-jwt", **header}

    def issue() -> object:
        marked = {SDObj(name) if name in hidden else name: one for name, one in claims.items()}
        made = SDJWTIssuer(
            marked, own, bound, sign_alg="ES256", extra_header_parameters=parameters
        )
        return made.sd_jwt_issuance

    return issue


def verifying(
    text: str, issuer: es256.PublicKey, audience: str, nonce: str
) -> Callable[[], object]:
    """Verify that presentation again and again, with the issuer's key loaded already."""
    key = JWK(**issuer.jwk)
    return lambda: SDJWTVerifier(text, lambda _issuer, _header: key, audience, nonce)

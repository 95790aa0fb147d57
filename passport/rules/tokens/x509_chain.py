"""Certificates of signing keys: `x5c` chains (RFC 7515 §4.1.6), checked as HAIP 1.0 has them.

The header carries the leaf and what lies between, in order; the anchor is not sent but known.
Everything is P-256 with SHA-256. What this module does not understand it refuses: a critical
extension, name constraints, a purpose that was not asked for.
"""

import base64
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, SignatureAlgorithmOID

from passport.rules.tokens import es256
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import PrivateKey, PublicKey

_Kind = TypeVar("_Kind", bound=x509.ExtensionType)

Purpose = x509.ObjectIdentifier
TRUST_LIST_SIGNING = Purpose("2.25.147788572253843067091178270856255786512")
"""Purpose of the certificate that signs a trust list; issuers' certificates do not have it."""
MOST_CERTIFICATES = 5
LONGEST_CERTIFICATE = 8 * 1024
"""Characters of base64."""
BACKDATED = timedelta(hours=1)
"""Certificates begin this much before they are made, for clocks that are behind."""
_ANY_PURPOSE = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
_UNDERSTOOD = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage,
               x509.SubjectAlternativeName)  # fmt: skip
_UNREADABLE = (
    ValueError,
    TypeError,
    UserWarning,  # what the library reads but will not for long, or finds odd in a name
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True)
class Certified:
    """A key, and whom a chain up to a known root says it belongs to."""

    key: PublicKey
    subject: str
    """The whole distinguished name (RFC 4514)."""
    ods: str | None
    """The ODS code, where the certificate has one (organizationIdentifier)."""
    uris: frozenset[str]
    hosts: frozenset[str]
    digest: bytes
    """SHA-256 of the leaf, as in `x509_hash`."""
    until: datetime
    """When the first certificate of the chain ends."""

    def speaks_for(self, iss: str) -> bool:
        """Whether `iss` is one of the addresses, or lies at one of the hosts, that the leaf is
        made out to."""
        if iss in self.uris:
            return True
        try:
            parts = urlsplit(iss)
        except ValueError:
            return False
        return parts.scheme == "https" and (parts.hostname or "").lower() in self.hosts


def make_root(name: str, key: PrivateKey, *, now: datetime, days: int = 3_650) -> str:
    """A self-signed P-256 authority, as PEM."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begun = _begun(subject, subject, key.public_key(), key.public_key(), now, days)
    constraints = x509.BasicConstraints(ca=True, path_length=1)
    made = begun.add_extension(constraints, critical=True).add_extension(
        _usage(for_certificates=True), critical=True
    )
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def make_leaf(
    name: str,
    key: PublicKey,
    *,
    root: str,
    root_key: PrivateKey,
    now: datetime,
    days: int = 365,
    ods: str | None = None,
    uri: str | None = None,
    host: str | None = None,
    purposes: Collection[Purpose] = (),
) -> bytes:
    """A certificate under that root for a key that signs tokens, as DER."""
    authority = x509.load_pem_x509_certificate(root.encode())
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if ods is not None:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, ods))
    subject, issuer_point = x509.Name(attributes), root_key.public_key()
    made = (
        _begun(subject, authority.subject, key.point, issuer_point, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(for_certificates=False), critical=True)
    )
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri)] if uri else []
    names += [x509.DNSName(host)] if host else []
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if purposes:
        made = made.add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=False)
    return made.sign(root_key, hashes.SHA256()).public_bytes(Encoding.DER)


def x5c(*certificates: bytes) -> list[str]:
    """DER certificates, the leaf first and the anchor left out, as the header has them."""
    return [base64.b64encode(one).decode() for one in certificates]


def fingerprint(root: str | bytes) -> str:
    """SHA-256 of a certificate (PEM) in hex: what two people read out to each other. Raises
    `BadToken`."""
    return hashlib.sha256(_of_pem(root).public_bytes(Encoding.DER)).hexdigest()


def check_chain(
    chain: object,
    roots: Iterable[str | bytes],
    now: datetime,
    *,
    purposes: Collection[Purpose] = (),
    purpose_needed: bool = False,
) -> Certified:
    """The key of an `x5c` header that leads up to one of the roots (PEM). Raises `BadToken`.

    A leaf with an extended key usage has to name one of the `purposes`; one without may be used
    for any, unless a purpose is needed.
    """
    certificates = _read(chain)
    anchors = [_of_pem(root) for root in roots]
    for one in certificates:
        _check_fit(one, now)
    leaf, *above = certificates
    if _self_issued(leaf):
        raise BadToken("bad_chain", "the leaf is self-signed")
    if any(_self_issued(one) or one in anchors for one in certificates):
        raise BadToken("bad_chain", "the anchor is included")
    _check_leaf(leaf, purposes, purpose_needed)
    for depth, (below, authority) in enumerate(zip(certificates, above, strict=False)):
        if not _certifies(authority, below, depth):
            raise BadToken("bad_chain", "a certificate is not certified by the next")
    last = certificates[-1]
    anchor = next((one for one in anchors if _certifies(one, last, len(above))), None)
    if anchor is None:
        raise BadToken("unknown_root", "the chain does not lead to a root that is known here")
    _check_fit(anchor, now)
    return _certified(leaf, until=min(one.not_valid_after_utc for one in (*certificates, anchor)))


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    point: ec.EllipticCurvePublicKey,
    issuer_point: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    begins = now.replace(microsecond=0) - BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(point)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + BACKDATED + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(point), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_point), critical=False
        )
    )


def _usage(*, for_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not for_certificates,
        key_cert_sign=for_certificates,
        crl_sign=for_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _read(chain: object) -> Sequence[x509.Certificate]:
    if not isinstance(chain, list) or not 0 < len(chain) <= MOST_CERTIFICATES:
        raise BadToken("bad_chain", f"not a list of 1 to {MOST_CERTIFICATES} certificates")
    if any(not isinstance(one, str) or len(one) > LONGEST_CERTIFICATE for one in chain):
        raise BadToken("bad_certificate", "not text, or too long")
    try:
        encoded = [base64.b64decode(one, validate=True) for one in chain]
        certificates = [_load(one) for one in encoded]
    except _UNREADABLE:
        raise BadToken("bad_certificate", "not a certificate") from None
    if x5c(*encoded) != chain:
        raise BadToken("bad_certificate", "not the one spelling in base64")
    return certificates


@lru_cache(maxsize=256)
def _load(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


def _of_pem(root: str | bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(root.encode() if isinstance(root, str) else root)
    except _UNREADABLE:
        raise BadToken("bad_root", "the root is not a certificate") from None


def _check_fit(one: x509.Certificate, now: datetime) -> None:
    """Raises for what no certificate of a chain may be."""
    try:
        _key, extensions, _names = _key_of(one), one.extensions, (one.subject, one.issuer)
        algorithm, version, number = (
            one.signature_algorithm_oid,
            one.version,
            one.serial_number,
        )
    except _UNREADABLE:
        raise BadToken("bad_certificate", "not a certificate") from None
    if algorithm != SignatureAlgorithmOID.ECDSA_WITH_SHA256:
        raise BadToken("bad_certificate", "not signed with SHA-256")
    if version is not x509.Version.v3 or number <= 0:
        raise BadToken("bad_certificate", "not of version 3, or its number is not positive")
    if any(
        isinstance(extension.value, x509.NameConstraints)
        or (extension.critical and not isinstance(extension.value, _UNDERSTOOD))
        for extension in extensions
    ):
        raise BadToken("bad_certificate", "has a limit that is not understood")
    if now < one.not_valid_before_utc:
        raise BadToken("certificate_not_yet_valid")
    if now > one.not_valid_after_utc:
        raise BadToken("certificate_expired")


def _key_of(one: x509.Certificate) -> PublicKey:
    point = one.public_key()
    if isinstance(point, ec.EllipticCurvePublicKey) and isinstance(point.curve, ec.SECP256R1):
        return es256.public(point)
    raise BadToken("bad_certificate", "not a P-256 key")


def _self_issued(one: x509.Certificate) -> bool:
    return one.subject == one.issuer


def _check_leaf(leaf: x509.Certificate, purposes: Collection[Purpose], needed: bool) -> None:
    constraints, usage = _extension(leaf, x509.BasicConstraints), _extension(leaf, x509.KeyUsage)
    if constraints is not None and constraints.ca:
        raise BadToken("bad_chain", "the leaf is an authority")
    if usage is not None and not usage.digital_signature:
        raise BadToken("wrong_purpose", "not a key for signatures")
    made_for = set(_extension(leaf, x509.ExtendedKeyUsage) or ())
    if made_for.isdisjoint(purposes) and (needed or not (made_for <= {_ANY_PURPOSE})):
        raise BadToken("wrong_purpose", "made for another purpose")


def _certifies(authority: x509.Certificate, below: x509.Certificate, depth: int) -> bool:
    """Whether one may certify keys, `depth` authorities below it, and signed the other."""
    constraints = _extension(authority, x509.BasicConstraints)
    usage = _extension(authority, x509.KeyUsage)
    if constraints is None or not constraints.ca or (usage and not usage.key_cert_sign):
        return False
    if constraints.path_length is not None and constraints.path_length < depth:
        return False
    return _signed(authority, below)


@lru_cache(maxsize=1_024)
def _signed(authority: x509.Certificate, below: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(authority)
    except (InvalidSignature, *_UNREADABLE):
        return False
    return True


def _extension(one: x509.Certificate, kind: type[_Kind]) -> _Kind | None:
    try:
        return one.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _certified(leaf: x509.Certificate, *, until: datetime) -> Certified:
    names = _extension(leaf, x509.SubjectAlternativeName)
    codes = leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    return Certified(
        key=_key_of(leaf),
        subject=leaf.subject.rfc4514_string(),
        ods=str(codes[0].value) if len(codes) == 1 else None,
        uris=frozenset(names.get_values_for_type(x509.UniformResourceIdentifier) if names else ()),
        hosts=frozenset(
            host.lower() for host in (names.get_values_for_type(x509.DNSName) if names else ())
        ),
        digest=hashlib.sha256(leaf.public_bytes(Encoding.DER)).digest(),
        until=until,
    )

"""Certificates of every kind, good and bad, for the tests of chains."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 11, 2, 19, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ROOT_KEY, MIDDLE_KEY, LOWER_KEY, LEAF_KEY, OTHER_KEY = (
    ec.generate_private_key(ec.SECP256R1()) for _ in range(5)
)
P384_KEY = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)


def constraints(*, ca: bool, path_length: int | None = None) -> x509.BasicConstraints:
    return x509.BasicConstraints(ca=ca, path_length=path_length)


def usage(*allowed: str) -> x509.KeyUsage:
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
             "decipher_only")  # fmt: skip
    return x509.KeyUsage(**{one: one in allowed for one in every})


def certificate(
    subject: str,
    key: Any,
    issuer: str,
    issuer_key: Any,
    *extensions: tuple[x509.ExtensionType, bool],
    begins: datetime = NOW - 30 * DAY,
    ends: datetime = NOW + 300 * DAY,
    algorithm: Any = None,
) -> x509.Certificate:
    """A certificate with just these extensions (and whether each is critical)."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, algorithm or hashes.SHA256())


def leaf(*extensions: tuple[x509.ExtensionType, bool], **changed: Any) -> x509.Certificate:
    """One that the root issued to `LEAF_KEY`, changed."""
    options = {"subject": "Leaf", "key": LEAF_KEY, "issuer": "Root", "issuer_key": ROOT_KEY}
    options |= changed
    return certificate(
        options.pop("subject"),
        options.pop("key"),
        options.pop("issuer"),
        options.pop("issuer_key"),
        *extensions,
        **options,
    )


def authority(subject: str, key: Any, issuer: str, issuer_key: Any, **changed: Any) -> Any:
    """One that may certify others."""
    path_length = changed.pop("path_length", None)
    return certificate(
        subject,
        key,
        issuer,
        issuer_key,
        (constraints(ca=True, path_length=path_length), True),
        (usage("key_cert_sign"), True),
        **changed,
    )


def resigned(one: x509.Certificate, change: Callable[[bytes], bytes]) -> bytes:
    """The certificate with what is signed in it changed, and signed again with `ROOT_KEY`."""
    content = one.tbs_certificate_bytes
    content = content[4:] if content[1] == 0x82 else content[3:] if content[1] == 0x81 else b""
    changed = _sequence(change(content))
    signature = b"\0" + ROOT_KEY.sign(changed, ec.ECDSA(hashes.SHA256()))
    ecdsa_with_sha256 = bytes.fromhex("300a06082a8648ce3d040302")
    return _sequence(changed + ecdsa_with_sha256 + b"\x03" + bytes([len(signature)]) + signature)


def _sequence(content: bytes) -> bytes:
    return (
        b"\x30\x82" + len(content).to_bytes(2, "big") + content
        if len(content) > 255
        else (b"\x30\x81" + bytes([len(content)]) + content)
    )


def der(one: x509.Certificate) -> bytes:
    return one.public_bytes(Encoding.DER)


def pem(one: x509.Certificate) -> str:
    return one.public_bytes(Encoding.PEM).decode()


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

"""Which chains of certificates lead to a key that may be believed."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from passport.rules.tokens import es256
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.x509_chain import (
    BACKDATED,
    MOST_CERTIFICATES,
    TRUST_LIST_SIGNING,
    Certified,
    Purpose,
    check_chain,
    make_leaf,
    make_root,
    x5c,
)
from tests.rules.certificates import (
    DAY,
    LEAF_KEY,
    LOWER_KEY,
    MIDDLE_KEY,
    NOW,
    OTHER_KEY,
    P384_KEY,
    ROOT_KEY,
    RSA_KEY,
    authority,
    certificate,
    constraints,
    der,
    leaf,
    pem,
    resigned,
    usage,
)

ROOT = authority("Root", ROOT_KEY, "Root", ROOT_KEY)
SHORT_ROOT = authority("Root", ROOT_KEY, "Root", ROOT_KEY, path_length=0)
MIDDLE = authority("Middle", MIDDLE_KEY, "Root", ROOT_KEY, path_length=0)
UNDER_MIDDLE = leaf(issuer="Middle", issuer_key=MIDDLE_KEY)
A_PURPOSE, ANY = Purpose("1.2.3.4.5"), ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE


def check(*certificates: x509.Certificate, roots: Any = None, **options: Any) -> Certified:
    chain = x5c(*map(der, certificates))
    return check_chain(chain, roots or [pem(ROOT)], options.pop("now", NOW), **options)


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(BadToken) as refused:
        call()
    return refused.value.code, refused.value.detail


# --- made here, checked here ---


def test_a_made_leaf_leads_to_the_made_root() -> None:
    root = make_root("Passport root of an ICB", ROOT_KEY, now=NOW)
    made = make_leaf(
        "Royal Example Hospital",
        es256.public(LEAF_KEY),
        root=root,
        root_key=ROOT_KEY,
        now=NOW,
        ods="RH8",
        uri="https://rh8.example.nhs.uk",
        host="RH8.example.nhs.uk",
    )
    found = check_chain(x5c(made), [root], NOW)
    assert found.key == es256.public(LEAF_KEY)
    assert "CN=Royal Example Hospital" in found.subject
    assert found.ods == "RH8"
    assert found.uris == {"https://rh8.example.nhs.uk"}
    assert found.hosts == {"rh8.example.nhs.uk"}
    assert found.until == NOW + 365 * DAY
    assert len(found.digest) == 32


def test_a_made_leaf_is_no_authority_and_a_made_root_ends() -> None:
    root = make_root("Root", ROOT_KEY, now=NOW)
    made = make_leaf("A", es256.public(LEAF_KEY), root=root, root_key=ROOT_KEY, now=NOW)
    below = make_leaf(
        "B",
        es256.public(OTHER_KEY),
        root=pem(x509.load_der_x509_certificate(made)),
        root_key=LEAF_KEY,
        now=NOW,
    )
    assert refusal(lambda: check_chain(x5c(below, made), [root], NOW))[0] == "bad_chain"
    assert check_chain(x5c(made), [root], NOW - BACKDATED).ods is None
    assert check_chain(x5c(made), [root], NOW + 365 * DAY).uris == frozenset()


# --- chains that hold ---

VERSION_3 = bytes.fromhex("a003020102")


def of_version_1(content: bytes) -> bytes:
    return content.removeprefix(VERSION_3)


def numbered(number: int) -> Callable[[bytes], bytes]:
    """The version, then the number: its length stands at 6."""
    return lambda content: (
        VERSION_3 + b"\x02\x01" + number.to_bytes(1, "big", signed=True) + content[7 + content[6] :]
    )


ACCEPTED: dict[str, Callable[[], Certified]] = {
    "a leaf under the root": lambda: check(leaf()),
    "one authority between": lambda: check(UNDER_MIDDLE, MIDDLE),
    "an authority that does not say what its key is for": lambda: check(
        leaf(issuer="A", issuer_key=OTHER_KEY),
        leaf((constraints(ca=True), True), subject="A", key=OTHER_KEY),
    ),
    "as many certificates as there may be": lambda: check(
        leaf(issuer="4", issuer_key=LOWER_KEY),
        *(authority(f"{at}", LOWER_KEY, f"{at - 1}", LOWER_KEY) for at in (4, 3, 2)),
        authority("1", LOWER_KEY, "Root", ROOT_KEY),
    ),
    "several roots, the right one last": lambda: check(
        leaf(), roots=[pem(authority("Other", OTHER_KEY, "Other", OTHER_KEY)), pem(ROOT)]
    ),
    "beside a root that has expired": lambda: check(
        leaf(),
        roots=[
            pem(authority("Other", OTHER_KEY, "Other", OTHER_KEY, ends=NOW - DAY)),
            pem(ROOT).encode(),
        ],
    ),
    "two roots of one name": lambda: check(
        leaf(), roots=[pem(authority("Root", OTHER_KEY, "Root", OTHER_KEY)), pem(ROOT)]
    ),
    "a known authority in the place of the root": lambda: check(UNDER_MIDDLE, roots=[pem(MIDDLE)]),
    "a key for signatures": lambda: check(leaf((usage("digital_signature"), True))),
    "an unknown extension that is not critical": lambda: check(
        leaf((x509.UnrecognizedExtension(Purpose("1.2.3.4"), b"\x05\x00"), False))
    ),
    "made for the purpose asked for": lambda: check(
        leaf((x509.ExtendedKeyUsage([A_PURPOSE]), True)), purposes=[A_PURPOSE]
    ),
    "made for the purpose that is needed": lambda: check(
        leaf((x509.ExtendedKeyUsage([A_PURPOSE]), True)), purposes=[A_PURPOSE], purpose_needed=True
    ),
    "made for any purpose": lambda: check(leaf((x509.ExtendedKeyUsage([ANY]), False))),
    "no purpose named where none is needed": lambda: check(leaf(), purposes=[A_PURPOSE]),
    "put together again, with the number 1": lambda: check_chain(
        x5c(resigned(leaf(), numbered(1))), [pem(ROOT)], NOW
    ),
    "in its last second": lambda: check(leaf(ends=NOW)),
    "in its first second": lambda: check(leaf(begins=NOW)),
}


@pytest.mark.parametrize("chain", ACCEPTED.values(), ids=ACCEPTED)
def test_leads_to_the_key(chain: Callable[[], Certified]) -> None:
    assert chain().key == es256.public(LEAF_KEY)


# --- refusals ---


def second_spelling(one: x509.Certificate) -> str:
    """The same bytes, but the last letter carries bits that nobody reads."""
    content = der(one)
    while len(content) % 3 == 0:
        content = der(leaf())
    text = x5c(content)[0]
    letters = text.rstrip("=")
    return letters[:-1] + chr(ord(letters[-1]) + 1) + text[len(letters) :]


LOWER = authority("Lower", LOWER_KEY, "Middle", MIDDLE_KEY)
ENDLESS_MIDDLE = authority("Middle", MIDDLE_KEY, "Root", ROOT_KEY)
UNDER_LOWER = leaf(issuer="Lower", issuer_key=LOWER_KEY)
CHAIN, CERTIFICATE, PURPOSE = "bad_chain", "bad_certificate", "wrong_purpose"
NOT_NEXT, A_LIMIT = "not certified by the next", "a limit that is not understood"
NO_ROOT = "does not lead to a root"
REFUSED: dict[str, tuple[Callable[[], object], str, str]] = {
    # its form
    "no chain": (lambda: check_chain(None, [pem(ROOT)], NOW), CHAIN, "not a list"),
    "one text in place of the list": (
        lambda: check_chain(x5c(der(leaf()))[0], [pem(ROOT)], NOW), CHAIN, "not a list"),
    "an empty chain": (lambda: check(), CHAIN, "not a list"),
    "fifty certificates": (lambda: check(*[leaf()] * 50), CHAIN, "not a list"),
    "one more than the bound": (
        lambda: check(*[leaf()] * (MOST_CERTIFICATES + 1)), CHAIN, "not a list"),
    "a number": (lambda: check_chain([7], [pem(ROOT)], NOW), CERTIFICATE, "not text"),
    "a certificate of 100 kB": (
        lambda: check_chain(["A" * 100_000], [pem(ROOT)], NOW), CERTIFICATE, "too long"),
    "PEM in place of base64": (
        lambda: check_chain([pem(leaf())], [pem(ROOT)], NOW), CERTIFICATE, "not a certificate"),
    "base64 with line breaks": (
        lambda: check_chain([base64.encodebytes(der(leaf())).decode()], [pem(ROOT)], NOW),
        CERTIFICATE, "not a certificate"),
    "base64 in a second spelling": (
        lambda: check_chain([second_spelling(leaf())], [pem(ROOT)], NOW), CERTIFICATE,
        "one spelling"),
    "base64 of something else": (
        lambda: check_chain(x5c(b"hello"), [pem(ROOT)], NOW), CERTIFICATE, "not a certificate"),
    "bytes after the certificate": (
        lambda: check_chain(x5c(der(leaf()) + b"!"), [pem(ROOT)], NOW), CERTIFICATE,
        "not a certificate"),
    "another letter outside ASCII": (
        lambda: check_chain(["é"], [pem(ROOT)], NOW), CERTIFICATE, "not a certificate"),
    # when
    "an expired leaf": (lambda: check(leaf(ends=NOW - DAY)), "certificate_expired", ""),
    "a leaf that begins tomorrow": (
        lambda: check(leaf(begins=NOW + DAY)), "certificate_not_yet_valid", ""),
    "an expired authority between": (
        lambda: check(UNDER_MIDDLE, authority("Middle", MIDDLE_KEY, "Root", ROOT_KEY,
                                              ends=NOW - DAY)), "certificate_expired", ""),
    "an expired root": (
        lambda: check(leaf(), roots=[pem(authority("Root", ROOT_KEY, "Root", ROOT_KEY,
                                                   ends=NOW - DAY))]), "certificate_expired", ""),
    # the leaf
    "a self-signed leaf": (
        lambda: check(leaf(subject="Leaf", issuer="Leaf", issuer_key=LEAF_KEY)), CHAIN,
        "self-signed"),
    "a self-signed leaf that is known as a root": (
        lambda: check(ROOT), CHAIN, "self-signed"),
    "a leaf that is an authority": (
        lambda: check(leaf((constraints(ca=True), True))), CHAIN, "is an authority"),
    "a leaf for certificates only": (
        lambda: check(leaf((usage("key_cert_sign"), True))), PURPOSE, "not a key for signatures"),
    "a web server's certificate": (
        lambda: check(leaf((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))),
        PURPOSE, "another purpose"),
    "made for another purpose than the one asked for": (
        lambda: check(leaf((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)),
                      purposes=[A_PURPOSE]), PURPOSE, "another purpose"),
    "no purpose where one is needed": (
        lambda: check(leaf(), purposes=[A_PURPOSE], purpose_needed=True), PURPOSE, ""),
    "any purpose where one is needed": (
        lambda: check(leaf((x509.ExtendedKeyUsage([ANY]), False)), purposes=[A_PURPOSE],
                      purpose_needed=True), PURPOSE, ""),
    "the trust list's certificate as an issuer's": (
        lambda: check(leaf((x509.ExtendedKeyUsage([TRUST_LIST_SIGNING]), False))), PURPOSE, ""),
    # keys and algorithms
    "a key of another curve": (lambda: check(leaf(key=P384_KEY)), CERTIFICATE, "not a P-256 key"),
    "an RSA key": (lambda: check(leaf(key=RSA_KEY)), CERTIFICATE, "not a P-256 key"),
    "an authority of another curve between": (
        lambda: check(leaf(issuer="Middle", issuer_key=P384_KEY),
                      authority("Middle", P384_KEY, "Root", ROOT_KEY)), CERTIFICATE,
        "not a P-256 key"),
    "a root of another curve": (
        lambda: check(leaf(issuer_key=P384_KEY),
                      roots=[pem(authority("Root", P384_KEY, "Root", P384_KEY))]), CERTIFICATE,
        "not a P-256 key"),
    "signed over SHA-512": (
        lambda: check(leaf(algorithm=hashes.SHA512())), CERTIFICATE, "not signed with SHA-256"),
    # what the standard no longer allows
    "a certificate of version 1": (
        lambda: check_chain(x5c(resigned(leaf(), of_version_1)), [pem(ROOT)], NOW), CERTIFICATE,
        "not of version 3"),
    "a negative number": (
        lambda: check_chain(x5c(resigned(leaf(), numbered(-1))), [pem(ROOT)], NOW), CERTIFICATE,
        ""),
    "the number 0": (
        lambda: check_chain(x5c(resigned(leaf(), numbered(0))), [pem(ROOT)], NOW), CERTIFICATE, ""),
    # what limits it
    "an unknown critical extension": (
        lambda: check(leaf((x509.UnrecognizedExtension(Purpose("1.2.3.4"), b"\x05\x00"), True))),
        CERTIFICATE, A_LIMIT),
    "a critical policy": (
        lambda: check(leaf((x509.CertificatePolicies([x509.PolicyInformation(
            Purpose("1.2.3.4"), None)]), True))), CERTIFICATE, A_LIMIT),
    "limits on names": (
        lambda: check(leaf((x509.NameConstraints([x509.DNSName("example.org")], None), False))),
        CERTIFICATE, A_LIMIT),
    # who certifies whom
    "under a root that is not known": (
        lambda: check(leaf(issuer_key=OTHER_KEY)), "unknown_root", NO_ROOT),
    "under a root of another name": (
        lambda: check(leaf(issuer="Toor")), "unknown_root", NO_ROOT),
    "no roots known at all": (
        lambda: check_chain(x5c(der(leaf())), [], NOW), "unknown_root", NO_ROOT),
    "the anchor included": (lambda: check(leaf(), ROOT), CHAIN, "anchor is included"),
    "another self-signed one included": (
        lambda: check(leaf(), authority("Other", OTHER_KEY, "Other", OTHER_KEY)), CHAIN,
        "anchor is included"),
    "a known authority included": (
        lambda: check(UNDER_MIDDLE, MIDDLE, roots=[pem(MIDDLE), pem(ROOT)]), CHAIN,
        "anchor is included"),
    "in the wrong order": (lambda: check(MIDDLE, UNDER_MIDDLE), CHAIN, "is an authority"),
    "the authorities in the wrong order": (
        lambda: check(UNDER_LOWER, ENDLESS_MIDDLE, LOWER), CHAIN, NOT_NEXT),
    "one that does not belong to it": (lambda: check(leaf(), MIDDLE), CHAIN, NOT_NEXT),
    "signed by an authority of the same name": (
        lambda: check(leaf(issuer="Middle", issuer_key=OTHER_KEY), MIDDLE), CHAIN, NOT_NEXT),
    "certified by a leaf": (
        lambda: check(leaf(subject="B", issuer="A", issuer_key=OTHER_KEY),
                      leaf((constraints(ca=False), True), subject="A", key=OTHER_KEY)), CHAIN,
        NOT_NEXT),
    "certified by one that does not say it may": (
        lambda: check(leaf(subject="B", issuer="A", issuer_key=OTHER_KEY),
                      leaf(subject="A", key=OTHER_KEY)), CHAIN, NOT_NEXT),
    "certified by an authority not meant for certificates": (
        lambda: check(leaf(subject="B", issuer="A", issuer_key=OTHER_KEY),
                      leaf((constraints(ca=True), True), (usage("digital_signature"), True),
                           subject="A", key=OTHER_KEY)), CHAIN, NOT_NEXT),
    "one authority too deep": (lambda: check(UNDER_LOWER, LOWER, MIDDLE), CHAIN, NOT_NEXT),
    "deeper than the root allows": (
        lambda: check(UNDER_MIDDLE, MIDDLE, roots=[pem(SHORT_ROOT)]), "unknown_root", NO_ROOT),
    "a root that is no authority": (
        lambda: check(leaf(), roots=[pem(certificate("Root", ROOT_KEY, "Root", ROOT_KEY))]),
        "unknown_root", NO_ROOT),
    "a root that is no certificate": (lambda: check(leaf(), roots=["hello"]), "bad_root", ""),
}  # fmt: skip


@pytest.mark.parametrize(("call", "code", "detail"), REFUSED.values(), ids=REFUSED)
def test_is_refused(call: Callable[[], object], code: str, detail: str) -> None:
    found = refusal(call)
    assert found[0] == code
    assert detail in found[1]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("number", [0, -1])
def test_a_number_the_library_only_warns_of_is_refused(number: int) -> None:
    """The cases above turn its warning into an error; a server prints it and goes on."""
    changed = resigned(leaf(), numbered(number))
    assert refusal(lambda: check_chain(x5c(changed), [pem(ROOT)], NOW))[0] == CERTIFICATE


# --- whom the leaf speaks for ---

NAMED = leaf(
    (
        x509.SubjectAlternativeName(
            [
                x509.UniformResourceIdentifier("https://icb.example.nhs.uk/passport"),
                x509.DNSName("RH8.example.nhs.uk"),
            ]
        ),
        False,
    )
)
SPEAKS = {
    "its own address": ("https://icb.example.nhs.uk/passport", True),
    "a place at its host": ("https://rh8.example.nhs.uk/tenant/1", True),
    "its host in other letters": ("https://RH8.Example.NHS.uk", True),
    "another place where it named one": ("https://icb.example.nhs.uk/other", False),
    "another host": ("https://rhq.example.nhs.uk", False),
    "a host that ends like it": ("https://evil-rh8.example.nhs.uk", False),
    "a host below it": ("https://a.rh8.example.nhs.uk", False),
    "its host in the user's place": ("https://rh8.example.nhs.uk@evil.example", False),
    "its host without encryption": ("http://rh8.example.nhs.uk", False),
    "an address without a host": ("https:///tenant", False),
    "no address": ("rh8.example.nhs.uk", False),
    "an address nobody can read": ("https://[", False),
    "nothing": ("", False),
}


@pytest.mark.parametrize(("iss", "speaks"), SPEAKS.values(), ids=SPEAKS)
def test_speaks_for(iss: str, speaks: bool) -> None:
    assert check(NAMED).speaks_for(iss) is speaks


def test_a_leaf_without_names_speaks_for_nobody() -> None:
    assert not check(leaf()).speaks_for("https://rh8.example.nhs.uk")


# --- whatever comes ---

WHOLE = der(leaf((usage("digital_signature"), True)))


@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_no_byte_of_a_certificate_may_change(at: int, byte: int) -> None:
    changed = WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :]
    if changed != WHOLE:
        refusal(lambda: check_chain(x5c(changed), [pem(ROOT)], NOW))


@given(
    chain=st.lists(st.text(max_size=40) | st.binary(max_size=80).map(lambda one: x5c(one)[0]))
    | st.none()
    | st.dictionaries(st.text(max_size=4), st.text(max_size=4))
)
def test_any_chain_is_refused_in_one_way(chain: object) -> None:
    refusal(lambda: check_chain(chain, [pem(ROOT)], NOW))

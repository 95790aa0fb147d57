"""Ways to tamper with status lists and trust lists: each makes another bad one every time."""

import gzip
import zlib
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from passport.rules.tokens import es256, jws, status_list, trust_list
from passport.rules.tokens.es256 import base64url, from_base64url
from passport.rules.tokens.x509_chain import TRUST_LIST_SIGNING, make_leaf, make_root, x5c
from tests.refusals.sd_jwt_attacks import ALGORITHMS, TYPES, bad_signature
from tests.rules import status_list_examples as statuses
from tests.rules import trust_list_examples as trust

ODD_TIMES: tuple[Any, ...] = ("1", True, [1], {}, -1, 1e300, 2**70)
ODD: tuple[Any, ...] = (None, True, 5, -1, 0.5, "", "x", [], {}, ["x"], {"a": 1}, "é")


def _with(kind: str, claims: Mapping[str, Any], key: es256.PrivateKey, **header: Any) -> str:
    head = {"alg": "ES256", "typ": kind, **header}
    begun = ".".join(base64url(jws.json_bytes(one)) for one in (head, claims))
    return f"{begun}.{base64url(es256.sign(key, begun.encode()))}"


def _listed(payload: Mapping[str, Any], **header: Any) -> str:
    return _with(status_list.TYP, payload, statuses.KEY, **header)


def list_signature(chance: Random) -> str:
    begun, _, signature = statuses.GOOD.rpartition(".")
    return f"{begun}.{base64url(bad_signature(from_base64url(signature), chance))}"


def list_of_another(_chance: Random) -> str:
    return _with(status_list.TYP, statuses.claims(), statuses.OTHER_KEY)


def list_changed(chance: Random) -> str:
    """Everybody made valid again, under the right signature."""
    payload = jws.json_bytes(statuses.claims(ttl=1 + chance.randrange(899)))
    return f"{statuses.HEAD}.{base64url(payload)}.{statuses.SIGNATURE}"


def list_algorithm(chance: Random) -> str:
    return _listed(statuses.claims(), alg=chance.choice(ALGORITHMS))


def list_type(chance: Random) -> str:
    return _listed(statuses.claims(), typ=chance.choice(
        ["statuslist+cwt", *(one for one in TYPES if one != status_list.TYP)]))  # fmt: skip


def list_header(chance: Random) -> str:
    return _listed(statuses.claims(), **chance.choice((
        {"crit": []}, {"crit": ["x"], "x": 1}, {"zip": "DEF"}, {"jku": "https://x"},
        {"x5u": "https://x"}, {"b64": False}, {"jwk": statuses.ISSUER.jwk}, {"kid": 5},
    )))  # fmt: skip


def list_elsewhere(chance: Random) -> str:
    uri = statuses.URI
    return _listed(
        statuses.claims(
            sub=chance.choice(
                (
                    uri + "/",
                    uri[:-1],
                    uri.upper(),
                    [uri],
                    5,
                    "",
                    uri.replace("https", "http"),
                    uri + "#",
                )
            )
        )
    )


def list_for_somebody(chance: Random) -> str:
    return _listed({**statuses.claims(), "aud": chance.choice(("a", [], None, statuses.URI))})


def list_run_out(chance: Random) -> str:
    return _listed(statuses.claims(exp=statuses.T - chance.randrange(10**8)))


def list_of_tomorrow(chance: Random) -> str:
    name = chance.choice(("iat", "nbf"))
    return _listed(statuses.claims(**{name: statuses.T + 61 + chance.randrange(10**8)}))


def list_odd_time(chance: Random) -> str:
    return _listed(
        statuses.claims(**{chance.choice(("iat", "exp", "nbf")): chance.choice(ODD_TIMES)})
    )


def list_without(chance: Random) -> str:
    return _listed(statuses.claims(**{chance.choice(("sub", "iat", "status_list")): None}))


def list_rolled_back(chance: Random) -> str:
    """Older than the newest that was seen: `target` remembers one of ten minutes ago."""
    return _listed(statuses.claims(iat=statuses.T - 601 - chance.randrange(80_000)))


def list_odd_ttl(chance: Random) -> str:
    return _listed({**statuses.claims(), "ttl": chance.choice(
        (0, -1, True, "900", None, 1e300, [900], 10**12, -0.0))})  # fmt: skip


def list_odd_bits(chance: Random) -> str:
    return _listed(statuses.entries(bits=chance.choice((0, 3, 16, -2, "2", True, 2.0, [2], 2**70))))


def list_odd_entries(chance: Random) -> str:
    if chance.random() < 0.5:
        return _listed(statuses.claims(status_list=chance.choice(("x", 5, [1], True, [], "{}"))))
    return _listed(statuses.entries(lst=chance.choice((5, "*", "A", "eA==", "a b", [1], True, ""))))


def list_odd_packing(chance: Random) -> str:
    content = chance.randbytes(chance.randrange(1, 300))
    packed = zlib.compress(content)
    place = chance.randrange(2, len(packed))
    return _listed(statuses.entries(lst=base64url(chance.choice((
        gzip.compress(content), statuses.raw_deflate(content), content, packed[:-1], packed + b"\0",
        packed + packed, packed[:-4], packed[:-4] + bytes(4), packed[:place], b"",
        statuses.with_dictionary(content),
    )))))  # fmt: skip


BOMBS = tuple(statuses.bomb(size) for size in (9, 64, 1_000))


def list_bomb(chance: Random) -> str:
    """Up to a gigabyte of zeros."""
    return _listed(statuses.entries(lst=base64url(chance.choice(BOMBS))))


def list_odd_address(chance: Random) -> str:
    wrong = chance.choice((5, "", "x", "a b://c", "https:// x", "https://" + "a" * 2_048, [], True))
    return _listed(statuses.entries(aggregation_uri=wrong))


def list_twice(chance: Random) -> str:
    name = chance.choice(("sub", "iat", "exp", "status_list"))
    raw = jws.json_bytes(statuses.claims())[:-1] + f',"{name}":1}}'.encode()
    return statuses.with_payload(raw)


def list_letter(chance: Random) -> str:
    place = chance.randrange(len(statuses.GOOD))
    others = "ABCxyz019-_.~=+ \n\0é".replace(statuses.GOOD[place], "")
    return statuses.GOOD[:place] + chance.choice(others) + statuses.GOOD[place + 1 :]


def list_too_long(chance: Random) -> object:
    return chance.choice(("A" * (status_list.MOST_TEXT + 1), "." * 5_000_000, None, b"x", ""))


STATUS: dict[str, Callable[[Random], object]] = {
    make.__name__: make
    for make in (
        list_signature, list_of_another, list_changed, list_algorithm, list_type, list_header,
        list_elsewhere, list_for_somebody, list_run_out, list_of_tomorrow, list_odd_time,
        list_without, list_rolled_back, list_odd_ttl, list_odd_bits, list_odd_entries,
        list_odd_packing, list_bomb, list_odd_address, list_twice, list_letter, list_too_long,
    )
}  # fmt: skip


def _trusted(payload: Mapping[str, Any], key: es256.PrivateKey | None = None, **header: Any) -> str:
    chain = x5c(trust.CERTIFICATE)
    return _with(trust_list.TYP, payload, key or trust.LIST_KEY, **{"x5c": chain, **header})


def trust_signature(chance: Random) -> str:
    begun, _, signature = trust.GOOD.rpartition(".")
    return f"{begun}.{base64url(bad_signature(from_base64url(signature), chance))}"


def trust_changed(chance: Random) -> str:
    payload = jws.json_bytes(trust.claims(version=13 + chance.randrange(1_000)))
    return f"{trust.HEAD}.{base64url(payload)}.{trust.SIGNATURE}"


def trust_other_key(chance: Random) -> str:
    return _trusted(trust.claims(), chance.choice((trust.OLD_KEY, trust.HOST_KEY, trust.ROOT_KEY)))


def trust_algorithm(chance: Random) -> str:
    return _trusted(trust.claims(), alg=chance.choice(ALGORITHMS))


def trust_type(chance: Random) -> str:
    return _trusted(trust.claims(), typ=chance.choice(
        [one for one in TYPES if one != trust_list.TYP]))  # fmt: skip


def trust_chain(chance: Random) -> str:
    good = x5c(trust.CERTIFICATE)[0]
    own = make_root("Passport root", trust.OLD_KEY, now=trust.NOW)
    stranger = make_leaf(
        "Signer", trust.SIGNER, root=own, root_key=trust.OLD_KEY, now=trust.NOW, uri=trust.ISS,
        purposes=(TRUST_LIST_SIGNING,),
    )  # fmt: skip
    wrong: Any = chance.choice((
        None, [], good, [good] * 2, [good] * 50, [good[:-4]], [good + "\n"], [good, 5], [""],
        ["MIIB"], x5c(stranger), [good.replace("A", "B", 1)], {"0": good},
        [good, "".join(trust.ROOT.splitlines()[1:-1])], ["A" * 9_000],
    ))  # fmt: skip
    return _trusted(trust.claims(), x5c=wrong)


def trust_other_purpose(_chance: Random) -> str:
    """By an issuer that the same root certifies."""
    return _trusted(trust.claims(), x5c=x5c(trust.a_certificate()))


def trust_made_out_to_another(chance: Random) -> str:
    uri = f"https://{chance.randrange(10**6)}.example"
    return _trusted(trust.claims(), x5c=x5c(trust.a_certificate(TRUST_LIST_SIGNING, uri=uri)))


def trust_rolled_back(chance: Random) -> str:
    return _trusted(trust.claims(version=1 + chance.randrange(11)))


def trust_odd_version(chance: Random) -> str:
    wrong = chance.choice((0, -1, 12.0, "12", True, 2**53, [12], 1e300))
    return _trusted(trust.claims(version=wrong))


def trust_run_out(chance: Random) -> str:
    return _trusted(trust.claims(exp=trust.T - chance.randrange(10**8)))


def trust_of_tomorrow(chance: Random) -> str:
    name = chance.choice(("iat", "nbf"))
    return _trusted(trust.claims(**{name: trust.T + 61 + chance.randrange(10**8)}))


def trust_odd_time(chance: Random) -> str:
    return _trusted(
        trust.claims(**{chance.choice(("iat", "exp", "nbf")): chance.choice(ODD_TIMES)})
    )


def trust_without(chance: Random) -> str:
    return _trusted(trust.claims(**{chance.choice(list(trust.claims())): None}))


def trust_of_another(chance: Random) -> str:
    change = chance.choice(({"sub": trust.SUB + "/2"}, {"iss": "https://evil.example"},
                            {"iss": trust.ISS + "/x"}, {"sub": 5}, {"aud": "x"}))  # fmt: skip
    return _trusted(trust.claims(**change))


def trust_odd_issuer(chance: Random) -> str:
    name = chance.choice(("ods", "name", "keys", "asserts", "successor"))
    odd = chance.choice([one for one in ODD if one not in (None, [])])
    if name in ("name", "asserts") and odd in ("x", ["x"], "é"):
        odd = 7
    issuer = trust.an_issuer("RH8", trust.a_key(trust.OLD))
    return trust.with_issuers({**issuer, name: odd})


def trust_odd_key(chance: Random) -> str:
    name = chance.choice(("jwk", "not_before", "not_after", "kid"))
    odd: Any = chance.choice((True, "", [], {}, [1], -1, "1\n"))
    if name == "jwk" and chance.random() < 0.5:
        odd = {**trust.OLD.jwk, **chance.choice((
            {"d": "AQ"}, {"use": "enc"}, {"crv": "P-384"}, {"y": trust.OLD.jwk["x"]}, {"x": 5},
        ))}  # fmt: skip
    return trust.with_key(**{name: odd})


def trust_ring(chance: Random) -> str:
    codes = [f"R{number:02}" for number in range(chance.randrange(1, 40))]
    after = codes[1:] + codes[:1]
    return trust.with_issuers(
        *(trust.an_issuer(one, successor=next_) for one, next_ in zip(codes, after, strict=True))
    )


def trust_twice(chance: Random) -> str:
    code = chance.choice(("RH8", "RHQ"))
    return trust.with_issuers(trust.an_issuer(code), trust.an_issuer("RXX"), trust.an_issuer(code))


def trust_prefix(chance: Random) -> str:
    wrong = chance.choice((
        "https://a.uk", "https://", "ftp://a.uk/", "https://b@a.uk/", "https://a.uk/#/", "", 5,
        "https://a uk/", "//a.uk/", "https:///x/",
    ))  # fmt: skip
    return _trusted(trust.claims(status_prefixes=[wrong]))


def trust_letter(chance: Random) -> str:
    place = chance.randrange(len(trust.GOOD))
    others = "ABCxyz019-_.~=+ \n\0é".replace(trust.GOOD[place], "")
    return trust.GOOD[:place] + chance.choice(others) + trust.GOOD[place + 1 :]


def trust_too_much(chance: Random) -> object:
    return chance.choice((
        lambda: "A" * (trust_list.MOST_TEXT + 1),
        lambda: trust.with_issuers(*[{}] * 2_001),
        lambda: trust.with_issuer(keys=[trust.a_key(trust.OLD)] * 51),
        lambda: _trusted(trust.claims(status_prefixes=["https://a.uk/"] * 1_001)),
        lambda: None,
    ))()  # fmt: skip


TRUST: dict[str, Callable[[Random], object]] = {
    make.__name__: make
    for make in (
        trust_signature, trust_changed, trust_other_key, trust_algorithm, trust_type, trust_chain,
        trust_other_purpose,
        trust_made_out_to_another,
        trust_rolled_back, trust_odd_version, trust_run_out, trust_of_tomorrow, trust_odd_time,
        trust_without, trust_of_another, trust_odd_issuer, trust_odd_key, trust_ring, trust_twice,
        trust_prefix, trust_letter, trust_too_much,
    )
}  # fmt: skip

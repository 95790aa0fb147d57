"""Digests and disclosures: what is put back where, and which token is refused whole."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import base64url
from passport.rules.tokens.sd_jwt_processing import MOST_DISCLOSURES, process
from tests.rules.sd_jwt_examples import DECOY, FAMILY, GIVEN, digest, disclosure

FRENCH = disclosure("lklxF5jMYlGTPUovMNIvCA", "FR")
STREET = disclosure("s1", "street", "12 High Road")
ADDRESS = disclosure("s2", "address", {"_sd": [digest(STREET)], "country": "GB"})
NATIONS = disclosure("s3", "nationalities", [{"...": digest(FRENCH)}, "GB"])
NOTHING = disclosure("s4", "middle_name", None)
PROTO = disclosure("s5", "__proto__", {"admin": True})
CYRILLIC = disclosure("s6", "given_nаme", "Eve")
ELEMENT_STREET = disclosure("s7", {"_sd": [digest(STREET)]})

Case = tuple[dict[str, Any], list[str], object]

ACCEPTED: dict[str, Case] = {
    "nothing hidden": ({"a": 1}, [], {"a": 1}),
    "hidden and shown": ({"_sd": [digest(GIVEN)]}, [GIVEN], {"given_name": "Ada"}),
    "hidden and not shown": ({"_sd": [digest(GIVEN)], "a": 1}, [], {"a": 1}),
    "decoys only": ({"_sd": [DECOY], "list": [{"...": digest("x")}]}, [], {"list": []}),
    "an empty list of digests": ({"_sd": []}, [], {}),
    "one of two": ({"_sd": [digest(GIVEN), digest(FAMILY)]}, [FAMILY], {"family_name": "Okafor"}),
    "the name of the hash is taken away": ({"_sd_alg": "sha-256", "a": 1}, [], {"a": 1}),
    "in an object": (
        {"address": {"_sd": [digest(STREET)]}}, [STREET], {"address": {"street": "12 High Road"}},
    ),
    "in an object, not shown, an empty object stays": (
        {"address": {"_sd": [digest(STREET)]}}, [], {"address": {}},
    ),
    "an element of an array": (
        {"n": ["DE", {"...": digest(FRENCH)}]}, [FRENCH], {"n": ["DE", "FR"]},
    ),
    "an element not shown is not there": (
        {"n": ["DE", {"...": digest(FRENCH)}, "GB"]}, [], {"n": ["DE", "GB"]},
    ),
    "in an object in an array in an array": (
        {"n": [[{"_sd": [digest(STREET)]}]]}, [STREET], {"n": [[{"street": "12 High Road"}]]},
    ),
    "a hidden object with hidden parts": (
        {"_sd": [digest(ADDRESS)]},
        [STREET, ADDRESS],
        {"address": {"street": "12 High Road", "country": "GB"}},
    ),
    "a hidden object, its parts not shown": (
        {"_sd": [digest(ADDRESS)]}, [ADDRESS], {"address": {"country": "GB"}},
    ),
    "a hidden array with hidden elements": (
        {"_sd": [digest(NATIONS)]}, [NATIONS, FRENCH], {"nationalities": ["FR", "GB"]},
    ),
    "a hidden element with hidden parts": (
        {"n": [{"...": digest(ELEMENT_STREET)}]},
        [ELEMENT_STREET, STREET],
        {"n": [{"street": "12 High Road"}]},
    ),
    "a disclosed null": ({"_sd": [digest(NOTHING)]}, [NOTHING], {"middle_name": None}),
    "a name that means something to a browser": (
        {"_sd": [digest(PROTO)]}, [PROTO], {"__proto__": {"admin": True}},
    ),
    "a name that only looks the same": (
        {"_sd": [digest(CYRILLIC)], "given_name": "Ada"},
        [CYRILLIC],
        {"given_name": "Ada", "given_nаme": "Eve"},
    ),
    "a value that looks like a digest": (
        {"a": DECOY, "b": ["_sd", "..."]}, [], {"a": DECOY, "b": ["_sd", "..."]},
    ),
    "sha-384": (
        {"_sd": [digest(GIVEN, "sha384")], "_sd_alg": "sha-384"}, [GIVEN], {"given_name": "Ada"},
    ),
    "sha-512": (
        {"_sd": [digest(GIVEN, "sha512")], "_sd_alg": "sha-512"}, [GIVEN], {"given_name": "Ada"},
    ),
    "as many disclosures as there may be": (
        {"n": [{"...": digest(disclosure(str(n), n))} for n in range(MOST_DISCLOSURES)]},
        [disclosure(str(n), n) for n in range(MOST_DISCLOSURES)],
        {"n": list(range(MOST_DISCLOSURES))},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("payload", "shown", "says"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_is_disclosed_is_put_back(
    payload: dict[str, Any], shown: list[str], says: object
) -> None:
    assert process(payload, shown).claims == says


def nested(deep: int) -> Any:
    return [nested(deep - 1)] if deep else "end"


def chain(length: int) -> tuple[dict[str, Any], list[str]]:
    """Each disclosure holds the digest of the next, so that none of them is deep by itself."""
    inner, shown = disclosure("0", "a", 0), []
    for n in range(length):
        shown.append(inner)
        inner = disclosure(str(n + 1), "a", {"_sd": [digest(inner)]})
    return {"_sd": [digest(inner)]}, [*shown, inner]


def one(text: str, **others: Any) -> tuple[dict[str, Any], list[str]]:
    return {"_sd": [digest(text)], **others}, [text]


def raw(content: str) -> tuple[dict[str, Any], list[str]]:
    """One disclosure, its JSON written as given."""
    return one(disclosure_of(content))


def disclosure_of(content: str) -> str:
    return base64url(content.encode())


TWO_OF_A_NAME = disclosure("other salt", "given_name", "Eve")
SHARED = disclosure("s8", "x", {"_sd": [digest(STREET)]})
MANY = [disclosure(str(n), n) for n in range(MOST_DISCLOSURES + 1)]
MISPLACED = disclosure("s9", {"...": digest(FRENCH)})

REFUSED: dict[str, tuple[str, tuple[dict[str, Any], list[str]]]] = {
    "an object's disclosure of two elements": ("disclosure_misplaced", one(FRENCH)),
    "an array's disclosure of three elements": (
        "disclosure_misplaced", ({"n": [{"...": digest(GIVEN)}]}, [GIVEN]),
    ),
    "a disclosure of one element": ("bad_disclosure", one(disclosure("salt"))),
    "a disclosure of four elements": ("bad_disclosure", one(disclosure("salt", "a", 1, 2))),
    "a disclosure that is an object": ("bad_disclosure", raw('{"salt": "a"}')),
    "a disclosure that is a string": ("bad_disclosure", raw('"abc"')),
    "a salt that is a number": ("bad_disclosure", one(disclosure(7, "a", 1))),
    "an element's salt that is a number": ("bad_disclosure", one(disclosure(7, "a"))),
    "a name that is a number": ("bad_disclosure", one(disclosure("salt", 7, 1))),
    "a name that is null": ("bad_disclosure", one(disclosure("salt", None, 1))),
    "the name _sd": ("disclosed_name_reserved", one(disclosure("salt", "_sd", [DECOY]))),
    "the name ...": ("disclosed_name_reserved", one(disclosure("salt", "...", DECOY))),
    "the name _sd_alg": ("disclosed_name_reserved", one(disclosure("salt", "_sd_alg", "md5"))),
    "a disclosure that is not JSON": ("bad_json", raw('["salt", "a", ')),
    "a disclosure with a name twice": ("bad_json", raw('["salt", "a", {"b": 1, "b": 2}]')),
    "a disclosure with NaN": ("bad_json", raw('["salt", "a", NaN]')),
    "a disclosure with half a character": ("bad_json", raw('["salt", "a", "\\ud800"]')),
    "a name with half a character": ("bad_json", raw('["salt", "\\udfff", 1]')),
    "a disclosure 200 deep": ("bad_json", one(disclosure("salt", "a", nested(200)))),
    "a disclosure with padding": ("bad_base64", one(disclosure("salt", "abc", 1) + "=")),
    "an empty disclosure": ("bad_base64", one("=")),
    "a disclosure with a character of plain base64": ("bad_base64", one("ab+/")),
    "a name that is there already": ("claim_repeated", one(GIVEN, given_name="Ada")),
    "two disclosures of one name": (
        "claim_repeated",
        ({"_sd": [digest(GIVEN), digest(TWO_OF_A_NAME)]}, [GIVEN, TWO_OF_A_NAME]),
    ),
    "a name that is there already, further down": (
        "claim_repeated",
        ({"address": {"_sd": [digest(STREET)], "street": "1 Low Road"}}, [STREET]),
    ),
    "a digest twice in one list": (
        "digest_repeated", ({"_sd": [digest(GIVEN), digest(GIVEN)]}, [GIVEN]),
    ),
    "a decoy twice": ("digest_repeated", ({"_sd": [DECOY], "a": {"_sd": [DECOY]}}, [])),
    "a decoy as digest and as element": (
        "digest_repeated", ({"_sd": [DECOY], "n": [{"...": DECOY}]}, []),
    ),
    "a digest twice, once inside a disclosure": (
        "digest_repeated",
        ({"_sd": [digest(ADDRESS)], "b": {"_sd": [digest(STREET)]}}, [ADDRESS, STREET]),
    ),
    "a digest twice, each inside a disclosure": (
        "digest_repeated",
        ({"_sd": [digest(ADDRESS), digest(SHARED)]}, [ADDRESS, SHARED, STREET]),
    ),
    "a disclosure sent twice": ("disclosure_repeated", ({"_sd": [digest(GIVEN)]}, [GIVEN, GIVEN])),
    "a disclosure without a digest": ("disclosure_without_digest", ({}, [GIVEN])),
    "a disclosure whose digest is a claim's value": (
        "disclosure_without_digest", ({"note": digest(GIVEN), "n": [digest(GIVEN)]}, [GIVEN]),
    ),
    "a disclosure whose digest is inside one not shown": (
        "disclosure_without_digest", ({"_sd": [digest(ADDRESS)]}, [STREET]),
    ),
    "a digest in hexadecimal": (
        "disclosure_without_digest", ({"_sd": [digest(GIVEN).encode().hex()]}, [GIVEN]),
    ),
    "the digest of another hash": (
        "disclosure_without_digest", ({"_sd": [digest(GIVEN, "sha512")]}, [GIVEN]),
    ),
    "digests that are a string": ("bad_digest", ({"_sd": digest(GIVEN)}, [GIVEN])),
    "digests that are an object": ("bad_digest", ({"_sd": {}}, [])),
    "digests that are null": ("bad_digest", ({"_sd": None}, [])),
    "a digest that is a number": ("bad_digest", ({"_sd": [5]}, [])),
    "a digest that is a list": ("bad_digest", ({"a": {"_sd": [[DECOY]]}}, [])),
    "an element's digest that is a number": ("bad_digest", ({"n": [{"...": 5}]}, [])),
    "an element's digest that is a list": ("bad_digest", ({"n": [{"...": [DECOY]}]}, [])),
    "an element's digest with something beside it": (
        "digest_misplaced", ({"n": [{"...": DECOY, "a": 1}]}, []),
    ),
    "an element's digest with digests beside it": (
        "digest_misplaced", ({"n": [{"...": digest(FRENCH), "_sd": []}]}, [FRENCH]),
    ),
    "an element's digest outside an array": (
        "digest_misplaced", ({"a": {"...": digest(FRENCH)}}, [FRENCH]),
    ),
    "an element's digest at the top": ("digest_misplaced", ({"...": digest(FRENCH)}, [FRENCH])),
    "an element that discloses an element's digest": (
        "digest_misplaced", ({"n": [{"...": digest(MISPLACED)}]}, [MISPLACED, FRENCH]),
    ),
    "the name of a hash further down": ("digest_misplaced", ({"a": {"_sd_alg": "sha-256"}}, [])),
    "md5": ("hash_not_accepted", ({"_sd": [digest(GIVEN, "md5")], "_sd_alg": "md5"}, [GIVEN])),
    "sha-1": ("hash_not_accepted", ({"_sd": [digest(GIVEN, "sha1")], "_sd_alg": "sha-1"}, [GIVEN])),
    "sha-256-32": ("hash_not_accepted", ({"_sd_alg": "sha-256-32"}, [])),
    "an unknown hash": ("hash_not_accepted", ({"_sd_alg": "sha-257"}, [])),
    "a hash in capitals": ("hash_not_accepted", ({"_sd_alg": "SHA-256"}, [])),
    "a hash spelt as Python does": ("hash_not_accepted", ({"_sd_alg": "sha256"}, [])),
    "an array of hashes": ("hash_not_accepted", ({"_sd_alg": ["sha-256"]}, [])),
    "a hash that is null": ("hash_not_accepted", ({"_sd_alg": None}, [])),
    "one disclosure too many": (
        "too_many_disclosures", ({"n": [{"...": digest(text)} for text in MANY]}, MANY),
    ),
    "disclosures in one another, 34 deep": ("too_deep", chain(34)),
    "disclosures in one another, 500 deep": ("too_deep", chain(500)),
}  # fmt: skip


@pytest.mark.parametrize(("code", "token"), REFUSED.values(), ids=REFUSED.keys())
def test_a_token_is_refused_whole(code: str, token: tuple[dict[str, Any], list[str]]) -> None:
    with pytest.raises(BadToken) as refused:
        process(*token)
    assert refused.value.code == code


def test_disclosures_in_one_another_up_to_the_depth_are_read() -> None:
    payload, shown = chain(31)
    found: Any = process(payload, shown).claims
    for _ in range(31):
        found = found["a"]
    assert found == {"a": 0}


def test_each_disclosure_knows_its_claim() -> None:
    payload = {"_sd": [digest(ADDRESS)], "n": [{"...": digest(FRENCH)}]}
    assert process(payload, [STREET, ADDRESS, FRENCH]).top_level == {
        STREET: "address", ADDRESS: "address", FRENCH: "n",
    }  # fmt: skip


NEVER: dict[str, tuple[dict[str, Any], list[str]]] = {
    "the claim itself": one(disclosure("salt", "exp", 5)),
    "a part of it": ({"exp": {"_sd": [digest(STREET)]}}, [STREET]),
    "an element of it": ({"exp": [{"...": digest(FRENCH)}]}, [FRENCH]),
    "a part of a part of it": ({"exp": [{"a": {"_sd": [digest(STREET)]}}]}, [STREET]),
    "a part of it that is not shown": ({"exp": {"_sd": [digest(STREET)]}}, []),
}


@pytest.mark.parametrize("token", NEVER.values(), ids=NEVER.keys())
def test_what_may_never_be_disclosed(token: tuple[dict[str, Any], list[str]]) -> None:
    with pytest.raises(BadToken) as refused:
        process(*token, never={"exp"})
    assert refused.value.code == "never_disclosable"


def test_the_same_name_further_down_is_another_claim() -> None:
    expiry = disclosure("salt", "exp", "2027")
    payload = {"card": {"_sd": [digest(expiry)]}}
    assert process(payload, [expiry], never={"exp"}).claims == {"card": {"exp": "2027"}}


# RFC 9901 §4.2 and §5.1: salt, name and value as written there, and the digest it gives.
PUBLISHED = {
    '["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]':
        "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
    '["2GLC42sKQveCfGfryNRN9w", "given_name", "John"]':
        "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4",
    '["eluV5Og3gSNII8EYnsxA_A", "family_name", "Doe"]':
        "TGf4oLbgwd5JQaHyKVQZU9UdGE0w5rtDsrZzfUaomLo",
    '["6Ij7tM-a5iVPGboS5tmvVA", "email", "johndoe@example.com"]':
        "JzYjH4svliH0R3PyEMfeZu6Jt69u5qehZo7F7EPYlSE",
    '["Qg_O64zqAxe412a108iroA", "phone_number_verified", true]':
        "XQ_3kPKt1XyX7KANkqVR6yZ2Va5NrPIvPYbyMvRKBMM",
    '["G02NSrQfjFXQ7Io09syajA", "updated_at", 1570000000]':
        "CrQe7S5kqBAHt-nMYXgc6bdt2SH5aTY1sU_M-PgkjPI",
}  # fmt: skip


@pytest.mark.parametrize(("content", "hashed"), PUBLISHED.items(), ids=PUBLISHED.values())
def test_the_standards_own_disclosures(content: str, hashed: str) -> None:
    assert process({"_sd": [hashed]}, [disclosure_of(content)]).claims


SPELLINGS = {
    "as it comes": '["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]',
    "escaped": '["_26bc4LT-ac6q2KI6cBW5es", "family_name", "M\\u00f6bius"]',
    "without blanks": '["_26bc4LT-ac6q2KI6cBW5es","family_name","Möbius"]',
    "on lines": '[\n"_26bc4LT-ac6q2KI6cBW5es",\n"family_name",\n"Möbius"\n]',
}


@pytest.mark.parametrize("content", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_json_may_be_spelt_in_any_way(content: str) -> None:
    assert process(*raw(content)).claims == {"family_name": "Möbius"}


names = st.text(max_size=6).filter(lambda name: name not in {"_sd", "...", "_sd_alg"})
plain = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
values = st.recursive(
    plain | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


class Hiding:
    """An issuer that hides by chance at every level and a holder that shows by chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.salts = 0

    def salt(self) -> str:
        self.salts += 1
        return f"salt {self.salts}"

    def of(self, value: Any) -> tuple[Any, Any, list[str]]:
        """What is signed, what is to be read, and what is shown."""
        if isinstance(value, dict):
            return self.of_object(value)
        if isinstance(value, list):
            return self.of_array(value)
        return value, value, []

    def of_object(self, value: dict[str, Any]) -> tuple[Any, Any, list[str]]:
        written: dict[str, Any] = {}
        expected: dict[str, Any] = {}
        shown: list[str] = []
        digests = [digest(self.salt()) for _ in range(self.chance.randrange(3))]
        for name, inner in value.items():
            inside, seen, disclosed = self.of(inner)
            hidden = self.chance.random() < 0.6
            if hidden:
                text = disclosure(self.salt(), name, inside)
                digests.append(digest(text))
                disclosed = [text, *disclosed]
            else:
                written[name] = inside
            if not hidden or self.chance.random() < 0.6:
                expected[name] = seen
                shown += disclosed
        self.chance.shuffle(digests)
        return written | ({"_sd": digests} if digests else {}), expected, shown

    def of_array(self, value: list[Any]) -> tuple[Any, Any, list[str]]:
        written: list[Any] = []
        expected: list[Any] = []
        shown: list[str] = []
        for inner in value:
            inside, seen, disclosed = self.of(inner)
            hidden = self.chance.random() < 0.6
            if hidden:
                text = disclosure(self.salt(), inside)
                inside, disclosed = {"...": digest(text)}, [text, *disclosed]
            written.append(inside)
            if not hidden or self.chance.random() < 0.6:
                expected.append(seen)
                shown += disclosed
        return written, expected, shown


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(names, values, max_size=5), st.randoms(use_true_random=False))
def test_whatever_is_hidden_at_any_level_reads_as_shown(
    claims: dict[str, Any], chance: random.Random
) -> None:
    signed, expected, shown = Hiding(chance).of(claims)
    chance.shuffle(shown)
    assert process(signed, shown).claims == expected

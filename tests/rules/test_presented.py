"""Several credentials shown together are one person's, or somebody has to look."""

from uuid import UUID

import pytest

from passport.rules.verifying import dcql, presented
from passport.rules.verifying.presented import Shown
from passport.rules.verifying.verdict import ShownFact, Verdict

QUERY = dcql.query([dcql.Wanted("identity", ("t",)), dcql.Wanted("dbs_outcome", ("t",))])
GOOD = Verdict(checked=("issuer's signature",))
ONE, OTHER = UUID(int=1), UUID(int=2)

CASES = {
    "one key": (("k", None), ("k", None), None),
    "one record here": (("k", ONE), ("l", ONE), None),
    "two records here": (("k", ONE), ("l", OTHER), "different_people"),
    "one subject of one issuer": (("k", ("RWJ", "s")), ("l", ("RWJ", "s")), None),
    "two subjects of one issuer": (("k", ("RWJ", "s")), ("l", ("RWJ", "t")), "different_people"),
    "one word of two issuers": (("k", ("RWJ", "s")), ("l", ("RXX", "s")), "one_person_not_proven"),
    "a record here and a subject elsewhere": (
        ("k", ONE), ("l", ("RXX", "s")), "one_person_not_proven"
    ),
    "nothing to go by": (("k", None), ("l", None), "one_person_not_proven"),
    "nothing to go by for one": (("k", ONE), ("l", None), "one_person_not_proven"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_all_of_it_has_to_be_one_persons(case: str) -> None:
    (key, person), (other_key, other), code = CASES[case]
    shown = [
        Shown("identity", GOOD, "identity", {"vct": "t"}, key, person),
        Shown("dbs_outcome", GOOD, "dbs_outcome", {"vct": "t"}, other_key, other),
    ]
    found = [one.code for one in presented.combined(QUERY, shown).findings]
    assert found == ([code] if code else [])


def test_a_finding_on_two_credentials_is_told_once_with_both() -> None:
    (one,) = presented.combined(QUERY, []).findings
    assert one.detail == (
        "Identity, DBS check outcome: Not shown, and needed for this purpose."
    )
    assert not presented.answers_the_query(QUERY, [])


def test_what_no_database_keeps_is_not_told() -> None:
    fact = ShownFact("identity", "Family name: O\0Hara", "Trust (RWJ)")
    told = presented.told(Verdict(facts=(fact,), name="O\0Hara"))
    assert "\0" not in str(told["facts"][0]["says"]) + str(told["name"])


@pytest.mark.parametrize(
    ("photo", "kept"),
    [
        ("data:image/png;base64,AAAA", True),
        ("data:image/webp;base64,AAA=", True),
        ("data:image/svg+xml;base64,AAAA", False),
        ("data:text/html;base64,AAAA", False),
        ("https://example.org/face.png", False),
        ("data:image/png;base64,AA\0A", False),
        ("data:image/png;base64," + "A" * 60_000, False),
    ],
)
def test_a_photo_is_a_small_picture_that_stands_in_the_credential(photo: str, kept: bool) -> None:
    query = dcql.query([dcql.Wanted("identity", ("t",), (), ("photo",))])
    shown = Shown("identity", GOOD, "identity", {"vct": "t", "photo": photo})
    assert presented.photo(query, [shown]) == (photo if kept else None)

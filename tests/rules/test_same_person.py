"""Which records may be proposed as one human being, and which never."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from passport.rules.people.same_person import HeldRecord, proposals, same_name

BORN = date(1990, 5, 17)
PIN = frozenset({"NMC:01A2345N"})
GMC = frozenset({"GMC:1234567"})
TRUST_A, TRUST_B, TRUST_C = uuid4(), uuid4(), uuid4()
ME, OTHER = uuid4(), uuid4()

MINE = HeldRecord(ME, ME, TRUST_A, BORN, "ada@trust-a.example", PIN)
THEIRS = HeldRecord(OTHER, OTHER, TRUST_B, BORN)

CASES: dict[str, tuple[list[HeldRecord], str | None, list[HeldRecord], str | None]] = {
    "the e-mail I proved stands in the other record": (
        [MINE], "ada@mail.example", [replace(THEIRS, email="ada@mail.example")], "email",
    ),
    "the same registration number": (
        [MINE], None, [replace(THEIRS, registrations=PIN)], "registration",
    ),
    "both: the proven e-mail counts more": (
        [MINE],
        "ada@mail.example",
        [replace(THEIRS, email="ada@mail.example", registrations=PIN)],
        "email",
    ),
    "an e-mail only written down, not proven": (
        [MINE], None, [replace(THEIRS, email="ada@trust-a.example")], None,
    ),
    "the same e-mail but another date of birth": (
        [MINE],
        "ada@mail.example",
        [replace(THEIRS, email="ada@mail.example", date_of_birth=date(1990, 5, 18))],
        None,
    ),
    "the same number but another date of birth": (
        [MINE], None, [replace(THEIRS, registrations=PIN, date_of_birth=date(1991, 5, 17))], None,
    ),
    "the same date of birth and nothing else": ([MINE], "ada@mail.example", [THEIRS], None),
    "the same organisation": (
        [MINE], None, [replace(THEIRS, organisation_id=TRUST_A, registrations=PIN)], None,
    ),
    "a holder with a further record at my own organisation": (
        [MINE],
        None,
        [
            replace(THEIRS, registrations=PIN),
            HeldRecord(uuid4(), OTHER, TRUST_A, BORN),
        ],
        None,
    ),
    "a record that is mine already": (
        [MINE], None, [replace(THEIRS, holder_id=ME, registrations=PIN)], None,
    ),
    "the number of a record of mine that has another date of birth": (
        [MINE, HeldRecord(uuid4(), ME, TRUST_C, date(1990, 7, 15), None, GMC)],
        None,
        [replace(THEIRS, registrations=GMC)],
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("mine", "email", "others", "because"), CASES.values(), ids=CASES.keys())
def test_a_record_is_proposed_because(
    mine: list[HeldRecord], email: str | None, others: list[HeldRecord], because: str | None
) -> None:
    found = proposals(mine, email, others)
    assert [proposal.because for proposal in found] == ([because] if because else [])
    assert all(proposal.other_id == OTHER for proposal in found)


def test_each_other_holder_is_proposed_once() -> None:
    second = HeldRecord(UUID(int=2), OTHER, TRUST_C, BORN, None, PIN)
    assert len(proposals([MINE], None, [replace(THEIRS, registrations=PIN), second])) == 1


NAMES = [
    ("Siobhán", "siobhan", True),
    ("O'Neill", "ONeill", True),
    ("Smith-Jones", "Smith Jones", True),
    ("Okafor", "Okafur", False),
    ("李", "李", True),
    ("李", "王", False),
]


@pytest.mark.parametrize(("one", "other", "same"), NAMES)
def test_names_are_compared_by_their_letters(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same

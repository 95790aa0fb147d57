"""Which earlier fact a new one takes the place of, and what cannot be a fact."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from passport.model.facts import FactKind, FactValue
from passport.rules.people.evidence import adds_nothing, lookup, replaces, slot, wrong_fact

TRUST = uuid4()
TODAY = date(2026, 9, 7)


def fact(kind: FactKind, source: str = "hr_file", **fields: object) -> FactValue:
    value = {k: v for k, v in fields.items() if k not in DATES}
    dates = {k: v for k, v in fields.items() if k in DATES}
    return FactValue(
        kind, value, source=source, checked_at=datetime(2026, 9, 1, tzinfo=UTC),
        checked_by_id=TRUST, **dates,  # type: ignore[arg-type]
    )  # fmt: skip


DATES = ("awarded_on", "valid_from", "valid_until")
FIRE_JUNE = fact(FactKind.TRAINING, subject="FIRE", level=1, awarded_on=date(2026, 6, 1))
FIRE_MAY = replace(FIRE_JUNE, awarded_on=date(2026, 5, 1))
STANDING = fact(FactKind.REGISTRATION, body="NMC", number="01A2345N", status="registered")
SUSPENDED = fact(FactKind.REGISTRATION, body="NMC", number="01A2345N", status="suspended")
LAPSED = fact(FactKind.REGISTRATION, body="NMC", number="01A2345N", status="lapsed")
NOT_KNOWN = fact(FactKind.REGISTRATION, body="NMC", number="01A2345N", status="not_found")
OTHER_NUMBER = fact(FactKind.REGISTRATION, body="NMC", number="01A2346N", status="registered")
OPT_OUT = fact(FactKind.OPT_OUT)

REPLACES = {
    "a newer award replaces an older one": (FIRE_JUNE, FIRE_MAY, True),
    "the same source may correct an award to an earlier day": (FIRE_MAY, FIRE_JUNE, True),
    "another source's older award replaces nothing": (
        replace(FIRE_MAY, source="by_hand"), FIRE_JUNE, False,
    ),
    "another source's newer award does": (replace(FIRE_JUNE, source="by_hand"), FIRE_MAY, True),
    "what the person declares never replaces a check": (
        replace(OPT_OUT, source="declared", checked_by_id=None), OPT_OUT, False,
    ),
    "a check replaces what the person declared": (
        OPT_OUT, replace(OPT_OUT, source="declared", checked_by_id=None), True,
    ),
    "a suspension replaces a standing entry, whoever says it": (SUSPENDED, STANDING, True),
    "a file that still says registered does not clear a suspension": (STANDING, SUSPENDED, False),
    "an officer's word does not clear it either": (
        replace(STANDING, source="by_hand"), SUSPENDED, False,
    ),
    "a look at the register does": (replace(STANDING, source="register"), SUSPENDED, True),
    "a look at another number does not": (
        replace(OTHER_NUMBER, source="register"), SUSPENDED, False,
    ),
    "a register file does": (replace(STANDING, source="register_file"), SUSPENDED, True),
    "news that an entry does not stand counts, whoever says it": (
        SUSPENDED, replace(STANDING, source="register"), True,
    ),
    "a removal replaces a suspension": (
        replace(SUSPENDED, value={**SUSPENDED.value, "status": "removed"}), SUSPENDED, True,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("new", "old", "answer"), REPLACES.values(), ids=REPLACES.keys())
def test_superseding(new: FactValue, old: FactValue, answer: bool) -> None:
    assert replaces(new, old) is answer


NOTHING_NEW = {
    "the same from the same source": (FIRE_JUNE, FIRE_JUNE, True),
    "the same from another source": (replace(FIRE_JUNE, source="by_hand"), FIRE_JUNE, True),
    "another day": (FIRE_MAY, FIRE_JUNE, False),
    "a fresh look at the register": (replace(STANDING, source="register"), STANDING, False),
    "a fresh register file": (replace(STANDING, source="register_file"), STANDING, False),
    "a check of what was only declared": (
        OPT_OUT, replace(OPT_OUT, checked_by_id=None), False,
    ),
    "a personnel file on what the register said to be so": (
        STANDING, replace(STANDING, source="register", valid_until=TODAY), True,
    ),
    "a personnel file that still says registered after a lapse": (
        STANDING, replace(LAPSED, source="register"), True,
    ),
    "another number does not lift a lapse": (
        OTHER_NUMBER, replace(LAPSED, source="register"), True,
    ),
    "a number that the register does not know may be corrected": (
        OTHER_NUMBER, replace(NOT_KNOWN, source="register"), False,
    ),
    "a number that the register does not know is not known when said again": (
        STANDING, replace(NOT_KNOWN, source="register"), True,
    ),
    "an officer's word that an entry does not stand": (
        replace(LAPSED, source="by_hand"), replace(STANDING, source="register"), False,
    ),
    "an award of which more is on record": (
        FIRE_JUNE, replace(FIRE_JUNE, value={**FIRE_JUNE.value, "framework": "CSTF"}), True,
    ),
    "an award of which more is said now": (
        replace(FIRE_JUNE, value={**FIRE_JUNE.value, "framework": "CSTF"}), FIRE_JUNE, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("new", "old", "answer"), NOTHING_NEW.values(), ids=NOTHING_NEW.keys())
def test_saying_the_same_again(new: FactValue, old: FactValue, answer: bool) -> None:
    assert adds_nothing(new, old) is answer


def test_slots_tell_levels_workforces_and_registers_apart() -> None:
    training = [slot(FactKind.TRAINING, {"subject": "IPC", "level": level}) for level in (1, 2)]
    checks = [slot(FactKind.DBS, {"workforce": whom}) for whom in ("adult", "child")]
    bodies = [slot(FactKind.REGISTRATION, {"body": body}) for body in ("nmc", "NMC", "GMC")]
    assert len({*training, *checks, *bodies}) == 6


def test_a_number_is_found_however_it_was_typed() -> None:
    assert lookup(FactKind.REGISTRATION, {"body": "nmc", "number": "01a 2345n"}) == "NMC:01A2345N"
    assert lookup(FactKind.SKILL, {"code": "renal"}) is None


WRONG = {
    "a registration without a number": (
        fact(FactKind.REGISTRATION, body="NMC", status="registered"), "number is missing",
    ),
    "a status that is none": (
        fact(FactKind.REGISTRATION, body="NMC", number="1", status="fine"), "none of conditions",
    ),
    "a training without the day": (fact(FactKind.TRAINING, subject="FIRE"), "the day it was"),
    "an award in the future": (
        replace(FIRE_JUNE, awarded_on=date(2026, 9, 8)), "has not come",
    ),
    "a level of DBS that is none": (fact(FactKind.DBS, level="super"), "none of basic"),
    "an end before the beginning": (
        replace(OPT_OUT, valid_from=date(2026, 2, 1), valid_until=date(2026, 1, 1)), "before it",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("stated", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_a_fact(stated: FactValue, said: str) -> None:
    assert said in "; ".join(wrong_fact(stated, TODAY))


def test_an_award_of_today_is_right() -> None:
    assert wrong_fact(replace(FIRE_JUNE, awarded_on=TODAY), TODAY) == []

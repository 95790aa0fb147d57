"""What a gate token says: every fact comes back as packed, and none that is not of the list."""

from datetime import date
from typing import Any

import pytest

from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.gate_facts import (
    BODIES,
    DBS_LEVELS,
    SOURCES,
    STATUSES,
    SUBJECTS,
    WORKFORCES,
    Award,
    Dbs,
    Registration,
    pack,
    unpack,
)
from tests.rules.gate_examples import DROP, HASH, changed, facts, webp

PACKED = pack(facts(), ods="RHQ")
FRAME = webp(100)[20:]
GOOD: dict[str, dict[str, Any]] = {
    "all of them": {},
    "a name in another script": {"name": "Ngọc Ánh Nguyễn"},
    "a name with a joiner": {"name": "مهر‌داد"},
    "an employer that is not the issuer": {"employer": "RX8"},
    "nobody's registration": {"registration": None},
    "no DBS": {"dbs": None},
    "no training": {"training": {}},
    "one award, late in the list": {"training": {"OMMT": Award(date(2026, 1, 2), 2)}},
    "the highest level and the last day": {"training": {"SGC": Award(date(2064, 11, 8), 4)}},
    "the first day": {"training": {"EDHR": Award(date(2020, 1, 2))}},
    "no photo": {"photo_hash": None},
    "a face": {"photo_hash": None, "face": webp(376)},
    "a face of odd length": {"face": webp(376, padding=1)},
    **{f"body {word}": {"registration": Registration(
        body=word, number="1234567", status="registered", checked_on=date(2026, 1, 1),
        source="register_file",
    )} for word in BODIES},
    **{f"status {word}": {"registration": Registration(
        body="HCPC", number="PYL123456", status=word, checked_on=date(2019, 12, 31),
        source="by_hand",
    )} for word in STATUSES},
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_facts_survive(name: str) -> None:
    said = facts(**GOOD[name])
    assert unpack(pack(said, ods="RHQ"), ods="RHQ") == said


def test_each_code_stands_for_one_word() -> None:
    for codes in (BODIES, STATUSES, SOURCES, DBS_LEVELS, WORKFORCES):
        assert len(set(codes.values())) == len(codes)
    assert len(set(SUBJECTS)) == len(SUBJECTS) == 15


def test_days_are_counted_from_2020_and_a_level_stands_above_them() -> None:
    training = {"HSW": Award(date(2020, 1, 2)), "CR": Award(date(2020, 1, 3), 3)}
    assert pack(facts(training=training), ods="RHQ")[6] == [1, bytes.fromhex("0000 0001 8002")]


@pytest.mark.parametrize("day", [date(2019, 5, 5), date(2020, 1, 1)])
def test_an_award_from_before_2020_is_not_carried(day: date) -> None:
    assert 6 not in pack(facts(training={"FIRE": Award(day)}), ods="RHQ")


UNSAYABLE: dict[str, dict[str, Any]] = {
    "no name": {"name": ""},
    "a name of blanks": {"name": "  "},
    "a name without end": {"name": "N" * 81},
    "a name that turns the line around": {"name": "Amara \u202eodnoko"},
    "a name with a hidden mark": {"name": "Amara\u200bOkonkwo"},
    "a name over two lines": {"name": "Amara\nOkonkwo"},
    "a name with a line separator": {"name": "Amara\u2028Okonkwo"},
    "a name with a private character": {"name": "Amara \ue000"},
    "a name with a bell": {"name": "Amara \x07"},
    "no role": {"role": ""},
    "an employer by name": {"employer": "Royal Hospital"},
    "an employer by two letters": {"employer": "RH"},
    "another regulator": {
        "registration": Registration(
            body="ACME", number="1", status="registered", checked_on=date(2026, 1, 1),
            source="register",
        )
    },
    "an unknown word of a register": {
        "registration": Registration(
            body="NMC", number="1", status="no conditions", checked_on=date(2026, 1, 1),
            source="register",
        )
    },
    "a number with a blank": {
        "registration": Registration(
            body="NMC", number="08A 1234E", status="registered", checked_on=date(2026, 1, 1),
            source="register",
        )
    },
    "another level of DBS": {
        "dbs": Dbs(level="super", workforce="both", dated=date(2026, 1, 1))
    },
    "a DBS from before there were any": {
        "dbs": Dbs(level="basic", workforce="both", dated=date(1900, 1, 1))
    },
    "another subject": {"training": {"YOGA": Award(date(2026, 1, 1))}},
    "level 5": {"training": {"SGC": Award(date(2026, 1, 1), 5)}},
    "level nought": {"training": {"SGC": Award(date(2026, 1, 1), 0)}},
    "an award in 2065": {"training": {"SGC": Award(date(2065, 1, 1))}},
    "half a photo hash": {"photo_hash": HASH[:8]},
    "a face that is a JPEG": {"face": b"\xff\xd8\xff\xe0" + bytes(300)},
    "a face with a wrong length": {"face": webp(100)[:-2]},
    "a face with something behind it": {"face": webp(100) + b"EXIF"},
    "a face with more than a picture": {"face": webp(100).replace(b"VP8 ", b"VP8X")},
    "a face without loss": {"face": webp(100).replace(b"VP8 ", b"VP8L")},
    "an empty face": {"face": b""},
    "a face of a kilobyte": {"face": webp(1_000)},
}  # fmt: skip


@pytest.mark.parametrize("name", UNSAYABLE)
def test_an_issuer_cannot_say(name: str) -> None:
    with pytest.raises(BadToken, match="bad_facts"):
        pack(facts(**UNSAYABLE[name]), ods="RHQ")


ENTRY, DBS = PACKED[4], PACKED[5]


def entry(at: int, value: Any) -> dict[int, Any]:
    return {4: [*ENTRY[:at], value, *ENTRY[at + 1 :]]}


NOT_READ: dict[str, Any] = {
    "no map": [],
    "a fact nobody knows": {9: 1},
    "a fact by name": {"name": "Amara"},
    "fact nought": {0: 1},
    "no name": {1: DROP},
    "a name in bytes": {1: b"Amara"},
    "no role": {2: DROP},
    "a role with a hidden mark": {2: "Staff\u2066 nurse"},
    "an employer that is null": {3: None},
    "a registration that is a map": {4: {}},
    "a registration without its source": {4: ENTRY[:4]},
    "a registration with more than that": {4: [*ENTRY, 1]},
    "a regulator that closed": entry(0, 6),
    "a regulator in letters": entry(0, "NMC"),
    "true for a regulator": entry(0, True),
    "a number that is a number": entry(1, 1234567),
    "a number of look-alikes": entry(1, "08А1234E"),
    "a number without end": entry(1, "1" * 21),
    "no number": entry(1, ""),
    "status nought": entry(2, 0),
    "status 20": entry(2, 20),
    "true for a status": entry(2, True),
    "a check on no day": entry(3, None),
    "a check on a day in letters": entry(3, "2026-01-01"),
    "a check after all days": entry(3, 65_536),
    "a check before all days": entry(3, -25_001),
    "a check from no source": entry(4, 5),
    "a DBS that is a number": {5: 3},
    "a DBS of level 5": {5: [5, *DBS[1:]]},
    "a DBS of workforce 4": {5: [DBS[0], 4, DBS[2]]},
    "a DBS on no day": {5: [*DBS[:2], True]},
    "training without its list": {6: b"\0\1"},
    "training of list 2": {6: [2, b"\0\1"]},
    "training of list true": {6: [True, b"\0\1"]},
    "training as numbers": {6: [1, [1, 1]]},
    "training in letters": {6: [1, "\0\1"]},
    "an odd byte of training": {6: [1, b"\0\1\0"]},
    "no training, said": {6: [1, b""]},
    "a subject beyond the list": {6: [1, b"\0\1" * 16]},
    "a level without a day": {6: [1, b"\x40\0\0\1"]},
    "a subject not held at the end": {6: [1, b"\0\1\0\0"]},
    "a photo hash of 15 bytes": {7: HASH[1:]},
    "a photo hash in letters": {7: "0" * 16},
    "a face in letters": {8: "RIFF" * 25},
    "an empty face": {8: b""},
    "a face too large": {8: FRAME + bytes(700)},
    "a face that is no key frame": {8: bytes((FRAME[0] | 1,)) + FRAME[1:]},
    "a face that is a whole WebP": {8: webp(100)},
    "a face that is a script": {8: b"<svg onload=alert(1)>"},
}


@pytest.mark.parametrize("name", NOT_READ)
def test_this_is_no_fact(name: str) -> None:
    with pytest.raises(BadToken, match="bad_facts"):
        unpack(changed(PACKED, NOT_READ[name]), ods="RHQ")

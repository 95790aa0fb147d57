"""What a gate token says about its holder, packed small (map -65537 of `docs/gate-token.cddl`).

Facts, not expiry: training carries the day and level of each award, registration and DBS the day
of the check; each host's policy computes whether that is enough. A registration is what the issuer
saw on the register, from where and when, not what the regulator signed.
"""

import re
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from passport.rules.tokens.bad_token import BadToken

EPOCH = date(2020, 1, 1)
"""Day 0."""
TRAINING_LIST = 1
"""The version of the list of subjects; another version is another order."""
SUBJECTS = (
    "EDHR", "HSW", "CR", "FIRE", "IPC", "MH", "SGA", "SGC", "PREV", "RESUS", "IG",
    "RESUS_ADULT", "RESUS_CHILD", "RESUS_NEWBORN", "OMMT",
)  # fmt: skip
"""Version 1: the eleven CSTF subjects in the order of the framework, then resuscitation by whom
it is for, then Oliver McGowan (level = tier)."""
BODIES: Mapping[str, int] = {
    "GCC": 1, "GDC": 2, "GMC": 3, "GOC": 4, "SCW": 5, "HCPC": 8, "NMC": 9, "GPHC": 16, "GOSC": 17,
    "SWE": 18, "PSNI": 101, "SSSC": 102, "NISCC": 103,
}  # fmt: skip
"""Regulators by their NHS Data Dictionary code; from 101 on, those that have none."""
STATUSES: Mapping[str, int] = {
    "registered": 1, "registered_with_licence": 2, "registered_no_licence": 3, "provisional": 4,
    "conditions": 5, "interim_conditions": 6, "undertakings": 7, "warning": 8, "caution": 9,
    "suspended": 10, "interim_suspended": 11, "lapsed": 12, "voluntarily_removed": 13,
    "struck_off": 14, "admin_erased": 15, "temporary_emergency": 16, "not_found": 17,
    "unknown": 18, "removed": 19,
}  # fmt: skip
SOURCES: Mapping[str, int] = {"register": 1, "register_file": 2, "by_hand": 3, "hr_file": 4}
"""Where the registration was looked up: a feed of the register, its file, an officer, HR."""
DBS_LEVELS: Mapping[str, int] = {"basic": 1, "standard": 2, "enhanced": 3, "enhanced_barred": 4}
WORKFORCES: Mapping[str, int] = {"adult": 1, "child": 2, "both": 3}
PHOTO_HASH, MOST_FACE, MOST_TEXT = 16, 700, 80
"""Lengths: the first bytes of a photo's SHA-256, a face in bytes, a name in characters."""

_NAME, _ROLE, _EMPLOYER, _REGISTRATION, _DBS, _TRAINING, _PHOTO, _FACE = range(1, 9)
_KNOWN = frozenset(range(_NAME, _FACE + 1))
_ODS = re.compile(r"[A-Z0-9]{3,8}", re.ASCII)
_NUMBER = re.compile(r"[A-Z0-9-]{1,20}", re.ASCII)
_DAY_0, _EARLIEST, _LATEST = EPOCH.toordinal(), -25_000, 65_535
_LEVELS, _DAYS = 4, 1 << 14
_NOT_SHOWN = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
_BODY_OF, _STATUS_OF, _SOURCE_OF, _LEVEL_OF, _WORKFORCE_OF = (
    {code: word for word, code in codes.items()}
    for codes in (BODIES, STATUSES, SOURCES, DBS_LEVELS, WORKFORCES)
)
_RIFF = struct.Struct("<4sI4s4sI")
_KEY_FRAME = b"\x9d\x01\x2a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An entry of a professional register, as the issuer saw it."""

    body: str
    number: str
    status: str
    checked_on: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dbs:
    """A DBS certificate that the employer found clear for the role."""

    level: str
    workforce: str
    dated: date


@dataclass(frozen=True, slots=True)
class Award:
    """Training awarded on a day, at a level (1 to 4)."""

    awarded_on: date
    level: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """Everything a gate token says about a person."""

    name: str
    role: str
    employer: str
    """ODS code."""
    registration: Registration | None = None
    dbs: Dbs | None = None
    training: Mapping[str, Award] = field(default_factory=dict)
    """By subject, of `SUBJECTS`: the highest level held. None from before 2020: nothing asks for
    an award so old."""
    photo_hash: bytes | None = None
    face: bytes | None = None
    """A simple lossy WebP."""


def pack(facts: GateFacts, *, ods: str) -> dict[int, Any]:
    """As the map of the token; the employer is left out where it is the issuer. Raises `BadToken`
    (`bad_facts`) where they cannot be said in one."""
    packed: dict[int, Any] = {_NAME: facts.name, _ROLE: facts.role}
    if facts.employer != ods:
        packed[_EMPLOYER] = facts.employer
    if entry := facts.registration:
        packed[_REGISTRATION] = [
            _code(entry.body, BODIES), entry.number, _code(entry.status, STATUSES),
            (entry.checked_on - EPOCH).days, _code(entry.source, SOURCES),
        ]  # fmt: skip
    if dbs := facts.dbs:
        level, workforce = _code(dbs.level, DBS_LEVELS), _code(dbs.workforce, WORKFORCES)
        packed[_DBS] = [level, workforce, (dbs.dated - EPOCH).days]
    if awards := _pack_awards(facts.training):
        packed[_TRAINING] = [TRAINING_LIST, awards]
    if facts.photo_hash is not None:
        packed[_PHOTO] = facts.photo_hash
    if facts.face is not None:
        packed[_FACE] = _picture(facts.face)
    unpack(packed, ods=ods)
    return packed


def unpack(packed: object, *, ods: str) -> GateFacts:
    """The facts of a token that `ods` issued. Raises `BadToken` (`bad_facts`)."""
    if not isinstance(packed, dict) or not packed.keys() <= _KNOWN:
        raise _bad("something that is not understood")
    return GateFacts(
        name=_text(packed.get(_NAME)),
        role=_text(packed.get(_ROLE)),
        employer=ods_code(packed.get(_EMPLOYER, ods)),
        registration=_registration(packed[_REGISTRATION]) if _REGISTRATION in packed else None,
        dbs=_dbs(packed[_DBS]) if _DBS in packed else None,
        training=_awards(packed[_TRAINING]) if _TRAINING in packed else {},
        photo_hash=_hash(packed[_PHOTO]) if _PHOTO in packed else None,
        face=_webp(packed[_FACE]) if _FACE in packed else None,
    )


def ods_code(value: object) -> str:
    """An organisation's code. Raises `BadToken` (`bad_facts`)."""
    if not isinstance(value, str) or not _ODS.fullmatch(value):
        raise _bad("no ODS code")
    return value


def _registration(value: object) -> Registration:
    body, number, status, day, source = _listed(value, 5)
    if not isinstance(number, str) or not _NUMBER.fullmatch(number):
        raise _bad("no registration number")
    return Registration(
        body=_word(body, _BODY_OF), number=number, status=_word(status, _STATUS_OF),
        checked_on=_date(day), source=_word(source, _SOURCE_OF),
    )  # fmt: skip


def _dbs(value: object) -> Dbs:
    level, workforce, day = _listed(value, 3)
    return Dbs(
        level=_word(level, _LEVEL_OF), workforce=_word(workforce, _WORKFORCE_OF), dated=_date(day)
    )


def _pack_awards(training: Mapping[str, Award]) -> bytes:
    """Two bytes for each subject: level less one in two bits, the day in fourteen, 0 = not held;
    subjects not held are left out at the end."""
    if not training.keys() <= set(SUBJECTS):
        raise _bad("a subject that is not of the list")
    numbers = [_pack_award(training[name]) if name in training else 0 for name in SUBJECTS]
    while numbers and not numbers[-1]:
        numbers.pop()
    return struct.pack(f">{len(numbers)}H", *numbers)


def _pack_award(award: Award) -> int:
    day = (award.awarded_on - EPOCH).days
    if day >= _DAYS or not 1 <= award.level <= _LEVELS:
        raise _bad("an award at no level or far ahead")
    return (award.level - 1) * _DAYS + day if day > 0 else 0


def _awards(value: object) -> dict[str, Award]:
    version, packed = _listed(value, 2)
    if type(version) is not int or version != TRAINING_LIST or not isinstance(packed, bytes):
        raise _bad("another list of training")
    if len(packed) % 2 or not 0 < len(packed) <= 2 * len(SUBJECTS):
        raise _bad("not two bytes for each subject")
    numbers = struct.unpack(f">{len(packed) // 2}H", packed)
    found = {}
    for subject, number in zip(SUBJECTS, numbers, strict=False):
        level, day = divmod(number, _DAYS)
        if day:
            found[subject] = Award(date.fromordinal(_DAY_0 + day), level + 1)
        elif level:
            raise _bad("a level without a day")
    if not numbers[-1]:
        raise _bad("a subject not held at the end")
    return found


def _hash(value: object) -> bytes:
    if not isinstance(value, bytes) or len(value) != PHOTO_HASH:
        raise _bad("no photo hash")
    return value


def _picture(webp: bytes) -> bytes:
    """The VP8 key frame in a simple lossy WebP: 20 bytes less, and no room for metadata."""
    picture = webp[_RIFF.size :][: int.from_bytes(webp[16:20], "little")]
    if webp != _webp(picture):
        raise _bad("no simple lossy WebP")
    return picture


def _webp(picture: object) -> bytes:
    """The WebP around a key frame (RFC 6386 §9.1, RFC 9649 §2.5). What is in the frame is for a
    browser to draw: nothing here decodes it."""
    if not isinstance(picture, bytes) or not 10 < len(picture) <= MOST_FACE:
        raise _bad("no face, or a large one")
    if picture[0] & 1 or picture[3:6] != _KEY_FRAME:
        raise _bad("no key frame of VP8")
    padding = bytes(len(picture) % 2)
    whole = 12 + len(picture) + len(padding)
    return _RIFF.pack(b"RIFF", whole, b"WEBP", b"VP8 ", len(picture)) + picture + padding


def _text(value: object) -> str:
    """Text that shows what it says: nothing invisible, nothing that turns the line around."""
    if not isinstance(value, str) or not 0 < len(value) <= MOST_TEXT or value != value.strip():
        raise _bad("no name")
    for character in "" if value.isprintable() else value:
        category = unicodedata.category(character)
        if category in _NOT_SHOWN or (category == "Cf" and character not in _JOINERS):
            raise _bad("a name with hidden characters")
    return value


def _listed(value: object, length: int) -> list[Any]:
    if not isinstance(value, list) or len(value) != length:
        raise _bad("a list of another length")
    return value


def _date(day: object) -> date:
    if type(day) is not int or not _EARLIEST <= day <= _LATEST:
        raise _bad("no day")
    return date.fromordinal(_DAY_0 + day)


def _code(word: str, codes: Mapping[str, int]) -> int:
    if word not in codes:
        raise _bad("a word without a code")
    return codes[word]


def _word(code: object, words: Mapping[int, str]) -> str:
    if type(code) is not int or code not in words:
        raise _bad("a code without a word")
    return words[code]


def _bad(why: str) -> BadToken:
    return BadToken("bad_facts", why)

"""What does ESR mean by a competence, and on which day was it awarded?

Rule in plain English. ESR writes a competence as owner, framework and name between bars:
`NHS|CSTF|Fire Safety - 2 Years|`. The name ends with ESR's renewal period, before which stand a
level or tier and the parts of the subject, e.g. `Resuscitation - Level 2 - Adult Basic Life
Support - 1 Year`. Only a name on our dated list is a core skills subject, whatever framework ESR
files it under; a part that is not on the list is not taken for the whole. An owner of three digits
is an employer, and its LOCAL competences stay local.

The day of the award counts. The expiry is the awarding employer's opinion; only where a file has
no day of award it is counted back by ESR's own renewal period (passport.md §2.10).
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bankhub.model.reference_values import EsrCompetence, EsrOutside
from bankhub.rules.london_time import add_months

NATIONAL, LOCAL = "NHS", "LOCAL"
_RENEWAL = re.compile(r"(?P<count>\d{1,2}) (?P<unit>year|month)s?", re.IGNORECASE)
_NO_RENEWAL = re.compile(r"no (?:renewal|expiry|specified renewal)|once only", re.IGNORECASE)
_LEVEL = re.compile(r"(?:level|tier) (?P<level>[1-9])", re.IGNORECASE)
_CODE_LENGTH = 40


class NotACompetence(Exception):
    """What is wrong with a competence, in a sentence."""


@dataclass(frozen=True, slots=True)
class Competence:
    """ESR's words, taken apart."""

    owner: str
    framework: str
    name: str
    level: int | None
    parts: tuple[str, ...]
    renewal_months: int | None
    """ESR's renewal period; it computes nothing but a day of award that is missing."""

    @property
    def title(self) -> str:
        """As the staff passport names it: subject and parts, without level and renewal."""
        return " ".join((self.name, *self.parts))


@dataclass(frozen=True, slots=True)
class Subject:
    """Which subject a competence is."""

    code: str
    level: int
    framework: str
    """CSTF, MAND (other national training) or LOCAL."""
    listed: bool
    """On our list of subjects; others are kept under a code made of their name."""
    note: str = ""


def read_competence(text: str) -> Competence:
    """Take ESR's words apart. Raises `NotACompetence`."""
    fields = [" ".join(field.split()) for field in text.strip().split("|")]
    while fields and not fields[-1]:
        fields.pop()
    if len(fields) != 3 or not all(fields):
        raise NotACompetence(f"“{text}” is not OWNER|FRAMEWORK|NAME|")
    owner, framework, said = fields[0].upper(), fields[1].upper(), fields[2]
    if owner != NATIONAL and not re.fullmatch(r"[0-9]{3}", owner):
        raise NotACompetence(f"{owner} is neither NHS nor the number of an employer")
    name, *parts = said.split(" - ")
    months: int | None = None
    if parts and (found := _RENEWAL.fullmatch(parts[-1].strip())):
        months = int(found["count"]) * (12 if found["unit"].lower() == "year" else 1)
        parts.pop()
    elif parts and _NO_RENEWAL.fullmatch(parts[-1].strip()):
        parts.pop()
    levels = [part for part in parts if _LEVEL.fullmatch(part.strip())]
    if len(levels) > 1:
        raise NotACompetence(f"“{said}” has two levels")
    level = int(_LEVEL.fullmatch(levels[0].strip())["level"]) if levels else None  # type: ignore[index]
    rest = tuple(part.strip() for part in parts if part not in levels)
    return Competence(owner, framework, name.strip(), level, rest, months)


def subject_of(
    said: Competence, known: Iterable[EsrCompetence], outside: Iterable[EsrOutside]
) -> Subject:
    """Which subject a competence is. Raises `NotACompetence` for what is on no list."""
    if said.owner != NATIONAL or said.framework == LOCAL:
        return Subject(_local_code(said), said.level or 1, LOCAL, listed=False)
    of_name = [one for one in known if _plain(one.name) == _plain(said.name)]
    if of_name:
        return _core(said, of_name)
    for other in outside:
        if _plain(other.name) == _plain(said.name):
            note = ""
            if said.framework == "CSTF":
                note = f"ESR files {said.name} under CSTF; it is no core skills subject"
            return Subject(other.code, said.level or 1, "MAND", listed=False, note=note)
    raise NotACompetence(
        f"“{said.name}” is none of the core skills subjects, nor on the list of other training"
    )


def _core(said: Competence, of_name: list[EsrCompetence]) -> Subject:
    part = _plain(" ".join(said.parts))
    fitting = [one for one in of_name if _plain(one.part) == part]
    if not fitting:
        what = " - ".join(said.parts) or "without a part"
        raise NotACompetence(f"{said.name}, {what}: not known to be the whole of a subject")
    one = fitting[0]
    if one.only_level is not None and said.level not in (None, one.only_level):
        raise NotACompetence(f"{said.title} is level {one.only_level}, not {said.level}")
    level = one.level or one.only_level or said.level or 1
    framework = "MAND" if one.subject == "OMMT" else "CSTF"
    return Subject(one.subject, level, framework, listed=True)


def _local_code(said: Competence) -> str:
    owner = said.owner if said.owner != NATIONAL else "NHS"
    letters = re.sub(r"[^A-Z0-9]+", "_", said.title.upper()).strip("_")
    code = f"LOCAL_{owner}_{letters}"
    if len(code) <= _CODE_LENGTH:
        return code
    told_apart = hashlib.sha256(code.encode()).hexdigest()[:6].upper()
    return f"{code[: _CODE_LENGTH - 7].rstrip('_')}_{told_apart}"


def _plain(name: str) -> str:
    letters = re.sub(r"[,.]", " ", name.casefold().replace("&", " and "))
    return " ".join(letters.split())


def award_counted_back(expires_on: date, renewal_months: int) -> date:
    """The day of an award from its expiry by ESR's renewal period."""
    return add_months(expires_on, -renewal_months)

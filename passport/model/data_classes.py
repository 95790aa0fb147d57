"""What every column holds, who answers for each table, and what becomes of it: the catalogue.

One entry for each table of a floor, in its `reference/data_classes.toml`. The subject-access file,
erasure, the record of processing and the retention schedule are made from it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

_FILE = "data_classes.toml"


class DataClass(StrEnum):
    """What a column holds."""

    KEY = "key"
    IDENTITY = "identity"
    CONTACT = "contact"
    WORK = "work"
    PROFESSIONAL = "professional"
    CHECKS = "checks"
    WORDS = "words"
    ACCESS = "access"
    RECORD = "record"
    SETTING = "setting"
    OTHER = "other"
    SECRET = "secret"  # noqa: S105  the name of a class


CLASS_WORDS: Mapping[DataClass, str] = {
    DataClass.KEY: "Identifiers that mean nothing outside the database",
    DataClass.IDENTITY: "Who somebody is: name, date of birth, photo",
    DataClass.CONTACT: "How to reach somebody",
    DataClass.WORK: "Posts, shifts, hours and roles",
    DataClass.PROFESSIONAL: "Registration, training, competence",
    DataClass.CHECKS: "Outcomes of employment checks, never their detail",
    DataClass.WORDS: "Free words; read before they are given out",
    DataClass.ACCESS: "Sign-in and devices",
    DataClass.RECORD: "When and how a row came about",
    DataClass.SETTING: "An organisation's own settings; no personal data",
    DataClass.OTHER: "Who did it: a member of staff, not the person it is about",
    DataClass.SECRET: "Hashes, keys and sealed values: never shown to anybody",
}

SHOWN = (
    DataClass.IDENTITY, DataClass.CONTACT, DataClass.WORK, DataClass.PROFESSIONAL,
    DataClass.CHECKS, DataClass.WORDS, DataClass.ACCESS, DataClass.RECORD, DataClass.SETTING,
)  # fmt: skip
"""What a person's own file holds. Not in it: identifiers, secrets, and who else was concerned."""

BLANKED = (
    DataClass.IDENTITY, DataClass.CONTACT, DataClass.PROFESSIONAL, DataClass.CHECKS,
    DataClass.WORDS, DataClass.ACCESS,
)  # fmt: skip
"""What an erasure takes out of a row that stays."""

PERSONAL = (*BLANKED, DataClass.WORK)
"""What may be about a person: whose it is, or why it is in nobody's file, has to be said."""

CONTROLLERS: Mapping[str, str] = {
    "own": "The organisation named in the row, alone.",
    "host": "The host organisation, for what it decides and keeps of people who work there. Where "
    "an agreement says so, jointly with the home organisation.",
    "both": "Home and host, each for its own purposes; jointly where their agreement says so.",
    "parties": "Each party to the agreement, for its own copy.",
    "ledger": "The organisations that filed the hours, jointly and for one purpose: that a person "
    "gets rest and stays within weekly limits across employers. Each reads only what it filed.",
    "common": "All organisations with which the person holds an account or a record, each for its "
    "own use of it. Whoever runs the installation is their processor.",
    "nobody": "Nobody: no personal data.",
}
"""Who decides why and how the rows of a table are processed."""

ONE_DATABASE = (
    "One database may serve several collaboratives. A collaborative is nothing but its agreements: "
    "it has no rows of its own and no controller. Every row belongs to an organisation, and no "
    "organisation reads another's but through an agreement in force between the two, whichever "
    "collaborative that is in. An organisation in two collaboratives is one controller with two "
    "sets of agreements; nothing read under one may be used under the other. Common to all are "
    "accounts (one human, one account), the hours of a person (read by the working-time rules "
    "alone), and the public directory of organisations. Whoever runs the installation is processor "
    "for each organisation under a contract with each (UK GDPR Article 28)."
)


class Erasure(StrEnum):
    """What an erasure does with the rows about a person."""

    DELETE = "delete"
    BLANK = "blank"
    KEEP = "keep"


KEPT_BECAUSE: Mapping[str, str] = {
    "accountability": "Who did or saw what has to stay provable (UK GDPR Articles 5(2) and "
    "17(3)(b)); the row names nobody once the record is erased.",
    "status_list": "A signed copy may still be on a phone: its place in the status list has to go "
    "on saying that it is revoked.",
    "others": "The account is used at another organisation too; it goes when the last one lets go.",
    "same_human": "Identifiers only; says that two records were compared.",
    "pay": "Pay and pension records (Income Tax (PAYE) Regulations 2003 regulation 97; pension "
    "scheme rules); the assignment number links to payroll.",
    "working_time": "Records of hours and of who worked where (Working Time Regulations 1998 "
    "regulation 9; Limitation Act 1980); without a name once the record is erased.",
    "contract": "A contract and its acceptance, with the names in them (Limitation Act 1980 "
    "section 5: six years).",
    "joint": "Home and host share the row. It is blanked when the home organisation erases its "
    "record, and deleted in its time.",
    "finance": "Accounting records (six years).",
}
"""Why rows stay in spite of an erasure (UK GDPR Article 17(3))."""


@dataclass(frozen=True, slots=True)
class TableData:
    """What one table holds."""

    table: str
    floor: str
    about: str
    controller: str
    kept: str
    columns: Mapping[str, DataClass]
    held_by: tuple[str, ...] = ()
    person: str = ""
    account: str = ""
    erasure: Erasure | None = None
    because: str = ""
    not_in_file: str = ""
    """Why its rows are in nobody's file, where they may speak of somebody."""

    @property
    def is_about_people(self) -> bool:
        """Whether a row of it is about one person."""
        return bool(self.person or self.account)

    def of(self, *classes: DataClass) -> tuple[str, ...]:
        """Its columns of these classes."""
        return tuple(name for name, found in self.columns.items() if found in classes)


Catalogue = Mapping[str, TableData]


@cache
def catalogue(*floors: str) -> Catalogue:
    """Table → its entry, for the named packages."""
    found: dict[str, TableData] = {}
    for floor in floors:
        text = files(floor).joinpath("reference", _FILE).read_text("utf-8")
        found |= read_catalogue(text, floor)
    return found


def read_catalogue(text: str, floor: str) -> Catalogue:
    """What a file says. Raises `ValueError` naming the table."""
    found = {}
    for table, row in tomllib.loads(text).items():
        try:
            found[table] = _read(table, floor, dict(row))
        except (KeyError, TypeError, ValueError) as problem:
            raise ValueError(f"{table}: {problem}") from problem
    return found


def _read(table: str, floor: str, row: dict[str, Any]) -> TableData:
    classed: Mapping[str, list[str]] = row.pop("columns")
    columns = {name: DataClass(kind) for kind, names in classed.items() for name in names}
    if len(columns) != sum(len(names) for names in classed.values()):
        raise ValueError("a column has two classes")
    erasure = Erasure(row.pop("erasure")) if "erasure" in row else None
    held_by = tuple(row.pop("held_by", ()))
    entry = TableData(table, floor, columns=columns, held_by=held_by, erasure=erasure, **row)
    if entry.controller not in CONTROLLERS:
        raise ValueError(f"no such controller: {entry.controller}")
    if entry.is_about_people and erasure is None:
        raise ValueError("about people, and silent on erasure")
    if bool(entry.not_in_file) != (not entry.is_about_people and bool(entry.of(*PERSONAL))):
        raise ValueError("personal data is in somebody's file, or says why not; nothing else does")
    if entry.because and (entry.because not in KEPT_BECAUSE or erasure is Erasure.DELETE):
        raise ValueError("no such reason, or nothing of it is kept")
    if erasure is Erasure.KEEP and not entry.because:
        raise ValueError("what is kept says why")
    return entry

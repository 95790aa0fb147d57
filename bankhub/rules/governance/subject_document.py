"""What does a person's file say, and how is it read?

The file is JSON for a program and one HTML page for the person, made from the same rows (UK GDPR
Articles 15 and 20). Identifiers, secrets and whoever else was concerned are left out; free words
are marked, so that they are read before the file is handed over.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from html import escape
from typing import Any
from uuid import UUID

from bankhub.rules.shift_times import LONDON
from passport.model.data_classes import CONTROLLERS, SHOWN, DataClass, TableData
from passport.model.subject_requests import Counted

OF_OTHERS = ("by", "by_id", "account_id", "officer", "opened_by")
"""Keys within stored details that name whoever did something."""

_IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY = re.compile(r"[12]\d{3}-[01]\d-[0-3]\d")
_MOMENT = re.compile(rf"{_DAY.pattern}T[0-2]\d:[0-5]\d:[0-5]\d(\.\d{{6}})?\+00:00")


@dataclass(frozen=True, slots=True)
class Section:
    """What one table holds of the person."""

    entry: TableData
    kept: str
    """In words, from the retention schedule."""
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the audit log."""

    at: datetime
    kind: str
    detail: Mapping[str, Any]

    @property
    def said(self) -> dict[str, Any]:
        """What the log says of it, without identifiers and whoever else was concerned."""
        return {
            name: value
            for name, value in plain(self.detail).items()
            if value not in (None, "", [], {}) and not _is_identifier(value)
        }


@dataclass(frozen=True, slots=True)
class SubjectFile:
    """Everything of one person, ready to be written."""

    organisation: str
    name: str
    made_at: datetime
    sections: Sequence[Section]
    happened: Sequence[Happened]
    done: Sequence[Counted] = ()
    """What they did in an office, by the log's word for it."""
    looked: Sequence[Counted] = ()
    """What they read of people of other organisations."""
    photo: bytes | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Table → rows."""
        return {one.entry.table: len(one.rows) for one in self.sections}


NOT_IN_IT = (
    "Identifiers that mean nothing outside the database, hashes and keys.",
    "Who of the staff did something, and anything about other people (Data Protection Act 2018 "
    "Schedule 2 paragraph 16).",
    "Whom it concerned what somebody did in an office, or read: it is counted by its kind.",
    "What other organisations hold: they are asked by themselves.",
    "The text of messages sent: they say no more than the rows they were written from.",
)


def shown(entry: TableData, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the person's file has it."""
    return {
        name: plain(row[name])
        for name in entry.of(*SHOWN)
        if name in row and not isinstance(row[name], bytes)
    }


def plain(value: Any) -> Any:
    """As JSON values: moments in ISO form, without whoever else was concerned."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items() if not _names_others(str(k))}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    return value


def _is_identifier(value: Any) -> bool:
    """One, or a list of nothing else: it means nothing outside the database."""
    if isinstance(value, list):
        return bool(value) and all(_is_identifier(one) for one in value)
    return isinstance(value, str) and _IDENTIFIER.fullmatch(value) is not None


def _names_others(key: str) -> bool:
    return key in OF_OTHERS or key.endswith(("_by", "_by_id"))


def as_json(file: SubjectFile) -> dict[str, Any]:
    """For a program."""
    return {
        "held_by": file.organisation,
        "about": file.name,
        "made_at": file.made_at.isoformat(),
        "tables": [
            {
                "table": one.entry.table,
                "about": one.entry.about,
                "controller": CONTROLLERS[one.entry.controller],
                "kept": one.kept,
                "rows": [shown(one.entry, row) for row in one.rows],
            }
            for one in file.sections
        ],
        "happened": [
            {"at": one.at.isoformat(), "what": one.kind, "detail": one.said}
            for one in file.happened
        ],
        "done": [_counted(one) for one in file.done],
        "looked": [_counted(one) for one in file.looked],
        "not_in_it": list(NOT_IN_IT),
    }


def _counted(one: Counted) -> dict[str, Any]:
    return {name: plain(getattr(one, name)) for name in ("what", "times", "first", "last")}


def as_html(file: SubjectFile) -> str:
    """For the person: one page that any browser opens."""
    made = file.made_at.astimezone(LONDON).strftime("%-d %B %Y, %H:%M")
    title = escape(f"What {file.organisation} holds about {file.name}")
    photo = '<p><img src="photo.jpg" alt="Your photo" width="240"></p>' if file.photo else ""
    return "".join((
        f'<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f"<p>Made on {made}. The same is in <code>subject-file.json</code> for a program.</p>\n",
        photo,
        *(_section(one) for one in file.sections),
        _happened(file.happened),
        _times("What you did in an office, counted", file.done),
        _times("What you read of people of other organisations, counted", file.looked),
        "<h2>What is not in this file</h2>\n<ul>\n",
        *(f"<li>{escape(one)}</li>\n" for one in NOT_IN_IT),
        "</ul>\n</body>\n</html>\n",
    ))  # fmt: skip


def _section(one: Section) -> str:
    words = [name for name in one.entry.of(DataClass.WORDS) if _any(name, one.rows)]
    noted = f" Holds free words ({escape(', '.join(words))})." if words else ""
    names = [name for name in one.entry.of(*SHOWN) if _any(name, one.rows)]
    rows = [[shown(one.entry, row).get(name) for name in names] for row in one.rows]
    return (
        f"<h2>{escape(one.entry.about)}</h2>\n"
        f"<p>Controller: {escape(CONTROLLERS[one.entry.controller])} "
        f"{escape(one.kept)}{noted}</p>\n"
        + table(names, rows)
    )


def _times(title: str, counted: Sequence[Counted]) -> str:
    if not counted:
        return ""
    rows = [list(_counted(one).values()) for one in counted]
    return f"<h2>{escape(title)}</h2>\n" + table(["what", "times", "first", "last"], rows)


def _any(name: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    values = [row.get(name) for row in rows]
    return any(one not in (None, "", [], {}) and not isinstance(one, bytes) for one in values)


def _happened(events: Sequence[Happened]) -> str:
    rows = [[one.at.isoformat(), one.kind, one.said] for one in events]
    return "<h2>What happened</h2>\n" + table(["when", "what", "detail"], rows)


def table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows as an HTML table with a heading for each column."""
    head = "".join(f'<th scope="col">{escape(_spoken(name))}</th>' for name in names)
    cells = (
        "".join(
            f"<td>{escape(_said(one, name))}</td>" for name, one in zip(names, row, strict=True)
        )
        for row in rows
    )
    body = "".join(f"<tr>{one}</tr>\n" for one in cells)
    head = f"<thead><tr>{head}</tr></thead>"
    return f'<table border="1">\n{head}\n<tbody>\n{body}</tbody>\n</table>\n'


def _spoken(name: str) -> str:
    return name.removesuffix("_pence").replace("_", " ").capitalize()


def _said(value: Any, name: str = "") -> str:
    """In words that the person reads: London time, pounds, and no identifier."""
    if value is None or _is_identifier(value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        said = {key: _said(one, str(key)) for key, one in value.items()}
        return "; ".join(f"{_spoken(key)}: {one}" for key, one in said.items() if one)
    if isinstance(value, list):
        return "; ".join(filter(None, (_said(one, name) for one in value)))
    if isinstance(value, int) and name.endswith("_pence"):
        return f"£{value / 100:,.2f}"
    return _dated(value) if isinstance(value, str) else str(value)


def _dated(text: str) -> str:
    """A day or a moment as it is spoken of; anything else, also a day that is none, as it is."""
    try:
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(LONDON).strftime("%-d %B %Y, %H:%M")
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).strftime("%-d %B %Y")
    except (ValueError, OverflowError):
        pass
    return text



"""A policy's values as plain form fields, and back: one field for each number, choice and list.

Fields are named by their way through the groups (`steps[0].bank_step_minutes`), as the messages
of `model.policies.read_values` name them. A row of a list whose fields are all empty is left out;
one empty row stands at the end of each list. What has no plain form (keyed groups such as roles)
is edited as JSON.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bankhub.web.settings.policy_words import HINTS, LABELS, OPTION_WORDS, UNITS
from bankhub.web.trade_words import spoken
from passport.errors import Invalid
from passport.web.words import minutes, pounds

LONGEST_JSON = 200_000
MOST_ROWS = 60


class Kind(StrEnum):
    """How a value is entered."""

    NUMBER = "number"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    LINES = "lines"
    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One field."""

    path: str
    kind: Kind
    label: str
    hint: str = ""
    unit: str = ""
    options: tuple[tuple[str, str], ...] = ()
    empty: str = ""
    """What an empty field means; empty text = it may not be."""


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that stand together; `rows` where they are rows of a list."""

    title: str
    entries: tuple[Entry, ...]
    rows: tuple[tuple[Entry, ...], ...] = ()


def sections(into: type[Any], values: Mapping[str, Any]) -> list[Section]:
    """The form of a value class, with as many rows as `values` has and one more."""
    plain: list[Entry] = []
    found: list[Section] = []
    for name, kind in typing.get_type_hints(into).items():
        group, row = _dataclass_in(kind), _row_in(kind)
        if row is not None:
            count = min(len(values.get(name) or ()) + 1, MOST_ROWS)
            rows = tuple(
                tuple(_entries(row, f"{name}[{place}]", loose=True)) for place in range(count)
            )
            found.append(Section(_label(name), (), rows))
        elif group is not None:
            loose = type(None) in typing.get_args(kind)
            found.append(Section(_label(name), tuple(_entries(group, name, loose=loose))))
        else:
            plain.append(_entry(kind, name))
    return [*([Section("", tuple(plain))] if plain else []), *found]


def _entries(into: type[Any], path: str, *, loose: bool) -> Iterator[Entry]:
    """`loose`: the whole group may be left empty."""
    for name, kind in typing.get_type_hints(into).items():
        entry = _entry(kind, f"{path}.{name}")
        yield dataclasses.replace(entry, empty=entry.empty or "none") if loose else entry


def _entry(kind: Any, path: str) -> Entry:
    name = path.rpartition(".")[2]
    inner, optional = _without_none(kind)
    how, options = _how(inner)
    return Entry(
        path=path,
        kind=how,
        label=_label(name),
        hint=HINTS.get(name, ""),
        unit=UNITS.get(name.rpartition("_")[2], "") if how is Kind.NUMBER else "",
        options=options,
        empty="none" if optional else "",
    )


def _how(kind: Any) -> tuple[Kind, tuple[tuple[str, str], ...]]:
    item = typing.get_args(kind)[0] if typing.get_origin(kind) is tuple else None
    if kind is bool:
        return Kind.YES_NO, (("yes", "Yes"), ("no", "No"))
    if kind is int:
        return Kind.NUMBER, ()
    if _is_enum(kind):
        return Kind.CHOICE, _options(kind)
    if _is_enum(item):
        return Kind.CHOICES, _options(item)
    if item is str:
        return Kind.LINES, ()
    return (Kind.TEXT, ()) if kind is str else (Kind.JSON, ())


def _options(kind: Any) -> tuple[tuple[str, str], ...]:
    return tuple((one.value, OPTION_WORDS.get(one, spoken(one.value))) for one in kind)


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def _without_none(kind: Any) -> tuple[Any, bool]:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        inner = [arm for arm in typing.get_args(kind) if arm is not type(None)]
        return inner[0], len(inner) < len(typing.get_args(kind))
    return kind, False


def _dataclass_in(kind: Any) -> type[Any] | None:
    inner, _ = _without_none(kind)
    return inner if dataclasses.is_dataclass(inner) and isinstance(inner, type) else None


def _row_in(kind: Any) -> type[Any] | None:
    if typing.get_origin(kind) is not tuple:
        return None
    return _dataclass_in(typing.get_args(kind)[0])


def _label(name: str) -> str:
    return LABELS.get(name, spoken(name))


def form_values(into: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the fields for these values."""
    found: dict[str, Any] = {}
    for entry in _every_entry(sections(into, values)):
        value = _at(values, entry.path)
        if entry.kind is Kind.YES_NO:
            found[entry.path] = "" if value is None else ("yes" if value else "no")
        elif entry.kind is Kind.LINES:
            found[entry.path] = "\n".join(value or ())
        elif entry.kind is Kind.CHOICES:
            found[entry.path] = [str(one) for one in value or ()]
        elif entry.kind is Kind.JSON:
            found[entry.path] = json.dumps(_plain(value or {}), indent=2, ensure_ascii=False)
        else:
            found[entry.path] = "" if value is None else str(value)
    return found


def values_from(into: type[Any], given: Any) -> dict[str, Any]:
    """The values that were typed. Raises `Invalid` naming every field that cannot be read."""
    wrong: dict[str, list[str]] = {}
    found: dict[str, Any] = {}
    for name, kind in typing.get_type_hints(into).items():
        row, group = _row_in(kind), _dataclass_in(kind)
        if row is not None:
            found[name] = _rows(row, name, given, wrong)
        elif group is not None:
            loose = type(None) in typing.get_args(kind)
            typed = _group(group, name, given, wrong, loose=loose)
            if typed is not None:
                found[name] = typed
        else:
            _put(found, name, _entry(kind, name), given, wrong)
    if wrong:
        raise Invalid("policy_values", "", wrong)
    return found


def _rows(
    into: type[Any], name: str, given: Any, wrong: dict[str, list[str]]
) -> list[dict[str, Any]]:
    """Rows that something was typed into, in order; a wrong one is named as it was typed."""
    found = []
    for place in range(MOST_ROWS):
        path = f"{name}[{place}]"
        if not any(key.startswith(f"{path}.") for key in given):
            break
        typed = _group(into, path, given, wrong, loose=True)
        if typed is not None:
            found.append(typed)
    return found


def _group(
    into: type[Any], path: str, given: Any, wrong: dict[str, list[str]], *, loose: bool
) -> dict[str, Any] | None:
    entries = list(_entries(into, path, loose=False))
    if loose and not any(given.get(entry.path, "").strip() for entry in entries):
        return None
    found: dict[str, Any] = {}
    for entry in entries:
        _put(found, entry.path.rpartition(".")[2], entry, given, wrong)
    return found


def _put(
    found: dict[str, Any], name: str, entry: Entry, given: Any, wrong: dict[str, list[str]]
) -> None:
    """Read one field into `found`; an empty one that may be is left out."""
    try:
        value = _read(entry, given)
    except ValueError as problem:
        wrong[entry.path] = [str(problem)]
        return
    if value is not None:
        found[name] = value
    elif entry.empty:
        found[name] = None


def _read(entry: Entry, given: Any) -> Any:
    text = given.get(entry.path, "").strip()
    if entry.kind is Kind.CHOICES:
        return [one for one in given.getlist(entry.path) if one]
    if entry.kind is Kind.LINES:
        return [line.strip() for line in text.splitlines() if line.strip()]
    if entry.kind is Kind.JSON:
        return _json(text)
    if not text:
        if not entry.empty:
            raise ValueError("Fill this in.")
        return None
    if entry.kind is Kind.NUMBER:
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValueError("Enter a whole number.")
        return int(text)
    return text == "yes" if entry.kind is Kind.YES_NO else text


def _json(text: str) -> Any:
    if len(text) > LONGEST_JSON:
        raise ValueError("is too long")
    try:
        return json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise ValueError("This is not JSON: check quotes, commas and brackets.") from None


def _every_entry(found: list[Section]) -> Iterator[Entry]:
    for section in found:
        yield from section.entries
        for row in section.rows:
            yield from row


def _at(values: Any, path: str) -> Any:
    """The value at `steps[0].bank_step_minutes`; None where there is none."""
    for part in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(values, Mapping):
            values = values.get(part)
        elif isinstance(values, (list, tuple)):
            values = values[int(part)] if int(part) < len(values) else None
        else:
            return None
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def shown(into: type[Any], values: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The values to read: title of each section, then label and value in words."""
    typed = form_values(into, values)
    found = []
    for section in sections(into, values):
        lines = [(one.label, _said(one, typed[one.path])) for one in section.entries]
        for place, row in enumerate(section.rows, start=1):
            said = [f"{one.label.lower()} {_said(one, typed[one.path])}" for one in row]
            if any(typed[one.path] for one in row):
                lines.append((f"{section.title} {place}", "; ".join(said)))
        found.append((section.title, lines))
    return found


def _said(entry: Entry, typed: Any) -> str:
    words = dict(entry.options)
    if entry.kind is Kind.CHOICES:
        return ", ".join(words.get(one, one) for one in typed) or "none"
    if entry.kind is Kind.LINES:
        return ", ".join(spoken(line) for line in typed.splitlines()) or "none"
    if not typed:
        return entry.empty or "–"
    if entry.kind is Kind.JSON:
        return ", ".join(spoken(key) for key in json.loads(typed)) or "none"
    if entry.unit in _COUNTED:
        return _COUNTED[entry.unit](int(typed))
    return f"{words.get(typed, typed)} {entry.unit}".strip()


_COUNTED: Mapping[str, Callable[[int], str]] = {"minutes": minutes, "pence": pounds}

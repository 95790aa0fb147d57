"""Delimited files, in and out: the one place where CSV is read and written.

Reading trusts nothing. A file is looked through once before its first row is handed out, so that
one that is not text, is cut off, or has lines no roster has, is refused whole with a message and
nothing half-done; after that rows come one at a time, whatever the file's size. UTF-8 with and
without byte-order mark, UTF-16 with one, and Windows-1252 (what Excel writes) are understood, and
commas, semicolons and tabs.

Writing is safe to open in a spreadsheet: every cell is quoted, and one that a spreadsheet would
take for a formula gets an apostrophe in front, which reading takes off again.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import BinaryIO

from passport.errors import Invalid

LARGEST_FILE = 64 * 1024 * 1024
LONGEST_RECORD = 100_000
"""Characters of one record, which may span lines inside quotes; the csv module's own limit for
one cell is 131,072."""
MOST_COLUMNS = 400
_CHUNK = 64 * 1024

_OTHER_FORMATS = {
    b"PK\x03\x04": "an Excel workbook (.xlsx) or a zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file (gzip)",
}
_SAVE_AS = "Save it as “CSV UTF-8 (comma delimited)” and send that."
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ",;\t|"
_BLANKS = " \t\r\n\v\f\u00a0\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_AROUND = " \t\r\n\v\f\u00a0\u200b\u202f\u3000\ufeff"
_TRIGGERS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_UNSAFE = re.compile(f"[{_BLANKS}]*[{_TRIGGERS}]|[\t\r\n]")
_PREFIXED = re.compile(f"'(?:[{_BLANKS}]*[{_TRIGGERS}])")
_FORMULA = re.compile("[=\uff1d]|[-+@\uff0b\uff0d\uff20].*(?:\\||[A-Za-z]\\()", re.DOTALL)
_REMARK = re.compile(r"[\s\"]*#\s*\w[\w ]*:")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file."""

    line: int
    """Line of the file on which it begins."""
    cells: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    """By normalised heading; empty for a file without headings."""
    problem: str | None = None
    """Why the row cannot be used, whatever is in its cells."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was looked through and found sound; iterate it for its rows."""

    source: BinaryIO
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    """As the file spells them; empty where it has none."""
    fields: tuple[str, ...]
    """Normalised headings: `Date of Birth` is `date_of_birth`."""
    rows: int
    """How many records there are, for a progress bar."""
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    """Records before the headings such as `# units: A, B`; only where asked for."""

    def __iter__(self) -> Iterator[Row]:
        records = _records(self.source, self.encoding, self.delimiter)
        if self.headings:
            next(islice(records, len(self.remarks), None), None)
        for line, cells in records:
            yield _row(line, cells, self.fields)


def open_table(
    source: BinaryIO,
    *,
    headed: Callable[[Sequence[str]], bool] = lambda first: True,
    remarked: bool = False,
    largest: int = LARGEST_FILE,
) -> Table:
    """Look a seekable binary file through. Raises `Invalid`: one message, nothing taken.

    `headed` says, from the first record, whether it holds headings; `remarked` that records
    such as `# units: A, B` may stand before it.
    """
    encoding = _encoding(source, largest)
    delimiter = _delimiter(source, encoding)
    records = _records(source, encoding, delimiter)
    first = next(records, None)
    remarks: list[str] = []
    while remarked and first is not None and _REMARK.match(", ".join(first[1])):
        remarks.append(", ".join(cell for cell in first[1] if cell.strip()).lstrip("# "))
        first = next(records, None)
    if first is None:
        raise Invalid("file_empty", "The file is empty.")
    headings = tuple(cell.strip() for cell in first[1]) if headed(first[1]) else ()
    rows = sum(1 for _ in records) + (0 if headings else 1)
    guessed = "The file is not UTF-8 and was read as Windows-1252: look at names with accents."
    return Table(
        source=source,
        encoding=encoding,
        delimiter=delimiter,
        headings=headings,
        fields=_fields(headings),
        rows=rows,
        notes=(guessed,) if encoding == "cp1252" else (),
        remarks=tuple(remarks),
    )


def normal_heading(text: str) -> str:
    """`Date of Birth` → `date_of_birth`; a colon stays, as in `training:fire_safety`."""
    words = re.sub(r"[^a-z0-9:]+", "_", text.casefold())
    return re.sub(r"_*:_*", ":", words).strip("_")


def _fields(headings: Sequence[str]) -> tuple[str, ...]:
    fields = tuple(
        normal_heading(heading) or f"column_{place}"
        for place, heading in enumerate(headings, start=1)
    )
    twice = sorted({heading for heading in fields if fields.count(heading) > 1})
    if twice:
        raise Invalid(
            "file_headings",
            f"Columns appear twice: {', '.join(twice)}. Each heading may be used once.",
        )
    return fields


def _row(line: int, cells: Sequence[str], fields: Sequence[str]) -> Row:
    tidy = tuple(_read_cell(cell) for cell in cells)
    problem = _cell_problem(tidy, fields)
    if fields and any(tidy[len(fields) :]):
        problem = f"has {len(tidy)} cells for {len(fields)} columns"
    # Excel leaves empty cells off at the end of a record.
    padded = (*tidy, *("" for _ in range(len(fields) - len(tidy))))
    return Row(line, tidy, dict(zip(fields, padded, strict=False)), problem)


def _read_cell(cell: str) -> str:
    text = unicodedata.normalize("NFC", cell).strip(_AROUND)
    return text[1:].strip(_AROUND) if _PREFIXED.match(text) else text


def _cell_problem(cells: Sequence[str], fields: Sequence[str]) -> str | None:
    formulas = _named(cells, fields, _FORMULA.match)
    if len(formulas) > 1:
        return f"{', '.join(formulas)} hold formulas: send their values instead"
    if formulas:
        return f"{formulas[0]} holds a formula: send its value instead"
    if odd := _named(cells, fields, _CONTROL.search):
        return f"{', '.join(odd)}: control characters"
    return None


def _named(
    cells: Sequence[str], fields: Sequence[str], wrong: Callable[[str], object]
) -> list[str]:
    """The columns whose cells are wrong."""
    return [
        fields[place] if place < len(fields) else f"column {place + 1}"
        for place, cell in enumerate(cells)
        if wrong(cell)
    ]


def _encoding(source: BinaryIO, largest: int) -> str:
    source.seek(0)
    start = source.read(8)
    for magic, name in _OTHER_FORMATS.items():
        if start.startswith(magic):
            raise Invalid("file_format", f"This is {name}, not a CSV file. {_SAVE_AS}")
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Invalid("file_encoding", f"The file is UTF-32. {_SAVE_AS}")
    for bom, marked in _BOMS:
        if start.startswith(bom):
            if _decodes(source, marked, largest):
                return marked
            raise Invalid("file_encoding", f"The file is damaged: not {marked} text. {_SAVE_AS}")
    for guess in ("utf-8", "cp1252"):
        if _decodes(source, guess, largest):
            return guess
    raise Invalid("file_encoding", f"The file is not text in any encoding known here. {_SAVE_AS}")


def _decodes(source: BinaryIO, encoding: str, largest: int) -> bool:
    """Whether the whole file is text in `encoding`; refuses what no text file has."""
    line, length = 1, 0
    try:
        for text in _text(source, encoding, largest):
            if "\0" in text:
                raise Invalid(
                    "file_binary", f"The file holds NUL bytes: it is not text. {_SAVE_AS}"
                )
            *ended, rest = text.split("\n")
            for part in ended:
                _refuse_long(length + len(part), line)
                line, length = line + 1, 0
            length += len(rest)
            _refuse_long(length, line)
    except UnicodeDecodeError:
        return False
    return True


def _text(source: BinaryIO, encoding: str, largest: int = LARGEST_FILE) -> Iterator[str]:
    """The file's text in pieces, every line end as `\\n`."""
    decoder = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder(encoding)(), translate=True
    )
    source.seek(0)
    size = 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > largest:
            raise Invalid(
                "file_too_large", f"The file is larger than {largest // 1024 // 1024} MB: split it."
            )
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _refuse_long(length: int, line: int) -> None:
    if length > LONGEST_RECORD:
        raise Invalid("line_too_long", f"Line {line} is longer than {LONGEST_RECORD:,} characters.")


def _lines(source: BinaryIO, encoding: str) -> Iterator[str]:
    rest = ""
    for text in _text(source, encoding):
        *ended, rest = (rest + text).split("\n")
        for line in ended:
            yield f"{line}\n"
    if rest:
        yield rest


def _delimiter(source: BinaryIO, encoding: str) -> str:
    """The separator found most often outside quotes in the first line that is not blank and no
    remark."""
    told = (line for line in _lines(source, encoding) if line.strip())
    first = next((line for line in told if not _REMARK.match(line)), "")
    if stated := re.fullmatch(r"sep=(.)\s*", first, re.IGNORECASE):
        return stated.group(1)
    bare = re.sub(r'"[^"]*"?', "", first)
    return max(_DELIMITERS, key=bare.count)


def _records(source: BinaryIO, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(first line, cells) of each record that is not blank; raises `Invalid` where it breaks."""
    spent = 0

    def measured() -> Iterator[str]:
        nonlocal spent
        for line in _lines(source, encoding):
            spent += len(line)
            if spent > LONGEST_RECORD:
                raise csv.Error("a quoted cell does not end")
            yield line

    reader = csv.reader(measured(), delimiter=delimiter, strict=True)
    while True:
        line, spent = reader.line_num + 1, 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as broken:
            raise Invalid(
                "file_broken", f"The record that begins on line {line} cannot be read: {broken}."
            ) from broken
        if len(cells) > MOST_COLUMNS:
            raise Invalid("file_columns", f"Line {line} has more than {MOST_COLUMNS} columns.")
        if line == 1 and re.fullmatch(r"sep=.?", delimiter.join(cells), re.IGNORECASE):
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def safe_cell(value: object) -> str:
    """A cell's text, with an apostrophe in front where a spreadsheet would calculate it."""
    if value is None:
        return ""
    text = str(value).replace("\0", "")
    if isinstance(value, int | float | Decimal):
        return text
    return f"'{text}" if _UNSAFE.match(text) else text


def csv_lines(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str = ","
) -> Iterator[str]:
    """The lines of a CSV file, every cell quoted and safe to open in a spreadsheet.

    The first begins with the byte-order mark by which Excel knows UTF-8; encode as UTF-8.
    """
    yield "\ufeff" + _csv_line(headings, delimiter)
    for row in rows:
        yield _csv_line(row, delimiter)


def _csv_line(row: Sequence[object], delimiter: str) -> str:
    buffer = io.StringIO()
    writer = csv.writer(
        buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n"
    )
    writer.writerow([safe_cell(cell) for cell in row])
    return buffer.getvalue()

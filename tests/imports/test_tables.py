"""Delimited files as they really arrive, and files meant to do harm."""

import csv
import io
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import Invalid
from passport.imports import tables
from passport.imports.tables import Table, csv_lines, open_table


def opened(content: bytes, **options: object) -> Table:
    return open_table(io.BytesIO(content), **options)  # type: ignore[arg-type]


PLAIN = "Name,Date of birth\nZoë Ó Briain,1990-01-02\n"
WRITTEN_AS = {
    "plain UTF-8": PLAIN.encode(),
    "UTF-8 with the byte-order mark Excel writes": PLAIN.encode("utf-8-sig"),
    "UTF-16 with a byte-order mark": PLAIN.encode("utf-16"),
    "big-endian UTF-16": b"\xfe\xff" + PLAIN.encode("utf-16-be"),
    "Windows-1252, as Excel saves “CSV”": PLAIN.encode("cp1252"),
    "semicolons and a byte-order mark": PLAIN.replace(",", ";").encode("utf-8-sig"),
    "tabs": PLAIN.replace(",", "\t").encode(),
    "Excel's own separator line": ("sep=;\n" + PLAIN.replace(",", ";")).encode("utf-8-sig"),
    "Windows line ends": PLAIN.replace("\n", "\r\n").encode(),
    "line ends of old Macs": PLAIN.replace("\n", "\r").encode(),
    "no line end at the end": PLAIN.strip().encode(),
    "blank lines before, between and after": b"\n\n" + PLAIN.replace("\n", "\n\n\n").encode(),
    "quotes round everything": b'"Name","Date of birth"\n"Zo\xc3\xab \xc3\x93 Briain","1990-01-02"',
    "non-breaking blanks round the values": PLAIN.replace("Zoë", "\u00a0Zoë").encode(),
    "letters and accents apart": PLAIN.replace("ë", "e\u0308").encode(),
}


@pytest.mark.parametrize("content", WRITTEN_AS.values(), ids=WRITTEN_AS.keys())
def test_the_same_row_is_read_from(content: bytes) -> None:
    rows = list(opened(content))
    assert [dict(row.values) for row in rows] == [
        {"name": "Zoë Ó Briain", "date_of_birth": "1990-01-02"}
    ]
    assert rows[0].problem is None


def test_a_guessed_encoding_is_said() -> None:
    assert opened(PLAIN.encode("cp1252")).notes
    assert not opened(PLAIN.encode()).notes


def workbook() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


REFUSED = {
    "an Excel workbook": (workbook(), "file_format", "Excel workbook"),
    "an old Excel workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9, "file_format", "old Excel"),
    "a PDF": (b"%PDF-1.7\n", "file_format", "PDF"),
    "an empty file": (b"", "file_empty", "empty"),
    "a file of blank lines": (b"\n , \n\r\n", "file_empty", "empty"),
    "a byte-order mark and nothing else": (b"\xef\xbb\xbf", "file_empty", "empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "file_binary", "not text"),
    "NUL bytes in the middle": (b"a,b\n1,\0\n", "file_binary", "NUL"),
    "UTF-16 without a byte-order mark": (PLAIN.encode("utf-16-le"), "file_binary", "Save it as"),
    "bytes of no encoding": (b"a,b\n\x81\x8d\xff,1\n", "file_encoding", "Save it as"),
    "UTF-16 cut in the middle of a letter": (
        PLAIN.encode("utf-16")[:-1], "file_encoding", "damaged",
    ),
    "one line of 10 MB": (b"a,b\n" + b"x" * 10_000_000, "line_too_long", "Line 2"),
    "a quote that is never closed": (
        b'a,b\n"x,1\n' + b"y,2\n" * 100_000, "file_broken", "line 2",
    ),
    "a record of many cells of many lines": (
        b"a,b,c\n" + b",".join([b'"' + b"x\n" * 20_000 + b'"'] * 3), "file_broken", "line 2",
    ),
    "a short quote that is never closed": (b'a,b\n"x,1\n', "file_broken", "line 2"),
    "text after a closing quote": (b'a,b\n"x"y,1\n', "file_broken", "line 2"),
    "the same heading twice": (b"Name,name ,b\n1,2,3\n", "file_headings", "name"),
    "two thousand columns": (b"a," * 2000 + b"b\n", "file_columns", "400"),
}


@pytest.mark.parametrize(
    ("content", "code", "said"), REFUSED.values(), ids=REFUSED.keys()
)
def test_a_file_is_refused_whole_for(content: bytes, code: str, said: str) -> None:
    with pytest.raises(Invalid) as problem:
        opened(content)
    assert problem.value.code == code
    assert said in problem.value.detail


def test_a_file_larger_than_allowed_is_refused() -> None:
    with pytest.raises(Invalid) as problem:
        opened(b"a\n" + b"1\n" * 600_000, largest=1024 * 1024)
    assert problem.value.code == "file_too_large"


ROW_PROBLEMS = {
    "a formula": ("=1+1", "formula"),
    "a full-width formula": ("\uff1dcmd()", "formula"),
    "a link formula after blanks": ('"  =HYPERLINK(""x"")"', "formula"),
    "a command behind a plus": ("+cmd|' /C calc'!A0", "formula"),
    "a function behind an at": ("@SUM(1+1)", "formula"),
    "a formula behind our own apostrophe": ("'=1+1", "formula"),
    "a control character": ("a\x07b", "control"),
    "text that runs right to left on purpose": ("a\u202eb", "control"),
}


@pytest.mark.parametrize(("cell", "said"), ROW_PROBLEMS.values(), ids=ROW_PROBLEMS.keys())
def test_a_row_is_refused_for(cell: str, said: str) -> None:
    first, second = opened(f"a,b\n{cell},1\nx,2\n".encode())
    assert said in (first.problem or "")
    assert second.problem is None


PLAIN_CELLS = ["+447700900123", "+44 (0)7700 900123", "-5", "@home care", "'t Hooft", "O'Neill"]


@pytest.mark.parametrize("cell", PLAIN_CELLS)
def test_a_cell_is_taken_as_it_is(cell: str) -> None:
    (row,) = opened(f"a\n{cell}\n".encode())
    assert (row.values["a"], row.problem) == (cell, None)


def test_a_row_says_on_which_line_it_begins_also_after_cells_of_several_lines() -> None:
    rows = list(opened(b'a,b\n"x\ny",1\n\nz,2\n'))
    assert [(row.line, row.values["a"]) for row in rows] == [(2, "x\ny"), (5, "z")]


def test_missing_cells_at_the_end_are_empty_and_surplus_ones_refuse_the_row() -> None:
    short, surplus, blank_surplus = opened(b"a,b\n1\n1,2,3\n1,2,\n")
    assert (short.values, short.problem) == ({"a": "1", "b": ""}, None)
    assert "3 cells for 2 columns" in (surplus.problem or "")
    assert blank_surplus.problem is None


def test_a_file_without_headings_keeps_its_first_row() -> None:
    table = opened(b'"R0A","X"\n"R0B","Y"\n', headed=lambda first: False)
    assert table.rows == 2
    assert [row.cells for row in table] == [("R0A", "X"), ("R0B", "Y")]


def test_rows_come_one_at_a_time_and_the_file_can_be_read_again() -> None:
    table = opened(b"a\n" + b"1\n" * 1000)
    assert next(iter(table)).line == 2
    assert table.rows == len(list(table)) == 1000


UNSAFE = ["=1", "+1", "-1", "@x", "\t=1", "\rx", "\nx", " =1", "\u00a0=1", "\u3000＝1", "\uff0b1",
          "\uff0d1", "\uff20x", "=cmd|' /C calc'!A0", "\ufeff=1", "\u200b@x"]


def written(*cells: object) -> list[list[str]]:
    text = "".join(csv_lines(["a"], [cells]))
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


@pytest.mark.parametrize("cell", UNSAFE, ids=ascii)
def test_a_written_cell_cannot_be_calculated(cell: str) -> None:
    assert written(cell)[1] == [f"'{cell}"]


def test_without_the_guard_a_formula_would_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "safe_cell", str)
    assert written("=1")[1] == ["=1"]


def test_numbers_dates_and_nothing_are_written_plainly() -> None:
    assert written(-5, Decimal("-1.50"), None, 'say "x"', "a;b,c")[1] == [
        "-5", "-1.50", "", 'say "x"', "a;b,c",
    ]


def test_every_written_cell_is_quoted() -> None:
    assert "".join(csv_lines(["a", "b"], [[1, ""]])) == '\ufeff"a","b"\r\n"1",""\r\n'


def test_what_was_written_is_read_back_as_it_was() -> None:
    text = "".join(csv_lines(["a", "b"], [["+447700900123", "-x"], ["’t", "plain"]]))
    assert [row.cells for row in opened(text.encode())] == [
        ("+447700900123", "-x"), ("’t", "plain"),
    ]


@given(st.lists(st.sampled_from([b'"', b",", b";", b"\n", b"\r", b"\0", b"a", b"=", b"\xe9",
                                 b"\xff\xfe", b"\xef\xbb\xbf", b"sep=;", b"'", b" "]), max_size=40))
def test_no_bytes_do_anything_but_be_read_or_refused(pieces: list[bytes]) -> None:
    try:
        table = opened(b"".join(pieces))
    except Invalid:
        return
    assert len(list(table)) == table.rows


def test_every_formula_of_a_row_is_named_at_once() -> None:
    [row] = open_table(io.BytesIO(b"a,b,c\n=1+1,fine,=2+2\n"))
    assert row.problem == "a, c hold formulas: send their values instead"

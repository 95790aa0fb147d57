"""Which list a file is: one of ODS's own, without headings, or one of ours, by its headings.

The Organisation Data Service's own files have 27 columns: code, name, national grouping (region),
high level health geography (ICB), five address lines, postcode, open date, close date, status
(practices), sub-type, parent, date joined the parent, date left it, telephone, then fillers among
which stand the government office region (24th, trusts) and the prescribing setting (26th,
practices). Source: ODS file specifications of etr, ets and epraccur.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from passport.errors import Invalid
from passport.imports.tables import Row
from passport.model.organisations import OrganisationKind

_OFFICIAL = (
    "ods_code", "name", "region_code", "icb_code",
    "address_1", "address_2", "address_3", "address_4", "address_5",
    "postcode", "open_date", "close_date", "status", "sub_type",
    "parent_code", "joined", "left", "telephone", "_19", "_20", "_21", "_22", "_23",
    "office_region", "_25", "prescribing_setting", "_27",
)  # fmt: skip


class Shape(StrEnum):
    """What the rows of a file are."""

    ORGANISATIONS = "organisations"
    SITES = "sites"
    UNITS = "units"
    MEMBERSHIPS = "memberships"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's rows are to be read."""

    shape: Shape
    kind: OrganisationKind | None = None
    """What its organisations are, where no column says so."""
    official: bool = False
    code: str = "ods_code"
    """The column with the code of the row's own organisation."""


_REPORTS = {
    "etr": OrganisationKind.TRUST,
    "ect": OrganisationKind.TRUST,
    "epraccur": OrganisationKind.GP_PRACTICE,
    "ecarehomehq": OrganisationKind.SOCIAL_CARE,
    "ets": Shape.SITES,
    "ectsite": Shape.SITES,
    "ecarehomesite": Shape.SITES,
}
"""What ODS's reports hold, by the name they are downloaded under."""

def _of(kind: OrganisationKind | None, code: str = "ods_code") -> Layout:
    return Layout(Shape.ORGANISATIONS, kind, code=code)


_SIGNS = (
    ("member_ods_code", Layout(Shape.MEMBERSHIPS)),
    ("unit_code", Layout(Shape.UNITS)),
    ("site_code", Layout(Shape.SITES)),
    ("practice_code", _of(OrganisationKind.GP_PRACTICE, "practice_code")),
    ("trust_type", _of(OrganisationKind.TRUST)),
    ("ods_code", _of(None)),
    ("trust_code", _of(OrganisationKind.TRUST, "trust_code")),
    ("pcn_code", _of(OrganisationKind.PCN, "pcn_code")),
    ("icb_code", _of(OrganisationKind.ICB, "icb_code")),
    ("region_code", _of(OrganisationKind.REGION, "region_code")),
)
"""The first of these columns that a headed file has says what its rows are."""


def looks_headed(first: Sequence[str]) -> bool:
    """Whether the first record holds headings and not an organisation of the official layout."""
    if len(first) != len(_OFFICIAL):
        return True
    opened = first[_OFFICIAL.index("open_date")].strip()
    return not (first[0].strip().isalnum() and re.fullmatch(r"\d{8}|", opened))


def official_layout(file_name: str, first: Row, kind: str | None) -> Layout:
    """What an official file holds: as told, by its name, or (trusts) by which columns it fills.

    Raises `Invalid` where none of the three decides.
    """
    if kind:
        return _told(kind, official=True)
    stem = PurePath(file_name).stem.lower()
    for name in sorted(_REPORTS, key=len, reverse=True):
        if stem.startswith(name):
            return _told(_REPORTS[name], official=True)
    cells = named(first)
    unused = ("status", "sub_type", "parent_code", "prescribing_setting")
    if cells["office_region"] and not any(cells[name] for name in unused):
        return _told(OrganisationKind.TRUST, official=True)
    raise Invalid(
        "list_of_what", "The file does not say what its organisations are: add --kind, e.g. trust."
    )


def headed_layout(fields: Sequence[str], kind: str | None) -> Layout:
    """What a file with headings holds. Raises `Invalid` where its columns do not say."""
    layout = next((layout for sign, layout in _SIGNS if sign in fields), None)
    if layout is None:
        signs = ", ".join(sign for sign, _ in _SIGNS)
        raise Invalid("list_of_what", f"None of these columns is there: {signs}.")
    if layout.shape is not Shape.ORGANISATIONS or (kind is None and "kind" in fields):
        return layout
    told = _told(kind or layout.kind, official=False)
    return Layout(told.shape, told.kind, code=layout.code)


def _told(kind: str | Shape | OrganisationKind | None, *, official: bool) -> Layout:
    if kind in ("site", Shape.SITES):
        return Layout(Shape.SITES, official=official)
    if kind is None:
        raise Invalid(
            "list_of_what", "No column “kind” says what the organisations are: add it, or --kind."
        )
    return Layout(Shape.ORGANISATIONS, OrganisationKind(kind), official=official)


def named(row: Row) -> dict[str, str]:
    """The cells of an official row by our names for them."""
    padded = (*row.cells, *("" for _ in _OFFICIAL))
    return dict(zip(_OFFICIAL, padded, strict=False))

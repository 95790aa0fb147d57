"""One row of a list of organisations, sites, units or memberships into an entry.

Which columns are read is written down in docs/import-organisations.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from bankhub.actions.settings.sites import SiteFields, UnitFields
from bankhub.imports.ods_layouts import Layout, named
from passport.actions.people.organisation_entries import GroupEntry, OrganisationEntry
from passport.actions.people.organisations import OrganisationFields
from passport.errors import Invalid
from passport.imports.cells import Cells, read_date, read_degrees, read_yes_no
from passport.imports.tables import Row
from passport.model.organisations import MembershipKind, OrganisationKind

_GP_PRACTICE = "4"
_SMALL_WORDS = frozenset(
    "an and at by for in near of on or the to under upon with".split()  # noqa: SIM905
)
_INITIALS = frozenset("CIC CCG GP ICB LLP NHS PCN PLC UK II III".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """A site as a list states it."""

    organisation_code: str
    code: str
    fields: SiteFields


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """A unit as a list states it."""

    organisation_code: str
    site_code: str
    code: str
    fields: UnitFields


def cells_of(row: Row, layout: Layout) -> Cells:
    """The row's cells by name, whichever the layout."""
    return Cells(named(row) if layout.official else row.values)


def organisation_entry(row: Row, layout: Layout) -> OrganisationEntry | None:
    """The organisation of a row; None for a row of ODS's practice list that is no practice."""
    cells = cells_of(row, layout)
    if layout.official and layout.kind is OrganisationKind.GP_PRACTICE:
        setting = cells.text("prescribing_setting")
        if setting and setting != _GP_PRACTICE:
            return None
    fields: OrganisationFields = {"kind": _kind(cells, layout)}
    name = cells.text("name", layout.code.replace("_code", "_name"))
    capitals = name == name.upper() and layout.official
    if name:
        fields["name"] = spoken(name) if capitals else name
    if cells.has("address", "address_1"):
        fields["address"] = _address(cells, spoken_too=layout.official)
    if cells.has("postcode"):
        fields["postcode"] = cells.text("postcode")
    if cells.has("open_date", "opened_on"):
        fields["opened_on"] = cells.read(read_date, "open_date", "opened_on")
    if cells.has("close_date", "closed_on", "status"):
        fields["closed_on"] = _closed_on(cells)
    groups = tuple(_groups(cells, layout))
    _refuse(cells)
    return OrganisationEntry(cells.text(layout.code).upper(), fields, groups, capitals)


def _kind(cells: Cells, layout: Layout) -> OrganisationKind:
    told = cells.text("kind") or layout.kind
    try:
        return OrganisationKind(str(told).casefold().replace(" ", "_"))
    except ValueError:
        cells.problems.append(f"kind: “{told}” is none of {', '.join(OrganisationKind)}")
        return OrganisationKind.TRUST


def _closed_on(cells: Cells) -> date | None:
    if cells.has("close_date", "closed_on"):
        return cells.read(read_date, "close_date", "closed_on")
    return cells.read(_closed_status, "status")


def _closed_status(text: str) -> date | None:
    """`closed 2026-03-31` holds the day; any other status holds none."""
    return read_date(text.removeprefix("closed ")) if text.startswith("closed ") else None


def _address(cells: Cells, *, spoken_too: bool) -> str:
    if cells.has("address"):
        address, town = cells.text("address"), cells.text("town")
        return f"{address}, {town}" if town and town not in address else address
    lines = [cells.text(f"address_{number}") for number in range(1, 6)]
    address = ", ".join(line for line in lines if line)
    return spoken(address) if spoken_too else address


def _groups(cells: Cells, layout: Layout) -> Iterator[GroupEntry]:
    named_groups = (
        (MembershipKind.PCN, "pcn", cells.read(read_date, "pcn_from")),
        (MembershipKind.ICS, "icb", None),
        (MembershipKind.REGION, "region", None),
    )
    for kind, column, from_on in named_groups:
        code = cells.text(f"{column}_code").upper()
        if code and layout.code != f"{column}_code":
            yield GroupEntry(kind, code, cells.text(f"{column}_name"), from_on)
    for code in re.split(r"[;\s]+", cells.text("successor_code", "successor_codes")):
        if code:
            yield GroupEntry(MembershipKind.SUCCESSOR, code.upper())


def site_entry(row: Row, layout: Layout) -> SiteEntry:
    """The site of a row."""
    cells = cells_of(row, layout)
    name = cells.text("site_name", "name")
    shouted = layout.official and name == name.upper()
    fields: SiteFields = {"name": spoken(name) if shouted else name} if name else {}
    if cells.has("postcode"):
        fields["postcode"] = cells.text("postcode")
    if cells.has("latitude", "longitude"):
        fields["latitude"] = cells.read(read_degrees, "latitude")
        fields["longitude"] = cells.read(read_degrees, "longitude")
    _put_dates(cells, fields)
    owner = cells.text("organisation_ods_code", "trust_code", "parent_code").upper()
    _refuse(cells)
    return SiteEntry(owner, cells.text("site_code", "ods_code").upper(), fields)


def unit_entry(row: Row, layout: Layout) -> UnitEntry:
    """The unit of a row."""
    cells = cells_of(row, layout)
    fields: UnitFields = {}
    if name := cells.text("unit_name", "name"):
        fields["name"] = name
    if cells.has("cost_centre"):
        fields["cost_centre"] = cells.text("cost_centre")
    if cells.has("phone"):
        fields["phone"] = cells.text("phone")
    instant_book = cells.read(read_yes_no, "instant_book")
    if instant_book is not None:
        fields["instant_book"] = instant_book
    _put_dates(cells, fields)
    _refuse(cells)
    return UnitEntry(
        cells.text("organisation_ods_code").upper(),
        cells.text("site_code").upper(),
        cells.text("unit_code").upper(),
        fields,
    )


def membership_entry(row: Row, layout: Layout) -> OrganisationEntry:
    """The membership of a row, as an organisation with that one group and nothing else stated."""
    cells = cells_of(row, layout)
    told = cells.text("membership_kind", "kind").casefold()
    if told not in list(MembershipKind):
        cells.problems.append(f"membership_kind: “{told}” is none of {', '.join(MembershipKind)}")
    from_on = cells.read(read_date, "from_date", "from_on")
    until_on = cells.read(read_date, "until_date", "until_on")
    _refuse(cells)
    group = GroupEntry(
        MembershipKind(told), cells.text("group_ods_code").upper(), "", from_on, until_on
    )
    return OrganisationEntry(cells.text("member_ods_code").upper(), {}, (group,))


def _put_dates(cells: Cells, fields: Any) -> None:
    for field, columns in (
        ("opened_on", ("open_date", "opened_on")),
        ("closed_on", ("close_date", "closed_on")),
    ):
        if cells.has(*columns):
            fields[field] = cells.read(read_date, *columns)


def _refuse(cells: Cells) -> None:
    if cells.problems:
        raise Invalid("row", "; ".join(cells.problems))


def spoken(text: str) -> str:
    """A name that ODS writes in capitals, as people write it: `St. Mary's and the Royal`."""
    words = re.split(r"([ ,(&/-]+)", text.lower())
    return "".join(
        word if place and word in _SMALL_WORDS else _spoken_word(word)
        for place, word in enumerate(words)
    )


def _spoken_word(word: str) -> str:
    bare = word.strip(".()").upper()
    if bare in _INITIALS or re.fullmatch(r"\d+[A-Z]", bare):
        return word.upper()
    return word[:1].upper() + word[1:]

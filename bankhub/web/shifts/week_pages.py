"""The week by unit: a grid, one day of a unit behind each cell, and the same on paper."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, url_for

from bankhub.actions.figures import office_notes
from bankhub.actions.settings import sites
from bankhub.actions.shifts.shift_lists import ListedShift, ListFilters
from bankhub.actions.shifts.shift_records import facts_of
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import ShiftState
from bankhub.rules.cascade.shift_states import is_unfilled
from bankhub.rules.london_time import at_hour, monday_of
from bankhub.rules.shift_times import clock_text, london_day, week_span
from bankhub.web.shifts.office_parts import Page, asked_day, asked_id, may, with_arguments
from bankhub.web.trade_words import grade_name, role_title
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.words import london_date, london_span

pages = Blueprint("week", __name__, url_prefix="/office/week")

SHOWN = (ShiftState.DRAFT, ShiftState.SUBMITTED, ShiftState.OPEN, ShiftState.FILLED)
UNITS_SHOWN = 60
"""More rows than this make the grid slow to read and to draw: the site's filter comes first."""
ORDER = ("unfilled", "open", "submitted", "draft", "filled")
"""The state of several like shifts is that of the one that wants most looking after."""


@dataclass(frozen=True, slots=True)
class Like:
    """What shifts of one unit and day have in common to stand in one slot."""

    code: str
    time: str
    role: str
    grade: str


@pages.get("")
def show() -> Page:
    """Monday to Sunday in London, a row for each unit."""
    by, at = current_actor(), now()
    monday = monday_of(asked_day())
    starts, ends = week_span(monday)
    site_id, unit_id = asked_id("site"), asked_id("unit")
    with db().reading() as session:
        places = sites.units(session, by=by, on=monday)
        if site_id is None and unit_id is None and len(places) > UNITS_SHOWN:
            site_id = places[0][1].id
        filters = ListFilters(
            starts_from=starts, starts_before=ends, site_id=site_id, unit_id=unit_id, states=SHOWN
        )
        found = office_notes.week_shifts(session, filters=filters, by=by)
    wanted = _wanted(places, found, site_id, unit_id)
    days = [monday + timedelta(days=step) for step in range(7)]
    return render_template(
        "bankhub/office/week.html",
        form=FormState({"site": str(site_id or ""), "unit": str(unit_id or ""), "on": monday}),
        monday=monday,
        days=[{"label": london_date(day, "short"), "today": day == london_day(at)} for day in days],
        rows=_rows(wanted, found, days, at),
        totals=_totals(found, at),
        sites=_sites(places),
        units=[(str(unit.id), f"{unit.name}, {site.name}") for unit, site in places],
        previous_url=with_arguments(on=(monday - timedelta(days=7)).isoformat()),
        next_url=with_arguments(on=(monday + timedelta(days=7)).isoformat()),
        this_week_url=with_arguments(on=None),
        is_this_week=monday == monday_of(london_day(at)),
        may=may(),
    )


@pages.get("/day")
def day() -> Page:
    """Every shift of one unit on one day."""
    by, on, unit_id = current_actor(), asked_day(), asked_id("unit")
    with db().transaction() as session:
        unit = sites.unit_of(session, unit_id=unit_id or UUID(int=0), by=by)
        filters = ListFilters(
            starts_from=at_hour(on),
            starts_before=at_hour(on + timedelta(days=1)),
            unit_id=unit.id,
        )
        found = office_notes.week_shifts(session, filters=filters, by=by, named_at=now())
    return render_template(
        "bankhub/office/day.html",
        unit=unit,
        on=on,
        shifts=found,
        now_at=now(),
        unfilled={row.shift.id for row in found if is_unfilled(facts_of(row.shift), now())},
        may=may(),
    )


def _wanted(
    places: Sequence[tuple[Unit, Site]],
    found: Sequence[ListedShift],
    site_id: UUID | None,
    unit_id: UUID | None,
) -> list[tuple[Unit, Site]]:
    """Units of the filter, and units closed by now that still have shifts in the week."""
    known = {unit.id for unit, _ in places}
    gone = {row.unit.id: (row.unit, row.site) for row in found if row.unit.id not in known}
    return [
        (unit, site)
        for unit, site in [*places, *gone.values()]
        if site_id in (None, site.id) and unit_id in (None, unit.id)
    ]


def _sites(places: Sequence[tuple[Unit, Site]]) -> list[tuple[str, str]]:
    return list({str(site.id): site.name for _, site in places}.items())


def _rows(
    places: Sequence[tuple[Unit, Site]],
    found: Sequence[ListedShift],
    days: Sequence[date],
    at: datetime,
) -> list[dict[str, Any]]:
    cells: dict[tuple[UUID, date], list[ListedShift]] = defaultdict(list)
    for row in found:
        cells[row.unit.id, london_day(row.shift.starts_at)].append(row)
    allowed = may()["post_shift"]
    return [
        {
            "name": unit.name,
            "note": site.name,
            "url": with_arguments(unit=str(unit.id)),
            "cells": [
                {
                    "label": f"{unit.name}, {london_date(day, 'short')}",
                    "new_url": url_for("post.new", unit=unit.id, on=day.isoformat())
                    if allowed
                    else "",
                    "slots": _slots(cells[unit.id, day], unit, day, at),
                }
                for day in days
            ],
        }
        for unit, site in places
    ]


def _slots(
    rows: Sequence[ListedShift], unit: Unit, day: date, at: datetime
) -> list[dict[str, Any]]:
    groups: dict[Like, list[ListedShift]] = defaultdict(list)
    for row in rows:
        shift = row.shift
        groups[
            Like(
                shift.shift_code or clock_text(shift.starts_at),
                london_span(shift.starts_at, shift.ends_at),
                shift.role,
                shift.grade,
            )
        ].append(row)
    return [_slot(like, group, unit, day, at) for like, group in groups.items()]


def _slot(
    like: Like, group: Sequence[ListedShift], unit: Unit, day: date, at: datetime
) -> dict[str, Any]:
    filled = sum(row.shift.state is ShiftState.FILLED for row in group)
    states = {state_of(row, at) for row in group}
    one = group[0].shift.id if len(group) == 1 else None
    return {
        "url": url_for("shift.show", shift_id=one)
        if one
        else url_for("week.day", unit=unit.id, on=day.isoformat()),
        "code": like.code,
        "text": f"{filled} of {len(group)} {grade_name(like.grade).partition(' (')[0]}",
        "state": next(state for state in ORDER if state in states),
        "label": f"{like.code}, {like.time}, {role_title(like.role)}, {grade_name(like.grade)}: "
        f"{filled} of {len(group)} filled",
    }


def state_of(row: ListedShift, at: datetime) -> str:
    """The shift's state; an open one whose start has passed is unfilled."""
    return "unfilled" if is_unfilled(facts_of(row.shift), at) else row.shift.state.value


def _totals(found: Sequence[ListedShift], at: datetime) -> dict[str, int]:
    counts = dict.fromkeys(ORDER, 0)
    for row in found:
        counts[state_of(row, at)] += 1
    return counts

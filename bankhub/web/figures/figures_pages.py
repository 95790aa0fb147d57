"""How was it filled? The fill figures: chart, tables, file, and the shifts behind each number."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from markupsafe import Markup

from bankhub.actions.figures import fill_shifts, fill_tables
from bankhub.actions.figures.fill_tables import FillChoices, FillTable
from bankhub.actions.finding.cursors import cursor_place, cursor_text
from bankhub.actions.shifts.shift_lists import CURSOR
from bankhub.model.fill_values import Dimension, GroupKey
from bankhub.model.vocabulary import Grade
from bankhub.rules.figures import chart
from bankhub.rules.figures.fill_rows import PARTITION, Behind, FillRow
from bankhub.web.figures.figures_query import Asked, asked_from
from bankhub.web.figures.figures_words import (
    BEHIND,
    DIMENSIONS,
    LEAD_BANDS,
    UNITS,
    amount_text,
    file_headings,
    file_row,
    group_text,
    in_order,
    lead_text,
    share_text,
)
from bankhub.web.shifts.office_parts import may, reason_options
from bankhub.web.trade_words import STAFF_GROUPS, grade_name
from passport.errors import Invalid
from passport.imports.tables import csv_lines
from passport.web.access import current_actor, require_step_up
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.parsing import choice_of, uuid_of

pages = Blueprint("figures", __name__, url_prefix="/figures")

NUMBERS = (*(Behind(name) for name in PARTITION), Behind.REQUESTED, Behind.STILL_OPEN)
"""Columns of the table that partitions demand."""


@pages.get("/fill-rate")
def show() -> Response:
    """The figures of some weeks, grouped and narrowed as asked."""
    by, at = current_actor(), now()
    trust = request.args.get("only_trust")
    with db().reading() as session:
        choices = fill_tables.fill_choices(
            session, trust_id=uuid_of(trust) if trust else None, by=by, now=at
        )
        try:
            asked = asked_from(request.args, at, by=_first_grouping(choices))
            table = fill_tables.fill_table(
                session, question=asked.question, unit=asked.unit, by=by, now=at
            )
        except Invalid as problem:
            form = FormState.kept(request.args, problem)
            return make_response(_page(choices, form, None, None), 422)
    given = {name: value for name, value in asked.arguments.items() if name != "by"}
    groups = [dimension.value for dimension in asked.question.by]
    form = FormState({**given, "by": groups[0], "then": (*groups, "")[1]})
    return make_response(_page(choices, form, asked, table))


def _first_grouping(choices: FillChoices) -> Dimension:
    return Dimension.TRUST if choices.trusts else Dimension.WEEK


def _page(
    choices: FillChoices, form: FormState, asked: Asked | None, table: FillTable | None
) -> str:
    options = {
        "by": [
            (one.value, words)
            for one, words in DIMENSIONS.items()
            if one is not Dimension.TRUST or choices.trusts
        ],
        "unit": [(one.value, words) for one, words in UNITS.items()],
        "trust": [(str(one), name) for one, name in choices.trusts],
        "site": [(str(one), name) for one, name in choices.sites],
        "place": [(str(one), name) for one, name in choices.units],
        "staff_group": [(one.value, words) for one, words in STAFF_GROUPS.items()],
        "grade": [(one.value, _capital(grade_name(one))) for one in Grade],
        "reason": reason_options(),
        "lead_band": [(str(one), words) for one, words in LEAD_BANDS.items()],
    }
    shown = (
        _shown(asked, table) if asked and table else {"table": None, "narrowed": True, "unit": ""}
    )
    return render_template("bankhub/manager/fill_rate.html", form=form, options=options, **shown)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shown(asked: Asked, table: FillTable) -> dict[str, Any]:
    allowed = may()
    linked = allowed["drill_down"] and not table.reaches_beyond
    rows = in_order(table)
    return {
        "table": table,
        "unit": table.unit.value,
        "total": table.total,
        "grouping": " · ".join(DIMENSIONS[one] for one in table.question.by),
        "fill_heads": [BEHIND[number] for number in NUMBERS],
        "notice_heads": [BEHIND[number] for number in NOTICE],
        "narrowed": any(name.startswith("only_") for name in asked.arguments),
        "fill_rows": [_fill_row(asked, table, key, row, linked) for key, row in rows],
        "fill_foot": _fill_row(asked, table, None, table.total, False),
        "work_rows": [_work_row(table, group_text(table, key), row) for key, row in rows],
        "work_foot": _work_row(table, "All", table.total),
        "notice_rows": [_notice_row(asked, table, key, row, linked) for key, row in rows],
        "notice_foot": _notice_row(asked, table, None, table.total, False),
        "amount": lambda amount: amount_text(amount, table.unit),
        "share": share_text,
        "lead": lead_text,
        "csv_url": url_for("figures.download", **asked.arguments)
        if allowed["export_figures"]
        else "",
        **_charts(table),
    }


def _charts(table: FillTable) -> dict[str, Any]:
    weeks, unit = table.weeks, table.unit
    if not weeks:
        return {"chart": None}
    heads = ["Week", *(BEHIND[number] for number in NUMBERS[:-1])]
    rows = [
        [
            f"{week.day} {week:%B %Y}",
            *(amount_text(getattr(parts, number.value), unit) for number in NUMBERS[:-1]),
        ]
        for week, parts in sorted(weeks.items())
    ]
    return {
        "chart": chart.fill_chart(weeks, unit),
        "narrow": chart.fill_chart(weeks, unit, width=340, most_week_labels=4),
        "chart_heads": heads,
        "chart_rows": rows,
    }


def _fill_row(
    asked: Asked, table: FillTable, key: GroupKey | None, row: FillRow, linked: bool
) -> list[Any]:
    name = "All" if key is None else group_text(table, key)
    cells = [_cell(asked, table, key, number, row, linked) for number in NUMBERS]
    return [name, *cells, share_text(row.rates.temp_fill_rate), share_text(row.rates.bank_share)]


def _work_row(table: FillTable, name: str, row: FillRow) -> list[Any]:
    if row.worked is None or row.requested is None or row.unfilled is None:
        return [name]
    filled, worked = row.requested - row.unfilled, row.requested - row.worked.unfilled
    amounts = (filled, worked, filled - worked, row.awaiting_sign_off)
    return [
        name,
        *(amount_text(amount, table.unit) for amount in amounts),
        share_text(row.rates.worked_temp_fill_rate),
    ]


NOTICE = (
    Behind.LATE_WITHDRAWALS,
    Behind.LATE_WARD_CANCELLATIONS,
    Behind.RETROSPECTIVE,
    Behind.WITHDRAWN,
    Behind.WITHDRAWN_AFTER_FILL,
)


def _notice_row(
    asked: Asked, table: FillTable, key: GroupKey | None, row: FillRow, linked: bool
) -> list[Any]:
    name = "All" if key is None else group_text(table, key)
    counts = [_cell(asked, table, key, number, row, linked) for number in NOTICE]
    if table.suppressed_under is not None:
        return [name, *counts]
    rates = row.rates
    return [
        name,
        share_text(rates.released_early_share),
        lead_text(rates.median_lead_hours),
        *counts,
    ]


def _cell(
    asked: Asked,
    table: FillTable,
    key: GroupKey | None,
    number: Behind,
    row: FillRow,
    linked: bool,
) -> str:
    """The number; where the reader may, a link to the shifts it counts."""
    value = getattr(row, number.value)
    text = amount_text(value, table.unit)
    count = value if isinstance(value, int) or value is None else value.shifts
    if not (linked and key is not None and count):
        return text
    return Markup('<a href="{}">{}<span class="visually-hidden">: {}, {}</span></a>').format(
        url_for("figures.shifts", **asked.down_to(key, number)),
        text,
        BEHIND[number],
        group_text(table, key),
    )


@pages.get("/fill-rate.csv")
@require_step_up
def download() -> Response:
    """The same figures as a file that a spreadsheet opens safely."""
    by, at = current_actor(), now()
    asked = asked_from(request.args, at, by=Dimension.WEEK)
    with db().reading() as session:
        table = fill_tables.fill_table(
            session, question=asked.question, unit=asked.unit, by=by, now=at, export=True
        )
    rows = [file_row(table, key, row) for key, row in in_order(table)]
    rows.append(file_row(table, None, table.total))
    response = make_response("".join(csv_lines(file_headings(table), rows)))
    response.content_type = "text/csv; charset=utf-8"
    first, last = asked.question.first_week, asked.question.last_week
    name = f"temporary-demand-filled-{asked.unit.value}-{first}-{last}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@pages.get("/shifts")
def shifts() -> str:
    """The very shifts that one number counts."""
    by, at = current_actor(), now()
    asked = asked_from(request.args, at, by=Dimension.WEEK)
    number = choice_of(Behind, request.args.get("number") or Behind.REQUESTED, "number")
    after = request.args.get("after")
    with db().reading() as session:
        page = fill_shifts.shifts_counted(
            session,
            question=asked.question,
            behind=number,
            after=tuple(cursor_place(after, *CURSOR)) if after else None,
            by=by,
            now=at,
        )
    here = {**asked.arguments, "number": number.value}
    return render_template(
        "bankhub/manager/fill_shifts.html",
        page=page,
        question=asked.question,
        what=BEHIND[number],
        lead_bands=LEAD_BANDS,
        may=may(),
        back=url_for("figures.show", **asked.arguments),
        more_url=url_for("figures.shifts", **here, after=cursor_text(page.after))
        if page.after
        else None,
    )

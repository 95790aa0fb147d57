"""Recharges between organisations: what we owe, what is owed to us, and reciprocal hours."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from bankhub.actions.agreements import recharges
from bankhub.actions.agreements.recharges import Line
from bankhub.model.agreement_terms import RechargeBasis
from bankhub.rules.shift_times import LONDON, london_day
from bankhub.web.shifts.office_parts import may
from bankhub.web.trade_words import STAFF_GROUPS, grade_name
from passport.imports.tables import csv_lines
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now

pages = Blueprint("recharges", __name__, url_prefix="/recharges")

BASES = {
    RechargeBasis.NONE_RECIPROCAL: "Reciprocal",
    RechargeBasis.ACTUAL_COST: "Actual cost",
    RechargeBasis.FIXED_RATE: "Fixed rate",
    RechargeBasis.BANK_RATE: "Host’s bank rate",
}
MOST_SHOWN = 300
"""Lines drawn on the page; the sums and the file have all of them."""
HEADINGS = (
    "Direction", "Shift ended", "Booking", "Host", "Home", "Agreement", "Basis", "Staff group",
    "Grade", "Minutes", "Pence", "Administration pence", "Rate from", "Illustrative",
)  # fmt: skip


@pages.get("/")
def show() -> str:
    """The lines of one month, both ways, and the reciprocal hours of every period."""
    by, day = current_actor(), _asked_day()
    first, following = recharges.month_of(day)
    with db().reading() as session:
        found = recharges.lines(session, first=_midnight(first), before=_midnight(following), by=by)
        settings = recharges.settings(session, by=by)
    owed = [one for one in found if one.owed_to_us]
    owing = [one for one in found if not one.owed_to_us]
    today = london_day(now())
    return render_template(
        "bankhub/manager/recharges.html",
        form=FormState({"month": f"{first:%Y-%m}"}),
        month=first,
        earlier=url_for("recharges.show", month=f"{first - timedelta(days=1):%Y-%m}"),
        later=url_for("recharges.show", month=f"{following:%Y-%m}") if following <= today else "",
        owing=owing[:MOST_SHOWN],
        owed=owed[:MOST_SHOWN],
        owing_sum=_sum(owing),
        owed_sum=_sum(owed),
        settings=settings,
        bases=BASES,
        may=may(),
        csv_url=url_for("recharges.download", month=f"{first:%Y-%m}"),
    )


@pages.get("/lines.csv")
def download() -> Response:
    """The lines of one month as a file that a spreadsheet opens safely."""
    by = current_actor()
    first, following = recharges.month_of(_asked_day())
    with db().reading() as session:
        found = recharges.lines(session, first=_midnight(first), before=_midnight(following), by=by)
    response = make_response("".join(csv_lines(HEADINGS, map(_file_row, found))))
    response.content_type = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="recharges-{first:%Y-%m}.csv"'
    return response


def _asked_day() -> date:
    """The first day of the month in the address; today where there is none, or it is none."""
    try:
        day = datetime.strptime(request.args.get("month", ""), "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        day = date.max
    return day if 2000 <= day.year < 2100 else london_day(now())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LONDON).astimezone(UTC)


def _sum(found: list[Line]) -> dict[str, Any]:
    known = [one.total_pence for one in found if one.total_pence is not None]
    return {
        "lines": len(found),
        "pence": sum(known),
        "minutes": sum(one.line.minutes for one in found),
        "without": len(found) - len(known),
        "illustrative": any(one.line.illustrative for one in found),
    }


def _file_row(one: Line) -> list[str]:
    line = one.line
    return [
        "owed to us" if one.owed_to_us else "we owe",
        line.at.isoformat(),
        one.reference,
        one.host,
        one.home,
        one.agreement,
        BASES[line.basis],
        STAFF_GROUPS[line.staff_group],
        grade_name(line.grade),
        str(line.minutes),
        "" if line.pence is None else str(line.pence),
        str(line.admin_pence),
        line.rate_source,
        "yes" if line.illustrative else "no",
    ]

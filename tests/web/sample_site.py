"""A small site that shows every macro once, with text that tries to break out of its place.

The look is tested on it, so that a page of the product cannot hide a fault of the parts.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Response, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader

from bankhub.model.fill_values import Amount, FillUnit, Partition
from bankhub.model.values import PayLine
from bankhub.rules.figures.chart import fill_chart
from passport.asset_files import asset_folder
from passport.config import Config
from passport.db import Database, connect
from passport.errors import Cure, Level, Reason
from passport.events import prepare
from passport.web.forms import FormState
from passport.web.lent import Lent
from passport.web.problems import problem_body
from passport.web.templating import (
    Choice,
    DemoClock,
    Link,
    Message,
    Shell,
    marked,
    prepare_templates,
)

NOW = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
TRUSTS = ("Portsmouth Hospitals University NHS Trust", "Isle of Wight NHS Trust")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types server-fragment"
)

WORKER_NAVIGATION = (
    Link("Home", "/home", "home"),
    Link("Find", "/find", "search"),
    Link("My shifts", "/mine", "calendar", count=2),
    Link("Passport", "/passport", "passport"),
    Link("Alerts", "/alerts", "bell"),
)
COORDINATOR_NAVIGATION = (
    Link("Today", "/today", "list"),
    Link("Week", "/week", "week"),
    Link("Post shifts", "/post", "plus"),
    Link("Import", "/import", "upload"),
    Link("Waiting", "/waiting", "tick", count=7),
    Link("Fill rate", "/fill", "chart"),
    Link("Policies", "/policies", "gear"),
)
MANAGER_NAVIGATION = (
    Link("Today", "/today", "list", count=3, section="Shifts"),
    Link("Week", "/week", "week", section="Shifts"),
    Link("Post", "/post", "plus", section="Shifts"),
    Link("Arrivals", "/arrivals", "clock", section="Ward door"),
    Link("People", "/people", "people", section="Staff"),
    Link("Agreements", "/agreements", "agreement", section="Partners"),
    Link("Deployments", "/deployments", "pin", section="Partners", also=("/form",)),
    Link("Recharges", "/recharges", "pound", section="Partners"),
    Link("Check", "/check", "tick", section="Ward door"),
)


def build_site(said: str = "") -> Flask:
    """The site; `said` is appended to every text that a person could have written."""
    app = Flask(
        "sample",
        template_folder=str(asset_folder("templates")),
        static_folder=str(asset_folder("static")),
    )
    config = Config(database_url="sqlite://", secret_key="s", master_key="0" * 64)
    database = Database(connect(config.database_url), prepare({}))
    app.extensions["lent"] = Lent(db=database, now=lambda: NOW, real_now=lambda: NOW, config=config)
    prepare_templates(app, frame=lambda: _shell(said), csrf_token=lambda: "token-1")
    samples = FileSystemLoader(Path(__file__).parent / "sample_pages")
    app.jinja_env.loader = ChoiceLoader([app.jinja_env.loader, samples])
    _routes(app, said)

    @app.after_request
    def secured(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return app


def _routes(app: Flask, said: str) -> None:
    @app.route("/<name>", methods=["GET", "POST"])
    def page(name: str) -> str:
        return render_template(f"{name}.html", form=_form(name, said), **_content(said))

    @app.post("/fragment")
    def fragment() -> Response:
        answer = Response(f"<p data-announce>Called {request.form['name']}</p>")
        answer.headers["X-Fragment"] = request.headers.get("X-Fragment", "")
        return answer

    @app.get("/problem/<int:status>")
    def problem(status: int) -> tuple[str, int]:
        more: dict[str, Any] = {}
        if status == 409:
            more["reasons"] = [
                {"code": r.code, "text": r.text, "level": r.level.value, "cure": None}
                for r in _reasons(said)
            ]
        if status == 422:
            more["fields"] = {"starts_on": ["Enter a real date." + said]}
        body = problem_body(status, "sample", "The detail." + said, **more)
        return render_template("problem.html", problem=body, reference="4f1c" + said), status


def _shell(said: str) -> Shell:
    phone = request.path in ("/home", "/find", "/confirm", "/mine", "/bare")
    long = request.path in ("/form", "/problem/409")
    links = MANAGER_NAVIGATION if long else COORDINATOR_NAVIGATION
    links = WORKER_NAVIGATION if phone else links
    return Shell(
        home_url="/home",
        navigation=marked(links, request.path),
        organisations=tuple(
            Choice(str(place), name + said, f"RH{place}" + said, current=place == 0)
            for place, name in enumerate(TRUSTS)
        ),
        switch_url="/home",
        account_name="Amara Okafor" + said,
        account_links=(Link("Account and security", "/home"), Link("Settings", "/home")),
        sign_out_url="/home",
        messages=()
        if request.path in ("/bare", "/problem/404")
        else (Message("Shift withdrawn." + said, undo_url="/home"),),
        demo=DemoClock(NOW, True, "/home", (("60", "1 hour on"), ("1440", "1 day on"))),
        footer=(
            Link("Help", "/home"),
            Link("Accessibility", "/home"),
            Link("Licences and sources", "/home"),
        ),
    )


def _form(name: str, said: str) -> FormState:
    if name != "form":
        return FormState()
    values = {"email": "amara" + said, "notes": "Bay 3" + said, "reason": "sickness"}
    errors = {
        "email": ["Enter an e-mail address." + said],
        "reason": ["Choose a reason." + said],
        "on": ["Enter a date."],
        "born": ["Enter a real date."],
    }
    return FormState({**values, "skills": ["ivs", "can"], "agree": True}, errors)


def _content(said: str) -> dict[str, Any]:
    night = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)
    return {
        "said": said,
        "night": (night, night + timedelta(hours=12)),
        "early": (datetime(2026, 11, 26, 7, tzinfo=UTC), datetime(2026, 11, 26, 15, tzinfo=UTC)),
        "autumn": (
            datetime(2026, 10, 24, 19, tzinfo=UTC),
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        ),
        "lines": (PayLine("Night" + said, 630, 2155, 22628), PayLine("Sunday", 60, 2152, 2152)),
        "reasons": _reasons(said),
        "days": [
            {"label": f"{day} {23 + place} Nov", "today": place == 1}
            for place, day in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
        ],
        "rows": _rows(said),
        "chart": fill_chart(_weeks(), FillUnit.SHIFTS),
        "narrow": fill_chart(_weeks(), FillUnit.SHIFTS, width=340, most_week_labels=4),
    }


def _reasons(said: str) -> tuple[Reason, ...]:
    return (
        Reason(
            "rest_before",
            cure=Cure("Pick a shift that starts later", "2026-11-25T19:30:00+00:00"),
            level=Level.SOFT,
            text="Only 8 h 30 min of rest after your shift that ends at 22:30." + said,
        ),
        Reason(
            "training_expired",
            cure=Cure("Book the course or upload the certificate" + said),
            text="Immediate life support ended on 3 November 2026.",
        ),
        Reason("hours_unknown", level=Level.NOTE, text="Main job not known since 1 October."),
    )


def _rows(said: str) -> list[dict[str, Any]]:
    def cell(place: int, unit: str) -> dict[str, Any]:
        states = (("N", "0 of 2", "open"), ("E", "2 of 2", "filled"), ("L", "1 of 1", "unfilled"))
        slots = [
            {"url": "/fill", "code": code, "text": text, "state": state, "label": f"{code}, {text}"}
            for code, text, state in states[: (place + len(unit)) % 4]
        ]
        return {"label": f"{unit}, day {place + 1}", "new_url": "/post", "slots": slots}

    units = ("Ward D2", "Ward E7 Respiratory", "Emergency department", "Theatres")
    return [
        {
            "name": unit + said,
            "note": "Queen Alexandra Hospital" + said,
            "url": "/unit",
            "cells": [cell(place, unit) for place in range(7)],
        }
        for unit in units
    ]


def _weeks() -> dict[date, Partition]:
    monday = date(2026, 9, 28)
    return {
        monday + timedelta(weeks=week): Partition(
            own_bank=Amount(48 + 3 * week, 600 * (48 + 3 * week)),
            partner_bank=Amount(6 + week % 4, 3600),
            framework_agency=Amount(14 - week, 600 * (14 - week)),
            off_framework=Amount(week % 3, 600),
            unfilled=Amount(20 - week, 600 * (20 - week)),
        )
        for week in range(8)
    }

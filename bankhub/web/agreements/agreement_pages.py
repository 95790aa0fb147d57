"""Workforce-sharing agreements to read: the list, one agreement, its document, who sees whom."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup

from bankhub.actions.agreements import agreement_signing, agreement_views
from bankhub.actions.agreements.agreement_views import AgreementView, VersionView
from bankhub.actions.agreements.who_sees_whom import SeenPair, matrix
from bankhub.model.agreement_terms import AgreementTerms
from bankhub.rules.agreements.agreement_document import sections_of
from bankhub.rules.agreements.agreement_states import UNDER_WAY, Step, areas_of
from bankhub.web.agreements.agreement_words import (
    AREAS,
    BASES,
    PARTY_ROLES,
    STATES,
    VERSION_STATES,
    category_title,
    honoured_text,
    scope_text,
)
from bankhub.web.shifts.office_parts import may
from bankhub.web.trade_words import role_title, skill_title
from passport.actions.people import organisations
from passport.errors import NotFound, Reason
from passport.web.access import current_actor, signed_in
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.words import london_date, plural

pages = Blueprint("agreements", __name__, url_prefix="/agreements")

LONGEST_CODE = 12
WORDS: Mapping[str, Any] = {
    "states": STATES,
    "version_states": VERSION_STATES,
    "areas": AREAS,
    "party_roles": PARTY_ROLES,
    "steps": Step,
}
"""What the templates of agreements put codes into words with."""


@pages.get("")
def listed() -> str:
    """The agreements of the organisation."""
    with db().reading() as session:
        found = agreement_views.listed(session, by=current_actor(), now=now())
    waiting = [row for row in found if row.to_sign]
    return render_template(
        "bankhub/agreements/list.html", rows=found, waiting=waiting, may=may(), **WORDS
    )


def load(agreement_id: UUID) -> AgreementView:
    """The agreement of the address. Raises `NotFound` for another's."""
    with db().reading() as session:
        return agreement_views.one(
            session, agreement_id=agreement_id, by=current_actor(), now=now()
        )


def load_version(agreement_id: UUID, version_id: UUID) -> tuple[AgreementView, VersionView]:
    """The version of the address with its agreement. Raises `NotFound` for another's."""
    view = load(agreement_id)
    for one in view.versions:
        if one.version.id == version_id:
            return view, one
    raise NotFound


@pages.get("/<uuid:agreement_id>")
def show(agreement_id: UUID) -> str:
    """One agreement: where it stands, what it permits, its parties and versions."""
    return page_of(load(agreement_id))


def page_of(view: AgreementView, reasons: Sequence[Reason] = ()) -> str:
    """The page of an agreement, with why the last step could not be taken."""
    version = shown_version(view)
    return render_template(
        "bankhub/agreements/one.html",
        view=view,
        shown=version,
        under_way=next((one for one in view.versions if one.version.state in UNDER_WAY), None),
        summary=summary(view, version.terms),
        reasons=reasons,
        own_id=current_actor().organisation_id,
        own_areas=areas_of(current_actor().roles),
        may=may(),
        **WORDS,
    )


def shown_version(view: AgreementView) -> VersionView:
    """The version whose terms a page tells of: the one in force, else the newest."""
    return next((one for one in view.versions if one.in_force), view.versions[0])


def summary(view: AgreementView, terms: AgreementTerms) -> list[tuple[str, Any]]:
    """The terms that people ask about first."""
    lead = terms.release_lead_hours
    excluded = [
        *(role_title(code) for code in terms.excluded_roles),
        *(skill_title(code) for code in terms.excluded_skills),
    ]
    return [
        ("Who may work elsewhere", lines(scope_text(
            (one.staff_group, one.grades) for one in terms.scope
        ))),
        ("Where", lines(
            f"{party.name}: {', '.join(party.sites) or 'all sites'}"
            for party in view.parties if party.role.value != "home"
        )),
        ("Never open to partners", ", ".join(excluded) or "nothing is excluded"),
        ("Partners see a shift", f"no earlier than {plural(lead, 'hour')} before it starts"
            if lead else "when the host opens it to partners"),
        ("May be asked for", ", ".join(category_title(one) for one in terms.data_categories)),
        ("Deleted at the host", f"{plural(terms.retention_days, 'day')} after the last day"),
        ("Recharge", BASES[terms.recharge.basis][0]),
        ("Notice", f"{plural(terms.notice_days, 'day')}; {honoured_text(terms.wind_down_days)}"),
        *([("Review", f"by {london_date(terms.review_on)}; the parties are reminded 60 and 7 days"
            " before")] if terms.review_on else []),
    ]  # fmt: skip


def lines(texts: Iterable[str]) -> Markup:
    """One under the other."""
    return Markup("<br>").join(texts)


@pages.get("/<uuid:agreement_id>/versions/<uuid:version_id>/document")
def document(agreement_id: UUID, version_id: UUID) -> str:
    """The document, to read and to print; with its signatures once there are some."""
    view, version = load_version(agreement_id, version_id)
    with db().reading() as session:
        text = agreement_views.document(session, version_id=version_id, by=current_actor())
    opening, sections = sections_of(text)
    return render_template(
        "bankhub/agreements/document.html",
        view=view,
        version=version,
        opening=opening.split("\n"),
        sections=sections,
        names={party.organisation_id: party.name for party in view.parties},
        may=may(),
        **WORDS,
    )


@pages.get("/<uuid:agreement_id>/versions/<uuid:version_id>/file")
def file(agreement_id: UUID, version_id: UUID) -> Response:
    """The text and its signatures as a file that is checked with the trust list alone."""
    view, version = load_version(agreement_id, version_id)
    with db().reading() as session:
        found = agreement_signing.exported(session, version_id=version_id, by=current_actor())
    response = make_response(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    response.content_type = "application/json"
    name = f"{view.agreement.reference}-v{version.version.number}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@pages.get("/who-sees-whom")
def who_sees_whom() -> str:
    """Home and host organisations as a matrix: whose people see whose shifts today."""
    by, asked = current_actor(), request.args.get("ods", "").strip().upper()[:LONGEST_CODE]
    with db().reading() as session:
        pairs = matrix(session, by=by, now=now())
        stands = agreement_views.listed(session, by=by, now=now())
    own = _own_code()
    homes = sorted({(one.home, one.home_ods) for one in pairs}, key=_own_first(own))
    hosts = sorted({(one.host, one.host_ods) for one in pairs}, key=_own_first(own))
    rows = [
        (home, [_cell(pairs, home_ods, host_ods) for _, host_ods in hosts])
        for home, home_ods in homes
    ]
    return render_template(
        "bankhub/agreements/matrix.html",
        rows=rows,
        heads=[name for name, _ in hosts],
        held_up=[row for row in stands if row.suspended],
        form=FormState({"ods": asked}),
        answer=_about(pairs, asked) if asked else None,
        may=may(),
    )


def _own_code() -> str:
    place = signed_in().place
    return place.ods_code if place else ""


def _own_first(ods: str) -> Callable[[tuple[str, str]], tuple[bool, str]]:
    return lambda one: (one[1] != ods, one[0])


def _cell(
    pairs: Sequence[SeenPair], home_ods: str, host_ods: str
) -> list[tuple[SeenPair, list[str]]] | None:
    """What the home's people see of the host; None where it is their own bank."""
    if home_ods == host_ods:
        return None
    held = [one for one in pairs if (one.home_ods, one.host_ods) == (home_ods, host_ods)]
    return [(one, scope_text(one.scope)) for one in held]


def _about(pairs: Sequence[SeenPair], ods: str) -> dict[str, Any]:
    """What one organisation sees of the actor's, and the other way round."""
    own = _own_code()
    with db().reading() as session:
        asked = organisations.by_ods(session, ods)
    sees = [one for one in pairs if (one.home_ods, one.host_ods) == (ods, own)]
    seen = [one for one in pairs if (one.home_ods, one.host_ods) == (own, ods)]
    name = asked.name if asked else ""
    return {"name": name, "ods": ods, "sees": _named(sees), "seen": _named(seen)}


def _named(pairs: Sequence[SeenPair]) -> list[str]:
    return [
        f"{'; '.join(scope_text(one.scope))} until {london_date(one.until_on)} ({one.named})"
        for one in pairs
    ]

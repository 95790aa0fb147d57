"""The faces of the upper floor, in the order they are offered."""

from flask import Blueprint, Flask

from bankhub.actions.partners.ask_limits import AgreementLimits
from bankhub.actions.people import passport_jobs
from bankhub.actions.permission import SCOPES
from bankhub.imports.clearance_registers import ClearedHere
from bankhub.rules.permissions import PERMISSIONS
from bankhub.web import demo_clock, trade_words
from bankhub.web.agreements import api_agreements, api_system, recharge_pages
from bankhub.web.check_in import api_check_ins, check_in_pages
from bankhub.web.check_in.expected_here import BookedHere
from bankhub.web.clearances import (
    api_clearances,
    api_supervision,
    clearance_item_pages,
    clearance_pages,
    supervision_pages,
)
from bankhub.web.deployments import api_deployment_extensions, api_deployments, deployment_pages
from bankhub.web.figures import api_figures
from bankhub.web.frame import add_navigation
from bankhub.web.governance import api_information, api_subjects
from bankhub.web.people import (
    invitation_pages,
    people_fact_pages,
    people_import_pages,
    people_pages,
    people_post_pages,
    training_import_pages,
)
from bankhub.web.settings import api_settings, manager_pages
from bankhub.web.shifts import api_filling, api_rosters, api_shifts, office_pages
from bankhub.web.workers import (
    api_me,
    hours_pages,
    link_pages,
    own_deployment_pages,
    where_pages,
    worker_pages,
)
from passport.web.api_base import Resource
from passport.web.lent import now

PAGES: tuple[Blueprint, ...] = (
    worker_pages.pages,
    check_in_pages.own,
    hours_pages.pages,
    where_pages.pages,
    link_pages.pages,
    *office_pages.PAGES,
    check_in_pages.ward,
    people_pages.pages,
    people_post_pages.pages,
    people_fact_pages.pages,
    people_import_pages.pages,
    training_import_pages.pages,
    invitation_pages.pages,
    clearance_pages.pages,
    *clearance_item_pages.PAGES,
    *supervision_pages.PAGES,
    deployment_pages.pages,
    own_deployment_pages.pages,
    *manager_pages.PAGES,
    recharge_pages.pages,
    demo_clock.pages,
)
RESOURCES: tuple[Resource, ...] = (
    api_shifts.resource,
    api_filling.resource,
    api_rosters.resource,
    api_me.resource,
    api_figures.resource,
    api_system.resource,
    api_agreements.resource,
    api_settings.resource,
    api_information.resource,
    api_subjects.resource,
    api_clearances.resource,
    api_supervision.resource,
    api_check_ins.resource,
    api_deployments.resource,
    api_deployment_extensions.resource,
)


def arrange(app: Flask) -> None:
    """What pages of this floor need beyond the ground floor's: words, and a way around."""
    app.jinja_env.filters.update(trade_words.FILTERS)
    app.config["TOKEN_SCOPES"] = {
        scope: (trade_words.scope_words(scope), PERMISSIONS[scope]) for scope in SCOPES
    }
    app.extensions["expected_here"] = BookedHere()
    app.extensions["jobs_of"] = passport_jobs.jobs_of
    app.extensions["register_guests"] = ClearedHere(now)
    app.extensions["ask_limits"] = AgreementLimits()
    add_navigation(app)

"""The faces of the upper floor, in the order they are offered."""

from flask import Blueprint, Flask

from bankhub.actions import passport_jobs
from bankhub.actions.ask_limits import AgreementLimits
from bankhub.actions.permission import SCOPES
from bankhub.imports.clearance_registers import ClearedHere
from bankhub.web import (
    api_agreements,
    api_check_ins,
    api_clearances,
    api_deployment_extensions,
    api_deployments,
    api_figures,
    api_filling,
    api_information,
    api_me,
    api_rosters,
    api_settings,
    api_shifts,
    api_subjects,
    api_supervision,
    api_system,
    check_in_pages,
    clearance_item_pages,
    clearance_pages,
    demo_clock,
    deployment_pages,
    hours_pages,
    invitation_pages,
    link_pages,
    manager_pages,
    office_pages,
    own_deployment_pages,
    people_fact_pages,
    people_import_pages,
    people_pages,
    people_post_pages,
    recharge_pages,
    supervision_pages,
    trade_words,
    training_import_pages,
    where_pages,
    worker_pages,
)
from bankhub.web.expected_here import BookedHere
from bankhub.web.frame import add_navigation
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
        scope: trade_words.spoken(scope.replace(".", ": ")) for scope in SCOPES
    }
    app.extensions["expected_here"] = BookedHere()
    app.extensions["jobs_of"] = passport_jobs.jobs_of
    app.extensions["register_guests"] = ClearedHere(now)
    app.extensions["ask_limits"] = AgreementLimits()
    add_navigation(app)

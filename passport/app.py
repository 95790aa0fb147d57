"""The ground floor alone: `create_app(config)` serves the passport with the upper floor absent."""

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, g, jsonify
from werkzeug.middleware.proxy_fix import ProxyFix

from passport.asset_files import asset_folder
from passport.config import Config
from passport.db import Database, connect
from passport.events import prepare
from passport.web.access import register_access
from passport.web.account.account_pages import pages as account_pages
from passport.web.account.admin_pages import pages as admin_pages
from passport.web.account.entry_pages import pages as entry_pages
from passport.web.account.factor_pages import pages as factor_pages
from passport.web.account.sign_in_pages import pages as sign_in_pages
from passport.web.api import resource as account_resource
from passport.web.api_base import Resource, register_api
from passport.web.issuing.api_passports import resource as passports_resource
from passport.web.issuing.issue_batch_pages import pages as issue_batch_pages
from passport.web.issuing.issue_deed_pages import pages as issue_deed_pages
from passport.web.issuing.issue_pages import pages as issue_pages
from passport.web.issuing.key_pages import pages as key_pages
from passport.web.issuing.openid4vci import pages as openid4vci_pages
from passport.web.issuing.register_pages import pages as register_pages
from passport.web.lent import Clock, Lent, db
from passport.web.passport.holder_pages import pages as holder_pages
from passport.web.passport.phone_pages import pages as phone_pages
from passport.web.passport.wallet_pages import pages as wallet_pages
from passport.web.problems import register_problems
from passport.web.request_class import ViewedRequest
from passport.web.templating import prepare_templates
from passport.web.verifying.api_presenting import resource as presenting_resource
from passport.web.verifying.api_verdicts import resource as verdict_resource
from passport.web.verifying.ask_pages import pages as ask_pages
from passport.web.verifying.openid4vp import pages as openid4vp_pages
from passport.web.verifying.verdict_pages import pages as verdict_pages
from passport.web.verifying.verify_pages import pages as verify_pages
from passport.web.verifying.well_known import pages as well_known_pages

MAX_REQUEST_BYTES = 32 * 1024 * 1024
"""Roster files are the largest thing sent; the proxy in front has the same limit."""

PAGES: tuple[Blueprint, ...] = (
    sign_in_pages,
    entry_pages,
    factor_pages,
    account_pages,
    admin_pages,
    wallet_pages,
    verify_pages,
    verdict_pages,
    well_known_pages,
    key_pages,
    openid4vci_pages,
    holder_pages,
    phone_pages,
    openid4vp_pages,
    ask_pages,
    issue_pages,
    issue_deed_pages,
    issue_batch_pages,
    register_pages,
)
RESOURCES: tuple[Resource, ...] = (
    account_resource,
    passports_resource,
    presenting_resource,
    verdict_resource,
)


def wall_clock() -> datetime:
    """The machine's time, aware UTC."""
    return datetime.now(UTC)  # noqa: TID251  the one clock


def create_app(config: Config) -> Flask:
    """The passport alone."""
    database = Database(connect(config.database_url), prepare({}))
    return build_app(config, database=database, now=wall_clock, title="BankHub passport")


def build_app(
    config: Config,
    *,
    database: Database,
    now: Clock,
    title: str,
    pages: Sequence[Blueprint] = (),
    resources: Sequence[Resource] = (),
    arrange: Callable[[Flask], None] | None = None,
) -> Flask:
    """A Flask app over `database` with the ground floor's faces and the given further ones."""
    config.check()
    app = Flask(
        "bankhub",
        template_folder=str(asset_folder("templates")),
        static_folder=str(asset_folder("static")),
    )
    app.request_class = ViewedRequest
    app.config.update(MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES, MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024)
    app.extensions["lent"] = Lent(db=database, now=now, real_now=wall_clock, config=config)
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.trusted_proxies, x_proto=config.trusted_proxies
        )

    @app.before_request
    def name_request() -> None:
        g.request_id = secrets.token_hex(8)

    register_problems(app)
    register_access(app)
    prepare_templates(app)
    if arrange is not None:
        arrange(app)
    for blueprint in (*PAGES, *pages):
        app.register_blueprint(blueprint)
    register_api(app, title, [*RESOURCES, *resources])
    _health(app)
    return app


def _health(app: Flask) -> None:
    """Liveness says the process answers; readiness that the database does too."""

    @app.get("/healthz")
    def alive() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    def ready() -> tuple[Response, int]:
        try:
            with db().reading() as session:
                session.execute(sa.text("SELECT 1"))
        except sa.exc.SQLAlchemyError as error:
            logging.getLogger("bankhub").error("not ready: %s", type(error).__name__)
            return jsonify(status="database unavailable"), 503
        return jsonify(status="ready"), 200

"""The app of a test, without making it anew: its routes, templates and API document are the same
for each test, and making them takes longer than most tests do.

Each floor's app is made once in a process, by the program's own function. A test gets a copy that
is lent the test's own database, clocks and settings; what it puts into `extensions` or `config`
stays its own. Routes and hooks are shared and cannot be added: the app that is copied has answered
a request, after which Flask refuses them. A test that adds some makes an app of its own.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from functools import cache

from flask import Flask

import bankhub.app
import passport.app
from passport.app import wall_clock
from passport.config import Config
from passport.db import Database
from passport.web.lent import Clock, Lent


def whole_house(
    config: Config, *, database: Database, now: Clock = wall_clock, real_now: Clock = wall_clock
) -> Flask:
    """Both floors over `database`."""
    return _lent(bankhub.app.create_app, Lent(database, now, real_now, config))


def ground_floor(
    config: Config, *, database: Database, now: Clock = wall_clock, real_now: Clock = wall_clock
) -> Flask:
    """The passport alone over `database`."""
    return _lent(passport.app.create_app, Lent(database, now, real_now, config))


def _lent(make: Callable[[Config], Flask], lent: Lent) -> Flask:
    lent.config.check()
    app = own_app(make, lent.config) if lent.config.trusted_proxies else copy(_made(make))
    app.config = copy(app.config)
    app.extensions = {**app.extensions, "lent": lent}
    return app


@cache
def _made(make: Callable[[Config], Flask]) -> Flask:
    nowhere = Config(database_url="", secret_key="5" * 64, master_key="a7" * 32)
    app = own_app(make, nowhere)
    assert app.test_client().get("/healthz").status_code == 200
    return app


def own_app(make: Callable[[Config], Flask], config: Config) -> Flask:
    """An app that is nobody else's, over no database."""
    return make(replace(config, database_url="sqlite://"))

"""Where everything is wired: the only place that knows both floors, the clock and the faces."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from bankhub.actions import clock
from bankhub.web.faces import PAGES, RESOURCES, arrange
from bankhub.wiring import open_database
from passport.app import build_app, wall_clock
from passport.config import Config
from passport.db import Database


def create_app(config: Config, *, now: Callable[[], datetime] | None = None) -> Flask:
    """The whole house. `now` replaces the trade's clock (tests); sign-in keeps the real one."""
    database = open_database(
        config.database_url, of_deeds=None if now else clock.of_deeds(config, wall_clock)
    )
    trade_now = now or trade_clock(config, database)
    return build_app(
        config,
        database=database,
        now=trade_now,
        title="BankHub",
        pages=PAGES,
        resources=RESOURCES,
        arrange=arrange,
    )


def trade_clock(config: Config, database: Database) -> Callable[[], datetime]:
    """The wall clock; in the demo, moved by the offset that the demo keeps in its one row."""
    if not config.demo:
        return wall_clock

    def moved() -> datetime:
        with database.reading() as session:
            return wall_clock() + clock.offset(session)

    return moved


def from_env() -> Flask:
    """The app by its settings in the environment, for application servers."""
    return create_app(Config.from_env())

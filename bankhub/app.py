"""Where everything is wired: the only place that knows both floors, the clock and the faces."""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask

from bankhub.model.figures import ClockOffset
from bankhub.web.faces import PAGES, RESOURCES, arrange
from bankhub.wiring import open_database
from passport.app import build_app, wall_clock
from passport.config import Config
from passport.db import Database


def create_app(config: Config, *, now: Callable[[], datetime] | None = None) -> Flask:
    """The whole house. `now` replaces the clock of the trade (tests); sign-in keeps the real one."""
    database = open_database(config.database_url)
    clock = now or trade_clock(config, database)
    return build_app(
        config,
        database=database,
        now=clock,
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
            seconds = session.scalar(sa.select(ClockOffset.seconds)) or 0
        return wall_clock() + timedelta(seconds=seconds)

    return moved


def from_env() -> Flask:
    """The app by its settings in the environment, for application servers."""
    return create_app(Config.from_env())

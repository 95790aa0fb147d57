"""What every face is lent by the app: the database, two clocks and the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from passport.actions.verifying.ask_limits import AskLimits
from passport.config import Config
from passport.db import Database

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Lent:
    """Put into `app.extensions["lent"]` when the app is made."""

    db: Database
    now: Clock
    """The clock of the trade: shifts, openings, notice. The demo can move it."""
    real_now: Clock
    """The wall clock: sign-ins, tokens and everything cryptographic."""
    config: Config


def lent() -> Lent:
    """What the running app was lent."""
    found: Lent = current_app.extensions["lent"]
    return found


def db() -> Database:
    """The database of the running app."""
    return lent().db


def ask_limits() -> AskLimits | None:
    """What the upper floor's agreements permit to be asked; None without an upper floor."""
    found: AskLimits | None = current_app.extensions.get("ask_limits")
    return found


def now() -> datetime:
    """The trade's now, aware UTC."""
    return lent().now()


def real_now() -> datetime:
    """The wall clock's now, aware UTC."""
    return lent().real_now()

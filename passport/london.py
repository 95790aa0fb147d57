"""The London calendar: the day on which something holds is a day on a London wall clock."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def london_day(moment: datetime) -> date:
    """The London day in which the moment lies. Refuses a naive one."""
    if moment.tzinfo is None:
        raise ValueError("naive datetime: every moment is aware UTC")
    return moment.astimezone(LONDON).date()

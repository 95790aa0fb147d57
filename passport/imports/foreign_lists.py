"""Fetching what other installations publish: their trust lists, and then their status lists.

Each fetch is outside any transaction and each list is taken in one of its own; what cannot be
fetched or is not believed is told and leaves what is held as it is.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from passport.actions.trust import trust
from passport.actors import Actor
from passport.db import Database
from passport.errors import Problem, Refused
from passport.fetching import CannotFetch, Fetcher
from passport.rules.tokens import status_list, trust_list
from passport.rules.tokens.trust_list import TrustList

MOST_LISTS = 1_000
"""Status lists of one installation."""


@dataclass
class Fetched:
    """What came of a round."""

    trust_lists: int = 0
    status_lists: int = 0
    changed: int = 0
    """Status lists that say something newer."""
    troubles: list[str] = field(default_factory=list)
    """For the log: the address and why."""


def refresh(database: Database, fetcher: Fetcher, *, by: Actor, now: datetime) -> Fetched:
    """Fetch every believed list and the status lists of its issuers."""
    done = Fetched()
    with database.reading() as session:
        subs = trust.subs(session, by=by)
    for sub in subs:
        listed = _trust_list(database, fetcher, sub, done, by, now)
        if listed is not None:
            _status_lists(database, fetcher, listed, done, by, now)
    return done


def _trust_list(
    database: Database, fetcher: Fetcher, sub: str, done: Fetched, by: Actor, now: datetime
) -> TrustList | None:
    """The list as it is now; where it cannot be had, its status lists are left for the next
    round too."""
    try:
        text = fetcher.text(sub, accept=f"application/{trust_list.TYP}")
        with database.transaction() as session:
            found = trust.renew(session, sub=sub, text=text, by=by, now=now)
    except (CannotFetch, Problem) as problem:
        done.troubles.append(f"{sub}: {_why(problem)}")
        return None
    done.trust_lists += 1
    return found


def _status_lists(
    database: Database,
    fetcher: Fetcher,
    listed: TrustList,
    done: Fetched,
    by: Actor,
    now: datetime,
) -> None:
    with database.reading() as session:
        held = trust.held_status_lists(session, listed, by=by)
    told = _told(fetcher, listed, done)
    for uri in list(dict.fromkeys([*told, *held]))[:MOST_LISTS]:
        try:
            text = fetcher.text(uri, accept=status_list.MEDIA_TYPE)
            with database.transaction() as session:
                done.changed += trust.keep_status_list(
                    session, trust=listed, uri=uri, text=text, by=by, now=now
                )
            done.status_lists += 1
        except (CannotFetch, Problem) as problem:
            done.troubles.append(f"{uri}: {_why(problem)}")


def _told(fetcher: Fetcher, listed: TrustList, done: Fetched) -> Iterator[str]:
    """The addresses that an installation names where its status lists' addresses begin (Token
    Status List, aggregation)."""
    for prefix in listed.status_prefixes:
        try:
            told = json.loads(fetcher.text(prefix, accept="application/json"))
        except (CannotFetch, ValueError, RecursionError) as problem:
            done.troubles.append(f"{prefix}: {_why(problem)}")
            continue
        yield from _allowed(told, listed)


def _allowed(told: object, listed: TrustList) -> Iterable[str]:
    found = told.get("status_lists") if isinstance(told, dict) else None
    for uri in found if isinstance(found, list) else ():
        if isinstance(uri, str) and listed.may_fetch(uri):
            yield uri


def _why(problem: Exception) -> str:
    if isinstance(problem, Refused):
        return problem.reasons[0].code
    return str(problem) or type(problem).__name__

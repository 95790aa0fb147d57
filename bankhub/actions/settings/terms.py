"""What an organisation books and pays by, read anew only when something was added to it.

Policies and rates are added and never edited, so how many there are and which came last says
whether what was read before still holds. The stamp is asked for with whatever else is read of the
organisation; a change counts from the first look after it was committed.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.settings.pay import OWN_RATES, PayBook, pay_book_from_rows
from bankhub.actions.settings.policies import OWN_VERSIONS, PolicyBook, book_from_rows
from bankhub.model.pay_policy import RateTable
from bankhub.model.policies import DatedPolicy
from bankhub.model.rates import Rate
from passport import batch

MOST_KEPT = 2_000
"""Organisations whose terms are kept in one process."""


@dataclass(frozen=True, slots=True)
class Terms:
    """An organisation's policies over the national ones, and its rates over the national list."""

    policies: PolicyBook
    rates: RateTable

    def pay(self) -> PayBook:
        """A pay book that forgets its estimates with whoever asked for it."""
        return PayBook(self.rates, self.policies)


def stamp(organisation_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[str]:
    """SQL of what changes with every policy and every rate that is added."""
    return _newest(DatedPolicy, organisation_id).concat("/").concat(_newest(Rate, organisation_id))


def _newest(table: Any, organisation_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[str]:
    newest = sa.func.coalesce(sa.func.max(sa.cast(table.id, sa.String)), "")
    return (
        sa.select(sa.cast(sa.func.count(), sa.String).concat(" ").concat(newest))
        .where(table.organisation_id == organisation_id)
        .scalar_subquery()
    )


_kept: dict[UUID, tuple[str, Terms]] = {}


def terms(session: Session, organisation_id: UUID, *, seen: str) -> Terms:
    """The terms of the organisation whose `stamp` was just `seen`."""
    kept = _kept.get(organisation_id)
    if kept is not None and kept[0] == seen:
        return kept[1]
    whose = {"organisation_id": organisation_id}
    versions, rates = batch.run(session, (OWN_VERSIONS, whose), (OWN_RATES, whose))
    policies = book_from_rows(versions.rows)
    found = Terms(policies, pay_book_from_rows(rates.rows, policies).rates)
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[organisation_id] = (seen, found)
    return found

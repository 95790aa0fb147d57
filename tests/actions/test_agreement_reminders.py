"""The day by which the parties review their agreement: who is reminded, when, how often."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements import agreement_ends
from passport.actors import AccessRole
from passport.db import Database
from passport.events import Notice
from tests.actions.test_agreement_ends import TODAY, a_manager, keep, told, trusts
from tests.support import agreeing
from tests.support.build import NOW


def test_the_day_of_review_is_reminded(database: Database) -> None:
    """60 and 7 days before, once to each reviewer of a party, by the terms that are in force."""
    with database.transaction() as session:
        north, south = trusts(session)
        a_manager(session, north)
        a_manager(session, south)
        at = (TODAY + timedelta(days=200), TODAY + timedelta(days=300))
        agreement = agreeing.agreed(session, north, south, review_on=at[0].isoformat())
        assert letters(session, (139, 140, 141, 192, 193, 194, 200, 201, 250)) == {140: 2, 193: 2}
        agreeing.signed(
            session, agreeing.varied(session, agreement, north, review_on=at[1].isoformat()),
            north, south,
        )  # fmt: skip
        assert letters(session, (199, 240, 293, 300)) == {240: 2, 293: 2}
        assert told(session, "agreement_review_due") == 8
        agreement_ends.give_notice(
            session, agreement_id=agreement.id, by=agreeing.manager(south), now=NOW,
            leaves_on=TODAY + timedelta(days=400),
        )  # fmt: skip
        assert told(session, "agreement_review_due") == 8


def test_the_contacts_of_a_party_are_reminded_of_the_review(sqlite_database: Database) -> None:
    """Where they have an account there; an account at another organisation is somebody else's."""
    with sqlite_database.transaction() as session:
        north, south = trusts(session)
        a_manager(session, north, AccessRole.WORKER)
        hers = a_manager(session, south, AccessRole.WORKER)
        mail = hers.email.upper()
        contacts = [{**one, "email": mail} for one in agreeing.contacts(north, south)]
        review_on = (TODAY + timedelta(days=60)).isoformat()
        agreeing.agreed(session, north, south, review_on=review_on, contacts=contacts)
        assert letters(session, (0,)) == {0: 1}
        (letter,) = session.scalars(
            sa.select(Notice).where(Notice.template == "agreement_review_due")
        )
        assert letter.to_account_id == hers.id


def letters(session: Session, days: Sequence[int]) -> dict[int, int]:
    """Letters by the day on which the worker wrote some; on each it comes round twice."""
    found = {day: keep(session, day).warned + keep(session, day).warned for day in days}
    return {day: count for day, count in found.items() if count}

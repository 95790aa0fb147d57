"""An organisation's own rates stand before the national list, and are its own alone."""

from datetime import date, timedelta

from bankhub.actions.settings.pay import own_rates, pay_book, set_rate
from bankhub.actions.settings.policies import policy_book
from bankhub.model.pay_policy import TimeType
from bankhub.model.vocabulary import Grade, StaffGroup
from passport.actors import AccessRole, Actor
from passport.db import Database, new_id
from tests.support import build
from tests.support.build import NOW

DAY = date(2026, 9, 1)


def test_a_rate_that_was_set_is_paid_by_and_not_by_another_trust(database: Database) -> None:
    with database.transaction() as session:
        trust, other = build.an_organisation(session), build.an_organisation(session)
    by = Actor(
        account_id=new_id(),
        organisation_id=trust.id,
        roles=frozenset({AccessRole.BANK_MANAGER}),
        stepped_up=True,
    )
    with database.transaction() as session:
        set_rate(
            session,
            staff_group=None,
            grade=Grade.BAND_5,
            time_type=TimeType.PLAIN,
            pence_per_hour=2222,
            from_on=DAY,
            source="Board paper 7",
            by=by,
            now=NOW,
        )
    with database.reading() as session:
        assert [rate.pence_per_hour for rate in own_rates(session, by=by)] == [2222]
        books = {
            one: pay_book(session, one.id, policy_book(session, one.id)) for one in (trust, other)
        }
    asked = {
        "staff_group": StaffGroup.NURSING_MIDWIFERY,
        "grade": Grade.BAND_5,
        "time_type": TimeType.PLAIN,
        "day": DAY + timedelta(days=1),
    }
    ours, theirs = (books[one].rates.find(**asked) for one in (trust, other))
    assert ours is not None
    assert theirs is not None
    assert (ours.pence_per_hour, ours.own) == (2222, True)
    assert (theirs.pence_per_hour == 2222, theirs.own) == (False, False)

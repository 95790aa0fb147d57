"""What agreements in force permit, on both databases: coverage and ask-limits, by the terms."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bankhub.actions.partners.agreements_in_force import between, in_force, rebuild_coverage
from bankhub.actions.partners.ask_limits import AgreementLimits
from bankhub.model.agreement_terms import CREDENTIAL_CATEGORY, DataCategory
from bankhub.model.agreements import Agreement, Coverage
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.shift_times import london_day
from passport.db import Database
from passport.model.organisations import Organisation
from tests.support import build, sharing
from tests.support.build_people import NOW

TODAY = london_day(NOW)


def two(session: Session) -> tuple[Organisation, Organisation]:
    return build.an_organisation(session), build.an_organisation(session)


def covers(session: Session, home: Organisation, host: Organisation) -> bool:
    found = sa.select(Coverage.id).where(
        Coverage.partner_id == home.id,
        Coverage.host_id == host.id,
        Coverage.from_on <= TODAY,
        Coverage.until_on >= TODAY,
    )
    return session.scalar(found.limit(1)) is not None


def test_both_ways_where_both_may(database: Database) -> None:
    with database.transaction() as session:
        one, other = two(session)
        sharing.an_agreement(session, one, other)
        assert covers(session, one, other)
        assert covers(session, other, one)


def test_one_way_where_one_is_home_and_the_other_host(database: Database) -> None:
    with database.transaction() as session:
        home, host = two(session)
        sharing.an_agreement(session, sharing.party(home, "home"), sharing.party(host, "host"))
        assert covers(session, home, host)
        assert not covers(session, host, home)


def test_nobody_else_sees_anything(database: Database) -> None:
    with database.transaction() as session:
        one, other = two(session)
        third = build.an_organisation(session)
        sharing.an_agreement(session, one, other)
        assert in_force(session, organisation_id=third.id, now=NOW) == []
        assert AgreementLimits().grounds(session, organisation_id=third.id, now=NOW) == []
        named = sa.or_(Coverage.partner_id == third.id, Coverage.host_id == third.id)
        assert session.scalars(sa.select(Coverage).where(named)).all() == []


def test_a_suspended_party_neither_gives_nor_takes(database: Database) -> None:
    with database.transaction() as session:
        one, other = two(session)
        wsa = sharing.an_agreement(session, one, other)
        sharing.standing(session, wsa, one).suspended_at = NOW
        sharing.changed(session, wsa)
        assert not covers(session, one, other)
        assert not covers(session, other, one)
        assert between(session, home_id=one.id, host_id=other.id, now=NOW) == []
        (ground,) = AgreementLimits().grounds(session, organisation_id=other.id, now=NOW)
        assert ground.homes == frozenset()


@pytest.mark.parametrize(
    ("fields", "in_force_today"),
    [
        pytest.param({"starts_on": str(TODAY)}, True, id="its first day"),
        pytest.param({"starts_on": str(TODAY + timedelta(days=1))}, False, id="the day before"),
        pytest.param({"ends_on": str(TODAY)}, True, id="its last day"),
        pytest.param({"ends_on": str(TODAY - timedelta(days=1))}, False, id="the day after"),
    ],
)
def test_from_its_first_day_to_its_last(
    database: Database, fields: dict[str, Any], in_force_today: bool
) -> None:
    with database.transaction() as session:
        one, other = two(session)
        sharing.an_agreement(session, one, other, **fields)
        assert bool(in_force(session, organisation_id=one.id, now=NOW)) is in_force_today
        assert covers(session, one, other) is in_force_today


def test_not_before_everybody_signed(database: Database) -> None:
    with database.transaction() as session:
        one, other = two(session)
        sharing.an_agreement(session, one, other, signed_at=NOW + timedelta(days=2))
        assert in_force(session, organisation_id=one.id, now=NOW) == []


def test_notice_brings_the_end_forward(database: Database) -> None:
    with database.transaction() as session:
        one, other = two(session)
        wsa = sharing.an_agreement(session, one, other)
        session.get_one(Agreement, wsa.agreement_id).ends_on = TODAY - timedelta(days=1)
        sharing.changed(session, wsa)
        assert not covers(session, one, other)


@pytest.mark.parametrize("leaver", ["home", "host"])
@pytest.mark.parametrize(("days", "still"), [(0, True), (-1, False)])
def test_a_party_that_left_is_none_from_the_next_day(
    database: Database, leaver: str, days: int, still: bool
) -> None:
    with database.transaction() as session:
        home, host = two(session)
        third = build.an_organisation(session)
        wsa = sharing.an_agreement(session, home, host, third)
        gone = {"home": home, "host": host}[leaver]
        sharing.standing(session, wsa, gone).leaves_on = TODAY + timedelta(days=days)
        sharing.changed(session, wsa)
        assert covers(session, home, host) is still
        (ground,) = AgreementLimits().grounds(session, organisation_id=host.id, now=NOW)
        assert (home.ods_code in ground.homes) is still
        assert covers(session, third, home if leaver == "host" else host)


def test_a_site_that_is_not_on_record_opens_no_other(database: Database) -> None:
    with database.transaction() as session:
        home, host = two(session)
        site = build.a_site(session, host)
        sharing.an_agreement(
            session, sharing.party(home, "home"), sharing.party(host, "host", "GONE")
        )
        (row,) = session.scalars(sa.select(Coverage)).all()
        assert row.site_id not in (None, site.id)


DAYS = st.integers(-400, 400).map(lambda days: TODAY + timedelta(days=days))


@dataclass(frozen=True)
class History:
    """What became of two parties' agreement, and the day on which somebody asks."""

    starts: date
    lasts: int
    roles: tuple[str, str]
    categories: tuple[DataCategory, ...]
    grades: tuple[Grade, ...]
    signed: int
    ended: int | None
    suspended: tuple[bool, bool]
    leaves: int | None
    asked: int


HISTORIES = st.builds(
    History,
    starts=DAYS,
    lasts=st.integers(0, 730),
    roles=st.tuples(*[st.sampled_from(["home", "host", "both"])] * 2),
    categories=st.lists(st.sampled_from(list(DataCategory)), unique=True).map(tuple),
    grades=st.lists(
        st.sampled_from([Grade.BAND_2, Grade.BAND_5, Grade.BAND_6]), min_size=1, unique=True
    ).map(tuple),
    signed=st.integers(-30, 30),
    ended=st.none() | st.integers(-30, 400),
    suspended=st.tuples(st.booleans(), st.booleans()),
    leaves=st.none() | st.integers(-30, 400),
    asked=st.integers(-60, 800),
)


def expected_open(history: History, day: date) -> bool:
    """By the words of the rule, said another way than the code says it."""
    first = max(history.starts, history.starts + timedelta(days=history.signed))
    lasts = [history.starts + timedelta(days=history.lasts)]
    if history.ended is not None:
        lasts.append(history.starts + timedelta(days=history.ended))
    if history.leaves is not None:
        lasts.append(history.starts + timedelta(days=history.leaves))
    goes = history.roles[0] in ("home", "both") and history.roles[1] in ("host", "both")
    return goes and not any(history.suspended) and first <= day and all(day <= d for d in lasts)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=HISTORIES)
def test_nothing_is_covered_or_askable_outside_the_terms(
    database: Database, history: History
) -> None:
    day = history.starts + timedelta(days=history.asked)
    now = datetime.combine(day, NOW.timetz())
    with database.transaction() as session:
        home, host = two(session)
        wsa = _played(session, history, home, host, now)
        rows = session.scalars(
            sa.select(Coverage).where(
                Coverage.partner_id == home.id, Coverage.from_on <= day, Coverage.until_on >= day
            )
        ).all()
        grounds = AgreementLimits().grounds(session, organisation_id=host.id, now=now)
        askable = {home.ods_code} <= set().union(*(one.homes for one in grounds))
        is_open = expected_open(history, day)
        assert bool(rows) is is_open
        assert {row.grade for row in rows} == (set(history.grades) if is_open else set())
        assert askable is is_open
        for ground in grounds:
            kinds = {kind for kind, of in CREDENTIAL_CATEGORY.items() if of in history.categories}
            assert ground.clauses.keys() == kinds
        for grade in (Grade.BAND_2, Grade.BAND_5, Grade.BAND_6):
            asked: Any = {"home_id": home.id, "host_id": host.id, "day": day, "grade": grade}
            allowed = wsa.covers(staff_group=StaffGroup.NURSING_MIDWIFERY, **asked)
            assert allowed is (is_open and grade in history.grades)
        session.rollback()


def _played(
    session: Session, history: History, home: Organisation, host: Organisation, now: datetime
) -> Any:
    began = datetime.combine(history.starts, NOW.timetz())
    wsa = sharing.an_agreement(
        session,
        sharing.party(home, history.roles[0]),
        sharing.party(host, history.roles[1]),
        scope=[{"staff_group": "nursing_midwifery", "grades": list(history.grades)}],
        data_categories=[one.value for one in history.categories],
        starts_on=str(history.starts),
        ends_on=str(history.starts + timedelta(days=history.lasts)),
        signed_at=began + timedelta(days=history.signed),
    )
    if history.ended is not None:
        ends_on = history.starts + timedelta(days=history.ended)
        session.get_one(Agreement, wsa.agreement_id).ends_on = ends_on
    for one, suspended in zip((home, host), history.suspended, strict=True):
        if suspended:
            sharing.standing(session, wsa, one).suspended_at = now
    if history.leaves is not None:
        leaves_on = history.starts + timedelta(days=history.leaves)
        sharing.standing(session, wsa, home).leaves_on = leaves_on
    return sharing.changed(session, wsa, now=now)


def test_rebuilding_all_gives_what_each_gave(database: Database) -> None:
    with database.transaction() as session:
        one, other = two(session)
        sharing.an_agreement(session, one, other)
        sharing.an_agreement(session, one, build.an_organisation(session))
        before = session.scalar(sa.select(sa.func.count(Coverage.id)))
        assert rebuild_coverage(session, now=NOW) == before == 4

"""The retention schedule, run years ahead: each thing goes in its time, and not a day before."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bankhub.actions.governance import retention
from bankhub.model.bookings import Booking
from passport.actors import job, operator
from passport.db import Base, Database, new_id
from passport.errors import Forbidden
from passport.events import Event, Notice, note_recorded
from passport.model.accounts import Account
from passport.model.people import Person
from passport.model.retention import all_rules, read_rules, schedule_on
from tests.support import build
from tests.support.build import NOW
from tests.support.build_known import ENDED, holding, one_of_each
from tests.support.held import MINE, OTHERS, Known, all_known

SIX_YEARS = timedelta(days=2192)


@pytest.fixture
def known(database: Database) -> Known:
    return all_known(database)


def run(known: Known, now: datetime) -> dict[str, int]:
    return run_on(known.database, now)


def run_on(database: Database, now: datetime) -> dict[str, int]:
    found: dict[str, int] = {}
    while done := database.attempt(
        lambda session: dict(retention.keep(session, by=job(), now=now))
    ):
        for name, count in done.items():
            found[name] = found.get(name, 0) + count
    return found


def rows(known: Known, table: str, person: Person | None = None) -> int:
    found = Base.metadata.tables[table]
    count = sa.select(sa.func.count()).select_from(found)
    if person is not None:
        count = count.where(found.c.person_id == person.id)
    with known.database.reading() as session:
        return session.scalar(count) or 0


DUE = {
    "contact_attempt": timedelta(days=731),
    "notice": timedelta(days=90),
    "verdict_record": SIX_YEARS,
}


@pytest.mark.parametrize("table", DUE)
def test_rows_go_in_their_time_and_not_a_day_before(table: str, known: Known) -> None:
    assert rows(known, table) == 1
    assert table not in run(known, NOW + DUE[table] - timedelta(seconds=1))
    assert rows(known, table) == 1
    assert run(known, NOW + DUE[table])[table] == 1
    assert rows(known, table) == 0
    assert table not in run(known, NOW + DUE[table])


def person(known: Known) -> Person:
    with known.database.reading() as session:
        return session.get_one(Person, known.one.id)


def test_a_leaver_is_reduced_to_a_summary_and_erased_at_the_age_of_the_schedule(
    known: Known,
) -> None:
    known.leave()
    run(known, NOW + SIX_YEARS - timedelta(days=1))
    assert rows(known, "fact", known.one) > 0
    assert run(known, NOW + SIX_YEARS)["reduced"] == 1
    one = person(known)
    assert (one.given_name, one.date_of_birth.year, one.email) == (MINE, 1990, None)
    assert rows(known, "fact", known.one) == rows(known, "person_photo") == 0
    assert rows(known, "fact", known.other) > 0
    born = known.one.date_of_birth
    birthday = datetime(born.year + 75, born.month, born.day, 12, tzinfo=NOW.tzinfo)
    assert "erased" not in run(known, birthday - timedelta(days=1))
    assert person(known).given_name == MINE
    assert run(known, birthday)["erased"] == 1
    assert person(known).given_name == ""
    assert run(known, birthday + timedelta(days=1)) == {}
    with known.database.reading() as session:
        assert session.get_one(Booking, known.booking.id).person_id == known.one.id
        assert session.get_one(Person, known.other.id).given_name == OTHERS
        kinds = session.scalars(sa.select(Event.kind).where(Event.subject_id == known.one.id))
        assert {"person.reduced", "person.erased"} <= set(kinds)


def test_who_works_here_stays_however_old(known: Known) -> None:
    run(known, NOW + timedelta(days=365 * 90))
    assert rows(known, "fact", known.one) > 0
    assert person(known).given_name == MINE


def test_nobody_starts_it_but_the_worker(known: Known) -> None:
    officer = build.an_actor(known.trust)
    with known.database.transaction() as session, pytest.raises(Forbidden):
        retention.keep(session, by=officer, now=NOW)


def test_it_takes_portions(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PORTION", 2)
    with known.database.transaction() as session:
        note_recorded(session)
        session.add_all([_letter(number) for number in range(5)])
    late = NOW + timedelta(days=90)
    with known.database.transaction() as session:
        assert retention.keep(session, by=operator(), now=late)["notice"] == 2
    assert run(known, late)["notice"] == 4
    assert rows(known, "notice") == 0


def _letter(number: int) -> Notice:
    return Notice(dedupe=f"letter {number}", template="x", context={}, due_at=NOW)


LASTING: dict[str, str] = {
    "agreement_party": "agreements are looked at by people before they go",
    "agreement_review": "agreements are looked at by people before they go",
    "bank_post": "the summary that payroll and pensions need, by identifiers",
    "booking": "figures: role, grade and what was waived",
    "credential_copy": "places in status lists",
    "idempotency_key": "two days, by another job",
    "issue_batch": "why a batch was stopped",
    "roster_upload": "seven days, by another job",
}
"""Of these words may stand as long as the installation, or another job sees to them."""


def test_in_a_lifetime_nothing_is_left_but_what_is_said_to_last(database: Database) -> None:
    with database.transaction() as session:
        one_of_each(session)
    assert not {one.split(".")[0] for one in holding(database)} <= set(LASTING)
    database.attempt(
        lambda session: dict(retention.keep(session, by=job(), now=NOW))
    )
    done = run_on(database, NOW + timedelta(days=365 * 90))
    assert done["erased"] == 1
    assert {one.split(".")[0] for one in holding(database)} <= set(LASTING)


def test_what_cannot_be_without_a_row_goes_with_it_however_small_the_portion(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        rows = one_of_each(session)
        bypass = {**rows["clearance_bypass"], "id": new_id()}
        task = {**rows["deployment_task"], "id": new_id(), "code": "another"}
        session.execute(sa.insert(Base.metadata.tables["clearance_bypass"]).values(bypass))
        session.execute(sa.insert(Base.metadata.tables["deployment_task"]).values(task))
        build.an_event(session, rows["organisation"]["id"])
    monkeypatch.setattr(retention, "PORTION", 1)
    done = run_on(database, ENDED + SIX_YEARS)
    assert (done["clearance"], done["deployment"]) == (1, 1)
    assert count(database, "clearance_bypass") == count(database, "deployment_task") == 0


def count(database: Database, table: str) -> int:
    with database.reading() as session:
        found = sa.select(sa.func.count()).select_from(Base.metadata.tables[table])
        return session.scalar(found) or 0


def test_who_came_back_and_left_again_is_reduced_again(known: Known) -> None:
    known.leave()
    run(known, NOW + SIX_YEARS)
    with known.database.transaction() as session:
        one = session.get_one(Person, known.one.id)
        one.left_at, one.email = NOW + 2 * SIX_YEARS, "quentin@back.example"
        build.an_event(session, known.trust.id)
    assert "reduced" not in run(known, NOW + 3 * SIX_YEARS - timedelta(days=1))
    assert person(known).email is not None
    assert run(known, NOW + 3 * SIX_YEARS)["reduced"] == 1
    assert person(known).email is None


def test_an_account_without_a_record_is_blanked_and_one_with_a_record_waits_for_it(
    known: Known,
) -> None:
    with known.database.transaction() as session:
        alone = build.an_account(session, email="temp@agency.example", display_name="Temp")
        alone.closed_at = NOW
        build.an_event(session, known.trust.id)
    known.leave()
    run(known, NOW + SIX_YEARS - timedelta(seconds=1))
    with known.database.reading() as session:
        assert session.get_one(Account, alone.id).email == "temp@agency.example"
    with known.database.transaction() as session:
        assert retention.keep(session, by=job(), now=NOW + SIX_YEARS)["account"] == 1
    with known.database.reading() as session:
        found = session.get_one(Account, alone.id)
    assert (found.email, found.display_name) == (f"erased-{alone.id}", "")


def test_a_later_schedule_holds_from_its_day_on() -> None:
    assert schedule_on(date(2020, 1, 1)) == schedule_on(date(2030, 1, 1))
    assert len(schedule_on(date(2030, 1, 1))) == len({rule.code for rule in all_rules()})


BAD: dict[str, str] = {
    "no such end": 'by = "whim"',
    "no days": 'by = "clock"\n[[rule.act]]\ntable = "notice"\nsince = "due_at"\ndays = 0',
    "a leaver without an age": 'by = "leaver"\ndays = 10',
    "an unknown word": 'by = "never"\ncolour = "red"',
}


@pytest.mark.parametrize("bad", BAD)
def test_a_mistake_in_the_schedule_is_named(bad: str) -> None:
    text = '[[rule]]\ncode = "odd"\nfrom_on = 2026-01-01\ntitle = ""\nwords = ""\nsource = ""\n'
    with pytest.raises(ValueError, match="retention of odd"):
        read_rules(text + BAD[bad])

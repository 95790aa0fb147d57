"""What a post may be booked as is rebuilt by whatever changes it, and search's classes are one."""

import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding import standing
from bankhub.actions.finding.standing import note_changed_people, rebuild_page, rebuild_standing
from bankhub.actions.people.posts import end_post
from bankhub.actions.settings.policies import adopt, policy_book
from bankhub.actions.shifts.work_classes import class_of
from bankhub.model.policies import PolicyKind
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.workers import BookableAs, WorkClass
from bankhub.rules.eligibility.held_until import NO_END
from passport.actions.people.evidence import add_facts, end_fact
from passport.actions.people.people import let_go
from passport.actors import AccessRole
from passport.db import Database
from passport.events import part
from passport.model.facts import Fact, FactKind, FactValue
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW

YEARLY = date(2027, 6, 1)
"""A year after the training of `a_nurse`."""


def rows(session: Session, person: Person) -> dict[tuple[str, str], tuple[bool, date | None]]:
    found = session.scalars(
        sa.select(BookableAs)
        .where(BookableAs.person_id == person.id)
        .execution_options(populate_existing=True)
    )
    return {(one.role, one.grade.value): (one.exact, one.valid_until) for one in found}


def only_until(session: Session, person: Person) -> date | None:
    return rows(session, person)["rn_adult", "band_5"][1]


def hr_of(organisation: Organisation) -> Any:
    return build.an_actor(organisation, AccessRole.HR_OFFICER)


@pytest.fixture
def nurse(database: Database) -> tuple[Organisation, Person, UUID]:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        person, post = build.a_nurse(session, trust)
    return trust, person, post.id


Nurse = tuple[Organisation, Person, UUID]


def test_a_nurse_with_all_papers_is_bookable_until_the_first_of_them_ends(
    database: Database, nurse: Nurse
) -> None:
    with database.reading() as session:
        assert rows(session, nurse[1]) == {("rn_adult", "band_5"): (True, YEARLY)}


def test_an_entitlement_is_a_row_of_its_own_that_is_not_exact(database: Database) -> None:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        person, _ = build.a_nurse(
            session,
            trust,
            grade=Grade.BAND_6,
            entitlements=[("rn_adult", Grade.BAND_5), ("midwife", Grade.BAND_6)],
        )
    with database.reading() as session:
        assert rows(session, person) == {
            ("rn_adult", "band_6"): (True, YEARLY),
            ("rn_adult", "band_5"): (False, YEARLY),
            ("midwife", "band_6"): (False, None),
        }


TRAINED = FactValue(FactKind.TRAINING, {"subject": "IG", "level": 1}, date(2026, 8, 20))
LAPSED = FactValue(
    FactKind.RIGHT_TO_WORK, {"route": "unlimited"}, valid_until=date(2026, 12, 24)
)

CHANGES: dict[str, tuple[list[FactValue], date | None]] = {
    "a renewed training moves the day only as far as the next thing lets it": ([TRAINED], YEARLY),
    "a right to work that ends earlier brings the day forward": ([LAPSED], date(2026, 12, 24)),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_new_fact_rebuilds_in_its_own_transaction(
    database: Database, nurse: Nurse, case: str
) -> None:
    trust, person, _ = nurse
    facts, expected = CHANGES[case]
    with database.transaction() as session:
        add_facts(
            session, person_id=person.id, entries=facts, source="by_hand", by=hr_of(trust), now=NOW
        )
    with database.reading() as session:
        assert only_until(session, person) == expected


def test_a_fact_that_is_ended_rebuilds(database: Database, nurse: Nurse) -> None:
    trust, person, _ = nurse
    with database.transaction() as session:
        fact_id = session.scalars(
            sa.select(Fact.id).where(
                Fact.person_id == person.id, Fact.kind == FactKind.REGISTRATION
            )
        ).one()
        day = date(2026, 10, 31)
        end_fact(session, fact_id=fact_id, ends_on=day, by=hr_of(trust), now=NOW)
    with database.reading() as session:
        assert only_until(session, person) == day


def test_nothing_is_rebuilt_when_the_deed_fails(database: Database, nurse: Nurse) -> None:
    trust, person, _ = nurse
    with pytest.raises(RuntimeError), database.transaction() as session:
        add_facts(
            session, person_id=person.id, entries=[LAPSED], source="hr", by=hr_of(trust), now=NOW
        )
        raise RuntimeError
    with database.reading() as session:
        assert only_until(session, person) == YEARLY


def test_many_facts_of_one_deed_are_one_rebuild(
    database: Database, nurse: Nurse, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust, person, _ = nurse
    calls: list[Any] = []
    real = standing.rebuild_standing

    def counted(session: Session, **values: Any) -> None:
        calls.append(values)
        real(session, **values)

    monkeypatch.setattr(standing, "rebuild_standing", counted)
    with database.transaction() as session:
        for entry in (TRAINED, LAPSED):
            with part(session):
                add_facts(
                    session,
                    person_id=person.id,
                    entries=[entry],
                    source="hr",
                    by=hr_of(trust),
                    now=NOW,
                )
            assert calls == [], "the end of a part is not the end of the deed"
    assert [call["person_ids"] for call in calls] == [[person.id]]
    with database.reading() as session:
        assert only_until(session, person) == date(2026, 12, 24)


def test_a_post_that_ends_is_bookable_until_then_and_no_longer(
    database: Database, nurse: Nurse
) -> None:
    trust, person, post_id = nurse
    with database.transaction() as session:
        end_post(session, post_id=post_id, ends_on=date(2026, 9, 30), by=hr_of(trust), now=NOW)
    with database.reading() as session:
        assert only_until(session, person) == date(2026, 9, 30)


def test_whoever_left_is_bookable_as_nothing(database: Database, nurse: Nurse) -> None:
    trust, person, _ = nurse
    with database.transaction() as session:
        let_go(session, person_id=person.id, by=hr_of(trust), now=NOW)
    with database.reading() as session:
        assert rows(session, person) == {}


def test_facts_of_another_trust_do_not_count_here(database: Database, nurse: Nurse) -> None:
    _, person, _ = nurse
    with database.transaction() as session:
        other = build.an_organisation(session, name="Elsewhere NHS Trust")
        again, _ = build.a_nurse(session, other, holder=person, papers=False)
    with database.reading() as session:
        assert only_until(session, person) == YEARLY
        assert only_until(session, again) is None
        holders = session.scalars(sa.select(BookableAs.holder_id))
        assert set(holders) == {person.id}


def test_a_policy_that_asks_for_less_rebuilds_its_own_organisation_only(
    database: Database, nurse: Nurse
) -> None:
    trust, person, _ = nurse
    with database.transaction() as session:
        other = build.an_organisation(session, name="Elsewhere NHS Trust")
        colleague, _ = build.a_nurse(session, other)
    manager = build.an_actor(trust, AccessRole.BANK_MANAGER, stepped_up=True)
    with database.transaction() as session:
        adopt(
            session,
            kind=PolicyKind.REQUIREMENTS,
            staff_group=StaffGroup.NURSING_MIDWIFERY,
            from_on=NOW.date(),
            values={"main_job_roster_max_age_days": 14, "right_to_work": False, "training": []},
            source="board paper 12",
            by=manager,
            now=NOW,
        )
    with database.reading() as session:
        assert only_until(session, person) == date(2027, 12, 31)
        assert only_until(session, colleague) == YEARLY


def test_a_policy_that_will_ask_for_less_is_never_forestalled(
    database: Database, nurse: Nurse
) -> None:
    """Papers that are not enough now but will be under a version on record count from then on."""
    trust, person, _ = nurse
    manager = build.an_actor(trust, AccessRole.BANK_MANAGER, stepped_up=True)
    starts = YEARLY + timedelta(days=60)
    with database.transaction() as session:
        wanted = asdict(
            policy_book(session, trust.id)
            .eligibility(StaffGroup.NURSING_MIDWIFERY, NOW.date())
            .requirements
        )
        adopt(
            session,
            kind=PolicyKind.REQUIREMENTS,
            staff_group=None,
            from_on=starts,
            values={**wanted, "training": [], "roles": {}},
            source="board paper 13",
            by=manager,
            now=NOW,
        )
    with database.reading() as session:
        assert only_until(session, person) == date(2027, 12, 31)


def test_rebuilding_again_writes_nothing(database: Database, nurse: Nurse) -> None:
    trust, _, _ = nurse
    with database.transaction() as session:
        written: list[str] = []
        sa.event.listen(
            session.connection(),
            "before_cursor_execute",
            lambda *call: written.append(call[2]) if "bookable_as" in call[2] else None,
        )
        rebuild_standing(session, organisation_id=trust.id, now=NOW)
        assert [text for text in written if not text.startswith("SELECT")] == []
        assert written


def test_a_whole_organisation_is_rebuilt_in_pages(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "PAGE", 2)
    with database.transaction() as session:
        trust = build.an_organisation(session)
        people = [build.a_nurse(session, trust)[0] for _ in range(5)]
        stranger, _ = build.a_nurse(session, build.an_organisation(session))
    with database.transaction() as session:
        session.execute(sa.delete(BookableAs))
    after, pages = None, 0
    while pages == 0 or after is not None:
        with database.transaction() as session:
            after = rebuild_page(session, organisation_id=trust.id, after=after, now=NOW)
        pages += 1
    assert pages == 3
    with database.reading() as session:
        assert [only_until(session, one) for one in people] == [YEARLY] * 5
        assert rows(session, stranger) == {}


BY: dict[str, Callable[[Person, UUID, Organisation], dict[str, Any]]] = {
    "by person": lambda person, post_id, trust: {"person_ids": [person.id]},
    "by post": lambda person, post_id, trust: {"post_ids": [post_id]},
    "by organisation": lambda person, post_id, trust: {"organisation_id": trust.id},
}


@pytest.mark.parametrize("how", BY)
def test_a_rebuild_from_nothing_gives_the_same_rows(
    database: Database, nurse: Nurse, how: str
) -> None:
    trust, person, post_id = nurse
    with database.transaction() as session:
        session.execute(sa.delete(BookableAs))
        rebuild_standing(session, now=NOW, **BY[how](person, post_id, trust))
        assert rows(session, person) == {("rn_adult", "band_5"): (True, YEARLY)}


def test_a_class_has_one_number_whatever_the_order_of_its_skills(database: Database) -> None:
    group, role, grade = StaffGroup.NURSING_MIDWIFERY, "rn_adult", Grade.BAND_5
    with database.transaction() as session:
        first = class_of(session, group, role, grade, ["iv_giving", "cannulation"])
        again = class_of(session, group, role, grade, ["cannulation", "iv_giving", "cannulation"])
        other = class_of(session, group, role, grade, [])
    assert first == again != other


@pytest.mark.slow
def test_many_who_make_a_class_at_once_get_the_same_one(database: Database) -> None:
    numbers: list[int] = []
    together = threading.Barrier(8)

    def make() -> None:
        together.wait()
        numbers.append(
            database.attempt(
                lambda session: class_of(session, StaffGroup.HCA, "hca", Grade.BAND_2, ["driving"])
            )
        )

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 8
    assert len(set(numbers)) == 1
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(WorkClass)) == 1


@pytest.mark.slow
def test_two_who_change_one_persons_facts_at_once_are_both_seen(
    postgres_database: Database,
) -> None:
    """Mutant: without the worker's lock the later commit rebuilds without the other's fact."""
    with postgres_database.transaction() as session:
        trust = build.an_organisation(session)
        people = [build.a_nurse(session, trust)[0] for _ in range(10)]
    ends = {FactKind.RIGHT_TO_WORK: date(2026, 12, 1), FactKind.DBS: date(2026, 11, 1)}
    entries = [
        FactValue(FactKind.RIGHT_TO_WORK, {"route": "unlimited"}, valid_until=date(2026, 12, 1)),
        FactValue(
            FactKind.DBS,
            {"level": "enhanced_barred", "workforce": "adult"},
            awarded_on=date(2026, 1, 1),
            valid_until=ends[FactKind.DBS],
        ),
    ]
    for person in people:
        together = threading.Barrier(2)

        def add(entry: FactValue, person: Person = person, at: Any = together) -> None:
            with postgres_database.transaction() as session:
                add_facts(
                    session,
                    person_id=person.id,
                    entries=[entry],
                    source="hr",
                    by=hr_of(trust),
                    now=NOW,
                )
                at.wait()

        threads = [threading.Thread(target=add, args=(entry,)) for entry in entries]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with postgres_database.reading() as session:
        assert {only_until(session, person) for person in people} == {date(2026, 11, 1)}


def test_a_role_without_an_end_has_no_end(database: Database) -> None:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        manager = build.an_actor(trust, AccessRole.BANK_MANAGER, stepped_up=True)
        adopt(
            session,
            kind=PolicyKind.REQUIREMENTS,
            staff_group=StaffGroup.HCA,
            from_on=NOW.date(),
            values={"main_job_roster_max_age_days": 14, "right_to_work": False},
            source="board paper 14",
            by=manager,
            now=NOW,
        )
        person = build.a_person(session, trust)
        build.a_post(
            session, person, staff_group=StaffGroup.HCA, role="hca", grade=Grade.BAND_2
        )
        note_changed_people(session, person_ids=[person.id], now=NOW)
    with database.reading() as session:
        assert rows(session, person)["hca", "band_2"] == (True, NO_END)

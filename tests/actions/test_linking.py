"""The same human at two trusts: proposed to them, confirmed by them, undone; no trust learns."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from bankhub.actions.people import holders
from bankhub.model.bookings import Booking
from bankhub.model.clearances import Clearance, InductionSignature
from bankhub.model.hours import Hours
from bankhub.model.workers import BookableAs
from passport.actions.people import linking
from passport.actors import AccessRole, Actor
from passport.db import Base, Database, connect
from passport.errors import NotFound, Refused
from passport.events import Event, prepare, record
from passport.model.accounts import Account
from passport.model.facts import FactKind
from passport.model.organisations import Organisation
from passport.model.people import LinkState, Person, PersonLink
from tests.support import build
from tests.support.build import NOW
from tests.support.build_people import kept

EMAIL = "ada@mail.example"


@dataclass
class Pair:
    """Two records that are one human, and the account that signs in for the first."""

    here: Organisation
    there: Organisation
    mine: Person
    other: Person
    account: Account

    @property
    def me(self) -> Actor:
        return Actor(
            account_id=self.account.id,
            organisation_id=self.here.id,
            roles=frozenset({AccessRole.WORKER}),
            person_id=self.mine.id,
        )


@pytest.fixture
def pair(database: Database) -> Pair:
    return a_pair(database)


def a_pair(database: Database, email: str = EMAIL) -> Pair:
    with database.transaction() as session:
        here, there = (build.an_organisation(session) for _ in range(2))
        mine = build.a_nurse(session, here)[0]
        other = build.a_nurse(session, there, email=email)[0]
        account = build.an_account(session, email=email, verified_at=NOW, person_id=mine.id)
    return Pair(here, there, mine, other, account)


def proposed(database: Database, by: Actor) -> UUID:
    with database.transaction() as session:
        (link,) = linking.look_for_links(session, by=by, now=NOW)
    return link.link_id


def confirm(database: Database, link_id: UUID, by: Actor) -> LinkState:
    with database.transaction() as session:
        return linking.confirm(session, link_id=link_id, by=by, now=NOW)


def holder_of(database: Database, person: Person) -> UUID:
    with database.reading() as session:
        return session.scalars(sa.select(Person.holder_id).where(Person.id == person.id)).one()


def filed_under(database: Database, person: Person) -> set[UUID]:
    with database.reading() as session:
        return {
            holder
            for table in (Hours, Booking, BookableAs)
            for holder in session.scalars(
                sa.select(table.holder_id).where(table.person_id == person.id)
            )
            if holder
        }


def book(
    database: Database, organisation: Organisation, person: Person, days: float
) -> None:
    with database.transaction() as session:
        unit = build.a_unit(session, build.a_site(session, organisation))
        post = build.a_post(session, person)
        starts_at = NOW + timedelta(days=days)
        shift = build.a_shift(session, unit, starts_at=starts_at)
        build.a_booking(session, shift, person, post)


def test_a_proposal_names_the_other_organisation_to_the_person(
    database: Database, pair: Pair
) -> None:
    with database.transaction() as session:
        (link,) = linking.look_for_links(session, by=pair.me, now=NOW)
        again = linking.look_for_links(session, by=pair.me, now=NOW)
    assert (link.organisations, link.because) == ((pair.there.name,), "email")
    assert again == [link]
    assert holder_of(database, pair.other) == pair.other.id


def test_confirming_makes_one_holder_and_files_everything_under_it(
    database: Database, pair: Pair
) -> None:
    book(database, pair.here, pair.mine, 10)
    book(database, pair.there, pair.other, 12)
    assert confirm(database, proposed(database, pair.me), pair.me) is LinkState.CONFIRMED
    assert holder_of(database, pair.other) == pair.mine.id
    assert filed_under(database, pair.other) == {pair.mine.id}


def test_no_organisation_is_told(database: Database, pair: Pair) -> None:
    link_id = proposed(database, pair.me)
    confirm(database, link_id, pair.me)
    with database.transaction() as session:
        linking.undo(session, link_id=link_id, by=pair.me, now=NOW)
    with database.reading() as session:
        told = session.execute(
            sa.select(Event.kind, Event.organisation_id).where(
                Event.kind.contains("link")
            )
        ).all()
    assert {kind for kind, _ in told} == {"link.proposed", "person.linked", "person.unlinked"}
    assert {organisation for _, organisation in told} == {None}


def test_undoing_puts_everything_back_where_it_was(database: Database, pair: Pair) -> None:
    book(database, pair.here, pair.mine, 10)
    book(database, pair.there, pair.other, 12)
    link_id = proposed(database, pair.me)
    confirm(database, link_id, pair.me)
    with database.transaction() as session:
        linking.undo(session, link_id=link_id, by=pair.me, now=NOW)
    assert holder_of(database, pair.other) == pair.other.id
    assert filed_under(database, pair.other) == {pair.other.id}
    assert filed_under(database, pair.mine) == {pair.mine.id}
    assert confirm(database, link_id, pair.me) is LinkState.CONFIRMED


def test_an_induction_goes_with_the_record_and_comes_back(database: Database, pair: Pair) -> None:
    """Else whoever confirms a second record is inducted again on wards they know."""
    with database.transaction() as session:
        signed = InductionSignature(
            host_id=pair.here.id, person_id=pair.other.id, holder_id=pair.other.id,
            item="induction.ward", checklist="1", worker_at=NOW, in_charge_at=NOW,
            valid_until=date(2027, 9, 7),
        )  # fmt: skip
        kept(session, signed, pair.here.id)
    link_id = proposed(database, pair.me)
    confirm(database, link_id, pair.me)
    with database.reading() as session:
        assert session.get_one(InductionSignature, signed.id).holder_id == pair.mine.id
    with database.transaction() as session:
        linking.undo(session, link_id=link_id, by=pair.me, now=NOW)
    with database.reading() as session:
        assert session.get_one(InductionSignature, signed.id).holder_id == pair.other.id


def test_whatever_is_filed_under_a_human_is_filed_anew() -> None:
    """A table that is added has to be named by one of the doors."""
    filed = {
        table.name
        for table in Base.metadata.tables.values()
        if {"holder_id", "person_id"} <= set(table.columns.keys())
    }
    by_doors = {one.__tablename__ for one in (*holders.FILED, Clearance)}
    assert filed == by_doors


def test_two_bookings_at_once_bar_the_link_and_are_shown(database: Database, pair: Pair) -> None:
    book(database, pair.here, pair.mine, 10)
    book(database, pair.there, pair.other, 10.25)
    link_id = proposed(database, pair.me)
    with database.reading() as session:
        shown = holders.clashes(session, link_id=link_id, by=pair.me, now=NOW)
    with pytest.raises(Refused) as problem:
        confirm(database, link_id, pair.me)
    assert [(clash.starts_at, clash.double_booked) for clash in shown] == [
        (NOW + timedelta(days=10.25), True)
    ]
    assert problem.value.code == "double_booked"
    assert holder_of(database, pair.other) == pair.other.id
    assert filed_under(database, pair.other) == {pair.other.id}


def test_a_duty_over_a_booking_is_shown_and_does_not_bar_the_link(
    database: Database, pair: Pair
) -> None:
    book(database, pair.there, pair.other, 10)
    with database.transaction() as session:
        build.busy_hours(session, pair.mine, NOW + timedelta(days=10))
    link_id = proposed(database, pair.me)
    with database.reading() as session:
        (shown,) = holders.clashes(session, link_id=link_id, by=pair.me, now=NOW)
    assert not shown.double_booked
    assert confirm(database, link_id, pair.me) is LinkState.CONFIRMED


def test_without_the_door_two_bookings_at_once_would_become_one_persons(
    sqlite_url: str,
) -> None:
    unguarded = Database(connect(sqlite_url), prepare({}))
    pair = a_pair(unguarded)
    book(unguarded, pair.here, pair.mine, 10)
    book(unguarded, pair.there, pair.other, 10.25)
    assert confirm(unguarded, proposed(unguarded, pair.me), pair.me) is LinkState.CONFIRMED
    unguarded.engine.dispose()


def refuse(database: Database, link_id: UUID, by: Actor) -> None:
    with database.transaction() as session:
        linking.refuse(session, link_id=link_id, by=by, now=NOW)


def test_a_refused_proposal_is_not_made_again_nor_confirmed(
    database: Database, pair: Pair
) -> None:
    link_id = proposed(database, pair.me)
    refuse(database, link_id, pair.me)
    with database.transaction() as session:
        assert linking.look_for_links(session, by=pair.me, now=NOW) == []
    for deed in (confirm, refuse):
        with pytest.raises(Refused):
            deed(database, link_id, pair.me)


def test_nobody_answers_for_somebody_else(database: Database, pair: Pair) -> None:
    link_id = proposed(database, pair.me)
    stranger = a_pair(database, "else@mail.example").me
    deeds: list[Callable[[Database, UUID, Actor], object]] = [confirm, refuse]
    for deed in deeds:
        for unknown in (link_id, uuid4()):
            with pytest.raises(NotFound):
                deed(database, unknown, stranger)
    with pytest.raises(NotFound), database.reading() as session:
        holders.clashes(session, link_id=link_id, by=stranger, now=NOW)
    with database.reading() as session:
        assert linking.links(session, by=stranger) == []


def test_a_link_is_not_made_where_the_records_no_longer_match(
    database: Database, pair: Pair
) -> None:
    link_id = proposed(database, pair.me)
    with database.transaction() as session:
        session.get_one(Person, pair.other.id).date_of_birth = date(1991, 1, 1)
        build.an_event(session, pair.there.id)
    with pytest.raises(Refused, match="link_no_longer"):
        confirm(database, link_id, pair.me)


def with_the_same_pin(
    database: Database, pair: Pair, *, second_account: bool, number: str = "NMC:01A2345N"
) -> Actor:
    """Only the registration number speaks for the two records; who signs in for the other."""
    with database.transaction() as session:
        for person in (pair.mine, pair.other):
            build.a_fact(session, person, FactKind.REGISTRATION, lookup=number)
        session.get_one(Person, pair.other.id).email = None
        account = build.an_account(
            session,
            email=f"{number[4:]}@there.example".lower(),
            verified_at=NOW if second_account else None,
            person_id=pair.other.id,
        )
    return Actor(account.id, pair.there.id, frozenset({AccessRole.WORKER}), pair.other.id)


def test_by_number_alone_whoever_signs_in_for_the_other_record_has_to_agree(
    database: Database, pair: Pair
) -> None:
    other = with_the_same_pin(database, pair, second_account=True)
    link_id = proposed(database, pair.me)
    assert confirm(database, link_id, pair.me) is LinkState.PROPOSED
    assert holder_of(database, pair.other) == pair.other.id
    assert confirm(database, proposed(database, other), other) is LinkState.CONFIRMED
    assert holder_of(database, pair.mine) == pair.other.id
    with database.reading() as session:
        assert session.get_one(Account, pair.account.id).person_id == pair.other.id
        assert len(session.scalars(sa.select(PersonLink)).all()) == 1


def test_both_accounts_agreeing_at_the_same_moment_link_once(postgres_database: Database) -> None:
    for round_ in range(10):
        pair = a_pair(postgres_database, f"ada{round_}@mail.example")
        other = with_the_same_pin(
            postgres_database, pair, second_account=True, number=f"NMC:{round_:02}A2345N"
        )
        asked = [(proposed(postgres_database, by), by) for by in (pair.me, other)]
        with ThreadPoolExecutor(2) as pool:
            came = list(pool.map(lambda one: confirm(postgres_database, *one), asked))
        assert sorted(came) == [LinkState.CONFIRMED, LinkState.PROPOSED]
        assert holder_of(postgres_database, pair.mine) == holder_of(postgres_database, pair.other)


def test_by_number_alone_a_record_nobody_signs_in_for_is_linked_at_once(
    database: Database, pair: Pair
) -> None:
    with_the_same_pin(database, pair, second_account=False)
    assert confirm(database, proposed(database, pair.me), pair.me) is LinkState.CONFIRMED


def test_a_chain_of_links_is_undone_in_any_order(database: Database, pair: Pair) -> None:
    first = proposed(database, pair.me)
    confirm(database, first, pair.me)
    with database.transaction() as session:
        third = build.a_nurse(session, build.an_organisation(session), email=EMAIL)[0]
    with database.transaction() as session:
        found = linking.look_for_links(session, by=pair.me, now=NOW)
    second = next(link.link_id for link in found if link.state is LinkState.PROPOSED)
    confirm(database, second, pair.me)
    for link_id, person in ((first, pair.other), (second, third)):
        with database.transaction() as session:
            linking.undo(session, link_id=link_id, by=pair.me, now=NOW)
        assert holder_of(database, person) == person.id
    assert holder_of(database, pair.mine) == pair.mine.id


def test_an_account_that_is_nobodys_record_is_asked_nothing(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        account = build.an_account(session)
        record(session, "test.nothing", subject_id=account.id, by=Actor(None, None), now=NOW)
        nobody = Actor(account.id, None, frozenset({AccessRole.WORKER}))
        assert linking.look_for_links(session, by=nobody, now=NOW) == []

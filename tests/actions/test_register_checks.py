"""What registers say, taken in: facts, credentials, who is told; and what is not taken."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bankhub.model.workers import BookableAs
from passport.actions.people.disputes import disputed_people
from passport.actions.registers import register_checks
from passport.actions.signing import credential_life
from passport.actors import AccessRole as R
from passport.actors import operator
from passport.db import Database
from passport.errors import Forbidden, NotFound
from passport.events import Event, Notice
from passport.imports.register_rounds import Round, take_service
from passport.model.credential_types import Suspension
from passport.model.credentials import CredentialState, StatusListRow
from passport.model.facts import Fact, FactKind
from passport.model.people import Person
from passport.model.presentations import Channel, VerdictRecord
from passport.model.register_checks import RegisterRun
from tests.support import build
from tests.support.registers import CONDITIONS, ENTRY, Served, a_register_service, nmc_file
from tests.support.watched import NOW, PIN, Trust, a_trust, hr_of


@pytest.fixture
def trust(database: Database) -> Trust:
    return a_trust(database)


@pytest.fixture
def service() -> Iterator[Served]:
    with a_register_service() as served:
        yield served


def test_a_look_that_says_the_same_makes_the_check_fresh_and_tells_nobody(
    trust: Trust, service: Served
) -> None:
    report = trust.ask(service)
    assert report.counts == {"asked": 1, "same": 1}
    assert trust.status() == ("registered", "held")
    claims = trust.credential().claims
    assert (claims["checked_at"], claims["source"]) == ("2026-11-02T09:30:00Z", "REGISTER_API")
    assert claims["expiry_date"] == "2027-09-30"
    assert set(trust.letters()) <= {"passport_changed"}
    before = trust.credential().id
    trust.ask(service, hours=24)
    assert trust.credential().id == before
    assert trust.credential().claims["checked_at"] == "2026-11-03T09:30:00Z"


BARRED = {
    "lapsed": "lapsed", "suspended": "suspended", "interim_suspended": "suspended",
    "struck_off": "removed", "voluntarily_removed": "removed", "admin_erased": "removed",
    "registered_no_licence": "lapsed",
}  # fmt: skip


@pytest.mark.parametrize(("said", "status"), BARRED.items())
def test_who_may_not_practise_is_held_back_at_once_and_those_concerned_are_told(
    trust: Trust, service: Served, said: str, status: str
) -> None:
    service.entries["01A2345N"] |= {"status": said}
    assert trust.ask(service).counts == {"asked": 1, "changed": 1}
    assert trust.status() == (status, "suspended")
    assert trust.letters() == ["passport_changed", "registration_changed_home"]
    with trust.database.transaction() as session:
        assert session.scalars(sa.select(BookableAs.valid_until)).all() == [None]
        dirty = session.scalars(
            sa.select(StatusListRow).where(StatusListRow.changes > StatusListRow.published)
        ).all()
        assert dirty, "a status list waits to be published within seconds"


def test_the_same_bad_news_again_is_told_once(trust: Trust, service: Served) -> None:
    service.entries["01A2345N"] |= {"status": "suspended"}
    trust.ask(service)
    letters = trust.letters()
    assert trust.ask(service, hours=24).counts == {"asked": 1, "same": 1}
    assert trust.letters() == letters


def test_a_number_that_is_not_found_holds_the_registration_back(
    trust: Trust, service: Served
) -> None:
    service.entries.clear()
    trust.ask(service)
    assert trust.status() == ("not_found", "suspended")


def test_who_is_back_on_the_register_is_good_again(trust: Trust, service: Served) -> None:
    service.entries["01A2345N"] |= {"status": "lapsed"}
    trust.ask(service)
    service.entries["01A2345N"] |= {"status": "registered"}
    trust.ask(service, hours=24)
    assert trust.status() == ("registered", "held")


def test_what_home_holds_back_is_not_let_go_by_a_register(trust: Trust, service: Served) -> None:
    with trust.database.transaction() as session:
        credential_life.suspend(
            session, credential_id=trust.credential().id,
            reason=Suspension.NOT_CURRENTLY_AVAILABLE, by=operator(trust.world.id), now=NOW,
        )  # fmt: skip
    service.entries["01A2345N"] |= {"status": "lapsed"}
    trust.ask(service)
    service.entries["01A2345N"] |= {"status": "registered"}
    trust.ask(service, hours=24)
    assert trust.status() == ("registered", "suspended")
    assert trust.credential().reason == "not_currently_available"


def test_a_new_condition_stands_in_the_passport_at_once(trust: Trust, service: Served) -> None:
    service.entries["01A2345N"] |= {"status": "conditions", "restrictions": CONDITIONS}
    trust.ask(service)
    assert trust.status() == ("conditions", "held")
    claims = trust.credential().claims
    assert claims["registration_status"] == "CONDITIONS"
    assert claims["restrictions"] == CONDITIONS
    assert "registration_changed_home" in trust.letters()


def test_a_condition_whose_terms_the_register_does_not_give_holds_the_passport_back(
    trust: Trust,
) -> None:
    trust.file(nmc_file({"Status": "Conditions of practice order"}))
    assert trust.status() == ("conditions", "suspended")
    trust.file(nmc_file({"Status": "Caution order"}), as_at=NOW + timedelta(hours=1), hours=1)
    assert trust.status() == ("registered", "held")
    assert trust.credential().claims["registration_status"] == "CAUTION"


def test_every_organisation_that_relied_on_it_is_told_without_the_reason(
    trust: Trust, service: Served
) -> None:
    with trust.database.transaction() as session:
        host, late, never = (build.an_organisation(session) for _ in range(3))
        officers = {hr_of(session, one.id): one.id for one in (host, late, never)}
        for where, days in ((host, 5), (late, 400)):
            at = NOW - timedelta(days=days)
            session.add(
                VerdictRecord(
                    organisation_id=where.id, channel=Channel.GATE, checker="B. Bell, nurse",
                    purpose="gate", person_id=trust.nurse, at=at, received_at=at, offline=False,
                    outcome="green", codes=[], kinds=["registration"],
                )
            )  # fmt: skip
        build.an_event(session, host.id)
        host_id = host.id
    service.entries["01A2345N"] |= {"status": "suspended"}
    trust.ask(service)
    with trust.database.reading() as session:
        told = session.scalars(
            sa.select(Notice).where(Notice.template == "registration_look_again")
        ).all()
        assert [officers[one.to_account_id] for one in told if one.to_account_id] == [host_id]
        assert all(one.context == {} for one in told)
        (entry,) = session.scalars(
            sa.select(Event).where(Event.kind == "passport.look_again")
        )
        assert entry.organisation_id == host_id
        assert "suspend" not in str(entry.detail)


TROUBLES = ("slow", "down", "garbage", "huge", "bare_404")


@pytest.mark.parametrize("mood", TROUBLES)
def test_trouble_changes_nothing_and_is_seen(trust: Trust, service: Served, mood: str) -> None:
    service.mood = mood
    assert trust.ask(service).counts[trust.last_look().because or ""] == 1
    assert trust.last_look().status == "unknown"
    assert trust.status() == ("registered", "held")
    service.mood = "well"
    assert trust.ask(service).counts == {"asked": 1, "same": 1}, "it stays due"


def test_a_word_that_is_not_known_changes_nothing_and_an_officer_is_told_once(
    trust: Trust, service: Served
) -> None:
    service.entries["01A2345N"] |= {"status": "no conditions of practice"}
    assert trust.ask(service).counts == {"asked": 1, "unknown": 1}
    assert trust.status() == ("registered", "held")
    assert trust.last_look().found["said"] == "no conditions of practice"
    assert trust.letters() == ["registers_mismatch"]
    trust.ask(service, hours=24)
    assert trust.letters() == ["registers_mismatch"]


def test_the_number_of_another_person_is_not_taken_and_both_are_flagged(
    trust: Trust, service: Served
) -> None:
    with trust.database.transaction() as session:
        other = build.an_organisation(session)
        rival = build.a_person(session, other, family_name="Bright", given_name="Cora",
                               date_of_birth=date(1971, 2, 3))  # fmt: skip
        build.a_fact(session, rival, FactKind.REGISTRATION, PIN, lookup="NMC:01A2345N")
        rival_id, other_id = rival.id, other.id
        hr_of(session, other.id)
    service.entries["01A2345N"] |= {
        "given_names": "Cora", "family_name": "Bright", "date_of_birth": "1971-02-03",
    }  # fmt: skip
    assert trust.ask(service).counts == {"asked": 1, "other_person": 1}
    assert trust.credential().state is CredentialState.SUSPENDED
    with trust.database.reading() as session:
        for organisation_id, person_id in ((trust.world.id, trust.nurse), (other_id, rival_id)):
            flagged = disputed_people(session, by=operator(organisation_id))
            assert [(p.id, n) for p, n in flagged] == [(person_id, "NMC:01A2345N")]
        told = session.scalars(
            sa.select(Notice).where(Notice.template.startswith("registration_disputed"))
        ).all()
    assert {one.to_person_id for one in told if one.to_person_id} == {trust.nurse, rival_id}
    assert len([one for one in told if one.to_account_id]) == 2
    assert trust.last_look().found == {}, "nothing of the other person is kept"


def test_a_number_that_another_record_has_is_blocked(trust: Trust, service: Served) -> None:
    with trust.database.transaction() as session:
        rival = build.a_person(session, build.an_organisation(session), family_name="Bright",
                               date_of_birth=date(1971, 2, 3))  # fmt: skip
        build.a_fact(session, rival, FactKind.REGISTRATION, PIN, lookup="NMC:01A2345N")
    assert trust.ask(service).counts == {"asked": 1, "disputed": 1}
    assert trust.last_look().because == "disputed"


def test_where_only_part_of_the_name_agrees_somebody_has_to_look(
    trust: Trust, service: Served
) -> None:
    service.entries["01A2345N"] |= {"date_of_birth": None, "family_name": "Bright"}
    assert trust.ask(service).counts == {"asked": 1, "name_differs": 1}
    assert trust.status() == ("registered", "held")
    assert trust.letters() == ["registers_mismatch"]


def test_a_file_is_taken_for_the_own_people_alone(trust: Trust) -> None:
    with trust.database.transaction() as session:
        other = build.an_organisation(session)
        theirs = build.a_person(session, other, family_name="Bird", date_of_birth=date(1980, 1, 1))
        build.a_fact(session, theirs, FactKind.REGISTRATION, {**PIN, "number": "01A1111N"},
                     lookup="NMC:01A1111N")  # fmt: skip
    rows = [{"PIN": "01A1111N", "Surname": "Bird", "Status": "Lapsed"}, {"Status": "Suspended"}]
    report = trust.file(nmc_file(*rows))
    assert report.counts == {"asked": 1, "changed": 1, "others": 1}
    assert trust.status() == ("suspended", "suspended")
    with trust.database.reading() as session:
        (run,) = session.scalars(sa.select(RegisterRun))
        assert run.counts == {"asked": 1, "changed": 1, "others": 1}
        assert session.scalars(
            sa.select(Fact.value["status"].as_string()).where(Fact.person_id == theirs.id)
        ).all() == ["registered"]


def test_a_dry_run_says_what_would_be_and_changes_nothing(trust: Trust) -> None:
    report = trust.file(nmc_file({"Status": "Lapsed"}), dry_run=True)
    assert report.counts["changed"] == 1
    assert trust.status() == ("registered", "held")
    assert trust.letters() == []
    with trust.database.reading() as session:
        assert session.scalars(sa.select(RegisterRun)).all() == []


def test_an_old_file_does_not_lift_what_was_seen_later(trust: Trust, service: Served) -> None:
    service.entries["01A2345N"] |= {"status": "suspended"}
    trust.ask(service)
    report = trust.file(nmc_file({}), as_at=NOW - timedelta(days=3), hours=1)
    assert report.counts == {"asked": 1, "older": 1}
    assert trust.status() == ("suspended", "suspended")


def test_a_file_counts_from_the_day_it_was_made(trust: Trust) -> None:
    trust.file(nmc_file({}), as_at=datetime(2026, 10, 31, tzinfo=UTC))
    claims = trust.credential().claims
    assert (claims["checked_at"], claims["source"]) == ("2026-10-31T00:00:00Z", "REGISTER_FILE")


def test_a_round_in_which_most_would_fall_is_held_until_somebody_looked(trust: Trust) -> None:
    with trust.database.transaction() as session:
        for number in range(2000, 2025):
            one = build.a_person(session, trust.world.organisation, family_name=f"Bell{number}")
            build.a_fact(session, one, FactKind.REGISTRATION, {**PIN, "number": f"01A{number}N"},
                         lookup=f"NMC:01A{number}N")  # fmt: skip
    with a_register_service({}) as empty:
        assert trust.ask(empty).held
        assert trust.status() == ("registered", "held")
        assert trust.letters() == ["registers_held"]
        report = trust.ask(empty, believed=True)
    assert (report.held, report.counts["changed"]) == (False, 26)


def test_an_officer_is_not_let_go_by_their_own_file(trust: Trust) -> None:
    with trust.database.transaction() as session:
        nurse = session.get_one(Person, trust.nurse)
        officer = build.an_actor(trust.world.organisation, R.HR_OFFICER, person=nurse)
    trust.file(nmc_file({"Status": "Lapsed"}), by=officer)
    assert trust.status() == ("lapsed", "suspended")
    report = trust.file(nmc_file({}), by=officer, as_at=NOW + timedelta(hours=2), hours=2)
    assert report.counts == {"asked": 1, "own_passport": 1}
    assert trust.status() == ("lapsed", "suspended")


def test_only_those_who_may_look_at_registers_do(trust: Trust, service: Served) -> None:
    ward = build.an_actor(trust.world.organisation, R.WARD_REQUESTER)
    with pytest.raises(Forbidden):
        take_service(trust.database, service.client(), Round(trust.world.id, "NMC", ward, NOW))
    with trust.database.transaction() as session:
        elsewhere = build.an_actor(build.an_organisation(session), R.HR_OFFICER)
    with pytest.raises(NotFound):
        take_service(trust.database, service.client(), Round(trust.world.id, "NMC", elsewhere, NOW))
    assert service.asked == []


def test_who_was_looked_at_today_is_not_due(trust: Trust, service: Served) -> None:
    trust.ask(service)
    assert trust.ask(service, hours=19).asked == 0
    assert trust.ask(service, hours=21).asked == 1


def test_numbers_that_give_trouble_do_not_keep_others_waiting(trust: Trust) -> None:
    with trust.database.transaction() as session:
        entries = {}
        for number in range(2000, 2010):
            one = build.a_person(session, trust.world.organisation, family_name=f"Bell{number}",
                                 given_name="Ben")  # fmt: skip
            pin = f"01A{number}N"
            build.a_fact(session, one, FactKind.REGISTRATION, {**PIN, "number": pin},
                         lookup=f"NMC:{pin}")  # fmt: skip
            entries[pin] = {**ENTRY, "number": pin, "given_names": "Ben",
                            "family_name": f"Bell{number}"}  # fmt: skip
            if number < 2005:
                entries[pin] |= {"expires_on": "soon"}
        entries["01A2345N"] = dict(ENTRY)
    with a_register_service(entries) as served:
        good = 0
        for minute in range(4):
            good += trust.ask(served, hours=minute).counts.get("same", 0)
    assert good == 6


def test_organisations_with_people_on_a_register_are_found(trust: Trust) -> None:
    with trust.database.transaction() as session:
        build.an_organisation(session)
        found = register_checks.organisations_with(session, bodies=["GMC", "NMC"])
    assert found == [(trust.world.id, "NMC")]

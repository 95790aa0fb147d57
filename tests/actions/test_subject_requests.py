"""One person's file, and an erasure: all that is theirs, and nothing of anybody else."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.governance import subject_requests, subject_search
from bankhub.model.bookings import Booking
from bankhub.model.hours import Hours
from bankhub.model.vocabulary import BookingState
from bankhub.rules.governance import subject_document
from passport.actions import audit
from passport.actions.people import evidence, people, subject_erasing
from passport.actors import AccessRole, Actor
from passport.db import Base, Database
from passport.errors import Forbidden, NotFound, Refused
from passport.events import Event
from passport.model.credentials import Credential, CredentialState
from passport.model.facts import FactKind, FactValue
from passport.model.people import Person
from passport.model.subject_requests import SubjectRequest
from tests.support import build
from tests.support.access import VAULT
from tests.support.build import NOW
from tests.support.held import MINE, OTHERS, Known, all_known

KEY = "22" * 32


@pytest.fixture
def known(database: Database) -> Known:
    return all_known(database)


def exported(known: Known, by: Actor | None = None, person: Person | None = None) -> dict[str, Any]:
    with known.database.transaction() as session:
        content = subject_requests.export(
            session, person_id=(person or known.one).id, vault=VAULT, by=by or known.ig, now=NOW
        )
    archive = zipfile.ZipFile(io.BytesIO(content))
    parts = {name: archive.read(name) for name in archive.namelist()}
    return {**json.loads(parts["subject-file.json"]), "parts": parts}


def test_the_file_holds_everything_of_the_person(known: Known) -> None:
    file = exported(known)
    tables = {one["table"]: one["rows"] for one in file["tables"]}
    assert {
        "person", "fact", "bank_post", "booking", "hours", "credential", "wallet", "account",
        "role_grant", "contact_attempt", "verdict_record", "notice",
    } <= set(tables)  # fmt: skip
    assert tables["person"][0]["given_name"] == MINE
    assert {"body": "NMC", "number": "99Q", "status": "registered"} in [
        one["value"] for one in tables["fact"]
    ]
    said = {"said": f"{MINE} said"}
    happened = {"what": "fact.corrected", "at": NOW.isoformat(), "detail": said}
    assert happened in file["happened"]
    assert file["parts"]["photo.jpg"] == b"JPEG of Quentin"
    page = file["parts"]["subject-file.html"].decode()
    assert f"{MINE}son" in page
    assert "Held NHS Trust" in page


def test_the_file_says_nothing_about_others_and_holds_no_secret(known: Known) -> None:
    parts = exported(known)["parts"]
    written = b"".join(parts.values()).decode(errors="replace")
    assert OTHERS not in written
    assert "ottoline" not in written
    assert str(known.officer.account_id) not in written
    with known.database.reading() as session:
        secret = session.execute(sa.select(Event.salt).limit(5)).scalars().all()
    assert not any(one and one in written for one in secret)


def test_making_the_file_is_on_record(known: Known) -> None:
    exported(known)
    with known.database.reading() as session:
        (made,) = session.scalars(sa.select(SubjectRequest)).all()
        assert session.scalar(sa.select(Event.id).where(Event.kind == "subject.exported"))
    assert made.done_at == NOW
    assert made.outcome["rows"]["booking"] == 1


WRONG_HANDS: dict[str, Callable[[Known], Actor]] = {
    "a bank manager": lambda known: build.an_actor(
        known.trust, AccessRole.BANK_MANAGER, stepped_up=True),
    "an information governance lead without a second factor": lambda known: replace(
        known.ig, stepped_up=False),
}  # fmt: skip


@pytest.mark.parametrize("hands", WRONG_HANDS)
def test_the_file_is_not_for_others(hands: str, known: Known) -> None:
    with pytest.raises(Forbidden):
        exported(known, by=WRONG_HANDS[hands](known))


def test_another_organisation_finds_nobody(known: Known) -> None:
    stranger = build.an_actor(known.elsewhere, AccessRole.IG_LEAD, stepped_up=True)
    with pytest.raises(NotFound):
        exported(known, by=stranger)
    with known.database.reading() as session:
        assert subject_search.find_people(session, words=MINE, by=stranger, now=NOW) == []
        words = MINE[:3].lower()
        found = subject_search.find_people(session, words=words, by=known.ig, now=NOW)
    assert [one.id for one in found] == [known.one.id]


def ask(known: Known) -> Any:
    with known.database.transaction() as session:
        return subject_requests.ask_erasure(
            session, person_id=known.one.id, by=known.ig, now=NOW
        ).id


def agree(known: Known, request_id: Any, by: Actor | None = None) -> SubjectRequest:
    with known.database.transaction() as session:
        return subject_requests.agree_erasure(
            session, request_id=request_id, by=by or known.officer, now=NOW
        )


def sequenced(known: Known) -> list[str]:
    with known.database.transaction() as session:
        audit.sequence(session, master_key=KEY)
    with known.database.reading() as session:
        return [one.what for one in audit.verify(session, master_key=KEY).findings]


def everything(database: Database) -> str:
    """Every value of every row, as text."""
    with database.reading() as session:
        return "\n".join(
            repr((table.name, *row))
            for table in Base.metadata.sorted_tables
            for row in session.execute(sa.select(table))
        )


def test_an_erasure_leaves_no_word_of_the_person_and_all_of_the_others(known: Known) -> None:
    known.leave()
    before = everything(known.database)
    assert before.count(MINE) > 5
    assert sequenced(known) == []
    done = agree(known, ask(known))
    after = everything(known.database)
    for word in (MINE, "quentin", "99Q"):
        assert word not in after
    ours = [line for line in before.splitlines() if OTHERS in line and MINE not in line]
    assert set(ours) <= set(after.splitlines())
    assert done.outcome["deleted"]["fact"] > 5
    assert done.outcome["kept"]["booking"] == 1
    assert done.outcome["because"]["booking"] == "working_time"
    assert done.outcome["events"] > 0
    with known.database.reading() as session:
        person = session.get_one(Person, known.one.id)
        assert session.get_one(Booking, known.booking.id).state is BookingState.WORKED
        assert session.scalar(sa.select(Hours.id).where(Hours.person_id == person.id))
        (held,) = session.scalars(sa.select(Credential)).all()
    assert (person.given_name, person.family_name, person.email) == ("", "Erased", None)
    assert (held.claims, held.state) == ({}, CredentialState.WITHDRAWN)
    assert sequenced(known) == []


def test_nobody_is_put_in_the_place_of_who_was_erased(known: Known) -> None:
    known.leave()
    agree(known, ask(known))
    officer = replace(known.ig, roles=frozenset({AccessRole.HR_OFFICER}))
    fact = FactValue(FactKind.REGISTRATION, {"body": "NMC", "number": "01A2345N"})
    with known.database.transaction() as session:
        who: dict[str, Any] = {"person_id": known.one.id, "by": officer, "now": NOW}
        who["session"] = session
        for deed in (
            lambda: people.take_back(**who),
            lambda: people.correct_person(**who, fields={"family_name": "Somebody"}),
            lambda: evidence.add_facts(**who, entries=[fact], source="by_hand"),
        ):
            with pytest.raises(Refused) as refused:
                deed()
            assert [one.code for one in refused.value.reasons] == ["record_erased"]


def test_who_asked_cannot_agree(known: Known) -> None:
    known.leave()
    request_id = ask(known)
    both = replace(known.ig, roles=frozenset({AccessRole.IG_LEAD, AccessRole.HR_OFFICER}))
    with pytest.raises(Refused) as refused:
        agree(known, request_id, by=both)
    assert [one.code for one in refused.value.reasons] == ["same_person"]
    with pytest.raises(Forbidden):
        agree(known, request_id, by=known.ig)
    elsewhere = build.an_actor(known.elsewhere, AccessRole.HR_OFFICER, stepped_up=True)
    with pytest.raises(NotFound):
        agree(known, request_id, by=elsewhere)
    agree(known, request_id)
    with pytest.raises(Refused) as again:
        agree(known, request_id)
    assert [one.code for one in again.value.reasons] == ["not_waiting"]


def codes_of(known: Known) -> list[str]:
    with pytest.raises(Refused) as refused:
        ask(known)
    return [one.code for one in refused.value.reasons]


def test_nobody_who_still_works_here_is_erased(known: Known) -> None:
    assert codes_of(known) == ["still_here"]
    known.leave()
    with known.database.transaction() as session:
        booking = session.get_one(Booking, known.booking.id)
        booking.state, booking.ends_at = BookingState.CONFIRMED, NOW + timedelta(days=1)
        build.an_event(session, known.trust.id)
    assert codes_of(known) == ["booked_ahead"]


def test_what_changed_after_the_asking_is_seen_at_the_agreeing(known: Known) -> None:
    known.leave()
    request_id = ask(known)
    assert codes_of(known) == ["already_asked"]
    with known.database.transaction() as session:
        session.get_one(Person, known.one.id).left_at = None
        build.an_event(session, known.trust.id)
    with pytest.raises(Refused) as refused:
        agree(known, request_id)
    assert [one.code for one in refused.value.reasons] == ["still_here"]
    assert MINE in everything(known.database)


def test_an_account_used_elsewhere_stays(known: Known) -> None:
    known.leave()
    with known.database.transaction() as session:
        session.merge(known.account)
        account = session.get_one(type(known.account), known.account.id)
        account.closed_at = None
        build.an_event(session, known.trust.id)
    done = agree(known, ask(known))
    assert done.outcome["because"]["account"] == "others"
    with known.database.reading() as session:
        assert session.get_one(type(known.account), known.account.id).email.startswith("quentin")


def test_a_refusal_says_why(known: Known) -> None:
    known.leave()
    request_id = ask(known)
    with known.database.transaction() as session:
        subject_requests.refuse_erasure(
            session, request_id=request_id, because="A claim is open.", by=known.officer, now=NOW
        )
    with known.database.reading() as session:
        (asked,) = subject_requests.listed(session, by=known.ig, now=NOW)
    assert asked.request.refused_because == "A claim is open."
    assert asked.name == f"{MINE} {MINE}son"


def test_mutant_what_is_not_blanked_is_found(
    known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shows that the search for words above looks at the control: with it off, it finds them."""
    monkeypatch.setattr(subject_erasing, "BLANKED", ())
    known.leave()
    agree(known, ask(known))
    assert MINE in everything(known.database)


def test_mutant_whoever_else_was_concerned_would_be_in_the_file(
    known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for the file: stored details name an officer, and only the rule leaves them out."""
    monkeypatch.setattr(subject_document, "_names_others", lambda _key: False)
    file = exported(known)["parts"]["subject-file.json"].decode()
    assert str(known.officer.account_id) in file

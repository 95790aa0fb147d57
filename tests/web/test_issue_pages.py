"""The issuing office on its pages: one person, two officers, a batch, a queue."""

import io
import re
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from passport.actions.signing import credential_life
from passport.actors import AccessRole as R
from passport.actors import job
from passport.model.credential_types import HolderRejection
from passport.model.credentials import (
    Credential,
    CredentialState,
    IdentityCheck,
    IssueBatch,
    PersonPhoto,
)
from passport.model.facts import FactKind
from passport.model.people import Person
from tests.support import build
from tests.support.desk import Desk, Staff, a_desk
from tests.support.personnel import rows

S = CredentialState
CHECK = {
    "route": "FACE_TO_FACE",
    "documents": ["PASSPORT", "UTILITY_BILL", "COUNCIL_TAX"],
    "checked_on": "2026-08-01",
}


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def officer(desk: Desk) -> Staff:
    return desk.person(R.HR_OFFICER)


@pytest.fixture
def second(desk: Desk) -> Staff:
    return desk.person(R.HR_OFFICER, name="Sam Reed")


def a_nurse(desk: Desk, **fields: object) -> Person:
    def make(session: Session) -> Person:
        person, _post = build.a_nurse(session, desk.trust, papers=False, **fields)
        build.a_nurses_papers(
            session, person, source="register_file", without=[FactKind.RIGHT_TO_WORK]
        )
        return person

    found: Person = desk.do(make)
    return found


def desk_of(member: Staff) -> Desk:
    return member.site  # type: ignore[return-value]


def page_of(person: Person) -> str:
    return f"/passports/people/{person.id}"


def undrawn(member: Staff, action: str, **fields: object) -> TestResponse:
    """A form sent that the page does not draw."""
    found = re.findall(r'name="csrf_token" value="([^"]+)"', member.get("/account").text)
    return member.post(action, {"csrf_token": found[0], **fields})


def seen(officer: Staff, second: Staff, person: Person) -> None:
    """The person's identity, checked by two officers."""
    assert officer.fill(f"{page_of(person)}/identity", **CHECK).status_code == 303
    check = rows(desk_of(second), IdentityCheck)[-1]
    answer = second.fill(page_of(person), f"{page_of(person)}/identity/{check.id}", answer="agree")
    assert answer.status_code == 303, answer.text


def issued(officer: Staff, person: Person) -> dict[str, Credential]:
    shown = officer.get(page_of(person)).text
    types = re.findall(r'name="types"[^>]*value="([a-z_]+)"', shown)
    sent = officer.fill(page_of(person), f"{page_of(person)}/issue", types=types)
    assert sent.status_code == 303, sent.text
    return {one.type: one for one in rows(desk_of(officer), Credential)}


def test_two_officers_check_a_nurse_and_issue_all_that_is_on_record(
    desk: Desk, officer: Staff, second: Staff
) -> None:
    nurse = a_nurse(desk)
    before = officer.get(page_of(nurse)).text
    assert "No identity check" in before
    assert "Registered nurse" in before
    seen(officer, second, nurse)
    made = issued(officer, nurse)
    assert set(made) == {
        "identity", "professional_registration", "training_award", "dbs_outcome",
        "employment_assignment",
    }  # fmt: skip
    after = officer.get(page_of(nurse)).text
    for words in ("Waits for the holder", "Two officers", "nothing to issue", "RX9, in person"):
        assert words in after
    assert "waits for the holder" in officer.get("/passports").text


def test_the_first_officer_cannot_be_the_second(desk: Desk, officer: Staff) -> None:
    nurse = a_nurse(desk)
    officer.fill(f"{page_of(nurse)}/identity", **CHECK)
    assert "Somebody else has to agree" in officer.get(page_of(nurse)).text
    (check,) = rows(desk, IdentityCheck)
    refused = undrawn(officer, f"{page_of(nurse)}/identity/{check.id}", answer="agree")
    assert refused.status_code == 409
    assert "somebody else" in refused.text


def test_a_check_that_cannot_be_right_keeps_what_was_typed(desk: Desk, officer: Staff) -> None:
    page = f"{page_of(a_nurse(desk))}/identity"
    answer = officer.fill(page, **{**CHECK, "documents": ["PASSPORT"], "checked_by": "Yoti"})
    assert answer.status_code == 422
    assert "3 at least" in answer.text
    assert 'value="PASSPORT" checked' in re.sub(r"\s+", " ", answer.text)
    assert 'value="Yoti"' in answer.text
    assert rows(desk, IdentityCheck) == []


def test_a_credential_is_withdrawn_suspended_reinstated_and_revoked(
    desk: Desk, officer: Staff, second: Staff
) -> None:
    nurse = a_nurse(desk)
    seen(officer, second, nurse)
    made = issued(officer, nurse)
    one, other = made["dbs_outcome"], made["employment_assignment"]
    assert do(officer, one, "withdraw", "issued_in_error") is S.WITHDRAWN
    desk.do(lambda s: credential_life.accept(
        s, credential_id=other.id, by=job(), now=datetime(2026, 11, 1, tzinfo=UTC)
    ))  # fmt: skip
    assert do(officer, other, "suspend", "not_currently_available") is S.SUSPENDED
    assert "Not currently available" in officer.get(page_of(nurse)).text
    assert do(officer, other, "reinstate", "not_currently_available") is S.HELD
    assert do(officer, other, "revoke", "no_longer_valid") is S.REVOKED


def do(officer: Staff, one: Credential, verb: str, reason: str) -> CredentialState:
    page = f"/passports/credentials/{one.id}/{verb}"
    without = officer.fill(page)
    assert without.status_code == 422
    assert "Choose one of the list" in without.text
    assert officer.fill(page, reason=reason).status_code == 303
    state: CredentialState = desk_of(officer).do(lambda s: s.get(Credential, one.id).state)
    return state


def test_nothing_ticked_is_said(desk: Desk, officer: Staff, second: Staff) -> None:
    nurse = a_nurse(desk)
    seen(officer, second, nurse)
    answer = officer.fill(page_of(nurse), f"{page_of(nurse)}/issue")
    assert answer.status_code == 422
    assert "Tick what to issue" in answer.text


def test_a_photo_is_kept_sealed_and_shown_to_the_office_alone(
    desk: Desk, officer: Staff, second: Staff
) -> None:
    nurse = a_nurse(desk)
    page = f"{page_of(nurse)}/photo"
    wrong = officer.fill(page, photo=(io.BytesIO(b"<svg/>"), "me.svg"))
    assert wrong.status_code == 422
    assert "not a JPEG" in wrong.text
    picture = io.BytesIO()
    Image.new("RGB", (600, 800), (90, 120, 150)).save(picture, "PNG")
    picture.seek(0)
    assert officer.fill(page, photo=(picture, "me.png")).status_code == 303
    (kept,) = rows_of_photos(desk)
    assert not kept.sealed_photo.startswith(b"\xff\xd8")
    shown = officer.get(f"{page_of(nurse)}/photo.jpg")
    assert (shown.mimetype, shown.headers["Cache-Control"]) == ("image/jpeg", "private, no-store")
    seen(officer, second, nurse)
    assert issued(officer, nurse)["identity"].claims["photo"].startswith("data:image/jpeg;base64,")
    assert desk.person(R.WORKER).get(f"{page_of(nurse)}/photo.jpg").status_code == 403
    assert officer.get(f"{page_of(a_nurse(desk))}/photo.jpg").status_code == 204


def rows_of_photos(desk: Desk) -> list[PersonPhoto]:
    found: list[PersonPhoto] = desk.do(lambda s: list(s.query(PersonPhoto)))
    return found


def test_a_batch_is_drawn_opened_approved_and_issued(
    desk: Desk, officer: Staff, second: Staff
) -> None:
    nurses = [a_nurse(desk, given_name=f"Nurse{n}") for n in range(3)]
    for nurse in nurses[:2]:
        seen(officer, second, nurse)
    drawn = officer.fill("/passports/batches", types=["identity", "training_award"])
    assert drawn.status_code == 303, drawn.text
    (batch,) = rows(desk, IssueBatch)
    page = f"/passports/batches/{batch.id}"
    shown = officer.get(page).text
    assert "No identity check on record" in shown
    assert "I looked" not in shown, "whoever drew it does not open the sample"
    early = undrawn(officer, f"{page}/approve")
    assert early.status_code == 409
    assert "not opened yet" in early.text
    for person in batch.sample:
        assert second.fill(page, f"{page}/open", person=person).status_code == 303
    assert second.fill(page, f"{page}/approve").status_code == 409
    assert officer.fill(page, f"{page}/approve").status_code == 303
    for _ in range(2):
        assert officer.fill(page, f"{page}/issue").status_code == 303
    made = rows(desk, Credential)
    assert {one.person_id for one in made} == {one.id for one in nurses[:2]}
    assert {one.type for one in made} == {"identity", "training_award"}
    assert "Issued" in officer.get("/passports/batches").text


def test_what_does_not_match_is_shown_with_both_sides(
    desk: Desk, officer: Staff, second: Staff
) -> None:
    nurse = a_nurse(desk, given_name="Ada", family_name="Okafor")
    assert "Everything matches" in officer.get("/passports/queue").text
    seen(officer, second, nurse)
    made = issued(officer, nurse)
    holder = build.as_worker(nurse)

    def happens(session: Session) -> None:
        credential_life.reject(
            session, credential_id=made["dbs_outcome"].id, reason=HolderRejection.INCORRECT,
            by=holder, now=datetime(2026, 11, 1, tzinfo=UTC),
        )  # fmt: skip
        person = session.get_one(Person, nurse.id)
        person.family_name, person.date_of_birth = "Shah", date(1990, 5, 7)

    desk.do(happens)
    for page in ("/passports/queue", page_of(nurse)):
        shown = officer.get(page).text
        for words in ("Ada Shah", "Ada Okafor", "1990-05-07", "1990-05-17", "not correct"):
            assert words in shown, (page, words)
    resolve = f"/passports/credentials/{made['dbs_outcome'].id}/resolve"
    assert officer.fill(resolve).status_code == 303
    assert "not correct" not in officer.get("/passports/queue").text


def test_somebody_who_has_died_is_written_to_no_more(
    desk: Desk, officer: Staff, second: Staff
) -> None:
    nurse = a_nurse(desk)
    seen(officer, second, nurse)
    issued(officer, nurse)
    assert officer.fill(f"{page_of(nurse)}/died").status_code == 303
    assert {one.state for one in rows(desk, Credential)} == {S.WITHDRAWN}


def test_another_organisations_people_are_not_found(desk: Desk, officer: Staff) -> None:
    def elsewhere(session: Session) -> UUID:
        person, _ = build.a_nurse(session, build.an_organisation(session))
        return person.id

    person_id = desk.do(elsewhere)
    for page in ("", "/photo", "/identity", "/died", "/photo.jpg"):
        assert officer.get(f"/passports/people/{person_id}{page}").status_code == 404


def test_an_auditor_reads_and_does_nothing(desk: Desk) -> None:
    nurse, auditor = a_nurse(desk), desk.person(R.AUDITOR)
    shown = auditor.get(page_of(nurse))
    assert shown.status_code == 200
    assert "Check who they are" not in shown.text
    answer = undrawn(auditor, f"{page_of(nurse)}/issue", types=["identity"])
    assert answer.status_code == 403

"""A passport shown at the clearance desk: whose it is, and what opens a clearance."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_desk
from bankhub.actions.clearances.clearance_desk import GOOD_FOR, PURPOSE, Shown, Work
from bankhub.model.agreement_terms import Instrument
from bankhub.model.vocabulary import Grade
from passport.actions.signing import credential_life
from passport.actions.verifying import desk, verdicts
from passport.actors import AccessRole, Actor, job, operator
from passport.db import Database
from passport.errors import Forbidden, NotFound, Refused
from passport.model.credential_types import Suspension
from passport.model.credentials import Credential
from passport.model.presentations import Channel, PresentationRequest, VerdictRecord
from passport.model.purposes import purposes_on
from tests.support import build, sharing
from tests.support.build_people import kept
from tests.support.issuing import BASE, NOW, VAULT
from tests.support.showing_desk import Pair, two_that_share

R = AccessRole
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def a_pair(session: Session, **terms: Any) -> Pair:
    return two_that_share(session, vault=VAULT, base=BASE, now=NOW, **terms)


def scanned(
    session: Session, pair: Pair, text: str, *, by: Actor | None = None, now: Any = NOW
) -> Shown:
    return clearance_desk.scan(
        session, text=text, checker="Olu Adeyemi", vault=VAULT, where=pair.where,
        by=by or pair.officer(), now=now, real=now,
    )  # fmt: skip


def showing(session: Session, pair: Pair, verdict_id: UUID, **changes: Any) -> Work:
    asked: dict[str, Any] = {
        "role": "rn_adult", "grade": Grade.BAND_5, "by": pair.officer(), "now": NOW, "real": NOW,
    }  # fmt: skip
    return clearance_desk.showing(session, verdict_id=verdict_id, **asked | changes)[1]


def why(refused: Any) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_the_code_on_a_phone_says_whose_it_is_and_what_is_covered(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        shown = scanned(session, pair, pair.code(session, NOW))
        assert (shown.name, shown.own, shown.may_clear) == ("Ada Okafor", False, True)
        assert shown.home is not None
        assert shown.home.id == pair.home.id
        assert [one["code"] for one in shown.reasons] == ["check_photo_id"]
        (work,) = shown.works
        assert (work.role, work.grade, work.clearance_id) == ("rn_adult", Grade.BAND_5, None)
        assert work.agreements == (pair.agreement.named,)
        assert work.instruments == (Instrument.BANK_ASSIGNMENT,)
        kept = session.get_one(VerdictRecord, shown.verdict_id)
        assert (kept.purpose, kept.channel) == (PURPOSE, Channel.GATE)
        assert (kept.person_id, kept.organisation_id) == (pair.nurse.id, pair.host.id)
        assert showing(session, pair, shown.verdict_id) == work


def test_the_same_code_opens_nothing_a_second_time(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        text = pair.code(session, NOW)
        assert scanned(session, pair, text).may_clear
        again = scanned(session, pair, text)
        assert (again.outcome, again.may_clear, again.works) == ("red", False, ())
        with pytest.raises(Refused) as refused:
            showing(session, pair, again.verdict_id)
        assert why(refused) == ["not_shown"]


def test_what_was_held_back_opens_nothing(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        text = pair.code(session, NOW)
        one = session.scalars(
            sa.select(Credential).where(
                Credential.person_id == pair.nurse.id,
                Credential.type == "professional_registration",
            )
        ).one()
        credential_life.suspend(
            session, credential_id=one.id, reason=Suspension.REGISTER_ENTRY_CHANGED, by=job(),
            now=NOW,
        )  # fmt: skip
        pair.publish(session, NOW)
        shown = scanned(session, pair, text)
        assert (shown.outcome, shown.works) == ("red", ())
        assert "suspended" in [one["code"] for one in shown.reasons]
        with pytest.raises(Refused) as refused:
            showing(session, pair, shown.verdict_id)
        assert why(refused) == ["not_shown"]


def test_anything_else_that_is_typed_is_no_passport(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        for text in ("hello", "SP1:", "https://example.org/", "SP1:" + "A" * 5000):
            shown = scanned(session, pair, text)
            assert (shown.outcome, shown.home, shown.may_clear) == ("red", None, False), text


def test_own_staff_have_nothing_to_clear(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        by = build.an_actor(pair.home, R.HR_OFFICER)
        shown = scanned(session, pair, pair.code(session, NOW), by=by)
        assert (shown.outcome, shown.own, shown.may_clear) == ("amber", True, False)


COVERED: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "her own post": ({}, [("rn_adult", "band_5")]),
    "another grade": ({"scope": [{"staff_group": "nursing_midwifery", "grades": ["band_6"]}]}, []),
    "another staff group": ({"scope": [{"staff_group": "hca", "grades": ["band_5"]}]}, []),
    "her role is left out": ({"excluded_roles": ["rn_adult"]}, []),
    "not begun": ({"starts_on": "2026-12-01"}, []),
    "over": ({"ends_on": "2026-11-01"}, []),
}


@pytest.mark.parametrize("name", COVERED)
def test_only_what_an_agreement_covers_is_offered(name: str, sqlite_database: Database) -> None:
    terms, expected = COVERED[name]
    with sqlite_database.transaction() as session:
        pair = a_pair(session, **terms)
        shown = scanned(session, pair, pair.code(session, NOW))
        assert [(one.role, one.grade.value) for one in shown.works] == expected
        assert shown.may_clear is bool(expected)
        if not expected:
            with pytest.raises(Refused) as refused:
                showing(session, pair, shown.verdict_id)
            assert why(refused) == ["not_covered"]


def test_what_she_may_also_be_booked_as_comes_after_her_own(sqlite_database: Database) -> None:
    grades = ["band_5", "band_6"]
    with sqlite_database.transaction() as session:
        pair = a_pair(session, scope=[{"staff_group": "nursing_midwifery", "grades": grades}])
        pair.post.entitlements = [["rn_adult", "band_6"], ["rn_child", "band_7"]]
        build.an_event(session, pair.home.id)
        shown = scanned(session, pair, pair.code(session, NOW))
        assert [one.grade.value for one in shown.works] == grades


def test_a_post_that_ended_is_not_offered(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        pair.post.ends_on = NOW.date() - timedelta(days=1)
        build.an_event(session, pair.home.id)
        assert scanned(session, pair, pair.code(session, NOW)).works == ()


def test_who_is_cleared_already_is_decided_again(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        row = sharing.a_clearance(session, pair.agreement, pair.nurse, pair.host)
        (work,) = scanned(session, pair, pair.code(session, NOW)).works
        assert work.clearance_id == row.id


def test_a_showing_opens_for_an_hour(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        shown = scanned(session, pair, pair.code(session, NOW))
        assert showing(session, pair, shown.verdict_id, real=NOW + GOOD_FOR)
        with pytest.raises(Refused) as refused:
            showing(session, pair, shown.verdict_id, real=NOW + GOOD_FOR + SECOND)
        assert why(refused) == ["not_shown"]


def test_what_was_shown_by_link_opens_for_as_long_as_it_is_kept(sqlite_database: Database) -> None:
    days = purposes_on(NOW.date())[PURPOSE].kept
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        shown = scanned(session, pair, pair.code(session, NOW))
        session.get_one(VerdictRecord, shown.verdict_id).channel = Channel.ONLINE
        assert showing(session, pair, shown.verdict_id, real=NOW + days)
        with pytest.raises(Refused) as refused:
            showing(session, pair, shown.verdict_id, real=NOW + days + SECOND)
        assert why(refused) == ["not_shown"]


def requests(session: Session, pair: Pair, count: int) -> list[PresentationRequest]:
    """So many sent by link at one moment."""
    return [
        kept(
            session,
            PresentationRequest(
                organisation_id=pair.host.id, purpose=PURPOSE, asked={"credentials": []},
                basis="Agreement", made_at=NOW, expires_at=NOW + 72 * HOUR, nonce=f"n{number}",
                state_hash=f"s{number}", response_mode="direct_post",
            ),
            pair.host.id,
        )
        for number in range(count)
    ]  # fmt: skip


def listed(
    session: Session, pair: Pair, real: datetime = NOW, by: Actor | None = None
) -> set[UUID]:
    found = clearance_desk.asked_by_link(session, by=by or pair.officer(), real=real)
    return {one.request_id for one in found}


def test_who_was_asked_by_link_stays_listed_until_it_is_dealt_with(
    sqlite_database: Database,
) -> None:
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        waiting, answered, turned_away = requests(session, pair, 3)
        showings = [scanned(session, pair, pair.code(session, NOW + SECOND * n)) for n in range(2)]
        for request, shown in zip((answered, turned_away), showings, strict=True):
            record = session.get_one(VerdictRecord, shown.verdict_id)
            record.channel, record.request_id = Channel.ONLINE, request.id
            request.answered_at = NOW
        record.decision = clearance_desk.TURNED_AWAY
        assert listed(session, pair) == {waiting.id, answered.id}
        assert listed(session, pair, NOW + 73 * HOUR) == set()
        clearance_desk.clear(
            session, verdict_id=showings[0].verdict_id, role="rn_adult", grade=Grade.BAND_5,
            instrument=None, by=pair.officer(), now=NOW, real=NOW,
        )  # fmt: skip
        assert listed(session, pair) == {waiting.id}


def test_who_was_asked_by_link_is_read_by_the_desk_that_asked(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        (one,) = requests(session, pair, 1)
        third = build.an_organisation(session, ods_code="RX9", name="Cedar NHS Trust")
        assert listed(session, pair, by=build.an_actor(third, R.HR_OFFICER)) == set()
        with pytest.raises(Forbidden):
            listed(session, pair, by=pair.officer(R.WARD_REQUESTER))
        before_the_purpose = datetime(2026, 9, 1, tzinfo=UTC)
        assert listed(session, pair, before_the_purpose) == {one.id}


def test_a_check_at_a_ward_door_opens_nothing(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        kept, judged = verdicts.check(
            session, text=pair.code(session, NOW), challenge=None, checker="Ward",
            where=pair.where, by=pair.officer(R.VERIFIER), now=NOW,
        )  # fmt: skip
        assert judged.verdict.name
        assert kept.person_id == pair.nurse.id
        with pytest.raises(Refused) as refused:
            showing(session, pair, kept.id)
        assert why(refused) == ["not_shown"]


def test_another_organisations_check_is_not_found(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        third = build.an_organisation(session, ods_code="RX9", name="Cedar NHS Trust")
        shown = scanned(session, pair, pair.code(session, NOW))
        with pytest.raises(NotFound):
            showing(session, pair, shown.verdict_id, by=build.an_actor(third, R.HR_OFFICER))


@pytest.mark.parametrize("role", [R.WORKER, R.WARD_REQUESTER, R.ROTA_COORDINATOR, R.AUDITOR])
def test_the_desk_is_for_those_who_may_clear(role: AccessRole, sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        with pytest.raises(Forbidden):
            scanned(session, pair, pair.code(session, NOW), by=pair.officer(role))


def test_a_printed_code_leads_to_the_record_and_opens(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        pair = a_pair(session)
        pair.code(session, NOW)
        _, _, code = desk.print_pointer(
            session, person_id=pair.nurse.id, by=operator(pair.home.id), now=NOW
        )
        account = build.an_account(session)
        by = pair.officer(account=account)
        shown = scanned(session, pair, f"{BASE}/desk/{code}", by=by)
        assert (shown.name, shown.outcome, shown.may_clear) == ("Ada Okafor", "amber", True)
        assert scanned(session, pair, code.lower(), by=by).verdict_id == shown.verdict_id
        assert showing(session, pair, shown.verdict_id, by=by)
        with pytest.raises(NotFound):
            scanned(session, pair, "22222222", by=by)

"""The clearance desk's pages: what is typed wrong, sent twice or by somebody else, and that nothing
that was shown stays in the host's rows."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.model.clearance_values import Item, ItemState, item_json
from bankhub.model.clearances import (
    Clearance,
    ClearanceBypass,
    ClearanceState,
    ClearanceSupervision,
    HostRegisterCheck,
)
from passport.db import Base, Database
from passport.model.credentials import Credential
from passport.model.presentations import VerdictRecord
from tests.support.access_web import Clock, Site, Visitor, actions_on, hidden_fields
from tests.support.build_people import kept
from tests.support.sharing_trusts import Sharing, SomeoneSignedIn, sharing_trusts
from tests.support.wallet_house import now

OF_THE_PERSON = {"person"}
"""Tables that hold her name by right: her own organisation's record."""


@pytest.fixture
def sharing(sqlite_database: Database) -> Iterator[Sharing]:
    with sharing_trusts(sqlite_database) as made:
        yield made


def browser_of(sharing: Sharing, who: SomeoneSignedIn) -> Visitor:
    app = sharing.house.app
    made = Visitor(Site(app, Clock(), sharing.house.database), app.test_client(), {})
    made.client.set_cookie("bankhub", who.token, domain="localhost")
    return made


def code_of(sharing: Sharing) -> str:
    with sharing.house.database.transaction() as session:
        session.add(sharing.pair.nurse)
        sharing.pair.base = sharing.house.base
        return sharing.pair.code(session, now())


def scan(desk: Visitor, text: str) -> Any:
    return desk.fill("/clearances", "/clearances/scan", text=text)


def answers(page: str) -> dict[str, str]:
    """The hidden fields of the form that clears."""
    return hidden_fields(page, "/clearances")


def rows(sharing: Sharing, kind: type[Any]) -> list[Any]:
    with sharing.house.database.reading() as session:
        return list(session.scalars(sa.select(kind)))


NO_CODE = {"nothing": "", "spaces": "   ", "a story": "A" * 8001, "leads nowhere": "22222222"}


@pytest.mark.parametrize("name", NO_CODE)
def test_what_is_no_code_is_said_at_the_field(name: str, sharing: Sharing) -> None:
    answer = scan(browser_of(sharing, sharing.officer), NO_CODE[name])
    assert answer.status_code == 422
    assert re.search(r'href="#text"', answer.text)


@pytest.mark.parametrize("text", ["hello", "SP1:", "SP1:%%%", "\u2603" * 50, "<script>"])
def test_what_is_no_passport_opens_nothing(text: str, sharing: Sharing) -> None:
    answer = scan(browser_of(sharing, sharing.officer), text)
    assert answer.status_code == 200
    assert "Nothing is decided on what cannot be confirmed." in answer.text
    assert "Yes: clear" not in answer.text
    assert "<script>" not in answer.text


def test_from_the_code_to_cleared_and_what_stays(sharing: Sharing) -> None:
    desk = browser_of(sharing, sharing.officer)
    page = scan(desk, code_of(sharing))
    assert "Ada Okafor" in page.text
    fields = answers(page.text)
    sent = {**fields, "idempotency_key": "11111111-1111-4111-8111-111111111111"}
    first, second = (desk.post("/clearances", sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    (row,) = rows(sharing, Clearance)
    where = f"/clearances/{row.id}"
    assert row.state is ClearanceState.NOT_CLEARED
    wrong = desk.fill(where, f"{where}/register", status="perhaps")
    assert wrong.status_code == 422
    future = desk.fill(where, f"{where}/register", status="registered", valid_until="soon")
    assert future.status_code == 422
    assert desk.fill(where, f"{where}/register", status="registered").status_code == 303
    (row,) = rows(sharing, Clearance)
    assert row.state is ClearanceState.CLEARED
    (check,) = rows(sharing, HostRegisterCheck)
    assert (check.status, check.source) == ("registered", "by_hand")
    assert keeps(sharing, "Okafor") <= OF_THE_PERSON


def keeps(sharing: Sharing, word: str) -> set[str]:
    """Tables in which the word stands, beside those of credentials at home."""
    found = set()
    with sharing.house.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            if word in repr(session.execute(sa.select(table)).all()):
                found.add(table.name)
    return found - {"credential", "credential_copy"}


WRONG: dict[str, tuple[dict[str, str], int]] = {
    "another role": ({"role": "rn_child"}, 409),
    "no role": ({"role": ""}, 409),
    "another grade": ({"grade": "band_7"}, 409),
    "no grade": ({"grade": "captain"}, 422),
    "another instrument": ({"instrument": "secondment"}, 409),
    "no instrument": ({"instrument": "a handshake"}, 422),
    "no check": ({"verdict_id": "x"}, 404),
    "nobody's check": ({"verdict_id": "01990000-0000-7000-8000-000000000000"}, 404),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_was_not_offered_opens_nothing(name: str, sharing: Sharing) -> None:
    changed, status = WRONG[name]
    desk = browser_of(sharing, sharing.officer)
    fields = answers(scan(desk, code_of(sharing)).text)
    assert desk.post("/clearances", {**fields, **changed}).status_code == status
    assert rows(sharing, Clearance) == []


def test_whoever_is_turned_away_is_not_cleared_by_it_twice(sharing: Sharing) -> None:
    desk = browser_of(sharing, sharing.officer)
    page = scan(desk, code_of(sharing)).text
    fields = hidden_fields(page, "/clearances/not-them")
    assert desk.post("/clearances/not-them", fields).status_code == 303
    (kept,) = rows(sharing, VerdictRecord)
    assert kept.decision == "turned_away"
    again = desk.post("/clearances", answers(page))
    assert (again.status_code, rows(sharing, Clearance)) == (409, [])


def test_the_nurse_ends_it_herself(sharing: Sharing) -> None:
    desk, hers = (browser_of(sharing, one) for one in (sharing.officer, sharing.nurse))
    assert "Not shown yet" in hers.get("/where-can-i-work").text
    desk.post("/clearances", answers(scan(desk, code_of(sharing)).text))
    (row,) = rows(sharing, Clearance)
    where = f"/where-can-i-work/{row.id}"
    assert "Birch NHS Trust" in hers.get(where).text
    assert hers.fill(where, f"{where}/end").status_code == 303
    (row,) = rows(sharing, Clearance)
    assert (row.state, row.ended_because) == (ClearanceState.ENDED, "own_wish")
    assert "Show your passport there once" in hers.get("/where-can-i-work").text


def at_the_checklist(sharing: Sharing) -> tuple[Visitor, str]:
    desk = browser_of(sharing, sharing.officer)
    desk.post("/clearances", answers(scan(desk, code_of(sharing)).text))
    (row,) = rows(sharing, Clearance)
    return desk, f"/clearances/{row.id}"


def test_the_look_up_names_the_regulator_and_where_to_search(sharing: Sharing) -> None:
    desk, where = at_the_checklist(sharing)
    page = desk.get(where).text
    assert "Nursing and Midwifery Council" in page
    (link,) = re.findall(r"<a [^>]*data-register-search[^>]*>", page)
    assert 'href="https://www.nmc.org.uk/' in link
    assert 'rel="noopener noreferrer"' in link
    desk.fill(where, f"{where}/register", status="registered")
    again = desk.get(where).text
    assert "Look the number up again" in again
    assert desk.fill(where, f"{where}/register", status="suspended").status_code == 303
    (row,) = rows(sharing, Clearance)
    assert row.state is ClearanceState.NOT_CLEARED


def test_a_mistake_beside_the_register_stands_where_it_was_typed(sharing: Sharing) -> None:
    desk, where = at_the_checklist(sharing)
    wrong = desk.fill(where, f"{where}/register", status="lapsed", valid_until="2099-01-01")
    assert wrong.status_code == 422
    assert "within 10 years" in wrong.text
    [form] = re.findall(
        r"<details[^>]*><summary>It says something else.*?</details>", wrong.text, re.S
    )
    assert form.startswith('<details class="details" open>')
    assert 'value="2099-01-01"' in form
    assert re.search(r'<option value="lapsed"[^>]*selected', form)


def test_a_look_at_a_number_that_changed_meanwhile_is_not_put_down(sharing: Sharing) -> None:
    desk, where = at_the_checklist(sharing)
    with sharing.house.database.transaction() as session:
        (said,) = session.scalars(
            sa.select(Credential).where(Credential.type == "professional_registration")
        )
        kept(session, said, said.organisation_id)
        old, said.claims = said.claims["number"], {**said.claims, "number": "99B9999E"}
    assert desk.fill(
        where, f"{where}/register", status="registered", number=old
    ).status_code == 409  # fmt: skip
    assert rows(sharing, HostRegisterCheck) == []
    assert desk.fill(where, f"{where}/register", status="registered").status_code == 303


SOON = (now() + timedelta(days=20)).date().isoformat()
GROUNDS = ["restriction_read", "fits_role", "supervision_arranged"]
ASKED_WRONG: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no grounds": {"until_on": SOON},
    "no such ground": {"grounds": [*GROUNDS, "a hunch"], "until_on": SOON},
    "not read": {"grounds": GROUNDS[1:], "until_on": SOON},
    "no day": {"grounds": GROUNDS, "until_on": "soon"},
    "too far": {"grounds": GROUNDS, "until_on": "2099-01-01"},
}


@pytest.mark.parametrize("name", ASKED_WRONG)
def test_supervised_work_is_asked_for_with_what_was_found_and_a_day(
    name: str, sharing: Sharing
) -> None:
    desk, where = at_the_checklist(sharing)
    desk.fill(where, f"{where}/register", status="conditions")
    answer = desk.fill(f"{where}/supervised", f"{where}/supervised", **ASKED_WRONG[name])
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert rows(sharing, ClearanceSupervision) == []


def test_two_people_let_somebody_work_supervised(sharing: Sharing) -> None:
    desk, where = at_the_checklist(sharing)
    second = browser_of(sharing, sharing.second)
    assert "May they work supervised?" not in desk.get(where).text
    desk.fill(where, f"{where}/register", status="interim_conditions")
    assert "May they work supervised?" in desk.get(where).text
    ask = f"{where}/supervised"
    assert "interim conditions, as looked up here" in desk.get(ask).text
    assert desk.fill(ask, ask, grounds=GROUNDS, until_on=SOON).status_code == 303
    (asked,) = rows(sharing, ClearanceSupervision)
    waiting = desk.get(where).text
    assert "May they work supervised?" not in waiting
    assert "Asked for by Olu Adeyemi" in waiting
    on = f"/clearances/supervisions/{asked.id}"
    assert f"{on}/grant" not in actions_on(waiting), "nobody is offered what they may not do"
    assert desk.post(f"{on}/grant", hidden_fields(waiting, f"{on}/end")).status_code == 409
    assert second.fill(where, f"{on}/grant").status_code == 303
    page = html.unescape(desk.get(where).text)
    assert "Left for arrival: Supervised only" in page
    assert "Granted by Carys Bevan" in page
    hers = browser_of(sharing, sharing.nurse).get(where.replace("/clearances", WHERE)).text
    assert "Supervised only" in hers
    assert "interim" not in hers.lower()
    assert desk.fill(where, f"{on}/end").status_code == 303
    (row,) = rows(sharing, Clearance)
    assert row.state is ClearanceState.NOT_CLEARED
    assert desk.fill(where, f"{where}/register", status="registered").status_code == 303
    assert desk.get(ask).status_code == 303


def set_aside(sharing: Sharing, **fields: Any) -> None:
    """The award that is missing is asked for, or granted, or ended."""
    with sharing.house.database.transaction() as session:
        (row,) = session.scalars(sa.select(Clearance))
        item = Item("dbs", "DBS check", ItemState.MISSING, act="Ask for one")
        row.items = [*(one for one in row.items if one["code"] != "dbs"), item_json(item)]
        said = {"because": "It is under way.", "until_on": now().date(), **fields}
        made = ClearanceBypass(
            clearance_id=row.id, organisation_id=row.host_id, item="dbs", asked_at=now(), **said
        )
        session.execute(sa.delete(ClearanceBypass))
        kept(session, made, row.host_id)


PAST = (now() - timedelta(days=2)).date()
STANDINGS: dict[str, tuple[dict[str, Any], str, bool, bool]] = {
    "waiting": ({}, "Waiting for a second person.", False, True),
    "granted": ({"granted_at": now()}, "Granted.", False, True),
    "its day passed": ({"granted_at": now(), "until_on": PAST}, "Its day has passed.", True, False),
    "never decided": ({"until_on": PAST}, "passed before it was decided", True, False),
    "refused": ({"refused_at": now()}, "Refused.", True, False),
    "taken back": (
        {"granted_at": now(), "ended_at": now(), "ended_because": "taken_back"}, "Taken back.",
        True, False,
    ),
    "its item changed": (
        {"granted_at": now(), "ended_at": now(), "ended_because": "item_changed"},
        "before their employer changed it", True, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STANDINGS)
def test_what_was_set_aside_says_how_it_stands_and_what_can_be_done(
    name: str, sharing: Sharing
) -> None:
    fields, words, asks_anew, takes_back = STANDINGS[name]
    desk, where = at_the_checklist(sharing)
    set_aside(sharing, **fields)
    page = html.unescape(desk.get(where).text)
    assert words in page
    assert ("Set it aside for a time" in page) is asks_anew
    assert ("Take it back" in page) is takes_back


WHERE = "/where-can-i-work"

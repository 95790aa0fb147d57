"""Settings: units, rates, exemptions and the audit trail, on pages and on the API."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.model.rates import Rate
from bankhub.model.shifts import AgencyExemption
from bankhub.model.sites import Unit
from passport.actions.access import tokens
from passport.actors import AccessRole as R
from passport.actors import operator
from passport.db import new_id
from passport.events import record
from tests.support import build
from tests.support.desk import NOW, Desk, Staff, a_desk
from tests.web.test_policy_pages import FOR_ALL

RATE = {
    "grade": "band_5", "time_type": "plain", "pence_per_hour": "21.55", "from_on": "2026-10-01",
    "source": "Pay board 3", "staff_group": "",
}  # fmt: skip
EXEMPTION = {
    "staff_group": "admin_clerical", "from_on": "2026-10-01", "until_on": "2026-10-31",
    "reference": "NHS England, letter of 1 September 2026",
}  # fmt: skip


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def manager(desk: Desk) -> Staff:
    return desk.person(R.BANK_MANAGER)


def rows(desk: Desk, table: Any) -> list[Any]:
    return desk.do(lambda session: list(session.scalars(sa.select(table))))


def test_a_unit_is_edited_and_the_change_is_on_record(desk: Desk, manager: Staff) -> None:
    ward = desk.wards[0]
    page = f"/settings/units/{ward.id}"
    assert "Ward 7" in manager.get("/settings/units").text
    done = manager.fill(
        page, name="Ward 7 North", cost_centre="C71", phone="01632 960999", instant_book="no"
    )
    assert done.status_code == 303
    changed = next(unit for unit in rows(desk, Unit) if unit.id == ward.id)
    assert (changed.name, changed.cost_centre, changed.instant_book) == (
        "Ward 7 North",
        "C71",
        False,
    )
    assert "unit.changed" in manager.get("/settings/audit?kind=unit").text


def test_a_wrong_unit_entry_is_said_and_kept(desk: Desk, manager: Staff) -> None:
    page = f"/settings/units/{desk.wards[0].id}"
    refused = manager.fill(page, name="", cost_centre="C" * 41, phone="0", instant_book="yes")
    assert refused.status_code == 422
    assert "Use 40 characters at most." in refused.text
    assert "C" * 41 in refused.text


def test_anothers_unit_is_not_found_like_an_unknown_one(desk: Desk, manager: Staff) -> None:
    with desk.database.transaction() as session:
        other = build.an_organisation(session, name="Elsewhere NHS Trust")
        unit = build.a_unit(session, build.a_site(session, other), name="Ward Z")
    answers = [manager.get(f"/settings/units/{one}") for one in (unit.id, new_id())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert "Ward Z" not in manager.get("/settings/units").text


def test_own_rates_stand_over_the_national_list(desk: Desk, manager: Staff) -> None:
    before = manager.get("/settings/rates").text
    assert "You have set no rates" in before
    assert "Illustrative: not confirmed" in before
    assert manager.fill("/settings/rates/new", **RATE).status_code == 303
    (rate,) = rows(desk, Rate)
    assert (rate.pence_per_hour, rate.source) == (2155, "Pay board 3")
    page = manager.get("/settings/rates").text
    assert page.index("Pay board 3") < page.index("National list")
    manager.fill("/settings/rates/new", **(RATE | {"grade": "higher_trainee"}))
    assert "Registrar (ST3+)" in manager.get("/settings/rates").text


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("rates", ("grade", "time_type", "pence_per_hour", "from_on", "source")),
        ("agency-exemptions", ("staff_group", "from_on", "until_on", "reference")),
    ],
)
def test_every_mistake_in_a_setting_is_named_at_once(
    manager: Staff, what: str, fields: tuple[str, ...]
) -> None:
    refused = manager.fill(f"/settings/{what}/new", from_on="2062-13-01")
    for field in fields:
        assert f'href="#{field}"' in refused.text


WRONG_RATES = {
    "no amount": ({"pence_per_hour": "a lot"}, "Enter pounds"),
    "a part of a penny": ({"pence_per_hour": "21.555"}, "Enter pounds"),
    "nothing": ({"pence_per_hour": "0"}, "Enter pounds"),
    "not a number": ({"pence_per_hour": "NaN"}, "Enter pounds"),
    "more than anybody": ({"pence_per_hour": "1e9"}, "Enter pounds"),
    "no grade": ({"grade": ""}, "Choose one of the list."),
    "no source": ({"source": " "}, "Say who decided it"),
    "no day": ({"from_on": ""}, "Enter a date."),
}


@pytest.mark.parametrize(("change", "said"), WRONG_RATES.values(), ids=WRONG_RATES)
def test_a_wrong_rate_is_said_and_nothing_typed_is_lost(
    desk: Desk, manager: Staff, change: dict[str, str], said: str
) -> None:
    refused = manager.fill("/settings/rates/new", **{**RATE, **change})
    assert refused.status_code == 422
    assert said in refused.text
    kept = "Pay board 3" if "source" not in change else "21.55"
    assert kept in refused.text
    assert rows(desk, Rate) == []


def test_an_exemption_is_recorded_and_listed(desk: Desk, manager: Staff) -> None:
    assert "None on record" in manager.get("/settings/agency-exemptions").text
    assert manager.fill("/settings/agency-exemptions/new", **EXEMPTION).status_code == 303
    page = manager.get("/settings/agency-exemptions").text
    assert "letter of 1 September 2026" in page
    assert "To come" in page
    assert len(rows(desk, AgencyExemption)) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"until_on": "2026-09-30"}, "must not be before", id="ends before it begins"),
        pytest.param({"reference": ""}, "approval is written down", id="no approval named"),
        pytest.param({"staff_group": ""}, "Choose one of the list.", id="no staff group"),
    ],
)
def test_a_wrong_exemption_is_said_and_kept(
    desk: Desk, manager: Staff, change: dict[str, str], said: str
) -> None:
    refused = manager.fill("/settings/agency-exemptions/new", **{**EXEMPTION, **change})
    assert refused.status_code == 422
    assert said in refused.text
    assert 'value="2026-10-01"' in refused.text
    assert rows(desk, AgencyExemption) == []


# What was done


def happened(desk: Desk, kind: str, organisation_id: Any, **detail: Any) -> None:
    with desk.database.transaction() as session:
        by = operator(organisation_id)
        record(session, kind, subject_id=new_id(), by=by, now=NOW, **detail)


def test_the_audit_trail_is_the_own_organisations_and_tells_no_person(desk: Desk) -> None:
    with desk.database.transaction() as session:
        other = build.an_organisation(session, name="Elsewhere NHS Trust")
    happened(desk, "person.corrected", desk.trust.id, family_name="Okafor")
    happened(desk, "agency.filled", desk.trust.id, worker_name="Jo Poe", rate=3100)
    happened(desk, "booking.theirs", other.id)
    page = desk.person(R.AUDITOR).get("/settings/audit").text
    assert "person.corrected" in page
    assert "&#34;rate&#34;: 3100" in page
    for unsaid in ("Okafor", "Jo Poe", "booking.theirs"):
        assert unsaid not in page


def test_the_audit_trail_is_narrowed_by_kind_subject_and_account(desk: Desk) -> None:
    auditor = desk.person(R.AUDITOR)
    manager = desk.person(R.BANK_MANAGER)
    manager.fill("/settings/rates/new", **RATE)
    (rate,) = rows(desk, Rate)
    for narrowed in (f"subject={rate.id}", "kind=rate", f"account={manager.actor.account_id}"):
        page = auditor.get(f"/settings/audit?{narrowed}").text
        assert "rate.set" in page
        assert "test.unit" not in page
    assert auditor.get("/settings/audit?kind=ra").text.count("rate.set") == 0
    typo = auditor.get("/settings/audit?subject=somebody&kind=rate")
    assert typo.status_code == 422
    assert "Enter an identifier as it stands in the list." in typo.text
    assert 'value="somebody"' in typo.text


def test_the_audit_trail_goes_on_where_it_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bankhub.actions.governance.audit_trail.MOST_ROWS", 3)
    for number in range(7):
        happened(desk, "rate.set", desk.trust.id, number=number)
    auditor, where, seen = desk.person(R.AUDITOR), "/settings/audit?kind=rate", []
    while where:
        page = auditor.get(where).text
        seen += re.findall(r"number&#34;: (\d)", page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        where = found[1].replace("&amp;", "&") if found else ""
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


MAY: dict[str, tuple[R, dict[str, int]]] = {
    "a rota coordinator reads settings and no audit": (
        R.ROTA_COORDINATOR,
        {"/settings": 200, "/settings/units": 200, "/settings/rates": 200, "/settings/audit": 403,
         "/settings/rates/new": 403, "/settings/agency-exemptions/new": 403},
    ),
    "an auditor reads everything": (
        R.AUDITOR, {"/settings": 200, "/settings/audit": 200, "/settings/rates/new": 403},
    ),
    "an analyst reads no settings": (
        R.SYSTEM_ANALYST, {"/settings": 403, "/settings/units": 403, "/settings/audit": 403},
    ),
    "a nurse reads none": (R.WORKER, {"/settings": 403, "/settings/units": 403}),
}  # fmt: skip


@pytest.mark.parametrize(("role", "expected"), MAY.values(), ids=MAY)
def test_who_may_open_what(desk: Desk, role: R, expected: dict[str, int]) -> None:
    staff = desk.person(role)
    assert {path: staff.get(path).status_code for path in expected} == expected


# The API


def call(desk: Desk, staff: Staff, method: str, path: str, **more: Any) -> Any:
    """Through the API, with a token that is limited to what the call needs."""
    scopes = ["policy.edit", "policy.read", "rates.edit", "shifts.read", "units.edit"]

    def make(session: Any) -> str:
        return tokens.make_for(
            session,
            account_id=staff.actor.account_id,  # type: ignore[arg-type]
            name="roster",
            scopes=scopes,
            by=operator(desk.trust.id),
            now=NOW,
            days=300,
        )

    headers = {"Authorization": f"Bearer {desk.do(make)}"}
    return desk.app.test_client().open(
        f"/api/v1{path}", method=method, headers=headers, base_url="http://localhost", **more
    )


def test_the_api_lists_policies_units_and_rates(desk: Desk, manager: Staff) -> None:
    policies = call(desk, manager, "GET", "/policies").get_json()["policies"]
    assert len(policies) == 37
    assert {one["national"] for one in policies} == {True}
    units = call(desk, manager, "GET", "/units").get_json()["units"]
    assert {one["name"] for one in units} == {"Ward 7", "Ward 8", "Emergency department"}
    assert call(desk, manager, "GET", "/rates").get_json()["rates"][0]["own"] is False


def test_the_api_adopts_a_policy_and_adds_a_rate(desk: Desk, manager: Staff) -> None:
    body = {
        "kind": "cascade", "staff_group": "hca", "from_on": "2026-10-01", "source": "Paper 12",
        "values": {**FOR_ALL.values, "agency_opens_days_before": 2},
    }  # fmt: skip
    assert call(desk, manager, "POST", "/policies", json=body).status_code == 201
    on = call(desk, manager, "GET", "/policies?on=2026-10-01").get_json()["policies"]
    own = [one for one in on if not one["national"]]
    assert [(one["staff_group"], one["source"]) for one in own] == [("hca", "Paper 12")]
    rate = {**RATE, "pence_per_hour": 2155, "staff_group": None}
    assert call(desk, manager, "POST", "/rates", json=rate).status_code == 201
    assert call(desk, manager, "GET", "/rates").get_json()["rates"][0]["own"] is True


def test_the_api_refuses_an_agency_before_the_bank_with_every_reason(
    desk: Desk, manager: Staff
) -> None:
    values = {**FOR_ALL.values, "agency_opens_days_before": 30, "agency_tiers": 9}
    body = {"kind": "cascade", "from_on": "2026-10-01", "source": "Paper", "values": values}
    answer = call(desk, manager, "POST", "/policies", json=body)
    assert answer.status_code == 409
    assert [reason["code"] for reason in answer.get_json()["reasons"]] == [
        "policy_windows", "policy_agency_tiers",
    ]  # fmt: skip


def test_the_api_names_wrong_values(desk: Desk, manager: Staff) -> None:
    body = {"kind": "fill", "from_on": "2026-10-01", "source": "Paper", "values": {"x": 1}}
    answer = call(desk, manager, "POST", "/policies", json=body)
    assert answer.status_code == 422
    assert "late_withdrawal_hours" in answer.get_json()["fields"]

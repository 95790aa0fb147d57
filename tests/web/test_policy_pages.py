"""The policy editor: looked at before it is adopted, nothing typed lost, no shift moved by it."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from bankhub.actions.settings.policies import VALUE_CLASSES
from bankhub.model.policies import DatedPolicy, PolicyKind, PolicyVersion, read_values
from bankhub.model.reference import national_policies
from bankhub.model.shifts import Opening
from bankhub.model.vocabulary import Tier
from bankhub.web.settings.policy_fields import form_values, sections, shown, values_from
from passport.actors import AccessRole as R
from passport.errors import Invalid
from passport.model.accounts import SignIn
from tests.support import build
from tests.support.access_web import hidden_fields
from tests.support.desk import NOW, Desk, Staff, a_desk

CASCADE = "/settings/policy/edit?kind=cascade&staff_group=nursing_midwifery"
FILL = "/settings/policy/edit?kind=fill"
FOR_ALL = next(v for v in national_policies(PolicyKind.CASCADE) if v.staff_group is None)


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def manager(desk: Desk) -> Staff:
    return desk.person(R.BANK_MANAGER)


def as_sent(values: dict[str, Any]) -> MultiDict[str, str]:
    """Fields as a browser sends them: empty lists of boxes not at all."""
    return MultiDict(
        (name, one)
        for name, value in values.items()
        for one in (value if isinstance(value, list) else [value])
    )


def typed(kind: PolicyKind = PolicyKind.CASCADE, **changes: Any) -> dict[str, Any]:
    """The form of the national version for all staff, but for the changes."""
    version = next(v for v in national_policies(kind) if v.staff_group is None)
    fields = form_values(VALUE_CLASSES[kind], version.values)
    return {
        **fields, "from_on": "2026-09-07", "source": "Board paper 12", "for": "group", **changes,
    }  # fmt: skip


def send(staff: Staff, page: str, fields: dict[str, Any], do: str, shown_before: str = "") -> Any:
    """The form sent with one of its buttons, with the hidden fields of the page it stood on."""
    text = shown_before or staff.get(page).text
    return staff.post(page, {**hidden_fields(text, "/settings/policy/edit"), **fields, "do": do})


def adopted(desk: Desk) -> list[DatedPolicy]:
    return desk.do(lambda session: list(session.scalars(sa.select(DatedPolicy))))


VERSIONS = [(kind, version) for kind in PolicyKind for version in national_policies(kind)]


@pytest.mark.parametrize(("kind", "version"), VERSIONS)
def test_every_shipped_version_comes_back_from_its_form_as_it_was(
    kind: PolicyKind, version: PolicyVersion
) -> None:
    into = VALUE_CLASSES[kind]
    back = values_from(into, as_sent(form_values(into, version.values)))
    assert read_values(into, back) == read_values(into, version.values)
    assert shown(into, version.values)
    assert sections(into, version.values)


def test_the_policy_in_force_is_named_with_its_source_and_as_illustrative(manager: Staff) -> None:
    index = manager.get("/settings/policy").text
    assert "Bank before agency" in index
    assert "Illustrative: not confirmed" in index
    page = manager.get("/settings/policy/version?kind=cascade&staff_group=hca").text
    assert "agency at 3 days for support staff" in page
    assert re.search(r"Framework agencies open</dt>\s*<dd>3 days", page)


def test_a_cascade_is_looked_at_before_it_can_be_adopted(desk: Desk, manager: Staff) -> None:
    first = manager.get(CASCADE).text
    assert 'value="adopt"' not in first
    fields = typed(agency_opens_days_before="3")
    looked = send(manager, CASCADE, fields, "adopt", first)
    assert looked.status_code == 200
    assert "Last week under this version" in looked.text
    assert adopted(desk) == []
    done = send(manager, CASCADE, fields, "adopt", looked.text)
    assert done.status_code == 303, done.text
    (version,) = adopted(desk)
    assert version.values["agency_opens_days_before"] == 3
    assert (version.source, version.made_by_id) == ("Board paper 12", manager.actor.account_id)
    page = manager.get(done.location).text
    assert "Shifts in flight keep their openings" in page
    assert "Board paper 12" in page


def test_what_was_changed_after_the_look_is_looked_at_again(desk: Desk, manager: Staff) -> None:
    looked = send(manager, CASCADE, typed(agency_opens_days_before="3"), "preview")
    again = send(manager, CASCADE, typed(agency_opens_days_before="5"), "adopt", looked.text)
    assert again.status_code == 200
    assert adopted(desk) == []


def test_the_look_says_what_last_weeks_shifts_would_have_done(desk: Desk, manager: Staff) -> None:
    with desk.database.transaction() as session:
        starts_at = NOW - timedelta(days=5)
        build.a_shift(
            session,
            desk.wards[0],
            starts_at=starts_at,
            authorised_at=starts_at - timedelta(days=30),
            reference="RX9-LAST-WEEK",
        )
    page = send(manager, CASCADE, typed(agency_opens_days_before="3"), "preview").text
    assert "Of 1 shift in the week of Mon 31 Aug 2026, 1 would have opened otherwise" in page
    assert "RX9-LAST-WEEK" in page


WRONG = {
    "a number that is none": ({"bank_floor_minutes": "soon"}, "Enter a whole number.", 422),
    "nothing where something must be": ({"agency_tiers": ""}, "Fill this in.", 422),
    "an agency before the bank": (
        {"agency_opens_days_before": "30"}, "The fallback grade opens first", 409,
    ),
    "a bank step below the floor": (
        {"steps[4].bank_step_minutes": "1"}, "No bank step is shorter than the floor", 409,
    ),
    "national closings dropped": (
        {"agency_needs_exemption": []}, "Staff groups nationally closed", 409,
    ),
    "a day that is none": ({"from_on": "tomorrow"}, "Enter a date.", 422),
}  # fmt: skip


@pytest.mark.parametrize(("change", "said", "status"), WRONG.values(), ids=WRONG)
def test_every_mistake_is_said_on_its_field_and_nothing_typed_is_lost(
    desk: Desk, manager: Staff, change: dict[str, Any], said: str, status: int
) -> None:
    answer = send(manager, CASCADE, typed(**{"agency_lock_hours": "71", **change}), "preview")
    assert answer.status_code == status
    assert said in answer.text
    (field,) = change
    assert f'href="#{field}"' in answer.text or field.startswith(("steps", "agency_opens"))
    assert re.search(r'id="agency_lock_hours"[^>]*value="71"', answer.text)
    assert adopted(desk) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"source": " "}, "Say who decided it", id="no source"),
        pytest.param({"from_on": "2026-09-06"}, "from today at the earliest", id="yesterday"),
    ],
)
def test_who_decided_and_from_when_must_be_right(
    desk: Desk, manager: Staff, change: dict[str, Any], said: str
) -> None:
    fields = typed(agency_opens_days_before="3")
    looked = send(manager, CASCADE, fields, "preview")
    answer = send(manager, CASCADE, {**fields, **change}, "adopt", looked.text)
    assert answer.status_code == 422
    assert said in answer.text
    assert adopted(desk) == []


def test_a_row_is_added_and_another_left_out(desk: Desk, manager: Staff) -> None:
    fields = typed(**{
        "steps[1].lead_from_minutes": "", "steps[1].bank_step_minutes": "",
        "steps[1].agency_step_minutes": "",
        "steps[5].lead_from_minutes": "20160", "steps[5].bank_step_minutes": "2880",
        "steps[5].agency_step_minutes": "1440",
    })  # fmt: skip
    looked = send(manager, CASCADE, fields, "preview")
    assert 'id="steps[6].lead_from_minutes"' in looked.text
    assert send(manager, CASCADE, fields, "adopt", looked.text).status_code == 303
    (version,) = adopted(desk)
    assert [step["lead_from_minutes"] for step in version.values["steps"]] == [
        10080, 720, 240, 0, 20160,
    ]  # fmt: skip


def test_other_policies_are_adopted_at_once(desk: Desk, manager: Staff) -> None:
    fields = typed(PolicyKind.FILL, late_withdrawal_hours="48")
    assert send(manager, FILL, fields, "adopt").status_code == 303
    (version,) = adopted(desk)
    assert (version.kind, version.staff_group) == (PolicyKind.FILL, None)
    assert version.values["late_withdrawal_hours"] == 48


def test_one_staff_groups_form_can_be_adopted_for_all(desk: Desk, manager: Staff) -> None:
    page = "/settings/policy/edit?kind=requesting&staff_group=hca"
    fields = typed(PolicyKind.REQUESTING, **{"for": "all"})
    assert send(manager, page, fields, "adopt").status_code == 303
    assert [version.staff_group for version in adopted(desk)] == [None]


@pytest.mark.parametrize("text", ["{", "[" * 30_000], ids=["cut off", "30,000 deep"])
def test_json_that_is_none_is_said(text: str) -> None:
    version = national_policies(PolicyKind.REQUIREMENTS)[0]
    into = VALUE_CLASSES[PolicyKind.REQUIREMENTS]
    fields = {**form_values(into, version.values), "roles": text}
    with pytest.raises(Invalid) as refused:
        values_from(into, as_sent(fields))
    assert list(refused.value.fields) == ["roles"]


def test_shifts_in_flight_move_only_by_the_act_that_says_so(desk: Desk, manager: Staff) -> None:
    with desk.database.transaction() as session:
        starts_at = NOW + timedelta(days=20)
        build.a_shift(
            session,
            desk.wards[0],
            starts_at=starts_at,
            openings={Tier.AGENCY_1: starts_at - timedelta(days=7)},
        )

    def agency() -> Any:
        query = sa.select(Opening.opens_at).where(
            Opening.tier == Tier.AGENCY_1, Opening.replaced_at.is_(None)
        )
        return desk.do(lambda session: session.scalar(query))

    fields = typed(agency_opens_days_before="3")
    looked = send(manager, CASCADE, fields, "preview")
    send(manager, CASCADE, fields, "adopt", looked.text)
    assert agency() == starts_at - timedelta(days=7)
    refused = manager.fill("/settings/policy/in-flight", because=" ")
    assert refused.status_code == 422
    assert "A written reason is needed." in refused.text
    done = manager.fill("/settings/policy/in-flight", because="Board decision 7")
    assert done.status_code == 303
    assert "1 shift planned anew" in manager.get(done.location).text
    assert agency() == starts_at - timedelta(days=3)


@pytest.mark.parametrize("path", [CASCADE, FILL, "/settings/policy/in-flight"])
def test_changing_wants_a_fresh_second_factor_before_anything_is_typed(
    desk: Desk, manager: Staff, path: str
) -> None:
    with desk.database.transaction() as session:
        session.execute(sa.update(SignIn).values(stepped_up_at=None))
    answer = manager.get(path)
    assert (answer.status_code, answer.location[:16]) == (303, "/account/confirm")


def test_who_only_reads_policy_cannot_change_it(desk: Desk) -> None:
    auditor = desk.person(R.AUDITOR)
    assert auditor.get("/settings/policy").status_code == 200
    page = auditor.get("/settings/policy/version?kind=cascade&staff_group=hca").text
    assert "Change this policy" not in page
    mine = sa.select(SignIn.csrf).where(SignIn.account_id == auditor.actor.account_id)
    csrf = desk.do(lambda session: session.scalar(mine))
    for path in (CASCADE, "/settings/policy/in-flight"):
        sent = auditor.post(path, {"csrf_token": csrf, **typed()})
        assert sent.status_code == auditor.get(path).status_code == 403
        assert "You may not do this here" in sent.text
    assert adopted(desk) == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        pytest.param("kind=nothing", 422, id="a kind that is none"),
        pytest.param("kind=cascade", 404, id="no staff group where one is needed"),
        pytest.param("kind=fill&staff_group=hca", 404, id="a staff group where none is known"),
        pytest.param("kind=cascade&staff_group=wizards", 422, id="a staff group that is none"),
    ],
)
def test_addresses_that_lead_nowhere(manager: Staff, address: str, status: int) -> None:
    assert manager.get(f"/settings/policy/version?{address}").status_code == status

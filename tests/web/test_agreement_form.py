"""An agreement is typed: templates, what is kept, and every mistake where it was made."""

from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.model.agreement_reference import agreement_templates
from bankhub.model.agreements import Agreement, AgreementVersion
from bankhub.web.agreements.agreement_form import field_values, start_values
from passport.actors import AccessRole as R
from passport.model.organisations import Organisation
from tests.support import agreed
from tests.support.agreed import NEW, fields, only
from tests.support.desk import NOW, Desk, Staff, a_desk


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def other(desk: Desk) -> Organisation:
    return agreed.a_neighbour(desk)


@pytest.fixture
def manager(desk: Desk) -> Staff:
    return desk.person(R.BANK_MANAGER)


@pytest.mark.parametrize("code", agreement_templates())
def test_every_template_can_be_drafted(
    desk: Desk, other: Organisation, manager: Staff, code: str
) -> None:
    template = agreement_templates()[code]
    typed = start_values(template.terms, template.months, NOW.date()) | {
        "title": "Sharing", "parties[0].ods": "rx9", "parties[0].role": "both",
        "parties[1].ods": other.ods_code, "parties[1].role": "both",
    }  # fmt: skip
    done = manager.fill(f"/agreements/new?template={code}", **typed)
    assert done.status_code == 303, done.text[:3000]
    version = only(desk, AgreementVersion)
    assert version.terms["scope"] == template.terms["scope"]
    assert version.terms["recharge"]["basis"] == template.terms["recharge"]["basis"]


def test_what_is_typed_is_what_is_kept(desk: Desk, other: Organisation, manager: Staff) -> None:
    """Through the form and back again, nothing is lost or changed."""
    site = desk.do(lambda session: desk.site.code)
    terms = agreed.terms_for(
        desk.trust, other,
        recharge={
            "basis": "fixed_rate", "admin_percent": 3, "threshold_hours": 0, "dispute_days": 14,
            "invoice_period_months": 3, "vat": "exempt",
            "rates_pence_per_hour": {
                "band_2": 1905, "band_3": 2050, "band_5": 2900, "band_6": 3333,
            },
        },
        release_lead_hours=72, excluded_skills=["chemotherapy"], excluded_roles=["rn_child"],
        training={"recognise": "any_issuer", "exceptions": [
            {"host_ods": "RX9", "subject": "FIRE", "reason": "Another alarm system"}
        ]},
        conditions=["Uniform of the home organisation", "Name badge of the host"],
        review_on="2027-03-01", dpia_reference="DPIA 12",
    )  # fmt: skip
    terms["parties"][0]["sites"] = [site]
    done = manager.fill(NEW, **field_values(terms), title="Sharing")
    assert done.status_code == 303, done.text[:3000]
    kept = only(desk, AgreementVersion).terms
    for name, value in terms.items():
        if name == "contacts":
            assert [{**one, "email": ""} for one in value] == kept[name]
        else:
            assert kept[name] == value, name


MISTAKES = {
    "no title": ({"title": ""}, "title", "Say what it is called."),
    "an organisation nobody knows": ({"parties[1].ods": "ZZZ"}, "parties[1].ods", "ZZZ"),
    "the same twice": ({"parties[1].ods": "RX9"}, "parties[1].ods", "named twice"),
    "a row left out between": (
        {"parties[1].ods": "", "parties[2].ods": "ZZZ", "parties[2].role": "both"},
        "parties[2].ods", "ZZZ",
    ),
    "a site of nobody": ({"parties[0].sites": "NOWHERE"}, "parties[0].sites", "NOWHERE"),
    "no number": ({"notice_days": "soon"}, "notice_days", "Enter a whole number."),
    "too much notice": ({"notice_days": "999"}, "notice_days", "between 0 and 365"),
    "an end before the start": ({"ends_on": "2026-08-01"}, "ends_on", "before the first day"),
    "more than two years": ({"ends_on": "2029-01-01"}, "ends_on", "24 months"),
    "a slip of the year": ({"ends_on": "0026-01-01"}, "ends_on", "Check the year."),
    "no day": ({"starts_on": ""}, "starts_on", "Enter a date."),
    "no purpose": ({"purpose": " "}, "purpose", "missing"),
    "no identity": ({"data_categories": ["registration"]}, "data_categories", "identity"),
    "an unknown category": (
        {"data_categories": ["identity", "registration", "bank_details"]}, "data_categories", "",
    ),
    "an unknown clause": ({"indemnity": ["nobody"]}, "indemnity", "not on the list"),
    "nobody may work elsewhere": (
        {"scope.nursing_midwifery": "", "scope.hca": ""}, "scope.nursing_midwifery", "",
    ),
    "a grade of another group": (
        {"scope.hca": ["consultant"]}, "scope.hca", "no grade of Healthcare assistants",
    ),
    "fixed rates that miss one": (
        {"recharge.basis": "fixed_rate", "recharge.rate.band_5": "29"}, "recharge.rate.band_6",
        "Band 6 has no rate",
    ),
    "no money": (
        {"recharge.basis": "fixed_rate", "recharge.rate.band_5": "a lot"}, "recharge.rate.band_5",
        "Enter pounds",
    ),
    "no lead employer": ({"employed_by": "lead_employer"}, "lead_employer_ods", "be a party"),
    "a contact without a phone": ({"contacts[2].phone": ""}, "contacts[2].phone", ""),
    "a contact of a stranger": ({"contacts[2].ods": "ZZZ"}, "contacts[2].ods", "not a party"),
    "a local exception without a reason": (
        {"training.exceptions[3].host_ods": "RX9", "training.exceptions[3].subject": "FIRE"},
        "training.exceptions[3].reason", "",
    ),
    "a long condition": ({"conditions": "one\n" + "x" * 1500}, "conditions", ""),
}  # fmt: skip


@pytest.mark.parametrize(("change", "field", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_where_it_was_made_and_nothing_is_lost(
    desk: Desk, other: Organisation, manager: Staff, change: dict[str, Any], field: str, said: str
) -> None:
    refused = manager.fill(NEW, **fields(desk, other, **change))
    assert refused.status_code == 422, refused.text[:500]
    assert f'href="#{field}"' in refused.text.replace("&#91;", "[")
    assert f'id="{field}"' in refused.text
    assert said in refused.text
    assert "Standing" not in refused.text
    if "conditions" not in change:
        assert "host&#39;s name badge" in refused.text
    assert desk.do(lambda session: session.scalar(sa.select(Agreement))) is None


def test_a_mistake_does_not_add_empty_rows(manager: Staff) -> None:
    said = {"parties[0].ods": "RX9", "notice_days": "soon"}
    said |= {f"parties[{place}].role": "both" for place in range(3)}
    said |= {f"contacts[{place}].kind": "hr" for place in range(4)}
    again = manager.fill(NEW, **said)
    assert again.status_code == 422
    assert "parties[2].ods" in again.text
    assert "parties[3].ods" not in again.text
    assert "contacts[4].kind" not in again.text


def test_contacts_that_are_missing_are_asked_for_before_review(
    desk: Desk, other: Organisation, manager: Staff
) -> None:
    without = {name: value for name, value in fields(desk, other).items() if "contacts" not in name}
    manager.fill(NEW, **without)
    draft, version = only(desk, Agreement), only(desk, AgreementVersion)
    page = f"/agreements/{draft.id}"
    refused = manager.fill(page, f"{page}/versions/{version.id}/to-review")
    assert refused.status_code == 409
    assert "Thornbury NHS Trust names nobody for safeguarding." in refused.text
    form = manager.get(f"{page}/versions/{version.id}/edit").text
    assert form.count('value="RT5"') >= 5

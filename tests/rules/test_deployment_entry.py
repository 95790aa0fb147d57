"""What can be proposed, under which agreement, and the text that three accept."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.agreement_terms import AgreementTerms, EmployedBy, Instrument, PartyRole
from bankhub.model.deployment_values import DeploymentWish, Leg, Side
from bankhub.model.policies import read_values
from bankhub.model.reference import deployment_tasks, instruments, roles
from bankhub.model.vocabulary import Grade
from bankhub.rules.agreements.agreements_in_force import InForce, Party
from bankhub.rules.deployments import deployment_entry
from bankhub.rules.deployments.deployment_entry import Proposed, agreement_for, wrong_wish
from bankhub.rules.deployments.licence_text import Licence, hash_of, licence_text
from passport.model.organisations import OrganisationKind

HOME, HOST, SITE = UUID(int=1), UUID(int=2), UUID(int=3)
TODAY = date(2026, 9, 7)
K = OrganisationKind


def wish(**change: Any) -> DeploymentWish:
    said: dict[str, Any] = {
        "instrument": Instrument.SECONDMENT, "role": "rn_adult", "grade": Grade.BAND_5,
        "duties": "Nurse.", "starts_on": TODAY + timedelta(days=7),
        "ends_on": TODAY + timedelta(days=90),
    }  # fmt: skip
    return DeploymentWish(**{**said, **change})


def who(**change: Any) -> Proposed:
    said: dict[str, Any] = {
        "home_id": HOME, "home_kind": K.TRUST, "host_id": HOST,
        "roles_at_home": frozenset({"rn_adult"}),
    }  # fmt: skip
    return Proposed(**{**said, **change})


NOBODYS: frozenset[str] = frozenset()
RETURNER = {"sponsored": True, "instrument": Instrument.LICENCE_TO_ATTEND}
CASES: dict[str, tuple[DeploymentWish, Proposed, set[str]]] = {
    "a secondment": (wish(), who(), set()),
    "unknown role": (wish(role="wizard"), who(), {"role"}),
    "another role than at home": (wish(role="midwife", grade=Grade.BAND_6), who(), {"role"}),
    "a grade the role has not": (wish(grade=Grade.GP), who(), {"grade"}),
    "no end": (wish(ends_on=None), who(), {"ends_on"}),
    "bank assignments need no end": (
        wish(ends_on=None, instrument=Instrument.BANK_ASSIGNMENT), who(), set(),
    ),
    "from today": (wish(starts_on=TODAY), who(), set()),
    "from yesterday": (wish(starts_on=TODAY - timedelta(days=1)), who(), {"starts_on"}),
    "in three years": (
        wish(starts_on=date(2029, 9, 7), ends_on=date(2029, 10, 7)), who(), {"starts_on"},
    ),
    "an honorary contract for a year": (
        wish(instrument=Instrument.HONORARY_CONTRACT, ends_on=date(2027, 9, 14)), who(), set(),
    ),
    "an honorary contract for longer": (
        wish(instrument=Instrument.HONORARY_CONTRACT, ends_on=date(2027, 9, 15)), who(),
        {"ends_on"},
    ),
    "the last day is the first": (wish(ends_on=wish().starts_on), who(), set()),
    "no duties": (wish(duties=" \n"), who(), {"duties"}),
    "too long": (wish(supervision="x" * 2001), who(), {"supervision"}),
    "a returner by a trust": (wish(**RETURNER), who(roles_at_home=NOBODYS), set()),
    "a returner by a board": (
        wish(**RETURNER), who(roles_at_home=NOBODYS, home_kind=K.ICB), set(),
    ),
    "a returner by a care home": (
        wish(**RETURNER), who(roles_at_home=NOBODYS, home_kind=K.SOCIAL_CARE), {"sponsored"},
    ),
    "a returner who has a post": (wish(**RETURNER), who(), {"sponsored"}),
    "somebody without a post": (wish(), who(roles_at_home=NOBODYS), {"sponsored"}),
    "a returner on secondment": (
        wish(sponsored=True), who(roles_at_home=NOBODYS), {"instrument"},
    ),
    "a volunteer on a licence": (
        wish(role="volunteer", grade=Grade.BAND_2, instrument=Instrument.LICENCE_TO_ATTEND),
        who(roles_at_home=frozenset({"volunteer"})), set(),
    ),
    "a volunteer on paid assignments": (
        wish(role="volunteer", grade=Grade.BAND_2, instrument=Instrument.BANK_ASSIGNMENT),
        who(roles_at_home=frozenset({"volunteer"})), {"instrument"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("said", "of", "wrong"), CASES.values(), ids=CASES)
def test_what_can_be_proposed(said: DeploymentWish, of: Proposed, wrong: set[str]) -> None:
    found = wrong_wish(said, of, instruments=instruments(), roles=roles(), today=TODAY)
    assert set(found) == wrong


@pytest.mark.parametrize("part", ["_texts", "_days", "_work", "_person"])
def test_mutant_without_one_part_is_found(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment_entry, part, lambda *_args: ())
    known: dict[str, Any] = {"instruments": instruments(), "roles": roles(), "today": TODAY}
    wrong = [set(wrong_wish(said, of, **known)) != fields for said, of, fields in CASES.values()]
    assert any(wrong)


def terms(**change: Any) -> AgreementTerms:
    return read_values(
        AgreementTerms,
        {
            "parties": [{"ods": "RA1"}, {"ods": "RB1"}],
            "scope": [{"staff_group": "nursing_midwifery", "grades": ["band_5"]}],
            "starts_on": "2026-01-01", "ends_on": "2027-12-31", "purpose": "fill shifts",
            "lawful_basis": "6(1)(e)", "data_categories": ["identity", "training"],
            "recharge": {"basis": "actual_cost"},
            "instruments": [one.value for one in Instrument], **change,
        },
    )  # fmt: skip


def in_force(reference: str = "WSA-1", **change: Any) -> InForce:
    site_ids = change.pop("site_ids", ())
    said = terms(**change)
    return InForce(
        agreement_id=UUID(int=9), version_id=UUID(int=10), reference=reference, number=1,
        title="Shared bank", terms=said, from_on=said.starts_on, until_on=said.ends_on,
        parties=(
            Party(HOME, "RA1", "Quill", PartyRole.BOTH),
            Party(HOST, "RB1", "Thorn", PartyRole.BOTH, site_ids),
        ),
    )  # fmt: skip


UNDER: dict[str, tuple[dict[str, Any], dict[str, Any], Proposed, str]] = {
    "as it says": ({}, {}, who(), ""),
    "another instrument": ({"instruments": ["bank_assignment"]}, {}, who(), "instrument"),
    "another grade": ({}, {"grade": Grade.BAND_6}, who(), "does not cover"),
    "an excluded role": ({"excluded_roles": ["rn_adult"]}, {}, who(), "does not cover"),
    "its site": ({"site_ids": (SITE,)}, {}, who(site_id=SITE), ""),
    "another site": ({"site_ids": (UUID(int=8),)}, {}, who(site_id=SITE), "does not cover"),
    "before it begins": ({"starts_on": "2026-10-01"}, {}, who(), "does not hold"),
    "its last day": ({"ends_on": str(wish().ends_on)}, {}, who(), ""),
    "after its last day": ({"ends_on": "2026-12-05"}, {}, who(), "ends on"),
    "of no party": ({}, {}, who(home_id=UUID(int=77)), "does not hold"),
}


@pytest.mark.parametrize(("agreed", "said", "of", "why"), UNDER.values(), ids=UNDER)
def test_under_an_agreement(
    agreed: dict[str, Any], said: dict[str, Any], of: Proposed, why: str
) -> None:
    found = agreement_for(wish(**said), of, roles()["rn_adult"], [in_force(**agreed)])
    if not why:
        assert isinstance(found, InForce)
        return
    assert isinstance(found, list)
    assert found[0].code == "no_agreement"
    assert why in found[0].text


def test_the_first_agreement_that_permits_it_is_taken() -> None:
    narrow = in_force("WSA-1", instruments=["bank_assignment"])
    wide, later = in_force("WSA-2"), in_force("WSA-3")
    found = agreement_for(wish(), who(), roles()["rn_adult"], [later, wide, narrow])
    assert found is wide
    none = agreement_for(wish(), who(), roles()["rn_adult"], [])
    assert isinstance(none, list)


def licence(**change: Any) -> Licence:
    said: dict[str, Any] = {
        "instrument": instruments()[Instrument.SECONDMENT], "terms": terms(),
        "agreement": "WSA-1 v1", "agreement_title": "Shared bank", "worker": "Ada Okafor",
        "home": "Quill", "host": "Thorn", "sponsored": False, "role": "Registered nurse (adult)",
        "grade": "band 5", "place": "Ward 3", "duties": "Nurse.", "supervision": "Ward manager",
        "starts_on": TODAY, "ends_on": TODAY + timedelta(days=90),
    }  # fmt: skip
    return Licence(**{**said, **change})


CHANGES: dict[str, dict[str, Any]] = {
    "worker": {"worker": "Ada Oakfor"},
    "host": {"host": "Thorne"},
    "home": {"home": "Quills"},
    "agreement": {"agreement": "WSA-1 v2"},
    "instrument": {"instrument": instruments()[Instrument.ROTATION]},
    "role": {"role": "Midwife"},
    "grade": {"grade": "band 6"},
    "place": {"place": "Ward 4"},
    "duties": {"duties": "Nurse, and prescribe."},
    "supervision": {"supervision": ""},
    "first day": {"starts_on": TODAY + timedelta(days=1)},
    "last day": {"ends_on": TODAY + timedelta(days=91)},
    "sponsor": {"sponsored": True},
    "retention": {"terms": replace(terms(), retention_days=31)},
    "who employs": {"terms": replace(terms(), employed_by=EmployedBy.SECOND_POST)},
    "what is asked for": {"terms": terms(data_categories=["identity"])},
    "when it is told": {"terms": replace(terms(), notify_within_hours=48)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_word_is_another_hash(change: dict[str, Any]) -> None:
    assert hash_of(licence_text(licence(**change))) != hash_of(licence_text(licence()))
    assert hash_of(licence_text(licence())) == hash_of(licence_text(licence()))


def test_what_may_be_asked_for_is_said_in_words() -> None:
    asked = ["rtw_outcome", "dbs_outcome", "oh_outcome", "restriction_flag"]
    text = licence_text(licence(terms=terms(data_categories=asked)))
    assert "right to work, criminal record check, occupational health, restriction." in text
    assert "rtw" not in text


def test_the_text_says_what_it_is() -> None:
    text = licence_text(licence())
    assert text.startswith("SECONDMENT AGREEMENT\n")
    assert "From Mon 7 September 2026 to Sun 6 December 2026" in text
    assert "identity, training" in text
    assert [line[:2] for line in text.splitlines() if line[:1].isdigit()][:3] == ["1.", "2.", "3."]
    sponsored = licence_text(licence(sponsored=True))
    assert "Quill (the sponsor)" in sponsored
    assert "has no employer" in sponsored


def test_instruments_are_told_apart() -> None:
    known = instruments()
    assert set(known) == set(Instrument)
    assert len({one.duties for one in known.values()}) == len(known)
    assert [code for code, one in known.items() if not one.end_needed] == ["bank_assignment"]
    assert {code for code, one in known.items() if one.needs_employer} == {"secondment", "rotation"}
    assert all(one.source and one.illustrative for one in known.values())


def test_tasks_there_and_back() -> None:
    known = deployment_tasks().values()
    assert {one.leg for one in known} == set(Leg)
    assert {one.by for one in known} == {Side.HOME, Side.HOST}
    assert not [one for one in known if one.holds_start and one.leg is Leg.RETURN]
    assert not [one for one in known if one.holds_start and one.by_itself]
    assert not next(one for one in known if one.code == "local_induction").holds_start
    assert {one.code for one in known if one.by_itself} == {
        "feedback", "competence_recorded", "data_deleted",
    }  # fmt: skip

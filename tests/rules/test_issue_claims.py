"""What can be asserted from a record, with honest provenance, and what is named with its reason."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from passport.model.facts import FactKind, FactValue
from passport.rules.issuing.issue_claims import (
    HeldFact,
    Identity,
    Job,
    Record,
    issuable,
    says_the_same,
    slot,
)

AT = datetime(2026, 10, 1, 8, 5, tzinfo=UTC)
TRUST = UUID(int=1)
JOB = Job(
    number="20000001", staff_group="NURSING_AND_MIDWIFERY_REGISTERED", role="Registered nurse",
    pay_band="BAND_5", contract="BANK", starts_on=date(2020, 1, 6),
)  # fmt: skip
SEEN = Identity("ON_RECORD", date(2020, 1, 2), "RWJ")
NURSE = Record(
    ods="RWJ", organisation="Stockport NHS FT", given_name="Ada", family_name="Okafor",
    date_of_birth=date(1990, 5, 17), today=date(2026, 11, 2), identity=SEEN, jobs=(JOB,),
)  # fmt: skip


def held(kind: FactKind, value: dict[str, Any], **fields: Any) -> HeldFact:
    given = {"source": "hr_file", "checked_at": AT, "checked_by_id": TRUST, **fields}
    return HeldFact(uuid4(), FactValue(kind, value, **given))


def registration(source: str = "register_file", **value: Any) -> HeldFact:
    said = {"body": "NMC", "number": "01A2345N", "status": "registered", **value}
    return held(FactKind.REGISTRATION, said, source=source, valid_until=date(2027, 3, 31))


def training(**value: Any) -> HeldFact:
    said = {"subject": "FIRE", "level": 1, **value}
    return held(FactKind.TRAINING, said, awarded_on=date(2026, 3, 2))


def dbs(level: str = "enhanced_barred", workforce: str | None = "both") -> HeldFact:
    said = {"level": level, "workforce": workforce}
    return held(FactKind.DBS, said, awarded_on=date(2025, 5, 1))


def made(*facts: HeldFact, record: Record = NURSE) -> dict[str, dict[str, Any]]:
    return {one.type: one.claims for one in issuable(replace(record, facts=facts)).made}


def missed(*facts: HeldFact, record: Record = NURSE) -> dict[str, list[str]]:
    found = issuable(replace(record, facts=facts)).missed
    return {one.type: [reason.code for reason in one.reasons] for one in found}


def test_a_nurses_record_makes_one_credential_of_each_thing() -> None:
    facts = (registration(), training(), training(subject="IPC", level=2), dbs())
    found = issuable(replace(NURSE, facts=facts))
    assert [(one.type, one.slot) for one in found.made] == [
        ("identity", ""),
        ("professional_registration", "NMC"),
        ("training_award", "FIRE:1"),
        ("training_award", "IPC:2"),
        ("dbs_outcome", "CHILD_AND_ADULT"),
        ("employment_assignment", "RWJ:20000001:2020-01-06"),
    ]
    assert found.missed == ()


def test_what_was_on_record_is_sourced_and_only_the_own_post_authoritative() -> None:
    claims = made(registration(), training(), dbs())
    assert {kind: one["pedigree"] for kind, one in claims.items()} == {
        "identity": "SOURCED", "professional_registration": "SOURCED",
        "training_award": "SOURCED", "dbs_outcome": "SOURCED",
        "employment_assignment": "AUTHORITATIVE",
    }  # fmt: skip
    assert {one["verifier"] for one in claims.values()} == {"RWJ"}


def test_the_route_of_an_identity_check_is_told_as_it_was() -> None:
    routes = {
        "ON_RECORD": ("FACE_TO_FACE", "DOCUMENT_AND_RECORD"),
        "FACE_TO_FACE": ("FACE_TO_FACE", "IN_PERSON"),
        "NHS_CREDENTIAL": ("NHS_CREDENTIAL", "DOCUMENT_AND_RECORD"),
    }
    for route, said in routes.items():
        seen = replace(SEEN, route=route)
        claims = made(record=replace(NURSE, identity=seen))["identity"]
        assert (claims["check_route"], claims["verification_method"]) == said
    by_service = Identity("IDSP", date(2026, 1, 5), "Yoti Ltd", "M1A")
    claims = made(record=replace(NURSE, identity=by_service))["identity"]
    assert claims["assurance_policy"] == "GPG45"
    assert claims["origin"] == "IDENTITY_SERVICE_PROVIDER"
    assert claims["evidence_checked_by"] == "Yoti Ltd"


def test_a_check_before_the_standards_does_not_claim_them() -> None:
    assert made()["identity"]["assurance_policy"] == "LOCAL_POLICY"
    later = replace(NURSE, identity=replace(SEEN, checked_on=date(2024, 2, 1)))
    assert made(record=later)["identity"]["assurance_policy"] == "NHS_ECS_IDENTITY_2022_03"


def test_without_an_identity_check_there_is_no_identity_but_the_rest() -> None:
    bare = replace(NURSE, identity=None)
    assert missed(training(), record=bare) == {"identity": ["identity_not_checked"]}
    assert set(made(training(), record=bare)) == {"training_award", "employment_assignment"}


def test_a_single_name_is_enough() -> None:
    claims = made(record=replace(NURSE, given_name=""))["identity"]
    assert "legal_given_names" not in claims


def test_training_carries_the_award_and_no_expiry() -> None:
    claims = made(training())["training_award"]
    assert claims["awarded_on"] == "2026-03-02"
    assert (claims["framework"], claims["assurance_policy"]) == ("CSTF", "CSTF")
    assert not [name for name in claims if "expir" in name or "until" in name]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"subject": "OMMT", "level": 2}, ("MAND", "LOCAL_POLICY", "SOURCED")),
        ({"subject": "BLOOD", "title": "Blood transfusion"}, ("LOCAL", "LOCAL_POLICY", "SOURCED")),
        ({"subject": "FIRE", "framework": "LOCAL"}, ("LOCAL", "LOCAL_POLICY", "SOURCED")),
        ({"subject": "FIRE", "derived": True}, ("CSTF", "CSTF", "DERIVED")),
    ],
)
def test_the_framework_of_an_award_and_whether_its_day_was_counted_back(
    value: dict[str, Any], said: tuple[str, str, str]
) -> None:
    claims = made(training(**value))["training_award"]
    names = ("framework", "assurance_policy", "pedigree")
    assert tuple(claims[name] for name in names) == said


@pytest.mark.parametrize(
    ("source", "where", "how"),
    [
        ("register", "REGISTER_API", "PRIMARY_SOURCE_API"),
        ("register_file", "REGISTER_FILE", "PRIMARY_SOURCE_FILE"),
        ("by_hand", "REGISTER_SEARCH", "DOCUMENT_AND_RECORD"),
    ],
)
def test_a_registration_says_where_the_register_was_looked_at(
    source: str, where: str, how: str
) -> None:
    claims = made(registration(source))["professional_registration"]
    assert (claims["source"], claims["verification_method"]) == (where, how)
    assert claims["checked_at"] == claims["last_refresh"] == "2026-10-01T08:05:00Z"


def test_a_personnel_file_is_no_look_at_the_register() -> None:
    assert missed(registration("hr_file")) == {
        "professional_registration": ["register_not_checked"]
    }


@pytest.mark.parametrize("status", ["suspended", "lapsed", "removed", "not_found", "nonsense"])
def test_a_registration_that_does_not_stand_is_not_issued(status: str) -> None:
    assert missed(registration(status=status)) == {"professional_registration": ["not_registered"]}


def test_a_registration_that_has_run_out_is_not_issued() -> None:
    old = registration()
    run_out = HeldFact(old.id, replace(old.fact, valid_until=date(2026, 10, 31)))
    assert missed(run_out) == {"professional_registration": ["registration_over"]}


def test_conditions_come_along_or_nothing_does() -> None:
    unknown = registration(status="conditions")
    assert missed(unknown) == {"professional_registration": ["restrictions_unknown"]}
    terms = [{"type": "CONDITIONS", "start": "2026-09-01"}]
    told = registration(status="conditions", restrictions=terms)
    claims = made(told)["professional_registration"]
    assert (claims["registration_status"], claims["restrictions"]) == ("CONDITIONS", terms)


def test_what_a_person_declared_is_asserted_by_nobody() -> None:
    declared = training()
    own = HeldFact(declared.id, replace(declared.fact, checked_by_id=None, source="declared"))
    assert "training_award" not in made(own)
    assert missed(own) == {}


def test_a_dbs_outcome_says_level_and_lists_and_nothing_of_the_content() -> None:
    claims = made(dbs())["dbs_outcome"]
    assert claims["adults_barred_checked"] is claims["childrens_barred_checked"] is True
    assert "childrens_barred_checked" not in made(dbs(workforce="adult"))["dbs_outcome"]
    assert "workforce" not in made(dbs("basic", None))["dbs_outcome"]
    assert missed(dbs(workforce=None)) == {"dbs_outcome": ["barred_list_unknown"]}


def test_a_right_to_work_is_told_only_where_it_is_on_record_how_it_was_checked() -> None:
    bare = held(FactKind.RIGHT_TO_WORK, {"route": "unlimited"})
    assert missed(bare) == {"right_to_work_outcome": ["right_to_work_route_unknown"]}
    said = {"route": "student", "check_route": "HO_ONLINE_SHARE_CODE"}
    limited = held(FactKind.RIGHT_TO_WORK, said, valid_until=date(2027, 9, 30))
    claims = made(limited)["right_to_work_outcome"]
    assert (claims["outcome"], claims["conditions"]) == ("TIME_LIMITED", ["MAX_20H_TERM"])


def test_what_the_type_refuses_is_named() -> None:
    assert missed(registration(number="12")) == {"professional_registration": ["claim"]}
    assert missed(registration(sickness_days=3)) == {}


def test_a_post_that_has_ended_is_not_issued() -> None:
    over = replace(JOB, ends_on=date(2026, 10, 1))
    assert "employment_assignment" not in made(record=replace(NURSE, jobs=(over,)))


def test_a_further_look_alone_is_no_reason_to_issue_anew() -> None:
    one, other = (made(registration(source)) for source in ("register", "register_file"))
    assert says_the_same(
        one["professional_registration"], other["professional_registration"]
    )
    newer = {**one["professional_registration"], "registration_status": "WARNING"}
    assert not says_the_same(one["professional_registration"], newer)
    assert slot("training_award", {"subject_code": "FIRE", "level": "1"}) == "FIRE:1"

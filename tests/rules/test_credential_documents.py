"""What is told to others about the types: JSON Schema, type metadata, the API's shape, names."""

import copy
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow import ValidationError

from passport.model.credential_types import (
    HolderRejection,
    Revocation,
    Suspension,
    Withdrawal,
    credential_types,
    read_common,
    read_type,
)
from passport.rules.credentials import credential_claims
from passport.rules.credentials.credential_claims import json_schema, type_metadata, wrong_claims
from passport.web.issuing.credential_schemas import marshmallow_schema
from tests.rules.credential_examples import FACTS, PHOTO, PROVENANCE, SCHEMAS, TYPES, claims

FOLDER = files("passport") / "reference"

POOL = st.sampled_from(
    [None, True, False, 0, 1, "", " ", "x", "NMC", "GMC", "1234567", "RHQ", "2026-02-29",
     "2024-02-29", "2026", "2026-11", "2026-11-02T09:30:00Z", "2026-11-31T09:30:00Z",
     "W12345678", "BLANK", "UNLIMITED", "RESTRICTED", "BASIC", "ENHANCED", "IDSP_IDVT", "ENDED",
     "NOT_YET", PHOTO, [], {}, ["RHQ"], ["RHQ", "RHQ"], [{}],
     [{"type": "WARNING", "start": "2026-01-01"}], {"subscribed": True}]
)  # fmt: skip
ANYTHING = POOL | st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.none()


@st.composite
def nearly(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A credential with a few claims left out, changed, borrowed or added."""
    name = draw(st.sampled_from(TYPES))
    sent = copy.deepcopy(claims(name))
    changed = st.sampled_from([*sent, "surprise", "exp", "vct"])
    for claim in draw(st.lists(changed, max_size=4)):
        borrowed = draw(st.sampled_from([None, *TYPES]))
        if draw(st.booleans()):
            sent.pop(claim, None)
        elif borrowed and claim in FACTS[borrowed]:
            sent[claim] = FACTS[borrowed][claim]
        else:
            sent[claim] = draw(ANYTHING)
    return name, sent


@given(nearly())
@example(("identity", claims("identity", legal_family_name="a\u00a0")))
def test_the_schema_says_what_the_rule_says(case: tuple[str, dict[str, Any]]) -> None:
    name, sent = case
    reasons = [reason for told in wrong_claims(name, sent).values() for reason in told]
    refused = [reason for reason in reasons if not reason.startswith("is before ")]
    assert SCHEMAS[name].is_valid(sent) is not bool(refused), (refused, sent)


@given(nearly())
def test_the_api_shape_refuses_what_the_rule_refuses(case: tuple[str, dict[str, Any]]) -> None:
    name, sent = case
    wrong = wrong_claims(name, sent)
    shape = marshmallow_schema(credential_types()[name])()
    if not wrong:
        assert shape.load(sent) == sent
        return
    with pytest.raises(ValidationError) as refused:
        shape.load(sent)
    assert refused.value.messages == wrong


@pytest.mark.parametrize("name", TYPES)
def test_the_published_schema_is_one_and_holds_a_whole_credential(name: str) -> None:
    named = credential_claims.vct("https://bank.example", name)
    schema = json_schema(credential_types()[name], vct=named)
    jsonschema_rs.meta.validate(schema)
    token = {"iss": "https://bank.example", "exp": 1, "cnf": {}, "status": {}, **claims(name)}
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert validator.is_valid({**token, "vct": named})
    assert not validator.is_valid(token)
    assert not validator.is_valid({**token, "vct": "https://bank.example/other"})
    assert not validator.is_valid({**token, "vct": named, "surprise": 1})


@pytest.mark.parametrize("name", TYPES)
def test_the_type_metadata_is_that_of_the_standard(name: str) -> None:
    kind = credential_types()[name]
    told = type_metadata(kind, vct="https://bank.example/x")
    assert set(told) == {"vct", "name", "description", "display", "claims"}
    assert told["vct"] == "https://bank.example/x"
    assert [set(one) for one in told["display"]] == [{"locale", "name", "description"}]
    for one in told["claims"]:
        assert set(one) == {"path", "display", "mandatory", "sd"}
        assert [{"locale", "label"} <= set(each) for each in one["display"]] == [True]
        assert one["sd"] in ("always", "never")
    hidden = [one["path"][0] for one in told["claims"] if one["sd"] == "always"]
    assert tuple(hidden) == credential_claims.disclosable(kind)


def test_a_claim_in_a_group_is_addressed_by_its_path_and_goes_with_the_group() -> None:
    told = type_metadata(credential_types()["professional_registration"], vct="x")["claims"]
    inner = [one for one in told if one["path"] == ["restrictions", None, "type"]]
    assert [(one["sd"], one["mandatory"]) for one in inner] == [("never", False)]
    licence = type_metadata(credential_types()["licence_to_attend"], vct="x")["claims"]
    assert ["accepted_at", "holder"] in [one["path"] for one in licence]


LIMITS = {
    "professional_registration": {
        "registration_status", "restrictions", "practising_right", "expiry_date", "checked_at",
        "source"},
    "employment_assignment": {"assignment_status", "ends_on"},
    "dbs_outcome": {"update_service", "employer_decision"},
    "right_to_work_outcome": {
        "outcome", "conditions", "valid_until", "follow_up_due", "checked_on", "checked_by_ods"},
    "oh_clearance": {"outcome", "placement_limits", "cleared_for_role_group", "review_by"},
    "competence": {"scope", "supervision_level", "review_by"},
    "site_induction": {"host_ods", "site_ods", "department", "valid_until"},
    "licence_to_attend": {
        "instrument", "host_ods", "starts_on", "ends_on", "sites", "role_scope", "supervision"},
}  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
def test_what_limits_a_fact_cannot_be_hidden_and_the_rest_can(name: str) -> None:
    shown = set(claims(name)) - set(credential_claims.disclosable(credential_types()[name]))
    assert shown - set(PROVENANCE) == LIMITS.get(name, set())


def test_a_type_is_named_under_the_base_and_known_again() -> None:
    named = credential_claims.vct("https://bank.example/", "identity")
    assert named == "https://bank.example/passport/types/identity/1"
    assert credential_claims.name_of_vct("https://bank.example", named) == "identity"
    for other in (
        "https://bank.example/passport/types/identity/2",
        "https://bank.example/passport/types/library_card/1",
        "https://other.example/passport/types/identity/1",
        f"{named}/",
        None,
        [named],
    ):
        assert credential_claims.name_of_vct("https://bank.example", other) is None


def test_the_lists_of_reasons_are_closed() -> None:
    assert {*HolderRejection} == {"duplicate", "incorrect", "no_longer_wanted", "other"}
    assert {*Withdrawal} == {"issued_in_error", "updated_information", "no_longer_valid"}
    assert {*Revocation} == {
        "leaving_organisation", "provided_in_error", "no_longer_valid", "staff_member_deceased",
        "replaced",
    }  # fmt: skip
    assert {*Suspension} == {
        "suspect_no_longer_valid", "register_entry_changed", "not_currently_available",
        "phone_lost",
    }  # fmt: skip


COMMON = read_common((FOLDER / "credential_provenance.toml").read_text("utf-8"))
SITE = (FOLDER / "credential_types" / "site_induction.toml").read_text("utf-8")
MISTAKES = {
    "no title": ('title = "Site induction"\n', "", "title is missing"),
    "a field nobody knows": ("version = 1", "version = 1\nowner = 1", "owner is not known"),
    "a version in words": ("version = 1", 'version = "one"', "version must be int"),
    "a day in words": ("2026-11-01", '"soon"', "from_on must be a day"),
    "a kind nobody knows": ('kind = "text"', 'kind = "prose"', "claims[2].kind must be one of"),
    "a choice of nothing": ('kind = "text"', 'kind = "choice"', "claims.department.choices"),
    "a code of no form": ('kind = "text"', 'kind = "code"', "claims.department.pattern"),
    "a group of nothing": ('kind = "text"', 'kind = "group"', "claims.department.claims"),
    "a form that is none": ("'[A-Z0-9]{3,8}'", "'['", "claims.host_ods.pattern is not a pattern"),
    "a form where none belongs": (
        'kind = "text"', 'kind = "text"\npattern = "x"', "claims.department.pattern belongs"),
    "a claim twice": ('"site_ods"', '"host_ods"', "claims.host_ods stands twice"),
    "a claim that every type has": ('"site_ods"', '"origin"', "claims.origin stands twice"),
    "a claim of the token": ('"department"', '"status"', "claims.status is a name of the token"),
    "a name in capitals": ('"department"', '"Department"', "claims.Department is not a name"),
    "an order of something else": (
        '"done_on"\nlater', '"made_on"\nlater', "orders[0] speaks of made_on"),
    "a rule about something else": (
        "[[orders]]", '[[rules]]\nclaim = "x"\nvalues = []\nreason = ""\n[[orders]]',
        "rules[0] speaks of x"),
    "a rule with a form that is none": (
        "[[orders]]",
        '[[rules]]\nclaim = "site_ods"\nvalues = []\nreason = ""\n'
        'patterns = {site_ods = "["}\n[[orders]]',
        "rules[0].patterns is not a pattern"),
    "a shape that is none": (
        "[[orders]]", '[[shapes]]\npattern = "["\nreason = ""\n[[orders]]',
        "shapes[0].pattern is not a pattern"),
    "a forbidden word in capitals": ('"doorcode"', '"Door code"', "words are lower-case"),
    "more at least than at most": (
        'kind = "text"', 'kind = "text"\nmany = true\nleast = 3\nmost = 2',
        "claims.department.least is more than most"),
    "no TOML": ("version = 1", "version =", "Invalid value"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_in_a_file_names_file_and_field(case: str) -> None:
    right, planted, named = MISTAKES[case]
    assert right in SITE
    with pytest.raises(ValueError, match=r"^site_induction\.toml: ") as refused:
        read_type("site_induction.toml", SITE.replace(right, planted), COMMON)
    assert named in str(refused.value)


def test_the_schema_refuses_a_form_that_no_text_may_have() -> None:
    shaped = SITE.replace("[[orders]]", '[[shapes]]\npattern = "W[0-9]"\nreason = ""\n[[orders]]')
    schema = json_schema(read_type("site_induction.toml", shaped, COMMON))
    plain, coded = claims("site_induction"), claims("site_induction", department="Ward W1")
    assert jsonschema_rs.is_valid(schema, plain)
    assert not jsonschema_rs.is_valid(schema, coded)


def test_a_mistake_in_the_common_file_names_it() -> None:
    with pytest.raises(ValueError, match=r"credential_provenance\.toml: claims is missing"):
        read_common("forbidden = []")


def test_the_types_are_read_once_and_each_has_a_day_and_a_source() -> None:
    assert credential_types() is credential_types()
    assert all(kind.source and kind.from_on for kind in credential_types().values())

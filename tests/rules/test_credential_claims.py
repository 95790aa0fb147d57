"""What a credential may say: which claims, in which form, and how they fit together."""

from typing import Any

import pytest

from passport.model.credential_types import credential_types
from passport.model.registers import registers
from passport.rules.credentials import credential_claims
from passport.rules.credentials.credential_claims import wrong_claims
from passport.web.issuing.credential_schemas import marshmallow_schema
from tests.rules.credential_examples import PHOTO, PROVENANCE, SCHEMAS, TYPES, claims, words


def test_there_are_eleven_types() -> None:
    assert list(credential_types()) == TYPES


@pytest.mark.parametrize("name", TYPES)
def test_an_example_says_all_it_can_and_may_be_issued(name: str) -> None:
    kind = credential_types()[name]
    assert set(claims(name)) == {claim.name for claim in kind.claims}
    assert wrong_claims(name, claims(name)) == {}
    assert SCHEMAS[name].is_valid(claims(name))
    assert marshmallow_schema(kind)().load(claims(name)) == claims(name)


@pytest.mark.parametrize("name", TYPES)
def test_what_is_mandatory_is_missed_and_what_is_not_is_not(name: str) -> None:
    for claim in credential_types()[name].claims:
        without = claims(name, **{claim.name: ...})
        missed = "is missing" in wrong_claims(name, without).get(claim.name, ())
        assert missed is claim.mandatory
        assert not (missed and SCHEMAS[name].is_valid(without))


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("field", PROVENANCE)
def test_every_type_says_where_it_comes_from(name: str, field: str) -> None:
    assert "is missing" in wrong_claims(name, claims(name, **{field: ...}))[field]
    assert field not in credential_claims.disclosable(credential_types()[name])


def test_an_unknown_type_is_named_as_one() -> None:
    assert "is not a credential type" in words(wrong_claims("library_card", {}))


@pytest.mark.parametrize("sent", [None, [], "text", 7])
def test_claims_that_are_no_group_are_wrong_and_no_error(sent: object) -> None:
    assert words(wrong_claims("identity", sent)) == " must be a group of claims"


NUMBERS = {
    "NMC": (["71A2998E", "01A2345N", "20L0001W"], ["71A2998", "A712998E", "71A29980", "71a2998e"]),
    "GMC": (["1234567", "L123456", "A123456"], ["123456", "12345678", "C1234567", "123456X"]),
    "HCPC": (["PH123456", "PYL123456", "ODP1", "HAD12345", "RA54321"],
             ["XX123456", "123456", "PH1234567", "PH"]),
    "GPHC": (["2033467", "5012345"], ["203346", "20334678", "P033467"]),
    "GDC": (["1", "123456", "012345"], ["1234567", "CD123456", "12A"]),
    "SWE": (["SW1", "SW123456"], ["123456", "SW1234567", "SWE12345"]),
    "GOC": (["01-09491", "01-12345", "D-12345", "0109491"], ["02-12345", "12345", "01-"]),
    "GOSC": (["12345", "1"], ["123456", "A1234"]),
    "GCC": (["01234"], ["1234", "012345", "A1234"]),
    "SCW": (["W/1234567", "1234567"], ["X/1234567", "W/12", "W/123456789"]),
    "SSSC": (["3012345"], ["30123", "S012345"]),
    "NISCC": (["6012345"], ["60123", "N012345"]),
    "PSNI": (["1234", "4567P"], ["", "12 34", "1" * 21]),
}  # fmt: skip


def registration(body: str, number: str) -> dict[str, Any]:
    return claims("professional_registration", body=body, number=number)


def test_every_register_has_its_numbers_here() -> None:
    assert set(NUMBERS) == set(registers())


@pytest.mark.parametrize("body", NUMBERS)
def test_a_number_has_the_form_of_its_register(body: str) -> None:
    good, bad = NUMBERS[body]
    for number in good:
        assert wrong_claims("professional_registration", registration(body, number)) == {}, number
        assert SCHEMAS["professional_registration"].is_valid(registration(body, number)), number
    for number in [*bad, f" {good[0]}", f"{good[0]}\n"]:
        wrong = wrong_claims("professional_registration", registration(body, number))
        assert list(wrong) == ["number"], number
        assert not SCHEMAS["professional_registration"].is_valid(registration(body, number))


WRONG = {
    "a family name of blanks": ("identity", "legal_family_name", "   "),
    "a name with a blank before it": ("identity", "legal_family_name", " Okafor"),
    "a name with a hard blank after it": ("identity", "legal_family_name", "Okafor\u00a0"),
    "no letters at all": ("identity", "legal_family_name", ""),
    "a name with a line break": ("identity", "legal_family_name", "Okafor\nadmitted"),
    "a name that turns what follows round": ("identity", "legal_family_name", "Oka\u202efor"),
    "a name with a letter nobody sees": ("identity", "legal_family_name", "Oka\u200bfor"),
    "half a character": ("identity", "legal_family_name", "Oka\ud800for"),
    "a name without end": ("identity", "legal_family_name", "x" * 101),
    "a number for a name": ("identity", "legal_family_name", 7),
    "nothing for a name": ("identity", "legal_given_names", None),
    "a list of previous names that holds none": ("identity", "previous_names", []),
    "a previous name twice": ("identity", "previous_names", ["Ann", "Ann"]),
    "a previous name as text": ("identity", "previous_names", "Ann"),
    "eleven previous names": ("identity", "previous_names", [f"Ann {i}" for i in range(11)]),
    "30 February": ("identity", "date_of_birth", "1984-02-30"),
    "a day in British order": ("identity", "date_of_birth", "15/03/1984"),
    "a day with a time": ("identity", "date_of_birth", "1984-03-15T00:00:00Z"),
    "a day as a number": ("identity", "date_of_birth", 19840315),
    "the year 0": ("identity", "date_of_birth", "0000-01-01"),
    "Arabic digits": ("identity", "date_of_birth", "١٩٨٤-03-15"),
    "a photo from elsewhere": ("identity", "photo", "https://example.org/me.jpg"),
    "a photo that is a picture with a script": (
        "identity", "photo", "data:image/svg+xml;base64,PHN2Zz4="),
    "a photo of another kind than it says": (
        "identity", "photo", "data:image/webp;base64,/9j/4AAQ"),
    "a photo too large": ("identity", "photo", PHOTO.replace("==", "AA") + "A" * 40_000),
    "an identity profile that does not exist": ("identity", "gpg45_profile", "X9Z"),
    "a register standing in the register's own words": (
        "professional_registration", "registration_status", "Registered"),
    "a register nobody keeps": ("professional_registration", "body", "NHS"),
    "a licence that is a word": ("professional_registration", "practising_right", "yes"),
    "a licence that is a number": ("professional_registration", "practising_right", 1),
    "a check without a time": ("professional_registration", "checked_at", "2026-11-02"),
    "a check in local time": (
        "professional_registration", "checked_at", "2026-11-02T06:00:00+01:00"),
    "a check on 31 June": ("professional_registration", "checked_at", "2026-06-31T06:00:00Z"),
    "a check at 25 o'clock": ("professional_registration", "checked_at", "2026-11-02T25:00:00Z"),
    "a restriction without its start": (
        "professional_registration", "restrictions", [{"type": "WARNING"}]),
    "a restriction that is a word": ("professional_registration", "restrictions", ["WARNING"]),
    "a level 0": ("training_award", "level", "0"),
    "a level as a number": ("training_award", "level", 2),
    "a framework of nobody": ("training_award", "framework", "StatMand"),
    "an organisation by its name": ("training_award", "awarding_organisation", "Sheffield"),
    "an ODS code in small letters": ("employment_assignment", "employer_ods", "rhq"),
    "an ODS code of nine": ("employment_assignment", "employer_ods", "RHQRHQRHQ"),
    "a band 10": ("employment_assignment", "pay_band", "BAND_10"),
    "a certificate number of eleven digits": ("dbs_outcome", "certificate_number", "00123456789"),
    "a decision that is none": ("dbs_outcome", "employer_decision", "NOT_CLEARED"),
    "a condition nobody listed": ("right_to_work_outcome", "conditions", ["Nights only"]),
    "no conditions, listed": ("right_to_work_outcome", "conditions", []),
    "a limit in words": ("oh_clearance", "placement_limits", ["No lifting, bad back"]),
    "an outcome in words": ("oh_clearance", "outcome", "fit, but see letter"),
    "an immunisation by its titre": ("oh_clearance", "immunisation_requirements_met", ["HBsAb 78"]),
    "an award in month 13": ("qualification", "awarded_on", "2008-13"),
    "an award in two digits": ("qualification", "awarded_on", "08"),
    "no site": ("licence_to_attend", "sites", []),
    "a licence without its end": ("licence_to_attend", "ends_on", ...),
    "two acceptances of three": (
        "licence_to_attend", "accepted_at", {"home": "2026-10-20T10:00:00Z"}),
    "a sentence for where it comes from": ("oh_clearance", "origin", "GP letter of 3 May"),
    "a policy nobody wrote": ("identity", "assurance_policy", "NHS_ECS_IDENTITY"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_claim_is_named(case: str) -> None:
    name, claim, value = WRONG[case]
    sent = claims(name, **{claim: value})
    wrong = wrong_claims(name, sent)
    assert wrong
    assert all(path.startswith(claim) for path in wrong)
    if case != "half a character":  # no JSON can hold it
        assert not SCHEMAS[name].is_valid(sent)


TOGETHER = {
    "a provider's identity check states its profile": (
        "identity", {"gpg45_profile": ...}, "gpg45_profile"),
    "a post that has ended has an end": ("employment_assignment", {"ends_on": ...}, "ends_on"),
    "a basic certificate has no barred list": (
        "dbs_outcome", {"level": "BASIC", "workforce": ..., "childrens_barred_checked": ...},
        "adults_barred_checked"),
    "an enhanced certificate without the list has none either": (
        "dbs_outcome", {"level": "ENHANCED", "childrens_barred_checked": ...},
        "adults_barred_checked"),
    "with the list, one of the two was checked": (
        "dbs_outcome", {"adults_barred_checked": False}, "adults_barred_checked"),
    "with the list, none of the two told is none checked": (
        "dbs_outcome", {"adults_barred_checked": ..., "childrens_barred_checked": ...},
        "adults_barred_checked"),
    "an enhanced check is for a workforce": ("dbs_outcome", {"workforce": ...}, "workforce"),
    "a basic one is for none": (
        "dbs_outcome",
        {"level": "BASIC", "adults_barred_checked": ..., "childrens_barred_checked": ...},
        "workforce"),
    "an unlimited right has no end": (
        "right_to_work_outcome",
        {"outcome": "UNLIMITED", "follow_up_due": ..., "conditions": ...}, "valid_until"),
    "an unlimited right has no follow-up": (
        "right_to_work_outcome",
        {"outcome": "UNLIMITED", "valid_until": ..., "conditions": ...}, "follow_up_due"),
    "an unlimited right has no conditions": (
        "right_to_work_outcome",
        {"outcome": "UNLIMITED", "valid_until": ..., "follow_up_due": ...}, "conditions"),
    "a limited right has its end": ("right_to_work_outcome", {"valid_until": ...}, "valid_until"),
    "a limited right has its follow-up": (
        "right_to_work_outcome", {"follow_up_due": ...}, "follow_up_due"),
    "a restricted right says how": (
        "right_to_work_outcome", {"outcome": "RESTRICTED", "conditions": ...}, "conditions"),
    "a provider may check only unlimited rights": (
        "right_to_work_outcome", {"route": "IDSP_IDVT"}, "outcome"),
    "who is not cleared is not cleared for procedures": (
        "oh_clearance", {"outcome": "NOT_YET"}, "epp_clearance"),
}  # fmt: skip


@pytest.mark.parametrize("case", TOGETHER)
def test_claims_fit_together(case: str) -> None:
    name, changed, blamed = TOGETHER[case]
    sent = claims(name, **changed)
    assert list(wrong_claims(name, sent)) == [blamed]
    assert not SCHEMAS[name].is_valid(sent)


ORDERS = [(name, one) for name, kind in credential_types().items() for one in kind.orders]


@pytest.mark.parametrize(("name", "order"), ORDERS)
def test_days_follow_each_other(name: str, order: Any) -> None:
    same = {order.earlier: "2026-06-01", order.later: "2026-06-01"}
    about = f"is before {order.earlier}"
    assert about not in wrong_claims(name, claims(name, **same)).get(order.later, [])
    turned = claims(name, **same | {order.earlier: "2026-06-02"})
    assert about in wrong_claims(name, turned)[order.later]

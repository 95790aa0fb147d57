"""What must not be known about anybody is in no credential, under whatever name it comes."""

import pytest

from passport.model.credential_types import SIGNED_BY_ISSUER, ClaimKind, credential_types
from passport.rules.credentials.credential_claims import wrong_claims
from tests.rules.credential_examples import FACTS, SCHEMAS, TYPES, claims, words

FORBIDDEN = {
    "training: its expiry": ("training_award", "expiry_date", "no expiry"),
    "training: its expiry, written as other systems do": (
        "training_award", "ExpiryDate", "no expiry"),
    "training: its renewal": ("training_award", "renewalPeriodNumber", "dated policy"),
    "training: until when it holds": ("training_award", "valid_until", "dated policy"),
    "training: when it is due again": ("training_award", "next_due", "dated policy"),
    "training: how often it is refreshed": ("training_award", "refresh_months", "dated policy"),
    "training: whether it is enough": ("training_award", "compliant", "dated policy"),
    "training: the day it ends": ("training_award", "dateTo", "dated policy"),
    "training: the score": ("training_award", "score", "not how well"),
    "DBS: clean or not": ("dbs_outcome", "is_clean", "never told"),
    "DBS: clear or not": ("dbs_outcome", "clear", "never told"),
    "DBS: information disclosed": ("dbs_outcome", "information_disclosed", "never told"),
    "DBS: what the certificate holds": ("dbs_outcome", "certificate_content", "Article 10"),
    "DBS: cautions": ("dbs_outcome", "cautions", "Article 10"),
    "DBS: convictions": ("dbs_outcome", "convictions", "Article 10"),
    "DBS: a remark": ("dbs_outcome", "notes", "Article 10"),
    "DBS: an expiry": ("dbs_outcome", "expires_on", "no expiry"),
    "right to work: the share code": ("right_to_work_outcome", "share_code", "Home Office"),
    "right to work: the share code, hyphened": (
        "right_to_work_outcome", "Share-Code", "Home Office"),
    "right to work: nationality": ("right_to_work_outcome", "nationality", "only the outcome"),
    "right to work: the visa": ("right_to_work_outcome", "visa_type", "only the outcome"),
    "right to work: the passport": ("right_to_work_outcome", "passport_no", "only the outcome"),
    "OH: a diagnosis": ("oh_clearance", "diagnosis", "not why"),
    "OH: a condition": ("oh_clearance", "health_condition", "not why"),
    "OH: mental health": ("oh_clearance", "mental_health", "not why"),
    "OH: a titre": ("oh_clearance", "hep_b_titre", "occupational health only"),
    "OH: antibodies": ("oh_clearance", "antiHBs_antibodies", "occupational health only"),
    "OH: an HIV result": ("oh_clearance", "hiv_status", "never told"),
    "OH: hepatitis": ("oh_clearance", "hepatitis_c", "never told"),
    "OH: a pregnancy": ("oh_clearance", "pregnant", "never in a clearance"),
    "OH: medication": ("oh_clearance", "medication", "never in a clearance"),
    "OH: the questionnaire": ("oh_clearance", "questionnaire", "stay there"),
    "OH: vaccinations": ("oh_clearance", "vaccinations", "occupational health only"),
    "OH: the text of an adjustment": ("oh_clearance", "adjustments", "own choice"),
    "OH: a reason": ("oh_clearance", "reason_not_fit", "own choice"),
    "OH: a comment": ("oh_clearance", "comments", "no free text"),
    "OH: a disability": ("oh_clearance", "disability", "equality"),
    "OH: sickness": ("oh_clearance", "sickness_absence", "sickness"),
    "identity: gender": ("identity", "legal_gender", "not needed"),
    "identity: nationality": ("identity", "nationality", "not needed"),
    "identity: a passport number": ("identity", "passport_number", "identity documents"),
    "identity: a driving licence number": ("identity", "licence_no", "identity documents"),
    "identity: the home address": ("identity", "home_address", "address"),
    "identity: a scan": ("identity", "passport_scan", "scans"),
    "registration: a complaint": ("professional_registration", "complaints", "public register"),
    "employment: a suspension": ("employment_assignment", "suspended", "without a reason"),
    "employment: an opinion": ("employment_assignment", "reference_text", "without a reason"),
    "employment: why somebody left": (
        "employment_assignment", "reason_for_leaving", "without a reason"),
    "employment: the pay point": ("employment_assignment", "spine_point", "pay"),
    "qualification: an expiry": ("qualification", "expires", "does not expire"),
    "qualification: the marks": ("qualification", "marks", "not needed"),
    "competence: patients": ("competence", "patients_treated", "patients"),
    "competence: who assessed": ("competence", "assessor_name", "nothing more"),
    "competence: an entitlement": ("competence", "entitled_to", "not entitlement"),
    "induction: a door code": ("site_induction", "door_code", "codes and keys"),
    "licence: the rate": ("licence_to_attend", "hourly_rate", "agreement"),
}  # fmt: skip
NEVER = {
    "a bank account": ("bank_account", "bank and pay"),
    "a salary": ("salary", "bank and pay"),
    "a National Insurance number": ("ni_number", "National Insurance"),
    "ethnicity": ("ethnicity", "equality"),
    "religion": ("religion", "equality"),
    "sexual orientation": ("sexual_orientation", "equality"),
    "sickness": ("sickness_days", "sickness"),
    "a disciplinary record": ("disciplinary", "disciplinary"),
    "an investigation": ("open_investigation", "disciplinary"),
    "a conviction": ("conviction", "criminal"),
    "an offence": ("offences", "criminal"),
    "caring": ("carers_passport", "private"),
    "a postcode": ("postcode", "address"),
}


@pytest.mark.parametrize("case", FORBIDDEN)
def test_what_must_not_be_known_is_refused_with_the_reason(case: str) -> None:
    name, claim, reason = FORBIDDEN[case]
    sent = claims(name, **{claim: "x"})
    wrong = wrong_claims(name, sent)
    assert list(wrong) == [claim]
    assert reason in words(wrong)
    assert "is refused" in words(wrong)
    assert not SCHEMAS[name].is_valid(sent)


@pytest.mark.parametrize("case", NEVER)
@pytest.mark.parametrize("name", TYPES)
def test_what_no_credential_may_carry_none_carries(case: str, name: str) -> None:
    claim, reason = NEVER[case]
    wrong = wrong_claims(name, claims(name, **{claim: "x"}))
    assert "is refused" in words(wrong)
    assert reason in words(wrong)


def test_what_is_merely_unknown_is_told_so_also_inside_a_group() -> None:
    assert wrong_claims("identity", claims("identity", star_sign="Leo")) == {
        "star_sign": ["is not a claim of identity"]
    }
    accepted = {**FACTS["licence_to_attend"]["accepted_at"], "union": "2026-01-01T00:00:00Z"}
    assert list(wrong_claims("licence_to_attend", claims("licence_to_attend", accepted_at=accepted))
    ) == ["accepted_at.union"]  # fmt: skip


SHARE_CODES = ["W12345678", "WABCDEFGH", "W12 345 67A", "w12-345-67a", "see W12345678."]


@pytest.mark.parametrize("code", SHARE_CODES)
def test_a_share_code_is_known_by_its_form_wherever_it_stands(code: str) -> None:
    kind = credential_types()["right_to_work_outcome"]
    for claim in kind.claims:
        sent = [code] if claim.many else code
        wrong = wrong_claims(kind.name, claims(kind.name, **{claim.name: sent}))
        assert "form of a share code" in words(wrong), claim.name
        assert code not in words(wrong)
        assert not SCHEMAS[kind.name].is_valid(claims(kind.name, **{claim.name: sent}))


def test_an_update_service_answer_does_not_tell_whether_the_certificate_is_blank() -> None:
    for told in ("BLANK_NO_NEW_INFO", "NON_BLANK_NO_NEW_INFO"):
        answer = {"subscribed": True, "last_result": told}
        wrong = wrong_claims("dbs_outcome", claims("dbs_outcome", update_service=answer))
        assert "never told" in words(wrong)


@pytest.mark.parametrize("name", ["oh_clearance", "dbs_outcome", "right_to_work_outcome"])
def test_what_is_most_private_has_no_free_text(name: str) -> None:
    assert ClaimKind.TEXT not in {claim.kind for claim in credential_types()[name].claims}


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("sent", sorted(SIGNED_BY_ISSUER))
def test_what_the_token_itself_says_is_no_claim(name: str, sent: str) -> None:
    assert "by the issuer" in words(wrong_claims(name, claims(name, **{sent: "x"})))

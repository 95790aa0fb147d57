"""One credential of each type that may be issued, with everything it can say."""

from typing import Any

import jsonschema_rs

from passport.model.credential_types import credential_types
from passport.rules.credentials.credential_claims import json_schema

PROVENANCE = {
    "origin": "NHS_EMPLOYER",
    "assurance_policy": "NHS_ECS_IDENTITY_2022_03",
    "assurance_outcome": "CHECK_COMPLETE",
    "provider": "RHQ",
    "verifier": "RHQ",
    "verification_method": "DOCUMENT_AND_RECORD",
    "pedigree": "SOURCED",
    "last_refresh": "2026-11-02T09:30:00Z",
}
PHOTO = "data:image/jpeg;base64,/9j/4AAQSkZJRg=="

FACTS: dict[str, dict[str, Any]] = {
    "identity": {
        "legal_given_names": "Siân Ngozi",
        "legal_family_name": "O’Brien-Okafor",
        "preferred_name": "Siân",
        "previous_names": ["Siân Ngozi Jones"],
        "date_of_birth": "1984-03-15",
        "photo": PHOTO,
        "gpg45_profile": "M1A",
        "gpg44_level": "HIGH",
        "evidence_checked_by": "RHQ",
        "check_date": "2026-10-01",
        "check_route": "IDSP",
    },
    "professional_registration": {
        "body": "NMC",
        "number": "71A2998E",
        "register_part": "RNA",
        "registration_status": "CONDITIONS",
        "practising_right": True,
        "restrictions": [
            {
                "type": "CONDITIONS",
                "start": "2026-05-01",
                "end": "2027-05-01",
                "review_date": "2026-12-01",
                "public_text": "Must not administer medicines unless supervised.",
            }
        ],
        "annotations": [{"code": "INDEPENDENT_PRESCRIBER", "detail": "V300"}],
        "first_registered": "2008-09-01",
        "expiry_date": "2027-09-30",
        "revalidation_due": "2027-09-30",
        "checked_at": "2026-11-02T06:00:00Z",
        "source": "REGISTER_FILE",
    },
    "training_award": {
        "framework": "CSTF",
        "subject_code": "RESUS_ADULT",
        "subject": "Resuscitation",
        "level": "2",
        "competency": "Resuscitation Adult Basic Life Support",
        "award_basis": "ASSESSMENT",
        "learning_method": "04",
        "awarding_organisation": "RHQ",
        "awarded_on": "2026-02-28",
        "content_version": "2026.1",
    },
    "employment_assignment": {
        "employer_ods": "RHQ",
        "employer_name": "Sheffield Teaching Hospitals",
        "site_ods": "RHQNG",
        "staff_group": "NURSING_AND_MIDWIFERY_REGISTERED",
        "job_role": "Staff nurse",
        "job_title": "Staff nurse, critical care",
        "pay_band": "BAND_5",
        "contract_type": "PERMANENT",
        "assignment_status": "ENDED",
        "starts_on": "2020-01-06",
        "ends_on": "2026-10-31",
        "esr_vpd": "218",
        "esr_assignment_number": "21234567-2",
    },
    "dbs_outcome": {
        "level": "ENHANCED_BARRED",
        "workforce": "CHILD_AND_ADULT",
        "adults_barred_checked": True,
        "childrens_barred_checked": False,
        "certificate_number": "001234567890",
        "issue_date": "2025-03-01",
        "registered_body_number": "20012345678",
        "update_service": {
            "subscribed": True,
            "last_result": "NO_NEW_INFO",
            "last_checked": "2026-10-20",
        },
        "employer_decision": "CLEARED_FOR_ROLE",
        "decided_on": "2025-03-04",
    },
    "right_to_work_outcome": {
        "route": "HO_ONLINE_SHARE_CODE",
        "outcome": "TIME_LIMITED",
        "conditions": ["MAX_20H_TERM"],
        "valid_until": "2028-01-31",
        "follow_up_due": "2028-01-03",
        "checked_on": "2026-09-01",
        "checked_by_ods": "RHQ",
    },
    "oh_clearance": {
        "outcome": "FIT_WITH_ADJUSTMENTS",
        "placement_limits": ["NO_NIGHT_WORK"],
        "epp_clearance": "EPP_CLEARED",
        "tb_screen": "COMPLETE",
        "immunisation_requirements_met": ["HEPATITIS_B", "VARICELLA"],
        "cleared_for_role_group": "CLINICAL_EPP",
        "cleared_on": "2026-08-01",
        "review_by": "2027-08-01",
        "oh_provider": "RHQ",
    },
    "qualification": {
        "title": "BSc (Hons) Nursing (Adult)",
        "qualification_type": "BACHELORS_DEGREE",
        "awarding_body": "Sheffield Hallam University",
        "awarded_on": "2008-07",
        "country": "GB",
        "level": "6",
    },
    "competence": {
        "framework": "ADVANCED_PRACTICE",
        "code": "ACP-ED-2",
        "title": "Advanced clinical practice: emergency care",
        "scope": "Adults; not trauma team lead.",
        "supervision_level": "INDEPENDENT",
        "assessed_on": "2026-03-01",
        "assessor_role": "Consultant practitioner",
        "gained_at_ods": "RHQ",
        "last_practised": "2026-10",
        "review_by": "2029-03-01",
    },
    "site_induction": {
        "host_ods": "RXF",
        "site_ods": "RXF05",
        "department": "Emergency department",
        "checklist_version": "7",
        "done_on": "2026-11-01",
        "valid_until": "2027-11-01",
    },
    "licence_to_attend": {
        "instrument": "LICENCE_TO_ATTEND",
        "home_ods": "RHQ",
        "host_ods": "RXF",
        "starts_on": "2026-11-01",
        "ends_on": "2027-03-31",
        "sites": ["RXF05", "RXF10"],
        "role_scope": "Band 5 nurse, adult wards",
        "supervision": "INDIRECT",
        "agreement": "WSA-7",
        "agreement_version": "3",
        "accepted_at": {
            "home": "2026-10-20T10:00:00Z",
            "host": "2026-10-21T10:00:00Z",
            "holder": "2026-10-22T10:00:00Z",
        },
        "terms_hash": "ab" * 32,
    },
}


def claims(name: str, **changed: Any) -> dict[str, Any]:
    """Claims of that type that may be issued, but for what is changed; `...` leaves one out."""
    whole = {**FACTS[name], **PROVENANCE, **changed}
    return {claim: value for claim, value in whole.items() if value is not ...}


TYPES = sorted(FACTS)
SCHEMAS = {
    name: jsonschema_rs.Draft202012Validator(json_schema(kind), validate_formats=True)
    for name, kind in credential_types().items()
}


def words(wrong: dict[str, list[str]]) -> str:
    """Every claim and reason, as one text."""
    return "; ".join(f"{name} {reason}" for name, reasons in wrong.items() for reason in reasons)

"""The words of the issuing pages: states, reasons, routes, documents, and who checked what."""

from collections.abc import Mapping
from datetime import date

from passport.model.credential_types import Revocation, Suspension, Withdrawal, credential_types
from passport.model.credentials import CredentialState
from passport.rules.credentials.credential_states import suspensions
from passport.web.words import london_date

STATES: Mapping[CredentialState, tuple[str, str]] = {
    CredentialState.OFFERED: ("Waits for the holder", "info"),
    CredentialState.HELD: ("Held", "good"),
    CredentialState.SUSPENDED: ("Suspended", "warn"),
    CredentialState.REJECTED: ("Turned down", "bad"),
    CredentialState.RESOLVED: ("Turned down, looked into", "plain"),
    CredentialState.WITHDRAWN: ("Withdrawn", "plain"),
    CredentialState.REVOKED: ("Revoked", "bad"),
    CredentialState.SUPERSEDED: ("Replaced", "plain"),
}
"""State → words and tone."""
WITHDRAWALS: Mapping[Withdrawal, str] = {
    Withdrawal.ISSUED_IN_ERROR: "Issued in error",
    Withdrawal.UPDATED_INFORMATION: "The information has changed",
    Withdrawal.NO_LONGER_VALID: "No longer valid",
}
SUSPENSIONS: Mapping[Suspension, str] = {
    Suspension.NOT_CURRENTLY_AVAILABLE: "Not currently available",
    Suspension.REGISTER_ENTRY_CHANGED: "The register entry changed",
    Suspension.SUSPECT_NO_LONGER_VALID: "May no longer be valid",
    Suspension.PHONE_LOST: "The phone is lost",
}
REVOCATIONS: Mapping[Revocation, str] = {
    Revocation.PROVIDED_IN_ERROR: "Provided in error",
    Revocation.NO_LONGER_VALID: "No longer valid",
    Revocation.LEAVING_ORGANISATION: "Leaving the organisation",
}
"""What an officer may give; a death has a page of its own, and replacing needs no choice."""
ROUTES: Mapping[str, str] = {
    "FACE_TO_FACE": "Seen in person with documents",
    "IDSP": "By an identity service",
    "NHS_CREDENTIAL": "By another NHS credential",
    "ON_RECORD": "On record from before",
}
DOCUMENTS: Mapping[str, str] = {
    "PASSPORT": "Passport",
    "DRIVING_LICENCE": "Driving licence",
    "EVISA": "eVisa",
    "IDENTITY_CARD": "National identity card",
    "UTILITY_BILL": "Utility bill",
    "BANK_STATEMENT": "Bank statement",
    "COUNCIL_TAX": "Council tax statement",
    "BIRTH_CERTIFICATE": "Birth certificate",
    "NAME_CHANGE": "Marriage certificate or deed poll",
}
DISAGREEMENTS: Mapping[str, str] = {
    "not_the_person": "The photo is not of this person",
    "documents_not_right": "The documents are not right",
    "not_seen": "I could not see the documents",
}
_METHODS = {
    "DOCUMENT_AND_RECORD": "document and record",
    "PRIMARY_SOURCE_API": "asked at the source",
    "PRIMARY_SOURCE_FILE": "file of the source",
    "IDSP": "identity service",
    "IN_PERSON": "in person",
    "SELF_ASSERTED": "their own word",
    "NOT_VERIFIED": "not verified",
}
EXCEPTIONS: Mapping[str, str] = {
    "identity_not_checked": "No identity check on record",
    "register_not_checked": "Register not looked at",
    "not_registered": "Registration does not stand",
    "registration_over": "Registration has run out",
    "registration_disputed": "Number belongs to somebody else too",
    "restrictions_unknown": "Terms of a restriction not on record",
    "dbs_day_unknown": "Day of the DBS certificate missing",
    "barred_list_unknown": "Barred list not on record",
    "claim": "Something on record does not fit",
    "suspended": "A credential is suspended",
    "turned_down": "A credential was turned down",
    "ended_in_error": "Ended as an error before",
    "own_passport": "Your own record",
    "has_left": "Has left",
    "nothing_new": "Nothing new",
    "no_identity": "No identity credential",
}


def title_of(kind: str) -> str:
    """`Training award` for `training_award`."""
    known = credential_types().get(kind)
    return known.title if known else kind


def about(kind: str, claims: Mapping[str, object]) -> str:
    """What a credential is about, in a few words."""
    names: Mapping[str, tuple[str, ...]] = {
        "identity": ("legal_given_names", "legal_family_name"),
        "professional_registration": ("body", "number"),
        "training_award": ("subject", "awarded_on"),
        "employment_assignment": ("job_role", "pay_band"),
        "dbs_outcome": ("level", "issue_date"),
        "right_to_work_outcome": ("outcome", "checked_on"),
    }
    said = [_said(name, claims[name]) for name in names.get(kind, ()) if name in claims]
    return " ".join(said)


def _said(name: str, value: object) -> str:
    """A day in words; a code without its underscores, in small letters but for the first."""
    text = str(value)
    if name.endswith(("_on", "_date")):
        return f"({london_date(date.fromisoformat(text))})"
    coded = text.isupper() and name in ("level", "pay_band", "outcome")
    return text.replace("_", " ").capitalize() if coded else text


def provenance(claims: Mapping[str, object]) -> str:
    """Who checked it and how: `RWJ, document and record; sourced`."""
    method = _METHODS.get(str(claims.get("verification_method")), "")
    return f"{claims.get('verifier')}, {method}; {str(claims.get('pedigree')).lower()}"


def held_back(state: CredentialState, reason: str | None) -> str:
    """Why it is where it is, in words."""
    standing = suspensions(state, reason)
    if standing:
        return ", ".join(sorted(SUSPENSIONS[one] for one in standing))
    known = {str(code): words for code, words in (*WITHDRAWALS.items(), *REVOCATIONS.items())}
    known |= {"staff_member_deceased": "Has died", "replaced": "", "incorrect": "Not correct"}
    known |= {"duplicate": "Has it already", "no_longer_wanted": "Not wanted", "other": "Other"}
    return known.get(reason or "", "")

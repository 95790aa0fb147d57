"""What can an organisation assert of a person, from the checks and facts it holds?

Rule in plain English. A credential says what was checked, by whom, when and how, and no more than
that: a check that was on record before is passed on as sourced, an award whose day was counted
back from an expiry as derived, and only the employer's own posts are authoritative. What a person
declared of themselves is asserted by nobody. A registration is issued only where somebody looked
at the register and it stands; what limits it comes along, or it is not issued. Whatever cannot be
issued is named with the reason, for an officer to look at.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from passport.errors import Cure, Reason
from passport.model.facts import FactKind, FactValue
from passport.model.training_subjects import NOT_CSTF, SUBJECT_TITLES
from passport.rules.credentials.credential_claims import wrong_claims
from passport.rules.verifying.registration_standing import ASK, GOOD

Claims = dict[str, Any]
ON_RECORD = "ON_RECORD"
FROM_RECORDS = (
    "identity",
    "professional_registration",
    "training_award",
    "employment_assignment",
    "dbs_outcome",
    "right_to_work_outcome",
)
"""The types that a record is made into."""
_STANDARDS_FROM = date(2022, 3, 18)
"""NHS employment check standards as refreshed; what was checked before followed another version."""
_SOURCES = {
    "register": ("REGISTER_API", "PRIMARY_SOURCE_API"),
    "register_file": ("REGISTER_FILE", "PRIMARY_SOURCE_FILE"),
    "by_hand": ("REGISTER_SEARCH", "DOCUMENT_AND_RECORD"),
}
"""Source of a registration fact → where it was checked and how. A personnel file is no look at
the register."""
_PLAIN = GOOD | {"provisional", "temporary_emergency"}
_ROUTES = {ON_RECORD: "FACE_TO_FACE"}
"""Before identity services every check on record was made in person, against documents."""
_METHODS = {"FACE_TO_FACE": "IN_PERSON", "IDSP": "IDSP"}
_ESR_NUMBER = re.compile(r"[0-9]{6,10}(?:-[0-9]{1,2})?", re.ASCII)
_LEVELS = {name: name.upper() for name in ("basic", "standard", "enhanced", "enhanced_barred")}
_WORKFORCES = {"adult": "ADULT", "child": "CHILD", "both": "CHILD_AND_ADULT"}
_CHECKED_AGAIN = frozenset({"last_refresh", "checked_at", "source", "verification_method"})
"""Claims that a further look changes though nothing else did: no reason to issue anew."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A check of who somebody is, agreed by a second officer or on record from before."""

    route: str
    checked_on: date
    checked_by: str
    gpg45_profile: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A post as the floor that keeps posts tells it, in the words of the credential type."""

    number: str
    staff_group: str
    role: str
    starts_on: date
    pay_band: str | None = None
    contract: str | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class HeldFact:
    """A fact with the identifier it is on record under."""

    id: UUID
    fact: FactValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything that an organisation holds of a person and may assert from."""

    ods: str
    organisation: str
    given_name: str
    family_name: str
    date_of_birth: date
    today: date
    identity: Identity | None = None
    facts: Sequence[HeldFact] = ()
    jobs: Sequence[Job] = ()
    photo: bytes | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A credential that can be issued."""

    type: str
    claims: Claims
    fact_id: UUID | None = None

    @property
    def slot(self) -> str:
        """Which thing of its type it is about."""
        return slot(self.type, self.claims)


@dataclass(frozen=True, slots=True)
class Missed:
    """What is on record and cannot be issued."""

    type: str
    reasons: tuple[Reason, ...]
    fact_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Issuable:
    """What can be issued from a record, and what cannot."""

    made: tuple[Made, ...] = ()
    missed: tuple[Missed, ...] = field(default=())


class _CannotSay(Exception):
    """The reason why a credential cannot be made."""

    def __init__(self, code: str, text: str, cure: str = "") -> None:
        super().__init__(code)
        self.reason = Reason(code, cure=Cure(cure) if cure else None, text=text)


def issuable(record: Record) -> Issuable:
    """Every credential that the record can be made into, each checked against its type."""
    made: list[Made] = []
    missed: list[Missed] = []
    for kind, fact_id, build in _attempts(record):
        try:
            claims = {name: value for name, value in build().items() if value is not None}
        except _CannotSay as problem:
            missed.append(Missed(kind, (problem.reason,), fact_id))
            continue
        wrong = wrong_claims(kind, claims)
        if wrong:
            reasons = (Reason("claim", {"claim": k}, text=f"{k} {v[0]}") for k, v in wrong.items())
            missed.append(Missed(kind, tuple(reasons), fact_id))
        else:
            made.append(Made(kind, claims, fact_id))
    return Issuable(tuple(made), tuple(missed))


def slot(kind: str, claims: Mapping[str, Any]) -> str:
    """Which thing of its type a credential is about: two of one slot cannot both be the latest."""
    names = {
        "professional_registration": ("body",),
        "training_award": ("subject_code", "level"),
        "dbs_outcome": ("workforce",),
        "employment_assignment": ("employer_ods", "esr_assignment_number", "starts_on"),
    }.get(kind, ())
    return ":".join(str(claims.get(name, "")) for name in names)


def says_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two credentials of one slot differ in nothing but when and where it was looked up."""
    names = (one.keys() | other.keys()) - _CHECKED_AGAIN
    return all(one.get(name) == other.get(name) for name in names)


def moment(at: datetime) -> str:
    """A moment as claims carry it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _attempts(record: Record) -> Iterator[tuple[str, UUID | None, Callable[[], Claims]]]:
    yield "identity", None, lambda: _identity(record)
    makers = {
        FactKind.REGISTRATION: ("professional_registration", _registration),
        FactKind.TRAINING: ("training_award", _training),
        FactKind.DBS: ("dbs_outcome", _dbs),
        FactKind.RIGHT_TO_WORK: ("right_to_work_outcome", _right_to_work),
    }
    for held in record.facts:
        if held.fact.kind in makers and held.fact.checked_by_id is not None:
            kind, maker = makers[held.fact.kind]
            yield kind, held.id, lambda maker=maker, fact=held.fact: maker(record, fact)  # type: ignore[misc]
    for job in record.jobs:
        if job.ends_on is None or job.ends_on >= record.today:
            yield "employment_assignment", None, lambda job=job: _employment(record, job)  # type: ignore[misc]


def _provenance(record: Record, *, refreshed: str, **said: str) -> Claims:
    usual = {
        "origin": "NHS_EMPLOYER",
        "assurance_outcome": "CHECK_COMPLETE",
        "provider": record.ods,
        "verifier": record.ods,
        "verification_method": "DOCUMENT_AND_RECORD",
        "pedigree": "SOURCED",
        "last_refresh": refreshed,
    }
    return {**usual, **said}


def _standard(name: str, on: date) -> str:
    return f"NHS_ECS_{name}_2022_03" if on >= _STANDARDS_FROM else "LOCAL_POLICY"


def _identity(record: Record) -> Claims:
    check = record.identity
    if check is None:
        raise _CannotSay(
            "identity_not_checked",
            "No identity check is on record.",
            "Check who they are and have a second officer agree",
        )
    by_service = check.route == "IDSP"
    photo = None
    if record.photo is not None:
        photo = f"data:image/jpeg;base64,{b64encode(record.photo).decode()}"
    return {
        "legal_given_names": record.given_name or None,
        "legal_family_name": record.family_name,
        "date_of_birth": record.date_of_birth.isoformat(),
        "photo": photo,
        "gpg45_profile": check.gpg45_profile,
        "evidence_checked_by": check.checked_by,
        "check_date": check.checked_on.isoformat(),
        "check_route": _ROUTES.get(check.route, check.route),
        **_provenance(
            record,
            refreshed=moment(datetime.combine(check.checked_on, time(), UTC)),
            origin="IDENTITY_SERVICE_PROVIDER" if by_service else "NHS_EMPLOYER",
            assurance_policy="GPG45" if by_service else _standard("IDENTITY", check.checked_on),
            verification_method=_METHODS.get(check.route, "DOCUMENT_AND_RECORD"),
        ),
    }


def _registration(record: Record, fact: FactValue) -> Claims:
    said, at = fact.value, _checked(fact)
    if fact.source not in _SOURCES:
        raise _CannotSay(
            "register_not_checked",
            "Nobody has looked this number up on the register.",
            "Take a register file in, or look the number up",
        )
    status = str(said.get("register_status") or said.get("status") or "unknown").lower()
    if status not in GOOD | ASK:
        raise _CannotSay("not_registered", "The register does not show a standing registration.")
    if fact.valid_until is not None and fact.valid_until < record.today:
        raise _CannotSay("registration_over", "The registration has run out.")
    source, method = _SOURCES[fact.source]
    return {
        "body": said.get("body"),
        "number": said.get("number"),
        "register_part": said.get("register_part") or said.get("profession"),
        "registration_status": status.upper(),
        "practising_right": said.get("practising_right"),
        "restrictions": _restrictions(fact, status),
        "annotations": said.get("annotations") or None,
        "first_registered": said.get("first_registered"),
        "expiry_date": fact.valid_until.isoformat() if fact.valid_until else None,
        "revalidation_due": said.get("revalidation_due"),
        "checked_at": moment(at),
        "source": source,
        **_provenance(
            record,
            refreshed=moment(at),
            origin="REGULATOR",
            assurance_policy=_standard("REGISTRATION_AND_QUALIFICATION", at.date()),
            verification_method=method,
        ),
    }


def _restrictions(fact: FactValue, status: str) -> list[Any]:
    found = list(fact.value.get("restrictions") or ())
    if status not in _PLAIN and not found:
        raise _CannotSay(
            "restrictions_unknown",
            "The register shows a restriction whose terms are not on record.",
            "Take a register file in that has them",
        )
    return found


def _training(record: Record, fact: FactValue) -> Claims:
    said, code = fact.value, str(fact.value.get("subject"))
    title = said.get("title") or SUBJECT_TITLES.get(code) or said.get("competency")
    known = "CSTF" if code in SUBJECT_TITLES and code not in NOT_CSTF else None
    framework = said.get("framework") or known or ("MAND" if code in NOT_CSTF else "LOCAL")
    return {
        "framework": framework,
        "subject_code": code,
        "subject": title or code,
        "level": str(said.get("level") or 1),
        "competency": said.get("competency"),
        "award_basis": "TRAINING",
        "awarding_organisation": record.ods,
        "awarded_on": fact.awarded_on.isoformat() if fact.awarded_on else None,
        **_provenance(
            record,
            refreshed=moment(_checked(fact)),
            assurance_policy="CSTF" if framework == "CSTF" else "LOCAL_POLICY",
            assurance_outcome="CSTF_APPLIED" if framework == "CSTF" else "LOCAL_PROCESS_COMPLETE",
            pedigree="DERIVED" if said.get("derived") else "SOURCED",
        ),
    }


def _dbs(record: Record, fact: FactValue) -> Claims:
    level = _LEVELS.get(str(fact.value.get("level")))
    workforce = str(fact.value.get("workforce") or "")
    barred = level == "ENHANCED_BARRED"
    if fact.awarded_on is None:
        raise _CannotSay("dbs_day_unknown", "The day of the certificate is not on record.")
    if barred and workforce not in _WORKFORCES:
        raise _CannotSay(
            "barred_list_unknown", "Which barred list was checked is not on record."
        )
    return {
        "level": level,
        "workforce": None if level == "BASIC" else _WORKFORCES.get(workforce),
        "adults_barred_checked": True if barred and workforce in ("adult", "both") else None,
        "childrens_barred_checked": True if barred and workforce in ("child", "both") else None,
        "issue_date": fact.awarded_on.isoformat(),
        "employer_decision": "CLEARED_FOR_ROLE",
        "decided_on": _checked(fact).date().isoformat(),
        **_provenance(
            record,
            refreshed=moment(_checked(fact)),
            assurance_policy=_standard("CRIMINAL_RECORD", fact.awarded_on),
        ),
    }


def _right_to_work(record: Record, fact: FactValue) -> Claims:
    said = fact.value
    if not said.get("check_route"):
        raise _CannotSay(
            "right_to_work_route_unknown", "How the right to work was checked is not on record."
        )
    limited = said.get("route") != "unlimited"
    until = fact.valid_until.isoformat() if limited and fact.valid_until else None
    conditions = {"student": ["MAX_20H_TERM"], "skilled_worker": ["SPONSORED_EMPLOYER_ONLY"]}
    return {
        "route": said["check_route"],
        "outcome": "TIME_LIMITED" if limited else "UNLIMITED",
        "conditions": conditions.get(str(said.get("route"))),
        "valid_until": until,
        "follow_up_due": until,
        "checked_on": _checked(fact).date().isoformat(),
        "checked_by_ods": record.ods,
        **_provenance(
            record,
            refreshed=moment(_checked(fact)),
            assurance_policy=_standard("RIGHT_TO_WORK", _checked(fact).date()),
        ),
    }


def _employment(record: Record, job: Job) -> Claims:
    return {
        "employer_ods": record.ods,
        "employer_name": record.organisation,
        "staff_group": job.staff_group,
        "job_role": job.role,
        "pay_band": job.pay_band,
        "contract_type": job.contract,
        "assignment_status": "ACTIVE",
        "starts_on": job.starts_on.isoformat(),
        "ends_on": job.ends_on.isoformat() if job.ends_on else None,
        "esr_assignment_number": job.number if _ESR_NUMBER.fullmatch(job.number) else None,
        **_provenance(
            record,
            refreshed=moment(datetime.combine(record.today, time(), UTC)),
            assurance_policy="LOCAL_CONTRACTUAL_ARRANGEMENT",
            assurance_outcome="ONBOARDING_COMPLETE",
            pedigree="AUTHORITATIVE",
        ),
    }


def _checked(fact: FactValue) -> datetime:
    if fact.checked_at is None:
        raise _CannotSay("check_undated", "When this was checked is not on record.")
    return fact.checked_at

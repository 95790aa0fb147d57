"""Which of somebody's credentials stand in a gate token, and how short?

The gate needs who somebody is, what they do and for whom, and, where they have them, the entry of
a register, a DBS clearance and the awards of the training list. Each comes from a live credential
of the same issuer; of several registrations the one of the present job is shown, else the first.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from passport.rules.tokens.gate_facts import (
    EPOCH,
    MOST_TEXT,
    SUBJECTS,
    Award,
    Dbs,
    GateFacts,
    Registration,
)

Held = tuple[str, Mapping[str, Any]]
"""Type and claims of a credential."""
_SOURCES = {
    "REGISTER_API": "register",
    "REGISTER_FILE": "register_file",
    "EMPLOYER_CONFIRMATION_SERVICE": "register_file",
    "REGISTER_SEARCH": "by_hand",
}
_WORKFORCES = {"CHILD": "child", "ADULT": "adult", "CHILD_AND_ADULT": "both"}


def gate_facts(held: Iterable[Held], *, ods: str, face: bytes | None) -> GateFacts | None:
    """The facts of a gate token that `ods` may issue; None without a name."""
    by_type: dict[str, list[Mapping[str, Any]]] = {}
    for kind, claims in held:
        by_type.setdefault(kind, []).append(claims)
    if "identity" not in by_type:
        return None
    identity = by_type["identity"][-1]
    jobs = [one for one in by_type.get("employment_assignment", []) if _active(one)]
    job = jobs[-1] if jobs else {}
    return GateFacts(
        name=_name(identity),
        role=str(job.get("job_role", "Staff"))[:MOST_TEXT].strip(),
        employer=str(job.get("employer_ods", ods)),
        registration=_registration(by_type.get("professional_registration", [])),
        dbs=_dbs(by_type.get("dbs_outcome", [])),
        training=_training(by_type.get("training_award", [])),
        face=face,
    )


def _active(job: Mapping[str, Any]) -> bool:
    return job.get("assignment_status") == "ACTIVE"


def _name(identity: Mapping[str, Any]) -> str:
    """The legal name, shortened from the given names where it is too long for the code."""
    given = str(identity.get("legal_given_names", ""))
    family = str(identity["legal_family_name"])
    return f"{given} {family}".strip()[:MOST_TEXT].strip()


def _registration(entries: list[Mapping[str, Any]]) -> Registration | None:
    for entry in entries[-1:]:
        return Registration(
            body=str(entry["body"]),
            number=str(entry["number"]),
            status=str(entry["registration_status"]).lower(),
            checked_on=datetime.fromisoformat(str(entry["checked_at"])).date(),
            source=_SOURCES[str(entry["source"])],
        )
    return None


def _dbs(outcomes: list[Mapping[str, Any]]) -> Dbs | None:
    for outcome in outcomes[-1:]:
        workforce = _WORKFORCES.get(str(outcome.get("workforce")))
        if workforce is not None:
            return Dbs(
                level=str(outcome["level"]).lower(),
                workforce=workforce,
                dated=date.fromisoformat(str(outcome["issue_date"])),
            )
    return None


def _training(awards: list[Mapping[str, Any]]) -> dict[str, Award]:
    """Of each subject the newest award at the highest level."""
    found: dict[str, Award] = {}
    for award in awards:
        subject, level = str(award["subject_code"]), int(award["level"])
        day = date.fromisoformat(str(award["awarded_on"]))
        if subject not in SUBJECTS or day <= EPOCH or not 1 <= level <= 4:
            continue
        old = found.get(subject)
        if old is None or (level, day) > (old.level, old.awarded_on):
            found[subject] = Award(day, level)
    return found

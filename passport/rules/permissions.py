"""Who may do what on the ground floor: one table.

A deed is allowed when the actor holds one of its roles in the organisation it acts in, and, for
an API token, when the token's scopes include it. Some deeds want the second factor again, given
within the last minutes (step-up). The operator at the server may do every deed, recorded as such;
a job only what is named for jobs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from passport.actors import AccessRole, Actor, Via
from passport.errors import Reason

R = AccessRole


@dataclass(frozen=True, slots=True)
class Permission:
    """The roles of a deed, and whether it wants a fresh second factor."""

    roles: frozenset[AccessRole]
    step_up: bool = False
    jobs: bool = False


def permit(*roles: AccessRole, step_up: bool = False, jobs: bool = False) -> Permission:
    """Shorthand for the tables."""
    return Permission(frozenset(roles), step_up, jobs)


class Deed(StrEnum):
    """Deeds of the ground floor."""

    IMPORT_ORGANISATIONS = "organisations.import"
    CREATE_ACCOUNT = "accounts.create"
    OPEN_ACCOUNT = "accounts.open"
    READ_ACCOUNTS = "accounts.read"
    GRANT_ROLE = "roles.grant"
    END_ACCOUNT = "accounts.end"
    DELEGATE = "delegations.make"
    IMPORT_PEOPLE = "people.import"
    EDIT_PERSON = "people.edit"
    READ_PEOPLE = "people.read"
    ADD_FACT = "facts.add"
    EXPORT_INVITATIONS = "invitations.export"
    READ_AUDIT = "audit.read"
    READ_PASSPORTS = "passports.read"
    ISSUE = "passports.issue"
    """Decide, withdraw, suspend, revoke, reissue; check who somebody is."""
    CHECK_REGISTER = "registers.check"
    MANAGE_KEYS = "keys.manage"
    READ_KEYS = "keys.read"
    TRUST = "trust.change"
    """Believe another installation's list, or no longer."""
    PUBLISH = "passports.publish"
    """Sign status lists and the trust list anew."""
    VERIFY = "passports.verify"
    ASK_TO_PRESENT = "passports.ask"
    FORGET = "passports.forget"
    """Throw away what was shown once its purpose no longer allows keeping it."""
    ENROL_DEVICE = "devices.enrol"
    READ_VERDICTS = "verdicts.read"
    SET_FRESHNESS = "freshness.set"
    """How old a check may be at one's own organisation."""
    SEE_SUBJECTS = "subjects.read"
    """Who asked for their data or its erasure, and what was done."""
    EXPORT_SUBJECT = "subjects.export"
    """Everything held of one person, as a file (UK GDPR Article 15)."""
    ASK_ERASURE = "subjects.ask_erasure"
    ERASE = "subjects.erase"
    """Agree, as the second person, that somebody's data is erased (Article 17)."""
    USE_OWN_ACCOUNT = "account.own"


PERMISSIONS: Mapping[str, Permission] = {
    Deed.IMPORT_ORGANISATIONS: permit(),
    Deed.CREATE_ACCOUNT: permit(R.BANK_MANAGER, R.HR_OFFICER),
    Deed.OPEN_ACCOUNT: permit(),
    Deed.READ_ACCOUNTS: permit(R.BANK_MANAGER, R.HR_OFFICER, R.AUDITOR),
    Deed.GRANT_ROLE: permit(R.BANK_MANAGER, step_up=True),
    Deed.END_ACCOUNT: permit(R.BANK_MANAGER, R.HR_OFFICER),
    Deed.DELEGATE: permit(R.BANK_MANAGER, step_up=True),
    Deed.IMPORT_PEOPLE: permit(R.HR_OFFICER, R.BANK_MANAGER),
    Deed.EDIT_PERSON: permit(R.HR_OFFICER, R.BANK_MANAGER),
    Deed.READ_PEOPLE: permit(R.HR_OFFICER, R.BANK_MANAGER, R.ROTA_COORDINATOR, R.AUDITOR),
    Deed.ADD_FACT: permit(R.HR_OFFICER, R.BANK_MANAGER),
    Deed.EXPORT_INVITATIONS: permit(R.HR_OFFICER, R.BANK_MANAGER, step_up=True),
    Deed.READ_AUDIT: permit(R.AUDITOR, R.BANK_MANAGER),
    Deed.READ_PASSPORTS: permit(R.HR_OFFICER, R.BANK_MANAGER, R.AUDITOR),
    Deed.ISSUE: permit(R.HR_OFFICER, step_up=True),
    Deed.CHECK_REGISTER: permit(R.HR_OFFICER, R.BANK_MANAGER, jobs=True),
    Deed.MANAGE_KEYS: permit(R.BANK_MANAGER, step_up=True),
    Deed.READ_KEYS: permit(R.BANK_MANAGER, R.HR_OFFICER, R.AUDITOR),
    Deed.TRUST: permit(),
    Deed.PUBLISH: permit(jobs=True),
    Deed.VERIFY: permit(R.VERIFIER, R.HR_OFFICER, R.ROTA_COORDINATOR, R.BANK_MANAGER),
    Deed.ASK_TO_PRESENT: permit(R.VERIFIER, R.HR_OFFICER),
    Deed.FORGET: permit(jobs=True),
    Deed.ENROL_DEVICE: permit(R.BANK_MANAGER, R.HR_OFFICER, step_up=True),
    Deed.SET_FRESHNESS: permit(R.BANK_MANAGER, step_up=True),
    Deed.READ_VERDICTS: permit(R.HR_OFFICER, R.BANK_MANAGER, R.VERIFIER, R.AUDITOR),
    Deed.SEE_SUBJECTS: permit(R.IG_LEAD, R.HR_OFFICER, R.BANK_MANAGER, R.AUDITOR),
    Deed.EXPORT_SUBJECT: permit(R.IG_LEAD, step_up=True),
    Deed.ASK_ERASURE: permit(R.IG_LEAD, step_up=True),
    Deed.ERASE: permit(R.HR_OFFICER, R.BANK_MANAGER, step_up=True),
    Deed.USE_OWN_ACCOUNT: permit(*AccessRole),
}


CONFIRM = "Confirm it is you with your second factor first."
NAME_IT = "A token does this only where it was made for it by name: make one that names it."


def why_not(actor: Actor, deed: str, table: Mapping[str, Permission]) -> Reason | None:
    """Why the actor may not do the deed: `forbidden` or `step_up_needed`; None = may."""
    permission = table.get(deed, Permission(frozenset()))
    if actor.via is Via.OPERATOR:
        return None
    if actor.via is Via.JOB:
        return None if permission.jobs else Reason("forbidden")
    if not (actor.roles & permission.roles):
        return Reason("forbidden")
    if actor.scopes is not None and deed not in actor.scopes:
        return Reason("forbidden", text="The token is not allowed to do this.")
    if permission.step_up and not actor.stepped_up:
        return Reason("step_up_needed", text=NAME_IT if actor.via is Via.TOKEN else CONFIRM)
    return None

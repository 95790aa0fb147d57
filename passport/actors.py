"""Who acts: an account in one organisation, the operator on the command line, or a job."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class AccessRole(StrEnum):
    """What an account may be in an organisation. Held per organisation, with dates."""

    WORKER = "worker"
    WARD_REQUESTER = "ward_requester"
    ROTA_COORDINATOR = "rota_coordinator"
    BUDGET_HOLDER = "budget_holder"
    BANK_MANAGER = "bank_manager"
    HR_OFFICER = "hr_officer"
    VERIFIER = "verifier"
    EXECUTIVE_ON_CALL = "executive_on_call"
    AUDITOR = "auditor"
    IG_LEAD = "ig_lead"
    """Information governance: subject access, erasure, retention."""
    SYSTEM_ANALYST = "system_analyst"
    AGENCY_USER = "agency_user"


class Via(StrEnum):
    """How the actor came in."""

    PAGE = "page"
    TOKEN = "token"  # noqa: S105  not a secret
    OPERATOR = "operator"
    JOB = "job"
    DEVICE = "device"
    """A device at a ward door, enrolled for one unit."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts, and where: `organisation_id` scopes every query of the deed."""

    account_id: UUID | None
    organisation_id: UUID | None
    roles: frozenset[AccessRole] = frozenset()
    person_id: UUID | None = None
    """The holder record of the person behind the account; None for accounts without one."""
    via: Via = Via.PAGE
    scopes: frozenset[str] | None = None
    """Deeds an API token is limited to; None = all that the roles allow."""
    stepped_up: bool = False
    """The second factor was given within the last minutes (policy, overrides, exports)."""
    delegated_by: UUID | None = None
    """The organisation whose dated delegation lets this actor be its second person."""


def operator(organisation_id: UUID | None = None) -> Actor:
    """The person at the server's command line: recorded as `operator`, may do every deed."""
    return Actor(
        account_id=None,
        organisation_id=organisation_id,
        roles=frozenset(AccessRole),
        via=Via.OPERATOR,
        stepped_up=True,
    )


def job() -> Actor:
    """The worker process."""
    return Actor(account_id=None, organisation_id=None, via=Via.JOB)

"""Who may be the second person for a small organisation, and for how long?

Where two people are needed and an organisation has one, it may name a person of the bank office
of its primary care network or integrated care board: someone who is a bank manager or rota
coordinator there today. The delegation names the person, the role and the days; it lasts a year
at most, ends by itself, and nobody delegates to themselves.
"""

from collections.abc import Collection
from datetime import date, timedelta

from passport.actors import AccessRole
from passport.errors import Reason
from passport.model.access_policy import AccessPolicy

BANK_OFFICE = frozenset({AccessRole.BANK_MANAGER, AccessRole.ROTA_COORDINATOR})
"""Roles that make someone a person of the bank office."""


def why_not_delegate(
    *,
    role: AccessRole,
    from_on: date,
    until_on: date,
    today: date,
    is_self: bool,
    roles_in_network: Collection[AccessRole],
    policy: AccessPolicy,
) -> list[Reason]:
    """Every reason against the delegation. `roles_in_network` are the person's roles today in
    the organisations that this one belongs to."""
    reasons = []
    if role is AccessRole.WORKER:
        reasons.append(Reason("role_not_delegable", text="A worker's role cannot be delegated."))
    if is_self:
        reasons.append(Reason("same_person", text="The second person must be someone else."))
    if not (set(roles_in_network) & BANK_OFFICE):
        reasons.append(
            Reason(
                "not_of_the_network",
                text=(
                    "Name a bank manager or rota coordinator of your primary care network or"
                    " integrated care board."
                ),
            )
        )
    if until_on < from_on or until_on < today:
        reasons.append(Reason("ends_too_early", text="The last day must lie ahead."))
    longest = timedelta(days=policy.longest_delegation_days)
    if until_on - from_on >= longest:
        reasons.append(
            Reason(
                "too_long",
                {"longest_days": policy.longest_delegation_days},
                text=f"A delegation lasts at most {policy.longest_delegation_days} days.",
            )
        )
    return reasons

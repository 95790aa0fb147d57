"""Roles in words for people."""

from collections.abc import Iterable

from passport.actors import AccessRole as R

ROLE_WORDS = {
    R.WORKER: "Bank worker",
    R.WARD_REQUESTER: "Ward requester",
    R.ROTA_COORDINATOR: "Rota coordinator",
    R.BUDGET_HOLDER: "Budget holder",
    R.BANK_MANAGER: "Bank manager",
    R.HR_OFFICER: "HR officer",
    R.VERIFIER: "Verifier",
    R.EXECUTIVE_ON_CALL: "Executive on call",
    R.AUDITOR: "Auditor",
    R.IG_LEAD: "Information governance lead",
    R.SYSTEM_ANALYST: "System analyst",
    R.AGENCY_USER: "Agency user",
}

ROLE_HINTS = {
    R.WORKER: "Finds and books shifts, keeps their own hours.",
    R.WARD_REQUESTER: "Asks for shifts on their unit.",
    R.ROTA_COORDINATOR: "Posts, fills and changes shifts.",
    R.BUDGET_HOLDER: "Authorises the spend.",
    R.BANK_MANAGER: "Runs the bank: policy, people, overrides.",
    R.HR_OFFICER: "Keeps people and their evidence.",
    R.VERIFIER: "Checks passports.",
    R.EXECUTIVE_ON_CALL: "Grants break-glass.",
    R.AUDITOR: "Reads everything, changes nothing.",
    R.IG_LEAD: "Answers what people ask about their data; erases with a second person.",
    R.SYSTEM_ANALYST: "Sees figures, never people.",
    R.AGENCY_USER: "Supplies agency workers.",
}


def role_words(roles: Iterable[R]) -> str:
    """`Bank manager, HR officer`, in the order of the list above."""
    held = set(roles)
    return ", ".join(words for role, words in ROLE_WORDS.items() if role in held)

"""Who may be the second person for a small organisation."""

from datetime import date

import pytest

from passport.actors import AccessRole as R
from passport.model.access_policy import ACCESS_POLICY
from passport.rules.access.delegations import why_not_delegate

TODAY = date(2026, 11, 22)
FINE = {
    "role": R.BANK_MANAGER,
    "from_on": date(2026, 11, 22),
    "until_on": date(2027, 3, 31),
    "today": TODAY,
    "is_self": False,
    "roles_in_network": {R.BANK_MANAGER},
    "policy": ACCESS_POLICY,
}

CASES = {
    "a bank manager of the network, for four months": ({}, []),
    "a rota coordinator of the network": ({"roles_in_network": {R.ROTA_COORDINATOR}}, []),
    "from tomorrow on": ({"from_on": date(2026, 11, 23)}, []),
    "for today alone": ({"until_on": TODAY}, []),
    "a full year": ({"until_on": date(2027, 11, 22)}, []),
    "more than a year": ({"until_on": date(2027, 11, 23)}, ["too_long"]),
    "an auditor of the network": ({"roles_in_network": {R.AUDITOR}}, ["not_of_the_network"]),
    "someone without a role there": ({"roles_in_network": set()}, ["not_of_the_network"]),
    "oneself": ({"is_self": True}, ["same_person"]),
    "as a worker": ({"role": R.WORKER}, ["role_not_delegable"]),
    "until yesterday": (
        {"from_on": date(2026, 11, 1), "until_on": date(2026, 11, 21)}, ["ends_too_early"],
    ),
    "backwards": ({"from_on": date(2027, 4, 1)}, ["ends_too_early"]),
    "everything wrong at once": (
        {"is_self": True, "role": R.WORKER, "roles_in_network": set(),
         "from_on": date(2024, 1, 1), "until_on": date(2026, 1, 1)},
        ["role_not_delegable", "same_person", "not_of_the_network", "ends_too_early", "too_long"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "codes"), CASES.values(), ids=CASES.keys())
def test_why_not_delegate(change: dict, codes: list[str]) -> None:
    assert [r.code for r in why_not_delegate(**{**FINE, **change})] == codes

"""How far a session has come, and for how long it holds."""

from datetime import UTC, datetime, timedelta

import pytest

from passport.actors import AccessRole as R
from passport.model.access_policy import ACCESS_POLICY
from passport.rules.access.sign_in import Standing, is_alive, is_fresh, limits, standing

NOW = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

STANDINGS = {
    "a worker without a factor is in": ([R.WORKER], False, False, False, Standing.COMPLETE),
    "a worker with one is asked for it": (
        [R.WORKER], True, False, False, Standing.SECOND_FACTOR_NEEDED,
    ),
    "a worker who gave it is in": ([R.WORKER], True, True, False, Standing.COMPLETE),
    "an account without any role is in, and can do nothing": (
        [], False, False, False, Standing.COMPLETE,
    ),
    "a manager who gave it is in": ([R.BANK_MANAGER], True, True, False, Standing.COMPLETE),
    "a worker who is an auditor elsewhere must enrol": (
        [R.WORKER, R.AUDITOR], False, False, False, Standing.ENROLMENT_NEEDED,
    ),
    "a demo account is spared": ([R.BANK_MANAGER], False, False, True, Standing.COMPLETE),
}  # fmt: skip


@pytest.mark.asvs("6.3.3")
@pytest.mark.parametrize(
    ("roles", "has_factor", "given", "waived", "expected"),
    STANDINGS.values(),
    ids=STANDINGS.keys(),
)
def test_standing(
    roles: list[R], has_factor: bool, given: bool, waived: bool, expected: Standing
) -> None:
    found = standing(roles_anywhere=roles, has_factor=has_factor, factor_given=given, waived=waived)
    assert found is expected


@pytest.mark.asvs("6.3.3")
@pytest.mark.parametrize("role", [role for role in R if role is not R.WORKER])
def test_every_role_but_worker_needs_a_second_factor(role: R) -> None:
    needs = {"roles_anywhere": [role], "factor_given": False, "waived": False}
    assert standing(has_factor=False, **needs) is Standing.ENROLMENT_NEEDED
    assert standing(has_factor=True, **needs) is Standing.SECOND_FACTOR_NEEDED


DAYS_30, HALF_HOUR, HALF_DAY = timedelta(days=30), timedelta(minutes=30), timedelta(hours=12)
SECOND = timedelta(seconds=1)

LIVES = {
    "a worker's own phone, unused for 30 days less a second": (
        [R.WORKER], True, DAYS_30 - SECOND, DAYS_30 - SECOND, True,
    ),
    "a worker's own phone after 30 days, however busy": (
        [R.WORKER], True, DAYS_30, SECOND, False,
    ),
    "a worker on a ward's computer, idle for half an hour less a second": (
        [R.WORKER], False, HALF_DAY - SECOND, HALF_HOUR - SECOND, True,
    ),
    "a worker on a ward's computer, idle for half an hour": (
        [R.WORKER], False, HALF_HOUR, HALF_HOUR, False,
    ),
    "a manager's own laptop, idle for half an hour less a second": (
        [R.BANK_MANAGER], True, HALF_DAY - SECOND, HALF_HOUR - SECOND, True,
    ),
    "a manager's own laptop, idle for half an hour": (
        [R.BANK_MANAGER], True, HALF_HOUR, HALF_HOUR, False,
    ),
    "a manager at work for twelve hours": ([R.BANK_MANAGER], True, HALF_DAY, SECOND, False),
    "a worker who became an auditor an hour after signing in": (
        [R.WORKER, R.AUDITOR], True, timedelta(days=2), SECOND, False,
    ),
}  # fmt: skip


@pytest.mark.asvs("7.3.1")
@pytest.mark.asvs("7.3.2")
@pytest.mark.parametrize(
    ("roles", "own_device", "age", "idle", "alive"), LIVES.values(), ids=LIVES.keys()
)
def test_how_long_a_session_lives(
    roles: list[R], own_device: bool, age: timedelta, idle: timedelta, alive: bool
) -> None:
    found = limits(roles_anywhere=roles, own_device=own_device, policy=ACCESS_POLICY)
    assert is_alive(created_at=NOW - age, seen_at=NOW - idle, now=NOW, limits=found) is alive


@pytest.mark.parametrize(
    ("ago", "fresh"),
    [(timedelta(0), True), (timedelta(seconds=299), True), (timedelta(minutes=5), False)],
    ids=["just now", "a second under five minutes ago", "five minutes ago"],
)
def test_when_a_second_factor_is_fresh(ago: timedelta, fresh: bool) -> None:
    assert is_fresh(NOW - ago, NOW, ACCESS_POLICY) is fresh
    assert not is_fresh(None, NOW, ACCESS_POLICY)

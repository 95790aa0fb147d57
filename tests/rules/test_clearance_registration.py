"""A restricted registration: barred, unless two people of the host decided that it is worked within
supervised; until when, and what ends it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bankhub.model.clearance_values import Decision, ItemState, Supervision, Timing
from bankhub.model.clearances import ClearanceState
from bankhub.rules.clearances.clearance import NEVER_BYPASSED
from bankhub.rules.clearances.clearance_case import NO_END, Case
from bankhub.rules.clearances.clearance_registration import SUPERVISABLE, latest_day, to_supervise
from passport.model.register_words import Status
from tests.rules.clearance_examples import (
    ASKED,
    NUMBER,
    REQUIREMENTS,
    TODAY,
    agreement,
    checked,
    decided,
    evidence,
    item,
    missing,
    passport,
    policy,
)

CLEARED, NOT_CLEARED = ClearanceState.CLEARED, ClearanceState.NOT_CLEARED
UNTIL = date(2026, 12, 1)
DAY = timedelta(days=1)


def leave(**change: Any) -> Supervision:
    """Leave of two people, given today."""
    whole = Supervision("NMC", "01A2345N", "conditions", TODAY, UNTIL)
    return replace(whole, **change)


def registered(**claims: Any) -> dict[str, Any]:
    return {"held": passport(professional_registration=claims)}


def restricted(status: str = "conditions", *leaves: Supervision, **change: Any) -> Decision:
    return decided(host_checks=(checked(status),), supervisions=leaves, **change)


@pytest.mark.parametrize("status", sorted(SUPERVISABLE))
def test_a_restriction_bars_until_two_people_decided(status: str) -> None:
    found = restricted(status)
    assert (found.state, missing(found)) == (NOT_CLEARED, {"registration"})
    found = restricted(status, leave(status=status))
    assert (found.state, found.until_on) == (CLEARED, UNTIL)


def test_what_the_ward_reads_says_nothing_of_why() -> None:
    found = item(restricted("conditions", leave()), "supervision")
    assert (found.state, found.timing) == (ItemState.DUE, Timing.AT_ARRIVAL)
    assert (found.title, found.why, found.clause) == ("Supervised only", "", "")
    assert found.act == "Agree before the start who supervises"
    said = item(restricted("conditions", leave()), "registration")
    assert said.state is ItemState.MET
    for word in ("condition", "undertaking", "restrict"):
        assert word not in (said.why + said.act + found.act).lower()


def test_without_a_restriction_nobody_is_supervised() -> None:
    assert "supervision" not in {one.code for one in decided(supervisions=(leave(),)).items}
    assert "supervision" not in {one.code for one in restricted("conditions").items}


@pytest.mark.parametrize("status", sorted(set(Status) - SUPERVISABLE))
def test_no_leave_reaches_beyond_a_restriction(status: Status) -> None:
    """Suspended, removed, lapsed: nobody decides about it; registered: there is nothing to."""
    with_it = restricted(status, leave(status=status), leave())
    assert with_it.state is restricted(status).state
    assert with_it.until_on == restricted(status).until_on


FALLS: dict[str, Supervision] = {
    "another number": leave(number="01A2345X"),
    "another register": leave(body="GMC"),
    "another standing": leave(status="interim_conditions"),
    "its day has passed": leave(until_on=TODAY - DAY),
}


@pytest.mark.parametrize("case", FALLS)
def test_leave_is_of_one_number_with_one_standing_until_a_day(case: str) -> None:
    assert restricted("conditions", FALLS[case]).state is NOT_CLEARED
    assert restricted("conditions", leave(until_on=TODAY)).state is CLEARED


def test_the_longest_leave_counts() -> None:
    found = restricted("conditions", leave(until_on=UNTIL + 2 * DAY), leave())
    assert found.until_on == UNTIL + 2 * DAY


def test_the_registrations_own_end_still_bounds() -> None:
    soon = {"expiry_date": (TODAY + DAY).isoformat()}
    assert restricted("conditions", leave(), **registered(**soon)).until_on == TODAY + DAY
    over = {"expiry_date": (TODAY - DAY).isoformat()}
    assert restricted("conditions", leave(), **registered(**over)).state is NOT_CLEARED
    told = decided(
        host_checks=(checked("conditions", valid_until=TODAY + DAY),), supervisions=(leave(),)
    )
    assert told.until_on == TODAY + DAY


def test_an_old_look_bars_whatever_was_decided() -> None:
    old = checked("conditions", TODAY - timedelta(days=32))
    found = decided(host_checks=(old,), supervisions=(leave(),))
    assert missing(found) == {"registration"}


def test_only_the_last_look_counts() -> None:
    looks = (checked("conditions", TODAY - DAY), checked("suspended"))
    assert decided(host_checks=looks, supervisions=(leave(),)).state is NOT_CLEARED
    looks = (checked("suspended", TODAY - DAY), checked("conditions"))
    assert decided(host_checks=looks, supervisions=(leave(),)).state is CLEARED


@pytest.mark.parametrize("turn", [1, -1])
def test_of_two_looks_at_one_moment_the_worse_counts(turn: int) -> None:
    looks = (checked("registered"), checked("suspended"))[::turn]
    assert decided(host_checks=looks).state is NOT_CLEARED


@pytest.mark.parametrize("turn", [1, -1])
def test_at_one_moment_a_suspension_counts_before_a_condition(turn: int) -> None:
    """Two people may decide about the one, and nobody about the other."""
    looks = (checked("conditions"), checked("suspended"))[::turn]
    found = decided(host_checks=looks, supervisions=(leave(),))
    assert found.state is NOT_CLEARED


def terms(**change: Any) -> dict[str, Any]:
    """A passport that carries the restriction."""
    one = {"type": "CONDITIONS", "start": "2026-07-01", **change}
    return registered(registration_status="CONDITIONS", restrictions=[one])


def test_a_passport_that_says_so_itself_is_no_bar_to_the_leave() -> None:
    assert restricted("conditions", leave(), **terms()).until_on == UNTIL
    assert missing(restricted("conditions", **terms())) == {"registration"}


def test_a_passport_that_says_so_is_looked_up_first() -> None:
    found = decided(host_checks=(), **terms())
    assert item(found, "registration").why == "Not looked up on the register here yet."


def test_a_passport_that_is_restricted_where_the_register_is_not_is_for_home() -> None:
    found = decided(supervisions=(leave(status="registered"), leave()), **terms())
    said = item(found, "registration")
    assert (said.state, said.by.value) == (ItemState.MISSING, "home")


@pytest.mark.parametrize("name", ["review_date", "end"])
def test_it_ends_when_the_restriction_is_reviewed_or_ends(name: str) -> None:
    soon = TODAY + 9 * DAY
    assert restricted("conditions", leave(), **terms(**{name: soon.isoformat()})).until_on == soon
    reviewed = terms(**{name: (TODAY - DAY).isoformat()})
    before = leave(decided_on=TODAY - 2 * DAY)
    assert restricted("conditions", before, **reviewed).state is NOT_CLEARED
    assert restricted("conditions", leave(), **reviewed).state is CLEARED
    last = terms(**{name: TODAY.isoformat()})
    assert restricted("conditions", before, **last).until_on == TODAY


def test_a_restriction_that_began_after_the_decision_is_another() -> None:
    begun = terms(start=TODAY.isoformat())
    assert restricted("conditions", leave(decided_on=TODAY - DAY), **begun).state is NOT_CLEARED
    assert restricted("conditions", leave(), **begun).state is CLEARED


@pytest.mark.parametrize("kind", ["SUSPENSION", "INTERIM_SUSPENSION"])
def test_a_suspension_among_the_restrictions_is_never_worked_within(kind: str) -> None:
    found = restricted("conditions", leave(), **terms(type=kind))
    assert missing(found) == {"registration"}
    assert restricted("conditions", leave(), **terms(type=kind, end=TODAY.isoformat())).state is (
        NOT_CLEARED
    )
    over = (TODAY - DAY).isoformat()
    assert restricted("conditions", leave(), **terms(type=kind, end=over)).state is CLEARED


@pytest.mark.parametrize("status", ["SUSPENDED", "LAPSED", "PROVISIONAL", "STRUCK_OFF", ""])
def test_a_passport_that_bars_is_not_worked_within(status: str) -> None:
    found = restricted("conditions", leave(), **registered(registration_status=status))
    assert missing(found) == {"registration"}


@pytest.mark.parametrize("looks", [(), (checked(),)])
def test_a_passport_that_bars_is_for_home_whatever_was_looked_up(looks: tuple[Any, ...]) -> None:
    said = registered(registration_status="SUSPENDED")
    assert item(decided(host_checks=looks, **said), "registration").by.value == "home"


def test_a_held_back_registration_is_not_worked_within() -> None:
    held = tuple(
        replace(one, suspended=one.type == "professional_registration") for one in passport()
    )
    found = restricted("conditions", leave(), held=held)
    assert item(found, "registration").why == "Not currently available."


def case(*looks: str, **change: Any) -> Case:
    checks = tuple(checked(one) for one in looks)
    said = evidence(host_checks=checks, **change)
    return Case(ASKED, said, policy(), REQUIREMENTS, agreement(), TODAY)


@pytest.mark.parametrize("status", sorted(Status))
def test_what_two_people_may_decide_about(status: Status) -> None:
    found = to_supervise(case(status))
    assert (found is not None) is (status in SUPERVISABLE)
    assert to_supervise(case(status, held=())) is None


def test_there_is_nothing_to_decide_without_a_look_or_beside_a_suspension() -> None:
    assert to_supervise(case()) is None
    assert to_supervise(case("conditions", **terms(type="SUSPENSION"))) is None
    assert to_supervise(case("conditions", **terms())) == checked("conditions")
    other = evidence(host_checks=(replace(checked("conditions"), number="01A2345X"),))
    assert to_supervise(replace(case(), evidence=other)) is None


def test_the_latest_day_is_the_first_review_that_lies_ahead() -> None:
    assert latest_day(case(), TODAY) == NO_END
    assert latest_day(case(held=()), TODAY) == NO_END
    both = terms(review_date="2026-11-02", end="2026-11-01")
    assert latest_day(case(**both), TODAY) == date(2026, 11, 1)
    assert latest_day(case(**both), date(2026, 11, 2)) == date(2026, 11, 2)
    assert latest_day(case(**both), date(2026, 11, 3)) == NO_END


def test_it_is_no_bypass() -> None:
    assert "registration" in NEVER_BYPASSED
    assert NUMBER["body"] == "NMC"

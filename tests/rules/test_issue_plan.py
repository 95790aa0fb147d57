"""What is decided anew, what stays, and what an officer has to look at first."""

from collections.abc import Iterable
from uuid import uuid4

import pytest

from passport.model.credentials import CredentialState
from passport.rules.issuing.issue_claims import Issuable, Made, Missed
from passport.rules.issuing.issue_plan import Plan, Standing, plan

S = CredentialState
IDENTITY = Made("identity", {"legal_family_name": "Okafor"})
FIRE = Made("training_award", {"subject_code": "FIRE", "level": "1", "awarded_on": "2026-03-02"})
NEWER = Made("training_award", {**FIRE.claims, "awarded_on": "2026-10-01"})
NMC = Made("professional_registration", {"body": "NMC", "number": "01A2345N"})


def standing(made: Made, state: CredentialState, reason: str | None = None) -> Standing:
    return Standing(id=uuid4(), type=made.type, claims=made.claims, state=state, reason=reason)


def planned(*made: Made, since: Iterable[Standing] = (), **asked: object) -> Plan:
    return plan(Issuable(made), list(since), **asked)  # type: ignore[arg-type]


def codes(found: Plan) -> list[str]:
    return [reason.code for one in found.blocked for reason in one.reasons]


def test_everything_is_new_at_first() -> None:
    found = planned(IDENTITY, FIRE, NMC)
    assert [one.made for one in found.fresh] == [IDENTITY, FIRE, NMC]
    assert found.unchanged == found.blocked == ()


def test_only_the_types_asked_for_are_issued() -> None:
    found = planned(IDENTITY, FIRE, NMC, types=("identity", "training_award"))
    assert [one.made for one in found.fresh] == [IDENTITY, FIRE]


@pytest.mark.parametrize("state", [S.OFFERED, S.HELD])
def test_nothing_is_issued_twice(state: CredentialState) -> None:
    since = [standing(one, state) for one in (IDENTITY, FIRE)]
    found = planned(IDENTITY, FIRE, since=since)
    assert (found.fresh, found.unchanged) == ((), (IDENTITY, FIRE))


def test_a_newer_award_replaces_what_is_held_once_accepted() -> None:
    held = standing(FIRE, S.HELD)
    found = planned(IDENTITY, NEWER, since=[standing(IDENTITY, S.HELD), held])
    (fresh,) = found.fresh
    assert (fresh.made, fresh.replaces, fresh.takes_back) == (NEWER, held.id, ())


def test_what_waits_for_the_holder_is_taken_back_for_the_newer() -> None:
    waiting = standing(FIRE, S.OFFERED)
    found = planned(NEWER, since=[standing(IDENTITY, S.OFFERED), waiting])
    assert found.fresh[0].takes_back == (waiting.id,)


def test_another_subject_is_another_thing() -> None:
    other = Made("training_award", {**FIRE.claims, "subject_code": "HSW"})
    found = planned(IDENTITY, other, since=[standing(FIRE, S.HELD)])
    assert [(one.made, one.replaces) for one in found.fresh] == [(IDENTITY, None), (other, None)]


@pytest.mark.parametrize(
    ("state", "reason", "code"),
    [
        (S.SUSPENDED, "not_currently_available", "suspended"),
        (S.REJECTED, "incorrect", "turned_down"),
        (S.REVOKED, "provided_in_error", "ended_in_error"),
        (S.WITHDRAWN, "issued_in_error", "ended_in_error"),
    ],
)
def test_an_officer_looks_first_at_what_was_held_back_turned_down_or_wrong(
    state: CredentialState, reason: str, code: str
) -> None:
    found = planned(IDENTITY, FIRE, since=[standing(FIRE, state, reason)])
    assert codes(found) == [code]
    assert [one.made for one in found.fresh] == [IDENTITY]


@pytest.mark.parametrize("state", [S.RESOLVED, S.SUPERSEDED, S.REVOKED])
def test_what_ended_rightly_does_not_stand_in_the_way(state: CredentialState) -> None:
    found = planned(IDENTITY, FIRE, since=[standing(FIRE, state, "leaving_organisation")])
    assert codes(found) == []


def test_a_record_put_right_after_an_error_is_issued() -> None:
    wrong = standing(FIRE, S.REVOKED, "provided_in_error")
    assert [one.made for one in planned(IDENTITY, NEWER, since=[wrong]).fresh] == [IDENTITY, NEWER]


def test_a_disputed_number_is_given_to_neither() -> None:
    found = planned(IDENTITY, NMC, disputed={"NMC:01A2345N"})
    assert codes(found) == ["registration_disputed"]
    assert [one.made for one in found.fresh] == [IDENTITY]


def test_nothing_is_issued_that_belongs_to_nobody() -> None:
    found = planned(FIRE)
    assert (found.fresh, codes(found)) == ((), ["no_identity"])
    missed = Issuable((FIRE,), (Missed("identity", ()),))
    assert plan(missed, []).fresh == ()


def test_a_number_is_compared_whole() -> None:
    assert planned(IDENTITY, NMC, disputed={"NMC:01A2345"}).blocked == ()

"""What a register's words are, whom an answer is about, and what follows from a status."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from passport.model.credential_types import credential_types
from passport.model.freshness import freshness_on
from passport.model.register_words import Status, watch_policy, words_of
from passport.model.registers import registers
from passport.rules.credentials.credential_claims import wrong_claims
from passport.rules.people.evidence import wrong_fact
from passport.rules.people.register_answers import (
    Answer,
    Asked,
    Effect,
    Match,
    claims_of,
    effect_of,
    fact_of,
    is_news,
    match,
    read_status,
)
from passport.rules.tokens.gate_facts import SOURCES
from passport.rules.verifying.registration_standing import registration_findings
from passport.rules.verifying.verdict import Outcome

S = Status
TODAY = date(2026, 11, 2)
ASKED = Asked(uuid4(), "NMC", "01A2345N", "Ada", "Okafor", date(1990, 5, 17))
ANSWER = Answer(S.REGISTERED, "Ada", "Okafor", date(1990, 5, 17), expires_on=date(2027, 9, 30))


def test_the_statuses_are_those_a_credential_may_say() -> None:
    claims = {claim.name: claim for claim in credential_types()["professional_registration"].claims}
    assert {one.value.upper() for one in S} == set(claims["registration_status"].choices)


@pytest.mark.parametrize("body", [body for body in registers() if registers()[body].statuses])
def test_every_word_of_a_register_is_known(body: str) -> None:
    known = words_of(body)
    assert [said for said in registers()[body].statuses if said.casefold() not in known] == []


WORDS = {
    "as printed": ("NMC", "Registered", S.REGISTERED),
    "in capitals, with spaces": ("NMC", "  INTERIM  suspension order ", S.INTERIM_SUSPENDED),
    "a word of another register": ("GMC", "Lapsed", S.UNKNOWN),
    "no conditions of practice": ("NMC", "No conditions of practice", S.UNKNOWN),
    "not suspended": ("NMC", "Not suspended", S.UNKNOWN),
    "a register nobody listed": ("XYZ", "Registered", S.UNKNOWN),
    "nothing": ("NMC", "", S.UNKNOWN),
    "an order that could be either": ("HCPC", "Interim order", S.UNKNOWN),
}


@pytest.mark.parametrize(("body", "said", "status"), WORDS.values(), ids=WORDS.keys())
def test_words_are_looked_up_whole_and_never_guessed(body: str, said: str, status: Status) -> None:
    assert read_status(body, said) is status


BORN = date(1990, 5, 17)
MATCHES = {
    "all agrees": ({}, Match.SAME),
    "a second given name": ({"given_names": "Ada Grace"}, Match.SAME),
    "accents, hyphens and capitals": ({"family_name": "OKÁFOR"}, Match.SAME),
    "married since, born the same day": ({"family_name": "Bright"}, Match.SAME),
    "another birthday, the same name": ({"date_of_birth": date(1990, 5, 18)}, Match.OTHER),
    "the same birthday and another name": (
        {"family_name": "Bright", "given_names": "Cora"}, Match.UNSURE,
    ),
    "no birthday, the same name": ({"date_of_birth": None}, Match.SAME),
    "no birthday, another family name": (
        {"date_of_birth": None, "family_name": "Bright"}, Match.UNSURE,
    ),
    "no birthday, another person": (
        {"date_of_birth": None, "family_name": "Bright", "given_names": "Cora"}, Match.OTHER,
    ),
    "no birthday and no name": (
        {"date_of_birth": None, "family_name": "", "given_names": ""}, Match.OTHER,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("said", "found"), MATCHES.values(), ids=MATCHES.keys())
def test_whom_an_answer_is_about(said: dict[str, object], found: Match) -> None:
    assert match(ASKED, replace(ANSWER, **said)) is found  # type: ignore[arg-type]


def test_a_person_of_one_name_is_matched_by_it() -> None:
    asked = replace(ASKED, given_name="", family_name="Okafor")
    answer = replace(ANSWER, given_names="", date_of_birth=None)
    assert match(asked, answer) is Match.SAME


@pytest.mark.parametrize("status", list(S))
def test_what_follows_agrees_with_the_verdict_at_the_door(status: Status) -> None:
    policy = freshness_on(TODAY).policy
    found = list(registration_findings(status.value, "register", TODAY, today=TODAY, policy=policy))
    worst = max((one.outcome for one in found), default=Outcome.GREEN)
    expected = {
        Effect.STANDS: Outcome.GREEN, Effect.LIMITED: Outcome.AMBER, Effect.BARRED: Outcome.RED,
        Effect.NOTHING: Outcome.RED,
    }  # fmt: skip
    assert worst is expected[effect_of(status)]


@pytest.mark.parametrize("status", [one for one in S if one is not S.UNKNOWN])
def test_every_status_makes_a_fact_and_claims_that_may_be_issued(status: Status) -> None:
    fact = fact_of(ASKED, replace(ANSWER, status=status), {"profession": "RNA"})
    assert fact is not None
    assert wrong_fact(fact, TODAY) == []
    assert fact.value["profession"] == "RNA"
    claims = {k: v for k, v in claims_of(fact.value, fact.valid_until).items() if v is not None}
    wrong = wrong_claims("professional_registration", claims)
    assert not set(wrong) & set(claims)
    stands = fact.value["status"] == "registered"
    assert not (effect_of(status) is Effect.BARRED and stands)


def test_unknown_is_no_fact() -> None:
    assert fact_of(ASKED, replace(ANSWER, status=S.UNKNOWN), {}) is None


CONDITION = {"type": "CONDITIONS", "start": "2026-10-01", "public_text": "One."}
NEWS = {
    "the same again": ({"register_status": "registered"}, {"register_status": "registered"}, False),
    "the first look, as HR said": (
        {"status": "registered"}, {"register_status": "registered_with_licence"}, False,
    ),
    "the first look, and a caution": (
        {"status": "registered"}, {"register_status": "caution"}, True,
    ),
    "a lapse": ({"register_status": "registered"}, {"register_status": "lapsed"}, True),
    "back on the register": (
        {"register_status": "lapsed"}, {"register_status": "registered"}, True,
    ),
    "a new condition": (
        {"register_status": "conditions", "restrictions": []},
        {"register_status": "conditions", "restrictions": [CONDITION]}, True,
    ),
    "the same condition in other words": (
        {"register_status": "conditions", "restrictions": [CONDITION]},
        {"register_status": "conditions", "restrictions": [{**CONDITION, "public_text": "Two."}]},
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "news"), NEWS.values(), ids=NEWS.keys())
def test_what_others_hear_of(
    before: dict[str, object], after: dict[str, object], news: bool
) -> None:
    assert is_news(before, after) is news


def test_how_registers_are_watched_is_dated() -> None:
    assert watch_policy(date(2020, 1, 1)) == watch_policy(TODAY)
    assert watch_policy(TODAY).warn_days == (90, 30, 7)
    assert watch_policy(TODAY).recheck_hours < freshness_on(TODAY).policy.of_register("register")
    assert {"register", "register_file"} <= set(SOURCES)

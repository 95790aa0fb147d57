"""A register service that is slow, down, wrong, rude or right: each its own outcome."""

import time
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from passport.errors import Invalid
from passport.imports.register_service import Patience, RegisterService
from passport.model.register_words import Status
from passport.rules.people.register_answers import Answer, Asked, Trouble
from tests.support.registers import CONDITIONS, ENTRY, QUICK, Served, a_register_service

ASKED = Asked(uuid4(), "NMC", "01A2345N", "Ada", "Okafor", date(1990, 5, 17))


def look(served: Served, asked: Asked = ASKED) -> Answer | Trouble:
    ((_, answer),) = served.client().look([asked])
    return answer


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.NOT_FOUND])
def test_every_status_of_the_closed_list_is_understood(status: Status) -> None:
    with a_register_service({"01A2345N": {**ENTRY, "status": status.value}}) as served:
        answer = look(served)
    assert isinstance(answer, Answer)
    assert answer.status is status


def test_an_entry_is_read_whole() -> None:
    entry = {**ENTRY, "status": "conditions", "restrictions": CONDITIONS,
             "annotations": [{"code": "INDEPENDENT_PRESCRIBER"}]}  # fmt: skip
    with a_register_service({"01A2345N": entry}) as served:
        answer = look(served)
    assert answer == Answer(
        status=Status.CONDITIONS, given_names="Ada", family_name="Okafor",
        date_of_birth=date(1990, 5, 17), register_part="Nurse: adult",
        expires_on=date(2027, 9, 30), first_registered_on=date(2012, 9, 3),
        restrictions=tuple(CONDITIONS), annotations=({"code": "INDEPENDENT_PRESCRIBER"},),
    )  # fmt: skip
    assert served.asked == ["/v1/registers/NMC/entries/01A2345N"]


@pytest.mark.parametrize(
    "said", ["no conditions of practice", "Registered", "fully registered", "active", "", None, 7]
)
def test_a_word_that_is_not_on_the_list_is_unknown_and_never_guessed(said: object) -> None:
    with a_register_service({"01A2345N": {**ENTRY, "status": said}}) as served:
        answer = look(served)
    assert isinstance(answer, Answer)
    assert answer.status is Status.UNKNOWN


def test_not_found_in_the_words_of_the_contract_is_not_found() -> None:
    with a_register_service({}) as served:
        assert look(served) == Answer(Status.NOT_FOUND)


MOODS = {
    "slow": Trouble.SLOW,
    "trickling": Trouble.SLOW,
    "down": Trouble.DOWN,
    "broken": Trouble.DOWN,
    "garbage": Trouble.NOT_UNDERSTOOD,
    "huge": Trouble.NOT_UNDERSTOOD,
    "gzip": Trouble.NOT_UNDERSTOOD,
    "moved": Trouble.NOT_UNDERSTOOD,
    "bare_404": Trouble.NOT_UNDERSTOOD,
    "framework_404": Trouble.NOT_UNDERSTOOD,
    "other_404": Trouble.NOT_UNDERSTOOD,
    "deep": Trouble.NOT_UNDERSTOOD,
}


@pytest.mark.parametrize(("mood", "trouble"), MOODS.items())
def test_trouble_is_named_and_nobody_is_taken_off_the_register_for_it(
    mood: str, trouble: Trouble
) -> None:
    with a_register_service() as served:
        served.mood = mood
        assert look(served) is trouble


def test_a_service_that_says_nothing_is_not_waited_for() -> None:
    begun = time.monotonic()
    with a_register_service() as served:
        served.mood = "hanging"
        assert look(served) is Trouble.SLOW
        assert time.monotonic() - begun < 30


NOT_UNDERSTOOD: dict[str, dict[str, Any]] = {
    "about another number": {"number": "01A9999N"},
    "about another register": {"register": "GMC"},
    "a birthday that is none": {"date_of_birth": "17/05/1990"},
    "a name that is none": {"family_name": ["Okafor"]},
    "a name without end": {"family_name": "O" * 5000},
    "an expiry that is none": {"expires_on": 20270930},
    "a restriction of no known kind": {"restrictions": [{"type": "HINT", "start": "2026-01-01"}]},
    "a restriction with more than it may say": {
        "restrictions": [{**CONDITIONS[0], "health_condition": "x"}]
    },
    "restrictions that are none": {"restrictions": "none"},
    "an annotation of no known kind": {"annotations": [{"code": "SURGEON"}]},
    "a right that is a word": {"practising_right": "yes"},
    "a moment without an offset": {"as_at": "2026-11-01T09:00:00"},
}


@pytest.mark.parametrize("wrong", NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD.keys())
def test_what_is_not_in_the_contract_is_not_understood(wrong: dict[str, Any]) -> None:
    with a_register_service({"01A2345N": {**ENTRY, **wrong}}) as served:
        assert look(served) is Trouble.NOT_UNDERSTOOD


def test_a_wrong_token_is_a_service_that_is_down() -> None:
    with a_register_service() as served:
        ((_, answer),) = RegisterService(served.url, "wrong", QUICK).look([ASKED])
    assert answer is Trouble.DOWN


def test_nobody_listening_is_down() -> None:
    ((_, answer),) = RegisterService("http://127.0.0.1:9", "", QUICK).look([ASKED])
    assert answer is Trouble.DOWN


def test_a_busy_service_is_asked_again_after_the_pause_it_asks_for() -> None:
    waited: list[float] = []
    with a_register_service() as served:
        served.mood = "busy_once"
        service = RegisterService(served.url, "register-token", QUICK, sleep=waited.append)
        ((_, answer),) = service.look([ASKED])
    assert isinstance(answer, Answer)
    assert waited == [0.0]


def test_attempts_wait_longer_each_time_and_end() -> None:
    waited: list[float] = []
    patience = Patience(connect=1, answer=1, attempts=4, pause=1.0, longest_pause=3.0)
    with a_register_service() as served:
        served.mood = "down"
        service = RegisterService(served.url, "register-token", patience, sleep=waited.append)
        list(service.look([ASKED]))
    assert waited == [1.0, 2.0, 3.0]
    assert len(served.asked) == 4


def test_a_service_in_trouble_is_left_alone_after_some_numbers() -> None:
    with a_register_service() as served:
        served.mood = "down"
        assert len(list(served.client().look([ASKED] * 20))) == QUICK.given_up_after


@pytest.mark.parametrize("url", ["http://register.example", "ftp://127.0.0.1/", "file:///etc"])
def test_a_service_elsewhere_is_asked_over_https_only(url: str) -> None:
    with pytest.raises(Invalid, match="register_url"):
        RegisterService(url)

"""A register asked over HTTP, by the small contract of docs/register-service.md.

The other place where a register is looked at (`rules.people.register_answers.Register`). Nothing it
sends is trusted to be short, quick, about the right number or in a known word: each of these is
an outcome of its own, and none is taken for “not on the register”.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from passport.config import LOOPBACK, Config
from passport.errors import Invalid
from passport.model.register_words import Status
from passport.rules.credentials.credential_claims import wrong_claims
from passport.rules.people.register_answers import Answer, Asked, Look, Trouble

MOST_BYTES = 64 * 1024
"""Far above any entry."""
_RETRIED = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer may take, and how often it is asked for."""

    connect: float = 5.0
    answer: float = 10.0
    """Seconds for the whole answer, however it trickles in."""
    attempts: int = 3
    pause: float = 0.5
    """Before the second attempt; doubled before each further one, at most `longest_pause`."""
    longest_pause: float = 10.0
    given_up_after: int = 3
    """Numbers in a row without an answer, after which the rest is left for the next round."""


class _Passing(Exception):
    """Another attempt may go better."""

    def __init__(self, trouble: Trouble, wait: float | None = None) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.wait = wait


@dataclass(frozen=True, slots=True)
class RegisterService:
    """A service that answers for registers, one number at a time."""

    url: str
    token: str = ""
    patience: Patience = Patience()
    sleep: Callable[[float], None] = time.sleep
    source: str = "register"

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
            return
        raise Invalid("register_url", "A register service is asked over https only.")

    def look(self, asked: Sequence[Asked]) -> Iterator[Look]:
        """What it says of each number; after some troubles in a row the rest is not asked."""
        in_vain = 0
        with self._client() as client:
            for one in asked:
                answer = self._ask(client, one)
                yield one, answer
                in_vain = in_vain + 1 if isinstance(answer, Trouble) else 0
                if in_vain >= self.patience.given_up_after:
                    return

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        headers = {"Accept": "application/json", "User-Agent": "BankHub"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        timeout = httpx.Timeout(self.patience.answer, connect=self.patience.connect)
        with httpx.Client(
            headers=headers, timeout=timeout, follow_redirects=False, trust_env=False
        ) as client:
            yield client

    def _ask(self, client: httpx.Client, one: Asked) -> Answer | Trouble:
        number = quote(one.number, safe="")
        url = f"{self.url.rstrip('/')}/v1/registers/{quote(one.body, safe='')}/entries/{number}"
        pause = self.patience.pause
        for attempt in range(self.patience.attempts):
            try:
                status, content = self._fetch(client, url)
                return _answer(status, content, one)
            except _Passing as passing:
                trouble, wait = passing.trouble, passing.wait
            if attempt + 1 < self.patience.attempts:
                longest = self.patience.longest_pause
                self.sleep(min(pause if wait is None else wait, longest))
                pause *= 2
        return trouble

    def _fetch(self, client: httpx.Client, url: str) -> tuple[int, bytes]:
        """The answer's status and bytes, or `_Passing`."""
        ends = time.monotonic() + self.patience.answer
        try:
            with client.stream("GET", url) as response:
                if response.status_code in _RETRIED:
                    raise _Passing(Trouble.DOWN, _retry_after(response))
                content = b""
                for chunk in response.iter_raw():
                    content += chunk
                    if len(content) > MOST_BYTES:
                        return 0, b""
                    if time.monotonic() > ends:
                        raise _Passing(Trouble.SLOW)
                encoded = response.headers.get("Content-Encoding", "identity")
                return (response.status_code if encoded == "identity" else 0), content
        except httpx.TimeoutException:
            raise _Passing(Trouble.SLOW) from None
        except httpx.RequestError:
            raise _Passing(Trouble.DOWN) from None


def service_of(config: Config) -> RegisterService | None:
    """The service that the settings name; None where none is."""
    if not config.register_url:
        return None
    return RegisterService(config.register_url, config.register_token)


def _retry_after(response: httpx.Response) -> float | None:
    said = response.headers.get("Retry-After", "")
    if said.isascii() and said.isdigit():
        return float(said[:6])
    try:
        until = parsedate_to_datetime(said)
        begun = parsedate_to_datetime(response.headers.get("Date", ""))
        return max(0.0, (until - begun).total_seconds())
    except (ValueError, TypeError):
        return None


class _NotUnderstood(Exception):
    """The service says something that is not in the contract."""


def _answer(status: int, content: bytes, one: Asked) -> Answer | Trouble:
    if status in (401, 403) or status >= 500:
        return Trouble.DOWN
    try:
        said = json.loads(content)
        if not isinstance(said, dict):
            return Trouble.NOT_UNDERSTOOD
        if status == 404:
            # a bare 404 comes from any wrong address, and must never unregister anybody
            known = said.get("error") == "not_found" and _about(said, one)
            return Answer(Status.NOT_FOUND) if known else Trouble.NOT_UNDERSTOOD
        return _entry(said, one) if status == 200 else Trouble.NOT_UNDERSTOOD
    except (_NotUnderstood, ValueError, RecursionError):
        return Trouble.NOT_UNDERSTOOD


def _about(said: Mapping[str, Any], one: Asked) -> bool:
    number = "".join(str(said.get("number", "")).upper().split())
    return said.get("register") == one.body and number == "".join(one.number.upper().split())


def _entry(said: Mapping[str, Any], one: Asked) -> Answer:
    if not _about(said, one):
        raise _NotUnderstood
    word = said.get("status")
    known = isinstance(word, str) and word in list(Status) and word != Status.NOT_FOUND
    right = said.get("practising_right")
    if right is not None and not isinstance(right, bool):
        raise _NotUnderstood
    answer = Answer(
        status=Status(str(word)) if known else Status.UNKNOWN,
        given_names=_text(said, "given_names"),
        family_name=_text(said, "family_name"),
        date_of_birth=_day(said, "date_of_birth"),
        register_part=_text(said, "register_part"),
        practising_right=right,
        expires_on=_day(said, "expires_on"),
        first_registered_on=_day(said, "first_registered_on"),
        revalidation_due_on=_day(said, "revalidation_due_on"),
        restrictions=_rows(said, "restrictions"),
        annotations=_rows(said, "annotations"),
        as_at=_moment(said, "as_at"),
        said=str(word)[:100],
    )
    _refuse_wrong_groups(answer)
    return answer


def _refuse_wrong_groups(answer: Answer) -> None:
    """Restrictions and annotations have to be what a credential can say."""
    claims: dict[str, Any] = {"restrictions": list(answer.restrictions)}
    if answer.annotations:
        claims["annotations"] = list(answer.annotations)
    wrong = wrong_claims("professional_registration", claims)
    if any(name.startswith(tuple(claims)) for name in wrong):
        raise _NotUnderstood


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 200:
        raise _NotUnderstood
    return " ".join(value.split())


def _day(said: Mapping[str, Any], name: str) -> date | None:
    value = said.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _NotUnderstood
    return date.fromisoformat(value)


def _moment(said: Mapping[str, Any], name: str) -> datetime | None:
    value = said.get(name)
    if value is None:
        return None
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise _NotUnderstood
    return moment.astimezone(UTC)


def _rows(said: Mapping[str, Any], name: str) -> tuple[dict[str, Any], ...]:
    value = said.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _NotUnderstood
    return tuple(value)

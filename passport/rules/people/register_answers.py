"""What did the register say, is it about this person, and what follows?

Rule in plain English. A status is one of a closed list: words that are not on it are `unknown`
and change nothing, so that the last look grows old by itself. A number proves nobody: what comes
back is taken only where the date of birth agrees, or, where the register gives none, the name
does; where only part of it agrees a person has to look (passport.md §4, cases 1, 8 and 18).
Nobody works on an entry that lapsed, was suspended or removed, or is not there; conditions are
carried on and decided about where the person works.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from passport.model.facts import FactKind, FactValue
from passport.model.register_words import Status, plain, words_of
from passport.rules.people.evidence import NOT_FOUND, lookup
from passport.rules.people.same_person import same_name

S = Status
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose number a register is asked about."""

    person_id: UUID
    body: str
    number: str
    given_name: str
    family_name: str
    date_of_birth: date


@dataclass(frozen=True, slots=True)
class Answer:
    """What a register says of a number. A register that has no such number says `not_found`."""

    status: Status
    given_names: str = ""
    family_name: str = ""
    date_of_birth: date | None = None
    register_part: str = ""
    practising_right: bool | None = None
    expires_on: date | None = None
    first_registered_on: date | None = None
    revalidation_due_on: date | None = None
    restrictions: tuple[Values, ...] = ()
    """As a credential says them: type, start, end, review_date, public_text."""
    annotations: tuple[Values, ...] = ()
    as_at: datetime | None = None
    """When the register said so, where that is not now."""
    said: str = field(default="", compare=False)
    """The register's own words, for people to read where they are not understood."""


class Trouble(StrEnum):
    """Why a register gave no answer that can be used."""

    SLOW = "slow"
    DOWN = "down"
    NOT_UNDERSTOOD = "not_understood"


Look = tuple[Asked, Answer | Trouble]


class Register(Protocol):
    """Where registers are looked at: a file that a regulator made, or a service."""

    @property
    def source(self) -> str:
        """The source of facts that come of it: `register` or `register_file`."""

    def look(self, asked: Sequence[Asked]) -> Iterator[Look]:
        """What it says of each number; nothing of one that it is not about."""


class Match(StrEnum):
    """Whether an answer is about the person who was asked about."""

    SAME = "same"
    OTHER = "other_person"
    UNSURE = "name_differs"


class Effect(StrEnum):
    """What a status comes to."""

    STANDS = "stands"
    LIMITED = "limited"
    """May work, by the leave of somebody who may know why."""
    BARRED = "barred"
    NOTHING = "nothing"


_FACT_STATUS: Mapping[Status, str] = {
    S.REGISTERED: "registered",
    S.REGISTERED_WITH_LICENCE: "registered",
    S.REGISTERED_NO_LICENCE: "lapsed",
    S.PROVISIONAL: "conditions",
    S.CONDITIONS: "conditions",
    S.INTERIM_CONDITIONS: "conditions",
    S.UNDERTAKINGS: "conditions",
    S.WARNING: "registered",
    S.CAUTION: "registered",
    S.SUSPENDED: "suspended",
    S.INTERIM_SUSPENDED: "suspended",
    S.LAPSED: "lapsed",
    S.VOLUNTARILY_REMOVED: "removed",
    S.STRUCK_OFF: "removed",
    S.ADMIN_ERASED: "removed",
    S.TEMPORARY_EMERGENCY: "registered",
    S.NOT_FOUND: NOT_FOUND,
}
"""A warning or caution is published and limits nothing; a licence that is gone, as an entry that
lapsed, ends the right to practise without a word about conduct. `unknown` is no fact."""

_LIMITED = frozenset(
    {S.PROVISIONAL, S.CONDITIONS, S.INTERIM_CONDITIONS, S.UNDERTAKINGS, S.WARNING, S.CAUTION,
     S.TEMPORARY_EMERGENCY}
)  # fmt: skip


_OF_TERMS = frozenset({S.CONDITIONS, S.INTERIM_CONDITIONS, S.UNDERTAKINGS})
"""What limits somebody's work, by terms that have to be known to keep to them."""


def effect_of(status: Status) -> Effect:
    """What a status comes to for a credential."""
    if status is S.UNKNOWN:
        return Effect.NOTHING
    if status in _LIMITED:
        return Effect.LIMITED
    stands = _FACT_STATUS[status] == "registered"
    return Effect.STANDS if stands else Effect.BARRED


def read_status(body: str, said: str) -> Status:
    """The status that a register's words are; `unknown` where they are not on the list."""
    return words_of(body).get(plain(said), S.UNKNOWN)


def lookup_of(asked: Asked) -> str:
    """What facts about the number are found by: `NMC:01A2345N`."""
    return lookup(FactKind.REGISTRATION, {"body": asked.body, "number": asked.number}) or ""


def match(asked: Asked, answer: Answer) -> Match:
    """Whether an answer is about this person."""
    family = same_name(asked.family_name, answer.family_name)
    given = _same_given(asked.given_name, answer.given_names)
    if answer.date_of_birth is None:
        agrees = (family, given)
        return (
            Match.SAME if all(agrees) else Match.UNSURE if any(agrees) else Match.OTHER
        )
    if answer.date_of_birth != asked.date_of_birth:
        return Match.OTHER
    return Match.SAME if family or given else Match.UNSURE


def _same_given(ours: str, theirs: str) -> bool:
    """The names one side has are the first of the other's: Ada, and Ada Grace. Some have none."""
    one, two = ours.split(), theirs.split()
    if not one or not two:
        return not one and not two
    both = min(len(one), len(two))
    return same_name(" ".join(one[:both]), " ".join(two[:both])) or same_name(ours, theirs)


def fact_of(asked: Asked, answer: Answer, known: Values) -> FactValue | None:
    """What an answer puts on record, beside what is known of the entry; None for `unknown`.

    The profession stays as HR stated it: registers word their parts as they like.
    """
    status = _FACT_STATUS.get(answer.status)
    if status is None:
        return None
    value: dict[str, Any] = {
        "body": asked.body,
        "number": asked.number,
        "profession": known.get("profession"),
        "status": status,
        "register_status": answer.status.value,
        "register_part": answer.register_part or known.get("register_part"),
        "practising_right": answer.practising_right,
        "restrictions": [dict(one) for one in answer.restrictions],
        "annotations": [dict(one) for one in answer.annotations] or known.get("annotations"),
        "first_registered": _day(answer.first_registered_on) or known.get("first_registered"),
        "revalidation_due": _day(answer.revalidation_due_on),
    }
    return FactValue(FactKind.REGISTRATION, value, valid_until=answer.expires_on)


def not_this_persons(asked: Asked, known: Values) -> FactValue:
    """The register gives the number to somebody else: it has no entry for this person."""
    kept = {"body": asked.body, "number": asked.number, "profession": known.get("profession")}
    value = {**kept, "status": NOT_FOUND, "register_status": S.NOT_FOUND.value}
    return FactValue(FactKind.REGISTRATION, value)


def may_be_carried(value: Values) -> bool:
    """Whether a passport may say what a fact off a register says: not where nobody may practise,
    nor where there are terms and the register did not give them; none at all would read as none.
    """
    status = Status(str(value["register_status"]))
    if effect_of(status) in (Effect.BARRED, Effect.NOTHING):
        return False
    return status not in _OF_TERMS or bool(value.get("restrictions"))


def claims_of(value: Values, expires_on: date | None) -> dict[str, Any]:
    """What a fact that came off a register says in a credential; None takes a claim away."""
    return {
        "registration_status": str(value.get("register_status", "unknown")).upper(),
        "restrictions": list(value.get("restrictions") or ()),
        "practising_right": value.get("practising_right"),
        "expiry_date": _day(expires_on),
        "revalidation_due": value.get("revalidation_due"),
        **{
            name: value[name]
            for name in ("register_part", "annotations", "first_registered")
            if value.get(name)
        },
    }


def is_news(before: Values, after: Values) -> bool:
    """Whether a standing changed, in a way that others than the officer should hear of."""
    said = before.get("register_status") or before.get("status")
    now_said = after.get("register_status")
    same = said == now_said or (before.get("register_status") is None and _plainly(before, after))
    return not same or _limits(before) != _limits(after)


def _plainly(before: Values, after: Values) -> bool:
    """What HR had on record, without the register's own words, is what the register says."""
    stands = effect_of(Status(after["register_status"])) is Effect.STANDS
    return stands and before.get("status") == "registered"


def _limits(value: Values) -> list[Any]:
    """Restrictions without their wording: a new comma is no news."""
    kept = ("type", "start", "end", "review_date")
    rows: Iterable[Values] = value.get("restrictions") or ()
    return sorted(str([one.get(key) for key in kept]) for one in rows)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None

"""Is somebody registered for the role, and may they work in it alone?

Rule in plain English. A registration is on a register and in a part that qualifies for the role,
stands at home, and was looked up by the host itself not too long ago (NHS Employment Check
Standards: every employer checks the register; Nursing and Midwifery Order 2001, Medical Act 1983
and their sisters).

Whose entry has conditions, interim conditions or undertakings does not work here, unless two
people of the host who read them at the register decided that the role can be worked within them,
supervised. That decision is about one number with one standing: it holds until the day they named,
and no later than the restriction is reviewed or ends, falls with another standing and with a
restriction that began after it, and a suspension or removal is never within it. Where the person
works it says "supervised only", and nothing of why.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import takewhile
from typing import Any

from bankhub.model.clearance_values import SUPERVISED, Doer, HostCheck, Item, Timing
from bankhub.model.reference_values import QualifyingRegister
from bankhub.rules.clearances.clearance_case import NO_END, Came, Case, Lacks, Met, collect, day_of
from bankhub.rules.shift_times import london_day
from passport.model.register_words import Status
from passport.rules.people.register_answers import Effect, effect_of

_REGISTRATION = "professional_registration"
_WORKS_ON = frozenset({Status.WARNING, Status.CAUTION, Status.TEMPORARY_EMERGENCY})
"""Published, and limits nothing."""
SUPERVISABLE = frozenset({Status.CONDITIONS, Status.INTERIM_CONDITIONS, Status.UNDERTAKINGS})
"""Limits the work by terms that can be read: two people of the host may decide to keep to them."""
_NEVER = frozenset({"SUSPENSION", "INTERIM_SUSPENSION"})
_PARTS: Mapping[str, str] = {
    "adult": "RNA",
    "mental": "RNMH",
    "learning": "RNLD",
    "child": "RNC",
    "children": "RNC",
    "midwife": "RM",
    "midwifery": "RM",
    "hv": "RHV",
    "visitor": "RHV",
    "visiting": "RHV",
    "associate": "NAR",
}
"""The word that tells a part of the NMC register from the others → as roles name the part: the
words differ, e.g. `RNA: Adult nurse, level 1` and `Registered Nurse – Adult`."""


def registration_items(case: Case) -> Iterator[Item]:
    """The registration that the role needs, and what limits the work on it."""
    role = case.requirements.roles.get(case.asked.role)
    if role is None or not role.registers:
        return
    bodies = " or ".join(dict.fromkeys(one.body for one in role.registers))
    came = _registration(case, bodies)
    yield case.item("registration", f"{bodies} registration", came, kind=_REGISTRATION)
    if isinstance(came, Met) and _rests_on_supervision(case):
        act = "Agree before the start who supervises"
        yield case.item(
            SUPERVISED, "Supervised only", Lacks("", act, Doer.HOST), timing=Timing.AT_ARRIVAL
        )


def number_to_look_up(case: Case) -> tuple[str, str] | None:
    """Register and number of the passport that qualify for the role: what the host looks up."""
    found = _fitting(case)
    return _number(found) if found else None


def to_supervise(case: Case) -> HostCheck | None:
    """The look at the register that says of the number on the passport what two people may decide
    about; None where there is nothing to decide: it stands, or nobody may let them work."""
    found = _fitting(case)
    if found is None or not _may_be_worked_within(found, case.today):
        return None
    last = _last_look(case, found)
    return last if last is not None and last.status in SUPERVISABLE else None


def latest_day(case: Case, decided_on: date) -> date:
    """The last day that a decision of a day can hold by what the passport says: a restriction is
    reviewed, or ends, and is then another."""
    found = _fitting(case)
    days = [
        day
        for one in _restrictions(found or {})
        for day in (day_of(one, "review_date"), day_of(one, "end"))
        if day is not None and day >= decided_on
    ]
    return min(days, default=NO_END)


def _registration(case: Case, bodies: str) -> Came:
    found = _fitting(case)
    if found is None:
        why = f"No {bodies} registration that qualifies for the role on the passport."
        return collect(why, "your registration")
    if not (_may_work(_said(found)) or _may_be_worked_within(found, case.today)):
        return _not_at_home()
    until = day_of(found, "expiry_date") or NO_END
    if until < case.today:
        return Lacks("The registration has ended.", "Renew your registration", Doer.WORKER)
    return _looked_up(case, found, until)


def _not_at_home() -> Lacks:
    return Lacks(
        "The registration on the passport does not allow this work.",
        "Talk to the HR office of your employer",
        Doer.HOME,
    )


def _looked_up(case: Case, found: Mapping[str, Any], until: date) -> Came:
    """The host's own look at the register: whatever the home organisation says, none is not
    enough."""
    last = _last_look(case, found)
    act = f"Look the number up on the {found.get('body')} register"
    if last is None:
        return Lacks("Not looked up on the register here yet.", act, Doer.HOST)
    if not _may_work(last.status):
        supervised_until = _supervised_until(case, found, last)
        if supervised_until is None:
            return Lacks(
                "On the register itself it does not allow this work.",
                f"{act} again once it is put right",
                Doer.HOST,
            )
        until = min(until, supervised_until)
    elif not _may_work(_said(found)):
        return _not_at_home()
    if last.valid_until is not None and last.valid_until < case.today:
        return Lacks("The registration has ended.", f"{act} again", Doer.HOST)
    again = _again_on(last, case.policy.register_check_days)
    if again < case.today:
        return Lacks("Looked up on the register too long ago.", f"{act} again", Doer.HOST)
    why = f"Looked up here; to be looked up again by {again:%-d %B %Y}."
    return Met(min(until, last.valid_until or NO_END), why)


def _rests_on_supervision(case: Case) -> bool:
    found = _fitting(case)
    last = _last_look(case, found) if found else None
    return last is not None and not _may_work(last.status)


def _supervised_until(case: Case, found: Mapping[str, Any], last: HostCheck) -> date | None:
    """How long two people let this number be worked with as it stands; None where they do not."""
    if last.status not in SUPERVISABLE or not _may_be_worked_within(found, case.today):
        return None
    ends = [
        min(one.until_on, latest_day(case, one.decided_on))
        for one in case.evidence.supervisions
        if (one.body, one.number, one.status) == (last.body, last.number, last.status)
        and not any(
            (day_of(each, "start") or date.min) > one.decided_on for each in _restrictions(found)
        )
    ]
    until = max(ends, default=date.min)
    return until if until >= case.today else None


def _may_be_worked_within(found: Mapping[str, Any], today: date) -> bool:
    """Whether what the passport says leaves anything for people to decide."""
    said = _said(found).lower()
    never = any(
        one.get("type") in _NEVER and (day_of(one, "end") or NO_END) >= today
        for one in _restrictions(found)
    )
    return not never and (_may_work(said) or said in SUPERVISABLE)


def _restrictions(found: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    said: Sequence[Mapping[str, Any]] = found.get("restrictions") or ()
    return said


def _said(found: Mapping[str, Any]) -> str:
    return str(found.get("registration_status"))


def _last_look(case: Case, found: Mapping[str, Any]) -> HostCheck | None:
    """The last; of two at one moment the one that bars more."""
    number = _number(found)
    checks = [one for one in case.evidence.host_checks if (one.body, one.number) == number]
    return max(checks, key=lambda one: (one.at, _bars(one.status)), default=None)


def _bars(said: str) -> int:
    if _may_work(said):
        return 0
    return 1 if said in SUPERVISABLE else 2


def _number(found: Mapping[str, Any]) -> tuple[str, str]:
    return str(found.get("body")), str(found.get("number"))


def _again_on(check: HostCheck, days: int) -> date:
    """Looking again is the host's own act: it bounds no booking that is made today."""
    return london_day(check.at) + timedelta(days=days)


def _fitting(case: Case) -> Mapping[str, Any] | None:
    role = case.requirements.roles.get(case.asked.role)
    registers = role.registers if role else ()
    fits = [one.claims for one in case.live(_REGISTRATION) if _qualifies(one.claims, registers)]
    fits.sort(key=lambda one: str(one.get("expiry_date") or NO_END), reverse=True)
    return fits[0] if fits else None


def _qualifies(claims: Mapping[str, Any], registers: Iterable[QualifyingRegister]) -> bool:
    parts = _parts(claims)
    return any(
        one.body == claims.get("body") and (not one.parts or not parts.isdisjoint(one.parts))
        for one in registers
    )


def _parts(claims: Mapping[str, Any]) -> frozenset[str]:
    """The parts of the register that an entry is in; of the HCPC's the number tells."""
    said = str(claims.get("register_part") or "")
    words = re.findall(r"[a-z0-9]+", said.casefold())
    letters = "".join(takewhile(str.isalpha, str(claims.get("number") or "")))
    found = {*(_PARTS[one] for one in words if one in _PARTS), *(one.upper() for one in words)}
    return frozenset(found | {letters})


def _may_work(said: str) -> bool:
    known = said.lower() in list(Status)
    status = Status(said.lower()) if known else Status.UNKNOWN
    return effect_of(status) is Effect.STANDS or status in _WORKS_ON

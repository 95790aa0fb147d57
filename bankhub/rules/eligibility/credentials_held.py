"""What must be proven for a shift, and is it?

Rule in plain English. Only what an organisation has checked counts; what a person merely declares
does not. On every London day of the shift the person must be on a register that qualifies for the
role (Nursing and Midwifery Order 2001, Medical Act 1983, Health Professions Order 2001 and their
sisters: protected titles). An entry that is suspended or removed bars the shift until a later
check of the register itself says otherwise; conditions of practice need a person's decision.
Each required training must have been awarded, at the level asked for or above, recently enough:
award plus the host's refresh months, whatever expiry a certificate prints. The DBS check must
have the level and the workforce of the role (Safeguarding Vulnerable Groups Act 2006). The right
to work must last to the end of the shift (Immigration, Asylum and Nationality Act 2006 s15). A GP
must be on the Performers List (NHS (Performers Lists) (England) Regulations 2013) and indemnified.
Skills the shift asks for must be on record.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import takewhile

from bankhub.model.reference_values import QualifyingRegister
from bankhub.model.values import ShiftFacts, WorkerFacts
from bankhub.model.work_policy import (
    DbsLevel,
    DbsRequirement,
    EligibilityPolicy,
    RoleRequirement,
    TrainingRequirement,
    Workforce,
)
from bankhub.rules.london_time import add_months, last_london_day
from bankhub.rules.reason_codes import Code, because
from bankhub.rules.shift_times import london_day
from bankhub.rules.wording import said_day
from passport.errors import Cure, Reason
from passport.model.facts import FactKind, FactValue
from passport.rules.people.evidence import REGISTERS, lookup

_BARRING = {
    "suspended": (Code.REGISTRATION_SUSPENDED, "is recorded as suspended"),
    "removed": (Code.REGISTRATION_REMOVED, "is recorded as removed from the register"),
    "conditions": (
        Code.REGISTRATION_CONDITIONS,
        "has conditions of practice: the bank has to decide whether this shift meets them",
    ),
}
_DBS_ORDER = tuple(DbsLevel)


def credential_reasons(
    shift: ShiftFacts, worker: WorkerFacts, policy: EligibilityPolicy
) -> Iterator[Reason]:
    """Every credential the shift needs and the person does not have on its date."""
    extra = policy.requirements.roles.get(shift.role, RoleRequirement())
    yield from _registration(shift, worker, policy)
    yield from _training(shift, worker, policy, extra)
    yield from skill_reasons(shift, worker, policy)
    yield from _dbs(shift, worker, extra.dbs or policy.requirements.dbs)
    if policy.requirements.right_to_work:
        yield from _right_to_work(shift, worker)
    if extra.performers_list:
        yield from _held(shift, worker, FactKind.PERFORMERS_LIST)
    if extra.indemnity:
        yield from _held(shift, worker, FactKind.INDEMNITY)


def proven(worker: WorkerFacts, kind: FactKind) -> list[FactValue]:
    """Facts of a kind that an organisation has checked."""
    return [f for f in worker.facts if f.kind is kind and f.checked_by_id is not None]


def in_force(fact: FactValue, first: date, last: date) -> bool:
    """Holds on every day from `first` to `last`."""
    begun = fact.valid_from is None or fact.valid_from <= first
    return begun and (fact.valid_until is None or fact.valid_until >= last)


def entries_that_may_qualify(
    facts: Iterable[FactValue], registers: Iterable[QualifyingRegister]
) -> list[FactValue]:
    """Entries as registered on a register for the role, in a part that qualifies or that is not
    on record; none where another entry bars the person."""
    wanted = {register.body.casefold(): register for register in registers}
    entries = [
        fact
        for fact in facts
        if fact.kind is FactKind.REGISTRATION and _body(fact).casefold() in wanted
    ]
    if any(True for _ in _barred(entries)):
        return []
    return [
        fact
        for fact in entries
        if fact.value.get("status") == "registered" and (not _part(fact) or _fits(fact, wanted))
    ]


def _days(shift: ShiftFacts) -> tuple[date, date]:
    return london_day(shift.starts_at), last_london_day(shift.ends_at)


def _registration(
    shift: ShiftFacts, worker: WorkerFacts, policy: EligibilityPolicy
) -> Iterator[Reason]:
    role = policy.roles.get(shift.role)
    if role is None:
        yield because(
            Code.ROLE_NOT_KNOWN,
            "This shift's role is not on the list of roles, so nobody can be checked for it.",
            {"role": shift.role},
            Cure("Ask the bank office to correct the role of the shift"),
        )
        return
    if not role.registers:
        return
    wanted = {register.body.casefold(): register for register in role.registers}
    entries = [f for f in proven(worker, FactKind.REGISTRATION) if _body(f).casefold() in wanted]
    barred = list(_barred(entries))
    if barred:
        yield from barred
        return
    yield from _entry_on_register(shift, role.registers, entries, wanted)


def _entry_on_register(
    shift: ShiftFacts,
    registers: Iterable[QualifyingRegister],
    entries: list[FactValue],
    wanted: dict[str, QualifyingRegister],
) -> Iterator[Reason]:
    bodies = " or ".join(register.body for register in registers)
    exact = [f for f in entries if _fits(f, wanted)]
    unsure = [f for f in entries if not _part(f) and not _fits(f, wanted)]
    first, last = _days(shift)
    if not exact and not unsure:
        yield because(
            Code.REGISTRATION_MISSING,
            f"No {bodies} registration that qualifies for this role is on record.",
            {"bodies": bodies, "parts_held": sorted(_part(f) for f in entries)},
            Cure("Show your registration to the bank office, who will check the register"),
        )
    elif not any(_stands(f, first, last) for f in exact):
        if any(_stands(f, first, last) for f in unsure):
            yield because(
                Code.REGISTRATION_PART_NOT_KNOWN,
                f"Which part of the {bodies} register you are on is not on record.",
                {"bodies": bodies},
                Cure("Ask the bank office to check the register"),
            )
        else:
            yield _not_in_force([*exact, *unsure], bodies, first)


def _not_in_force(entries: list[FactValue], bodies: str, day: date) -> Reason:
    ends = [f.valid_until for f in entries if f.valid_until is not None]
    begins = [f.valid_from for f in entries if f.valid_from is not None and f.valid_from > day]
    return because(
        Code.REGISTRATION_NOT_IN_FORCE,
        f"Your {bodies} registration on record does not cover {said_day(day)}"
        + (f": it ends on {said_day(max(ends))}." if ends else "."),
        {"bodies": bodies, "valid_until_on": max(ends).isoformat() if ends else None},
        Cure(
            "Renew your registration, or ask the bank office to check the register again",
            min(begins).isoformat() if begins else None,
        ),
    )


def _barred(entries: list[FactValue]) -> Iterator[Reason]:
    for status, (code, words) in _BARRING.items():
        for fact in entries:
            if fact.value.get("status") == status and not _cleared(fact, entries):
                yield because(
                    code,
                    f"Your {_body(fact)} registration {words}.",
                    {"body": _body(fact), "number": fact.value.get("number")},
                    Cure("Talk to the HR officer of your bank, who can check the register again"),
                )
                return


def _cleared(barring: FactValue, entries: Iterable[FactValue]) -> bool:
    """A record elsewhere may simply be stale, and another number is another entry: only a later
    look at the register itself clears."""
    return any(
        fact.source in REGISTERS
        and fact.value.get("status") == "registered"
        and lookup(fact.kind, fact.value) == lookup(barring.kind, barring.value)
        and fact.checked_at is not None
        and barring.checked_at is not None
        and fact.checked_at > barring.checked_at
        for fact in entries
    )


def _stands(fact: FactValue, first: date, last: date) -> bool:
    return fact.value.get("status") == "registered" and in_force(fact, first, last)


def _body(fact: FactValue) -> str:
    return str(fact.value.get("body", ""))


def _part(fact: FactValue) -> str:
    """The part of the register, else what the number itself says (HCPC: PH123456)."""
    letters = "".join(takewhile(str.isalpha, str(fact.value.get("number") or "")))
    return str(fact.value.get("profession") or letters)


def _fits(fact: FactValue, wanted: dict[str, QualifyingRegister]) -> bool:
    parts = wanted[_body(fact).casefold()].parts
    return not parts or _part(fact) in parts


def _training(
    shift: ShiftFacts, worker: WorkerFacts, policy: EligibilityPolicy, extra: RoleRequirement
) -> Iterator[Reason]:
    needed = {item.subject: item for item in (*policy.requirements.training, *extra.training)}
    awards = proven(worker, FactKind.TRAINING)
    day = london_day(shift.starts_at)
    for item in needed.values():
        title = policy.subject_titles.get(item.subject, item.subject)
        if item.level > 1:
            title = f"{title}, level {item.level}"
        yield from _awarded(item, awards, day, title)


def _awarded(
    item: TrainingRequirement, awards: Iterable[FactValue], day: date, title: str
) -> Iterator[Reason]:
    dates = [
        award.awarded_on
        for award in awards
        if award.value.get("subject") == item.subject
        and (award.value.get("level") or 1) >= item.level
        and award.awarded_on is not None
        and award.awarded_on <= day
    ]
    evidence = {"subject": item.subject, "title": title, "level": item.level}
    act = f"Complete {title} and show the award to the bank office"
    if not dates:
        yield because(
            Code.TRAINING_MISSING, f"{title}: no award is on record.", evidence, Cure(act)
        )
        return
    if item.refresh_months is None:
        return
    good_until = add_months(max(dates), item.refresh_months)
    if good_until < day:
        yield because(
            Code.TRAINING_OUT_OF_DATE,
            f"{title}: last done on {said_day(max(dates))}, which was enough until "
            f"{said_day(good_until)}.",
            evidence
            | {"awarded_on": max(dates).isoformat(), "good_until_on": good_until.isoformat()},
            Cure(act),
        )


def skill_reasons(
    shift: ShiftFacts, worker: WorkerFacts, policy: EligibilityPolicy
) -> Iterator[Reason]:
    """Every skill the shift asks for that is not on record."""
    first, last = _days(shift)
    held = {
        fact.value.get("code")
        for fact in proven(worker, FactKind.SKILL)
        if in_force(fact, first, last)
    }
    for code in sorted(shift.skills - held):
        title = policy.skill_titles.get(code, code)
        yield because(
            Code.SKILL_MISSING,
            f"The shift asks for a skill that is not on your record: {title}.",
            {"skill": code, "title": title},
            Cure("If you have this skill, show the bank office the assessment"),
        )


def _dbs(
    shift: ShiftFacts, worker: WorkerFacts, required: DbsRequirement | None
) -> Iterator[Reason]:
    if required is None:
        return
    first, last = _days(shift)
    checks = [f for f in proven(worker, FactKind.DBS) if in_force(f, first, last)]
    enough = [f for f in checks if _rank(f) >= _DBS_ORDER.index(required.level)]
    fitting = [f for f in enough if f.value.get("workforce") in _covering(required.workforce)]
    evidence = {"level": required.level.value, "workforce": required.workforce}
    cure = Cure("Ask the bank office for a DBS check of the right kind")
    if not checks:
        yield because(Code.DBS_MISSING, "No DBS check is on record.", evidence, cure)
    elif not enough:
        yield because(
            Code.DBS_LEVEL_TOO_LOW,
            f"The role needs a DBS check at the level {_said(required.level)}.",
            evidence,
            cure,
        )
    elif required.workforce is not None and not (fitting or _together(enough, required)):
        yield because(
            Code.DBS_OTHER_WORKFORCE,
            f"The role needs a DBS check for the {required.workforce} workforce.",
            evidence,
            cure,
        )
    else:
        usable = enough if required.workforce is None else fitting or enough
        yield from _dbs_age(usable, required, first)


def _dbs_age(checks: list[FactValue], required: DbsRequirement, day: date) -> Iterator[Reason]:
    if required.max_age_months is None:
        return
    dates = [fact.awarded_on for fact in checks if fact.awarded_on is not None]
    if not dates or add_months(max(dates), required.max_age_months) < day:
        yield because(
            Code.DBS_TOO_OLD,
            f"Your DBS check is older than the {required.max_age_months} months the bank allows.",
            {"awarded_on": max(dates).isoformat() if dates else None},
            Cure("Ask the bank office for a new DBS check"),
        )


def _rank(fact: FactValue) -> int:
    level = fact.value.get("level")
    return _DBS_ORDER.index(DbsLevel(level)) if level in list(DbsLevel) else -1


def _covering(workforce: Workforce | None) -> tuple[str | None, ...]:
    return (workforce, Workforce.BOTH)


def _together(checks: list[FactValue], required: DbsRequirement) -> bool:
    """Two certificates, one for adults and one for children, cover both."""
    held = {fact.value.get("workforce") for fact in checks}
    return required.workforce is Workforce.BOTH and {Workforce.ADULT, Workforce.CHILD} <= held


def _said(level: DbsLevel) -> str:
    return level.value.replace("_barred", " with barred lists")


def _right_to_work(shift: ShiftFacts, worker: WorkerFacts) -> Iterator[Reason]:
    rights = proven(worker, FactKind.RIGHT_TO_WORK)
    first, last = _days(shift)
    if any(in_force(fact, first, last) for fact in rights):
        return
    ends = [f.valid_until for f in rights if f.valid_until is not None and f.valid_until < last]
    if not ends:
        yield because(
            Code.RIGHT_TO_WORK_MISSING,
            "No right-to-work check that covers this shift is on record.",
            {},
            Cure("Bring your documents or share code to the bank office"),
        )
        return
    yield because(
        Code.RIGHT_TO_WORK_ENDS,
        f"Your right to work on record ends on {said_day(max(ends))}, before this shift ends.",
        {"valid_until_on": max(ends).isoformat()},
        Cure("Give the bank office your new share code when you have it"),
    )


_LISTS = {
    FactKind.PERFORMERS_LIST: (
        "entry on the Performers List",
        Code.PERFORMERS_LIST_MISSING,
        Code.PERFORMERS_LIST_ENDED,
    ),
    FactKind.INDEMNITY: ("indemnity", Code.INDEMNITY_MISSING, Code.INDEMNITY_ENDED),
}


def _held(shift: ShiftFacts, worker: WorkerFacts, kind: FactKind) -> Iterator[Reason]:
    title, missing, ended = _LISTS[kind]
    first, last = _days(shift)
    facts = proven(worker, kind)
    if any(in_force(fact, first, last) for fact in facts):
        return
    cure = Cure(f"Show your {title} to the bank office")
    ends = [f.valid_until for f in facts if f.valid_until is not None and f.valid_until < last]
    if ends:
        yield because(
            ended,
            f"Your {title} on record ends on {said_day(max(ends))}.",
            {"valid_until_on": max(ends).isoformat()},
            cure,
        )
    else:
        yield because(missing, f"No {title} is on record for this date.", {}, cure)

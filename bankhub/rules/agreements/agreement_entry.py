"""Can these be the terms of an agreement?

Every mistake is named by its field. The rules in plain English: at least two organisations that
are open, among them the lead, of which one may send people and another receive them; grades that
go with their staff group; at most 24 months; only known roles, skills, subjects and clauses; every
covered grade has its fixed rate; identity may always be asked for, registration where a covered
group is registered. Texts are one line each: what is printed as a clause is a clause.
"""

from collections.abc import Collection, Iterator, Mapping, Sized
from dataclasses import dataclass, field, fields
from datetime import date, timedelta

from bankhub.model.agreement_reference import ClauseKind
from bankhub.model.agreement_terms import (
    AgreementTerms,
    ContactKind,
    DataCategory,
    EmployedBy,
    PartyRole,
    PartyTerm,
    RechargeBasis,
    RechargeTerms,
)
from bankhub.model.vocabulary import Grade, StaffGroup
from passport.errors import Cure, Reason

MOST_MONTHS = 24
MOST_PARTIES = 60
MOST_LINES = 40
MOST_ENTRIES = 300
"""In any list."""
MOST_YEARS_AHEAD = 5
LONGEST_TEXT = 1_000
LONGEST_NAME = 120
CONTROLLERS = ("independent", "joint")
RECOGNISE = ("parties", "any_issuer")
VAT = ("outside_scope", "exempt", "standard")
REGISTERED = (StaffGroup.NURSING_MIDWIFERY, StaffGroup.MEDICAL_DENTAL, StaffGroup.AHP_STT)
"""Groups of which most are on a register."""
_PERIODS: Mapping[str, tuple[int, int]] = {
    "notice_days": (0, 365),
    "wind_down_days": (0, 180),
    "retention_days": (1, 2_190),
    "notify_within_hours": (1, 168),
}

Wrong = tuple[str, str]
"""A field's name by its way through the terms, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record: the terms may name nothing else."""

    organisations: Mapping[str, str]
    """ODS code → name, of those that are open and may be a party."""
    sites: Mapping[str, Collection[str]]
    """ODS code → codes of its sites."""
    roles: Collection[str]
    skills: Collection[str]
    subjects: Collection[str]
    clauses: Mapping[ClauseKind, Collection[str]] = field(default_factory=dict)


CONTACT_WORDS: Mapping[ContactKind, str] = {
    ContactKind.HR: "HR",
    ContactKind.IG: "information governance",
    ContactKind.CLINICAL: "clinical matters",
    ContactKind.SAFEGUARDING: "safeguarding",
}


def wrong_terms(
    terms: AgreementTerms, known: Known, *, lead: str, today: date
) -> dict[str, list[str]]:
    """Messages by field."""
    if endless := _endless(terms):
        return endless
    found: dict[str, list[str]] = {}
    checks = (
        _parties(terms, known, lead),
        _scope(terms),
        _days(terms, today),
        _information(terms),
        _recharge(terms),
        _codes(terms, known),
        _texts(terms),
        _contacts(terms),
        _training(terms, known),
        _others(terms),
    )
    for check in checks:
        for name, message in check:
            found.setdefault(name, []).append(message)
    return found


def _endless(terms: AgreementTerms) -> dict[str, list[str]]:
    """Lists that nobody writes by hand: not looked into."""
    parties, scope = terms.parties[:MOST_ENTRIES], terms.scope[:MOST_ENTRIES]
    lists: dict[str, Sized] = {
        **{one.name: getattr(terms, one.name) for one in fields(terms)},
        **{f"parties[{place}].sites": one.sites for place, one in enumerate(parties)},
        **{f"scope[{place}].grades": one.grades for place, one in enumerate(scope)},
        "training.exceptions": terms.training.exceptions,
    }
    return {
        name: [f"use {MOST_ENTRIES} at most"]
        for name, value in lists.items()
        if isinstance(value, tuple) and len(value) > MOST_ENTRIES
    }


def why_not_review(terms: AgreementTerms, names: Mapping[str, str]) -> list[Reason]:
    """What has to be added before anybody reviews it: whom to ring at every party."""
    given = {(one.ods, one.kind) for one in terms.contacts}
    return [
        Reason(
            "contact_missing",
            {"ods": party.ods, "kind": kind.value},
            Cure(f"Change the draft: under Contacts, add whom to ask for {CONTACT_WORDS[kind]}."),
            text=f"{names.get(party.ods, party.ods)} names nobody for {CONTACT_WORDS[kind]}.",
        )
        for party in terms.parties
        for kind in ContactKind
        if (party.ods, kind) not in given
    ]


def one_line(text: str, longest: int = LONGEST_TEXT) -> str | None:
    """What is wrong with a text that is printed in a line of its own."""
    if not text.strip():
        return "is missing"
    if len(text) > longest:
        return f"use {longest} characters at most"
    if not text.isprintable():
        return "use one line of plain text"
    return None


def _parties(terms: AgreementTerms, known: Known, lead: str) -> Iterator[Wrong]:
    codes = [one.ods for one in terms.parties]
    if not 2 <= len(codes) <= MOST_PARTIES:
        yield "parties", f"name 2 to {MOST_PARTIES} organisations"
    if lead not in codes:
        yield "parties", f"{lead}, which leads the agreement, has to be a party"
    for place, one in enumerate(terms.parties):
        if one.ods not in known.organisations:
            yield f"parties[{place}].ods", f"{one.ods} is no organisation that can be a party"
        if one.ods in codes[:place]:
            yield f"parties[{place}].ods", f"{one.ods} is named twice"
        yield from _sites(place, one, known)
    homes = {one.ods for one in terms.parties if one.role is not PartyRole.HOST}
    hosts = {one.ods for one in terms.parties if one.role is not PartyRole.HOME}
    if not any(home != host for home in homes for host in hosts):
        yield "parties", "one has to be a home organisation and another a host"


def _sites(place: int, one: PartyTerm, known: Known) -> Iterator[Wrong]:
    where = f"parties[{place}].sites"
    if one.sites and one.role is PartyRole.HOME:
        yield where, "only a host has covered sites"
    for code in one.sites:
        if code not in known.sites.get(one.ods, ()):
            yield where, f"{code} is no site of {one.ods}"
    if len(set(one.sites)) != len(one.sites):
        yield where, "a site is named twice"


def _scope(terms: AgreementTerms) -> Iterator[Wrong]:
    groups = [one.staff_group for one in terms.scope]
    if not groups:
        yield "scope", "name at least one staff group"
    for place, one in enumerate(terms.scope):
        if one.staff_group in groups[:place]:
            yield f"scope[{place}].staff_group", f"{one.staff_group} is named twice"
        if not one.grades:
            yield f"scope[{place}].grades", "name at least one grade"
        if len(set(one.grades)) != len(one.grades):
            yield f"scope[{place}].grades", "a grade is named twice"
        medical = one.staff_group is StaffGroup.MEDICAL_DENTAL
        for grade in one.grades:
            if grade.value.startswith("band_") is medical:
                yield f"scope[{place}].grades", f"{grade} is no grade of {one.staff_group}"


def _days(terms: AgreementTerms, today: date) -> Iterator[Wrong]:
    if terms.starts_on.year > today.year + MOST_YEARS_AHEAD:
        yield "starts_on", f"is more than {MOST_YEARS_AHEAD} years ahead"
    if terms.ends_on < terms.starts_on:
        yield "ends_on", "is before the first day"
    elif terms.ends_on > _last(terms.starts_on):
        yield "ends_on", f"is more than {MOST_MONTHS} months after the first day"
    if terms.ends_on < today:
        yield "ends_on", "has passed"
    if terms.review_on and not terms.starts_on <= terms.review_on <= terms.ends_on:
        yield "review_on", "is outside the term"


def _last(starts_on: date) -> date:
    """The last day that is still within the longest term."""
    year = min(starts_on.year + MOST_MONTHS // 12, date.max.year)
    try:
        return starts_on.replace(year=year) - timedelta(days=1)
    except ValueError:  # from a leap day
        return starts_on.replace(year=year, day=28)


def _information(terms: AgreementTerms) -> Iterator[Wrong]:
    categories = terms.data_categories
    if len(set(categories)) != len(categories):
        yield "data_categories", "one is named twice"
    if DataCategory.IDENTITY not in categories:
        yield "data_categories", "nobody can be cleared without identity"
    registered = [one.staff_group for one in terms.scope if one.staff_group in REGISTERED]
    if registered and DataCategory.REGISTRATION not in categories and _opens_shifts(terms):
        yield "data_categories", f"{registered[0]} cannot be cleared without registration"
    if terms.controllers not in CONTROLLERS:
        yield "controllers", f"is one of {', '.join(CONTROLLERS)}"


def _opens_shifts(terms: AgreementTerms) -> bool:
    return any(one.value == "bank_assignment" for one in terms.instruments)


def _recharge(terms: AgreementTerms) -> Iterator[Wrong]:
    recharge = terms.recharge
    numbers = (
        ("admin_percent", 0, 50),
        ("threshold_hours", 0, 100_000),
        ("invoice_period_months", 1, 12),
        ("dispute_days", 1, 365),
    )
    for name, least, most in numbers:
        if not least <= getattr(recharge, name) <= most:
            yield f"recharge.{name}", f"is between {least} and {most:,}"
    if recharge.vat not in VAT:
        yield "recharge.vat", f"is one of {', '.join(VAT)}"
    if recharge.threshold_hours and recharge.basis is not RechargeBasis.NONE_RECIPROCAL:
        yield "recharge.threshold_hours", "belongs to reciprocal sharing without recharge"
    yield from _rates(recharge, {grade for one in terms.scope for grade in one.grades})


def _rates(recharge: RechargeTerms, covered: Collection[Grade]) -> Iterator[Wrong]:
    where = "recharge.rates_pence_per_hour"
    rates = recharge.rates_pence_per_hour
    if recharge.basis is not RechargeBasis.FIXED_RATE:
        if rates:
            yield where, "belong to fixed rates"
        return
    for grade in sorted(covered):
        if grade.value not in rates:
            yield where, f"{grade} has no rate"
    for code, pence in rates.items():
        if code not in {one.value for one in covered}:
            yield where, f"{code} is not covered"
        if not 100 <= pence <= 100_000:
            yield where, f"{code}: between 100 and 100,000 pence"


def _codes(terms: AgreementTerms, known: Known) -> Iterator[Wrong]:
    lists: tuple[tuple[str, tuple[str, ...], Collection[str]], ...] = (
        ("excluded_roles", terms.excluded_roles, known.roles),
        ("excluded_skills", terms.excluded_skills, known.skills),
        ("home_warranties", terms.home_warranties, known.clauses[ClauseKind.HOME_WARRANTY]),
        ("host_warranties", terms.host_warranties, known.clauses[ClauseKind.HOST_WARRANTY]),
        ("indemnity", terms.indemnity, known.clauses[ClauseKind.INDEMNITY]),
    )
    for name, said, codes in lists:
        for one in said:
            if one not in codes:
                yield name, f"“{one[:40]}” is not on the list"
        if len(set(said)) != len(said):
            yield name, "one is named twice"
    if not terms.indemnity:
        yield "indemnity", "say who answers for what"


def _texts(terms: AgreementTerms) -> Iterator[Wrong]:
    for name in ("purpose", "lawful_basis"):
        if message := one_line(getattr(terms, name)):
            yield name, message
    if terms.dpia_reference and (message := one_line(terms.dpia_reference, LONGEST_NAME)):
        yield "dpia_reference", message
    if len(terms.conditions) > MOST_LINES:
        yield "conditions", f"use {MOST_LINES} at most"
    for place, text in enumerate(terms.conditions):
        if message := one_line(text):
            yield f"conditions[{place}]", message


def _contacts(terms: AgreementTerms) -> Iterator[Wrong]:
    codes = [one.ods for one in terms.parties]
    seen: list[tuple[str, ContactKind]] = []
    for place, one in enumerate(terms.contacts):
        where = f"contacts[{place}]"
        if one.ods not in codes:
            yield f"{where}.ods", f"{one.ods} is not a party"
        if (one.ods, one.kind) in seen:
            yield f"{where}.kind", f"{one.ods} names somebody for {one.kind} twice"
        seen.append((one.ods, one.kind))
        for name, text, needed in (
            ("name", one.name, True), ("phone", one.phone, True), ("email", one.email, False)
        ):  # fmt: skip
            if (text or needed) and (message := one_line(text, LONGEST_NAME)):
                yield f"{where}.{name}", message


def _training(terms: AgreementTerms, known: Known) -> Iterator[Wrong]:
    if terms.training.recognise not in RECOGNISE:
        yield "training.recognise", f"is one of {', '.join(RECOGNISE)}"
    hosts = [one.ods for one in terms.parties if one.role is not PartyRole.HOME]
    pairs = [(one.host_ods, one.subject) for one in terms.training.exceptions]
    for place, one in enumerate(terms.training.exceptions):
        where = f"training.exceptions[{place}]"
        if one.host_ods not in hosts:
            yield f"{where}.host_ods", f"{one.host_ods} is no host here"
        if one.subject not in known.subjects:
            yield f"{where}.subject", f"“{one.subject[:40]}” is not a subject"
        if message := one_line(one.reason):
            yield f"{where}.reason", message
        if pairs[place] in pairs[:place]:
            yield f"{where}.subject", "is named twice for this host"


def _others(terms: AgreementTerms) -> Iterator[Wrong]:
    for name, (least, most) in _PERIODS.items():
        if not least <= getattr(terms, name) <= most:
            yield name, f"is between {least} and {most:,}"
    if terms.release_lead_hours is not None and not 1 <= terms.release_lead_hours <= 8_760:
        yield "release_lead_hours", "is between 1 and 8,760"
    if not terms.instruments:
        yield "instruments", "name at least one"
    if len(set(terms.instruments)) != len(terms.instruments):
        yield "instruments", "one is named twice"
    leads = terms.employed_by is EmployedBy.LEAD_EMPLOYER
    if leads and terms.lead_employer_ods not in [one.ods for one in terms.parties]:
        yield "lead_employer_ods", "has to be a party"
    if not leads and terms.lead_employer_ods:
        yield "lead_employer_ods", "belongs to a lead employer"

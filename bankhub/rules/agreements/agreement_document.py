"""The agreement as a document: every term in numbered clauses, printed from what is enforced.

The text is made from the terms and nothing else, and every term is in it: who changes a term
changes the text, and with it the hash that is signed. What the software does not enforce is marked
as kept by the parties. A data category is clause `5.n`; the wallet shows its holder that number.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bankhub.model.agreement_reference import Clause, ClauseKind
from bankhub.model.agreement_terms import (
    AgreementTerms,
    DataCategory,
    EmployedBy,
    Instrument,
    PartyRole,
    PartyTerm,
)
from bankhub.rules.agreements import agreement_words as words
from bankhub.rules.agreements.agreement_states import REVIEW_DAYS
from bankhub.rules.agreements.agreement_words import counted, joined
from bankhub.rules.wording import said_day

KEPT = " [Kept by the parties.]"
_INFORMATION = 5
_HEADING = re.compile(r"(\d+)\. (.+)")
_PARAGRAPH = re.compile(r"(\d+\.\d+) (.+)")


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """What codes are called."""

    organisations: Mapping[str, str]
    sites: Mapping[tuple[str, str], str]
    """ODS code and site code → name."""
    roles: Mapping[str, str]
    skills: Mapping[str, str]
    subjects: Mapping[str, str]
    clauses: Mapping[ClauseKind, Mapping[str, Clause]]

    def organisation(self, ods: str) -> str:
        """`Rivermead NHS Trust (RWJ)`."""
        name = " ".join(self.organisations.get(ods, "").split())
        return f"{name} ({ods})" if name else ods

    def site(self, ods: str, code: str) -> str:
        """`Rivermead General (RWJ01)`."""
        name = " ".join(self.sites.get((ods, code), "").split())
        return f"{name} ({code})" if name else code


@dataclass(frozen=True, slots=True)
class Heading:
    """What a version is, before its terms."""

    reference: str
    number: int
    title: str
    change_note: str = ""
    lead: str = ""
    """ODS code of the party that leads."""
    acceding: tuple[str, ...] = ()
    """ODS codes of those that join by it, where nothing else changes: a deed of accession."""


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of a document."""

    number: str
    title: str
    paragraphs: tuple[tuple[str, str], ...]
    """Number and text."""


def document(terms: AgreementTerms, heading: Heading, names: Names) -> str:
    """The whole text, a line for each clause."""
    lines = [*_opening(terms, heading, names), ""]
    parts = (
        ("Parties", _parties(terms, names)),
        ("Term", _term(terms)),
        ("Who may work elsewhere", _scope(terms)),
        ("Which shifts", _shifts(terms, names)),
        ("Information", _information(terms, names)),
        ("Employment", _employment(terms, names)),
        ("What is warranted", _warranties(terms, names)),
        ("Who answers for what", _indemnity(terms, names)),
        ("Recharge", _recharge(terms)),
        ("Training", _training(terms, names)),
        ("Suspending and ending", _ending(terms)),
        ("Whom to ring", _contacts(terms, names)),
        ("What the parties further keep", _conditions(terms)),
    )
    for number, (title, paragraphs) in enumerate(parts, 1):
        lines.append(f"{number}. {title}")
        lines += [f"{number}.{place} {text}" for place, text in enumerate(paragraphs, 1)]
        lines.append("")
    return "\n".join(lines)


def sections_of(text: str) -> tuple[str, tuple[Section, ...]]:
    """A document read back: its opening, and its sections. For pages that lay it out."""
    opening, _, rest = text.partition("\n\n")
    found: list[Section] = []
    for line in rest.split("\n"):
        if heading := _HEADING.fullmatch(line):
            found.append(Section(heading[1], heading[2], ()))
        elif found and (paragraph := _PARAGRAPH.fullmatch(line)):
            more = (*found[-1].paragraphs, (paragraph[1], paragraph[2]))
            found[-1] = replace(found[-1], paragraphs=more)
    return opening, tuple(found)


def clause_of(terms: AgreementTerms, category: DataCategory) -> str:
    """The number of the clause that permits this category; empty = it may not be asked for."""
    permitted = _categories(terms)
    if category not in permitted:
        return ""
    return f"{_INFORMATION}.{permitted.index(category) + 1}"


def acceding(terms: AgreementTerms, before: AgreementTerms | None) -> tuple[str, ...]:
    """Who joins, where a version does nothing but let parties join; else nobody."""
    if before is None:
        return ()
    known = {one.ods for one in before.parties}
    joining = {one.ods for one in terms.parties} - known
    without = replace(
        terms,
        parties=tuple(one for one in terms.parties if one.ods in known),
        contacts=tuple(one for one in terms.contacts if one.ods in known),
        starts_on=before.starts_on,
    )
    return tuple(sorted(joining)) if without == before else ()


def _categories(terms: AgreementTerms) -> list[DataCategory]:
    return [one for one in DataCategory if one in terms.data_categories]


def _opening(terms: AgreementTerms, heading: Heading, names: Names) -> Iterator[str]:
    yield heading.title
    form = "Deed of accession" if heading.acceding else words.FORMS[terms.legal_form]
    yield f"Workforce-sharing agreement {heading.reference}, version {heading.number}. {form}."
    if heading.acceding:
        joining = joined([names.organisation(ods) for ods in heading.acceding])
        yield f"By this deed {joining} becomes a party on the terms below, which all accept."
    if heading.change_note:
        yield f"What changes: {heading.change_note}"
    if heading.lead:
        yield f"{names.organisation(heading.lead)} leads it."
    yield (
        "A clause holds for everybody who signs. What is marked as kept by the parties is theirs to"
        " see to; everything else is done by the software in which they signed."
    )


def _parties(terms: AgreementTerms, names: Names) -> Iterator[str]:
    for one in terms.parties:
        role = words.ROLES[one.role].format(sites=_sites(one, names))
        yield f"{names.organisation(one.ods)} is {role}."


def _sites(one: PartyTerm, names: Names) -> str:
    if one.sites:
        return f", at {joined([names.site(one.ods, code) for code in one.sites])} only"
    return "" if one.role is PartyRole.HOME else ", at all its sites"


def _term(terms: AgreementTerms) -> Iterator[str]:
    yield (
        f"From {said_day(terms.starts_on)}, but not before every party has signed, until the end of"
        f" {said_day(terms.ends_on)}."
    )
    if terms.review_on:
        yield f"The parties review it by {said_day(terms.review_on)}.{KEPT}"
        yield f"They are reminded {joined([str(one) for one in REVIEW_DAYS])} days before."


def _scope(terms: AgreementTerms) -> Iterator[str]:
    for one in terms.scope:
        grades = joined([words.grade_words(grade) for grade in one.grades])
        yield f"{words.STAFF_GROUPS[one.staff_group]}: {grades}."
    yield f"They come on {joined([words.INSTRUMENTS[one] for one in terms.instruments])}."
    if Instrument.BANK_ASSIGNMENT not in terms.instruments:
        yield "No shift of a host is open to anybody under this agreement."


def _shifts(terms: AgreementTerms, names: Names) -> Iterator[str]:
    if terms.release_lead_hours is None:
        yield "A partner sees a shift when the host opens it to partners."
    else:
        lead = counted(terms.release_lead_hours, "hour")
        yield f"A partner sees a shift no earlier than {lead} before it starts."
    roles = [names.roles.get(code, code) for code in terms.excluded_roles]
    skills = [names.skills.get(code, code) for code in terms.excluded_skills]
    yield f"Never open to partners by role: {joined(roles) if roles else 'none'}."
    asks = joined(skills) if skills else "none"
    yield f"Never open to partners where the shift asks for: {asks}."
    if DataCategory.COMPETENCE not in terms.data_categories:
        yield (
            "Nor where the shift asks for any skill: no information on competence may be asked"
            " for, so none can be shown."
        )


def _information(terms: AgreementTerms, names: Names) -> Iterator[str]:
    said = names.clauses[ClauseKind.DATA_CATEGORY]
    for category in _categories(terms):
        yield f"{said[category].title} may be asked for: {said[category].text}."
    yield (
        "Nothing else may be asked for; never bank details, equality data, sickness, disciplinary"
        " matters, what a criminal record check found, or what a carer told."
    )
    yield f"Purpose: {terms.purpose}{KEPT}"
    yield f"Lawful basis: {terms.lawful_basis}{KEPT}"
    each = {
        "independent": "Each party is controller of what it holds.",
        "joint": "The parties are joint controllers.",
    }
    yield each.get(terms.controllers, terms.controllers) + KEPT
    if terms.dpia_reference:
        yield f"Data protection impact assessment: {terms.dpia_reference}.{KEPT}"
    yield (
        f"A host deletes what it holds of a person {counted(terms.retention_days, 'day')} after"
        " their last day there; decisions and their reasons stay for as long as records of work do."
    )


def _employment(terms: AgreementTerms, names: Names) -> Iterator[str]:
    lead = names.organisation(terms.lead_employer_ods) if terms.lead_employer_ods else ""
    yield words.EMPLOYERS[terms.employed_by].format(lead=lead)
    if terms.employed_by is EmployedBy.HOME:
        yield (
            "The host directs the work; conduct and capability stay with the home organisation."
            f"{KEPT}"
        )
    yield (
        "A change that bears on fitness to work is told within"
        f" {counted(terms.notify_within_hours, 'hour')}.{KEPT}"
    )


def _warranties(terms: AgreementTerms, names: Names) -> Iterator[str]:
    kinds = (
        ("The home organisation", ClauseKind.HOME_WARRANTY, terms.home_warranties),
        ("The host", ClauseKind.HOST_WARRANTY, terms.host_warranties),
    )
    for who, kind, codes in kinds:
        for code in codes:
            yield f"{who} warrants: {names.clauses[kind][code].text}{KEPT}"
        if not codes:
            yield f"{who} warrants nothing."


def _indemnity(terms: AgreementTerms, names: Names) -> Iterator[str]:
    for code in terms.indemnity:
        yield f"{names.clauses[ClauseKind.INDEMNITY][code].text}{KEPT}"


def _recharge(terms: AgreementTerms) -> Iterator[str]:
    recharge = terms.recharge
    yield words.basis_words(recharge)
    if recharge.admin_percent:
        yield f"An administration charge of {recharge.admin_percent} % is added."
    yield f"The invoice period is {counted(recharge.invoice_period_months, 'month')}."
    yield f"A line may be disputed for {counted(recharge.dispute_days, 'day')}.{KEPT}"
    yield f"The parties take the supply to be {words.VAT.get(recharge.vat, recharge.vat)}.{KEPT}"


def _training(terms: AgreementTerms, names: Names) -> Iterator[str]:
    if terms.training.recognise == "parties":
        yield "A training award of any party is recognised by every host."
    else:
        yield "A training award of any organisation on the trust list is recognised by every host."
    for one in terms.training.exceptions:
        subject = names.subjects.get(one.subject, one.subject)
        host = names.organisation(one.host_ods)
        yield f"{host} wants its own award in {subject}. Reason: {one.reason}"


def _ending(terms: AgreementTerms) -> Iterator[str]:
    yield (
        f"A party leaves by notice of {counted(terms.notice_days, 'day')}. Where the lead leaves,"
        " the party that is named next here leads."
    )
    yield (
        "The lead ends the whole agreement by the same notice, and so does either of two parties;"
        " for safety at once."
    )
    yield "Whoever gave notice may withdraw it up to its last day. An end for safety stays."
    yield (
        "A party may be suspended by the lead or by itself: nothing starts there or from there"
        " until whoever suspended it lifts that. A shift that has begun is finished."
    )
    over = "a shift that is over by then is begun and finished."
    if not terms.wind_down_days:
        over = (
            "a shift that runs beyond midnight of the last day is neither booked nor begun. One"
            " that has begun is finished."
        )
    yield (
        f"Bookings confirmed before the end are honoured for {counted(terms.wind_down_days, 'day')}"
        f" after it: {over} Where the agreement is ended for safety none is honoured."
    )
    yield (
        "Where a party is succeeded by another organisation, that one stands in its place on the"
        " same terms, and every party is told. Signatures stay good."
    )


def _contacts(terms: AgreementTerms, names: Names) -> Iterator[str]:
    for one in terms.contacts:
        email = f", {one.email}" if one.email else ""
        who = names.organisation(one.ods)
        yield f"{who}, {words.CONTACTS[one.kind]}: {one.name}, {one.phone}{email}.{KEPT}"


def _conditions(terms: AgreementTerms) -> Sequence[str]:
    return [f"{text}{KEPT}" for text in terms.conditions] or ["Nothing further."]

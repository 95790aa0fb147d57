"""What do worker, home and host accept, in words?

Rule in plain English. The text is made from the deployment, its instrument and the terms of the
agreement version it starts under, and from nothing else. It is frozen when the host's checks are
met; each of the three accepts exactly that text, known by its SHA-256 hash (passport.md §2.11).
What the agreement says is not said again but pointed at, and goes before. An extension is a paper
of its own: it names the one it extends by hash, and says the later last day.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bankhub.model.agreement_reference import ClauseKind, clauses
from bankhub.model.agreement_terms import AgreementTerms, EmployedBy
from bankhub.model.deployment_values import InstrumentReference
from bankhub.rules.wording import said_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """What the text is made from."""

    instrument: InstrumentReference
    terms: AgreementTerms
    agreement: str
    """`WSA-7 v3`."""
    agreement_title: str
    worker: str
    home: str
    host: str
    sponsored: bool
    role: str
    grade: str
    place: str
    """Site and unit in words; empty = wherever the agreement covers."""
    duties: str
    supervision: str
    starts_on: date
    ends_on: date | None


def licence_text(licence: Licence) -> str:
    """The text, with numbered clauses."""
    home = _home(licence)
    return _paper(licence.instrument.contract, licence, _clauses(licence, home))


def extension_text(licence: Licence, *, ends_before: date, paper_hash: str) -> str:
    """The text of an extension: `licence` as it would be, its last day before, and the hash of the
    paper that it extends."""
    contract = licence.instrument.contract
    return _paper(f"Extension of: {contract}", licence, _added(licence, ends_before, paper_hash))


def _added(licence: Licence, ends_before: date, paper_hash: str) -> Iterator[str]:
    first_added = said_day(ends_before + timedelta(days=1))
    yield (
        f"What is extended. {licence.role}, {licence.grade}, from {said_day(licence.starts_on)} to "
        f"{said_day(ends_before)}: the paper that the three accepted, SHA-256 {paper_hash}."
    )
    last = licence.ends_on or licence.terms.ends_on
    yield f"Time. It goes on to {said_day(last)}, that day included."
    yield f"Agreement. From {first_added} on it is under {licence.agreement}, which goes before."
    yield "Everything else stays as it was accepted."


def _home(licence: Licence) -> str:
    return "the sponsor" if licence.sponsored else "the home organisation"


def _paper(title: str, licence: Licence, said: Iterable[str]) -> str:
    home = _home(licence)
    head = [
        title.upper(),
        "",
        "Between",
        f"  {licence.home} ({home}),",
        f"  {licence.host} (the host) and",
        f"  {licence.worker} (the worker),",
        f"under agreement {licence.agreement}, {licence.agreement_title}.",
        "",
    ]
    clauses = [f"{number}. {text}" for number, text in enumerate(said, 1)]
    return "\n".join([*head, *clauses]) + "\n"


def hash_of(text: str) -> str:
    """What an acceptance is bound to: SHA-256 over the text as UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _clauses(licence: Licence, home: str) -> Iterator[str]:
    terms, kind = licence.terms, licence.instrument
    last = said_day(licence.ends_on) if licence.ends_on else said_day(terms.ends_on)
    yield f"Time. From {said_day(licence.starts_on)} to {last}, both days included."
    place = licence.place or "any place of the host that the agreement covers"
    yield f"Place and work. {licence.role}, {licence.grade}, at {place}."
    yield f"What it is. {kind.duties}"
    yield f"Duties. {' '.join(licence.duties.split())}"
    supervision = " ".join(licence.supervision.split())
    yield "Direction. The host directs the work day to day." + (
        f" Supervision: {supervision}" if supervision else ""
    )
    yield from _employment(licence, home)
    yield (
        f"Fitness to work. Each of the three tells the others within {terms.notify_within_hours} "
        "hours of a change that bears on whether the worker may do this work."
    )
    said = clauses()[ClauseKind.DATA_CATEGORY]
    data = ", ".join(said[one].title.lower() for one in terms.data_categories)
    yield (
        f"Data. The host may ask for: {data or 'nothing'}. Purpose: {terms.purpose.rstrip('.')}. "
        f"It deletes what it holds {terms.retention_days} days after the last day, but for the "
        "record that the worker was there."
    )
    yield (
        "End. Each of the three may end it, at once where patients or the worker are at risk. On "
        "the last day access, badge, keys and smartcard profile end."
    )
    yield "Cover for claims and everything else is as the agreement says, which goes before."


def _employment(licence: Licence, home: str) -> Iterator[str]:
    terms, kind = licence.terms, licence.instrument
    if licence.sponsored:
        yield (
            "Employment. The worker has no employer at present. The sponsor vouches for its checks "
            "and answers questions about them; it does not employ or pay through this paper. Where "
            "the host employs, it checks the right to work itself."
        )
    elif terms.employed_by is EmployedBy.SECOND_POST:
        yield "Employment. The host employs for this work and checks the right to work itself."
    else:
        yield f"Employment. {kind.employer}. Pay: {_lower(kind.pays)}."
    yield f"Checks. {kind.runs_checks}. Questions go to {home}."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]

"""What do the agreements in force make an organisation write down about people's data?

Four documents, made from the agreements, the catalogue of what is held and the retention schedule,
so that they say what is enforced: the data-flow map, the record of processing (UK GDPR Article 30),
the joint privacy notice of an agreement (Articles 13, 14 and 26) and a draft of its data protection
impact assessment (Article 35). Each is a list of parts, drawn as a page or written as a file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from bankhub.model.agreement_reference import ClauseKind, clauses
from bankhub.model.agreement_terms import ContactKind, DataCategory
from bankhub.model.processing import Activity, Processing
from bankhub.rules.agreements.agreement_words import STAFF_GROUPS, grade_words, joined
from bankhub.rules.agreements.agreements_in_force import CoveredPair, InForce
from bankhub.rules.wording import said_day
from passport.model.data_classes import CLASS_WORDS, Catalogue, DataClass
from passport.model.retention import Schedule

Row = tuple[str, ...]
PERSONAL = (
    DataClass.IDENTITY, DataClass.CONTACT, DataClass.WORK, DataClass.PROFESSIONAL,
    DataClass.CHECKS, DataClass.WORDS, DataClass.ACCESS,
)  # fmt: skip

FLOW_HEADS = (
    "From", "To", "What", "Whose", "How", "Purpose", "Lawful basis", "Controllers", "Kept",
    "Agreement", "Until",
)  # fmt: skip
ABOVE = ("Whose", "Purpose", "Lawful basis", "Controllers", "Until")
BESIDE = ("From", "To", "What", "How", "Kept")
RECORD_HEADS = (
    "Processing", "Controller", "Purpose", "Lawful basis", "People", "Data", "Recipients",
    "Transfers", "Kept", "Security",
)  # fmt: skip
HOW = {
    "out": "The person shows their passport; signed claims, nothing copied",
    "hours": "Hours without place or employer, to the working-time rules alone",
    "back": "Hours worked, feedback and competence gained, at the end",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document."""

    title: str
    paragraphs: tuple[str, ...] = ()
    heads: Row = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Holding:
    """What the documents are made from, beside agreements."""

    organisation: str
    catalogue: Catalogue
    schedule: Schedule
    processing: Processing


def flows(organisation_id: UUID, in_force: Sequence[InForce]) -> list[Row]:
    """Who gives what to whom under which agreement, where the organisation is one of the two."""
    return [
        row
        for one in in_force
        for pair in one.pairs()
        if organisation_id in (pair.home.organisation_id, pair.host.organisation_id)
        for row in _flows_of(one, pair)
    ]


def flow_parts(rows: Sequence[Row]) -> list[Part]:
    """The same rows to read: what an agreement says once stands above its flows."""
    found: dict[Row, list[Row]] = {}
    for row in rows:
        said = dict(zip(FLOW_HEADS, row, strict=True))
        above = tuple(f"{head}: {said[head]}" for head in ABOVE)
        found.setdefault((said["Agreement"], *above), []).append(
            tuple(said[head] for head in BESIDE)
        )
    return [
        Part(named, tuple(above), BESIDE, tuple(rows)) for (named, *above), rows in found.items()
    ]


def _flows_of(one: InForce, pair: CoveredPair) -> Iterator[Row]:
    terms = one.terms
    home, host = _named(pair.home.name, pair.home.ods), _named(pair.host.name, pair.host.ods)
    whose = "; ".join(
        f"{STAFF_GROUPS[scope.staff_group]}, {joined([grade_words(one) for one in scope.grades])}"
        for scope in terms.scope
    )
    kept = f"{terms.retention_days} days after the last day there"
    rest = (terms.purpose, terms.lawful_basis, _controllers(one))
    end = (one.named, said_day(pair.until_on))
    yield home, host, categories(one), whose, HOW["out"], *rest, kept, *end
    yield home, host, "Hours", whose, HOW["hours"], *rest, "Six years", *end
    back = "Shifts worked, minutes, feedback"
    yield host, home, back, whose, HOW["back"], *rest, "Six years", *end


def _named(name: str, ods: str) -> str:
    return f"{name} ({ods})"


def _controllers(one: InForce) -> str:
    joint = one.terms.controllers == "joint"
    return "Joint controllers" if joint else "Independent controllers"


def categories(one: InForce) -> str:
    """The data categories of an agreement, by their titles."""
    said = clauses()[ClauseKind.DATA_CATEGORY]
    return ", ".join(said[kind].title for kind in DataCategory if kind in one.terms.data_categories)


def record_of_processing(holding: Holding, in_force: Sequence[InForce]) -> list[Row]:
    """One row for each thing done, then one for each agreement in force."""
    own = [_own_row(holding, activity) for activity in holding.processing.activity]
    return [*own, *(_shared_row(holding, one) for one in in_force)]


def _own_row(holding: Holding, activity: Activity) -> Row:
    entries = [holding.catalogue[table] for table in activity.tables]
    held = {kind for entry in entries for kind in entry.columns.values() if kind in PERSONAL}
    kept = dict.fromkeys(holding.schedule[entry.kept].words for entry in entries)
    return (
        activity.title, holding.organisation, activity.purpose, activity.basis, activity.subjects,
        "; ".join(CLASS_WORDS[kind] for kind in DataClass if kind in held), activity.recipients,
        holding.processing.transfers, " ".join(kept), holding.processing.security,
    )  # fmt: skip


def _shared_row(holding: Holding, one: InForce) -> Row:
    parties = ", ".join(_named(party.name, party.ods) for party in one.parties)
    joint = one.terms.controllers == "joint"
    return (
        f"Sharing staff under {one.named}",
        f"{parties}, jointly" if joint else f"{holding.organisation}, for what it holds",
        one.terms.purpose, one.terms.lawful_basis, "People of one party who work at another",
        categories(one), parties, holding.processing.transfers,
        f"At a host {one.terms.retention_days} days after the last day there",
        holding.processing.security,
    )  # fmt: skip


def privacy_notice(holding: Holding, one: InForce) -> list[Part]:
    """What the parties tell the people it concerns, together."""
    terms = one.terms
    said = clauses()[ClauseKind.DATA_CATEGORY]
    parties = tuple(_named(party.name, party.ods) for party in one.parties)
    held = holding.schedule
    return [
        Part("Who we are", (
            f"This notice is given together by the parties to {one.title} ({one.named}).",
            f"{_controllers(one)} of what is shared. You can use your rights with any of them.",
        ), ("Party",), tuple((party,) for party in parties)),
        Part("What is shared about you, and why", (
            f"{terms.purpose} Your employer goes on holding your record. Where you work for"
            " another party, it may ask to be shown this and nothing else:",
        ), ("What", "To what end"), tuple(
            (said[kind].title, said[kind].text[:1].upper() + said[kind].text[1:])
            for kind in DataCategory if kind in terms.data_categories
        )),
        Part("What is never shared", (
            "Bank details, equality data, sickness, disciplinary matters, what a criminal record"
            " check found, or what you told as a carer.",
        )),
        Part("What allows it", (terms.lawful_basis, "You decide whether you work for another "
             "party, and you show your passport yourself. That is a safeguard; it is not consent "
             "in the sense of the law.")),
        Part("How long", (
            f"What a host keeps of you beyond the decision goes {terms.retention_days} days after"
            " your last day there.",
            f"That you were cleared: {held['verdicts'].words}",
            f"Hours and shifts: {held['rosters'].words}",
        )),
        Part("Your rights", (
            "To see what is held about you and to have a copy, to have it put right, to have it"
            " erased where no law keeps it, to object, and to complain to the Information"
            " Commissioner. Under My passport you read who looked at anything about you. Nobody"
            " is refused for good by the platform alone: ask for a person to look.",
        )),
        Part("Whom to ask", (), ("Party", "About", "Name", "Telephone", "E-mail"), _contacts(one)),
    ]  # fmt: skip


def _contacts(one: InForce) -> tuple[Row, ...]:
    asked = (ContactKind.IG, ContactKind.HR)
    names = {party.ods: party.name for party in one.parties}
    return tuple(
        (_named(names.get(who.ods, who.ods), who.ods), who.kind.upper(), who.name, who.phone,
         who.email or "–")
        for who in one.terms.contacts if who.kind in asked
    )  # fmt: skip


def impact_assessment(
    holding: Holding, organisation_id: UUID, one: InForce
) -> list[Part]:
    """A draft: what the platform knows is filled in, what people have to judge is left open."""
    terms = one.terms
    return [
        Part("What is planned", (
            f"{one.title} ({one.named}), from {said_day(one.from_on)} to"
            f" {said_day(one.until_on)}. {terms.purpose}",
            f"Reference: {terms.dpia_reference or 'to be given'}.",
        )),
        *(
            Part("What flows", part.paragraphs, part.heads, part.rows)
            for part in flow_parts(flows(organisation_id, [one]))
        ),
        Part("Why it is needed, and no more", (
            f"Lawful basis: {terms.lawful_basis}",
            f"Data: {categories(one)}. Nothing outside this list can be asked for: a request is"
            " refused before it is signed.",
            f"Roles excluded: {', '.join(terms.excluded_roles) or 'none'}. Skills excluded:"
            f" {', '.join(terms.excluded_skills) or 'none'}.",
            f"A host keeps decisions, and details for {terms.retention_days} days.",
        )),
        Part("What the platform does not enforce", terms.conditions or ("Nothing is listed.",)),
        Part("Risks to people", (
            "Likelihood and severity are for the parties to judge.",
        ), ("Risk", "What the platform does", "What is left to the parties", "Likelihood",
            "Severity", "Accepted by"),
            tuple((r.title, r.does, r.left, "", "", "") for r in holding.processing.risk)),
        Part("Who was asked", ("To be filled in: staff side, the people concerned, the data"
             " protection officers of all parties.",)),
        Part("Signed off", (), ("Party", "Data protection officer", "Date", "Decision"), tuple(
            (_named(party.name, party.ods), "", "", "") for party in one.parties
        )),
    ]  # fmt: skip

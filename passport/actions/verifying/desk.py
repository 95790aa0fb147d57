"""The route for people without a smartphone: a printed code that leads an officer to the record.

The code proves nothing. An officer who is signed in sees by it the photo and facts on record, and
compares them with the person. It is the person's to show: whoever holds it may be looked up by any
organisation of this installation that checks passports, and the look is on record.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.tenancy import own_organisation
from passport.actions.verifying import verdicts
from passport.actions.verifying.freshness import policy_of
from passport.actors import Actor
from passport.errors import Forbidden, NotFound
from passport.events import record
from passport.model.credentials import Credential, CredentialState, PersonPhoto
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.model.presentations import Channel, DeskPointer, VerdictRecord
from passport.rules.credentials.gate_summary import gate_facts
from passport.rules.permissions import Deed
from passport.rules.tokens.gate_facts import GateFacts
from passport.rules.verifying.registration_standing import registration_findings
from passport.rules.verifying.verdict import Finding, Outcome
from passport.sealing import Vault, hash_secret

LONDON = ZoneInfo("Europe/London")
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
LASTS = timedelta(days=90)
NOTHING_HELD = Finding(
    Outcome.RED, "nothing_held", "No passport of this person is in force.",
    "Ring the HR office of the organisation that issued it.",
)  # fmt: skip
COMPARE = Finding(
    Outcome.AMBER, "check_photo_id", "The printed code proves nothing by itself.",
    "Compare the person with this photo, or with a photo ID.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What the desk sees of somebody."""

    person_id: UUID
    name: str
    issuer: Organisation
    photo: bytes | None
    """A JPEG."""
    facts: GateFacts | None
    findings: Sequence[Finding]

    @property
    def outcome(self) -> Outcome:
        """The worst finding's; never green."""
        return max(one.outcome for one in self.findings)


def print_pointer(
    session: Session, *, person_id: UUID, by: Actor, now: datetime
) -> tuple[DeskPointer, Person, str]:
    """A fresh code for a person of the actor's organisation; earlier ones end."""
    demand(by, Deed.ISSUE)
    person = session.get(Person, person_id)
    if person is None or person.organisation_id != own_organisation(by) or person.left_at:
        raise NotFound
    _end_all(session, person_id, now)
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    pointer = DeskPointer(
        person_id=person_id, organisation_id=person.organisation_id, code_hash=hash_secret(code),
        made_at=now, expires_at=now + LASTS,
    )  # fmt: skip
    session.add(pointer)
    session.flush()
    record(session, "desk_pointer.printed", subject_id=pointer.id, by=by, now=now,
           person=person_id)  # fmt: skip
    return pointer, person, code


def end_pointers(session: Session, *, person_id: UUID, by: Actor, now: datetime) -> None:
    """The printed codes of a person lead nowhere any more: one was lost."""
    demand(by, Deed.ISSUE)
    person = session.get(Person, person_id)
    if person is None or person.organisation_id != own_organisation(by):
        raise NotFound
    _end_all(session, person_id, now)
    record(session, "desk_pointer.ended", subject_id=person_id, by=by, now=now)


def look_up(
    session: Session, *, code: str, vault: Vault, by: Actor, now: datetime
) -> OnRecord:
    """The record that a printed code leads to. Raises `NotFound` for one that leads nowhere."""
    demand(by, Deed.VERIFY)
    if by.account_id is None:
        raise Forbidden("forbidden", "The desk's officer has to be signed in.")
    host = own_organisation(by)
    pointer = _pointer(session, code, now)
    person = session.get_one(Person, pointer.person_id)
    issuer = session.get_one(Organisation, pointer.organisation_id)
    held = session.execute(
        sa.select(Credential.type, Credential.claims)
        .where(
            Credential.person_id == person.id,
            Credential.organisation_id == issuer.id,
            Credential.state == CredentialState.HELD,
            sa.or_(Credential.valid_until.is_(None), Credential.valid_until > now),
        )
        .order_by(Credential.accepted_at, Credential.id)
    )
    facts = gate_facts([(kind, claims) for kind, claims in held], ods=issuer.ods_code, face=None)
    name = " ".join(part for part in (person.given_name, person.family_name) if part)
    return OnRecord(
        person.id, name, issuer, _photo(session, person.id, vault), facts,
        tuple(_findings(session, facts, person, host, now)),
    )  # fmt: skip


def keep_look(
    session: Session,
    *,
    code: str,
    found: OnRecord,
    decision: str | None,
    checker: str,
    purpose: str = verdicts.PURPOSE,
    by: Actor,
    now: datetime,
) -> VerdictRecord:
    """Put on record that the desk looked, and what was done: the same officer and code are one
    look for the hour. Seeing is a look, also where nothing is done after it."""
    checked = verdicts.Checked(
        id=uuid5(
            by.account_id or found.person_id, f"{hash_secret(code)}:{purpose}:{now:%Y%m%d%H}"
        ),
        at=now,
        outcome=found.outcome.name.lower(),
        codes=[one.code for one in found.findings],
        kinds=_kinds(found.facts),
        checker=checker,
        offline=False,
        issuer_ods=found.issuer.ods_code,
        decision=decision,
    )
    return verdicts.keep(
        session, checked=checked, by=by, now=now, channel=Channel.DESK, purpose=purpose,
        person_id=found.person_id,
    )  # fmt: skip


def _pointer(session: Session, code: str, now: datetime) -> DeskPointer:
    typed = code.strip().upper().replace("-", "").replace(" ", "")
    found = session.scalar(
        sa.select(DeskPointer).where(
            DeskPointer.code_hash == hash_secret(typed),
            DeskPointer.ended_at.is_(None),
            DeskPointer.expires_at > now,
        )
    )
    if found is None:
        raise NotFound
    return found


def _end_all(session: Session, person_id: UUID, now: datetime) -> None:
    session.execute(
        sa.update(DeskPointer)
        .where(DeskPointer.person_id == person_id, DeskPointer.ended_at.is_(None))
        .values(ended_at=now)
    )


def _photo(session: Session, person_id: UUID, vault: Vault) -> bytes | None:
    kept = session.get(PersonPhoto, person_id)
    if kept is None or not kept.sealed_photo:
        return None
    return vault.unseal(kept.sealed_photo, belongs_to=f"person_photo:{person_id}:photo")


def _findings(
    session: Session, facts: GateFacts | None, person: Person, host: UUID, now: datetime
) -> Sequence[Finding]:
    if facts is None or person.left_at is not None:
        return [NOTHING_HELD]
    if facts.registration is None:
        return [COMPARE]
    entry = facts.registration
    policy = policy_of(session, organisation_id=host, now=now)
    against = registration_findings(
        entry.status, entry.source, entry.checked_on, today=now.astimezone(LONDON).date(),
        policy=policy,
    )  # fmt: skip
    return [COMPARE, *against]


def _kinds(facts: GateFacts | None) -> list[str]:
    if facts is None:
        return []
    more = {
        "professional_registration": facts.registration,
        "dbs_outcome": facts.dbs,
        "training_award": facts.training,
    }
    return ["identity", "employment_assignment", *(kind for kind, one in more.items() if one)]

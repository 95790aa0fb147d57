"""A nurse of one trust with a whole passport, a partner that may clear her, and a third trust.

    world = clearing.a_world(session)
    row = clearing.show(session, world)      # opened: the register is to be looked up
    row = clearing.cleared(session, world)   # and looked up
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_checks, clearances
from bankhub.model.clearances import Clearance
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import Grade, Tier
from bankhub.model.workers import BankPost
from bankhub.rules.agreements.agreements_in_force import InForce
from passport.actors import AccessRole, Actor
from passport.events import Event
from passport.model.accounts import Account, RoleGrant
from passport.model.credentials import Bundle, Credential, CredentialState
from passport.model.facts import FactKind
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.model.presentations import Channel, VerdictRecord
from passport.model.register_words import Status
from tests.support import build, sharing
from tests.support.build_people import NOW, NURSE_TRAINING, kept
from tests.support.issuing import PROVENANCE

NUMBER = "01A2345N"
TRAINED, UNTIL = date(2026, 6, 1), date(2027, 3, 31)
CLEARED_UNTIL = date(2027, 3, 31)
"""The registration ends first, in the world as it is built."""


def claims(ods: str) -> list[tuple[str, dict[str, Any]]]:
    """What an adult nurse's credentials say, as far as a host reads it."""
    said: list[tuple[str, dict[str, Any]]] = [
        ("identity", {"legal_family_name": "Okafor"}),
        (
            "employment_assignment",
            {"employer_ods": ods, "pay_band": "BAND_6", "assignment_status": "ACTIVE",
             "starts_on": "2024-01-01"},
        ),
        (
            "professional_registration",
            {"body": "NMC", "number": NUMBER, "register_part": "RNA",
             "registration_status": "REGISTERED", "expiry_date": UNTIL.isoformat(),
             "restrictions": [], "checked_at": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
             "source": "REGISTER_FILE", **PROVENANCE},
        ),
        ("right_to_work_outcome", {"outcome": "UNLIMITED", "checked_by_ods": ods}),
        (
            "dbs_outcome",
            {"level": "ENHANCED_BARRED", "workforce": "ADULT", "adults_barred_checked": True,
             "issue_date": "2025-05-01"},
        ),
        (
            "oh_clearance",
            {"outcome": "FIT", "placement_limits": [], "cleared_for_role_group": "CLINICAL"},
        ),
    ]  # fmt: skip
    for subject, level in NURSE_TRAINING.items():
        award = {
            "subject_code": subject, "level": str(level), "awarded_on": TRAINED.isoformat(),
            "awarding_organisation": ods,
        }  # fmt: skip
        said.append(("training_award", award))
    return said


@dataclass
class World:
    """The two trusts, the third, and the nurse."""

    home: Organisation
    host: Organisation
    third: Organisation
    ward: Unit
    nurse: Person
    post: BankPost
    agreement: InForce
    held: list[Credential] = field(default_factory=list)

    def of(self, kind: str) -> UUID:
        """The credential of a type."""
        return next(one.id for one in self.held if one.type == kind)


def a_world(session: Session, host: Organisation | None = None, **terms: Any) -> World:
    """Everything there, nothing shown yet."""
    home = build.an_organisation(session, name="Home NHS Trust")
    host = host or build.an_organisation(session, name="Host NHS Trust")
    third = build.an_organisation(session, name="Third NHS Trust")
    ward = build.a_unit(session, build.a_site(session, host))
    nurse, post = build.a_nurse(session, home, papers=False)
    build.a_fact(
        session, nurse, FactKind.REGISTRATION,
        {"body": "NMC", "number": NUMBER, "profession": "RNA", "status": "registered",
         "register_status": "registered"},
        valid_until=UNTIL, lookup=f"NMC:{NUMBER}", source="register_file",
        checked_at=NOW - timedelta(days=2),
    )  # fmt: skip
    agreement = sharing.an_agreement(session, home, host, **terms)
    world = World(home, host, third, ward, nurse, post, agreement)
    world.held = give(session, home, nurse)
    return world


def give(session: Session, home: Organisation, person: Person) -> list[Credential]:
    """A whole passport, held."""
    bundle = Bundle(organisation_id=home.id, person_id=person.id, decided_at=NOW)
    kept(session, bundle, home.id)
    found = [
        Credential(
            organisation_id=home.id, person_id=person.id, bundle_id=bundle.id, type=kind,
            version=1, claims=said, state=CredentialState.HELD, accepted_at=NOW, decided_at=NOW,
            changed_at=NOW,
        )
        for kind, said in claims(home.ods_code)
    ]  # fmt: skip
    session.add_all(found)
    session.flush()
    return found


def same_human(session: Session, world: World, organisation: Organisation) -> Person:
    """A record of the nurse there, of which nobody said yet that it is hers."""
    record = build.a_person(session, organisation)
    build.a_fact(
        session, record, FactKind.REGISTRATION,
        {"body": "NMC", "number": NUMBER, "status": "registered"}, lookup=f"NMC:{NUMBER}",
    )  # fmt: skip
    return record


def officer(organisation: Organisation, *roles: AccessRole, **fields: Any) -> Actor:
    """An HR officer there."""
    said = {"stepped_up": True, **fields}
    return build.an_actor(organisation, *(roles or (AccessRole.HR_OFFICER,)), **said)


def an_officer(
    session: Session, organisation: Organisation, *roles: AccessRole, **fields: Any
) -> Actor:
    """An officer with an account that letters reach."""
    account = build.an_account(session)
    for role in roles or (AccessRole.HR_OFFICER,):
        grant = RoleGrant(
            account_id=account.id, organisation_id=organisation.id, role=role, granted_at=NOW
        )
        kept(session, grant, organisation.id)
    return officer(organisation, *roles, account=account, **fields)


def verdict(
    session: Session, host: Organisation, person: Person, outcome: str = "green", **fields: Any
) -> VerdictRecord:
    """A passport that was shown at the clearance desk."""
    row = VerdictRecord(
        organisation_id=host.id, channel=Channel.GATE, checker="Desk", purpose="bank_shift",
        person_id=person.id, at=NOW, received_at=NOW, offline=False, outcome=outcome, codes=[],
        kinds=["identity"], **fields,
    )  # fmt: skip
    return kept(session, row, host.id)


def show(session: Session, world: World, **change: Any) -> Clearance:
    """The nurse shows her passport at the host."""
    said: dict[str, Any] = {
        "person_id": world.nurse.id, "role": "rn_adult", "grade": Grade.BAND_5,
        "by": officer(world.host), "now": NOW, **change,
    }  # fmt: skip
    if "verdict_id" not in said:
        said["verdict_id"] = verdict(session, world.host, world.nurse).id
    return clearances.show(session, **said)


def cleared(session: Session, world: World) -> Clearance:
    """Shown, and looked up on the register."""
    row = show(session, world)
    return clearance_checks.check_register(
        session, clearance_id=row.id, status=Status.REGISTERED, by=officer(world.host), now=NOW
    )


def a_booking(session: Session, world: World, days: float = 3, **fields: Any) -> Any:
    """A confirmed partner booking of the nurse's at the host, so many days ahead."""
    shift = build.a_shift(session, world.ward, starts_at=NOW + timedelta(days=days))
    return build.a_booking(session, shift, world.nurse, world.post, tier=Tier.PARTNER, **fields)


def events(session: Session, kind: str) -> list[Event]:
    """What was recorded of a kind, the earliest first."""
    session.flush()
    return list(session.query(Event).filter_by(kind=kind).order_by(Event.id))


def account_of(session: Session, by: Actor) -> Account:
    """The account behind somebody."""
    return session.get_one(Account, by.account_id)

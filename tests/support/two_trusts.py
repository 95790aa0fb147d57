"""Two trusts with everything a trust can have, for tests that go through HTTP.

Each trust has one person behind each role alone, an `insider` who holds every role and is also
one of its nurses, and a `colleague`: another nurse. What belongs to a trust is listed by the name
that addresses give it (`shift_id`, `booking_id` …), and every word that is its own holds its name.
"""

from datetime import date, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.imports import roster_uploads
from bankhub.imports.roster import Told
from bankhub.model.bookings import AgencyFill, BreakGlass, ContactAttempt
from bankhub.model.pay_policy import TimeType
from bankhub.model.policies import DatedPolicy, PolicyKind
from bankhub.model.rates import Rate
from bankhub.model.shifts import AgencyExemption, Opening, Shift, ShiftCode
from bankhub.model.vocabulary import BookingState, Grade, HoursKind, ShiftState, StaffGroup
from bankhub.model.workers import BankPost, ImportMapping
from passport.actions.access import tokens
from passport.actors import AccessRole
from passport.db import Database
from passport.model.accounts import Account, Delegation
from passport.model.looks import PersonLook
from passport.model.organisations import MembershipKind, OrganisationMembership
from passport.model.people import Person, PersonLink
from tests.support import build, issuing
from tests.support.access import VAULT
from tests.support.build import NOW
from tests.support.build_agreed import agreements_of
from tests.support.build_arrivals import arrivals_at
from tests.support.build_checks import a_check
from tests.support.build_clearances import clearances_at
from tests.support.build_deployments import deployments_at
from tests.support.build_issued import issued
from tests.support.build_people import kept, numbers
from tests.support.rosters import roster
from tests.support.trust_keys import Trust, someone

SOON = NOW + timedelta(days=3)


def a_trust(session: Session, name: str) -> Trust:
    """A trust of that name with everything in it."""
    organisation = build.an_organisation(session, name=f"{name} NHS Trust")
    trust = Trust(name, organisation)
    for make in (
        _places, _people, _shifts, _bookings, _agency, _hours, _ledgers, _papers, _clearances,
        _deployments,
    ):  # fmt: skip
        make(session, trust)
    _accounts(session, trust)
    _tokens(session, trust)
    trust.note("key_id", *issuing.keys_for(session, organisation, VAULT, NOW))
    for kind, found in agreements_of(session, organisation, name).items():
        trust.note(kind, *found)
    return trust


def _places(session: Session, trust: Trust) -> None:
    site = build.a_site(session, trust.organisation, name=f"{trust.name} General")
    wards = [
        build.a_unit(session, site, name=f"Ward {trust.name} {number}", instant_book=number != 2)
        for number in (1, 2)
    ]
    trust.rows |= {"site": site, "ward": wards[0], "applying": wards[1]}
    trust.note("site_id", site)
    trust.note("unit_id", *wards)


def _people(session: Session, trust: Trust) -> None:
    for number, name in enumerate(("nurse", "colleague", "third")):
        person, post = build.a_nurse(
            session,
            trust.organisation,
            given_name=f"{name.title()}a",
            family_name=f"{trust.name}shaw",
            email=f"{name}@{trust.name.lower()}.example.org",
            mobile=f"+44 7700 900{ord(trust.name[0])}{number}",
            may_call=True,
        )
        trust.rows |= {name: person, f"{name}_post": post}
        trust.note("person_id", person)
        trust.note("post_id", post)
    _looks(session, trust)


def _looks(session: Session, trust: Trust) -> None:
    """A partner looked at the nurse, and the trust at somebody of the partner."""
    partner = build.an_organisation(session, name=f"{trust.name} Partner")
    theirs = build.a_person(session, partner, family_name=f"{trust.name}ford")
    for person, looking in ((trust.rows["nurse"], partner), (theirs, trust.organisation)):
        look = PersonLook(
            person_id=person.id, organisation_id=looking.id, on_day=NOW.date(), at=NOW,
            what="candidate", basis=f"WSA of {trust.name}",
        )  # fmt: skip
        kept(session, look, looking.id)


def _words(trust: Trust) -> dict[str, Any]:
    """Words of a shift, each with the trust's name in it."""
    return {"notes": f"Note of {trust.name}", "reference": f"{trust.name}-{next(numbers)}"}


def a_filled(
    trust: Trust, session: Session, who: str, state: BookingState, days: float, **fields: Any
) -> None:
    """A shift that many days ahead with a booking of `who` in `state`."""
    person: Person = trust.rows[who]
    post: BankPost = trust.rows[f"{who}_post"]
    shift = build.a_shift(
        session,
        trust.rows["ward"],
        starts_at=NOW + timedelta(days=days),
        hours=8,
        **_words(trust),
    )
    booking = build.a_booking(session, shift, person, post, state=state, **fields)
    trust.note("shift_id", shift)
    trust.note("booking_id", booking)


def _shifts(session: Session, trust: Trust) -> None:
    for number, state in enumerate(ShiftState):
        if state is ShiftState.FILLED:
            continue
        shift = build.a_shift(
            session,
            trust.rows["ward"],
            state=state,
            starts_at=SOON + timedelta(days=number),
            **_words(trust),
            cost_estimate_pence=12345,
        )
        if state in (ShiftState.DRAFT, ShiftState.SUBMITTED, ShiftState.REJECTED):
            session.execute(sa.delete(Opening).where(Opening.shift_id == shift.id))
        trust.rows[f"shift_{state.value}"] = shift
        trust.note("shift_id", shift)


def _bookings(session: Session, trust: Trust) -> None:
    for number, state in enumerate(BookingState):
        ahead = -20 - number if state in (BookingState.WORKED, BookingState.DID_NOT_ATTEND) else 30
        a_filled(trust, session, "nurse", state, ahead + number)
    a_filled(trust, session, "third", BookingState.CONFIRMED, 60)
    a_filled(trust, session, "third", BookingState.APPLIED, 61)


def _agency(session: Session, trust: Trust) -> None:
    shift: Shift = build.a_shift(
        session, trust.rows["ward"], starts_at=NOW + timedelta(days=2), **_words(trust)
    )
    for granted_at in (None, NOW):
        glass = BreakGlass(
            organisation_id=trust.organisation.id,
            shift_id=shift.id,
            reason="patient_safety",
            reason_text=f"Reason of {trust.name}",
            asked_at=NOW,
            granted_at=granted_at,
            expires_at=granted_at and NOW + timedelta(hours=8),
            review_due_on=granted_at and date(2026, 9, 14),
        )
        kept(session, glass, trust.organisation.id)
        trust.note("break_glass_id", glass)
    a_filled(trust, session, "third", BookingState.CANCELLED_WARD, 70)
    booking_id = trust.things["booking_id"][-1]
    agency = AgencyFill(
        booking_id=type(shift.id)(booking_id),
        organisation_id=trust.organisation.id,
        agency_name=f"Agency of {trust.name}",
        framework="RM6281",
        rate_pence_per_hour=4321,
        worker_name=f"Temp {trust.name}field",
    )
    session.add(agency)
    session.flush()
    contact = ContactAttempt(
        organisation_id=trust.organisation.id,
        shift_id=shift.id,
        person_id=trust.rows["nurse"].id,
        at=NOW,
        answer="no_answer",
    )
    kept(session, contact, trust.organisation.id)
    trust.note("shift_id", shift)
    trust.note("contact_id", contact)


def _hours(session: Session, trust: Trust) -> None:
    for source, kind in (("declared", HoursKind.DECLARED), ("roster_file", HoursKind.DUTY)):
        busy = build.busy_hours(
            session,
            trust.rows["nurse"],
            NOW + timedelta(days=100),
            hours=4,
            source=source,
            kind=kind,
        )
        trust.note("hours_id", busy)


def _ledgers(session: Session, trust: Trust) -> None:
    """What the office keeps beside its shifts: rates, codes, exemptions, files, restrictions."""
    here = trust.organisation.id
    rows: dict[str, Any] = {
        "rate_id": Rate(
            organisation_id=here, grade=Grade.BAND_5, time_type=TimeType.PLAIN,
            pence_per_hour=2222, from_on=date(2026, 1, 1), made_at=NOW,
            source=f"Board of {trust.name}",
        ),
        "code_id": ShiftCode(
            organisation_id=here, code=f"Z{trust.name[:2]}", name=f"Long {trust.name}",
            starts=time(7), ends=time(19),
        ),
        "exemption_id": AgencyExemption(
            organisation_id=here, staff_group=StaffGroup.ADMIN_CLERICAL,
            from_on=date(2026, 1, 1), until_on=date(2026, 12, 31), made_at=NOW,
            reference=f"Letter of {trust.name}",
        ),
    }  # fmt: skip
    nurse, third = (trust.rows[name].id for name in ("nurse", "third"))
    rows |= a_check(here, trust.name) | issued(here, nurse, third, trust.name)
    for kind, row in rows.items():
        kept(session, row, here)
        trust.note(kind, row)
    mapping = ImportMapping(
        organisation_id=here, kind="people", columns={"unit": f"Column {trust.name}"},
        updated_at=NOW,
    )  # fmt: skip
    session.add(mapping)
    restriction = build.a_restriction(session, trust.rows["third_post"], trust.rows["applying"].id)
    trust.note("restriction_id", restriction)


def _papers(session: Session, trust: Trust) -> None:
    policy = DatedPolicy(
        organisation_id=trust.organisation.id, kind=PolicyKind.FILL, from_on=date(2030, 1, 1),
        values={}, source=f"Policy of {trust.name}", made_at=NOW,
    )  # fmt: skip
    kept(session, policy, trust.organisation.id)
    link = PersonLink(
        holder_id=trust.rows["nurse"].id,
        other_id=trust.rows["third"].id,
        because="email",
        proposed_at=NOW,
    )
    kept(session, link, trust.organisation.id)
    facts = build.a_nurses_papers(session, trust.rows["third"])
    trust.note("policy_id", policy)
    trust.note("link_id", link)
    trust.note("fact_id", *facts[:3])


def _clearances(session: Session, trust: Trust) -> None:
    found = clearances_at(session, trust.organisation, trust.rows["nurse"], trust.name)
    found |= arrivals_at(session, trust.rows["ward"], found["clearance_id"][0], trust.name)
    for kind, rows in found.items():
        trust.note(kind, *rows)


def _deployments(session: Session, trust: Trust) -> None:
    nurse = trust.rows["nurse"]
    trust.note(
        "deployment_id", *deployments_at(session, trust.organisation, nurse, trust.name)
    )


def _accounts(session: Session, trust: Trust) -> None:
    everything = tuple(AccessRole)
    nurse = trust.rows["nurse"]
    someone(session, trust, "insider", *everything, person=nurse)
    colleague = trust.rows["colleague"]
    someone(session, trust, "colleague", AccessRole.WORKER, person=colleague)
    for role in AccessRole:
        someone(session, trust, role.value, role)
    lent_to = someone(session, trust, "delegate", AccessRole.WORKER)
    delegation = Delegation(
        organisation_id=trust.organisation.id,
        account_id=lent_to.id,
        role=AccessRole.BUDGET_HOLDER,
        from_on=date(2026, 1, 1),
        until_on=date(2027, 12, 31),
        made_at=NOW,
    )
    kept(session, delegation, trust.organisation.id)
    trust.note("delegation_id", delegation)


def _tokens(session: Session, trust: Trust) -> None:
    """The insider's own tokens, by id."""
    account = session.get_one(Account, trust.keys["insider"].account_id)
    by = build.an_actor(trust.organisation, account=account)
    held = tokens.own_tokens(session, by=by, now=NOW)
    trust.note("token_id", *held)


def two_trusts(database: Database) -> tuple[Trust, Trust, Trust]:
    """Two trusts of one integrated care system, and the system's board with its analyst."""
    with database.transaction() as session:
        ours, theirs = (a_trust(session, name) for name in ("Quill", "Thorn"))
        board = Trust("Board", build.an_organisation(session, name="Board ICB"))
        for trust in (ours, theirs):
            member = OrganisationMembership(
                member_id=trust.organisation.id,
                group_id=board.organisation.id,
                kind=MembershipKind.ICS,
                from_on=date(2020, 1, 1),
            )
            kept(session, member, board.organisation.id)
        someone(session, board, "system_analyst", AccessRole.SYSTEM_ANALYST)
    for trust in (ours, theirs):
        _roster(database, trust)
    return ours, theirs, board


def _roster(database: Database, trust: Trust) -> None:
    """A roster file that waits to be taken: one good row, and one of an unknown ward."""
    content = roster({"unit": trust.rows["ward"].code}, {"unit": "NOWHERE", "reference": "A2"})
    by = build.an_actor(trust.organisation, AccessRole.BANK_MANAGER)
    import_id, _ = roster_uploads.receive(
        database, content, f"roster-{trust.name}.csv", told=Told(), by=by, now=NOW
    )
    trust.note("import_id", import_id)

"""Agreements of the demo: three of different scope, signed by all with the parties' own keys.

The trusts around Stockport share a bank, the practices of the network share sessions, and a trust
lends to a care home. Bolton and Tameside are in none of them: they see nothing of anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements import agreement_signing, agreements
from bankhub.model.agreement_reference import agreement_templates
from bankhub.model.agreement_terms import ContactKind
from bankhub.model.agreements import AgreementVersion, ReviewArea
from bankhub.rules.shift_times import london_day
from passport.actors import Actor, operator
from passport.config import Config
from passport.model.organisations import Organisation
from passport.sealing import vault_of

BEGAN = timedelta(days=60)
REVIEWERS: Mapping[ReviewArea, tuple[str, str]] = {
    ReviewArea.HR: ("Grace Holt", "Director of People"),
    ReviewArea.IG: ("Imogen Frost", "Information governance lead"),
    ReviewArea.FINANCE: ("Femi Bright", "Deputy finance director"),
    ReviewArea.CLINICAL: ("Cleo Marsh", "Chief nurse"),
    ReviewArea.STAFF_SIDE: ("Stan Reid", "Staff side chair"),
}


SIGNATORIES: Mapping[str, tuple[str, str]] = {
    "RWJ": ("Maya Patel", "Chief people officer"),
    "R0A": ("Carys Bevan", "Director of workforce"),
    "RM3": ("Tariq Mensah", "Director of people"),
    "VDEM1": ("Hana Kovac", "Registered manager"),
    "P88005": ("Priya Nair", "Practice manager"),
    "P88011": ("Glenys Orme", "Practice manager"),
    "P88018": ("Marcus Adeleke", "Practice manager"),
    "P88043": ("Shazia Malik", "Practice manager"),
    "P88615": ("Peter Lomas", "Practice manager"),
}


@dataclass(frozen=True, slots=True)
class DemoAgreement:
    """One agreement: the template it begins from, its parties by role, what differs."""

    title: str
    template: str
    parties: Mapping[str, str]
    """ODS code → role; the first leads."""
    terms: Mapping[str, Any]


AGREEMENTS = (
    DemoAgreement(
        "Greater Manchester collaborative bank",
        "collaborative_bank",
        {"RWJ": "both", "R0A": "both", "RM3": "both"},
        {"recharge": {"basis": "bank_rate", "admin_percent": 2}},
    ),
    DemoAgreement(
        "Tame Valley sessions in general practice",
        "trust_and_pcn",
        {code: "both" for code in ("P88005", "P88011", "P88018", "P88043", "P88615")},
        {
            "scope": [
                {"staff_group": "medical_dental", "grades": ["gp"]},
                {"staff_group": "nursing_midwifery", "grades": ["band_5"]},
            ],
            "recharge": {"basis": "none_reciprocal", "threshold_hours": 40},
            "release_lead_hours": 21 * 24,
        },
    ),
    DemoAgreement(
        "Stockport and Brindle Lodge",
        "trust_and_care_home",
        {"RWJ": "home", "VDEM1": "host"},
        {},
    ),
)


def agree(session: Session, config: Config, *, now: datetime) -> None:
    """Draft, review, send out and sign each, as it was sixty days ago."""
    then = now - BEGAN
    for one in AGREEMENTS:
        offices = {code: _office(session, code) for code in one.parties}
        lead = next(iter(offices.values()))
        made = agreements.draft(
            session, title=one.title, terms=_terms(one, then), by=lead, now=then
        )
        version = session.scalars(
            sa.select(AgreementVersion).where(AgreementVersion.agreement_id == made.id)
        ).one()
        agreements.send_to_review(session, version_id=version.id, by=lead, now=then)
        for area, (name, job_title) in REVIEWERS.items():
            agreements.review(
                session, version_id=version.id, area=area, name=name, job_title=job_title,
                signed_off=True, by=lead, now=then,
            )  # fmt: skip
        agreements.send_out(session, version_id=version.id, by=lead, now=then)
        _sign(session, version, offices, config, then, now)


def _sign(
    session: Session,
    version: AgreementVersion,
    offices: Mapping[str, Actor],
    config: Config,
    then: datetime,
    now: datetime,
) -> None:
    """Keys are judged by the wall's clock, and the demo's were made today."""
    for code, by in offices.items():
        name, job_title = SIGNATORIES[code]
        agreement_signing.sign(
            session, version_id=version.id, name=name, job_title=job_title,
            authority="Scheme of delegation, section 4", vault=vault_of(config),
            signed_at=now, by=by, now=then,
        )  # fmt: skip


def _terms(one: DemoAgreement, then: datetime) -> dict[str, Any]:
    template = agreement_templates()[one.template]
    began = london_day(then)
    return {
        **template.terms,
        **one.terms,
        "parties": [{"ods": code, "role": role} for code, role in one.parties.items()],
        "starts_on": began.isoformat(),
        "ends_on": (began + timedelta(days=365 * template.months // 12 - 1)).isoformat(),
        "review_on": (began + timedelta(days=180)).isoformat(),
        "contacts": [
            {
                "ods": code,
                "kind": kind.value,
                "name": f"{kind.value.upper()} desk",
                "phone": f"0161 496 0{700 + number}",
            }
            for number, (code, kind) in enumerate(
                (code, kind) for code in one.parties for kind in ContactKind
            )
        ],
    }


def _office(session: Session, code: str) -> Actor:
    place = session.scalars(sa.select(Organisation).where(Organisation.ods_code == code)).one()
    return operator(place.id)


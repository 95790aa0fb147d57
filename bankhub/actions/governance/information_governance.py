"""What an organisation writes down about people's data, made from its agreements in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.governance.subject_requests import CATALOGUE
from bankhub.actions.partners.agreements_in_force import in_force
from bankhub.actions.permission import demand
from bankhub.model.processing import processing
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.governance import information_documents as documents
from bankhub.rules.governance.information_documents import Holding, Part, Row
from bankhub.rules.permissions import Deed
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import NotFound
from passport.london import london_day
from passport.model.data_classes import Catalogue
from passport.model.organisations import Organisation
from passport.model.retention import RetentionRule, schedule_on


@dataclass(frozen=True, slots=True)
class Document:
    """A document of one agreement."""

    agreement: InForce
    parts: Sequence[Part]


def agreements(session: Session, *, by: Actor, now: datetime) -> list[InForce]:
    """The agreements in force today to which the actor's organisation is a party."""
    demand(by, Deed.READ_IG)
    return in_force(session, organisation_id=own_organisation(by), now=now)


def flows(session: Session, *, by: Actor, now: datetime) -> list[Row]:
    """The data-flow map, as rows of `FLOW_HEADS`."""
    return documents.flows(own_organisation(by), agreements(session, by=by, now=now))


def record_of_processing(session: Session, *, by: Actor, now: datetime) -> list[Row]:
    """The record of processing, as rows of `RECORD_HEADS`."""
    found = agreements(session, by=by, now=now)
    return documents.record_of_processing(_holding(session, by, now), found)


def privacy_notice(
    session: Session, *, agreement_id: UUID, by: Actor, now: datetime
) -> Document:
    """The joint privacy notice of one agreement in force."""
    one = _one(session, agreement_id, by, now)
    return Document(one, documents.privacy_notice(_holding(session, by, now), one))


def impact_assessment(
    session: Session, *, agreement_id: UUID, by: Actor, now: datetime
) -> Document:
    """A draft of the data protection impact assessment of one agreement in force."""
    one = _one(session, agreement_id, by, now)
    parts = documents.impact_assessment(_holding(session, by, now), own_organisation(by), one)
    return Document(one, parts)


def retention(*, by: Actor, now: datetime) -> list[RetentionRule]:
    """The retention schedule in force today."""
    demand(by, Deed.READ_IG)
    return list(schedule_on(london_day(now)).values())


def tables(*, by: Actor) -> Catalogue:
    """What every table holds, who is its controller, and what an erasure does with it."""
    demand(by, Deed.READ_IG)
    return CATALOGUE


def _one(session: Session, agreement_id: UUID, by: Actor, now: datetime) -> InForce:
    for one in agreements(session, by=by, now=now):
        if one.agreement_id == agreement_id:
            return one
    raise NotFound


def _holding(session: Session, by: Actor, now: datetime) -> Holding:
    name = session.get_one(Organisation, own_organisation(by)).name
    return Holding(name, CATALOGUE, schedule_on(london_day(now)), processing())

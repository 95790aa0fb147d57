"""Deployments: one person at a host for a time, on an instrument (passport.md §3.3)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bankhub.model.agreement_terms import Instrument
from bankhub.model.vocabulary import Grade, StaffGroup
from passport.db import Base, Json, new_id


class DeploymentState(StrEnum):
    """Where a deployment stands."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    """By the person."""
    AUTHORISED = "authorised"
    """By the home organisation."""
    CHECKED = "checked"
    """Cleared at the host."""
    LICENSED = "licensed"
    """The licence, or the instrument's own contract, accepted by three."""
    ACTIVE = "active"
    ENDING = "ending"
    RETURNED = "returned"
    CLOSED = "closed"
    ON_HOLD = "on_hold"
    REFUSED = "refused"
    TERMINATED_EARLY = "terminated_early"


class Deployment(Base, kw_only=True):
    """One person, one host, one role, from a day to a day."""

    __tablename__ = "deployment"
    __recorded__ = True
    __table_args__ = (
        Index("ix_deployment_host", "host_id", "state"),
        Index("ix_deployment_home", "home_id", "state"),
        Index("ix_deployment_person", "person_id"),
        Index("ix_deployment_holder", "holder_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    holder_id: Mapped[UUID]
    home_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """Employer, or for a returner without one the sponsor (the ICB or a trust)."""
    host_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("agreement_version.id"))
    """The version it started under, which it keeps unless it is extended under a later one."""
    clearance_id: Mapped[UUID | None] = mapped_column(ForeignKey("clearance.id"), default=None)
    instrument: Mapped[Instrument]
    sponsored: Mapped[bool] = mapped_column(default=False)
    """A returner: `home_id` is sponsor, not employer."""
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"), default=None)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), default=None)
    staff_group: Mapped[StaffGroup]
    role: Mapped[str]
    grade: Mapped[Grade]
    duties: Mapped[str]
    supervision: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None] = mapped_column(default=None)
    """Some instruments must have one."""
    state: Mapped[DeploymentState]
    held_from: Mapped[DeploymentState | None] = mapped_column(default=None)
    """The state to go on from when a hold is lifted."""
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[UUID | None] = mapped_column(default=None)
    agreed_at: Mapped[datetime | None] = mapped_column(default=None)
    authorised_at: Mapped[datetime | None] = mapped_column(default=None)
    authorised_by_id: Mapped[UUID | None] = mapped_column(default=None)
    checked_at: Mapped[datetime | None] = mapped_column(default=None)
    licensed_at: Mapped[datetime | None] = mapped_column(default=None)
    active_at: Mapped[datetime | None] = mapped_column(default=None)
    returned_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    because: Mapped[str] = mapped_column(default="")
    """Code of why it was refused, held or ended early."""
    licence_text: Mapped[str] = mapped_column(default="")
    """What the three accept, frozen when the host's checks are met."""
    licence_hash: Mapped[str] = mapped_column(default="")
    """SHA-256 of `licence_text` as UTF-8, in hex."""
    delete_on: Mapped[date | None] = mapped_column(default=None)
    """When the host deletes what it holds."""
    feedback: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    """Competence gained (codes) and whether feedback was given; no narrative."""


class AcceptedBy(StrEnum):
    """Whose acceptance of a licence it is."""

    WORKER = "worker"
    HOME = "home"
    HOST = "host"


class LicenceAcceptance(Base, kw_only=True):
    """One of the three accepted exactly this paper: the licence, or an extension of it."""

    __tablename__ = "licence_acceptance"
    __recorded__ = True
    __table_args__ = (UniqueConstraint("deployment_id", "party", "text_hash"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id"))
    party: Mapped[AcceptedBy]
    text_hash: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(default=None)
    name: Mapped[str] = mapped_column(default="")


class ExtensionState(StrEnum):
    """Where an extension stands."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    """By the person."""
    AUTHORISED = "authorised"
    """By the home organisation."""
    CHECKED = "checked"
    """The host's clearance and the agreement reach into the added time; its paper is ready."""
    ACCEPTED = "accepted"
    """By all three: its last day is the deployment's."""
    REFUSED = "refused"
    LAPSED = "lapsed"
    """The deployment ended, or was given an earlier end, before all three had accepted."""


class DeploymentExtension(Base, kw_only=True):
    """A later last day for a deployment, with a paper of its own."""

    __tablename__ = "deployment_extension"
    __recorded__ = True
    __table_args__ = (
        Index("ix_deployment_extension", "deployment_id"),
        Index(
            "ux_deployment_extension_open",
            "deployment_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("agreement_version.id"))
    """The version that is in force on the first added day."""
    ends_before: Mapped[date]
    """The last day without it."""
    ends_on: Mapped[date]
    state: Mapped[ExtensionState]
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[UUID | None] = mapped_column(default=None)
    agreed_at: Mapped[datetime | None] = mapped_column(default=None)
    authorised_at: Mapped[datetime | None] = mapped_column(default=None)
    authorised_by_id: Mapped[UUID | None] = mapped_column(default=None)
    checked_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it was accepted by all three, refused, or lapsed."""
    paper: Mapped[str] = mapped_column(default="")
    """What the three accept, frozen when the checks are met."""
    paper_hash: Mapped[str] = mapped_column(default="")
    """SHA-256 of `paper` as UTF-8, in hex."""


class DeploymentTask(Base, kw_only=True):
    """Something to do before the start (induction, IT, smartcard) or after the end (access removed,
    data deleted)."""

    __tablename__ = "deployment_task"
    __recorded__ = True
    __table_args__ = (UniqueConstraint("deployment_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """Whose task it is."""
    code: Mapped[str]
    leg: Mapped[str]
    """`onboarding` or `return`."""
    due_on: Mapped[date | None] = mapped_column(default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    done_by_id: Mapped[UUID | None] = mapped_column(default=None)

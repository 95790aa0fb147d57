"""Each move of a deployment and of its extension on record, and who is told of it."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.deployments.deployment_records import open_extension
from bankhub.model.deployment_values import Side
from bankhub.model.deployments import (
    AcceptedBy,
    Deployment,
    DeploymentExtension,
    DeploymentState,
    ExtensionState,
    LicenceAcceptance,
)
from bankhub.rules.deployments.deployment_states import DONE, OVER
from passport.actions.telling import tell_officers, tell_person
from passport.actors import Actor
from passport.errors import Reason, Refused
from passport.events import Tell, record
from passport.model.accounts import Account
from passport.model.organisations import Organisation

S = DeploymentState
X = ExtensionState

_AT = {
    S.AGREED: "agreed_at",
    S.AUTHORISED: "authorised_at",
    S.CHECKED: "checked_at",
    S.LICENSED: "licensed_at",
    S.ACTIVE: "active_at",
    S.RETURNED: "returned_at",
    S.TERMINATED_EARLY: "returned_at",
    S.REFUSED: "closed_at",
    S.CLOSED: "closed_at",
}
"""State → where the moment of reaching it first is kept."""

_TOLD: dict[S, tuple[str, str, str]] = {
    S.PROPOSED: ("Read it, and say whether you agree.", "", ""),
    S.AGREED: ("", "The person agrees: it waits to be authorised.", ""),
    S.AUTHORISED: (
        "Your organisation has authorised it. The host looks at your passport next: show it there "
        "if you have not.",
        "",
        "It is authorised and waits for a clearance that stands.",
    ),
    S.CHECKED: ("Its paper is ready: read and accept it.",) * 3,
    S.LICENSED: (
        "All three have accepted. You start on the first day.",
        "All three have accepted.",
        "All three have accepted: see what is to be done before the first day.",
    ),
    S.ACTIVE: ("It has begun.", "It has begun.", "It has begun."),
    S.ENDING: ("It ends soon.", "It ends soon.", "It ends soon: see what is to be handed back."),
    S.RETURNED: (
        "It is over. Hand badge, keys and smartcard back.",
        "It is over.",
        "It is over: end access, take back badge and card, and give feedback.",
    ),
    S.TERMINATED_EARLY: (
        "It has ended early. Sign in to read more.",
        "It has ended early.",
        "It has ended early: end access at once, and take back badge and card.",
    ),
    S.ON_HOLD: ("It is on hold. Ask whom you report to.", "It is on hold.", "It is on hold."),
    S.REFUSED: ("It will not go ahead.", "It will not go ahead.", "It will not go ahead."),
    S.CLOSED: ("It is closed. The host has deleted what it held.", "It is closed.", ""),
}
"""State → what worker, home and host are told of it; empty = nothing."""

_EXTENSION_AT = {
    X.PROPOSED: "proposed_at",
    X.AGREED: "agreed_at",
    X.AUTHORISED: "authorised_at",
    X.CHECKED: "checked_at",
    X.ACCEPTED: "closed_at",
    X.REFUSED: "closed_at",
    X.LAPSED: "closed_at",
}
_EXTENSION_TOLD: dict[X, tuple[str, str, str]] = {
    X.PROPOSED: ("You are asked to stay longer. Read it, and say whether you agree.", "", ""),
    X.AGREED: ("", "The person agrees to stay longer: it waits to be authorised.", ""),
    X.AUTHORISED: (
        "Your organisation has authorised that you stay longer.",
        "",
        "Staying longer is authorised. It needs a clearance that reaches beyond the last day.",
    ),
    X.CHECKED: ("The paper for staying longer is ready: read and accept it.",) * 3,
    X.ACCEPTED: ("All three have accepted: it goes on longer.",) * 3,
    X.REFUSED: ("It is not extended: the last day stays as it was.",) * 3,
    X.LAPSED: ("", "", ""),
}


def move(
    session: Session,
    deployment: Deployment,
    state: DeploymentState,
    *,
    because: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Put a deployment into a state, on record, and tell those whom it concerns."""
    before = deployment.state
    if state is S.ON_HOLD:
        deployment.held_from = before
    elif before is S.ON_HOLD:
        deployment.held_from = None
    deployment.state, deployment.because = state, because
    name = _AT.get(state)
    if name is not None and getattr(deployment, name) is None:
        setattr(deployment, name, now)
    session.flush()
    lifted = before is S.ON_HOLD and state not in OVER
    said = ("It goes on.",) * 3 if lifted else _TOLD[state]
    note(
        session,
        f"deployment.{state.value}",
        deployment,
        by=by,
        now=now,
        tell=list(_tells(session, deployment, said)),
        before=before,
        because=because,
    )
    if state in (*OVER, *DONE):
        lapse(session, deployment, by=by, now=now)


def lapse(session: Session, deployment: Deployment, *, by: Actor, now: datetime) -> None:
    """What was proposed as its later last day comes too late."""
    extension = open_extension(session, deployment)
    if extension is not None:
        move_extension(session, deployment, extension, ExtensionState.LAPSED, by=by, now=now)


def move_extension(
    session: Session,
    deployment: Deployment,
    extension: DeploymentExtension,
    state: ExtensionState,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Put an extension into a state, on record, and tell those whom it concerns."""
    extension.state = state
    setattr(extension, _EXTENSION_AT[state], now)
    session.flush()
    note(
        session,
        f"deployment.extension_{state.value}",
        deployment,
        by=by,
        now=now,
        tell=list(_tells(session, deployment, _EXTENSION_TOLD[state])),
        extension=extension.id,
        ends_on=extension.ends_on,
    )


def add_acceptance(
    session: Session,
    deployment: Deployment,
    side: Side,
    text_hash: str,
    *,
    of: str,
    by: Actor,
    now: datetime,
) -> None:
    """One of the three accepts the paper with the hash `of`. Raises `Refused` where that is not
    the text that was read."""
    if text_hash != of:
        text = "This is not the text as it stands. Read it again."
        raise Refused([Reason("another_text", text=text)])
    party = AcceptedBy(side)
    account = session.get(Account, by.account_id) if by.account_id else None
    session.add(
        LicenceAcceptance(
            deployment_id=deployment.id,
            party=party,
            text_hash=text_hash,
            at=now,
            by_id=by.account_id,
            name=account.display_name if account else "",
        )
    )
    session.flush()
    note(
        session, "deployment.accepted", deployment, by=by, now=now, party=party, hash=text_hash
    )


def note(
    session: Session,
    kind: str,
    deployment: Deployment,
    *,
    by: Actor,
    now: datetime,
    tell: list[Tell] | None = None,
    **detail: object,
) -> None:
    """The event of a deed on a deployment."""
    record(
        session,
        kind,
        subject_id=deployment.id,
        organisation_id=by.organisation_id or deployment.host_id,
        by=by,
        now=now,
        tell=tell or (),
        person_id=deployment.person_id,
        home=deployment.home_id,
        host=deployment.host_id,
        **detail,
    )


def names_of(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    """Organisations' names by id."""
    rows = session.execute(
        sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))
    )
    return {one: name for one, name in rows}


def _tells(
    session: Session, deployment: Deployment, said_to: tuple[str, str, str]
) -> Iterator[Tell]:
    worker, home, host = said_to
    names = names_of(session, {deployment.home_id, deployment.host_id})
    if worker:
        yield tell_person(
            "deployment_yours",
            deployment.person_id,
            host=names[deployment.host_id],
            deployment=deployment.id,
            said=worker,
        )
    sides = (
        (deployment.home_id, deployment.host_id, home),
        (deployment.host_id, deployment.home_id, host),
    )
    for here, there, said in sides:
        if said:
            yield from tell_officers(
                session,
                "deployment_office",
                here,
                partner=names[there],
                deployment=deployment.id,
                said=said,
            )

"""Devices at ward doors: enrolled once by a manager, for one unit, with nobody signed in.

A device proves itself by a token that it was given for a one-time code, and may check passports
at its own unit and nothing else. Whoever uses it enters their name and role with each check.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.tenancy import own_organisation
from passport.actors import AccessRole, Actor, Via
from passport.errors import Invalid, NotFound
from passport.events import record
from passport.model.organisations import Organisation
from passport.model.presentations import WardDevice
from passport.rules.permissions import Deed
from passport.sealing import hash_secret, new_secret

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that are mistaken for each other."""
CODE_LENGTH = 10
CODE_LIVES = timedelta(minutes=15)
LONGEST_UNIT = 80


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device that proved itself, and where it stands."""

    device: WardDevice
    organisation: Organisation

    @property
    def actor(self) -> Actor:
        """What it may do: check passports at its own organisation."""
        return Actor(
            account_id=None,
            organisation_id=self.organisation.id,
            roles=frozenset({AccessRole.VERIFIER}),
            via=Via.DEVICE,
            scopes=frozenset({Deed.VERIFY}),
        )


def invite(
    session: Session, *, unit: str, unit_id: UUID | None, by: Actor, now: datetime
) -> tuple[WardDevice, str]:
    """A place for a device at a unit, and the code to type into it within 15 minutes."""
    demand(by, Deed.ENROL_DEVICE)
    organisation_id = own_organisation(by)
    named = unit.strip()
    if not 0 < len(named) <= LONGEST_UNIT or not named.isprintable():
        words = "Say where it stands, in up to 80 letters."
        raise Invalid("device_entry", fields={"unit": [words]})
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    device = WardDevice(
        organisation_id=organisation_id,
        unit=named,
        unit_id=unit_id,
        code_hash=hash_secret(code),
        code_expires_at=now + CODE_LIVES,
        made_at=now,
        made_by_id=by.account_id,
    )
    session.add(device)
    session.flush()
    record(session, "device.invited", subject_id=device.id, by=by, now=now, unit=named)
    return device, code


def enrol(session: Session, *, code: str, now: datetime) -> tuple[WardDevice, str]:
    """Give the device with that code its token. Raises `Invalid` for a code that is unknown, used
    or too old: all three are told alike."""
    typed = code.upper().replace(" ", "").replace("-", "")
    device = session.scalar(
        sa.select(WardDevice).where(WardDevice.code_hash == hash_secret(typed)).with_for_update()
    )
    ends = device.code_expires_at if device else None
    if device is None or ends is None or ends <= now:
        words = "This code is not or no longer valid. Ask for a new one."
        raise Invalid("device_code", fields={"code": [words]})
    token = new_secret("ward_")
    device.code_hash = device.code_expires_at = None
    device.token_hash = hash_secret(token)
    device.enrolled_at = device.seen_at = now
    known = KnownDevice(device, session.get_one(Organisation, device.organisation_id))
    record(session, "device.enrolled", subject_id=device.id, by=known.actor, now=now)
    return device, token


def by_token(session: Session, *, token: str) -> KnownDevice | None:
    """The device that holds this token and was not revoked."""
    if not token:
        return None
    device = session.scalar(
        sa.select(WardDevice).where(
            WardDevice.token_hash == hash_secret(token), WardDevice.revoked_at.is_(None)
        )
    )
    if device is None:
        return None
    return KnownDevice(device, session.get_one(Organisation, device.organisation_id))


def revoke(session: Session, *, device_id: UUID, by: Actor, now: datetime) -> None:
    """A device of the actor's organisation checks no more, from now on."""
    demand(by, Deed.ENROL_DEVICE)
    device = session.get(WardDevice, device_id, with_for_update=True)
    if device is None or device.organisation_id != own_organisation(by) or device.revoked_at:
        raise NotFound
    device.revoked_at, device.code_hash, device.code_expires_at = now, None, None
    record(session, "device.revoked", subject_id=device.id, by=by, now=now)


def devices(session: Session, *, by: Actor) -> Sequence[WardDevice]:
    """Those of the actor's organisation that are not revoked, by unit."""
    demand(by, Deed.READ_VERDICTS)
    return session.scalars(
        sa.select(WardDevice)
        .where(
            WardDevice.organisation_id == own_organisation(by), WardDevice.revoked_at.is_(None)
        )
        .order_by(WardDevice.unit, WardDevice.made_at)
    ).all()

"""The photo that an officer compared with the person: kept sealed, never the file that came."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from passport.actions.issuing.issue_records import photo_place
from passport.actions.people.people import person_of
from passport.actions.permission import demand
from passport.actions.signing.credential_life import demand_another
from passport.actors import Actor
from passport.errors import Invalid
from passport.events import record
from passport.london import london_day
from passport.model.credentials import PersonPhoto
from passport.portraits import NoPortrait, portrait
from passport.rules.permissions import Deed
from passport.sealing import Vault


def keep_photo(
    session: Session, *, person_id: UUID, data: bytes, vault: Vault, by: Actor, now: datetime
) -> None:
    """Take a photo in for a person of the actor's organisation. It comes into credentials that
    are decided from now on, and into gate tokens as they are renewed."""
    demand(by, Deed.ISSUE)
    person = person_of(session, person_id=person_id, by=by)
    demand_another(session, person.id, by)
    try:
        taken = portrait(data)
    except NoPortrait as problem:
        raise Invalid("photo", "The photo cannot be used.", {"photo": [str(problem)]}) from None
    face = vault.seal(taken.face, belongs_to=f"person_photo:{person.id}:face")
    photo = vault.seal(taken.photo, belongs_to=photo_place(person.id))
    kept = session.get(PersonPhoto, person.id, with_for_update=True)
    if kept is None:
        kept = PersonPhoto(
            person_id=person.id, sealed_face=face, sealed_photo=photo, taken_on=london_day(now)
        )
        session.add(kept)
    kept.sealed_face, kept.sealed_photo = face, photo
    kept.taken_on, kept.checked_by_id = london_day(now), by.account_id
    session.flush()
    record(
        session, "photo.kept", subject_id=person.id, organisation_id=person.organisation_id,
        by=by, now=now,
    )  # fmt: skip


def photo_of(session: Session, *, person_id: UUID, vault: Vault, by: Actor) -> bytes | None:
    """The photo (JPEG) of a person of the actor's organisation, where there is one."""
    demand(by, Deed.READ_PASSPORTS)
    person = person_of(session, person_id=person_id, by=by)
    kept = session.get(PersonPhoto, person.id)
    return vault.unseal(kept.sealed_photo, belongs_to=photo_place(person.id)) if kept else None

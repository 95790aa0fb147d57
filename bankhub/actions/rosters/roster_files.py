"""Roster files on record: begun, gone on with, finished, handed back, forgotten."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.rosters.rosters import COUNTED, locked_import
from bankhub.model.rosters import RosterImport, RosterRefusal, RosterState, RosterUpload
from bankhub.rules.permissions import Deed
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import NotFound


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file before its first row is taken."""

    name: str
    digest: str
    """Of its content and of how it is read."""
    rows: int
    reading: Mapping[str, Any]
    """`columns` and `covers`, as `RosterImport.reading`."""


def begin(
    session: Session, *, file: FileFacts, by: Actor, now: datetime, upload: bytes | None = None
) -> RosterImport:
    """The import of this file: the one that was interrupted, or a new one.

    A file that was taken to its end before is gone through again: what it says is on record, so
    nothing changes; the roster it holds is as old as when it first came.
    """
    demand(by, Deed.IMPORT_ROSTER)
    earlier = session.scalars(
        sa.select(RosterImport)
        .where(
            RosterImport.organisation_id == own_organisation(by),
            RosterImport.digest == file.digest,
        )
        .order_by(RosterImport.started_at)
    ).all()
    begun = next((one for one in earlier if one.state is not RosterState.DONE), None)
    if begun is None:
        begun = RosterImport(
            organisation_id=own_organisation(by),
            file_name=file.name,
            digest=file.digest,
            state=RosterState.RECEIVED,
            rows_total=file.rows,
            reading=dict(file.reading),
            as_at=earlier[0].as_at if earlier else now,
            started_at=now,
            by_account_id=by.account_id,
        )
        session.add(begun)
        session.flush()
    if upload is not None and session.get(RosterUpload, begun.id) is None:
        session.add(RosterUpload(import_id=begun.id, content=upload, received_at=now))
    return begun


def finish(
    session: Session, *, import_id: UUID, counts: Mapping[str, int], by: Actor, now: datetime
) -> RosterImport:
    """Say that every row was gone through; `counts` are added to those of the rows."""
    demand(by, Deed.IMPORT_ROSTER)
    file = locked_import(session, import_id, by)
    if file.state is not RosterState.DONE:
        file.state, file.finished_at = RosterState.DONE, now
        file.counts = {**file.counts, **counts}
    return file


def counts_of(file: RosterImport) -> Counter[str]:
    """Everything that was counted, zeros included."""
    return Counter({**dict.fromkeys(COUNTED, 0), **file.counts})


def import_of(session: Session, *, import_id: UUID, by: Actor) -> RosterImport:
    """An import of the actor's organisation. Raises `NotFound`."""
    demand(by, Deed.IMPORT_ROSTER)
    found = session.get(RosterImport, import_id)
    if found is None or found.organisation_id != own_organisation(by):
        raise NotFound
    return found


def imports(session: Session, *, by: Actor, limit: int = 20) -> Sequence[RosterImport]:
    """The latest imports of the actor's organisation."""
    demand(by, Deed.IMPORT_ROSTER)
    return session.scalars(
        sa.select(RosterImport)
        .where(RosterImport.organisation_id == own_organisation(by))
        .order_by(RosterImport.started_at.desc(), RosterImport.id.desc())
        .limit(limit)
    ).all()


def upload_of(session: Session, *, import_id: UUID, by: Actor) -> bytes:
    """The bytes of an uploaded file. Raises `NotFound`, also when they were forgotten."""
    file = import_of(session, import_id=import_id, by=by)
    upload = session.get(RosterUpload, file.id)
    if upload is None:
        raise NotFound
    return upload.content


def refusals(session: Session, *, import_id: UUID, by: Actor) -> dict[int, str]:
    """Line of the file → why it was refused."""
    file = import_of(session, import_id=import_id, by=by)
    rows = session.execute(
        sa.select(RosterRefusal.line, RosterRefusal.because)
        .where(RosterRefusal.import_id == file.id)
        .order_by(RosterRefusal.line)
    )
    return {line: because for line, because in rows}


def forget_uploads(session: Session, *, received_before: datetime) -> int:
    """Delete the bytes of files received before a moment; a job calls it every night. They may
    hold what was refused: names in notes, numbers of patients."""
    gone = session.execute(
        sa.delete(RosterUpload)
        .where(RosterUpload.received_at < received_before)
        .returning(RosterUpload.import_id)
    )
    return len(gone.all())


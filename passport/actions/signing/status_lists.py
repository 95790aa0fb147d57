"""Status lists: a place for each copy, a change of what is said of it, and the signed list.

Places are drawn at random from the free ones and never given twice, so that neither order nor
neighbourhood tells whose a place is. A change counts up its list; `publish` signs what has changed.
"""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.signing import keys
from passport.actions.tenancy import within
from passport.actors import Actor
from passport.model.credentials import CredentialCopy, StatusListRow
from passport.model.key_policy import KEY_POLICY
from passport.model.keys import KeyPurpose, SigningKey
from passport.rules.permissions import Deed
from passport.rules.tokens import addresses
from passport.rules.tokens.status_list import Status, StatusList
from passport.sealing import CannotUnseal, Vault

Place = tuple[UUID, int]
"""A list and an index in it."""


def take_places(
    session: Session, *, organisation_id: UUID, count: int, now: datetime
) -> list[Place]:
    """So many free places of the organisation's lists, each to be used by one copy. Holds the
    lock of a list until the transaction ends."""
    places: list[Place] = []
    while len(places) < count:
        row = _taking(session, organisation_id, now)
        room = int(row.size * KEY_POLICY.status_list_filled) - row.taken
        wanted = min(room, count - len(places))
        drawn = _free(session, row, wanted)
        row.taken += len(drawn)
        session.flush()
        places += [(row.id, idx) for idx in drawn]
    return places


def _taking(session: Session, organisation_id: UUID, now: datetime) -> StatusListRow:
    """The list that takes copies in, locked; a new one where the last is full or old."""
    full = sa.cast(StatusListRow.size * KEY_POLICY.status_list_filled, sa.Integer)
    found = session.scalars(
        sa.select(StatusListRow)
        .where(
            StatusListRow.organisation_id == organisation_id,
            StatusListRow.retired_at.is_(None),
            StatusListRow.made_at > now - KEY_POLICY.status_list_taking,
            StatusListRow.taken < full,
        )
        .order_by(StatusListRow.made_at, StatusListRow.id)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        found = StatusListRow(
            organisation_id=organisation_id, size=KEY_POLICY.status_list_size, made_at=now
        )
        session.add(found)
        session.flush()
    return found


def _free(session: Session, row: StatusListRow, count: int) -> list[int]:
    drawn: dict[int, None] = {}
    while len(drawn) < count:
        tried = {secrets.randbelow(row.size) for _ in range(count - len(drawn))} - drawn.keys()
        for some in _portions(sorted(tried)):
            of_list = CredentialCopy.list_id == row.id
            taken = session.scalars(
                sa.select(CredentialCopy.idx).where(of_list, CredentialCopy.idx.in_(some))
            )
            tried -= set(taken)
        drawn |= dict.fromkeys(tried)
    found = list(drawn)
    secrets.SystemRandom().shuffle(found)
    return found


def _portions(values: list[int], most: int = 500) -> Iterable[list[int]]:
    return (values[start : start + most] for start in range(0, len(values), most))


def set_status(session: Session, copies: Iterable[CredentialCopy], status: Status) -> int:
    """Say this of those copies from now on; how many changed. The next `publish` tells it."""
    changed = [copy for copy in copies if copy.status != status]
    for copy in changed:
        copy.status = int(status)
    session.flush()
    session.execute(
        sa.update(StatusListRow)
        .where(StatusListRow.id.in_({copy.list_id for copy in changed}))
        .values(changes=StatusListRow.changes + 1)
    )
    return len(changed)


def sign_anew(session: Session, *, organisation_id: UUID, by: Actor) -> int:
    """Have every list of the organisation signed by the next `publish`, as its key is believed no
    more; how many."""
    demand(by, Deed.MANAGE_KEYS)
    found = session.scalars(
        sa.update(StatusListRow)
        .where(StatusListRow.organisation_id == within(by, organisation_id))
        .values(changes=StatusListRow.changes + 1)
        .returning(StatusListRow.id)
    )
    return len(found.all())


class CannotSign(Exception):
    """The key of a list's organisation does not open: its lists wait, others need not."""

    def __init__(self, list_id: UUID) -> None:
        super().__init__(f"status list {list_id}: its organisation's key does not open")
        self.list_id = list_id


def publish(
    session: Session,
    *,
    vault: Vault,
    base: str,
    by: Actor,
    now: datetime,
    without: Collection[UUID] = (),
) -> int:
    """Sign one list that has changed or grown old; 0 = none is left. One at a time, so that a
    change never waits for all of them; safe to run in several processes. Raises `CannotSign` for
    one that is to be left out of the next try."""
    demand(by, Deed.PUBLISH)
    row = session.scalars(
        sa.select(StatusListRow)
        .where(
            StatusListRow.id.not_in(without),
            sa.or_(
                StatusListRow.changes > StatusListRow.published,
                StatusListRow.signed_at < now - KEY_POLICY.status_list_renewed,
            ),
            sa.exists().where(
                SigningKey.organisation_id == StatusListRow.organisation_id,
                keys.in_force(KeyPurpose.ISSUER, now),
            ),
        )
        .order_by((StatusListRow.changes > StatusListRow.published).desc())
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return 0
    try:
        _sign(session, row, vault, base, now)
    except CannotUnseal:
        raise CannotSign(row.id) from None
    return 1


def _sign(
    session: Session, row: StatusListRow, vault: Vault, base: str, now: datetime
) -> None:
    statuses = StatusList(size=row.size)
    entries = session.execute(
        sa.select(CredentialCopy.idx, CredentialCopy.status).where(
            CredentialCopy.list_id == row.id, CredentialCopy.status != int(Status.VALID)
        )
    )
    for idx, status in entries:
        statuses.set(idx, status)
    who = keys.signer(
        session, KeyPurpose.ISSUER, organisation_id=row.organisation_id, vault=vault, now=now
    )
    # A list says the second it was made; one more in the same second says the next, so that a
    # verifier can tell them apart and nobody can serve the one before it.
    before = row.signed_at.replace(microsecond=0) if row.signed_at else None
    made_at = max(now, before + timedelta(seconds=1)) if before else now
    row.token = statuses.token(
        who.key,
        uri=addresses.status_list(base, row.id),
        now=made_at,
        aggregation_uri=addresses.status_lists(base),
        **who.header,
    )
    row.signed_at, row.published = made_at, row.changes

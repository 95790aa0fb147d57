"""The audit log: numbering events, signing where the log stands, and checking it from end to end.

Writers only insert events. One sequencer gives them numbers once nothing can commit behind them:
on PostgreSQL events of transactions older than the oldest still open, on SQLite all of them,
because there writers follow one another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from passport.db import is_postgresql
from passport.events import Checkpoint, Event, EventLeaf
from passport.rules.tokens import merkle

AT_ONCE = 500
SEQUENCER = 0x53455155
"""Number of the sequencer's advisory lock."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the log that does not agree with what was signed."""

    number: int
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of the whole log found."""

    leaves: int
    waiting: int
    """Events that have no number yet."""
    findings: tuple[Finding, ...]


def sequence(session: Session, *, master_key: str) -> int:
    """Number the next events and sign the new root. Returns how many."""
    if is_postgresql(session):
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(SEQUENCER)))
    last = session.scalar(sa.select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1))
    tree = merkle.of_text(last.tree) if last else ()
    events = session.scalars(_unnumbered(session).limit(AT_ONCE)).all()
    if not events:
        return 0
    leaves = []
    for number, event in enumerate(events, start=merkle.size(tree)):
        leaf = _leaf(number, event)
        tree = merkle.add(tree, bytes.fromhex(leaf.hash))
        leaves.append(leaf)
        event.numbered = True
    session.add_all(leaves)
    session.add(
        Checkpoint(
            size=merkle.size(tree),
            root=merkle.root(tree).hex(),
            tree=merkle.as_text(tree),
            signature=_key(master_key).sign(_signed(merkle.size(tree), merkle.root(tree))).hex(),
        )
    )
    return len(events)


def _unnumbered(session: Session) -> sa.Select[Event]:
    query = sa.select(Event).where(sa.not_(Event.numbered)).order_by(Event.id)
    if is_postgresql(session):
        oldest: sa.ColumnElement[int] = sa.literal_column(
            "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
        query = query.where(Event.transaction_id < oldest)
    return query


def _leaf(number: int, event: Event) -> EventLeaf:
    committed = merkle.commitment(event.salt or "", _text(event))
    hashed = merkle.leaf_hash(number, event.at, str(event.organisation_id or ""), committed)
    return EventLeaf(
        number=number, event_id=event.id, commitment=committed.hex(), hash=hashed.hex()
    )


def _text(event: Event) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "at": event.at.isoformat(),
        "kind": event.kind,
        "subject_id": str(event.subject_id),
        "organisation_id": str(event.organisation_id or ""),
        "by_account_id": str(event.by_account_id or ""),
        "via": event.via,
        "detail": event.detail,
    }


def verify(session: Session, *, master_key: str) -> Verification:
    """Check every leaf against its event, every number, and every signed checkpoint."""
    findings: list[Finding] = []
    marks = {mark.size: mark for mark in session.scalars(sa.select(Checkpoint))}
    tree: merkle.Range = ()
    expected = 0
    for leaf, event in _numbered(session):
        if leaf.number != expected:
            findings.append(Finding(leaf.number, "a number is missing before it"))
            expected = leaf.number
        findings += _check_leaf(leaf, event)
        tree = merkle.add(tree, bytes.fromhex(leaf.hash))
        expected += 1
        mark = marks.pop(expected, None)
        if mark is not None:
            findings += _check_mark(mark, tree, master_key)
    findings += [
        Finding(size, "the log is shorter than what was signed") for size in sorted(marks)
    ]
    waiting = session.scalar(
        sa.select(sa.func.count()).select_from(Event).where(sa.not_(Event.numbered))
    )
    return Verification(expected, waiting or 0, tuple(findings))


def _numbered(session: Session) -> Iterator[tuple[EventLeaf, Event | None]]:
    """Every leaf in order with its event, a page at a time."""
    page = (
        sa.select(EventLeaf, Event)
        .outerjoin(Event, Event.id == EventLeaf.event_id)
        .order_by(EventLeaf.number)
        .limit(AT_ONCE)
    )
    after = -1
    while rows := session.execute(page.where(EventLeaf.number > after)).all():
        yield from rows
        after = rows[-1][0].number


def _check_leaf(leaf: EventLeaf, event: Event | None) -> list[Finding]:
    if event is None:
        return [Finding(leaf.number, "its event is gone")]
    committed = bytes.fromhex(leaf.commitment)
    hashed = merkle.leaf_hash(leaf.number, event.at, str(event.organisation_id or ""), committed)
    if hashed.hex() != leaf.hash:
        return [Finding(leaf.number, "its moment, organisation or hash was changed")]
    if event.salt is not None and merkle.commitment(event.salt, _text(event)) != committed:
        return [Finding(leaf.number, "its event was changed")]
    if event.salt is None and event.detail:
        return [Finding(leaf.number, "it is marked as erased and still says something")]
    return []


def _check_mark(mark: Checkpoint, tree: merkle.Range, master_key: str) -> list[Finding]:
    if mark.root != merkle.root(tree).hex():
        return [Finding(mark.size, "the root differs from the one that was signed")]
    try:
        _key(master_key).public_key().verify(
            bytes.fromhex(mark.signature), _signed(mark.size, merkle.root(tree))
        )
    except InvalidSignature:
        return [Finding(mark.size, "the checkpoint's signature is not ours")]
    return []


def erase(session: Session, *, event_id: UUID) -> None:
    """Blank what an event says; its leaf keeps the commitment, so the log still verifies."""
    event = session.get_one(Event, event_id)
    event.salt, event.detail = None, {}


def _signed(size: int, root: bytes) -> bytes:
    return f"bankhub audit log\n{size}\n{root.hex()}\n".encode()


def _key(master_key: str) -> Ed25519PrivateKey:
    seed = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"audit checkpoints").derive(
        bytes.fromhex(master_key)
    )
    return Ed25519PrivateKey.from_private_bytes(seed)

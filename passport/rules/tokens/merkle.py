"""Has the audit log been altered?

Each event has a leaf: a number without gaps and a hash over the number, the moment, the
organisation and a commitment to the event (a hash over its salt and its canonical text). The
leaves form a Merkle tree as in RFC 9162 §2.1; its root is signed from time to time. Erasing a
person blanks an event's salt and text and keeps the commitment, so the tree still verifies and
nobody can guess back what stood there.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

Range = tuple[tuple[int, bytes], ...]
"""A compact range: (size of a perfect subtree, its root), largest first."""


def commitment(salt: str, event: Mapping[str, Any]) -> bytes:
    """Hash over the salt and the canonical text of an event."""
    text = json.dumps(dict(event), sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).digest()


def leaf_hash(number: int, at: datetime, organisation: str, committed: bytes) -> bytes:
    """Hash of one leaf."""
    head = f"{number}|{at.isoformat()}|{organisation}|".encode()
    return hashlib.sha256(b"\x00" + head + committed).digest()


def add(tree: Range, leaf: bytes) -> Range:
    """The compact range with one more leaf."""
    nodes = [*tree, (1, leaf)]
    while len(nodes) > 1 and nodes[-1][0] == nodes[-2][0]:
        (size, left), (_, right) = nodes[-2:]
        nodes[-2:] = [(2 * size, _node(left, right))]
    return tuple(nodes)


def extend(tree: Range, leaves: Iterable[bytes]) -> Range:
    """The compact range with more leaves."""
    for leaf in leaves:
        tree = add(tree, leaf)
    return tree


def root(tree: Range) -> bytes:
    """The root over everything added so far; of nothing, the hash of nothing."""
    if not tree:
        return hashlib.sha256(b"").digest()
    result = tree[-1][1]
    for _size, left in reversed(tree[:-1]):
        result = _node(left, result)
    return result


def size(tree: Range) -> int:
    """How many leaves are in it."""
    return sum(count for count, _ in tree)


def as_text(tree: Range) -> list[list[Any]]:
    """For storage as JSON."""
    return [[count, digest.hex()] for count, digest in tree]


def of_text(stored: Sequence[Sequence[Any]]) -> Range:
    """From storage."""
    return tuple((int(count), bytes.fromhex(digest)) for count, digest in stored)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()

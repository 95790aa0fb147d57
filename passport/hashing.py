"""Passwords at rest: Argon2id, a few at a time.

Cost follows OWASP's Password Storage Cheat Sheet (46 MiB, 1 pass, 1 lane). At most `AT_ONCE`
hashes run in one process, so that a flood of sign-ins cannot take the machine's memory; whoever
waits longer than `WAIT_SECONDS` is told to try again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 4
WAIT_SECONDS = 10.0

_hasher = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
_places = threading.BoundedSemaphore(AT_ONCE)


class TooBusy(Exception):
    """Too many passwords are being checked at this moment."""


@contextmanager
def _a_place() -> Iterator[None]:
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise TooBusy
    try:
        yield
    finally:
        _places.release()


def _raw(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def hash_password(password: str) -> str:
    """The Argon2id hash with its salt and cost, as one text."""
    with _a_place():
        return _hasher.hash(_raw(password))


_NOBODY = _hasher.hash(b"no account has this password")


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password is right. Takes as long for an unknown account (hash None)."""
    with _a_place():
        try:
            _hasher.verify(password_hash or _NOBODY, _raw(password))
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made at another cost than today's and is to be renewed."""
    return _hasher.check_needs_rehash(password_hash)

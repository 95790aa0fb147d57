"""Secrets at rest: what must be read again is sealed, what must only be recognised is hashed.

Sealing is AES-256-GCM under a key derived from the master key. A sealed value carries the id of
its key, so that the master key can be changed while older values are still read, and is bound to
what it belongs to: a value moved to another row does not open.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from passport.config import Config

_FORMAT = b"\x01"
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12


class CannotUnseal(Exception):
    """The value was sealed under another key, for another row, or has been changed."""


class _Key:
    """A sealing key and its public id, both derived from one master key."""

    def __init__(self, master_key: bytes) -> None:
        derived = HKDF(hashes.SHA256(), _KEY_ID_BYTES + 32, salt=None, info=b"bankhub sealing 1")
        material = derived.derive(master_key)
        self.id = material[:_KEY_ID_BYTES]
        self.cipher = AESGCM(material[_KEY_ID_BYTES:])


class Vault:
    """Seals, unseals and hashes. Made once from the settings; holds no state of its own.

    `retired` are earlier master keys: they open what they sealed and seal nothing new.
    """

    def __init__(self, secret_key: str, master_key: str, retired: Sequence[str] = ()) -> None:
        self._secret = secret_key.encode()
        keys = [_Key(bytes.fromhex(key)) for key in (master_key, *retired)]
        self._current = keys[0]
        self._by_id = {key.id: key for key in keys}

    def seal(self, plain: bytes, *, belongs_to: str) -> bytes:
        """Seal `plain` under the current key, bound to what it belongs to (table and row id)."""
        head = _FORMAT + self._current.id
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return head + nonce + self._current.cipher.encrypt(nonce, plain, head + belongs_to.encode())

    def unseal(self, sealed: bytes, *, belongs_to: str) -> bytes:
        """The plain value; raises `CannotUnseal`, never telling which check failed."""
        end_of_head = len(_FORMAT) + _KEY_ID_BYTES
        head, rest = sealed[:end_of_head], sealed[end_of_head:]
        key = self._by_id.get(head[len(_FORMAT) :])
        if key is None or head[:1] != _FORMAT or len(rest) < _NONCE_BYTES:
            raise CannotUnseal("unknown key or format")
        try:
            return key.cipher.decrypt(
                rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], head + belongs_to.encode()
            )
        except InvalidTag:
            raise CannotUnseal("the value does not belong here or was changed") from None

    def keyed_hash(self, purpose: str, value: str) -> str:
        """HMAC-SHA-256 in hex of a value that may be guessable: links, addresses, e-mails.

        A stolen database alone does not allow guesses to be tried. The purpose keeps hashes of
        one value for two uses apart.
        """
        message = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()

    def pseudonym(self, purpose: str, value: str) -> UUID:
        """An identifier that stands for `value` where the value itself may not be stored."""
        return UUID(hex=self.keyed_hash(purpose, value)[:32], version=4)


@lru_cache(maxsize=8)
def vault_of(config: Config) -> Vault:
    """The vault of these settings."""
    return Vault(config.secret_key, config.master_key)


def new_secret(prefix: str = "") -> str:
    """256 random bits in URL-safe text; the prefix lets scanners recognise a leaked one."""
    return prefix + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """SHA-256 in hex of a `new_secret`: unguessable, so neither salt nor slow hash is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def as_base64url(raw: bytes) -> str:
    """Base64url text without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of base64url text with or without padding; `ValueError` where it is none."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)

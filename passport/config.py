"""The settings both floors share. Read once from the environment; nothing reads it afterwards."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

DEFAULT_BASE_URL = "http://127.0.0.1:8000"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class BadConfig(Exception):
    """A setting is missing or wrong; the message says what to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every setting, with its environment variable in upper case after `BANKHUB_`."""

    database_url: str
    """SQLAlchemy URL; default SQLite under `instance/`."""
    secret_key: str
    """Keys the hashes of one-time links and throttles."""
    master_key: str
    """32 bytes in hex: seals secrets at rest (AES-256-GCM)."""
    base_url: str = DEFAULT_BASE_URL
    """Where people reach the service; https outside loopback."""
    vct_base: str = ""
    """What the `vct` of credential types begin with; empty = the base URL."""
    smtp_url: str = ""
    """`smtp://user:password@host:port` (`smtps://` for TLS); empty = mail is kept in the outbox."""
    mail_from: str = "bank@localhost"
    demo: bool = False
    """The seeded demo: one-click sign-in and the movable clock. Never in service."""
    trusted_proxies: int = 0
    """How many proxies in front set X-Forwarded-For."""
    fetch_private: bool = False
    """Other installations' lists may be fetched from private addresses (an inner network)."""

    register_url: str = ""
    """A register service (docs/register-service.md), https outside loopback; empty = none."""
    register_token: str = ""
    """Its bearer token."""
    register_bodies: tuple[str, ...] = ("NMC", "GMC", "HCPC")
    """The registers it answers for."""

    @property
    def types_at(self) -> str:
        """The address under which this installation's credential types are named."""
        return self.vct_base or self.base_url

    @property
    def https(self) -> bool:
        """Whether people reach the service over https."""
        return urlsplit(self.base_url).scheme == "https"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Read `BANKHUB_…`; raise `BadConfig` for a missing secret, saying what to set."""
        env = os.environ if env is None else env
        missing = [
            name for name in ("BANKHUB_SECRET_KEY", "BANKHUB_MASTER_KEY") if not env.get(name)
        ]
        if missing:
            raise BadConfig(
                f"Set {' and '.join(missing)}: each to 64 hexadecimal digits, for instance the"
                " output of `openssl rand -hex 32`, and keep them out of the database backup."
            )
        config = cls(
            database_url=env.get("BANKHUB_DATABASE_URL") or default_database_url(),
            secret_key=env["BANKHUB_SECRET_KEY"],
            master_key=env["BANKHUB_MASTER_KEY"],
            base_url=env.get("BANKHUB_BASE_URL", DEFAULT_BASE_URL).rstrip("/"),
            vct_base=env.get("BANKHUB_VCT_BASE", "").rstrip("/"),
            smtp_url=env.get("BANKHUB_SMTP_URL", ""),
            mail_from=env.get("BANKHUB_MAIL_FROM", "bank@localhost"),
            trusted_proxies=_count(env, "BANKHUB_TRUSTED_PROXIES"),
            demo=env.get("BANKHUB_DEMO") == "yes",
            register_url=env.get("BANKHUB_REGISTER_URL", ""),
            register_token=env.get("BANKHUB_REGISTER_TOKEN", ""),
            register_bodies=_codes(env.get("BANKHUB_REGISTER_BODIES", "NMC,GMC,HCPC")),
            fetch_private=env.get("BANKHUB_FETCH_PRIVATE") == "yes",
        )
        if not config.database_url.startswith(("sqlite", "postgresql")):
            raise BadConfig("BANKHUB_DATABASE_URL must begin with sqlite:/// or postgresql://.")
        config.check()
        return config

    def check(self) -> None:
        """Raise `BadConfig` where a value cannot be right."""
        try:
            right = len(bytes.fromhex(self.master_key)) == 32
        except ValueError:
            right = False
        if not right:
            raise BadConfig("BANKHUB_MASTER_KEY must be 64 hexadecimal digits (32 bytes).")
        here = urlsplit(self.base_url).hostname in LOOPBACK
        if self.demo and not here:
            raise BadConfig("BANKHUB_DEMO is for this machine itself (loopback) only.")
        register = urlsplit(self.register_url)
        if self.register_url and register.scheme != "https" and not (
            register.scheme == "http" and register.hostname in LOOPBACK
        ):
            raise BadConfig(
                "BANKHUB_REGISTER_URL must be https, except on this machine itself (loopback)."
            )
        if not self.https and not here:
            raise BadConfig(
                "BANKHUB_BASE_URL must be https, except on this machine itself (loopback)."
            )


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code for code in text.upper().replace(",", " ").split() if code)


def _count(env: Mapping[str, str], name: str) -> int:
    text = env.get(name) or "0"
    if not (text.isascii() and text.isdigit()):
        raise BadConfig(f"{name} must be a whole number.")
    return int(text)


def default_database_url() -> str:
    """SQLite under `instance/` of the working directory, made where missing."""
    folder = Path("instance")
    folder.mkdir(exist_ok=True)
    return f"sqlite:///{folder.resolve()}/bankhub.sqlite3"

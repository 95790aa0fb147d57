"""`bankhub passport keys`: the keys that sign, their rotation, and the drill for a stolen one."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from sqlalchemy.orm import Session

from bankhub.cli.shared import (
    acting,
    as_json,
    database,
    fail,
    organisation_by_code,
    settings,
    tell_problems,
    wall_clock,
)
from passport.actions.signing import keys, status_lists
from passport.actions.signing.signing import Where
from passport.actions.trust import compromise, own_list
from passport.actors import Actor, job
from passport.config import Config
from passport.model.keys import KeyPurpose, SigningKey
from passport.rules.tokens.key_states import key_state
from passport.rules.tokens.trust_list import read_trust
from passport.sealing import Vault, vault_of

ODS = click.option("--organisation", "ods_code", help="ODS code; the installation's own without.")
AS = click.option("--as", "as_email", metavar="EMAIL", help="Who acts; the operator without.")
JSON = click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")
PURPOSES = (KeyPurpose.ISSUER, KeyPurpose.REQUEST, KeyPurpose.TRUST_LIST)


@click.group("keys")
def group() -> None:
    """Keys: list, make, rotate, revoke; rehearse what to do about a stolen one."""


@group.command("list")
@ODS
@AS
@JSON
@tell_problems
def list_keys(ods_code: str | None, as_email: str | None, json_wanted: bool) -> None:
    """The keys of an organisation, or of the installation, and what each is good for now."""
    now = wall_clock()
    with database().reading() as session:
        rows = _rows(keys.keys_of(session, by=_who(session, ods_code, as_email)), now)
    if json_wanted:
        as_json(rows)
        return
    for row in rows:
        click.echo(
            f"{row['kid']}  {row['purpose']:<10}  {row['state']:<8}"
            f"  {row['not_before']} to {row['not_after']}"
            + (f"  revoked from {row['revoked_from']}" if row["revoked_from"] else "")
        )


@group.command("make")
@click.option("--organisation", "ods_code", required=True, help="ODS code.")
@AS
@tell_problems
def make(ods_code: str, as_email: str | None) -> None:
    """Make an organisation's keys for issuing and asking, where it has none that sign."""
    config, now = settings(), wall_clock()
    with database().transaction() as session:
        by = _who(session, ods_code, as_email)
        owner = organisation_by_code(session, ods_code)
        keys.ensure_issuer(
            session, organisation_id=owner.id, vault=vault_of(config), base=config.base_url, by=by,
            now=now,
        )  # fmt: skip
        made = sum(one.made_at == now for one in keys.keys_of(session, by=by))
    click.echo(f"{made} made." if made else "Nothing to make: every key is there.")


@group.command("rotate")
@ODS
@AS
@click.option(
    "--purpose", type=click.Choice([one.value for one in PURPOSES]), help="Default: issuer."
)
@click.option("--at-once", is_flag=True, help="Sign with it today; verifiers may not know it yet.")
@tell_problems
def rotate(ods_code: str | None, as_email: str | None, purpose: str | None, at_once: bool) -> None:
    """Make the next key. It is published now and signs once every verifier may know it."""
    config, now = settings(), wall_clock()
    wanted = KeyPurpose(purpose or (KeyPurpose.ISSUER if ods_code else KeyPurpose.TRUST_LIST))
    if (wanted is KeyPurpose.TRUST_LIST) == bool(ods_code):
        fail("The trust list's key is the installation's own; the others are an organisation's.")
    more = {"ahead": timedelta()} if at_once else {}
    with database().transaction() as session:
        by = _who(session, ods_code, as_email)
        made = keys.rotate(
            session, wanted, organisation_id=by.organisation_id, vault=vault_of(config),
            base=config.base_url, by=by, now=now, **more,
        )  # fmt: skip
        click.echo(f"{made.kid} signs from {made.not_before:%Y-%m-%d}.")


# A key's name may begin with a hyphen, as one in 64 does.
@group.command("revoke", context_settings={"ignore_unknown_options": True})
@click.argument("kid")
@ODS
@AS
@click.option("--since", required=True, help="Day (ISO) from which nothing it signed is believed.")
@JSON
@tell_problems
def revoke(
    kid: str, ods_code: str | None, as_email: str | None, since: str, json_wanted: bool
) -> None:
    """Withdraw a key: mark it, make another, sign the lists anew, tell the holders."""
    work = _work(kid, ods_code, as_email, _day(since))
    db = database()
    _tell(work.run(db.transaction), json_wanted, "Done.")


@group.command("drill")
@ODS
@AS
@click.option("--since", help="Day (ISO); the key's first without.")
@JSON
@tell_problems
def drill(
    ods_code: str | None, as_email: str | None, since: str | None, json_wanted: bool
) -> None:
    """Rehearse `revoke` on the key that signs now, with its times; nothing is changed by it."""
    work = _work(None, ods_code, as_email, _day(since) if since else None)
    connection = database().engine.connect()
    try:
        connection.begin()

        @contextmanager
        def rolled_back() -> Iterator[Session]:
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                yield session
                session.commit()

        _tell(work.run(rolled_back), json_wanted, "A drill: nothing was changed, nobody told.")
    finally:
        connection.rollback()
        connection.close()


def _tell(steps: list["Step"], json_wanted: bool, end: str) -> None:
    if json_wanted:
        as_json([asdict(one) for one in steps])
        return
    for one in steps:
        click.echo(f"{one.seconds:8.3f} s  {one.name}: {one.result}")
        for line in one.listed:
            click.echo(f"              {line}")
    click.echo(f"{sum(one.seconds for one in steps):8.3f} s  in all. {end}")


@dataclass
class Step:
    """One step of a response, and how long it took."""

    name: str
    seconds: float
    result: str
    listed: list[str] = field(default_factory=list)


Opened = Callable[[], AbstractContextManager[Session]]
Result = str | tuple[str, list[str]]


@dataclass
class Work:
    """What is done about a stolen key, step by step."""

    kid: str | None
    """None: the one that signs now."""
    ods_code: str | None
    as_email: str | None
    since: datetime | None
    config: Config
    vault: Vault
    now: datetime

    def run(self, opened: Opened) -> list[Step]:
        """Every step in a transaction of its own, timed."""
        steps = (
            ("key marked", self.mark),
            ("new key", self.replace),
            ("trust list signed", self.list_issuers),
            ("status lists signed", self.list_statuses),
            ("verifiers refuse the old key", self.check),
            ("holders told", self.tell),
            ("to reissue", self.reissue),
        )
        return [self._timed(name, deed, opened) for name, deed in steps]

    def _timed(self, name: str, deed: Callable[[Session], Result], opened: Opened) -> Step:
        begun = time.perf_counter()
        with opened() as session:
            result = deed(session)
        said, listed = result if isinstance(result, tuple) else (result, [])
        return Step(name, round(time.perf_counter() - begun, 4), said, listed)

    def mark(self, session: Session) -> Result:
        by, found = self.who(session), self.key(session)
        since = self.since or found.not_before
        self.kid = found.kid
        keys.revoke(session, key_id=found.id, since=since, by=by, now=self.now)
        return f"{found.kid}, not believed from {found.revoked_from:%Y-%m-%d}"

    def replace(self, session: Session) -> Result:
        by, marked = self.who(session), self.key(session)
        compromise.follow_up(
            session, marked, vault=self.vault, base=self.config.base_url, by=by, now=self.now
        )
        fresh = [one for one in keys.keys_of(session, by=by) if one.made_at == self.now]
        return ", ".join(f"{one.kid} ({one.purpose.value})" for one in fresh) or "there is one"

    def list_issuers(self, session: Session) -> Result:
        own_list.publish(
            session, vault=self.vault, where=Where.of(self.config), by=job(), now=self.now
        )
        found = own_list.newest(session)
        return f"version {found.version}" if found else "none"

    def list_statuses(self, session: Session) -> Result:
        count = 0
        while status_lists.publish(
            session, vault=self.vault, base=self.config.base_url, by=job(), now=self.now
        ):
            count += 1
        return str(count)

    def check(self, session: Session) -> Result:
        """As a verifier reads it: the old key is good for nothing since, another signs."""
        marked, published = self.key(session), own_list.newest(session)
        if published is None or marked.purpose is not KeyPurpose.ISSUER:
            return "not an issuer's key: nothing to look up"
        trust = read_trust(published.token, root=[keys.root_pem(session)], now=self.now)
        (old,) = trust.by_kid(marked.kid)
        good = [one.kid for one in old.issuer.keys if one.why_not(self.now) is None]
        if old.listed.why_not(self.now) is None or not good:
            fail("The published list does not say so. Look at the worker and the root.", 1)
        return f"yes; they believe {', '.join(good)}"

    def tell(self, session: Session) -> Result:
        by, marked = self.who(session), self.key(session)
        return str(compromise.tell_holders(session, marked, by=by, now=self.now))

    def reissue(self, session: Session) -> Result:
        by = self.who(session)
        if by.organisation_id is None:
            return "nothing"
        found = compromise.to_reissue(session, by=by)
        copies = sum(one.copies for one in found)
        people = len({one.person_id for one in found})
        lines = [f"{one.name}: {one.kind} × {one.copies}, {one.wallet}" for one in found]
        return f"{copies} copies of {people} people", lines

    def who(self, session: Session) -> Actor:
        return _who(session, self.ods_code, self.as_email)

    def key(self, session: Session) -> SigningKey:
        by = self.who(session)
        if self.kid is None:
            purpose = KeyPurpose.ISSUER if self.ods_code else KeyPurpose.TRUST_LIST
            self.kid = keys.signer(
                session, purpose, organisation_id=by.organisation_id, vault=self.vault,
                now=self.now,
            ).kid  # fmt: skip
        found = keys.named(session, self.kid, by=by)
        if found is None or found.purpose is KeyPurpose.ROOT:
            fail("No such key there: see `bankhub passport keys list`.")
        return found


def _work(
    kid: str | None, ods_code: str | None, as_email: str | None, since: datetime | None
) -> Work:
    config = settings()
    return Work(
        kid=kid,
        ods_code=ods_code,
        as_email=as_email,
        since=since,
        config=config,
        vault=vault_of(config),
        now=wall_clock(),
    )


def _who(session: Session, ods_code: str | None, as_email: str | None) -> Actor:
    return acting(
        session, as_email, organisation_by_code(session, ods_code) if ods_code else None
    )


def _rows(found: Any, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "kid": one.kid,
            "purpose": one.purpose.value,
            "state": key_state(one, [o for o in found if o.purpose is one.purpose], now).value,
            "not_before": f"{one.not_before:%Y-%m-%d}",
            "not_after": f"{one.not_after:%Y-%m-%d}",
            "revoked_from": f"{one.revoked_from:%Y-%m-%d}" if one.revoked_from else None,
        }
        for one in found
    ]


def _day(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        fail(f"--since is no ISO day: {text[:40]}")

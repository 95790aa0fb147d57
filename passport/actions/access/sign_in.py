"""Signing in with a password, or by one click where the demo allows it.

Checking a password takes long on purpose, so it happens between two short transactions: `begin`
counts the try, the face lets `Attempt.is_right` work, and `enter` or `fail` closes it. Every step
is the same, and takes as long, for an address without an account.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport import hashing
from passport.actions.access import factors, sessions, throttles
from passport.actions.access.sessions import Opened, Proof
from passport.actions.telling import tell_account
from passport.actors import AccessRole, Actor
from passport.errors import Invalid, NotFound
from passport.events import record
from passport.london import london_day
from passport.model.access_policy import ACCESS_POLICY
from passport.model.accounts import Account, Delegation, RoleGrant, SignIn
from passport.model.organisations import Organisation
from passport.rules.access import throttling
from passport.rules.access.emails import tidy_email
from passport.sealing import Vault

WRONG = "The e-mail address or the password is wrong."


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted try to sign in."""

    account_id: UUID | None
    subject_id: UUID
    """The account, or a pseudonym that stands for the unknown address."""
    buckets: tuple[str, ...]
    password_hash: str | None = field(repr=False)

    def is_right(self, password: str) -> bool:
        """Whether the password is right. Slow; belongs outside any transaction."""
        return hashing.is_right(self.password_hash, password)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One of the people a visitor of the demo can be."""

    account_id: UUID
    email: str
    name: str
    roles: tuple[AccessRole, ...]
    organisation: str


def begin(session: Session, *, email: str, address: str, vault: Vault, now: datetime) -> Attempt:
    """Count a try for the account and the network address. Raises `Refused` where too many."""
    tidied = tidy_email(email)
    network = throttling.network(address)
    limits = ACCESS_POLICY.throttling
    buckets = {
        vault.keyed_hash("throttle:account", tidied): limits.account,
        vault.keyed_hash("throttle:address", network): limits.address,
        vault.keyed_hash("throttle:both", f"{tidied} {network}"): limits.account_from_address,
    }
    throttles.pour(session, buckets, now)
    account = session.scalar(
        sa.select(Account).where(Account.email == tidied, Account.closed_at.is_(None))
    )
    nobody = vault.pseudonym("unknown-account", tidied)
    return Attempt(
        account_id=account.id if account else None,
        subject_id=account.id if account else nobody,
        buckets=tuple(buckets),
        password_hash=account.password_hash if account else None,
    )


def fail(session: Session, *, attempt: Attempt, now: datetime) -> Invalid:
    """Record a wrong try; returns what to tell the person."""
    by = Actor(None, None)
    record(session, "sign_in.failed", subject_id=attempt.subject_id, by=by, now=now)
    return Invalid("sign_in_wrong", WRONG, {"email": [], "password": []})


def enter(
    session: Session,
    *,
    attempt: Attempt,
    password: str,
    device: str,
    own_device: bool,
    now: datetime,
) -> Opened:
    """Open a session for a right password. The second factor, if there is one, is still to come;
    where there is none the password is the strongest proof, and it was given just now."""
    account = _live(session, attempt.account_id)
    if account.password_hash != attempt.password_hash:  # changed in between
        raise NotFound
    throttles.give_back(session, attempt.buckets)
    if hashing.is_outdated(account.password_hash or ""):
        account.password_hash = hashing.hash_password(password)
    alone = not factors.own_factors(session, by=Actor(account.id, None))
    proof = Proof(stepped_up_at=now if alone else None)
    return _open(session, account, "password", device, own_device, now, proof)


def enter_demo(
    session: Session, *, account_id: UUID, demo: bool, device: str, now: datetime
) -> Opened:
    """Open a session for a seeded account of the demo by one click; `NotFound` anywhere else."""
    account = _live(session, account_id)
    if not (demo and account.demo):
        raise NotFound
    return _open(session, account, "demo", device, True, now)


def demo_accounts(session: Session) -> Sequence[DemoAccount]:
    """The seeded accounts of a demo, for its sign-in page."""
    rows = session.execute(
        sa.select(Account.id, Account.email, Account.display_name, RoleGrant.role, Organisation)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(Account.demo.is_(True), Account.closed_at.is_(None), RoleGrant.ended_at.is_(None))
        .order_by(Account.created_at, Account.id, Organisation.name)
    ).all()
    found: dict[UUID, DemoAccount] = {}
    for account_id, email, name, role, organisation in rows:
        known = found.get(account_id)
        roles = (*known.roles, role) if known else (role,)
        where = known.organisation if known else organisation.name
        found[account_id] = DemoAccount(account_id, email, name, tuple(dict.fromkeys(roles)), where)
    return list(found.values())


def enter_invited(
    session: Session, *, account: Account, device: str, own_device: bool, now: datetime
) -> Opened:
    """Open the first session of someone who has just entered by a mailed link."""
    proof = Proof(stepped_up_at=now)
    return _open(session, account, "invitation", device, own_device, now, proof)


def enter_by_passkey(
    session: Session, *, account_id: UUID, device: str, own_device: bool, now: datetime
) -> Opened:
    """Open a session for a passkey that checked its holder: both factors in one."""
    account = _live(session, account_id)
    proof = Proof(second_factor_at=now, stepped_up_at=now)
    return _open(session, account, "passkey", device, own_device, now, proof)


def _live(session: Session, account_id: UUID | None) -> Account:
    account = session.get(Account, account_id) if account_id else None
    if account is None or account.closed_at is not None:
        raise NotFound
    return account


def _open(
    session: Session,
    account: Account,
    how: str,
    device: str,
    own_device: bool,
    now: datetime,
    proof: Proof | None = None,
) -> Opened:
    known = _known_device(session, account.id, device)
    opened = sessions.open_session(
        session,
        account_id=account.id,
        organisation_id=_last_place(session, account.id, now),
        device=device,
        own_device=own_device,
        now=now,
        proof=proof,
    )
    notice = tell_account("new_device", account.id, device=device, at=now)
    record(
        session,
        "sign_in.opened",
        subject_id=account.id,
        by=Actor(account.id, None, person_id=account.person_id),
        now=now,
        tell=() if known else [notice],
        how=how,
    )
    return opened


def _known_device(session: Session, account_id: UUID, device: str) -> bool:
    """Whether the account signed in from such a device before, or never signed in at all."""
    devices = session.scalars(
        sa.select(SignIn.device).where(SignIn.account_id == account_id).distinct()
    ).all()
    return not devices or device in devices


def _last_place(session: Session, account_id: UUID, now: datetime) -> UUID | None:
    """Where the account acted last, if it still may; else the first by name."""
    places = session.scalars(
        sa.select(Organisation.id)
        .where(Organisation.id.in_(_places(account_id, now)))
        .order_by(Organisation.name)
    ).all()
    last = session.scalar(
        sa.select(SignIn.organisation_id)
        .where(SignIn.account_id == account_id)
        .order_by(SignIn.seen_at.desc())
        .limit(1)
    )
    return last if last in places else next(iter(places), None)


def _places(account_id: UUID, now: datetime) -> sa.CompoundSelect[UUID]:
    today = london_day(now)
    return (
        sa.select(RoleGrant.organisation_id)
        .where(RoleGrant.account_id == account_id, RoleGrant.ended_at.is_(None))
        .union(
            sa.select(Delegation.organisation_id).where(
                Delegation.account_id == account_id,
                Delegation.ended_at.is_(None),
                Delegation.from_on <= today,
                Delegation.until_on >= today,
            )
        )
    )


def act_for(session: Session, *, session_hash: str, organisation_id: UUID, now: datetime) -> None:
    """Act for another organisation in this session. `NotFound` where the account has no role."""
    row = sessions.current(session, session_hash)
    if organisation_id not in session.scalars(_places(row.account_id, now)).all():
        raise NotFound
    row.organisation_id = organisation_id

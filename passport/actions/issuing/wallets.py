"""A person's wallets: which phones have the passport, and the one act when a phone is lost.

To freeze is quick and takes no more than a sign-in: it only ever takes away. What a frozen wallet
holds is suspended within seconds, it fetches nothing more, and it stays frozen: the next phone
collects anew, which wants a fresh sign-in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.issuing.collecting_tokens import end_tokens, holder
from passport.actions.people.people import own_records, person_of
from passport.actions.permission import demand
from passport.actions.signing import signing
from passport.actions.telling import tell_person
from passport.actors import Actor, Via
from passport.errors import NotFound
from passport.events import record
from passport.model.credential_types import Suspension
from passport.model.credentials import CopyFormat, CredentialCopy, Wallet
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.permissions import PERMISSIONS, Deed, why_not

REPLACED = "replaced"
"""The same phone collected anew."""


@dataclass(frozen=True, slots=True)
class OwnWallet:
    """A wallet as its holder sees it."""

    id: UUID
    label: str
    organisation: str
    copies: int
    enrolled_at: datetime
    seen_at: datetime
    frozen_at: datetime | None


def own_wallets(session: Session, *, by: Actor) -> Sequence[OwnWallet]:
    """The actor's wallets at every organisation, the live ones first."""
    return _listed(session, [one.id for one in own_records(session, by=by)])


def wallets_of(
    session: Session, *, person_id: UUID, by: Actor
) -> tuple[Person, Sequence[OwnWallet]]:
    """For HR: somebody of the actor's organisation, and the wallets with its passport. Raises
    `NotFound`."""
    demand(by, Deed.READ_PASSPORTS)
    person = person_of(session, person_id=person_id, by=by)
    return person, _listed(session, [person.id])


def _listed(session: Session, records: Sequence[UUID]) -> Sequence[OwnWallet]:
    copies = (
        sa.select(sa.func.count())
        .where(CredentialCopy.wallet_id == Wallet.id)
        .correlate(Wallet)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Wallet, Organisation.name, copies)
        .join(Organisation, Organisation.id == Wallet.organisation_id)
        .where(
            Wallet.person_id.in_(records),
            sa.or_(Wallet.frozen_because.is_(None), Wallet.frozen_because != REPLACED),
        )
        .order_by(Wallet.frozen_at.is_not(None), Wallet.enrolled_at.desc())
    )
    return [
        OwnWallet(
            wallet.id, wallet.label, name, count, wallet.enrolled_at, wallet.seen_at,
            wallet.frozen_at,
        )
        for wallet, name, count in rows
    ]  # fmt: skip


def freeze(session: Session, *, wallet_id: UUID, by: Actor, now: datetime) -> int:
    """A phone is lost: this wallet, and those of the same phone for other organisations, are worth
    nothing from now on; how many were frozen. By the holder, or for their own organisation's
    wallets by HR. Raises `NotFound`."""
    found = session.get(Wallet, wallet_id)
    if found is None or found.frozen_at is not None:
        raise NotFound
    if not _is_own(session, found, by):
        _demand_officer(found, by)
    return _freeze(session, [found.id, *_beside(session, found)], by, now)


def _demand_officer(wallet: Wallet, by: Actor) -> None:
    """HR of the organisation that gave the passport, with a fresh second factor; to everybody else
    the wallet is unknown."""
    if by.via is not Via.OPERATOR:
        refused = why_not(by, Deed.ISSUE, PERMISSIONS)
        if by.organisation_id != wallet.organisation_id or (
            refused is not None and refused.code != "step_up_needed"
        ):
            raise NotFound
    demand(by, Deed.ISSUE)


def freeze_all(session: Session, *, by: Actor, now: datetime) -> int:
    """The holder freezes every wallet of theirs in one act; how many were."""
    mine = [one.id for one in own_wallets(session, by=by) if one.frozen_at is None]
    return _freeze(session, mine, by, now)


def _is_own(session: Session, wallet: Wallet, by: Actor) -> bool:
    person = session.get_one(Person, wallet.person_id)
    return by.person_id is not None and person.holder_id == by.person_id


def _beside(session: Session, wallet: Wallet) -> list[UUID]:
    """Live wallets of the same person in which a key of this one is used too."""
    human = session.get_one(Person, wallet.person_id).holder_id
    here = sa.select(CredentialCopy.holder_key).where(CredentialCopy.wallet_id == wallet.id)
    rows = session.scalars(
        sa.select(Wallet.id)
        .join(CredentialCopy, CredentialCopy.wallet_id == Wallet.id)
        .join(Person, Person.id == Wallet.person_id)
        .where(
            CredentialCopy.holder_key.in_(here),
            Wallet.id != wallet.id,
            Wallet.frozen_at.is_(None),
            Person.holder_id == human,
        )
        .distinct()
    )
    return list(rows)


def _freeze(session: Session, wallet_ids: Sequence[UUID], by: Actor, now: datetime) -> int:
    wallets = session.scalars(
        sa.select(Wallet).where(Wallet.id.in_(wallet_ids)).order_by(Wallet.id)
    ).all()
    people = sorted({one.person_id for one in wallets})
    for person_id in people:  # as each step on a person's credentials does, before any other row
        session.execute(
            sa.select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)
        )
    done = 0
    for wallet in wallets:
        session.refresh(wallet, with_for_update=True)
        if wallet.frozen_at is None:
            _freeze_one(session, wallet, by, now)
            done += 1
    for person_id in people:
        organisation_id = session.get_one(Person, person_id).organisation_id
        signing.refresh_statuses(session, person_id=person_id, organisation_id=organisation_id)
    return done


def _freeze_one(session: Session, wallet: Wallet, by: Actor, now: datetime) -> None:
    wallet.frozen_at, wallet.frozen_because = now, Suspension.PHONE_LOST.value
    end_tokens(session, wallet, now)
    session.flush()
    told = tell_person("wallet_frozen", wallet.person_id, wallet=wallet.label, at=now)
    record(
        session, "wallet.frozen", subject_id=wallet.id, organisation_id=wallet.organisation_id,
        by=by, now=now, tell=[told], person=wallet.person_id,
    )  # fmt: skip


def one_phone(session: Session, wallet: Wallet, keys: Sequence[str], *, now: datetime) -> None:
    """A phone that proves a key it collected with before is the same phone: what it held is filed
    under its new wallet, so that its holder sees, and freezes, one."""
    older = session.scalars(
        sa.select(Wallet)
        .join(CredentialCopy, CredentialCopy.wallet_id == Wallet.id)
        .where(
            CredentialCopy.holder_key.in_(keys),
            Wallet.id != wallet.id,
            Wallet.person_id == wallet.person_id,
            Wallet.frozen_at.is_(None),
        )
        .distinct()
    ).all()
    for one in older:
        moved = sa.update(CredentialCopy).where(CredentialCopy.wallet_id == one.id)
        if wallet.gate_key is not None:  # it has a gate statement already, and has but one
            moved = moved.where(CredentialCopy.format == CopyFormat.SD_JWT)
        session.execute(moved.values(wallet_id=wallet.id))
        wallet.gate_key = wallet.gate_key or one.gate_key
        one.frozen_at, one.frozen_because = now, REPLACED
        end_tokens(session, one, now)
        session.flush()
        person = session.get_one(Person, wallet.person_id)
        record(
            session, "wallet.replaced", subject_id=one.id, by=holder(person), now=now,
            wallet=wallet.id,
        )  # fmt: skip

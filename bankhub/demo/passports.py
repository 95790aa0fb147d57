"""Passports of the demo: every organisation has keys, and some people something to collect."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from random import Random
from uuid import UUID

import sqlalchemy as sa
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from bankhub.actions.people.passport_jobs import jobs_of
from passport.actions.issuing import issuing, photos
from passport.actions.issuing.issue_records import Sources
from passport.actions.people import identity_checks
from passport.actions.people.evidence import add_facts, as_value
from passport.actions.signing import keys
from passport.actors import Actor
from passport.london import london_day
from passport.model.facts import Fact, FactKind
from passport.model.people import Person
from passport.sealing import Vault

PASSPORTS = 12
"""People of an organisation who have something to collect; the rest are for its officers."""


def make_keys(session: Session, *, base: str, vault: Vault, by: Actor, now: datetime) -> None:
    """Keys of the actor's organisation, with the installation's own where they are missing."""
    if by.organisation_id is not None:
        keys.ensure_issuer(
            session, organisation_id=by.organisation_id, vault=vault, base=base, by=by, now=now
        )


def issue_some(
    session: Session,
    first: Sequence[Person],
    *,
    vault: Vault,
    by: Actor,
    now: datetime,
) -> None:
    """Decide bundles for `first` and some others; everybody's identity was checked on joining."""
    people = session.scalars(
        sa.select(Person).where(Person.organisation_id == by.organisation_id).order_by(Person.id)
    ).all()
    joined = london_day(now) - timedelta(days=300)
    identity_checks.put_on_record(
        session, checks=[(person.id, joined) for person in people], by=by, now=now
    )
    for one in list(dict.fromkeys([*first, *people]))[: PASSPORTS if first else 0]:
        _look_at_register(session, one.id, by, now)
        drawn = face(Random(f"1 {one.given_name} {one.family_name}"))
        photos.keep_photo(session, person_id=one.id, data=drawn, vault=vault, by=by, now=now)
        sources = Sources(vault, jobs_of)
        issuing.decide(session, person_id=one.id, sources=sources, by=by, now=now)


def _look_at_register(session: Session, person_id: UUID, by: Actor, now: datetime) -> None:
    """The demo's registers are invented too: what HR has on record stands there."""
    found = session.scalars(
        sa.select(Fact).where(
            Fact.person_id == person_id,
            Fact.kind == FactKind.REGISTRATION,
            Fact.superseded_by_id.is_(None),
        )
    )
    entries = [as_value(fact) for fact in found]
    if entries:
        add_facts(session, person_id=person_id, entries=entries, source="register", by=by, now=now)


def face(dice: Random) -> bytes:
    """A drawn face, so that nobody's photo is used: PNG."""
    skin = dice.choice(["#8d5524", "#c68642", "#e0ac69", "#f1c27d", "#ffdbac", "#5c3a21"])
    hair = dice.choice(["#1b1b1b", "#3b2417", "#6b4423", "#a55728", "#8a8a8a", "#d8b26e"])
    picture = Image.new("RGB", (320, 400), dice.choice(["#dfe8ee", "#e9e4da", "#dce9df"]))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 330, 300, 560), fill=dice.choice(["#005eb8", "#1d6f6a", "#4a4f9c"]))
    draw.rectangle((135, 280, 185, 350), fill=skin)
    draw.ellipse((70, 50, 250, 280 if dice.random() < 0.5 else 210), fill=hair)
    draw.ellipse((85, 90, 235, 310), fill=skin)
    for x in (128, 192):
        draw.ellipse((x - 13, 180, x + 13, 200), fill="white")
        draw.ellipse((x - 6, 183, x + 6, 197), fill="#2b2b2b")
        draw.line((x - 16, 168, x + 16, 165), fill=hair, width=6)
    draw.line((160, 195, 152, 235, 166, 238), fill="#00000055", width=3)
    draw.arc((128, 225, 192, 275), 20, 160, fill="#9a3b3b", width=6)
    kept = BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()

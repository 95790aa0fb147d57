"""A trust whose nurse collects with the built-in wallet, served live; and reading what it shows.

    house = a_house(database)
    with house.served():
        page.goto(house.link(house.offer()))

The browser's clock is the machine's, so the trust decides by it, too.
"""

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Request
from playwright.sync_api import Page

from passport.actions.issuing import offers, wallets
from passport.actions.issuing.offers import Offered
from passport.actions.signing import credential_life, keys, status_lists
from passport.actions.signing.signing import Where
from passport.actions.verifying import presenting
from passport.actions.verifying.judging import Judged, judge_gate
from passport.actions.verifying.presenting import Invitation
from passport.actors import job, operator
from passport.db import Database
from passport.events import record
from passport.model.credential_types import Suspension
from passport.model.credentials import Credential, PersonPhoto, Wallet
from passport.model.presentations import PresentationRequest
from passport.sealing import Vault, vault_of
from tests.support import build, issuing
from tests.support.access_web import a_config
from tests.support.apps import ground_floor
from tests.support.live import serving

FACE = base64.b64decode(
    "UklGRoQBAABXRUJQVlA4IHgBAACwCwCdASpAAFAAPy1+t1OuqCWoN/VbMdAliWYAv+oBXXYioy5umZ6lIDHlqAlla1nY7utbFYwI4Sy3X3/9MioEngZYJZZgB6qUF7eNyeOiIQHdAs6+mzRwkzJp+C8zXTtVo06udQAA/FzDtrhEE6WHWpugblsjqMX8+84lXIONw2JR/QdFQEHtVl5aEYoa3KHm7i9Wh6xap8RuRlSUqTWb0DXSCH0tkMVl1VpvJ45Qe4wdn4qNxanSyXZpR+sTyVAopFCFGSxM+TZWRXK8dCjQE3ti6AVhAqSQuBihHUu3I4anpq69L7C6wIsUyhsbmAIdiKtjWWFFO/M3z+2UjZ0c7O0uDuSKOqmIMINM+63xRClYaw+JDGdOXk4rDsk9oKNDk0TUh7E93Rz7KiqeNONZHnp4bKRkiGmGSIJixnFJYwJED/EOekBpmGuIeoCH1LDEdsLui76NgmVunKZW1fnEoHAcGC1SAS6pSZtyB+lpweAjdOjCYYAA"
)
"""A drawn face of 64 x 80, of no person: a simple lossy WebP of 396 bytes."""


def now() -> datetime:
    """The machine's time: a browser has no other."""
    return datetime.now(UTC)  # noqa: TID251


@dataclass
class House:
    """An issuer, and the nurse who has credentials on offer there."""

    app: Flask
    database: Database
    organisation_id: UUID
    person_id: UUID
    base: str = ""
    asked: list[str] = field(default_factory=list)
    """Each address that was asked for, with its query."""

    @property
    def vault(self) -> Vault:
        """What the app seals with."""
        return vault_of(self.app.extensions["lent"].config)

    @contextmanager
    def served(self) -> Iterator["House"]:
        """Served on a port of this machine until the block ends."""
        with serving(self.app) as base:
            self.base = base
            lent = self.app.extensions["lent"]
            self.app.extensions["lent"] = replace(lent, config=a_config(base_url=base))
            with self.database.transaction() as session:
                keys.ensure_issuer(
                    session, organisation_id=self.organisation_id, vault=self.vault, base=base,
                    by=operator(self.organisation_id), now=now() - timedelta(minutes=1),
                )  # fmt: skip
            self.publish()
            yield self

    def offer(self, *, with_tx_code: bool = False) -> Offered:
        """An offer to the nurse of everything, made at the server."""
        with self.database.transaction() as session:
            return offers.make(
                session, person_id=self.person_id, with_tx_code=with_tx_code, vault=self.vault,
                base=self.base, by=operator(self.organisation_id), now=now(),
            )  # fmt: skip

    def second(self) -> Offered:
        """The nurse works for another trust here, too, which offers its own."""
        with self.database.transaction() as session:
            trust = build.an_organisation(session, ods_code="RBS", name="Alder Hey NHS FT")
            keys.ensure_issuer(
                session, organisation_id=trust.id, vault=self.vault, base=self.base,
                by=operator(trust.id), now=now() - timedelta(minutes=1),
            )  # fmt: skip
            own = build.a_person(session, trust)
            issuing.decided(session, issuing.World(trust), own, issuing.claims_of(own, ods="RBS"))
            return offers.make(
                session, person_id=own.id, with_tx_code=False, vault=self.vault,
                base=self.base, by=operator(trust.id), now=now(),
            )  # fmt: skip

    def link(self, offer: Offered) -> str:
        """The link that opens the built-in wallet with an offer."""
        return f"{self.base}/wallet#offer={quote(offer.link, safe='')}"

    def ask(self, purpose: str, **how: Any) -> Invitation:
        """The trust asks somebody to show what the purpose allows."""
        with self.database.transaction() as session:
            return presenting.ask(
                session, purpose=purpose, **{"limits": None, **how}, vault=self.vault,
                where=self.where, by=operator(self.organisation_id), now=now(),
            )  # fmt: skip

    def request_link(self, asked: Invitation) -> str:
        """The link that opens the built-in wallet with a request."""
        return f"{self.base}/wallet#request={quote(asked.uri, safe='')}"

    def answered(self, asked: Invitation) -> PresentationRequest:
        """What came of it."""
        with self.database.reading() as session:
            return session.get_one(PresentationRequest, asked.id)

    @property
    def where(self) -> Where:
        """The addresses that are signed into what it sends out."""
        return Where(base=self.base, types_at=self.base)

    def state(self, kind: str) -> str:
        """Where the credential of that type stands."""
        with self.database.reading() as session:
            one = session.query(Credential).filter_by(person_id=self.person_id, type=kind).one()
            return one.state.value

    def freeze(self) -> None:
        """The phone was lost: the operator freezes every wallet."""
        with self.database.transaction() as session:
            for wallet in session.query(Wallet).filter_by(frozen_at=None):
                wallets.freeze(
                    session, wallet_id=wallet.id, by=operator(self.organisation_id), now=now()
                )
        self.publish()

    def suspend(self, kind: str) -> None:
        """Hold a credential back, as after a look at the register."""
        with self.database.transaction() as session:
            one = session.query(Credential).filter_by(person_id=self.person_id, type=kind).one()
            credential_life.suspend(
                session, credential_id=one.id, reason=Suspension.REGISTER_ENTRY_CHANGED, by=job(),
                now=now(),
            )  # fmt: skip
        self.publish()

    def publish(self) -> None:
        """What the worker does every two seconds."""
        while True:
            with self.database.transaction() as session:
                if not status_lists.publish(
                    session, vault=self.vault, base=self.base, by=job(), now=now()
                ):
                    return

    def judge(self, text: str, **asked: Any) -> Judged:
        """What a checker's server says of a code."""
        with self.database.transaction() as session:
            where = Where(base=self.base, types_at=self.base)
            return judge_gate(session, text, organisation_id=None, where=where, now=now(), **asked)


def a_house(database: Database, *, more_awards: int = 0) -> House:
    """A trust with keys, and a nurse with five credentials on offer and a face on record."""
    app = ground_floor(a_config(), database=database)
    moment = now() - timedelta(minutes=1)
    vault = vault_of(a_config())
    with database.transaction() as session:
        trust = build.an_organisation(session, ods_code="RWJ", name="Stockport NHS FT")
        nurse = build.a_person(session, trust)
        claims = issuing.claims_of(nurse)
        claims["professional_registration"]["checked_at"] = moment.isoformat()
        issuing.decided(session, issuing.World(trust), nurse, claims)
        for number in range(more_awards):
            award = claims["training_award"] | {"subject": f"Subject {number}"}
            issuing.decided(session, issuing.World(trust), nurse, {"training_award": award})
        photo = PersonPhoto(
            person_id=nurse.id, taken_on=moment.date(), sealed_photo=b"",
            sealed_face=vault.seal(FACE, belongs_to=f"person_photo:{nurse.id}:face"),
        )  # fmt: skip
        session.add(photo)
        record(session, "test.photo", subject_id=nurse.id, by=operator(trust.id), now=moment)
        made = House(app, database, trust.id, nurse.id)

    app.wsgi_app = _noting(app.wsgi_app, made.asked)
    return made


def _noting(serve: WSGIApplication, asked: list[str]) -> WSGIApplication:
    """The same, with a note of each address that is asked for."""

    def noted(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        asked.append(Request(environ).full_path)
        return serve(environ, start)

    return noted


_READ = """async (png) => {
  const { default: decodeQR } = await import("/static/vendor/qr/decode.js");
  const image = new Image();
  image.src = png;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  const drawing = canvas.getContext("2d");
  drawing.drawImage(image, 0, 0);
  return decodeQR(drawing.getImageData(0, 0, canvas.width, canvas.height));
}"""


_WHERE = """() => {
  const { x, y, width, height } = document.querySelector("svg.code").getBoundingClientRect();
  return { x: x + scrollX, y: y + scrollY, width, height };
}"""


def read_code(page: Page) -> str:
    """The text of the code that the page shows, read off its pixels, as a camera does: of the page
    as it is then, as the code itself is drawn anew every 15 seconds."""
    taken = page.screenshot(clip=page.evaluate(_WHERE), full_page=True)
    png = base64.b64encode(taken).decode()
    text: str = page.evaluate(_READ, f"data:image/png;base64,{png}")
    return text

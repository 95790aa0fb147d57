"""A checker's browser at the verify page, its camera, and the phone that it looks at.

The camera of most tests is a canvas that the test paints; that of the one true test is Chromium's
own, fed with a film of a phone's screenshot.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import segno
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from passport.actions.access.sessions import open_session
from passport.actions.signing import keys, signing
from passport.actions.trust import own_list
from passport.actions.verifying import ward_devices
from passport.actors import AccessRole, job, operator
from passport.events import record
from passport.model.credentials import Credential, CredentialState, Wallet
from passport.model.keys import KeyPurpose
from passport.model.organisations import Organisation
from passport.model.presentations import VerdictRecord
from passport.rules.tokens import es256, gate_token
from tests.support import access
from tests.support.browsing import STOPPED
from tests.support.live import serving
from tests.support.wallet_house import House, now

EXPECTED = (*STOPPED, "status of 403", "status of 422", "blocked by Playwright")
"""What a browser says of a server that stops, of a refused code, and where a test wants no service
worker."""
_CAMERA = """
(() => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [1280, 720];
  const drawing = canvas.getContext("2d");
  drawing.fillRect(0, 0, 1280, 720);
  globalThis.paint = async (png) => {
    const image = new Image();
    image.src = png;
    await image.decode();
    globalThis.painted = image;
  };
  setInterval(() => {
    drawing.fillStyle = "#777";
    drawing.fillRect(0, 0, 1280, 720);
    if (globalThis.painted) drawing.drawImage(globalThis.painted, 310, 30, 660, 660);
  }, 40);
  const stream = async () => canvas.captureStream(25);
  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = stream;
})();
"""


class Checker:
    """A browser whose console must stay silent."""

    def __init__(
        self, browser: Browser, house: House, *, camera: bool = True, **settings: Any
    ) -> None:
        settings.setdefault("viewport", {"width": 390, "height": 844})
        self.house = house
        self.context = browser.new_context(**settings)
        if camera:
            self.context.add_init_script(_CAMERA)
        self.said: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(
            words in message.text for words in EXPECTED
        ):
            self.said.append(message.text)

    def open(self) -> Page:
        """The page, once it is ready and kept for when there is no network."""
        self.page.goto(f"{self.house.base}/verify")
        self.page.wait_for_selector("html[data-ready][data-offline]")
        return self.page

    def reopen(self) -> Page:
        """The same page again, from what is kept."""
        self.page.goto(f"{self.house.base}/verify")
        self.page.wait_for_selector("html[data-ready]")
        return self.page

    def scan(self, text: str) -> Page:
        """Hold this code into the camera, until there is a verdict."""
        self.page.get_by_role("button", name="Scan with the camera").click()
        self.page.evaluate("(png) => paint(png)", picture(text))
        self.page.wait_for_selector("[data-outcome]")
        return self.page

    def paste(self, text: str) -> Page:
        """Paste the text of a code, until there is a verdict."""
        self.page.get_by_text("Type or paste a code").click()
        box = self.page.locator("#typed")
        box.fill(text)
        box.press("Enter")
        self.page.wait_for_selector("[data-outcome]")
        return self.page

    def again(self) -> None:
        """Back to the first screen."""
        self.page.get_by_role("button", name="Check the next person").click()


def outcome(page: Page) -> str:
    """`green`, `amber` or `red`."""
    return page.locator("[data-outcome]").get_attribute("data-outcome") or ""


def codes(page: Page) -> list[str]:
    """The codes of the findings, the worst first."""
    return [one.get_attribute("data-code") or "" for one in page.locator("[data-code]").all()]


def picture(text: str) -> str:
    """A code as the address of a PNG."""
    made = BytesIO()
    segno.make(text, error="m", boost_error=False).save(made, kind="png", scale=6, border=4)
    return "data:image/png;base64," + base64.b64encode(made.getvalue()).decode()


def film(png: bytes, at: Path, *, size: tuple[int, int] = (1280, 720)) -> Path:
    """One frame of a camera that looks at that picture, as Chromium's fake camera reads it."""
    frame = Image.new("RGB", size, (110, 115, 120))
    seen = Image.open(BytesIO(png)).convert("RGB")
    seen.thumbnail((size[0] - 40, size[1] - 10), Image.Resampling.LANCZOS)
    frame.paste(seen, ((size[0] - seen.width) // 2, (size[1] - seen.height) // 2))
    luma, blue, red = frame.convert("YCbCr").split()
    half = (size[0] // 2, size[1] // 2)
    planes = (luma, blue.resize(half), red.resize(half))
    head = f"YUV4MPEG2 W{size[0]} H{size[1]} F10:1 Ip A1:1 C420jpeg\nFRAME\n".encode()
    at.write_bytes(head + b"".join(plane.tobytes() for plane in planes))
    return at


class Nurse:
    """The nurse of the house with a wallet whose key the test holds."""

    def __init__(self, house: House) -> None:
        self.house, self.key = house, es256.new_key()
        with house.database.transaction() as session:
            person_id = house.person_id
            wallet = Wallet(organisation_id=house.organisation_id, person_id=person_id,
                            label="Test", enrolled_at=now(), seen_at=now(),
                            gate_key=es256.public(self.key).kid)  # fmt: skip
            session.add(wallet)
            for one in session.query(Credential).filter_by(person_id=person_id):
                one.state, one.accepted_at = CredentialState.HELD, now()
                one.changed_at = now()
            session.flush()
            record(session, "test.wallet", subject_id=uuid4(), by=operator(), now=now())
            self.wallet_id = wallet.id
        self.cwt = self.issue()

    def issue(self) -> bytes:
        """A gate token as it is today."""
        house = self.house
        with house.database.transaction() as session:
            wallet = session.get_one(Wallet, self.wallet_id)
            record(session, "test.gate", subject_id=wallet.id, by=operator(), now=now())
            who = keys.signer(session, KeyPurpose.ISSUER, organisation_id=house.organisation_id,
                              vault=house.vault, now=now())  # fmt: skip
            made = signing.sign_gate(session, wallet=wallet, holder=es256.public(self.key), who=who,
                                     vault=house.vault, where=house.where, now=now())  # fmt: skip
        house.publish()
        publish_trust(house)
        return made

    def shows(self, at: datetime | None = None, **asked: Any) -> str:
        """The code on the phone."""
        return gate_token.show(self.cwt, holder_key=self.key, now=at or now(), **asked)


def publish_trust(house: House) -> None:
    """What the worker does with the trust list."""
    with house.database.transaction() as session:
        own_list.publish(session, vault=house.vault, where=house.where, by=job(), now=now())


@contextmanager
def served(house: House) -> Iterator[Nurse]:
    """The house, served, with its trust list published and its nurse holding a passport."""
    with house.served():
        yield Nurse(house)


@contextmanager
def served_again(house: House, base: str) -> Iterator[None]:
    """The house at the address where it was before."""
    with serving(house.app, urlsplit(base).port or 0):
        yield


VERIFIER = "verifier@stockport.example.org"


def records(house: House) -> list[VerdictRecord]:
    """The checks on record, in their order."""
    with house.database.reading() as session:
        return list(session.query(VerdictRecord).order_by(VerdictRecord.at))


def sign_in(checker: Checker) -> None:
    """Somebody of the trust who may verify."""
    house, at = checker.house, now()
    with house.database.reading() as session:
        trust = session.get_one(Organisation, house.organisation_id)
    account_id = access.enter(
        house.database, trust, VERIFIER, AccessRole.VERIFIER, now=at - timedelta(minutes=1)
    )
    with house.database.transaction() as session:
        opened = open_session(
            session, account_id=account_id, organisation_id=trust.id, device="Chromium",
            own_device=False, now=at, proof=access.lasting_proof(at),
        )  # fmt: skip
    cookie = {"name": "bankhub", "value": opened.token, "url": house.base}
    checker.context.add_cookies([cookie])


def enrolled(checker: Checker) -> UUID:
    """The checker's browser as the device of Ward 7, enrolled by its code."""
    house = checker.house
    with house.database.transaction() as session:
        device, code = ward_devices.invite(
            session, unit="Ward 7", unit_id=None, by=operator(house.organisation_id), now=now()
        )
        found = device.id
    page = checker.open()
    page.get_by_text("Make this a ward’s device").click()
    page.get_by_label("The code that a manager gave you").fill(code)
    page.get_by_role("button", name="Enrol this device").click()
    expect(page.locator("[data-whose=device]")).to_contain_text("Ward 7")
    return found

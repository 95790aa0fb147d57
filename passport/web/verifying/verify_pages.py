"""Checking a passport: one page that works with no network, what it fetches, and what it sends.

Signed out it works and nothing is kept of it. Somebody who may verify, or a device enrolled for a
unit, puts each check on record; what was checked offline is sent later.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request
from marshmallow import ValidationError, fields, validate
from sqlalchemy.orm import Session

from passport.actions.signing.signing import Where
from passport.actions.verifying import freshness, verdicts, ward_devices
from passport.actions.verifying.expected_here import Expected, ExpectedHere
from passport.actions.verifying.judging import offline_bundle
from passport.actions.verifying.verdicts import Checked
from passport.actions.verifying.ward_devices import KnownDevice
from passport.actors import Actor
from passport.errors import Forbidden, Invalid, NotFound
from passport.model.presentations import WardDevice
from passport.rules.access.sign_in import Standing
from passport.rules.permissions import PERMISSIONS, Deed, why_not
from passport.web import cookies
from passport.web.access import asking, csrf_token, open_to_all, open_to_programs
from passport.web.api_base import Strict
from passport.web.headers import CONTENT_SECURITY_POLICY, with_camera
from passport.web.lent import db, lent, now, real_now
from passport.web.offline_app import OfflineApp
from passport.web.templating import asset_url

pages = Blueprint("verify", __name__, url_prefix="/verify")

DEVICE = "bankhub-device"
"""The cookie of an enrolled device."""
KEPT_SECONDS = 400 * 86_400
"""As long as browsers keep a cookie."""
DECODER = "passport/verify_decoder.js"
MOST_SENT = 50
APP = OfflineApp(
    name="verify",
    page="/verify",
    scripts=("passport/verify.js", DECODER),
    routes=("/verify/decoder.js",),
    files=(
        "app.css",
        "frame.css",
        "forms.css",
        "passport.css",
        "icons/favicon.svg",
        "icons/icons.svg",
        "icons/mark.svg",
        "vendor/zxing-wasm/es/reader/index.js",
        "vendor/zxing-wasm/es/share.js",
        "vendor/zxing-wasm/reader/zxing_reader.wasm",
        "vendor/qr/decode.js",
        "vendor/qr/index.js",
    ),
)
WITH_WASM = CONTENT_SECURITY_POLICY.replace(
    "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
)


@dataclass(frozen=True, slots=True)
class Checker:
    """Who checks here, and puts it on record."""

    actor: Actor
    organisation: str
    ods: str
    organisation_id: UUID
    name: str
    device: WardDevice | None


@pages.get("")
@open_to_programs
def show() -> Response:
    """The page: the same for everybody, so that it can be kept for when there is no network."""
    answer = make_response(render_template("passport/verify.html"))
    _allow_camera(answer)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@pages.get("/worker.js")
@open_to_programs
def worker() -> Response:
    """Its service worker."""
    return APP.worker(render_template("passport/verify.html"))


@pages.get("/decoder.js")
@open_to_programs
def decoder() -> Response:
    """The worker that reads codes. It runs WebAssembly, which is allowed to it alone; and it lies
    below the page, so that its own files come from what is kept for the page."""
    answer = Response(f'import "{asset_url(DECODER)}";\n', mimetype="text/javascript")
    answer.headers["Content-Security-Policy"] = WITH_WASM
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@pages.get("/lists.json")
@open_to_all
def lists() -> Response:
    """Everything a verdict needs, to be kept: no person stands in it."""
    with db().reading() as session:
        who = _checker(session)
        bundle = offline_bundle(
            session,
            organisation_id=who.organisation_id if who else None,
            where=Where.of(lent().config),
            now=real_now(),
        )
        bundle["contacts"] = dict(freshness.contacts(session, now=real_now()))
    whole = {**bundle, "made_at": None}
    answer = jsonify(bundle)
    answer.set_etag(hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:32])
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Cookie"
    answer.make_conditional(request)
    return answer


@pages.get("/me.json")
@open_to_all
def me() -> Response:
    """Who checks here, and whom they may expect."""
    with db().transaction() as session:
        who = _checker(session)
        answer: dict[str, Any] = {"csrf": csrf_token(), "as": None}
        if who is not None:
            answer |= {
                "as": "device" if who.device else "account",
                "name": who.name,
                "organisation": who.organisation,
                "ods": who.ods,
                "unit": who.device.unit if who.device else "",
                "may_read": why_not(who.actor, Deed.READ_VERDICTS, PERMISSIONS) is None,
                "expected": _expected(session, who),
            }
    return jsonify(answer)


@pages.post("/enrol")
@open_to_all
def enrol() -> Response:
    """Make this browser a device of a unit, by its one-time code."""
    code = _body(EnrolShape)["code"]
    with db().transaction() as session:
        device, token = ward_devices.enrol(session, code=code, now=real_now())
        answer = jsonify(unit=device.unit)
    cookies.give(answer, DEVICE, token, seconds=KEPT_SECONDS)
    return answer


@pages.post("/verdicts")
@open_to_all
def take_verdicts() -> Response:
    """Checks made here, now or while there was no network, and what was done after them. One that
    cannot be kept, as of a device whose clock was wrong, keeps no other from the record."""
    sent = _body(VerdictsShape)["verdicts"]
    kept: list[UUID] = []
    refused: dict[UUID, Invalid | NotFound] = {}
    with db().transaction() as session:
        who, at = _must_check(session), real_now()
        for one in sorted(sent, key=lambda one: str(one["id"])):
            try:
                verdicts.keep(
                    session, checked=Checked(**one), by=who.actor, device=who.device, now=at
                )
                kept.append(one["id"])
            except (Invalid, NotFound) as problem:
                refused[one["id"]] = problem
    if not kept:
        raise next(iter(refused.values()))
    return jsonify(kept=kept, refused=list(refused))


@pages.post("/expected")
@open_to_all
def expected() -> Response:
    """Whether the human behind a key is expected here; null where nobody can say."""
    key = _body(KeyShape)["holder_key"]
    with db().transaction() as session:
        who, upper = _must_check(session), _upper()
        holder = verdicts.holder_behind(session, key)
        if upper is None or holder is None:
            return jsonify(known=False, expected=None)
        found = upper.of_holder(
            session, holder_id=holder, by=who.actor, now=now(),
            unit_id=who.device.unit_id if who.device else None,
        )  # fmt: skip
    return jsonify(known=True, expected=_told(found) if found else None)


class EnrolShape(Strict):
    """A one-time code."""

    code = fields.String(required=True)


class KeyShape(Strict):
    """The thumbprint of a phone's key."""

    holder_key = fields.String(required=True)


class VerdictShape(Strict):
    """One check. No claim stands in it."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    outcome = fields.String(required=True)
    codes = fields.List(fields.String(), required=True)
    kinds = fields.List(fields.String(), required=True)
    checker = fields.String(required=True)
    offline = fields.Boolean(required=True)
    holder_key = fields.String(allow_none=True, load_default=None)
    issuer_ods = fields.String(allow_none=True, load_default=None)
    decision = fields.String(allow_none=True, load_default=None)
    decided_at = fields.AwareDateTime(allow_none=True, load_default=None)


class VerdictsShape(Strict):
    """Several checks."""

    verdicts = fields.List(
        fields.Nested(VerdictShape), required=True, validate=validate.Length(1, MOST_SENT)
    )


def _body(shape: type[Strict]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = shape().load(request.get_json(silent=True) or {})
    except ValidationError as problem:
        raise Invalid("invalid", fields={"body": [str(problem.messages)]}) from None
    return found


def _checker(session: Session) -> Checker | None:
    """Whoever is signed in and may verify, else the device."""
    found = asking()
    place = found.place if found and found.standing is Standing.COMPLETE else None
    if found and place and why_not(found.actor, Deed.VERIFY, PERMISSIONS) is None:
        name = found.display_name or found.email
        return Checker(found.actor, place.name, place.ods_code, place.organisation_id, name, None)
    known = ward_devices.by_token(session, token=cookies.read(DEVICE))
    return _of_device(known) if known else None


def _of_device(known: KnownDevice) -> Checker:
    there = known.organisation
    return Checker(known.actor, there.name, there.ods_code, there.id, "", known.device)


def _must_check(session: Session) -> Checker:
    who = _checker(session)
    if who is None:
        raise Forbidden("forbidden", "Only somebody who may verify, or an enrolled device, does.")
    return who


def _upper() -> ExpectedHere | None:
    upper: ExpectedHere | None = current_app.extensions.get("expected_here")
    return upper


def _expected(session: Session, who: Checker) -> list[dict[str, str]] | None:
    upper = _upper()
    if upper is None:
        return None
    unit_id = who.device.unit_id if who.device else None
    found = upper.soon(session, unit_id=unit_id, by=who.actor, now=now())
    return [_told(one) for one in found]


def _told(one: Expected) -> dict[str, str]:
    return {
        "name": one.name, "work": one.work, "unit": one.unit,
        "starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat(),
        "arrival_url": one.arrival_url,
    }  # fmt: skip


def _allow_camera(answer: Response) -> None:
    """On this page only."""
    with_camera(answer)
    answer.headers["Referrer-Policy"] = "no-referrer"

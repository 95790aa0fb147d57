"""The wallet: one page that people install on their phone. All it knows stays on the phone."""

from flask import Blueprint, Response, make_response, render_template

from passport.web.access import open_to_programs
from passport.web.headers import CONTENT_SECURITY_POLICY, HEADERS
from passport.web.lent import lent
from passport.web.offline_app import OfflineApp

pages = Blueprint("wallet", __name__)

APP = OfflineApp(
    name="wallet",
    page="/wallet",
    scripts=("passport/wallet.js",),
    files=(
        "app.css",
        "frame.css",
        "forms.css",
        "passport.css",
        "passport/wallet.webmanifest",
        "icons/favicon.svg",
        "icons/icon-32.png",
        "icons/icon-180.png",
        "icons/icon-192.png",
        "icons/icon-512.png",
        "icons/maskable-512.png",
        "icons/icons.svg",
        "icons/mark.svg",
    ),
)

SELF_ONLY = "connect-src 'self'"
ANY_ISSUER = "connect-src 'self' https:"
"""A wallet collects from whoever issues, and presents to whoever asks."""
ON_LOOPBACK = " http://localhost:* http://127.0.0.1:*"


@pages.get("/wallet")
@open_to_programs
def show() -> Response:
    """The page: the same for everybody, so that it can be kept for when there is no network."""
    answer = make_response(_page())
    _allow_what_it_needs(answer)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@pages.get("/wallet/worker.js")
@open_to_programs
def worker() -> Response:
    """Its service worker."""
    answer = APP.worker(_page())
    _allow_what_it_needs(answer)
    return answer


def _page() -> str:
    return render_template("passport/wallet.html", modules=APP.module_addresses())


def _allow_what_it_needs(answer: Response) -> None:
    """Other issuers and the camera, on this page only."""
    reach = ANY_ISSUER if lent().config.https else ANY_ISSUER + ON_LOOPBACK
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(SELF_ONLY, reach)
    answer.headers["Permissions-Policy"] = HEADERS["Permissions-Policy"].replace(
        "camera=()", "camera=(self)"
    )
    answer.headers["Referrer-Policy"] = "no-referrer"

"""Headers that every answer carries: what a browser may load, run, frame, keep and tell others."""

from flask import Flask, Response, request

from passport.web.lent import lent

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "object-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types own server-fragment",
    )
)
"""No page has an inline script or style, so there is nothing to allow by hash or nonce."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(),"
        " display-capture=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

TWO_YEARS = 2 * 365 * 24 * 3600
ONE_YEAR = 365 * 24 * 3600


def add_headers(response: Response) -> Response:
    """Add what the answer does not say itself: a route that needs more says so there."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if lent().config.https:
        response.headers.setdefault(
            "Strict-Transport-Security", f"max-age={TWO_YEARS}; includeSubDomains"
        )
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    elif "v" in request.args and response.status_code == 200:
        # The address holds the content's hash: it never changes.
        response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    return response


def with_camera(answer: Response) -> Response:
    """The same answer, to a page that may ask for the camera."""
    answer.headers["Permissions-Policy"] = HEADERS["Permissions-Policy"].replace(
        "camera=()", "camera=(self)"
    )
    return answer


def register_headers(app: Flask) -> None:
    """Add them to every answer of `app`, errors included."""
    app.after_request(add_headers)

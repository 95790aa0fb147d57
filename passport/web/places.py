"""Where to go next: addresses of the sign-in's pages, and back to where a person was."""

from urllib.parse import urlsplit

from flask import current_app, request, url_for

from passport.rules.access.sign_in import Standing


def home_url() -> str:
    """The first page after signing in; the upper floor has its own (`HOME_URL`)."""
    return str(current_app.config.get("HOME_URL") or url_for("account.overview"))


def next_url(asked: str | None) -> str:
    """`asked` where it is a path of this site, else the first page: no redirect leads away."""
    path = asked or ""
    parts = urlsplit(path)
    foreign = parts.scheme or parts.netloc or "\\" in path or not path.isprintable()
    if foreign or not path.startswith("/") or path.startswith("//"):
        return home_url()
    return path


def own_path() -> str:
    """The page the person is on: this one, or for a deed the one it was sent from; "" = none."""
    if request.method == "GET":
        return _page(request.full_path)
    sent_from = urlsplit(request.referrer or "")
    if sent_from.netloc != request.host:
        return ""
    return _page(f"{sent_from.path}?{sent_from.query}")


def _page(address: str) -> str:
    """The address where it can be read; one that only takes forms belongs to the page above it."""
    path, _, query = address.partition("?")
    adapter = current_app.create_url_adapter(request)
    if adapter is None or adapter.test(path, "GET"):
        return f"{path}?{query}" if query else path
    while path and not adapter.test(path, "GET"):
        path = path.rstrip("/").rpartition("/")[0]
    return path


def sign_in_url(back: str) -> str:
    """The sign-in page, leading back afterwards."""
    return url_for("sign_in.show", next=back or None)


def confirm_url(back: str) -> str:
    """The page that asks for the second factor again, leading back afterwards."""
    return url_for("account.confirm", next=back or None)


def entering_url(standing: Standing, back: str) -> str:
    """The page of the sign-in at which the person stands."""
    if standing is Standing.SECOND_FACTOR_NEEDED:
        return url_for("sign_in.second_factor_page", next=back or None)
    return url_for("factors.show")

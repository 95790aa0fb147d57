"""What a view sees of a request."""

from typing import Any

from flask import Request


class ViewedRequest(Request):
    """To views a HEAD is a GET; the server leaves the answer's body away (RFC 9110, 9.3.2).

    A view that tells reading from doing by `method == "GET"` would otherwise do its deed for a
    HEAD, which carries no form token.
    """

    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(environ, *args, **kwargs)
        if self.method == "HEAD":
            self.method = "GET"

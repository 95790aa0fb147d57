"""What the last deed came to, said on the next page.

A deed answers with a redirect; the words travel in a short-lived cookie that only we can write.
"""

import base64
import hmac
import json

from flask import Response, g

from passport.sealing import vault_of
from passport.web import cookies
from passport.web.lent import lent
from passport.web.templating import Message

SECONDS = 120
LONGEST = 3000
"""Browsers drop cookies above 4,096 bytes."""


def say(text: str, tone: str = "good", *, undo_url: str = "") -> None:
    """Say this on this page or, after a redirect, on the next."""
    g.setdefault("said_now", []).append(Message(text, tone, undo_url))


def said() -> tuple[Message, ...]:
    """Everything to say on the page that is being made."""
    if "said_before" not in g:
        g.said_before = _read(cookies.read(cookies.SAID))
        g.said_shown = True
    return (*g.said_before, *g.get("said_now", ()))


def carry_messages(response: Response) -> Response:
    """Send what was said before a redirect along with it; forget what has been shown."""
    waiting = g.get("said_now", []) if 300 <= response.status_code < 400 else []
    if waiting:
        text = json.dumps([[m.text, m.tone, m.undo_url] for m in waiting])
        body = base64.urlsafe_b64encode(text.encode()).decode()
        if len(body) <= LONGEST:
            cookies.give(response, cookies.SAID, f"{body}.{_mark(body)}", seconds=SECONDS)
    elif g.get("said_shown") and cookies.read(cookies.SAID):
        cookies.take(response, cookies.SAID)
    return response


def _read(cookie: str) -> tuple[Message, ...]:
    body, _, mark = cookie.partition(".")
    if not body or not hmac.compare_digest(mark.encode(), _mark(body).encode()):
        return ()
    return tuple(Message(*parts) for parts in json.loads(base64.urlsafe_b64decode(body)))


def _mark(body: str) -> str:
    return vault_of(lent().config).keyed_hash("said", body)

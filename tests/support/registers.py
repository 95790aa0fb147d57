"""Registers for tests: a real HTTP service on loopback with its moods, and files as sent.

    with a_register_service({"01A2345N": ENTRY}) as service: ...
    service.mood = "slow"

An entry that is missing is answered as not found, by the contract of docs/register-service.md.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from passport.imports.register_service import Patience, RegisterService

TOKEN = "register-token"
PATIENT = Patience(connect=30, answer=30, attempts=2, pause=0.01, longest_pause=0.05)
QUICK = replace(PATIENT, answer=0.4)
"""With a service that is slow of itself: any other may be slow by the machine it runs on."""
LATE = {"slow": 3.0, "hanging": 60.0}
"""Seconds before it answers."""

ENTRY: dict[str, Any] = {
    "register": "NMC",
    "number": "01A2345N",
    "status": "registered",
    "given_names": "Ada",
    "family_name": "Okafor",
    "date_of_birth": "1990-05-17",
    "register_part": "Nurse: adult",
    "first_registered_on": "2012-09-03",
    "expires_on": "2027-09-30",
}
CONDITIONS = [{"type": "CONDITIONS", "start": "2026-10-01", "review_date": "2027-04-01",
               "public_text": "Must not be the only nurse in charge of a ward."}]  # fmt: skip


@dataclass
class Served:
    """What the service answers, how it behaves, and what it was asked."""

    entries: dict[str, dict[str, Any]]
    url: str = ""
    mood: str = "well"
    """well, or what is wrong with it: see `_answer`."""
    asked: list[str] = field(default_factory=list)

    def client(self, patience: Patience | None = None) -> RegisterService:
        of_mood = QUICK if self.mood in (*LATE, "trickling") else PATIENT
        return RegisterService(self.url, TOKEN, patience or of_mood)


@contextmanager
def a_register_service(entries: dict[str, dict[str, Any]] | None = None) -> Iterator[Served]:
    """A service on a free port of this machine, until the block ends."""
    served = Served({"01A2345N": dict(ENTRY)} if entries is None else entries)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            with suppress(BrokenPipeError, ConnectionResetError):
                _answer(self, served)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


def _answer(handler: BaseHTTPRequestHandler, served: Served) -> None:
    mood = served.mood
    if handler.headers.get("Authorization") != f"Bearer {TOKEN}":
        return _send(handler, 401, b"{}")
    time.sleep(LATE.get(mood, 0))
    if mood == "trickling":
        return _trickle(handler)
    if mood == "busy_once" and len(served.asked) == 1:
        return _send(handler, 503, b"{}", **{"Retry-After": "0"})
    simple = {
        "down": (503, b"{}"),
        "broken": (500, b"oops"),
        "garbage": (200, b"<html>Sorry</html>"),
        "huge": (200, json.dumps(ENTRY).encode() + b" " * 200_000),
        "bare_404": (404, b"<h1>Not Found</h1>"),
        "framework_404": (404, b'{"detail": "Not Found"}'),
        "other_404": (404, b'{"error": "not_found", "register": "NMC", "number": "01A9999N"}'),
        "deep": (200, b"[" * 60_000),
    }
    if mood in simple:
        return _send(handler, *simple[mood])
    if mood == "moved":
        return _send(handler, 302, b"", Location="http://127.0.0.1:1/")
    parts = [unquote(part) for part in handler.path.split("/")]
    body, number = parts[3], parts[5]
    entry = served.entries.get(number)
    if entry is None:
        said: dict[str, Any] = {"error": "not_found", "register": body, "number": number}
        return _send(handler, 404, json.dumps(said).encode())
    extra = {"Content-Encoding": "gzip"} if mood == "gzip" else {}
    return _send(handler, 200, json.dumps({**entry, "number": entry["number"]}).encode(), **extra)


def _send(handler: BaseHTTPRequestHandler, status: int, content: bytes, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(content)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


def _trickle(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "10000")
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


NMC_HEADINGS = (
    "PIN", "Surname", "Forenames", "Date of Birth", "Status", "Expiry Date", "Register Entry",
    "Restrictions", "Restriction Start Date",
)  # fmt: skip
NMC_ROW = ("01A2345N", "Okafor", "Ada Grace", "17/05/1990", "Registered", "30-Sep-2027",
           "Nurse: adult", "None", "")  # fmt: skip
GMC_HEADINGS = (
    "GMC Ref No", "Surname", "Given Name", "Gender", "PR Date", "FR Date",
    "Specialist Register Date", "GP Register Date", "Registration Status", "Specialty1",
    "FtP Conditions Exist", "FtP Undertakings Exist", "FtP Warnings Exist", "Other Names",
    "Temporary Covid Registration",
)  # fmt: skip
GMC_ROW = ("1234567", "Okafor", "Ada", "W", "01082011", "01082012", "05022019", "",
           "Registered with Licence", "Cardiology", "N", "N", "N", "Grace", "")  # fmt: skip


def nmc_file(*rows: dict[str, str]) -> bytes:
    """A confirmations file; each row says what is different from an ordinary one."""
    return _csv(NMC_HEADINGS, NMC_ROW, rows)


def gmc_file(*rows: dict[str, str]) -> bytes:
    """A register download; each row says what is different from an ordinary one."""
    return _csv(GMC_HEADINGS, GMC_ROW, rows)


def _csv(
    headings: tuple[str, ...], usual: tuple[str, ...], rows: tuple[dict[str, str], ...]
) -> bytes:
    lines = [",".join(f'"{heading}"' for heading in headings)]
    for row in rows:
        said = {**dict(zip(headings, usual, strict=True)), **row}
        lines.append(",".join(f'"{said[heading]}"' for heading in headings))
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()

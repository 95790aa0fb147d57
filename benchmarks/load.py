"""A few connections that each send the next request as soon as the last was answered.

One thread with plain sockets: a client that costs little, because it runs on the server's cores.
"""

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What a stretch of load came to."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    """Seconds from sending to the last byte, of answers below 400."""
    strange: str = ""
    """The first answer of 400 or above."""

    @property
    def rate(self) -> float:
        """Good answers per second."""
        return len(self.latencies) / self.seconds


class _Line:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = port
        self.received = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> tuple[int, bytes] | None:
        """Status and body once all of it is there."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server closed a connection that it should keep")
        self.received += piece
        head, gap, body = self.received.partition(b"\r\n\r\n")
        if not gap:
            return None
        lowered = head.lower()
        start = lowered.index(b"content-length:") + 15
        length = int(lowered[start:].partition(b"\r")[0])
        return (int(head[9:12]), body) if len(body) >= length else None


def run(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> Outcome:
    """Send `requests` for so many seconds."""
    outcome = Outcome()
    lines = [_Line(port) for _ in range(connections)]
    ready = selectors.DefaultSelector()
    for line in lines:
        ready.register(line.socket, selectors.EVENT_READ, line)
        line.send(next(requests))
    began, waiting = time.perf_counter(), connections
    while waiting:
        for key, _ in ready.select(timeout=10):
            line = key.data
            answer = line.answered()
            if answer is None:
                continue
            now = time.perf_counter()
            _note(outcome, answer, now - line.sent_at)
            if now - began < seconds:
                line.send(next(requests))
            else:
                ready.unregister(line.socket)
                line.socket.close()
                waiting -= 1
    outcome.seconds = time.perf_counter() - began
    return outcome


def _note(outcome: Outcome, answer: tuple[int, bytes], took: float) -> None:
    status, body = answer
    outcome.statuses[status] += 1
    if status < 400:
        outcome.latencies.append(took)
    elif not outcome.strange:
        outcome.strange = f"{status} {body[:400]!r}"


def request(
    method: str, path: str, token: str, body: bytes = b"", headers: tuple[str, ...] = ()
) -> bytes:
    """The bytes of a request of a program with a bearer token."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        "Accept: application/json",
        *headers,
    ]
    if method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

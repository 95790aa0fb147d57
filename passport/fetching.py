"""Fetching small public texts from other installations: bound in time and size, never redirected.

The name is looked up once, what it leads to is checked, and that very address is connected to, so
that a name cannot lead into this machine or its network. Plain http and loopback are for a demo or
test that is itself on loopback.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from passport.config import Config

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LookUp = Callable[[str, int], Sequence[str]]


class CannotFetch(Exception):
    """Nothing came, or nothing that may be taken; the text says why, for an operator's log."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long one answer may take, and how large it may be."""

    connect: float = 5.0
    answer: float = 15.0
    most_bytes: int = 4 * 1024 * 1024


def looked_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CannotFetch(f"no address for {host}") from None
    return [str(one[4][0]) for one in found]


class Fetcher:
    """Fetches with one connection pool; a context manager."""

    def __init__(
        self,
        *,
        near: bool = False,
        private: bool = False,
        bounds: Bounds = Bounds(),
        look_up: LookUp = looked_up,
    ) -> None:
        self._near, self._private, self._bounds = near, private, bounds
        self._look_up = look_up
        self._client = httpx.Client(
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(bounds.answer, connect=bounds.connect),
            headers={"User-Agent": "BankHub", "Accept-Encoding": "identity"},
        )

    @classmethod
    def of(cls, config: Config) -> Self:
        """By the settings: loopback is asked only from loopback."""
        host = httpx.URL(config.base_url).host
        return cls(near=host in LOOPBACK, private=config.fetch_private)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._client.close()

    def text(self, url: str, *, accept: str) -> str:
        """What stands there, as text. Raises `CannotFetch`."""
        try:
            request = self._request(httpx.URL(url), accept)
            return self._read(request).decode()
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise CannotFetch(f"{type(error).__name__} at {url[:200]}") from None

    def _request(self, url: httpx.URL, accept: str) -> httpx.Request:
        if url.scheme != "https" and not (self._near and url.host in LOOPBACK):
            raise CannotFetch("https only")
        if url.userinfo:
            raise CannotFetch("an address with a password")
        port = url.port or (443 if url.scheme == "https" else 80)
        address = self._address(url.host, port)
        return self._client.build_request(
            "GET",
            url.copy_with(host=address),
            headers={"Host": url.netloc.decode("ascii"), "Accept": accept},
            extensions={"sni_hostname": url.host},
        )

    def _address(self, host: str, port: int) -> str:
        """The first address; every one has to be allowed, so that luck decides nothing."""
        found = self._look_up(host, port)
        if not found or not all(self._may_ask(ipaddress.ip_address(one)) for one in found):
            raise CannotFetch(f"{host} leads to an address that is not asked from here")
        return found[0]

    def _may_ask(self, address: Address) -> bool:
        inner = getattr(address, "ipv4_mapped", None) or address
        if inner.is_loopback:
            return self._near
        if inner.is_link_local or inner.is_multicast or inner.is_unspecified:
            return False
        return inner.is_global or (self._private and inner.is_private)

    def _read(self, request: httpx.Request) -> bytes:
        ends = time.monotonic() + self._bounds.answer
        response = self._client.send(request, stream=True)
        try:
            if response.status_code != 200:
                raise CannotFetch(f"answered {response.status_code}")
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise CannotFetch("compressed, which was not asked for")
            content = bytearray()
            for part in response.iter_raw():
                content += part
                if len(content) > self._bounds.most_bytes:
                    raise CannotFetch("too large")
                if time.monotonic() > ends:
                    raise CannotFetch("too slow")
            return bytes(content)
        finally:
            response.close()

"""A running server for browser tests: the whole house on a free port of this machine."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from flask import Flask
from werkzeug.serving import make_server


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve `app` in a thread, on a free port where none is given; yields its address and stops
    with the block. What asks there afterwards is refused."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", port or free_port(), app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


_held: list[socket.socket] = []


def free_port() -> int:
    """A port that nobody serves: for an app that has to know its own address first, or comes back
    to it. It is held to the end of the run; a server of this machine may be bound to it beside."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    _held.append(held)
    return int(held.getsockname()[1])

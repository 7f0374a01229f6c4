"""Runs the two halves of the demonstration in one process: Starlette under uvicorn, Werkzeug under its own server."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn
from werkzeug.serving import make_server

from .demo import starlette_app, werkzeug_app

__all__ = ["Halves", "listen", "serve"]

GRACE = 3
"""Seconds that responses under way have, once both are told to stop; the slow page takes two."""

_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True, slots=True)
class Halves:
    """The sockets of the two halves, listening already.

    Attributes:
        host: The address that was asked for.
        asgi: The Starlette half's.
        wsgi: The Werkzeug half's.
    """

    host: str
    asgi: socket.socket
    wsgi: socket.socket

    @property
    def urls(self) -> tuple[str, str]:
        """Where a browser on this machine finds the ASGI half and the WSGI half."""
        host = _EVERY_ADDRESS.get(self.host, self.host)
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{_port(self.asgi)}/", f"http://{shown}:{_port(self.wsgi)}/"


def listen(host: str, port: int, *, may_move: bool) -> Halves:
    """Listen on a port and the one after it.

    Args:
        host: The address.
        port: The first port; 0 for any two free ones.
        may_move: Whether a free port will do where one is taken.

    Raises:
        OSError: The address can't be listened on; the error's text names it.
    """
    asgi = _listen(host, port, may_move)
    try:
        wsgi = _listen(host, port and port + 1, may_move)
    except OSError:
        asgi.close()
        raise
    return Halves(host, asgi, wsgi)


def serve(halves: Halves, announce: Callable[[str, str], object]) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is under way and free the ports.

    Args:
        halves: The sockets.
        announce: Called with the two addresses once they answer.
    """
    # uvicorn finishes its work, and then sends itself the signal that it got.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    asgi_app, wsgi_app = starlette_app(_port(halves.wsgi)), werkzeug_app(_port(halves.asgi))
    with halves.asgi, halves.wsgi:
        asgi = uvicorn.Server(uvicorn.Config(asgi_app, log_level="warning", timeout_graceful_shutdown=GRACE))
        wsgi = make_server(halves.host, 0, wsgi_app, threaded=True, fd=halves.wsgi.fileno())
        thread = threading.Thread(target=wsgi.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            announce(*halves.urls)
            asgi.run(sockets=[halves.asgi])
        except KeyboardInterrupt:
            pass
        finally:
            wsgi.shutdown()
            thread.join()


def _listen(host: str, port: int, may_move: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if not may_move or error.errno != errno.EADDRINUSE:
            raise
        return socket.create_server((host, 0), family=family)


def _port(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port

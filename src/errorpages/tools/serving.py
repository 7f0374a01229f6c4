"""Runs what the command line shows, until it is told to stop.

The gallery runs under uvicorn; so does the demonstration's Starlette half, and in the same process the Werkzeug half
under its own server.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import select
import signal
import socket
import stat
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from werkzeug.serving import make_server

from .demo import starlette_app, werkzeug_app
from .gallery import Gallery
from .hosts import Hosts, asgi_guard, wsgi_guard

__all__ = ["Halves", "listen", "listen_once", "serve", "serve_gallery"]

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
        return _url(self.host, self.asgi), _url(self.host, self.wsgi)


def listen(host: str, port: int, *, may_move: bool) -> Halves:
    """Listen on a port and the one after it.

    Args:
        host: The address.
        port: The first port; 0 for any two free ones.
        may_move: Whether a free port will do where one is taken.

    Raises:
        OSError: The address can't be listened on; the error's text names it.
    """
    asgi = listen_once(host, port, may_move=may_move)
    try:
        wsgi = listen_once(host, port and port + 1, may_move=may_move)
    except OSError:
        asgi.close()
        raise
    return Halves(host, asgi, wsgi)


def listen_once(host: str, port: int, *, may_move: bool) -> socket.socket:
    """Listen on a port.

    Args:
        host: The address.
        port: The port; 0 for any free one.
        may_move: Whether a free port will do where this one is taken.

    Raises:
        OSError: The address can't be listened on; the error's text names it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if not may_move or error.errno != errno.EADDRINUSE:
            raise
        return socket.create_server((host, 0), family=family)


def serve(halves: Halves, announce: Callable[[str, str], object], hosts: Iterable[str] = ()) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is under way and free the ports.

    Args:
        halves: The sockets.
        announce: Called with the two addresses once they answer; what it raises ends the serving.
        hosts: More hosts to answer to.
    """
    # uvicorn finishes its work, and then sends itself the signal that it got.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    answered = _hosts(halves.host, halves.asgi, hosts)
    asgi_app = asgi_guard(starlette_app(_port(halves.wsgi)), answered)
    wsgi_app = wsgi_guard(werkzeug_app(_port(halves.asgi)), answered)
    with halves.asgi, halves.wsgi:
        config = uvicorn.Config(asgi_app, log_level="warning", timeout_graceful_shutdown=GRACE)
        asgi = _Server(config, lambda: announce(*halves.urls))
        wsgi = make_server(halves.host, 0, wsgi_app, threaded=True, fd=halves.wsgi.fileno())
        thread = threading.Thread(target=wsgi.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            asgi.run(sockets=[halves.asgi])
        except KeyboardInterrupt:
            pass
        finally:
            wsgi.shutdown()
            thread.join()
    asgi.raise_what_ended_it()


def serve_gallery(
    host: str,
    listener: socket.socket,
    templates: Path | None,
    announce: Callable[[str], object],
    hosts: Iterable[str] = (),
) -> None:
    """Serve the gallery until SIGINT or SIGTERM, and free its port.

    Args:
        host: The address that was asked for.
        listener: The socket, listening already.
        templates: A folder of own templates to preview.
        announce: Called with the gallery's address once it answers; what it raises ends the serving.
        hosts: More hosts to answer to.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gallery = Gallery(templates, is_stopping=lambda: server.should_exit)
    # The fields that are shown are those of errorpages alone.
    config = uvicorn.Config(
        asgi_guard(gallery.app, _hosts(host, listener, hosts)),
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    server = _Server(config, lambda: announce(_url(host, listener)))
    with listener, suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    server.raise_what_ended_it()


class _Server(uvicorn.Server):
    """Announces itself once it answers, and a signal stops it in good order."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], object]) -> None:
        super().__init__(config)
        self._announce = announce
        self._failure: OSError | SystemExit | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        try:
            self._announce()
        except (OSError, SystemExit) as error:  # nobody reads what is printed
            self._failure = error
            asyncio.get_running_loop().call_soon(self._stop)
        else:
            threading.Thread(target=self._end_unread, daemon=True).start()

    def _end_unread(self) -> None:
        """Stop once the reader of a pipe has gone: it may have done so after all was printed."""
        try:
            is_pipe = stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
        except (OSError, ValueError, AttributeError):  # closed, replaced, or none at all
            return
        if not is_pipe or not hasattr(select, "poll"):
            return
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)  # that it was hung up is told anyway
        poll.poll()
        self._failure = BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        self._stop()

    def _stop(self) -> None:
        self.should_exit = True

    def raise_what_ended_it(self) -> None:
        """Raise what the announcement raised, now that the server has stopped in good order."""
        if self._failure is not None:
            raise self._failure


def _hosts(host: str, listener: socket.socket, more: Iterable[str]) -> Hosts:
    return Hosts(listener.getsockname()[0], (host, *more))


def _url(host: str, listener: socket.socket) -> str:
    """Write down where a browser on this machine finds a socket."""
    host = _EVERY_ADDRESS.get(host, host)
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{_port(listener)}/"


def _port(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port

"""The port: whether it is free, who holds it, and whether somebody answers there."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from crowd.cli.errors import CommandError
from crowd.settings import Settings


def check_port(settings: Settings) -> None:
    """Raise CommandError when the web server could not listen on its address."""
    host, port = settings.host, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            holder = f" by {found}" if (found := holder_of(port)) else ""
            command = "run" if settings.demo else "serve"
            raise CommandError(
                f"Port {port} is taken{holder}. Choose another one: CROWD_PORT={port + 1} make {command}"
            ) from None
        raise CommandError(
            f"The web server cannot listen on {host}, port {port}: {error.strerror}. "
            "Set CROWD_HOST and CROWD_PORT."
        ) from error


def holder_of(port: int) -> str | None:
    """The process that listens on a port, where the system lets us see it."""
    sockets = {f"socket:[{inode}]" for inode in _listeners(port)}
    for directory in Path("/proc").glob("[0-9]*") if sockets else ():
        try:
            opened = {str(entry.readlink()) for entry in (directory / "fd").iterdir()}
            if opened & sockets:
                name = (directory / "comm").read_text(encoding="utf-8", errors="replace").strip()
                return f"{name} (process {directory.name})"
        except OSError:
            continue
    return None


def _listeners(port: int) -> list[str]:
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for columns in map(str.split, lines):
            if columns[3] == "0A" and int(columns[1].rsplit(":", 1)[1], 16) == port:
                found.append(columns[9])
    return found


def answers(settings: Settings) -> bool:
    """Whether the web server answers a request, with whatever status."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    request = f"HEAD / HTTP/1.1\r\nHost: {host}:{settings.port}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((host, settings.port), timeout=2) as connection:
            connection.sendall(request.encode("ascii"))
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False

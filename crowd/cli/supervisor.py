"""The supervisor: one group of processes, started together and ended together."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from crowd.cli import redis_server
from crowd.cli.children import Child, GivenUp, start
from crowd.cli.data_dir import only_instance, open_data_dir, preparing
from crowd.cli.errors import CommandError
from crowd.cli.ports import answers, check_port
from crowd.settings import Settings

TICK = 0.1
START_WITHIN = 60.0
END_WITHIN = 5.0
TRIM_EVERY = 300
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(Exception):
    """Somebody asked the group to end."""


def supervise(settings: Settings) -> int:
    """Run the marketplace until Ctrl-C or SIGTERM; return the exit code."""
    os.umask(0o077)  # whatever is written is its owner's only
    open_data_dir(settings)
    with only_instance(settings.data_path):
        check_port(settings)
        return Group(settings).run()


class Group:
    """The web server, the RQ workers and, where no other is named, the redis-server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._environment = _without_settings(os.environ) | settings.as_environment()
        self._environment["PYTHONUNBUFFERED"] = "1"
        self._ending = threading.Event()
        self._children: list[Child] = []

    def run(self) -> int:
        """Start everything, keep it running, end everything."""
        before = {number: signal.signal(number, self._end) for number in _ENDINGS}
        try:
            if not self._settings.redis_url:
                redis_server.prepare_socket(self._settings)
                self._add("redis", redis_server.command(self._settings))
            with preparing(self._settings.data_path):
                self._add("web", _web(self._settings))  # loads meanwhile, and waits before it serves
                how_to_sign_in = self._prepare()
            self._await_answer()
            for name, command in _workers(self._settings):
                self._add(name, command)
            _say(f"\n{how_to_sign_in}\nCtrl-C ends it. Logs: {self._settings.data_path / 'logs'}\n")
            self._keep()
        except Ended:
            return 0
        except GivenUp as error:
            raise CommandError(str(error)) from error
        finally:
            for number in _ENDINGS:
                signal.signal(number, signal.SIG_IGN)  # the end is under way already
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0

    def _end(self, _number: int, _frame: object) -> None:
        self._ending.set()

    def _add(self, name: str, command: list[str]) -> None:
        log = self._settings.data_path / "logs" / f"{name}.log"
        child = Child(name, command, self._environment, log)
        child.start()
        self._children.append(child)

    def _prepare(self) -> str:
        """Check, migrate and fill in a process of its own; return how to sign in."""
        command = [sys.executable, "-m", "crowd.cli.prepare"]
        process = start(command, self._environment, stdout=subprocess.PIPE)
        try:
            while process.poll() is None:
                self._tick()
        finally:
            process.kill()
            said = process.communicate()[0].decode()
        if process.returncode != 0:
            raise CommandError(said.strip() or f"The preparation ended with {process.returncode}.")
        return said.strip()

    def _await_answer(self) -> None:
        until = time.monotonic() + START_WITHIN
        while not answers(self._settings):
            self._tick()
            if time.monotonic() > until:
                raise CommandError(
                    f"The web server did not answer within {START_WITHIN:.0f} seconds. "
                    f"Its log is {self._settings.data_path / 'logs' / 'web.log'}."
                )

    def _keep(self) -> None:
        for count in itertools.count(1):
            self._tick()
            if count % int(TRIM_EVERY / TICK) == 0:
                for child in self._children:
                    child.trim_log()

    def _tick(self) -> None:
        if self._ending.wait(TICK):
            raise Ended
        for child in self._children:
            sentence = child.watch()
            for line in [*child.warnings(), *([sentence] if sentence else [])]:
                _say(line)

    def _end_all(self) -> None:
        """In order: first whoever uses Redis, then Redis."""
        others = [child for child in self._children if child.name != "redis"]
        servers = [child for child in self._children if child.name == "redis"]
        for some in (others, servers):
            until = time.monotonic() + END_WITHIN
            for child in some:
                child.ask_to_end()
            for child in some:
                child.make_end(until)


def _web(settings: Settings) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "app:create"),
        *("--host", settings.host, "--port", str(settings.port), "--http", "1", "--no-ws"),
        *("--workers", str(settings.web_processes), "--blocking-threads", str(settings.web_threads)),
        *("--workers-kill-timeout", "3", "--respawn-failed-workers"),
    ]


def _workers(settings: Settings) -> Iterator[tuple[str, list[str]]]:
    yield "worker-short", [sys.executable, "worker.py", "short"]
    for number in range(1, settings.slow_workers + 1):
        yield f"worker-slow-{number}", [sys.executable, "worker.py", "slow"]


def _without_settings(environ: os._Environ[str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if not name.startswith("CROWD_")}


def _say(text: str) -> None:
    print(text, flush=True)

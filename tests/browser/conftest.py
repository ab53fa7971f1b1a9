"""A marketplace that is really open, and everybody who comes to it."""

# ruff: noqa: F401, F811 (fixtures are known by their names)

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from crowd.settings import ROOT
from tests.browser.people import Person
from tests.cli.conftest import Command, crowd, environment, free_port
from tests.waiting import await_until

SETUP_LINK = re.compile(r"http://\S+(/setup/\S+)")


@dataclass(frozen=True)
class Marketplace:
    """A started group: where it listens, what it said, where its data lie."""

    address: str
    command: Command
    data_dir: Path
    environment: dict[str, str]

    def setup_path(self) -> str:
        """The one-time link for the first admin, as the terminal shows it."""
        found = SETUP_LINK.search(self.command.said())
        assert found, self.command.said()
        return found[1]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command on the same data."""
        return subprocess.run(
            [sys.executable, "-m", "crowd", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def marketplace(
    crowd: Callable[..., Command], environment: dict[str, str], free_port: int
) -> Iterator[Marketplace]:
    """The whole group, started as `make serve` starts it, and ended as Ctrl-C ends it."""
    command = crowd("serve")
    await_until(lambda: "Ctrl-C ends it." in command.said() or command.process.poll() is not None, within=120)
    assert command.process.poll() is None, command.said()
    data_dir = Path(environment["CROWD_DATA_DIR"])
    yield Marketplace(f"http://127.0.0.1:{free_port}", command, data_dir, environment)
    command.process.send_signal(signal.SIGINT)
    assert command.process.wait(60) == 0, command.said()
    assert "Traceback" not in command.said(), command.said()


Newcomer = Callable[[str], Person]


@pytest.fixture
def newcomer(chromium: Browser, marketplace: Marketplace) -> Iterator[Newcomer]:
    """Somebody at a browser of her own; what it holds against a page fails the test."""
    came: list[Person] = []

    def come(name: str) -> Person:
        came.append(Person(chromium, marketplace.address, name))
        return came[-1]

    yield come
    for person in came:
        person.context.close()
    assert {person.name: person.complaints for person in came if person.complaints} == {}

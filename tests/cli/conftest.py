"""The real command in a process of its own, on a free port and in a directory of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from crowd.settings import ROOT


@dataclass(frozen=True)
class Command:
    """A started command, and the file that takes what it says."""

    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        """All that it has said so far."""
        return self.output.read_text(encoding="utf-8")

    def end(self) -> tuple[int, str]:
        """Wait for its end; its exit code and all that it has said."""
        code = self.process.wait(120)
        return code, self.said()


Crowd = Callable[..., Command]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(tmp_path: Path, free_port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CROWD_")}
    return kept | {"CROWD_PORT": str(free_port), "CROWD_DATA_DIR": str(tmp_path / "var")}


@pytest.fixture
def crowd(environment: dict[str, str], tmp_path: Path) -> Iterator[Crowd]:
    """Start `python -m crowd`."""
    started: list[Command] = []

    def start(*arguments: str, **overrides: str) -> Command:
        output = tmp_path / f"said-{len(started)}.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "crowd", *arguments],
                cwd=ROOT,
                env=environment | overrides,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        started.append(Command(process, output))
        return started[-1]

    yield start
    for command in started:
        command.process.terminate()
        command.process.wait(60)


def processes_of(environment: Mapping[str, str]) -> dict[int, str]:
    """Every living process of this data directory, with its command line.

    It is known by its environment, or, since redis-server writes its title over that, by where it stands.
    """
    place = environment["CROWD_DATA_DIR"]
    mark = f"CROWD_DATA_DIR={place}".encode()
    found = {}
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = mark in (directory / "environ").read_bytes().split(b"\0")
            if is_ours or (directory / "cwd").readlink().is_relative_to(place):
                found[int(directory.name)] = (
                    (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                )
        except OSError:
            continue  # it has ended meanwhile, or is another user's
    return {pid: command for pid, command in found.items() if command}

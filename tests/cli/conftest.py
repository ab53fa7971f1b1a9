"""The real command in a process of its own, on a free port and in a directory of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from crowd.settings import ROOT

Crowd = Callable[..., "subprocess.Popen[str]"]


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
def crowd(environment: dict[str, str]) -> Iterator[Crowd]:
    """Start `python -m crowd`; its output is one text."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **overrides: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "crowd", *arguments],
            cwd=ROOT,
            env=environment | overrides,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate()


def said_in_the_end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code of a command and all that it said."""
    said = process.communicate(timeout=120)[0]
    return process.returncode, said


def processes_of(environment: Mapping[str, str]) -> dict[int, str]:
    """Every living process that was started for this data directory, with its command line."""
    mark = f"CROWD_DATA_DIR={environment['CROWD_DATA_DIR']}".encode()
    found = {}
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (directory / "environ").read_bytes().split(b"\0"):
                command = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(directory.name)] = command
        except OSError:
            continue  # it has ended meanwhile, or is another user's
    return {pid: command for pid, command in found.items() if command}

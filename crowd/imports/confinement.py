"""Runs a program on strangers' media with little memory, little time, and nothing to reach."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "confined"


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a process may use; bytes and seconds. No CPU seconds: the process sees to it itself."""

    memory_bytes: int = 1 << 30
    file_bytes: int = 1 << 30
    cpu_seconds: int = 30
    wall_seconds: float = 60.0


def confined(command: list[str], limits: Confinement) -> list[str]:
    """The command line that runs `command` (an absolute path first) within the limits."""
    numbers = (limits.memory_bytes, limits.file_bytes, limits.cpu_seconds)
    return [sys.executable, "-I", "-S", str(SCRIPTS / "launch.py"), *map(str, numbers), *command]


def run_confined(command: list[str], source: Path, target: Path, place: Path, limits: Confinement) -> bool:
    """Run `command` in the directory `place`, its standard input `source`, its standard output `target`.

    The program gets two open files and no name. True if it ended well; where it is late, it and every
    process it started are killed.
    """
    with source.open("rb") as given, target.open("w+b") as made:
        process = subprocess.Popen(
            confined(command, limits),
            stdin=given,
            stdout=made,
            stderr=subprocess.DEVNULL,
            cwd=place,
            env={"TMPDIR": str(place), "HOME": str(place)},
            start_new_session=True,
        )
        try:
            return process.wait(limits.wall_seconds) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

"""Child processes of the supervisor: started in their own group, watched, and ended with all they started."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from crowd.process import end_with_parent
from crowd.settings import ROOT

QUICK = 10.0
GIVE_UP_AFTER = 5
LONGEST_PAUSE = 10.0
LARGEST_LOG = 20_000_000
_WORTH_SHOWING = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (WARNING|ERROR|CRITICAL) ")


class GivenUp(Exception):
    """A child has died too often in a row; the message says which and why."""


@dataclass
class Child:
    """One program that must run for as long as the supervisor does."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    quick_deaths: int = 0
    started_at: float = 0.0
    start_at: float = 0.0
    _shown_until: int = field(default=0, repr=False)

    def start(self) -> None:
        """Start it; its output goes to its log."""
        self._shown_until = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = start(self.command, self.environment, stdout=log, stderr=subprocess.STDOUT)
        self.started_at = time.monotonic()

    def watch(self) -> str | None:
        """Start it again if it has died; return a sentence about what happened, if anything did.

        Raises GivenUp when it dies again and again.
        """
        if self.process is None:
            if time.monotonic() >= self.start_at:
                self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        self._end_group(signal.SIGKILL)
        self.process = None
        is_quick = time.monotonic() - self.started_at < QUICK
        self.quick_deaths = self.quick_deaths + 1 if is_quick else 0
        if self.quick_deaths >= GIVE_UP_AFTER:
            raise GivenUp(
                f"{self.name} ended {GIVE_UP_AFTER} times in a row, so everything was stopped. "
                f"Its log {self.log} ends with: {self.last_line()}"
            )
        self.start_at = time.monotonic() + min(0.5 * 2**self.quick_deaths, LONGEST_PAUSE)
        return f"{self.name} ended unexpectedly ({code}) and is started again. Its log: {self.log}"

    def ask_to_end(self) -> None:
        """Ask it to end in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def make_end(self, until: float) -> None:
        """Wait for it until a moment; then kill it and all that it started."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._end_group(signal.SIGKILL)
            self.process.wait()
        self._end_group(signal.SIGKILL)

    def warnings(self) -> list[str]:
        """Lines of its log since the last look that somebody should see."""
        with self.log.open("rb") as log:
            log.seek(self._shown_until)
            new = log.read(1_000_000)
        whole = new[: new.rfind(b"\n") + 1]
        self._shown_until += len(whole)
        lines = whole.decode(errors="replace").splitlines()
        return [line for line in lines if _WORTH_SHOWING.match(line)]

    def trim_log(self) -> None:
        """Put a long log aside; the one before it goes."""
        if self.log.stat().st_size > LARGEST_LOG:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)
            self._shown_until = 0

    def last_line(self) -> str:
        """What it said last."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 4096))
            lines = log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "(nothing)"

    def _end_group(self, number: signal.Signals) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def start(
    command: list[str],
    environment: dict[str, str],
    *,
    stdout: int | IO[bytes],
    stderr: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in its own process group; it dies with this process, however that ends."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        process_group=0,
        preexec_fn=partial(end_with_parent, os.getpid()),  # noqa: PLW1509  (this process has one thread)
    )

"""A queue on a real Redis, and real RQ worker processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crowd.settings import ROOT, Settings
from crowd.storage.queue import JobQueue

Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def settings(settings: Settings, redis_address: str) -> Settings:
    return replace(settings, redis_url=redis_address, sweep_seconds=1)


@pytest.fixture
def queue(settings: Settings) -> Iterator[JobQueue]:
    opened = JobQueue(settings.redis_address)
    yield opened
    opened.redis.close()


@pytest.fixture
def start_worker(settings: Settings, tmp_path: Path) -> Iterator[Start]:
    """Start an RQ worker that also knows the kinds of tests/jobs/night_worker.py."""
    started: list[subprocess.Popen[bytes]] = []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CROWD_")}
    environment |= settings.as_environment() | {"TEST_DIRECTORY": str(tmp_path)}

    def start(name: str) -> subprocess.Popen[bytes]:
        with (tmp_path / f"worker-{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.jobs.night_worker", name],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()

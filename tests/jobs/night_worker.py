"""An RQ worker process as worker.py starts it, with two more kinds of jobs to be killed in."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from crowd.jobs import Work
from crowd.jobs.registry import kinds
from crowd.jobs.worker import serve
from crowd.process import write_logs
from crowd.settings import load_settings


def wait_for_leave(work: Work) -> None:
    """Say in a file who is at work, then wait until there is leave to end."""
    directory = Path(os.environ["TEST_DIRECTORY"])
    name = work.arguments["name"]
    staged = directory / f"{name}.staged"
    staged.write_text(str(os.getpid()))
    staged.rename(directory / f"{name}.at-work")
    while not (directory / f"{name}.leave").exists():
        time.sleep(0.02)


if __name__ == "__main__":
    write_logs()
    kinds()["test.wait"] = wait_for_leave
    serve(load_settings(), sys.argv[1])

"""An RQ worker process: `python worker.py short` or `python worker.py slow`."""

from __future__ import annotations

import sys

from crowd.jobs.worker import serve
from crowd.process import write_logs
from crowd.settings import load_settings


def main() -> None:
    """Serve the queue that the command line names."""
    write_logs()
    serve(load_settings(), sys.argv[1])


if __name__ == "__main__":
    main()

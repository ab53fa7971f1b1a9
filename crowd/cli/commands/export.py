"""`crowd export`: write a project's items or answers into a file; the same bytes as a release."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from crowd.cli.errors import CommandError
from crowd.exports import FORMATS
from crowd.services.export import CONTENTS, begin_export
from crowd.settings import load_settings
from crowd.storage.database import Store, open_store
from crowd.storage.export_rows import one_snapshot
from crowd.storage.projects import project_by_public_id

HELP = "Write a project's items with their consensus, or its answers, into a file."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument("project", help="the project's id, as in its address")
    parser.add_argument("--format", choices=sorted(FORMATS), default="csv", help="csv or jsonl (csv)")
    parser.add_argument(
        "--content", choices=sorted(CONTENTS), default="items", help="items or answers (items)"
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="where to write; - is the terminal"
    )


def run(options: argparse.Namespace) -> int:
    """Write the file, whole or not at all, and say what went into it."""
    settings = load_settings()
    store = open_store(settings.database_address, settings.data_path)
    try:
        count, digest = _write(store, options)
    except OSError as error:
        raise CommandError(f"{options.output} cannot be written: {error.strerror or error}.") from error
    finally:
        store.engine.dispose()
    print(f"{count} rows, SHA-256 {digest}", file=sys.stderr)
    return 0


def _write(store: Store, options: argparse.Namespace) -> tuple[int, str]:
    digest = hashlib.sha256()
    with store.reading() as session:
        one_snapshot(session)
        project = project_by_public_id(session, options.project)
        if project is None:
            raise CommandError(f"There is no project '{options.project}'. Its id is in its address.")
        if project.dataset_id is None:
            raise CommandError("The project has no dataset yet, so there is nothing to export.")
        export = begin_export(
            session, project, FORMATS[options.format], CONTENTS[options.content], lambda _done, _total: None
        )
        with _whole_file(options.output) as file:
            for piece in export.pieces:
                digest.update(piece)
                file.write(piece)
    return export.rows.count, digest.hexdigest()


@contextmanager
def _whole_file(name: str) -> Iterator[BinaryIO]:
    """A file that appears under its name only when it is complete."""
    if name == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(name)
    handle, staged = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(staged).replace(target)
    except BaseException:
        Path(staged).unlink(missing_ok=True)
        raise

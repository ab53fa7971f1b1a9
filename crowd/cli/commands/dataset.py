"""`crowd dataset`: import a file as a dataset, or list the datasets there are."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sqlmodel import Session

from crowd.cli.checks import opened_database
from crowd.cli.data_dir import open_data_dir
from crowd.cli.errors import CommandError
from crowd.domain.states import Role
from crowd.services.datasets import delete_dataset, receive_upload
from crowd.services.import_dataset import ImportFailed, TakenOver, run_import
from crowd.services.uploads import UploadRefused
from crowd.settings import Settings, load_settings
from crowd.storage.columns import now_utc
from crowd.storage.database import Store, open_store
from crowd.storage.datasets import Dataset, all_datasets, refusals_of
from crowd.storage.migrations import migrate
from crowd.storage.users import User, roles_of, user_by_email

HELP = "Import a file as a dataset, or list the datasets there are."
SHOWN_REFUSALS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="import|list")
    importing = acts.add_parser("import", help="import a CSV, TSV, JSONL, or a ZIP of images or audio")
    importing.add_argument("file", type=Path)
    importing.add_argument("--owner", required=True, metavar="EMAIL", help="the requester whose it will be")
    importing.add_argument("--name", default="", help="what to call it (the file's name)")
    acts.add_parser("list", help="list all datasets")


def run(options: argparse.Namespace) -> int:
    """Do it, and print what came of it."""
    settings = load_settings()
    open_data_dir(settings)
    with opened_database(settings) as engine:
        migrate(engine)
    store = open_store(settings.database_address, settings.data_path)
    try:
        return _list(store) if options.act == "list" else _import(store, settings, options)
    finally:
        store.engine.dispose()


def _import(store: Store, settings: Settings, options: argparse.Namespace) -> int:
    dataset = _received(store, settings, options)
    try:
        run_import(store, settings, dataset.id, _show, now_utc())
    except (ImportFailed, TakenOver) as error:
        _clear_line()
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        with store.writing() as session:
            delete_dataset(session, store.blobs, dataset, settings, by=dataset.owner_id, now=now_utc())
        print("\nNothing was kept.", file=sys.stderr)
        raise
    _clear_line()
    with store.reading() as session:
        _report(session, session.get_one(Dataset, dataset.id))
    return 0


def _received(store: Store, settings: Settings, options: argparse.Namespace) -> Dataset:
    try:
        with options.file.open("rb") as file, store.writing() as session:
            owner = _owner(session, options.owner)
            session.rollback()  # let others write while the file is copied
            return receive_upload(
                session,
                owner.id,
                options.name,
                options.file.name,
                file,
                settings,
                now_utc(),
                expected_bytes=options.file.stat().st_size,
                is_queued=False,
            )
    except UploadRefused as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"Cannot read {options.file}: {error.strerror}.") from error


def _owner(session: Session, email: str) -> User:
    owner = user_by_email(session, email.strip().lower())
    if owner is None or Role.REQUESTER not in roles_of(session, owner.id):
        raise CommandError(
            f"There is no requester with the e-mail address '{email}'. "
            "Name one who has an account with that role."
        )
    session.expunge(owner)
    return owner


def _show(done: int, total: int, message: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{100 * done // max(1, total):3} %  {message}\x1b[K", end="", file=sys.stderr, flush=True)


def _clear_line() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)


def _report(session: Session, dataset: Dataset) -> None:
    print(f"dataset     {dataset.public_id}  {dataset.name}, version {dataset.version}")
    print(f"format      {_facts(dataset)}")
    print(f"columns     {', '.join(dataset.columns)}")
    print(f"read        {dataset.read_count:,}")
    print(f"kept        {dataset.kept_count:,}")
    print(f"refused     {dataset.refused_count:,}")
    print(f"duplicates  {dataset.duplicate_count:,}")
    for refusal in refusals_of(session, dataset.id, SHOWN_REFUSALS):
        column = f", {refusal.column}" if refusal.column else ""
        print(f"  line {refusal.line:,}{column}: {refusal.reason}")
    if dataset.refused_count > SHOWN_REFUSALS:
        print(f"  and {dataset.refused_count - SHOWN_REFUSALS:,} more")


def _facts(dataset: Dataset) -> str:
    delimiter = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}.get(dataset.delimiter, "")
    parts = (dataset.format, dataset.encoding, delimiter and f"separated by {delimiter}")
    return ", ".join(part for part in parts if part)


def _list(store: Store) -> int:
    with store.reading() as session:
        rows = all_datasets(session)
    for dataset, email in rows:
        print(
            f"{dataset.public_id}  {dataset.state:9}  {dataset.kept_count:>11,} items  "
            f"{dataset.name} (version {dataset.version}, {email})"
        )
    if not rows:
        print("There are no datasets yet. 'crowd dataset import FILE --owner EMAIL' makes one.")
    return 0

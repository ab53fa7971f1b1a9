"""Rules about what hangs in the air: rows without what they belong to, files without rows, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from crowd.services.check.rule import Checked, Rule, by_sql

# A file is stored before its row: one that is younger may still be waiting for it.
YOUNG = timedelta(hours=1)
HASH = re.compile(r"[0-9a-f]{64}")

# (what, its table, its column, where it points)
TIES = (
    ("assignment", "assignments", "task_id", "tasks"),
    ("assignment", "assignments", "worker_id", "users"),
    ("assignment", "assignments", "guidelines_id", "guidelines"),
    ("task", "tasks", "item_id", "items"),
    ("task", "tasks", "batch_id", "batches"),
    ("gold", "gold", "item_id", "items"),
    ("gold", "gold", "task_id", "tasks"),
    ("item", "items", "dataset_id", "datasets"),
    ("line", "ledger_entries", "transfer_id", "transfers"),
    ("line", "ledger_entries", "account_id", "accounts"),
    ("transfer", "transfers", "assignment_id", "assignments"),
)


def _without_owner() -> str:
    return " UNION ALL ".join(
        f"SELECT '{what} ' || {table}.id || ' has no {target}' FROM {table}"
        f" LEFT JOIN {target} ON {target}.id = {table}.{column}"
        f" WHERE {table}.{column} IS NOT NULL AND {target}.id IS NULL"
        for what, table, column, target in TIES
    )


def _files_of_rows(checked: Checked) -> tuple[int, Iterable[str]]:
    rows = checked.session.execute(text("SELECT sha256, byte_count FROM blobs")).all()
    return len(rows), _missing_files(checked, [(str(row[0]), int(row[1])) for row in rows])


def _missing_files(checked: Checked, rows: Iterable[tuple[str, int]]) -> Iterator[str]:
    for sha256, size in rows:
        path = checked.blobs.path(sha256)
        if not path.is_file():
            yield f"blob {sha256[:12]}… has no file"
        elif path.stat().st_size != size:
            yield f"blob {sha256[:12]}… has {path.stat().st_size} bytes, not {size}"


def _rows_of_files(checked: Checked) -> tuple[int, Iterable[str]]:
    known = {str(row[0]) for row in checked.session.execute(text("SELECT sha256 FROM blobs"))}
    root = checked.blobs.root
    files = [path for path in root.rglob("*") if path.is_file()] if root.is_dir() else []
    return len(files), (
        f"{path.relative_to(root)} belongs to nothing"
        for path in files
        if not (HASH.fullmatch(path.name) and path.name in known) and _is_old(path, checked.now)
    )


def _is_old(path: Path, now: datetime) -> bool:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - YOUNG


RULES = (
    by_sql(
        "orphans",
        "each row has what it belongs to: worker, task, item, batch, dataset, transfer",
        seen="SELECT (SELECT COUNT(*) FROM assignments) + (SELECT COUNT(*) FROM tasks)"
        " + (SELECT COUNT(*) FROM items) + (SELECT COUNT(*) FROM gold)"
        " + (SELECT COUNT(*) FROM ledger_entries)",
        wrong=_without_owner(),
    ),
    by_sql(
        "missing blobs",
        "each item with media and each finished release has its blob",
        seen="SELECT (SELECT COUNT(*) FROM items WHERE media IS NOT NULL)"
        " + (SELECT COUNT(*) FROM releases WHERE finished_at IS NOT NULL)",
        wrong="SELECT 'item ' || items.id FROM items LEFT JOIN blobs ON blobs.sha256 = items.blob_sha256"
        " WHERE items.media IS NOT NULL AND blobs.sha256 IS NULL"
        " UNION ALL SELECT 'release ' || releases.id FROM releases"
        " LEFT JOIN blobs ON blobs.sha256 = releases.blob_sha256"
        " WHERE releases.finished_at IS NOT NULL AND blobs.sha256 IS NULL",
    ),
    Rule("blob files", "each blob has its file, of the right size", _files_of_rows),
    Rule("stray files", "each file in the blob directory is a blob", _rows_of_files),
    by_sql(
        "tasks of batches",
        "each batch that is launched has as many tasks as it reserved money for",
        seen="SELECT COUNT(*) FROM batches",
        wrong="SELECT 'batch ' || batches.id || ': ' || COUNT(tasks.id) || ' of ' || batches.task_count"
        " FROM batches LEFT JOIN tasks ON tasks.batch_id = batches.id WHERE batches.state = 'open'"
        " GROUP BY batches.id, batches.task_count HAVING COUNT(tasks.id) <> batches.task_count",
    ),
)

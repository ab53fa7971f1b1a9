"""Migrations make exactly the tables that the code knows."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from crowd.storage.database import Store, metadata
from crowd.storage.migrations import is_current, migrate


def test_a_migrated_database_has_the_tables_that_the_code_knows(store: Store) -> None:
    with store.engine.connect() as connection:
        options: dict[str, Any] = {"compare_type": False}  # text and varchar are the same to us
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata()) == []
    assert is_current(store.engine)


def test_migrating_again_changes_nothing(store: Store) -> None:
    migrate(store.engine)
    assert is_current(store.engine)

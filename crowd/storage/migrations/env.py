"""What Alembic runs: one connection, one transaction per migration run."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.engine import Engine

from crowd.storage.columns import JsonText, UtcMoment
from crowd.storage.database import metadata


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column kinds by their own names."""
    if kind == "type" and isinstance(item, (UtcMoment, JsonText)):
        autogen.imports.add("from crowd.storage import columns")
        return f"columns.{type(item).__name__}()"
    if kind == "type" and type(item).__name__ == "AutoString":
        return "sa.Text()"
    return False


def run() -> None:
    """Migrate the database that the configuration carries."""
    engine: Engine = context.config.attributes["engine"]
    with engine.connect().execution_options(crowd_write=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata(),
            render_item=render_item,
            render_as_batch=False,
            compare_type=False,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()

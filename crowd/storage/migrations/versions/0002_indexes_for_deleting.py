"""Indexes by which the database checks quickly that nothing points at an item or a blob that goes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HAS_MEDIA = sa.text("blob_sha256 IS NOT NULL")


def upgrade() -> None:
    """Apply."""
    op.create_index(
        "ix_items_blob_sha256", "items", ["blob_sha256"], sqlite_where=HAS_MEDIA, postgresql_where=HAS_MEDIA
    )
    op.create_index("ix_tasks_item_id", "tasks", ["item_id"])
    op.create_index("ix_gold_item_id", "gold", ["item_id"])
    op.create_index("ix_projects_dataset_id", "projects", ["dataset_id"])

"""The first schema."""

import sqlalchemy as sa
from alembic import op

from crowd.storage import append_only, columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('world', 'budget', 'reserve', 'pending', 'payable', 'sending', 'paid')",
            name=op.f("ck_accounts_kind_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("kind", "owner_id", name=op.f("uq_accounts_kind_owner_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.CheckConstraint("byte_count >= 0", name=op.f("ck_blobs_size")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
        sqlite_strict=True,
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("arguments", columns.JsonText(), nullable=False),
        sa.Column("is_slow", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_count", sa.BigInteger(), nullable=False),
        sa.Column("total_count", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.Column("due_at", columns.UtcMoment(), nullable=False),
        sa.Column("started_at", columns.UtcMoment(), nullable=True),
        sa.Column("finished_at", columns.UtcMoment(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_jobs_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_jobs_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_jobs_key",
        "jobs",
        ["kind", "key"],
        unique=True,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_jobs_open",
        "jobs",
        ["state", "due_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "rate_limits",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("window", sa.BigInteger(), nullable=False),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("attempt_count >= 0", name=op.f("ck_rate_limits_attempts")),
        sa.PrimaryKeyConstraint("key", "window", name=op.f("pk_rate_limits")),
        sqlite_strict=True,
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email_lower")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("ck_users_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("public_id", name=op.f("uq_users_public_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "audit_events",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", columns.UtcMoment(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("before", columns.JsonText(), nullable=True),
        sa.Column("after", columns.JsonText(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("guidelines_version", sa.Integer(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_audit_events_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        sa.UniqueConstraint("place", name=op.f("uq_audit_events_place")),
        sqlite_strict=True,
    )
    op.create_table(
        "datasets",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("upload_name", sa.Text(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.Text(), nullable=False),
        sa.Column("modality", sa.Text(), nullable=False),
        sa.Column("columns", columns.JsonText(), nullable=False),
        sa.Column("read_count", sa.BigInteger(), nullable=False),
        sa.Column("kept_count", sa.BigInteger(), nullable=False),
        sa.Column("refused_count", sa.BigInteger(), nullable=False),
        sa.Column("duplicate_count", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.Column("imported_at", columns.UtcMoment(), nullable=True),
        sa.CheckConstraint("state IN ('importing', 'ready', 'failed')", name=op.f("ck_datasets_state_known")),
        sa.CheckConstraint(
            "read_count >= 0 AND kept_count >= 0 AND refused_count >= 0 AND duplicate_count >= 0",
            name=op.f("ck_datasets_counts"),
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_datasets_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datasets")),
        sa.UniqueConstraint("public_id", name=op.f("uq_datasets_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_datasets_owner_id"), "datasets", ["owner_id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.Column("ends_at", columns.UtcMoment(), nullable=False),
        sa.Column("used_at", columns.UtcMoment(), nullable=True),
        sa.CheckConstraint(
            "role IN ('worker', 'requester', 'quality_manager', 'admin')",
            name=op.f("ck_invitations_role_known"),
        ),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name=op.f("fk_invitations_invited_by")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
        sqlite_strict=True,
    )
    op.create_table(
        "payouts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.Column("paid_by", sa.BigInteger(), nullable=True),
        sa.Column("paid_at", columns.UtcMoment(), nullable=True),
        sa.CheckConstraint("state IN ('exported', 'paid', 'cancelled')", name=op.f("ck_payouts_state_known")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_payouts_created_by")),
        sa.ForeignKeyConstraint(["paid_by"], ["users.id"], name=op.f("fk_payouts_paid_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payouts_public_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("csrf_token", sa.Text(), nullable=False),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.Column("seen_at", columns.UtcMoment(), nullable=False),
        sa.Column("ends_at", columns.UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role IN ('worker', 'requester', 'quality_manager', 'admin')",
            name=op.f("ck_user_roles_role_known"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id")),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_user_roles")),
        sqlite_strict=True,
    )
    op.create_table(
        "items",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("dataset_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("input", columns.JsonText(), nullable=False),
        sa.Column("media", columns.JsonText(), nullable=True),
        sa.Column("blob_sha256", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["blob_sha256"], ["blobs.sha256"], name=op.f("fk_items_blob_sha256")),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_items_dataset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("dataset_id", "content_hash", name=op.f("uq_items_dataset_id_content_hash")),
        sa.UniqueConstraint("dataset_id", "position", name=op.f("uq_items_dataset_id_position")),
        sa.UniqueConstraint("public_id", name=op.f("uq_items_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_items_blob_sha256",
        "items",
        ["blob_sha256"],
        unique=False,
        sqlite_where=sa.text("blob_sha256 IS NOT NULL"),
        postgresql_where=sa.text("blob_sha256 IS NOT NULL"),
    )
    op.create_table(
        "payout_lines",
        sa.Column("payout_id", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_micros", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_micros > 0", name=op.f("ck_payout_lines_amount")),
        sa.ForeignKeyConstraint(["payout_id"], ["payouts.id"], name=op.f("fk_payout_lines_payout_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["users.id"], name=op.f("fk_payout_lines_worker_id")),
        sa.PrimaryKeyConstraint("payout_id", "worker_id", name=op.f("pk_payout_lines")),
        sqlite_strict=True,
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("dataset_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("template_name", sa.Text(), nullable=False),
        sa.Column("template_hash", sa.Text(), nullable=False),
        sa.Column("parameters", columns.JsonText(), nullable=False),
        sa.Column("mapping", columns.JsonText(), nullable=False),
        sa.Column("gold_column", sa.Text(), nullable=False),
        sa.Column("overlap", sa.Integer(), nullable=False),
        sa.Column("minimum_overlap", sa.Integer(), nullable=False),
        sa.Column("stops_early", sa.Boolean(), nullable=False),
        sa.Column("gold_overlap", sa.Integer(), nullable=False),
        sa.Column("gold_rate", sa.Float(), nullable=False),
        sa.Column("minimum_trust", sa.Float(), nullable=False),
        sa.Column("pause_after_gold", sa.Integer(), nullable=False),
        sa.Column("trust_prior_right", sa.Float(), nullable=False),
        sa.Column("trust_prior_wrong", sa.Float(), nullable=False),
        sa.Column("confidence_target", sa.Float(), nullable=False),
        sa.Column("dispute_below", sa.Float(), nullable=False),
        sa.Column("gold_tolerance", sa.Float(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reward_micros", sa.BigInteger(), nullable=False),
        sa.Column("tiers", columns.JsonText(), nullable=False),
        sa.Column("time_limit_seconds", sa.Integer(), nullable=False),
        sa.Column("put_back_limit", sa.Integer(), nullable=False),
        sa.Column("estimated_seconds", sa.Integer(), nullable=False),
        sa.Column("approve_after_seconds", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.Column("launched_at", columns.UtcMoment(), nullable=True),
        sa.Column("closed_at", columns.UtcMoment(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'open', 'paused', 'closed')", name=op.f("ck_projects_state_known")
        ),
        sa.CheckConstraint(
            "confidence_target > 0 AND confidence_target <= 1", name=op.f("ck_projects_confidence_target")
        ),
        sa.CheckConstraint(
            "dispute_below >= 0 AND dispute_below <= 1", name=op.f("ck_projects_dispute_below")
        ),
        sa.CheckConstraint("gold_overlap BETWEEN 0 AND 100000", name=op.f("ck_projects_gold_overlap")),
        sa.CheckConstraint("gold_rate >= 0 AND gold_rate <= 0.5", name=op.f("ck_projects_gold_rate")),
        sa.CheckConstraint(
            "minimum_trust >= 0 AND minimum_trust < 1", name=op.f("ck_projects_minimum_trust")
        ),
        sa.CheckConstraint(
            "overlap BETWEEN 1 AND 100 AND minimum_overlap BETWEEN 1 AND overlap",
            name=op.f("ck_projects_overlap"),
        ),
        sa.CheckConstraint("put_back_limit BETWEEN 1 AND 1000000", name=op.f("ck_projects_put_back_limit")),
        sa.CheckConstraint("reward_micros BETWEEN 0 AND 1000000000000", name=op.f("ck_projects_reward")),
        sa.CheckConstraint(
            "time_limit_seconds BETWEEN 10 AND 86400 AND approve_after_seconds >= 0",
            name=op.f("ck_projects_times"),
        ),
        sa.CheckConstraint("trust_prior_right > 0 AND trust_prior_wrong > 0", name=op.f("ck_projects_prior")),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_projects_dataset_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_projects_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("public_id", name=op.f("uq_projects_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_projects_dataset_id"), "projects", ["dataset_id"], unique=False)
    op.create_index(op.f("ix_projects_owner_id"), "projects", ["owner_id"], unique=False)
    op.create_table(
        "refusals",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("dataset_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_refusals_dataset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusals")),
        sa.UniqueConstraint("dataset_id", "number", name=op.f("uq_refusals_dataset_id_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_pilot", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("task_count", sa.Integer(), nullable=False),
        sa.Column("reserved_micros", sa.BigInteger(), nullable=False),
        sa.Column("launched_by", sa.BigInteger(), nullable=False),
        sa.Column("launched_at", columns.UtcMoment(), nullable=False),
        sa.CheckConstraint("state IN ('launching', 'open', 'closed')", name=op.f("ck_batches_state_known")),
        sa.CheckConstraint("task_count >= 0 AND reserved_micros >= 0", name=op.f("ck_batches_counts")),
        sa.ForeignKeyConstraint(["launched_by"], ["users.id"], name=op.f("fk_batches_launched_by")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_batches_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_batches_project_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_batches_public_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "guidelines",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_guidelines_author_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_guidelines_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guidelines")),
        sa.UniqueConstraint("project_id", "version", name=op.f("uq_guidelines_project_id_version")),
        sqlite_strict=True,
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("blob_sha256", sa.Text(), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.Column("finished_at", columns.UtcMoment(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["blob_sha256"], ["blobs.sha256"], name=op.f("fk_releases_blob_sha256")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_releases_created_by")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_releases_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_releases_project_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_releases_public_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "standings",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", columns.UtcMoment(), nullable=False),
        sa.Column("assigned_count", sa.Integer(), nullable=False),
        sa.Column("answer_count", sa.Integer(), nullable=False),
        sa.Column("gold_shown_count", sa.Integer(), nullable=False),
        sa.Column("gold_count", sa.Integer(), nullable=False),
        sa.Column("score_sum", sa.Float(), nullable=False),
        sa.Column("forgiven_count", sa.Integer(), nullable=False),
        sa.Column("forgiven_sum", sa.Float(), nullable=False),
        sa.Column("plea", sa.Text(), nullable=False),
        sa.Column("plea_at", columns.UtcMoment(), nullable=True),
        sa.Column("trust", sa.Float(), nullable=False),
        sa.Column("trust_low", sa.Float(), nullable=False),
        sa.Column("trust_high", sa.Float(), nullable=False),
        sa.Column("joined_at", columns.UtcMoment(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused', 'blocked')", name=op.f("ck_standings_state_known")),
        sa.CheckConstraint(
            "gold_count >= 0 AND score_sum >= 0 AND score_sum <= gold_count + 0.000001",
            name=op.f("ck_standings_counts"),
        ),
        sa.CheckConstraint(
            "trust_low >= 0 AND trust_low <= trust AND trust <= trust_high AND trust_high <= 1",
            name=op.f("ck_standings_trust"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_standings_decided_by")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_standings_project_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["users.id"], name=op.f("fk_standings_worker_id")),
        sa.PrimaryKeyConstraint("project_id", "worker_id", name=op.f("pk_standings")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_standings_worker_id"), "standings", ["worker_id"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("is_gold", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("overlap", sa.Integer(), nullable=False),
        sa.Column("live_count", sa.Integer(), nullable=False),
        sa.Column("answer_count", sa.Integer(), nullable=False),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'settled')", name=op.f("ck_tasks_state_known")),
        sa.CheckConstraint("live_count + answer_count <= overlap", name=op.f("ck_tasks_no_over_assignment")),
        sa.CheckConstraint(
            "overlap >= 0 AND live_count >= 0 AND answer_count >= 0", name=op.f("ck_tasks_overlap")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_tasks_batch_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_tasks_item_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_tasks_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("project_id", "item_id", name=op.f("uq_tasks_project_id_item_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tasks_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_tasks_batch_id"), "tasks", ["batch_id"], unique=False)
    op.create_index(op.f("ix_tasks_item_id"), "tasks", ["item_id"], unique=False)
    op.create_index("ix_tasks_next", "tasks", ["project_id", "is_gold", "state", "position"], unique=False)
    op.create_index(
        "ix_tasks_stale",
        "tasks",
        ["project_id"],
        unique=False,
        sqlite_where=sa.text("is_stale = 1"),
        postgresql_where=sa.text("is_stale"),
    )
    op.create_table(
        "assignments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("assigned_at", columns.UtcMoment(), nullable=False),
        sa.Column("due_at", columns.UtcMoment(), nullable=False),
        sa.Column("submitted_at", columns.UtcMoment(), nullable=True),
        sa.Column("approve_at", columns.UtcMoment(), nullable=True),
        sa.Column("decided_at", columns.UtcMoment(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answer", columns.JsonText(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("guidelines_id", sa.BigInteger(), nullable=False),
        sa.Column("trust", sa.Float(), nullable=True),
        sa.Column("pay_micros", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('submitted','approved','rejected')) = (answer IS NOT NULL AND submitted_at IS NOT NULL)",
            name=op.f("ck_assignments_answered"),
        ),
        sa.CheckConstraint("state <> 'rejected' OR length(reason) > 0", name=op.f("ck_assignments_reason")),
        sa.CheckConstraint(
            "state IN ('assigned', 'submitted', 'approved', 'rejected', 'expired', 'returned', 'skipped')",
            name=op.f("ck_assignments_state_known"),
        ),
        sa.CheckConstraint("pay_micros >= 0", name=op.f("ck_assignments_pay")),
        sa.CheckConstraint("trust IS NULL OR (trust >= 0 AND trust <= 1)", name=op.f("ck_assignments_trust")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_assignments_decided_by")),
        sa.ForeignKeyConstraint(
            ["guidelines_id"], ["guidelines.id"], name=op.f("fk_assignments_guidelines_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_assignments_project_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_assignments_task_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["users.id"], name=op.f("fk_assignments_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint("public_id", name=op.f("uq_assignments_public_id")),
        sa.UniqueConstraint("task_id", "worker_id", name=op.f("uq_assignments_task_id_worker_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_assignments_approve",
        "assignments",
        ["approve_at"],
        unique=False,
        sqlite_where=sa.text("state = 'submitted'"),
        postgresql_where=sa.text("state = 'submitted'"),
    )
    op.create_index(
        "ix_assignments_due",
        "assignments",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'assigned'"),
        postgresql_where=sa.text("state = 'assigned'"),
    )
    op.create_index(
        "ix_assignments_live",
        "assignments",
        ["project_id", "worker_id"],
        unique=True,
        sqlite_where=sa.text("state = 'assigned'"),
        postgresql_where=sa.text("state = 'assigned'"),
    )
    op.create_index("ix_assignments_project", "assignments", ["project_id", "id"], unique=False)
    op.create_index(
        "ix_assignments_worker", "assignments", ["worker_id", "project_id", "submitted_at"], unique=False
    )
    op.create_table(
        "gold",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("labels", columns.JsonText(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended')", name=op.f("ck_gold_state_known")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_gold_author_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_gold_item_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_gold_project_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_gold_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gold")),
        sa.UniqueConstraint("project_id", "item_id", name=op.f("uq_gold_project_id_item_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_gold_public_id")),
        sa.UniqueConstraint("task_id", name=op.f("uq_gold_task_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_gold_item_id"), "gold", ["item_id"], unique=False)
    op.create_index(op.f("ix_gold_project_id"), "gold", ["project_id"], unique=False)
    op.create_table(
        "results",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("answer_count", sa.Integer(), nullable=False),
        sa.Column("posterior", columns.JsonText(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("is_disputed", sa.Boolean(), nullable=False),
        sa.Column("is_decided", sa.Boolean(), nullable=False),
        sa.Column("computed_at", columns.UtcMoment(), nullable=False),
        sa.Column("settled_at", columns.UtcMoment(), nullable=True),
        sa.CheckConstraint("answer_count >= 0", name=op.f("ck_results_answer_count")),
        sa.CheckConstraint("confidence >= 0 AND confidence <= 1", name=op.f("ck_results_confidence")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_results_project_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_results_task_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_results")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_results_project_id"), "results", ["project_id"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("reviewer_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_reviews_reason")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_reviews_reviewer_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_reviews_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_reviews_task_id"), "reviews", ["task_id"], unique=False)
    op.create_table(
        "gold_scores",
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("gold_id", sa.BigInteger(), nullable=False),
        sa.Column("gold_version", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("scored_at", columns.UtcMoment(), nullable=False),
        sa.CheckConstraint("score >= 0 AND score <= 1", name=op.f("ck_gold_scores_score")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_gold_scores_assignment_id")
        ),
        sa.ForeignKeyConstraint(["gold_id"], ["gold.id"], name=op.f("fk_gold_scores_gold_id")),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_gold_scores")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_gold_scores_gold_id"), "gold_scores", ["gold_id"], unique=False)
    op.create_table(
        "transfers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("assignment_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", columns.UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_transfers_actor_id")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_transfers_assignment_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_transfers_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("key", name=op.f("uq_transfers_key")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_transfers_assignment_id"), "transfers", ["assignment_id"], unique=False)
    op.create_index(op.f("ix_transfers_project_id"), "transfers", ["project_id"], unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_micros", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_micros <> 0", name=op.f("ck_ledger_entries_amount")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_ledger_entries_account_id")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.id"], name=op.f("fk_ledger_entries_transfer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_ledger_entries_account_id"), "ledger_entries", ["account_id"], unique=False)
    op.create_index(op.f("ix_ledger_entries_transfer_id"), "ledger_entries", ["transfer_id"], unique=False)
    for statement in append_only.statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Refused: restore a backup instead."""
    raise NotImplementedError("there is no way back; restore the backup taken before the upgrade")

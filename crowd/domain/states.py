"""The states that things of the marketplace go through, and the roles that people have."""

from enum import StrEnum


class Role(StrEnum):
    """What an account may do; one account may have several."""

    WORKER = "worker"
    REQUESTER = "requester"
    QUALITY_MANAGER = "quality_manager"
    ADMIN = "admin"


class DatasetState(StrEnum):
    IMPORTING = "importing"
    READY = "ready"
    FAILED = "failed"


class ProjectState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class BatchState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class TaskState(StrEnum):
    OPEN = "open"
    SETTLED = "settled"


class AssignmentState(StrEnum):
    """One task lent to one worker, and what became of it."""

    ASSIGNED = "assigned"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    RETURNED = "returned"
    SKIPPED = "skipped"


class StandingState(StrEnum):
    """How a worker stands in a project."""

    ACTIVE = "active"
    PAUSED = "paused"
    BLOCKED = "blocked"


class GoldState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class PayoutState(StrEnum):
    DRAFT = "draft"
    EXPORTED = "exported"
    PAID = "paid"

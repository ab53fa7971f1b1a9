"""States and roles: every closed list of words that a row can hold."""

from enum import StrEnum


class Role(StrEnum):
    """What an account may do; one account may hold several."""

    WORKER = "worker"
    REQUESTER = "requester"
    QUALITY_MANAGER = "quality_manager"
    ADMIN = "admin"


class DatasetState(StrEnum):
    """Whether a dataset's items can be used."""

    IMPORTING = "importing"
    READY = "ready"
    FAILED = "failed"


class JobState(StrEnum):
    """How far a piece of background work has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ProjectState(StrEnum):
    """Whether a project gives out tasks."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class BatchState(StrEnum):
    """Whether the tasks of one launch are complete and given out."""

    LAUNCHING = "launching"
    OPEN = "open"
    CLOSED = "closed"


class TaskState(StrEnum):
    """Whether a task asks for more answers."""

    OPEN = "open"
    SETTLED = "settled"


class AssignmentState(StrEnum):
    """What became of a task that was lent to a worker."""

    ASSIGNED = "assigned"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    RETURNED = "returned"
    SKIPPED = "skipped"


class StandingState(StrEnum):
    """Whether a worker may work in a project."""

    ACTIVE = "active"
    PAUSED = "paused"
    BLOCKED = "blocked"


class GoldState(StrEnum):
    """Whether a gold answer scores workers."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class PayoutState(StrEnum):
    """How far a payout has come."""

    EXPORTED = "exported"
    PAID = "paid"
    CANCELLED = "cancelled"

"""When a task has answers enough, and when the answers it has leave it in dispute."""

from crowd.domain.aggregation import Consensus


def is_settled(
    consensus: Consensus | None,
    answer_count: int,
    overlap: int,
    *,
    minimum_overlap: int | None = None,
    confidence_target: float | None = None,
) -> bool:
    """Whether the task asks for no more answers: all are in, or it may stop early and is sure enough.

    It may stop early where the project gives both a minimum overlap and a confidence target, and the
    consensus stands on every answer counted.
    """
    if answer_count >= overlap:
        return True
    if consensus is None or minimum_overlap is None or confidence_target is None:
        return False
    is_current = consensus.answer_count == answer_count
    return is_current and answer_count >= minimum_overlap and consensus.confidence >= confidence_target


def is_disputed(consensus: Consensus | None, answer_count: int, overlap: int, dispute_below: float) -> bool:
    """Whether all answers are in and yet the consensus is less sure than `dispute_below`."""
    return consensus is not None and answer_count >= overlap and consensus.confidence < dispute_below

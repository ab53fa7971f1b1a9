"""Aggregation: one method per file, found by itself, that turns judgments into a consensus per task."""

from collections.abc import Mapping

from crowd.domain.aggregation._method import Aggregate, Consensus, Method
from crowd.domain.registry import members

METHODS: Mapping[str, Method] = members("crowd.domain.aggregation", __path__, "METHOD", Method)


def methods_for(kind: str) -> tuple[Method, ...]:
    """The methods that serve a kind of answer, by name."""
    return tuple(method for method in METHODS.values() if kind in method.kinds)


__all__ = ["METHODS", "Aggregate", "Consensus", "Method", "methods_for"]

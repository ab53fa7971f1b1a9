"""States are words that the database and the pages share."""

import inspect
from enum import StrEnum

from crowd.domain import states


def test_every_state_is_stored_as_its_lower_case_name():
    enums = [
        one for _, one in inspect.getmembers(states, inspect.isclass) if one.__module__ == states.__name__
    ]
    assert len(enums) == 10
    for one in enums:
        assert issubclass(one, StrEnum)
        assert all(member.value == member.name.lower() for member in one)

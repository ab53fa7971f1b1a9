"""Public ids: long, fit for an address, a command and a spreadsheet."""

from __future__ import annotations

from crowd.storage.columns import new_public_id


def test_no_public_id_looks_like_an_option_or_a_formula() -> None:
    made = {new_public_id() for _ in range(2000)}
    assert len(made) == 2000
    assert all(len(one) == 22 and one[0] != "-" for one in made)

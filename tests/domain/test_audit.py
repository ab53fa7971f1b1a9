"""The audit chain: any change to the past is seen where it was made."""

import hashlib

import pytest

from crowd.domain.audit import FIRST_PREVIOUS_HASH, event_hash, verify
from crowd.domain.strict_json import JsonRefused


def chain_of(count: int) -> list[tuple[dict[str, object], str]]:
    chain, previous = [], FIRST_PREVIOUS_HASH
    for number in range(count):
        event = {"who": "user:1", "what": "approve", "number": number, "after": {"state": "approved"}}
        previous = event_hash(previous, event)
        chain.append((event, previous))
    return chain


def test_hash_is_the_sha256_of_previous_hash_and_canonical_json():
    expected = hashlib.sha256(b"0" * 64 + b'\n{"a":"\xc3\xa9","b":[1,null]}').hexdigest()
    assert event_hash(FIRST_PREVIOUS_HASH, {"b": [1, None], "a": "é"}) == expected


def test_an_untouched_chain_is_whole_also_piece_by_piece():
    chain = chain_of(10)
    assert verify(chain) is None
    assert verify([]) is None
    assert verify(chain[4:], previous_hash=chain[3][1]) is None


@pytest.mark.parametrize("position", [0, 4, 9])
def test_a_changed_event_is_found(position):
    chain = chain_of(10)
    chain[position] = ({**chain[position][0], "who": "user:2"}, chain[position][1])
    assert verify(chain) == position


def test_a_changed_event_with_a_new_hash_breaks_the_next():
    chain = chain_of(10)
    forged = {**chain[4][0], "who": "user:2"}
    chain[4] = (forged, event_hash(chain[3][1], forged))
    assert verify(chain) == 5


def test_removed_added_and_swapped_events_are_found():
    chain = chain_of(10)
    assert verify(chain[:3] + chain[4:]) == 3
    assert verify(chain[1:]) == 0
    assert verify([*chain[:3], chain[2], *chain[3:]]) == 3
    assert verify([*chain[:3], chain[4], chain[3], *chain[5:]]) == 3


def test_what_is_no_hash_or_no_json_is_refused():
    for previous in ("", "0" * 63, "G" * 64, "A" * 64, "0" * 64 + "\n"):
        with pytest.raises(ValueError, match="64 hexadecimal"):
            event_hash(previous, {})
    with pytest.raises(JsonRefused):
        event_hash(FIRST_PREVIOUS_HASH, {"at": object()})

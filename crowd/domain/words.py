"""Cuts free text into comparable words and counts the word errors between two texts."""

import re
import unicodedata
from collections.abc import Sequence

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'"})
# Scripts written without spaces are compared character by character: Thai, Lao, Khmer, kana, Han.
_UNSPACED = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_UNSPACED}]|[^{_UNSPACED}\\s]+")


def words(text: str) -> tuple[str, ...]:
    """The words of a text without case, punctuation and typographic variants."""
    folded = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).casefold()
    spoken = "".join(
        " " if character != "'" and unicodedata.category(character).startswith("P") else character
        for character in folded
    )
    stripped = (word.strip("'") for word in _WORD.findall(spoken))
    return tuple(word for word in stripped if word)


def word_errors(one: Sequence[str], other: Sequence[str]) -> int:
    """The fewest substitutions, insertions and deletions of words that turn one text into the other.

    Levenshtein's distance by G. Myers, "A fast bit-vector algorithm for approximate string matching based on
    dynamic programming", J. ACM 46(3), 1999, in H. Hyyrö's form for the global distance (2003): a column of
    the table is two integers, whose bits say where it rises and where it falls.
    """
    if not one:
        return len(other)
    places: dict[str, int] = {}
    for place, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << place
    every, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    rises, falls, errors = every, 0, len(one)
    for word in other:
        equal = places.get(word, 0)
        vertical = equal | falls
        horizontal = (((equal & rises) + rises) ^ rises) | equal
        up = (falls | ~(horizontal | rises)) & every
        down = rises & horizontal
        errors += bool(up & last) - bool(down & last)
        up, down = up << 1 | 1, down << 1
        rises = (down | ~(vertical | up)) & every
        falls = up & vertical & every
    return errors


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """1 for equal texts down to 0 for texts without a common word in place; the same both ways round."""
    longest = max(len(one), len(other))
    return 1.0 if longest == 0 else 1.0 - word_errors(one, other) / longest


def word_error_rate(said: Sequence[str], truth: Sequence[str]) -> float:
    """Word errors per word of the truth; above 1 where more was said than is true."""
    if not truth:
        return float(len(said) > 0)
    return word_errors(said, truth) / len(truth)

"""Words and word errors, against the textbook table."""

from hypothesis import given
from hypothesis import strategies as st

from crowd.domain.words import likeness, word_error_rate, word_errors, words

word_lists = st.lists(st.sampled_from("abcd"), max_size=12)


def levenshtein(one, other):
    previous = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        current = [row]
        for column, right in enumerate(other, 1):
            current.append(min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (left != right)))
        previous = current
    return previous[-1]


@given(word_lists, word_lists)
def test_word_errors_are_levenshteins_distance(one, other):
    assert word_errors(one, other) == levenshtein(one, other)


def test_word_errors_of_long_texts_need_no_square_table():
    one = [str(number) for number in range(20_000)]
    assert word_errors(one, [*one[1:], "end"]) == 2


@given(word_lists, word_lists)
def test_likeness_is_symmetric_and_within_bounds(one, other):
    assert likeness(one, other) == likeness(other, one)
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, one) == 1.0


def test_words_forget_case_punctuation_and_typography():
    assert words("“I’m HERE,” he said — twice!") == ("i'm", "here", "he", "said", "twice")
    assert words("I'm here; he said: 'twice'") == ("i'm", "here", "he", "said", "twice")


def test_words_keep_numbers_apart():
    assert words("3.5") != words("35")


def test_scripts_without_spaces_are_cut_into_characters():
    assert words("今日は good") == ("今", "日", "は", "good")


def test_word_error_rate_counts_on_the_truth_and_may_pass_one():
    assert word_error_rate(words("a b c"), words("a b d")) == 1 / 3
    assert word_error_rate(words("a b c d"), words("x")) == 4.0
    assert word_error_rate((), ()) == 0.0
    assert word_error_rate(("a",), ()) == 1.0

"""Money: exact amounts, rewards by tier, reserves that suffice, and transfers that balance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.domain.pay import (
    MAX_MICROS,
    AmountRefused,
    Line,
    Tiers,
    TiersRefused,
    Transfer,
    TransferRefused,
    decimal_amount,
    format_amount,
    hourly_wage,
    parse_amount,
    reserve,
    reward,
)

TIERS = Tiers.from_list([[0.8, 1100], [0.95, 1333]])
tier_lists = st.lists(
    st.tuples(st.floats(0.01, 1.0), st.integers(1000, 10_000)), max_size=5, unique_by=lambda step: step[0]
).map(lambda steps: Tiers(tuple(zip(sorted(s[0] for s in steps), sorted(s[1] for s in steps), strict=True))))


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("0.05", 50_000),
        ("1", 1_000_000),
        ("0", 0),
        ("12.345678", 12_345_678),
        (" 0.10 ", 100_000),
        ("007", 7_000_000),
    ],
)
def test_amounts_are_read_exactly(text, micros):
    assert parse_amount(text) == micros


@pytest.mark.parametrize(
    "text",
    ["", " ", "-1", "-0", "+1", "0.0000001", "1e400", "1e3", "NaN", "inf", "１０", "٣", "0,05", ".5", "5.",
     "1_000", "0x10", "$1", "1 000", "1\n", "\t1", "9" * 5000, "1000000000.000001", str(2**63), "1.2.3", "½"],
)  # fmt: skip
def test_what_is_not_an_amount_is_refused(text):
    with pytest.raises(AmountRefused):
        parse_amount(text)


@pytest.mark.parametrize("value", [1, 0.05, None, True, b"1"])
def test_an_amount_that_is_not_text_is_refused(value):
    with pytest.raises(AmountRefused, match="must be text"):
        parse_amount(value)


@given(st.integers(0, MAX_MICROS))
def test_what_is_written_is_read_back(micros):
    assert parse_amount(decimal_amount(micros)) == micros


def test_amounts_are_written_with_two_to_six_decimals_and_currency():
    assert format_amount(50_000, "USD") == "0.05 USD"
    assert format_amount(1_500_000, "EUR") == "1.50 EUR"
    assert format_amount(1, "EUR") == "0.000001 EUR"
    assert format_amount(-50_000, "EUR") == "-0.05 EUR"


def test_reward_rises_by_tier_at_its_very_threshold():
    assert reward(50_000, 0.79, TIERS) == 50_000
    assert reward(50_000, 0.8, TIERS) == 55_000
    assert reward(50_000, 0.95, TIERS) == 66_650
    assert reward(50_000, 1.0, Tiers()) == 50_000


def test_reward_is_rounded_to_the_nearest_micro_unit():
    assert [reward(micros, 1.0, TIERS) for micros in (1, 2, 3)] == [1, 3, 4]


@given(st.integers(0, 10**9), st.floats(0, 1), st.floats(0, 1), tier_lists)
def test_more_trust_never_pays_less_and_the_reserve_always_suffices(reward_micros, one, other, tiers):
    low, high = sorted((one, other))
    assert reward(reward_micros, low, tiers) <= reward(reward_micros, high, tiers)
    assert 7 * 3 * reward(reward_micros, high, tiers) <= reserve(7, 3, reward_micros, tiers)


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ("0.8", "must be a list"),
        ([0.8], "Tier 1 must be a pair"),
        ([[0.8]], "Tier 1 must be a pair"),
        ([[0.8, 1100], [0.8, 1200]], "Tier 2: the minimum trust"),
        ([[0.9, 1100], [0.8, 1200]], "Tier 2: the minimum trust"),
        ([[1.1, 1100]], "Tier 1: the minimum trust"),
        ([[float("nan"), 1100]], "Tier 1: the minimum trust"),
        ([[True, 1100]], "must be a number"),
        ([["0.8", 1100]], "must be a number"),
        ([[0.8, 1.1]], "whole number"),
        ([[0.8, 900]], "more trust never pays less"),
        ([[0.0, 0]], "1 to 10000 permille"),
        ([[0.0, 10_001]], "1 to 10000 permille"),
        ([[0.0, 1200], [0.9, 1100]], "Tier 2: the multiplier"),
    ],
)
def test_tiers_that_cannot_be_used_are_named(steps, reason):
    with pytest.raises(TiersRefused, match=reason):
        Tiers.from_list(steps)


def test_a_first_tier_from_zero_may_pay_less_than_the_reward():
    tiers = Tiers.from_list([[0, 500], [0.9, 1000]])
    assert reward(100, 0.1, tiers) == 50
    assert reserve(10, 2, 100, tiers) == 2000


@pytest.mark.parametrize("micros", [-1, MAX_MICROS + 1])
def test_a_negative_or_endless_reward_is_refused(micros):
    with pytest.raises(ValueError, match="reward"):
        reward(micros, 0.9, TIERS)
    with pytest.raises(ValueError, match="reward"):
        reserve(1, 1, micros, TIERS)


def test_hourly_wage_is_what_an_hour_of_such_answers_pays():
    assert hourly_wage(50_000, 12) == 15_000_000
    assert hourly_wage(1, 7.5) == 480
    assert hourly_wage(10, 7) == 5142
    for seconds in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="above 0"):
            hourly_wage(50_000, seconds)


def test_transfer_exists_only_if_it_sums_to_zero():
    transfer = Transfer("reward", (Line("project:1", -50_000), Line("worker:2", 45_000), Line("fee", 5_000)))
    assert sum(line.amount_micros for line in transfer.lines) == 0
    with pytest.raises(TransferRefused, match=r"out of balance by -0\.01"):
        Transfer("reward", (Line("project:1", -50_000), Line("worker:2", 40_000)))
    with pytest.raises(TransferRefused, match="two lines"):
        Transfer("reward", (Line("project:1", 0),))
    with pytest.raises(TransferRefused, match="two lines"):
        Transfer("reward", ())


@pytest.mark.parametrize("amount", [0.5, 1.0, True, "1", None, MAX_MICROS + 1, -MAX_MICROS - 1])
def test_a_line_moves_whole_micro_units_within_bounds(amount):
    with pytest.raises(TransferRefused):
        Line("worker:2", amount)


def test_a_line_needs_an_account():
    with pytest.raises(TransferRefused, match="account"):
        Line("", 1)


@given(st.lists(st.integers(-MAX_MICROS // 30, MAX_MICROS // 30), min_size=1, max_size=20))
def test_any_amounts_with_their_counterpart_are_a_transfer(amounts):
    lines = [Line(f"account:{place}", amount) for place, amount in enumerate(amounts)]
    assert len(Transfer("mixed", (*lines, Line("rest", -sum(amounts)))).lines) == len(amounts) + 1

"""All attacks: those of the audit in its order, then those on collateral by their number."""

from tests.attacks import (
    test_07_lying_reporter,
    test_08_many_small_updates,
    test_09_report_replay,
    test_10_stale_report,
    test_11_price_jump_after_pause,
    test_24_silent_buyout,
    test_25_tiny_fractions,
    test_a02_reduce_only_dump,
    test_a05_mark_manipulation,
    test_a10_insurance_drain,
    test_a11_deleveraging_gift,
    test_a14_stale_shield,
    test_a15_index_drift,
    test_a17_currency_debt,
    test_a18_funding_farm,
    test_a20_wash_trading,
    test_basket_jump,
    test_fund_arbitrage,
    test_synthetic_double_count,
)
from tests.attacks.page import Outcome

ATTACKS = (
    test_a02_reduce_only_dump,
    test_a05_mark_manipulation,
    test_a10_insurance_drain,
    test_a11_deleveraging_gift,
    test_a14_stale_shield,
    test_a15_index_drift,
    test_a17_currency_debt,
    test_a18_funding_farm,
    test_a20_wash_trading,
    test_07_lying_reporter,
    test_08_many_small_updates,
    test_09_report_replay,
    test_10_stale_report,
    test_11_price_jump_after_pause,
    test_24_silent_buyout,
    test_25_tiny_fractions,
    test_basket_jump,
    test_fund_arbitrage,
    test_synthetic_double_count,
)


def play_all() -> list[Outcome]:
    """Return what each attack comes to; what was played in this process is not played again."""
    return [attack.play() for attack in ATTACKS]

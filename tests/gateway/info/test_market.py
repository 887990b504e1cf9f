"""Universes, contexts and books as Hyperliquid's clients read them: PUNKS at 30 ETH, ETH-USD at 2,000 USD."""

import pytest

from floorbook.core.rules.lifecycle import Status
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info.book import grouped, step_of
from tests.core.engine.world import ETH_USD, ONE, PUNKS, World
from tests.gateway.info.still import ask, refusal

BUY, SELL = 1, -1


def test_main_dex_holds_what_is_settled_in_dollars(gateway: Gateway) -> None:
    meta = ask(gateway, type="meta")
    assert [(asset["name"], asset["szDecimals"], asset["maxLeverage"]) for asset in meta["universe"]] == [
        ("ETH", 3, 50)
    ]
    assert meta["collateralToken"] == 0
    assert meta == ask(gateway, type="meta", dex="")


def test_nft_dex_holds_what_is_settled_in_ether(gateway: Gateway) -> None:
    meta = ask(gateway, type="meta", dex="nft")
    (punks,) = meta["universe"]
    assert (punks["name"], punks["szDecimals"], punks["maxLeverage"]) == ("nft:PUNKS", 2, 10)
    assert meta["collateralToken"] == 1


def test_margin_tables_are_the_tiers(gateway: Gateway) -> None:
    """The nft template: 10x, above 25 ETH 5x, above 50 ETH 3x."""
    meta = ask(gateway, type="meta", dex="nft")
    ((table, terms),) = meta["marginTables"]
    assert table == meta["universe"][0]["marginTableId"]
    assert terms["marginTiers"] == [
        {"lowerBound": "0", "maxLeverage": 10},
        {"lowerBound": "25", "maxLeverage": 5},
        {"lowerBound": "50", "maxLeverage": 3},
    ]


def test_tokens_stand_at_the_places_that_dexes_name(gateway: Gateway) -> None:
    meta = ask(gateway, type="spotMeta")
    assert meta["universe"] == []
    assert [(token["index"], token["name"]) for token in meta["tokens"]] == [(0, "USDC"), (1, "ETH")]
    assert ask(gateway, type="spotMetaAndAssetCtxs") == [meta, []]
    first, nft = ask(gateway, type="perpDexs")
    assert first is None
    assert nft["name"] == "nft"


def test_a_context_stands_for_each_market(gateway: Gateway) -> None:
    meta, contexts = ask(gateway, type="metaAndAssetCtxs", dex="nft")
    assert meta == ask(gateway, type="meta", dex="nft")
    (punks,) = contexts
    assert punks["markPx"] == "30"
    assert punks["openInterest"] == "0"
    assert (punks["midPx"], punks["impactPxs"]) == (None, None)
    assert set(punks) == {
        "funding", "openInterest", "prevDayPx", "dayNtlVlm", "premium", "oraclePx", "markPx", "midPx",
        "impactPxs", "dayBaseVlm",
    }  # fmt: skip


def test_context_says_interest_and_impact_prices(
    world: World, gateway: Gateway, maker: int, taker: int
) -> None:
    """The impact notional is 5 ETH: less than one punk, so it trades at the best price."""
    world.trade(taker, maker, ONE, 300_000)
    world.does(world.order(maker, BUY, ONE, 299_000))
    world.does(world.order(maker, SELL, ONE, 301_000))
    (punks,) = ask(gateway, type="metaAndAssetCtxs", dex="nft")[1]
    assert punks["openInterest"] == "1"
    assert punks["impactPxs"] == ["29.9", "30.1"]
    assert punks["midPx"] == "30"


def test_mids_are_of_one_dex_and_fall_back_to_the_mark(world: World, gateway: Gateway, maker: int) -> None:
    assert ask(gateway, type="allMids") == {"ETH": "2000"}
    assert ask(gateway, type="allMids", dex="nft") == {"nft:PUNKS": "30"}
    world.does(world.order(maker, BUY, ONE, 299_000))
    world.does(world.order(maker, SELL, ONE, 299_001))
    assert ask(gateway, type="allMids", dex="nft") == {"nft:PUNKS": "29.90005"}


def test_book_has_bids_then_asks_best_first(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    for account, side, lots, price in (
        (maker, BUY, 50, 299_000), (taker, BUY, 25, 299_000), (maker, BUY, 10, 298_000),
        (maker, SELL, 7, 301_000), (maker, SELL, 8, 302_500),
    ):  # fmt: skip
        world.does(world.order(account, side, lots, price))
    book = ask(gateway, type="l2Book", coin="nft:PUNKS")
    assert book["coin"] == "nft:PUNKS"
    assert book["time"] == world.state.now // 10**6
    assert book["levels"] == [
        [{"px": "29.9", "sz": "0.75", "n": 2}, {"px": "29.8", "sz": "0.1", "n": 1}],
        [{"px": "30.1", "sz": "0.07", "n": 1}, {"px": "30.25", "sz": "0.08", "n": 1}],
    ]
    assert ask(gateway, type="l2Book", coin="PUNKS") == book
    assert ask(gateway, type="l2Book", coin="ETH")["levels"] == [[], []]


def test_book_is_grouped_away_from_the_middle(world: World, gateway: Gateway, maker: int) -> None:
    for side, price in ((BUY, 299_900), (BUY, 299_100), (SELL, 300_100), (SELL, 300_900)):
        world.does(world.order(maker, side, 10, price))
    bids, asks = ask(gateway, type="l2Book", coin="PUNKS", nSigFigs=2)["levels"]
    assert bids == [{"px": "29", "sz": "0.2", "n": 2}]
    assert asks == [{"px": "31", "sz": "0.2", "n": 2}]


def test_steps_leave_significant_figures() -> None:
    """10 ** (digits - figures) * mantissa [ticks]; a tick where there are fewer digits."""
    assert [step_of(300_000, figures, None) for figures in (2, 3, 4, 5)] == [10_000, 1_000, 100, 10]
    assert [step_of(300_000, 5, mantissa) for mantissa in (1, 2, 5)] == [10, 20, 50]
    assert step_of(300_000, None, None) == 1
    assert step_of(123, 5, 5) == 1


def test_groups_keep_what_rests() -> None:
    rows = [(10, 1, 1), (9, 2, 1), (5, 4, 3)]
    assert grouped(rows, BUY, 5) == [(10, 1, 1), (5, 6, 4)]
    assert grouped(rows[::-1], SELL, 5) == [(5, 4, 3), (10, 3, 2)]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ({"nSigFigs": 1}, "nSigFigs"),
        ({"nSigFigs": 6}, "nSigFigs"),
        ({"nSigFigs": 4, "mantissa": 2}, "mantissa"),
        ({"nSigFigs": 5, "mantissa": 3}, "mantissa"),
    ],
)
def test_other_groupings_are_refused(gateway: Gateway, question: dict[str, int], text: str) -> None:
    assert text in refusal(gateway, type="l2Book", coin="PUNKS", **question)


def test_funding_is_what_the_hour_would_pay(world: World, gateway: Gateway) -> None:
    """Spec: funding.md §2: 30 samples of 2.4 % / 60 / 24 = 0.05 %, inside the cap of 0.5 %."""
    world.market(PUNKS).funding.samples = [24_000_000] * 30
    (punks,) = ask(gateway, type="metaAndAssetCtxs", dex="nft")[1]
    assert punks["funding"] == "0.0005"
    world.market(PUNKS).index.limited = 297_000
    (punks,) = ask(gateway, type="metaAndAssetCtxs", dex="nft")[1]
    assert (punks["oraclePx"], punks["premium"]) == ("29.7", "0.01010101")


def test_settled_markets_are_delisted(world: World, gateway: Gateway) -> None:
    assert "isDelisted" not in ask(gateway, type="meta")["universe"][0]
    world.market(ETH_USD).status = Status.SETTLED
    assert ask(gateway, type="meta")["universe"][0]["isDelisted"] is True

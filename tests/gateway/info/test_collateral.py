"""Collateral, sales, vaults.  A token is worth 100 ETH: LTV 50 %, LT and recovery 65 % (collateral.md)."""

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Custody, Feed, Line, Token, token_key
from floorbook.core.rules.reports import APPRAISAL, feed_key
from floorbook.core.rules.vault import EXIT_DELAY_NS
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.numbers import show
from floorbook.units import HOUR_NS
from tests.core.engine.auctioning import COLLECTION, House
from tests.core.engine.world import ETHER
from tests.gateway.info.still import ask, gateway_of, refusal

PLEDGER = b"pledger".ljust(20, b"\0")
USER = to_hex(PLEDGER)
NOBODY = "0x" + "ab" * 20


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def gateway(house: House) -> Gateway:
    return gateway_of(house)


def pledger(house: House, *tokens: int) -> int:
    account = house.open_account(PLEDGER, eth=10)
    for token in tokens:
        house.pledge(account, token)
    return account


def test_pledged_token_with_its_appraisal_and_looks(house: House, gateway: Gateway) -> None:
    """P10 100, P50 110, P90 120 ETH; CryptoPunk 7804 is one of nine aliens."""
    pledger(house, 7804)
    values = (100 * ETHER, 110 * ETHER, 120 * ETHER, house.at)
    house.state.feeds[feed_key(APPRAISAL, COLLECTION, 7804)] = Feed(values=values, sampled_to=house.at)
    found = ask(gateway, type="collateral", user=USER)
    (token,) = found["tokens"]
    assert (token["collection"], token["token"], token["custody"]) == ("PUNKS", 7804, "pledged")
    assert (token["p10"], token["p50"], token["p90"]) == ("100", "110", "120")
    assert (token["spot"], token["factor"]) == ("100", "1")
    assert (token["borrow"], token["liquidation"]) == ("100", "100")
    assert (token["loan"], token["backing"]) == ("50", "65")
    assert "Alien" in str(token["traits"]) or "alien" in str(token["traits"])
    assert 1 <= token["rarityRank"] <= 50
    assert found["totals"] == {
        "borrow": "100", "liquidation": "100", "loan": "50", "backing": "65", "recovery": "65",
    }  # fmt: skip
    assert found["units"] == []


def test_credit_says_health_and_falls(house: House, gateway: Gateway) -> None:
    """A debt of 40 against a backing of 65: health 1.625, sold when values fall to 40 / 65 of theirs."""
    account = pledger(house, 1)
    house.state.credit.lines[account] = Line(commitment=60 * ETHER)
    house.owe(account, 50 * ETHER)
    credit = ask(gateway, type="collateral", user=USER)["credit"]
    assert (credit["hasLine"], credit["commitment"], credit["debt"]) == (True, "60", "40")
    assert (credit["limit"], credit["available"], credit["health"]) == ("50", "10", "1.625")
    assert credit["saleBelow"] == "0.615384616"  # rounded up, against the debtor
    assert [fall["fall"] for fall in credit["falls"]] == ["0.1", "0.3", "0.5"]
    assert credit["falls"][1]["backing"] == "45.5"


def test_nobody_has_no_collateral(gateway: Gateway) -> None:
    found = ask(gateway, type="collateral", user=NOBODY)
    assert found["tokens"] == found["units"] == []
    assert found["totals"]["loan"] == "0"
    assert (found["credit"]["hasLine"], found["credit"]["health"]) == (False, None)


def test_preview_says_what_a_token_would_add(house: House, gateway: Gateway) -> None:
    account = pledger(house, 1)
    token = Token(COLLECTION, 2, Custody.ACCOUNT, account, 0, b"")
    house.state.tokens[token_key(COLLECTION, 2)] = token
    question = {"type": "tokenPreview", "user": USER, "collection": "PUNKS", "token": 2}
    found = ask(gateway, **question)
    assert (found["loan"], found["backing"], found["totals"]["loan"]) == ("50", "65", "100")
    token.is_flagged = True
    flagged = ask(gateway, **question)
    assert (flagged["loan"], flagged["note"]) == ("0", "flagged by a marketplace")
    assert flagged["rejection"] == "The token changed since it came, is flagged, or carries a claim."
    assert ask(gateway, **(question | {"token": 1}))["rejection"] == "It is pledged already."
    assert "not in the vault" in refusal(gateway, **(question | {"token": 3}))
    assert "PUNKS" in refusal(gateway, **(question | {"collection": "APES"}))


def test_sale_says_price_curve_and_best_bid(house: House, gateway: Gateway) -> None:
    """Spec: auctions.md §2, §3: from 120 to 100 ETH in two hours, to 70 in six; 92.5 after three."""
    house.pledger(1, debt=70)
    house.sell_up()
    house.until(3 * HOUR_NS)
    house.bid(house.bidder(), 85 * ETHER)
    (sale,) = ask(gateway, type="auctions")
    assert (sale["collection"], sale["token"], sale["amount"]) == ("PUNKS", 1, "1")
    assert (sale["price"], sale["priceInAMinute"], sale["isOpen"]) == ("92.5", "92.375", True)
    assert (sale["bestBid"], sale["bidWinsIn"]) == ("85", 3_600_000)
    assert (sale["left"], sale["elapsed"]) == (10_800_000, 10_800_000)
    assert (sale["start"], sale["par"], sale["end"]) == ("120", "100", "70")
    assert sale["curve"][0] == [0, "120"]
    assert sale["curve"][8] == [7_200_000, "100"]
    assert sale["curve"][-1] == [21_600_000, "70"]


def test_bids_stand_by_price(house: House, gateway: Gateway) -> None:
    bidder = house.open_account(PLEDGER, eth=200)
    house.bid(bidder, 50 * ETHER)
    house.bid(bidder, 60 * ETHER, token=7)
    house.bid(house.bidder(), 55 * ETHER)
    assert [bid["price"] for bid in ask(gateway, type="bids")] == ["60", "55", "50"]
    mine = ask(gateway, type="bids", user=USER)
    assert [(bid["price"], bid["token"], bid["address"]) for bid in mine] == [
        ("60", 7, USER),
        ("50", -1, USER),
    ]
    assert ask(gateway, type="bids", user=NOBODY) == []


def test_vaults_say_price_and_ones_own_part(house: House, gateway: Gateway) -> None:
    """Half of one's shares are announced to leave; the exit opens after 48 h (vaults.md §3)."""
    member = house.open_account(PLEDGER, eth=20)
    house.does(house.signed(c.EnterVault, member, vault=1, amount=10 * ETHER))
    mine = ask(gateway, type="vaults", user=USER)["vaults"][1]["mine"]
    shares = house.state.vaults[1].balances[member]
    assert (mine["shares"], mine["exit"]) == (show(shares, 9), None)
    house.does(house.signed(c.RequestExit, member, vault=1, shares=shares // 2))
    found = ask(gateway, type="vaults", user=USER)
    lending, insurance = found["vaults"]
    assert (lending["vault"], lending["cash"], lending["mine"]) == ("lending", "1000", None)
    assert (insurance["vault"], insurance["shares"], insurance["members"]) == ("insurance", mine["shares"], 1)
    exit_ = insurance["mine"]["exit"]
    assert (exit_["shares"], exit_["opens"]) == (show(shares // 2, 9), (house.at + EXIT_DELAY_NS) // 10**6)
    assert found["pool"]["claims"] == "1000"
    assert found["pool"]["utilisation"] == "0"
    assert ask(gateway, type="vaults")["vaults"][1]["mine"] is None

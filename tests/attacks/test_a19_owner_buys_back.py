"""A19: let the collateral go under the hammer, and buy it back for less than the debt with a second wallet.

Audit: V 100, debt 80: the owner's second wallet buys at 70 in hour 6 and nets 10, the fund pays; and a
permanent auction of 0.1 ETH would lock the fund for ever.  Guards: the shortfall is a claim on the owner, and
the token carries its part of it; an open auction locks only what it will cost (vaults.md §3 and §6).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core import commands as c
from floorbook.core.collateral import Token
from floorbook.core.engine import recourse
from floorbook.core.events import AuctionWon, NftShortfall
from floorbook.core.rules.vault import INSURANCE
from floorbook.core.state import State
from floorbook.units import ETH, MINUTE_NS
from tests.attacks.arena import DAY
from tests.attacks.page import Outcome
from tests.core.engine.banking import SHARE, Bank
from tests.core.engine.world import ETHER

FLOOR_AFTER = 35 * ETHER // 4  # the debt of 7 is 80 % of it
ALSO = (FLOOR_AFTER,) * 5  # everybody else's bids are gone with the floor


class BuyBack(Bank):
    """One token, 7 ETH borrowed on it and gone, and a second wallet of the same person."""

    def __init__(self) -> None:
        super().__init__()
        self.fill()
        self.wallet = self.open_account(b"second wallet", eth=50)
        self.borrows(7 * ETHER, 1)
        self.won: list[AuctionWon] = []
        self.short: list[NftShortfall] = []

    def go_on(self, hours: int) -> None:
        for _ in range(2 * hours):
            self.at += 30 * MINUTE_NS
            self.report(floor=FLOOR_AFTER, bids=ALSO, tick=False)
            events = self.does(c.Tick())
            self.won += [event for event in events if isinstance(event, AuctionWon)]
            self.short += [event for event in events if isinstance(event, NftShortfall)]

    def buy_back(self, price: int) -> None:
        """Let the floor fall, wait for the hammer at a price, and for the debt to be settled."""
        self.does(self.signed(c.PlaceBid, self.wallet, collection=0, price=price, token=1))
        for _ in range(48):
            self.go_on(1)
            if self.won:
                break
        self.go_on(1)

    def gain(self, *, takes_out: bool) -> int:
        """Return what both wallets made, the token at the floor, against having kept it without a loan."""
        if takes_out:
            self.does(self.named(c.WithdrawToken, self.wallet, 1))
        return 7 * ETHER + self.cash(self.wallet) - 50 * ETHER


def unmarked(state: State, token: Token, debtor: int, discount: int) -> None:
    """Let a token be sold without a memory."""


@cache
def bought_back(price: int, guarded: bool) -> tuple[int, int]:
    """Return (gain [atoms], what the fund paid)."""
    world = BuyBack()
    if guarded:
        world.buy_back(price)
        gain = world.gain(takes_out=True)
    else:
        with patch.object(recourse, "mark_sold", unmarked):
            world.buy_back(price)
            gain = world.gain(takes_out=True)
    (won,) = world.won
    assert won.winner == world.wallet
    return gain, world.state.vaults[INSURANCE].losses


PRICE = 62 * ETHER // 10  # 71 % of the floor
PRICES = (PRICE, 68 * ETHER // 10, 65 * ETHER // 10)


def play() -> Outcome:
    gain, paid = max(bought_back(price, True) for price in PRICES)
    return Outcome(
        attack="A19", title="buy back under another name for less than the debt",
        guard="the shortfall is a claim on owner and token", spec="vaults.md §3, §6",
        without=bought_back(PRICE, False)[0], profit=gain, insurance=-paid, honest=0, attempts=len(PRICES),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_the_tokens_memory_the_owner_wins_what_the_fund_pays(ledger: dict[str, Outcome]) -> None:
    ledger["A19"] = play()
    gain, paid = bought_back(PRICE, False)
    assert gain > 7 * ETHER // 10
    assert paid >= gain


def test_a_second_wallet_wins_nothing() -> None:
    for price in PRICES:
        gain, paid = bought_back(price, True)
        assert gain <= 0
        assert paid == 0


def test_the_token_is_no_collateral_in_the_second_wallet() -> None:
    world = BuyBack()
    world.buy_back(PRICE)
    assert world.short
    refused = world.refuses(world.named(c.PledgeToken, world.wallet, 1))
    assert refused.name == "TOKEN_FLAGGED"


def test_the_owners_own_name_may_not_bid_and_stays_barred() -> None:
    world = BuyBack()
    world.fund(world.debtor, ETH, ETHER // 100)
    world.buy_back(PRICE)
    owed = recourse.owed(world.state, world.debtor)
    assert owed > ETHER // 2
    late = world.signed(c.Withdraw, world.debtor, asset=ETH, amount=1)
    assert world.refuses(late).name == "INSUFFICIENT_BALANCE"


def test_an_honest_buyer_pays_no_more_than_his_discount_and_waits_for_free() -> None:
    world = BuyBack()
    world.buy_back(PRICE)
    (won,) = world.won
    due = recourse.due(world.state, world.token(1))
    assert 0 < due <= 7 * ETHER + ETHER // 100 - won.price
    world.wait(180 * DAY)
    before = world.cash(world.wallet)
    world.does(world.named(c.WithdrawToken, world.wallet, 1))
    assert world.cash(world.wallet) == before


def test_dust_on_sale_locks_neither_exit_nor_entry() -> None:
    world = Bank()
    world.fill()
    world.does(world.request(world.insurer, 40 * ETHER * SHARE, INSURANCE))
    world.pass_time(46 * 60, step=60)
    world.borrows(ETHER // 10, 1)
    while not world.state.auctions:
        world.pass_time(60, step=30, floor=ETHER // 8)
    world.enters(world.lender, ETHER, INSURANCE)
    world.tick()
    left = world.leaves(world.insurer, INSURANCE)
    assert left.amount >= 40 * ETHER - ETHER // 10
    assert world.state.auctions

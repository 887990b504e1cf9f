"""Row 32: make whatever is looked at in a tick grow until nobody can afford a tick (ParaSpace M-08: gas).

The attacker fills every list that there is for one of his names; and time passes.

Guards: 20 tokens and 20 instruments pledged, 20 bids, 200 orders with a line, 64 accounts and 64 agents of an
owner, 31 reporters; an average keeps a week of points, whatever time has passed (collateral.md §2, §7,
auctions.md §7, credit.md §4, authority.md §1, reports.md §1).
"""

from functools import cache

from floorbook.core import commands as c
from floorbook.core.collateral import Custody
from floorbook.core.events import Rejected
from floorbook.core.reasons import Reject
from floorbook.core.rules import collateral as rule
from tests.attacks.page import Finding
from tests.attacks.pawnshop import Pawnshop
from tests.core.engine.lending import MARK, Bank
from tests.core.engine.pledging import PUNK
from tests.core.engine.world import ETHER, PUNKS

DAY = 86_400  # [s]
MANY = 300  # attempts at each list


class Crowd(Pawnshop):
    """One name that wants more of everything."""

    def __init__(self) -> None:
        super().__init__()
        self.pass_seconds(7_200)
        self.greedy = self.open_account(b"greedy", eth=1_000)
        for number in range(30):
            self.brings(self.greedy, number, age=0)
        self.pass_seconds(1_200)

    def tries(self, *commands: c.Command) -> tuple[int, set[Reject]]:
        """Return how many commands were taken, and why the others were refused."""
        refused = {
            Reject(event.reason)
            for command in commands
            for event in self.apply(command)
            if isinstance(event, Rejected)
        }
        return len(commands), refused


def tokens_pledged() -> tuple[int, Reject | None]:
    """Pledge thirty tokens of small worth under one name."""
    shop = Crowd()
    shop.truth = 5 * ETHER
    shop.pass_seconds(DAY, step=3_600)
    last = None
    for number in range(30):
        (event,) = shop.apply(shop.named(c.PledgeToken, shop.greedy, number))
        last = Reject(event.reason) if isinstance(event, Rejected) else last
    return sum(shop.token(number).custody == Custody.PLEDGED for number in range(30)), last


def bids_placed() -> tuple[int, set[Reject]]:
    shop = Crowd()
    bids = [shop.signed(c.PlaceBid, shop.greedy, collection=PUNK, price=ETHER // 10) for _ in range(MANY)]
    _, refused = shop.tries(*bids)
    return len(shop.state.bids), refused


def accounts_opened() -> tuple[int, set[Reject]]:
    shop = Crowd()
    _, refused = shop.tries(*(shop.signed(c.OpenSubAccount, shop.greedy) for _ in range(MANY)))
    return len(shop.state.accounts_of(shop.greedy)), refused


def orders_rested() -> tuple[int, set[Reject]]:
    bank = Bank()
    pledger = bank.line(1, eth=100, commitment=10)
    bank.does(bank.operated(c.RaiseLimit, account=pledger, market=PUNKS, limit=10_000 * ETHER))
    refused = set()
    for number in range(MANY):
        (event, *_) = bank.apply(bank.order(pledger, 1, 1, MARK * 96 // 100 + number))
        refused |= {Reject(event.reason)} if isinstance(event, Rejected) else set()
    return len(bank.state.kernel.open_orders(pledger)), refused


@cache
def points_after(days: int) -> tuple[int, int]:
    """Return how many points of prices and observations a collection keeps after so many days."""
    shop = Pawnshop()
    shop.pass_seconds(days * DAY, step=3_600)
    observed = sum(len(feed.observations) for feed in shop.state.feeds.values())
    return len(shop.punks.points), observed


@cache
def play() -> Finding:
    counts = (tokens_pledged()[0], bids_placed()[0], accounts_opened()[0], orders_rested()[0])
    return Finding(
        attack="32", title="fill every list until no tick is affordable",
        guard="a greatest number for every list, whatever time has passed",
        spec="collateral.md §7, auctions.md §7, credit.md §4, authority.md §1",
        without=f"{MANY} tried of each",
        found="{} tokens, {} bids, {} accounts, {} orders; ".format(*counts)
        + f"{points_after(9)[0]} prices after 9 days, {points_after(20)[0]} after 20",
        attempts=4 * MANY, file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_twenty_tokens_back_an_account(ledger: dict[str, Finding]) -> None:
    ledger["32"] = play()
    assert tokens_pledged() == (rule.TOKENS_MAX, Reject.TOO_MANY_TOKENS)


def test_bids_accounts_and_orders_end() -> None:
    assert bids_placed() == (20, {Reject.TOO_MANY_ORDERS})
    assert accounts_opened() == (64, {Reject.TOO_MANY_ACCOUNTS})
    assert orders_rested() == (200, {Reject.TOO_MANY_ORDERS})


def test_no_list_grows_with_time() -> None:
    assert points_after(9) == points_after(20)


def test_reporters_are_at_most_thirty_one() -> None:
    shop = Crowd()
    names = tuple(b"reporter %d" % number for number in range(32))
    command = shop.operated(c.SetReporters, reporters=names, quorum=17)
    assert shop.refuses(command) == Reject.BAD_PARAMETER

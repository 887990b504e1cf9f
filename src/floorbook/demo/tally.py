"""What a run is counted by: figures from the events, and the conservation of money after every command.

A fill moves money between taker, maker and the fee account and nowhere else, so after a command that only
filled orders these three are read anew and the running total must not have moved; after any other command
that touches money, and at every tick, all accounts are read.  Amounts are atoms, sums of them ETH atoms.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from floorbook.core import events as e
from floorbook.core.invariants import conservation_errors, custody_errors
from floorbook.core.state import State
from floorbook.demo.sales import Sales
from floorbook.report import Moment
from floorbook.units import ASSETS, E12_ONE, ETH


class Tally:
    """Counters of one run."""

    def __init__(self, state: State) -> None:
        self.commands = self.fills = self.funding_payments = 0
        self.volume = 0  # [ETH atoms] at the index
        self.volume_by_market: Counter[int] = Counter()
        self.liquidated_by_market: Counter[int] = Counter()
        self.rejects: Counter[int] = Counter()
        self.liquidations: list[Moment] = []
        self.deleveraged: list[Moment] = []
        self.insurance_paid: list[Moment] = []
        self.funding: list[tuple[int, int, int]] = []  # (at, market, rate [ppb])
        self.last: dict[int, int] = {}  # market -> price of the last fill
        self.paid_in: Counter[tuple[int, int]] = Counter()  # (account, asset) -> deposits - withdrawals
        self.conservation_error = 0  # the largest |error| so far [atoms]
        self.sales = Sales(state)
        self.custody_errors = 0  # the most tokens so far that were not in exactly one custody
        self._state = state
        self._cash = Audit(state)
        self._found(self._cash.read_all())
        self._notes: dict[type, Callable[..., None]] = {
            e.OrderFilled: self._filled,
            e.Rejected: self._rejected,
            e.Funded: self._funded,
            e.FundingSettled: self._settled,
            e.LiquidationStarted: self._liquidated,
            e.Deleveraged: self._deleveraged,
            e.InsurancePaid: self._insured,
            e.Deposited: self._deposited,
            e.Withdrawn: self._withdrawn,
            e.Borrowed: self._borrowed,
            **dict.fromkeys(AUCTIONS, self.sales.note),
        }

    def note(self, events: Sequence[e.Event], *, is_tick: bool = False) -> None:
        """Count one command and its events, and check that money was conserved."""
        self.commands += 1
        is_filled, is_moved = False, is_tick
        for event in events:
            kind = type(event)
            if kind in QUIET:
                continue
            if kind is e.OrderFilled:
                is_filled = True
            elif kind is not e.Rejected:
                is_moved = True
            noted = self._notes.get(kind)
            if noted is not None:
                noted(event)
        if is_moved:
            self._found(self._cash.read_all())
        elif is_filled:
            self._found(self._cash.read(events))

    def check(self) -> None:
        """Ask the engine's own invariants of money and of tokens."""
        self._found(max(map(abs, conservation_errors(self._state))))
        self.custody_errors = max(self.custody_errors, custody_errors(self._state))

    def eth(self, asset: int, amount: int) -> int:
        """Return an amount's value now [ETH atoms], rounded down."""
        return amount * self._state.asset_prices[asset] // E12_ONE

    def _found(self, error: int) -> None:
        self.conservation_error = max(self.conservation_error, error)

    def _filled(self, event: e.OrderFilled) -> None:
        market = self._state.markets[event.market]
        self.fills += 1
        value = self.eth(market.asset, event.lots * market.index.limited * market.unit)
        self.volume += value
        self.volume_by_market[event.market] += value
        if event.liquidation:
            self.liquidated_by_market[event.market] += value
        self.last[event.market] = event.price

    def _rejected(self, event: e.Rejected) -> None:
        self.rejects[event.reason] += 1

    def _funded(self, event: e.Funded) -> None:
        self.funding_payments += 1

    def _settled(self, event: e.FundingSettled) -> None:
        self.funding.append((self._state.now, event.market, event.rate))

    def _liquidated(self, event: e.LiquidationStarted) -> None:
        self.liquidations.append(Moment(self._state.now, -1, event.account, event.equity))

    def _deleveraged(self, event: e.Deleveraged) -> None:
        value = self._at_market(event.market, event.notional)
        self.deleveraged.append(Moment(self._state.now, event.market, event.account, value))

    def _insured(self, event: e.InsurancePaid) -> None:
        value = self._at_market(event.market, event.amount)
        self.insurance_paid.append(Moment(self._state.now, event.market, event.account, value))

    def _deposited(self, event: e.Deposited) -> None:
        self.paid_in[event.account, event.asset] += event.amount

    def _withdrawn(self, event: e.Withdrawn) -> None:
        self.paid_in[event.account, event.asset] -= event.amount

    def _borrowed(self, event: e.Borrowed) -> None:
        self.paid_in[event.account, ETH] -= event.amount

    def _at_market(self, market: int, amount: int) -> int:
        return self.eth(self._state.markets[market].asset, amount)


class Audit:
    """Every account's cash less entry costs, and what it sums to beyond deposits less withdrawals."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: list[list[int]] = [[] for _ in range(ASSETS)]
        self._sums = [0] * ASSETS

    def read_all(self) -> int:
        """Read every account; return the largest |error| [atoms]."""
        quote = self._state.kernel.quote
        accounts = range(len(self._state.owner_of))
        self._known = [[quote(account, asset) for account in accounts] for asset in range(ASSETS)]
        self._sums = [sum(known) for known in self._known]
        return self._error()

    def read(self, events: Sequence[e.Event]) -> int:
        """Read the accounts that the fills name; return the largest |error| [atoms]."""
        state = self._state
        for event in events:
            if isinstance(event, e.OrderFilled):
                asset = state.markets[event.market].asset
                for account in (event.taker, event.maker, state.fees_account):
                    self._read(account, asset)
        return self._error()

    def _read(self, account: int, asset: int) -> None:
        now = self._state.kernel.quote(account, asset)
        known = self._known[asset]
        self._sums[asset] += now - known[account]
        known[account] = now

    def _error(self) -> int:
        idle = self._state.idle
        return max(abs(total - idle(asset)) for asset, total in enumerate(self._sums))


AUCTIONS = (e.AuctionStarted, e.AuctionReset, e.AuctionWon, e.AuctionEnded, e.NftShortfall)
# Events of commands that move no money.
QUIET = frozenset(
    {
        e.OrderPlaced, e.OrderCancelled, e.OrderReduced, e.TriggerPlaced, e.TriggerCancelled, e.TwapPlaced,
        e.CancelScheduled, e.AgentApproved, e.LeverageSet, e.IndexUpdated, e.MarkUpdated, e.ReportTaken,
        e.TokenDeposited, e.TokenMoved, e.CreditChanged,
    }
)  # fmt: skip

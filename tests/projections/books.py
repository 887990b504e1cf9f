"""The money that rows say an account has, and what the engine says; in memory, without a database."""

from collections import Counter

from floorbook.core.engine import Engine
from floorbook.core.state import State
from floorbook.journal import Applied
from floorbook.projections import Projector
from floorbook.projections import records as r

Cash = Counter[tuple[int, int]]  # (account, asset) -> atoms


class Rows:
    """What a projector wrote, rows that were replaced only once."""

    def __init__(self, published: list[Applied]) -> None:
        self.projector = Projector()
        self._rows: dict[tuple, object] = {}
        for applied in published:
            self.projector.apply([applied])
            for kind, rows in self.projector.take().items():
                for row in rows:
                    self._rows[kind, *key(row)] = row

    def of(self, kind: type) -> list:
        return [row for (of, *_), row in self._rows.items() if of is kind]

    def cash(self) -> Cash:
        """Cash = ledger + closed profit - fees - funding paid."""
        found: Cash = Counter()
        for entry in self.of(r.LedgerEntry):
            found[entry.account, entry.asset] += entry.amount
        for fill in self.of(r.Fill):
            found[fill.account, fill.fee_asset] += fill.closed_pnl - fill.fee
        markets = self.projector.markets
        for payment in self.of(r.FundingPayment):
            found[payment.account, markets[payment.market].asset] -= payment.payment
        return found


def key(row: object) -> tuple:
    """Return what makes a row one row."""
    if isinstance(row, r.Position):
        return row.account, row.market
    if isinstance(row, r.Candle):
        return row.market, row.minutes, row.start
    if isinstance(row, r.Minute):
        return row.market, row.start
    if isinstance(row, r.Funding):
        return row.market, row.at
    if isinstance(row, r.Order):
        return (row.number,)
    first = row.__struct_fields__[0]
    return (getattr(row, first),)


def engine_cash(state: State, account: int, asset: int) -> int:
    """Return an account's cash without what the running hour's funding has put aside."""
    accrued = sum(m.funding.accrued.get(account, 0) for m in state.markets if m.asset == asset)
    return state.kernel.cash(account, asset) - accrued


def applied_by(engine: Engine, log: list[tuple]) -> list[Applied]:
    """Return what subscribers would see of stamped commands."""
    return [Applied(seq, at, command, engine.apply(seq, at, command)) for seq, at, command in log]

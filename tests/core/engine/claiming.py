"""A world of three collections with their tokens, and the words to speak about units.

Prices are ETH as whole numbers in the words, atoms in the answers.
"""

from typing import Any

from floorbook.core import commands as c
from floorbook.core.collateral import Instrument, Token, token_key
from floorbook.core.engine import instruments
from floorbook.core.events import Event
from floorbook.core.invariants import CHECKS, state_survives_a_dump
from floorbook.core.rules.collateral import TOKEN_AGE_MIN_NS
from floorbook.units import ETH, HOUR_NS, SECOND_NS
from tests.core.engine.reporting import appoint, report_appraisal, report_index, report_share
from tests.core.engine.world import ETHER, PUNKS, World

APES, CATS, TOADS = 0, 1, 2
FLOORS = {APES: 30, CATS: 10, TOADS: 5}
SUPPLIES = {APES: 1_000, CATS: 3_000, TOADS: 6_000}  # equal sizes: 30,000 ETH each
FIRST = 7  # a token's number
WHOLE = 10**9


class Claims(World):
    """Collections, reporters, and a market of the first one."""

    def __init__(self) -> None:
        super().__init__()
        self.floors = {number: floor * ETHER for number, floor in FLOORS.items()}
        self.unit_prices: dict[int, int] = {}  # instrument -> what a whole is reported at
        self.p50s: dict[tuple[int, int], int] = {}
        self.bids: dict[int, list[int]] = {}  # collection -> bids at DEPTH_AT items, else 98 % of the floor
        self.price = 300_000  # [ticks] of the market
        self.coming = 0
        self.does(self.list_market())
        self.set_status("open")
        self.fund(self.market().fund.account, ETH, 100 * ETHER)
        appoint(self)
        for number, name in enumerate(("APES", "CATS", "TOADS")):
            self.does(
                self.operated(
                    c.ListCollection, name=name, market=PUNKS if number == APES else -1, tier="blue",
                    group=number, supply=SUPPLIES[number], unique_owners=2_000,
                )
            )  # fmt: skip
        self.tick()

    def signed(self, kind: type[Any], account: int, **fields: Any) -> Any:
        self.nonce = max(self.nonce, self.at // 10**6)
        return super().signed(kind, account, **fields)

    def operated(self, kind: type[Any], **fields: Any) -> Any:
        self.nonce = max(self.nonce, self.at // 10**6)
        return super().operated(kind, **fields)

    # ---- time ----------------------------------------------------------------------------------

    def tick(self, silent: tuple[int, ...] = ()) -> list[Event]:
        """Let everybody report, and the schedule run; silent collections are not reported."""
        for number, floor in self.floors.items():
            if number not in silent:
                report_index(self, number, floor, self.bids.get(number))
        for instrument, price in self.unit_prices.items():
            report_share(self, instrument, price)
        for (collection, token), p50 in self.p50s.items():
            report_appraisal(self, collection, token, p50 * 9 // 10, p50, p50 * 11 // 10, self.at)
        self.does(
            c.PublishVenue(
                market=PUNKS, venue=0, floor=self.price, top_bid=self.price, sequence=self.at,
                observed=self.at,
            )
        )  # fmt: skip
        events = self.does(c.Tick())
        self.check()
        return events

    def run(self, hours: int, step_h: int = 1, silent: tuple[int, ...] = ()) -> list[Event]:
        events: list[Event] = []
        for _ in range(0, hours, step_h):
            self.at += step_h * HOUR_NS
            events += self.tick(silent)
        return events

    def settle(self) -> None:
        """Let the limited values arrive at the reported ones: a week and more of hourly reports."""
        self.run(8 * 24, 4)

    def pass_seconds(self, seconds: int) -> None:
        self.at += seconds * SECOND_NS

    def check(self) -> None:
        checks = [check for check in CHECKS if check is not state_survives_a_dump]
        assert [check.__doc__ for check in checks if not check(self.state)] == []

    # ---- tokens and units ----------------------------------------------------------------------

    def token(self, collection: int, number: int) -> Token:
        return self.state.tokens[token_key(collection, number)]

    def bring(self, account: int, collection: int, *numbers: int) -> tuple[tuple[int, int], ...]:
        """Deposit tokens for an account and let them come of age."""
        for number in numbers:
            self.coming += 1
            self.does(
                c.DepositToken(
                    account=account, collection=collection, token=number, reference=b"t%d" % self.coming
                )
            )
        self.at += TOKEN_AGE_MIN_NS
        return tuple((collection, number) for number in numbers)

    def split(self, account: int, collection: int, number: int, supply: int = WHOLE) -> int:
        """Bring a token, fractionalise it, let it be appraised at its floor; return the instrument."""
        self.bring(account, collection, number)
        self.does(self.signed(c.Fractionalise, account, collection=collection, token=number, supply=supply))
        self.p50s[collection, number] = self.floors[collection]
        self.tick()
        return len(self.state.instruments) - 1

    def open_fund(self, weight_max: int = 400_000_000) -> int:
        self.does(
            self.operated(c.ListFund, name="BLUE", collections=(APES, CATS, TOADS), weight_max=weight_max)
        )
        return len(self.state.instruments) - 1

    def units(self, instrument: int, account: int) -> int:
        return self.instrument(instrument).balances.get(account, 0)

    def instrument(self, number: int) -> Instrument:
        return self.state.instruments[number]

    def give(self, account: int, to: int, instrument: int, amount: int) -> None:
        self.does(self.signed(c.TransferUnits, account, to=to, instrument=instrument, amount=amount))

    def worth(self, instrument: int, amount: int) -> Any:
        return instruments.units_worth(self.state, instrument, amount)

    def cash(self, account: int) -> int:
        return int(self.state.kernel.cash(account, ETH))

"""The faucet: play money for whoever comes, once for each address, and not without end.

    to each address      20 ETH, 20,000 USDC, three tokens of the first collection that nobody else has
    at most              PER_HOUR_MAX addresses an hour, GIFTS_MAX in all

What was given is read from the journal's references, so nobody is given twice after a restart either.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from random import Random

from floorbook.core.collateral import token_key
from floorbook.core.commands import AnyCommand, Deposit, DepositToken, OpenAccount
from floorbook.core.events import Rejected
from floorbook.core.reasons import Reject
from floorbook.core.state import State
from floorbook.gateway.exchange import Exchange
from floorbook.units import ASSET_NAMES, ETH, HOUR_NS, USDC

MONEY = ((ETH, 20 * 10**9), (USDC, 20_000 * 10**6))
TOKENS = 3
PER_HOUR_MAX = 200
GIFTS_MAX = 2_000
REFERENCE = b"faucet "


class Faucet:
    """Gives once to an address; `spoken_for` are the token numbers that bots may bring."""

    def __init__(
        self,
        exchange: Exchange,
        spoken_for: tuple[int, ...] = (),
        seed: int = 1,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._exchange = exchange
        self._state: State = exchange.state
        self._clock = clock
        self._recent: deque[int] = deque()  # when it gave, of the last hour [ns]
        self._given = sum(reference.startswith(_reference(ETH, b"")) for reference in self._state.references)
        kept = frozenset(spoken_for)
        supply = exchange.state.collections[0].supply if exchange.state.collections else 0
        numbers = [number for number in range(supply) if number not in kept]
        Random(f"{seed}/faucet").shuffle(numbers)
        self._numbers = iter(numbers)

    async def give(self, owner: bytes) -> str:
        """Give an address its share and return "" once it is durable, or why there is none."""
        if reason := self.refusal(owner):
            return reason
        self._recent.append(self._clock())
        self._given += 1
        refused = self._pour(owner)
        await self._exchange.settled()
        return refused

    def refusal(self, owner: bytes) -> str:
        """Return why an address is given nothing; empty: it would be."""
        while self._recent and self._recent[0] <= self._clock() - HOUR_NS:
            self._recent.popleft()
        if _reference(ETH, owner) in self._state.references:
            return "The faucet gives once to an address, and has given to this one."
        if self._given >= GIFTS_MAX:
            return f"The faucet is empty: it has given to {GIFTS_MAX:,} addresses."
        if len(self._recent) >= PER_HOUR_MAX:
            return f"The faucet gives to {PER_HOUR_MAX} addresses an hour; come back later."
        return ""

    def _pour(self, owner: bytes) -> str:
        """Open the account, if there is none, and give; return what the exchange refused."""
        refused = "" if owner in self._state.owners else self._say(OpenAccount(owner=owner))
        if refused:
            return refused
        account = self._state.owners[owner].accounts[0]
        return next(filter(None, map(self._say, self._gifts(account, owner))), "")

    def _gifts(self, account: int, owner: bytes) -> Iterator[AnyCommand]:
        for asset, amount in MONEY:
            yield Deposit(account=account, asset=asset, amount=amount, reference=_reference(asset, owner))
        for token in islice(self._unused(), TOKENS if self._state.collections else 0):
            yield DepositToken(account=account, collection=0, token=token, reference=_token_reference(token))

    def _unused(self) -> Iterator[int]:
        """Yield numbers that nobody has brought and the faucet has not given."""
        state = self._state
        return (
            number
            for number in self._numbers
            if token_key(0, number) not in state.tokens and _token_reference(number) not in state.references
        )

    def _say(self, command: AnyCommand) -> str:
        """Submit a command; return why it was refused, empty: it was not."""
        for event in self._exchange.say(command):
            if isinstance(event, Rejected):
                return f"The faucet's gift was refused: {Reject(event.reason).name}."
        return ""


def _reference(asset: int, owner: bytes) -> bytes:
    return REFERENCE + ASSET_NAMES[asset].encode() + b" " + owner


def _token_reference(token: int) -> bytes:
    return REFERENCE + b"token %d" % token

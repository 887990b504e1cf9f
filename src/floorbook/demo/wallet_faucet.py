"""The faucet of a demo with a chain: test money and tokens into the visitor's own wallet.

Once for each address and not without end, as demo/faucet.py says; the visitor brings them to the exchange
from there.  DIR/chain/faucet.jsonl remembers who was given what.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from random import Random

import msgspec

from floorbook.core.collateral import token_key
from floorbook.core.state import State
from floorbook.demo.bank import Bank
from floorbook.demo.faucet import GIFTS_MAX, PER_HOUR_MAX, TOKENS
from floorbook.errors import ChainError
from floorbook.units import HOUR_NS

WEI, USDC_ATOMS = 20 * 10**18, 20_000 * 10**6
FILE = "faucet.jsonl"


class Gift(msgspec.Struct, frozen=True):
    """What an address was given."""

    owner: str
    tokens: tuple[int, ...]


class WalletFaucet:
    """Gives once to an address; `spoken_for` are the token numbers that bots may bring."""

    def __init__(
        self,
        bank: Bank,
        state: State,
        file: Path,
        spoken_for: tuple[int, ...] = (),
        seed: int = 1,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._bank, self._state, self._file, self._clock = bank, state, file, clock
        self._recent: deque[int] = deque()  # when it gave, of the last hour [ns]
        given = _read(file)
        self._given = {gift.owner for gift in given}
        kept = {*spoken_for, *(token for gift in given for token in gift.tokens)}
        supply = state.collections[0].supply if state.collections else 0
        numbers = [number for number in range(supply) if number not in kept]
        Random(f"{seed}/faucet").shuffle(numbers)
        self._numbers = iter(numbers)

    async def give(self, owner: bytes) -> str:
        """Give a wallet its share and return "" once it is there, or why there is none."""
        if reason := self.refusal(owner):
            return reason
        tokens = tuple(islice(self._unused(), TOKENS))
        self._note(Gift(owner.hex(), tokens))
        try:
            await self._bank.give(owner, WEI, USDC_ATOMS, tokens)
        except ChainError as fault:
            self._given.discard(owner.hex())
            return f"The faucet's chain does not answer: {fault}"
        return ""

    def refusal(self, owner: bytes) -> str:
        """Return why an address is given nothing; empty: it would be."""
        while self._recent and self._recent[0] <= self._clock() - HOUR_NS:
            self._recent.popleft()
        if owner.hex() in self._given:
            return "The faucet gives once to an address, and has given to this one."
        if len(self._given) >= GIFTS_MAX:
            return f"The faucet is empty: it has given to {GIFTS_MAX:,} addresses."
        if len(self._recent) >= PER_HOUR_MAX:
            return f"The faucet gives to {PER_HOUR_MAX} addresses an hour; come back later."
        return ""

    def _note(self, gift: Gift) -> None:
        """Remember a gift before it is made: who asks twice at once is given once."""
        self._given.add(gift.owner)
        self._recent.append(self._clock())
        with self._file.open("ab") as lines:
            lines.write(msgspec.json.encode(gift) + b"\n")

    def _unused(self) -> Iterator[int]:
        """Return numbers that nobody has brought and the faucet has not given."""
        return filter(lambda number: token_key(0, number) not in self._state.tokens, self._numbers)


def _read(file: Path) -> list[Gift]:
    try:
        return [msgspec.json.decode(line, type=Gift) for line in file.read_bytes().splitlines()]
    except FileNotFoundError:
        return []

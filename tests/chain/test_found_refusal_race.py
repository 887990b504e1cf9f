"""Found: who empties an account when a demand is read, and fills it before a batch, could freeze all.

The exchange had nothing to pay, and then no leaf to show why not: past the deadline anybody may freeze.  The
attacker here guesses every reading of his demand and fills the account at the first chance after it.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from floorbook.chain.anvil import Anvil
from floorbook.core import commands as c
from floorbook.core.events import Event
from floorbook.core.settlement import MONEY, TOKEN
from floorbook.units import ETH
from tests.chain.bridge import ETHER, Side, run
from tests.chain.test_forced import PENDING, REFUSED, SERVED, _answered, _request, _status

PUNK = 9
VALUE = 5 * ETHER


class Attacker:
    """Moves what is demanded between two own accounts."""

    def __init__(self, side: Side, kind: int, patch: pytest.MonkeyPatch) -> None:
        self.side, self.kind = side, kind
        side.deposit(side.whale, eth=VALUE, token=PUNK)
        self.say: Callable[..., Sequence[Event]] = side.exchange.say
        patch.setattr(side.exchange, "say", self.spy)

    def open(self) -> None:
        self.main = self.side.account(self.side.whale)
        self.side._signed(c.OpenSubAccount, self.side.whale)
        self.other = self.side.state.owners[self.side.whale.address].accounts[1]

    def spy(self, command: c.AnyCommand, at: int | None = None) -> Sequence[Event]:
        """Empty the account before the demand is read, fill it in the loop's next turn."""
        if not isinstance(command, c.ForceExit):
            return self.say(command, at)
        self.move(self.main, self.other)
        events = self.say(command, at)
        asyncio.get_running_loop().call_soon(self.move, self.other, self.main)
        return events

    def move(self, source: int, target: int) -> None:
        me, nonce = self.side.whale.address, self.side._fresh()
        if self.kind == MONEY:
            moved: c.AnyCommand = c.Transfer(
                account=source, signer=me, nonce=nonce, to=target, asset=ETH, amount=VALUE
            )
        else:
            moved = c.TransferToken(
                account=source, signer=me, nonce=nonce, to=target, collection=0, token=PUNK
            )
        self.say(moved)


@pytest.mark.parametrize(("kind", "what", "value"), [(MONEY, ETH, VALUE), (TOKEN, 0, PUNK)])
def test_every_demand_has_an_answer_in_time(
    chain: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: int, what: int, value: int
) -> None:
    async def story(side: Side) -> None:
        attacker = Attacker(side, kind, monkeypatch)
        await side.settle()
        attacker.open()
        _request(side, side.whale, attacker.main, kind, what, value)
        for _ in range(3):
            if _status(side) == PENDING:
                await _answered(side)
        assert _status(side) in (SERVED, REFUSED), "else anybody may freeze the exchange"

    run(chain.url, tmp_path, story)

"""Hands on the real engine: a clock, nonces, and the words to speak to it."""

from collections.abc import Sequence
from typing import Any

from floorbook.core import commands as c
from floorbook.core.engine import Engine
from floorbook.core.events import AccountOpened, Event, Rejected
from floorbook.core.reasons import Reject
from floorbook.core.state import State
from floorbook.units import ETH, SECOND_NS

OPERATOR = b"operator"
MS_NS = 10**6


class Refused(Exception):
    """The engine refused what a comparison cannot do without; the message names command and reason."""


class Driver:
    """An exchange of its own, driven by commands like any other."""

    def __init__(self, start: int) -> None:
        self.engine = Engine()
        self.at = start
        self._nonce = start // MS_NS
        self._references = 0
        self.does(c.Genesis(operator=OPERATOR, seed=b"comparison"))

    @property
    def state(self) -> State:
        """Return the engine's state, to read."""
        return self.engine.state

    def asks(self, command: c.AnyCommand) -> list[Event]:
        """Apply a command that may be refused."""
        return self.engine.apply(self.state.seq + 1, self.at, command)

    def does(self, command: c.AnyCommand) -> list[Event]:
        """Apply a command that must pass; raises Refused."""
        events = self.asks(command)
        for event in events:
            if isinstance(event, Rejected):
                raise Refused(f"{type(command).__name__}: {Reject(event.reason).name}")
        return events

    def signed(self, kind: type[Any], account: int, **fields: Any) -> Any:
        """Return a command of the account's owner with a fresh nonce."""
        return kind(account=account, signer=self.state.owner_of[account], nonce=self._next(), **fields)

    def operated(self, kind: type[Any], **fields: Any) -> Any:
        """Return a command of the operator with a fresh nonce."""
        return kind(signer=OPERATOR, nonce=self._next(), **fields)

    def tick(self, at: int) -> list[Event]:
        """Go to a time and run the schedule; what it refuses are orders that had waited for it."""
        self.at = at
        return self.asks(c.Tick())

    def open(self, owner: bytes, amount: int = 0) -> int:
        """Open an account with some money [ETH atoms]."""
        (opened,) = self.does(c.OpenAccount(owner=owner))
        assert isinstance(opened, AccountOpened)
        self.pay_in(opened.account, amount)
        return opened.account

    def pay_in(self, account: int, amount: int) -> None:
        """Deposit ETH atoms."""
        if amount > 0:
            self._references += 1
            reference = b"%d" % self._references
            self.does(c.Deposit(account=account, asset=ETH, amount=amount, reference=reference))

    def _next(self) -> int:
        # A signer's nonces are milliseconds that rise; the clock of a comparison stands still in between.
        self._nonce = max(self._nonce + 1, self.at // MS_NS)
        return self._nonce


def of_kind(events: Sequence[Event], kind: type[Any]) -> list[Any]:
    """Return the events of a kind."""
    return [event for event in events if isinstance(event, kind)]


assert MS_NS * 1_000 == SECOND_NS

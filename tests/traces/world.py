"""An exchange under test: one engine, its clock, its signers, and every command it was given.

Shared by the traces and by the stateful tests.  Every command is followed by all invariants.
"""

from itertools import count

from floorbook.core.commands import AnyCommand, Genesis, Tick, decode, encode
from floorbook.core.engine.engine import Engine
from floorbook.core.events import Event, Rejected
from floorbook.core.invariants import CHECKS, state_survives_a_dump
from floorbook.core.reasons import Reject
from floorbook.core.state import State

START = 1_614_556_800 * 10**9  # [ns] 2021-03-01, midnight UTC
OPERATOR = b"operator"


class World:
    """Gives commands to an engine and remembers them all.

    `dump_every`: after so many commands the state must survive its dump, the one slow invariant.
    """

    def __init__(self, dump_every: int = 1) -> None:
        self.engine = Engine()
        self.dump_every = dump_every
        self.now = START
        self.log: list[tuple[int, int, AnyCommand]] = []
        self._numbers = count(1)  # of reports and deposits
        self._nonce = 0
        self._before = self._untouchable()

    @property
    def state(self) -> State:
        return self.engine.state

    def apply(self, command: AnyCommand) -> list[Event]:
        """Execute the command now, as it would come from a journal, and check every invariant."""
        seq = len(self.log) + 1
        stamped = (seq, self.now, decode(encode(command)))
        self.log.append(stamped)
        events = self.engine.apply(*stamped)
        before, self._before = self._before, self._untouchable()
        assert self.broken() == [], command
        if only_reason(events) and not isinstance(command, Tick):
            assert self._before == before, command
        return events

    def broken(self) -> list[str]:
        """Return the sentences of the invariants that do not hold."""
        is_due = len(self.log) % self.dump_every == 0
        checks = [check for check in CHECKS if is_due or check is not state_survives_a_dump]
        return [check.__doc__ or check.__name__ for check in checks if not check(self.state)]

    def genesis(self) -> list[Event]:
        return self.apply(Genesis(operator=OPERATOR, seed=b"trace"))

    def nonce(self) -> int:
        """Return a nonce [ms] that no signer has used."""
        self._nonce = max(self._nonce + 1, self.now // 10**6)
        return self._nonce

    def number(self) -> int:
        """Return a number larger than all before, for reports and deposits."""
        return next(self._numbers)

    def insurance(self, market: int) -> int:
        """Return the account of a market's insurance fund."""
        return self.state.markets[market].fund.account

    def assert_it_replays(self) -> None:
        """The same commands give the same state, and so does a dump in between."""
        assert self.replayed(len(self.log)).state_hash() == self.engine.state_hash()
        assert self.replayed(len(self.log) // 2).state_hash() == self.engine.state_hash()

    def replayed(self, handover: int) -> Engine:
        """Return an engine that got the first commands, handed its dump to another, which got the rest."""
        first, second = Engine(), Engine()
        for stamped in self.log[:handover]:
            first.apply(*stamped)
        second.load(first.dump())
        for stamped in self.log[handover:]:
            second.apply(*stamped)
        return second

    def _untouchable(self) -> bytes:
        """Return what a refused command must leave as it was: all but sequence, time and nonces."""
        state = self.state
        kept = state.seq, state.now, state.nonces
        state.seq, state.now, state.nonces = 0, 0, {}
        dump = state.dump()
        state.seq, state.now, state.nonces = kept
        return dump


def only_reason(events: list[Event]) -> Reject | None:
    """Return why a command was refused, None if it was not."""
    if len(events) == 1 and isinstance(events[0], Rejected):
        return Reject(events[0].reason)
    return None

"""A bank of counters: the smallest machine that notices a lost, repeated, reordered or changed command."""

from collections.abc import Sequence
from hashlib import sha256
from random import Random
from struct import Struct

import msgspec

ROW = Struct("<qq32x")  # account, amount
ANSWER = Struct("<q")


class Deposit(msgspec.Struct, frozen=True, tag=True, array_like=True):
    account: int
    amount: int


class Rename(msgspec.Struct, frozen=True, tag=True, array_like=True):
    name: str


class Deposited(msgspec.Struct, frozen=True):
    account: int
    balance: int


class Rejected(msgspec.Struct, frozen=True):
    reason: str


Command = Deposit | Rename
Event = Deposited | Rejected


class BankCodec:
    def __init__(self) -> None:
        self.encode = msgspec.msgpack.Encoder().encode
        self.decode = msgspec.msgpack.Decoder(Command).decode


class Bank:
    """Balances, and a running mix of everything applied: order and time count, not only sums."""

    def __init__(self) -> None:
        self.balances: dict[int, int] = {}
        self.name = ""
        self.seq = 0
        self.mix = 0

    def apply(self, seq: int, at: int, command: Command) -> Sequence[Event]:
        assert seq == self.seq + 1
        self.seq = seq
        self.mix = (self.mix * 1_000_003 + at + 1) % 2**61
        if isinstance(command, Rename):
            self.name = command.name
            return ()
        if command.amount == 0:
            return (Rejected("AMOUNT_NOT_POSITIVE"),)
        return (Deposited(command.account, self._deposit(command.account, command.amount)),)

    def apply_batch(self, seq: int, at: int, rows: bytes) -> bytes:
        assert seq == self.seq + 1
        self.seq += len(rows) // ROW.size
        self.mix = (self.mix * 1_000_003 + at + 2) % 2**61
        return b"".join(ANSWER.pack(self._deposit(*row)) for row in ROW.iter_unpack(rows))

    def state_hash(self) -> bytes:
        return sha256(self.dump()).digest()

    def dump(self) -> bytes:
        return msgspec.msgpack.encode((self.seq, self.mix, self.name, sorted(self.balances.items())))

    def load(self, snapshot: bytes) -> None:
        kind = tuple[int, int, str, list[tuple[int, int]]]
        self.seq, self.mix, self.name, balances = msgspec.msgpack.decode(snapshot, type=kind)
        self.balances = dict(balances)

    def _deposit(self, account: int, amount: int) -> int:
        balance = self.balances.get(account, 0) + amount
        self.balances[account] = balance
        return balance


def command_of(seq: int) -> Command:
    """The command number `seq` of the one script every crash test plays."""
    dice = Random(seq)
    if dice.random() < 0.1:
        return Rename("x" * dice.randrange(60))
    return Deposit(dice.randrange(16), dice.randrange(-5, 6))


def time_of(seq: int) -> int:
    return 1_000_000 * seq


def bank_after(seq: int) -> Bank:
    """The bank after the first `seq` commands of the script: no journal, no sequencer."""
    bank = Bank()
    for number in range(1, seq + 1):
        bank.apply(number, time_of(number), command_of(number))
    return bank


def rows_of(count: int, seed: int = 0) -> bytes:
    dice = Random(seed)
    return b"".join(ROW.pack(dice.randrange(16), dice.randrange(-5, 6)) for _ in range(count))

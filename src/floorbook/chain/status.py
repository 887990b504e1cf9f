"""Where the adapter stands, in numbers and in one sentence that a visitor understands.

    phase       meaning                                                  what still goes on
    STARTING    nothing was read yet                                     -
    RUNNING     deposits are credited, batches posted, payouts paid      everything
    BEHIND      blocks of the past are still being read                  everything but batches
    COSTLY      the chain asks more for gas than the cap                 deposits
    RPC_DOWN    the node does not answer                                 the exchange itself
    HALTED      the chain contradicts what the exchange has credited     the exchange itself

Nothing here decides anything: the adapter writes it, the gateway shows it.  Spec: docs/spec/chain.md §6
"""

from enum import StrEnum

import msgspec


class Phase(StrEnum):
    """What the adapter is doing."""

    STARTING = "starting"
    RUNNING = "running"
    BEHIND = "behind"
    COSTLY = "costly"
    RPC_DOWN = "rpc down"
    HALTED = "halted"


class Status(msgspec.Struct, kw_only=True):
    """The adapter at this moment; blocks and sequences count from 0, gas in wei."""

    phase: Phase = Phase.STARTING
    head: int = 0  # the newest block that the node knows
    confirmed: int = 0  # the last block whose logs were taken over
    credited: int = 0  # deposits, by the vault's sequence
    posted: int = 0  # number of the newest batch on chain
    final: int = 0  # number of the newest batch that counts; 0: none since the start
    waiting: int = 0  # payouts that the chain has not confirmed
    in_flight: int = 0  # of our transactions
    requests: int = 0  # forced exits without an answer on chain
    gas_spent_wei: int = 0  # since the start
    relayed: int = 0  # reports that the oracle's contract has taken from us
    relay_gas_wei: int = 0  # of gas_spent_wei
    fault: str = ""  # why it is not running now
    skipped: dict[int, str] = {}  # payout -> why the chain does not take it now
    last_error: str = ""  # the last fault, also if it has passed


def sentence(status: Status) -> str:
    """Return in one sentence how the bridge to the chain is doing."""
    match status.phase:
        case Phase.STARTING:
            return "Connecting to the chain."
        case Phase.BEHIND:
            return f"Reading block {status.confirmed:,} of {status.head:,}; deposits arrive in their order."
        case Phase.COSTLY:
            return f"Waiting for cheaper gas: {status.fault}. Withdrawals are kept and paid later."
        case Phase.RPC_DOWN:
            return f"The chain's node does not answer ({status.fault}). Nothing is lost; trying again."
        case Phase.HALTED:
            return f"Stopped crediting: {status.fault}."
        case Phase.RUNNING:
            return f"In step with the chain at block {status.confirmed:,}."

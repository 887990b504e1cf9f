"""A wallet: signs, numbers, prices and repeats transactions.

    payload = 0x02 | rlp(chain, nonce, tip, fee_max, gas, to, value, data, access list, y, r, s)

The wallet counts its nonces by itself and sends many transactions in one POST: after the first question no
transaction waits for an answer.  What is not included in time is sent again at a higher fee, never beyond
the cap.  Amounts in wei, fees in wei a gas.
Spec: EIP-1559, EIP-2718
"""

import importlib
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from floorbook.chain.abi import explain
from floorbook.chain.rpc import (
    AsyncRpc,
    Receipt,
    Request,
    Rpc,
    integer,
    outcomes_flow,
    receipts_flow,
    request,
    requests,
    word,
)
from floorbook.errors import ChainError, FeesTooHigh, RpcRefused, TransactionFailed
from floorbook.pricing.eip712 import ORDER, SIGNATURE_BYTES, V_FIRST, Key, keccak256
from floorbook.sdk.flow import Flow, Pause, operation

T = TypeVar("T")

GWEI = 10**9
FEE_MAX = 500 * GWEI  # the cap, where nothing else is said
TIP = GWEI
GAS_SPARE = (12, 10)  # an estimate holds for the state of now
RAISE = (9, 8)  # nodes replace a transaction from 10 % more on
POLL_S = 0.1
WAIT_S = 120
STUCK_S = 30  # after which a transaction is sent again at a higher fee
TYPE_2 = b"\x02"
assert SIGNATURE_BYTES == 65


class Call(NamedTuple):
    """What a transaction does; gas 0 is estimated, an empty `to` creates a contract."""

    to: bytes
    data: bytes = b""
    value: int = 0
    gas: int = 0


class Fees(NamedTuple):
    """What a gas costs at most, and the part of it that is the block builder's."""

    fee_max: int
    tip: int


class Sent:
    """A transaction on its way; each time it was sent at a higher fee gave it another hash."""

    def __init__(self, nonce: int, call: Call, fees: Fees, hash_: bytes) -> None:
        self.nonce, self.call, self.fees = nonce, call, fees
        self.hashes = [hash_]

    @property
    def hash(self) -> bytes:
        """The newest hash."""
        return self.hashes[-1]


class Sending:
    """What a wallet does, without the doing."""

    def __init__(self, key: Key, chain_id: int = 0, fee_max: int = FEE_MAX) -> None:
        """Make the wallet of a key; a chain of 0 is asked for, `fee_max` is the cap."""
        self.address = key.address
        self.fee_max = fee_max
        self._key = key
        self._chain_id = chain_id
        self._nonce: int | None = None  # of the next transaction; None: the node is asked

    def forget(self) -> None:
        """Ask the node for the next nonce: after a fault nobody knows what it took."""
        self._nonce = None

    @operation
    def next_nonce(self) -> Flow[int]:
        """Return the nonce that the next transaction gets."""
        if self._nonce is None:
            self._nonce = integer(
                (yield from request("eth_getTransactionCount", word(self.address), "pending"))
            )
        return self._nonce

    @operation
    def send(self, call: Call) -> Flow[Sent]:
        """Send one transaction; raises RpcUnavailable, RpcRefused, FeesTooHigh."""
        (sent,) = yield from self.send_flow([call])
        return sent

    @operation
    def send_many(self, calls: Sequence[Call]) -> Flow[list[Sent]]:
        """Send transactions in order, in as few POSTs as possible; raises as `send` does.

        After an error the first ones may be on their way.
        """
        return (yield from self.send_flow(calls))

    @operation
    def wait(
        self, sent: Sequence[Sent], wait_s: float = WAIT_S, stuck_s: float = STUCK_S
    ) -> Flow[list[Receipt]]:
        """Return the receipts once all are included; raises TransactionFailed."""
        return (yield from self.wait_flow(sent, wait_s, stuck_s))

    @operation
    def transact(self, *calls: Call) -> Flow[list[Receipt]]:
        """Send transactions and wait until all are included; raises as `send` and `wait` do."""
        sent = yield from self.send_flow(calls)
        return (yield from self.wait_flow(sent, WAIT_S, STUCK_S))

    # ---- flows -----------------------------------------------------------------------------------

    def send_flow(self, calls: Sequence[Call]) -> Flow[list[Sent]]:
        """Price, number, sign and send."""
        fees, estimates = yield from self._prepare(calls)
        nonce = self._nonce
        assert nonce is not None
        priced = [call._replace(gas=call.gas or estimates.pop(0)) for call in calls]
        signed = [self.sign(nonce + place, call, fees) for place, call in enumerate(priced)]
        self._nonce = None  # until the node has said that it took them
        outcomes = yield from outcomes_flow(_submissions(signed))
        for outcome in outcomes:
            if isinstance(outcome, RpcRefused):
                raise _explained(outcome)
        self._nonce = nonce + len(calls)
        return [
            Sent(nonce + place, call, fees, keccak256(raw))
            for place, (call, raw) in enumerate(zip(priced, signed, strict=True))
        ]

    def _prepare(self, calls: Sequence[Call]) -> Flow[tuple[Fees, list[int]]]:
        """Ask everything that is not known in one POST: fees, nonce, chain, gas."""
        asked: list[Request] = [("eth_getBlockByNumber", ("latest", False))]
        if self._nonce is None:
            asked.append(("eth_getTransactionCount", (word(self.address), "pending")))
        if not self._chain_id:
            asked.append(("eth_chainId", ()))
        asked += [("eth_estimateGas", (self._estimate(call),)) for call in calls if not call.gas]
        try:
            block, *rest = yield from requests(asked)
        except RpcRefused as refused:
            raise _explained(refused) from refused
        fees = self.fees(integer(block.get("baseFeePerGas") or "0x0"))
        if self._nonce is None:
            self._nonce = integer(rest.pop(0))
        if not self._chain_id:
            self._chain_id = integer(rest.pop(0))
        return fees, [integer(gas) * GAS_SPARE[0] // GAS_SPARE[1] for gas in rest]

    def wait_flow(self, sent: Sequence[Sent], wait_s: float, stuck_s: float) -> Flow[list[Receipt]]:
        """Look for receipts until all are there; send again what is stuck."""
        found: dict[int, Receipt] = {}
        begun = raised = time.monotonic()
        while True:
            open_ = [each for each in sent if each.nonce not in found]
            hashes = [(each.nonce, hash_) for each in open_ for hash_ in each.hashes]
            receipts = yield from receipts_flow([hash_ for _, hash_ in hashes])
            found |= {nonce: got for (nonce, _), got in zip(hashes, receipts, strict=True) if got}
            if len(found) == len(sent):
                return [_done(found[each.nonce]) for each in sent]
            now = time.monotonic()
            if now - begun > wait_s:
                raise TransactionFailed(
                    f"{len(sent) - len(found)} transactions were not included in {wait_s:g} s"
                )
            if now - raised > stuck_s:
                raised = now
                yield from self.replace_flow([each for each in sent if each.nonce not in found])
            yield Pause(POLL_S)

    def replace_flow(self, stuck: Sequence[Sent]) -> Flow[None]:
        """Send again at a higher fee, below the cap; a refusal means that it was included meanwhile."""
        raised = [(each, self.raised(each.fees)) for each in stuck]
        again = [(each, fees, self.sign(each.nonce, each.call, fees)) for each, fees in raised if fees]
        yield from outcomes_flow(_submissions([raw for _, _, raw in again]))
        for each, fees, raw in again:
            each.fees = fees
            each.hashes.append(keccak256(raw))

    # ---- arithmetic ------------------------------------------------------------------------------

    def fees(self, base_fee: int) -> Fees:
        """Return what to offer at a base fee: room for it to double, within the cap; raises FeesTooHigh."""
        if base_fee + TIP > self.fee_max:
            told = f"gas costs {(base_fee + TIP) / GWEI:g} gwei, the cap is {self.fee_max / GWEI:g}"
            raise FeesTooHigh(f"{told}; nothing is sent until it falls")
        return Fees(min(2 * base_fee + TIP, self.fee_max), TIP)

    def raised(self, fees: Fees) -> Fees | None:
        """Return higher fees; None where the cap does not allow them."""
        fee_max, tip = (-(-fee * RAISE[0] // RAISE[1]) for fee in fees)
        return Fees(fee_max, tip) if fee_max <= self.fee_max else None

    def sign(self, nonce: int, call: Call, fees: Fees) -> bytes:
        """Return the signed transaction, as `eth_sendRawTransaction` takes it."""
        fields = [
            self._chain_id, nonce, fees.tip, fees.fee_max, call.gas, call.to, call.value, call.data, [],
        ]  # fmt: skip
        signature = self._key.sign(keccak256(TYPE_2 + _rlp(fields)))
        r, s, v = signature[:32], signature[32:64], signature[64]
        assert int.from_bytes(s) <= ORDER // 2
        return TYPE_2 + _rlp([*fields, v - V_FIRST, int.from_bytes(r), int.from_bytes(s)])

    def _estimate(self, call: Call) -> dict[str, str]:
        asked = {"from": word(self.address), "data": word(call.data), "value": hex(call.value)}
        return asked | ({"to": word(call.to)} if call.to else {})


class Wallet(Sending):
    """A wallet on a blocking connection."""

    def __init__(self, key: Key, rpc: Rpc, chain_id: int = 0, fee_max: int = FEE_MAX) -> None:
        super().__init__(key, chain_id, fee_max)
        self.rpc = rpc

    def run(self, flow: Flow[T]) -> T:
        """Run a flow on the wallet's node."""
        return self.rpc.run(flow)


class AsyncWallet(Sending):
    """A wallet on an event loop; one task at a time sends."""

    def __init__(self, key: Key, rpc: AsyncRpc, chain_id: int = 0, fee_max: int = FEE_MAX) -> None:
        super().__init__(key, chain_id, fee_max)
        self.rpc = rpc

    def run_async(self, flow: Flow[T]) -> Coroutine[Any, Any, T]:
        """Run a flow on the wallet's node."""
        return self.rpc.run_async(flow)


def created(sender: bytes, nonce: int) -> bytes:
    """Return the address of the contract that a sender's transaction of this nonce creates."""
    return keccak256(_rlp([sender, nonce]))[-len(sender) :]


def trial(call: Call, sender: bytes) -> Request:
    """Return the request that tries a transaction without sending it: refused where that would revert."""
    asked = {"from": word(sender), "to": word(call.to), "data": word(call.data), "value": hex(call.value)}
    return "eth_call", (asked | ({"gas": hex(call.gas)} if call.gas else {}), "latest")


def _submissions(signed: Sequence[bytes]) -> list[Request]:
    return [("eth_sendRawTransaction", (word(raw),)) for raw in signed]


def _done(receipt: Receipt) -> Receipt:
    if not receipt.is_done:
        raise TransactionFailed(f"the transaction {word(receipt.transaction)} reverted")
    return receipt


def _explained(refused: RpcRefused) -> ChainError:
    """Return a revert in words; other refusals say enough by themselves."""
    if not refused.data:
        return refused
    return RpcRefused(f"the contract refuses: {explain(refused.data)}", refused.code, refused.data)


@cache
def _encoder() -> Callable[[object], bytes]:
    encoder: Callable[[object], bytes] = importlib.import_module("rlp").encode
    return encoder


def _rlp(fields: Sequence[object]) -> bytes:
    return _encoder()(fields)

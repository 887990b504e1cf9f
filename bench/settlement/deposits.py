"""Measure how many deposits a second the adapter credits, against what anvil takes of bare transactions.

    python -m bench.settlement.deposits [COUNT]

bare      plain transfers, signed, sent and included
alone     deposits that are all on chain when the adapter starts: what it could follow
together  deposits sent, included, confirmed and credited at the same time, the sender in a process of its own
The journal is on the disk; anvil makes a block for each transaction.  docs/performance.md
"""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from floorbook.chain import anvil
from floorbook.chain.abi import load
from floorbook.chain.adapter import Adapter, Keys, Options
from floorbook.chain.anvil import Anvil
from floorbook.chain.deployment import Deployment, Terms, deploy
from floorbook.chain.rpc import AsyncRpc, Rpc, word
from floorbook.chain.transactions import Call, Wallet
from floorbook.core.commands import Genesis, OpenSettlement
from floorbook.core.settlement import Settlement
from floorbook.gateway.exchange import GROUP_BYTES_MAX, Exchange
from floorbook.pricing.eip712 import Key, keccak256
from floorbook.sequencer import Options as Sequencing

COUNT = 1_000
POLL_S = 0.1
AT_ONCE = 250  # transactions in one POST
ETHER = 10**18
ATOM_WEI = 10**9
OPERATOR = b"operator".ljust(20, b"\0")
KEY, SIGNER = Key(keccak256(b"bench")), Key(keccak256(b"operator"))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        with Anvil.start(place / "chain", block_time_s=0) as chain, Rpc(chain.url) as rpc:
            deployment = _deployed(rpc)
            bare = count / _sent(rpc, [Call(KEY.address, gas=21_000)] * count)
            _sent(rpc, [_deposit(deployment)] * count)
            anvil.mine(rpc)
            alone = asyncio.run(_alone(deployment, place / "alone", count))
            together = asyncio.run(_together(deployment, place / "together", count))
    found = {
        "bare_per_s": round(bare), "alone_per_s": round(alone), "together_per_s": round(together),
        "bare_over_alone": round(bare / alone, 2), "bare_over_together": round(bare / together, 2),
        "load": os.getloadavg()[0], "count": count,
    }  # fmt: skip
    print(json.dumps(found))


def send(url: str, vault: str, count: int) -> None:
    """Send deposits: the other process."""
    with Rpc(url) as rpc:
        payload = load("Vault").call("depositEther", KEY.address)
        _sent(rpc, [Call(bytes.fromhex(vault), payload, ATOM_WEI, 120_000)] * count)
        anvil.mine(rpc)


async def _alone(deployment: Deployment, journal: Path, count: int) -> float:
    """Return what is credited a second [1/s] of deposits that lie there."""
    async with _following(deployment, journal) as (adapter, settlement):
        begun = time.perf_counter()
        while settlement.deposit_sequence < count:
            await adapter.step()
        return count / (time.perf_counter() - begun)


async def _together(deployment: Deployment, journal: Path, count: int) -> float:
    """Credit what lies there, then return what is credited a second of what another process brings."""
    async with _following(deployment, journal) as (adapter, settlement):
        while settlement.deposit_sequence < count:
            await adapter.step()
        words = f"{deployment.rpc!r}, {deployment.vault.hex()!r}, {count}"
        code = f"from bench.settlement.deposits import send; send({words})"
        stop = asyncio.Event()
        running = asyncio.create_task(adapter.run(stop))
        sender = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
        begun, first = 0.0, count
        while settlement.deposit_sequence < 2 * count and not sender.returncode:
            await asyncio.sleep(0.005)
            if not begun and settlement.deposit_sequence > count:
                begun, first = time.perf_counter(), settlement.deposit_sequence
        took = time.perf_counter() - begun
        stop.set()
        await running
        assert await sender.wait() == 0
        return (2 * count - first) / took


@contextlib.asynccontextmanager
async def _following(deployment: Deployment, journal: Path) -> AsyncIterator[tuple[Adapter, Settlement]]:
    """Open a new exchange and its adapter; batches wait."""
    exchange = Exchange(journal, Sequencing(group_bytes_max=GROUP_BYTES_MAX))
    exchange.say(Genesis(operator=OPERATOR, seed=b"seed"))
    nonce = time.time_ns() // 10**6
    chain_id, vault = deployment.chain_id, deployment.vault
    exchange.say(OpenSettlement(signer=OPERATOR, nonce=nonce, chain_id=chain_id, vault=vault))
    options = Options(confirmations=1, poll_s=POLL_S, batch_s=10_000)
    async with AsyncRpc(deployment.rpc) as rpc:
        adapter = Adapter(exchange, deployment, rpc, Keys(KEY, [SIGNER]), options)
        yield adapter, exchange.state.settlement
    await exchange.close()


def _sent(rpc: Rpc, calls: list[Call]) -> float:
    """Send and let include; return how long it took [s]."""
    anvil.set_balance(rpc, KEY.address, 10**6 * ETHER)
    wallet = Wallet(KEY, rpc)
    begun = time.perf_counter()
    sent = []
    for start in range(0, len(calls), AT_ONCE):
        sent += wallet.send_many(calls[start : start + AT_ONCE])
    wallet.wait(sent[-1:])
    return time.perf_counter() - begun


def _deposit(deployment: Deployment) -> Call:
    return Call(deployment.vault, load("Vault").call("depositEther", KEY.address), ATOM_WEI, 120_000)


def _deployed(rpc: Rpc) -> Deployment:
    anvil.set_balance(rpc, KEY.address, 10**6 * ETHER)
    name = word(KEY.address)
    operator = (word(SIGNER.address),)
    terms = Terms(
        admin=name, guardian=name, treasury=name, operators=operator, threshold=1, reporters=operator,
        quorum=1, delay=0, window=60, serve=1_000,
    )  # fmt: skip
    return deploy(Wallet(KEY, rpc), terms)


if __name__ == "__main__":
    main()

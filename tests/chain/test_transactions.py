"""Signing by EIP-1559, nonces, fees below the cap, transactions that are stuck."""

import asyncio
from pathlib import Path

import pytest

from floorbook.chain.anvil import Anvil, mine, set_balance
from floorbook.chain.rpc import AsyncRpc, Rpc
from floorbook.chain.transactions import GWEI, AsyncWallet, Call, Fees, Wallet, created
from floorbook.errors import FeesTooHigh, RpcRefused, TransactionFailed
from floorbook.pricing.eip712 import Key, keccak256
from tests.chain.conftest import ETHER, funded

NOBODY = bytes(19) + b"\x99"
STUBBORN = bytes.fromhex("5f5ffd")  # code of a creation that reverts: PUSH0 PUSH0 REVERT


def test_a_signed_transaction_is_to_the_byte_what_the_standard_says() -> None:
    """Reassembled from the standard's text, with RLP written out by hand."""
    key = Key((7).to_bytes(32))
    with Rpc("http://nowhere") as rpc:
        wallet = Wallet(key, rpc, chain_id=1)
        raw = wallet.sign(9, Call(NOBODY, b"\xab", 2, 21_000), Fees(3, 1))
    body = b"\x01\x09\x01\x03" + b"\x82\x52\x08" + b"\x94" + NOBODY + b"\x02" + b"\x81\xab" + b"\xc0"
    signature = key.sign(keccak256(b"\x02" + bytes([0xC0 + len(body)]) + body))
    r, s, parity = signature[:32].lstrip(b"\0"), signature[32:64].lstrip(b"\0"), signature[64] - 27
    tail = (b"\x01" if parity else b"\x80") + b"".join(bytes([0x80 + len(each)]) + each for each in (r, s))
    assert raw == b"\x02\xf8" + bytes([len(body + tail)]) + body + tail


def test_a_creation_lies_at_the_address_known_before(wallet: Wallet) -> None:
    first, second = wallet.transact(Call(b"", b"\x5f\x5f\xf3"), Call(b"", b"\x5f\x5f\xf3"))
    assert (first.contract, second.contract) == (created(wallet.address, 0), created(wallet.address, 1))


def test_many_arrive_in_order_and_the_next_ones_after_them(rpc: Rpc) -> None:
    wallet = funded(rpc, "many")
    sent = wallet.send_many([Call(NOBODY, b"", 1, 21_000) for _ in range(300)])
    receipts = wallet.wait(sent)
    assert [each.transaction for each in receipts] == [each.hash for each in sent]
    assert rpc.balance(NOBODY) == 300
    wallet.transact(Call(NOBODY, b"", 5))
    assert rpc.balance(NOBODY) == 305


def test_async_does_the_same(chain: Anvil, rpc: Rpc) -> None:
    async def pay() -> None:
        async with AsyncRpc(chain.url) as node:
            wallet = AsyncWallet(funded(rpc, "async")._key, node)
            await wallet.transact(Call(NOBODY, b"", 7))

    before = rpc.balance(NOBODY)
    asyncio.run(pay())
    assert rpc.balance(NOBODY) == before + 7


def test_a_revert_is_said_before_it_is_sent(wallet: Wallet) -> None:
    with pytest.raises(RpcRefused, match="revert"):
        wallet.send(Call(b"", STUBBORN))


def test_a_revert_that_was_included_is_a_failure(wallet: Wallet) -> None:
    with pytest.raises(TransactionFailed, match="reverted"):
        wallet.transact(Call(b"", STUBBORN, 0, 100_000))


def test_after_a_refusal_the_nonces_have_no_gap(rpc: Rpc) -> None:
    poor = funded(rpc, "poor", 0)
    with pytest.raises(RpcRefused):
        poor.send(Call(NOBODY, b"", ETHER, 21_000))
    set_balance(rpc, poor.address, 2 * ETHER)
    assert poor.transact(Call(NOBODY, b"", 1, 21_000))[0].is_done


def test_nothing_is_sent_above_the_cap(rpc: Rpc) -> None:
    wallet = funded(rpc, "thrifty")
    wallet.fee_max = 2 * GWEI
    rpc.call("anvil_setNextBlockBaseFeePerGas", hex(50 * GWEI))
    mine(rpc)
    with pytest.raises(FeesTooHigh, match="51 gwei, the cap is 2"):
        wallet.send(Call(NOBODY, b"", 1, 21_000))
    rpc.call("anvil_setNextBlockBaseFeePerGas", hex(GWEI))
    mine(rpc)
    wallet.fee_max = 10 * GWEI
    assert wallet.transact(Call(NOBODY, b"", 1, 21_000))[0].is_done


def test_what_is_stuck_is_sent_again_at_a_higher_fee(tmp_path: Path) -> None:
    with Anvil.start(tmp_path, block_time_s=3_600) as running, Rpc(running.url) as rpc:
        wallet = funded(rpc, "patient")
        sent = wallet.send(Call(NOBODY, b"", 1, 21_000))
        with pytest.raises(TransactionFailed, match="not included"):
            wallet.wait([sent], wait_s=0.5, stuck_s=0.2)
        assert len(sent.hashes) > 1
        mine(rpc)
        (receipt,) = wallet.wait([sent])
        assert receipt.transaction == sent.hash
        assert rpc.balance(NOBODY) == 1


def test_a_fee_is_not_raised_beyond_the_cap() -> None:
    with Rpc("http://nowhere") as rpc:
        wallet = Wallet(Key((7).to_bytes(32)), rpc, fee_max=100)
    assert wallet.raised(Fees(80, 8)) == Fees(90, 9)
    assert wallet.raised(Fees(96, 8)) is None

"""Questions to a node: results, refusals, batches, a node that is not there."""

import asyncio

import httpx
import pytest

from floorbook.chain import rpc as rpc_module
from floorbook.chain.anvil import Anvil
from floorbook.chain.rpc import AsyncRpc, Rpc
from floorbook.errors import RpcRefused, RpcUnavailable
from floorbook.gateway import rpc as gateway_rpc
from floorbook.pricing.reports import LOCAL_CHAIN


def test_blocking_and_async_ask_the_same(chain: Anvil, rpc: Rpc) -> None:
    async def ask() -> tuple[int, int]:
        async with AsyncRpc(chain.url) as node:
            return await node.chain_id(), await node.block_number()

    assert asyncio.run(ask()) == (rpc.chain_id(), rpc.block_number())
    assert rpc.chain_id() == LOCAL_CHAIN


def test_a_batch_keeps_its_order_in_several_posts(rpc: Rpc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc_module, "BATCH_MAX", 2)
    calls = [("web3_sha3", (f"0x{number:02x}",)) for number in range(5)]
    assert rpc.batch(calls) == [rpc.call(method, *words) for method, words in calls]


def test_a_refusal_carries_its_code(rpc: Rpc) -> None:
    with pytest.raises(RpcRefused, match="ethod not found") as refused:
        rpc.call("no_such_method")
    assert refused.value.code == -32601


def test_headers_hang_together(rpc: Rpc) -> None:
    rpc.call("anvil_mine", "0x2")
    newest = rpc.header()
    assert newest is not None
    before = rpc.header(newest.number - 1)
    assert before is not None
    assert newest.parent == before.hash
    assert rpc.header(newest.number + 1_000) is None


def test_a_node_that_is_not_there() -> None:
    with Rpc("http://127.0.0.1:9") as nobody, pytest.raises(RpcUnavailable, match=r"127\.0\.0\.1"):
        nobody.chain_id()


def test_a_fault_does_not_repeat_the_key_in_an_address() -> None:
    with Rpc("http://127.0.0.1:9/v3/secret") as nobody, pytest.raises(RpcUnavailable) as fault:
        nobody.chain_id()
    assert "secret" not in str(fault.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [(502, "<html>bad gateway</html>"), (429, '{"error":{}}'), (200, "<html>"), (200, "{}"), (200, "[]")],
)
def test_what_is_no_answer_means_ask_again(status: int, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*words: object, **options: object) -> httpx.Response:
        return httpx.Response(status, text=body)

    with Rpc("http://node") as node:
        monkeypatch.setattr(httpx.Client, "post", answer)
        with pytest.raises(RpcUnavailable):
            node.chain_id()


def test_an_exchange_passes_on_what_we_ask_in_one_post() -> None:
    """Who verifies asks for every batch's transaction, through the exchange's own address for the node."""
    assert rpc_module.BATCH_MAX <= gateway_rpc.CALLS_MAX

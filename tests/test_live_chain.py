"""`floorbook demo` and `serve` with a chain: a visitor's money goes in and out, through kill -9 as well."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from floorbook.chain import proofs
from floorbook.chain.abi import load
from floorbook.chain.anvil import Anvil, set_balance
from floorbook.chain.calls import mint_usdc
from floorbook.chain.deployment import FILE, Deployment, read
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.transactions import Wallet
from floorbook.core.rules.reports import INDEX
from floorbook.pricing.eip712 import Key, keccak256
from floorbook.pricing.reports import MARKET
from floorbook.sdk import Client, write_key
from floorbook.sdk.errors import Rejected

DEMO = [sys.executable, "-m", "floorbook", "demo", "--bots", "8", "--port", "0"]
OPEN = "Floorbook is open at "
WITHIN_S = 90
ETHER = 10**18
SECRET = keccak256(b"a visitor of the tests")
VISITOR = Key(SECRET)
SERVED = """
journal = "journal"
bots = 0

[feed]
from = "2021-02-15"
to = "2021-02-18"
speed = 600

[gateway]
port = 0

[chain]
gas_key = "env:GAS_KEY"
operator_keys = ["env:FIRST", "env:SECOND"]
confirmations = 1
batch_seconds = 1

[[markets]]
name = "PUNKS"
template = "nft"
asset = "ETH"
price = "collection"
size_decimals = 2
price_decimals = 4
price_max = 10000000
lots_max = 1000000
insurance = 25
"""


@contextmanager
def demo(out: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the demo; yield the process and its URL once it is open."""
    words = [*DEMO, "--out", str(out)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = next((line for line in process.stdout if line.startswith(OPEN)), "")
            assert line, process.stderr and process.stderr.read()
            yield process, line.removeprefix(OPEN).strip().rstrip("/")
        finally:
            process.kill()


def floorbook(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "floorbook", *words]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)


def asked(url: str, kind: str, **fields: Any) -> Any:
    return httpx.post(f"{url}/info", json={"type": kind} | fields, timeout=20).json()


def eventually(holds: Callable[[], object], what: str) -> None:
    until = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < until, f"{what} did not happen"
        time.sleep(0.2)


def key_file(place: Path, secret: bytes = SECRET) -> tuple[str, ...]:
    """Write a key file and return the options that open it."""
    write_key(place / "key.json", secret, "password", cost=2)
    (place / "password").write_text("password")
    return "--key", "key.json", "--password-file", "password"


def test_a_visitor_of_the_demo_brings_trades_and_takes(tmp_path: Path) -> None:
    out, key = tmp_path / "run", key_file(tmp_path)
    with demo(out) as (process, url), Rpc(f"{url}/rpc") as rpc, Client(url, SECRET) as client:
        made = read(out / FILE)
        assert made is not None and made.is_test
        eventually(lambda: asked(url, "chain")["final"], "a final batch")
        eventually(lambda: price_on_chain(rpc, made, INDEX) and price_on_chain(rpc, made, MARKET), "prices")
        given = floorbook(tmp_path, "faucet", "--url", url, *key).stdout
        tokens = gifts(rpc, made.address("Usdc"), made.collection(0))
        with pytest.raises(Rejected, match="gives once"):
            client.faucet()
        assert len(tokens) == 3
        assert all(f"PUNKS {token}" in given for token in tokens)
        for words in (("eth", "1.5"), ("usdc", "500"), ("punk", str(tokens[0]))):
            done = floorbook(tmp_path, "deposit", *words, "--url", url, *key)
            assert "credited" in done.stdout, done.stderr
        assert {line.asset: str(line.cash) for line in client.account().cash} == {"ETH": "1.5", "USDC": "500"}
        assert [token.token for token in client.tokens()] == [tokens[0]]
        before = rpc.balance(VISITOR.address)
        client.withdraw("ETH", "0.5")
        client.withdraw_token("PUNKS", tokens[0])
        eventually(lambda: not asked(url, "payouts", user=word(VISITOR.address)), "the payment")
        assert rpc.balance(VISITOR.address) == before + ETHER // 2
        proof = proofs.from_json(asked(url, "accountProof", user=word(VISITOR.address))["proof"])
        assert proofs.fault_of(proof) == ""
        assert (proof.leaf.owner, proof.settlement) == (VISITOR.address, made.address("Settlement"))
        process.kill()
    assert "leave --no-chain out" in floorbook(tmp_path, *DEMO[3:], "--no-chain", "--out", str(out)).stderr
    with demo(out) as (process, url), Client(url, SECRET) as client:
        eventually(lambda: asked(url, "chain")["adapter"]["state"] == "running", "going on")
        assert {line.asset: str(line.cash) for line in client.account().cash} == {"ETH": "1", "USDC": "500"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN_S) == 0
    verified = floorbook(tmp_path, "verify", str(out))
    assert verified.returncode == 0, verified.stderr


def price_on_chain(rpc: Rpc, made: Deployment, kind: int) -> int:
    """Return what the oracle's contract says of collection or market 0; 0: nothing yet."""
    oracle = load("Oracle")
    answer = rpc.eth_call(made.address("Oracle"), oracle.call("accepted", 0, -1, kind))
    _, _, is_certain, values = oracle.result("accepted", answer)
    return values[0] if is_certain else 0


def gifts(rpc: Rpc, usdc: bytes, punks: bytes) -> list[int]:
    """Check what the faucet gave the visitor's wallet; return the tokens."""
    assert rpc.balance(VISITOR.address) == 20 * ETHER
    coin, token = load("TestUsdc"), load("TestPunks")
    held = rpc.eth_call(usdc, coin.call("balanceOf", VISITOR.address))
    assert coin.result("balanceOf", held) == 20_000 * 10**6
    given = token.events(rpc.logs(0, "latest", punks, [token.topic("Transfer")]))
    return [said.fields["tokenId"] for said in given if said.fields["to"] == VISITOR.address]


def test_an_operator_deploys_serves_and_backs(tmp_path: Path) -> None:
    admin, gas, first, second = (Key(keccak256(name)) for name in (b"admin", b"gas", b"first", b"second"))
    key = key_file(tmp_path, keccak256(b"admin"))
    names = {name: word(each.address) for name, each in (("a", admin), ("f", first), ("s", second))}
    with Anvil.start(tmp_path / "node", block_time_s=1) as node, Rpc(node.url) as rpc:
        for each in (admin, gas):
            set_balance(rpc, each.address, 1_000 * ETHER)
        deployed = floorbook(
            tmp_path, "chain", "deploy", "--rpc", node.url, *key, "--admin", names["a"],
            "--operator", names["f"], "--operator", names["s"], "--threshold", "2", "--reporter", names["f"],
            "--collection", "test", "--usdc", "test", "--weth", "test",
            "--window-minutes", "0", "--delay-hours", "0",
        )  # fmt: skip
        assert deployed.returncode == 0, deployed.stderr
        (tmp_path / "floorbook.toml").write_text(SERVED)
        env = {"GAS_KEY": b"gas", "FIRST": b"first", "SECOND": b"second"}
        words = [sys.executable, "-m", "floorbook", "serve", "--config", "floorbook.toml"]
        secrets = {name: keccak256(seed).hex() for name, seed in env.items()}
        with subprocess.Popen(
            words, cwd=tmp_path, env=os.environ | secrets, stderr=subprocess.PIPE, text=True
        ) as served:
            try:
                assert served.stderr is not None
                told = []
                url = ""
                while not url and (line := served.stderr.readline()):
                    told.append(line)
                    url = line.removeprefix("open: ").strip().rstrip("/") if line.startswith("open: ") else ""
                assert url, told
                lack = next(line for line in told if "still lacks" in line)
                for part in lack.split("lacks ")[1].split(";")[0].split(", "):
                    amount, asset = part.split()
                    mint(rpc, tmp_path, admin, asset, amount)
                    words = ["deposit", asset, amount, "--backing", "--url", url, *key]
                    done = floorbook(tmp_path, *words)
                    assert done.returncode == 0, done.stderr
                eventually(lambda: asked(url, "chain")["final"], "a final batch")
                served.send_signal(signal.SIGTERM)
                assert served.wait(WITHIN_S) == 0
            finally:
                served.kill()


def mint(rpc: Rpc, place: Path, key: Key, asset: str, amount: str) -> None:
    """Give a key the money that it will bring."""
    made = read(place / FILE)
    assert made is not None
    if asset == "ETH":
        set_balance(rpc, key.address, 10_000 * ETHER)
    else:
        Wallet(key, rpc).transact(*mint_usdc(made, key.address, int(amount) * 10**6))

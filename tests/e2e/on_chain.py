"""A small exchange tied to contracts on a chain of its own, and a wallet that has a node.

with on_chain(directory) as place:
    place.venue.url; place.chain.anvil
"""

import contextlib
import json
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Page, expect

from floorbook.chain.adapter import Keys
from floorbook.chain.adapter import Options as AdapterOptions
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.transactions import Call, Wallet
from floorbook.core.commands import OpenSettlement
from floorbook.demo import own_chain, wallet_faucet
from floorbook.demo.bank import Bank
from floorbook.demo.bridge import Bridge
from floorbook.demo.settings import CHAIN, Settings
from floorbook.demo.wallet_faucet import WalletFaucet
from floorbook.pricing.eip712 import Key
from floorbook.sdk import new_key
from tests.e2e.browser_wallet import BrowserWallet
from tests.e2e.screen import Screen
from tests.gateway.live import OPERATOR, Life, Venue, live

OPTIONS = AdapterOptions(confirmations=2, poll_s=0.3, batch_s=4.0)
MAKER_ETH, MAKER_USDC = 2_000, 1_000_000
LENT_ETH = 500
CHAIN_MS = 60_000  # blocks, confirmations, a batch and its window on a busy machine


class Place(NamedTuple):
    """An exchange, its chain, and somebody with money at the exchange."""

    venue: Venue
    chain: own_chain.OwnChain
    maker: Key

    def pass_time(self, minutes: int) -> None:
        """Let so much time pass at the exchange and on the chain."""
        with Rpc(self.chain.anvil.url) as rpc:
            rpc.call("evm_increaseTime", hex(60 * minutes))
        self.venue.pass_time(minutes)

    @contextlib.contextmanager
    def without_node(self) -> Iterator[None]:
        """Let the chain's node be silent for the block."""
        self.chain.anvil.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.chain.anvil.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def on_chain(directory: Path) -> Iterator[Place]:
    """Run it for the block."""
    maker = new_key()
    with (
        own_chain.open_chain(directory, Settings(start=0, end=1)) as chain,
        live(directory, join=_joined(chain, directory, maker)) as venue,
    ):
        yield Place(venue, chain, maker)


def _joined(chain: own_chain.OwnChain, directory: Path, maker: Key) -> Callable[[Venue], Sequence[Life]]:
    """Return what ties an exchange to the chain, once the maker has money that the vault must be given."""

    def join(venue: Venue) -> Sequence[Life]:
        deployment, exchange = chain.deployment, venue.gateway.exchange
        venue.credit(maker.address, MAKER_ETH, MAKER_USDC)
        venue.say(
            OpenSettlement(
                signer=OPERATOR, nonce=venue.nonce(), chain_id=deployment.chain_id, vault=deployment.vault
            )
        )
        bank = Bank(deployment, own_chain.key_of("bank"), exchange.state)
        bank.back()
        keys = Keys(own_chain.key_of("gas"), own_chain.operator_keys())
        bridge = Bridge(exchange, deployment, keys, OPTIONS)
        gifts = directory / CHAIN / wallet_faucet.FILE
        venue.gateway.faucet = WalletFaucet(bank, exchange.state, gifts).give
        venue.gateway.chain = bridge
        return [bridge.run, bank.run]

    return join


# ---- a visitor's steps -------------------------------------------------------------------------


def take_gifts(screen: Screen) -> None:
    """Take the faucet's gifts into the wallet that is connected."""
    screen["wallet-dialog"].get_by_test_id("faucet").click()
    screen.hears("Demo funds are in your wallet on the chain.")
    expect(screen["onchain-tokens"].get_by_role("listitem")).to_have_count(3)


def deposit(screen: Screen, what: str, amount: str | None = None) -> None:
    """Deposit an asset, or the token that is named, and wait until it is credited."""
    screen[f"deposit-{what}"].click()
    if amount:
        screen["deposit-amount"].fill(amount)
    screen["deposit-send"].click()
    expect(screen["deposit-credited"]).to_have_attribute("data-step", "done", timeout=CHAIN_MS)
    screen["deposit-close"].click()
    expect(screen["deposit-dialog"]).to_have_count(0)


def first_token(screen: Screen) -> str:
    """Return the name of a token in the wallet."""
    button = screen["onchain-tokens"].get_by_role("button").first
    return str(button.get_attribute("data-testid")).removeprefix("deposit-token-")


def prove(screen: Screen) -> None:
    """Prove the balance; the account may have to wait for its first final batch."""
    screen.open("verify")
    for _ in range(int(CHAIN_MS / 1_000)):
        screen["verify-balance"].click()
        expect(screen["verify-balance"]).to_be_enabled()
        if screen["verify-steps"].count():
            return
        screen.page.wait_for_timeout(1_000)


# ---- a wallet --------------------------------------------------------------------------------------


class ChainWallet(BrowserWallet):
    """A browser wallet that also sends transactions; it begins on another chain and knows only that one."""

    def __init__(self, page: Page, key: Key, url: str) -> None:
        self._url = url
        self._chain_id = 1
        self.added: list[dict[str, Any]] = []
        self.sent: list[str] = []  # addresses
        super().__init__(page, key)

    def _answer(self, method: str, params: str) -> str:
        told = json.loads(params)
        match method:
            case "eth_chainId":
                return json.dumps({"result": hex(self._chain_id)})
            case "wallet_switchEthereumChain" if not self.added:
                return json.dumps({"code": 4902, "message": "Unrecognized chain ID."})
            case "wallet_addEthereumChain":
                self.added.append(told[0])
                self._chain_id = int(told[0]["chainId"], 16)
                return json.dumps({"result": None})
            case "eth_sendTransaction":
                return self._send(told[0])
            case "eth_call":
                with Rpc(self._url) as rpc:
                    return json.dumps({"result": rpc.call("eth_call", *told)})
        return super()._answer(method, params)

    def _send(self, wanted: dict[str, str]) -> str:
        assert wanted["from"] == self.address
        if self.declines:
            return json.dumps({"code": 4001, "message": "User rejected the request."})
        self.sent.append(wanted["to"])
        with Rpc(self._url) as rpc:
            data, value = bytes.fromhex(wanted["data"][2:]), int(wanted["value"], 16)
            sent = Wallet(self.key, rpc).send(Call(bytes.fromhex(wanted["to"][2:]), data, value))
        return json.dumps({"result": word(sent.hash)})

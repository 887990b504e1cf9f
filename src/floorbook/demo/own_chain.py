"""The demo's own chain: anvil in the run's directory, with the contracts and keys that everybody knows.

DIR/chain/       anvil's state: a restart goes on
DIR/chain.json   where the contracts are
"""

from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import msgspec

from floorbook.chain import anvil, deployment
from floorbook.chain.adapter import Keys, Options
from floorbook.chain.anvil import Anvil
from floorbook.chain.deployment import Deployment, Lane, Terms
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.transactions import Wallet
from floorbook.core.commands import OpenSettlement
from floorbook.core.events import Rejected
from floorbook.core.reasons import Reject
from floorbook.demo import wallet_faucet
from floorbook.demo.bank import Bank
from floorbook.demo.bridge import Bridge
from floorbook.demo.listing import COLLECTION, OPERATOR
from floorbook.demo.live import LiveWorld
from floorbook.demo.pledging import QUORUM, REPORTERS
from floorbook.demo.settings import CHAIN, Settings
from floorbook.demo.wallet_faucet import WalletFaucet
from floorbook.demo.world import World
from floorbook.errors import ConfigError
from floorbook.feeds.reporter import demo_key
from floorbook.pricing.eip712 import Key, keccak256

OPERATORS, THRESHOLD = 3, 2
WINDOW_S, BATCH_S, CONFIRMATIONS, POLL_S = 5, 30, 2, 0.5
RELAY_S = 300
SERVE_S = 600
DELAY_S = 60
# What the demo's bots take home is small; a large withdrawal waits for half a minute and its size.
LANES = (
    Lane(10_000 * 10**9, 100 * 10**9, 30),
    Lane(20_000_000 * 10**6, 200_000 * 10**6, 30),
    Lane(1_000, 10, 30),
)
ETHER = 10**18
PURSE, TREASURE = 1_000 * ETHER, 10**9 * ETHER


class OwnChain(NamedTuple):
    """A chain that runs beside the demo; end it with `stop`, or use it in a `with`."""

    anvil: Anvil
    deployment: Deployment

    def stop(self) -> None:
        """End it; its state is written."""
        self.anvil.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def key_of(role: str) -> Key:
    """Return the demo's key of a role: known to everybody, good for nothing but a chain of one's own."""
    return Key(keccak256(b"floorbook demo " + role.encode()))


def operator_keys() -> list[Key]:
    """Return the keys that sign the demo's batches."""
    return [key_of(f"operator {number}") for number in range(OPERATORS)]


def why_not(out: Path) -> str:
    """Return in a line why a run can have no chain; empty: it can."""
    if anvil.find() is None:
        return "anvil is missing (`make contracts` gets it)"
    if deployment.read(out / deployment.FILE) is None and not deployment.can_deploy():
        return "the contracts are not built (`make contracts` builds them)"
    return ""


def open_chain(out: Path, settings: Settings) -> OwnChain:
    """Start the chain of a run, with the contracts of a new one; raises ConfigError, ChainError."""
    collections = sum(terms.source == COLLECTION for terms in settings.markets())
    running = Anvil.start(out / CHAIN)
    try:
        with Rpc(running.url) as rpc:
            return OwnChain(running, _deployment(out, rpc, _terms(collections)))
    except BaseException:
        running.stop()
        raise


class Joined(NamedTuple):
    """What runs beside a world on its chain."""

    bridge: Bridge
    bank: Bank
    faucet: WalletFaucet


def join(chain: OwnChain, out: Path, seed: int, world: LiveWorld) -> Joined:
    """Tie a world to its chain: what it holds goes into the vault, deposits come from there."""
    deployment, exchange = chain.deployment, world.exchange
    open_settlement(world.world, deployment)
    bank = Bank(deployment, key_of("bank"), exchange.state)
    bank.back()
    world.say = bank.wrap(exchange.say)
    options = Options(confirmations=CONFIRMATIONS, poll_s=POLL_S, batch_s=BATCH_S, relay_s=RELAY_S)
    bridge = Bridge(exchange, deployment, Keys(key_of("gas"), operator_keys()), options)
    world.report = bridge.hear
    given = out / CHAIN / wallet_faucet.FILE
    faucet = WalletFaucet(bank, exchange.state, given, world.world.spoken_for(), seed)
    return Joined(bridge, bank, faucet)


def open_settlement(world: World, deployment: Deployment) -> None:
    """Tie an exchange to the vault, if it is not yet; raises ConfigError for another vault."""
    settlement = world.state.settlement
    if not settlement.is_open:
        (event, *_) = world.operate(
            lambda nonce: OpenSettlement(
                signer=OPERATOR, nonce=nonce, chain_id=deployment.chain_id, vault=deployment.vault
            )
        )
        if isinstance(event, Rejected):
            raise ConfigError(f"the exchange cannot open its vault: {Reject(event.reason).name}")
    if (settlement.chain_id, settlement.vault) != (deployment.chain_id, deployment.vault):
        raise ConfigError("the exchange belongs to another vault than these contracts'")


def _deployment(out: Path, rpc: Rpc, terms: Terms) -> Deployment:
    """Return the contracts as the run's file has them, or deploy them and write it."""
    file = out / deployment.FILE
    known = deployment.read(file)
    for role, wei in (("admin", PURSE), ("gas", PURSE), ("bank", TREASURE)):
        anvil.set_balance(rpc, key_of(role).address, wei)
    if known is None:
        made = deployment.deploy(Wallet(key_of("admin"), rpc), terms, lambda: anvil.mine(rpc))
        known = msgspec.structs.replace(made, is_test=True)
    deployment.check(known, rpc)
    known.at(rpc.url).save(file)
    return known.at(rpc.url)


def _terms(collections: int) -> Terms:
    admin = word(key_of("admin").address)
    return Terms(
        admin=admin, guardian=admin, treasury=admin,
        operators=tuple(word(key.address) for key in operator_keys()), threshold=THRESHOLD,
        reporters=tuple(word(demo_key(number).address) for number in range(REPORTERS)), quorum=QUORUM,
        delay=DELAY_S, window=WINDOW_S, serve=SERVE_S, lanes=LANES, collections=("",) * collections,
    )  # fmt: skip

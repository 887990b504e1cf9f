"""What [chain] of a configuration file means: which contracts, which node, which keys."""

import os
import sys
from pathlib import Path
from typing import NamedTuple, Self

from floorbook.chain import deployment
from floorbook.chain.adapter import Keys, Options
from floorbook.chain.deployment import Deployment
from floorbook.chain.keeping import Kept
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.transactions import GWEI
from floorbook.cli.config import ChainTable
from floorbook.cli.remote import read_password
from floorbook.demo.bridge import Bridge, missing
from floorbook.demo.live import LiveWorld
from floorbook.demo.own_chain import open_settlement
from floorbook.errors import ConfigError, RpcUnavailable
from floorbook.pricing.eip712 import Key
from floorbook.sdk import read_key

ENVIRONMENT = "env:"


def deployment_of(table: ChainTable, place: Path) -> Deployment:
    """Return the contracts of a configuration; raises ConfigError, and ChainError for another chain's.

    A node that does not answer now is no mistake: the exchange waits for it.
    """
    table.check()
    file = place / table.deployment
    made = deployment.read(file)
    if made is None:
        raise ConfigError(f"there is no {file}; `floorbook chain deploy` writes one")
    made = made.at(_worded(table.rpc)) if table.rpc else made
    try:
        with Rpc(made.rpc) as node:
            deployment.check(made, node)
    except RpcUnavailable as fault:
        sys.stderr.write(f"{fault}; deposits and withdrawals wait for it\n")
    return made


def keys_of(table: ChainTable, place: Path, made: Deployment) -> Keys:
    """Return the keys of a configuration; raises ConfigError where they are not the contracts' operators."""
    operators = [_key(table, place, each) for each in table.operator_keys]
    strangers = [word(key.address) for key in operators if word(key.address) not in made.terms.operators]
    if strangers:
        raise ConfigError(f"{strangers[0]} is no operator of the contracts in {table.deployment}")
    if len({key.address for key in operators}) < made.terms.threshold:
        raise ConfigError(f"chain.operator_keys has too few keys; {made.terms.threshold} sign a batch")
    return Keys(_key(table, place, table.gas_key), operators)


def options_of(table: ChainTable) -> Options:
    """Return the adapter's options of a configuration; raises ConfigError where an address is none."""
    kept = [("FractionVault", text) for text in table.fractions] + [
        ("IndexVault", text) for text in table.funds
    ]
    return Options(
        confirmations=table.confirmations, batch_s=table.batch_seconds, fee_max_wei=table.fee_cap_gwei * GWEI,
        relay_s=table.relay_minutes * 60, relay_fee_max_wei=table.relay_fee_cap_gwei * GWEI,
        kept=tuple(Kept(contract, deployment.address(text)) for contract, text in kept),
    )  # fmt: skip


class Custody(NamedTuple):
    """The contracts of a served exchange and the keys that speak to them."""

    table: ChainTable
    deployment: Deployment
    keys: Keys

    @classmethod
    def read(cls, table: ChainTable, place: Path) -> Self:
        """Open what a configuration names; relative paths start at `place`; raises FloorbookError."""
        made = deployment_of(table, place)
        return cls(table, made, keys_of(table, place, made))

    def join(self, world: LiveWorld) -> Bridge:
        """Tie the exchange to its vault and return what carries between them."""
        open_settlement(world.world, self.deployment)
        if lack := missing(world.exchange.state):
            told = (
                f"the vault still lacks {lack}; `floorbook deposit --backing` brings it, then batches begin"
            )
            sys.stderr.write(f"{told}\n")
        return Bridge(world.exchange, self.deployment, self.keys, options_of(self.table))


def _key(table: ChainTable, place: Path, name: str) -> Key:
    if not name.startswith(ENVIRONMENT):
        file = place / name
        password_file = place / table.password_file if table.password_file else None
        return read_key(file, read_password(file, password_file, table.password_env))
    try:
        return Key(bytes.fromhex(_worded(name).removeprefix("0x")))
    except ValueError:  # its own text may repeat the secret
        raise ConfigError(f"{name} holds no key; it should be 64 hexadecimal digits") from None


def _worded(text: str) -> str:
    """Return a value, or what the variable holds that it names."""
    if not text.startswith(ENVIRONMENT):
        return text
    name = text.removeprefix(ENVIRONMENT)
    if name not in os.environ:
        raise ConfigError(f"there is no environment variable {name}")
    return os.environ[name]

"""Tells how an exchange is left after a crash, hour by hour: `python -m tests.chain.frozen_run`.

The same story as the tests', on an anvil of its own; docs/frozen-exchange.md has what it prints.
"""

import sys
import tempfile
from pathlib import Path

from floorbook.chain.anvil import Anvil
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, ASSETS, ETH
from tests.chain.frozen_story import Ended, play
from tests.chain.frozen_world import PlainRpc

MOMENT = "after a crash"


def main() -> None:
    """Play the moment and print it."""
    with (
        tempfile.TemporaryDirectory() as place,
        Anvil.start(Path(place), block_time_s=0) as chain,
        PlainRpc(chain.url) as rpc,
    ):
        (ended,) = play(rpc, only=MOMENT)
    sys.stdout.write("\n".join([*hours(ended), "", *amounts(ended, ETH), "", *vault(ended)]) + "\n")


def hours(ended: Ended) -> list[str]:
    """Return who did what, and when after the freeze."""
    told = []
    for at, who, line in ended.exit.said:
        minutes = (at - ended.audit.frozen_at) // 60
        sign, whole = ("-" if minutes < 0 else "+"), abs(minutes)
        days, rest = divmod(whole, 24 * 60)
        told.append(f"T{sign}{days}d {rest // 60:02}:{rest % 60:02}  {who:<16}{line}")
    return told


def amounts(ended: Ended, asset: int) -> list[str]:
    """Return what everybody had, and got."""
    columns = ("claim at mark", "principal", "gains", "lent", "owes", "repaid", "received")
    lines = [f"{ASSET_NAMES[asset]:<16}" + "".join(f"{column:>15}" for column in columns)]
    for name, number in ended.account_of.items():
        settled, audit = ended.audit.book.settled[number], ended.audit
        values = (
            ended.claims[number].claims[asset], settled.principal[asset], settled.gains[asset],
            settled.lent if asset == ETH else 0, settled.debts[asset],
            audit.repaid.get((number, asset), 0), audit.claimed.get((number, asset), 0),
        )  # fmt: skip
        lines.append(f"{name:<16}" + "".join(f"{_amount(value, asset):>15}" for value in values))
    return lines


def vault(ended: Ended) -> list[str]:
    """Return the factors, and what the vault had and kept."""
    lines = []
    for asset in range(ASSETS):
        f, f_of, k, k_of = ended.contract["factors"][asset]
        before, after = ended.held_before[asset], ended.held_after[asset]
        lines.append(
            f"{ASSET_NAMES[asset]:<5} f = {f / f_of:.6f}, k = {k / k_of:.6f}; the vault had"
            f" {_amount(before, asset)}, paid {_amount(before - after, asset)}, keeps {_amount(after, asset)}"
        )
    return lines


def _amount(atoms: int, asset: int) -> str:
    return f"{atoms / 10 ** ASSET_DECIMALS[asset]:,.3f}"


if __name__ == "__main__":
    main()

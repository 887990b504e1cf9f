"""The table [chain] of a configuration, and what `floorbook deposit` understands."""

from pathlib import Path
from typing import Any

import pytest

from floorbook.chain.deployment import FILE, Deployment, Terms
from floorbook.chain.depositing import ChainTerms, ChainToken, Thing, atoms_of, thing_named
from floorbook.chain.rpc import word
from floorbook.cli.config import ChainTable
from floorbook.cli.custody import deployment_of, keys_of, options_of
from floorbook.errors import ConfigError
from floorbook.pricing.eip712 import Key, keccak256
from floorbook.sdk import write_key
from floorbook.units import ETH, USDC

FIRST, SECOND, GAS = (keccak256(name) for name in (b"first", b"second", b"gas"))
ADMIN = f"0x{7:040x}"
MADE = Deployment(
    chain_id=31_337, rpc="http://127.0.0.1:9", block=1, contracts={"Vault": ADMIN}, collections=(ADMIN,),
    terms=Terms(
        admin=ADMIN, guardian=ADMIN, treasury=ADMIN, threshold=2, reporters=(ADMIN,), quorum=1,
        operators=(word(Key(FIRST).address), word(Key(SECOND).address)),
    ),
)  # fmt: skip
TOLD = ChainTerms(
    chain_id=31_337, name="test", contracts={}, first_block=1, confirmations=2,
    assets=[ChainToken("ETH", 0, ADMIN), ChainToken("USDC", 1, ADMIN)],
    collections=[ChainToken("PUNKS", 0, ADMIN), ChainToken("AZUKI", 1, ADMIN)],
)  # fmt: skip


def table(*operators: str, **fields: Any) -> ChainTable:
    return ChainTable(gas_key="env:GAS", operator_keys=operators, **fields)


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, secret in (("FIRST", FIRST), ("SECOND", SECOND), ("GAS", GAS)):
        monkeypatch.setenv(name, secret.hex())


def test_keys_come_from_files_and_variables(tmp_path: Path) -> None:
    write_key(tmp_path / "first.json", FIRST, "password", cost=2)
    (tmp_path / "password").write_text("password\n")
    keys = keys_of(table("first.json", "env:SECOND", password_file="password"), tmp_path, MADE)
    assert keys.payer.address == Key(GAS).address
    assert [key.address for key in keys.operators] == [Key(FIRST).address, Key(SECOND).address]


@pytest.mark.parametrize(
    ("operators", "told"),
    [
        (("env:FIRST",), "too few keys; 2 sign"),
        (("env:FIRST", "env:FIRST"), "too few keys"),
        (("env:FIRST", "env:GAS"), "is no operator"),
        (("env:FIRST", "env:NOBODY"), "no environment variable NOBODY"),
        (("env:FIRST", "env:SHORT"), "env:SHORT holds no key"),
    ],
)
def test_keys_that_cannot_sign(
    operators: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHORT", "12ab")
    with pytest.raises(ConfigError, match=told) as fault:
        keys_of(table(*operators), tmp_path, MADE)
    assert "12ab" not in str(fault.value)


def test_a_node_that_is_down_is_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    MADE.save(tmp_path / FILE)
    assert deployment_of(table("env:FIRST"), tmp_path) == MADE
    assert "wait for it" in capsys.readouterr().err
    monkeypatch.setenv("NODE", "http://127.0.0.1:9/secret")
    assert deployment_of(table("env:FIRST", rpc="env:NODE"), tmp_path).rpc.endswith("/secret")
    assert "secret" not in capsys.readouterr().err


def test_the_adapters_options() -> None:
    options = options_of(table("env:FIRST", relay_minutes=5, funds=(ADMIN,), fractions=(ADMIN,)))
    assert (options.relay_s, options.relay_fee_max_wei) == (300, 50 * 10**9)
    assert [each.contract for each in options.kept] == ["FractionVault", "IndexVault"]
    with pytest.raises(ConfigError, match="no address"):
        options_of(table("env:FIRST", funds=("0x12",)))


def test_a_table_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="chain deploy"):
        deployment_of(table("env:FIRST"), tmp_path)
    with pytest.raises(ConfigError, match="operator_keys is empty"):
        deployment_of(table(), tmp_path)
    with pytest.raises(ConfigError, match=r"chain\.batch_seconds"):
        deployment_of(table("env:FIRST", batch_seconds=0), tmp_path)


@pytest.mark.parametrize(
    ("what", "thing"),
    [
        ("eth", Thing(True, ETH, "ETH")), ("USDC", Thing(True, USDC, "USDC")),
        ("punk", Thing(False, 0, "PUNKS")), ("Punks", Thing(False, 0, "PUNKS")),
        ("azuki", Thing(False, 1, "AZUKI")),
    ],
)  # fmt: skip
def test_what_can_be_deposited(what: str, thing: Thing) -> None:
    assert thing_named(TOLD, what) == thing


def test_what_cannot_be_deposited() -> None:
    with pytest.raises(ConfigError, match="ETH, USDC, PUNKS, AZUKI"):
        thing_named(TOLD, "btc")


@pytest.mark.parametrize(
    ("asset", "text", "atoms"),
    [(ETH, "1.5", 1_500_000_000), (ETH, "0.000000001", 1), (USDC, "500", 500_000_000)],
)
def test_amounts(asset: int, text: str, atoms: int) -> None:
    assert atoms_of(asset, text) == atoms


@pytest.mark.parametrize(
    ("asset", "text"),
    [(ETH, "0"), (ETH, "-1"), (ETH, "1e-10"), (USDC, "0.0000001"), (ETH, "much"), (ETH, "nan"), (ETH, "inf")],
)
def test_what_is_no_amount(asset: int, text: str) -> None:
    with pytest.raises(ConfigError, match="no amount"):
        atoms_of(asset, text)

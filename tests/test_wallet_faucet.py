"""The faucet of a demo with a chain: once for each address, also after a restart, and not without end."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from floorbook.core.state import State
from floorbook.demo import wallet_faucet
from floorbook.demo.wallet_faucet import WalletFaucet
from floorbook.errors import RpcUnavailable


class PaperBank:
    """Notes what it gave."""

    def __init__(self) -> None:
        self.given: list[tuple[bytes, tuple[int, ...]]] = []
        self.fault: Exception | None = None

    async def give(self, to: bytes, wei: int, usdc: int, tokens: Sequence[int]) -> None:
        if self.fault is not None:
            raise self.fault
        self.given.append((to, tuple(tokens)))


@pytest.fixture
def bank() -> PaperBank:
    return PaperBank()


def faucet(bank: PaperBank, folder: Path) -> WalletFaucet:
    state: Any = SimpleNamespace(collections=[SimpleNamespace(supply=100)], tokens={5: None})
    made: State = state
    any_bank: Any = bank
    return WalletFaucet(any_bank, made, folder / wallet_faucet.FILE, spoken_for=(1, 2, 3))


def owner(number: int) -> bytes:
    return number.to_bytes(20)


def test_each_address_is_given_once_also_after_a_restart(bank: PaperBank, tmp_path: Path) -> None:
    assert asyncio.run(faucet(bank, tmp_path).give(owner(1))) == ""
    again = faucet(bank, tmp_path)
    assert "gives once" in asyncio.run(again.give(owner(1)))
    assert asyncio.run(again.give(owner(2))) == ""
    given = [token for _, tokens in bank.given for token in tokens]
    assert len(given) == len(set(given)) == 6
    assert not {1, 2, 3, 5} & set(given)


def test_it_has_limits(bank: PaperBank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wallet_faucet, "PER_HOUR_MAX", 1)
    open_ = faucet(bank, tmp_path)
    assert asyncio.run(open_.give(owner(1))) == ""
    assert "an hour" in asyncio.run(open_.give(owner(2)))
    monkeypatch.setattr(wallet_faucet, "GIFTS_MAX", 1)
    assert "empty" in asyncio.run(open_.give(owner(2)))


def test_a_chain_that_does_not_answer_is_said(bank: PaperBank, tmp_path: Path) -> None:
    bank.fault = RpcUnavailable("no node answers")
    assert "no node answers" in asyncio.run(faucet(bank, tmp_path).give(owner(1)))

"""`floorbook vaults` on a journal, and what the exchange says of its vaults."""

import json
from pathlib import Path
from typing import Any

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import vault_queries
from floorbook.core.engine.engine import Engine
from floorbook.core.events import Event
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.sequencer import Sequencer
from floorbook.units import DAY_NS, ETH, HOUR_NS, PPB_ONE
from tests.core.engine.banking import SHARE, Bank
from tests.core.engine.world import ETHER
from tests.test_cli import floorbook


class Journalled(Bank):
    """A bank that remembers what it was told, to write it down."""

    def __init__(self) -> None:
        self.told: list[tuple[int, c.AnyCommand]] = []
        super().__init__()

    def apply(self, command: Any) -> list[Event]:
        self.told.append((self.at, command))
        return super().apply(command)

    def write(self, directory: Path) -> Path:
        sequencer = Sequencer(directory, Engine(), c)
        for at, command in self.told:
            sequencer.submit(command, at)
        sequencer.close()
        return directory


def filled() -> Journalled:
    bank = Journalled()
    bank.fill(lent=100, insured=20)
    bank.borrows(7 * ETHER, 1)
    bank.does(bank.request(bank.lender, 50 * ETHER * SHARE))
    return bank


def test_vaults_of_a_journal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank = filled()
    directory = bank.write(tmp_path / "journal")
    code, out, _ = floorbook(capsys, "vaults", directory)
    assert code == 0
    assert "lending      account 3" in out
    assert "money      100 ETH, locked 7 ETH, available 93 ETH" in out
    assert f"exit       account {bank.lender} with 50" in out
    assert "opens 2021-02-17 00:10 UTC" in out
    assert f"member     account {bank.insurer} with 20" in out
    code, out, _ = floorbook(capsys, "vaults", directory, "--json")
    lending, insurance = map(json.loads, out.splitlines())
    assert (lending["cash"], lending["available"]) == (100 * ETHER, 93 * ETHER)
    assert insurance["price_exit"] == PPB_ONE


def test_before_the_first_collection(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sequencer = Sequencer(tmp_path / "journal", Engine(), c)
    sequencer.submit(c.Genesis(operator=b"operator", seed=b"seed"), 1)
    sequencer.close()
    code, out, _ = floorbook(capsys, "vaults", tmp_path / "journal")
    assert (code, out) == (0, "there are no vaults: the first collection opens them\n")


def test_page_of_a_vault() -> None:
    bank = filled()
    page = vault_queries.vault_page(bank.state, LENDING)
    assert page.locked + page.available == page.cash == 100 * ETHER
    assert page.utilisation == 7 * PPB_ONE // 100
    (waiting,) = page.exits
    assert (waiting.account, waiting.shares, waiting.value) == (bank.lender, 50 * ETHER * SHARE, 50 * ETHER)
    assert (waiting.opens, waiting.closes) == (bank.at + 48 * HOUR_NS, bank.at + 96 * HOUR_NS)
    (member,) = page.members
    assert (member.account, member.value) == (bank.lender, 100 * ETHER)
    assert not page.is_closed
    assert vault_queries.vault_page(bank.state, INSURANCE).utilisation == 0


def test_yield_is_that_of_the_last_thirty_days() -> None:
    bank = Bank()
    bank.fill(lent=100, insured=0)
    bank.tick()
    bank.pass_time(10 * 24 * 60, step=12 * 60)
    bank.fund(bank.state.vaults[LENDING].account, ETH, ETHER)  # 1 % in ten days
    page = vault_queries.vault_page(bank.state, LENDING)
    elapsed = bank.at - bank.state.vaults[LENDING].points[0][0]
    assert page.income == 0  # counted at the next tick
    assert page.yield_year == (page.price_exit - PPB_ONE) * PPB_ONE * 365 * DAY_NS // (PPB_ONE * elapsed)
    assert 0.36 < page.yield_year / PPB_ONE < 0.37

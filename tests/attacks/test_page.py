"""docs/attacks.md says what the attacks come to today."""

from pathlib import Path

from tests.attacks import onchain
from tests.attacks.page import PAGE, Harm, Outcome, ether, page
from tests.attacks.plays import play_all


def test_the_page_is_the_run() -> None:
    # After a deliberate change of a rule: python -m tests.attacks
    assert PAGE.read_text() == page(play_all())


def test_every_attack_is_on_the_page() -> None:
    written = {entry.file for entry in play_all()}
    files = {file.name for file in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}
    assert written == {name for name in files if not name.startswith("test_found_")}


def test_every_row_is_played_somewhere() -> None:
    """36 rows and the audit's 20, but 2 (a price is no pool's) and 30 (there is no bridge)."""
    played = {entry.attack for entry in play_all()} | {one.attack for one in onchain.played()}
    rows = {str(row) for row in range(1, 37)} - {"2", "30"}
    assert rows | {f"A{row}" for row in range(1, 21)} <= played


def test_no_attack_pays() -> None:
    """Neither an attacker nor anybody who is robbed for nothing: with the guard, and not by its absence."""
    for entry in play_all():
        if isinstance(entry, Outcome):
            assert entry.profit <= 0 < entry.without
        if isinstance(entry, Harm):
            assert entry.without < min(0, entry.others)


def test_a_loss_never_reads_as_nothing() -> None:
    assert [ether(atoms) for atoms in (-1, 0, 1_500_000, -2_500_000_000)] == [
        "-0.001",
        "0",
        "+0.001",
        "-2.500",
    ]

"""docs/attacks.md says what the attacks come to today."""

from tests.attacks.page import PAGE, ether, page
from tests.attacks.plays import play_all


def test_the_page_is_the_run() -> None:
    # After a deliberate change of a rule: python -m tests.attacks
    assert PAGE.read_text() == page(play_all())


def test_a_loss_never_reads_as_nothing() -> None:
    assert [ether(atoms) for atoms in (-1, 0, 1_500_000, -2_500_000_000)] == [
        "-0.001",
        "0",
        "+0.001",
        "-2.500",
    ]

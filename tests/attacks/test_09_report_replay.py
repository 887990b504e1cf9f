"""Row 9: yesterday's reports are said again after the price has fallen; or those of another chain, or twins
of signatures (Reservoir's messages bound neither chain nor contract; LegendaryMoney's ecrecover gave 0).

The attacker keeps every honest report of a price of 60 ETH, waits for a crash, brings tokens bought
cheaply, and submits the old reports before he borrows.

Guards: rounds that rise, ages, one form of a signature in one domain (reports.md §2, §8).
"""

from functools import cache
from unittest.mock import patch

import msgspec
import pytest

from floorbook.core import commands as c
from floorbook.core.engine import reports, worth
from floorbook.core.reasons import Reject
from floorbook.core.rules.reports import Grown
from floorbook.pricing.eip712 import ORDER, Domain, Key, keccak256
from floorbook.pricing.reports import LOCAL, check, sign
from tests.attacks.page import Outcome
from tests.attacks.pawnshop import TRUTH, Pawnshop

TOKENS = 5
MINUTE = 60


def replay(crash_percent: int, waits_minutes: int, *, renumbered: bool = False) -> Pawnshop:
    """Fall from twice the price, wait, say the old reports again and borrow; at every ten minutes anew."""
    shop = Pawnshop()
    shop.truth = 2 * TRUTH
    shop.bring(TOKENS)
    shop.pass_seconds(12 * 3_600, step=1_800)
    kept = shop.hear_all()
    shop.truth = shop.truth * (100 - crash_percent) // 100
    shop.pass_seconds(waits_minutes * MINUTE, step=10 * MINUTE)

    def say_again() -> None:
        for old in kept:
            shop.apply(msgspec.structs.replace(old, round=shop.round + 1) if renumbered else old)
        shop.tick()
        shop.pawn_all()

    say_again()
    shop.pass_seconds(3_600, each=say_again)
    return shop


@cache
def play() -> Outcome:
    with (
        patch.object(reports, "reject_report", lambda state, command: None),
        patch.object(worth, "grown", lambda anchor, since, new, now: Grown(new, new, now)),
    ):
        without = replay(60, 20).profit()
    tried = [
        replay(crash, waits, renumbered=renumbered)
        for crash in (20, 40, 60, 80) for waits in (10, 50, 120) for renumbered in (False, True)
    ]  # fmt: skip
    best = max(tried, key=Pawnshop.outcome)
    return Outcome(
        attack="9", title="say old reports again",
        guard="rounds, ages, domain, one form; rise per day", spec="reports.md §2, §8",
        without=without, profit=best.profit(), insurance=0, honest=-best.profit(), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_believed_again_old_reports_would_lend_more_than_a_token_is_worth() -> None:
    assert play().without > 0


def test_replaying_earns_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["9"] = play()
    assert play().profit <= 0


@pytest.mark.parametrize("minutes", [0, 10, 59, 61, 600])
def test_a_report_counts_once_at_any_time(minutes: int) -> None:
    shop = Pawnshop()
    kept = shop.hear_all()
    shop.wait(minutes * MINUTE)
    assert [shop.refuses(old) for old in kept] == [Reject.STALE_REPORT] * 5


# A round can be changed in a plain command, but not under its signature: `check` stands before the sequencer.

KEY = Key(keccak256(b"reporter"))
SAID = c.PublishReport(
    reporter=KEY.address, collection=0, token=-1, kind=2, values=(60,), sampled_from=1, sampled_to=2, round=3
)


def test_no_other_report_has_the_signature() -> None:
    signed = msgspec.structs.replace(SAID, signature=sign(SAID, KEY, LOCAL))
    assert check(signed, LOCAL) == ""
    assert check(msgspec.structs.replace(signed, round=4), LOCAL) != ""
    assert check(signed, Domain(1, LOCAL.contract)) != ""
    assert check(signed, Domain(LOCAL.chain_id, b"\1" * 20)) != ""


def test_a_twin_and_the_zero_address_are_nobody() -> None:
    signature = sign(SAID, KEY, LOCAL)
    high = (ORDER - int.from_bytes(signature[32:64])).to_bytes(32)
    twin = signature[:32] + high + bytes([55 - signature[64]])
    assert check(msgspec.structs.replace(SAID, signature=twin), LOCAL) != ""
    nobody = msgspec.structs.replace(SAID, reporter=bytes(20), signature=bytes(64) + b"\x1b")
    assert check(nobody, LOCAL) != ""
    shop = Pawnshop()
    command = shop.operated(c.SetReporters, reporters=(bytes(20),), quorum=1)
    assert shop.refuses(command) is Reject.BAD_PARAMETER

"""A freeze at many places of a real journal: what is paid is there, and nobody gains by it."""

import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from floorbook import journal
from floorbook.chain.freezing import leaf_of, moved, outcome_of, repay_all, settled_markets
from floorbook.chain.frozen import FrozenBook, Market
from floorbook.cli.app import app
from floorbook.core import commands
from floorbook.core.commands import AnyCommand
from floorbook.core.engine import Engine
from floorbook.core.engine.commitments import (
    SYSTEM,
    AccountClaim,
    MarketClaim,
    account_commitments,
    market_commitments,
)
from floorbook.core.events import Event
from floorbook.core.state import State
from floorbook.demo import Settings, run_headless
from floorbook.demo.settings import JOURNAL, parse_day
from floorbook.errors import ConfigError
from floorbook.journal import Applied, AppliedBatch
from floorbook.units import ASSETS, ETH, HOUR_NS

START = parse_day("2021-02-21") + 14 * HOUR_NS
RUN = Settings(start=START, end=START + 3 * HOUR_NS, seed=1, bots=12, commit_minutes=10)
EVERY = 5  # commands
MOVES = (-30, -10, 7)  # [percent]
Moment = tuple[int, list[AccountClaim], list[MarketClaim]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hours of traders, lenders and borrowers."""
    out = tmp_path_factory.mktemp("freezing") / "run"
    assert run_headless(out, RUN) == 0
    return out


@pytest.fixture(scope="module")
def moments(run: Path) -> list[Moment]:
    """What the exchange would have committed to after every so many commands."""
    engine = Engine()
    found: list[Moment] = []

    def observe(applied: Applied[AnyCommand, Event] | AppliedBatch) -> None:
        state = engine.state
        if state.markets and applied.seq // EVERY > (found[-1][0] // EVERY if found else -1):
            claims = account_commitments(state)
            check_sums(state, claims)
            found.append((applied.seq, claims, market_commitments(state)))

    journal.replay(run / JOURNAL, engine, commands, observe=observe)
    return found


def check_sums(state: State, claims: list[AccountClaim]) -> None:
    for asset in range(ASSETS):
        net = sum(claim.claims[asset] - claim.debts[asset] for claim in claims)
        assert net == state.deposits[asset] - state.withdrawals[asset]


def prices_of(moment: Moment, move: int) -> dict[int, Market]:
    return settled_markets(moment[2], {one.market: moved(one.mark, move) for one in moment[2]})


def equity_at(claim: AccountClaim, markets: dict[int, Market], asset: int) -> int:
    """Return what the account would have at other marks without any freeze [atoms], by hand."""
    later = 0
    for market, held_in, size, _ in claim.positions:
        if held_in == asset:
            later += size * markets[market].unit * (markets[market].price - markets[market].mark)
    return claim.claims[asset] - claim.debts[asset] + later


def test_there_are_hundreds_of_moments_with_everybody_in_them(moments: list[Moment]) -> None:
    assert len(moments) >= 200
    _, claims, _ = moments[-1]
    assert any(claim.lent for claim in claims)
    assert any(sum(claim.debts) and claim.tokens for claim in claims)
    sizes = [size for claim in claims for _, _, size, _ in claim.positions]
    assert min(sizes) < 0 < max(sizes)


@pytest.mark.parametrize("move", MOVES)
def test_what_is_paid_is_there_at_every_moment(moments: list[Moment], move: int) -> None:
    for moment in moments:
        markets = prices_of(moment, move)
        outcome = outcome_of(moment[1], markets)
        for asset, pool in enumerate(outcome.pools):
            assert pool.paid == sum(share.paid[asset] for share in outcome.shares) <= pool.assets
            assert pool.paid <= pool.paid_at_last <= pool.assets + pool.repaid
        for claim, share in zip(moment[1], outcome.shares, strict=True):
            assert not any(share.owes) or share.paid == (0, 0)
            assert not claim.status & SYSTEM or share.paid_at_last == (0, 0)
        tokens = sum(len(claim.tokens) for claim in moment[1])
        assert sum(outcome[2:]) == tokens
        assert outcome.free_tokens == sum(
            len(claim.tokens)
            for claim, share in zip(moment[1], outcome.shares, strict=True)
            if not claim.status & SYSTEM and not any(share.owes)
        )


@pytest.mark.parametrize("move", MOVES)
def test_nobody_has_more_than_without_a_freeze_at_any_moment(moments: list[Moment], move: int) -> None:
    """A12: a winner or loser has what he would have at the same prices.

    Lenders have interest more, and what is repaid of debts that began after the freeze and the pot can spare.
    """
    for moment in moments:
        markets = prices_of(moment, move)
        outcome = outcome_of(moment[1], markets)
        over = 0
        for claim, share in zip(moment[1], outcome.shares, strict=True):
            for asset in range(ASSETS):
                equity = equity_at(claim, markets, asset)
                if not claim.status & SYSTEM:
                    assert share.own[asset] - share.owes[asset] == equity
                gained = share.paid_at_last[asset] - max(0, equity)
                assert gained <= 0 or (claim.lent and asset == ETH)
                over += max(0, gained)
        pool, owed = outcome.pools[ETH], sum(share.owes[ETH] for share in outcome.shares)
        interest, new_debts = pool.repaid - owed, max(0, owed - pool.lent)
        assert over <= interest + new_debts


def test_who_comes_late_or_twice_takes_nothing_from_others(moments: list[Moment]) -> None:
    """A13: any part of the accounts may come late; claims may be repeated at will."""
    dice = random.Random(5)
    for moment in moments[::3]:
        book = FrozenBook([leaf_of(claim) for claim in moment[1]], prices_of(moment, dice.choice(MOVES)))
        accounts = list(range(len(book.leaves)))
        dice.shuffle(accounts)
        in_time = dice.randrange(len(accounts))
        for place, account in enumerate(accounts):
            book.register(account, late=place >= in_time)
        for day in (8, 30):
            for account in accounts:
                book.claim(account)
                assert book.claim(account) == (0, 0)
            for asset, pot in enumerate(book.pots):
                assert sum(paid[asset] for paid in book.paid.values()) <= pot.assets + book.recovered[asset]
            repay_all(book, day * 86_400)


# ---- the command -------------------------------------------------------------------------------


def says(*words: object) -> str:
    result = CliRunner().invoke(app, ["freeze", *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_command_shows_what_the_rules_give(run: Path, moments: list[Moment]) -> None:
    shown = json.loads(says(run, "--move", -30, "--json"))
    seq, claims, _ = moments[-1]
    assert seq <= shown["seq"] < seq + EVERY
    assert len(shown["shares"]) == len(claims)
    assert {one["price"] * 20 // one["mark"] for one in shown["markets"]} == {17}  # 15 % below, the limit
    kinds = {one["kind"] for one in shown["shares"]}
    assert kinds >= {"traders", "lenders", "borrowers", "funds"}
    for asset, pool in enumerate(shown["pools"]):
        assert pool["paid"] == sum(one["paid"][asset] for one in shown["shares"])
    table = says(run, "--move", -30)
    assert "-15.0 %, the limit" in table
    assert f"{sum(one['paid'][0] for one in shown['shares']) / 10**9:,.3f}" in table


def test_the_command_freezes_where_a_group_ends(run: Path) -> None:
    assert json.loads(says(run, "--seq", 500, "--json"))["seq"] >= 500
    assert "markets then move +0 %" in says(run, "--seq", 500)
    with pytest.raises(ConfigError, match="the journal ends at seq"):
        says(run, "--seq", 10**9)

"""Samples of a run for its report: prices, open interest, insurance, and how each kind of bot fares."""

from floorbook.core.collateral import Custody
from floorbook.core.engine import credit, vaults
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.core.state import Market, State
from floorbook.demo.tally import Tally
from floorbook.report import CollateralSeries, MarketSeries, Series
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, ASSETS, ETH, MINUTE_NS, PPB_ONE

SAMPLES_MAX = 1_400


def pace_minutes(minutes: int) -> int:
    """Return the minutes between two samples: a round number that keeps a run below SAMPLES_MAX."""
    for pace in (1, 2, 5, 10, 15, 30, 60):
        if minutes <= pace * SAMPLES_MAX:
            return pace
    return 60 * (1 + minutes // (60 * SAMPLES_MAX))


class Recorder:
    """Takes the samples of one world; `kinds` names every bot's kind by its primary account."""

    def __init__(self, state: State, tally: Tally, kinds: dict[int, str]) -> None:
        self._state = state
        self._tally = tally
        self._kinds = kinds
        self._volumes = [(0, 0)] * len(state.markets)
        self._commands = 0
        names = list(dict.fromkeys(kinds.values()))
        self.series = Series(
            markets=[
                MarketSeries(m.name, ASSET_NAMES[m.asset], ASSET_DECIMALS[m.asset], m.price_decimals)
                for m in state.markets
            ],
            equity={name: [] for name in names},
            profit={name: [] for name in names},
            collateral=CollateralSeries() if state.collections else None,
        )

    def sample(self) -> None:
        """Take one sample now."""
        series, state, tally = self.series, self._state, self._tally
        series.at.append(state.now - state.now % MINUTE_NS)
        series.commands.append(tally.commands - self._commands)
        self._commands = tally.commands
        for market, samples in zip(state.markets, series.markets, strict=True):
            self._sample_market(market, samples)
        if series.collateral is not None:
            sample_collateral(state, series.collateral)
        for name, (claims, paid) in self._by_kind().items():
            series.equity[name].append(sum(map(tally.eth, range(ASSETS), claims)))
            gains = (claim - given for claim, given in zip(claims, paid, strict=True))
            series.profit[name].append(sum(map(tally.eth, range(ASSETS), gains)))

    def finish(self) -> Series:
        """Return the series with the moments between the samples."""
        series, tally = self.series, self._tally
        for at, market, rate in tally.funding:
            series.markets[market].funding_at.append(at)
            series.markets[market].funding_ppb.append(rate)
        series.liquidations = tally.liquidations
        series.deleveraged = tally.deleveraged
        series.insurance_paid = tally.insurance_paid
        series.sales = list(tally.sales.by_auction.values())
        series.bad_debt = tally.sales.bad_debt
        series.lenders_lost = tally.sales.lenders_lost
        return series

    def _sample_market(self, market: Market, samples: MarketSeries) -> None:
        kernel, tally = self._state.kernel, self._tally
        open_interest = kernel.open_interest(market.id) * market.mark * market.unit
        samples.index.append(market.index.limited)
        samples.mark.append(market.mark)
        samples.last.append(tally.last.get(market.id, 0))
        samples.open_interest.append(tally.eth(market.asset, open_interest))
        samples.insurance.append(insurance(self._state, market))
        before = self._volumes[market.id]
        volumes = tally.volume_by_market[market.id], tally.liquidated_by_market[market.id]
        samples.volume.append(volumes[0] - before[0])
        samples.liquidated.append(volumes[1] - before[1])
        self._volumes[market.id] = volumes

    def _by_kind(self) -> dict[str, tuple[list[int], list[int]]]:
        """Return per kind what its accounts are worth and what was paid in, per asset [atoms]."""
        state, kinds = self._state, self._kinds
        found = {name: ([0] * ASSETS, [0] * ASSETS) for name in self.series.equity}
        kind_of = [kinds.get(state.primary(account)) for account in range(len(state.owner_of))]
        for account, kind in enumerate(kind_of):
            if kind is not None:
                for asset in range(ASSETS):
                    found[kind][0][asset] += state.kernel.quote(account, asset)
        for market in state.markets:
            for account, size, _ in state.kernel.positions(market.id):
                kind = kind_of[account]
                if kind is not None:
                    found[kind][0][market.asset] += size * market.mark * market.unit
        for (account, asset), amount in self._tally.paid_in.items():
            kind = kind_of[account]
            if kind is not None:
                found[kind][1][asset] += amount
        return found


def sample_collateral(state: State, samples: CollateralSeries) -> None:
    """Take one sample of everything pledged, owed and insured."""
    lines = state.credit.lines
    worths = [credit.worth(state, account) for account in lines]
    samples.tokens.append(sum(token.custody == Custody.PLEDGED for token in state.tokens.values()))
    samples.value.append(sum(worth.liquidation for worth in worths))
    samples.backing.append(sum(worth.backing for worth in worths))
    samples.debt.append(sum(credit.debt(state, account) for account in lines))
    samples.committed.append(sum(line.commitment for line in lines.values()))
    samples.provision.append(sum(line.provision for line in lines.values()))
    samples.open_auctions.append(len(state.auctions))
    samples.rate_ppb.append(state.credit.rate_year)
    for money, price, vault in (
        (samples.claims, samples.lending_price_ppb, LENDING),
        (samples.insurance, samples.insurance_price_ppb, INSURANCE),
    ):
        money.append(state.kernel.cash(state.vaults[vault].account, ETH))
        price.append(vaults.share_price(state, vault, PPB_ONE))


def insurance(state: State, market: Market) -> int:
    """Return what a market's fund is worth at the marks [settle atoms]."""
    fund = market.fund.account
    worth: int = state.kernel.quote(fund, market.asset)
    for other in state.markets:
        if other.asset == market.asset:
            worth += state.kernel.position(fund, other.id)[0] * other.mark * other.unit
    return worth

"""Funding: a premium sample a minute, an hour's settlement, and the accrual between them.

What the running hour has accrued is put aside in the accrual account, so that equity counts it at each
sample and nobody looks healthy on money already owed (A18); only who holds at the hour's end pays and
receives.  Spec: docs/spec/funding.md
"""

from hashlib import sha256

from floorbook.core.events import Event, Funded, FundingSettled
from floorbook.core.rules import funding as rule
from floorbook.core.state import Market, State
from floorbook.units import HOUR_NS, MINUTE_NS, SECOND_NS, div_down


def run(state: State, market: Market) -> list[Event]:
    """Take the samples that are due, accrue, and settle the hour if it has ended."""
    funding = market.funding
    if not funding.next_at:
        funding.minute = div_down(state.now, MINUTE_NS)
        funding.next_at = (div_down(state.now, HOUR_NS) + 1) * HOUR_NS
    minute = div_down(state.now, MINUTE_NS)
    if minute > funding.minute:
        _end_minute(state, market)
        funding.minute = minute
    events = settle_hour(state, market) if state.now >= funding.next_at else []
    _note_premium(state, market)
    return events


def _note_premium(state: State, market: Market) -> None:
    """Remember the premium of this second; which second counts is drawn when the minute is over."""
    if market.index.stale_since or not market.mark:
        return
    second = div_down(state.now, SECOND_NS) % 60
    premium = rule.premium(market.mark, market.index.limited)
    marks = market.funding.minute_marks
    if marks and marks[-1][0] == second:
        marks.pop()
    marks.append((second, premium))


def _end_minute(state: State, market: Market) -> None:
    """Sample the minute at the drawn second: the last premium noted until then, 0 if there was none."""
    funding = market.funding
    drawn = rule.sample_second(state.entropy, funding.minute)
    noted = [premium for second, premium in funding.minute_marks if second <= drawn]
    if funding.minute_marks:
        funding.samples.append(noted[-1] if noted else funding.minute_marks[0][1])
    funding.minute_marks = []
    _accrue(state, market, _rate(market))


def _rate(market: Market) -> int:
    cap = rule.rate_cap(market.tiers[0].initial_ppb, market.tiers[0].maintenance_ppb)
    return rule.hourly_rate(market.funding.samples, cap, market.funding.rates)


def _accrue(state: State, market: Market, rate: int) -> int:
    """Bring what every holder has put aside to this rate; return the dust that the accrual holds."""
    holders = state.kernel.positions(market.id)
    settlement = rule.settle(market.index.limited, market.unit, rate, [size for _, size, _ in holders])
    due = {account: credit for (account, _, _), credit in zip(holders, settlement.credits, strict=True)}
    accrued = market.funding.accrued
    adjust, moved = state.kernel.adjust, 0
    for account in [*due, *(account for account in accrued if account not in due)]:
        delta = due.get(account, 0) - accrued.get(account, 0)
        if delta:
            adjust(account, market.asset, delta)
            moved += delta
    adjust(state.accrual_account, market.asset, -moved)
    market.funding.accrued = due
    return settlement.dust


def settle_hour(state: State, market: Market) -> list[Event]:
    """Pay the hour that ends: who holds now pays and receives the whole hour."""
    funding = market.funding
    rate = _rate(market)
    dust = _accrue(state, market, rate)
    events: list[Event] = [FundingSettled(market=market.id, rate=rate, index=market.index.limited, dust=dust)]
    events += [
        Funded(account=account, market=market.id, payment=-credit)
        for account, credit in funding.accrued.items()
        if credit
    ]
    if dust:
        state.kernel.adjust(state.accrual_account, market.asset, -dust)
        state.kernel.adjust(market.fund.account, market.asset, dust)
    funding.accrued = {}
    funding.samples = []
    funding.last_rate = rate
    funding.rates = [*funding.rates, rate][-23:]
    funding.next_at = (div_down(state.now, HOUR_NS) + 1) * HOUR_NS
    return events


def give_back(state: State, account: int) -> None:
    """Take back what the running hour has put aside for an account that may not hold to its end.

    Done before a position is closed for it: afterwards nothing might be left to take.  What the account owes
    to the hour stays put aside, and comes back with the next sample if it does not hold any more.
    """
    for market in state.markets:
        credit = market.funding.accrued.get(account, 0)
        if credit > 0:
            del market.funding.accrued[account]
            state.kernel.adjust(account, market.asset, -credit)
            state.kernel.adjust(state.accrual_account, market.asset, credit)


def chain_entropy(state: State) -> None:
    """Chain what this minute brought into the entropy that draws the next sample's second.

    The marks, fills and sequence number of a minute are known to all when it is over and to nobody before.
    """
    seen = [state.seq, *(number for m in state.markets for number in (m.mark, m.index.raw, len(m.fills)))]
    state.entropy = sha256(state.entropy + b"".join(n.to_bytes(8, "little") for n in seen)).digest()

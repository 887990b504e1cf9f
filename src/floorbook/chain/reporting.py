"""A reporter alone with a chain: sign what a market costs, bring reports to the oracle's contract.

What settles a frozen exchange is the median of what reporters said in the day after (frozen-exit.md §2).
The operators may be gone by then: a reporter needs its key, some ether and a node, nothing else.  The oracle
takes a report that is at most an hour old; a market's price stands for the quarter of an hour in which a
quorum has said it.
"""

from collections.abc import Mapping, Sequence

import msgspec

from floorbook.chain.abi import explain
from floorbook.chain.relaying import submission
from floorbook.chain.rpc import Rpc, outcomes_flow
from floorbook.chain.transactions import Wallet, trial
from floorbook.core.commands import PublishReport
from floorbook.errors import ChainError, ConfigError, RpcRefused
from floorbook.pricing.eip712 import Domain, Key
from floorbook.pricing.reports import MARKET, TICKS_MAX, Report, sign
from floorbook.units import SECOND_NS

NOTHING_READ = bytes(32)


def market_reports(
    key: Key, oracle: Domain, prices: Mapping[int, int], now_s: int, source: bytes = NOTHING_READ
) -> list[PublishReport]:
    """Return the signed reports of markets' prices [ticks] seen at a time [s]; raises ConfigError."""
    return [_signed(key, oracle, market, ticks, now_s, source) for market, ticks in prices.items()]


def chain_time(rpc: Rpc) -> int:
    """Return the time of the newest block [s]: what is sampled then is of no future for the contract."""
    header = rpc.header()
    if header is None:
        raise ChainError("the node has no newest block")
    return header.time


def bring(wallet: Wallet, oracle: bytes, reports: Sequence[Report]) -> list[str]:
    """Bring reports to the oracle and wait for them; return of each why it was refused, "" if it was not.

    What is refused is not sent and costs nothing.  Raises every kind of ChainError.
    """
    calls = [submission(oracle, report) for report in reports]
    tried = [trial(call, wallet.address) for call in calls]
    refusals = [_refusal(outcome) for outcome in wallet.run(outcomes_flow(tried))]
    taken = [call for call, refusal in zip(calls, refusals, strict=True) if not refusal]
    if taken:
        wallet.transact(*taken)
    return refusals


def _signed(key: Key, oracle: Domain, market: int, ticks: int, now_s: int, source: bytes) -> PublishReport:
    if not 0 < ticks <= TICKS_MAX:
        raise ConfigError(f"{ticks:,} ticks are no price of a market; write 1 to {TICKS_MAX:,}")
    at = now_s * SECOND_NS
    report = PublishReport(
        reporter=key.address, collection=market, token=-1, kind=MARKET, values=(ticks,),
        sampled_from=at, sampled_to=at, round=now_s, source=source,
    )  # fmt: skip
    return msgspec.structs.replace(report, signature=sign(report, key, oracle))


def _refusal(outcome: object) -> str:
    if not isinstance(outcome, RpcRefused):
        return ""
    return explain(outcome.data) if outcome.data else str(outcome)

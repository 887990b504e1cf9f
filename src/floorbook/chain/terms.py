"""Terms of an exchange's contracts: who may do what, how fast, how much; and what the constructors refuse.

    chain 31337   tests and the demo: delays, windows and serving may be short
    any other     a change of the admin's waits 4 to 30 days, as new reporters need; a batch can be
                  challenged 10 min to 7 days; a forced exit is served in 6 h to 7 days, at least two windows

`check` finds in one go what the chain would refuse one constructor after the other, after gas was paid.
Spec: docs/spec/chain.md §1
"""

from collections.abc import Iterator, Sequence

import msgspec

from floorbook.errors import ConfigError
from floorbook.pricing.eip712 import ADDRESS_BYTES
from floorbook.pricing.reports import LOCAL_CHAIN

MINUTE_S, HOUR_S = 60, 3_600
DAY_S = 24 * HOUR_S
# contracts/src: Oracle.REPORTERS_DELAY, which is above Administered.DELAY_MIN, and DELAY_MAX
DELAY_S = (4 * DAY_S, 30 * DAY_S)
WINDOW_S = (10 * MINUTE_S, 7 * DAY_S)  # Settlement.WINDOW_MIN, WINDOW_MAX
SERVE_S = (6 * HOUR_S, 7 * DAY_S)  # ForcedExit.SERVE_TIME_MIN, SERVE_TIME_MAX
SERVE_TEST_MIN_S, SERVE_WINDOWS = 1, 2
OPERATORS_MAX, REPORTERS_MAX = 16, 31  # Signers.SIGNERS_MAX, Oracle.REPORTERS_MAX
# Withdrawals: least an hour [atoms/h], tokens [1/h]; the most is so many times as much
LIMITS_MIN, LIMIT_SPAN, SMALL_PART = (10 * 10**9, 20_000 * 10**6, 10), 10_000, 10
LARGE_DELAY_MAX_S = DAY_S
BOND_MAX_WEI = 10**21  # no bound of the contract: more would shut everybody in


class Lane(msgspec.Struct, frozen=True, array_like=True):
    """What may leave of ether, USDC or tokens: an hour, at once, and how long a larger amount waits [s]."""

    limit: int  # [atoms/h], tokens: [1/h]
    small: int  # [atoms], tokens: how many
    delay: int


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Who may do what in the contracts, and with which delay [s]; addresses as 0x and 40 digits."""

    admin: str
    guardian: str  # of every contract that has an admin, from the first block on
    operators: tuple[str, ...]  # sign the batches
    threshold: int  # so many of them
    reporters: tuple[str, ...]  # sign prices
    quorum: int
    delay: int = 4 * DAY_S  # of every change that the admin announces
    window: int = HOUR_S  # in which a batch may be challenged
    serve: int = DAY_S  # for a forced request
    bond: int = 5 * 10**16  # [wei] of a forced request
    treasury: str  # gets the bonds of refused requests
    lanes: tuple[Lane, Lane, Lane] = (
        Lane(500 * 10**9, 10 * 10**9, HOUR_S),
        Lane(1_000_000 * 10**6, 20_000 * 10**6, HOUR_S),
        Lane(50, 2, HOUR_S),
    )
    usdc: str = ""  # empty: a test token is deployed
    ether: str = ""  # ether as an ERC-20, likewise
    collections: tuple[str, ...] = ()  # by the exchange's number, likewise


def address(text: str) -> bytes:
    """Return the 20 bytes of an address; raises ConfigError."""
    try:
        found = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        found = b""
    if len(found) != ADDRESS_BYTES:
        raise ConfigError(f"{text!r} is no address; write 0x and 40 hexadecimal digits")
    return found


def ascending(addresses: Sequence[str]) -> list[bytes]:
    """Return addresses in the order in which the contracts want them."""
    return sorted(map(address, addresses))


def check(terms: Terms, chain_id: int) -> None:
    """Raise ConfigError with everything that the constructors would refuse on this chain."""
    wrong = [*_people(terms), *_times(terms, chain_id), *_lanes(terms)]
    if wrong:
        raise ConfigError(f"the contracts would refuse these terms: {'; '.join(wrong)}")


def _people(terms: Terms) -> Iterator[str]:
    for name in ("admin", "guardian", "treasury"):
        if not any(address(getattr(terms, name))):
            yield f"{name} is the zero address"
    yield from _majority("operator", terms.operators, terms.threshold, OPERATORS_MAX)
    yield from _majority("reporter", terms.reporters, terms.quorum, REPORTERS_MAX)


def _majority(name: str, people: Sequence[str], needed: int, most: int) -> Iterator[str]:
    known = ascending(people)
    if not 0 < len(known) <= most:
        yield f"{len(known)} {name}s; name 1 to {most}"
    elif not len(known) < 2 * needed <= 2 * len(known):
        yield f"{needed} of {len(known)} {name}s; take more than half and at most all"
    if len(set(known)) < len(known) or not all(map(any, known)):
        yield f"a {name} is named twice, or is the zero address"


def _times(terms: Terms, chain_id: int) -> Iterator[str]:
    is_test = chain_id == LOCAL_CHAIN
    where = f" on chain {chain_id}"
    yield from _between("delay", terms.delay, 0 if is_test else DELAY_S[0], DELAY_S[1], where)
    yield from _between("window", terms.window, 0 if is_test else WINDOW_S[0], WINDOW_S[1], where)
    least = max(SERVE_TEST_MIN_S if is_test else SERVE_S[0], SERVE_WINDOWS * terms.window)
    yield from _between("serve", terms.serve, least, SERVE_S[1], f"{where}, at least two windows")
    if not 0 <= terms.bond <= BOND_MAX_WEI:
        yield f"bond is {terms.bond:,} wei, not 0 to {BOND_MAX_WEI:,}"


def _lanes(terms: Terms) -> Iterator[str]:
    for name, lane, least in zip(("ether", "USDC", "tokens"), terms.lanes, LIMITS_MIN, strict=True):
        if not least <= lane.limit <= least * LIMIT_SPAN:
            yield f"the limit of {name} is {lane.limit:,} an hour, not {least:,} to {least * LIMIT_SPAN:,}"
        if not least // SMALL_PART <= lane.small <= lane.limit:
            yield f"{lane.small:,} of {name} leave at once, not {least // SMALL_PART:,} to {lane.limit:,}"
        if not 0 <= lane.delay <= LARGE_DELAY_MAX_S:
            yield f"a large payout of {name} waits {lane.delay:,} s, not 0 to {LARGE_DELAY_MAX_S:,}"


def _between(name: str, value: int, low: int, high: int, where: str) -> Iterator[str]:
    if not low <= value <= high:
        yield f"{name} is {value:,} s, not {low:,} to {high:,} s{where}"

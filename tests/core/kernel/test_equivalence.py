"""All builds on the same random flow: equal events, state, risk and answers; and what must hold anyway."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core.kernel.rows import CANCELLED, EVENT, REJECTED, ROW, saturate
from floorbook.core.reasons import Cancel, Reject
from tests.core.kernel.builds import BUILDS
from tests.core.kernel.flow import Flow

OTHERS = {name: make for name, make in BUILDS.items() if name != "reference"}
STEPS = 260


def run(kernel: Any, method: str, arguments: tuple[Any, ...]) -> Any:
    """Return the answer; an asserted contract is one too."""
    try:
        return getattr(kernel, method)(*arguments)
    except AssertionError:
        return "refused by contract"


def steps_of(flow: Flow, count: int) -> Any:
    yield from flow.opening()
    for _ in range(count):
        yield flow.step()


def check_equal(seed: int, count: int, builds: dict[str, Any]) -> Counter[tuple[int, int]]:
    """Play one flow on the reference and some builds; return the events by kind and reason."""
    flow = Flow(seed)
    reference, kernels = BUILDS["reference"](), [make() for make in builds.values()]
    seen: Counter[tuple[int, int]] = Counter()
    deposits = [0, 0]
    for number, (method, arguments) in enumerate(steps_of(flow, count)):
        expected = run(reference, method, arguments)
        for name, kernel in zip(builds, kernels, strict=True):
            assert run(kernel, method, arguments) == expected, (seed, number, name, method, arguments)
        flow.learn(expected)
        if method == "adjust" and expected is None:
            deposits[arguments[1]] += arguments[2]
        if isinstance(expected, list):
            seen.update((event[0], event[1]) for event in expected)
        check_conserved(kernels[-1], deposits)
        if number % 10 == 0:
            check_same_state(reference, kernels, f"seed {seed} step {number}")
    check_same_state(reference, kernels, f"seed {seed}")
    return seen


def check_conserved(kernel: Any, deposits: list[int]) -> None:
    """INV: quotes sum to the deposits, sizes and entry costs to nothing in each market; to the atom."""
    markets, accounts, _ = kernel.counts()
    for asset in range(2):
        assert sum(kernel.quote(account, asset) for account in range(accounts)) == deposits[asset]
    for market in range(markets):
        assert sum(size for _, size, _ in kernel.positions(market)) == 0


def check_same_state(reference: Any, kernels: list[Any], where: str) -> None:
    dump, (markets, accounts, _) = reference.dump(), reference.counts()
    risks = [reference.risk(account) for account in range(accounts)]
    swept = [account for account in range(accounts) if risks[account][2] < 0]
    for kernel in kernels:
        assert kernel.dump() == dump, where
        assert [kernel.risk(account) for account in range(accounts)] == risks, where
        assert kernel.sweep() == swept, where
        assert set(swept) <= set(kernel.suspects()), where
        for market in range(markets):
            for method, arguments in questions(market):
                answer = getattr(kernel, method)(*arguments)
                assert answer == getattr(reference, method)(*arguments), (where, method)


def questions(market: int) -> Any:
    yield "best", (market,)
    yield "positions", (market,)
    yield "open_interest", (market,)
    for side in (1, -1):
        yield "depth", (market, side, 4)
        yield "quotes", (market, side, 10**7, 100)
    for account in (0, 3):
        yield "open_orders", (account, market)
        yield "open_orders", (account,)
        yield "position", (account, market)
        yield "cash", (account, market % 2)


@given(st.integers(10**3, 10**9))
@settings(max_examples=12)
def test_all_builds_agree_on_random_flow(seed: int) -> None:
    check_equal(seed, STEPS, OTHERS)


def test_the_flow_reaches_every_reason() -> None:
    """The flows above would prove little if they did not go everywhere."""
    seen: Counter[tuple[int, int]] = Counter()
    for seed in range(8):
        seen += check_equal(seed, 3 * STEPS, {name: OTHERS[name] for name in list(OTHERS)[-1:]})
    cancels = {reason for kind, reason in seen if kind == CANCELLED}
    rejects = {reason for kind, reason in seen if kind == REJECTED}
    # Two are others': ten thousand orders `test_rejects`', a taker just at its margin `test_margin`'s.
    assert cancels >= set(range(Cancel.USER, Cancel.OPEN_INTEREST + 1)) - {Cancel.TAKER_MARGIN}
    assert rejects >= KERNEL_REJECTS - {Reject.TOO_MANY_ORDERS}


KERNEL_REJECTS = {
    Reject.UNKNOWN_ACCOUNT, Reject.UNKNOWN_MARKET, Reject.MARKET_CLOSED, Reject.MARKET_REDUCE_ONLY,
    Reject.ACCOUNT_FROZEN, Reject.UNKNOWN_ORDER, Reject.BAD_ORDER_KIND, Reject.SIZE_NOT_POSITIVE,
    Reject.SIZE_TOO_LARGE, Reject.SIZE_BELOW_MINIMUM, Reject.PRICE_NOT_POSITIVE, Reject.PRICE_TOO_LARGE,
    Reject.PRICE_OUTSIDE_BAND, Reject.EXPIRY_IN_PAST, Reject.TOO_MANY_ORDERS, Reject.WOULD_INCREASE,
    Reject.WOULD_CROSS, Reject.POSITION_LIMIT, Reject.INSUFFICIENT_MARGIN, Reject.NOT_FILLABLE,
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_a_batch_is_its_commands_one_by_one(name: str) -> None:
    flow, single, batched = Flow(77), BUILDS["reference"](), OTHERS[name]()
    for method, arguments in flow.opening():
        run(single, method, arguments)
        run(batched, method, arguments)
    for size in (0, 1, 7, 30, 64, 200):
        rows, expected = [], []
        for index in range(size):
            kind, account, market, side, tif, flags, price, lots, order, expires = flow.command()
            fields = saturate(kind, side, tif, flags, account, market, order, price, lots, expires)
            rows.append(ROW.pack(*fields[:6], 0, *fields[6:]))
            events = single.one(50, kind, account, market, side, tif, flags, price, lots, order, expires)
            flow.learn(events)
            expected += [(*event[:4], index, *event[5:]) for event in events]
        answer = batched.process(50, b"".join(rows))
        assert list(EVENT.iter_unpack(answer)) == expected
        assert batched.dump() == single.dump()


@pytest.mark.parametrize("name", OTHERS)
def test_a_loaded_dump_goes_on_like_the_original(name: str) -> None:
    flow, original = Flow(5), OTHERS[name]()
    for method, arguments in steps_of(flow, 200):
        flow.learn(run(original, method, arguments))
    copies = [OTHERS[name](markets=1, accounts=1, orders=1), BUILDS["reference"](), original]
    for copy in copies:
        copy.load(original.dump())
    for _ in range(200):
        method, arguments = flow.step()
        answers = [run(kernel, method, arguments) for kernel in copies]
        assert answers[0] == answers[1] == answers[2]
        flow.learn(answers[0])
    assert len({kernel.state_hash() for kernel in copies}) == 1


def test_rooms_grow_without_a_trace() -> None:
    """A kernel told the final sizes and one that had to grow end alike."""
    for make in OTHERS.values():
        hashes = set()
        for sizes in ((1, 1, 1), (3, 8, 4_096)):
            flow, kernel = Flow(9), make(*sizes)
            for method, arguments in steps_of(flow, 300):
                flow.learn(run(kernel, method, arguments))
            hashes.add(kernel.state_hash())
        assert len(hashes) == 1

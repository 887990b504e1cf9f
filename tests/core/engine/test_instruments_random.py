"""Random people with tokens and units: whatever they say, units, tokens and money are conserved."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core import commands as c
from floorbook.core.events import Event, Rejected
from floorbook.core.invariants import CHECKS
from floorbook.units import ETH
from tests.core.engine.claiming import APES, CATS, TOADS, WHOLE, Claims
from tests.core.engine.world import ETHER, ONE, PUNKS

PEOPLE = 3
TOKENS = tuple((collection, number) for collection in (APES, CATS, TOADS) for number in range(1, 5))

people = st.integers(0, PEOPLE - 1)
instruments = st.integers(0, 4)
amounts = st.sampled_from((1, 7, WHOLE // 3, WHOLE // 2, WHOLE, 30 * WHOLE))
tokens = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=4, unique=True).map(tuple)
steps = st.one_of(
    st.tuples(st.just("split"), people, st.sampled_from(TOKENS)),
    st.tuples(st.just("buyout"), people, instruments, st.integers(20, 45)),
    st.tuples(st.just("mint"), people, tokens),
    st.tuples(st.just("receipt"), people, st.integers(1, ONE)),
    st.tuples(st.just("redeem"), people, instruments, amounts, tokens),
    st.tuples(st.just("give"), people, people, instruments, amounts),
    st.tuples(st.just("pledge"), people, instruments, amounts),
    st.tuples(st.just("release"), people, instruments, amounts),
    st.tuples(st.just("price"), st.integers(15, 40)),
    st.tuples(st.just("days"), st.integers(1, 4)),
)


def said(world: Claims, accounts: list[int], step: tuple[Any, ...]) -> c.Command:
    """Return the command of a step."""
    kind, who, *rest = step
    account = accounts[who]
    if kind == "split":
        (collection, token), supply = rest[0], WHOLE
        return _signed(world, c.Fractionalise, account, collection=collection, token=token, supply=supply)
    if kind == "buyout":
        return _signed(world, c.OpenBuyout, account, instrument=rest[0], price=rest[1] * ETHER)
    if kind == "mint":
        return _signed(world, c.MintFund, account, instrument=0, tokens=rest[0])
    if kind == "receipt":
        return _signed(world, c.MintReceipt, account, market=PUNKS, lots=rest[0])
    if kind == "give":
        to, instrument, amount = rest
        return _signed(world, c.TransferUnits, account, to=accounts[to], instrument=instrument, amount=amount)
    if kind == "redeem":
        instrument, amount, named = rest
        return _signed(world, c.RedeemUnits, account, instrument=instrument, amount=amount, tokens=named)
    command = c.PledgeUnits if kind == "pledge" else c.ReleaseUnits
    return _signed(world, command, account, instrument=rest[0], amount=rest[1])


def _signed(world: Claims, kind: type[c.Command], account: int, **fields: Any) -> c.Command:
    command: c.Command = world.signed(kind, account, **fields)
    return command


def opened() -> tuple[Claims, list[int]]:
    """Three people with a token of each kind and more, a long each, and a fund; all tokens are appraised."""
    world = Claims()
    world.open_fund()
    accounts = [world.open_account(b"person %d" % number, eth=200) for number in range(PEOPLE)]
    maker = world.open_account(b"maker", eth=500)
    for number, (collection, token) in enumerate(TOKENS):
        world.bring(accounts[number % PEOPLE], collection, token)
        world.p50s[collection, token] = world.floors[collection]
    for account in accounts:
        world.trade(account, maker, ONE, world.market().mark)
    world.run(2)
    return world, accounts


@settings(max_examples=12, deadline=None)
@given(st.lists(steps, min_size=10, max_size=30))
def test_units_tokens_and_money_are_conserved(story: list[tuple[Any, ...]]) -> None:
    world, accounts = opened()
    paid_in, held = world.state.idle(ETH), len(world.state.tokens)
    for step in story:
        if step[0] == "days":
            world.run(24 * step[1], 12)
        elif step[0] == "price":
            world.floors[APES], world.price = step[1] * ETHER, step[1] * 10_000
            world.run(1)
        else:
            events: list[Event] = world.apply(said(world, accounts, step))
            assert events
            if not isinstance(events[0], Rejected):
                assert [check.__doc__ for check in CHECKS if not check(world.state)] == []
    assert world.state.idle(ETH) == paid_in
    assert len(world.state.tokens) == held
    world.check()

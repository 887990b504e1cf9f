"""One account holds ETH, USDC, a token, fractions, fund shares and a receipt, and borrows against all."""

from floorbook.core import commands as c
from floorbook.core.collateral import Worth
from floorbook.core.engine import collateral, credit, instruments
from floorbook.core.engine.worth import token_worth
from floorbook.core.events import Borrowed
from floorbook.core.reasons import Reject
from floorbook.core.rules.vault import LENDING
from floorbook.units import ETH, USDC
from tests.core.engine.claiming import APES, CATS, TOADS, WHOLE, Claims
from tests.core.engine.world import DOLLAR, ETHER, ONE, PUNKS, USDC_PRICE_E12

COMMITMENT = 45 * ETHER


def gathered() -> tuple[Claims, int]:
    """An account with one of each, all of it pledged, and a lender."""
    world = Claims()
    lender, maker = world.open_account(b"lender", eth=500), world.open_account(b"maker", eth=100)
    world.does(world.signed(c.EnterVault, lender, vault=LENDING, amount=500 * ETHER))
    world.does(c.PublishAsset(asset=USDC, price_e12=USDC_PRICE_E12, sequence=1, observed=world.at))
    account = world.open_account(b"gatherer", eth=60, usdc=2_000)
    world.open_fund()
    shares = world.bring(account, APES, 1) + world.bring(account, CATS, 1, 2, 3)
    world.bring(account, APES, 2)
    fraction = world.split(account, CATS, 9)
    world.unit_prices[fraction] = 10 * ETHER
    world.run(8, 2)
    world.does(world.signed(c.MintFund, account, instrument=0, tokens=shares))
    world.trade(account, maker, ONE, world.market().mark)
    world.does(world.signed(c.MintReceipt, account, market=PUNKS, lots=ONE))
    world.does(world.signed(c.PledgeToken, account, collection=APES, token=2))
    for number, amount in ((0, world.units(0, account)), (fraction, WHOLE), (2, WHOLE)):
        world.does(world.signed(c.PledgeUnits, account, instrument=number, amount=amount))
    world.pass_seconds(60)
    world.tick()
    return world, account


def test_its_worth_is_the_sum_of_its_parts() -> None:
    world, account = gathered()
    parts = [token_worth(world.state, world.token(APES, 2))]
    parts += [
        instruments.units_worth(world.state, *each)
        for each in instruments.pledged_units(world.state, account)
    ]
    assert len(parts) == 4
    assert all(part.loan > 0 for part in parts)
    assert collateral.account_worth(world.state, account) == sum(parts, Worth())
    assert world.state.kernel.cash(account, USDC) == 2_000 * DOLLAR
    assert world.state.kernel.cash(account, ETH) > 29 * ETHER


def test_it_borrows_against_all_of_it_and_releases_what_the_rest_carries() -> None:
    world, account = gathered()
    loan = collateral.account_worth(world.state, account).loan
    assert loan > COMMITMENT  # an owner's part of the pool: a tenth of it
    world.does(world.signed(c.OpenCredit, account, commitment=COMMITMENT))
    world.pass_seconds(60)
    world.tick()
    cash = world.cash(account)
    own = cash + 2_000 * DOLLAR * USDC_PRICE_E12 // 10**12
    events = world.does(world.signed(c.Borrow, account, amount=own + 40 * ETHER))
    assert any(isinstance(event, Borrowed) for event in events)
    assert 0 < credit.debt(world.state, account) <= COMMITMENT
    receipt = world.signed(c.ReleaseUnits, account, instrument=2, amount=WHOLE)
    everything = world.signed(c.ReleaseUnits, account, instrument=0, amount=world.units(0, account))
    world.does(receipt)
    assert world.refuses(everything) in (Reject.CREDIT_LIMIT, Reject.WRONG_WAY)
    assert TOADS not in {token.collection for token in world.state.tokens.values()}
    world.check()

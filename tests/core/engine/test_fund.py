"""The index fund: shares for tokens and tokens for shares, and no way to win by either."""

from fractions import Fraction

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Custody
from floorbook.core.events import FundWeighed, UnitsPledged
from floorbook.core.reasons import Reject
from floorbook.units import PPB_ONE
from tests.core.engine.claiming import APES, CATS, FIRST, TOADS, Claims
from tests.core.engine.world import ETHER

Names = tuple[tuple[int, int], ...]
THIRD = PPB_ONE // 3


@pytest.fixture
def world() -> Claims:
    world = Claims()
    world.settle()
    return world


def minting(world: Claims, account: int, tokens: Names, fund: int = 0) -> c.MintFund:
    command: c.MintFund = world.signed(c.MintFund, account, instrument=fund, tokens=tokens)
    return command


def redemption(world: Claims, account: int, amount: int, tokens: Names = ()) -> c.RedeemUnits:
    command: c.RedeemUnits = world.signed(c.RedeemUnits, account, instrument=0, amount=amount, tokens=tokens)
    return command


def founded(world: Claims) -> tuple[int, int]:
    """A fund of one ape, three cats and six toads: 30 ETH of each; return fund and founder."""
    fund, founder = world.open_fund(), world.open_account(b"founder")
    tokens = world.bring(founder, APES, 1) + world.bring(founder, CATS, 1, 2, 3)
    tokens += world.bring(founder, TOADS, 1, 2, 3, 4, 5, 6)
    world.tick()
    world.does(minting(world, founder, tokens))
    return fund, founder


def test_the_first_share_is_an_atom(world: Claims) -> None:
    fund, founder = founded(world)
    assert world.units(fund, founder) == sum(
        count * world.state.collections[number].liquidation_price
        for number, count in ((APES, 1), (CATS, 3), (TOADS, 6))
    )
    assert world.token(APES, 1).custody == Custody.FUND
    world.check()


def test_a_token_earns_its_part_less_the_fee(world: Claims) -> None:
    fund, _ = founded(world)
    second = world.open_account(b"second")
    tokens = world.bring(second, CATS, FIRST)
    world.tick()
    supply = world.instrument(fund).supply
    world.does(minting(world, second, tokens))
    # Cats then weigh 40 of 100; they should be a third: 0.5 % + 10 % * (2/5 - 1/3) = 1.17 %.
    exact = Fraction(supply * 10, 90)
    fee = Fraction(5, 1_000) + Fraction(1, 10) * (Fraction(2, 5) - Fraction(1, 3))
    assert 0 <= exact * (1 - fee) - world.units(fund, second) < 30  # a fee is whole ppb


def test_taking_what_there_is_too_much_of_is_cheaper(world: Claims) -> None:
    fund, founder = founded(world)
    supply = world.instrument(fund).supply
    world.does(redemption(world, founder, supply, ((CATS, 1), (CATS, 2))))
    # Cats then weigh 10 of 70; they should be a third: 0.5 % + 10 % * (1/3 - 1/7), at most 2 %.
    given = supply - world.units(fund, founder)
    assert 0 <= given - Fraction(supply * 20, 90) * (1 + Fraction(2, 100)) < 3
    supply = world.instrument(fund).supply
    world.does(redemption(world, founder, supply, ((TOADS, 1),)))  # 25 of 65: still more than a third
    given = supply - world.instrument(fund).supply
    assert 0 <= given - Fraction(supply * 5, 70) * (1 + Fraction(1, 1_000)) < 3
    assert world.token(CATS, 1).holder == founder
    world.check()


def test_a_collection_stops_at_its_target_the_tolerance_and_one_token(world: Claims) -> None:
    founded(world)
    second = world.open_account(b"second")
    tokens = world.bring(second, APES, FIRST, FIRST + 1)
    world.tick()
    assert world.refuses(minting(world, second, tokens)) == Reject.COLLECTION_CAP  # 90 of 150, one less: 40 %
    world.does(minting(world, second, tokens[:1]))  # 60 of 120, one less: 25 %
    assert world.refuses(minting(world, second, tokens[1:])) == Reject.COLLECTION_CAP


def test_the_last_tokens_leave_with_the_last_share(world: Claims) -> None:
    fund, founder = founded(world)
    names = tuple((key >> 40, key & (2**40 - 1)) for key in world.instrument(fund).held)
    supply = world.instrument(fund).supply
    assert world.refuses(redemption(world, founder, supply - 1, names)) == Reject.BID_TOO_LOW
    world.does(redemption(world, founder, supply, names))
    assert world.instrument(fund).supply == 0
    assert not world.instrument(fund).held
    world.check()


def test_what_counts_nothing_is_paid_for_by_who_comes_and_takes(world: Claims) -> None:
    fund, founder = founded(world)
    second = world.open_account(b"second")
    tokens = world.bring(second, TOADS, FIRST)
    world.tick()
    supply = world.instrument(fund).supply
    world.does(c.ObserveToken(collection=APES, token=1, fingerprint=b"", is_flagged=True))
    world.does(minting(world, second, tokens))
    assert world.units(fund, second) <= Fraction(supply * 5, 90)  # not 5 / 60: the ape is still the fund's
    before = world.units(fund, founder)
    world.does(redemption(world, founder, before, ((TOADS, 1),)))
    assert before - world.units(fund, founder) >= Fraction(world.instrument(fund).supply * 5, 65)


def test_a_stale_collection_closes_the_fund_but_for_all_of_it(world: Claims) -> None:
    fund, founder = founded(world)
    second = world.open_account(b"second")
    tokens = world.bring(second, TOADS, FIRST)
    world.run(2, silent=(CATS,))
    assert world.refuses(minting(world, second, tokens)) == Reject.NO_PRICE
    half = world.instrument(fund).supply // 2
    assert world.refuses(redemption(world, founder, half, ((CATS, 1),))) == Reject.NO_PRICE
    names = tuple((key >> 40, key & (2**40 - 1)) for key in world.instrument(fund).held)
    world.does(redemption(world, founder, 2 * half, names))


def test_mints_and_redemptions_are_refused_in_order(world: Claims) -> None:
    fund, founder = founded(world)
    second = world.open_account(b"second")
    own = world.bring(second, TOADS, FIRST)
    world.tick()
    assert world.refuses(minting(world, second, own, fund=9)) == Reject.UNKNOWN_INSTRUMENT
    assert world.refuses(minting(world, second, ())) == Reject.BAD_PARAMETER
    assert world.refuses(minting(world, second, own * 2)) == Reject.BAD_PARAMETER
    many = tuple((TOADS, 100 + number) for number in range(21))
    assert world.refuses(minting(world, second, many)) == Reject.TOO_MANY_TOKENS
    assert world.refuses(minting(world, second, ((TOADS, 99),))) == Reject.UNKNOWN_TOKEN
    assert world.refuses(minting(world, founder, own)) == Reject.NOT_HOLDER
    assert world.refuses(redemption(world, founder, 1, ((TOADS, 99),))) == Reject.UNKNOWN_TOKEN
    assert world.refuses(redemption(world, founder, 1, own)) == Reject.NOT_HOLDER
    assert world.refuses(redemption(world, founder, 1, ((TOADS, 1),))) == Reject.BID_TOO_LOW
    assert world.refuses(redemption(world, second, 1, ((TOADS, 1),))) == Reject.NOT_HOLDER
    assert world.units(fund, second) == 0


def test_listings_are_checked(world: Claims) -> None:
    def says(**fields: object) -> c.ListFund:
        terms = {"name": "BLUE", "collections": (APES, CATS, TOADS), "weight_max": THIRD + 1} | fields
        command: c.ListFund = world.operated(c.ListFund, **terms)
        return command

    assert world.refuses(says(collections=(APES, 9))) == Reject.UNKNOWN_COLLECTION
    assert world.refuses(says(collections=(APES,))) == Reject.BAD_PARAMETER
    assert world.refuses(says(collections=(APES, APES))) == Reject.BAD_PARAMETER
    assert world.refuses(says(name="a fund")) == Reject.BAD_PARAMETER
    assert world.refuses(says(weight_max=THIRD)) == Reject.BAD_PARAMETER
    world.does(says())
    assert world.refuses(says()) == Reject.DUPLICATE_NAME


def test_weights_follow_the_market_once_a_week_and_shares_stay(world: Claims) -> None:
    fund, founder = founded(world)
    assert sum(world.instrument(fund).weights) == PPB_ONE
    world.floors[TOADS] = 20 * ETHER  # 20 * 6,000 of 180,000: more than the cap of 40 %
    units = world.units(fund, founder)
    events = world.run(8 * 24, 4)
    assert sum(isinstance(event, FundWeighed) for event in events) == 1
    assert world.instrument(fund).weights == (300_000_000, 300_000_000, 400_000_000)
    assert world.units(fund, founder) == units == world.instrument(fund).supply


def test_shares_carry_what_their_weakest_fifth_does(world: Claims) -> None:
    fund, _ = founded(world)
    supply = world.instrument(fund).supply
    world.does(world.operated(c.SetCollateral, collection=TOADS, key="ltv", value=100_000_000))
    world.run(1)
    whole = world.worth(fund, supply)
    assert 0 < whole.loan < Fraction(whole.borrow * 15, 100) + 1  # toads' 10 % and less than 5 points
    assert whole.backing > whole.loan
    assert world.worth(fund, supply // 2).loan <= whole.loan // 2
    world.bids[TOADS] = [5 * ETHER * cent // 100 for cent in (98, 94, 90, 80, 70)]
    world.run(8 * 24, 4)  # the sixth toad finds four fifths of the first bid: its slope falls in time
    toads = 1 + Fraction(94, 98) + 3 * Fraction(90, 98) + Fraction(80, 98)
    exact = 60 * ETHER + 5 * ETHER * toads
    assert 0 <= exact - world.worth(fund, supply).liquidation < 100


def test_shares_are_pledged_and_borrowed_against_their_worth(world: Claims) -> None:
    fund, founder = founded(world)
    units = world.units(fund, founder)
    (event,) = world.does(world.signed(c.PledgeUnits, founder, instrument=fund, amount=units))
    assert isinstance(event, UnitsPledged)
    assert event.pledged == units
    assert world.refuses(redemption(world, founder, 1, ((TOADS, 1),))) == Reject.NOT_FREE
    other = world.open_account(b"other")
    assert (
        world.refuses(world.signed(c.TransferUnits, founder, to=other, instrument=fund, amount=1))
        == Reject.NOT_FREE
    )
    world.does(world.signed(c.ReleaseUnits, founder, instrument=fund, amount=units))
    assert world.refuses(world.signed(c.ReleaseUnits, founder, instrument=fund, amount=1)) == (
        Reject.NOT_PLEDGED
    )
    world.give(founder, other, fund, 1)
    world.check()

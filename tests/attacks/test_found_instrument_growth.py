"""Found: splitting a token and redeeming it cost nothing, and left an instrument behind each time.

65,536 of them would have closed fractions, funds and receipts for ever, and each tick looks at all.
"""

import pytest

from floorbook.core import commands as c
from floorbook.core.engine.fractions import VAULTS_PER_TOKEN_MAX
from floorbook.core.reasons import Reject
from tests.core.engine.claiming import APES, FIRST, WHOLE, Claims


@pytest.fixture
def claims() -> Claims:
    return Claims()


def split(claims: Claims, account: int, supply: int) -> c.Fractionalise:
    command: c.Fractionalise = claims.signed(
        c.Fractionalise, account, collection=APES, token=FIRST, supply=supply
    )
    return command


def test_splitting_and_redeeming_adds_one_instrument(claims: Claims) -> None:
    griefer = claims.open_account(b"griefer")
    claims.bring(griefer, APES, FIRST)
    for _ in range(20):
        claims.does(split(claims, griefer, WHOLE))
        claims.does(claims.signed(c.RedeemUnits, griefer, instrument=0, amount=WHOLE))
        claims.check()
    assert len(claims.state.instruments) == 1


def test_a_token_has_so_many_instruments(claims: Claims) -> None:
    griefer = claims.open_account(b"griefer")
    claims.bring(griefer, APES, FIRST)
    for number in range(VAULTS_PER_TOKEN_MAX):
        claims.does(split(claims, griefer, WHOLE + number))
        claims.does(claims.signed(c.RedeemUnits, griefer, instrument=number, amount=WHOLE + number))
    assert claims.refuses(split(claims, griefer, 2 * WHOLE)) == Reject.TOO_MANY_TOKENS
    claims.does(split(claims, griefer, WHOLE + 1))
    claims.check()
    assert claims.state.instruments[1].balances == {griefer: WHOLE + 1}

"""Who may speak; the published order of the first reasons; nonces are used up by what was authentic."""

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import authority
from floorbook.core.engine.engine import Engine
from floorbook.core.events import Rejected
from floorbook.core.reasons import Reject
from floorbook.units import DAY_NS, ETH
from tests.core.engine.world import ETHER, MS_NS, OPERATOR, PUNKS, PUNKS_PRICE, T0, World

NOW_MS = T0 // MS_NS
DAY_MS = DAY_NS // MS_NS


@pytest.mark.parametrize("account", [-1, 10**6, 2**64, -(2**70)])
def test_unknown_account_is_refused(world: World, account: int) -> None:
    assert world.refuses(world.signed(c.CancelAll, account)) == Reject.UNKNOWN_ACCOUNT


def test_owner_and_agent_are_heard_and_strangers_are_not(world: World, maker: int) -> None:
    world.does(world.signed(c.CancelAll, maker))
    order = {"side": 1, "lots": 1, "price": PUNKS_PRICE, "market": PUNKS}
    assert world.refuses(world.signed(c.PlaceOrder, maker, signer=b"agent", **order)) == Reject.NOT_AUTHORISED
    world.does(world.signed(c.ApproveAgent, maker, agent=b"agent", until=T0 + 1))
    world.does(world.signed(c.PlaceOrder, maker, signer=b"agent", **order))


def test_agent_ends_at_its_time_and_when_revoked(world: World, maker: int) -> None:
    world.does(world.signed(c.ApproveAgent, maker, agent=b"agent", until=T0 + 10**9))
    world.does(world.signed(c.ApproveAgent, maker, agent=b"other", until=T0 + 10**12))
    world.does(world.signed(c.ApproveAgent, maker, agent=b"other", until=0))
    assert world.refuses(world.signed(c.CancelAll, maker, signer=b"other")) == Reject.NOT_AUTHORISED
    world.does(world.signed(c.CancelAll, maker, signer=b"agent"))
    world.wait(1)
    assert world.refuses(world.signed(c.CancelAll, maker, signer=b"agent")) == Reject.NOT_AUTHORISED


def test_agent_never_moves_money_or_rights(world: World, maker: int) -> None:
    world.does(world.signed(c.ApproveAgent, maker, agent=b"agent", until=T0 + DAY_NS))
    for kind, fields in [
        (c.Withdraw, {"asset": ETH, "amount": 1}),
        (c.Transfer, {"to": maker, "asset": ETH, "amount": 1}),
        (c.ApproveAgent, {"agent": b"accomplice", "until": T0 + DAY_NS}),
        (c.OpenSubAccount, {}),
    ]:
        assert world.refuses(world.signed(kind, maker, signer=b"agent", **fields)) == Reject.NOT_AUTHORISED


def test_nobody_speaks_for_the_exchanges_own_accounts(world: World) -> None:
    for account, name in enumerate(world.state.owner_of):
        if name.startswith(b"system:"):
            command = world.signed(c.Withdraw, account, asset=ETH, amount=1)
            assert command.signer == name
            assert world.refuses(command) == Reject.NOT_AUTHORISED


def test_command_expires(world: World, maker: int) -> None:
    world.does(world.signed(c.CancelAll, maker, valid_until=T0))
    for valid_until in (T0 - 1, -1, -(2**70)):
        command = world.signed(c.CancelAll, maker, valid_until=valid_until)
        assert world.refuses(command) == Reject.COMMAND_EXPIRED


@pytest.mark.parametrize("nonce", [NOW_MS - 2 * DAY_MS - 1, NOW_MS + DAY_MS + 1, -1, 0, 2**64, -(2**70)])
def test_nonce_outside_its_window(world: World, maker: int, nonce: int) -> None:
    assert world.refuses(world.signed(c.CancelAll, maker, nonce=nonce)) == Reject.NONCE_OUT_OF_WINDOW


@pytest.mark.parametrize("nonce", [NOW_MS - 2 * DAY_MS, NOW_MS + DAY_MS])
def test_nonce_at_the_edge_counts_once(world: World, maker: int, nonce: int) -> None:
    world.does(world.signed(c.CancelAll, maker, nonce=nonce))
    assert world.refuses(world.signed(c.CancelAll, maker, nonce=nonce)) == Reject.NONCE_USED


def test_below_a_full_window_nothing_is_accepted(world: World, maker: int) -> None:
    for number in range(authority.NONCES_KEPT):
        world.does(world.signed(c.CancelAll, maker, nonce=NOW_MS + 1 + number))
    assert world.refuses(world.signed(c.CancelAll, maker, nonce=NOW_MS)) == Reject.NONCE_OUT_OF_WINDOW
    world.does(world.signed(c.CancelAll, maker, nonce=NOW_MS + 200))
    # The smallest has left the window; it is refused as too old now.
    again = world.signed(c.CancelAll, maker, nonce=NOW_MS + 1)
    assert world.refuses(again) == Reject.NONCE_OUT_OF_WINDOW
    assert len(world.state.nonces[b"maker"]) == authority.NONCES_KEPT


def test_refused_but_authentic_command_cannot_be_replayed(world: World, maker: int) -> None:
    command = world.signed(c.Withdraw, maker, asset=ETH, amount=101 * ETHER)
    assert world.refuses(command) == Reject.INSUFFICIENT_BALANCE
    world.fund(maker, ETH, 100 * ETHER)
    assert world.refuses(command) == Reject.NONCE_USED


def test_forged_command_uses_up_nothing(world: World, maker: int) -> None:
    command = world.signed(c.CancelAll, maker, signer=b"forger")
    assert world.refuses(command) == Reject.NOT_AUTHORISED
    assert b"forger" not in world.state.nonces
    world.does(world.signed(c.CancelAll, maker, nonce=command.nonce))


def test_only_the_operator_operates(world: World) -> None:
    command = world.operated(c.SetStatus, market=PUNKS, action="halt", signer=b"maker")
    assert world.refuses(command) == Reject.NOT_OPERATOR
    world.does(world.operated(c.SetStatus, market=PUNKS, action="halt"))
    used = world.nonce
    assert world.refuses(c.SetStatus(market=PUNKS, action="resume", signer=OPERATOR, nonce=used)) == (
        Reject.NONCE_USED
    )


def test_before_genesis_there_is_no_operator() -> None:
    engine = Engine()
    command = c.SetStatus(market=0, action="open", signer=b"", nonce=NOW_MS)
    assert engine.apply(1, T0, command) == [Rejected(reason=Reject.NOT_OPERATOR)]
    assert authority.admit(engine.state, command) == Reject.NOT_OPERATOR


def test_signers_are_forgotten_when_their_nonces_are_too_old(world: World, maker: int, taker: int) -> None:
    world.does(world.signed(c.CancelAll, maker, nonce=NOW_MS))
    world.does(world.signed(c.CancelAll, taker, nonce=NOW_MS + 1))
    world.wait(2 * 86_400)
    authority.forget_nonces(world.state)  # the maker's can still be said, so it must still be known
    assert world.refuses(world.signed(c.CancelAll, maker, nonce=NOW_MS)) == Reject.NONCE_USED
    world.at += MS_NS
    world.wait(0)
    authority.forget_nonces(world.state)
    assert maker_and_taker(world) == [b"taker"]
    assert world.refuses(world.signed(c.CancelAll, maker, nonce=NOW_MS)) == Reject.NONCE_OUT_OF_WINDOW


def maker_and_taker(world: World) -> list[bytes]:
    return [signer for signer in (b"maker", b"taker") if signer in world.state.nonces]

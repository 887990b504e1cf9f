"""The exchange: one command in, its events out.  Same commands, same state, byte for byte."""

from collections.abc import Callable
from typing import Any

from floorbook.core import commands as c
from floorbook.core.engine import (
    accounts,
    auctions,
    authority,
    baskets,
    bids,
    borrowing,
    bundles,
    clock,
    deadman,
    forced,
    fractions,
    fund,
    operator,
    oracle,
    orders,
    pledging,
    receipts,
    reports,
    settlement,
    tokens,
    triggers,
    twaps,
    vaults,
)
from floorbook.core.engine.follow import follow_batch
from floorbook.core.events import Event, Rejected
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.state import State
from floorbook.units import div_down

HANDLERS: dict[type, Callable[[State, Any], list[Event]]] = {
    c.Genesis: operator.genesis,
    c.Tick: clock.tick,
    c.PublishVenue: oracle.publish_venue,
    c.PublishAsset: oracle.publish_asset,
    c.OpenAccount: accounts.open_account,
    c.Deposit: accounts.deposit,
    c.OpenSubAccount: accounts.open_sub_account,
    c.ApproveAgent: accounts.approve_agent,
    c.Withdraw: accounts.withdraw,
    c.Transfer: accounts.transfer,
    c.SetLeverage: accounts.set_leverage,
    c.Bundle: bundles.take_steps,
    c.PlaceOrder: orders.place_order,
    c.ModifyOrder: orders.modify_order,
    c.CancelOrder: orders.cancel_order,
    c.CancelAll: orders.cancel_all,
    c.PlaceTrigger: triggers.place_trigger,
    c.CancelTrigger: triggers.cancel_trigger,
    c.PlaceTwap: twaps.place_twap,
    c.CancelTwap: twaps.cancel_twap,
    c.ScheduleCancel: deadman.schedule_cancel,
    c.ListMarket: operator.list_market,
    c.SetStatus: operator.set_status,
    c.SetParameter: operator.set_parameter,
    c.RaiseLimit: operator.raise_limit,
    c.OpenCredit: borrowing.open_credit,
    c.Borrow: borrowing.borrow,
    c.EnterVault: vaults.enter_vault,
    c.RequestExit: vaults.request_exit,
    c.ExitVault: vaults.exit_vault,
    c.PledgeUnits: pledging.pledge_units,
    c.ReleaseUnits: pledging.release_units,
    c.TransferUnits: pledging.transfer_units,
    c.RedeemUnits: pledging.redeem_units,
    c.Fractionalise: fractions.fractionalise,
    c.OpenBuyout: fractions.open_buyout,
    c.ListFund: fund.list_fund,
    c.MintFund: fund.mint,
    c.MintReceipt: receipts.mint,
    c.ListBasket: baskets.list_basket,
    c.PublishReport: reports.publish_report,
    c.SetReporters: reports.set_reporters,
    c.SetBreaker: reports.set_breaker,
    c.ListCollection: tokens.list_collection,
    c.SetCollateral: tokens.set_collateral,
    c.DepositToken: tokens.deposit_token,
    c.ObserveToken: tokens.observe_token,
    c.PledgeToken: tokens.pledge_token,
    c.ReleaseToken: tokens.release_token,
    c.WithdrawToken: tokens.withdraw_token,
    c.TransferToken: tokens.transfer_token,
    c.CallAuction: auctions.call_auction,
    c.PlaceBid: bids.place_bid,
    c.CancelBid: bids.cancel_bid,
    c.TakeAuction: auctions.take_auction,
    c.RedeemAuction: auctions.redeem_auction,
    c.OpenSettlement: settlement.open_settlement,
    c.CreditDeposit: settlement.credit_deposit,
    c.CreditToken: settlement.credit_token,
    c.ConfirmPayout: settlement.confirm_payout,
    c.ForceExit: forced.force_exit,
}


class Engine:
    """The machine that the sequencer drives."""

    def __init__(self) -> None:
        self.state = State()

    def apply(self, seq: int, at: int, command: c.AnyCommand) -> list[Event]:
        """Execute a command stamped (seq, at [ns]) and return its events; a user's mistake is `Rejected`."""
        state = self.state
        assert seq > state.seq
        assert at >= state.now
        state.seq, state.now = seq, at
        if not state.operator and not isinstance(command, c.Genesis):
            return [Rejected(reason=Reject.NOT_OPERATOR)]
        if reason := authority.admit(state, command):
            return [Rejected(reason=reason, account=getattr(command, "account", -1))]
        return HANDLERS[type(command)](state, command)

    def apply_batch(self, seq: int, at: int, batch: bytes) -> bytes:
        """Execute binary command rows, the first stamped `seq`; return event rows (core/kernel/rows.py).

        For callers that have already checked who speaks: rows carry neither signer nor client id.
        """
        state = self.state
        assert seq > state.seq
        assert at >= state.now
        state.seq, state.now = seq + div_down(len(batch), rows.ROW.size) - 1, at
        if state.credit.lines:
            batch = orders.refuse_lines(state, batch)
        answer: bytes = state.kernel.process(at, batch)
        follow_batch(state, batch, answer)
        return answer

    def state_hash(self) -> bytes:
        """Return the SHA-256 of the state."""
        return self.state.state_hash()

    def dump(self) -> bytes:
        """Return the whole state."""
        return self.state.dump()

    def load(self, dump: bytes) -> None:
        """Replace the state by a dump's."""
        self.state.load(dump)

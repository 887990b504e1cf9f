// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Administered} from "../src/Administered.sol";
import {Withdrawals} from "../src/Withdrawals.sol";
import {Batches} from "../src/libraries/Batches.sol";
import {Payouts} from "../src/libraries/Payouts.sol";
import {Custody} from "./support/Custody.sol";
import {Refuser} from "./support/Receivers.sol";

/// @title A payout of a final batch is paid once, at its pace
contract WithdrawalsTest is Custody {
    function setUp() public {
        setUpCustody();
        depositEther(holder, 5_000 * ETH_ATOMS);
        depositUsdc(holder, 900_000 * USDC_ATOMS);
        for (uint256 id = 0; id < 30; ++id) {
            depositPunk(holder, id);
        }
    }

    function test_small_payouts_of_every_kind_are_paid_at_once() public {
        debit(holder, 0, 0, 3 * ETH_ATOMS);
        debit(holder, 0, 1, 70 * USDC_ATOMS);
        debit(stranger, 1, PUNKS, 4);
        Batches.Batch memory b = postFinal();
        vm.prank(stranger); // anyone may ask
        claim(b, 0);
        claim(b, 2);
        claim(b, 1);
        same(holder.balance, 3 ether, "ether");
        same(usdc.balanceOf(holder), 70 * USDC_ATOMS, "USDC");
        same(punks.ownerOf(4), stranger, "token");
        holds(withdrawals.isPaid(1) && withdrawals.isPaid(2) && withdrawals.isPaid(3), "paid");
        holds(!withdrawals.isPaid(4), "and nothing else");
    }

    function test_a_payout_is_paid_once_whatever_batch_proves_it() public {
        debit(holder, 0, 0, ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        Batches.Batch memory later = postFinal();
        claim(b, 0);
        claimRefused(b, 0, Withdrawals.AlreadyPaid.selector);
        claimRefused(later, 0, Withdrawals.AlreadyPaid.selector);
    }

    function test_only_a_final_batch_pays() public {
        debit(holder, 0, 0, ETH_ATOMS);
        Batches.Batch memory b = nextBatch();
        claimRefused(b, 0, Withdrawals.NotFinal.selector); // not posted
        b = post();
        claimRefused(b, 0, Withdrawals.NotFinal.selector); // in its window
        vm.prank(warden);
        settlement.veto(b.number);
        vm.warp(block.timestamp + WINDOW);
        claimRefused(b, 0, Withdrawals.NotFinal.selector); // vetoed
        b = postFinal();
        b.payoutsRoot = keccak256("another");
        claimRefused(b, 0, Withdrawals.NotFinal.selector); // altered
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_an_altered_payout_is_refused(uint8 which, uint8 field, uint128 by) public {
        for (uint256 i = 0; i < 11; ++i) {
            debit(holder, 0, 0, uint128(1e6 + i));
        }
        Batches.Batch memory b = postFinal();
        uint256 index = which % 11;
        Payouts.Payout memory p = outstanding[index];
        bytes32[] memory path = siblings(outstanding, index);
        by = by == 0 ? 1 : by;
        if (field % 6 == 0) p.number ^= uint64(by) | 1 << 40;
        if (field % 6 == 1) p.owner = stranger;
        if (field % 6 == 2) p.kind ^= 1;
        if (field % 6 == 3) p.id ^= 1;
        if (field % 6 == 4) p.value ^= by;
        if (field % 6 == 5) path[by % path.length] ^= bytes32(uint256(by));
        refuses(
            address(withdrawals),
            abi.encodeCall(withdrawals.claim, (b, p, index, path)),
            Withdrawals.NotInBatch.selector
        );
    }

    // ---- larger payouts

    function test_a_larger_payout_waits_for_its_size() public {
        debit(holder, 0, 0, 100 * ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        claim(b, 0);
        same(holder.balance, 0, "not yet");
        holds(!withdrawals.isPaid(1), "not paid");
        uint256 ready = block.timestamp + 2 hours + 30 minutes; // delay, and 100 ETH of 200 an hour
        same(withdrawals.readyAt(Payouts.leafHash(outstanding[0])), ready, "when");
        vm.warp(ready - 1);
        claimRefused(b, 0, Administered.TooEarly.selector);
        vm.warp(ready);
        claim(b, 0);
        same(holder.balance, 100 ether, "paid");
        claimRefused(b, 0, Withdrawals.AlreadyPaid.selector);
    }

    function test_no_wait_is_longer_than_a_week() public {
        debit(holder, 0, 0, 5_000 * ETH_ATOMS);
        withdrawalsTerm(withdrawals.SMALL(), 0, 10 * ETH_ATOMS);
        withdrawalsTerm(withdrawals.LIMIT(), 0, 10 * ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        claim(b, 0);
        vm.warp(block.timestamp + withdrawals.WAIT_MAX());
        claim(b, 0);
        same(holder.balance, 5_000 ether, "paid");
    }

    // ---- outflow

    function test_an_hours_outflow_is_limited_and_leaks() public {
        for (uint256 i = 0; i < 5; ++i) {
            debit(holder, 0, 0, 50 * ETH_ATOMS);
        }
        Batches.Batch memory b = postFinal();
        for (uint256 i = 0; i < 4; ++i) {
            claim(b, i);
        }
        uint256 retryAt = block.timestamp + 15 minutes; // 50 of 200 an hour must leak
        claim(b, 4);
        same(holder.balance, 200 ether, "the bucket is full: it waits");
        vm.warp(retryAt - 1);
        claimRefused(b, 4, Administered.TooEarly.selector);
        vm.warp(retryAt);
        claim(b, 4);
        same(holder.balance, 250 ether, "paid once it fits, waited or not");
    }

    function test_who_has_waited_is_told_when_there_is_room() public {
        debit(holder, 0, 0, 300 * ETH_ATOMS);
        debit(holder, 0, 0, 300 * ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        claim(b, 0);
        claim(b, 1);
        vm.warp(block.timestamp + 1 days);
        claim(b, 0);
        uint256 retryAt = block.timestamp + 30 minutes + 1; // 100 and an atom of 200 an hour must leak
        (bool done, bytes memory why) = tryClaim(b, 1);
        holds(!done, "no room");
        same(
            keccak256(why),
            keccak256(abi.encodeWithSelector(Withdrawals.OutflowLimit.selector, retryAt)),
            "when"
        );
        vm.warp(retryAt);
        claim(b, 1);
        same(holder.balance, 600 ether, "paid");
    }

    function test_a_larger_payout_that_waited_needs_any_room() public {
        debit(holder, 0, 0, 300 * ETH_ATOMS);
        for (uint256 i = 0; i < 4; ++i) {
            debit(holder, 0, 0, 50 * ETH_ATOMS - 1);
        }
        Batches.Batch memory b = postFinal();
        claim(b, 0);
        vm.warp(block.timestamp + 1 days);
        for (uint256 i = 1; i < 5; ++i) {
            claim(b, i);
        }
        claim(b, 0);
        (, uint256 level) = withdrawals.outflow(0);
        same(level, 500 * ETH_ATOMS - 4, "all of it counts for those who follow");
    }

    function test_lanes_do_not_share_their_limits() public {
        for (uint256 i = 0; i < 21; ++i) {
            debit(holder, 1, PUNKS, uint128(i));
        }
        debit(holder, 0, 1, USDC_ATOMS);
        Batches.Batch memory b = postFinal();
        for (uint256 i = 0; i < 20; ++i) {
            claim(b, i);
        }
        claim(b, 20);
        claimRefused(b, 20, Administered.TooEarly.selector);
        claim(b, 21);
        vm.warp(block.timestamp + 3 minutes);
        claim(b, 20);
    }

    function test_an_unknown_lane_is_refused() public {
        debit(holder, 2, 0, 1);
        outstanding.push(Payouts.Payout(2, holder, 0, 2, 1));
        last.payoutNumber = 2;
        Batches.Batch memory b = postFinal();
        claimRefused(b, 0, Withdrawals.UnknownLane.selector);
        claimRefused(b, 1, Withdrawals.UnknownLane.selector);
    }

    function test_a_receiver_that_refuses_gets_a_credit_and_the_payout_is_done() public {
        Refuser refuser = new Refuser();
        debit(address(refuser), 0, 0, ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        claim(b, 0);
        same(vault.credits(address(refuser), 0), ETH_ATOMS, "credited");
        claimRefused(b, 0, Withdrawals.AlreadyPaid.selector);
    }

    // ---- stopping

    function test_a_pause_is_short_and_rare_and_not_for_a_frozen_exchange() public {
        debit(holder, 0, 0, ETH_ATOMS);
        debit(holder, 0, 0, ETH_ATOMS);
        debit(holder, 0, 0, ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        uint256 start = block.timestamp;
        pauseRefused(start + 72 hours + 1, Administered.OutOfBounds.selector);
        pauseRefused(start, Administered.OutOfBounds.selector);
        refuses(
            address(withdrawals),
            abi.encodeCall(withdrawals.pause, (start + 1)),
            Administered.NotGuardian.selector
        );
        vm.prank(warden);
        withdrawals.pause(start + 72 hours);
        claimRefused(b, 0, Withdrawals.IsPaused.selector);
        vm.warp(start + 72 hours - 1);
        claimRefused(b, 0, Withdrawals.IsPaused.selector);
        vm.warp(start + 72 hours);
        claim(b, 0);
        pauseRefused(start + 73 hours, Administered.TooEarly.selector);
        vm.warp(start + 30 days);
        vm.prank(warden);
        withdrawals.pause(start + 31 days);
        claimRefused(b, 1, Withdrawals.IsPaused.selector);
        vm.prank(warden);
        withdrawals.unpause();
        claim(b, 1);
        vm.warp(start + 60 days);
        vm.prank(warden);
        withdrawals.pause(start + 61 days);
        vm.prank(forcedExit);
        settlement.freeze(b.number);
        claim(b, 2);
    }

    function test_terms_have_bounds_that_leave_the_way_out_open() public {
        bytes32 limit = withdrawals.LIMIT();
        bytes32 small = withdrawals.SMALL();
        bytes32 wait = withdrawals.DELAY();
        termRefused(limit, 0, 50 * ETH_ATOMS - 1); // below what is paid at once
        termRefused(limit, 1, 400_000 * uint256(USDC_ATOMS) * 10_000);
        termRefused(small, 0, ETH_ATOMS - 1);
        termRefused(small, 0, 200 * ETH_ATOMS + 1);
        termRefused(wait, 2, 1 days + 1);
        withdrawalsTerm(limit, 0, 60 * ETH_ATOMS);
        withdrawalsTerm(small, 0, 60 * ETH_ATOMS);
        withdrawalsTerm(wait, 0, 1 days);
        (Withdrawals.Terms memory terms,) = withdrawals.outflow(0);
        same(terms.limit, 60 * ETH_ATOMS, "limit");
        same(terms.small, 60 * ETH_ATOMS, "small");
        same(terms.delay, 1 days, "delay");
        bytes32 bad = withdrawals.termKey(limit, 3);
        refuses(
            address(withdrawals),
            abi.encodeCall(withdrawals.propose, (bad, 1)),
            Administered.UnknownKey.selector
        );
        bad = withdrawals.termKey("other", 0);
        refuses(
            address(withdrawals),
            abi.encodeCall(withdrawals.propose, (bad, 1)),
            Administered.UnknownKey.selector
        );
    }

    function test_terms_are_bounded_from_the_start() public {
        for (uint256 i = 0; i < 4; ++i) {
            Withdrawals.Terms[3] memory terms = usualTerms();
            if (i == 0) terms[0].limit = 10 * ETH_ATOMS - 1;
            if (i == 1) terms[1].small = terms[1].limit + 1;
            if (i == 2) terms[2].small = 0;
            if (i == 3) terms[2].delay = 1 days + 1;
            try new Withdrawals(address(this), address(this), DELAY, vault, settlement, terms) {
                holds(false, "no such terms");
            } catch (bytes memory why) {
                same(bytes32(bytes4(why)), bytes32(Administered.OutOfBounds.selector), "the reason");
            }
        }
    }

    // ---- sentences

    function tryClaim(Batches.Batch memory b, uint256 index) private returns (bool, bytes memory) {
        Payouts.Payout memory p = outstanding[index];
        bytes32[] memory path = siblings(outstanding, index);
        return address(withdrawals).call(abi.encodeCall(withdrawals.claim, (b, p, index, path)));
    }

    function claimRefused(Batches.Batch memory b, uint256 index, bytes4 reason) private {
        (bool done, bytes memory why) = tryClaim(b, index);
        holds(!done, "it is refused");
        same(bytes32(bytes4(why)), bytes32(reason), "the reason");
    }

    function pauseRefused(uint256 until, bytes4 reason) private {
        vm.prank(warden);
        refuses(address(withdrawals), abi.encodeCall(withdrawals.pause, (until)), reason);
    }

    function withdrawalsTerm(bytes32 term, uint256 lane, uint256 value) private {
        bytes32 key = withdrawals.termKey(term, lane);
        withdrawals.propose(key, value);
        vm.warp(block.timestamp + DELAY);
        withdrawals.execute(key);
    }

    function termRefused(bytes32 term, uint256 lane, uint256 value) private {
        bytes32 key = withdrawals.termKey(term, lane);
        refuses(
            address(withdrawals),
            abi.encodeCall(withdrawals.propose, (key, value)),
            Administered.OutOfBounds.selector
        );
    }
}

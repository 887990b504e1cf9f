// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Settlement} from "../src/Settlement.sol";
import {Administered} from "../src/Administered.sol";
import {Batches} from "../src/libraries/Batches.sol";
import {Signers} from "../src/libraries/Signers.sol";
import {Custody} from "./support/Custody.sol";

/// @title Batches follow one another, are signed, backed, challenged, remembered and frozen
contract SettlementTest is Custody {
    function setUp() public {
        setUpCustody();
        depositEther(holder, 10 * ETH_ATOMS);
        depositUsdc(holder, 500 * USDC_ATOMS);
    }

    function test_a_batch_is_posted_and_becomes_final_after_its_window() public {
        Batches.Batch memory b = nextBatch();
        settlement.post(b, sign(b));
        same(settlement.latest(), 1, "the newest");
        same(settlement.postedAt(b), block.timestamp, "when");
        holds(!settlement.isFinal(b), "in its window");
        same(settlement.newestFinal(), 0, "nothing is final");
        vm.warp(block.timestamp + WINDOW - 1);
        holds(!settlement.isFinal(b), "a second early");
        vm.warp(block.timestamp + 1);
        holds(settlement.isFinal(b), "after its window");
        same(settlement.newestFinal(), 1, "the newest final");
        b.time += 1;
        holds(!settlement.isFinal(b), "another batch of that number");
        same(settlement.postedAt(b), 0, "is not posted");
    }

    // ---- what must not fall, one check beside the other

    function test_a_batch_follows_the_last() public {
        debit(holder, 0, 0, ETH_ATOMS);
        debit(holder, 0, 1, USDC_ATOMS);
        post();
        Batches.Batch memory b = nextBatch();
        b.number = 3;
        refused(b, Settlement.WrongNumber.selector);
        b = nextBatch();
        b.number = 1;
        refused(b, Settlement.WrongNumber.selector);
        b = nextBatch();
        b.journalSeq = last.journalSeq - 1;
        refused(b, Settlement.Falls.selector);
        b = nextBatch();
        b.time = last.time - 1;
        refused(b, Settlement.Falls.selector);
        b = nextBatch();
        b.payoutNumber = last.payoutNumber - 1;
        refused(b, Settlement.Falls.selector);
        b = nextBatch();
        b.depositSequence = last.depositSequence - 1;
        refused(b, Settlement.Falls.selector);
        for (uint256 asset = 0; asset < 2; ++asset) {
            b = nextBatch();
            b.withdrawn[asset] -= 1;
            b.sums[2 * asset] += 1;
            refused(b, Settlement.Falls.selector);
        }
        b = nextBatch();
        settlement.post(b, sign(b));
    }

    function test_the_exchanges_clock_is_not_far_ahead() public {
        Batches.Batch memory b = nextBatch();
        b.time = uint64(block.timestamp + settlement.CLOCK_AHEAD_MAX() + 1);
        refused(b, Settlement.ClockAhead.selector);
        b.time -= 1;
        settlement.post(b, sign(b));
    }

    function test_posts_leave_half_of_the_ring_final() public {
        Batches.Batch memory b = nextBatch();
        settlement.post(b, sign(b));
        last = b;
        vm.warp(block.timestamp + WINDOW / 128 - 1);
        refused(nextBatch(), Settlement.TooSoon.selector);
        vm.warp(block.timestamp + 1);
        b = nextBatch();
        settlement.post(b, sign(b));
    }

    // ---- backing

    function test_more_than_was_received_is_never_owed() public {
        for (uint256 asset = 0; asset < 2; ++asset) {
            Batches.Batch memory b = nextBatch();
            b.sums[2 * asset] += 1;
            refused(b, Settlement.NotSolvent.selector);
            b.sums[2 * asset + 1] += 1; // a claim against a debt creates nothing
            assertPostable(b);
            b = nextBatch();
            b.withdrawn[asset] += 1;
            refused(b, Settlement.NotSolvent.selector);
        }
    }

    function test_all_is_owed_to_somebody_once_every_deposit_is_credited() public {
        Batches.Batch memory b = nextBatch();
        b.sums[0] -= 1;
        refused(b, Settlement.NotSolvent.selector);
        b.depositSequence -= 1; // the last one may still wait for its confirmations
        assertPostable(b);
        b = nextBatch();
        b.depositSequence += 1;
        refused(b, Settlement.DepositUnknown.selector);
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_a_batch_is_taken_exactly_if_it_is_backed(
        uint64 claims,
        uint64 debts,
        uint64 withdrawn,
        bool complete
    ) public {
        Batches.Batch memory b = nextBatch();
        uint256 received = vault.received(0);
        if (!complete) b.depositSequence -= 1;
        (b.sums[0], b.sums[1], b.withdrawn[0]) =
        (
            uint128(within(claims, 0, 30e9)),
            uint128(within(debts, 0, 20e9)),
            uint128(within(withdrawn, 0, 12e9))
        );
        uint256 owed = uint256(b.sums[0]) + b.withdrawn[0];
        uint256 backed = received + b.sums[1];
        bool fits = b.withdrawn[0] <= received && (complete ? owed == backed : owed <= backed);
        if (fits) assertPostable(b);
        else refused(b, Settlement.NotSolvent.selector);
    }

    // ---- signatures

    function test_exactly_the_quorum_signs_each_once_and_in_order() public {
        Batches.Batch memory b = nextBatch();
        bytes[] memory signatures = sign(b);
        (signatures[0], signatures[1]) = (signatures[1], signatures[0]);
        unsigned(b, signatures, Signers.NotAscending.selector);
        signatures[0] = signatures[1];
        unsigned(b, signatures, Signers.NotAscending.selector);
        unsigned(b, sign(b, 1), Signers.WrongSignatureCount.selector);
        unsigned(b, sign(b, 3), Signers.WrongSignatureCount.selector);
        unsigned(b, new bytes[](0), Signers.WrongSignatureCount.selector);
        unsigned(b, new bytes[](2), ECDSA.ECDSAInvalidSignatureLength.selector);
        signatures = sign(b);
        signatures[1] = signature(99, settlement.digest(b));
        unsigned(b, signatures, Signers.NotASigner.selector);
        b.time += 1; // signed was another batch
        unsigned(b, sign(nextBatch()), Signers.NotASigner.selector);
    }

    function test_operators_are_replaced_after_the_delay() public {
        address[] memory old = settlement.operatorList();
        bytes[] memory signatures = sign(nextBatch());
        address[] memory fresh = operators(40, 5);
        bytes32 key = settlement.OPERATORS();
        settlement.propose(key, uint256(settlement.operatorsHash(fresh, 3)));
        refuses(
            address(settlement),
            abi.encodeCall(settlement.replaceOperators, (fresh, 3)),
            Administered.TooEarly.selector
        );
        vm.warp(block.timestamp + DELAY);
        refuses(
            address(settlement),
            abi.encodeCall(settlement.replaceOperators, (old, 2)),
            Administered.OutOfBounds.selector
        );
        refuses(
            address(settlement), abi.encodeCall(settlement.execute, (key)), Administered.UnknownKey.selector
        );
        settlement.replaceOperators(fresh, 3);
        (uint256 threshold, uint256 count) = settlement.quorum();
        same(threshold, 3, "threshold");
        same(count, 5, "count");
        holds(!settlement.isOperator(old[0]) && settlement.isOperator(fresh[4]), "who may sign");
        Batches.Batch memory b = nextBatch();
        unsigned(b, signatures, Signers.NotASigner.selector);
        settlement.post(b, sign(b, 3));
    }

    function test_half_of_the_operators_are_no_quorum() public {
        address[] memory four = operators(50, 4);
        badSet(four, 2, Signers.BadThreshold.selector);
        badSet(four, 5, Signers.BadThreshold.selector);
        badSet(new address[](0), 0, Signers.BadThreshold.selector);
        badSet(new address[](17), 9, Signers.BadThreshold.selector);
        (four[0], four[1]) = (four[1], four[0]);
        badSet(four, 3, Signers.NotAscending.selector);
        four[0] = address(0);
        badSet(four, 3, Signers.NotAscending.selector);
    }

    function test_a_window_has_bounds_where_money_is_real() public {
        vm.chainId(1);
        address[] memory who = settlement.operatorList();
        uint256[2] memory bad = [settlement.WINDOW_MIN() - 1, settlement.WINDOW_MAX() + 1];
        for (uint256 i = 0; i < 2; ++i) {
            try new Settlement(address(this), address(this), DELAY, vault, bad[i], who, 2) {
                holds(false, "no such window");
            } catch (bytes memory why) {
                same(bytes32(bytes4(why)), bytes32(Administered.OutOfBounds.selector), "the reason");
            }
        }
    }

    // ---- veto

    function test_a_vetoed_batch_never_counts_and_posting_goes_on() public {
        Batches.Batch memory good = post();
        Batches.Batch memory bad = post();
        refuses(address(settlement), abi.encodeCall(settlement.veto, (2)), Administered.NotGuardian.selector);
        vm.prank(warden);
        settlement.veto(2);
        vm.warp(block.timestamp + WINDOW);
        holds(settlement.isFinal(good) && !settlement.isFinal(bad), "only the good one counts");
        same(settlement.newestFinal(), 1, "the newest final");
        Batches.Batch memory b = post();
        same(b.number, 3, "the next number");
    }

    function test_a_veto_comes_inside_the_window() public {
        Batches.Batch memory b = postFinal();
        vetoRefused(b.number);
        vetoRefused(b.number + 1);
        vetoRefused(0);
        b = post();
        vm.prank(warden);
        settlement.veto(b.number);
        vetoRefused(b.number);
    }

    function test_after_a_veto_the_counters_of_the_bad_batch_are_forgotten() public {
        Batches.Batch memory good = post();
        Batches.Batch memory bad = nextBatch();
        (bad.journalSeq, bad.payoutNumber) = (type(uint64).max, type(uint64).max);
        settlement.post(bad, sign(bad));
        vm.warp(block.timestamp + WINDOW / 128 + 1);
        Batches.Batch memory b = nextBatch();
        refused(b, Settlement.Falls.selector);
        bytes memory again = abi.encodeCall(settlement.rewind, (good));
        refuses(address(settlement), again, Settlement.NotPosted.selector);
        vm.prank(warden);
        settlement.veto(2);
        refuses(address(settlement), abi.encodeCall(settlement.rewind, (bad)), Settlement.NotPosted.selector);
        vm.prank(stranger);
        settlement.rewind(good);
        same(settlement.payoutNumber(), good.payoutNumber, "as if it had not been");
        settlement.post(b, sign(b));
        same(settlement.latest(), 3, "its number stays used");
    }

    function test_vetoes_cannot_push_the_only_final_batch_out_of_the_ring() public {
        Batches.Batch memory good = postFinal();
        uint256 posted = 1;
        for (; posted < settlement.RING(); ++posted) {
            Batches.Batch memory b = post();
            vm.prank(warden);
            settlement.veto(b.number);
        }
        refused(nextBatch(), Settlement.TooSoon.selector);
        holds(settlement.isFinal(good), "it is still there");
        same(settlement.newestFinal(), 1, "the newest final");
    }

    // ---- the ring

    function test_the_ring_forgets_what_is_old() public {
        Batches.Batch memory first = post();
        for (uint256 i = 1; i < settlement.RING(); ++i) {
            post();
        }
        holds(settlement.isFinal(first), "the oldest is remembered");
        same(settlement.newestFinal() >= 128 ? 1 : 0, 1, "half of the ring is final");
        post();
        holds(!settlement.isFinal(first), "now it is forgotten");
        same(settlement.postedAt(first), 0, "as if it had not been");
    }

    // ---- freezing

    function test_a_freeze_names_the_newest_final_batch_and_ends_all_others() public {
        Batches.Batch memory a = postFinal();
        Batches.Batch memory b = post();
        refuses(
            address(settlement), abi.encodeCall(settlement.freeze, (1)), Settlement.NotForcedExit.selector
        );
        vm.prank(forcedExit);
        refuses(
            address(settlement), abi.encodeCall(settlement.freeze, (2)), Settlement.NotNewestFinal.selector
        );
        vm.prank(forcedExit);
        settlement.freeze(1);
        same(settlement.frozenAt(), block.timestamp, "when");
        same(settlement.frozenBatch(), 1, "the last word");
        vm.warp(block.timestamp + 10 * WINDOW);
        holds(settlement.isFinal(a) && !settlement.isFinal(b), "what was in its window is never used");
        refused(nextBatch(), Settlement.IsFrozen.selector);
        vetoRefused(2);
        vm.prank(forcedExit);
        refuses(address(settlement), abi.encodeCall(settlement.freeze, (1)), Settlement.IsFrozen.selector);
        (, bool closed) = vault.depositsStopped();
        holds(closed, "no deposit any more");
    }

    function test_an_exchange_without_a_final_batch_freezes_at_none() public {
        vm.prank(forcedExit);
        settlement.freeze(0);
        same(settlement.frozenBatch(), 0, "none");
    }

    function test_it_is_wired_once_by_its_deployer() public {
        bytes memory call = abi.encodeCall(settlement.wire, (stranger));
        refuses(address(settlement), call, Settlement.AlreadyWired.selector);
        vm.prank(stranger);
        refuses(address(settlement), call, Settlement.NotDeployer.selector);
    }

    // ---- sentences

    function assertPostable(Batches.Batch memory b) private {
        uint256 snapshot = vm.snapshotState();
        settlement.post(b, sign(b));
        vm.revertToState(snapshot);
    }

    function refused(Batches.Batch memory b, bytes4 reason) private {
        unsigned(b, sign(b), reason);
    }

    function unsigned(Batches.Batch memory b, bytes[] memory signatures, bytes4 reason) private {
        refuses(address(settlement), abi.encodeCall(settlement.post, (b, signatures)), reason);
    }

    function vetoRefused(uint64 number) private {
        vm.prank(warden);
        refuses(
            address(settlement), abi.encodeCall(settlement.veto, (number)), Settlement.NotInWindow.selector
        );
    }

    function badSet(address[] memory who, uint256 threshold, bytes4 reason) private {
        settlement.propose(settlement.OPERATORS(), uint256(settlement.operatorsHash(who, threshold)));
        vm.warp(block.timestamp + DELAY);
        refuses(address(settlement), abi.encodeCall(settlement.replaceOperators, (who, threshold)), reason);
    }
}

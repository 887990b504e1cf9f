// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settlement} from "../../src/Settlement.sol";
import {Batches} from "../../src/libraries/Batches.sol";
import {Attack} from "./Attack.sol";

/// @title Row 36: everybody who runs the exchange is gone, and the way out stays open
contract ExitBlockedAttack is Attack {
    function setUp() public {
        setUpCustody();
        depositEther(holder, 900 * ETH_ATOMS);
        depositPunk(holder, 1);
    }

    /// @dev admin, guardian and operators vanish; a stranger with the proof file pays what was promised
    function test_a_stranger_with_the_proof_pays_what_was_promised() public {
        debit(holder, 0, 0, 40 * ETH_ATOMS);
        debit(holder, 0, 0, 300 * ETH_ATOMS);
        debit(holder, 1, PUNKS, 1);
        Batches.Batch memory b = postFinal();
        vm.warp(block.timestamp + 365 days);
        vm.startPrank(stranger);
        for (uint256 i = 0; i < 3; ++i) {
            claim(b, i);
        }
        vm.warp(block.timestamp + 1 days);
        claim(b, 1);
        vm.stopPrank();
        same(holder.balance, 340 ether, "to the atom, no fee");
        same(punks.ownerOf(1), holder, "and his token");
        profitOf(stranger.balance, 0, "whoever helps takes nothing");
    }

    function test_a_guardian_that_says_no_to_everything_is_outlived() public {
        debit(holder, 0, 0, 40 * ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        for (uint256 i = 0; i < 300; ++i) {
            Batches.Batch memory next = nextBatch();
            (bool done,) = address(settlement).call(abi.encodeCall(settlement.post, (next, sign(next))));
            if (!done) break; // the ring keeps the final one: the exchange stops instead
            vm.prank(warden);
            settlement.veto(next.number);
            vm.warp(block.timestamp + WINDOW / 128 + 1);
        }
        vm.prank(warden);
        withdrawals.pause(block.timestamp + 72 hours);
        vm.prank(forcedExit);
        settlement.freeze(b.number);
        claim(b, 0);
        same(holder.balance, 40 ether, "paid by the frozen batch, through the pause");
        profitOf(warden.balance, 0, "nothing gained");
    }
}

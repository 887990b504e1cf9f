// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batches} from "../../src/libraries/Batches.sol";
import {Attack} from "./Attack.sol";

/// @title Found: the outflow limit used against everybody else, at no cost
contract ClosedOutflowAttack is Attack {
    address private constant attacker = address(0xA77AC);
    address private constant victim = address(0x71C7);
    uint128 private constant PURSE = 100_000 * uint128(ETH_ATOMS);

    function setUp() public {
        setUpCustody();
        depositEther(attacker, PURSE);
        depositEther(victim, 100 * ETH_ATOMS);
    }

    /// @dev he is paid after the longest wait; then 500 hours of outflow would have to leak
    function test_a_large_payout_closes_the_outflow_for_a_week_at_most() public {
        uint256 large = debit(attacker, 0, 0, PURSE);
        uint256 small = debit(victim, 0, 0, ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        claim(b, large);
        vm.warp(block.timestamp + withdrawals.WAIT_MAX());
        claim(b, large);
        profitOf(attacker.balance, 100_000 ether, "his own money");
        vm.warp(block.timestamp + withdrawals.WAIT_MAX());
        (bool done,) = address(withdrawals).call(claimCall(b, small));
        holds(done && victim.balance == 1 ether, "nobody waits longer for him than he did");
    }

    /// @dev he takes each bit of room as it leaks, before the victim's payout fits into it
    function test_a_small_payout_cannot_be_starved_by_smaller_ones() public {
        uint256 small = debit(victim, 0, 0, 50 * ETH_ATOMS);
        for (uint256 i = 0; i < 4; ++i) {
            debit(attacker, 0, 0, 50 * ETH_ATOMS);
        }
        for (uint256 i = 0; i < 160; ++i) {
            debit(attacker, 0, 0, 3 * ETH_ATOMS);
        }
        Batches.Batch memory b = postFinal();
        for (uint256 i = 1; i < 5; ++i) {
            claim(b, i);
        }
        bytes memory last_ = claimCall(b, small);
        uint256 refused = 0;
        for (uint256 i = 5; i < 165 && victim.balance == 0; ++i) {
            vm.warp(block.timestamp + 1 minutes);
            claim(b, i);
            (bool done,) = address(withdrawals).call(last_);
            if (!done) refused++;
        }
        holds(refused > 0, "he has met with the attacker's claims");
        same(victim.balance, 50 ether, "he is paid once he has waited");
    }
}

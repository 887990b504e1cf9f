// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Row 36: the operators are gone, or want to be paid for letting people out
contract ExitWithoutOperatorAttack is FrozenAttack {
    /// @dev Documented order of a direct exit: request, freeze, open, settle, register, claim, reclaim.
    function test_a_user_leaves_alone_with_all_he_has() public {
        setUpExchange();
        addMarket(0, 400_000, 1_000);
        addAccount(victim, eth(20), int256(uint256(700 * DOLLAR)));
        addAccount(address(0xD1), eth(30), 0);
        addPosition(0, 0, 100, 0);
        addPosition(1, 0, -100, 0);
        addToken(0, TOKEN);
        postFinal();
        uint256 operatorsBefore = attacker.balance + treasury.balance + usdc.balanceOf(treasury);

        vm.deal(victim, BOND);
        vm.startPrank(victim);
        uint256 request = forced.request{value: BOND}(0, 0, 0, 20 * ETHER);
        vm.warp(block.timestamp + SERVE);
        forced.freeze(request);
        frozen.open(last);
        vm.warp(block.timestamp + 24 hours);
        prices.settle(last, marks, 0);
        frozen.register(leaves[0], accountProof(0), positions[0]);
        frozen.register(leaves[1], accountProof(1), positions[1]);
        vm.warp(block.timestamp + 7 days);
        frozen.claim(0);
        frozen.reclaimToken(0, tokens[0], 0);
        forced.withdraw(victim);
        vm.stopPrank();

        same(victim.balance, 20 ether + BOND, "all his ether, and the bond");
        same(usdc.balanceOf(victim), 700 * DOLLAR, "all his USDC");
        same(punks.ownerOf(TOKEN), victim, "his token");
        profitOf(attacker.balance + treasury.balance + usdc.balanceOf(treasury), operatorsBefore, "no fee");
    }

    function test_without_one_final_batch_deposits_go_back() public {
        setUpExchange();
        uint64 first = deposit(victim, 0, 3 * ETHER);
        uint64 second = deposit(victim, 1, 5 * DOLLAR);
        freezeNow();
        frozen.refundDeposit(first, victim, 0, 0, 3 * ETHER);
        frozen.refundDeposit(second, victim, 0, 1, 5 * DOLLAR);
        same(victim.balance, 3 ether, "ether");
        same(usdc.balanceOf(victim), 5 * DOLLAR, "USDC");
        profitOf(attacker.balance + treasury.balance, 0, "no fee");
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Audit A1: a debtor forces a freeze to keep both the loan and its collateral
contract DebtorExitAttack is FrozenAttack {
    uint128 private constant LOAN = 50 * ETHER;
    uint256 private constant WORTH = 100 ether; // of the token

    function setUp() public {
        setUpExchange();
        openLoan(LOAN);
        freezeNow();
        finish();
    }

    function test_a_debtor_gets_neither_token_nor_money() public {
        fails(address(frozen), abi.encodeCall(frozen.reclaimToken, (0, tokens[0], 0)), "the token stays");
        fails(address(frozen), abi.encodeCall(frozen.claim, (0)), "no money while he owes");
        profitOf(attacker.balance, WORTH, "the loan alone is less than the token");
        same(punks.ownerOf(TOKEN), address(vault), "in the vault");
    }

    function test_redeeming_costs_loan_and_interest() public {
        vm.warp(block.timestamp + 30 days);
        uint128 owed = frozen.owed(0, 0);
        vm.deal(attacker, attacker.balance + 100 ether);
        vm.prank(attacker);
        frozen.repay{value: owed * GWEI}(0, 0, owed);
        frozen.reclaimToken(0, tokens[0], 0);
        same(punks.ownerOf(TOKEN), attacker, "redeemed");
        profitOf(attacker.balance + WORTH, 100 ether + WORTH, "he has paid the loan back, with interest");
        frozen.claim(1);
        holds(victim.balance > 3 * LOAN * GWEI, "the lender has it all, and the interest");
    }

    function test_letting_it_be_sold_brings_no_more_than_its_worth() public {
        vm.warp(frozen.accounts(0).registeredAt + 7 days);
        agree(index(PUNKS, 100 * uint64(ETHER), 90 * uint64(ETHER)));
        frozen.startAuction(0, tokens[0], 0);
        run(100 * uint64(ETHER), 2);
        sell(100 * ETHER);
        frozen.claim(0);
        profitOf(attacker.balance, WORTH, "loan and surplus are at most the token");
        frozen.claim(1);
        holds(victim.balance >= 3 * LOAN * GWEI, "the lender has it all");
    }
}

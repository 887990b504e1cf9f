// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Row 33: no keeper comes, and the debtor waits until everybody has gone
contract AbsentKeeperAttack is FrozenAttack {
    uint128 private constant LOAN = 50 * ETHER;

    function setUp() public {
        setUpExchange();
        openLoan(LOAN);
        freezeNow();
    }

    /// @dev A year later the lender does it all himself, without a price and without the exchange.
    function test_the_lender_needs_nobody() public {
        vm.warp(settlement.frozenAt() + 365 days);
        vm.startPrank(victim);
        frozen.register(leaves[0], accountProof(0), positions[0]);
        frozen.register(leaves[1], accountProof(1), positions[1]);
        frozen.claim(1);
        same(victim.balance, 2 * LOAN * GWEI, "what was not lent is there at once");
        same(frozen.owed(0, 0), LOAN * 11 / 10, "a year's interest");
        vm.warp(block.timestamp + 7 days);
        frozen.startAuction(0, tokens[0], 0);
        vm.warp(block.timestamp + 7 days + 2 hours);
        vm.stopPrank();
        (uint128 price,) = auction.price(0);
        sell(price);
        frozen.claim(1);
        holds(victim.balance >= 3 * LOAN * GWEI, "the lender has it all");
        frozen.claim(0);
        // Without prices par is twice the debt; at that price he has had the token's worth, less the
        // interest.
        profitOf(attacker.balance, price * GWEI, "waiting costs the interest");
    }
}

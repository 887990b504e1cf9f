// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ForcedExit} from "../../src/ForcedExit.sol";
import {Batches} from "../../src/libraries/Batches.sol";
import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Audit A12: the freeze as a free option at the last batch's mark
contract FreezeOptionAttack is FrozenAttack {
    function setUp() public {
        setUpExchange();
        openPositions();
    }

    /// @dev He is long, the price has fallen by 10 % since the batch: he freezes to lose nothing.
    function test_the_loser_pays_the_price_after_the_freeze() public {
        freezeNow();
        vm.warp(settlement.frozenAt() + 12 hours);
        agree(market(0, 360_000));
        finish();
        frozen.claim(0);
        profitOf(attacker.balance, 16 ether, "20 ETH less 100 lots times 40,000 ticks");
        frozen.claim(1);
        same(victim.balance, 34 ether, "the winner has it");
    }

    /// forge-config: default.fuzz.runs = 48
    function testFuzz_both_sides_together_bring_nothing(uint64 price) public {
        freezeNow();
        vm.warp(settlement.frozenAt() + 12 hours);
        agree(market(0, uint64(within(price, 1, 2 ** 31 - 1))));
        finish();
        frozen.claim(0);
        frozen.claim(1);
        profitOf(attacker.balance + victim.balance, 50 ether, "with an account on each side");
    }

    /// @dev One reporter of his among five, and a price of before the freeze.
    function test_he_cannot_make_the_price() public {
        vm.warp(block.timestamp + 1 hours);
        agree(market(0, 460_000));
        freezeNow();
        vm.warp(settlement.frozenAt() + 12 hours);
        agree(market(0, 380_000));
        tell(4, market(0, 460_000));
        finish();
        frozen.claim(0);
        profitOf(attacker.balance, 18 ether, "at what the others say");
    }

    /// @dev A request that cannot be served has a refusal, so it freezes nothing and costs the bond.
    function test_impossible_requests_cost_their_bond() public {
        vm.deal(attacker, 3 * BOND);
        vm.startPrank(attacker);
        uint256 first = forced.request{value: BOND}(0, 0, 1, 1_000 * DOLLAR);
        forced.request{value: BOND}(77, 0, 0, ETHER);
        forced.request{value: BOND}(1, 1, 9, 5);
        vm.stopPrank();
        vm.warp(block.timestamp + 1);
        Batches.Batch memory b = postFinal();
        forced.refuse(first, b, leaves[0], accountProof(0), tokens[0]);
        forced.refuseUnknown(first + 1, b);
        forced.refuse(first + 2, b, leaves[1], accountProof(1), tokens[1]);
        vm.warp(block.timestamp + 10 days);
        for (uint256 i = first; i < first + 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ForcedExit.WrongStatus.selector, ForcedExit.Status.REFUSED)
            );
            forced.freeze(i);
            forced.close(i);
        }
        same(settlement.frozenAt(), 0, "nothing is frozen");
        profitOf(attacker.balance + forced.owed(attacker), 3 * BOND, "the bonds are gone");
        same(forced.owed(treasury), 3 * BOND, "to the treasury");
    }
}

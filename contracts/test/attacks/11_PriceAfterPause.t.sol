// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NftAuction} from "../../src/NftAuction.sol";
import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Row 11: the price jumps while everything stands, and who is first after the pause takes the
/// difference
contract PriceAfterPauseAttack is FrozenAttack {
    function setUp() public {
        setUpExchange();
        openLoan(10 * ETHER);
        freezeNow();
        finish();
        vm.warp(frozen.accounts(0).registeredAt + 7 days);
        agree(index(PUNKS, 20 * uint64(ETHER), 19 * uint64(ETHER)));
        frozen.startAuction(0, tokens[0], 0);
    }

    function test_the_clock_has_stood_and_all_have_an_hour() public {
        vm.warp(block.timestamp + 3 hours);
        (uint128 before,) = auction.price(0);
        vm.warp(block.timestamp + 2 days);
        agree(index(PUNKS, 21 * uint64(ETHER), 20 * uint64(ETHER)));
        (uint128 at6h,) = auction.price(0);
        vm.deal(attacker, 100 ether);
        vm.prank(attacker);
        vm.expectRevert(NftAuction.StandsStill.selector);
        auction.buy{value: 100 ether}(0, 100 * ETHER);
        vm.warp(block.timestamp + 1 hours);
        (uint128 then,) = auction.price(0);
        same(then, at6h, "two days of silence took nothing off the price");
        atMost(then, before, "only the hours with a price did");
        // The owner redeems it within the hour that everybody has.
        repay(0, 0, 20 * ETHER);
        frozen.reclaimToken(0, tokens[0], 0);
        profitOf(attacker.balance, 100 ether, "nothing to take");
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Refuser} from "../support/Receivers.sol";
import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Row 18: the debtor or a bidder refuses what he is sent, so that nothing can be sold
contract BlockedSaleAttack is FrozenAttack {
    Refuser private refuser;

    function setUp() public {
        setUpExchange();
        refuser = new Refuser();
        addAccount(address(refuser), -eth(10), 0);
        addToken(0, TOKEN);
        leaves[addAccount(victim, eth(30), 0)].lanes[4] = 10 * ETHER;
        postFinal();
        freezeNow();
        finish();
        vm.warp(frozen.accounts(0).registeredAt + 7 days);
        agree(index(PUNKS, 20 * uint64(ETHER), 19 * uint64(ETHER)));
        frozen.startAuction(0, tokens[0], 0);
    }

    function test_a_debtor_who_refuses_money_is_sold_all_the_same() public {
        (uint128 price,) = auction.price(0);
        uint256 debt = frozen.owed(0, 0);
        sell(price);
        same(punks.ownerOf(TOKEN), buyer, "sold");
        frozen.claim(0);
        same(frozen.credits(address(refuser), 0), price - debt, "his surplus waits for him");
        frozen.claim(1);
        same(victim.balance, (20 * ETHER + debt) * GWEI, "the lender waits for nobody");
        profitOf(address(refuser).balance, 0, "refusing brings nothing");
    }

    function test_a_bidder_who_refuses_money_has_a_credit() public {
        vm.deal(address(refuser), 12 ether);
        vm.prank(address(refuser));
        uint256 bid = auction.placeBid{value: 12 ether}(PUNKS, TOKEN, false);
        vm.prank(address(refuser));
        auction.withdrawBid(bid);
        (uint128 price,) = auction.price(0);
        sell(price);
        same(punks.ownerOf(TOKEN), buyer, "sold");
        profitOf(address(refuser).balance + auction.credits(address(refuser)), 12 ether, "his money");
    }
}

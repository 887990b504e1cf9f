// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NftAuction} from "../../src/NftAuction.sol";
import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Row 19: a worthless token is given to a bid for any token of its collection
contract WorthlessTokenAttack is FrozenAttack {
    function test_a_bid_for_any_token_pays_what_this_one_is_worth() public {
        setUpExchange();
        openLoan(ETHER / 2);
        vm.deal(victim, 20 ether);
        vm.prank(victim);
        uint256 bid = auction.placeBid{value: 20 ether}(PUNKS, 0, true);
        freezeNow();
        finish();
        vm.warp(frozen.accounts(0).registeredAt + 7 days);
        agree(index(PUNKS, 20 * uint64(ETHER), 19 * uint64(ETHER)));
        agree(appraisal(PUNKS, TOKEN, uint64(ETHER) / 2, uint64(ETHER), uint64(2 * ETHER)));
        frozen.startAuction(0, tokens[0], 0);
        vm.expectRevert(abi.encodeWithSelector(NftAuction.PriceAbove.selector, 12 * ETHER / 10, ETHER));
        auction.fill(0, bid);
        run(20 * uint64(ETHER), 2);
        auction.fill(0, bid);
        frozen.claim(0);
        profitOf(attacker.balance, 1 ether, "loan and surplus are at most the token's appraisal");
        same(auction.credits(victim), 19 ether, "the bidder keeps the rest");
    }
}

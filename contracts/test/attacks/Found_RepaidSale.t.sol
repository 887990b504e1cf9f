// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Found: a debtor repays all, and his token is bought below its worth before he has fetched it
contract RepaidSaleAttack is FrozenAttack {
    uint256 private constant WORTH = 50 ether; // of the token
    uint256 private constant PURSE = 50 ether; // of the attacker
    uint128 private constant DEBT = 10 * ETHER;

    function setUp() public {
        setUpExchange();
        addAccount(victim, -int256(uint256(DEBT)), 0);
        addToken(0, TOKEN);
        leaves[addAccount(backer, eth(30), 0)].lanes[4] = DEBT;
        postFinal();
        freezeNow();
        finish();
        vm.warp(frozen.accounts(0).registeredAt + 7 days);
        agree(index(PUNKS, 50 * uint64(ETHER), 49 * uint64(ETHER)));
        frozen.startAuction(0, tokens[0], 0);
        run(50 * uint64(ETHER), 5);
        vm.deal(attacker, PURSE);
    }

    function test_a_repaid_token_is_not_for_sale() public {
        repay(0, 0, frozen.owed(0, 0));
        profitOf(buyNow(), PURSE, "nobody buys below its worth what nobody owes");
        frozen.reclaimToken(0, tokens[0], 0);
        same(punks.ownerOf(TOKEN), victim, "it is its owner's");
    }

    function test_repaying_all_but_an_atom_does_not_end_the_sale() public {
        repay(0, 0, frozen.owed(0, 0) - 1);
        buyNow();
        same(punks.ownerOf(TOKEN), attacker, "a debt is a debt");
    }

    /// @dev what the attacker has after an attempt, the token at its worth [wei]
    function buyNow() private returns (uint256) {
        (uint128 price,) = auction.price(0);
        holds(price * GWEI < WORTH, "the price has fallen");
        vm.prank(attacker);
        (bool done,) = address(auction).call{value: price * GWEI}(abi.encodeCall(auction.buy, (0, price)));
        return attacker.balance + (done ? WORTH : 0);
    }
}

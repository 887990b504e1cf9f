// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Exchange} from "../support/Exchange.sol";

/// @title The base of the attacks on the exits: an attacker, a victim, and what the attack brought
abstract contract FrozenAttack is Exchange {
    address internal constant attacker = address(0xA77AC);
    address internal constant victim = address(0x71C7);
    address internal constant buyer = address(0xB1);
    uint64 internal constant TOKEN = 7804;

    /// @dev Profit and loss [wei]: what he has now, less what was his.
    function profitOf(uint256 has, uint256 was, string memory sentence) internal pure {
        atMost(int256(has) - int256(was), 0, sentence);
    }

    function eth(uint256 amount) internal pure returns (int256) {
        return int256(amount * ETHER);
    }

    /// @dev The attacker is long what the victim is short, 100 lots at 40 ETH: each tick is 1e5 atoms to him.
    function openPositions() internal {
        addMarket(0, 400_000, 1_000);
        addAccount(attacker, eth(20), 0);
        addAccount(victim, eth(30), 0);
        addPosition(0, 0, 100, 0);
        addPosition(1, 0, -100, 0);
        postFinal();
    }

    /// @dev A loan of `debt` on a token, already in the attacker's pocket; a lender of three times as much.
    function openLoan(uint128 debt) internal {
        addAccount(attacker, -int256(uint256(debt)), 0);
        addToken(0, TOKEN);
        leaves[addAccount(victim, int256(uint256(3 * debt)), 0)].lanes[4] = debt;
        vm.deal(attacker, debt * GWEI);
        postFinal();
    }

    function finish() internal {
        settlePrices();
        registerAll();
        endRegistration();
    }

    function sell(uint128 limit) internal {
        vm.deal(buyer, buyer.balance + limit * GWEI);
        vm.prank(buyer);
        auction.buy{value: limit * GWEI}(0, limit);
    }

    function run(uint64 floor, uint256 hours_) internal {
        for (; hours_ > 0; --hours_) {
            agree(index(PUNKS, floor, floor));
            vm.warp(block.timestamp + 1 hours);
        }
    }

    function fails(address target, bytes memory call_, string memory sentence) internal {
        (bool done,) = target.call(call_);
        holds(!done, sentence);
    }
}

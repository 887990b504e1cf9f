// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Administered} from "../../src/Administered.sol";
import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Row 12: whoever holds the keys changes the rules after the fact
contract RulesChangeAttack is FrozenAttack {
    /// @dev The admin is the attacker's: reporters of his own for the day after the freeze.
    function test_new_reporters_come_too_late_for_the_price() public {
        setUpExchange();
        openPositions();
        freezeNow();
        vm.warp(settlement.frozenAt() + 1);
        address[] memory own = new address[](1);
        own[0] = vm.addr(0xBAD);
        bytes32 key = oracle.REPORTERS();
        oracle.propose(key, uint256(keccak256(abi.encode(own, uint256(1)))));
        vm.warp(settlement.frozenAt() + 12 hours);
        agree(market(0, 380_000));
        (uint256 readyAt,) = oracle.changes(key);
        vm.expectRevert(abi.encodeWithSelector(Administered.TooEarly.selector, readyAt));
        oracle.setReporters(own, 1);
        finish();
        oracle.setReporters(own, 1);
        fails(
            address(prices), abi.encodeCall(prices.settle, (last, marks, 0)), "the price is settled for good"
        );
        frozen.claim(0);
        profitOf(attacker.balance, 18 ether, "no more than at the honest price");
    }

    /// @dev Nothing of the exits has a parameter that anyone could change.
    function test_the_exits_have_no_admin() public {
        setUpExchange();
        string[4] memory doors =
            ["propose(bytes32,uint256)", "setAdmin(address)", "pause(uint256)", "sweep(address)"];
        address[4] memory exits = [address(forced), address(prices), address(frozen), address(auction)];
        for (uint256 i = 0; i < 4; ++i) {
            for (uint256 j = 0; j < 4; ++j) {
                fails(exits[j], abi.encodeWithSignature(doors[i], uint256(1), uint256(1)), "no such door");
            }
        }
        profitOf(attacker.balance, 0, "nothing to take");
    }
}

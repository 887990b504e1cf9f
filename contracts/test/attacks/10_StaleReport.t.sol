// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NftAuction} from "../../src/NftAuction.sol";
import {Reports} from "../../src/libraries/Reports.sol";
import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Row 10: an old price is used
contract StaleReportAttack is FrozenAttack {
    function test_a_report_kept_for_later_does_not_count() public {
        setUpExchange();
        openPositions();
        freezeNow();
        vm.warp(settlement.frozenAt() + 2 hours);
        agree(market(0, 380_000));
        Reports.Report[3] memory kept;
        for (uint256 i = 0; i < 3; ++i) {
            kept[i] = market(0, 440_000);
        }
        vm.warp(block.timestamp + 1 hours + 1);
        for (uint256 i = 0; i < 3; ++i) {
            bytes memory signature = sign(reporterKeys[i], kept[i]);
            fails(address(oracle), abi.encodeCall(oracle.submit, (kept[i], signature)), "older than an hour");
        }
        finish();
        frozen.claim(0);
        profitOf(attacker.balance, 18 ether, "no more than at the honest price");
    }

    /// @dev The last minutes before the freeze: sampled before, counted in the first hour after.
    function test_a_price_of_before_the_freeze_is_left_out() public {
        setUpExchange();
        openPositions();
        freezeNow();
        uint256 start = settlement.frozenAt();
        vm.warp(start + 30 minutes);
        for (uint256 i = 0; i < 3; ++i) {
            Reports.Report memory report = market(0, 460_000);
            report.sampledTo = uint64((start - 10 minutes) * 1e9);
            report.sampledFrom = report.sampledTo;
            tell(i, report);
        }
        vm.warp(start + 12 hours);
        agree(market(0, 380_000));
        finish();
        frozen.claim(0);
        profitOf(attacker.balance, 18 ether, "no more than at the price after the freeze");
    }

    /// @dev Nobody reports for hours: the buyer waits for the price to fall and takes the token.
    function test_nobody_buys_on_a_stale_floor() public {
        setUpExchange();
        openLoan(10 * ETHER);
        freezeNow();
        finish();
        vm.warp(frozen.accounts(0).registeredAt + 7 days);
        agree(index(PUNKS, 20 * uint64(ETHER), 19 * uint64(ETHER)));
        frozen.startAuction(0, tokens[0], 0);
        vm.warp(block.timestamp + 6 hours + 1);
        vm.deal(attacker, 100 ether);
        vm.prank(attacker);
        vm.expectRevert(NftAuction.StandsStill.selector);
        auction.buy{value: 100 ether}(0, 100 * ETHER);
        profitOf(attacker.balance, 100 ether, "nothing was sold");
    }
}

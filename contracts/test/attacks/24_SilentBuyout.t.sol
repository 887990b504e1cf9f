// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FractionVault} from "../../src/FractionVault.sol";
import {Market} from "../support/Market.sol";

/// @title Row 24: buy out a fraction vault that nobody watches
/// @notice Niftex: Punk 2386, about 600 ETH, went for 10 ETH after 14 silent days. Guards: a minimum of 80
/// % of the appraisal and of the units' average price, when the offer is made and when its notice is over;
/// seven days of public notice; anybody may bid 5 % more. The same play as
/// tests/attacks/test_24_silent_buyout.py.
contract SilentBuyoutTest is Market {
    uint256 private constant ID = 2386;
    uint256 private constant SUPPLY = 10_000e9;
    int256 private constant VALUE = 600 ether;

    FractionVault private vault;

    function setUp() public {
        setUpMarket();
        vault = new FractionVault("Punk 2386", "P2386", PUNKS, ID, INSTRUMENT, oracle, oracle);
        punks.mint(owner, ID);
        vm.startPrank(owner);
        punks.approve(address(vault), ID);
        vault.lock(SUPPLY);
        vm.stopPrank();
        vm.deal(attacker, 10_000 ether);
        vm.deal(buyer, 10_000 ether);
    }

    function test_nobody_wins_a_watched_vault_below_its_value() public {
        uint256[5] memory openings = [uint256(10 ether), 300 ether, 479 ether, 480 ether, 540 ether];
        uint256[3] memory own = [uint256(0), 5_000e9, 9_000e9];
        uint256 start = vm.snapshotState();
        for (uint256 i = 0; i < 30; ++i) {
            int256 won = buyOut(openings[i % 5], own[(i / 5) % 3], i >= 15, true);
            atMost(won, 0, "the attacker wins nothing");
            vm.revertToState(start);
        }
    }

    function test_even_asleep_nobody_loses_more_than_a_fifth() public {
        uint256 start = vm.snapshotState();
        same(buyOut(10 ether, 0, true, false), 0, "ten ether are refused");
        vm.revertToState(start);
        same(buyOut(479 ether, 0, true, false), 0, "so are 479");
        vm.revertToState(start);
        atMost(buyOut(480 ether, 0, true, false), VALUE / 5, "a fifth at most");
    }

    function test_in_the_dark_nobody_buys() public {
        vm.warp(block.timestamp + 14 days);
        vm.expectRevert(FractionVault.NoPrice.selector);
        vm.prank(attacker);
        vault.openBuyout{value: 10 ether}();
    }

    function test_an_offer_cannot_wait_for_the_dark() public {
        look();
        vm.prank(attacker);
        vault.openBuyout{value: 480 ether}();
        vm.warp(block.timestamp + 14 days);
        vault.closeBuyout();
        same(punks.ownerOf(ID), address(vault), "without a price it came to nothing");
    }

    /// @dev offer, wait and redeem; what the attacker wins [wei], his units having cost their value
    function buyOut(uint256 opening, uint256 own, bool isDumped, bool isWatched)
        private
        returns (int256 won)
    {
        vm.prank(owner);
        vault.transfer(attacker, own);
        look();
        tellShare(uint128(isDumped ? 0.001 ether / 1e9 : 0.054 ether / 1e9)); // 10 or 540 ETH for all
        vault.note();
        vm.warp(block.timestamp + 1 hours);
        look();
        uint256 before = attacker.balance;
        vm.prank(attacker);
        (bool isOpen,) = address(vault).call{value: opening}(abi.encodeCall(FractionVault.openBuyout, ()));
        vm.warp(block.timestamp + 1 days);
        look();
        if (isOpen && isWatched) {
            vm.prank(buyer);
            vault.openBuyout{value: uint256(VALUE)}();
        }
        vm.warp(block.timestamp + 7 days);
        look();
        if (isOpen) finish();
        if (punks.ownerOf(ID) == attacker) won = VALUE;
        uint256 unitsLeft = vault.balanceOf(attacker);
        won += int256(attacker.balance) - int256(before);
        // What he holds of a vault that stands is worth what it was.
        won -= VALUE * int256(own - unitsLeft) / int256(SUPPLY);
    }

    function finish() private {
        vault.closeBuyout();
        if (vault.credits(attacker) > 0) {
            vm.prank(attacker);
            vault.withdrawCredit(attacker);
        }
        address[2] memory holders = [owner, attacker];
        for (uint256 i = 0; i < 2; ++i) {
            uint256 amount = vault.balanceOf(holders[i]);
            vm.prank(holders[i]);
            if (amount > 0) vault.redeem(amount);
        }
    }

    function look() private {
        tellFloors(30 * ETH, 10 * ETH);
        tellAppraisal(PUNKS, ID, 600 * ETH);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FractionVault} from "../../src/FractionVault.sol";
import {Market} from "../support/Market.sol";

/// @title Row 25: live on what rounding leaves
/// @notice Fractional H-02 and H-04. Guards: the supply is fixed and bounded; payouts are shares of what is
/// left, rounded down, so they sum to the price; a unit never goes for nothing.
contract TinyFractionsTest is Market {
    uint256 private constant ID = 1;
    uint256 private constant PRICE = 30 ether + 7 gwei;
    uint256 private constant PARTS = 40;

    function setUp() public {
        setUpMarket();
        punks.mint(owner, ID);
        vm.deal(buyer, PRICE);
    }

    function test_redeeming_in_crumbs_wins_nothing() public {
        uint256[3] memory supplies = [uint256(1e9), 3e9 + 1, 1e15];
        uint256[4] memory parts = [uint256(1), 33_334, 1e8, 1e7 + 1];
        uint256 start = vm.snapshotState();
        for (uint256 i = 0; i < 24; ++i) {
            atMost(nibble(supplies[i % 3], parts[(i / 3) % 4], i < 12), 0, "the attacker wins nothing");
            vm.revertToState(start);
        }
    }

    function testFuzz_redeeming_in_crumbs_wins_nothing(uint256 supply, uint256 part, bool isFirst) public {
        supply = within(supply, 1e9, 1e15);
        atMost(nibble(supply, within(part, 1, supply / 100), isFirst), 0, "the attacker wins nothing");
    }

    function test_no_units_are_made_beside_the_supply() public {
        FractionVault vault = sold(1e9);
        vm.expectRevert();
        vault.lock(1e9);
        same(vault.totalSupply(), 1e9, "fixed for ever");
    }

    /// @dev redeem in many parts, then the rest; what the attacker gets beyond his share [wei]
    function nibble(uint256 supply, uint256 part, bool isFirst) private returns (int256) {
        FractionVault vault = sold(supply);
        uint256 own = vault.balanceOf(attacker);
        uint256 due = (PRICE / 1e9 * own + supply - 1) / supply; // an atom cannot be shared
        if (!isFirst) redeem(vault, owner, vault.balanceOf(owner));
        for (uint256 i = 0; i < PARTS; ++i) {
            redeem(vault, attacker, part);
        }
        redeem(vault, attacker, vault.balanceOf(attacker));
        if (isFirst) redeem(vault, owner, vault.balanceOf(owner));
        same(address(vault).balance, 0, "the whole price is paid");
        return int256(attacker.balance) - int256(due * 1e9);
    }

    function redeem(FractionVault vault, address who, uint256 amount) private {
        if (amount == 0 || amount > vault.balanceOf(who)) return;
        bool isLast = amount == vault.totalSupply();
        vm.prank(who);
        (bool done,) = address(vault).call(abi.encodeCall(FractionVault.redeem, (amount)));
        holds(done || !isLast, "the last units are always paid");
    }

    /// @dev a vault bought out at PRICE; half of its units are the attacker's
    function sold(uint256 supply) private returns (FractionVault vault) {
        vault = new FractionVault("", "", PUNKS, ID, INSTRUMENT, oracle, oracle);
        vm.startPrank(owner);
        punks.approve(address(vault), ID);
        vault.lock(supply);
        vault.transfer(attacker, supply / 2);
        vm.stopPrank();
        tellAppraisal(PUNKS, ID, 30 * ETH);
        vm.prank(buyer);
        vault.openBuyout{value: PRICE}();
        vm.warp(block.timestamp + 7 days);
        tellFloors(30 * ETH, 10 * ETH);
        tellAppraisal(PUNKS, ID, 30 * ETH);
        vault.closeBuyout();
    }
}

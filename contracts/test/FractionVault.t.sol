// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FractionVault} from "../src/FractionVault.sol";
import {Market} from "./support/Market.sol";

/// @title Units of one punk of 600 ETH, ten thousand wholes
contract FractionVaultTest is Market {
    uint256 internal constant ID = 2386;
    uint256 internal constant SUPPLY = 10_000e9;
    uint128 internal constant VALUE = 600 * ETH;
    uint256 internal constant MINIMUM = 480 ether;

    FractionVault internal vault;

    function setUp() public {
        setUpMarket();
        vault = new FractionVault("Punk 2386", "P2386", PUNKS, ID, INSTRUMENT, oracle, oracle);
        punks.mint(owner, ID);
        vm.startPrank(owner);
        punks.approve(address(vault), ID);
        vault.lock(SUPPLY);
        vm.stopPrank();
        tellAppraisal(PUNKS, ID, VALUE);
        vm.deal(buyer, 10_000 ether);
        vm.deal(attacker, 10_000 ether);
    }

    // ---- locking and redeeming

    function test_lock_gives_all_units_for_the_token() public view {
        same(punks.ownerOf(ID), address(vault), "the token is in the vault");
        same(vault.balanceOf(owner), SUPPLY, "the owner has all units");
        same(uint256(vault.stage()), uint256(FractionVault.Stage.LOCKED), "locked");
        same(vault.decimals(), 9, "a whole is 1e9 units");
    }

    function test_lock_happens_once() public {
        bytes4 wrong = FractionVault.WrongStage.selector;
        vm.expectRevert(abi.encodeWithSelector(wrong, FractionVault.Stage.LOCKED));
        vault.lock(SUPPLY);
    }

    function test_lock_refuses_supplies_that_round_prices_away() public {
        FractionVault other = new FractionVault("", "", PUNKS, 1, INSTRUMENT, oracle, oracle);
        uint256[2] memory bad = [uint256(1e9 - 1), 1e15 + 1];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(FractionVault.BadSupply.selector, bad[i]));
            other.lock(bad[i]);
        }
    }

    function test_a_collection_must_be_the_exchanges() public {
        vm.expectRevert(abi.encodeWithSelector(FractionVault.UnknownCollection.selector, 9, address(0)));
        new FractionVault("", "", 9, ID, INSTRUMENT, oracle, oracle);
    }

    function test_all_units_are_the_token() public {
        vm.prank(owner);
        vault.redeem(SUPPLY);
        same(punks.ownerOf(ID), owner, "the owner has the token");
        same(vault.totalSupply(), 0, "no units are left");
        vm.expectRevert(
            abi.encodeWithSelector(FractionVault.WrongStage.selector, FractionVault.Stage.RELEASED)
        );
        vault.redeem(0);
    }

    function test_fewer_units_are_not_the_token() public {
        vm.expectRevert(abi.encodeWithSelector(FractionVault.NotAllUnits.selector, SUPPLY - 1, SUPPLY));
        vm.prank(owner);
        vault.redeem(SUPPLY - 1);
    }

    // ---- buyouts

    function test_the_minimum_is_four_fifths_of_the_appraisal() public {
        same(vault.buyoutMinimum(), 480 * ETH, "0.8 * 600");
        open(buyer, MINIMUM);
        (address bidder, uint64 ends, uint128 price) = vault.buyout();
        same(bidder, buyer, "whose offer");
        same(ends, block.timestamp + 7 days, "a notice of seven days");
        same(price, 480 * ETH, "its price");
    }

    function test_the_floor_counts_where_it_is_above_the_appraisal() public {
        tellFloors(700 * ETH, ETH);
        same(vault.buyoutMinimum(), 560 * ETH, "0.8 * 700");
    }

    function test_the_average_of_units_counts_where_it_is_higher() public {
        tellShare(ETH / 10); // 1000 ETH for the whole
        vault.note();
        vm.warp(block.timestamp + 1 hours);
        refresh();
        same(vault.averagePrice(), ETH / 10, "one price so far");
        same(vault.buyoutMinimum(), 1000 * ETH, "TWAP * supply");
        tellShare(ETH / 5);
        vault.note();
        vm.warp(block.timestamp + 1 hours);
        refresh();
        same(vault.buyoutMinimum(), 1500 * ETH, "the average of two hours");
    }

    function test_a_price_is_noted_once_an_hour() public {
        tellShare(ETH);
        vault.note();
        tellShare(2 * ETH);
        vault.note();
        same(vault.averagePrice(), ETH, "the second note of the hour is nothing");
    }

    function test_too_low_an_offer_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(FractionVault.BidTooLow.selector, 480 * ETH - 1, 480 * ETH));
        open(buyer, MINIMUM - 1 gwei);
    }

    function test_an_offer_has_whole_atoms() public {
        vm.expectRevert(abi.encodeWithSelector(FractionVault.NotWholeAtoms.selector, MINIMUM + 1));
        open(buyer, MINIMUM + 1);
    }

    function test_without_an_appraisal_of_its_own_nobody_buys() public {
        vm.warp(block.timestamp + 1 days + 1);
        tellFloors(30 * ETH, ETH);
        vm.expectRevert(FractionVault.NoPrice.selector);
        open(buyer, MINIMUM);
    }

    function test_without_a_fresh_floor_nobody_buys() public {
        vm.warp(block.timestamp + 1 hours + 1);
        vm.expectRevert(FractionVault.NoPrice.selector);
        open(buyer, MINIMUM);
    }

    function test_a_counter_bid_returns_the_money_and_leaves_48_hours() public {
        open(buyer, MINIMUM);
        vm.warp(block.timestamp + 6 days);
        refresh();
        vm.expectRevert(abi.encodeWithSelector(FractionVault.BidTooLow.selector, 504 * ETH - 1, 504 * ETH));
        open(owner, 504 ether - 1 gwei);
        open(owner, 504 ether);
        (, uint64 ends,) = vault.buyout();
        same(ends, block.timestamp + 48 hours, "48 h are left");
        same(vault.credits(buyer), MINIMUM, "the money before it");
        uint256 had = buyer.balance;
        vm.prank(buyer);
        vault.withdrawCredit(buyer);
        same(buyer.balance - had, MINIMUM, "is paid when asked for");
        vm.expectRevert(FractionVault.NothingToWithdraw.selector);
        vm.prank(buyer);
        vault.withdrawCredit(buyer);
    }

    function test_a_buyout_ends_with_the_token_and_everybodys_share() public {
        vm.prank(owner);
        vault.transfer(attacker, SUPPLY / 4);
        open(buyer, MINIMUM);
        vm.warp(block.timestamp + 7 days);
        refresh();
        vault.closeBuyout();
        same(punks.ownerOf(ID), buyer, "the winner has the token");
        redeem(attacker, SUPPLY / 4, 120 ether);
        redeem(owner, SUPPLY - SUPPLY / 4, 360 ether);
        same(address(vault).balance, 0, "the price is paid exactly");
    }

    function test_a_buyout_lasts_its_notice() public {
        open(buyer, MINIMUM);
        (, uint64 ends,) = vault.buyout();
        vm.warp(ends - 1);
        refresh();
        vm.expectRevert(abi.encodeWithSelector(FractionVault.BuyoutStands.selector, ends));
        vault.closeBuyout();
        vm.expectRevert(abi.encodeWithSelector(FractionVault.BuyoutStands.selector, ends));
        vm.prank(owner);
        vault.redeem(SUPPLY);
    }

    function test_no_bid_after_the_notice() public {
        open(buyer, MINIMUM);
        (, uint64 ends,) = vault.buyout();
        vm.warp(ends);
        refresh();
        vm.expectRevert(abi.encodeWithSelector(FractionVault.BuyoutStands.selector, ends));
        open(owner, 2 * MINIMUM);
    }

    function test_an_offer_left_behind_by_the_market_gets_its_money_back() public {
        open(buyer, MINIMUM);
        vm.warp(block.timestamp + 7 days);
        tellFloors(30 * ETH, ETH);
        tellAppraisal(PUNKS, ID, VALUE + 2);
        vault.closeBuyout();
        same(vault.credits(buyer), MINIMUM, "the money waits");
        same(punks.ownerOf(ID), address(vault), "the token stays");
        same(uint256(vault.stage()), uint256(FractionVault.Stage.LOCKED), "locked as before");
    }

    function test_without_a_price_the_end_waits_seven_days() public {
        open(buyer, MINIMUM);
        vm.warp(block.timestamp + 7 days);
        vm.expectRevert(FractionVault.NoPrice.selector);
        vault.closeBuyout();
        vm.warp(block.timestamp + 7 days);
        vault.closeBuyout();
        same(vault.credits(buyer), MINIMUM, "the money waits");
    }

    function test_nothing_to_close() public {
        vm.expectRevert(FractionVault.NoBuyout.selector);
        vault.closeBuyout();
    }

    function test_units_that_get_nothing_are_kept() public {
        open(buyer, MINIMUM);
        vm.warp(block.timestamp + 7 days);
        refresh();
        vault.closeBuyout();
        vm.expectRevert(abi.encodeWithSelector(FractionVault.TooFewUnits.selector, 20));
        vm.prank(owner);
        vault.redeem(20); // 480e9 atoms over 1e13 units: 21 are an atom
        redeem(owner, 21, 1 gwei);
    }

    function testFuzz_redemptions_sum_to_the_price(uint256 first, uint256 second) public {
        (first, second) = (within(first, 100, SUPPLY / 2), within(second, 100, SUPPLY / 3));
        vm.startPrank(owner);
        vault.transfer(attacker, first);
        vault.transfer(address(3), second);
        vm.stopPrank();
        open(buyer, MINIMUM);
        vm.warp(block.timestamp + 7 days);
        refresh();
        vault.closeBuyout();
        uint256 had = attacker.balance;
        vm.prank(attacker);
        vault.redeem(first);
        atMost((attacker.balance - had) * SUPPLY, MINIMUM * first, "nobody gets more than his share");
        vm.prank(address(3));
        vault.redeem(second);
        vm.prank(owner);
        vault.redeem(SUPPLY - first - second);
        same(address(vault).balance, 0, "the price is paid exactly");
    }

    // ---- what tests do again and again

    function open(address who, uint256 amount) internal {
        vm.deal(who, who.balance + amount);
        vm.prank(who);
        vault.openBuyout{value: amount}();
    }

    function refresh() internal {
        tellFloors(30 * ETH, 10 * ETH);
        tellAppraisal(PUNKS, ID, VALUE);
    }

    function redeem(address who, uint256 amount, uint256 paid) internal {
        uint256 had = who.balance;
        vm.prank(who);
        vault.redeem(amount);
        same(who.balance - had, paid, "paid for units");
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FractionVault} from "../../src/FractionVault.sol";
import {IndexVault} from "../../src/IndexVault.sol";
import {Fund} from "../support/Fund.sol";

/// @title Somebody who does everything that can be done to units and to a fund, in any order
contract Collectors is Fund {
    uint256 private constant ID = 1_000;
    uint256 private constant UNITS = 1e12;

    FractionVault public units;
    address[3] private who = [owner, buyer, attacker];
    uint64 private nextId = 2_000;

    constructor() {
        setUpFund();
        units = new FractionVault("", "", PUNKS, ID, INSTRUMENT, oracle, oracle);
        punks.mint(owner, ID);
        vm.startPrank(owner);
        punks.approve(address(units), ID);
        units.lock(UNITS);
        vm.stopPrank();
    }

    function theFund() external view returns (IndexVault) {
        return fund;
    }

    function gives(uint256 from, uint256 to, uint256 amount) external {
        address source = who[from % 3];
        amount = within(amount, 0, units.balanceOf(source));
        vm.prank(source);
        units.transfer(who[to % 3], amount);
    }

    function offers(uint256 from, uint256 price) external {
        tellAppraisal(PUNKS, ID, 30 * ETH);
        address bidder = who[from % 3];
        price = within(price, 20 * ETH, 60 * ETH) * 1 gwei;
        vm.deal(bidder, bidder.balance + price);
        vm.prank(bidder);
        try units.openBuyout{value: price}() {} catch {}
    }

    function closes() external {
        try units.closeBuyout() {} catch {}
    }

    function redeems(uint256 from, uint256 amount) external {
        address holder = who[from % 3];
        amount = within(amount, 0, units.balanceOf(holder));
        vm.prank(holder);
        try units.redeem(amount) {} catch {}
    }

    function takesCredit(uint256 from) external {
        vm.prank(who[from % 3]);
        try units.withdrawCredit(who[from % 3]) {} catch {}
    }

    function brings(uint256 from, bool isCat) external {
        IndexVault.Named[] memory named = isCat ? cat(++nextId) : punk(++nextId);
        give(who[from % 3], named);
        vm.prank(who[from % 3]);
        try fund.mint(named, 0, who[from % 3]) {} catch {}
    }

    function takes(uint256 from, uint256 place) external {
        IndexVault.Named[] memory held = fund.tokens();
        if (held.length == 0) return;
        IndexVault.Named[] memory named = new IndexVault.Named[](1);
        named[0] = held[place % held.length];
        vm.prank(who[from % 3]);
        try fund.redeem(named, type(uint256).max, who[from % 3]) {} catch {}
    }

    function waits(uint256 hour, uint256 floor) external {
        stand(uint128(within(floor, 20 * ETH, 40 * ETH)), 10 * ETH, within(hour, 1, 72) / 12 * 1 hours);
    }

    /// @dev [wei] of offers that were beaten, of all who bid
    function credits() external view returns (uint256 sum) {
        for (uint256 i = 0; i < 3; ++i) {
            sum += units.credits(who[i]);
        }
    }

    function sharesOfAll() external view returns (uint256 ofUnits, uint256 ofFund) {
        for (uint256 i = 0; i < 3; ++i) {
            ofUnits += units.balanceOf(who[i]);
            ofFund += fund.balanceOf(who[i]);
        }
    }

    function owns(IndexVault.Named memory named) external view returns (bool) {
        return (named.place == 0 ? punks : cats).ownerOf(named.tokenId) == address(fund);
    }

    function isUnitTokenHere() external view returns (bool) {
        return punks.ownerOf(ID) == address(units);
    }
}

/// @title What is always true of units and of a fund
contract FractionsInvariants is Fund {
    Collectors private work;

    function setUp() public {
        work = new Collectors();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(work);
    }

    /// forge-config: default.invariant.runs = 8
    /// forge-config: default.invariant.depth = 40
    function invariant_the_money_of_offers_is_there_to_the_wei() public view {
        FractionVault units = work.units();
        (,, uint128 offered) = units.buyout();
        uint256 owed = (uint256(offered) + units.proceeds()) * 1 gwei + work.credits();
        same(address(units).balance, owed, "offer, price and credits");
    }

    /// forge-config: default.invariant.runs = 8
    /// forge-config: default.invariant.depth = 40
    function invariant_units_and_their_token_go_together() public view {
        FractionVault units = work.units();
        bool isLocked = units.stage() == FractionVault.Stage.LOCKED;
        holds(isLocked == work.isUnitTokenHere(), "the token is here exactly while it is locked");
        holds(!isLocked || units.totalSupply() == 1e12, "while it is locked there are all units");
    }

    /// forge-config: default.invariant.runs = 8
    /// forge-config: default.invariant.depth = 40
    function invariant_balances_sum_to_the_supply() public view {
        (uint256 ofUnits, uint256 ofFund) = work.sharesOfAll();
        same(ofUnits, work.units().totalSupply(), "units");
        same(ofFund, work.theFund().totalSupply(), "fund shares");
    }

    /// forge-config: default.invariant.runs = 8
    /// forge-config: default.invariant.depth = 40
    function invariant_the_fund_has_what_it_counts() public view {
        IndexVault.Named[] memory held = work.theFund().tokens();
        for (uint256 i = 0; i < held.length; ++i) {
            holds(work.owns(held[i]), "a token that is counted is here");
        }
        holds(
            (held.length == 0) == (work.theFund().totalSupply() == 0),
            "the last share leaves with the last token"
        );
    }
}

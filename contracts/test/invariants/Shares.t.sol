// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DelayedVault} from "../../src/DelayedVault.sol";
import {Members} from "../support/Members.sol";

/// @title Somebody who does everything that can be done to a vault with shares, in any order
contract MembersAtWork is Members {
    uint256 public paidIn; // [wei] by members
    uint256 public paidOut; // [wei]
    uint256 public gained; // [wei] all that reports ever added
    uint256 public exits;

    constructor() {
        setUpMembers();
        depositEther(stranger, 1_000_000 * ETH_ATOMS);
    }

    function pool() external view returns (DelayedVault) {
        return lending;
    }

    function comesIn(bool isFirst, uint256 amount) external {
        amount = within(amount, 0.001 ether, 50 ether);
        if (lending.maxDeposit(member) < amount) return;
        enter(lending, isFirst ? member : other, amount);
        paidIn += amount;
    }

    function asks(bool isFirst, uint256 part) external {
        address who = isFirst ? member : other;
        ask(lending, who, within(part, 0, lending.balanceOf(who)));
    }

    function goesOut(bool isFirst) external {
        address who = isFirst ? member : other;
        uint256 most = lending.maxRedeem(who);
        if (most == 0) return;
        paidOut += leave(lending, who, most);
        ++exits;
    }

    function deploys(uint256 part) external {
        (uint96 idle,,,) = lending.book();
        uint256 atoms = within(part, 1, uint256(idle) / 1e9 + 1);
        try lending.deploy(uint128(atoms)) {} catch {}
    }

    function reports(uint256 percent) external {
        uint256 there = (lending.totalAssets() - idle()) / 1e9;
        uint128 claim = uint128(there * within(percent, 70, 130) / 100);
        uint256 before = lending.totalAssets();
        report(lending, claim);
        if (lending.totalAssets() > before) gained += lending.totalAssets() - before;
    }

    function sendsBack(uint256 part) external {
        (, uint64 deployed,,) = lending.book();
        if (deployed < 1e6) return;
        uint128 atoms = uint128(within(part, 1e6, deployed));
        vm.prank(frozenExit);
        vault.pay(0, 0, atoms, address(lending));
        last.withdrawn[0] += atoms;
    }

    function waits(uint256 time) external {
        vm.warp(block.timestamp + within(time, 1 minutes, 60 hours));
    }

    function idle() public view returns (uint256) {
        (uint96 found,,,) = lending.book();
        return found;
    }
}

/// @title What is always true of a vault with shares
contract SharesInvariants is Members {
    MembersAtWork private work;
    DelayedVault private shares;

    function setUp() public {
        work = new MembersAtWork();
        shares = work.pool();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(work);
    }

    /// forge-config: default.invariant.runs = 8
    /// forge-config: default.invariant.depth = 40
    function invariant_idle_money_is_here() public view {
        uint256 here = address(shares).balance + IBalance(shares.asset()).balanceOf(address(shares));
        atMost(work.idle(), here, "what is counted as idle is here, wrapped or not");
    }

    /// forge-config: default.invariant.runs = 8
    /// forge-config: default.invariant.depth = 40
    function invariant_members_take_no_more_than_came_in_and_was_earned() public view {
        atMost(work.paidOut(), work.paidIn() + work.gained(), "paid out");
    }

    /// forge-config: default.invariant.runs = 8
    /// forge-config: default.invariant.depth = 40
    function invariant_shares_are_worth_no_more_than_there_is() public view {
        atMost(shares.previewRedeem(shares.totalSupply()), shares.exitAssets(), "all shares together");
        atMost(shares.exitAssets(), shares.totalAssets(), "who leaves gets no more than who comes pays");
    }

    /// forge-config: default.invariant.runs = 8
    /// forge-config: default.invariant.depth = 40
    function invariant_requests_are_held_by_those_who_ask() public view {
        (uint216 first,) = shares.requests(member);
        (uint216 second,) = shares.requests(other);
        same(uint256(first) + second, shares.sharesAsked(), "requests sum to what is asked for");
        atMost(first, shares.balanceOf(member), "the first member's");
        atMost(second, shares.balanceOf(other), "the second member's");
    }
}

interface IBalance {
    function balanceOf(address owner) external view returns (uint256);
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Row 34: the exits settle one thing twice, in any order of calls
contract DoubleExitAttack is FrozenAttack {
    function setUp() public {
        setUpExchange();
        addAccount(attacker, -eth(10), 0);
        addToken(0, TOKEN);
        addToken(0, 42);
        addAccount(attacker, eth(5), 0);
        leaves[addAccount(victim, eth(40), 0)].lanes[4] = 10 * ETHER;
        vm.deal(attacker, 10 ether);
        postFinal();
        freezeNow();
        finish();
        vm.warp(frozen.accounts(0).registeredAt + 7 days);
        agree(index(PUNKS, 20 * uint64(ETHER), 19 * uint64(ETHER)));
        frozen.startAuction(0, tokens[0], 0);
    }

    /// forge-config: default.fuzz.runs = 48
    function testFuzz_every_order_pays_once(uint8[24] memory steps) public {
        vm.deal(attacker, attacker.balance + 60 ether);
        vm.deal(buyer, 100 ether);
        for (uint256 i = 0; i < 24; ++i) {
            step(steps[i] % 8);
        }
        uint256 owned = attacker.balance + auction.credits(attacker) + frozen.credits(attacker, 0) * GWEI;
        if (punks.ownerOf(TOKEN) == attacker) owned += 24 ether; // at most: the start of its sale
        if (punks.ownerOf(42) == attacker) owned += 24 ether;
        profitOf(
            owned,
            10 ether + 60 ether + 5 ether - 10 ether + 48 ether,
            "loan, purse, claim, less debt, tokens"
        );
        atMost(
            frozen.pots(0).paid, uint256(frozen.pots(0).assets) + frozen.pots(0).recovered, "paid is there"
        );
    }

    function step(uint256 what) private {
        vm.startPrank(what == 3 ? buyer : attacker);
        if (what == 0) attempt(address(frozen), 0, abi.encodeCall(frozen.claim, (0)));
        if (what == 1) attempt(address(frozen), 0, abi.encodeCall(frozen.claim, (1)));
        if (what == 2) attempt(address(frozen), 0, abi.encodeCall(frozen.reclaimToken, (0, tokens[0], 0)));
        if (what == 3) attempt(address(auction), 30 ether, abi.encodeCall(auction.buy, (0, 30 * ETHER)));
        if (what == 4) attempt(address(frozen), 6 ether, abi.encodeCall(frozen.repay, (0, 0, 6 * ETHER)));
        if (what == 5) attempt(address(frozen), 0, abi.encodeCall(frozen.reclaimToken, (0, tokens[0], 1)));
        if (what == 6) attempt(address(frozen), 0, abi.encodeCall(frozen.startAuction, (0, tokens[0], 1)));
        if (what == 7) attempt(address(frozen), 0, abi.encodeCall(frozen.withdrawCredit, (0, attacker)));
        vm.stopPrank();
    }

    function attempt(address target, uint256 value, bytes memory call_) private {
        (bool done,) = target.call{value: value}(call_);
        done; // most orders fail somewhere, and that is the point
    }
}

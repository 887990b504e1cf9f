// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batches} from "../../src/libraries/Batches.sol";
import {Burner, Refuser} from "../support/Receivers.sol";
import {Attack} from "./Attack.sol";

/// @title Row 18: a receiver blocks what others need: by refusing, by burning gas, by a caller's short gas
contract GriefingAttack is Attack {
    function setUp() public {
        setUpCustody();
        depositEther(holder, 100 * ETH_ATOMS);
    }

    function test_those_who_refuse_do_not_hold_up_the_others() public {
        Refuser refuser = new Refuser();
        debit(address(refuser), 0, 0, ETH_ATOMS);
        debit(address(new Burner()), 0, 0, ETH_ATOMS);
        debit(holder, 0, 0, ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        for (uint256 i = 0; i < 3; ++i) {
            claim(b, i);
        }
        same(holder.balance, 1 ether, "the third is paid");
        profitOf(address(refuser).balance, 0, "the first has a credit and nothing more");
        same(vault.credits(address(refuser), 0), ETH_ATOMS, "his own");
    }

    /// @dev whoever calls with little gas must not turn a payment into a credit
    /// forge-config: default.fuzz.runs = 256
    function testFuzz_short_gas_pays_or_does_nothing(uint32 gas_) public {
        debit(holder, 0, 0, ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        bytes memory call = claimCall(b, 0);
        (bool done,) = address(withdrawals).call{gas: within(gas_, 20_000, 220_000)}(call);
        holds(done == (holder.balance == 1 ether), "paid, or nothing");
        same(vault.credits(holder, 0), 0, "no credit");
        profitOf(vault.paid(0), done ? ETH_ATOMS : 0, "nothing else moved");
    }
}

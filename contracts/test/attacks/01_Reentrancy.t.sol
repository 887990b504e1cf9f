// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batches} from "../../src/libraries/Batches.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {Reenterer, StubbornPunks} from "../support/Receivers.sol";
import {Attack} from "./Attack.sol";

/// @title Row 1: a receiver that is called back in a payment enters everything again
contract ReentrancyAttack is Attack {
    Reenterer private attacker;

    function setUp() public {
        setUpCustody();
        depositEther(holder, 100 * ETH_ATOMS);
        attacker = new Reenterer();
        depositEther(address(attacker), 20 * ETH_ATOMS);
    }

    function test_a_second_payment_from_inside_the_first() public {
        debit(address(attacker), 0, 0, 10 * ETH_ATOMS);
        debit(address(attacker), 0, 0, 10 * ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        for (uint256 i = 0; i < 2; ++i) {
            uint256 snapshot = vm.snapshotState();
            aim(address(withdrawals), claimCall(b, i)); // the same payout, and the next one
            claim(b, 0);
            holds(attacker.tried() && !attacker.succeeded(), "the second entry failed");
            profitOf(address(attacker).balance, 10 ether, "paid once");
            vm.revertToState(snapshot);
        }
    }

    function test_every_other_door_from_inside_a_payment() public {
        debit(address(attacker), 0, 0, 10 * ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        bytes[4] memory doors = [
            abi.encodeCall(vault.pay, (0, 0, 1, address(attacker))),
            abi.encodeCall(vault.withdrawCredit, (0, address(attacker))),
            abi.encodeCall(vault.withdrawTokenCredit, (PUNKS, 0, address(attacker))),
            abi.encodeCall(vault.depositMoney, (1, 1, address(attacker)))
        ];
        for (uint256 i = 0; i < doors.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            aim(address(vault), doors[i]);
            claim(b, 0);
            holds(attacker.tried() && !attacker.succeeded(), "the door is shut");
            profitOf(address(attacker).balance, 10 ether, "paid what was owed");
            vm.revertToState(snapshot);
        }
    }

    function test_a_token_that_calls_back_on_its_way_in_and_out() public {
        StubbornPunks token = new StubbornPunks();
        vault.propose(vault.collectionKey(7), uint160(address(token)));
        vm.warp(block.timestamp + DELAY);
        vault.execute(vault.collectionKey(7));
        token.mint(address(this), 1);
        token.approve(address(vault), 1);
        token.aim(address(vault), abi.encodeCall(vault.depositToken, (7, 1, stranger)));
        vault.depositToken(7, 1, holder);
        holds(!token.succeeded(), "no second deposit of the same token");
        same(vault.lastSequence(), 3, "one deposit");
        debit(holder, Payouts.TOKEN, 7, 1);
        Batches.Batch memory b = postFinal();
        token.aim(address(withdrawals), claimCall(b, 0));
        claim(b, 0);
        holds(!token.succeeded(), "no second payment");
        same(token.ownerOf(1), holder, "paid once");
    }

    function aim(address target, bytes memory data) private {
        attacker.aim(target, data);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vault} from "../../src/Vault.sol";
import {Withdrawals} from "../../src/Withdrawals.sol";
import {Batches} from "../../src/libraries/Batches.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {Refuser} from "../support/Receivers.sol";
import {Attack} from "./Attack.sol";

/// @title Row 34: one payout is settled twice: by another batch, another number, a credit, a queue
contract DoubleSettlementAttack is Attack {
    function setUp() public {
        setUpCustody();
        depositEther(holder, 900 * ETH_ATOMS);
    }

    function test_a_payout_has_one_end() public {
        Refuser attacker = new Refuser();
        debit(address(attacker), 0, 0, 10 * ETH_ATOMS);
        Batches.Batch memory a = postFinal();
        Batches.Batch memory b = postFinal();
        claim(a, 0); // becomes a credit
        refuses(address(withdrawals), claimCall(a, 0), Withdrawals.AlreadyPaid.selector);
        refuses(address(withdrawals), claimCall(b, 0), Withdrawals.AlreadyPaid.selector);
        bytes memory fetch = abi.encodeCall(vault.withdrawCredit, (0, stranger));
        attacker.call(address(vault), fetch);
        refuses(
            address(attacker), abi.encodeCall(attacker.call, (address(vault), fetch)), Vault.NoCredit.selector
        );
        profitOf(stranger.balance, 10 ether, "paid once");
        same(vault.paid(0), 10 * ETH_ATOMS, "counted once");
    }

    function test_a_queued_payout_is_paid_once() public {
        debit(stranger, 0, 0, 100 * ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        claim(b, 0);
        vm.warp(block.timestamp + 1 days);
        claim(b, 0);
        refuses(address(withdrawals), claimCall(b, 0), Withdrawals.AlreadyPaid.selector);
        profitOf(stranger.balance, 100 ether, "paid once");
    }

    function test_the_wait_of_one_payout_is_not_that_of_another() public {
        // The same number with another value in a later batch starts its own wait.
        debit(stranger, 0, 0, 60 * ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        claim(b, 0);
        vm.warp(block.timestamp + 1 days);
        outstanding[0].value = 600 * ETH_ATOMS;
        b = postFinal();
        claim(b, 0);
        profitOf(stranger.balance, 0, "it waits from now");
    }

    function test_a_number_is_used_once_even_by_two_entries_of_a_batch() public {
        debit(stranger, 0, 0, ETH_ATOMS);
        outstanding.push(Payouts.Payout(1, stranger, 0, 0, 2 * ETH_ATOMS));
        Batches.Batch memory b = postFinal();
        claim(b, 0);
        refuses(address(withdrawals), claimCall(b, 1), Withdrawals.AlreadyPaid.selector);
        profitOf(stranger.balance, 1 ether, "paid once");
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Administered} from "../../src/Administered.sol";
import {Settlement} from "../../src/Settlement.sol";
import {Vault} from "../../src/Vault.sol";
import {Withdrawals} from "../../src/Withdrawals.sol";
import {Batches} from "../../src/libraries/Batches.sol";
import {Attack} from "./Attack.sol";

/// @title Row 35: the keys of admin, guardian, or too few operators are stolen
contract AdminAttack is Attack {
    function setUp() public {
        setUpCustody();
        depositEther(holder, 900 * ETH_ATOMS);
        debit(holder, 0, 0, ETH_ATOMS);
    }

    function test_a_stolen_admin_changes_nothing_before_the_delay_and_can_be_cancelled() public {
        bytes32 key = settlement.OPERATORS();
        address[] memory thieves = new address[](1);
        thieves[0] = stranger;
        settlement.propose(key, uint256(settlement.operatorsHash(thieves, 1)));
        vm.warp(block.timestamp + DELAY - 1);
        refuses(
            address(settlement),
            abi.encodeCall(settlement.replaceOperators, (thieves, 1)),
            Administered.TooEarly.selector
        );
        Batches.Batch memory b = postFinal(); // and users leave meanwhile
        claim(b, 0);
        same(holder.balance, 1 ether, "paid");
        vm.prank(warden);
        settlement.cancel(key);
        refuses(
            address(settlement),
            abi.encodeCall(settlement.replaceOperators, (thieves, 1)),
            Administered.NothingProposed.selector
        );
        profitOf(stranger.balance, 0, "nothing gained");
    }

    function test_no_door_of_the_admin_takes_or_redirects() public {
        bytes[4] memory doors = [
            abi.encodeCall(vault.pay, (0, 0, 1, address(this))),
            abi.encodeCall(vault.wire, (address(this))),
            abi.encodeCall(vault.listCollection, (PUNKS, address(usdc))),
            abi.encodeCall(vault.close, ())
        ];
        bytes4[4] memory reasons = [
            Vault.NotModule.selector,
            Vault.AlreadyWired.selector,
            Vault.AlreadyWired.selector,
            Vault.NotSettlement.selector
        ];
        for (uint256 i = 0; i < doors.length; ++i) {
            refuses(address(vault), doors[i], reasons[i]);
        }
        bytes memory relist = abi.encodeCall(vault.propose, (vault.collectionKey(PUNKS), uint160(stranger)));
        refuses(address(vault), relist, Vault.AlreadyListed.selector);
        profitOf(vault.paid(0), 0, "nothing left");
    }

    function test_a_stolen_guardian_stops_but_never_takes() public {
        Batches.Batch memory b = postFinal();
        vm.prank(warden);
        vault.pauseDeposits();
        vm.prank(warden);
        withdrawals.pause(block.timestamp + 72 hours);
        vm.warp(block.timestamp + 72 hours);
        claim(b, 0); // after three days the way out is open again
        same(holder.balance, 1 ether, "paid");
        vm.prank(warden);
        refuses(
            address(withdrawals),
            abi.encodeCall(withdrawals.pause, (block.timestamp + 1)),
            Administered.TooEarly.selector
        );
        profitOf(warden.balance, 0, "nothing gained");
    }

    function test_one_stolen_operator_of_three_posts_nothing() public {
        Batches.Batch memory b = nextBatch();
        (bool done,) = address(settlement).call(abi.encodeCall(settlement.post, (b, sign(b, 1))));
        holds(!done, "one is no quorum");
    }

    /// @dev two stolen operators may lie, but the guardian has the window, and the loss an hour is bounded
    function test_a_stolen_quorum_is_vetoed_or_bounded_by_the_outflow() public {
        outstanding.pop();
        (last.payoutNumber, last.withdrawn[0]) = (0, 0);
        for (uint256 i = 0; i < 18; ++i) {
            debit(stranger, 0, 0, 50 * ETH_ATOMS); // all that the vault has
        }
        Batches.Batch memory b = post();
        uint256 snapshot = vm.snapshotState();
        vm.prank(warden);
        settlement.veto(b.number);
        vm.warp(block.timestamp + WINDOW);
        refuses(address(withdrawals), claimCall(b, 0), Withdrawals.NotFinal.selector);
        profitOf(stranger.balance, 0, "vetoed: nothing gained");
        vm.revertToState(snapshot);
        vm.warp(block.timestamp + WINDOW);
        for (uint256 i = 0; i < 18; ++i) {
            claim(b, i);
        }
        profitOf(stranger.balance, 200 ether, "asleep: bounded by the hour");
        vm.warp(block.timestamp + 3 hours);
        for (uint256 i = 4; i < 18; ++i) {
            (bool done,) = address(withdrawals).call(claimCall(b, i));
            holds(done == (i < 8), "200 ETH in an hour, whatever has waited");
        }
        profitOf(stranger.balance, 400 ether, "who has waited counts for those who follow");
    }
}

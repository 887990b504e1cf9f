// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Withdrawals} from "../../src/Withdrawals.sol";
import {Batches} from "../../src/libraries/Batches.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Audit A13: paid twice after a freeze, once by the batch and once around it
contract DoublePaymentAttack is FrozenAttack {
    function setUp() public {
        setUpExchange();
        addAccount(attacker, eth(10), 0);
        addAccount(victim, eth(10), 0);
        addToken(0, TOKEN);
        postFinal();
    }

    function test_a_withdrawal_after_the_batch_did_not_happen() public {
        vm.deal(attacker, BOND);
        vm.prank(attacker);
        uint256 request = forced.request{value: BOND}(0, 0, 0, ETHER);
        vm.warp(block.timestamp + SERVE - 600);
        Batches.Batch memory r = last;
        uint256 index = debit(0, 0, 4 * ETHER);
        Batches.Batch memory later = post();
        vm.warp(forced.requests(request).closesAt);
        forced.freeze(request);
        frozen.open(r);
        vm.warp(block.timestamp + 2 * WINDOW);
        bytes memory claim_ =
            abi.encodeCall(withdrawals.claim, (later, outstanding[index], index, payoutProof(index)));
        fails(address(withdrawals), claim_, "the later batch is never final");
        leaves[0].lanes[0] += 4 * ETHER; // as in the frozen batch
        last = r;
        finish();
        frozen.claim(0);
        frozen.claim(0);
        profitOf(attacker.balance, 10 ether, "his claim, once");
    }

    function test_a_withdrawal_in_the_batch_is_no_claim() public {
        uint256 index = debit(0, 0, 4 * ETHER);
        Batches.Batch memory b = postFinal();
        freezeNow();
        finish();
        withdrawals.claim(b, outstanding[index], index, payoutProof(index));
        frozen.claim(0);
        bytes memory again =
            abi.encodeCall(withdrawals.claim, (b, outstanding[index], index, payoutProof(index)));
        fails(address(withdrawals), again, "paid once");
        profitOf(attacker.balance, 10 ether, "four and six");
        frozen.claim(1);
        same(victim.balance, 10 ether, "nobody else's money");
    }

    function test_a_deposit_is_credited_or_refunded() public {
        uint64 known = vault.lastSequence();
        uint64 late = deposit(attacker, 0, 3 * ETHER);
        freezeNow();
        frozen.refundDeposit(late, attacker, 0, 0, 3 * ETHER);
        fails(address(frozen), refund(late, 3 * ETHER), "refunded once");
        fails(address(frozen), refund(late, 4 * ETHER), "not what was deposited");
        fails(address(frozen), refund(known, 0), "in the batch");
        finish();
        frozen.claim(0);
        profitOf(attacker.balance, 13 ether, "ten and three");
    }

    function test_a_token_comes_back_once_by_one_way() public {
        freezeNow();
        finish();
        frozen.reclaimToken(0, tokens[0], 0);
        same(punks.ownerOf(TOKEN), attacker, "his");
        vm.prank(attacker);
        punks.transferFrom(attacker, address(vault), TOKEN);
        fails(address(frozen), abi.encodeCall(frozen.reclaimToken, (0, tokens[0], 0)), "it has left");
    }

    function test_a_token_on_its_way_out_is_in_no_leaf() public {
        removeTokens(0);
        uint256 index = addPayout(attacker, Payouts.TOKEN, PUNKS, uint128(TOKEN));
        Batches.Batch memory b = postFinal();
        freezeNow();
        finish();
        withdrawals.claim(b, outstanding[index], index, payoutProof(index));
        same(punks.ownerOf(TOKEN), attacker, "his");
        fails(address(frozen), abi.encodeCall(frozen.reclaimToken, (0, tokens[0], 0)), "not in the leaf");
        vm.expectRevert(abi.encodeWithSelector(Withdrawals.AlreadyPaid.selector, outstanding[index].number));
        withdrawals.claim(b, outstanding[index], index, payoutProof(index));
    }

    function refund(uint64 sequence, uint128 value) private view returns (bytes memory) {
        return abi.encodeCall(frozen.refundDeposit, (sequence, attacker, 0, 0, value));
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ForcedExit} from "../src/ForcedExit.sol";
import {Accounts} from "../src/libraries/Accounts.sol";
import {Batches} from "../src/libraries/Batches.sol";
import {Payouts} from "../src/libraries/Payouts.sol";
import {Exchange} from "./support/Exchange.sol";

/// @title A demand to leave is served, refused by proof, or ends the exchange
contract ForcedExitTest is Exchange {
    address private constant owner = address(0x0A11);
    address private constant other = address(0x0A12);

    function setUp() public {
        setUpExchange();
        addAccount(other, int256(uint256(5 * ETHER)), 0);
        addAccount(owner, int256(uint256(10 * ETHER)), int256(uint256(300 * DOLLAR)));
        addToken(1, 7804);
        addAccount(owner, int256(uint256(2 * ETHER)), 0);
        postFinal();
    }

    // ---- asking --------------------------------------------------------------------------------

    function test_request_keeps_bond_and_deadline() public {
        uint256 number = ask(1, 0, 0, 3 * ETHER);
        ForcedExit.Request memory asked = forced.requests(number);
        same(asked.owner, owner, "owner");
        same(asked.closesAt, asked.requestedAt + SERVE, "deadline");
        same(address(forced).balance, BOND, "bond");
        same(forced.count(), 1, "one request");
    }

    function test_bad_requests_are_refused() public {
        vm.deal(owner, 10 ether);
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(ForcedExit.WrongBond.selector, BOND - 1, BOND));
        forced.request{value: BOND - 1}(1, 0, 0, ETHER);
        vm.expectRevert(ForcedExit.BadRequest.selector);
        forced.request{value: BOND}(1, 0, 0, 99_999);
        vm.expectRevert(ForcedExit.BadRequest.selector);
        forced.request{value: BOND}(1, 0, 2, ETHER);
        vm.expectRevert(ForcedExit.BadRequest.selector);
        forced.request{value: BOND}(1, 2, 0, ETHER);
        forced.request{value: BOND}(1, 0, 0, ETHER);
        vm.expectRevert(abi.encodeWithSelector(ForcedExit.AlreadyOpen.selector, 0));
        forced.request{value: BOND}(1, 0, 1, DOLLAR);
        forced.request{value: BOND}(2, 0, 0, ETHER);
        vm.stopPrank();
    }

    function test_terms_must_let_an_answer_become_final() public {
        vm.expectRevert(ForcedExit.BadTerms.selector);
        new ForcedExit(settlement, BOND, 2 * WINDOW - 1, treasury);
        vm.expectRevert(ForcedExit.BadTerms.selector);
        new ForcedExit(settlement, BOND, SERVE, address(0));
    }

    // ---- serving -------------------------------------------------------------------------------

    function test_served_in_full() public {
        uint256 number = ask(1, 0, 0, 3 * ETHER);
        uint256 index = debit(1, 0, 3 * ETHER);
        Batches.Batch memory b = post();
        vm.expectRevert(ForcedExit.NotFinal.selector);
        serve(number, b, index);
        vm.warp(block.timestamp + WINDOW);
        serve(number, b, index);
        same(forced.owed(owner), BOND, "the bond is back");
        withdrawals.claim(b, outstanding[index], index, payoutProof(index));
        same(owner.balance, 3 ether, "paid");
        vm.prank(owner);
        forced.withdraw(owner);
        same(owner.balance, 3 ether + BOND, "bond fetched");
        vm.expectRevert(abi.encodeWithSelector(ForcedExit.WrongStatus.selector, ForcedExit.Status.SERVED));
        serve(number, b, index);
        vm.warp(block.timestamp + 10 days);
        vm.expectRevert(abi.encodeWithSelector(ForcedExit.WrongStatus.selector, ForcedExit.Status.SERVED));
        forced.freeze(number);
    }

    function test_token_is_served() public {
        uint256 number = ask(1, 1, PUNKS, 7804);
        removeTokens(1);
        uint256 index = addPayout(owner, Payouts.TOKEN, PUNKS, 7804);
        Batches.Batch memory b = postFinal();
        serve(number, b, index);
        same(forced.owed(owner), BOND, "the bond is back");
    }

    function test_served_in_part_when_the_rest_is_not_free() public {
        uint256 number = ask(1, 0, 0, 10 * ETHER);
        uint256 index = debit(1, 0, 4 * ETHER);
        Batches.Batch memory b = postFinal();
        vm.expectRevert(ForcedExit.NotTheAnswer.selector);
        serve(number, b, index);
        vm.expectRevert(ForcedExit.NotTheAnswer.selector);
        servePart(number, b, index, 1);
        vm.expectRevert(ForcedExit.NotInBatch.selector);
        servePart(number, b, index, 2);
        leaves[1].locked[0] = 6 * ETHER - forced.VALUE_MIN();
        b = postFinal();
        vm.expectRevert(ForcedExit.NotTheAnswer.selector);
        servePart(number, b, index, 1);
        leaves[1].locked[0] += 1;
        b = postFinal();
        servePart(number, b, index, 1);
        same(forced.owed(owner), BOND, "the bond is back");
    }

    function test_served_in_part_for_a_bit() public {
        uint256 number = ask(1, 0, 0, 10 * ETHER);
        uint256 index = debit(1, 0, 4 * ETHER);
        leaves[1].status |= Accounts.CLAIMED;
        Batches.Batch memory b = postFinal();
        vm.expectRevert(ForcedExit.NotTheAnswer.selector);
        servePart(number, b, index, 1);
        leaves[1].status |= Accounts.OWES;
        servePart(number, postFinal(), index, 1);
        same(forced.owed(owner), BOND, "the bond is back");
    }

    function test_served_in_part_when_nothing_is_left() public {
        uint256 number = ask(2, 0, 0, 3 * ETHER);
        uint256 index = debit(2, 0, 2 * ETHER - 5);
        servePart(number, postFinal(), index, 2);
        same(forced.owed(owner), BOND, "the bond is back");
    }

    function test_no_other_payout_answers() public {
        uint256 early = debit(1, 0, 4 * ETHER);
        postFinal();
        uint256 number = ask(1, 0, 0, 3 * ETHER);
        uint256 foreign = debit(0, 0, 4 * ETHER);
        uint256 dollars = debit(1, 1, 200 * DOLLAR);
        uint256 right = debit(1, 0, 3 * ETHER);
        Batches.Batch memory b = postFinal();
        for (uint256 index = early; index < right; ++index) {
            vm.expectRevert(ForcedExit.NotTheAnswer.selector);
            serve(number, b, index);
        }
        same(dollars, foreign + 1, "all three");
        serve(number, b, right);
        uint256 second = ask(2, 0, 0, ETHER);
        vm.expectRevert(ForcedExit.NotTheAnswer.selector);
        serve(second, b, right);
    }

    function test_one_payout_answers_one_request() public {
        uint256 first = ask(1, 0, 0, 2 * ETHER);
        uint256 second = ask(2, 0, 0, 2 * ETHER);
        uint256 index = debit(1, 0, 2 * ETHER);
        Batches.Batch memory b = postFinal();
        serve(first, b, index);
        vm.expectRevert(ForcedExit.NotTheAnswer.selector);
        serve(second, b, index);
    }

    // ---- refusing ------------------------------------------------------------------------------

    function test_refused_for_each_reason() public {
        refusedBy(Accounts.UNDER_MARGIN);
        refusedBy(Accounts.IN_AUCTION);
        refusedBy(Accounts.OWES);
        uint256 allLocked = ask(1, 0, 0, ETHER);
        leaves[1].locked[0] = 10 * ETHER;
        refuse(allLocked, postFinal(), 1);
        leaves[1].locked[0] = 0;
        uint256 noToken = ask(1, 1, PUNKS, 7805);
        refuse(noToken, postFinal(), 1);
        vm.deal(other, 1 ether);
        vm.prank(other);
        uint256 stranger = forced.request{value: BOND}(1, 0, 0, ETHER);
        vm.warp(block.timestamp + 1);
        refuse(stranger, postFinal(), 1);
        uint256 unknown = ask(3, 0, 0, ETHER);
        forced.refuseUnknown(unknown, postFinal());
        same(uint256(forced.requests(unknown).status), uint256(ForcedExit.Status.REFUSED), "refused");
    }

    function refusedBy(uint8 bit) private {
        uint256 number = ask(1, 0, 0, ETHER);
        leaves[1].status |= bit;
        refuse(number, postFinal(), 1);
        leaves[1].status &= ~bit;
        same(uint256(forced.requests(number).status), uint256(ForcedExit.Status.REFUSED), "refused");
    }

    function test_what_is_locked_denies_nothing_else() public {
        leaves[1].locked[0] = 10 * ETHER - forced.VALUE_MIN();
        leaves[1].locked[1] = 0;
        uint256 number = ask(1, 0, 0, 10 * ETHER);
        Batches.Batch memory b = postFinal();
        vm.expectRevert(ForcedExit.NoReason.selector);
        refuse(number, b, 1);
        serveAll(number, 1);
        number = ask(1, 0, 1, 300 * DOLLAR);
        leaves[1].locked[0] = type(uint128).max;
        b = postFinal();
        vm.expectRevert(ForcedExit.NoReason.selector);
        refuse(number, b, 1);
        serveAll(number, 1);
        number = ask(1, 1, PUNKS, 7804);
        b = postFinal();
        vm.expectRevert(ForcedExit.NoReason.selector);
        refuse(number, b, 1);
    }

    function test_more_than_the_claim_is_no_reason() public {
        uint256 number = ask(1, 0, 0, 11 * ETHER);
        Batches.Batch memory b = postFinal();
        vm.expectRevert(ForcedExit.NoReason.selector);
        refuse(number, b, 1);
        serveAll(number, 1);
    }

    function test_a_tokens_claim_denies_tokens_only() public {
        leaves[1].status |= Accounts.CLAIMED;
        uint256 number = ask(1, 0, 0, ETHER);
        Batches.Batch memory b = postFinal();
        vm.expectRevert(ForcedExit.NoReason.selector);
        refuse(number, b, 1);
        serveAll(number, 1);
        number = ask(1, 1, PUNKS, 7804);
        refuse(number, postFinal(), 1);
        same(uint256(forced.requests(number).status), uint256(ForcedExit.Status.REFUSED), "refused");
    }

    function test_no_refusal_without_a_reason() public {
        uint256 number = ask(1, 0, 0, 10 * ETHER);
        Batches.Batch memory b = postFinal();
        vm.expectRevert(ForcedExit.NoReason.selector);
        refuse(number, b, 1);
        vm.expectRevert(ForcedExit.NotInBatch.selector);
        refuse(number, b, 0);
        vm.expectRevert(ForcedExit.NoReason.selector);
        forced.refuseUnknown(number, b);
        uint256 token = ask(2, 1, PUNKS, 1);
        b = postFinal();
        Accounts.Token[] memory none = new Accounts.Token[](0);
        forced.refuse(token, b, leaves[2], accountProof(2), none);
    }

    function test_token_in_the_leaf_cannot_be_denied() public {
        uint256 number = ask(1, 1, PUNKS, 7804);
        Batches.Batch memory b = postFinal();
        vm.expectRevert(ForcedExit.NoReason.selector);
        refuse(number, b, 1);
        Accounts.Token[] memory none = new Accounts.Token[](0);
        vm.expectRevert(ForcedExit.NotInBatch.selector);
        forced.refuse(number, b, leaves[1], accountProof(1), none);
    }

    function test_old_batches_deny_nothing() public {
        leaves[1].status |= Accounts.UNDER_MARGIN;
        Batches.Batch memory b = postFinal();
        uint256 number = ask(1, 0, 0, ETHER);
        uint256 asked = forced.requests(number).requestedAt;
        vm.expectRevert(abi.encodeWithSelector(ForcedExit.TooEarly.selector, asked));
        refuse(number, b, 1);
    }

    function test_bond_of_a_refusal_goes_to_the_treasury_after_the_appeal() public {
        leaves[1].status |= Accounts.OWES;
        uint256 number = ask(1, 0, 0, 11 * ETHER);
        refuse(number, postFinal(), 1);
        vm.expectRevert(abi.encodeWithSelector(ForcedExit.TooEarly.selector, block.timestamp + 1 days));
        forced.close(number);
        vm.warp(block.timestamp + 1 days);
        forced.close(number);
        same(forced.owed(treasury), BOND, "the treasury's");
        vm.expectRevert(abi.encodeWithSelector(ForcedExit.WrongStatus.selector, ForcedExit.Status.CLOSED));
        forced.close(number);
    }

    function test_who_was_paid_and_refused_appeals() public {
        uint256 number = ask(1, 0, 0, 10 * ETHER);
        uint256 index = debit(1, 0, 10 * ETHER);
        Batches.Batch memory b = postFinal();
        refuse(number, b, 1);
        serve(number, b, index);
        same(forced.owed(owner), BOND, "the bond is back");
        vm.warp(block.timestamp + 2 days);
        vm.expectRevert(abi.encodeWithSelector(ForcedExit.WrongStatus.selector, ForcedExit.Status.SERVED));
        forced.close(number);
    }

    // ---- ending --------------------------------------------------------------------------------

    function test_unanswered_request_freezes() public {
        uint256 number = ask(1, 0, 0, ETHER);
        uint256 second = ask(2, 0, 0, ETHER);
        uint256 deadline = forced.requests(number).closesAt;
        vm.expectRevert(abi.encodeWithSelector(ForcedExit.TooEarly.selector, deadline));
        forced.freeze(number);
        vm.expectRevert(ForcedExit.NotFrozen.selector);
        forced.release(second);
        vm.warp(block.timestamp + SERVE);
        forced.freeze(number);
        same(settlement.frozenBatch(), 1, "the newest final batch");
        forced.release(second);
        same(forced.owed(owner), 2 * BOND, "both bonds are back");
        vm.expectRevert(ForcedExit.AlreadyFrozen.selector);
        forced.request{value: BOND}(1, 0, 0, ETHER);
    }

    function test_an_answer_after_the_deadline_still_counts() public {
        uint256 number = ask(1, 0, 0, ETHER);
        uint256 index = debit(1, 0, ETHER);
        Batches.Batch memory b = postFinal();
        vm.warp(block.timestamp + SERVE);
        serve(number, b, index);
        vm.expectRevert(abi.encodeWithSelector(ForcedExit.WrongStatus.selector, ForcedExit.Status.SERVED));
        forced.freeze(number);
    }

    // ---- parts ---------------------------------------------------------------------------------

    function ask(uint64 account, uint8 kind, uint32 id, uint128 value) private returns (uint256 number) {
        vm.deal(owner, owner.balance + BOND);
        vm.prank(owner);
        number = forced.request{value: BOND}(account, kind, id, value);
        vm.warp(block.timestamp + 1);
    }

    function serve(uint256 number, Batches.Batch memory b, uint256 index) private {
        forced.serve(number, b, outstanding[index], index, payoutProof(index));
    }

    function servePart(uint256 number, Batches.Batch memory b, uint256 index, uint64 account) private {
        forced.servePart(
            number, b, outstanding[index], index, payoutProof(index), leaves[account], accountProof(account)
        );
    }

    /// @dev What the engine does with an account that has no position: all that is free leaves.
    function serveAll(uint256 number, uint64 account) private {
        ForcedExit.Request memory asked = forced.requests(number);
        uint128 free = Accounts.free(leaves[account], asked.id);
        uint128 value = asked.value < free ? asked.value : free;
        uint256 index = debit(account, asked.id, value);
        if (value == asked.value) return serve(number, postFinal(), index);
        servePart(number, postFinal(), index, account);
    }

    function refuse(uint256 number, Batches.Batch memory b, uint64 account) private {
        forced.refuse(number, b, leaves[account], accountProof(account), tokens[account]);
    }
}

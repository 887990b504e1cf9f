// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vault} from "../../src/Vault.sol";
import {Withdrawals} from "../../src/Withdrawals.sol";
import {Batches} from "../../src/libraries/Batches.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {TestPunks} from "../../src/test-tokens/TestPunks.sol";
import {Attack} from "./Attack.sol";

/// @title Lends a token for one transaction
contract Lender {
    TestPunks private immutable punks;

    constructor(TestPunks punks_) {
        punks = punks_;
    }

    function lend(uint256 id, Borrower to) external {
        punks.transferFrom(address(this), address(to), id);
        to.use(id);
        require(punks.ownerOf(id) == address(this), "not returned");
    }
}

/// @title Deposits what was lent, and tries to have something out before it must be returned
contract Borrower {
    Vault private immutable vault;
    Withdrawals private immutable withdrawals;
    TestPunks private immutable punks;
    uint32 private immutable collection;
    bytes private claim;

    constructor(Vault vault_, Withdrawals withdrawals_, TestPunks punks_, uint32 collection_) {
        (vault, withdrawals, punks, collection) = (vault_, withdrawals_, punks_, collection_);
    }

    /// @param claim_ the best claim that the operators could have signed before
    function prepare(bytes calldata claim_) external {
        claim = claim_;
    }

    function use(uint256 id) external {
        punks.approve(address(vault), id);
        vault.depositToken(collection, id, address(this));
        if (claim.length == 0) return;
        (bool done,) = address(withdrawals).call(claim);
        done; // whatever it brought, the lender asks for the token next
    }

    receive() external payable {}
}

/// @title Row 4: a borrowed token is deposited, borrowed against and withdrawn in one transaction
contract FlashLoanAttack is Attack {
    Lender private lender;
    Borrower private attacker;

    function setUp() public {
        setUpCustody();
        depositEther(holder, 100 * ETH_ATOMS);
        lender = new Lender(punks);
        attacker = new Borrower(vault, withdrawals, punks, PUNKS);
        punks.mint(address(lender), 1);
    }

    function test_nothing_is_credited_in_the_transaction_of_the_deposit() public {
        (bool done,) = address(lender).call(abi.encodeCall(lender.lend, (1, attacker)));
        holds(!done, "the token is not back, so there was no loan");
        same(punks.ownerOf(1), address(lender), "the lender has it");
        profitOf(address(attacker).balance, 0, "nothing gained");
    }

    function test_not_even_with_operators_who_sign_at_once() public {
        // The operators sign in advance what only the deposit of the same transaction would justify.
        debit(address(attacker), Payouts.TOKEN, PUNKS, 1);
        Batches.Batch memory b = nextBatch();
        b.depositSequence += 1;
        refuses(address(settlement), abi.encodeCall(settlement.post, (b, sign(b))), unknownDeposit());
        b.depositSequence -= 1;
        settlement.post(b, sign(b));
        attacker.prepare(claimCall(b, 0));
        (bool done,) = address(lender).call(abi.encodeCall(lender.lend, (1, attacker)));
        holds(!done, "its window has not passed");
        profitOf(address(attacker).balance, 0, "nothing gained");
        same(punks.ownerOf(1), address(lender), "the lender has it");
    }

    function unknownDeposit() private pure returns (bytes4) {
        return bytes4(keccak256("DepositUnknown(uint64,uint64)"));
    }
}

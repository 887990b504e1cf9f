// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DelayedVault} from "../../src/DelayedVault.sol";
import {InsuranceVault} from "../../src/InsuranceVault.sol";
import {LendingVault} from "../../src/LendingVault.sol";
import {IWrappedEther} from "../../src/interfaces/IWrappedEther.sol";
import {Accounts} from "../../src/libraries/Accounts.sol";
import {Batches} from "../../src/libraries/Batches.sol";
import {MerkleSum} from "../../src/libraries/MerkleSum.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {WrappedEther} from "../../src/test-tokens/WrappedEther.sol";
import {Custody} from "./Custody.sol";

/// @title Both vaults with shares, beside an exchange of two accounts: everybody else's, and theirs
abstract contract Members is Custody {
    address internal constant member = address(0x01);
    address internal constant other = address(0x02);
    address internal constant attacker = address(0xBAD);

    WrappedEther internal weth;
    InsuranceVault internal insurance;
    LendingVault internal lending;

    function setUpMembers() internal {
        setUpCustody();
        weth = new WrappedEther();
        IWrappedEther wrapped = IWrappedEther(address(weth));
        insurance = new InsuranceVault(wrapped, vault, settlement);
        lending = new LendingVault(wrapped, vault, settlement);
    }

    function give(address who, uint256 amount) internal {
        vm.deal(who, who.balance + amount);
        vm.prank(who);
        weth.deposit{value: amount}();
    }

    function enter(DelayedVault shares, address who, uint256 amount) internal returns (uint256 bought) {
        give(who, amount);
        vm.startPrank(who);
        weth.approve(address(shares), amount);
        bought = shares.deposit(amount, who);
        vm.stopPrank();
    }

    function ask(DelayedVault shares, address who, uint256 amount) internal {
        vm.prank(who);
        shares.requestExit(amount);
    }

    function leave(DelayedVault shares, address who, uint256 amount) internal returns (uint256 paid) {
        vm.prank(who);
        return shares.redeem(amount, who, who);
    }

    // ---- what a batch says

    /// @dev number 1 is the vault's account; number 0 has everything else
    /// @param claim of the vault's account, and how much of it is lent [atoms]
    /// @param lentByAll the debts of everybody, and how much of them has no collateral [atoms]
    struct Said {
        uint128 claim;
        uint128 lent;
        uint128 lentByAll;
        uint128 unsecured;
    }

    struct Proof {
        Batches.Batch b;
        Accounts.Leaf leaf;
        MerkleSum.Record[] beside;
    }

    /// @dev post what the batch says and wait until it is final
    function posted(DelayedVault shares, Said memory said) internal returns (Proof memory proof) {
        Batches.Batch memory b = nextBatch();
        Accounts.Leaf memory rest;
        rest.owner = stranger;
        rest.lanes = [
            b.sums[0] - said.claim + said.lentByAll,
            said.lentByAll,
            b.sums[2],
            0,
            said.lentByAll - said.lent,
            said.unsecured
        ];
        proof.leaf.number = 1;
        proof.leaf.owner = address(shares);
        proof.leaf.lanes[Accounts.CLAIMS] = said.claim;
        proof.leaf.lanes[Accounts.LENT] = said.lent;
        MerkleSum.Record memory left = record(rest);
        MerkleSum.Record memory root = MerkleSum.join(left, record(proof.leaf));
        (b.accounts, b.accountsRoot) = (2, root.hash);
        for (uint256 i = 0; i < 6; ++i) {
            b.sums[i] = rest.lanes[i] + proof.leaf.lanes[i];
        }
        settlement.post(b, sign(b));
        last = b;
        vm.warp(block.timestamp + WINDOW);
        (proof.b, proof.beside) = (b, new MerkleSum.Record[](1));
        proof.beside[0] = left;
    }

    function report(DelayedVault shares, Said memory said) internal {
        Proof memory proof = posted(shares, said);
        shares.report(proof.b, proof.leaf, proof.beside);
    }

    function report(DelayedVault shares, uint128 claim) internal {
        report(shares, Said(claim, 0, 0, 0));
    }

    /// @dev the exchange debits the vault's account and pays; the rest of the claim stays
    function sendBack(DelayedVault shares, uint128 atoms) internal {
        delete outstanding;
        uint256 index = debit(address(shares), Payouts.MONEY, 0, atoms);
        uint128 claim = uint128(last.sums[0] - last.sums[1]);
        claim = claim < atoms ? 0 : claim - atoms;
        Proof memory proof = posted(shares, Said(claim, 0, 0, 0));
        last = proof.b;
        withdrawals.claim(proof.b, outstanding[index], index, siblings(outstanding, index));
        delete outstanding;
    }

    function record(Accounts.Leaf memory leaf) private pure returns (MerkleSum.Record memory) {
        return MerkleSum.Record(Accounts.leafHash(leaf), Accounts.packed(leaf.lanes));
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Batches: what the operators sign of the exchange's state, as EIP-712 typed data
/// @notice Spec: docs/spec/settlement.md
library Batches {
    /// @param number of the batch, from 1, without gaps
    /// @param journalSeq commands applied: the state is that after this one
    /// @param time of that state [s]
    /// @param journalHead hash of the journal up to there
    /// @param accounts leaves of the tree of accounts
    /// @param accountsRoot its hash
    /// @param sums its lanes [atoms]: claims and debts in ether, claims and debts in USDC, lent, unsecured
    /// @param payouts leaves of the tree of outstanding payouts
    /// @param payoutsRoot its hash
    /// @param payoutNumber the last number ever given to a payout
    /// @param depositSequence the last deposit of the vault that is credited
    /// @param withdrawn debited by payouts since the settlement was opened, by asset [atoms]
    /// @param marksHash of the markets' marks
    struct Batch {
        uint64 number;
        uint64 journalSeq;
        uint64 time;
        bytes32 journalHead;
        uint64 accounts;
        bytes32 accountsRoot;
        uint128[6] sums;
        uint64 payouts;
        bytes32 payoutsRoot;
        uint64 payoutNumber;
        uint64 depositSequence;
        uint128[2] withdrawn;
        bytes32 marksHash;
    }

    /// @param market its number
    /// @param asset what it settles in
    /// @param mark price [ticks]
    /// @param unit [atoms per tick and lot]
    struct Mark {
        uint32 market;
        uint8 asset;
        uint64 mark;
        uint64 unit;
    }

    bytes32 internal constant TYPE_HASH = keccak256(
        "Batch(uint64 number,uint64 journalSeq,uint64 time,bytes32 journalHead,uint64 accounts,"
        "bytes32 accountsRoot,uint128[6] sums,uint64 payouts,bytes32 payoutsRoot,uint64 payoutNumber,"
        "uint64 depositSequence,uint128[2] withdrawn,bytes32 marksHash)"
    );

    /// @notice EIP-712 hash of the struct, without the domain
    function hash(Batch memory b) internal pure returns (bytes32) {
        bytes memory head =
            abi.encode(TYPE_HASH, b.number, b.journalSeq, b.time, b.journalHead, b.accounts, b.accountsRoot);
        bytes memory tail = abi.encode(
            keccak256(abi.encode(b.sums)),
            b.payouts,
            b.payoutsRoot,
            b.payoutNumber,
            b.depositSequence,
            keccak256(abi.encode(b.withdrawn)),
            b.marksHash
        );
        return keccak256(bytes.concat(head, tail));
    }

    /// @notice keccak of (market | asset | mark | unit) of each market, by number
    function marksHash(Mark[] memory marks) internal pure returns (bytes32) {
        bytes memory packed;
        for (uint256 i = 0; i < marks.length; i++) {
            Mark memory m = marks[i];
            packed = abi.encodePacked(packed, m.market, m.asset, m.mark, m.unit);
        }
        return keccak256(packed);
    }
}

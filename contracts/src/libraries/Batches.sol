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
    /// @dev Its members lie in calldata in the order in which they are hashed, 19 words; only the two
    /// arrays are hashed by themselves. Words are taken as they are: one that does not fit its type gives a
    /// hash that nobody signed.
    function hash(Batch calldata b) internal pure returns (bytes32 structHash) {
        bytes32 typeHash = TYPE_HASH;
        assembly ("memory-safe") {
            let at := mload(0x40)
            calldatacopy(at, add(b, 0xc0), 0xc0) // sums
            let sums := keccak256(at, 0xc0)
            calldatacopy(at, add(b, 0x200), 0x40) // withdrawn
            let withdrawn := keccak256(at, 0x40)
            mstore(at, typeHash)
            calldatacopy(add(at, 0x20), b, 0xc0) // number to accountsRoot
            mstore(add(at, 0xe0), sums)
            calldatacopy(add(at, 0x100), add(b, 0x180), 0x80) // payouts to depositSequence
            mstore(add(at, 0x180), withdrawn)
            calldatacopy(add(at, 0x1a0), add(b, 0x240), 0x20) // marksHash
            structHash := keccak256(at, 0x1c0)
        }
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

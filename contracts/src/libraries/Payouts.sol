// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Payouts: what the exchange owes to owners outside, and the tree that commits to it
/// @notice leaf = keccak(0x02 | number | owner | kind | id | value), node = keccak(0x03 | left | right), an
/// empty leaf is zero; leaves stand in the order of their numbers. Spec: docs/spec/settlement.md
library Payouts {
    /// @param number the exchange's own count of payouts, from 1
    /// @param owner who is paid
    /// @param kind MONEY or TOKEN
    /// @param id asset of money, collection of a token
    /// @param value amount [atoms], or the token's id
    struct Payout {
        uint64 number;
        address owner;
        uint8 kind;
        uint32 id;
        uint128 value;
    }

    uint8 internal constant MONEY = 0;
    uint8 internal constant TOKEN = 1;
    uint32 internal constant ETHER = 0;
    uint32 internal constant USDC = 1;

    uint8 private constant LEAF = 0x02;
    uint8 private constant NODE = 0x03;

    /// @dev the 50 bytes in two words
    function leafHash(Payout memory p) internal pure returns (bytes32) {
        return _hash50(
            uint256(LEAF) << 248 | uint256(p.number) << 184 | uint256(uint160(p.owner)) << 24
                | uint256(p.kind) << 16 | p.id >> 16,
            uint256(p.id) << 240 | uint256(p.value) << 112
        );
    }

    /// @notice whether the leaf stands at `index` of the tree of `count` leaves
    /// @param siblings hashes beside the path, from the leaf upwards
    function isIn(bytes32 root, uint64 count, uint256 index, bytes32 leaf, bytes32[] calldata siblings)
        internal
        pure
        returns (bool)
    {
        return index < count && isDepth(siblings.length, count) && climb(leaf, index, siblings) == root;
    }

    /// @notice the root's hash, from that at `index` upwards
    /// @dev as `nodeHash`, level by level in the same memory: the own hash left or right, the sibling beside
    function climb(bytes32 leaf, uint256 index, bytes32[] calldata siblings)
        internal
        pure
        returns (bytes32 hash)
    {
        hash = leaf;
        assembly ("memory-safe") {
            let node := mload(0x40)
            mstore8(node, NODE)
            let left := add(node, 0x01)
            let end := add(siblings.offset, shl(5, siblings.length))
            for { let next := siblings.offset } lt(next, end) { next := add(next, 0x20) } {
                let side := shl(5, and(index, 1))
                mstore(add(left, side), hash)
                mstore(add(left, xor(side, 0x20)), calldataload(next))
                hash := keccak256(node, 0x41)
                index := shr(1, index)
            }
        }
    }

    /// @dev the memory that it writes is not allocated, since nobody reads it again
    function nodeHash(bytes32 left, bytes32 right) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore8(at, NODE)
            mstore(add(at, 0x01), left)
            mstore(add(at, 0x21), right)
            hash := keccak256(at, 0x41)
        }
    }

    /// @notice whether d is the smallest with 2 ** d >= count; count > 0
    function isDepth(uint256 d, uint64 count) internal pure returns (bool) {
        uint256 last = count - 1;
        return last >> d == 0 && (d == 0 || last >> (d - 1) != 0);
    }

    function _hash50(uint256 head, uint256 tail) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            mstore(0x00, head)
            mstore(0x20, tail)
            hash := keccak256(0x00, 50)
        }
    }
}

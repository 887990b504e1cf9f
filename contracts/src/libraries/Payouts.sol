// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

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

    function leafHash(Payout memory p) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(LEAF, p.number, p.owner, p.kind, p.id, p.value));
    }

    /// @notice whether the leaf stands at `index` of the tree of `count` leaves
    /// @param siblings hashes beside the path, from the leaf upwards
    function isIn(bytes32 root, uint64 count, uint256 index, bytes32 leaf, bytes32[] calldata siblings)
        internal
        pure
        returns (bool)
    {
        if (index >= count || siblings.length != depth(count)) return false;
        bytes32 hash = leaf;
        for (uint256 i = 0; i < siblings.length; i++) {
            bytes32 sibling = siblings[i];
            hash = (index >> i) & 1 == 0 ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
        }
        return hash == root;
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

    /// @notice the smallest d with 2 ** d >= count; count > 0
    function depth(uint64 count) internal pure returns (uint256) {
        return Math.log2(count, Math.Rounding.Ceil);
    }
}

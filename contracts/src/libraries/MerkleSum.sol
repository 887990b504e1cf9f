// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Accounts} from "./Accounts.sol";

/// @title MerkleSum: a tree whose nodes carry the sums of what is below them
/// @notice node = keccak(0x01 | left record | right record), its lanes = left lanes + right lanes, each
/// checked in 128 bits; an empty leaf is all zeros; an account stands at its number. Spec:
/// docs/spec/settlement.md
library MerkleSum {
    /// @param hash of a leaf or node
    /// @param lanes six amounts in three words, the even one in the high half [atoms]
    struct Record {
        bytes32 hash;
        uint256[3] lanes;
    }

    uint8 private constant NODE = 0x01;
    uint256 private constant HALF = 128;

    error LaneOverflow();

    /// @notice whether the account stands in the tree of `accounts` leaves with that hash and those sums
    /// @param siblings records beside the path, from the leaf upwards
    function isIn(
        bytes32 root,
        uint128[6] memory sums,
        uint64 accounts,
        Accounts.Leaf memory leaf,
        Record[] calldata siblings
    ) internal pure returns (bool) {
        if (leaf.number >= accounts || siblings.length != depth(accounts)) {
            return false;
        }
        Record memory record = Record(Accounts.leafHash(leaf), Accounts.packed(leaf.lanes));
        record = climb(record, leaf.number, siblings);
        uint256[3] memory total = Accounts.packed(sums);
        return record.hash == root && record.lanes[0] == total[0] && record.lanes[1] == total[1]
            && record.lanes[2] == total[2];
    }

    /// @notice the root's record, from that at `index` upwards
    function climb(Record memory record, uint256 index, Record[] calldata siblings)
        internal
        pure
        returns (Record memory)
    {
        for (uint256 i = 0; i < siblings.length; i++) {
            record = (index >> i) & 1 == 0 ? join(record, siblings[i]) : join(siblings[i], record);
        }
        return record;
    }

    /// @notice the record above two
    function join(Record memory left, Record memory right) internal pure returns (Record memory node) {
        node.hash = keccak256(abi.encodePacked(NODE, left.hash, left.lanes, right.hash, right.lanes));
        for (uint256 i = 0; i < 3; i++) {
            node.lanes[i] = _add(left.lanes[i], right.lanes[i]);
        }
    }

    /// @notice the smallest d with 2 ** d >= accounts; accounts > 0
    function depth(uint64 accounts) internal pure returns (uint256) {
        return Math.log2(accounts, Math.Rounding.Ceil);
    }

    /// @dev two halves at once; a carry out of either is an overflow
    function _add(uint256 a, uint256 b) private pure returns (uint256 sum) {
        uint256 low = uint256(uint128(a)) + uint128(b);
        uint256 high = (a >> HALF) + (b >> HALF);
        if (low >> HALF != 0 || high >> HALF != 0) revert LaneOverflow();
        sum = high << HALF | low;
    }
}

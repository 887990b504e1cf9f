// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Deposits: what the vault remembers of each deposit, so that it can be given back after a freeze
/// @notice record = keccak(0x04 | sequence | owner | kind | id | value). Spec: docs/spec/settlement.md
library Deposits {
    uint8 private constant RECORD = 0x04;

    /// @param value amount [atoms], or the token's id
    function recordHash(uint64 sequence, address owner, uint8 kind, uint32 id, uint128 value)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(RECORD, sequence, owner, kind, id, value));
    }
}

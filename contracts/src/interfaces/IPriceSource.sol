// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What the instruments ask of the oracle
interface IPriceSource {
    /// @notice the accepted value of a feed; reverts or gives 0 where there is none
    /// @param collection the exchange's number of the collection, or of the instrument for SHARE
    /// @param token the token's id, -1 for the whole collection
    /// @param kind 0 INDEX (floor), 1 APPRAISAL (P50), 2 SHARE (one whole)
    /// @return value [atoms]
    /// @return sampledTo when the quorum had looked [ns]
    function price(uint32 collection, int64 token, uint8 kind)
        external
        view
        returns (uint128 value, uint64 sampledTo);
}

/// @notice What the instruments ask of the exchange's vault: which contract a collection's number means
interface ICollections {
    function collections(uint32 collection) external view returns (address);
}

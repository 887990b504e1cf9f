// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPriceSource} from "../interfaces/IPriceSource.sol";

/// @title Prices: the oracle's values, as old as each use allows
/// @dev Spec: docs/spec/reports.md §2, docs/spec/instruments.md §2.
library Prices {
    uint8 internal constant INDEX = 0;
    uint8 internal constant APPRAISAL = 1;
    uint8 internal constant SHARE = 2;
    int64 internal constant WHOLE_COLLECTION = -1;

    uint256 internal constant REPORT_AGE_MAX = 60 minutes; // [s] to borrow, and for all that is traded on it
    uint256 internal constant APPRAISAL_AGE_MAX = 1 days; // [s]
    uint256 internal constant NS = 1e9; // [ns/s]

    /// @notice the floor of a collection [atoms]; 0 if nobody has said it in the last hour
    function floorOf(IPriceSource oracle, uint32 collection) internal view returns (uint256) {
        return fresh(oracle, collection, WHOLE_COLLECTION, INDEX, REPORT_AGE_MAX);
    }

    /// @notice the appraisal of a token itself [atoms]; 0 if there is none of the last day
    function appraisalOf(IPriceSource oracle, uint32 collection, uint256 tokenId)
        internal
        view
        returns (uint256)
    {
        if (tokenId > uint256(uint64(type(int64).max))) return 0;
        // forge-lint: disable-next-line(unsafe-typecast)
        return fresh(oracle, collection, int64(uint64(tokenId)), APPRAISAL, APPRAISAL_AGE_MAX);
    }

    /// @notice a feed's value [atoms]; 0 if it has none at most `ageMax` [s] old, or the oracle refuses
    function fresh(IPriceSource oracle, uint32 collection, int64 token, uint8 kind, uint256 ageMax)
        internal
        view
        returns (uint256)
    {
        try oracle.price(collection, token, kind) returns (uint128 value, uint64 sampledTo) {
            return sampledTo / NS + ageMax >= block.timestamp ? value : 0;
        } catch {
            return 0;
        }
    }
}

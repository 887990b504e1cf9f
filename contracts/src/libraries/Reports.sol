// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Reports: what a reporter signs, as EIP-712 typed data
/// @notice To the bit what `floorbook.pricing.reports` hashes (test/vectors/report.json). Spec:
/// docs/spec/reports.md
library Reports {
    /// @param collection its number; of an instrument for SHARE, of a market for MARKET
    /// @param token -1: the whole
    /// @param sampledFrom [ns]
    /// @param sampledTo [ns]
    /// @param round rises with every report of a reporter on a feed
    /// @param source hash of what the reporter read
    struct Report {
        uint32 collection;
        int64 token;
        uint8 kind;
        uint64[] values;
        uint64 sampledFrom;
        uint64 sampledTo;
        uint64 round;
        bytes32 source;
    }

    uint8 internal constant INDEX = 0; // floor; best bids at 1, 2, 5, 10, 20 items; sales; volatility [ppb/d]
    uint8 internal constant APPRAISAL = 1; // P10, P50, P90; time of the last sale with a shared trait [ns]
    uint8 internal constant SHARE = 2; // price of one whole
    uint8 internal constant MARKET = 3; // price of a market [ticks], for the exit after a freeze

    uint256 internal constant VALUE_MAX = 2 ** 60; // no value is this large
    uint256 internal constant TICKS_MAX = 2 ** 31 - 1; // the largest price of a market [ticks]

    uint256 private constant BIDS = 5;
    uint256 private constant INDEX_VALUES = 8;
    uint256 private constant APPRAISAL_VALUES = 4;
    uint256 private constant SIGMA_MAX = 10e9; // [ppb]

    bytes32 internal constant TYPE_HASH = keccak256(
        "Report(uint32 collection,int64 token,uint8 kind,uint64[] values,uint64 sampledFrom,"
        "uint64 sampledTo,uint64 round,bytes32 source)"
    );

    /// @notice EIP-712 hash of the struct, without the domain
    function hash(Report calldata report) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                TYPE_HASH,
                report.collection,
                report.token,
                report.kind,
                keccak256(abi.encodePacked(report.values)),
                report.sampledFrom,
                report.sampledTo,
                report.round,
                report.source
            )
        );
    }

    /// @notice Which of its values is the price: P50 of an appraisal, else the first.
    function priceIndex(uint8 kind) internal pure returns (uint256) {
        return kind == APPRAISAL ? 1 : 0;
    }

    /// @notice Whether the values have the number, order and size of their kind. Spec: reports.md §2
    function isWellFormed(Report calldata report) internal pure returns (bool) {
        uint64[] calldata values = report.values;
        if (report.sampledFrom > report.sampledTo || report.token < -1) return false;
        if (report.kind == INDEX) return _isIndex(values);
        if (report.kind == APPRAISAL) return _isAppraisal(values, report.sampledTo);
        if (values.length != 1 || values[0] == 0 || report.token != -1) return false;
        if (report.kind == SHARE) return values[0] < VALUE_MAX;
        return report.kind == MARKET && values[0] <= TICKS_MAX;
    }

    /// @dev Bids are at most the floor and do not rise with the number of items; the best one is above 0.
    function _isIndex(uint64[] calldata values) private pure returns (bool) {
        if (values.length != INDEX_VALUES || values[0] == 0 || values[1] == 0) return false;
        for (uint256 i = 0; i < BIDS; ++i) {
            if (values[i + 1] > values[i]) return false;
        }
        return values[0] < VALUE_MAX && values[BIDS + 1] < VALUE_MAX && values[BIDS + 2] <= SIGMA_MAX;
    }

    function _isAppraisal(uint64[] calldata values, uint64 sampledTo) private pure returns (bool) {
        if (values.length != APPRAISAL_VALUES || values[0] == 0 || values[2] >= VALUE_MAX) return false;
        return values[0] <= values[1] && values[1] <= values[2] && values[3] <= sampledTo;
    }
}

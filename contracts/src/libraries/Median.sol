// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The middle of a few reported values
/// @notice As `median` and `largest_agreement` of the engine: the same cases feed both
/// (test/vectors/medians.json).
/// Spec: docs/spec/reports.md §3, §4
library Median {
    uint256 private constant PPB_ONE = 1e9;

    error NothingToSort();

    /// @notice median = the middle value; of an even number the mean of both, rounded down
    /// @dev Sorts in place. Values stay below 2**255, so the sum of two of them fits.
    function medianDown(uint256[] memory values) internal pure returns (uint256) {
        sort(values);
        return middleDown(values);
    }

    /// @notice The median of values that are sorted already.
    function middleDown(uint256[] memory sorted) internal pure returns (uint256) {
        uint256 count = sorted.length;
        if (count == 0) revert NothingToSort();
        uint256 half = count / 2;
        return count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /// @notice How many of the sorted values can stand together: max - min <= floor(median * spread).
    /// @dev Two hands over the sorted values: the widest window that is narrow enough.
    /// @param spread [ppb]
    function agreeing(uint256[] memory sorted, uint256 spread) internal pure returns (uint256 most) {
        uint256 room = (middleDown(sorted) * spread) / PPB_ONE;
        uint256 first = 0;
        for (uint256 last = 0; last < sorted.length; ++last) {
            while (sorted[last] - sorted[first] > room) ++first;
            if (last - first + 1 > most) most = last - first + 1;
        }
    }

    /// @dev Insertion: reporters are at most 31, the slots of a day 96.
    function sort(uint256[] memory values) internal pure {
        for (uint256 i = 1; i < values.length; ++i) {
            uint256 value = values[i];
            uint256 place = i;
            while (place > 0 && values[place - 1] > value) {
                values[place] = values[place - 1];
                --place;
            }
            values[place] = value;
        }
    }
}

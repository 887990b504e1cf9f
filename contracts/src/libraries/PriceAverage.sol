// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PriceAverage: a time-weighted average of prices noted at most once an hour
/// @notice Each price holds until the next one:
///     average = sum(price_i * (t_(i+1) - t_i)) / (now - t_0), rounded down,
/// t_0 being the newest note that is at least a window old, or the first of all.
/// @dev Spec: docs/spec/instruments.md §2, docs/spec/index.md §6. The same rule as `fractions.average`.
library PriceAverage {
    uint256 internal constant EVERY = 1 hours; // [s]

    struct Point {
        uint64 time; // [s]
        uint64 price; // [atoms]
        uint128 total; // of prices before it [atoms * s]
    }

    struct History {
        Point[] points;
        uint256 start; // the first point that counts
    }

    error PriceTooLarge(uint256 price);

    /// @notice note a price [atoms] now, if none was noted in this hour; 0 is no price
    /// @param window how far back averages will look [s]
    /// @return noted whether it was
    function note(History storage history, uint256 price, uint256 window) internal returns (bool noted) {
        if (price > type(uint64).max) revert PriceTooLarge(price);
        uint256 count = history.points.length;
        if (price == 0 || (count > history.start && newest(history) / EVERY == block.timestamp / EVERY)) {
            return false;
        }
        uint128 total = count > history.start ? totalAt(history.points[count - 1]) : 0;
        // forge-lint: disable-next-line(unsafe-typecast)
        history.points.push(Point(uint64(block.timestamp), uint64(price), total));
        history.start = startOf(history, window);
        return true;
    }

    /// @notice forget all that was noted
    function restart(History storage history) internal {
        history.start = history.points.length;
    }

    /// @notice the average of the last `window` [s]; 0 if nothing was noted
    function average(History storage history, uint256 window) internal view returns (uint256) {
        uint256 count = history.points.length;
        if (count == history.start) return 0;
        Point memory first = history.points[startOf(history, window)];
        uint256 elapsed = block.timestamp - first.time;
        if (elapsed == 0) return first.price;
        return (totalAt(history.points[count - 1]) - first.total) / elapsed;
    }

    /// @notice when the newest price was noted [s]; 0 if none was
    function newest(History storage history) internal view returns (uint256) {
        uint256 count = history.points.length;
        return count > history.start ? history.points[count - 1].time : 0;
    }

    /// @notice when the oldest price that counts was noted [s]; 0 if none was
    function oldest(History storage history) internal view returns (uint256) {
        return history.points.length > history.start ? history.points[history.start].time : 0;
    }

    function totalAt(Point memory point) private view returns (uint128) {
        return point.total + uint128(point.price) * uint128(block.timestamp - point.time);
    }

    function startOf(History storage history, uint256 window) private view returns (uint256 start) {
        start = history.start;
        while (
            start + 1 < history.points.length && history.points[start + 1].time + window <= block.timestamp
        ) {
            ++start;
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The falling price of a sale
/// @notice
///     start = max(ceil(1.2 * appraisal), best bid, par)    par = max(appraisal, end, 1)
///     end   = ceil(0.7 * liquidation value)
///     [0, 2 h):    ceil(start * (par / start) ** (t / 2 h))
///     [2 h, 6 h]:  ceil(par - (par - end) * (t - 2 h) / 4 h)
/// To the last digit what the engine's `core/rules/auction.py` gives: the same cases feed both
/// (test/vectors/auction_price.json). Spec: docs/spec/auctions.md §2
library AuctionPrice {
    /// @notice A sale's three prices [atoms]; start >= par >= end, par >= 1
    struct Curve {
        uint128 start;
        uint128 par;
        uint128 end;
    }

    uint256 internal constant EXPONENTIAL = 2 hours;
    uint256 internal constant DURATION = 6 hours;
    uint256 internal constant PRICE_MAX = 2 ** 60; // [atoms] CASH_MAX of the engine

    uint256 private constant PPB_ONE = 1e9;
    uint256 private constant START_PPB = 1_200_000_000;
    uint256 private constant END_PPB = 700_000_000;
    uint256 private constant HALVINGS = 20;
    uint256 private constant FRACTION_BITS = 32;

    /// @notice The prices of a sale that starts now [atoms].
    function curve(uint256 appraisal, uint256 liquidationValue, uint256 bestBid)
        internal
        pure
        returns (Curve memory)
    {
        uint256 end = Math.min(Math.ceilDiv(liquidationValue * END_PPB, PPB_ONE), PRICE_MAX);
        uint256 par = Math.min(Math.max(appraisal, Math.max(1, end)), PRICE_MAX);
        uint256 start = Math.max(Math.ceilDiv(appraisal * START_PPB, PPB_ONE), Math.max(bestBid, par));
        // forge-lint: disable-next-line(unsafe-typecast)
        return Curve(uint128(Math.min(start, PRICE_MAX)), uint128(par), uint128(end)); // at most 2**60
    }

    /// @notice The price after so much running time; it never rises. [atoms]
    /// @param elapsed [s]
    function priceAt(Curve memory prices, uint256 elapsed) internal pure returns (uint256) {
        if (elapsed < EXPONENTIAL) return exponentialUp(prices.start, prices.par, elapsed, EXPONENTIAL);
        return linearUp(prices.par, prices.end, elapsed - EXPONENTIAL, DURATION - EXPONENTIAL);
    }

    /// @notice ceil(high * (low / high) ** (elapsed / duration)); low >= 1, high < 2**95
    /// @dev The interval is halved at the geometric mean, so later prices lie inside the interval of earlier
    /// ones: the curve cannot rise, whatever is rounded. The last of 2**20 pieces is crossed on a straight
    /// line.
    function exponentialUp(uint256 high, uint256 low, uint256 elapsed, uint256 duration)
        internal
        pure
        returns (uint256)
    {
        if (elapsed >= duration) return low;
        uint256 step = (elapsed << HALVINGS) / duration;
        uint256 rest = (elapsed << HALVINGS) % duration;
        uint256 upper = high << FRACTION_BITS;
        uint256 lower = low << FRACTION_BITS;
        for (uint256 bit = HALVINGS; bit > 0; --bit) {
            uint256 middle = Math.sqrt(upper * lower);
            if ((step >> (bit - 1)) & 1 == 1) upper = middle;
            else lower = middle;
        }
        return Math.ceilDiv(upper - ((upper - lower) * rest) / duration, 1 << FRACTION_BITS);
    }

    /// @notice The price on the straight line from high to low, rounded up; low from the end on.
    function linearUp(uint256 high, uint256 low, uint256 elapsed, uint256 duration)
        internal
        pure
        returns (uint256)
    {
        return high - ((high - low) * Math.min(elapsed, duration)) / duration;
    }
}

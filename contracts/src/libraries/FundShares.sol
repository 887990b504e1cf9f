// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title FundShares: what tokens bring to an index fund, what they cost, and how much of each it wants
/// @dev Spec: docs/spec/instruments.md §3, docs/spec/basket.md §3; the same integers as
/// src/floorbook/core/rules/fund.py and `capped_weights` of rules/basket.py.
library FundShares {
    uint256 internal constant PPB_ONE = 1e9;
    uint256 internal constant TOLERANCE_PPB = 50_000_000; // above its target it may be brought to here
    int256 internal constant FEE_PPB = 5_000_000;
    int256 internal constant FEE_MIN_PPB = 1_000_000;
    int256 internal constant FEE_MAX_PPB = 20_000_000;
    int256 internal constant FEE_SLOPE_PPB = 100_000_000; // fee for each unit of weight away from the target

    /// @notice shares = floor(supply * brought / held); the first share is an atom
    /// @param brought what the tokens are surely worth [atoms]
    /// @param held what those in the fund are worth at most [atoms]
    function sharesFor(uint256 brought, uint256 held, uint256 supply) internal pure returns (uint256) {
        if (supply == 0) return brought;
        return held == 0 ? 0 : Math.mulDiv(supply, brought, held);
    }

    /// @notice shares = ceil(supply * taken / held); more than all if nothing held is surely worth anything
    /// @param taken what the tokens are worth at most [atoms]
    /// @param held what those in the fund are surely worth [atoms]
    function sharesToTake(uint256 taken, uint256 held, uint256 supply) internal pure returns (uint256) {
        return held == 0 ? supply + 1 : Math.mulDiv(supply, taken, held, Math.Rounding.Ceil);
    }

    /// @notice shares left after a fee, rounded down: it stays with the other shares
    function afterFee(uint256 shares, uint256 feePpb) internal pure returns (uint256) {
        return shares - Math.mulDiv(shares, feePpb, PPB_ONE, Math.Rounding.Ceil);
    }

    /// @notice shares to give with a fee on top, rounded up
    function withFee(uint256 shares, uint256 feePpb) internal pure returns (uint256) {
        return shares + Math.mulDiv(shares, feePpb, PPB_ONE, Math.Rounding.Ceil);
    }

    /// @notice fee of bringing a collection that then has this weight [ppb]
    function feeToBring(uint256 weight, uint256 target) internal pure returns (uint256) {
        return _fee(int256(weight) - int256(target));
    }

    /// @notice fee of taking from a collection that then has this weight [ppb]
    function feeToTake(uint256 weight, uint256 target) internal pure returns (uint256) {
        return _fee(int256(target) - int256(weight));
    }

    /// @notice weight = ceil(own / total) [ppb]
    function weightUp(uint256 own, uint256 total) internal pure returns (uint256) {
        return total == 0 ? 0 : Math.mulDiv(own, PPB_ONE, total, Math.Rounding.Ceil);
    }

    /// @notice whether a collection may stand at `own` of `total`: target, tolerance and one token more
    /// @param dearest of the tokens of it that are brought [atoms]
    function mayBring(uint256 own, uint256 dearest, uint256 total, uint256 target)
        internal
        pure
        returns (bool)
    {
        return (own - dearest) * PPB_ONE <= (target + TOLERANCE_PPB) * total;
    }

    /// @notice w_i = min(cap, size_i / sum) [ppb], what is cut shared until none exceeds the cap
    /// @param sizes floor * supply of each collection [atoms]; one at least is above 0
    /// @param capPpb a cap below 1 / n is 1 / n
    function cappedWeights(uint256[] memory sizes, uint256 capPpb)
        internal
        pure
        returns (uint256[] memory weights)
    {
        uint256 count = sizes.length;
        weights = new uint256[](count); // 0 while a collection is free
        uint256 cap = Math.max(capPpb, Math.ceilDiv(PPB_ONE, count));
        (uint256 left, uint256 total, uint256 free) = (PPB_ONE, _sum(sizes), count);
        while (free > 0 && total > 0) {
            (uint256 cut, uint256 cutSize) = _cut(sizes, weights, cap, left, total);
            if (cut == 0) {
                _share(sizes, weights, left, total);
                return weights;
            }
            (left, total, free) = (left - cap * cut, total - cutSize, free - cut);
        }
        // Nothing is known of the rest: an equal part of what is left.
        for (uint256 i = 0; i < count; ++i) {
            if (weights[i] == 0) weights[i] = left / Math.max(1, free);
        }
    }

    /// @dev 5 per mille, more where the trade leads away from the target, less where it leads there
    function _fee(int256 against) private pure returns (uint256) {
        int256 product = against * FEE_SLOPE_PPB;
        int256 pull = product / int256(PPB_ONE); // toward zero: up where negative
        if (product > 0 && product % int256(PPB_ONE) != 0) ++pull;
        int256 fee = FEE_PPB + pull;
        if (fee < FEE_MIN_PPB) fee = FEE_MIN_PPB;
        if (fee > FEE_MAX_PPB) fee = FEE_MAX_PPB;
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint256(fee);
    }

    /// @dev give the cap to all free collections above it; how many and their size
    function _cut(uint256[] memory sizes, uint256[] memory weights, uint256 cap, uint256 left, uint256 total)
        private
        pure
        returns (uint256 cut, uint256 cutSize)
    {
        for (uint256 i = 0; i < sizes.length; ++i) {
            if (weights[i] == 0 && sizes[i] * left > cap * total) {
                weights[i] = cap;
                ++cut;
                cutSize += sizes[i];
            }
        }
    }

    /// @dev share `left` among the free ones by size, rounded down; the largest, has the rest
    function _share(uint256[] memory sizes, uint256[] memory weights, uint256 left, uint256 total)
        private
        pure
    {
        uint256 largest = type(uint256).max;
        uint256 rest = PPB_ONE;
        bool[] memory isCapped = new bool[](sizes.length);
        for (uint256 i = 0; i < sizes.length; ++i) {
            isCapped[i] = weights[i] != 0;
            if (!isCapped[i]) {
                weights[i] = sizes[i] * left / total;
                if (largest == type(uint256).max || sizes[i] > sizes[largest]) largest = i;
            }
            rest -= weights[i];
        }
        weights[largest] += rest;
    }

    function _sum(uint256[] memory sizes) private pure returns (uint256 total) {
        for (uint256 i = 0; i < sizes.length; ++i) {
            total += sizes[i];
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title FractionPrices: when units of a token may be bought out, and what they get
/// @dev Spec: docs/spec/instruments.md §1, §2; the same integers as src/floorbook/core/rules/fractions.py.
library FractionPrices {
    uint256 internal constant UNIT = 1e9; // units of one whole
    uint256 internal constant SUPPLY_MIN = UNIT; // a smaller supply would round a price away
    uint256 internal constant SUPPLY_MAX = 1e6 * UNIT;
    uint256 internal constant PPB_ONE = 1e9;
    uint256 internal constant MINIMUM_SHARE_PPB = 800_000_000; // of the appraisal
    uint256 internal constant RAISE_PPB = 50_000_000;

    /// @notice share = floor(total * amount / supply) [atoms]
    function share(uint256 total, uint256 amount, uint256 supply) internal pure returns (uint256) {
        return supply == 0 ? 0 : Math.mulDiv(total, amount, supply);
    }

    /// @notice minimum = max(ceil(0.8 * appraisal), ceil(TWAP * supply / UNIT)) [atoms]
    /// @param appraisal of the whole token [atoms]
    /// @param twapWhole average price of UNIT units [atoms]
    function buyoutMinimum(uint256 appraisal, uint256 twapWhole, uint256 supply)
        internal
        pure
        returns (uint256)
    {
        uint256 byAppraisal = Math.mulDiv(appraisal, MINIMUM_SHARE_PPB, PPB_ONE, Math.Rounding.Ceil);
        return Math.max(byAppraisal, Math.mulDiv(twapWhole, supply, UNIT, Math.Rounding.Ceil));
    }

    /// @notice the least price that beats an offer: 5 % more, rounded up [atoms]
    function counterBid(uint256 price) internal pure returns (uint256) {
        return Math.mulDiv(price, PPB_ONE + RAISE_PPB, PPB_ONE, Math.Rounding.Ceil);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title FrozenMath: what an account gets after a freeze
/// @notice To the last digit `floorbook.chain.frozen`: the same scenarios feed both
/// (test/vectors/frozen.json).
/// @dev Amounts are atoms, prices ticks. Spec: docs/spec/frozen-exit.md
library FrozenMath {
    /// @param price at which the market is settled [ticks]; 0: not yet
    struct Market {
        uint8 asset;
        uint64 unit;
        uint64 mark;
        uint64 price;
    }

    /// @notice one asset of an account at the settled prices [atoms]
    struct Settled {
        uint128 principal;
        uint128 gains;
        uint128 debt;
    }

    /// @notice what one asset's claims are paid from [atoms]
    /// @param reserve for accounts that nobody registered in time, at the marks
    struct Pot {
        uint128 assets;
        uint128 principal;
        uint128 gains;
        uint128 reserve;
        uint128 lent;
        uint128 recovered;
        uint128 paid;
    }

    /// @notice the settled price stays within so much of the mark [%]
    uint256 internal constant BAND = 15;
    /// @notice a year, on what is owed [%]
    uint256 internal constant INTEREST = 10;

    /// @notice the price at which a market is settled [ticks]; median 0: nobody observed
    function settledPrice(uint64 mark, uint256 median) internal pure returns (uint64) {
        if (median == 0) return mark;
        uint256 low = Math.ceilDiv(uint256(mark) * (100 - BAND), 100);
        uint256 high = (uint256(mark) * (100 + BAND)) / 100;
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint64(Math.min(Math.max(median, low), high)); // a mark is below 2**31
    }

    /// @notice what a position is worth above its entry at the settled price [atoms]
    function profit(int256 upnl, int256 size, Market memory market) internal pure returns (int256) {
        int256 move = int256(uint256(market.price)) - int256(uint256(market.mark));
        return upnl + size * int256(uint256(market.unit)) * move;
    }

    /// @notice an asset of an account whose positions are closed
    /// @param base cash plus the positions that lost [atoms]
    /// @param gains the others [atoms]
    function settle(int256 base, uint256 gains) internal pure returns (Settled memory result) {
        if (base >= 0) {
            (result.principal, result.gains) = (_narrow(uint256(base)), _narrow(gains));
        } else if (gains >= uint256(-base)) {
            result.gains = _narrow(gains - uint256(-base));
        } else {
            result.debt = _narrow(uint256(-base) - gains);
        }
    }

    /// @notice what counts of an account registered late: at most what was reserved for it
    function capped(Settled memory settled, uint128 held) internal pure returns (Settled memory) {
        if (settled.principal > held) settled.principal = held;
        uint128 room = held - settled.principal;
        if (settled.gains > room) settled.gains = room;
        return settled;
    }

    /// @notice what of repaid debts goes to the pot: what lenders need not have, as far as it is short
    function toPot(Pot memory pot) internal pure returns (uint256) {
        if (pot.lent == 0) return pot.recovered;
        uint256 wanted = uint256(pot.principal) + pot.reserve + pot.gains;
        uint256 short = wanted > pot.assets ? wanted - pot.assets : 0;
        uint256 excess = pot.recovered > pot.lent ? pot.recovered - pot.lent : 0;
        return Math.min(excess, short);
    }

    /// @notice f and k as fractions: the same for all, whoever comes first
    function factors(Pot memory pot) internal pure returns (uint256 f, uint256 fOf, uint256 k, uint256 kOf) {
        uint256 assets = pot.assets + toPot(pot);
        uint256 first = uint256(pot.principal) + pot.reserve;
        if (assets < first) return (assets, first, 0, 1);
        uint256 rest = assets - first;
        return rest < pot.gains ? (1, 1, rest, pot.gains) : (uint256(1), uint256(1), uint256(1), uint256(1));
    }

    /// @notice floor(principal * f) + floor(gains * k) + floor(recoveries * lent / all lent) [atoms]
    function entitlementDown(Pot memory pot, uint256 principal, uint256 gains, uint256 lent)
        internal
        pure
        returns (uint256)
    {
        (uint256 f, uint256 fOf, uint256 k, uint256 kOf) = factors(pot);
        uint256 own = (principal * f) / fOf + (gains * k) / kOf;
        if (lent == 0) return own;
        return own + ((pot.recovered - toPot(pot)) * lent) / pot.lent;
    }

    /// @notice what a debt has grown to, rounded up [atoms]
    /// @param time [s]
    function withInterestUp(uint256 debt, uint256 time) internal pure returns (uint256) {
        return debt + Math.ceilDiv(debt * INTEREST * time, 100 * 365 days);
    }

    /// @dev What does not fit 128 bits was never a claim.
    function _narrow(uint256 amount) private pure returns (uint128) {
        if (amount > type(uint128).max) revert AmountTooLarge(amount);
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint128(amount);
    }

    error AmountTooLarge(uint256 amount);
}

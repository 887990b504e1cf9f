// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettlement} from "./interfaces/ISettlement.sol";
import {Batches} from "./libraries/Batches.sol";
import {FrozenMath} from "./libraries/FrozenMath.sol";
import {Oracle} from "./Oracle.sol";

/// @title FrozenPrices: at which prices the positions of a frozen exchange are settled
/// @notice A market's price is the median of what the oracle observed in the day after the freeze, within 15
/// % of the frozen batch's mark; the mark itself if nobody observed. So nobody can choose the price by
/// choosing when to freeze (A12). Anyone settles a market, once.
///
/// How it is stopped: it is not. It does nothing before a freeze, and nobody has any power over it after one.
/// @dev Prices in [ticks], times in [s]. Spec: docs/spec/frozen-exit.md §2
contract FrozenPrices {
    /// @notice prices are observed so long after the freeze [s]
    uint256 public constant PRICE_TIME = 24 hours;
    /// @notice the first slots are left out: a price in them may have been seen before the freeze [s]
    uint256 public constant PRICE_SKIP = 1 hours;

    ISettlement public immutable settlement;
    Oracle public immutable oracle;

    mapping(uint32 market => FrozenMath.Market) public markets;

    event PriceSettled(uint32 indexed market, uint64 price, uint256 median);

    error NotFrozen();
    error TooEarly(uint256 until);
    error WrongBatch();
    error WrongMarks();
    error AlreadySettled(uint32 market);
    error NotSettled(uint32 market);

    constructor(ISettlement settlement_, Oracle oracle_) {
        (settlement, oracle) = (settlement_, oracle_);
    }

    /// @notice settle a market of the frozen batch
    /// @param marks all of the batch, by market
    function settle(Batches.Batch calldata batch, Batches.Mark[] calldata marks, uint256 index) external {
        uint256 frozenAt = settlement.frozenAt();
        if (frozenAt == 0) revert NotFrozen();
        if (block.timestamp < frozenAt + PRICE_TIME) revert TooEarly(frozenAt + PRICE_TIME);
        if (batch.number != settlement.frozenBatch() || !settlement.isFinal(batch)) revert WrongBatch();
        if (Batches.marksHash(marks) != batch.marksHash) revert WrongMarks();
        Batches.Mark calldata m = marks[index];
        if (markets[m.market].unit != 0) revert AlreadySettled(m.market);

        // From here on it must succeed.
        uint256 median = oracle.medianOver(m.market, frozenAt + PRICE_SKIP, frozenAt + PRICE_TIME);
        uint64 price = FrozenMath.settledPrice(m.mark, median);
        markets[m.market] = FrozenMath.Market(m.asset, m.unit, m.mark, price);
        emit PriceSettled(m.market, price, median);
    }

    /// @notice a market and its price
    function settled(uint32 number) external view returns (FrozenMath.Market memory market) {
        market = markets[number];
        if (market.unit == 0) revert NotSettled(number);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IFrozenExit: what an auction asks of the frozen exchange whose tokens it sells
interface IFrozenExit {
    /// @notice take the price of a token, all of it as value, and hand the token to its buyer
    /// @param price [atoms]
    function settleSale(uint256 sale, address buyer, uint128 price) external payable;
}

/// @title INftAuction: what the frozen exchange asks of the auction
interface INftAuction {
    /// @notice start the sale of a token that the caller keeps until it is sold
    /// @param debt what its owner owes: the terms, if nobody says what the token is worth [atoms]
    function open(uint32 collection, uint64 token, uint128 debt) external returns (uint256 sale);

    /// @notice end a sale because its token was redeemed
    function cancel(uint256 sale) external;
}

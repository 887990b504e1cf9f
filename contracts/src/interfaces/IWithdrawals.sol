// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batches} from "../libraries/Batches.sol";
import {Payouts} from "../libraries/Payouts.sol";

/// @title IWithdrawals: what the other contracts ask of the payments
interface IWithdrawals {
    /// @param readyAt when a second claim pays it [s]
    event Queued(uint64 indexed number, uint256 readyAt);
    event Paid(uint64 indexed number, address indexed owner, uint8 kind, uint32 id, uint128 value);

    /// @notice pay an outstanding payout of a final batch to its owner; anyone may ask
    /// @param index its place among the batch's payouts
    /// @param siblings hashes beside the path, from the leaf upwards
    function claim(
        Batches.Batch calldata b,
        Payouts.Payout calldata payout,
        uint256 index,
        bytes32[] calldata siblings
    ) external;

    /// @notice whether the payout of that number was paid or credited
    function isPaid(uint64 number) external view returns (bool);
}

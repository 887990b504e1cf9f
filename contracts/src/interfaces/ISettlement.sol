// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batches} from "../libraries/Batches.sol";

/// @title ISettlement: what the other contracts ask of the posted batches
interface ISettlement {
    event Posted(uint64 indexed number, uint64 indexed journalSeq, bytes32 batchHash);
    event Vetoed(uint64 indexed number);
    event Frozen(uint64 indexed number);

    /// @notice commit to a batch that the operators signed
    function post(Batches.Batch calldata b, bytes[] calldata signatures) external;

    /// @notice end the exchange: the newest final batch, `number`, is its last word; only ForcedExit
    function freeze(uint64 number) external;

    /// @notice whether the batch was posted, not vetoed, and its challenge window has passed
    function isFinal(Batches.Batch calldata b) external view returns (bool);

    /// @notice the same for callers that have hashed it already
    function isFinalHash(uint64 number, bytes32 batchHash) external view returns (bool);

    /// @notice when the batch was posted [s]; 0: it was not, or it was vetoed, or it is forgotten
    function postedAt(Batches.Batch calldata b) external view returns (uint64);

    /// @notice the number of the newest batch that is final; 0: none
    function newestFinal() external view returns (uint64);

    /// @notice the number of the newest batch, final or not; 0: none
    function latest() external view returns (uint64);

    /// @notice the last number given to a payout in the newest batch
    function payoutNumber() external view returns (uint64);

    /// @notice when it was frozen [s]; 0: it is not
    function frozenAt() external view returns (uint64);

    /// @notice the batch that counts once it is frozen; 0: none was final
    function frozenBatch() external view returns (uint64);

    /// @notice how long a batch may be challenged [s]
    function window() external view returns (uint256);
}

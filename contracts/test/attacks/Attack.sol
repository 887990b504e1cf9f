// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batches} from "../../src/libraries/Batches.sol";
import {Custody} from "../support/Custody.sol";

/// @title The base of the attacks on custody: what the attacker has at the end, and what was his
abstract contract Attack is Custody {
    /// @dev profit and loss: what he has, less what was his to begin with, is not above zero
    function profitOf(uint256 has, uint256 was, string memory sentence) internal pure {
        atMost(int256(has) - int256(was), 0, sentence);
    }

    function claimCall(Batches.Batch memory b, uint256 index) internal view returns (bytes memory) {
        bytes32[] memory path = siblings(outstanding, index);
        return abi.encodeCall(withdrawals.claim, (b, outstanding[index], index, path));
    }
}

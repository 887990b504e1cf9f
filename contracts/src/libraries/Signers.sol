// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Signers: k of n must have signed
/// @notice The signers of a message stand in ascending order, so each counts once. A signature has one accepted form
/// (low s, v 27 or 28) and never the zero address.
library Signers {
    /// @param epoch count of sets so far; a member belongs to the one in which it was written
    /// @param threshold k
    /// @param count n
    struct Set {
        uint64 epoch;
        uint32 threshold;
        uint32 count;
        mapping(address signer => uint64 epoch) epochs;
    }

    /// @notice the most signers of a set
    uint256 internal constant SIGNERS_MAX = 16;

    error BadThreshold(uint256 threshold, uint256 count);
    error NotAscending(address signer);
    error NotASigner(address signer);
    error WrongSignatureCount(uint256 given, uint256 needed);

    /// @notice a new set in place of the old one
    /// @param signers ascending
    /// @param threshold more than half of them, so that two messages share an honest signer
    function replace(Set storage self, address[] memory signers, uint256 threshold) internal {
        uint256 count = signers.length;
        if (count > SIGNERS_MAX || threshold > count || 2 * threshold <= count) {
            revert BadThreshold(threshold, count);
        }

        uint64 epoch = ++self.epoch;
        self.threshold = uint32(threshold);
        self.count = uint32(count);
        address last = address(0);
        for (uint256 i = 0; i < count; i++) {
            if (signers[i] <= last) revert NotAscending(signers[i]);
            last = signers[i];
            self.epochs[last] = epoch;
        }
    }

    /// @notice reverts unless exactly `threshold` signers of the set signed the digest
    /// @param signatures in ascending order of their signers
    function check(Set storage self, bytes32 digest, bytes[] calldata signatures) internal view {
        uint64 epoch = self.epoch;
        uint256 threshold = self.threshold;
        if (signatures.length != threshold) revert WrongSignatureCount(signatures.length, threshold);

        address last = address(0);
        for (uint256 i = 0; i < threshold; i++) {
            address signer = ECDSA.recoverCalldata(digest, signatures[i]);
            if (signer <= last) revert NotAscending(signer);
            if (self.epochs[signer] != epoch) revert NotASigner(signer);
            last = signer;
        }
    }

    function contains(Set storage self, address signer) internal view returns (bool) {
        return self.epoch != 0 && self.epochs[signer] == self.epoch;
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Signers: k of n must have signed
/// @notice The signers of a message stand in ascending order, so each counts once. A signature has one
/// accepted form (low s, v 27 or 28) and never the zero address.
library Signers {
    /// @param members ascending
    /// @param thresholds k for each member, 0 for anybody else: one read tells both
    struct Set {
        address[] members;
        mapping(address signer => uint256 threshold) thresholds;
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

        for (uint256 i = 0; i < self.members.length; i++) {
            delete self.thresholds[self.members[i]];
        }
        address last = address(0);
        for (uint256 i = 0; i < count; i++) {
            if (signers[i] <= last) revert NotAscending(signers[i]);
            last = signers[i];
            self.thresholds[last] = threshold;
        }
        self.members = signers;
    }

    /// @notice reverts unless exactly `threshold` signers of the set signed the digest
    /// @param signatures in ascending order of their signers
    function check(Set storage self, bytes32 digest, bytes[] calldata signatures) internal view {
        if (signatures.length == 0) revert WrongSignatureCount(0, needs(self));

        address last = address(0);
        uint256 count = signatures.length;
        for (uint256 i = 0; i < count;) {
            address signer = ECDSA.recoverCalldata(digest, signatures[i]);
            uint256 needed = self.thresholds[signer];
            if (needed == 0) revert NotASigner(signer);
            if (count != needed) revert WrongSignatureCount(count, needed);
            if (signer <= last) revert NotAscending(signer);
            last = signer;
            unchecked {
                i++;
            }
        }
    }

    function contains(Set storage self, address signer) internal view returns (bool) {
        return self.thresholds[signer] != 0;
    }

    /// @notice how many sign; the set is not empty
    function needs(Set storage self) internal view returns (uint256) {
        return self.thresholds[self.members[0]];
    }
}
